"""The hook of `.pre-commit-hooks.yaml`: what makes it run, and that it says what the command line says."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from deploylint.cli import rule_pages
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace, kind_of
from deploylint.engine import registry, running
from tests.ci.support import ROOT, git, installed, output_of

if TYPE_CHECKING:
    from pathlib import Path

HOOK = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
FIXTURES = sorted(
    path for path in (ROOT / "tests" / "fixtures").iterdir() if path.is_dir() and path.name not in ("expected", "own-rules")
)


def runs_for(path: str) -> bool:
    """pre-commit's own test: `re.search` on the path."""
    return re.search(HOOK["files"], path) is not None


@pytest.mark.parametrize(
    "path",
    """
    Dockerfile Dockerfile.prod docker/web.Dockerfile services/api/dockerfile Containerfile Dockerfile.dockerignore .dockerignore
    k8s/web.yaml deploy/app.YML compose.yml docker-compose.prod.yaml .do/app.yaml config/deploy.yml kustomization.yaml
    Kustomization fly.toml fly.staging.toml web.fly.toml fly/worker.toml railway.toml railway.json
    taskdef.json deploy/app.nomad jobs/web.hcl
    deploy/web.service deploy/web.service.d/stop.conf Procfile Procfile.dev pyproject.toml deploylint.toml setup.py setup.cfg
    Pipfile requirements.txt requirements-prod.txt requirements/base.txt package.json manage.py shop/settings.py gunicorn.conf.py
    mix.exs mix.lock config/runtime.exs lib/shop_web/endpoint.ex rel/env.sh.eex rel/vm.args.eex rel/overlays/bin/server
    bin/start bin/docker-entrypoint docker-entrypoint.sh entrypoint scripts/migrate server.js uwsgi.ini config/puma.rb
    prisma/schema.prisma Gemfile pom.xml build.gradle.kts application.properties nginx.conf Caddyfile
    go.mod go.sum cmd/web/main.go Web/Program.cs Web/Web.csproj
    Makefile GNUmakefile build/docker.mk justfile Jenkinsfile docker-bake.hcl docker-bake.override.json Taskfile.yml
    .gitlab-ci.yml .env .env.production prod.env certs/tls.key master.key id_rsa .npmrc .gitignore
    """.split(),
)
def test_it_runs_for(path: str) -> None:
    assert runs_for(path)


@pytest.mark.parametrize(
    "path",
    """
    README.md docs/Dockerfile.md docs/k8s.rst LICENSE CHANGELOG Cargo.rs src/main.rs index.html
    assets/app.css assets/logo.svg priv/static/logo.png notes.txt robots.txt lib/shop_web/page.html.heex data/rows.csv
    environment.md dockerfiles.adoc
    """.split(),
)
def test_it_does_not_run_for(path: str) -> None:
    assert not runs_for(path)


WORDS = """
Dockerfile dockerfile Containerfile docker-compose compose fly fly.io .fly requirements Procfile Kustomization kustomization Chart
dockerignore railway Pipfile package setup mix manage settings web prod yaml yml YAML toml json txt TXT service nomad
hcl job exs py cfg Makefile GNUmakefile Justfile justfile Jenkinsfile docker-bake mk just
""".split()


@given(st.lists(st.sampled_from([*WORDS, ".", ".", ".", "-", "_", "/", " ", "ü"]), min_size=1, max_size=6).map("".join))
def test_it_runs_for_every_kind_of_file_that_is_read_by_its_name(path: str) -> None:
    assert runs_for(path) or not kind_of(path)


def test_it_runs_for_every_file_that_the_examples_and_fixtures_make_a_reader_read() -> None:
    trees = [Workspace.of(example.files) for rule in registry.rules().values() for example in rule_pages.read(rule).examples]
    trees += [Workspace.open(str(project)) for project in FIXTURES]
    for tree in trees:
        running.run(tree, Settings())
    assert {source.path for tree in trees for source in tree.sources if not runs_for(source.path)} == set()


@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_it_says_what_the_command_line_says(runner: str, clone: Path, tmp_path: Path) -> None:
    program = installed(runner)
    cache = tmp_path.parent / "hook-environments"
    environment = {"PRE_COMMIT_HOME": str(cache / "pre-commit"), "PREK_HOME": str(cache / "prek"), "PRE_COMMIT_COLOR": "never"}
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")

    def tried() -> tuple[int, str]:
        git(project, "add", "--all")
        return output_of(project, [program, "try-repo", str(clone), "deploylint", "--all-files", "--verbose"], **environment)

    (project / "Dockerfile").write_text('FROM alpine:3.20\nCMD ["/bin/date"]\n', encoding="utf-8")
    code, output = tried()
    assert code == 0, output
    assert "No problems found in 1 file." in output

    (project / "Dockerfile").write_text("# deploylint: ingore[x]\nFROM alpine:3.20\n", encoding="utf-8")
    code, output = tried()
    assert code == 1, output
    told, report = output_of(project, [installed("deploylint")])
    assert told == 1
    assert report in output or textwrap.indent(report, "  ") in output

    (project / "Dockerfile").unlink()
    (project / "README.md").write_text("# Nothing to deploy\n", encoding="utf-8")
    code, output = tried()
    assert code == 0, output
    assert "no files to check" in output
