"""The order of a Dockerfile's layers: which installs an edit of the source repeats, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.images.reading import read
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.image import Image

NODE = {"package.json": '{"dependencies": {"express": "5"}}', "package-lock.json": "{}", "src/app.js": ""}
PYTHON = {"requirements.txt": "django==5.2\n", "shop/app.py": ""}
PROJECT = {"pyproject.toml": '[project]\nname = "shop"\n', "shop/app.py": ""}
MIX = {"mix.exs": "defmodule Shop.MixProject do\nend\n", "mix.lock": "%{}", "lib/shop.ex": ""}
GO = {"go.mod": "module shop\n\nrequire github.com/a/b v1.0.0\n", "go.sum": "", "main.go": "package main\n"}
RUST = {"Cargo.toml": "[package]\n[dependencies]\ntokio = '1'\n", "Cargo.lock": "", "src/main.rs": ""}
MAVEN = {"pom.xml": "", "src/App.java": ""}
RUBY = {"Gemfile": "gem 'rails'", "Gemfile.lock": "", "app.rb": ""}
PIP = "pip install -r requirements.txt"


def image_of(lines: str, files: dict[str, str]) -> Image:
    tree = Tree({**files, "Dockerfile": f"FROM debian:12-slim\nWORKDIR /app\n{lines}\nCMD run\n"})
    return read(tree.sources["Dockerfile"], tree)


def lines_of(lines: str, files: dict[str, str]) -> list[tuple[str, ...]]:
    return [each.lines for copy in image_of(lines, files).build.early_copies for each in copy.installs]


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        ("COPY . .\nRUN npm ci", NODE, ("COPY package.json package-lock.json ./", "RUN npm ci")),
        ("ADD . /app\nRUN npm i", NODE, ("COPY package.json package-lock.json ./", "RUN npm i")),
        ("COPY package.json .\nCOPY . .\nRUN npm ci", NODE, ("COPY package.json package-lock.json ./", "RUN npm ci")),
        ("COPY . .\nRUN yarn", {**NODE, "yarn.lock": ""}, ("COPY package.json yarn.lock ./", "RUN yarn")),
        ("COPY * ./\nRUN bun install", NODE, ("COPY package.json ./", "RUN bun install")),
        (f"COPY . .\nRUN python3 -m {PIP}", PYTHON, ("COPY requirements.txt ./", f"RUN python3 -m {PIP}")),
        (f"COPY . /srv\nWORKDIR /srv\nRUN {PIP}", PYTHON, ("COPY requirements.txt /srv/", f"RUN {PIP}")),
        (f"COPY . web\nRUN cd web && {PIP}", PYTHON, ("COPY requirements.txt web/", f"RUN cd /app/web && {PIP}")),
        ("COPY . /srv\nRUN pip install -r/srv/requirements.txt", PYTHON,
            ("COPY requirements.txt /srv/", "RUN pip install -r/srv/requirements.txt")),
        (f"COPY requirements.txt .\nCOPY shop shop\nRUN {PIP}", PYTHON, ("COPY requirements.txt ./", f"RUN {PIP}")),
        ("COPY . .\nRUN uv sync --locked", PROJECT, ("COPY pyproject.toml ./", "RUN uv sync --locked --no-install-project")),
        ("COPY . .\nRUN poetry install --no-root", PROJECT, ("COPY pyproject.toml ./", "RUN poetry install --no-root")),
        ("COPY . .\nRUN pdm sync", PROJECT, ("COPY pyproject.toml ./", "RUN pdm sync --no-self")),
        ("COPY . .\nRUN mix do deps.get, compile", MIX, ("COPY mix.exs mix.lock ./", "RUN mix do deps.get, compile")),
        ("COPY . .\nRUN go mod download", GO, ("COPY go.mod go.sum ./", "RUN go mod download")),
        ("COPY . .\nRUN CGO_ENABLED=0 go build -o /shop .", GO, ("COPY go.mod go.sum ./", "RUN go mod download")),
        ("COPY . .\nRUN cargo build -r", RUST, ("RUN --mount=type=cache,target=/root/.cargo/registry cargo …",)),
        ("COPY . .\nRUN mvn package", MAVEN, ("RUN --mount=type=cache,target=/root/.m2 mvn …",)),
        ("COPY src /srv/src\nCOPY pom.xml /srv\nRUN mvn -f /srv/pom.xml clean package", MAVEN,
            ("RUN --mount=type=cache,target=/root/.m2 mvn …",)),
        ("USER app\nCOPY . .\nRUN mvn package", MAVEN, ()),  # its home is not root's
        ("COPY . .\nRUN bundle install", RUBY, ("COPY Gemfile Gemfile.lock ./", "RUN bundle install")),
        ("COPY . .\nRUN composer install", {"composer.json": "{}", "index.php": ""},
            ("COPY composer.json ./", "RUN composer install --no-scripts --no-autoloader")),
    ],
)  # fmt: skip
def test_an_install_behind_the_source(lines: str, files: dict[str, str], expected: tuple[str, ...]) -> None:
    assert lines_of(lines, files) == [expected]


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("COPY package*.json ./\nRUN npm ci\nCOPY . .", NODE),
        ("COPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev", NODE),
        ("COPY . .\nRUN npm install -g pm2", NODE),
        ("COPY . .\nRUN npm install express", NODE),
        ("COPY . .\nRUN npm run build", NODE),
        ("COPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci", NODE),
        ("COPY src src\nCOPY package.json .\nRUN npm ci", NODE),  # a script of its own may need them
        ("COPY . .\nRUN npm ci", {**NODE, "package.json": '{"workspaces": ["a"]}'}),
        ("COPY . .\nRUN npm ci", {**NODE, "package.json": '{"dependencies": {"a": "file:../a"}}'}),
        ("COPY . .\nRUN pnpm install", {**NODE, "pnpm-workspace.yaml": "packages:\n  - '*'\n"}),
        ("COPY . .\nRUN npm ci", {"package.json": "{}", "README.md": ""}),
        ("COPY . .\nRUN npm ci", {**NODE, ".dockerignore": "src\n"}),
        ("COPY $SRC .\nRUN npm ci", NODE),
        ("COPY . .\nRUN cd $HOME && npm ci", NODE),
        ("COPY . .\nRUN pip install .", PROJECT),
        ("COPY . .\nRUN pip install -r requirements.txt -e .", PYTHON),
        ("COPY . .\nRUN pip install -r requirements.txt", {**PYTHON, "requirements.txt": "-e .\n"}),
        ("COPY . .\nRUN pip install -r $FILE", PYTHON),
        ("COPY tools tools\nRUN pip install -r requirements.txt\nCOPY . .", {**PYTHON, "tools/a.py": ""}),
        ("COPY . .\nRUN mix deps.get", {**MIX, "mix.exs": "[apps_path: \"apps\"]"}),
        ("COPY . .\nRUN go build .", {**GO, "vendor/modules.txt": ""}),
        ("COPY . .\nRUN go build .", {**GO, "go.mod": "module shop\n"}),
        ("COPY . .\nRUN go build .", {path: text for path, text in GO.items() if path != "go.mod"}),
        ("COPY . .\nRUN cargo build --offline", RUST),
        ("COPY . .\nRUN cargo build", {**RUST, "Cargo.toml": "[package]\n"}),
        ("COPY Cargo.toml .\nRUN cargo fetch\nCOPY . .\nRUN cargo build", RUST),
    ],
)  # fmt: skip
def test_an_order_that_keeps_the_cache_or_cannot_be_another(lines: str, files: dict[str, str]) -> None:
    assert lines_of(lines, files) == []


def fixed(lines: str, files: dict[str, str]) -> str:
    """The lines with the edits of the only finding in place, without what stands around them."""
    image = image_of(lines, files)
    text = image.source.text
    for edit in sorted(image.build.early_copies[0].edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text.removeprefix("FROM debian:12-slim\nWORKDIR /app\n").removesuffix("\nCMD run\n")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY . .\nRUN npm ci", "COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . ."),
        (
            "# the source\nCOPY --chown=app . ./\n\nRUN npm ci",
            "COPY --chown=app package.json package-lock.json ./\nRUN npm ci\n\n# the source\nCOPY --chown=app . ./",
        ),
        (
            "COPY . .\nRUN npm ci \\\n  --omit=dev",
            "COPY package.json package-lock.json ./\nRUN npm ci \\\n  --omit=dev\nCOPY . .",
        ),
    ],
)
def test_the_fix_moves_the_install_in_front(lines: str, expected: str) -> None:
    assert fixed(lines, NODE) == expected
    assert not image_of(fixed(lines, NODE), NODE).build.early_copies


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("COPY . .\nRUN npm ci && npm run build", NODE),
        ("COPY . .\n# why\nRUN npm ci", NODE),
        ("COPY . .\nRUN mkdir x\nRUN npm ci", NODE),
        ("COPY . /srv\nRUN cd /srv && npm ci", NODE),
        ("COPY . .\nRUN npm ci", {**NODE, "package.json": '{"scripts": {"postinstall": "node src/app.js"}}'}),
        ("COPY . .\nRUN poetry install", PROJECT),
    ],
)
def test_no_fix_where_more_than_the_order_would_change(lines: str, files: dict[str, str]) -> None:
    (early,) = image_of(lines, files).build.early_copies
    assert early.edits == ()


def test_every_install_behind_one_copy_is_named_once() -> None:
    (early,) = image_of("COPY . .\nRUN mix deps.get\nRUN npm ci\nRUN npm ci", {**NODE, **MIX}).build.early_copies
    assert early.span.text == "COPY . ."
    assert [each.span.text for each in early.installs] == ["mix deps.get", "npm ci"]


WEB = {**NODE, "web/package.json": '{"dependencies": {"vite": "7"}}', "web/src/app.js": ""}


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        ("COPY package.json .\nRUN npm ci\nCOPY . .\nRUN cd web && npm ci", WEB, [("npm ci", "web/")]),
        ("COPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm --prefix web ci", WEB, [("npm --prefix web ci", "web/")]),
        ("COPY . .\nRUN npm ci\nWORKDIR /app/web\nRUN npm ci", WEB, [("npm ci", ""), ("npm ci", "web/")]),
        (f"COPY requirements.txt .\nRUN {PIP}\nCOPY . .\nRUN pip install -r docs/requirements.txt",
            {**PYTHON, "docs/requirements.txt": "sphinx\n"}, [("pip install", "docs/requirements.txt")]),
        ("COPY mix.exs mix.lock ./\nRUN mix deps.get\nCOPY . .\nRUN cd tools && mix deps.get",
            {**MIX, "tools/mix.exs": "", "tools/mix.lock": ""}, [("mix deps.get", "tools/")]),
    ],
)  # fmt: skip
def test_each_folder_has_an_install_of_its_own(lines: str, files: dict[str, str], expected: list[tuple[str, str]]) -> None:
    installs = [install for copy in image_of(lines, files).build.early_copies for install in copy.installs]
    assert [(install.span.text, install.place) for install in installs] == expected


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("COPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci", WEB),
        ("COPY web/package.json web/\nRUN cd web && npm ci\nCOPY . .\nRUN npm --prefix web ci", WEB),
        ("COPY . .\nRUN cd web && yarn", {**WEB, "package.json": '{"workspaces": ["web"]}'}),
        ("COPY . .\nRUN cd web && pnpm install", {**WEB, "pnpm-workspace.yaml": "packages: [web]\n"}),
        ("COPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN cd tool && go build",
            {**GO, "tool/go.mod": "module tool\n\nrequire github.com/a/b v1.0.0\n", "tool/main.go": ""}),
        ("COPY package.json .\nRUN cd $WHERE && npm ci\nCOPY . .\nRUN cd web && npm ci", WEB),
    ],
)  # fmt: skip
def test_one_folder_is_installed_once(lines: str, files: dict[str, str]) -> None:
    assert lines_of(lines, files) == []


@pytest.mark.parametrize(
    ("lines", "folders"),
    [
        ("COPY . .", ("",)),
        ("COPY ./ ./", ("",)),
        ("COPY shop/ shop/", ("shop/",)),
        ("COPY ./shop docs requirements.txt ./", ("shop/",)),
    ],
)
def test_folders_that_an_edit_changes(lines: str, folders: tuple[str, ...]) -> None:
    (early,) = image_of(f"COPY requirements.txt .\n{lines}\nRUN {PIP}", {**PYTHON, "docs/index.md": ""}).build.early_copies
    assert early.folders == folders


def test_stages_that_nothing_ships_do_not_count() -> None:
    tree = Tree({**NODE, "Dockerfile": "FROM a AS lint\nCOPY . .\nRUN npm ci\nFROM b\nCOPY . .\nCMD run\n"})
    assert read(tree.sources["Dockerfile"], tree).build.early_copies == ()


def test_requirements_that_include_each_other_are_listed_once() -> None:
    files = {**PYTHON, "requirements.txt": "-r more.txt\n-r more.txt\n", "more.txt": "-r requirements.txt\n" + " " * 50_000}
    assert lines_of(f"COPY . .\nRUN {PIP}", files) == [("COPY requirements.txt more.txt ./", f"RUN {PIP}")]
