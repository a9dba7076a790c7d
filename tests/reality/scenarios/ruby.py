"""Ruby's servers and workers."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, by_signal, exec_form

_RUBY = "ruby:3.4-slim"
_RACK = {"config.ru": "@config.ru"}
_UNTABLED = "not among the servers yet"
_DRAINS, _QUITS = Fact("drains", _UNTABLED), Fact("quits", _UNTABLED)
_AT_ITS_LIMIT, _KILLED = Fact("gives up", _UNTABLED, (0.8, 8)), Fact("killed", _UNTABLED)

_PUMA = Scenario("Puma", exec_form("puma -b tcp://127.0.0.1:8000"), _RACK, base=_RUBY)
_CLUSTER = _PUMA._replace(name="Puma cluster", command=exec_form("puma -w 2 -b tcp://127.0.0.1:8000"))
_UNICORN = Scenario("Unicorn", exec_form("unicorn -l 127.0.0.1:8000"), _RACK, base=_RUBY)
_SIDEKIQ = Scenario(
    "Sidekiq",
    exec_form("sidekiq -r ./slow_job.rb -c 1"),
    {"slow_job.rb": "@slow_job.rb"},
    needs=("redis-server",),
    port=0,
    window=12,
    base=_RUBY,
    before="redis-server --bind 127.0.0.1 --save '' & until redis-cli ping; do sleep 0.05; done; "
    "ruby -r./slow_job.rb -e SlowJob.perform_async",
)


def _puma(name: str, config: str, fact: Fact) -> Scenario:
    files = {**_RACK, "config/puma.rb": f'bind "tcp://127.0.0.1:8000"\n{config}\n'}
    return Scenario(f"Puma, {name}", ("puma",), files, work=None, base=_RUBY, fact=fact)


SCENARIOS = (
    *by_signal(_PUMA, SIGTERM=_DRAINS, SIGINT=_DRAINS, SIGQUIT=_QUITS),
    *by_signal(_CLUSTER, SIGTERM=_DRAINS, SIGINT=_DRAINS, SIGQUIT=_QUITS),
    _puma("no limit", "", _KILLED),
    _puma("force_shutdown_after 1", "force_shutdown_after 1", _AT_ITS_LIMIT),
    _puma("cluster, default 30 s", "workers 2", _KILLED),
    _puma("cluster, worker_shutdown_timeout 1", "workers 2\nworker_shutdown_timeout 1", _AT_ITS_LIMIT),
    *by_signal(_UNICORN, SIGTERM=_QUITS, SIGINT=_QUITS, SIGQUIT=_DRAINS),
    _UNICORN._replace(
        name="Unicorn below dumb-init --rewrite 15:3",
        command=exec_form("dumb-init --rewrite 15:3 unicorn -l 127.0.0.1:8000"),
        fact=_DRAINS,
    ),
    _SIDEKIQ._replace(fact=_DRAINS),
    _SIDEKIQ._replace(name="Sidekiq SIGINT", signal="SIGINT", fact=_DRAINS),
    _SIDEKIQ._replace(name="Sidekiq, default 25 s", work=None, fact=_KILLED),
    _SIDEKIQ._replace(
        name="Sidekiq, 4 s on the command line",
        command=exec_form("sidekiq -r ./slow_job.rb -c 1 -t 4"),
        work=None,
        fact=_AT_ITS_LIMIT,
    ),
    _SIDEKIQ._replace(
        name="Sidekiq, 4 s in the file",
        files={**_SIDEKIQ.files, "config/sidekiq.yml": ":timeout: 4\n"},
        work=None,
        fact=_AT_ITS_LIMIT,
    ),
)
