"""Addresses that a bundler writes into a page: which build arguments fix one."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("ARG VITE_API_URL", 1),
        ("ARG VITE_API_URL=https://api.example.org", 1),
        ("ARG VITE_API_URL=", 0),  # the page's own host
        ('ARG VITE_API_URL=""', 0),
        ("ARG VITE_API_URL=/api", 0),
    ],
)
def test_an_address_without_a_host_fixes_nothing(argument: str, expected: int) -> None:
    dockerfile = (
        f"FROM node:22 AS build\nWORKDIR /app\n{argument}\nCOPY . .\nRUN npm ci && npm run build\n"
        "FROM nginx:1.27\nCOPY --from=build /app/dist /usr/share/nginx/html\n"
    )
    files = {"Dockerfile": dockerfile, "package.json": '{"scripts": {"build": "vite build"}}'}
    report = running.run(Workspace.of(files), Settings(select=("compile-time-config",)))
    assert len(report.findings) == expected
