"""What findings advise and claim where it depends on the platform or the server."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running


def texts(rule: str, files: dict[str, str]) -> list[str]:
    """The notes and the help of a rule's findings."""
    report = running.run(Workspace.of(files), Settings())
    return [text for finding in report.findings if finding.rule == rule for text in (*finding.notes, finding.help)]


@pytest.mark.parametrize(
    ("command", "waits_for"),
    [
        ('["uvicorn", "shop:app"]', "one stream, WebSocket or slow request"),
        ('["granian", "shop:app"]', "one stream or slow request"),
        ('["bundle", "exec", "puma"]', "one stream or slow request"),
    ],
)
def test_only_a_server_that_waits_for_websockets_is_said_to(command: str, waits_for: str) -> None:
    files = {"Dockerfile": f"FROM debian:12-slim\nCOPY . .\nCMD {command}\n", "compose.yaml": "services: {shop: {build: .}}\n"}
    ruby = {"config/puma.rb": "threads 5, 5\n", "Gemfile": "gem 'puma'\n", "Gemfile.lock": ""}
    notes = texts("unbounded-drain", {**files, **ruby, "shop.py": "app = None\n"})
    assert any(f": {waits_for} that takes longer" in note for note in notes)
