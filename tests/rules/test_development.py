"""Servers to develop with have nothing to lose: nobody says of them that the stop signal gets lost."""

from __future__ import annotations

import json

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

SCRIPTS = {
    "dev": "node watch.js",
    "start:dev": "node watch.js",
    "ui": "vite --port 3000",
    "start": "node server.js",
    "serve": "node server.js",
    "device": "node server.js",
}


def rules(command: str, package: str = json.dumps({"scripts": SCRIPTS})) -> list[str]:
    dockerfile = f"FROM node:22-slim\nWORKDIR /app\nCOPY . .\nEXPOSE 3000\nCMD {command}\n"
    report = running.run(Workspace.of({"Dockerfile": dockerfile, "package.json": package}), Settings())
    return [finding.rule for finding in report.findings if finding.rule == "signal-not-delivered"]


@pytest.mark.parametrize(
    "command",
    [
        "vite", "vite --host 0.0.0.0", "npx vite dev", "next dev -p 3000", "npx ng serve --host 0.0.0.0", "webpack serve",
        "nodemon server.js", "node_modules/.bin/nodemon server.js", "npm run dev", "yarn dev", "pnpm --filter web dev",
        "npm run start:dev", "npm run ui", "node --watch server.js", "tsx watch server.ts",
    ],
)  # fmt: skip
def test_a_development_server_is_not_told_of(command: str) -> None:
    assert rules(command) == []


@pytest.mark.parametrize(
    "command",
    ["vite preview", "next start", "webpack build", "npm start", "npm run serve", "npm run device", "node server.js", "tsx a.ts"],
)
def test_what_serves_in_production_is_told_of(command: str) -> None:
    assert rules(command) == ["signal-not-delivered"]
