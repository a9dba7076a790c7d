"""A Dockerfile as the image it ships: stages, variables, start command, copies, context, written files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.images.context import find_context
from deploylint.images.ignore import ignore_for
from deploylint.images.reading import is_production_dockerfile, reaches_image, read
from deploylint.images.variables import expand
from deploylint.model.value import Value, known, unknown
from deploylint.syntax.dockerfile import DockerfileError
from deploylint.text import Source
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.image import Image

SPAN = Source("fly.toml", "args").whole


def image(text: str, path: str = "Dockerfile", others: dict[str, str] | None = None, **options: str) -> Image:
    tree = Tree({path: text, **(others or {})})
    return read(tree.sources[path], tree, **options)  # type: ignore[arg-type]


def start(found: Image) -> tuple[list[str] | None, list[str] | None]:
    return tuple(
        None if words is None else [word.text for word in words] for words in (found.config.entrypoint, found.config.cmd)
    )  # type: ignore[return-value]


VARIABLES: dict[str, Value[str]] = {"A": known("1", SPAN), "E": known("", SPAN), "U": unknown(None, "a build argument")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("'a b'", "a b"),
        ('"a b"', "a b"),
        ("a\\ b", "a b"),
        ('"a\\\\b"', "a\\b"),
        ('"a\\tb"', "a\\tb"),
        ("'$A'", "$A"),
        ('"$A"', "1"),
        ("$A", "1"),
        ("${A}x", "1x"),
        ("\\$A", "$A"),
        ("x$A.y", "x1.y"),
        ("$", "$"),
        ("a$.b", "a$.b"),
        ("$U", None),
        ("$X", None),
        ("a${X}b", None),
        ("${X:-d}", "d"),
        ("${X-d}", "d"),
        ("${U:-d}", "d"),
        ("${A:-d}", "1"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${X:-$A}", "1"),
        ("${X:-${Y:-d}}", "d"),
        ("${X:-$Y}", None),
        ("${A:+y}", "y"),
        ("${X:+y}", ""),
        ("${E:+y}", ""),
        ("${E+y}", "y"),
        ("${X:-a b}", "a b"),
        ('${X:-"a"}', "a"),
        ("${A#1}", None),
        ("${A%x}", None),
        ("${A?}", "1"),
        ("${", None),
        ("${A", None),
        ("'unterminated", "unterminated"),
        ("${X:-" * 60, None),
    ],
)
def test_variables(text: str, value: str | None) -> None:
    assert expand(text, "\\", VARIABLES.get).text == value


def test_variables_are_listed_in_order() -> None:
    text = 'a$A"${X:-$U}"'
    assert expand(text, "\\", VARIABLES.get).references == ("A", "X", "U")


def test_the_phoenix_generators_nested_global_arguments() -> None:
    found = image(
        "ARG ELIXIR_VERSION=1.18.4\nARG OTP_VERSION=27.3\nARG DEBIAN_VERSION=bookworm-20250610-slim\n"
        'ARG BUILDER_IMAGE="hexpm/elixir:${ELIXIR_VERSION}-erlang-${OTP_VERSION}-debian-${DEBIAN_VERSION}"\n'
        'ARG RUNNER_IMAGE="debian:${DEBIAN_VERSION}"\n'
        "FROM ${BUILDER_IMAGE} AS builder\nRUN mix release\n"
        'FROM ${RUNNER_IMAGE}\nCOPY --from=builder /app /app\nCMD ["/app/bin/server"]\n'
    )
    assert found.base is not None
    assert (found.base.name, found.base.tag) == ("debian", "bookworm-20250610-slim")
    assert found.base.span.text == "${RUNNER_IMAGE}"
    assert (found.base.distro, found.base.is_sdk) == ("debian-12", False)
    assert found.stages[0].base is not None
    assert found.stages[0].base.toolchain == ("mix",)
    assert (found.contents.builds, [tool.name for tool in found.build.commands]) == ((), ["mix release"])


@pytest.mark.parametrize("reference", ["$BASE", "${BASE}", "x-$VARIANT"])
def test_a_base_without_a_default_is_unknown(reference: str) -> None:
    found = image(f"ARG BASE\nARG VARIANT\nFROM {reference}\n")
    assert found.base is not None
    assert found.base.name == ""


STAGED = """\
FROM golang:1.22 AS Build
ENV A=1
FROM build AS test
FROM scratch AS out
COPY --from=build /x /x
FROM test
ENV B=2
"""


@pytest.mark.parametrize(
    ("target", "shipped"), [("", (0, 1, 3)), ("out", (2,)), ("BUILD", (0,)), ("1", (0, 1)), ("no-such-stage", (0, 1, 3))]
)
def test_what_ships_is_the_targets_line_of_stages(target: str, shipped: tuple[int, ...]) -> None:
    found = image(STAGED, target=target)
    assert found.shipped == shipped


def test_a_stage_inherits_from_the_one_it_continues() -> None:
    found = image(STAGED)
    assert {name: value.content for name, value in found.config.environment.items()} == {"A": "1", "B": "2"}
    assert found.base is not None
    assert found.base.name == "golang"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ARG A=1\n", "no build stage: the file has no FROM"),
        ("RUN ls\nFROM x\n", "RUN stands before the first FROM"),
        ("FROM a b\n", "FROM takes an image, or an image `AS` a name"),
        ("FROM\n", "FROM takes an image, or an image `AS` a name"),
        ("FROM x\nCOPY a\n", "COPY takes at least a source and a destination"),
    ],
)
def test_files_no_builder_builds(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        image(text)
    assert caught.value.message == message


SH = ["/bin/sh", "-c"]


@pytest.mark.parametrize(
    ("text", "entrypoint", "cmd"),
    [
        ("FROM x\n", None, None),
        ('FROM x\nCMD ["a", "b"]\n', None, ["a", "b"]),
        ("FROM x\nCMD a b\n", None, [*SH, "a b"]),
        ('FROM x\nENTRYPOINT ["a"]\n', ["a"], []),
        ('FROM x\nCMD ["b"]\nENTRYPOINT ["a"]\n', ["a"], ["b"]),
        ('FROM x AS p\nCMD ["b"]\nFROM p\nENTRYPOINT ["a"]\n', ["a"], []),
        ('FROM x AS p\nENTRYPOINT ["a"]\nFROM p\nCMD ["b"]\n', ["a"], ["b"]),
        (
            'FROM x\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nCMD a | b\n',
            None,
            ["/bin/bash", "-o", "pipefail", "-c", "a | b"],
        ),
        ('FROM x\nCMD ["a"]\nCMD ["b"]\n', None, ["b"]),
        ("FROM x\nCMD []\n", None, []),
    ],
)
def test_start_command(text: str, entrypoint: list[str] | None, cmd: list[str] | None) -> None:
    assert start(image(text)) == (entrypoint, cmd)


def test_shell_form_words_are_implicit_and_the_line_knows_its_place() -> None:
    cmd = image("FROM x\nCMD exec a \\\n  --b\n").config.cmd
    assert cmd is not None
    assert [(word.text, word.is_implicit) for word in cmd] == [("/bin/sh", True), ("-c", True), ("exec a   --b", False)]
    at = cmd[2].text.index("--b")
    assert cmd[2].fragment.span(at, at + 3).where == "Dockerfile:3:3"
    assert cmd[0].fragment.whole.text == "CMD"


def test_settings() -> None:
    found = image(
        "FROM x\nARG D=/srv\nWORKDIR $D\nWORKDIR app\nSTOPSIGNAL SIGQUIT\nENV PORT=4000\n"
        'EXPOSE $PORT 80/tcp 53/udp 9000-9002 $X\nSHELL ["bash", "-c"]\n'
    )
    assert found.config.workdir == "/srv/app"
    assert found.config.stop_signal is not None
    assert found.config.stop_signal.content == "SIGQUIT"
    assert [port.content for port in found.config.exposed_ports] == [4000, 80, 53, 9000, 9001, 9002, None]
    assert found.config.shell == ("bash", "-c")


@pytest.mark.parametrize(
    ("lines", "workdir"),
    [("", "/"), ("WORKDIR a\nWORKDIR ../b", "/b"), ("WORKDIR $X\nWORKDIR b", None), ("WORKDIR $X\nWORKDIR /c", "/c")],
)
def test_workdir(lines: str, workdir: str | None) -> None:
    assert image(f"FROM x\n{lines}\n").config.workdir == workdir


def test_environment_is_substituted_and_unknown_stays_unknown() -> None:
    found = image(
        'ARG V=9\nFROM x\nARG V\nARG T\nENV A=$V B=${T} C="a b"\nENV D=$A PORT=${PORT:-8080} P=$PATH:/x\nENV old style\n'
    )
    contents = {name: value.content for name, value in found.config.environment.items()}
    assert contents == {"A": "9", "B": None, "C": "a b", "D": "9", "PORT": "8080", "P": None, "old": "style"}
    value = found.config.environment["C"]
    assert value.span is not None
    assert value.span.text == '"a b"'


def test_build_arguments_of_a_platform_file_replace_defaults() -> None:
    tree = Tree({"Dockerfile": "ARG TAG=1\nFROM python:$TAG\nARG V=a\nENV V=$V\n"})
    given = {"TAG": known("3.12-slim", SPAN), "V": known("b", SPAN)}
    found = read(tree.sources["Dockerfile"], tree, arguments=given)
    assert found.base is not None
    assert (found.base.name, found.base.tag) == ("python", "3.12-slim")
    assert found.config.environment["V"].content == "b"


def test_copies() -> None:
    found = image(
        'FROM x AS b\nFROM y\nWORKDIR /app\nCOPY a.txt b.txt ./\nCOPY --from=b /out/app bin/app\nADD ["c d", "/e f"]\nCOPY . .\n'
        "COPY <<EOF /start.sh\nexec app\nEOF\nCOPY <<one <<two /etc/x/\n1\none\n2\ntwo\nCOPY x $UNKNOWN/\n"
    )
    assert [(each.source, each.target, each.from_stage, each.is_folder_target) for each in found.build.copies] == [
        ("a.txt", "/app", "", True),
        ("b.txt", "/app", "", True),
        ("/out/app", "/app/bin/app", "b", False),
        ("c d", "/e f", "", False),
        (".", "/app", "", True),
        ("EOF", "/start.sh", "", False),
        ("one", "/etc/x", "", True),
        ("two", "/etc/x", "", True),
        ("x", "", "", True),
    ]
    assert {path: content.text for path, content in found.contents.inline_files.items()} == {
        "/start.sh": "exec app\n",
        "/etc/x/one": "1\n",
        "/etc/x/two": "2\n",
    }


def test_files_written_by_run_are_joined_when_appended() -> None:
    found = image("FROM x\nWORKDIR /app\nRUN echo '#!/bin/sh' > start.sh && echo 'exec app' >> start.sh\nRUN echo a > $X/y\n")
    assert {path: content.text for path, content in found.contents.inline_files.items()} == {
        "/app/start.sh": "#!/bin/sh\nexec app\n"
    }


def test_what_a_builder_copies_reaches_the_image_with_its_folder() -> None:
    found = image("FROM x AS b\nWORKDIR /rails\nCOPY . .\nCOPY a /other/\nFROM y\nCOPY --from=b /rails /rails\n")
    paths = [(0, "/rails"), (0, "/rails/config/a"), (0, "/other/a"), (1, "/any")]
    assert [reaches_image(found.stages, found.shipped, found.build.copies, stage, path) for stage, path in paths] == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("path", "others", "context"),
    [
        ("Dockerfile", ["mix.exs", "lib/a.ex"], ""),
        ("web/Dockerfile", ["web/mix.exs", "web/lib/a.ex"], "web"),
        ("docker/Dockerfile", ["mix.exs", "lib/a.ex"], ""),
        ("ops/docker/Dockerfile", ["ops/mix.exs", "ops/lib/a.ex", "mix.exs"], "ops"),
        ("docker/Dockerfile", ["docker/mix.exs", "mix.exs", "lib/a.ex"], ""),
        ("docker/Dockerfile", [], "docker"),
    ],
)
def test_context_is_where_the_copied_files_are(path: str, others: list[str], context: str) -> None:
    tree = Tree({path: "FROM x\nCOPY mix.exs mix.lock* ./\nCOPY lib lib\n", **dict.fromkeys(others, "")})
    found = read(tree.sources[path], tree)
    assert found.build.context == context
    assert find_context(path, found.build.copies, tree).folder == context


@pytest.mark.parametrize(
    ("patterns", "path", "is_excluded"),
    [
        (".env", ".env", True),
        (".env", "a/.env", False),
        ("**/.env", "a/b/.env", True),
        ("**/.env", ".env", True),
        (".env*", ".env.prod", True),
        ("*.env", "x.env", True),
        (".*", ".env", True),
        ("*", "a/.env", True),
        ("a", "a/b/c", True),
        ("/a", "a", True),
        ("a/", "a/b", True),
        ("./a", "a", True),
        ("a/*", "a/b/c", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("**", "a/b", True),
        ("*\n!.env", ".env", False),
        (".env\n!.env", ".env", False),
        ("!.env\n.env", ".env", True),
        ("# .env", ".env", False),
        ("[.]env", ".env", True),
        ("[^a]env", ".env", True),
        ("?env", ".env", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/d/c", True),
        ("a/**/c", "a/b", False),
        ("", "a", False),
        ("  .env  ", ".env", True),
        ("a*b*c*d*e*f*g*h*i*j", "a" * 200, False),
        ("**/" * 50 + "x", "/".join("a" * 50), False),
    ],
)
def test_dockerignore(patterns: str, path: str, is_excluded: bool) -> None:
    tree = Tree({".dockerignore": patterns})
    assert ignore_for("Dockerfile", "", tree).excludes(path) is is_excluded


@pytest.mark.parametrize(
    ("files", "ignorefile", "chosen"),
    [
        ({}, "", None),
        ({".dockerignore": ""}, "", ".dockerignore"),
        ({".dockerignore": "", "app/Dockerfile.dockerignore": ""}, "", "app/Dockerfile.dockerignore"),
        ({".dockerignore": "", "app/Dockerfile.dockerignore": "", "fly.ignore": ""}, "fly.ignore", "fly.ignore"),
        ({"app/.dockerignore": ""}, "", None),
    ],
)
def test_which_ignore_file(files: dict[str, str], ignorefile: str, chosen: str | None) -> None:
    source = ignore_for("app/Dockerfile", "", Tree(files), ignorefile).source
    assert (source.path if source else None) == chosen


@pytest.mark.parametrize(
    "path", ["Dockerfile", "app/Dockerfile", "Dockerfile.prod", "api.Dockerfile", "deploy/web/Containerfile"]
)
def test_production(path: str) -> None:
    assert is_production_dockerfile(path)


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dev",
        "dev.Dockerfile",
        "Dockerfile-test",
        "Dockerfile.builder",
        "Dockerfile.base",
        ".devcontainer/Dockerfile",
        "test/Dockerfile",
        "examples/web/Dockerfile",
        "docs/Dockerfile",
        "priv/templates/Dockerfile",
        "eng/dockerfile-templates/sdk/Dockerfile.linux",
        "tutorials/web/Dockerfile",
        "configsamples/Dockerfile",
        "parser/testfiles-negative/Dockerfile",
        ".github/Dockerfile",
        "ci/Dockerfile",
        "e2e/Dockerfile",
        "vendor/x/Dockerfile",
        "Dockerfile.dev-tools",
    ],
)
def test_not_production(path: str) -> None:
    assert not is_production_dockerfile(path)


@pytest.mark.parametrize(
    ("name", "is_production"), [("dev", False), ("development", False), ("test", False), ("web", True), ("final", True)]
)
def test_a_final_stage_for_development(name: str, is_production: bool) -> None:
    assert image(f"FROM x AS {name}\nCMD a\n").is_production is is_production


@pytest.mark.parametrize(
    ("text", "shipped"),
    [
        ("FROM a AS lean\nCMD serve\nFROM lean AS dev\nFROM lean AS ci\nCMD test\n", (0,)),
        ("FROM a AS base\nFROM base AS app\nENTRYPOINT serve\nFROM app AS test\n", (0, 1)),
        ("FROM a AS build\nFROM b AS test\n", (1,)),
        ("FROM a AS app\nCMD serve\nFROM app AS production\n", (0, 1)),
    ],
)
def test_stages_for_development_at_the_end_do_not_ship(text: str, shipped: tuple[int, ...]) -> None:
    assert image(text).shipped == shipped


def test_is_service() -> None:
    assert image('FROM x\nCMD ["app"]\n').is_service
    assert image("FROM x\nEXPOSE 80\n").is_service
    assert not image("FROM x\nRUN make\n").is_service
    assert not image('FROM x\nCMD ["bash"]\n').is_service


def test_tools_of_base_and_packages_once_each() -> None:
    found = image("FROM python:3.12\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install x\n")
    assert [(tool.name, tool.how) for tool in found.contents.tools] == [
        ("gcc", "part of `python:3.12`"),
        ("g++", "part of `python:3.12`"),
        ("make", "part of `python:3.12`"),
        ("libpq-dev", "installed by `apt-get`"),
    ]
    assert [tool.name for tool in found.contents.installs] == ["pip install"]


SAMPLE = """\
ARG V="1"
FROM python:${V:-3} AS b
ARG TOKEN
ENV A="$TOKEN" B='c'
RUN --mount=type=secret,id=x apt-get install gcc && cat <<EOF > /x
$A
EOF
FROM b
COPY --from=b . <<E /y/
z
E
EXPOSE 80-90
ENTRYPOINT ["sh", "-c", "mix run"]
CMD x \\
  y
"""


def test_every_prefix_of_a_dockerfile_is_read_or_refused() -> None:
    for length in range(len(SAMPLE)):
        try:
            image(SAMPLE[:length])
        except DockerfileError as error:
            assert error.message
