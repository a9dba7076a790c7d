"""Node servers, and the package managers that start them."""

from __future__ import annotations

import json

from tests.reality.scenario import Fact, Scenario, by_signal, exec_form

_BASES = {"dash": "node:22-slim", "busybox": "node:22-alpine", "bash": "amazonlinux:2023"}
_UNREAD = "whether a Node program handles signals is not read"
_VERSION = Fact("quits", "which version of the launcher runs no file says")
_IGNORES, _DRAINS = Fact("ignores", _UNREAD), Fact("drains", _UNREAD)


def _start(
    command: str, shell: str = "dash", script: str = "node server.js", signal: str = "SIGTERM", fact: Fact | None = None
) -> Scenario:
    package = json.dumps({"name": "shop", "version": "1.0.0", "scripts": {"start": script}}, indent=2)
    return Scenario(
        f"{command} ({script}), {shell}, {signal}",
        exec_form(command),
        {"server.js": "@server.js", "package.json": package},
        needs=("node",),
        signal=signal,
        shell=shell,
        base=_BASES[shell],
        fact=fact,
    )


_NODE = Scenario("node", exec_form("node server.js"), {"server.js": "@server.js"}, base=_BASES["dash"])
_BARE = Scenario("node without handlers", exec_form("node bare.js"), {"bare.js": "@bare.js"}, base=_BASES["dash"])

SCENARIOS = (
    *by_signal(_NODE, SIGTERM=_DRAINS, SIGINT=_DRAINS, SIGQUIT=_IGNORES),
    *by_signal(_BARE, SIGTERM=_IGNORES, SIGINT=_IGNORES, SIGQUIT=_IGNORES),
    _BARE._replace(
        name="node without handlers, below tini", command=exec_form("tini -- node bare.js"), fact=Fact("quits", _UNREAD)
    ),
    _start("npm start"),
    _start("npm run start"),
    _start("npm start", signal="SIGINT"),
    _start("tini -- npm start"),
    _start("yarn start", fact=_VERSION),
    _start("pnpm start", fact=_VERSION),
    _start("npm start", script="exec node server.js", fact=_DRAINS),
    _start("npm start", shell="busybox", fact=_DRAINS),
    _start("npm start", shell="bash", fact=_DRAINS),
    _NODE._replace(name="pm2-runtime", command=exec_form("pm2-runtime server.js"), work=0.5, fact=_DRAINS),
    _NODE._replace(
        name="pm2-runtime, a request without end",
        command=exec_form("pm2-runtime server.js"),
        work=None,
        fact=Fact("gives up", "pm2-runtime sends SIGINT, and SIGKILL 1.6 s later", (1.4, 3.5)),
    ),
)
