"""No value of a secret leaves: not in any format, file, listing or error, however the secret is written down."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import masking, registry, running
from deploylint.engine.secret_places import places
from deploylint.output import FORMATS
from tests.ci.support import git
from tests.test_cli import run

ROOT = Path(__file__).parent.parent
S = [f"zQ{hashlib.sha256(bytes([number])).hexdigest()[:16]}" for number in range(40)]
"""Values that stand nowhere else. A report may hold their first two characters."""

PEM = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", f"MIIE{S[30]}", f"{S[31]}AB==", "-----END RSA PRIVATE KEY-----"])

FILES = {
    "Dockerfile": f"""\
FROM python:3.12
ARG NPM_TOKEN={S[0]}
ENV SECRET_KEY={S[1]} OTHER=1
ENV API_PASSWORD {S[2]}
RUN pip install --index-url https://ci:{S[3]}@pypi.example.net/simple -r requirements.txt
RUN curl --token {S[4]} https://example.net && echo "ghp_{S[4]}{S[5]}zz"
CMD gunicorn --graceful-timeout 90 app:app
""",
    "k8s/web.yaml": f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      containers:
      - name: web
        image: shop
        args: ["--password", "{S[6]}", "--api-key={S[7]}"]
        env:
        - name: DB_PASSWORD
          value: {S[8]}
        - {{name: API_TOKEN, value: "{S[9]}"}}
        - value: {S[10]}
          name: STRIPE_API_KEY
        - name: DATABASE_URL
          value: postgres://shop:{S[11]}@db/shop
        - name: PRIVATE_KEY
          value: |
            {S[12]}
            {S[13]}
        livenessProbe: {{httpGet: {{path: /, port: 80}}}}
        readinessProbe: {{httpGet: {{path: /, port: 80}}}}
""",
    "k8s/secret.yaml": f"""\
apiVersion: v1
kind: Secret
metadata: {{name: shop}}
stringData:
  password: {S[14]}
  plain: correct {S[15]}
  settings.env: |
    SESSION_SECRET={S[16]}
    anything {S[17]}
data:
  other: "{S[18]}"
""",
    "k8s/secret.json": json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "json"}, "stringData": {"a": S[19], "password": S[20]}},
    ),
    "k8s/config.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  SMTP_PASSWORD: {S[21]}\n",
    "compose.yaml": f"""\
services:
  web:
    build: .
    environment:
      POSTGRES_PASSWORD: "{S[22]}"
    healthcheck: {{test: "redis-cli -u redis://x:{S[23]}@cache ping"}}
  db:
    image: postgres
    environment: [POSTGRES_PASSWORD={S[24]}, "API_KEY={S[25]}"]
""",
    "fly.toml": f'app = "shop"\nkill_timeout = 5\n[env]\n  LICENSE_KEY = "{S[26]}"\n  AUTH_TOKEN="{S[27]}"\n',
    "Procfile": f"web: SECRET_KEY={S[28]} gunicorn app:app\n",
    "settings.py": f"""\
import os
SECRET_KEY = os.environ.get("SECRET_KEY", "{S[29]}")
KEY_PEM = '''{PEM}'''
DJANGO_PASSWORD = '{S[32]}'
""",
    "k8s/broken.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{password: {S[33]}\n",
    "shop.service": f"[Service]\nEnvironment=DB_PASSWORD={S[34]}\nExecStart=/srv/app\nTimeoutStopSec=5\n",
    "config/runtime.exs": f'import Config\nconfig :shop, Shop.Endpoint, secret_key_base: "{S[35]}"\n',
    "mix.exs": 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, version: "1"]\nend\n',
    "requirements.txt": "gunicorn\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("secrets")
    git(root, "init", "--quiet")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "state")
    return root


def check(text: str) -> None:
    """That no secret's value stands in a text, whole or as a part of more than two characters."""
    assert [secret for secret in S if secret[:5] in text or secret[5:14] in text] == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_a_secret(name: str, project: Path) -> None:
    result = run(project, "--format", name, "--output", f"{name}=../report", "--sarif-suppressed")
    assert result.code == 1
    check(result.out)
    check(result.err)
    check((project.parent / "report").read_text(encoding="utf-8"))
    if name == "full":
        assert result.out.count(f"{S[1][:2]}********") > 10  # the lines are there, and so are the secrets' lengths


@pytest.mark.parametrize("option", ["--show-model", "--show-files", "--show-settings", "--statistics"])
def test_no_listing_holds_a_secret(option: str, project: Path) -> None:
    result = run(project, option)
    check(result.out + result.err)
    assert len(result.out) > 100


def test_no_baseline_holds_a_secret(project: Path) -> None:
    run(project, "--write-baseline", "../known.json")
    text = (project.parent / "known.json").read_text()
    assert text.count('"rule"') > 5
    check(text)
    check(run(project, "--baseline", "../known.json", "--format", "json").out)


@pytest.mark.parametrize("text", ["ignore = {}", "select = [{}]", "password = {}", "API_TOKEN = {}", "[x"])
def test_no_error_about_settings_holds_a_token(text: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "deploylint.toml").write_text(text.format(f'"ghp_{S[0]}{S[1]}zz"') + "\n")
    result = run(tmp_path)
    assert result.code == 2
    check(result.err)


def test_every_place_of_a_secret_that_a_rule_finds_is_masked() -> None:
    """The rules know the values of each format; what masks excerpts must know at least as many."""
    seen = 0
    from deploylint.cli.rule_pages import read

    for name in ("baked-secret", "plaintext-secret"):
        rule = registry.rules()[name]
        for example in read(rule).examples:
            for finding in running.run(Workspace.of(example.files), Settings(select=(name,))).findings:
                for label in (finding.primary, *finding.related):
                    source, start, end = label.span
                    is_value = not re.search(
                        r"copies|takes it along|build argument|COPY|while the release is built|ARG", label.text
                    )
                    if is_value and re.search(r"[0-9a-f]{12}|OWMx", source.text[start:end]):
                        assert "****" in source.masked[start:end], (name, source.path, source.text[start:end])
                        seen += 1
    assert seen > 8


def test_places_and_lengths_stay() -> None:
    text = f"a: 1\nDB_PASSWORD: {S[0]}\r\nb: 'x'\n{PEM}\n"
    ranges = places(text)
    assert [text[start:end] for start, end in ranges[:1]] == [S[0]]
    assert masking.masked(S[0]) == S[0][:2] + "*" * (len(S[0]) - 2)
    assert masking.masked("short") == "*****"
    assert masking.masked(f"a{S[0]}\r\nb") == f"a{S[0][:1]}" + "*" * (len(S[0]) - 1) + "\r\n*"


@pytest.mark.parametrize(
    "text",
    [
        "secretKeyRef: {name: shop, key: password}", "DB_PASSWORD: $PASSWORD", "password: ${DB_PASSWORD}", "token: changeme",
        "SECRET_KEY_FILE=/run/secrets/key", "tolerations: [{key: node.kubernetes.io/unreachable}]", "name: db-password",
        "DB_PASSWORD=", "API_TOKEN: ''", "key: value", "passwordRef: shop-db-credentials", "path: /auth/token",
        "export RELEASE_COOKIE=$(cat cookie)", "image: registry.example.com/token-service:1.2.3",
        "COPY db-client-key.pem db-client-key.pem", "a: ${DB_PASSWORD:?set it}", "docker build --secret id=npm,src=.npmrc .",
        "id-token: write",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert places(f"{text}\n") == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2secret}", "hunter2secret"),
        ("env: {A: 1, DB_PASSWORD: hunter two, B: 2}", "hunter two"),
        ("A=1 DB_PASSWORD=hunter2secret exec app", "hunter2secret"),
        ("password: correct horse battery # why", "correct horse battery"),
        ("- name: API_TOKEN\n  value: >-\n    hunter2secret\n  other: 1", "hunter2secret"),
        ("args:\n- --password\n- hunter2secret\n", "hunter2secret"),
        ('{"password": "hunter2secret", "user": "x"}', "hunter2secret"),
        ('os.environ["SECRET_KEY"] = "hunter2secret"', "hunter2secret"),
        ("redis://:hunter2secret@cache:6379", "hunter2secret"),
        ("ENV API_TOKEN hunter2secret", "hunter2secret"),
        ("RUN echo 'root:hunter2secret' | chpasswd", "hunter2secret"),
        ("RUN chpasswd <<EOF\nroot:hunter2secret\nEOF", "hunter2secret"),
    ],
)
def test_value_is_masked_in_each_notation(text: str, secret: str) -> None:
    assert [text[start:end] for start, end in places(f"{text}\n")] == [secret]
