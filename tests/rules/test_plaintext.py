"""Secrets in plain text in what is deployed: what counts, where exactly it stands, and what is one cause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from deploylint.linking import link
from rules.config._plaintext import exposures_by_cause

SECRET = "9c1185a5c5e9fc54"
OTHER = "7ee8f548b2258d31"
BASE64 = "OWMxMTg1YTVjNWU5ZmM1NA=="


def found(files: dict[str, str]) -> list[list[tuple[str, str, str, str]]]:
    """Of each cause its places: kind, holder, name, and the text that stands there."""
    causes = exposures_by_cause(link(Workspace.of(files)))
    return [[(each.kind, each.holder, each.name, each.span.text) for each in places] for _, places in causes]


def deployment(value: str, kind: str = "Deployment", group: str = "apps/v1") -> str:
    return f"""\
apiVersion: {group}
kind: {kind}
metadata: {{name: shop}}
spec:
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec:
      containers:
        - name: shop
          image: acme/shop:1
          env: [{{name: TOKEN, value: "{value}"}}]
"""


def secret(body: str, head: str = "apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\n") -> dict[str, str]:
    return {"secret.yaml": f"{head}{body}"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"fly.toml": f'app = "a"\n[env]\nAPI_KEY = "{SECRET}"\n'}, ("literal", "fly", "API_KEY", SECRET)),
        ({"web.yaml": deployment(SECRET)}, ("literal", "kubernetes", "TOKEN", f'"{SECRET}"')),
        ({"c/compose.yml": f"services: {{a: {{image: a, environment: [K=1, KEY={SECRET}]}}}}\n"},
         ("literal", "compose", "KEY", f"KEY={SECRET}")),
        ({"compose.yml": "services: {a: {image: a, env_file: app.env}}\n", "app.env": f"PORT=1\nKEY={SECRET}\n"},
         ("literal", "compose", "KEY", SECRET)),
        ({"shop.service": f"[Service]\nExecStart=/a\nEnvironment=TOKEN={SECRET}\n"}, ("literal", "systemd", "TOKEN", SECRET)),
        ({"a.nomad": f'job "a" {{\ngroup "a" {{\ntask "a" {{\ndriver = "docker"\nenv {{\nTOKEN = "{SECRET}"\n}}\n}}\n}}\n}}\n'},
         ("literal", "nomad", "TOKEN", f'"{SECRET}"')),
        ({"config/deploy.yml": f"service: a\nimage: a/a\nservers: [h]\nenv:\n  clear:\n    TOKEN: {SECRET}\n  secret: [KEY]\n"},
         ("literal", "kamal", "TOKEN", SECRET)),
        ({"fly.toml": f'app = "a"\n[env]\nDATABASE_URL = "postgres://a:{SECRET}@h/d"\n'},
         ("url", "fly", "DATABASE_URL", f"postgres://a:{SECRET}@h/d")),
        ({"fly.toml": 'app = "a"\n[env]\nBOT = "%s"\n' % ("glpat-" + "aB3dE5fG7hJ9kL1mN2pQ")},
         ("token", "fly", "BOT", "glpat-" + "aB3dE5fG7hJ9kL1mN2pQ")),
        ({"fly.toml": 'app = "a"\n[env]\nDB_PASSWORD = "postgres"\n'}, ("default", "fly", "DB_PASSWORD", "postgres")),
        ({"fly.toml": 'app = "a"\n[env]\nDB = "postgres://admin:admin@h/d"\n'},
         ("default", "fly", "DB", "postgres://admin:admin@h/d")),
        (secret(f"stringData: {{api-key: {SECRET}, user: shop}}\n"), ("literal", "Secret", "api-key", SECRET)),
        (secret(f"data:\n  token: {BASE64}\n"), ("literal", "Secret", "token", BASE64)),
        (secret("data: {password: cG9zdGdyZXMK}\n"), ("default", "Secret", "password", "cG9zdGdyZXMK")),
        # What was to be encoded and wasn't is a literal all the same; and so are random bytes.
        (secret("data: {password: password}\n"), ("default", "Secret", "password", "password")),
        (secret("data: {key: gIGCg4SFhoeIiYo=}\n"), ("literal", "Secret", "key", "gIGCg4SFhoeIiYo=")),
        (secret("type: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: |-\n    "
                '{"auths": {"ghcr.io": {"auth": "c2hvcDpodW50ZXIy"}}}\n'),
         ("literal", "Secret", ".dockerconfigjson",
          '|-\n    {"auths": {"ghcr.io": {"auth": "c2hvcDpodW50ZXIy"}}}')),
        ({"all.json": '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": '
          f'{{"name": "a"}}, "stringData": {{"token": "{SECRET}"}}}}]}}'}, ("literal", "Secret", "token", f'"{SECRET}"')),
        ({"map.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  A_TOKEN: {SECRET}\n"},
         ("literal", "ConfigMap", "A_TOKEN", SECRET)),
        ({"map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  app.properties: |\n    a=1\n    "
          f"db.password = {SECRET}\n"}, ("literal", "ConfigMap", "db.password", SECRET)),
        ({"kustomization.yaml": f"configMapGenerator:\n- name: a\n  literals: ['TOKEN=\"{SECRET}\"', PORT=1]\n"},
         ("literal", "generated ConfigMap", "TOKEN", f'"{SECRET}"')),
    ],
)  # fmt: skip
def test_what_is_exposed(files: dict[str, str], expected: tuple[str, str, str, str]) -> None:
    assert found(files) == [[expected]]


@pytest.mark.parametrize(
    "files",
    [
        {"fly.toml": 'app = "a"\n[env]\nTOKEN = ""\nKEY_FILE = "/run/k"\nAPI_KEY = "<your key>"\nA_SECRET = "a-b-secret"\n'},
        {"web.yaml": deployment("$(OTHER)")},
        {"web.yaml": deployment("${TOKEN}")},
        {"web.yaml": deployment(SECRET, group="example.com/v1")},
        {"tests/web.yaml": deployment(SECRET)},
        {"compose.yml": "services: {a: {image: a, environment: {TOKEN: '${TOKEN}', KEY: '${KEY:-changeme}'}}}\n"},
        {"compose.yml": "services: {a: {image: a, environment: {KEY: '${KEY:-}', A_TOKEN: '${A_TOKEN:?" + SECRET + "}'}}}\n"},
        {"compose.yml": "services: {a: {image: a, environment: {URL: 'postgres://a:${PW:-postgres}@db/a'}}}\n"},
        # The value stands in the file that git ignores or a person edits, not here.
        {"compose.yml": "services: {a: {image: a, environment: {TOKEN: '${TOKEN}'}}}\n", ".env": f"TOKEN={SECRET}\n"},
        {"compose.yml": f"services: {{db: {{image: 'postgres:18', environment: {{POSTGRES_PASSWORD: {SECRET}}}}}}}\n"},
        {"compose.yml": f"services: {{a: {{build: ., environment: {{A_TOKEN: {SECRET}, JWT_SECRET: dev}}}}}}\n"},
        {"compose.dev.yml": f"services: {{a: {{image: a, environment: {{TOKEN: {SECRET}}}}}}}\n"},
        secret(f"data: {{token: {BASE64}}}\nsops: {{version: 3.9.0}}\n"),
        secret("data: {token: '', password: PHlvdXItdG9rZW4+, key: not*base64}\n"),
        secret(f"type: kubernetes.io/service-account-token\ndata: {{token: {BASE64}}}\n"),
        secret(f"stringData: {{token: {SECRET}}}\n", "apiVersion: example.com/v1\nkind: Secret\nmetadata: {name: a}\n"),
        secret(f"spec: {{encryptedData: {{token: {SECRET}}}}}\n", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"),
        secret("stringData: {token: '{{ token }}', key: $TOKEN}\n"),
        {"map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  token.sh: |\n    a\n    b\n  KEY: a: b\n"},
        {"kustomization.yaml": "secretGenerator:\n- name: a\n  envs: [secret.env, ../../out.env]\n  literals: [TOKEN]\n"},
        {"chart/Chart.yaml": "name: a\n", "chart/templates/s.yaml": secret("stringData: {token: '{{ x }}'}\n")["secret.yaml"]},
    ],
)
def test_what_is_not(files: dict[str, str]) -> None:
    assert found(files) == []


def test_one_value_in_several_places_of_a_file_is_one_cause() -> None:
    text = f"""\
services:
  web: {{image: a, environment: {{DATABASE_URL: 'postgres://a:{SECRET}@db/a', TOKEN: {OTHER}}}}}
  db: {{image: postgres, environment: {{POSTGRES_PASSWORD: {SECRET}}}}}
"""
    names = [[name for _, _, name, _ in places] for places in found({"compose.yml": text})]
    assert names == [["DATABASE_URL", "POSTGRES_PASSWORD"], ["TOKEN"]]


def test_a_secret_object_is_one_cause_and_what_weighs_most_comes_first() -> None:
    (places,) = found(secret(f"stringData: {{password: admin, token: {SECRET}, key: {OTHER}}}\n"))
    assert [(kind, name) for kind, _, name, _ in places] == [("literal", "token"), ("literal", "key"), ("default", "password")]


def test_what_a_container_takes_from_a_config_map_is_said_where_it_is_written() -> None:
    web = deployment("").replace('env: [{name: TOKEN, value: ""}]', "envFrom: [{configMapRef: {name: shop}}]")
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shop}}\ndata: {{TOKEN: {SECRET}}}\n"
    assert found({"web.yaml": web, "config.yaml": config}) == [[("literal", "ConfigMap", "TOKEN", SECRET)]]


def test_causes_have_identities_that_lines_do_not_change() -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: shop}}\nstringData: {{token: {SECRET}}}\n"
    subjects = [
        [subject for subject, _ in exposures_by_cause(link(Workspace.of({"s.yaml": each})))] for each in (text, f"\n{text}")
    ]
    assert subjects == [["s.yaml:shop"], ["s.yaml:shop"]]


@settings(max_examples=60)
@given(st.integers(0, 400), st.sampled_from(["data", "stringData"]))
def test_any_prefix_of_a_file_is_read(length: int, key: str) -> None:
    text = secret(f"{key}:\n  token: {BASE64}\n  .env: |\n    A_KEY={SECRET}\n")["secret.yaml"]
    for name in ("secret.yaml", "kustomization.yaml"):
        found({name: text[:length]})


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ("{POSTGRES_USER: shopkeeper, POSTGRES_PASSWORD: shopkeeper}", "user"),
        ("{DB_USERNAME: Shopkeeper, DB_PASS: shopkeeper}", "user"),
        ("{POSTGRES_USER: shopkeeper, POSTGRES_PASSWORD: 9c1185a5c5e9fc54}", "literal"),
        ("{SMTP_USER: shopkeeper, POSTGRES_PASSWORD: shopkeeper}", "literal"),
    ],
)
def test_a_password_that_is_its_users_name_is_told_apart(environment: str, kind: str) -> None:
    files = {"compose.yml": f"services: {{web: {{build: ., environment: {environment}}}}}\n"}
    assert [[place[0] for place in cause] for cause in found(files)] == [[kind]]


@pytest.mark.parametrize(
    ("name", "value", "variable"),
    [
        ("API_KEY", "${API_KEY:-" + SECRET + "}", "API_KEY"),
        ("API_KEY", "${SHOP_KEY-" + SECRET + "}", "SHOP_KEY"),
        ("DATABASE_URL", "postgres://a:${DB_PASSWORD:-" + SECRET + "}@db/a", "DB_PASSWORD"),
        ("DATABASE_URL", "${DATABASE_URL:-postgres://a:" + SECRET + "@db/a}", "DATABASE_URL"),
    ],
)
def test_default_of_a_variable_that_holds_a_secret_is_shared(name: str, value: str, variable: str) -> None:
    text = f"services: {{a: {{image: a, environment: {{{name}: '{value}'}}}}}}\n"
    (finding,) = run(Workspace.of({"compose.yml": text}), Settings(select=("plaintext-secret",))).findings
    assert finding.message == f"`{name}` falls back to a secret that compose.yml holds"
    assert f"`${{{variable}:?}}`" in finding.help
