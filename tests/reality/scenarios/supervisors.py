"""Programs that run several others: how long each gives them, and whether the times add up."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, exec_form

_CONFIG = """\
[supervisord]
nodaemon=true
user=root
pidfile=/srv/supervisord.pid
logfile=/dev/null
logfile_maxbytes=0
"""


def _supervisord(name: str, programs: str, window: int, between: tuple[float, float]) -> Scenario:
    return Scenario(
        f"supervisord, {name}",
        exec_form("supervisord -c supervisord.conf"),
        {"huey_app.py": "@huey_app.py", "supervisord.conf": _CONFIG + programs},
        needs=("huey_consumer",),
        port=0,
        work=None,
        window=window,
        fact=Fact("gives up", "how several programs stop is not always known", between),
    )


def _program(name: str, wait: int) -> str:
    return f"[program:{name}]\ncommand=huey_consumer huey_app.huey\nstopsignal=INT\nstopwaitsecs={wait}\n"


def _procfile(command: str, fact: Fact, *, endless: bool = False) -> Scenario:
    return Scenario(
        f"{command}{', a request without end' if endless else ''}",
        exec_form(command),
        {"wsgi.py": "@wsgi.py", "Procfile": "web: exec gunicorn -b 127.0.0.1:8000 wsgi:app\n"},
        needs=("gunicorn",),
        work=None if endless else 1.5,
        window=8,
        fact=fact,
    )


_FOREMAN = "foreman ends everything after 5 s"
_HONCHO = "honcho waits as long as nothing has ended"
_TWO = _program("first", 3) + _program("second", 3)

SCENARIOS = (
    _procfile("honcho start", Fact("drains", _HONCHO)),
    _procfile("honcho start", Fact("killed", _HONCHO), endless=True),
    _procfile("foreman start", Fact("drains", _FOREMAN)),
    _procfile("foreman start", Fact("gives up", _FOREMAN, (4, 7)), endless=True),
    _supervisord("stopwaitsecs 1", _program("only", 1), 6, (1, 5)),
    _supervisord("two programs of 3 s add up", _TWO, 12, (6, 11)),
    _supervisord("two programs of 3 s in a group", _TWO + "[group:all]\nprograms=first,second\n", 12, (3, 6)),
)
