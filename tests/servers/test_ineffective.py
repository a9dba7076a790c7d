"""Settings of a server's drain that don't do what they say, and the edits that mend them or set a missing limit."""

from __future__ import annotations

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {}\n"
GUNICORN = '["gunicorn", "shop.asgi", "-k", "uvicorn.workers.UvicornWorker"]'
CELERY = '["celery", "-A", "shop", "worker"]'
PM2 = '["pm2-runtime", "start", "uvicorn", "--", "a"]'
VARIABLE = "ENV UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=45\n"
PYPROJECT = {"pyproject.toml": '[project]\nname = "shop"\n[tool.gunicorn]\ngraceful_timeout = 45\n'}


def settings(command: str, files: dict[str, str] | None = None, more: str = "") -> list[tuple[str, str, str]]:
    """The name, effect and text of each, for an image that runs a command."""
    texts = {"Dockerfile": DOCKERFILE.format(command) + more, "requirements.txt": "uvicorn\n", **(files or {})}
    (unit,) = link(Workspace.of(texts)).units
    assert unit.drain is not None
    return [(each.setting, each.effect, each.span.text) for each in unit.drain.ineffective]


@pytest.mark.parametrize(
    ("command", "files", "more", "expected"),
    [
        # a variable that only another server reads
        (GUNICORN, {}, VARIABLE, [("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "ignored", "45")]),
        (GUNICORN, {}, "ARG GRACE\nENV UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=$GRACE\n",
         [("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "ignored", "$GRACE")]),
        (GUNICORN, {}, "ENV UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=\n", []),
        (GUNICORN, {"gunicorn.conf.py": "import os\nx = os.environ['UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN']\n"}, VARIABLE, []),
        ('["gunicorn", "shop.asgi", "-c", "elsewhere.py"]', {}, VARIABLE, []),
        ('["uvicorn", "shop:app"]', {}, VARIABLE, []),
        ('["fastapi", "run", "shop.py"]', {}, VARIABLE, [("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "ignored", "45")]),
        # a file that gunicorn doesn't read
        (GUNICORN, PYPROJECT, "", [("graceful_timeout", "ignored", "45")]),
        (GUNICORN, PYPROJECT | {"gunicorn.conf.py": "from tomllib import load\nload('pyproject.toml')\n"}, "", []),
        ('["uvicorn", "shop:app"]', PYPROJECT, "", []),
        # another unit
        ('["uvicorn", "a", "--timeout-graceful-shutdown", "20000"]', {}, "",
         [("--timeout-graceful-shutdown", "misread", '--timeout-graceful-shutdown", "20000')]),
        ('["uvicorn", "a", "--timeout-graceful-shutdown=20000"]', {}, "",
         [("--timeout-graceful-shutdown", "misread", "--timeout-graceful-shutdown=20000")]),
        ('["uvicorn", "a", "--timeout-graceful-shutdown", "3600"]', {}, "", []),
        ('["uvicorn", "a", "--timeout-graceful-shutdown", "12345"]', {}, "", []),
        ('["dramatiq", "a", "--worker-shutdown-timeout", "30"]', {}, "",
         [("--worker-shutdown-timeout", "misread", '--worker-shutdown-timeout", "30')]),
        ('["dramatiq", "a", "--worker-shutdown-timeout", "30000"]', {}, "", []),
        ('["dramatiq", "a", "--worker-shutdown-timeout", "0"]', {}, "", []),
        (PM2, {}, "ENV PM2_KILL_TIMEOUT=30\n", [("PM2_KILL_TIMEOUT", "misread", "30")]),
        (PM2, {}, "ENV PM2_KILL_TIMEOUT=30000\n", []),
        ('["uvicorn", "a"]', {}, "ENV UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=20000\n",
         [("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "misread", "20000")]),
        # Celery's soft shutdown
        (CELERY, {"shop/celery.py": "app.conf.worker_soft_shutdown_timeout = 9\n"}, "",
         [("worker_soft_shutdown_timeout", "ignored", "9")]),
        (CELERY, {"shop/settings.py": "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 9.5\n"}, "",
         [("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", "ignored", "9.5")]),
        (CELERY, {"celeryconfig.py": "x.update(worker_soft_shutdown_timeout=9)\n"}, "",
         [("worker_soft_shutdown_timeout", "ignored", "9")]),
        (CELERY, {"config/a.py": "C = {'worker_soft_shutdown_timeout': 9}\n"}, "",
         [("worker_soft_shutdown_timeout", "ignored", "9")]),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = 0.0\n"}, "", []),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = grace()\n"}, "",
         [("worker_soft_shutdown_timeout", "ignored", "grace()")]),
        (CELERY, {"celeryconfig.py": "import os\nCELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = os.environ['SOFT']\n"}, "",
         [("CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT", "ignored", "os.environ['SOFT']")]),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = None\n"}, "", []),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = grace()\n"}, "ENV REMAP_SIGTERM=SIGQUIT\n", []),
        # hypercorn's limit, which Python's own waiting makes useless
        ('["hypercorn", "-c", "python:conf", "a:b"]', {"conf.py": "import os\ngraceful_timeout = float(os.environ['G'])\n"}, "",
         [("graceful_timeout", "ignored", "float(os.environ['G'])")]),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = 1e400\n"}, "", []),
        (CELERY, {"celeryconfig.py": f"worker_soft_shutdown_timeout = {'9' * 4000}\n"}, "", []),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = -5\n"}, "", []),
        (CELERY, {"celeryconfig.py": "# worker_soft_shutdown_timeout = 9\n"}, "", []),
        (CELERY, {"tests/celeryconfig.py": "worker_soft_shutdown_timeout = 9\n"}, "", []),
        (CELERY, {"celeryconfig.py": "worker_soft_shutdown_timeout = 9\n"}, "ENV REMAP_SIGTERM=SIGQUIT\n", []),
    ],
)  # fmt: skip
def test_what_does_not_do_what_it_says(
    command: str, files: dict[str, str], more: str, expected: list[tuple[str, str, str]]
) -> None:
    assert settings(command, files, more) == expected


@pytest.mark.parametrize(
    ("text", "phases", "effect"),
    [
        ("worker_soft_shutdown_timeout = 9\n", [9], "drains"),
        ("", [], "quits"),
        ("worker_soft_shutdown_timeout = grace()\n", [], ""),
        ("worker_soft_shutdown_timeout = 9\nx = {'worker_soft_shutdown_timeout': 8}\n", [], ""),
        ("worker_soft_shutdown_timeout = (\n", [], ""),
    ],
)
def test_a_cold_shutdown_waits_as_long_as_the_soft_one_lasts(text: str, phases: list[float], effect: str) -> None:
    files = {"Dockerfile": DOCKERFILE.format(CELERY) + "ENV REMAP_SIGTERM=SIGQUIT\n", "celeryconfig.py": text}
    (unit,) = link(Workspace.of(files)).units
    assert unit.drain is not None
    assert [phase.seconds.content for phase in unit.drain.phases] == phases
    assert unit.drain.signals.get("SIGTERM", "") == effect


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('["uvicorn", "a:b"]', '["uvicorn", "a:b", "--timeout-graceful-shutdown=9"]'),
        ('["uvicorn","a:b","--port","80"]', '["uvicorn","a:b","--port","80","--timeout-graceful-shutdown=9"]'),
        ("exec uvicorn a:b", "exec uvicorn a:b --timeout-graceful-shutdown=9"),
        ("exec uvicorn a:b \\\n  --port 80", "exec uvicorn a:b \\\n  --port 80 --timeout-graceful-shutdown=9"),
        ("exec uvicorn \\\n  a:b 2>&1", "exec uvicorn \\\n  a:b \\\n  --timeout-graceful-shutdown=9 2>&1"),
        ("exec uvicorn 'a:b'", "exec uvicorn 'a:b' --timeout-graceful-shutdown=9"),
        ('["sh", "-c", "exec uvicorn a:b"]', '["sh", "-c", "exec uvicorn a:b --timeout-graceful-shutdown=9"]'),
        ('["celery", "-A", "a", "worker"]', None),
        ('["uvicorn"]', None),
    ],
)
def test_a_limit_is_put_at_the_end_of_the_command_line(command: str, expected: str | None) -> None:
    before = DOCKERFILE.format(command)
    (unit,) = link(Workspace.of({"Dockerfile": before})).units
    assert unit.drain is not None
    edit = unit.drain.limit_edit
    if expected is None:
        assert edit is None
        return
    assert edit is not None
    after = before[: edit.span.start] + edit.replacement.format(9) + before[edit.span.end :]
    assert after == DOCKERFILE.format(expected)


LISTS = "services:\n  web:\n    build: .\n    command:\n{}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("      - uvicorn\n      - a:b\n", "      - uvicorn\n      - a:b\n      - --timeout-graceful-shutdown=9\n"),
        ('      - "uvicorn"\n      - "a:b"\n', '      - "uvicorn"\n      - "a:b"\n      - "--timeout-graceful-shutdown=9"\n'),
        ('      - uvicorn\n      - "a:b"\n', None),
    ],
)
def test_a_limit_is_put_at_the_end_of_a_list(before: str, after: str | None) -> None:
    text = LISTS.format(before)
    files = {"Dockerfile": DOCKERFILE.format('["x"]'), "compose.yaml": text}
    (unit,) = link(Workspace.of(files)).units
    assert unit.drain is not None
    edit = unit.drain.limit_edit
    assert (edit is None) == (after is None)
    if edit and after:
        assert text[: edit.span.start] + edit.replacement.format(9) + text[edit.span.end :] == LISTS.format(after)
