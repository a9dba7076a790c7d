"""What is sent to a container, and whether its server is there to take it: platform by platform."""

from __future__ import annotations

import json

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

UNREACHABLE, MISROUTED = "loopback-bind", "port-mismatch"
OPEN = 'CMD ["uvicorn", "shop:app", "--host", "0.0.0.0"]'
CLOSED = 'CMD ["daphne", "shop.asgi:application"]'  # reads no variable: 127.0.0.1:8000 whatever a platform sets
WRITTEN = 'CMD ["uvicorn", "shop:app", "--host", "127.0.0.1"]'


def found(files: dict[str, str]) -> list[tuple[str, str]]:
    """The rules that fire, and the text that each points at."""
    report = running.run(Workspace.of(files), Settings(select=(UNREACHABLE, MISROUTED)))
    return [(each.rule, each.primary.span.text) for each in report.findings]


def project(command: str, **files: str) -> dict[str, str]:
    """A Dockerfile with a command, and other files; `__` stands for a dot in their names."""
    dockerfile = f"FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n{command}\n"
    return {"Dockerfile": dockerfile, **{name.replace("__", "."): text for name, text in files.items()}}


def fly(port: object, more: str = "") -> str:
    return f'app = "shop"\n{more}\n[http_service]\n  internal_port = {port}\n'


def deployment(container: str = "", pod: str = "", spec: str = "", kind: str = "Deployment", more: str = "") -> str:
    return f"""apiVersion: apps/v1
kind: {kind}
metadata: {{name: web}}
spec:
  {spec or "replicas: 2"}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod or "restartPolicy: Always"}
      containers:
        - name: web
          image: acme/web:1
          {container or "tty: false"}
{more}"""


def service(ports: str) -> str:
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{ports}]}}\n"


NAMED = "ports: [{name: http, containerPort: 80}]"
PROBE = "readinessProbe: {tcpSocket: {port: %s}}"

STARTED = "name: shop-dev\nservices: {web: {build: ., command: [sh, run.sh]}}"
NAMED_BUILD = "name: shop-dev\nservices: {web: {build: {context: ., dockerfile: Dockerfile}, command: [sh, run.sh]}}"
OTHER_BUILD = "name: shop-dev\nservices: {web: {build: ./docs, command: [sh, run.sh]}}"

UNREACHABLES = [
    ("fly", project(CLOSED, fly__toml=fly(8000)), True),
    ("fly, another port", project(CLOSED, fly__toml=fly(9000)), False),  # which is the other rule's finding
    ("fly, another process group", project(CLOSED, fly__toml='app = "a"\n[processes]\nworker = "celery -A a worker"\n'), False),
    ("fly, of a group", project(OPEN, fly__toml=fly(8000, '[processes]\napp = "daphne shop.asgi:application"')), True),
    ("compose", project(CLOSED, compose__yaml='services: {web: {build: ., ports: ["80:8000"]}}'), True),
    ("compose, a range", project(CLOSED, compose__yaml='services: {web: {build: ., ports: ["8000-8001:8000-8001"]}}'), True),
    ("compose, expose", project(CLOSED, compose__yaml='services: {web: {build: ., expose: ["8000"]}}'), True),
    ("compose, host", project(CLOSED, compose__yaml="services: {web: {build: ., expose: [8000], network_mode: host}}"), False),
    ("compose, no port", project(CLOSED, compose__yaml="services: {web: {build: .}}"), False),
    ("exposed", project(f"EXPOSE 8000\n{CLOSED}"), True),
    ("exposed, another", project(f"EXPOSE 9000\n{CLOSED}"), False),
    ("not exposed", project(CLOSED), False),
    ("service", project(CLOSED, web__yaml=deployment(more=service("{port: 8000}"))), True),
    ("declared", project(CLOSED, web__yaml=deployment("ports: [{containerPort: 8000}]")), True),
    ("declared, written", project(WRITTEN, web__yaml=deployment("ports: [{containerPort: 8000}]")), False),  # for a port-forward
    ("service, written", project(WRITTEN, web__yaml=deployment(more=service("{port: 8000}"))), True),
    ("probe", project(CLOSED, web__yaml=deployment(PROBE % 8000)), True),
    ("probe of nobody's network", project(CLOSED, web__yaml=deployment("readinessProbe: {exec: {command: [true]}}")), False),
    ("no replicas", project(CLOSED, web__yaml=deployment(PROBE % 8000, spec="replicas: 0")), False),
    ("host network", project(CLOSED, web__yaml=deployment(PROBE % 8000, pod="hostNetwork: true")), False),
    ("companion", project(CLOSED, web__yaml=deployment(PROBE % 8000, more="        - {name: proxy, image: envoy}\n")), False),
    ("init container", project(CLOSED, web__yaml=deployment(PROBE % 8000, "initContainers: [{name: a, image: busybox}]")), True),
    ("render", project(CLOSED, render__yaml="services: [{type: web, name: web, runtime: docker}]"), True),
    ("render, worker", project(CLOSED, render__yaml="services: [{type: worker, name: web, runtime: docker}]"), False),
    ("heroku", {"Procfile": "web: daphne -p $PORT shop:app\n", "heroku.yml": "", "requirements.txt": "daphne\n"}, True),
    ("a Procfile alone", {"Procfile": "web: daphne -p $PORT shop:app\n", "requirements.txt": "daphne\n"}, False),
    ("heroku, worker", {"Procfile": "jobs: daphne -p $PORT shop:app\n", "heroku.yml": "", "requirements.txt": "daphne\n"}, False),
    ("job", project(CLOSED, web__yaml=deployment(PROBE % 8000, kind="Job")), False),
    ("development", project(CLOSED, **{"dev/web__yaml": deployment(PROBE % 8000)}), False),
    ("started otherwise", project(f"EXPOSE 8000\n{CLOSED}", compose__yaml=STARTED), False),
    ("started otherwise, named", project(f"EXPOSE 8000\n{CLOSED}", compose__yaml=NAMED_BUILD), False),
    ("built as it is", project(f"EXPOSE 8000\n{CLOSED}", compose__yaml=STARTED.replace("command", "labels")), True),
    ("another is started otherwise", project(f"EXPOSE 8000\n{CLOSED}", compose__yaml=OTHER_BUILD), True),
    ("a front", project("EXPOSE 8000\nCMD haproxy -D -f /proxy.cfg && exec daphne shop:app"), False),
    ("a comment", project(f"# nginx stands in front of it\nEXPOSE 8000\n{CLOSED}"), False),
    ("an init", project('EXPOSE 8000\nENTRYPOINT ["tini", "--"]\nCMD ["daphne", "shop:app"]'), True),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in UNREACHABLES], ids=[case[0] for case in UNREACHABLES])
def test_what_listens_on_loopback(files: dict[str, str], expected: bool) -> None:
    assert [rule for rule, _ in found(files) if rule == UNREACHABLE] == [UNREACHABLE] * expected


def test_what_several_workloads_start_is_said_once() -> None:
    services = 'services: {web: {build: ., ports: ["80:8000"]}, admin: {build: ., ports: ["81:8000"]}}'
    assert found(project(CLOSED, compose__yaml=services)) == [(UNREACHABLE, "daphne")]


def knative(ports: str = "") -> str:
    return (
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: web, image: acme/web:1{ports}}}]}}}}}}\n"
    )


def task(*containers: dict[str, object]) -> str:
    return json.dumps({"family": "shop", "containerDefinitions": containers})


MAPPED: dict[str, object] = {"name": "web", "image": "acme/web:1", "portMappings": [{"containerPort": 80}]}

PUBLISHED = 'services: {web: {build: ., ports: ["80:80"]}}'
SECOND = "[[services]]\ninternal_port = 9000\n[[services.ports]]\nport = 9\n"

MISROUTEDS: list[tuple[str, dict[str, str], list[str]]] = [
    ("fly", project(OPEN, fly__toml=fly(8080)), ["8080"]),
    ("fly, the same", project(OPEN, fly__toml=fly(8000)), []),
    ("fly, templated", project(OPEN, fly__toml=fly('"<%= port %>"')), []),
    ("fly, its default", project(OPEN, fly__toml='app = "shop"\n[http_service]\n  force_https = true\n'), ["[http_service]"]),
    (
        "fly, two ports",
        project(OPEN, fly__toml=fly(8080) + SECOND),
        [],
    ),
    (
        "fly, datagrams",
        project(OPEN, fly__toml='app = "a"\n[[services]]\nprotocol = "udp"\ninternal_port = 53\n[[services.ports]]\nport = 53\n'),
        [],
    ),
    ("compose", project(OPEN, compose__yaml=PUBLISHED), ['"80:80"']),
    ("compose, one of two", project(OPEN, compose__yaml='services: {web: {build: ., ports: ["80:80", "81:8000"]}}'), []),
    (
        "compose, exposed as well",
        project(f"EXPOSE 80 8000\n{OPEN}", compose__yaml=PUBLISHED),
        [],
    ),
    ("exposed alone", project(f"EXPOSE 80\n{OPEN}"), []),
    ("declared alone", project(OPEN, web__yaml=deployment("ports: [{containerPort: 80}]")), []),
    ("service", project(OPEN, web__yaml=deployment(more=service("{port: 80, targetPort: 8080}"))), ["8080"]),
    ("service without a target", project(OPEN, web__yaml=deployment(more=service("{port: 80}"))), ["80"]),
    ("service, two ports", project(OPEN, web__yaml=deployment(more=service("{name: a, port: 80}, {name: b, port: 81}"))), []),
    (
        "service, by name",
        project(OPEN, web__yaml=deployment(NAMED, more=service("{port: 1, targetPort: http}"))),
        ["80"],
    ),
    (
        "service, a name of nobody",
        project(OPEN, web__yaml=deployment(NAMED, more=service("{port: 1, targetPort: web}"))),
        [],
    ),
    ("probe", project(OPEN, web__yaml=deployment(PROBE % 8080)), ["8080"]),
    ("probe of another port than traffic", project(OPEN, web__yaml=deployment(PROBE % 9, more=service("{port: 8000}"))), []),
    ("companion", project(OPEN, web__yaml=deployment(PROBE % 9, more="        - {name: proxy, image: envoy}\n")), []),
    ("knative", project(OPEN, web__yaml=knative()), ["web"]),
    ("knative, another port", project(OPEN, web__yaml=knative(", ports: [{containerPort: 9000}]")), ["9000"]),
    ("knative, PORT", project("CMD uvicorn shop:app --host 0.0.0.0 --port $PORT", web__yaml=knative()), []),
    ("ecs", project(OPEN, web__json=task(MAPPED)), ["80"]),
    ("ecs, two containers", project(OPEN, web__json=task(MAPPED, {"name": "proxy", "image": "envoy:1"})), []),
    ("a background process", project("CMD ./metrics & exec uvicorn shop:app --host 0.0.0.0", fly__toml=fly(8080)), []),
    ("a front", project(f"RUN apt-get install -y nginx\n{OPEN}", fly__toml=fly(8080)), []),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in MISROUTEDS], ids=[case[0] for case in MISROUTEDS])
def test_where_requests_are_sent(files: dict[str, str], expected: list[str]) -> None:
    assert [text for rule, text in found(files) if rule == MISROUTED] == expected


def test_a_probe_of_the_right_port_is_no_part_of_the_finding() -> None:
    manifest = deployment(PROBE % 8000, more=service("{port: 80, targetPort: 8080}"))
    report = running.run(Workspace.of(project(OPEN, web__yaml=manifest)), Settings(select=(MISROUTED,)))
    (finding,) = report.findings
    assert [label.span.text for label in finding.related] == ["uvicorn"]


def test_advice_without_an_edit_is_help() -> None:
    bound = 'EXPOSE 8000\nENTRYPOINT ["./start.sh"]'
    files = project(bound) | {"start.sh": 'HOST=127.0.0.1\nexec uvicorn shop:app --host "$HOST"\n'}
    (finding,) = running.run(Workspace.of(files), Settings(select=(UNREACHABLE,))).findings
    assert (finding.fix is None) == bool(finding.help)


def test_every_place_that_names_the_port_is_mended() -> None:
    manifest = deployment(PROBE % 8080, more=service("{port: 80, targetPort: 8080}"))
    report = running.run(Workspace.of(project(OPEN, web__yaml=manifest)), Settings(select=(MISROUTED,)))
    (finding,) = report.findings
    assert finding.fix
    assert [(edit.span.text, edit.replacement) for edit in finding.fix.edits] == [("8080", "8000")] * 2
