"""No input makes the time grow faster than it grows itself: every reader on one that is four times as large.

Calls are counted, which is the same on every machine. What the C code of regular expressions and parsers does within one call is
measured as processor time, and only a growth that no noise makes fails.
"""

from __future__ import annotations

import os
import sys
from time import process_time
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

if TYPE_CHECKING:
    from collections.abc import Callable

Files = dict[str, str]

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d{0}}}
spec:
  selector: {{matchLabels: {{app: x}}}}
  template:
    metadata: {{labels: {{app: x}}}}
    spec: {{containers: [{{name: w, image: a/b{0}, ports: [{{containerPort: 80}}]}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: s{0}}}
spec: {{selector: {{app: x}}, ports: [{{port: 80}}]}}
---
"""
START = 'FROM python:3.13-slim\nCOPY . .\nENTRYPOINT ["/start.sh"]\n'
RAILS = 'FROM ruby:3.3-slim\nCOPY . .\nCMD ["rails", "server"]\n'
NODE = 'FROM node:22-slim\nCOPY . .\nCMD ["node", "/server.js"]\n'
PACKAGE = '{"dependencies": {"sequelize": "6", "pg": "8"}}'
GO = 'FROM golang:1.24\nWORKDIR /a\nCOPY . .\nRUN go build -o /a/b .\nCMD ["/a/b"]\n'
MANIFEST = POD.format("0").replace("a/b0", "acme/shop")


def lines(text: str, count: int) -> str:
    return "".join(text.format(number) for number in range(count))


def stages(count: int) -> str:
    chain = "FROM s{0} AS t{0}\nRUN apk add x{0}\nCOPY --from=s{0} /a{0} /b\n"
    return "FROM alpine AS s0\n" + "".join(
        chain.format(number).replace(f"t{number}", f"s{number + 1}") for number in range(count)
    )


CASES: dict[str, Callable[[int], Files]] = {
    "ignore comments": lambda n: {"Dockerfile": "FROM alpine\n" + "# deploylint: ignore[unknown-rule] x\n" * n + "CMD a\n"},
    "ignore comments at line ends": lambda n: {
        "a.yaml": "apiVersion: v1\nkind: Service\n" + lines("a{0}: b # deploylint: ignore[shared-probe] x\n", n)
    },
    "Dockerfile stages": lambda n: {"Dockerfile": stages(n)},
    "Dockerfile instructions": lambda n: {
        "Dockerfile": "FROM alpine\n" + lines("RUN apk add gcc && make x{0}\nENV A{0}=$B\n", n)
    },
    "Dockerfile copies": lambda n: {"Dockerfile": "FROM alpine\n" + lines("COPY a{0} /b{0}\n", n) + 'CMD ["/b1"]\n'},
    "Dockerfile continuation": lambda n: {"Dockerfile": "FROM alpine\nRUN a \\\n" + lines("  && b{0} \\\n", n) + "  && c\n"},
    "Dockerfile heredoc": lambda n: {"Dockerfile": "FROM alpine\nCOPY <<EOF /a\n" + lines("x{0}\n", n) + "EOF\nCMD a\n"},
    "manifests of one label": lambda n: {"a.yaml": lines(POD, n)},
    "manifest of many keys": lambda n: {"a.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n" + lines("  k{0}: v\n", n)},
    "manifest in flow style": lambda n: {"a.yaml": "{apiVersion: v1, kind: List, items: [" + "{kind: A}, " * n + "]}\n"},
    "manifest of aliases": lambda n: {"a.yaml": "apiVersion: v1\nkind: ConfigMap\na: &a {b: c}\nd:\n" + "- *a\n" * n},
    "JSON": lambda n: {"a.json": '{"apiVersion": "v1", "kind": "List", "items": [' + '{"kind": "A"}, ' * n + "{}]}"},
    "fly.toml tables": lambda n: {"fly.toml": 'app = "x"\n' + lines("[[services]]\ninternal_port = {0}\n", n)},
    "fly.toml dotted key": lambda n: {"fly.toml": 'app = "x"\n' + ".".join("a" * n) + " = 1\n"},
    "compose": lambda n: {"compose.yaml": "services:\n" + lines("  s{0}: {{image: a, depends_on: [s0]}}\n", n)},
    "Procfile": lambda n: {"Procfile": lines("p{0}: a\n", n), "app.json": "{}"},
    "systemd": lambda n: {"a.service": "[Service]\nExecStart=/a\n" + lines("Environment=A{0}=b\n", n)},
    "Nomad": lambda n: {"a.nomad": 'job "a" {\n' + lines('group "g{0}" {{ task "t" {{ driver = "docker" }} }}\n', n) + "}\n"},
    "start script": lambda n: {"Dockerfile": START, "start.sh": "#!/bin/sh\n" + lines("echo {0}\n", n) + "exec gunicorn a\n"},
    "start script of branches": lambda n: {
        "Dockerfile": START,
        "start.sh": "#!/bin/sh\n" + lines('if [ "$A{0}" ]; then b; fi\n', n) + "exec gunicorn a\n",
    },
    "Gemfile.lock": lambda n: {"Dockerfile": RAILS, "Gemfile.lock": "\n" * n * 20},
    "Makefile": lambda n: {"Makefile": lines("t{0}:\n\tdocker build -t x{0} .\n", n), "a.yaml": MANIFEST, "Dockerfile": RAILS},
    "script of builds": lambda n: {"build.sh": "(pushd\t$(" * n + "docker build -t shop .", "a.yaml": MANIFEST},
    "mix.exs": lambda n: {
        "mix.exs": "defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, deps: ["
        + lines('{{:d{0}, "~> 1.0"}}, ', n)
        + "]]\nend\n"
    },
    "Elixir configuration": lambda n: {
        "mix.exs": "defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, deps: []]\nend\n",
        "config/runtime.exs": "import Config\n" + lines('config :a, k{0}: System.get_env("K{0}")\n', n),
    },
    "requirements": lambda n: {
        "requirements.txt": lines("p{0}==1.0\n", n),
        "Dockerfile": START,
        "start.sh": "exec python a.py\n",
    },
    "ignore file": lambda n: {"Dockerfile": START, ".dockerignore": lines("a*b{0}\n", n), "start.sh": "exec a\n"},
    "chart": lambda n: {
        "Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
        "values.yaml": lines("v{0}: 1\n", n),
        "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n" + lines("  k{0}: {{{{ .Values.v{0} }}}}\n", n),
    },
    "kustomization": lambda n: {
        "kustomization.yaml": "resources:\n" + lines("- r{0}.yaml\n", n),
        **{f"r{number}.yaml": POD.format(number) for number in range(n)},
    },
    "folders": lambda n: {f"d{number}/Dockerfile": "FROM alpine\nCMD a\n" for number in range(n)},
    "Python script": lambda n: {"Dockerfile": START, "start.sh": "exec python a.py\n", "a.py": lines("x{0} = f({0})\n", n)},
    "Python boot code": lambda n: {
        "requirements.txt": "flask\n",
        "app.py": "app = Flask()\n" + lines("if A{0} and app.debug:\n    f{0}()\nx{0}.run()\n", n) + "db.create_all()\n",
        "Dockerfile": START,
        "start.sh": "exec python app.py\n",
    },
    "Node.js module": lambda n: {
        "Dockerfile": NODE,
        "package.json": PACKAGE,
        "server.js": lines("const a{0} = () => a{0}();\na{0}();\n", n) + "sequelize.sync();\n",
    },
    "Node.js modules": lambda n: {
        "Dockerfile": NODE,
        "package.json": PACKAGE,
        "server.js": lines("require('./m{0}').start();\n", n),
        **{f"m{number}.js": "require('./server');\nexports.start = () => sequelize.sync();\n" for number in range(n)},
    },
    "Go package": lambda n: {
        "Dockerfile": GO,
        "go.mod": "module a\n\nrequire gorm.io/gorm v1\nrequire github.com/lib/pq v1\n",
        "main.go": "package main\n\nfunc main() {\n"
        + lines("\tf{0}()\n\ty.g{0}()\n", n)
        + "}\n"
        + lines("func f{0}() {{ x := f{0}(); x.AutoMigrate(1) }}\n", n),
    },
    "Node.js object": lambda n: {
        "Dockerfile": NODE,
        "package.json": PACKAGE,
        "server.js": "const o = {\n"
        + lines("f{0}() {{ o.f{0}(); }},\n", n)
        + "};\n"
        + lines("o.f{0}();\no.g{0}();\n", n)
        + "class A {\n"
        + lines("f{0}() {{ this.f{0}(); }}\n", n)
        + "}\nconst a = new A();\n"
        + lines("a.f{0}();\n", n)
        + "sequelize.sync();\n",
    },
    "Ruby script": lambda n: {
        "Dockerfile": 'FROM ruby:3.4\nCOPY . .\nCMD ["ruby", "/a.rb"]\n',
        "a.rb": lines("def f{0} = f{0}\nf{0}\n", n) + "system('rake db:migrate')\n",
    },
    "Program.cs": lambda n: {
        "Dockerfile": 'FROM mcr.microsoft.com/dotnet/aspnet:9.0\nCMD ["dotnet", "a.dll"]\n',
        "a.csproj": "Npgsql",
        "Program.cs": lines("F{0}();\na{0}.G{0}();\nvoid F{0}() {{ F{0}(); }}\n", n) + "db.Database.Migrate();\n",
    },
    "pom.xml": lambda n: {
        "Dockerfile": 'FROM eclipse-temurin:21\nCOPY target/a.jar /a.jar\nCMD ["java", "-jar", "/a.jar"]\n',
        "pom.xml": "spring-boot-maven-plugin spring-boot-starter-jdbc postgresql" + "<!-- <dependency>" * n,
        "src/main/resources/db/migration/V1.sql": "",
    },
    "workflow": lambda n: {
        ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n" + lines("    - run: docker build -t x{0} .\n", n),
        "a.yaml": MANIFEST,
        "Dockerfile": RAILS,
    },
}
SIZE = 100 if os.environ.get("CI") else 40
TIMES = 4
SLACK = 1.45
"""How much more than in proportion calls may grow: the logarithm of n log n, and what is done once at a certain size."""


def calls(files: Files) -> int:
    """How many functions one run calls, those written in C included."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    workspace = Workspace.of(files)
    sys.setprofile(seen)
    try:
        running.run(workspace, Settings())
    finally:
        sys.setprofile(None)
    return count


def seconds(files: Files) -> float:
    """The processor time of the quicker of two runs."""
    times = []
    for _ in range(2):
        begin = process_time()
        running.run(Workspace.of(files), Settings())
        times.append(process_time() - begin)
    return min(times)


@pytest.mark.parametrize("name", CASES)
def test_calls_grow_in_proportion(name: str) -> None:
    make = CASES[name]
    running.run(Workspace.of(make(SIZE)), Settings())  # what is loaded and compiled once
    nothing, small, large = (calls(make(size)) for size in (1, SIZE, SIZE * TIMES))
    assert large - nothing <= TIMES * SLACK * max(small - nothing, SIZE)


@pytest.mark.parametrize("name", CASES)
def test_time_does_not_grow_with_the_square(name: str) -> None:
    make = CASES[name]
    large, larger = (seconds(make(size)) for size in (SIZE * TIMES, SIZE * TIMES * TIMES))
    assert larger <= TIMES * 2.5 * max(large, 0.004)
