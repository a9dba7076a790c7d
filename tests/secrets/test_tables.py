"""Names and values: what is a secret, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.secrets.names import is_secret_name
from deploylint.secrets.tokens import find_token, token_kind
from deploylint.secrets.urls import url_credentials, url_default
from deploylint.secrets.values import is_default_credential, is_harmless_value, names_a_secret

SECRET_NAMES = """
    SECRET_KEY_BASE SECRET_KEY API_KEY APIKEY apiKey api-key OPENAI_API_KEY VITE_OPENAI_API_KEY GITHUB_TOKEN NPM_TOKEN HF_TOKEN
    DB_PASSWORD DBPASSWORD PGPASSWORD MYSQL_PWD POSTGRES_PASSWORD SMTP_PASS REDIS_AUTH AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    RELEASE_COOKIE KEY_PEM JWT_SECRET Jwt__SecretKey clientSecret CLIENT_SECRET PRIVATE_KEY RAILS_MASTER_KEY APP_KEY
    ENCRYPTION_KEY PASSWORD_PROD TOKEN_GITHUB NEXT_PUBLIC_STRIPE_SECRET
    NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY GPG_PASSPHRASE HEX_API_KEY
    UV_INDEX_INTERNAL_PASSWORD POETRY_HTTP_BASIC_FOO_PASSWORD CLOAK_KEY DATABASE_USER_PASSWORD SECRET TOKEN KEY git_key
    FILE_ENCRYPTION_KEY MINIO_NOTIFY_REDIS_PASSWORD_PRIMARY SERVER_PASSWORD ACCESSKEY AZURE_STORAGE_ACCOUNTKEY
""".split()

PUBLIC_NAMES = """
    GPG_KEY GPG_KEYS GPG_KEY_ID NGINX_GPGKEY NODE_KEY_1 DB_SECRET_NAME DB_SECRET_ARN KMS_KEY_ARN TOKENIZERS_PARALLELISM PUBLIC_KEY
    NEXT_PUBLIC_SUPABASE_ANON_KEY NEXT_PUBLIC_MAPBOX_TOKEN VITE_CLERK_PUBLISHABLE_KEY RECAPTCHA_SITE_KEY VITE_GOOGLE_MAPS_API_KEY
    AUTH_MODE AUTH_TYPE AUTH_URL AUTH_MODULE AUTH_MODULE_DIR KEY_ALIAS KEY_VAULT_NAME PASSWORD_HASHERS TOKEN_URL SSH_AUTH_SOCK
    XAUTHORITY AUTHORIZED_KEYS_FILE ALLOW_EMPTY_PASSWORD POSTGRES_PASSWORD_FILE SECRET_KEY_BASE_DUMMY GOLANG_1_22_SHA256
    USERNAME PASSWORD_MIN_LENGTH TOKEN_EXPIRY TOKEN_TTL JWT_SECRET_ALGORITHM SENTRY_DSN PWD MAX_TOKENS KEYCLOAK_URL MONKEY
    AWS_ACCESS_KEY_ID CLIENT_ID AZURE_CLIENT_ID SORT_KEY PARTITION_KEY CACHE_KEY PROXY_PASS BYPASS COMPASS PATH LANG
    MIX_ENV DATABASE_URL REPAIR_BROKEN_POD_LABEL_KEY pod_antiaffinity_topology_key TOPOLOGY_KEY
    CREDENTIALS_PATH GOOGLE_CREDENTIALS_FILE API_KEY_HEADER SECRET_ROTATION PUBLIC_KEY_FINGERPRINT TOKEN_ISSUER KEY_LENGTH AUTH
    DefaultProcess__Filters__0__Key ALGOLIA_SEARCH_API_KEY MINIO_NOTIFY_REDIS_KEY_PRIMARY
""".split()


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secrets_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_a_name_that_only_looks_like_one(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "", '""', " ", "$TOKEN", "${TOKEN}", "$(cat /run/secrets/token)", "/run/secrets/token", "/etc/keys/app.pem", "./key.pem",
        "true", "False", "yes", "0", "1", "3306", "dummy", "dummy-secret-for-build", "placeholder", "changeme", "example", "x",
        "change-me-please", "xxxxxxxx", "TODO", "replace-me", "<your token>", "your-api-key", "****", "test", "test-key", "build",
        "build-time-only", "buildtime", "none", "unset", "not-a-secret", "ignored", "{{ .Values.token }}", "ENC[AES256,data:x]",
        "INSERT_KEY", "GOOGLE_API_KEY_VAL", "E3FF2839C048B25C084DEBE9B26995E310250568", "nokey", "no-secret", "%(ENV_TOKEN)s",
        "arn:aws:secretsmanager:eu-west-1:1:secret:x", "op://vault/item/field", "@secret@",
        "do-not-use", "DO_NOT_USE", "X8xxxxxx", "dev", "local", "changePassword", "EV[1:zCMqEvPVmtzg5CnDNzTzhQ==:tqT3MZbRrSUo]",
    ],
)  # fmt: skip
def test_a_value_nobody_can_use(value: str) -> None:
    assert is_harmless_value(value)


@pytest.mark.parametrize(
    "value",
    ["hunter2", "s3cr3t-Pa55", "password", "postgres", "9f86d081884c7d659a2feaa0c55ad015", "django-insecure-x@1y", "a1b2c3"],
)
def test_a_value_somebody_can_use(value: str) -> None:
    assert not is_harmless_value(value)


@pytest.mark.parametrize(
    "value", ["password", "postgres", "admin", "changeme", '"root"', "Password123", "minioadmin", "1234567890123456"]
)
def test_a_password_everyone_knows(value: str) -> None:
    assert is_default_credential(value)


def test_a_password_not_everyone_knows() -> None:
    assert not is_default_credential("correct horse battery staple")


# Written in two parts, so that no scanner takes this file for a leak.
TOKENS = {
    "AWS access key": "AKIA" + "Q3EGRIY6Z7NDLKUM",
    "GitHub token": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "GitLab token": "glpat-" + "aB3dE5fG7hJ9kL1mN2pQ",
    "Slack token": "xoxb-" + "2483920194-aBcDeFgHiJkL",
    "Stripe secret key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "Hugging Face token": "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH",
    "npm token": "npm_" + "aB3dE5fG7hJ9kL1mN2pQaB3dE5fG7hJ9kL1m",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Google service account key": '{"type": "service_' + 'account"}',
    "DigitalOcean token": "dop_v1_" + "0a1b2c3d4e5f6789" * 4,
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_well_known_token(kind: str) -> None:
    token = TOKENS[kind]
    assert token_kind(token) == kind
    text = f"curl -H 'X: {token}' x"
    found = find_token(text)
    assert found is not None
    assert text[found[0] : found[1]] in token


@pytest.mark.parametrize(
    "value",
    ["AKIA" + "IOSFODNN7EXAMPLE", "pk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "ghp_" + "x" * 36, "sk-learn", "0a1b" * 16, ""],
)
def test_no_token(value: str) -> None:
    assert token_kind(value) == ""


@pytest.mark.parametrize(
    "value", ["postgres://app:Xk29dkLq@db.prod/app", "https://ci:a8f7e6d5@pypi.corp/simple", "amqp://u:p4ssphr4se-9@mq:5672/"]
)
def test_a_url_with_a_password(value: str) -> None:
    assert url_credentials(value)


@pytest.mark.parametrize(
    "value",
    [
        "postgres://db/app", "postgres://app@db/app", "https://__token__:${TOKEN}@pypi.corp/simple", "https://$USER:$PASS@host/",
        "postgres://user:pass@localhost/db", "postgres://postgres:postgres@db/app", "ecto://USER:PASS@HOST/DATABASE", "ssh://git@host/x",
        "git@github.com:owner/repo.git", "postgres://x:x@localhost/x", "http://localhost:4000/a@b", "file:/data/db.sqlite",
        "redis://:<password>@host", "https://host:8080/@scope/pkg",
    ],
)  # fmt: skip
def test_a_url_without_one(value: str) -> None:
    assert not url_credentials(value)


@pytest.mark.parametrize(
    ("value", "password"),
    [
        ("postgres://postgres:postgres@db/app", "postgres"),
        ("mongodb://admin:admin@mongo/?authSource=admin", "admin"),
        ("postgres://app:Xk29dkLq@db/app", ""),
        ("postgres://app:$PASSWORD@db/app", ""),
        ("postgres://db/app", ""),
        ("postgres://postgres:postgres@db/app_dev", ""),
    ],
)
def test_a_url_with_a_password_everyone_knows(value: str, password: str) -> None:
    assert url_default(value) == password


@pytest.mark.parametrize("value", ["shop-db-credentials", "prod/shop/token", "_shop_session", "wildcard-tls"])
def test_the_name_of_a_secret(value: str) -> None:
    assert names_a_secret(value)


@pytest.mark.parametrize("value", ["hunter2", "9c1185a5c5e9fc54", "Top-Secret", "secret", "correct-horse-battery", "a-secret!"])
def test_a_secret_that_is_no_name(value: str) -> None:
    assert not names_a_secret(value)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    for ask in (
        is_secret_name, is_harmless_value, is_default_credential, token_kind, url_credentials, url_default, names_a_secret,
    ):  # fmt: skip
        ask(text)
