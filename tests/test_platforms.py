"""Every platform from its file to a finding: what it gives against what gunicorn, which drains for 30 s by default, takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.engine import registry
from deploylint.linking import link
from deploylint.platforms.table import platforms
from deploylint.shutdown.signals import stop_signal
from tests.test_facts import anchors, slug

if TYPE_CHECKING:
    from deploylint.model.platform import Platform

check = registry.load(registry.rules()["grace-shorter-than-drain"]).check
PAGE = Path(__file__).parent.parent / "docs/platforms.md"

IMAGE = {
    "Dockerfile": 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN pip install gunicorn\nCMD ["gunicorn", "shop.wsgi"]\n',
    "requirements.txt": "gunicorn==23.0.0\n",
}
KAMAL = "service: shop\nimage: acme/shop\nservers:\n  {role}: [10.0.0.1]\nregistry: {{username: acme}}\n"
NOMAD = """\
job "shop" {{
  group "a" {{
    task "web" {{
      driver = "docker"
{lines}      config {{
        image = "acme/shop"
      }}
    }}
  }}
}}
"""
KNATIVE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
{more}spec:
  template:
    spec:
      timeoutSeconds: {seconds}
      containers: [{{image: acme/shop}}]
"""
CLOUD_RUN = "  annotations: {run.googleapis.com/ingress: all}\n"
ECS = '{{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{{"name": "web", "image": "acme/shop"{more}}}]}}'
AZURE = """\
type: Microsoft.App/containerApps
name: shop
properties:
  template:
    terminationGracePeriodSeconds: {seconds}
    containers: [{{name: a, image: acme/shop}}]
"""
UNIT = "[Service]\nExecStart=/srv/bin/gunicorn shop.wsgi\nTimeoutStopSec={seconds}\n"
RENDER = "services:\n- {{type: {kind}, name: shop, runtime: docker}}\n"
APP = "name: shop\n{kind}:\n- name: web\n  dockerfile_path: Dockerfile\n  termination: {{grace_period_seconds: {seconds}}}\n"


@pytest.mark.parametrize(
    ("path", "text", "label"),
    [
        ("shop.service", UNIT.format(seconds=5), "SIGKILL 5s after shutdown begins"),
        ("shop.service", UNIT.format(seconds=45), None),
        ("shop.service", UNIT.format(seconds="infinity"), None),
        ("task.json", ECS.format(more=', "stopTimeout": 20'), "SIGKILL 20s after shutdown begins"),
        ("task.json", ECS.format(more=""), "no `stopTimeout`: SIGKILL after 30s"),
        ("task.json", ECS.format(more=', "portMappings": [{"containerPort": 80}]'), None),
        ("service.yaml", KNATIVE.format(more="", seconds=300), None),
        ("service.yaml", KNATIVE.format(more="", seconds=30), None),
        ("service.yaml", KNATIVE.format(more=CLOUD_RUN, seconds=300), None),
        (
            "service.yaml",
            KNATIVE.format(more=CLOUD_RUN, seconds=15),
            "SIGKILL 10s after shutdown begins",
        ),
        ("app.yaml", AZURE.format(seconds=10), "SIGKILL 10s after shutdown begins"),
        ("app.yaml", AZURE.format(seconds=60), None),
        ("shop.nomad", NOMAD.format(lines=""), "no `kill_timeout`: SIGKILL after 5s"),
        ("shop.nomad", NOMAD.format(lines='      kill_timeout = "60s"\n'), None),
        ("config/deploy.yml", KAMAL.format(role="web"), None),
        ("config/deploy.yml", KAMAL.format(role="jobs"), "no `stop_timeout`: SIGKILL after 30s"),
        ("config/deploy.yml", KAMAL.format(role="jobs") + "stop_timeout: 60\n", None),
        ("render.yaml", RENDER.format(kind="web"), None),
        ("render.yaml", RENDER.format(kind="worker"), "no `maxShutdownDelaySeconds`: SIGKILL after 30s"),
        (".do/app.yaml", APP.format(kind="services", seconds=20), None),
        (".do/app.yaml", APP.format(kind="workers", seconds=20), "SIGKILL 20s after shutdown begins"),
        ("railway.toml", "[deploy]\nhealthcheckPath = '/up'\n", "no `drainingSeconds`: SIGKILL after 0s"),
        ("railway.json", '{"deploy": {"drainingSeconds": 60}}', None),
    ],
)
def test_what_is_found(path: str, text: str, label: str | None) -> None:
    findings = list(check(link(Workspace.of({**IMAGE, path: text}))))
    assert [each.primary.text for each in findings] == ([label] if label else [])


@pytest.mark.parametrize(
    ("procfile", "app", "label"),
    [
        ("jobs: gunicorn shop --graceful-timeout 60", '{"buildpacks": []}', "SIGKILL 30s after shutdown begins"),
        ("web: gunicorn shop --graceful-timeout 60", '{"buildpacks": []}', None),
        ("jobs: gunicorn shop --graceful-timeout 60", '{"expo": {"name": "shop"}, "stack": 1}', None),
        ("jobs: gunicorn shop --graceful-timeout 60", '{"healthchecks": {}}', None),
    ],
)
def test_a_procfile_is_heroku_s_only_beside_its_files(procfile: str, app: str, label: str | None) -> None:
    findings = list(check(link(Workspace.of({"Procfile": procfile, "app.json": app, "requirements.txt": "gunicorn\n"}))))
    assert [each.primary.text for each in findings] == ([label] if label else [])


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("task.json", ECS.format(more=""), "SIGQUIT"),
        ("shop.nomad", NOMAD.format(lines=""), "SIGQUIT"),
        ("shop.nomad", NOMAD.format(lines='      kill_signal = "SIGINT"\n'), "SIGINT"),
        ("config/deploy.yml", KAMAL.format(role="web"), "SIGQUIT"),
        ("compose.yaml", "services: {web: {build: .}}\n", "SIGQUIT"),
        ("compose.yaml", "services: {web: {build: ., stop_signal: SIGTERM}}\n", "SIGTERM"),
        ("railway.toml", "[deploy]\nhealthcheckPath = '/up'\n", "SIGTERM"),
        ("render.yaml", RENDER.format(kind="web"), None),
        ("fly.toml", "app = 'shop'\n", None),
    ],
)
def test_an_image_s_stop_signal_counts_where_the_platform_looks_at_it(path: str, text: str, expected: str | None) -> None:
    files = {**IMAGE, "Dockerfile": IMAGE["Dockerfile"] + "STOPSIGNAL SIGQUIT\n", path: text}
    (unit,) = (each for each in link(Workspace.of(files)).units if each.workload)
    assert stop_signal(unit).content == expected


def test_a_unit_runs_the_only_app_there_is() -> None:
    unit = UNIT.format(seconds=5).replace("[Service]\n", "[Service]\nWorkingDirectory=/srv/shop\n")
    app = {"backend/requirements.txt": "gunicorn\n", "backend/gunicorn.conf.py": "graceful_timeout = 20\n"}
    (finding,) = check(link(Workspace.of({"deploy/shop.service": unit, **app})))
    assert [each.span.path for each in finding.related] == ["backend/gunicorn.conf.py"]
    assert list(check(link(Workspace.of({"deploy/shop.service": unit, **app, "other/requirements.txt": "flask\n"})))) == []


def test_a_unit_runs_no_image() -> None:
    (unit, alone) = link(Workspace.of({**IMAGE, "shop.service": UNIT.format(seconds=5)})).units
    assert unit.workload and unit.image is None
    assert alone.image and alone.workload is None


@pytest.mark.parametrize("name", platforms())
def test_every_platform_has_its_facts(name: str) -> None:
    platform = next(each for key, each in platforms().items() if key == name)
    assert platform.title and platform.files and platform.sources
    assert (platform.maximum is None and platform.minimum == 0) or platform.beyond
    if platform.setting:
        last = platform.setting.rpartition(".")[2]
        assert last in platform.timeout_line and "{}" in platform.timeout_line
    else:
        assert not platform.timeout_line


@pytest.mark.parametrize("platform", platforms().values(), ids=list(platforms()))
def test_facts_have_a_heading_for_the_platform(platform: Platform) -> None:
    page = (PAGE.parent / "facts" / "platforms.md").read_text(encoding="utf-8")
    assert slug(platform.title) in anchors(page)


HEAD = """\
# Platforms

What deploylint reads of each platform, and how it takes it that the platform stops an app: how long it waits between the stop
signal and SIGKILL, and which signal it sends. This page is written from the table that the program itself uses,
[`src/deploylint/model/platform.py`](../src/deploylint/model/platform.py). How each fact is known:
[facts](facts/platforms.md).

| platform | stop timeout | default | limits | signal |
|---|---|---|---|---|
"""
SIGNALS = {
    "counts": "The image's STOPSIGNAL takes its place where nothing else is set.",
    "ignored": "An image's STOPSIGNAL has no effect.",
    "unknown": "Whether an image's STOPSIGNAL takes its place is not documented, so deploylint does not rely on either.",
}
BEFORE = {
    "shared": "A step before the signal spends the same time.",
    "apart": "A step before the signal has its own time.",
    "none": "Nothing of the app's runs before the signal.",
}
BEYOND = {
    "": "",
    "cut": "What is outside is not granted.",
    "may be cut": "What is more is cut, unless the platform's operator allows it.",
    "refused": "A value outside is refused.",
}


def limits(platform: Platform) -> str:
    least = f"at least {platform.minimum} s" if platform.minimum else ""
    most = f"at most {platform.maximum:g} s" if platform.maximum else ""
    return ", ".join(each for each in (least, most) if each)


def section(platform: Platform) -> str:
    fixed = "It can't be set." if not platform.setting else f"`{platform.setting}` sets it."
    default = (
        ""
        if platform.default is None
        else f"{platform.default:g} s without it."
        if platform.setting
        else f"{platform.default:g} s."
    )
    bounds = f"{limits(platform).capitalize()}. {BEYOND[platform.beyond]}" if limits(platform) else ""
    change = f" `{platform.signal_line.format('SIGTERM')}` sets it." if platform.signal_line else ""
    who = "every process" if platform.reaches == "all" else "process 1"
    lines = [
        f"## {platform.title}",
        "",
        f"- Read: {platform.files}.",
        f"- Stop timeout: {' '.join(each for each in (fixed, default, bounds) if each)}",
        f"- Signal: {platform.signal}, to {who}.{change} {SIGNALS[platform.image_signal]}",
        f"- {BEFORE[platform.pre_stop]}",
        *([f"- {platform.note}"] if platform.note else []),
        f"- Sources: {'; '.join(f'<{each}>' if each.startswith('https') else each for each in platform.sources)}.",
    ]
    return "\n".join(lines)


def row(platform: Platform) -> str:
    setting = f"`{platform.setting}`" if platform.setting else "fixed"
    return f"| {platform.title} | {setting} | {platform.default:g} s | {limits(platform) or 'none'} | {platform.signal} |\n"


def page() -> str:
    return HEAD + "".join(map(row, platforms().values())) + "\n" + "\n\n".join(map(section, platforms().values())) + "\n"


def test_the_page_says_what_the_table_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
