"""Each platform against each server, both as they come: `docs/shutdown-matrix.md` is written from what the program itself finds.

Every server is started in a small project of its own with the files of every platform beside it, and each cell is what
`--format timeline` says of that pair. `pytest tests/test_matrix.py --update` writes the page.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.platforms.table import platforms
from deploylint.servers.table import all_servers
from deploylint.shutdown.timeline import stops
from tests.apps.elixir.projects import BANDIT, COWBOY, MIX, shop

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit
    from deploylint.model.drain import Drain
    from deploylint.timeline import Timeline

PAGE = Path(__file__).parent.parent / "docs/shutdown-matrix.md"


class Row(NamedTuple):
    """One server as it comes. `server`: its name in the table of servers, empty for what an app's own code decides. `base`: its
    image. `command`: how it is started, where its image doesn't say. `files`: what else it takes."""

    title: str
    server: str
    base: str
    command: str = ""
    files: dict[str, str] = {}

    def texts(self) -> dict[str, str]:
        """The project: an image, and the file of every platform."""
        lines = [
            f"FROM {self.base}",
            "WORKDIR /app",
            "COPY . .",
            f"CMD {json.dumps(self.command.split())}" if self.command else "",
        ]
        texts = {**PROJECT, **PLATFORM_FILES, **self.files, "Dockerfile": "\n".join(lines)}
        if self.command:
            texts["shop.service"] = f"[Service]\nExecStart=/srv/bin/{self.command}\n"
            texts["Procfile"] = f"worker: {self.command}\n"
        return texts


PYTHON, RUBY, ELIXIR = "python:3.13-slim", "ruby:3.4-slim", "hexpm/elixir:1.18.4-erlang-27.3.4-debian-bookworm-20250811-slim"
RELEASE = "bin/shop start"
EXPRESS = '{"name": "shop", "dependencies": {"express": "^5.0.0"}}'
LISTEN = "require('express')().listen(8080)\n"
NEST = '{"name": "shop", "dependencies": {"@nestjs/core": "^11.0.0"}}'
HOOKS = "const app = await NestFactory.create(AppModule)\napp.enableShutdownHooks()\nawait app.listen(8080)\n"
JAVA = "eclipse-temurin:21-jre"
SPRING = """\
<project><parent><artifactId>spring-boot-starter-parent</artifactId><version>{}</version></parent><artifactId>shop</artifactId>
<dependencies><dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>
<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>
"""
QUARKUS = """\
<project><artifactId>shop</artifactId>
<build><plugins><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build></project>
"""
DOTNET = "mcr.microsoft.com/dotnet/aspnet:{}.0"
CSPROJ = '<Project Sdk="Microsoft.NET.Sdk.Web"><TargetFramework>net{}.0</TargetFramework></Project>\n'
HOST = "WebApplication.CreateBuilder(args).Build().Run();\n"

ROWS = (
    Row("Phoenix on Bandit", "", ELIXIR, RELEASE, {**shop(config=BANDIT), "mix.exs": MIX}),
    Row("Phoenix on Cowboy", "", ELIXIR, RELEASE, {**shop(config=COWBOY), "mix.exs": MIX}),
    Row("gunicorn", "gunicorn", PYTHON, "gunicorn shop.wsgi"),
    Row("uvicorn", "uvicorn", PYTHON, "uvicorn shop:app"),
    Row(
        "Flask's `app.run`",
        "Python",
        PYTHON,
        "python app.py",
        {"app.py": "from flask import Flask\napp = Flask('a')\napp.run()\n"},
    ),
    Row("`fastapi run`", "fastapi run", PYTHON, "fastapi run shop.py"),
    Row("hypercorn", "hypercorn", PYTHON, "hypercorn shop:app"),
    Row("hypercorn, 2 workers", "hypercorn", PYTHON, "hypercorn shop:app -w 2"),
    Row("granian", "granian", PYTHON, "granian shop:app"),
    Row("daphne", "daphne", PYTHON, "daphne shop:app"),
    Row("waitress", "waitress", PYTHON, "waitress-serve shop:app"),
    Row("uWSGI", "uWSGI", PYTHON, "uwsgi --module shop"),
    Row("uWSGI, `master`", "uWSGI", PYTHON, "uwsgi --master --module shop"),
    Row("Celery", "Celery", PYTHON, "celery -A shop worker"),
    Row("Celery beat", "Celery beat", PYTHON, "celery -A shop beat"),
    Row("dramatiq", "dramatiq", PYTHON, "dramatiq shop"),
    Row("RQ", "RQ", PYTHON, "rq worker"),
    Row("arq", "arq", PYTHON, "arq shop.Settings", {"shop.py": "class Settings:\n    functions = []\n"}),
    Row("huey", "huey", PYTHON, "huey_consumer shop.huey"),
    Row("Django Q", "Django Q", PYTHON, "manage.py qcluster", {"shop/settings.py": "Q_CLUSTER = {'name': 'shop'}\n"}),
    Row("Channels worker", "Channels worker", PYTHON, "manage.py runworker images"),
    Row("Puma", "Puma", RUBY, "puma"),
    Row("Unicorn", "Unicorn", RUBY, "unicorn"),
    Row("Sidekiq", "Sidekiq", RUBY, "sidekiq"),
    Row("Solid Queue", "Solid Queue", RUBY, "bin/jobs", {"bin/jobs": "#!/usr/bin/env ruby\nSolidQueue::Cli.start(ARGV)\n"}),
    Row("GoodJob", "GoodJob", RUBY, "good_job start"),
    Row("Node.js, no handler", "Node.js", "node:24-slim", "node server.js", {"package.json": EXPRESS, "server.js": LISTEN}),
    Row("NestJS, hooks enabled", "NestJS", "node:24-slim", "node dist/main.js", {"package.json": NEST, "src/main.ts": HOOKS}),
    Row("Spring Boot 3.3", "Spring Boot", JAVA, "java -jar shop.jar", {"pom.xml": SPRING.format("3.3.13")}),
    Row("Spring Boot 3.4", "Spring Boot", JAVA, "java -jar shop.jar", {"pom.xml": SPRING.format("3.4.8")}),
    Row("Quarkus", "Quarkus", JAVA, "java -jar shop.jar", {"pom.xml": QUARKUS}),
    Row(".NET 6", ".NET", DOTNET.format(6), "dotnet Shop.dll", {"Shop.csproj": CSPROJ.format(6), "Program.cs": HOST}),
    Row(".NET 8", ".NET", DOTNET.format(8), "dotnet Shop.dll", {"Shop.csproj": CSPROJ.format(8), "Program.cs": HOST}),
    Row("nginx", "nginx", "nginx:1.29"),
    Row("Apache", "Apache", "httpd:2.4"),
    Row("PHP-FPM", "PHP-FPM", "php:8.4-fpm"),
    Row("Caddy", "Caddy", "caddy:2"),
    Row("Traefik", "Traefik", "traefik:v3"),
    Row("Envoy", "Envoy", "envoyproxy/envoy:v1.35.0", "envoy -c envoy.yaml"),
    Row("HAProxy", "HAProxy", "haproxy:3.2"),
)
LEFT_OUT = {
    "flask run": "for development",
    "manage.py runserver": "for development",
}
"""Servers without a row, and why."""

PROJECT = {
    "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.13"\n',
    "Gemfile": "source 'https://rubygems.org'\n",
    "app.json": '{"buildpacks": []}',
}
CONTAINERS = "containers: [{name: shop, image: acme/shop}]\n"
SERVING = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: shop\n"
RUN = "  annotations: {run.googleapis.com/ingress: all}\n"
PLATFORM_FILES = {
    "k8s/shop.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n"
    "  selector: {matchLabels: {app: shop}}\n  template:\n    metadata: {labels: {app: shop}}\n    spec:\n      " + CONTAINERS,
    "knative/shop.yaml": f"{SERVING}spec:\n  template:\n    spec:\n      {CONTAINERS}",
    "run/shop.yaml": f"{SERVING}{RUN}spec:\n  template:\n    spec:\n      {CONTAINERS}",
    "azure/shop.yaml": f"type: Microsoft.App/containerApps\nname: shop\nproperties:\n  template:\n    {CONTAINERS}",
    "task.json": '{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"name": "shop", "image": "acme/shop"}]}',
    "shop.nomad": 'job "shop" {\n  group "shop" {\n    task "shop" {\n      driver = "docker"\n'
    '      config {\n        image = "acme/shop"\n      }\n    }\n  }\n}\n',
    "fly.toml": "app = 'shop'\n",
    "render.yaml": "services:\n- {type: worker, name: shop, runtime: docker}\n",
    ".do/app.yaml": "name: shop\nworkers:\n- {name: shop, dockerfile_path: Dockerfile}\n",
    "railway.toml": "[deploy]\nhealthcheckPath = '/up'\n",
    "config/deploy.yml": "service: shop\nimage: acme/shop\nservers:\n  shop: [10.0.0.1]\nregistry: {username: acme}\n",
    "compose.yaml": "services: {shop: {build: .}}\n",
}
"""Nothing but what each platform needs to run an image; for those that drain a service before the signal, as a worker."""


class Pair(NamedTuple):
    """One server on one platform."""

    unit: Unit
    timeline: Timeline

    @property
    def left(self) -> float:
        return (self.timeline.killed_at or 0) - (self.timeline.signalled_at or 0)

    @property
    def needed(self) -> float:
        """How long the drain may take."""
        return sum(step.seconds or 0 for step in self.timeline.steps if step.kind == "drain")

    @property
    def signal(self) -> str:
        return next((step.name for step in self.timeline.steps if step.kind == "signal"), "")

    @property
    def cell(self) -> str:
        match self.timeline.verdict:
            case "fits":
                return f"✔ {self.needed:g} of {self.left:g}"
            case "cut off":
                return f"✂ {self.left:g} of {self.needed:g}" if self.needed else f"✂ {self.left:g}"
            case "quits":
                return f"✂ {self.signal}"
            case "ignored":
                return f"∅ {self.signal}"
            case "no limit":
                return f"∞ {self.left:g}"
            case _:
                return "?"


@cache
def pairs() -> dict[str, dict[str, Pair]]:
    """Row → platform → what happens there."""
    return {row.title: _pairs(row) for row in ROWS}


def _pairs(row: Row) -> dict[str, Pair]:
    deployment = link(Workspace.of(row.texts()))
    units = {unit.workload.platform.title: unit for unit in deployment.units if unit.workload}
    timelines = {each.platform: each for each in stops(deployment).timelines}
    titles = (platform.title for platform in platforms().values())
    return {title: Pair(units[title], timelines[title]) for title in titles if title in timelines}


@cache
def columns() -> list[tuple[str, ...]]:
    """The platforms, those together that stop every server alike."""
    found: dict[tuple[str, ...], list[str]] = {}
    for platform in platforms().values():
        cells = (found_there[platform.title].cell if platform.title in found_there else "–" for found_there in pairs().values())
        found.setdefault((platform.signal, *cells), []).append(platform.title)
    return [tuple(each) for each in found.values()]


HEAD = """\
# Platforms against servers

What happens out of the box: each platform as it stops an app when its file says nothing about it, against each server as it
drains when nothing configures it. This page is written from what `deploylint --format timeline` finds of every pair; the facts
stand in the tables of [platforms](platforms.md) and of servers ([`src/deploylint/servers/`](../src/deploylint/servers)).

- `✔ 15 of 30`: the drain takes up to 15 s of the 30 s between signal and SIGKILL, and fits.
- `✂ 5 of 30`: SIGKILL comes after 5 s of a drain that may take 30 s. Requests and jobs that take longer are cut off.
- `✂ SIGINT`: the signal itself makes the server drop its work at once.
- `∅ SIGTERM`: the server takes no notice, and works on until SIGKILL cuts off what then runs.
- `∞ 30`: the server waits for as long as work runs. What takes longer than 30 s is cut off, and then no shutdown hook runs.
- `?`: nobody says which signal is sent, or what it does to workers that get it too; `–`: the two don't go together.

Where an image sets its own STOPSIGNAL (nginx, Apache, PHP-FPM, HAProxy), the platform's own signal counts only where it does not
look at the image. {everyone} signal every process, the workers too. On {init} the server is not process 1, and ends by a signal
that it has no handler for. Platforms that let requests end before the signal (ECS behind a load balancer, Render, App Platform
and Kamal for web services) are shown as they stop a worker.

"""


def table() -> str:
    heads = [f"{', '.join(group)}<br>{_head(group[0])}" for group in columns()]
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for title, found in pairs().items():
        cells = (found[group[0]].cell if group[0] in found else "–" for group in columns())
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _head(title: str) -> str:
    platform = next(each for each in platforms().values() if each.title == title)
    return f"{platform.signal}, {platform.default:g} s"


def reasons() -> str:
    """Why, server by server."""
    parts = {"quits": "## It drops its work", "cut off": "## It is cut off", "no limit": "## It has no limit of its own"}
    text = ""
    for verdict, heading in parts.items():
        lines = [line for row in ROWS if (line := _reason(row, verdict))]
        text += f"\n{heading}\n\n{INTRODUCTIONS[verdict]}\n\n" + "\n".join(lines) + "\n"
    return text


INTRODUCTIONS = {
    "quits": "The stop timeout is of no use there. `wrong-stop-signal` and `no-graceful-shutdown` find it.",
    "cut off": "The longest drain against the shortest time. `grace-shorter-than-drain` finds it.",
    "no limit": "A limit below the stop timeout ends what still runs in order. `unbounded-drain` finds it.",
}


def _reason(row: Row, verdict: str) -> str:
    same = {"quits": ("quits", "ignored")}.get(verdict, (verdict,))
    every = pairs()[row.title]
    found = {title: pair for title, pair in every.items() if pair.timeline.verdict in same}
    if verdict == "cut off":
        found = {title: pair for title, pair in found.items() if pair.needed}
    if not found:
        return ""
    drain = next(iter(found.values())).unit.drain
    assert drain
    if verdict == "cut off":
        times = ", ".join(f"{title} {pair.left:g} s" for title, pair in sorted(found.items(), key=lambda each: each[1].left))
        return f"- **{row.title}** may take {next(iter(found.values())).needed:g} s: {times}."
    where = _where(found, every)
    if verdict != "quits" or not drain.right_signal or drain.ends_at_once:
        return f"- **{row.title}**: {where}; {_remedy(drain)}."
    if all(pair.unit.workload and pair.unit.workload.signals_all for pair in found.values()):
        return f"- **{row.title}**: {where}; the signal reaches its workers there, past the process that starts them."
    return f"- **{row.title}**: {where}; drains on {drain.right_signal}."


def _where(found: dict[str, Pair], every: dict[str, Pair]) -> str:
    others = [title for title in every if title not in found]
    if len(others) > 4:
        return f"on {_listed(list(found))}"
    return f"everywhere but on {_listed(others)}" if others else "everywhere"


def _listed(titles: list[str]) -> str:
    *first, last = titles
    return f"{', '.join(first)} and {last}" if first else last


def _remedy(drain: Drain) -> str:
    return f"set `{drain.limited_to('N')}`" if drain.limit_line and not drain.remedy else drain.advice("N")


def page() -> str:
    everyone = _listed([each.title for each in platforms().values() if each.reaches == "all"])
    init = _listed([each.title for each in platforms().values() if each.process_1 == "init"])
    return HEAD.format(everyone=everyone, init=init) + table() + reasons()


def test_the_page_is_what_the_model_finds(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_server_has_a_row() -> None:
    named = {row.server for row in ROWS if row.server} | set(LEFT_OUT)
    assert named >= {server.name for server in all_servers() if server.has_known_stop and server.programs and not server.relays}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_a_row_runs_its_server_on_every_platform(row: Row) -> None:
    found = pairs()[row.title]
    assert found.keys() >= {platform.title for platform in platforms().values()} - {"systemd", "Heroku"}
    assert not row.server or {pair.unit.drain.server for pair in found.values() if pair.unit.drain} == {row.server}


@pytest.mark.parametrize(
    ("row", "platform", "cell"),
    [
        ("gunicorn", "Fly.io", "✂ SIGINT"),
        ("gunicorn", "Nomad", "✂ 5 of 30"),
        ("gunicorn", "Kubernetes", "✂ 30 of 30"),
        ("gunicorn", "systemd", "✔ 30 of 90"),
        ("uvicorn", "Kubernetes", "∞ 30"),
        ("daphne", "Kubernetes", "✂ SIGTERM"),
        ("waitress", "Docker Compose", "∅ SIGTERM"),
        ("Phoenix on Bandit", "Fly.io", "✂ SIGINT"),
        ("Phoenix on Cowboy", "Docker Compose", "✔ 5 of 10"),
        ("Sidekiq", "Cloud Run", "✂ 10 of 28"),
        ("Spring Boot 3.3", "Kubernetes", "✂ SIGTERM"),
        ("Node.js, no handler", "Kubernetes", "∅ SIGTERM"),
        ("Node.js, no handler", "Fly.io", "✂ SIGINT"),
        ("PHP-FPM", "Docker Compose", "✂ SIGQUIT"),
        ("nginx", "Kubernetes", "∞ 30"),
    ],
)
def test_some_pairs_by_hand(row: str, platform: str, cell: str) -> None:
    """As the facts have them."""
    assert pairs()[row][platform].cell == cell
