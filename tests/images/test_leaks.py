"""Secrets that a Dockerfile writes into the image, its history or its provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.images.reading import read
from deploylint.text import Source
from tests.support import Tree

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT, HISTORY = "the image's environment", "the image's history"
LAYER, CACHE = "a layer of the image", "build provenance and cache"
# Written in two parts, so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n"


def leaks(text: str, others: dict[str, str] | None = None) -> list[tuple[str, str, str, str]]:
    """Of each leak its kind, its name, the text marked, and where it ends up."""
    tree = Tree({"Dockerfile": text, **(others or {})})
    image = read(tree.sources["Dockerfile"], tree, context="")
    return [(leak.kind, leak.name, leak.span.text, leak.where) for leak in image.build.leaks]


@pytest.mark.parametrize(
    ("copy", "ignored", "is_taken"),
    [
        ("COPY . .", "", True),
        ("COPY deploy/ /app/", "", True),
        ("COPY src /app", "", False),
        ("COPY . .", "**/.env\n", False),
        ("COPY --from=other . .", "", False),
    ],
)
def test_an_env_file_that_lies_beside_when_it_is_built(copy: str, ignored: str, is_taken: bool) -> None:
    tree = Tree({"Dockerfile": f"FROM x AS other\nFROM x\nWORKDIR /app\n{copy}\n", ".dockerignore": ignored})
    place = Source("compose.yaml", "env_file: deploy/.env").span(10, 21)
    image = read(tree.sources["Dockerfile"], tree, context="", env_files=(("deploy/.env", place),))
    found = [(leak.kind, leak.name, leak.span.text, [span.text for span, _ in leak.related]) for leak in image.build.leaks]
    assert found == [("env-file", "deploy/.env", copy.split()[1], ["deploy/.env"])] * is_taken


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ENV API_KEY=hunter2", ("env", "API_KEY", "API_KEY", ENVIRONMENT)),
        ("ENV A=1 \\\n  API_KEY='hunter 2'", ("env", "API_KEY", "API_KEY", ENVIRONMENT)),
        ("ENV API_KEY hunter2", ("env", "API_KEY", "API_KEY", ENVIRONMENT)),
        ("ENV API_KEY=${API_KEY:-hunter2}", ("env", "API_KEY", "API_KEY", ENVIRONMENT)),
        ("ENV POSTGRES_PASSWORD=postgres", ("env", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD", ENVIRONMENT)),
        ("ARG API_KEY\nENV API_KEY=$API_KEY", ("env-from-arg", "API_KEY", "API_KEY", ENVIRONMENT)),
        ("ARG TOKEN\nENV URL=https://u:${TOKEN}@h/", ("env-from-arg", "URL", "URL", ENVIRONMENT)),
        ("ARG KEY_FROM_CI\nENV APP_SECRET=${KEY_FROM_CI}", ("env-from-arg", "APP_SECRET", "APP_SECRET", ENVIRONMENT)),
        ("ARG NPM_TOKEN", ("arg", "NPM_TOKEN", "NPM_TOKEN", HISTORY)),
        ('ARG NPM_TOKEN=""', ("arg", "NPM_TOKEN", "NPM_TOKEN", HISTORY)),
        ("ARG A B_SECRET C", ("arg", "B_SECRET", "B_SECRET", HISTORY)),
        ("ENV DATABASE_URL=postgres://app:Xk29dkLq@db/app", ("url", "DATABASE_URL", "DATABASE_URL", ENVIRONMENT)),
        (f"ENV X={TOKEN}", ("token", "X", "X", ENVIRONMENT)),
        (f"ARG X={TOKEN}", ("token", "X", "X", HISTORY)),
        (f"RUN curl --header=token:{TOKEN} x", ("token", "curl", "--header=token", HISTORY)),
        (f"RUN login {TOKEN}", ("token", "login", "login", HISTORY)),
        ("RUN git clone https://ci:Xk29dkLq@h/r", ("url", "git", "https://ci", HISTORY)),
        ("RUN pip install --index-url 'https://ci:Xk29dkLq@h/s' x", ("url", "pip", "https://ci", HISTORY)),
        ("ARG GH\nRUN git clone https://$GH@github.com/a/b", ("url", "GH", "https://$GH@github.com/a/b", HISTORY)),
        ("RUN npm config set //r/:_authToken=Xk29dkLq", ("token", "npm", "npm config set", HISTORY)),
        ("RUN poetry config http-basic.corp ci Xk29dkLq", ("token", "poetry", "poetry config http-basic.corp ci", HISTORY)),
        ("RUN mix hex.organization auth acme --key Xk29dkLq", ("token", "mix", "mix hex.organization auth acme --key", HISTORY)),
        ("RUN <<EOF\nset -e\ngit clone https://ci:Xk29dkLq@h/r\nEOF", ("url", "git", "https://ci", HISTORY)),
        ("COPY .env /app/", ("file", ".env", ".env", LAYER)),
        ("COPY config/master.key config/", ("file", "config/master.key", "config/master.key", LAYER)),
        ("ADD id_rsa /root/.ssh/id_rsa", ("file", "id_rsa", "id_rsa", LAYER)),
        ("ADD secret.txt /root/\nRUN rm /root/secret.txt", ("file", "secret.txt", "secret.txt", LAYER)),
    ],
)  # fmt: skip
def test_leaks_of_the_shipped_stages(lines: str, expected: tuple[str, str, str, str]) -> None:
    assert leaks(f"FROM x\n{lines}\n") == [expected]


@pytest.mark.parametrize(
    "lines",
    [
        "ENV API_KEY=",
        "ENV API_KEY=$UNSET",
        "ENV API_KEY_FILE=/run/secrets/key",
        "ENV API_KEY=/run/secrets/key",
        "ENV GPG_KEY=A0B1C2D3",
        "ENV PYTHON_GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
        "ENV SECRET_KEY_BASE=dummy",
        "ARG SECRET_KEY_BASE=placeholder",
        "ARG SECRET_KEY=dummy\nENV SECRET_KEY=$SECRET_KEY",
        "ENV TOKENIZERS_PARALLELISM=false",
        "ENV DB_SECRET_NAME=prod/db",
        "RUN SECRET_KEY_BASE=Xk29dkLq mix release",
        "RUN SECRET_KEY_BASE_DUMMY=1 rails assets:precompile",
        "RUN export DATABASE_URL=postgres://x:x@localhost/x && rake x",
        "RUN git clone git@github.com:a/b.git",
        "RUN --mount=type=secret,id=t,env=T git clone https://x:$T@h/r",
        "RUN git clone https://$T@h/r",
        "RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci",
        "ARG HTTP_PROXY\nARG VERSION=1",
        "RUN npm config set //r/:_authToken=$NPM_TOKEN",
        "COPY .env.example .env",
        "COPY config/public.pem /etc/",
        "COPY server.pem /etc/",
        "COPY --from=build /app/.env /app/",
        "COPY .npmrc ./",
        "ENV A_TOKEN_URL=https://id/token AUTH_MODE=oidc",
        "ENV A=ghp_example",
    ],
)
def test_no_leaks(lines: str) -> None:
    assert leaks(f"FROM x\n{lines}\n") == []


def test_an_argument_that_an_env_keeps_is_one_leak_with_its_source() -> None:
    tree = Tree({"Dockerfile": "FROM x\nARG API_KEY\nENV API_KEY=$API_KEY\nENV COPY_OF_KEY=$API_KEY\n"})
    (leak,) = read(tree.sources["Dockerfile"], tree).build.leaks
    assert [(span.where, label) for span, label in leak.related] == [("Dockerfile:2:5", "passed in at build time")]


def test_a_builder_keeps_secrets_in_cache_and_provenance_only() -> None:
    text = "FROM x AS build\nARG NPM_TOKEN\nENV API_KEY=hunter2\nFROM y\nCOPY --from=build /app /app\n"
    assert leaks(text) == [("env", "API_KEY", "API_KEY", CACHE), ("arg", "NPM_TOKEN", "NPM_TOKEN", CACHE)]


def test_a_builder_keeps_files_in_the_cache_only() -> None:
    text = "FROM x AS build\nCOPY .env ./\nFROM y\nCOPY --from=build /app /app\n"
    assert leaks(text) == [("file", ".env", ".env", "the build cache")]


def test_a_continued_stage_ships() -> None:
    assert leaks("FROM x AS base\nENV API_KEY=hunter2\nFROM base\nCMD a\n") == [("env", "API_KEY", "API_KEY", ENVIRONMENT)]


def test_a_global_argument_that_only_from_uses_is_no_leak() -> None:
    assert leaks("ARG REGISTRY_TOKEN\nFROM x\nCMD a\n") == []


def test_no_leak_keeps_the_value() -> None:
    tree = Tree({"Dockerfile": f"FROM x\nENV API_KEY=hunter2 T={TOKEN}\nRUN git clone https://ci:Xk29dkLq@h/r\nCOPY .env .\n"})
    image = read(tree.sources["Dockerfile"], tree)
    assert len(image.build.leaks) == 4
    said = " ".join(f"{leak.name} {leak.span.text} {leak.where} {leak.detail}" for leak in image.build.leaks)
    assert not any(secret in said for secret in ("hunter2", TOKEN, "Xk29dkLq"))


ENV_FILE = {".env": "PORT=4000\nSECRET_KEY_BASE=Xk29dkLq\n"}


@pytest.mark.parametrize(
    ("text", "others", "names"),
    [
        ("FROM x\nCOPY . .\n", ENV_FILE, [".env"]),
        ("FROM x\nCOPY ./ /app\n", ENV_FILE, [".env"]),
        ("FROM x\nCOPY * ./\n", ENV_FILE, [".env"]),
        ("FROM x\nADD . /app\n", ENV_FILE, [".env"]),
        ("FROM x\nCOPY . .\n", {**ENV_FILE, ".dockerignore": ".git\nnode_modules\n"}, [".env"]),
        ("FROM x\nCOPY . .\n", {**ENV_FILE, ".dockerignore": "*\n!.env\n"}, [".env"]),
        ("FROM x\nCOPY . .\n", {**ENV_FILE, ".dockerignore": ".env*\n"}, []),
        ("FROM x\nCOPY .env .\n", {**ENV_FILE, ".dockerignore": ".env\n"}, []),
        ("FROM x\nCOPY . .\n", {".env": "PORT=4000\nAPI_KEY=\n"}, []),
        ("FROM x\nCOPY . .\n", {".env": f"token {TOKEN}\n"}, [".env"]),
        ("FROM x\nCOPY . .\n", {".env.example": "API_KEY=hunter2\n"}, []),
        ("FROM x\nCOPY . .\n", {"test/.env": "API_KEY=hunter2\n"}, []),
        ("FROM x\nCOPY lib lib\n", ENV_FILE, []),
        ("FROM x\nCOPY config config\n", {"config/master.key": "abc\n", **ENV_FILE}, ["config/master.key"]),
        (
            "FROM x\nCOPY . .\n",
            {"certs/server.key": KEY, "certs/server.pem": "-----BEGIN CERTIFICATE-----"},
            ["certs/server.key"],
        ),
        ("FROM x\nCOPY cert.key db-client-key.pem /etc/tls/\n", {}, ["cert.key", "db-client-key.pem"]),
        ("FROM x\nCOPY cert.pem db-server-ca.pem archive-gpg.key /etc/tls/\n", {}, []),
        ("FROM x\nCOPY ca.pem /etc/tls/\n", {"ca.pem": KEY}, ["ca.pem"]),
        ("FROM x\nCOPY tls.key /etc/tls/\n", {"tls.key": "-----BEGIN PUBLIC KEY-----"}, []),
        ("FROM x\nCOPY . .\n", {"priv/cert/selfsigned_key.pem": KEY}, []),
        ("FROM x\nCOPY . .\n", {".npmrc": "//registry/:_authToken=${NPM_TOKEN}\n"}, []),
        ("FROM x\nCOPY . .\n", {".npmrc": "//registry/:_authToken=Xk29dkLq\n"}, [".npmrc"]),
        ("FROM x AS b\nWORKDIR /app\nCOPY . .\nFROM y\nCOPY --from=b /app /app\n", ENV_FILE, [".env"]),
        ("FROM x AS b\nWORKDIR /app\nCOPY . .\nFROM y\nCOPY --from=b /app/_build/rel /app\n", ENV_FILE, []),
        ("FROM x AS b\nWORKDIR /app\nCOPY .env .\nFROM y\nCOPY --from=b /app/.env ./\n", ENV_FILE, [".env"]),
        ("FROM x AS b\nWORKDIR /app\nCOPY . .\nFROM y\nCOPY --from=b /app/.env ./\n", ENV_FILE, [".env"]),
        (
            "FROM x AS b\nCOPY config /app/config\nFROM y\nCOPY --from=b /app/config c\n",
            {"config/master.key": "a"},
            ["config/master.key"],
        ),
    ],
)
def test_secret_files(text: str, others: dict[str, str], names: list[str]) -> None:
    found = leaks(text, others)
    assert [name for _, name, _, _ in found] == names
    assert all(kind == "file" and where == LAYER for kind, _, _, where in found)


def test_a_build_takes_what_git_ignores(tmp_path: Path) -> None:
    """A committed or local `.env` counts by what it holds, whatever .gitignore says of it."""
    files = {".gitignore": ".env\n", ".env": "API_KEY=Xk29dkLq\n", "web/.env": "PUBLIC_URL=http://localhost\n"}
    for name, text in {**files, "Dockerfile": "FROM x\nCOPY . .\n", "web/Dockerfile": "FROM x\nCOPY .env .\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    workspace = Workspace.open(str(tmp_path))
    sources = [workspace.read("Dockerfile"), workspace.read("web/Dockerfile")]
    found = [[leak.name for leak in read(source, workspace).build.leaks] for source in sources if source]
    assert found == [[".env"], []]
