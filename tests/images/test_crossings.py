"""What one stage builds and another ships: which artefact crosses, where it was made and where it ends up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.images.reading import read
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.image import Crossing

GO = {
    "go.mod": "module example.com/shop\n",
    "main.go": 'package main\n\nimport "example.com/shop/web"\n',
    "web/web.go": 'package web\n\nimport (\n\t"fmt"\n\tbytes "net/http"\n)\n',
    "cmd/tool/main.go": 'package main\n\nimport "fmt"\n',
}


def crossings_of(text: str, files: dict[str, str] | None = None) -> tuple[Crossing, ...]:
    tree = Tree({**(files or {}), "Dockerfile": text})
    return read(tree.sources["Dockerfile"], tree).contents.crossings


def shipped(
    build: str, copy: str, files: dict[str, str] | None = None, base: str = "debian:12"
) -> list[tuple[str, str, str, str]]:
    text = f"FROM {base} AS build\nWORKDIR /src\n{build}\nFROM debian:11\nCOPY --from=build {copy}\nCMD run\n"
    return [(each.artifact, each.source, each.target, each.command.text) for each in crossings_of(text, files)]


@pytest.mark.parametrize(
    ("build", "copy", "expected"),
    [
        ("RUN mix release", "/src/_build/prod/rel/shop /app", ("release", "/src/_build/prod/rel/shop", "/app", "mix release")),
        ("RUN mix do compile, release", "/src/_build/prod/rel/ .",
            ("release", "/src/_build/prod/rel", "/", "mix do compile, release")),
        ("RUN mix release --path /out", "/out /app", ("release", "/out", "/app", "mix release")),
        ("RUN mix release\nRUN mv _build/prod/rel/shop /rel", "/rel /app",
            ("release", "/src/_build/prod/rel/shop", "/app", "mix release")),
        ("RUN cargo build -r", "/src/target/release/shop /shop", ("rust", "/src/target/release/shop", "/shop", "cargo build")),
        ("RUN cargo build --profile dist", "/src/target/dist/shop /bin/",
            ("rust", "/src/target/dist/shop", "/bin", "cargo build")),
        ("RUN cargo build -r && cp target/release/shop /usr/bin", "/usr/bin/shop /shop",
            ("rust", "/src/target/release/shop", "/shop", "cargo build")),
        ("RUN cargo install --path . --root /opt", "/opt/bin/shop /shop", ("rust", "/opt/bin/shop", "/shop", "cargo install")),
        ("RUN cargo install shop", "/usr/local/cargo/bin/shop /shop",
            ("rust", "/usr/local/cargo/bin/shop", "/shop", "cargo install")),
        ("RUN python3 -m venv /venv", "/venv /opt/venv", ("venv", "/venv", "/opt/venv", "python3 -m venv")),
        ("RUN uv sync", "/src /app", ("venv", "/src/.venv", "/app/.venv", "uv sync")),
        ("ENV UV_PROJECT_ENVIRONMENT=/venv\nRUN uv sync", "/venv /venv", ("venv", "/venv", "/venv", "uv sync")),
        ("ENV POETRY_VIRTUALENVS_IN_PROJECT=1\nRUN poetry install", "/src/.venv /app/.venv",
            ("venv", "/src/.venv", "/app/.venv", "poetry install")),
        ("RUN pip install x", "/usr/local/lib/python3.11/site-packages /p",
            ("packages", "/usr/local/lib/python3.11/site-packages", "/p", "pip install")),
    ],
)  # fmt: skip
def test_an_artefact_that_crosses(build: str, copy: str, expected: tuple[str, str, str, str]) -> None:
    assert shipped(build, copy) == [expected]


@pytest.mark.parametrize(
    ("build", "copy"),
    [
        ("RUN mix release", "/src/priv/static /app"),
        ("RUN mix compile", "/src/_build/prod/rel/shop /app"),
        ("RUN cargo build -r --target x86_64-unknown-linux-musl", "/src/target/x86_64-unknown-linux-musl/release/shop /shop"),
        ("ENV RUSTFLAGS='-C target-feature=+crt-static'\nRUN cargo build -r", "/src/target/release/shop /shop"),
        ("RUN cargo build -r", "/src/target/site /site"),
        ("RUN cargo build -r", "/src/static /static"),
        ("RUN cargo run", "/src/target/release/shop /shop"),
        ("RUN python3 -m venv /venv", "/src /app"),
        ("RUN python3 -m venv --copies /venv", "/venv /venv"),
        ("RUN uv venv --relocatable /venv", "/venv /venv"),
        ("ENV UV_PROJECT_ENVIRONMENT=$X\nRUN uv sync", "/src /src"),
        ("RUN poetry install", "/src/.venv /src/.venv"),
        ("RUN npm ci", "/src/node_modules /src/node_modules"),
    ],
)
def test_what_is_not_native_or_not_known_to_be(build: str, copy: str) -> None:
    assert shipped(build, copy) == []


@pytest.mark.parametrize(
    ("build", "base", "expected"),
    [
        ("COPY . .\nRUN go build -o /out/app .", "golang:1.24", "net/http"),
        ("COPY . .\nRUN go build -o /out/ ./", "golang:1.24", "net/http"),
        ("COPY . .\nRUN GOOS=linux go build -o /out/app main.go", "golang:1.24", "net/http"),
        ("COPY . .\nRUN CGO_ENABLED=1 go build -o /out/app .", "golang:1.24-alpine", "net/http"),
        ("COPY . .\nRUN go build -o /out/app ./cmd/tool", "golang:1.24", ""),
        ("COPY . .\nRUN go build -o /out/app .", "golang:1.24-alpine", ""),
        ("COPY . .\nRUN CGO_ENABLED=0 go build -o /out/app .", "golang:1.24", ""),
        ("COPY . .\nENV CGO_ENABLED=0\nRUN go build -o /out/app .", "golang:1.24", ""),
        ("COPY . .\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /out/app .", "golang:1.24", ""),
        ("COPY . .\nRUN go build -ldflags '-extldflags -static' -o /out/app .", "golang:1.24", ""),
        ("RUN git clone x . && go build -o /out/app .", "golang:1.24", ""),
    ],
)
def test_a_go_binary_that_loads_the_c_library(build: str, base: str, expected: str) -> None:
    text = f"FROM {base} AS build\nWORKDIR /src\n{build}\nFROM alpine\nCOPY --from=build /out/app /app\nCMD run\n"
    found = crossings_of(text, GO)
    assert [span.text for each in found for _, span in each.needs] == ([expected] if expected else [])


def test_a_binary_is_followed_through_the_stages_that_hand_it_on() -> None:
    (found,) = crossings_of(
        "FROM rust:1.88 AS a\nWORKDIR /src\nRUN cargo build -r\n"
        "FROM debian:12 AS b\nCOPY --from=a /src/target/release /out\n"
        "FROM b AS c\nRUN cp /out/shop /usr/bin/\n"
        "FROM alpine\nCOPY --from=c /usr/bin/shop /shop\nCMD /shop\n"
    )
    assert (found.builder.name, found.source, found.target) == ("rust", "/src/target/release/shop", "/shop")


NATIVE = '{"devDependencies": {"canvas": "3"}, "dependencies": {"sharp": "^0.34.1", "bcrypt": "%s", "@node-rs/jieba": "2.0.0"}}'


@pytest.mark.parametrize(
    ("bcrypt", "expected"), [("^5.1.0", ["sharp", "bcrypt", "@node-rs/jieba"]), ("6.0.0", ["sharp", "@node-rs/jieba"])]
)
def test_native_modules_are_those_that_cannot_move(bcrypt: str, expected: list[str]) -> None:
    text = "FROM node:22 AS a\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22-alpine\nCOPY --from=a /app /srv\nCMD run\n"
    (found,) = crossings_of(text, {"package.json": NATIVE % bcrypt})
    assert [span.text for _, span in found.needs] == expected
    assert found.target == "/srv/node_modules"


@pytest.mark.parametrize(
    ("again", "crosses"),
    [("RUN npm rebuild", False), ("RUN cd /app && npm ci", False), ("RUN npm run build", True), ("", True)],
)
def test_what_is_installed_again_does_not_cross(again: str, crosses: bool) -> None:
    text = (
        f"FROM node:22 AS a\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:22-alpine\nCOPY --from=a /app /app\n{again}\nCMD run\n"
    )
    assert bool(crossings_of(text, {"package.json": NATIVE % "5"})) is crosses


def test_stages_that_copy_back_and_forth_end() -> None:
    stages = ["FROM debian AS s0\nRUN cargo build\n"]
    stages += [f"FROM debian AS s{at}\nCOPY --from=s{at - 1} /a /a\nCOPY --from=s{at - 1} / /a\n" for at in range(1, 90)]
    assert crossings_of("".join(stages) + "FROM alpine\nCOPY --from=s89 /a /a\nCMD run\n") == ()


def test_more_stages_than_anybody_writes_are_left_alone() -> None:
    stages = "".join(f"FROM {'debian' if at == 0 else f's{at - 1}'} AS s{at}\nCOPY . .\nRUN npm ci\n" for at in range(2000))
    tree = Tree({"Dockerfile": f"{stages}FROM alpine\nCOPY --from=s1999 /a /a\nCMD run\n", "package.json": "{}", "a.js": ""})
    image = read(tree.sources["Dockerfile"], tree)
    assert (image.contents.crossings, image.build.early_copies) == ((), ())
