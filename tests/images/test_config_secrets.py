"""Connection strings and tokens in configuration files that a COPY takes along."""

from __future__ import annotations

import json

import pytest

from tests.images.test_leaks import LAYER, TOKEN, leaks

URL = "postgresql://u:Zq81xWvLp0@db/x"
ALL = "FROM x\nCOPY . .\n"
AUTH = "dXNlcjpacTgxeFd2THAw"
ACCOUNT = json.dumps({"type": "service_account", "private_key": "-----BEGIN " + "PRIVATE KEY-----"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/app.yaml", f"port: 80\ndsn: {URL}\n"),
        ("config/production/broker.toml", 'url = "amqps://app:Zq81xWvLp0@mq.example.net/x"\n'),
        ("appsettings.Production.json", f'{{"Db": {{"Url": "{URL}"}}}}\n'),
        ("src/main/resources/application.properties", "redis.url=redis://:Zq81xWvLp0@cache:6379\n"),
        ("settings.ini", f"[production]\ntoken = {TOKEN}\n[development]\nx = 1\n"),
        ("config/database.yml", f"development:\n  url: x\nproduction:\n  url: {URL}\n"),
    ],
)
def test_connection_string_of_a_config_file_is_a_leak(path: str, text: str) -> None:
    assert leaks(ALL, {path: text}) == [("config-file", path, ".", LAYER)]
    assert leaks(f"FROM x\nCOPY {path} /etc/app/\n", {path: text}) == [("config-file", path, path, LAYER)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/app.yaml", "dsn: postgresql://u:Zq81xWvLp0@localhost/x\n"),
        ("config/app.yaml", "dsn: postgresql://u:Zq81xWvLp0@db/shop_dev\n"),
        ("config/app.yaml", "dsn: postgresql://u:${DB_PASSWORD}@db/x\n"),
        ("config/app.yaml", "dsn: postgresql://postgres:postgres@db/x\n"),
        ("config/app.yaml", "dsn: postgresql://user:password@db/x\n"),
        ("config/app.yaml", f"# dsn: {URL}\n"),
        ("config/app.yaml", f"dsn: {URL} # replace with your own\n"),
        ("config/database.yml", f"development:\n  primary:\n    url: {URL}\nproduction:\n  url: <%= ENV['URL'] %>\n"),
        ("settings.ini", f"[test]\ndsn = {URL}\n"),
        ("config/dev.yaml", f"dsn: {URL}\n"),
        ("config/app.example.yaml", f"dsn: {URL}\n"),
        ("config/map.yaml", f"apiVersion: v1\nkind: ConfigMap\ndata:\n  dsn: {URL}\n"),
        ("docs/config/app.yaml", f"dsn: {URL}\n"),
        ("tests/config/app.yaml", f"dsn: {URL}\n"),
        ("src/data.json", f'{{"a": "{URL}"}}\n'),
    ],
)
def test_config_file_of_development_or_without_a_password_is_none(path: str, text: str) -> None:
    assert leaks(ALL, {path: text}) == []


def test_ignored_config_file_is_none() -> None:
    assert leaks(ALL, {"config/app.yaml": f"dsn: {URL}\n", ".dockerignore": "config\n"}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop-prod-3f2a1b9c8d7e.json", ACCOUNT),
        ("keys/shop-firebase-adminsdk-ab1cd-0123456789.json", ACCOUNT),
        ("serviceAccountKey.json", ACCOUNT),
        ("application_default_credentials.json", '{"client_secret": "x", "refresh_token": "y"}'),
        ("gcp-key.json", ACCOUNT),
        (".docker/config.json", json.dumps({"auths": {"ghcr.io": {"auth": AUTH}}})),
        (".kube/config", "users:\n- user:\n    token: eyJ9c1185a5c5e9fc54\n"),
    ],
)
def test_credentials_file_under_its_usual_name_is_a_leak(path: str, text: str) -> None:
    assert leaks(ALL, {path: text}) == [("file", path, ".", LAYER)]
    assert leaks(f"FROM x\nCOPY {path} /root/x\n", {path: text}) == [("file", path, path, LAYER)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop-prod-3f2a1b9c8d7e.json", '{"hash": 1}'),
        ("google-services.json", "{}"),
        (".docker/config.json", json.dumps({"auths": {"ghcr.io": {}}, "credsStore": "desktop"})),
        (".docker/config.json", json.dumps({"auths": {"ghcr.io": {"auth": "${AUTH}"}}})),
        (".kube/config", "users:\n- user:\n    exec: {command: aws}\n"),
        (".kube/config", "users:\n- user:\n    token: ${TOKEN}\n"),
        ("app/config.json", json.dumps({"auth": AUTH})),
    ],
)
def test_file_of_such_a_name_without_credentials_is_none(path: str, text: str) -> None:
    assert leaks(ALL, {path: text}) == []
