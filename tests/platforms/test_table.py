"""Platforms with a reader for each file: what is read, what is passed over, what is a problem; and any prefix of each."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.discovery.workspace import kind_of
from deploylint.model.deployment import Templated
from deploylint.platforms.contents import Contents, Options
from deploylint.platforms.table import reader_of, taken
from tests.support import Tree

KAMAL = """\
service: shop
image: acme/shop
servers:
  web: [10.0.0.1]
  jobs:
    hosts: [10.0.0.2]
    cmd: bin/jobs --name "é x"
    stop_timeout: 45
registry: {username: acme}
"""
NOMAD = """\
job "shop" {
  group "api" {
    count = 2
    task "wéb" {
      driver       = "docker"
      kill_timeout = "20s" # ü
      config {
        image = "shop"
        args  = ["a\\tb", "${NOMAD_PORT_http}", <<EOF
line
EOF
        ]
      }
      env = { A = "1" }
    }
  }
}
"""
FILES = {
    "deploy/shop.service": "\ufeff[Service]\nExecStart=/bin/app 'a b' \\\n  # é\n  run\nTimeoutStopSec=1min 5s\n",
    "shop.nomad": NOMAD,
    "railway.toml": '[build]\ndockerfilePath = \'D\'\n[deploy]\nstartCommand = "a é"\ndrainingSeconds = "10"\n',
    "api/railway.json": '{"deploy": {"startCommand": "a \\u00e9", "drainingSeconds": 10}, "build": {}}',
    "render.yaml": "services:\n- type: web\n  name: é\n  maxShutdownDelaySeconds: 60\n  startCommand: >\n    run\n    all\n",
    "heroku.yml": (
        "build:\n  docker: {wéb: Dockerfile}\nrelease: {command: [a b]}\nrun:\n  wéb: run é\n  jobs: {command: [x], image: wéb}\n"
    ),
    ".do/app.yaml": "name: é\nservices:\n- name: web\n  run_command: a\n  termination: {grace_period_seconds: 30}\n",
    "config/deploy.yml": KAMAL,
    "task.json": '{"family": "é", "containerDefinitions": [{"name": "web", "image": "a", "command": ["a"], "stopTimeout": 20}]}',
    "app.yaml": (
        "properties:\n  managedEnvironmentId: é\n  template:\n    terminationGracePeriodSeconds: 60\n"
        "    containers: [{name: a, image: b}]\n"
    ),
}
TOGETHER = ("deploylint.platforms.compose", "deploylint.platforms.manifests")
"""Readers of YAML that is all read together."""


def read(tree: Tree, *paths: str) -> Contents:
    """The contents of some files, but for what readers of all YAML say."""
    paths_of = taken(tree, [(path, kind_of(path)) for path in paths])
    parts = [reader_of(module)(taken_, tree, Options()) for module, taken_ in paths_of.items() if module not in TOGETHER]
    return Contents(*(sum(field, ()) for field in zip(*parts, strict=True)))


def test_every_kind_is_found() -> None:
    found = read(Tree(FILES), *FILES)
    assert (found.problems, found.templated) == ((), ())
    assert [(each.platform.name, each.stop_timeout.content) for each in found.workloads] == [
        ("systemd", 65),
        ("nomad", 20),
        ("railway", 10),
        ("railway", 10),
        ("render", 60),
        ("procfile", 30),
        ("procfile", 30),
        ("digitalocean", 30),
        ("kamal", 10),
        ("kamal", 45),
        ("ecs", 20),
        ("azure", 60),
    ]


@pytest.mark.parametrize("path", FILES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_part_of_a_file_is_read_or_reported(path: str, data: st.DataObject) -> None:
    """Of every prefix, and with a piece cut out or put in; and every span that is found stands in the text it comes from."""
    text = FILES[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    noise = data.draw(st.sampled_from(["", "", "\n", '"', "{", "[", "\\", "\x85", "&a *a", "\t", "# ", "é"]))
    tree = Tree({path: text[:start] + noise + text[end:] if data.draw(st.booleans()) else text[:end]})
    for workload in read(tree, path).workloads:
        timeout = workload.stop_timeout
        if timeout.is_known:
            assert timeout.span
            assert timeout.span.text.strip("'\"")[:1].isdecimal()
        for argument in (*(workload.containers[0].command or ()), *(workload.containers[0].args or ())):
            span = argument.fragment.whole
            assert 0 <= span.start <= span.end <= len(tree.sources[path].text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/deploy.yml", "apiVersion: apps/v1\nkind: Deployment\nregistry: x\n"),
        ("config/deploy.yml", "stages:\n  - build\n\nregistry: {a: b\n"),
        ("deploy.yml", KAMAL),
        ("org.example.Shop.service", "[D-BUS Service]\nName=org.example.Shop\nExec=/bin/shop\n"),
        ("vault.hcl", 'path "secret/*" {\n  capabilities = ["read"] # task\n}\n'),
        ("docker-bake.hcl", 'target "task" {\n  dockerfile = '),
        ("package.json", '{"name": "containerDefinitions", "scripts": {"deploy": "x"}}'),
        ("render.yaml", "apiVersion: v1\nkind: Service\nservices: none\n"),
        ("docs/.do/notes.md", "services:\n- name: web\n"),
        ("app.yaml", "env: standard\nruntime: python\nservices: [{name: web}]\n"),
        ("main.json", '{"resources": [{"type": "Microsoft.App/containerApps" // a comment\n, "name": "a"}]}'),
    ],
)
def test_what_belongs_to_somebody_else(path: str, text: str) -> None:
    found = read(Tree({path: text}), path)
    assert found.workloads == ()
    if not path.endswith("deploy.yml"):
        assert (found.problems, found.templated) == ((), ())


@pytest.mark.parametrize(
    ("path", "text", "where", "what"),
    [
        ("shop.nomad", 'job "shop" {\n  task "web" {\n    driver = \n  }\n}\n', "shop.nomad:3:5", "not valid HCL"),
        ("railway.toml", "[deploy]\nstartCommand = run\n", "railway.toml:2:16", "not valid TOML"),
        ("railway.json", '{"deploy": {"startCommand": "run"', "railway.json", "not valid JSON"),
        ("render.yaml", "services:\n- name: [\n", "render.yaml", "not valid YAML"),
    ],
)
def test_what_is_broken_is_said(path: str, text: str, where: str, what: str) -> None:
    (problem,) = read(Tree({path: text}), path).problems
    assert problem.what.startswith(what)
    assert problem.span.where.startswith(where)


@pytest.mark.parametrize(
    ("path", "text", "engine"),
    [
        ("config/deploy.yml", "service: a\n<% if x %>\nimage: b\n<% end %>\nservers: [\n", "ERB"),
        ("shop.nomad", 'job "a" {\n  task "b" {\n[[ template "x" . ]]\n  }\n}\n', "Levant"),
        ("task.json", '{"containerDefinitions": [{% for each in all %} {"name": "a"} {% endfor %}]}', "Jinja"),
    ],
)
def test_what_only_a_template_engine_can_read(path: str, text: str, engine: str) -> None:
    (found,) = read(Tree({path: text}), path).templated
    assert isinstance(found, Templated)
    assert (found.engine, found.files) == (engine, (path,))


def test_destinations_are_read_beside_the_configuration() -> None:
    tree = Tree({"config/deploy.yml": KAMAL, "config/deploy.production.yml": "stop_timeout: 90\n"})
    found = read(tree, "config/deploy.yml").workloads
    assert all(each.stop_timeout.is_unknown for each in found)


def test_a_task_definition_written_by_hand() -> None:
    text = dedent(
        """\
        {
        \t"family": "shop",
        \t"requiresCompatibilities": ["FARGATE"],
        \t"containerDefinitions": [
        \t\t{"name": "web", "image": "shop", "stopTimeout": 200}
        \t]
        }
        """
    )
    (only,) = read(Tree({"ecs.json": text}), "ecs.json").workloads
    assert only.stop_timeout.span and only.stop_timeout.span.where == "ecs.json:5:51"
