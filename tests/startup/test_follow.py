"""From CMD to every program it runs: each case is a small project, and what its container starts, in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.images.reading import read
from deploylint.startup import follow, start_of
from deploylint.startup.collector import MAX_PROCESSES
from deploylint.startup.script_runners import matching
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.process import Process


def processes(files: dict[str, str], *, is_open: bool = False) -> tuple[Process, ...]:
    tree = Tree(files)
    dockerfile = tree.read("Dockerfile")
    assert dockerfile
    image = read(dockerfile, tree)
    start = start_of(image, None)
    return follow(start, image=image, files=tree, environment=image.config.environment, is_open=is_open) if start else ()


def lines(files: dict[str, str]) -> list[str]:
    """`* ` marks the process that stays, `& ` one in the background, `? ` one that may or may not run."""
    found = []
    for process in processes(files):
        mark = "* " if process.is_main else "& " if process.is_background else ""
        doubt = "? " if any(guard.holds is None for guard in process.guards) else ""
        found.append(doubt + mark + process.line)
    return found


def image(*instructions: str) -> str:
    return "\n".join(("FROM debian:12", "WORKDIR /app", *instructions, ""))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ('CMD ["gunicorn", "app"]', ["* gunicorn app"]),
        ("CMD gunicorn app", ["* gunicorn app"]),
        ("CMD exec gunicorn app", ["* gunicorn app"]),
        ('CMD ["sh", "-c", "alembic upgrade head && exec gunicorn app"]', ["alembic upgrade head", "* gunicorn app"]),
        ('CMD ["bash", "-eo", "pipefail", "-lc", "a; b"]', ["a", "* b"]),
        ('ENTRYPOINT ["tini", "--"]\nCMD ["sh", "-c", "a && b"]', ["a", "* b"]),
        ('ENTRYPOINT ["sh", "-c", "exec \\"$0\\" \\"$@\\""]\nCMD ["gunicorn", "app"]', ["* gunicorn app"]),
        ('ENTRYPOINT ["/bin/app"]\nCMD ["start"]', ["* /bin/app start"]),
        ('CMD ["bash", "-c", "work; if (( RANDOM < 9 )); then echo failed; fi"]', ["* work"]),
        ("CMD a & b", ["& a", "* b"]),
        ("CMD a & wait", ["* a"]),
        ("CMD app | tee /log", ["* app", "tee /log"]),
        ("CMD echo hello && cd /x && exec app", ["* app"]),
        ("CMD migrate || true; app", ["migrate", "* app"]),
        ("CMD a || b", ["* a", "? b"]),
        ("CMD while ! nc -z db 5432; do sleep 1; done; app", ["nc -z db 5432", "? sleep 1", "* app"]),
        ("CMD until migrate; do sleep 1; done && app", ["migrate", "? sleep 1", "* app"]),
        ("CMD for i in 1 2 3; do migrate && break; done; app", ["migrate", "* app"]),
        ("CMD f() { migrate; }; f && app", ["migrate", "* app"]),
        ("CMD (migrate) && { app; }", ["migrate", "* app"]),
        ("CMD if a; then b; else c; fi; app", ["a", "? b", "? c", "* app"]),
        ("CMD eval 'migrate && app'", ["migrate", "* app"]),
        ("CMD exec $UNKNOWN", ["* $UNKNOWN"]),
        ("CMD $PREFIX app $ARGUMENTS", ["* app $ARGUMENTS"]),
        ("CMD exit 0; app", []),
        ("CMD command -v app; app", ["* app"]),
    ],
)
def test_start(start: str, expected: list[str]) -> None:
    assert lines({"Dockerfile": image(start)}) == expected


def test_a_line_that_a_script_is_given_runs_for_the_setting_it_stands_in() -> None:
    files = {
        "Dockerfile": image("COPY *.sh /app/", 'ENTRYPOINT ["/app/start.sh"]', 'CMD ["sh", "-c", "./web.sh && :"]'),
        "start.sh": '#!/bin/sh\nexec "$@"\n',
        "web.sh": "#!/bin/sh\napp\n",
    }
    (process,) = processes(files)
    assert [step.label for step in process.steps] == [
        "`ENTRYPOINT` runs `start.sh`",
        "`start.sh` runs its arguments",
        "`CMD` runs `web.sh`",
    ]


def test_waiting_for_the_background_makes_it_stay() -> None:
    (process,) = processes({"Dockerfile": image("CMD app & wait")})
    assert process.is_main
    assert process.is_background


@pytest.mark.parametrize(
    ("command", "line", "wrappers"),
    [
        (["tini", "-g", "--", "app"], "app", "init:tini"),
        (["dumb-init", "--rewrite", "15:3", "app", "-c"], "app -c", "init:dumb-init"),
        (["/usr/bin/catatonit", "--", "app"], "app", "init:catatonit"),
        (["gosu", "nobody", "app"], "app", "switch-user:gosu"),
        (["su-exec", "app:app", "app"], "app", "switch-user:su-exec"),
        (["setpriv", "--reuid", "1000", "--clear-groups", "app"], "app", "switch-user:setpriv"),
        (["sudo", "-E", "-u", "nobody", "/app/bin/migrate"], "/app/bin/migrate", "switch-user:sudo"),
        (["su", "app", "-c", "exec app --x"], "app --x", "switch-user:su shell:sh exec:exec"),
        (["runuser", "-u", "app", "--", "app"], "app", "switch-user:runuser"),
        (["env", "-u", "X", "A=1", "app"], "app", "prefix:env"),
        (["nice", "-n", "10", "app"], "app", "prefix:nice"),
        (["timeout", "-k", "5", "60", "app"], "app", "prefix:timeout"),
        (["./wait-for-it.sh", "db:5432", "-t", "30", "--", "app", "run"], "app run", "wait:wait-for-it"),
        (["bash", "./wait-for-it.sh", "db:5432", "--", "app", "run"], "app run", "wait:wait-for-it"),
        (["dockerize", "-wait", "tcp://db:5432", "-timeout", "60s", "app"], "app", "wait:dockerize"),
        (["bundle", "exec", "rails", "db:migrate"], "rails db:migrate", "runner:bundle"),
        (["poetry", "run", "gunicorn", "app"], "gunicorn app", "runner:poetry"),
        (["uv", "run", "--no-dev", "--extra", "x", "gunicorn", "app"], "gunicorn app", "runner:uv"),
        (["uv", "run", "-m", "alembic", "upgrade", "head"], "alembic upgrade head", "runner:uv"),
        (["npx", "-y", "prisma", "migrate", "deploy"], "prisma migrate deploy", "runner:npx"),
        (["pnpm", "exec", "prisma", "db", "push"], "prisma db push", "runner:pnpm exec"),
        (["yarn", "knex", "migrate:latest"], "knex migrate:latest", "runner:yarn exec"),
        (["doppler", "run", "--project", "x", "--", "app"], "app", "runner:doppler"),
        (["opentelemetry-instrument", "--traces_exporter", "x", "app"], "app", "prefix:opentelemetry-instrument"),
        (["newrelic-admin", "run-program", "gunicorn", "app"], "gunicorn app", "prefix:newrelic-admin"),
        (["python", "-u", "-m", "gunicorn", "app"], "gunicorn app", "prefix:python -m"),
        (["python", "manage.py", "migrate"], "python manage.py migrate", ""),
        (["pm2-runtime", "start", "app.js"], "node app.js", "supervisor:pm2-runtime"),
        (["tini", "--", "gosu", "app", "bundle", "exec", "puma"], "puma", "init:tini switch-user:gosu runner:bundle"),
        (["npm", "start"], "npm start", ""),
        (["tini", "--version"], "tini --version", ""),
        (["bundle", "install"], "bundle install", ""),
        (["sh"], "sh", ""),
    ],
)
def test_wrapper(command: list[str], line: str, wrappers: str) -> None:
    words = ", ".join(f'"{word}"' for word in command)
    (process,) = processes({"Dockerfile": image(f"CMD [{words}]")})
    assert process.line == line
    assert " ".join(f"{each.kind}:{each.name}" for each in process.wrappers) == wrappers
    assert process.is_main


@pytest.mark.parametrize(
    ("start", "forms"),
    [
        ("CMD app", "shell:single"),
        ("CMD exec app", "shell:single exec:"),
        ("CMD A=1 app", "shell:single"),
        ("CMD cd /x && app", "shell:last"),
        ("CMD cd /x || app", "shell:last"),
        ("CMD a; app", "shell:end"),
        ("CMD a || true; app", "shell:end"),
        ("CMD app; a", "shell:list"),
        ("CMD a & app", "shell:tail"),
        ("CMD a; cd /x && app", "shell:tail"),
        ("CMD app || a", "shell:list"),
        ("CMD app | tee x", "shell:pipeline"),
        ("CMD a; app | tee x", "shell:pipeline"),
        ("CMD app & wait", "shell:background"),
        ("CMD if true; then app; fi", "shell:tail"),
        ("CMD if true; then a; app; fi; a", "shell:list"),
        ("CMD case x in x) app;; esac", "shell:tail"),
        ("CMD (a; app)", "shell:tail"),
        ("CMD { app; } > log", "shell:list"),
        ("CMD while true; do app; done", "shell:list"),
        ("CMD f() { app; }; f", "shell:list"),
        ('ENTRYPOINT ["/run.sh"]', "script:end"),
        ('ENTRYPOINT ["tini", "/exec.sh"]\nCMD ["sh", "-c", "exec app"]', "init: script:end exec: shell:single exec:"),
    ],
)
def test_where_a_shell_stands(start: str, forms: str) -> None:
    """What decides whether the stop signal arrives: which shells stay, and what they run in which position."""
    files = {
        "Dockerfile": image("COPY run.sh exec.sh /", start),
        "run.sh": "#!/bin/sh\nset -e\napp\n",
        "exec.sh": '#!/bin/sh\nset -e\nexec "$@"\n',
    }
    main = next(process for process in processes(files) if process.program == "app")
    assert " ".join(f"{each.kind}:{each.next_command.form}" for each in main.wrappers) == forms


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("app", ""),
        ("app; # comment", ""),
        ("app\n", "newline"),
        ("app\n\n", "more"),
        ("app\n# comment\n", "more"),
        ("a\napp", ""),
    ],
)
def test_what_follows_the_last_command(line: str, after: str) -> None:
    """Shells execute the last command of a line in their own place, some only if not even a line end follows."""
    files = {"Dockerfile": image(f"CMD {json.dumps(['sh', '-c', line])}")}
    main = next(process for process in processes(files) if process.is_main)
    assert main.wrappers[0].next_command.after == after


@pytest.mark.parametrize(
    ("line", "runs", "words"),
    [
        ("gunicorn 'a b' c", "gunicorn 'a b' c", ("gunicorn", "a b", "c")),
        ("A=1 gunicorn app", "gunicorn app", ()),
        ("cd /x && gunicorn app > log", "gunicorn app", ()),
        ("gunicorn -b :$PORT app", "gunicorn -b :$PORT app", ()),
        ("gunicorn ~/app", "gunicorn ~/app", ()),
        ("gunicorn *.py", "gunicorn *.py", ()),
        ("command gunicorn app", "command gunicorn app", ()),
        ("uv run gunicorn app", "uv run gunicorn app", ("uv", "run", "gunicorn", "app")),
    ],
)
def test_what_a_shell_runs(line: str, runs: str, words: tuple[str, ...]) -> None:
    main = next(process for process in processes({"Dockerfile": image(f"CMD {line}")}) if process.is_main)
    command = main.wrappers[0].next_command
    assert command.span
    assert (command.span.text, command.words) == (runs, words)


def test_traps_and_redirects_are_told() -> None:
    run = "#!/bin/sh\ntrap 'kill $p' TERM\napp > log\n"
    (process,) = processes({"Dockerfile": image("COPY run.sh /", 'CMD ["/run.sh"]'), "run.sh": run})
    (script,) = process.wrappers
    assert script.next_command.has_trap
    assert script.next_command.is_redirected


def test_a_trap_set_after_the_start_counts_while_the_script_waits() -> None:
    for trap, has_trap in (("trap 'kill -TERM $p; wait $p' TERM", True), ("trap 'echo' HUP", False)):
        run = f"#!/bin/sh\napp &\np=$!\n{trap}\nwait $p\n"
        (process,) = processes({"Dockerfile": image("COPY run.sh /", 'CMD ["/run.sh"]'), "run.sh": run})
        (script,) = process.wrappers
        assert (script.next_command.form, script.next_command.has_trap) == ("background", has_trap)


@pytest.mark.parametrize(
    "instructions",
    [
        'COPY entry.sh /entry.sh\nENTRYPOINT ["/entry.sh"]',
        'COPY entry.sh ./\nENTRYPOINT ["./entry.sh"]',
        'COPY entry.sh .\nENTRYPOINT ["/app/entry.sh"]',
        'COPY . .\nENTRYPOINT ["./entry.sh"]',
        'COPY . /srv/\nENTRYPOINT ["sh", "/srv/entry.sh"]',
        'COPY *.sh /scripts/\nENTRYPOINT ["/scripts/entry.sh"]',
        'COPY --chmod=755 entry.sh other.sh /usr/local/bin/\nENTRYPOINT ["entry.sh"]',
        'ADD entry.sh /opt/start\nENTRYPOINT ["/bin/sh", "-e", "/opt/start"]',
        'COPY entry.sh /entry.sh\nENTRYPOINT ["bash", "-c", "cd / && exec ./entry.sh \\"$@\\"", "--"]',
    ],
)
def test_a_script_is_found_where_copy_put_it(instructions: str) -> None:
    files = {
        "Dockerfile": image(instructions, 'CMD ["app", "start"]'),
        "entry.sh": '#!/bin/sh\nset -e\nmigrate\nexec "$@"\n',
        "other.sh": "#!/bin/sh\n",
    }
    assert lines(files) == ["migrate", "* app start"]


def test_a_script_comes_through_the_stages() -> None:
    dockerfile = """FROM debian:12 AS base
COPY start.sh /scripts/start.sh
FROM base AS build
FROM debian:12
COPY --from=build /scripts /
CMD ["/start.sh"]
"""
    assert lines({"Dockerfile": dockerfile, "start.sh": "#!/bin/sh\nmigrate\nexec app\n"}) == ["migrate", "* app"]


def test_a_release_brings_its_overlays() -> None:
    dockerfile = """FROM elixir:1.18 AS build
WORKDIR /src
COPY rel rel
RUN mix release
FROM debian:12
WORKDIR /app
COPY --from=build /src/_build/prod/rel/shop ./
CMD ["/app/bin/server"]
"""
    server = '#!/bin/sh\nset -eu\ncd -P -- "$(dirname -- "$0")"\nPHX_SERVER=true exec ./shop start\n'
    (process,) = processes({"Dockerfile": dockerfile, "rel/overlays/bin/server": server})
    assert process.line == "./shop start"
    assert process.span.where == "rel/overlays/bin/server:4:22"
    assert [(name, value.content) for name, value in process.environment] == [("PHX_SERVER", "true")]
    assert [(step.span.text, step.label) for step in process.steps] == [("/app/bin/server", "`CMD` runs `server`")]


def test_a_script_written_by_the_dockerfile() -> None:
    assert lines({"Dockerfile": image("COPY <<EOF /start.sh\nmigrate\nexec app\nEOF", 'CMD ["sh", "/start.sh"]')}) == [
        "migrate",
        "* app",
    ]


def test_a_script_of_another_language_is_a_program() -> None:
    files = {"Dockerfile": image("COPY . .", 'CMD ["./run"]'), "run": "#!/usr/bin/env python3\nimport os\n"}
    assert lines(files) == ["* ./run"]


ENTRY = 'ENTRYPOINT ["./entry.sh"]'


@pytest.mark.parametrize(
    ("script", "cmd", "expected"),
    [
        ('case "$1" in web) migrate; exec app ;; worker) exec worker ;; esac', '["web"]', ["migrate", "* app"]),
        ('case "$1" in web) migrate; exec app ;; worker) exec worker ;; esac', '["worker"]', ["* worker"]),
        ('case "$1" in migrate) migrate ;; *) exec "$@" ;; esac', '["app", "x"]', ["* app x"]),
        ('case "$1" in -*|serve*) exec app "$@" ;; esac', '["--port"]', ["* app --port"]),
        ('if [ "$1" = "app" ]; then migrate; fi; exec "$@"', '["app"]', ["migrate", "* app"]),
        ('if [ "$1" = "app" ]; then migrate; fi; exec "$@"', '["other"]', ["* other"]),
        ('if [ "${1#-}" != "$1" ]; then set -- app "$@"; fi; exec "$@"', '["-p"]', ["* app -p"]),
        ('[ "${*}" = "./app server" ] && migrate; exec "$@"', '["./app", "server"]', ["migrate", "* ./app server"]),
        ('if [ "${@: -2:1}" == "./app" ]; then migrate; fi; exec "${@}"', '["thrust", "./app", "s"]', ["migrate", "* ./app s"]),
        ('[ $# -eq 0 ] && set -- app; exec "$@"', "[]", ["* app"]),
        ('if [ -z "$1" ]; then exec app; fi; exec "$@"', '["x"]', ["* x"]),
        ('SERVICE=$1; shift; case ${SERVICE} in web) exec app "$@" ;; esac', '["web", "-x"]', ["* app -x"]),
        ('main() { migrate "$1"; }; main b; exec "$@"', '["app"]', ["migrate b", "* app"]),
        ('"$@"', '["app"]', ["* app"]),
        ('exec su-exec app "$@"', '["app"]', ["* app"]),
        ('set -- app "$@"; exec "$@"', '["x"]', ["* app x"]),
        ('[[ "$1" = ru* ]] && exec app; exec "$@"', '["run"]', ["* app"]),
        ('args=(app -p 1); args+=("$1" "a b"); exec "${args[@]}"', '["x"]', ["* app -p 1 x a b"]),
        ('[ -f /x ] && args=(-x); exec app "${args[@]}"', '["x"]', ['* app "${args[@]}"']),
    ],
)
def test_what_the_arguments_decide(script: str, cmd: str, expected: list[str]) -> None:
    assert lines({"Dockerfile": image("COPY entry.sh .", ENTRY, f"CMD {cmd}"), "entry.sh": script}) == expected


@pytest.mark.parametrize(
    ("script", "environment", "expected", "guard"),
    [
        # An opt-in: only the running container knows. The way without it is what runs as far as the files say.
        ('if [ "$M" = true ]; then migrate; fi; exec app', "", ["? migrate", "* app"], "opt-in:M"),
        ('if [ "$M" = true ]; then migrate; fi; exec app', "M=true", ["migrate", "* app"], "opt-in:M"),
        ('if [ "$M" = true ]; then migrate; fi; exec app', "M=false", ["* app"], ""),
        ('[ -n "$M" ] && migrate; exec app', "", ["? migrate", "* app"], "opt-in:M"),
        ("[[ ${M:-0} == 1 ]] && migrate; exec app", "", ["? migrate", "* app"], "opt-in:M"),
        ("[[ ${M:-1} == 1 ]] && migrate; exec app", "", ["migrate", "* app"], "opt-out:M"),
        ('M="${M:-false}"; if [ "$M" = true ]; then migrate; fi; exec app', "", ["? migrate", "* app"], "opt-in:M"),
        (': "${M:=true}"; if [ "$M" = true ]; then migrate; fi; exec app', "", ["migrate", "* app"], "opt-out:M"),
        ('test "$M" = 1 && migrate; exec app', "", ["? migrate", "* app"], "opt-in:M"),
        # An opt-out: it runs.
        ('if [ -z "$SKIP" ]; then migrate; fi; exec app', "", ["migrate", "* app"], "opt-out:SKIP"),
        ('if [ "$SKIP" != 1 ]; then migrate; fi; exec app', "SKIP=1", ["* app"], ""),
        ('[ "$SKIP" = 1 ] || migrate; exec app', "", ["migrate", "* app"], "opt-out:SKIP"),
        ('if [ "$SKIP" ]; then exec app; fi; migrate; exec app', "", ["? app", "migrate", "* app"], "opt-out:SKIP"),
        ('if [ -z "$M" ]; then exec app; fi; migrate; exec app', "", ["* app"], ""),
        # Without quotes an empty variable vanishes from the test.
        ("if [ -n $M ]; then migrate; fi; exec app", "", ["migrate", "* app"], "broken:M"),
        ("if [ ! -n $M ]; then migrate; fi; exec app", "", ["* app"], ""),
        ("if [ -z $M ]; then migrate; fi; exec app", "", ["migrate", "* app"], "opt-out:M"),
        ("if [ $M = true ]; then migrate; fi; exec app", "", ["? migrate", "* app"], "opt-in:M"),
        ("if [[ -n $M ]]; then migrate; fi; exec app", "", ["? migrate", "* app"], "opt-in:M"),
        # Both must hold; one of them; the other way round.
        ('if [ "$M" = 1 ] && [ "$ROLE" = web ]; then migrate; fi; exec app', "ROLE=web", ["? migrate", "* app"], "opt-in:M"),
        ('if [ "$M" = 1 -o "$ROLE" = web ]; then migrate; fi; exec app', "ROLE=web", ["migrate", "* app"], "opt-in:ROLE"),
        ('if ! [ "$M" = 1 ]; then exec app; else migrate; fi', "", ["* app", "? migrate"], "opt-in:M"),
        ('case "$ROLE" in web) migrate ;; *) exec worker ;; esac; exec app', "ROLE=web", ["migrate", "* app"], "opt-in:ROLE"),
        ('case "$ROLE" in web) migrate ;; *) exec worker ;; esac; exec app', "", ["? migrate", "* worker"], "opt-in:ROLE"),
        # An error ends the start: what follows is what a start that succeeds runs.
        ('if [ "$M" = "" ]; then echo no M; exit 1; fi; migrate; exec app', "", ["migrate", "* app"], ""),
        ("test -f /x || exit 1; migrate; exec app", "", ["migrate", "* app"], ""),
        ("wait-db || exit 1; migrate; exec app", "", ["wait-db", "migrate", "* app"], ""),
        ("if grep -q x /y; then migrate; fi; exec app", "", ["grep -q x /y", "? migrate", "* app"], "other:"),
        ("if [ -f /x ]; then migrate; fi; exec app", "", ["? migrate", "* app"], "other:"),
        ("if [ -f ./entry.sh ]; then migrate; fi; exec app", "", ["migrate", "* app"], ""),
        # Which of two servers runs depends on the platform: neither is said to stay.
        ('if [ "$R" = web ]; then exec app; elif [ "$R" = job ]; then exec worker; fi', "", ["? app", "? worker"], ""),
    ],
)
def test_what_variables_decide(script: str, environment: str, expected: list[str], guard: str) -> None:
    env = f"ENV {environment}" if environment else ""
    files = {"Dockerfile": image(env, "COPY entry.sh .", ENTRY), "entry.sh": script}
    assert lines(files) == expected
    migrations = [process for process in processes(files) if process.program == "migrate"]
    found = [f"{guard.kind}:{guard.variable}" for process in migrations for guard in process.guards]
    assert found == ([guard] if guard else [])


def test_an_open_environment_decides_nothing() -> None:
    files = {"Dockerfile": image("COPY entry.sh .", ENTRY), "entry.sh": 'exec app --port "${PORT:-80}"'}
    assert [word.text for word in processes(files)[0].argv] == ["app", "--port", "80"]
    assert [word.text for word in processes(files, is_open=True)[0].argv] == ["app", "--port", None]


def test_values_on_the_way() -> None:
    script = 'export PORT=4000 KEY="$(cat key)"\nA=1 app --port $PORT --key "$KEY" --host "$HOST"\n'
    (process,) = processes({"Dockerfile": image("ENV HOST=::", "COPY entry.sh .", ENTRY), "entry.sh": script})
    assert [word.text for word in process.argv] == ["app", "--port", "4000", "--key", None, "--host", "::"]
    assert {name: value.content for name, value in process.environment} == {"PORT": "4000", "KEY": None, "A": "1"}


def test_a_failure_that_is_ignored() -> None:
    found = processes({"Dockerfile": image("CMD migrate || true; seed || exit 1; app")})
    assert [(process.line, process.errors_ignored) for process in found] == [("migrate", True), ("seed", False), ("app", False)]


def test_scripts_of_a_folder() -> None:
    files = {
        "Dockerfile": image("COPY fly /var/fly", "COPY entry.sh .", ENTRY, 'CMD ["app"]'),
        "entry.sh": 'for f in /var/fly/scripts/*.sh; do bash "$f" -e; done\nexec "$@"\n',
        "fly/scripts/migrate.sh": "php artisan migrate --force\n",
        "fly/scripts/caches.sh": "php artisan config:cache\n",
        "fly/scripts/readme.txt": "",
    }
    assert lines(files) == ["php artisan config:cache", "php artisan migrate --force", "* app"]


def test_sourced_files_and_functions_share_the_shell() -> None:
    files = {
        "Dockerfile": image("COPY . .", ENTRY),
        "entry.sh": ". ./lib.sh\nprepare\nexec app $MODE\n",
        "lib.sh": "MODE=fast\nprepare() { migrate $MODE; return; never; }\n",
    }
    assert lines(files) == ["migrate fast", "* app fast"]


PACKAGE = '{"scripts": {"prestart": "prisma migrate deploy", "start": "npm run serve", "serve": "exec node server.js"}}'


@pytest.mark.parametrize("command", ["npm start", "npm run start", "yarn start", "pnpm run start", "bun run start"])
def test_package_scripts(command: str) -> None:
    files = {"Dockerfile": image("COPY package.json ./", f"CMD exec {command}"), "package.json": PACKAGE}
    assert lines(files) == ["prisma migrate deploy", "* node server.js"]
    migrate = processes(files)[0]
    assert migrate.span.text == "prisma migrate deploy"
    assert migrate.span.path == "package.json"
    assert [wrapper.kind for wrapper in migrate.wrappers] == ["shell", "exec", "runner", "shell"]


MAKEFILE = """\
export PYTHONPATH := .
PORT ?= 80

.PHONY: run
run: migrate\t## start it
\t@echo starting
\tuvicorn app:app \\
\t  --port $${PORT:-80} # all of it

migrate:
\t-alembic upgrade head

plain:
\tgunicorn app

quoted:
\tgunicorn \\
\t  --bind='0.0.0.0:80' set .

unknown:
\t$(PYTHON) -m gunicorn app

ordered: | migrate
\tgunicorn app
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("make run", ["alembic upgrade head", "* uvicorn app:app --port 80"]),
        ("make", ["alembic upgrade head", "* uvicorn app:app --port 80"]),
        ("make -s -C . migrate plain", ["alembic upgrade head", "* gunicorn app"]),
        ("make -f Makefile plain", ["* gunicorn app"]),
        ("make quoted", ["* gunicorn --bind=0.0.0.0:80 set ."]),
        ("make PORT=81 plain", ["* make PORT=81 plain"]),
        ("make nothing", ["* make nothing"]),
        ("make ordered", ["* make ordered"]),
        ("make --dry-run plain", ["* make --dry-run plain"]),
    ],
)
def test_targets_of_make(command: str, expected: list[str]) -> None:
    files = {"Dockerfile": image("COPY . .", f"CMD exec {command}"), "Makefile": MAKEFILE}
    assert lines(files) == expected


@pytest.mark.parametrize(("target", "wrappers"), [("plain", ["make"]), ("quoted", ["make"]), ("unknown", ["make", "sh"])])
def test_what_make_executes_itself(target: str, wrappers: list[str]) -> None:
    files = {"Dockerfile": image("COPY . .", f'CMD ["make", "{target}"]'), "Makefile": MAKEFILE}
    assert [wrapper.name for wrapper in processes(files)[-1].wrappers] == wrappers


def test_where_a_line_of_make_stands() -> None:
    files = {"Dockerfile": image("COPY . .", 'CMD ["make", "run"]'), "Makefile": MAKEFILE}
    migrate, app = processes(files)
    assert (migrate.span.path, migrate.span.text) == ("Makefile", "alembic upgrade head")
    assert [step.label for step in app.steps] == ["`CMD` runs `make run`"]
    assert [[wrapper.name for wrapper in process.wrappers] for process in (migrate, app)] == [["make"], ["make", "sh"]]


@pytest.mark.parametrize(
    "makefile",
    [
        "ifdef X\nrun:\n\ta\nendif\n",
        "run:\n\ta\nrun:\n\tb\n",
        "run: run2\nrun2: run\n",
        "run: ; a\n",
        "run:\n",
        "run",
        "%: x\n\ta\n",
    ],
)
def test_makefiles_that_are_not_plain(makefile: str) -> None:
    assert lines({"Dockerfile": image("COPY . .", "CMD make run"), "Makefile": makefile}) == ["* make run"]


@given(st.text(alphabet="run:a \t\n\\$#=|()", max_size=60))
def test_no_makefile_breaks_it(makefile: str) -> None:
    assert lines({"Dockerfile": image("COPY . .", "CMD make run"), "Makefile": makefile}) is not None


def test_procfile_runners() -> None:
    files = {
        "Dockerfile": image("COPY . .", 'CMD ["foreman", "start"]'),
        "Procfile": "web: exec puma\nworker: sidekiq\n",
    }
    assert lines(files) == ["* puma", "& sidekiq"]


def test_a_hop_names_the_instruction_it_stands_in() -> None:
    files = {
        "Dockerfile": image("COPY . .", 'ENTRYPOINT ["tini", "--"]', 'CMD ["./start.sh"]'),
        "start.sh": "exec app\n",
    }
    assert [step.label for step in processes(files)[0].steps] == ["`CMD` runs `start.sh`"]


def test_every_hop_is_evidence() -> None:
    files = {
        "Dockerfile": image("COPY . .", 'ENTRYPOINT ["tini", "--", "./entry.sh"]', 'CMD ["./start.sh"]'),
        "entry.sh": 'exec "$@"\n',
        "start.sh": "migrate now\nexec app\n",
    }
    migrate = processes(files)[0]
    assert [(step.span.where, step.span.text, step.label) for step in migrate.steps] == [
        ("Dockerfile:4:28", "./entry.sh", "`ENTRYPOINT` runs `entry.sh`"),
        ("entry.sh:1:6", '"$@"', "`entry.sh` runs its arguments"),
        ("Dockerfile:5:7", "./start.sh", "`entry.sh` runs `start.sh`"),
    ]
    assert migrate.span.text == "migrate now"


@pytest.mark.parametrize(
    "script",
    [
        'exec "$0" "$@"',
        "./entry.sh; ./entry.sh",
        "f() { f; f; }; f",
        ". ./entry.sh; . ./entry.sh",
        "while true; do a; done",
        "for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do for c in 1 2 3 4 5 6 7 8 9; do x $a$b$c; done; done; done",
        "X=aaaaaaaaaa; " + 'X="$X$X"; ' * 60 + "a $X",
        "if a; then " * 100 + "b" + "; fi" * 100,
        "if a; then " * 50 + "./entry.sh" + "; fi" * 50,
        "f() { " + "if a; then " * 50 + "f" + "; fi" * 50 + "; }; f",
        "a | b && c || d; " * 3000,
        "set -- " + '"$@" "$@" ' + "x; " + 'set -- "$@" "$@"; ' * 60,
        "case x in " + "*) a ;& " * 500 + "esac",
        "a() { b; b; }; b() { c; c; }; c() { d; d; }; d() { e; e; }; e() { f; f; }; f() { a; x; }; a",
    ],
)
def test_a_start_without_end_is_bounded(script: str) -> None:
    files = {"Dockerfile": image("COPY entry.sh .", ENTRY, 'CMD ["app"]'), "entry.sh": script}
    assert len(processes(files)) <= 200


FRAGMENTS = st.lists(
    st.sampled_from(
        'if [ -n "$X" ] ; then migrate ; else fi exec "$@" && || | & ( ) { } case "$1" in a) ;; esac for f in *.sh do done '
        "./entry.sh . shift set -- $X ${X:-d} f() f sh -c 'a b' while ! true [[ -z $1 ]] export A=$(b) trap TERM wait exit 1 "
        "eval \n".split(" ")
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(FRAGMENTS)
def test_any_script_is_followed(fragments: list[str]) -> None:
    files = {"Dockerfile": image("COPY entry.sh .", ENTRY, 'CMD ["a", "b"]'), "entry.sh": " ".join(fragments)}
    found = processes(files)
    assert sum(process.is_main for process in found) <= 1
    for process in found:
        assert process.span.text
        assert all(guard.holds is not False for guard in process.guards)


@pytest.mark.parametrize(
    ("base", "lines", "command", "version"),
    [
        ("node:16", "", "npm start", 8),
        ("node:18-alpine", "", "npm start", 10),
        ("node:18.14.2-slim", "", "npm start", 9),
        ("node:18.13-slim", "", "npm start", 8),
        ("node:20.19.5-bookworm", "", "npm run start", 10),
        ("node:24", "", "npm start", 11),
        ("node:14.17.3-alpine3.14", "", "npm start", 6),
        ("node:lts", "", "npm start", 0),
        ("node", "", "npm start", 0),
        ("node:20-slim", "RUN npm install -g npm@9.8.1", "npm start", 9),
        ("node:20-slim", "RUN npm install -g npm@latest", "npm start", 0),
        ("node:20-slim", "RUN npm i -g pnpm@10", "pnpm start", 10),
        ("node:20-slim", "RUN corepack enable", "pnpm start", 9),
        ("node:20-slim", "", "yarn start", 1),
        ("debian:12", "", "npm start", 0),
    ],
)
def test_the_version_of_a_package_manager(base: str, lines: str, command: str, version: int) -> None:
    """npm comes with Node, pnpm's version stands in package.json, yarn's in its lock file; what is installed wins."""
    files = {
        "Dockerfile": f"FROM {base}\nWORKDIR /app\nCOPY . .\n{lines}\nCMD {json.dumps(command.split())}\n",
        "package.json": '{"packageManager": "pnpm@9.1.0", "scripts": {"start": "node app.js"}}',
        "yarn.lock": "# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n",
    }
    main = next(process for process in processes(files) if process.is_main)
    assert main.wrappers[0].version == version


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM nginx:1.27\nCOPY . /srv\n", ["* nginx -g daemon off;"]),
        ("FROM php:8.3-fpm AS base\nFROM base\nUSER app\n", ["* php-fpm"]),
        ('FROM nginx:1.27\nCMD ["sleep", "1"]\n', ["* sleep 1"]),
        ('FROM nginx:1.27\nENTRYPOINT ["sleep"]\n', ["* sleep"]),
        ("FROM python:3.13\nCOPY . /srv\n", []),
    ],
)
def test_what_the_base_image_starts(dockerfile: str, expected: list[str]) -> None:
    assert lines({"Dockerfile": dockerfile}) == expected


def test_what_the_base_image_starts_stands_where_it_is_named() -> None:
    (process,) = processes({"Dockerfile": "FROM nginx:1.27\n"})
    assert process.span.text == "nginx:1.27"


SUPERVISORD = """\
[include]
files = /etc/more/*.conf
[program:web]
command = /usr/bin/env A=1 gunicorn shop -b %(ENV_X)s ; the app
directory = /srv
environment = PORT="80",MODE='x'
[program:late]
command = never
autostart = false
"""


def test_programs_of_supervisord() -> None:
    files = {
        "Dockerfile": image("COPY s.conf /etc/s.conf", "COPY more /etc/more", 'CMD ["supervisord", "-c", "/etc/s.conf"]'),
        "s.conf": SUPERVISORD,
        "more/jobs.conf": "[program:jobs]\ncommand=sh -c 'a && exec celery'\n",
    }
    assert lines(files) == ["* supervisord -c /etc/s.conf", "& gunicorn shop -b %(ENV_X)s", "& a", "& celery"]
    web = processes(files)[1]
    assert (web.folder, [wrapper.name for wrapper in web.wrappers]) == ("/srv", ["supervisord", "env"])
    assert {name: value.content for name, value in web.environment} == {"PORT": "80", "MODE": "x", "A": "1"}
    assert web.argv[-1].text is None
    assert web.span.path == "s.conf"


def entrypoint(script: str, *instructions: str) -> dict[str, str]:
    return {
        "Dockerfile": image("COPY start.sh /start.sh", 'ENTRYPOINT ["/start.sh"]', *instructions),
        "start.sh": f"#!/bin/bash\n{script}\n",
    }


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('python check.py\nexec "$@"', ["python check.py"]),
        ('uv sync\nexec gosu app "$@"', ["uv sync"]),
        ('python manage.py migrate\n"$@"', ["python manage.py migrate"]),
        ('wait-for-it db:5432\nexec tini -- "$@"', ["wait-for-it db:5432"]),
        ('case "$1" in web) exec gunicorn a;; *) exec "$@";; esac', []),
        ('check\neval "$@"', ["check"]),
        ('exec uv run "$@"', []),
        ('if [ $# -eq 0 ]; then exec gunicorn a:b; fi\nexec "$@"', ["* gunicorn a:b"]),
        ('exec "$@"\nexec nginx', ["* nginx"]),
        ('exec app "$@"', ["* app"]),
        ('set -- gunicorn app\nexec "$@"', ["* gunicorn app"]),
    ],
)
def test_no_main_process_when_script_runs_arguments_that_nobody_gives(script: str, expected: list[str]) -> None:
    assert lines(entrypoint(script)) == expected


@pytest.mark.parametrize(
    "script",
    [
        'if [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec "$@"',
        'if [ "$(id -u)" = 0 ]; then exec gosu app "$BASH_SOURCE" "$@"; fi\nexec "$@"',
        'if [ "$(id -u)" = 0 ]; then exec su-exec app /start.sh "$@"; else exec "$@"; fi',
        '[ "$(id -u)" = 0 ] && exec setpriv --reuid app "$0" "$@"\nexec "$@"',
        'if [ "$(id -u)" = 0 ]; then export HOME=/app; exec gosu app "$0" "$@"; fi\nexec "$@"',
    ],
)
def test_main_process_known_when_script_starts_again_as_another_user(script: str) -> None:
    assert lines(entrypoint(script, 'CMD ["gunicorn", "a:b"]')) == ["* gunicorn a:b"]


@pytest.mark.parametrize("rest", ['fi\nexec "$@"', 'else exec "$@"; fi'])
def test_main_process_known_when_both_ways_run_the_same_command(rest: str) -> None:
    script = f'if [ "$(id -u)" = 0 ]; then exec gosu app "$@"; {rest}'
    assert lines(entrypoint(script, 'CMD ["gunicorn", "a:b"]')) == ["? gunicorn a:b", "* gunicorn a:b"]


def test_main_process_unknown_when_one_way_stays_behind_su() -> None:
    script = 'if [ "$(id -u)" = 0 ]; then exec su app -c "gunicorn a:b"; fi\nexec gunicorn a:b'
    assert lines(entrypoint(script)) == ["? gunicorn a:b", "? gunicorn a:b"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('exec {fd}>/tmp/lock\nexec "$@"', ["* app"]),
        ('exec 200>/tmp/lock\nflock 200\nexec "$@"', ["flock 200", "* app"]),
        ('{ echo x; } {fd}>/tmp/y\nexec "$@"', ["* app"]),
        ('while ! </dev/tcp/db/5432; do sleep 1; done\nexec "$@"', ["? sleep 1", "* app"]),
        ('while !</dev/tcp/db/5432; do sleep 1; done\nexec "$@"', ["? sleep 1", "* app"]),
        ('until </dev/tcp/db/5432; do sleep 1; done\nexec "$@"', ["? sleep 1", "* app"]),
        ('if ! </dev/null; then a; fi\nexec "$@"', ["? a", "* app"]),
        ('if a; then b; fi\nfoo() { x; } ) bar\nexec "$@"', ["a", "? b", "* app"]),
    ],
)
def test_redirects_are_no_programs_and_one_unreadable_line_costs_no_other(script: str, expected: list[str]) -> None:
    assert lines(entrypoint(script, 'CMD ["app"]')) == expected


@pytest.mark.parametrize(
    "script",
    [
        "python manage.py migrate --check || python manage.py migrate",
        "if ! python manage.py migrate --check; then python manage.py migrate; fi",
        "if python manage.py migrate --check; then echo fine; else python manage.py migrate; fi",
    ],
)
def test_asking_for_pending_migrations_is_no_guard(script: str) -> None:
    expected = ["python manage.py migrate --check", "python manage.py migrate", "* app"]
    assert lines(entrypoint(f'{script}\nexec "$@"', 'CMD ["app"]')) == expected


UWSGI = """\
[uwsgi]
master
if-env = SMTPD_PORT
attach-daemon = ./manage.py smtpd
endif =
; exec-pre-app = commented
hook-pre-app = exec:./manage.py migrate
hook-post-app = write:/tmp/ready yes
exec-asap = mkdir -p /run/app && ./manage.py check
attach-daemon = ./manage.py sendalerts --skip-checks
attach-daemon = ./manage.py smtpd --port %(_)

[other]
exec-asap = never
"""


@pytest.mark.parametrize("command", ['["uwsgi", "/app/u.ini"]', '["uwsgi", "--ini", "u.ini"]', '["uwsgi", "--ini=/app/u.ini"]'])
def test_commands_of_uwsgi_configuration_run_before_the_server_or_beside_it(command: str) -> None:
    files = {"Dockerfile": image("COPY . .", f"CMD {command}"), "u.ini": UWSGI}
    main = f"* {' '.join(json.loads(command))}"
    assert lines(files) == [
        "./manage.py migrate",
        "mkdir -p /run/app",
        "./manage.py check",
        "& ./manage.py sendalerts --skip-checks",
        "& ./manage.py smtpd --port %(_)",
        main,
    ]


def test_uwsgi_without_its_file_runs_alone() -> None:
    assert lines({"Dockerfile": image('CMD ["uwsgi", "--ini", "/etc/u.ini"]')}) == ["* uwsgi --ini /etc/u.ini"]


@pytest.mark.parametrize(
    ("script", "cmd", "expected"),
    [
        ('flask db upgrade\nexec "$@"', "", ["flask db upgrade"]),
        ('flask db upgrade\nexec gosu app "$@"', "", ["flask db upgrade"]),
        ('rails db:migrate\nshift\nexec "$@"', "", ["rails db:migrate"]),
        ('flask db upgrade\nexec "$@"', 'CMD ["gunicorn", "app"]', ["flask db upgrade", "* gunicorn app"]),
        ('flask db upgrade\nexec gosu app "$@"', 'CMD ["gunicorn", "app"]', ["flask db upgrade", "* gunicorn app"]),
    ],
)
def test_dashes_of_the_entrypoint_are_no_argument_to_run(script: str, cmd: str, expected: list[str]) -> None:
    start = f'COPY entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh", "--"]\n{cmd}'
    assert lines({"Dockerfile": image(start), "entrypoint.sh": f"#!/bin/bash\n{script}\n"}) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("wait-for-it db\n. ./docker-entrypoint.sh", ["wait-for-it db"]),
        ('wait-for-it db\nif [ "$DEBUG" ]; then . ./start.sh -X; else . ./start.sh; fi', ["wait-for-it db"]),
        ("source lib.sh\nwait-for-it db\nstart_server --port 80", ["wait-for-it db"]),
        ("source lib.sh\nwait-for-it db\nserve", ["wait-for-it db"]),
        ("source lib.sh\nwait_for_db\nexec gunicorn app", ["* gunicorn app"]),
        ("source lib.sh\nwait_for_db\nexec serve", ["* serve"]),
        (". /opt/venv/bin/activate\nserve", ["* serve"]),
        ('. "$ENV_FILE"\ngunicorn app', ["* gunicorn app"]),
        ("./prepare\nsource own.sh\nrun_app", ["./prepare", "* gunicorn app"]),
    ],
)
def test_what_an_unread_sourced_file_may_run_is_unknown(script: str, expected: list[str]) -> None:
    own = "run_app() { gunicorn app; }\n"
    assert lines({**entrypoint(script, "COPY own.sh /app/"), "own.sh": own}) == expected


SEVERAL = {
    "scripts": {
        "check:db": "prisma migrate deploy",
        "check:env": "node env.js",
        "check:env:deep": "node deep.js",
        "prestart": "node pre.js",
        "start": "node server.js",
        "worker": "node worker.js",
    }
}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm-run-all check:db start", ["prisma migrate deploy", "node pre.js", "* node server.js"]),
        ("run-s check:* start", ["prisma migrate deploy", "node env.js", "node pre.js", "* node server.js"]),
        ("run-s -n check:** worker", ["prisma migrate deploy", "node env.js", "node deep.js", "* node worker.js"]),
        ("npm-run-all -s check:db -p worker start", ["prisma migrate deploy", "* npm-run-all -s check:db -p worker start",
         "& node worker.js", "& node pre.js", "& node server.js"]),
        ("run-p start worker", ["* run-p start worker", "& node pre.js", "& node server.js", "& node worker.js"]),
        ("npx run-s check:db worker", ["prisma migrate deploy", "* node worker.js"]),
        ("run-s check:db absent", ["* run-s check:db absent"]),
        ("run-s --unknown check:db start", ["* run-s --unknown check:db start"]),
        ("run-s check:{db,env} start", ["* run-s check:{db,env} start"]),
        ("concurrently -n a,b npm:check:db 'node server.js'",
         ["* concurrently -n a,b npm:check:db node server.js", "& prisma migrate deploy", "& node server.js"]),
        ("concurrently --kill-others 'prisma migrate deploy && node server.js' 'node worker.js'",
         ["* concurrently --kill-others prisma migrate deploy && node server.js node worker.js", "& prisma migrate deploy",
          "& node server.js", "& node worker.js"]),
        ("concurrently --unknown x 'node server.js'", ["* concurrently --unknown x node server.js"]),
    ],
)  # fmt: skip
def test_scripts_that_run_one_after_the_other_or_at_once(command: str, expected: list[str]) -> None:
    files = {"Dockerfile": image("COPY package.json ./", f"CMD {command}"), "package.json": json.dumps(SEVERAL)}
    assert lines(files) == expected
    scripts = {"scripts": {**SEVERAL["scripts"], "all": command}}
    inner = {"Dockerfile": image("COPY package.json ./", 'CMD ["pnpm", "all"]'), "package.json": json.dumps(scripts)}
    assert lines(inner) == expected


def test_scripts_that_go_on_after_a_failure_ignore_errors() -> None:
    files = {"Dockerfile": image("COPY package.json ./", "CMD run-s -c check:db worker"), "package.json": json.dumps(SEVERAL)}
    assert [process.errors_ignored for process in processes(files)] == [True, True]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a:*", ["a:b"]),
        ("a:**", ["a:b", "a:b:c"]),
        ("*:b:*", ["a:b:c"]),
        ("**", ["a", "a:b", "a:b:c"]),
        ("a -- --port 80", ["a"]),
        ("**:c", []),
        ("a:[b]*", []),
    ],
)
def test_pattern_of_script_names(pattern: str, expected: list[str]) -> None:
    assert list(matching(pattern, ["a", "a:b", "a:b:c"])) == expected


def test_scripts_that_run_themselves_many_times_end() -> None:
    scripts = {"a": "run-s " + "a " * 30, "b": "run-s " + "a " * 31}
    files = {"Dockerfile": image("COPY package.json ./", "CMD run-s a"), "package.json": json.dumps({"scripts": scripts})}
    assert len(lines(files)) <= MAX_PROCESSES
    assert lines(files | {"Dockerfile": image("COPY package.json ./", "CMD run-s b")}) == [f"* {scripts['b'].strip()}"]


def test_pattern_of_many_stars_takes_no_long_time() -> None:
    assert matching("*a" * 500, ["a" * 20_000 + "b"]) == ()
