"""Secrets that what an image starts with holds."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from rules.config._baked import leaks_by_cause

DOCKERFILE = 'FROM debian:12\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\nCMD ["/app"]\n'


def found(files: dict[str, str]) -> list[tuple[str, str, str, str]]:
    leaks = (leak for _, places in leaks_by_cause(link(Workspace.of(files))) for leak in places)
    return [(leak.kind, leak.name, leak.span.where, leak.where) for leak in leaks]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("export API_KEY=9c1185a5c5e9fc54", [("env", "API_KEY", "start.sh:2:8", "a layer of the image")]),
        ("export API_KEY='9c1185a5c5e9fc54'", [("env", "API_KEY", "start.sh:2:8", "a layer of the image")]),
        ("export RELEASE_COOKIE=9c1185a5c5e9fc54", [("cookie", "RELEASE_COOKIE", "start.sh:2:8", "a layer of the image")]),
        ("export API_KEY=$KEY B_KEY=${B_KEY:-9c1185a5c5e9fc54} C_KEY=$(cat /run/secrets/c) D_KEY= PORT=80", []),
        ("export API_KEY_FILE=/run/secrets/key A_KEY=changeme", []),
        ("# export API_KEY=9c1185a5c5e9fc54", []),
    ],
)
def test_a_script_that_the_image_starts_with(script: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert found({"Dockerfile": DOCKERFILE, "start.sh": f'#!/bin/sh\n{script}\nexec "$@"\n'}) == expected


def test_the_start_command_itself() -> None:
    text = 'FROM debian:12\nCMD ["sh", "-c", "API_KEY=9c1185a5c5e9fc54 exec /app"]\n'
    assert found({"Dockerfile": text}) == [("env", "API_KEY", "Dockerfile:2:19", "the image's start command")]
