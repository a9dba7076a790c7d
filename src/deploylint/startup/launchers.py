"""Programs that start another one, as data: what becomes of the stop signal in them.

"measured": as process 1 of a PID namespace of its own, with an app below that takes a second to end
(docs/facts/launchers.md#wrappers, docs/facts/launchers.md#package-managers, docs/facts/launchers.md#supervisors).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.process import Wrapper


class Launcher(NamedTuple):
    """What a launcher does on the stop signal."""

    does: Literal["executes", "forwards", "signals all", "keeps", "leaves", "deaf"]
    """`executes` (it has become what it starts), `forwards` (it passes the signal on and waits), `signals all` (the same, to
    everything below), `keeps` (it stays and passes nothing on), `leaves` (it ends before the app), `deaf` (it has no handler:
    as process 1 it ignores the signal, else it dies of it)."""
    source: str
    """Where that stands."""
    why: str = ""
    """A clause for what doesn't forward."""
    sends: str = ""
    """The signal it passes on in place of the one it gets; empty for the same one."""
    line: Literal["sh", "user", "itself"] = "sh"
    """What runs a shell line that it gets: /bin/sh ("sh"), the shell of a "user", or the launcher "itself"."""
    is_line: bool = False
    """A command counts as a shell line too."""
    versions: tuple[int, ...] = ()
    """The major versions this is true of, for uv the minor ones; none: all others."""
    is_certain: bool = True
    """False where it differs from version to version, or is only documented."""
    only: str = ""
    """The only signal that `does` describes: it swallows the others, as any process."""


_MEASURED = "measured"
_EXECUTES = Launcher("executes", _MEASURED)
_FORWARDS = Launcher("forwards", _MEASURED)
_SU = Launcher("forwards", "measured; util-linux login-utils/su-common.c: kills what is left after 2 s", line="user")
_YARN = (
    Launcher("leaves", "measured with yarn 1", "yarn 1 ends before the app does", versions=(1,)),
    Launcher("forwards", "measured with yarn 4", line="itself", versions=(2, 3, 4)),
)
_NPM = (
    Launcher("leaves", "measured with npm 6", "npm 6 ends before the app does", versions=(6,)),
    Launcher("forwards", "measured; npm/run-script lib/signal-manager.js", versions=(7, 8, 10, 11)),
    Launcher("keeps", "measured; npm/run-script lib/signal-manager.js", "npm 9 passes no signal on", versions=(9,)),
    Launcher("forwards", "measured with npm 7 to 11", is_certain=False),
)

_UV = (
    Launcher(
        "deaf", "measured with uv 0.4.23 and 0.4.30", "`uv run` of uv 0.4 passes no signal on", versions=(4,), only="SIGTERM"
    ),
    Launcher(
        "forwards",
        "measured with uv 0.5.0 to 0.5.31",
        "`uv run` of uv 0.5 passes no SIGINT on",
        versions=(5,),
        only="SIGTERM",
        is_certain=False,
    ),
    Launcher(
        "forwards",
        "measured with uv 0.6.14 and 0.6.17",
        "`uv run` of uv 0.6 passes only SIGTERM on",
        versions=(6,),
        only="SIGTERM",
    ),
    Launcher("forwards", "measured: 0.7.8 passes no SIGINT on, 0.7.22 does", versions=(7,), is_certain=False),
    Launcher("forwards", "measured with uv 0.8.0, 0.8.22 and 0.13.9"),
)
"""By minor version: all are 0.x. docs/facts/launchers.md#uv-run."""

LAUNCHERS: dict[str, tuple[Launcher, ...]] = {
    **dict.fromkeys(("tini", "tini-static", "docker-init", "dumb-init", "catatonit"), (_FORWARDS,)),
    "my_init": (Launcher("forwards", "phusion/baseimage-docker image/bin/my_init"),),
    **dict.fromkeys(("gosu", "su-exec", "setpriv", "chpst", "s6-setuidgid", "setuidgid"), (_EXECUTES,)),
    "sudo": (_FORWARDS,),
    "su": (_SU,),
    "runuser": (_SU,),
    **dict.fromkeys(("env", "nice", "ionice", "nohup", "setsid", "stdbuf", "taskset", "chroot", "numactl"), (_EXECUTES,)),
    **dict.fromkeys(("prlimit", "with-contenv", "envdir", "vault-env", "splunk-py-trace", "elasticapm-run"), (_EXECUTES,)),
    **dict.fromkeys(("opentelemetry-instrument", "ddtrace-run", "newrelic-admin"), (_EXECUTES,)),
    "timeout": (_FORWARDS,),
    "time": (Launcher("deaf", _MEASURED, "`time` passes no signal on"),),
    "xvfb-run": (Launcher("deaf", "xorg-server debian/local/xvfb-run: no `exec`", "`xvfb-run` passes no signal on"),),
    "cross-env": (_FORWARDS,),
    "wait-for-it": (Launcher("executes", "vishnubob/wait-for-it wait-for-it.sh"),),
    "wait-for": (Launcher("executes", "eficode/wait-for wait-for"),),
    "dockerize": (Launcher("forwards", "jwilder/dockerize exec.go signalProcessWithTimeout: kills what is left after 10 s"),),
    **dict.fromkeys(("poetry", "pipenv", "bundle"), (_EXECUTES,)),
    "dotenv": (_FORWARDS,),
    "uv": _UV,
    "pdm": (_FORWARDS,),
    "hatch": (Launcher("deaf", _MEASURED, "`hatch run` passes no signal on"),),
    "conda": (
        Launcher("deaf", "https://github.com/conda/conda/issues/10351", "`conda run` passes no signal on", is_certain=False),
    ),
    "doppler": (Launcher("forwards", "DopplerHQ/cli pkg/utils/util.go execCommand: --forward-signals"),),
    "thrust": (Launcher("forwards", "basecamp/thruster internal/upstream_process.go"),),
    "litestream": (Launcher("forwards", "benbjohnson/litestream cmd/litestream/main.go", line="itself"),),
    "foreman": (Launcher("forwards", "measured; foreman lib/foreman/engine.rb: kills what is left after 5 s"),),
    "s6-overlay": (Launcher("signals all", "s6-overlay README: at the end SIGTERM goes to every process, SIGKILL 3 s later"),),
    "honcho": (Launcher("signals all", "measured: it signals process groups, and waits for their output to end"),),
    "make": (Launcher("forwards", "measured with GNU make 4.3", "`make` passes only SIGTERM on", only="SIGTERM"),),
    "pm2-runtime": (Launcher("forwards", "measured; pm2 constants.js: kills what is left after 1.6 s", sends="SIGINT"),),
    "npm": _NPM,
    "npm exec": tuple(row._replace(is_line=True) for row in _NPM),
    "npx": tuple(row._replace(is_line=True) for row in _NPM),
    "yarn": _YARN,
    "yarn exec": _YARN,
    "pnpm": (
        Launcher("leaves", "measured with pnpm 8, 9 and 10", "pnpm doesn't wait for the app to end", versions=(8, 9, 10)),
        Launcher("forwards", "measured with pnpm 12", line="itself", versions=(12,)),
    ),
    "pnpm exec": (_FORWARDS,),
    **{
        name: (Launcher("deaf", "measured with npm-run-all 4 and npm-run-all2 8", f"`{name}` passes no signal on"),)
        for name in ("npm-run-all", "run-s", "run-p")
    },
    "bun": (Launcher("forwards", _MEASURED, line="itself"),),
    "bun exec": (_FORWARDS,),
}

RUNS_SCRIPTS = {name: LAUNCHERS[name][0] for name in ("npm-run-all", "run-s", "run-p")}
"""Programs that start scripts of package.json which aren't known, or at once: the last of their kind that is known on the way."""


def launcher_of(wrapper: Wrapper) -> Launcher | None:
    """What is known of a wrapper that is no shell; None if nothing is."""
    if wrapper.kind == "exec" or wrapper.name.endswith(" -m"):
        return _EXECUTES
    rows = LAUNCHERS.get(wrapper.name, ())
    named = next((row for row in rows if wrapper.version in row.versions), None)
    return named or next((row for row in rows if not row.versions), None)
