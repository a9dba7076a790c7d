"""Which command lines change a database, and which of a project's starts do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.apps.migration_tools import TOOLS, recognise
from deploylint.apps.migrations import match, tool
from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.model.process import Argument, Start
from deploylint.startup import follow
from deploylint.text import Fragment, Source
from rules.release._migrations import Repeated, startup_migrations
from tests.support import Tree


def migrates(line: str) -> list[str]:
    """The tools a shell line tells to change a database; one that drops everything first has a `!`."""
    words = ("/bin/sh", "-c", line)
    arguments = tuple(Argument(Fragment.verbatim(Source("Dockerfile", word), 0, len(word))) for word in words)
    start = Start(arguments, "`CMD`")
    found = (match(process) for process in follow(start, image=None, files=Tree({}), environment={}))
    return [each.id + "!" * (each.effect == "drops") for each in found if each]


APPLIES = [
    ('bin/shop eval "Shop.Release.migrate"', "ecto"),
    ("exec ./shop eval Shop.Release.migrate", "ecto"),
    ('/app/bin/$APP_NAME eval "Shop.Release.migrate"', "ecto"),
    ("/app/bin/shop rpc 'Shop.ReleaseTasks.migrate()'", "ecto"),
    ('bin/shop eval "Shop.Release.create_and_migrate" && bin/shop start', "ecto"),
    ('bin/shop eval "Shop.Migrator.run_migrations(:all)"', "ecto"),
    ('bin/shop eval "Shop.Release.setup()"', "ecto"),
    ('bin/shop eval "Application.load(:shop); Shop.Release.migrate()"', "ecto"),
    ("bin/shop eval 'Ecto.Migrator.with_repo(Shop.Repo, &Ecto.Migrator.run(&1, :up, all: true))'", "ecto"),
    ("bin/shop command Elixir.Shop.ReleaseTasks migrate", "ecto"),
    ("sudo -E -u nobody /app/bin/migrate", "script"),
    ("/app/bin/migrate && /app/bin/server", "script"),
    ("bin/migrate.sh", "script"),
    ("mix ecto.migrate", "ecto"),
    ("mix do ecto.create, ecto.migrate", "ecto"),
    ("mix ecto.setup", "ecto"),
    ("mix ash.migrate --quiet", "ecto"),
    ("mix ecto.reset", "ecto!"),
    ("alembic upgrade head", "alembic"),
    ("alembic -c conf/alembic.ini --raiseerr upgrade heads", "alembic"),
    ("python -m alembic --config=alembic.ini upgrade head", "alembic"),
    ("poetry run alembic upgrade head", "alembic"),
    ("uv run --no-dev alembic upgrade head", "alembic"),
    ("until alembic upgrade head; do sleep 2; done; exec gunicorn a:b", "alembic"),
    ("for i in 1 2 3; do alembic upgrade head && break; done", "alembic"),
    ("timeout 60 alembic upgrade head", "alembic"),
    ("env A=b alembic upgrade head", "alembic"),
    ("python manage.py migrate --noinput", "django"),
    ("python3.12 -u src/manage.py migrate", "django"),
    ("./manage.py migrate", "django"),
    ("uv run -m manage migrate --noinput", "django"),
    ('"$PYTHON" manage.py migrate', "django"),
    ("django-admin migrate --settings=shop.settings", "django"),
    ("python -m django --settings shop.settings migrate", "django"),
    ("python manage.py migrate_schemas --shared", "django"),
    ("flask db upgrade", "flask"),
    ("flask --app shop db upgrade", "flask"),
    ("python -m flask -A shop db upgrade -d shop/migrations", "flask"),
    ("superset db upgrade", "flask"),
    ("aerich upgrade", "aerich"),
    ("aerich --app models init-db", "aerich"),
    ("yoyo apply --batch --database $DATABASE_URL", "yoyo"),
    ("piccolo migrations forwards all", "piccolo"),
    ("bin/rails db:prepare", "rails"),
    ("bundle exec rake db:migrate", "rails"),
    ("RAILS_ENV=production bundle exec rails db:create db:migrate", "rails"),
    ("./bin/rails db:migrate:with_data", "rails"),
    ("rails db:schema:load", "rails"),
    ("rails db:drop db:create db:migrate", "rails!"),
    ("npx prisma migrate deploy", "prisma"),
    ("npx --yes prisma db push", "prisma-push"),
    ("node node_modules/prisma/build/index.js migrate deploy", "prisma"),
    ("./node_modules/.bin/prisma migrate deploy --schema=./prisma/schema.prisma", "prisma"),
    ("pnpm exec prisma migrate reset --force", "prisma!"),
    ("npx knex --knexfile knexfile.js migrate:latest", "knex"),
    ("npx sequelize-cli db:migrate", "sequelize"),
    ("npx typeorm-ts-node-commonjs migration:run -d src/data-source.ts", "typeorm"),
    ("node ./node_modules/typeorm/cli.js migration:run", "typeorm"),
    ("npm run migration:run", "script"),
    ("yarn db:migrate", "script"),
    ("pnpm --filter api run migrate", "script"),
    ("node dist/migrate.js && node dist/server.js", "script"),
    ("python -m shop.migrate", "script"),
    ("drizzle-kit push", "drizzle"),
    ("npx mikro-orm migration:up", "mikro-orm"),
    ("node-pg-migrate -m migrations up", "node-pg-migrate"),
    ("npx medusa db:migrate", "medusa"),
    ("node ace migration:run --force", "adonis"),
    ("php artisan migrate --force", "laravel"),
    ('"$PHP_BIN" artisan migrate --force', "laravel"),
    ("php -d memory_limit=1G artisan migrate --isolated", "laravel-isolated"),
    ("php artisan migrate:fresh --seed --force", "laravel!"),
    ("php bin/console doctrine:migrations:migrate --no-interaction", "doctrine"),
    ("bin/console doctrine:schema:update --force", "doctrine-schema"),
    ('goose -dir /migrations postgres "$DATABASE_URL" up', "goose"),
    ('migrate -path /migrations -database "$DATABASE_URL" up', "golang-migrate"),
    ("/usr/local/bin/migrate --source file://m --database x goto 4", "golang-migrate"),
    ("atlas migrate apply --url $URL", "atlas"),
    ("sql-migrate up -env=production", "sql-migrate"),
    ("dbmate --wait up", "dbmate"),
    ("dbmate -d db/migrations --no-dump-schema migrate", "dbmate"),
    ("tern migrate -m migrations", "tern"),
    ("dotnet ef database update", "ef"),
    ("./efbundle --connection $CONNECTION", "ef-bundle"),
    ("sqlx migrate run", "sqlx"),
    ("sqlx database reset -y", "sqlx!"),
    ("diesel migration run", "diesel"),
    ("sea-orm-cli migrate -d migration", "sea-orm"),
    ("flyway -url=$URL migrate", "flyway"),
    ("liquibase --changelog-file=changelog.xml update", "liquibase"),
]


@pytest.mark.parametrize(("line", "expected"), APPLIES)
def test_what_changes_a_database(line: str, expected: str) -> None:
    assert migrates(line) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        'bin/shop eval "Shop.Release.rollback(Shop.Repo, 20240101)"',
        'bin/shop eval "Shop.Release.seeds"',
        'bin/shop eval "Shop.Release.migration_status()"',
        'bin/shop eval "Shop.Accounts.setup()"',
        "bin/shop start",
        "cp bin/migrate.sh /usr/local/bin/",
        "chmod +x bin/migrate",
        "test -x bin/migrate",
        "migrate",
        "/usr/local/bin/migrate version",
        "mix ecto.migrations",
        "mix ecto.gen.migration add_users",
        "mix ecto.create",
        "alembic revision -m upgrade",
        "alembic check",
        "alembic current",
        "alembic stamp head",
        "alembic upgrade head --sql",
        "alembic --help upgrade",
        "python manage.py makemigrations",
        "python manage.py showmigrations",
        "python manage.py migrate --check",
        "python manage.py migrate --plan",
        "flask db migrate -m x",
        "flask db upgrade --sql",
        "flask run",
        "aerich migrate",
        "yoyo list",
        "piccolo migrations new app",
        "rails db:migrate:status",
        "rails db:version",
        "rails db:seed",
        "rails db:abort_if_pending_migrations",
        "rails server",
        "npx prisma generate",
        "npx prisma migrate status",
        "npx prisma migrate diff",
        "npx knex migrate:make users",
        "npx knex migrate:list",
        "npx sequelize db:migrate:status",
        "npx sequelize db:migrate:undo",
        "npx typeorm migration:generate x",
        "npm run migration:create",
        "npm run migrate:status",
        "npm run start",
        "npx drizzle-kit generate",
        "npx mikro-orm migration:create",
        "php artisan migrate:status",
        "php artisan make:migration users",
        "php artisan migrate --pretend",
        "bin/console doctrine:migrations:status",
        "bin/console doctrine:migrations:migrate --dry-run",
        "bin/console doctrine:schema:update --dump-sql",
        "goose -dir m status",
        "goose create users sql",
        "migrate -path m -database x version",
        "atlas migrate apply --dry-run",
        "dbmate status",
        "dbmate new up",
        "dotnet ef migrations add Users",
        "dotnet ef migrations bundle",
        "dotnet Shop.dll",
        "sqlx migrate add users",
        "diesel migration generate users",
        "flyway info",
        "liquibase updateSQL",
        "liquibase status",
        "echo 'python manage.py migrate'",
        "echo alembic upgrade head",
        "# alembic upgrade head",
        "grep -r 'alembic upgrade' .",
        "python -c 'import alembic' upgrade head",
        "python check.py migrate",
        "gunicorn migrate:app",
        "celery -A migrations worker",
        "make migrations-check",
    ],
)
def test_what_only_looks_like_it(line: str) -> None:
    assert migrates(line) == []


def test_every_tool_that_boot_code_names_is_known() -> None:
    for name in ("alembic", "django", "flask", "sqlalchemy", "tortoise", "ecto"):
        assert tool(name).title
    assert {tool("sqlalchemy").effect, tool("tortoise").effect} == {"creates"}


def test_what_is_said_of_a_lock_has_a_source() -> None:
    assert [each.id for each in TOOLS if (each.lock or each.lock_note) and not each.source] == []
    assert [each.id for each in TOOLS if each.lock == "fails" and not each.lock_note] == []
    assert len({each.id for each in TOOLS}) == len(TOOLS)


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from(
                ["alembic", "-c", "-m", "python", "npm", "run", "eval", "migrate", "--", "", "node_modules/", "/", "a.b"]
            ),
            st.text(max_size=8),
        ),
        max_size=8,
    )
)
def test_any_words_are_answered(words: list[str | None]) -> None:
    recognise(words)


@pytest.mark.parametrize(
    "word", ["A" * 200_000, "A." * 100_000, "migrat" * 30_000, "db-" * 60_000 + "migrate", "a" * 99_999 + ".py"]
)
def test_long_words_take_no_long_time(word: str) -> None:
    assert recognise(["bin/app", "eval", word]) is None
    assert recognise([word, "up"]) is None
    assert recognise(["npm", "run", word]) is None


# Whole projects


def starts(files: dict[str, str]) -> dict[str, Repeated]:
    """What a project's starts change in a database, by the path it is done at."""
    return {each.migration.span.path: each for each in startup_migrations(link(Workspace.of(files)))}


PYTHON = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n"
SCRIPT = PYTHON + 'ENTRYPOINT ["./entrypoint.sh"]\nCMD ["gunicorn", "shop.wsgi"]\n'


def script(*lines: str) -> dict[str, str]:
    """An image whose entrypoint is these lines, then the command."""
    return {"Dockerfile": SCRIPT, "entrypoint.sh": "\n".join(["#!/bin/sh", "set -e", *lines, 'exec "$@"', ""])}


def container(*command: str) -> dict[str, object]:
    return {"name": "a", "image": "acme/shop", "command": command}


def manifest(kind: str = "Deployment", name: str = "web", replicas: int | None = None, **pod: object) -> str:
    import json

    pod = {"containers": [{"name": name, "image": "acme/shop"}], **pod}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec: dict[str, object] = {"template": template} | ({} if replicas is None else {"replicas": replicas})
    if kind == "Pod":
        spec = pod
    group = {"Job": "batch/v1", "Pod": "v1"}.get(kind, "apps/v1")
    return json.dumps({"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": spec})


def test_the_way_to_the_command_is_told() -> None:
    found = starts(script("alembic upgrade head"))["entrypoint.sh"]
    assert found.migration.span.text == "alembic upgrade head"
    assert [step.span.text for step in found.migration.steps] == ["./entrypoint.sh"]
    assert (found.migration.title, found.case, found.copies) == ("Alembic", "start", 1)


@pytest.mark.parametrize(
    ("line", "case"),
    [
        ("alembic upgrade head", "start"),
        ("alembic upgrade head || true", "masked"),
        ("alembic upgrade head || echo failed", "masked"),
        ("if [ -n $MIGRATE ]; then alembic upgrade head; fi", "broken"),
        ('[ "$SKIP_MIGRATIONS" = 1 ] || alembic upgrade head', "start"),
        ("if psql -c 'select 1'; then alembic upgrade head; fi", "unsure"),
        ("php artisan migrate:fresh --force", "drops"),
    ],
)
def test_each_form_has_its_case(line: str, case: str) -> None:
    assert starts(script(line))["entrypoint.sh"].case == case


@pytest.mark.parametrize(
    "line",
    [
        'if [ "$RUN_MIGRATIONS" = true ]; then alembic upgrade head; fi',
        '[ -n "$MIGRATE_ON_START" ] && alembic upgrade head',
        'if [ "$RELEASE_COMMAND" = 1 ]; then alembic upgrade head; fi',
        'if [ "$1" = migrate ]; then alembic upgrade head; exit; fi',
        'case "$1" in migrate) exec alembic upgrade head ;; esac',
        "migrate() { alembic upgrade head; }",
    ],
)
def test_what_no_file_turns_on_is_left_out(line: str) -> None:
    assert starts(script(line)) == {}


def test_a_switch_that_a_file_turns_on_is_told() -> None:
    files = script('[ "$MIGRATE" = 1 ] && alembic upgrade head')
    files["fly.toml"] = 'app = "shop"\n[env]\n  MIGRATE = "1"\n'
    found = starts(files)["entrypoint.sh"]
    assert found.case == "start"
    assert [step.span.text for step in found.evidence if step.label == "turns it on"] == ["1"]


def test_a_switch_set_from_a_secret_is_unsure() -> None:
    files = script('[ "$MIGRATE" = 1 ] && alembic upgrade head')
    env = [{"name": "MIGRATE", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}]
    files["web.json"] = manifest(containers=[{"name": "web", "image": "acme/shop", "env": env}])
    assert starts(files)["entrypoint.sh"].case == "unsure"


def test_one_script_in_several_workloads_is_one_place() -> None:
    files = script("alembic upgrade head")
    files["fly.toml"] = 'app = "shop"\n[processes]\n  web = "gunicorn shop.wsgi"\n  worker = "celery -A shop worker"\n'
    found = starts(files)["entrypoint.sh"]
    assert [unit.workload.name for unit in found.units if unit.workload] == ["web", "worker"]
    assert (found.copies, found.case) == (2, "racing")


@pytest.mark.parametrize(
    ("line", "replicas", "case"),
    [
        ("alembic upgrade head", 3, "racing"),
        ("alembic upgrade head", 1, "start"),
        ("alembic upgrade head", None, "start"),
        ("bin/shop eval Shop.Release.migrate", 3, "start"),
        ("npx prisma migrate deploy", 3, "start"),
        ("php artisan migrate --isolated", 3, "start"),
    ],
)
def test_copies_race_where_nothing_keeps_them_apart(line: str, replicas: int | None, case: str) -> None:
    files = script(line) | {"web.json": manifest(replicas=replicas)}
    assert starts(files)["entrypoint.sh"].case == case


def test_a_lock_of_the_projects_own_keeps_them_apart() -> None:
    files = script("alembic upgrade head") | {"web.json": manifest(replicas=3)}
    files["alembic/env.py"] = 'connection.execute(text("SELECT pg_advisory_xact_lock(1)"))\n'
    found = starts(files)["entrypoint.sh"]
    assert (found.case, found.migration.lock_note) == ("start", "")


def test_what_starts_one_after_the_other_does_not_race() -> None:
    files = script("alembic upgrade head")
    assert starts(files | {"web.json": manifest("StatefulSet", replicas=3)})["entrypoint.sh"].case == "start"
    compose = "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: celery -A shop worker\n"
    assert starts(files | {"compose.yaml": compose})["entrypoint.sh"].case == "racing"
    compose += "    depends_on: {web: {condition: service_healthy}}\n"
    assert starts(files | {"compose.yaml": compose})["entrypoint.sh"].case == "start"


def test_workloads_with_one_entrypoint_race() -> None:
    files = script("alembic upgrade head") | {"web.json": manifest(), "worker.json": manifest(name="worker")}
    found = starts(files)["entrypoint.sh"]
    assert (found.copies, found.case) == (2, "racing")


def test_staging_and_production_do_not_race() -> None:
    files = script("alembic upgrade head")
    files |= {"deploy/staging/web.json": manifest(), "deploy/production/web.json": manifest()}
    found = starts(files)["entrypoint.sh"]
    assert (len(found.units), found.copies, found.case) == (2, 1, "start")


@pytest.mark.parametrize(
    ("kind", "replicas", "command", "case"),
    [
        ("Deployment", 3, ("alembic", "upgrade", "head"), "racing"),
        ("Deployment", 1, ("alembic", "upgrade", "head"), "init"),
        ("StatefulSet", 3, ("alembic", "upgrade", "head"), "init"),
        ("Deployment", 3, ("bin/shop", "eval", "Shop.Release.migrate"), "init"),
    ],
)
def test_init_containers_race_as_the_app_itself_would(kind: str, replicas: int, command: tuple[str, ...], case: str) -> None:
    files = {"web.json": manifest(kind, replicas=replicas, initContainers=[container(*command)])}
    assert starts(files)["web.json"].case == case


@pytest.mark.parametrize(
    "text",
    [
        manifest("Job", "migrate", containers=[container("alembic", "upgrade", "head")]),
        manifest("Job", "x", initContainers=[container("alembic", "upgrade", "head")]),
        manifest("Pod", "x", initContainers=[container("alembic", "upgrade", "head")]),
        manifest(replicas=0, containers=[container("sh", "-c", "alembic upgrade head && gunicorn a")]),
        manifest(name="db-migrate", containers=[container("sh", "-c", "aerich upgrade; sleep 9")]),
    ],
)
def test_steps_of_their_own_are_left_out(text: str) -> None:
    assert starts({"a.json": text}) == {}


def test_a_hook_after_the_start_counts() -> None:
    hook = {"exec": {"command": ["/bin/sh", "-c", "cd /app && python manage.py migrate"]}}
    text = manifest(containers=[{"name": "web", "image": "acme/shop", "lifecycle": {"postStart": hook}}])
    assert starts({"web.json": text})["web.json"].migration.tool == "django"


@pytest.mark.parametrize(
    "command",
    [
        "alembic upgrade head",
        "python manage.py migrate && python manage.py loaddata fixtures",
        "bin/shop eval Shop.Release.migrate",
    ],
)
def test_an_image_that_only_migrates_is_left_out(command: str) -> None:
    assert starts({"Dockerfile": f"{PYTHON}CMD {command}\n"}) == {}


@pytest.mark.parametrize("path", ["Dockerfile.migrate", "migrations/Dockerfile", "docker/db-migrate.Dockerfile"])
def test_an_image_called_so_is_left_out(path: str) -> None:
    assert starts({path: f"{PYTHON}CMD alembic upgrade head && sleep infinity\n"}) == {}


def test_the_release_command_that_does_the_same() -> None:
    files = script("alembic upgrade head")
    files["fly.toml"] = 'app = "shop"\n[deploy]\n  release_command = "alembic upgrade head"\n'
    found = starts(files)["entrypoint.sh"]
    assert found.case == "again"
    assert found.step
    assert (found.step.span.path, found.step.label) == ("fly.toml", "migrates once per deploy")
    assert "alembic upgrade head" in found.step.span.text


def test_a_release_command_behind_an_entrypoint_that_migrates() -> None:
    files = script("alembic upgrade head")
    files["fly.toml"] = 'app = "shop"\n[deploy]\n  release_command = "python seed.py"\n'
    found = starts(files)["entrypoint.sh"]
    assert found.step
    assert (found.case, found.step.span.text, found.step.label) == (
        "again",
        "python seed.py",
        "runs the ENTRYPOINT, which migrates",
    )


def test_the_job_or_service_that_does_the_same() -> None:
    job = manifest("Job", "migrate", containers=[container("alembic", "upgrade", "head")])
    files = {"Dockerfile": f'{PYTHON}CMD ["sh", "-c", "alembic upgrade head && exec gunicorn a"]\n'}
    assert starts(files | {"deploy/web.json": manifest(), "deploy/job.json": job})["Dockerfile"].case == "again"
    compose = "services:\n  web:\n    build: .\n  migrate:\n    build: .\n    command: alembic upgrade head\n"
    assert starts(files | {"compose.yaml": compose})["Dockerfile"].case == "again"


def test_procfile_with_and_without_release() -> None:
    web = "web: python manage.py migrate && gunicorn shop.wsgi\n"
    assert starts({"Procfile": web})["Procfile"].case == "start"
    assert starts({"Procfile": web + "release: python manage.py migrate\n"})["Procfile"].case == "again"
    assert starts({"Procfile": "web: gunicorn shop.wsgi\nrelease: python manage.py migrate\n"}) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"fly.toml": 'app = "shop"\n[env]\n  DATABASE_PATH = "/data/shop.db"\n'},
        {"fly.toml": 'app = "shop"\n[env]\n  DATABASE_URL = "sqlite:////data/shop.db"\n'},
        {"fly.toml": 'app = "shop"\n[mounts]\n  source = "data"\n  destination = "/data"\n'},
        {"litestream.yml": "dbs: []\n"},
        {"requirements.txt": "django\n", "manage.py": "", "shop/settings.py": "E = 'django.db.backends.sqlite3'\n"},
    ],
)
def test_a_database_on_the_machines_own_disk_is_left_out(more: dict[str, str]) -> None:
    assert starts(script("python manage.py migrate") | more) == {}


@pytest.mark.parametrize(
    ("line", "path", "text"),
    [
        ("npx prisma migrate deploy", "prisma/schema.prisma", 'datasource db {\n  provider = "sqlite"\n}\n'),
        ("bin/rails db:prepare", "config/database.yml", "default: &default\n  adapter: sqlite3\nproduction:\n  <<: *default\n"),
        ("npx knex migrate:latest", "package.json", '{"dependencies": {"better-sqlite3": "^11", "knex": "3"}}'),
        ("php artisan migrate", "config/database.php", "'default' => env('DB_CONNECTION', 'sqlite'),"),
    ],
)
def test_the_tools_own_configuration_may_say_sqlite(line: str, path: str, text: str) -> None:
    assert starts(script(line) | {path: text}) == {}
    assert starts(script(line) | {path: text.replace("sqlite3", "pg").replace("sqlite", "postgresql").replace("better-", "")})


def test_a_volume_beside_a_database_server_is_no_database() -> None:
    files = script("python manage.py migrate") | {"requirements.txt": "django\npsycopg[binary]\n", "manage.py": ""}
    files["fly.toml"] = 'app = "shop"\n[mounts]\n  source = "uploads"\n  destination = "/uploads"\n'
    assert starts(files)["entrypoint.sh"].case == "start"


def test_a_script_that_only_migrates_is_told_where_it_is_called() -> None:
    files = script("./migrate.sh") | {"migrate.sh": "#!/bin/sh\nalembic upgrade head\n"}
    found = starts(files)
    assert list(found) == ["entrypoint.sh"]
    assert found["entrypoint.sh"].migration.span.text == "./migrate.sh"
    assert [step.span.where for step in found["entrypoint.sh"].migration.steps] == ["Dockerfile:4:14", "migrate.sh:2:1"]


RAILS = """#!/bin/bash -e
if [ "${@: -2:1}" == "./bin/rails" ] && [ "${@: -1:1}" == "server" ]; then
  ./bin/rails db:prepare
fi
exec "${@}"
"""


def test_rails_own_entrypoint_is_known() -> None:
    start = 'ENTRYPOINT ["/rails/bin/docker-entrypoint"]\nCMD ["./bin/rails", "server"]\n'
    files = {"Dockerfile": f"FROM ruby:3.4-slim\nWORKDIR /rails\nCOPY . .\n{start}", "bin/docker-entrypoint": RAILS}
    assert starts(files)["bin/docker-entrypoint"].case == "generated"


MAIN = """from fastapi import FastAPI
from models import Base, engine
Base.metadata.create_all(engine)
app = FastAPI()
"""
CODE = {"Dockerfile": PYTHON + 'CMD ["uvicorn", "main:app"]\n', "main.py": MAIN}


def test_code_that_creates_the_schema() -> None:
    assert starts(CODE | {"requirements.txt": "fastapi\nasyncpg\n"})["main.py"].case == "creates"


def test_code_that_creates_the_schema_beside_migrations() -> None:
    files = CODE | {"requirements.txt": "fastapi\nasyncpg\nalembic\n"}
    found = starts(files | {"alembic/versions/1a2b_users.py": ""})["main.py"]
    assert (found.case, found.migration.beside) == ("beside", "Alembic")
    assert starts(files)["main.py"].case == "creates", "nobody has written a migration yet"


def test_a_worker_boots_no_web_app() -> None:
    files = CODE | {"requirements.txt": "fastapi\nasyncpg\n"}
    files["fly.toml"] = 'app = "shop"\n[processes]\n  web = "uvicorn main:app"\n  worker = "celery -A tasks worker"\n'
    assert [unit.workload.name for unit in starts(files)["main.py"].units if unit.workload] == ["web"]


def test_the_same_tool_twice_is_one_with_both_places() -> None:
    found = starts(script("python manage.py migrate --database a", "python manage.py migrate --database b"))
    assert [step.label for step in found["entrypoint.sh"].migration.steps][-1] == "and again here"
