"""What stands in front of a server, or runs several: how long it waits, what it sends, and what is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.shutdown.stop import stop_of

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain

BASE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n"
S6 = BASE + "ADD https://github.com/just-containers/s6-overlay/releases/download/v3.2.0.0/s6-overlay-noarch.tar.xz /tmp\n"
FLY = {"fly.toml": 'app = "shop"\nkill_signal = "SIGTERM"\nkill_timeout = 120\n'}


def unit_of(files: dict[str, str]) -> Unit:
    """What runs on Fly.io: a Procfile beside it may be a platform's too."""
    units = link(Workspace.of({**FLY, **files})).units
    return next(unit for unit in units if unit.workload and unit.workload.platform.name == "fly")


def drain_of(files: dict[str, str]) -> Drain:
    found = unit_of(files).drain
    assert found is not None
    return found


def phases(found: Drain) -> str:
    text = " + ".join(f"{phase.name} {phase.seconds.get():g}" for phase in found.phases)
    return text + ("" if found.is_complete else " ?")


def fuse(found: Drain) -> str:
    if found.fuse is None:
        return ""
    return f"{found.fuse.by} {found.fuse.seconds.get():g}{'*' if found.fuse.seconds.is_default else ''}"


PROCFILE = {"Procfile": "web: gunicorn shop\nworker: dramatiq shop --worker-shutdown-timeout 60000\n"}
GRACEFUL = {"package.json": '{"dependencies": {"close-with-grace": "2"}}', "app.js": "closeWithGrace({ delay: 9000 }, stop)\n"}
ECOSYSTEM = "module.exports = { apps: [{ name: 'web', script: 'app.js', kill_timeout: 20000 }] }\n"


@pytest.mark.parametrize(
    ("lines", "files", "expected", "cut"),
    [
        # foreman and honcho: what takes longest counts
        ('CMD ["foreman", "start"]\n', PROCFILE, "dramatiq 60", "foreman 5*"),
        ('CMD ["foreman", "start", "-t", "90"]\n', PROCFILE, "dramatiq 60", "foreman 90"),
        ('CMD ["foreman", "start", "web"]\n', PROCFILE, "gunicorn 30", "foreman 5*"),
        ('CMD ["foreman", "start", "-t", "$GRACE"]\n', PROCFILE, "dramatiq 60", ""),
        ('CMD ["foreman", "start"]\n', {"Procfile": "web: gunicorn shop\nother: ./other\n"}, "gunicorn 30 ?", "foreman 5*"),
        ('CMD ["honcho", "start"]\n', PROCFILE, "dramatiq 60", "honcho 5*"),
        ('CMD ["honcho", "start", "web"]\n', PROCFILE, "gunicorn 30", ""),
        # pm2
        ('CMD ["pm2-runtime", "app.js"]\n', GRACEFUL, "close-with-grace 9", "pm2-runtime 1.6*"),
        ('ENV PM2_KILL_TIMEOUT=12000\nCMD ["pm2-runtime", "app.js"]\n', GRACEFUL, "close-with-grace 9", "pm2-runtime 12"),
        ('CMD ["pm2-runtime", "start", "pm2.config.js"]\n', {**GRACEFUL, "pm2.config.js": ECOSYSTEM}, "close-with-grace 9",
         "pm2-runtime 20"),
        ('CMD ["pm2-runtime", "start", "ecosystem.json"]\n',
         {**GRACEFUL, "ecosystem.json": '{"apps": [{"script": "./app.js"}]}'}, "close-with-grace 9", "pm2-runtime 1.6*"),
        # su, of util-linux only
        ('CMD ["su", "app", "-c", "exec gunicorn shop"]\n', {}, "gunicorn 30", "su 2*"),
        ('CMD ["gosu", "app", "gunicorn", "shop"]\n', {}, "gunicorn 30", ""),
    ],
)  # fmt: skip
def test_who_kills_first(lines: str, files: dict[str, str], expected: str, cut: str) -> None:
    found = drain_of({**files, "Dockerfile": BASE + lines})
    assert (phases(found), fuse(found)) == (expected, cut)


@pytest.mark.parametrize(
    ("dockerfile", "cut"),
    [
        (S6 + 'ENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop"]\n', "s6-overlay 3*"),
        (S6 + 'ENV S6_KILL_GRACETIME=60000\nENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop"]\n', "s6-overlay 60"),
        (S6 + 'ENV S6_CMD_RECEIVE_SIGNALS=1\nENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop"]\n', ""),
        (BASE + 'ENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop"]\n', ""),
        ('FROM linuxserver/baseimage-alpine:3.20\nENTRYPOINT ["/init"]\nCMD ["gunicorn", "shop"]\n', "s6-overlay 3*"),
        ('FROM alpine:3.20\nCMD ["su", "app", "-c", "exec gunicorn shop"]\n', ""),
    ],
)
def test_by_the_image(dockerfile: str, cut: str) -> None:
    assert fuse(drain_of({"Dockerfile": dockerfile})) == cut


SUPERVISORD = BASE + 'COPY s.conf /etc/supervisor/conf.d/s.conf\nCMD ["supervisord", "-n"]\n'
NAMED = BASE + 'COPY s.conf /etc/s.conf\nCMD ["supervisord", "-c", "/etc/s.conf"]\n'
WEB = "[program:web]\ncommand=gunicorn shop\n"
JOBS = "[program:jobs]\ncommand=dramatiq shop --worker-shutdown-timeout 4000\n"
NGINX = "[program:nginx]\ncommand=nginx -g 'daemon off;'\n"


@pytest.mark.parametrize(
    ("dockerfile", "text", "expected", "cut"),
    [
        # each program is waited for as long as stopwaitsecs says, group after group
        (NAMED, WEB, "web 10", "supervisord 10*"),
        (SUPERVISORD, WEB, "web 10", "supervisord 10*"),
        (NAMED, WEB + "stopwaitsecs=45 ; for slow requests\n", "gunicorn 30", ""),
        (NAMED, WEB + "stopwaitsecs=%(ENV_WAIT)s\n", " ?", ""),
        (NAMED, WEB + "stopwaitsecs=45\n" + JOBS, "gunicorn 30 + dramatiq 4", ""),
        (NAMED, WEB + "stopwaitsecs=45\n" + JOBS + "[group:all]\nprograms=web,jobs\n", "gunicorn 30", ""),
        (NAMED, WEB + "[program:w2]\ncommand=gunicorn b\nstopwaitsecs=20\n", "web 10 + w2 20", "supervisord 10*"),
        # a server without limit of its own
        (NAMED, "[program:web]\ncommand=uvicorn shop:app\n", "web 10", ""),
        # what can't be told
        (NAMED, WEB + "[program:other]\ncommand=/srv/other\n", "web 10 ?", "supervisord 10*"),
        (NAMED, "[program:web]\ncommand=sh -c 'gunicorn shop'\n", " ?", ""),
        (NAMED, "[program:web]\ncommand=sh -c 'exec gunicorn shop'\n", "web 10", "supervisord 10*"),
        (NAMED, "[program:web]\ncommand=gunicorn %(ENV_APP)s --graceful-timeout %(ENV_T)s\n", " ?", ""),
        (NAMED, WEB + "autostart=false\n", " ?", ""),
        (BASE + 'CMD ["supervisord", "-c", "/elsewhere.conf"]\n', WEB, " ?", ""),
        # where programs stand
        (NAMED, f"[include]\nfiles = more/*.conf\n{WEB}", "web 10", "supervisord 10*"),
        (NAMED, "[program:web]\ncommand=gunicorn shop\n  --graceful-timeout 60\nstopwaitsecs=70\n", "gunicorn 60", ""),
        (NAMED, WEB + 'environment=GUNICORN_CMD_ARGS="--graceful-timeout 5"\n', "gunicorn 5", ""),
        # circus stops its watchers together
        (BASE + 'COPY s.conf /etc/c.ini\nCMD ["circusd", "/etc/c.ini"]\n',
         "[watcher:web]\ncmd = gunicorn shop\n[watcher:b]\ncmd = dramatiq b --worker-shutdown-timeout 4000\n",
         "web 30", "circus 30*"),
        (BASE + 'COPY s.conf /etc/c.ini\nCMD ["circusd", "/etc/c.ini"]\n',
         "[watcher:web]\ncmd = gunicorn shop\ngraceful_timeout = 50\n", "gunicorn 30", ""),
    ],
)  # fmt: skip
def test_programs_of_a_supervisor(dockerfile: str, text: str, expected: str, cut: str) -> None:
    found = drain_of({"Dockerfile": dockerfile, "s.conf": text})
    assert (phases(found), fuse(found)) == (expected, cut)
    assert found.signals["SIGTERM"] == "drains"


PHP = "[program:fpm]\ncommand=php-fpm -F\n"


@pytest.mark.parametrize(
    ("text", "remedy", "ends_at_once"),
    [
        (NGINX, "set `stopsignal=QUIT` for nginx", True),
        (NGINX + PHP, "set `stopsignal=QUIT` for nginx and set `process_control_timeout` and `stopsignal=QUIT` for fpm", True),
        (NGINX + WEB, "set `stopsignal=QUIT` for nginx", False),
        (NGINX + "stopsignal=QUIT\n", "", False),
        (WEB, "", False),
    ],
)
def test_a_supervisor_s_signal(text: str, remedy: str, ends_at_once: bool) -> None:
    found = drain_of({"Dockerfile": NAMED, "s.conf": text})
    assert (found.remedy, found.ends_at_once) == (remedy, ends_at_once)


@pytest.mark.parametrize(
    ("lines", "files", "signals"),
    [
        ('CMD ["foreman", "start", "web"]\n', PROCFILE, {"SIGTERM": "drains", "SIGINT": "drains", "SIGHUP": "drains"}),
        ('CMD ["thrust", "gunicorn", "shop"]\n', {}, {"SIGTERM": "drains", "SIGINT": "quits"}),
        ('CMD ["pm2-runtime", "app.js"]\n', GRACEFUL, {"SIGTERM": "drains", "SIGINT": "drains", "SIGQUIT": "drains"}),
        ('ENV PM2_KILL_SIGNAL=SIGQUIT\nCMD ["pm2-runtime", "app.js"]\n', GRACEFUL, {}),
        ('CMD ["foreman", "start"]\n', {"Procfile": "web: waitress-serve shop:app\n"},
         {"SIGTERM": "quits", "SIGINT": "quits", "SIGHUP": "quits"}),
    ],
)  # fmt: skip
def test_what_signals_come_to(lines: str, files: dict[str, str], signals: dict[str, str]) -> None:
    assert drain_of({**files, "Dockerfile": BASE + lines}).signals == signals


@pytest.mark.parametrize(
    ("command", "kill_timeout", "by", "left"),
    [
        ("foreman start web", 120, "foreman", 5),
        ("foreman start web -t 60", 120, "", 120),  # the wrapper waits long enough, and so does the platform
        ("foreman start web -t 60", 20, "", 20),  # the platform is sooner
        ("foreman start web -t 25", 20, "", 20),
        ("foreman start web -t 25", 26, "foreman", 25),
    ],
)
def test_the_shortest_time_on_the_way_counts(command: str, kill_timeout: int, by: str, left: float) -> None:
    words = ", ".join(f'"{word}"' for word in command.split())
    fly = {"fly.toml": f'app = "shop"\nkill_signal = "SIGTERM"\nkill_timeout = {kill_timeout}\n'}
    stop = stop_of(unit_of({**fly, **PROCFILE, "Dockerfile": f"{BASE}CMD [{words}]\n"}))
    assert stop is not None
    fuse = stop.wrapper_kill if stop.outcome == "cut by wrapper" else None
    assert (fuse.by, stop.fuse_seconds) == (by, left) if fuse else ("", stop.window.left) == (by, left)
    assert stop.window.left == kill_timeout


def test_a_fuse_stands_where_it_is_set() -> None:
    found = drain_of({"Dockerfile": NAMED, "s.conf": WEB + "stopwaitsecs=20\n"})
    assert found.fuse is not None
    assert found.fuse.seconds.span is not None
    assert (found.fuse.seconds.span.path, found.fuse.seconds.span.text) == ("s.conf", "20")
    assert found.fuse.raised_to(30) == "set `stopwaitsecs=45` for web"
