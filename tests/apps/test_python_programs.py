"""What a Python program does to the database that a start runs before the server, or that serves by itself."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

PACKAGE = {"requirements.txt": "django\npsycopg\ngunicorn\n", "shop/__init__.py": ""}
INSTALL = """\
import django
from django.core import management

def main():
    django.setup()
    management.call_command("migrate")

if __name__ == "__main__":
    main()
"""


def calls(files: dict[str, str], *lines: str) -> list[str]:
    """What a container with these lines as its start script runs against the database."""
    dockerfile = 'FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD ["bash", "start.sh"]\n'
    script = "\n".join(("#!/bin/bash", *lines, ""))
    (unit,) = link(Workspace.of({"Dockerfile": dockerfile, "start.sh": script, **PACKAGE, **files})).units
    return [migration.span.text for migration in unit.migrations]


MIGRATES = 'management.call_command("migrate")'


@pytest.mark.parametrize(
    "line",
    ["python -m shop.install", "python3 shop/install.py --quiet", 'run() { "$@"; }\nrun python -m shop.install || exit 1'],
)
def test_a_step_before_the_server_migrates_as_main(line: str) -> None:
    assert calls({"shop/install.py": INSTALL}, line, "exec gunicorn shop.wsgi") == [MIGRATES]


def test_a_console_script_before_the_server_migrates() -> None:
    project = '[project]\nname = "shop"\ndependencies = ["django"]\n[project.scripts]\nshop-install = "shop.install:main"\n'
    files = {"shop/install.py": INSTALL, "pyproject.toml": project}
    assert calls(files, "shop-install", "exec gunicorn shop.wsgi") == [MIGRATES]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ('from shop.install import main\nmain()\n', MIGRATES),
        ('from django.core.management import execute_from_command_line\nexecute_from_command_line(["x", "migrate"])\n',
         'execute_from_command_line(["x", "migrate"])'),
        ('import subprocess\nsubprocess.run(["alembic", "upgrade", "head"], check=True)\n',
         'subprocess.run(["alembic", "upgrade", "head"], check=True)'),
    ],
)  # fmt: skip
def test_a_step_migrates_in_what_it_calls(code: str, call: str) -> None:
    assert calls({"shop/install.py": INSTALL, "shop/step.py": code}, "python -m shop.step", "gunicorn shop.wsgi") == [call]


@pytest.mark.parametrize(
    "code",
    [
        INSTALL.replace("    django.setup()\n", "    if is_installed():\n        return\n"),
        INSTALL.replace("    main()\n", '    if len(sys.argv) > 1 and sys.argv[1] == "up":\n        main()\n'),
        INSTALL.replace('"migrate"', '"migrate", "--check"'),
        INSTALL.replace('if __name__ == "__main__":', 'if __name__ != "__main__":'),
        "from shop.install import main\n",
        "this is no Python\n",
    ],
)
def test_a_step_that_may_not_migrate_is_silent(code: str) -> None:
    assert calls({"shop/install.py": INSTALL, "shop/step.py": code}, "python -m shop.step", "gunicorn shop.wsgi") == []


@pytest.mark.parametrize("lines", [("python -m shop.install",), ("python -m shop.install", "python -m shop.seed")])
def test_programs_that_end_are_a_step_of_their_own(lines: tuple[str, ...]) -> None:
    assert calls({"shop/install.py": INSTALL, "shop/seed.py": "print('seeded')\n"}, *lines) == []


def test_a_program_that_migrates_and_then_serves() -> None:
    code = f"import uvicorn\n{INSTALL}    uvicorn.run(app)\n"
    assert calls({"shop/serve.py": code}, "exec python -m shop.serve") == [MIGRATES]
