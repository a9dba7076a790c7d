"""Whose files an image holds where it copies a stage whole."""

from __future__ import annotations

import pytest

from tests.images.test_reading import image

BUILDER = """\
FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y gcc make git
RUN make
"""


def tools(rest: str, builder: str = BUILDER) -> list[str]:
    return [tool.name for tool in image(f"{builder}\n{rest}").contents.tools]


@pytest.mark.parametrize(
    "rest",
    [
        "FROM scratch\nCOPY --from=build / /\n",
        "FROM alpine:3.22\nCOPY --from=0 /. /\n",
        "FROM scratch\nCOPY --from=build /* /\n",
        "FROM build AS tested\nRUN make test\nFROM scratch\nCOPY --from=tested / /\n",
        "FROM scratch AS flat\nCOPY --from=build / /\nFROM alpine:3.22\nCOPY --from=flat / /\n",
    ],
)
def test_build_packages_of_a_stage_copied_whole_ship(rest: str) -> None:
    assert tools(rest) == ["gcc", "make"]


@pytest.mark.parametrize(
    "rest",
    [
        "FROM scratch\nCOPY --from=build /usr/local /usr/local\n",
        "FROM scratch\nCOPY --from=build / /rootfs/\n",
        "FROM scratch\nCOPY --from=build --exclude=usr/bin/* / /\n",
        "FROM scratch\nCOPY --from=registry.example.com/build / /\n",
        "FROM build AS slim\nRUN apt-get purge -y gcc make\nFROM scratch\nCOPY --from=slim / /\n",
        "FROM scratch\nCOPY / /\n",
    ],
)
def test_build_packages_stay_behind(rest: str) -> None:
    assert tools(rest) == []


@pytest.mark.parametrize("step", ["rm -rf /usr/local/go", "apt-get remove -y gcc", "rm -rf $GOROOT", "find /usr/lib -delete"])
def test_base_that_a_copied_stage_strips_is_unknown(step: str) -> None:
    assert tools("FROM scratch\nCOPY --from=build / /\n", f"FROM golang:1.24 AS build\nRUN {step}\n") == []


def test_removed_caches_leave_the_base_as_it_is() -> None:
    builder = "FROM golang:1.24 AS build\nRUN rm -rf /var/lib/apt/lists/* /usr/share/doc /root/.cache/go-build\n"
    assert tools("FROM scratch\nCOPY --from=build / /\n", builder) == ["go", "gcc", "g++", "make"]


def test_empty_base_has_the_system_of_the_stage_copied_onto_it() -> None:
    base = image("FROM alpine:3.22 AS build\nRUN apk add curl\nFROM scratch\nCOPY --from=build / /\n").base
    assert base is not None
    assert (base.name, base.shell, base.libc) == ("scratch", "busybox", "musl")


def test_two_systems_in_one_image_are_unknown() -> None:
    base = image("FROM alpine:3.22 AS build\nRUN apk add curl\nFROM debian:12\nCOPY --from=build / /\n").base
    assert base is not None
    assert (base.shell, base.libc) == ("", "")
