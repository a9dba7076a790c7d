"""Python's job workers. Each gives itself one slow job; the queue is in memory, or a Redis beside the worker."""

from __future__ import annotations

from tests.reality.scenario import Scenario, by_signal, exec_form

_REDIS = "redis-server --bind 127.0.0.1 --save '' & until redis-cli ping; do sleep 0.05; done"

_CELERY = Scenario(
    "Celery",
    exec_form("celery -A celery_app worker -c 1"),
    {"celery_app.py": "@celery_app.py"},
    port=0,
    window=12,  # its event loop takes some seconds to end after the last task
)


def _below(init: str, **environment: str) -> Scenario:
    command = (*init.split(), *_CELERY.argv)
    return _CELERY._replace(
        name=f"Celery below {init}",
        command=command,
        environment=environment,
        needs=(init.split()[0],),
        window=18,  # without its pool processes it takes longer to end
    )


_DRAMATIQ = Scenario(
    "dramatiq", exec_form("dramatiq -p 1 -t 1 dramatiq_app"), {"dramatiq_app.py": "@dramatiq_app.py"}, port=0, window=6
)
_HUEY = Scenario("huey", exec_form("huey_consumer huey_app.huey"), {"huey_app.py": "@huey_app.py"}, port=0)
_RQ = Scenario(
    "RQ",
    exec_form("rq worker"),
    {"rq_app.py": "@rq_app.py"},
    needs=("redis-server",),
    port=0,
    before=f"{_REDIS}; rq enqueue rq_app.slow",
)
_ARQ = Scenario(
    "arq", exec_form("arq arq_app.Settings"), {"arq_app.py": "@arq_app.py"}, needs=("redis-server",), port=0, before=_REDIS
)

SCENARIOS = (
    *by_signal(_CELERY),
    *by_signal(_CELERY._replace(name="Celery REMAP_SIGTERM", environment={"REMAP_SIGTERM": "SIGQUIT"})),
    _below("dumb-init"),
    _below("dumb-init")._replace(name="Celery below dumb-init, SIGINT", signal="SIGINT"),
    _below("dumb-init --single-child"),
    _below("dumb-init", DUMB_INIT_SETSID="0")._replace(name="Celery below dumb-init without a session"),
    _below("tini --"),
    _below("tini -g --"),
    *by_signal(_DRAMATIQ),
    _DRAMATIQ._replace(
        name="dramatiq, 1 s",
        command=exec_form("dramatiq -p 1 -t 1 --worker-shutdown-timeout 1000 dramatiq_app"),
        work=None,
    ),
    *by_signal(_HUEY),
    *by_signal(_HUEY._replace(name="huey -g TERM", command=exec_form("huey_consumer huey_app.huey -g TERM"))),
    _HUEY._replace(
        name="huey, 1 s", signal="SIGINT", work=None, command=exec_form("huey_consumer huey_app.huey --shutdown-timeout 1")
    ),
    *by_signal(_RQ),
    *by_signal(_ARQ),
    _ARQ._replace(name="arq, waits 30 s", command=exec_form("arq arq_app.PatientSettings")),
    _ARQ._replace(name="arq, waits 1 s", command=exec_form("arq arq_app.HastySettings"), work=None),
)
