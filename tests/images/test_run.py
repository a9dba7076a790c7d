"""The commands of a RUN, the packages they leave behind, the builds among them, and the files they write."""

from __future__ import annotations

import pytest

from deploylint.images.build_commands import builds, installs, is_idle, start_builds
from deploylint.images.inline import written
from deploylint.images.packages import left_installed
from deploylint.images.run import Command, commands, commands_of_words
from deploylint.syntax.dockerfile import parse
from deploylint.text import Fragment, Source


def run(text: str) -> list[Command]:
    return commands(parse(Source("Dockerfile", f"RUN {text}")).instructions[0])


def lines(text: str) -> list[str]:
    return [" ".join(word.text for word in command.words) for command in run(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || c; d | e & f", ["a", "b", "c", "d", "e", "f"]),
        ("set -eux; echo \"a; b && c\" 'd | e'", ["set -eux", "echo a; b && c d | e"]),
        ("a \\\n  # why\n  && b c", ["a", "b c"]),
        ('if [ "$A" = 1 ]; then B=2 npm run build; fi', ["[ $A = 1 ]", "npm run build", "fi"]),
        ("! a && (cd b && c)", ["a", "cd b", "c"]),
        ("A=1 B=$(x 'a)b' | y) c > /dev/null 2>&1", ["c"]),
        ('echo "$(a "b c" && d)" e', ["echo $(a b c && d) e"]),
        ('sh -c "a && b"', ["sh -c a && b", "a", "b"]),
        ("bash -euxo pipefail -c 'a; b'", ["bash -euxo pipefail -c a; b", "a", "b"]),
        ("bash script.sh -c x", ["bash script.sh -c x"]),
        ('["sh", "-c", "a && b"]', ["sh -c a && b", "a", "b"]),
        ('["make", "install"]', ["make install"]),
        ("<<EOF\na # comment\nfor f in x; do\n  b $f\ndone\nEOF\n", ["a", "for f in x", "b $f", "done"]),
        ("<<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n", []),
        ("<<EOF\n#!/bin/bash\na\nEOF\n", ["a"]),
        ("bash <<EOF\na\nEOF\n", ["bash", "a"]),
        ("python3 <<EOF\nimport os\nEOF\n", ["python3"]),
        ("<<X\ncat <<EOF > /f\nmake install\nEOF\nb\nX\n", ["cat", "b"]),
        ("a# b", ["a# b"]),
        ('echo "unterminated', ["echo unterminated"]),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


def test_every_word_knows_its_place() -> None:
    source = Source("Dockerfile", "FROM x\nRUN apt-get update && \\\n    apt-get install -y \\\n    gcc 'g++'\n")
    words = [word for command in commands(parse(source).instructions[1]) for word in command.words]
    assert [word.span.text for word in words][-2:] == ["gcc", "'g++'"]
    assert words[-2].span.where == "Dockerfile:4:5"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev curl", ["gcc", "libpq-dev"]),
        ("apt-get install -y libpq-dev", []),
        ("apt-get install -y build-essential=12.* && apt-get clean", ["build-essential"]),
        ("apt-get install -y gcc:amd64 python3.11-dev -t bookworm make", ["gcc", "python3.11-dev", "make"]),
        ("apt-get -qq -o Dpkg::Use-Pty=0 install gcc", ["gcc"]),
        ("DEBIAN_FRONTEND=noninteractive sudo apt-get install gcc", ["gcc"]),
        ("env DEBIAN_FRONTEND=noninteractive apt install gcc", ["gcc"]),
        ("apt-get install -y gcc && make && apt-get purge -y gcc", []),
        ("apt-get install -y gcc make && apt-get remove -y --auto-remove gcc", ["make"]),
        ("apt-get install -y gcc && apt-get purge -y --auto-remove", ["gcc"]),
        ("apt-get install -y gcc && rm -rf /usr/bin/gcc", ["gcc"]),
        ("buildDeps='gcc make' && apt-get install -y $buildDeps && apt-get purge -y $buildDeps", []),
        ('buildDeps="gcc make" && apt-get install -y ${buildDeps}', ["gcc", "make"]),
        ('savedAptMark="$(apt-mark showmanual)"; apt-get install -y gcc; apt-mark auto \'.*\' > /dev/null; '
         'apt-mark manual $savedAptMark; apt-get purge -y --auto-remove', []),
        ("apt-get install -y cargo && apt-mark showmanual | xargs apt-mark auto && apt-get remove --purge --auto-remove -y", []),
        ("apk add --no-cache --virtual .build-deps gcc musl-dev && pip install x && apk del .build-deps", []),
        ("apk add -t .build-deps gcc && apk del .build-deps", []),
        ("apk add --virtual=.build-deps gcc && apk del --no-network .build-deps", []),
        ("apk add --no-cache build-base git openssl-dev", ["build-base", "openssl-dev"]),
        ("apk --no-cache add go@edge", ["go"]),
        ("dnf install -y gcc-c++ make && dnf clean all", ["gcc-c++", "make"]),
        ("yum groupinstall -y 'Development Tools'", ["development-tools"]),
        ("zypper -n install -t pattern devel_basis", ["devel_basis"]),
        ("pacman -Sy --noconfirm base-devel", ["base-devel"]),
        ("pip install cmake==3.27 requests", ["cmake"]),
        ("curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y", ["rustup"]),
        ("apt-get install -y $UNKNOWN curl git", []),
        ("apt-get install -y $DEPS", ["g++"]),
        ("echo apt-get install gcc", []),
        ("<<EOF\napt-get update\napt-get install -y gcc\nEOF\n", ["gcc"]),
    ],
)  # fmt: skip
def test_build_packages_left_installed(text: str, expected: list[str]) -> None:
    assert [tool.name for tool in left_installed(run(text), {"DEPS": "g++ curl"})] == expected


def test_a_packages_span_is_its_name_even_in_a_variable() -> None:
    tools = left_installed(run("deps=\"gcc=4:12 make\" && apt-get install $deps 'g++'"), {})
    assert [tool.span.text for tool in tools] == ["gcc=4:12", "make", "g++"]


@pytest.mark.parametrize(
    ("text", "name", "marked"),
    [
        ("mix do deps.get, deps.compile, compile", "mix deps.compile", "mix do deps.get, deps.compile"),
        ("MIX_ENV=prod mix release", "mix release", "mix release"),
        ("mix do compile, release --overwrite", "mix release", "mix do compile, release"),
        ("CGO_ENABLED=0 go build -o /app ./...", "go build", "go build"),
        ("cd client && npm run build:prod", "npm run build:prod", "npm run build:prod"),
        ("npm --prefix assets run build", "npm run build", "npm --prefix assets run build"),
        ("yarn build", "yarn build", "yarn build"),
        ("cargo chef cook --release", "cargo chef cook", "cargo chef cook"),
        ("./mvnw -B -DskipTests package", "mvnw package", "./mvnw -B -DskipTests package"),
        ("./gradlew :app:bootJar --no-daemon", "gradlew :app:bootJar", "./gradlew :app:bootJar"),
        ("dotnet publish -c Release", "dotnet publish", "dotnet publish"),
        ("make -j4 all", "make", "make"),
        ("bundle exec rake assets:precompile && bundle install", "bundle install", "bundle install"),
        ("poetry run pip wheel .", "pip wheel", "pip wheel"),
    ],
)
def test_builds(text: str, name: str, marked: str) -> None:
    (tool,) = builds(run(text))
    assert (tool.name, tool.span.text) == (name, marked)


@pytest.mark.parametrize(
    "text",
    [
        "mix deps.get --only prod", "mix local.hex --force", "npm ci", "npm install", "go mod download", "cargo fetch",
        "make clean", "pip install -r requirements.txt", "echo go build", "go version", "npm run test", "dotnet restore",
        "mvn dependency:go-offline",
    ],
)  # fmt: skip
def test_no_builds(text: str) -> None:
    assert builds(run(text)) == []


@pytest.mark.parametrize(
    "text", ["pip install x", "python -m pip install x", "uv sync --locked", "npm ci", "poetry install --no-root"]
)
def test_installs(text: str) -> None:
    assert len(installs(run(text))) == 1


def start(*words: str) -> list[Command]:
    return commands_of_words([Fragment.verbatim(Source("x", word), 0, len(word)) for word in words])


@pytest.mark.parametrize(
    "words", [("mix", "phx.server"), ("sh", "-c", "mix ecto.migrate && mix phx.server"), ("go", "run", "."), ("cargo", "run")]
)
def test_a_start_that_compiles(words: tuple[str, ...]) -> None:
    assert start_builds(start(*words))


@pytest.mark.parametrize(
    "words", [("bin/app", "start"), ("npm", "start"), ("gunicorn", "app:app"), ("dotnet", "app.dll"), ("mix", "test")]
)
def test_a_start_that_does_not(words: tuple[str, ...]) -> None:
    assert not start_builds(start(*words))


@pytest.mark.parametrize(
    "words",
    [
        ("bash",),
        ("/bin/sh", "-l"),
        ("python3",),
        ("sleep", "infinity"),
        ("tail", "-f", "/dev/null"),
        ("jupyter", "lab"),
        ("node",),
    ],
)
def test_an_idle_start(words: tuple[str, ...]) -> None:
    assert is_idle(start(*words))


@pytest.mark.parametrize("words", [("python3", "app.py"), ("sh", "run.sh"), ("sh", "-c", "exec app"), ("app",), ()])
def test_a_service(words: tuple[str, ...]) -> None:
    assert not is_idle(start(*words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo '#!/bin/sh\\nexec app' > /start.sh", [("/start.sh", "#!/bin/sh\nexec app\n", False)]),
        ('echo "a" >> /x', [("/x", "a\n", True)]),
        ("echo -e 'a\\tb' > /x", [("/x", "a\tb\n", False)]),
        ("printf '%s\\n' '#!/bin/sh' 'exec app' > /x", [("/x", "#!/bin/sh\nexec app\n", False)]),
        ("printf '#!/bin/sh\\nexec app\\n' > /x", [("/x", "#!/bin/sh\nexec app\n", False)]),
        ("cat <<EOF > /x && chmod +x /x\nexec app\nEOF\n", [("/x", "exec app\n", False)]),
        ("cat <<'EOF' | tee /x\nexec app\nEOF\n", [("/x", "exec app\n", False)]),
        ("tee /x <<EOF\nexec app\nEOF\n", [("/x", "exec app\n", False)]),
        ("echo hello", []),
        ("echo hello 2> /x", []),
        ("echo hello > /dev/null", []),
        ("curl x > /x", []),
    ],
)
def test_files_that_a_run_writes(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert [(path, content.text, appends) for path, content, appends in written(run(text))] == expected


def test_a_written_files_words_know_their_place() -> None:
    ((_, content, _),) = written(run("echo '#!/bin/sh\\nexec app' > /x"))
    at = content.text.index("exec")
    assert content.span(at, at + 8).text == "exec app"
