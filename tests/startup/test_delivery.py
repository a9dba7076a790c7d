"""Where a stop signal gets to: every shell, and every launcher, that may stand between the platform and the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.images.reading import read
from deploylint.linking import link
from deploylint.model.deployment import Unit
from deploylint.shutdown.signals import barrier, is_reached, shell_of
from deploylint.startup import follow, start_of
from deploylint.startup.delivery import Delivery, delivery
from deploylint.startup.launchers import LAUNCHERS
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.process import Process

BASES = {
    "dash": "python:3.13-slim",
    "bash": "fedora:42",
    "busybox": "python:3.13-alpine",
    "": "registry.example.com/base",
    "node-dash": "node:22-slim",
    "node-busybox": "node:22-alpine",
    "npm6": "node:14-alpine",
    "npm9": "node:18.14-alpine",
    "npm?": "node:lts-alpine",
    "npm?-dash": "node:lts-slim",
}
SCRIPTS = {
    "run.sh": "#!/bin/sh\nset -e\napp\n",
    "exec.sh": '#!/bin/sh\nset -e\nexec "$@"\n',
    "plain.sh": '#!/bin/bash\n"$@"\n',
    "trap.sh": "#!/bin/sh\ntrap 'kill $p; wait $p' TERM\napp & p=$!\nwait $p\n",
    "deaf.sh": "#!/bin/sh\ntrap 'exit 0' TERM\napp\n",
    "package.json": """{"scripts": {
        "start": "app --port 80", "exec": "exec app", "both": "a && app", "para": "run-p app:*", "a": "a",
        "order": "run-s a start"
    }}""",
    "yarn.lock": "# yarn lockfile v1\n",
    "Makefile": "plain:\n\tapp --port 80\nexpanded:\n\tapp --port $${PORT:-80}\n",
}


def starting(command: str, base: str) -> tuple[Process, str]:
    """The process that stays, and what /bin/sh is."""
    tree = Tree({"Dockerfile": f"FROM {BASES[base]}\nWORKDIR /app\nCOPY . .\n{command}\n", **SCRIPTS})
    source = tree.read("Dockerfile")
    assert source
    image = read(source, tree)
    start = start_of(image, None)
    assert start
    processes = follow(start, image=image, files=tree, environment={})
    (main,) = (process for process in processes if process.is_main)
    return main, shell_of(Unit(None, None, image, None, ()))


def outcome(command: str, base: str, signal: str = "SIGTERM", is_first: bool = True) -> Delivery:
    return delivery(*starting(command, base), signal, is_first=is_first)


@pytest.mark.parametrize(
    ("command", "dash", "bash", "busybox", "unknown"),
    [
        ('CMD ["app"]', "arrives", "arrives", "arrives", "arrives"),
        ("CMD app", "hangs", "arrives", "arrives", "depends"),
        ("CMD exec app", "arrives", "arrives", "arrives", "arrives"),
        ("CMD A=1 app", "hangs", "arrives", "arrives", "depends"),
        ("CMD cd /x && app", "hangs", "arrives", "arrives", "depends"),
        ("CMD cd /x; app", "hangs", "arrives", "arrives", "depends"),
        ("CMD cd /x; a && app", "hangs", "hangs", "arrives", "depends"),
        ("CMD if true; then app; fi", "hangs", "hangs", "arrives", "depends"),
        ("CMD app > /log", "hangs", "hangs", "arrives", "depends"),
        ("CMD { app; } > /log", "hangs", "hangs", "hangs", "hangs"),
        ("CMD app; true", "hangs", "hangs", "hangs", "hangs"),
        ("CMD app || true", "hangs", "hangs", "hangs", "hangs"),
        ("CMD app | tee /log", "hangs", "hangs", "hangs", "hangs"),
        ("CMD app & wait", "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["sh", "-c", "app"]', "hangs", "arrives", "arrives", "depends"),
        ('CMD ["sh", "-c", "app\\n"]', "hangs", "arrives", "hangs", "depends"),
        ('CMD ["sh", "-c", "app\\n\\n"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["bash", "-c", "app"]', "arrives", "arrives", "arrives", "arrives"),
        ('CMD ["bash", "-c", "app; true"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["/app/run.sh"]', "hangs", "hangs", "hangs", "hangs"),
        ('ENTRYPOINT ["/app/exec.sh"]\nCMD ["app"]', "arrives", "arrives", "arrives", "arrives"),
        ('ENTRYPOINT ["/app/exec.sh"]\nCMD app', "hangs", "arrives", "arrives", "depends"),
        ('ENTRYPOINT ["/app/plain.sh"]\nCMD ["app"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["/app/trap.sh"]', "unknown", "unknown", "unknown", "unknown"),
        ('CMD ["/app/deaf.sh"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["tini", "--", "app"]', "arrives", "arrives", "arrives", "arrives"),
        ('CMD ["tini", "--", "/app/run.sh"]', "cut", "cut", "cut", "cut"),
        ('CMD ["tini", "--", "/app/deaf.sh"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["dumb-init", "sh", "-c", "app"]', "cut", "arrives", "arrives", "depends"),
        ('CMD ["gosu", "web", "/app/run.sh"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["uv", "run", "app"]', "arrives", "arrives", "arrives", "arrives"),
        ('CMD ["hatch", "run", "app"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["tini", "hatch", "run", "app"]', "cut", "cut", "cut", "cut"),
        ('CMD ["xvfb-run", "-a", "app"]', "hangs", "hangs", "hangs", "hangs"),
        ('CMD ["su", "web", "-c", "app"]', "depends", "depends", "depends", "depends"),
        ('CMD ["su", "web", "-c", "exec app"]', "arrives", "arrives", "arrives", "arrives"),
        ('CMD ["su", "web", "-c", "app; true"]', "cut", "cut", "cut", "cut"),
        ('CMD ["litestream", "replicate", "-exec", "app"]', "arrives", "arrives", "arrives", "arrives"),
        ('CMD ["op", "run", "--", "app"]', "unknown", "unknown", "unknown", "unknown"),
    ],
)
def test_past_shells_and_programs(command: str, dash: str, bash: str, busybox: str, unknown: str) -> None:
    seen = [outcome(command, base).outcome for base in ("dash", "bash", "busybox", "")]
    assert seen == [dash, bash, busybox, unknown]


@pytest.mark.parametrize(
    ("command", "base", "expected"),
    [
        ("npm start", "node-dash", "cut"),
        ("npm start", "node-busybox", "arrives"),
        ("npm run exec", "node-dash", "arrives"),
        ("npm run both", "node-dash", "cut"),
        ("npm run both", "node-busybox", "arrives"),
        ("npm start", "npm6", "cut"),
        ("npm start", "npm9", "hangs"),
        ("npm start", "npm?", "unknown"),
        ("npm start", "npm?-dash", "lost"),
        ("npm run para", "node-busybox", "cut"),
        ("npm run order", "node-busybox", "cut"),
        ("run-s a start", "node-busybox", "hangs"),
        ("npx npm-run-all a start", "node-busybox", "cut"),
        ("npx app", "node-dash", "cut"),
        ("npx app", "node-busybox", "arrives"),
        ("npm exec -- app", "node-dash", "cut"),
        ("yarn start", "node-busybox", "cut"),
        ("pnpm start", "node-busybox", "unknown"),
        ("pnpm exec app", "node-dash", "arrives"),
        ("bun run start", "node-dash", "arrives"),
        ("tini -- npm start", "node-dash", "cut"),
    ],
)
def test_past_package_managers(command: str, base: str, expected: str) -> None:
    words = ", ".join(f'"{word}"' for word in command.split())
    assert outcome(f"CMD [{words}]", base).outcome == expected


@pytest.mark.parametrize(
    ("command", "signal", "is_first", "expected"),
    [
        ("CMD app", "SIGINT", True, "hangs"),
        ("CMD app", "SIGTERM", False, "cut"),
        ("CMD app", "SIGINT", False, "hangs"),
        ("CMD app", "SIGQUIT", False, "cut"),
        ("CMD app & wait", "SIGINT", False, "cut"),
        ('CMD ["bash", "-c", "app; true"]', "SIGQUIT", False, "hangs"),
        ('CMD ["hatch", "run", "app"]', "SIGTERM", False, "cut"),
    ],
)
def test_what_a_shell_that_stays_does(command: str, signal: str, is_first: bool, expected: str) -> None:
    """As process 1 it ignores every signal; below an init it depends on the signal."""
    assert outcome(command, "dash", signal, is_first).outcome == expected


@pytest.mark.parametrize(
    ("words", "arrives"),
    [
        ('"--rewrite", "15:3"', "SIGQUIT"),
        ('"-r", "15:2"', "SIGINT"),
        ('"--rewrite=15:3"', "SIGQUIT"),
        ('"-r2:3"', "SIGTERM"),
        ('"--rewrite", "15:0"', ""),
    ],
)
def test_a_signal_that_an_init_rewrites(words: str, arrives: str) -> None:
    found = outcome(f'CMD ["dumb-init", {words}, "app"]', "dash")
    assert (found.outcome, found.signal) == ("arrives" if arrives else "unknown", arrives)
    process, shell = starting(f'CMD ["dumb-init", {words}, "app"]', "dash")
    assert not is_reached(process, shell)


@pytest.mark.parametrize(
    ("command", "name"),
    [("CMD app", "sh"), ('CMD ["hatch", "run", "app"]', "hatch"), ('CMD ["run-p", "app:*"]', "run-p"), ('CMD ["app"]', "")],
)
def test_the_wrapper_that_stands_in_the_way(command: str, name: str) -> None:
    found = barrier(*starting(command, "dash"))
    assert (found.name if found else "") == name


def test_every_launcher_that_fails_to_pass_it_on_says_how() -> None:
    for name, rows in LAUNCHERS.items():
        for row in rows:
            assert row.source, name
            assert bool(row.why) == (row.does in ("keeps", "leaves", "deaf") or bool(row.only)), name


@pytest.mark.parametrize(
    ("target", "base", "signal", "expected"),
    [
        ("plain", "dash", "SIGTERM", "arrives"),
        ("plain", "dash", "SIGINT", "hangs"),
        ("expanded", "dash", "SIGTERM", "cut"),
        ("expanded", "busybox", "SIGTERM", "arrives"),
        ("expanded", "busybox", "SIGQUIT", "hangs"),
    ],
)
def test_make_passes_sigterm_on_to_what_it_executes(target: str, base: str, signal: str, expected: str) -> None:
    assert outcome(f'CMD ["make", "{target}"]', base, signal).outcome == expected


def uv_outcome(dockerfile: str, signal: str, is_first: bool) -> str:
    """What becomes of a signal on its way through `uv run` of the version that a Dockerfile pins."""
    texts = {"Dockerfile": dockerfile + 'CMD ["uv", "run", "uvicorn", "shop:app"]\n', "k8s/shop.yaml": UV_POD}
    (unit,) = (unit for unit in link(Workspace.of(texts)).units if unit.workload)
    assert unit.main
    return delivery(unit.main, "dash", signal, is_first=is_first).outcome


UV_POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: shop, image: example.com/shop}]}}}
"""
COPIED = "FROM python:3.12-slim-bookworm\nCOPY --from=ghcr.io/astral-sh/uv:{} /uv /bin/uv\n"


@pytest.mark.parametrize(
    ("dockerfile", "signal", "is_first", "outcome"),
    [
        (COPIED.format("0.6.14"), "SIGINT", False, "hangs"),
        (COPIED.format("0.6.14"), "SIGINT", True, "hangs"),
        (COPIED.format("0.6.14"), "SIGTERM", True, "arrives"),
        (COPIED.format("0.4.30"), "SIGTERM", True, "hangs"),
        (COPIED.format("0.4.30"), "SIGTERM", False, "cut"),
        (COPIED.format("0.4.30"), "SIGINT", False, "hangs"),
        (COPIED.format("0.5.31"), "SIGINT", True, "hangs"),
        (COPIED.format("0.5.31"), "SIGTERM", True, "unknown"),
        (COPIED.format("0.7.8"), "SIGINT", True, "unknown"),
        (COPIED.format("0.8.22"), "SIGINT", False, "arrives"),
        (COPIED.format("0.13.9"), "SIGINT", True, "arrives"),
        (COPIED.format("latest"), "SIGINT", True, "arrives"),
        ("FROM python:3.12-slim\nRUN pip install uv==0.6.14\n", "SIGINT", True, "hangs"),
        ("FROM ghcr.io/astral-sh/uv:0.6-python3.12-bookworm-slim\n", "SIGINT", True, "hangs"),
        ("FROM python:3.12-slim\nRUN curl -LsSf https://astral.sh/uv/0.6.14/install.sh | sh\n", "SIGINT", True, "hangs"),
        ("FROM python:3.12\n# COPY --from=ghcr.io/astral-sh/uv:0.6.14 /uv /\nRUN pip install uv\n", "SIGINT", True, "arrives"),
        (COPIED.format("0.6.14") + "RUN pip install uv==0.8.22\n", "SIGINT", True, "arrives"),
    ],
)  # fmt: skip
def test_uv_run_passes_on_what_its_pinned_version_does(dockerfile: str, signal: str, is_first: bool, outcome: str) -> None:
    assert uv_outcome(dockerfile, signal, is_first) == outcome
