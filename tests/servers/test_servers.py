"""The table of servers, and the page that is written from it: `pytest tests/servers/test_servers.py --update` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploylint.model.drain import spoken
from deploylint.servers.table import MODULES, WORKERS_QUIT, all_servers, module_of, recognise, servers_in

if TYPE_CHECKING:
    from deploylint.servers.row import Limit, Server

SERVERS = tuple(server for server in all_servers() if server.has_known_stop)
PAGE = Path(__file__).parent.parent.parent / "docs/servers.md"

HEAD = """\
# Servers

What deploylint knows of each server: what a stop signal makes it do, and where the limit of its drain is set. This page is
written from the table that the program itself uses,
[`src/deploylint/servers`](../src/deploylint/servers). How each fact is known:
[servers](facts/servers.md), [launchers](facts/launchers.md).

"Drains" means that work in progress is finished first, "quits" that it is cut off at once. Process 1 of a container ignores a
signal that it has no handler for; below an init it ends by it, and quits. What isn't named isn't known. A default of 0 is no
drain at all, "no limit" waits for as long as work runs. Limits count in the order flag, variable, file unless the server has its
own; one that is computed, or stands where deploylint can't read it, is unknown, and what rests on it is not reported.

## Servers and workers

| server | started as | drains on | quits on | ignores | default | unit | beside |
|---|---|---|---|---|---|---|---|
"""
LIMITS = """
## Where the limit is set

| server | flag | variable | in a file |
|---|---|---|---|
"""
WRAPPERS = """
## What starts others

These pass a stop signal on to what they run, and kill what hasn't ended in time, however long the platform waits: the shortest
time on the way is the one that counts. supervisord stops one group of programs after the other, so that their times add up; the
others stop all they run at once.

| launcher | started as | on | sends | kills after | set by | unit | beside |
|---|---|---|---|---|---|---|---|
"""
SOURCES = """
## Sources

Where the settings and their defaults stand. What signals do was measured, with a request or a job in progress and the server as
process 1, wherever it could be run.

"""


def signals(server: Server, effect: str) -> str:
    return ", ".join(signal for signal, each in server.signals.items() if each == effect) or "–"


def default(limit: Limit | None) -> str:
    return "–" if limit is None else "no limit" if limit.default is None else spoken(limit.default)


def unit(limit: Limit) -> str:
    if not (limit.flags or limit.variable or limit.key):
        return "–"
    bare = {1.0: "s", 0.001: "ms"}[limit.scale]
    return f"{bare}, or with a unit" if limit.units else bare


def code(texts: tuple[str, ...]) -> str:
    return ", ".join(f"`{text}`" for text in texts[:6] if text) + (", …" if len(texts) > 6 else "") or "–"


def in_file(server: Server, limit: Limit) -> str:
    if not limit.key:
        return "–"
    place = server.config.default if server.config else ""
    return f"`{limit.key}`" + (f" in {place if place.startswith('its ') else f'`{place}`'}" if place else "")


def rows() -> list[tuple[str, Server, Limit | None]]:
    """Each part of each server's drain."""
    found: list[tuple[str, Server, Limit | None]] = []
    for server in SERVERS:
        if not server.relays:
            found.append((server.name, server, server.limit))
            found += [(f"{server.name}, {limit.name}", server, limit) for limit in server.more]
    return found


def page() -> str:
    lines = [HEAD]
    for name, server, limit in rows():
        is_first = limit is server.limit
        effects = [signals(server, effect) if is_first else "" for effect in ("drains", "quits", "ignores")]
        started = code(server.programs) if is_first else ""
        note = server.note if is_first else ""
        cells = (name, started, *effects, default(limit), unit(limit) if limit else "–", note)
        lines.append(f"| {' | '.join(cells)} |\n")
    lines.append(LIMITS)
    for name, server, limit in rows():
        if limit and (limit.flags or limit.variable or limit.key):
            lines.append(f"| {name} | {code(limit.flags)} | {code((limit.variable,))} | {in_file(server, limit)} |\n")
    lines.append(WRAPPERS)
    for server in SERVERS:
        if server.relays:
            limit = server.limit
            sent = tuple(dict.fromkeys(server.relays.values()))
            sends = sent[0] if len(sent) == 1 else "the same"
            places = code((*limit.flags, limit.variable, limit.key)) if limit else "–"
            cells = (server.name, code(server.programs), ", ".join(server.relays), sends, default(limit), places)
            lines.append(f"| {' | '.join(cells)} | {unit(limit) if limit else '–'} | {server.note} |\n")
    lines.append(SOURCES)
    lines += [f"- {server.name}: {server.source}.\n" for server in SERVERS]
    return "".join(lines)


def test_the_page_says_what_the_table_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_row_has_a_name_of_its_own_and_a_source() -> None:
    names = [server.name for server in SERVERS]
    assert len(names) == len(set(names))
    assert all(server.source for server in SERVERS)


def test_the_table_finds_the_module_of_every_program() -> None:
    for module in MODULES:
        for server in servers_in(module):
            names = [] if server.relays else [*server.programs, *server.modules]
            starts = {(*name.rpartition("/")[2].split(), "")[:2] for name in names}
            assert {start: module_of(*start) for start in starts} == dict.fromkeys(starts, module)


def test_the_table_finds_every_server_whose_workers_quit() -> None:
    quitting = {server.name: module for module in MODULES for server in servers_in(module) if server.workers_quit is not False}
    assert quitting == WORKERS_QUIT


def test_every_module_with_servers_is_in_the_table() -> None:
    folder = PAGE.parent.parent / "src/deploylint/servers"
    assert {path.stem for path in folder.glob("*.py") if "SERVERS: tuple" in path.read_text(encoding="utf-8")} == set(MODULES)


def test_every_setting_says_how_it_is_made() -> None:
    """A limit that can be set has a line that sets it, and the line takes the seconds."""
    lines = {(name, limit.template) for name, _, limit in rows() if limit and (limit.flags or limit.variable or limit.key)}
    assert {name for name, line in lines if "{}" not in line} == set()


@pytest.mark.parametrize(
    ("line", "names", "first"),
    [
        ("puma -C config/puma.rb", ["Puma"], 1),
        ("bin/rails server -b 0.0.0.0", ["Puma"], 1),
        ("ruby bin/rails s", ["Puma"], 2),
        ("rails db:migrate", [], 0),
        ("bin/jobs", ["Solid Queue"], 1),
        ("jobs", [], 0),
        ("rake solid_queue:start", ["Solid Queue"], 1),
        ("good_job start", ["GoodJob"], 1),
        ("good_job cleanup_preserved_jobs", [], 0),
        ("/usr/sbin/php-fpm8.2 -F", ["PHP-FPM"], 1),
        ("php-fpm85 -F", ["PHP-FPM"], 1),
        ("caddy run --config /etc/caddy/Caddyfile", ["Caddy"], 1),
        ("caddy fmt", [], 0),
        ("java -jar app.jar", ["Spring Boot", "Quarkus"], 1),
        ("celery -A shop worker", ["Celery"], 1),
        ("celery -A shop beat", ["Celery beat"], 1),
        ("celery -A worker beat -l info", ["Celery beat"], 1),
        ("celery -A beat worker -B", ["Celery"], 1),
        ("celery -A shop inspect ping", [], 0),
        ("python -m celery -A shop worker", ["Celery"], 3),
        ("python manage.py runserver", ["manage.py runserver"], 2),
        ("python manage.py rqworker high default", ["RQ"], 2),
        ("./manage.py rqworker-pool --num-workers 4", ["RQ"], 1),
        ("python -m rq.cli worker default", ["RQ"], 3),
        ("python -m rq.cli info", [], 0),
        ("python -u /srv/manage.py qcluster", ["Django Q"], 3),
        ("django-admin run_huey -w 2", ["huey"], 1),
        ("python -m django rundramatiq --processes 2", ["dramatiq"], 3),
        ("python manage.py runworker thumbnails", ["Channels worker"], 2),
        ("foreman start", [], 0),
        ("supervisord -n", [], 0),
        ("", [], 0),
    ],
)  # fmt: skip
def test_recognising(line: str, names: list[str], first: int) -> None:
    found = list(recognise(tuple(line.split())))
    assert [server.name for server, _ in found] == names
    assert {at for _, at in found} <= {first}
