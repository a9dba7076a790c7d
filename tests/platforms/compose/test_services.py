"""Compose files become workloads, one per service."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import kind_of
from deploylint.platforms import compose
from deploylint.syntax.yaml import YamlError
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.workload import Workload


def read(text: str, path: str = "deploy/compose.yaml") -> tuple[Workload, ...]:
    return whole({path: text})


def whole(texts: dict[str, str]) -> tuple[Workload, ...]:
    """The workloads of a tree's compose files; any other text is there to be read."""
    tree = Tree(texts)
    found = compose.compose([source for path, source in tree.sources.items() if kind_of(path) == "compose"], tree)
    for error in found.broken:
        raise error
    return found.workloads


def service(text: str, path: str = "deploy/compose.yaml") -> Workload:
    (only,) = read(f"services:\n  web:\n    image: shop\n{indent(dedent(text), '    ')}", path)
    return only


def words(found: Workload) -> list[tuple[str, bool]] | None:
    arguments = found.containers[0].args
    return None if arguments is None else [(each.text, each.is_known) for each in arguments]


@pytest.mark.parametrize(
    "text",
    ["", "version: '3'\n", "services:\n", "services: []\n", "services: {web: }\n", "services: {web: {environment: {A: b}}}\n"],
)
def test_no_services(text: str) -> None:
    assert read(text) == ()


def test_what_is_no_yaml() -> None:
    with pytest.raises(YamlError):
        read("services: [\n")


@pytest.mark.parametrize(
    ("written", "state", "seconds"),
    [
        ("", "default", 10.0),
        ("stop_grace_period: 30s", "known", 30.0),
        ("stop_grace_period: '1m30s'", "known", 90.0),
        ("stop_grace_period: 500ms", "known", 0.0),
        ("stop_grace_period: 30", "unknown", None),
        ("stop_grace_period: ${GRACE:-30s}", "known", 30.0),
        ("stop_grace_period: ${GRACE}", "unknown", None),
        ("extends: {file: base.yaml, service: web}", "unknown", None),
    ],
)
def test_stop_timeout(written: str, state: str, seconds: float | None) -> None:
    value = service(written).stop_timeout
    assert (value.state, value.content) == (state, seconds)
    assert value.span
    if state == "default":
        assert value.span.text == "web"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", None),
        ("command:", None),
        ("command: []", []),
        ("command: gunicorn -b :80 'a b'", [("gunicorn", True), ("-b", True), (":80", True), ("a b", True)]),
        ("command: [gunicorn, a b]", [("gunicorn", True), ("a b", True)]),
        ("command: run --port ${PORT} $$HOME", [("run", True), ("--port", True), ("${PORT}", False), ("$HOME", True)]),
        ("command: >\n  gunicorn\n  --workers 2\n", [("gunicorn", True), ("--workers", True), ("2", True)]),
        ("command: run 'open", [("run 'open", False)]),
    ],
)
def test_commands(written: str, expected: list[tuple[str, bool]] | None) -> None:
    assert words(service(written)) == expected


def test_a_command_s_words_know_where_they_stand() -> None:
    arguments = service("command: gunicorn --workers 2 shop\n").containers[0].args
    assert arguments
    assert [each.fragment.whole.text for each in arguments] == ["gunicorn", "--workers", "2", "shop"]


@pytest.mark.parametrize(
    "written",
    ["environment: {A: 1, B: '$$x', C: '${C}', D: }", 'environment: ["A=1", "B=$$x", "C=${C}", "D"]'],
)
def test_environment(written: str) -> None:
    container = service(written).containers[0]
    assert {name: value.content for name, value in container.environment.items()} == {"A": "1", "B": "$x", "C": None, "D": None}
    assert not container.has_open_environment
    assert service("env_file: .env").containers[0].has_open_environment


@pytest.mark.parametrize(
    ("written", "files", "expected"),
    [
        ("env_file: .env", {"deploy/.env": "A=1 # one\nexport B='$x'\n#C=3\nD=\"$A\"\n"}, {"A": "1", "B": "$x", "D": None}),
        ("env_file: .env", {"deploy/.env.example": "A=1\n#B=\n# just words\n"}, {"A": None, "B": None}),
        ("env_file: [../web.env]", {"web.env.sample": "A=1"}, {"A": None}),
        ("env_file: [{path: .env, required: false}]", {"deploy/env.example": "A=1"}, {"A": None}),
        ("env_file: .env\nenvironment: {A: 2}", {"deploy/.env": "A=1\nB=''\nC=\n"}, {"A": "2", "B": "", "C": ""}),
        ("env_file: .env", {".env": "A=1"}, None),
        ("env_file: ${FILE}", {"deploy/web.env": "A=1"}, None),
        ("env_file: ${FILE:-web.env}", {"deploy/web.env": "A=1"}, {"A": "1"}),
        ("env_file: [{path: .env, format: raw}]", {"deploy/.env": "A='1'"}, None),
    ],
)
def test_env_files_and_their_examples(written: str, files: dict[str, str], expected: dict[str, str | None] | None) -> None:
    text = f"services:\n  web:\n    image: shop\n{indent(dedent(written), '    ')}"
    (found,) = whole({"deploy/compose.yaml": text} | files)
    container = found.containers[0]
    assert container.has_open_environment is (expected is None)
    assert {name: value.content for name, value in container.environment.items()} == (expected or {})
    assert all(value.span.text == value.content for value in container.environment.values() if value.content and value.span)


@pytest.mark.parametrize(
    ("env_file", "build", "files", "expected"),
    [
        (".env", ".", {"deploy/.env.example": "A=1\nSECRET_KEY=\n"}, [".env"]),
        ("../web.env", "..", {"web.env.example": "DATABASE_URL=postgres://app:app@db/app\n"}, ["web.env"]),
        (".env", ".", {"deploy/.env.example": "A=1\n#SECRET_KEY=\n"}, []),
        (".env", ".", {}, []),
        (".env", ".", {"deploy/.env": "SECRET_KEY=x", "deploy/.env.example": "SECRET_KEY=\n"}, []),
        (".env", "web", {"deploy/.env.example": "SECRET_KEY=\n"}, []),
        ("[{path: .env, required: false}]", ".", {"deploy/.env.example": "SECRET_KEY=\n"}, []),
    ],
    ids=["secret name", "password in a URL", "no secret", "no example", "in the tree", "out of the context", "not needed"],
)
def test_env_files_that_a_build_takes_along(env_file: str, build: str, files: dict[str, str], expected: list[str]) -> None:
    text = f"services:\n  web:\n    build: {build}\n    env_file: {env_file}\n"
    (found,) = whole({"deploy/compose.yaml": text} | files)
    assert found.build
    assert [path for path, _ in found.build.env_files] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (".", ("deploy", "", "")),
        ("..", ("", "", "")),
        ("{context: ../web, dockerfile: docker/Dockerfile.prod, target: app}", ("web", "web/docker/Dockerfile.prod", "app")),
        ("{dockerfile: ../Dockerfile}", ("deploy", "Dockerfile", "")),
        ("https://example.com/x.git", None),
        ("../../elsewhere", None),
        ("${CONTEXT}", None),
        ("{context: ., dockerfile_inline: FROM x}", None),
    ],
)
def test_build(written: str, expected: tuple[str, str, str] | None) -> None:
    build = service(f"build: {written}").build
    assert (build and (build.context, build.dockerfile, build.target)) == expected


def test_build_arguments() -> None:
    build = service("build:\n  context: .\n  args: [A=1, B]\n").build
    assert build
    assert [(name, value.content, span.text) for name, value, span in build.arguments] == [("A", "1", "A"), ("B", None, "B")]


def test_ports_signal_init_and_replicas() -> None:
    found = service(
        """
        ports: ["8080:80", "127.0.0.1:53:53/udp", {target: 90}, "${P}:91", "1-2:3-4"]
        expose: [92]
        stop_signal: SIGINT
        init: true
        deploy: {replicas: 3}
        """
    )
    container = found.containers[0]
    assert [(port.number.content, port.protocol) for port in container.ports] == [
        (80, "TCP"), (53, "UDP"), (90, "TCP"), (91, "TCP"), (3, "TCP"), (4, "TCP"), (92, "TCP")
    ]  # fmt: skip
    assert (found.stop_signal.content, container.has_init, found.replicas.content) == ("SIGINT", True, 3)


def test_anchors_and_extensions() -> None:
    text = (
        "x-app: &app\n  image: shop\n  stop_grace_period: 40s\n"
        "services:\n  web:\n    <<: *app\n  worker:\n    extends: web\n    command: work\n"
    )
    web, worker = read(text)
    assert (web.stop_timeout.content, worker.stop_timeout.content, worker.name) == (40.0, 40.0, "worker")


def test_another_file_may_be_merged_over() -> None:
    base = "services:\n  web: {image: shop}\n  db: {image: postgres}\n"
    part = "services: {web: {stop_grace_period: 60s, command: run}}\n"
    web, db = whole({"compose.yaml": base, "compose.eu.yaml": part, "compose.us.yaml": part})
    assert (web.stop_timeout.state, words(web), db.stop_timeout.state) == ("unknown", [("web", False)], "default")


@pytest.mark.parametrize(
    ("text", "path", "is_production"),
    [
        ("build: .", "compose.yaml", True),
        ("build: .", "docker-compose.dev.yml", False),
        ("build: .", "docker-compose.override.yml", False),
        ("build: .\nvolumes: ['.:/app']", "docker-compose.yml", False),
        ("build: .\nvolumes: ['./src:/app/src']", "docker-compose.yml", False),
        ("build: .\nvolumes: [{type: bind, source: ., target: /app}]", "docker-compose.yml", False),
        ("build: .\nvolumes: ['.:/app:ro']", "docker-compose.yml", False),
        ("build: .\nrestart: always\nvolumes: ['.:/app']", "docker-compose.yml", False),
        ("build: .\nrestart: always\nvolumes: ['.:/app:ro']", "docker-compose.yml", True),
        ("build: .\nrestart: unless-stopped\nvolumes: ['.:/app:z,ro']", "docker-compose.yml", True),
        (
            "build: .\nrestart: always\nvolumes: [{type: bind, source: ., target: /app, read_only: true}]",
            "docker-compose.yml",
            True,
        ),
        ("build: .\nvolumes: ['./data:/data', './nginx.conf:/etc/nginx.conf', 'db:/db']", "docker-compose.yml", True),
        ("build: {context: ., target: development}", "docker-compose.yml", False),
        ("build: .\nenvironment: {MIX_ENV: dev}", "docker-compose.yml", False),
        ("build: .\nenvironment: {ENV: dev}", "docker-compose.yml", False),
        ("build: .\nenvironment: {DEBUG: 'True'}", "docker-compose.yml", False),
        ("build: .\nenvironment: {DEBUG: 'app:*', ENVIRONMENT: production}", "docker-compose.yml", True),
        ("build: .\nprofiles: [test]", "docker-compose.yml", False),
        ("build: .\ncommand: uvicorn app:app --reload", "docker-compose.yml", False),
        ("image: axllent/mailpit:latest", "docker-compose.yml", False),
    ],
)
def test_what_is_production(text: str, path: str, is_production: bool) -> None:
    assert service(text, path).is_production is is_production


@pytest.mark.parametrize(
    ("comment", "is_production"),
    [
        ("# Intended for local testing and NOT intended to be\n# production ready.\n\n", False),
        ("\n# Not for production!\n---\n", False),
        ("# Please do not use this file in production\n", False),
        ("# Do not use default passwords in production\n", True),
        ("# The stack of production, and not of staging\n", True),
        ("name: shop\n# not for production: the port of the database is open\n", True),
    ],
)
def test_a_file_that_says_it_is_not_for_production(comment: str, is_production: bool) -> None:
    (web,) = read(f"{comment}services: {{web: {{build: .}}}}\n", "compose.yaml")
    assert web.is_production is is_production


def test_how_one_works_on_a_service() -> None:
    """A service whose source is mounted tells that the others are there to work on as well, unless only a profile starts it."""
    text = "services:\n  web: {build: .}\n  assets: {build: ., volumes: ['.:/app']}\n"
    assert [each.is_production for each in read(text, "compose.yaml")] == [False, False]
    optional = text.replace("assets: {", "assets: {profiles: [assets], ")
    assert [each.is_production for each in read(optional, "compose.yaml")] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web: {build: ., profiles: [app], volumes: ['.:/app']}\n  db: {image: postgres, profiles: [app]}\n",
        "name: shop-dev\nservices:\n  web: {build: .}\n  db: {image: postgres}\n",
        "services:\n  web: {build: .}\n  db: {image: postgres, profiles: [db], environment: {POSTGRES_DB: shop_dev}}\n",
        "name: shop-dev\nservices:\n  web: {build: ., profiles: [a]}\n  db: {image: postgres, profiles: [b]}\n",
        "# docker-compose for shop development\nservices:\n  web: {build: .}\n",
    ],
    ids=["all have profiles", "name", "database of a profile", "name and profiles", "head comment"],
)
def test_services_of_a_development_project_speak_for_each_other(text: str) -> None:
    assert not any(each.is_production for each in read(text, "compose.yaml"))


def test_profile_alone_is_no_development() -> None:
    text = "name: shop\nservices:\n  web: {build: ., profiles: [app]}\n  db: {image: postgres, profiles: [app]}\n"
    assert all(each.is_production for each in read(text, "compose.yaml"))


@pytest.mark.parametrize(("name", "is_production"), [(".env", True), (".env.prod", True), (".env.dev", False)])
def test_an_env_file_for_development_tells_that_one_works_on_the_service(name: str, is_production: bool) -> None:
    files = {"compose.yaml": f"services: {{web: {{build: ., env_file: {name}}}}}\n", name: "PORT=80\n"}
    (web,) = whole(files)
    assert web.is_production is is_production


def test_where_a_stop_timeout_would_be_written() -> None:
    text = "services:\n  web:\n    image: shop\n  db:\n    image: postgres"
    web, db = read(text)
    edits = [found.stop_timeout_place.insert("stop_grace_period: 30s") for found in (web, db)]
    for edit in reversed(edits):
        assert edit
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert [found.stop_timeout.content for found in read(text)] == [30.0, 30.0]


SAMPLE = (
    "services:\n  web:\n    build: {context: ., args: [A=1]}\n    command: run '$$x'\n    extends: web\n    ports: ['80:80']\n"
)


@pytest.mark.parametrize("length", range(len(SAMPLE) + 1))
def test_every_prefix_is_read_or_refused(length: int) -> None:
    try:
        found = read(SAMPLE[:length])
    except YamlError:
        return
    assert all(each.kind == "service" for each in found)
