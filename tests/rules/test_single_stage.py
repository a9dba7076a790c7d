"""Which build tools of an image are leftovers, and which its start command runs."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

IMAGE = "FROM python:3.12-slim-trixie\nRUN apt-get update && apt-get install -y {}\nRUN python3 -m pip install flask\nCOPY . .\n"


def messages(files: dict[str, str]) -> list[str]:
    return [finding.message for finding in running.run(Workspace.of(files), Settings(select=("single-stage-image",))).findings]


@pytest.mark.parametrize(
    ("packages", "files", "expected"),
    [
        ("make", {"Dockerfile": 'CMD ["make", "run"]\n'}, []),
        ("make", {"Dockerfile": "CMD make run\n"}, []),
        ("make", {"Dockerfile": "", "Procfile": "web: make run\n"}, []),
        ("make", {"Dockerfile": 'ENTRYPOINT ["make"]\nCMD ["run"]\n'}, []),
        ("make gcc", {"Dockerfile": 'CMD ["make", "run"]\n'}, ["image still holds its build tools: gcc"]),
        ("make", {"Dockerfile": 'CMD ["flask", "run"]\n'}, ["image still holds its build tools: make"]),
    ],
)
def test_a_tool_that_the_start_command_runs_is_no_leftover(packages: str, files: dict[str, str], expected: list[str]) -> None:
    dockerfile = IMAGE.format(packages) + files["Dockerfile"]
    assert messages({"Makefile": "run:\n\tflask run\n", **files, "Dockerfile": dockerfile}) == expected
