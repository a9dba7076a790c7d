"""What a container executes: ENTRYPOINT and CMD, and what the platform's own settings replace."""

from __future__ import annotations

import pytest

from deploylint.images.bases import base_of
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


@pytest.mark.parametrize(
    ("base", "args", "expected"),
    [
        ("traefik:3.6", "--providers.docker", "traefik --providers.docker"),
        ("haproxy:3.2", "-f /etc/haproxy.cfg", "haproxy -f /etc/haproxy.cfg"),
        ("envoyproxy/envoy:v1.36.2", "-c /etc/own.yaml", "envoy -c /etc/own.yaml"),
        ("traefik:3.6", "healthcheck --ping", "healthcheck --ping"),
        ("nginx:1.29", "-g daemon", "-g daemon"),
        ("example/proxy:1", "--port 80", "--port 80"),
    ],
)
def test_options_go_to_the_program_of_a_published_image(base: str, args: str, expected: str) -> None:
    reference = Source("pod.yaml", base).whole
    start = start_of(None, container(None, args), base_of(known(base, reference), reference))
    assert start
    assert " ".join(argument.text for argument in start.arguments) == expected
    words = ", ".join(f'"{word}"' for word in args.split())
    tree = Tree({"Dockerfile": f"FROM {base}\nCMD [{words}]\n"})
    source = tree.read("Dockerfile")
    assert source
    built = start_of(read(source, tree), None)
    assert built
    assert " ".join(argument.text for argument in built.arguments) == expected


def test_options_after_an_entrypoint_of_its_own_stay_its_arguments() -> None:
    reference = Source("pod.yaml", "traefik:3.6").whole
    start = start_of(None, container("/wrapper", "--debug"), base_of(known("traefik:3.6", reference), reference))
    assert start
    assert [argument.text for argument in start.arguments] == ["/wrapper", "--debug"]


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
