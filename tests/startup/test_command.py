"""What a container executes: ENTRYPOINT and CMD, and what the platform's own settings replace."""

from __future__ import annotations

import pytest

from deploylint.images.reading import read
from deploylint.model.place import Place
from deploylint.model.process import Argument
from deploylint.model.value import Value, known, unknown
from deploylint.model.workload import Container
from deploylint.startup import start_of
from deploylint.text import Fragment, Source
from tests.support import Tree


def arguments(*words: str) -> tuple[Argument, ...]:
    source = Source("pod.yaml", " ".join(words))
    found, at = [], 0
    for word in words:
        found.append(Argument(Fragment.verbatim(source, at, at + len(word))))
        at += len(word) + 1
    return tuple(found)


def container(command: str | None, args: str | None, environment: dict[str, Value[str]] | None = None) -> Container:
    span = Source("pod.yaml", "web").whole
    return Container(
        "web",
        span,
        "main",
        unknown(span),
        Place(span),
        None if command is None else arguments(*command.split()),
        None if args is None else arguments(*args.split()),
        environment or {},
    )


def started(dockerfile: str, with_container: Container | None = None) -> tuple[str, str] | None:
    tree = Tree({"Dockerfile": f"FROM debian:12\n{dockerfile}\n"})
    source = tree.read("Dockerfile")
    assert source
    start = start_of(read(source, tree), with_container)
    return (" ".join(argument.text for argument in start.arguments), start.origin) if start else None


@pytest.mark.parametrize(
    ("dockerfile", "command", "args", "expected"),
    [
        ('CMD ["app", "x"]', None, None, ("app x", "`CMD`")),
        ("CMD app x", None, None, ("/bin/sh -c app x", "`CMD`")),
        ('ENTRYPOINT ["tini"]\nCMD ["app"]', None, None, ("tini app", "`ENTRYPOINT`")),
        ('ENTRYPOINT ["tini"]', None, None, ("tini", "`ENTRYPOINT`")),
        # Kubernetes: `command` drops CMD too, `args` only replaces CMD.
        ('ENTRYPOINT ["tini"]\nCMD ["app"]', "other", None, ("other", "`command`")),
        ('ENTRYPOINT ["tini"]\nCMD ["app"]', "other", "-x", ("other -x", "`command`")),
        ('ENTRYPOINT ["tini"]\nCMD ["app"]', None, "job", ("tini job", "`ENTRYPOINT`")),
        ('CMD ["app"]', None, "job", ("job", "`args`")),
        ('CMD ["app"]', "", "job", ("job", "`args`")),
        ("", None, None, None),
        ("ENTRYPOINT []", None, None, None),
    ],
)
def test_start(dockerfile: str, command: str | None, args: str | None, expected: tuple[str, str] | None) -> None:
    assert started(dockerfile, container(command, args)) == expected


def test_a_setting_has_the_name_its_file_gives_it() -> None:
    named = container(None, "job")._replace(settings=("entrypoint", "command"))
    assert started('CMD ["app"]', named) == ("job", "`command`")
    assert started('CMD ["app"]', named._replace(command=named.args)) == ("job job", "`entrypoint`")


def test_without_an_image() -> None:
    start = start_of(None, container("sh", "-c app"))
    assert start
    assert [argument.text for argument in start.arguments] == ["sh", "-c", "app"]
    assert start_of(None, None) is None


def test_references_to_the_containers_own_variables() -> None:
    span = Source("pod.yaml", "4000").whole
    environment: dict[str, Value[str]] = {"PORT": known("4000", span), "KEY": unknown(span)}
    start = start_of(None, container("app", "--port=$(PORT) --key=$(KEY) $(date)", environment))
    assert start
    assert [(argument.text, argument.is_known) for argument in start.arguments] == [
        ("app", True),
        ("--port=4000", True),
        ("--key=$(KEY)", False),
        ("$(date)", True),
    ]
    port = start.arguments[1].fragment
    assert port.span(0, 7).text == "--port="
    assert port.span(7, 11).text == "$(PORT)"
