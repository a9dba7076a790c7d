"""Which files are deployed as one, and what they come to together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery.workspace import kind_of
from deploylint.model.purpose import is_production_path
from deploylint.platforms import compose
from tests.support import Tree

BASE = "services:\n  web: {build: ., command: serve}\n  db: {image: postgres}\n"
PART = "services:\n  web: {stop_grace_period: 40s}\n"
WHOLE = "services:\n  web: {image: shop, stop_grace_period: 50s}\n"


def found(texts: dict[str, str]) -> list[str]:
    """The production services, each with its file, its stop timeout and where that is written."""
    tree = Tree(texts)
    read = [source for path, source in tree.sources.items() if kind_of(path) == "compose" and is_production_path(path)]
    composed = compose.compose(read, tree)
    return [
        f"{each.source.path} {each.name} {each.stop_timeout.map(int).content}"
        f" {each.stop_timeout.span.path if each.stop_timeout.span else None}"
        for each in composed.workloads
        if each.is_production
    ]


WEB = "compose.yaml web 10 compose.yaml"
DB = "compose.yaml db 10 compose.yaml"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"compose.yaml": BASE}, [WEB, DB]),
        # A part is laid over the main file.
        ({"compose.yaml": BASE, "compose.prod.yaml": PART}, ["compose.prod.yaml web 40 compose.prod.yaml", DB]),
        ({"compose.yaml": BASE, "compose.tls.yaml": PART}, ["compose.tls.yaml web 40 compose.tls.yaml", DB]),
        (
            {"compose.yaml": BASE, "compose.eu.yaml": PART, "compose.us.yaml": PART},
            ["compose.yaml web None compose.yaml", DB],
        ),
        (
            {"compose.yaml": BASE, "compose.eu.yaml": PART, "compose.production.yaml": PART},
            ["compose.production.yaml web 40 compose.production.yaml", DB],
        ),
        # Beside a whole file for production, the main file is for development.
        (
            {"docker-compose.yml": BASE, "docker-compose.prod.yml": WHOLE},
            ["docker-compose.prod.yml web 50 docker-compose.prod.yml"],
        ),
        (
            {"docker-compose.yml": PART.replace("{", "{image: x, "), "docker-compose.prod.yml": BASE},
            [
                "docker-compose.prod.yml web None docker-compose.prod.yml",
                "docker-compose.prod.yml db 10 docker-compose.prod.yml",
            ],
        ),
        (
            {"compose.yaml": BASE, "compose.minio.yaml": WHOLE},
            ["compose.minio.yaml web 50 compose.minio.yaml", "compose.yaml web None compose.yaml", DB],
        ),
        # What docker compose up would load too, and development's own files.
        ({"compose.yaml": BASE, "compose.override.yaml": "services: {web: {command: dev, volumes: ['.:/app']}}"}, [WEB, DB]),
        ({"compose.yaml": BASE, "compose.override.yaml": PART}, ["compose.yaml web None compose.yaml", DB]),
        ({"compose.yaml": BASE, "compose.override.yaml": "services: [\n"}, [WEB, DB]),
        ({"compose.yaml": BASE, "compose.dev.yaml": PART}, [WEB, DB]),
        ({"compose.dev.yaml": WHOLE, "docker-compose.test.yml": WHOLE}, []),
    ],
)
def test_files_of_one_folder(texts: dict[str, str], expected: list[str]) -> None:
    assert sorted(found(texts)) == sorted(expected)


NAMED = {"compose.yaml": BASE, "deploy/eu.compose.yaml": PART, "deploy/us.compose.yaml": PART.replace("40", "60")}
EU, US = (f"deploy/{where}.compose.yaml web {time} deploy/{where}.compose.yaml" for where, time in (("eu", 40), ("us", 60)))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Makefile", "up:\n\tdocker compose -f compose.yaml -f deploy/eu.compose.yaml up -d\n", [EU, DB]),
        ("Makefile", "up:\n\tdocker-compose -p shop --file=compose.yaml \\\n\t  --file deploy/eu.compose.yaml up -d\n", [EU, DB]),
        ("bin/deploy.sh", "docker stack deploy -c compose.yaml -c deploy/us.compose.yaml shop\n", [US, DB]),
        ("deploy/run.sh", "docker compose -f ../compose.yaml -f us.compose.yaml up\n", [US, DB]),
        (".env", "COMPOSE_FILE=compose.yaml:deploy/us.compose.yaml\n", [US, DB]),
        (".github/workflows/ci.yml", "env:\n  COMPOSE_FILE: compose.yaml:deploy/us.compose.yaml\n", [US, DB]),
        ("README.md", "    docker compose -f compose.yaml -f deploy/eu.compose.yaml up\n", [EU, DB]),
        ("shop.service", "ExecStart=/usr/bin/docker compose -f compose.yaml -f deploy/eu.compose.yaml up\n", [EU, DB]),
        # Named alone, with a file that isn't there, with a variable, after the subcommand, with a development file.
        ("Makefile", "up:\n\tdocker compose -f compose.yaml up\n", [WEB, DB]),
        ("Makefile", "up:\n\tdocker compose -f compose.yaml -f gone.yaml up\n", [WEB, DB]),
        ("Makefile", "up:\n\tdocker compose -f compose.yaml -f $(ENV).yaml up\n", [WEB, DB]),
        ("Makefile", "up:\n\tdocker compose logs -f compose.yaml -f deploy/eu.compose.yaml\n", [WEB, DB]),
        ("Makefile", "up:\n\tdocker compose -f compose.yaml -f compose.dev.yaml up\n", [WEB, DB]),
        ("Makefile", "up:\n\tdocker compose -f 'compose.yaml -f deploy/eu.compose.yaml\n", [WEB, DB]),
    ],
)
def test_files_that_are_named_together(path: str, text: str, expected: list[str]) -> None:
    assert found(NAMED | {path: text}) == expected


def test_the_folder_and_the_variables_that_a_command_names() -> None:
    tree = Tree(
        {
            "Makefile": (
                "up:\n\tdocker compose --project-directory . --env-file live.env \\\n"
                "\t\t-f deploy/a.compose.yml -f deploy/b.compose.yml up\n"
            ),
            "deploy/a.compose.yml": "services:\n  web: {build: ., stop_grace_period: '${GRACE:-5s}'}\n",
            "deploy/b.compose.yml": "services:\n  web: {init: true}\n",
            "live.env": "GRACE=40s\n",
            ".env": "GRACE=1s\n",
        }
    )
    (web,) = compose.compose([tree.sources["deploy/a.compose.yml"], tree.sources["deploy/b.compose.yml"]], tree).workloads
    assert (web.build and web.build.context, web.stop_timeout.content, web.containers[0].has_init) == ("", 40.0, True)


def test_an_extended_file_is_a_part_whose_paths_are_its_own() -> None:
    tree = Tree(
        {
            "compose.yaml": "services:\n  web:\n    extends: {file: common/base.compose.yml, service: app}\n    command: serve\n",
            "common/base.compose.yml": (
                "services:\n  app:\n    extends: root\n    env_file: web.env\n"
                "  root:\n    build: ./image\n    stop_grace_period: 1m\n"
            ),
            "common/web.env": "MODE=live\n",
        }
    )
    (web,) = compose.compose([tree.sources["common/base.compose.yml"], tree.sources["compose.yaml"]], tree).workloads
    container = web.containers[0]
    assert (web.name, web.source.path, web.stop_timeout.content) == ("web", "compose.yaml", 60.0)
    assert web.build
    assert (web.build.context, container.environment["MODE"].content) == ("common/image", "live")
    assert [each.text for each in container.args or ()] == ["serve"]
    assert web.stop_timeout.span
    assert web.stop_timeout.span.where == "common/base.compose.yml:7:24"


def test_what_is_taken_back_is_taken_back_from_every_file_before() -> None:
    tree = Tree(
        {
            "compose.yaml": "services:\n  web: {image: shop, command: serve, ports: ['80:80']}\n",
            "compose.prod.yaml": (
                "services:\n  web:\n    extends: {file: base.yml, service: app}\n    command: !reset null\n"
                "    ports: !override ['443:443']\n"
            ),
            "base.yml": "services:\n  app: {command: work, stop_signal: SIGINT, ports: ['81:81']}\n",
        }
    )
    (web,) = compose.compose([tree.sources["compose.yaml"], tree.sources["compose.prod.yaml"]], tree).workloads
    assert web.containers[0].args is None
    assert [port.number.content for port in web.containers[0].ports] == [443]
    assert (web.stop_signal.content, web.containers[0].image.content) == ("SIGINT", "shop")


@pytest.mark.parametrize(
    "extends",
    ["gone", "{file: gone.yml, service: web}", "web", "{service: '${X}'}", "{file: https://x/y.yml, service: web}", "[]"],
)
def test_what_cannot_be_extended_leaves_a_service_open(extends: str) -> None:
    assert found({"compose.yaml": f"services:\n  web:\n    image: shop\n    extends: {extends}\n"}) == [
        "compose.yaml web None compose.yaml"
    ]


def test_included_files_stand_in_their_own_folder() -> None:
    tree = Tree(
        {
            "compose.yaml": (
                "include:\n  - web/compose.yaml\n"
                "  - {path: [db/compose.yaml, db.yaml], project_directory: ., env_file: db/.env}\n"
                "services:\n  web: {stop_grace_period: 20s}\n"
            ),
            "web/compose.yaml": "services:\n  web: {build: ., image: '${NAME}', stop_grace_period: 5s}\n",
            "web/.env": "NAME=shop\n",
            "db/compose.yaml": "services:\n  db: {build: ./db, scale: '${COUNT}'}\n",
            "db.yaml": "services:\n  db: {stop_signal: SIGINT}\n",
            "db/.env": "COUNT=2\n",
        }
    )
    paths = ("compose.yaml", "web/compose.yaml", "db/compose.yaml")
    web, db = compose.compose([tree.sources[path] for path in paths], tree).workloads
    assert (web.build and web.build.context, web.containers[0].image.content, web.stop_timeout.content) == ("web", "shop", 20.0)
    assert (db.build and db.build.context, db.replicas.content, db.stop_signal.content) == ("db", 2, "SIGINT")


@pytest.mark.parametrize(
    "include", ["[compose.yaml]", "[gone.yaml]", "gone.yaml", "[{path: ~}]", "[[a]]", "[bad.yaml]", "['${X}']"]
)
def test_what_cannot_be_included(include: str) -> None:
    assert found({"compose.yaml": f"include: {include}\n{BASE}", "bad.yaml": "services: ["}) == [WEB, DB]


def test_the_project_s_own_environment() -> None:
    text = "services:\n  web:\n    image: ${NAME:-x}\n    command: ${RUN:-serve all}\n    stop_grace_period: ${GRACE:-20s}\n"
    tree = Tree({"compose.yaml": text, ".env": "NAME=shop\n", ".env.example": "GRACE=1s\n"})
    (web,) = compose.compose([tree.sources["compose.yaml"]], tree).workloads
    assert web.containers[0].image.content == "shop"
    assert [each.text for each in web.containers[0].args or ()] == ["serve", "all"]
    assert web.stop_timeout.content == 20.0
    del tree.sources[".env"]
    (web,) = compose.compose([tree.sources["compose.yaml"]], tree).workloads
    assert (web.containers[0].image.content, web.stop_timeout.state) == ("x", "unknown")


def test_a_service_that_must_end_first() -> None:
    def release(migrate: str, condition: str = "service_completed_successfully") -> list[str] | None:
        text = (
            f"services:\n  web:\n    build: .\n    depends_on: {{migrate: {{condition: {condition}}}}}\n"
            f"  migrate:\n    build: .\n    command: migrate all\n{migrate}"
        )
        composed = compose.compose([Tree({"compose.yaml": text}).sources["compose.yaml"]]).workloads
        web = composed[0]
        assert composed[1].is_one_time is (condition != "service_healthy")
        return [each.text for each in web.release_command] if web.release_command else None

    assert release("") == ["migrate", "all"]
    assert release("", "service_healthy") is None
    assert release("    entrypoint: [x]\n") is None
    assert release("    image: other\n").__class__ is list
    assert release("    build: ./other\n") is None


def test_services_that_extend_each_other_without_end() -> None:
    chain = "".join(f"  s{at}: {{image: a, extends: s{at + 1}}}\n" for at in range(2000))
    assert len(found({"compose.yaml": f"services:\n{chain}"})) == 2000


SAMPLE = (
    "include: [a.yaml]\nservices:\n  web: {image: '${X:-$${Y}}', extends: {file: a.yaml, service: db}, ports: ['1-${P}:80']}\n"
    "  db: !reset {build: {context: ., args: [A]}, environment: !override {A: 1}}\n"
)


@given(st.integers(0, len(SAMPLE)), st.integers(0, len(SAMPLE)))
def test_any_two_halves_are_read_together(first: int, second: int) -> None:
    tree = Tree({"compose.yaml": SAMPLE[:first], "compose.prod.yaml": SAMPLE[second:], "a.yaml": SAMPLE})
    composed = compose.compose([tree.sources["compose.yaml"], tree.sources["compose.prod.yaml"]], tree)
    assert all(each.kind == "service" for each in composed.workloads)
