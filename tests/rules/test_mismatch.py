"""Which pairs of images an artefact can't move between, and which nothing is known against."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from deploylint.model.distros import CODENAMES, glibc, openssl

MIX = 'defmodule Shop.MixProject do\n  def project, do: [app: :shop, deps: [{:phoenix, "~> 1.8"}%s]]\nend\n'
RELEASE = "RUN mix release\nFROM %s\n%sCOPY --from=build /app/_build/prod/rel/shop /app\nCMD /app/bin/shop start\n"
RUST = "RUN cargo build -r\nFROM %s\n%sCOPY --from=build /app/target/release/shop /shop\nCMD /shop\n"
HEXPM = "hexpm/elixir:1.18.4-erlang-27.3.4-"


def said(builder: str, rest: str, runtime: str, extra: str = "", mix: str = "") -> list[str]:
    """The findings, each with its severity."""
    dockerfile = f"FROM {builder} AS build\nWORKDIR /app\nCOPY . .\n{rest % (runtime, extra)}"
    tree = Workspace.of({"Dockerfile": dockerfile, "mix.exs": MIX % mix})
    report = run(tree, Settings(select=("runtime-mismatch",)))
    return [f"{each.severity}: {each.message}" for each in report.findings]


@pytest.mark.parametrize(
    ("builder", "runtime", "message"),
    [
        ("debian-trixie-20250811", "debian:bookworm-slim", "error: release needs glibc 2.38, but the image has 2.36"),
        ("debian-bookworm-20250811", "debian:bullseye", "error: release needs glibc 2.34, but the image has 2.31"),
        ("debian-bullseye-20250811", "debian:buster", "error: release needs glibc 2.29, but the image has 2.28"),
        ("ubuntu-noble-20250101", "ubuntu:22.04", "error: release needs glibc 2.38, but the image has 2.35"),
        ("debian-bookworm-20250811", "ubuntu:jammy", "warning: release may need glibc 2.36, but the image has 2.35"),
        ("debian-bookworm-20250811", "redhat.example.com/ubi9/ubi-minimal:9.4",
            "warning: release may need glibc 2.36, but the image has 2.34"),
        ("debian-bookworm-20250811", "alpine:3.20", "error: release is linked against glibc, but Alpine 3.20 has musl"),
        ("alpine-3.20.3", "debian:bookworm-slim", "error: release is linked against musl, but Debian 12 has glibc"),
        ("debian-bookworm-20250811", "scratch", "error: release is linked against glibc, but the image has no C library"),
        ("debian-bookworm-20250811", "gcr.io/distroless/cc-debian13",
            "error: release needs /bin/sh, but `distroless/cc-debian13` does not have it"),
        ("debian-bullseye-20250811", "debian:bookworm-slim", "error: release needs OpenSSL 1.1, but the image has 3"),
        ("alpine-3.16.2", "alpine:3.18", "error: release needs OpenSSL 1.1, but the image has 3"),
        ("alpine-3.20.3", "alpine:3.20", "error: release needs libstdc++, but Alpine comes without it"),
    ],
)  # fmt: skip
def test_a_release_that_cannot_move(builder: str, runtime: str, message: str) -> None:
    assert said(HEXPM + builder, RELEASE, runtime) == [message]


@pytest.mark.parametrize(
    ("builder", "runtime", "extra", "mix"),
    [
        ("debian-bookworm-20250811", "debian:bookworm-20240101-slim", "", ""),
        ("debian-bookworm-20250811", "debian:trixie-slim", "", ""),
        ("debian-bookworm-20250811", "gcr.io/distroless/cc-debian13:debug", "", ""),
        ("debian-bookworm-20250811", "gcr.io/distroless/cc-debian13", "COPY --from=busybox /bin /bin\n", ""),
        ("debian-bookworm-20250811", "ubuntu:latest", "", ""),
        ("debian-bookworm-20250811", "debian:stable-slim", "", ""),
        ("debian-bookworm-20250811", "registry.example.com/base:1", "", ""),
        ("debian-bookworm-20250811", "alpine:3.20", "RUN apk add gcompat libstdc++\n", ""),
        ("debian-bookworm-20250811", "alpine:3.20", "ARG P\nRUN apk add $P\n", ""),
        ("debian-trixie-20250811", "debian:bookworm-slim", "", "], releases: [shop: [include_erts: false]"),
        ("debian-trixie-20250811", "debian:bookworm-slim", "", '], releases: [shop: [include_erts: System.get_env("X")]'),
        ("debian-bullseye-20250811", "debian:bookworm-slim", "RUN apt-get install -y ./libssl1.1.deb libssl1.1\n", ""),
        ("alpine-3.20.3", "alpine:3.20", "RUN apk add --no-cache libstdc++ ncurses-libs\n", ""),
        ("alpine-3.20.3", "alpine:3.20", "RUN apk add --no-cache postgresql-client\n", ""),
        ("alpine-3.20.3", "erlang:27-alpine", "", ""),
    ],
)
def test_a_release_that_nothing_is_known_against(builder: str, runtime: str, extra: str, mix: str) -> None:
    assert said(HEXPM + builder, RELEASE, runtime, extra, mix) == []


@pytest.mark.parametrize(
    ("builder", "runtime", "message"),
    [
        ("rust:1", "debian:bookworm-slim", "error: `shop` needs glibc 2.39, but the image has 2.36"),
        ("rust:1.80", "debian:bullseye-slim", "error: `shop` needs glibc 2.34, but the image has 2.31"),
        ("rust:1-bookworm", "alpine", "error: `shop` is linked against glibc, but Alpine has musl"),
        ("rust:1-bookworm", "gcr.io/distroless/static-debian12",
            "error: `shop` is linked against glibc, but the image has no C library"),
        ("rust:1-bookworm", "gcr.io/distroless/base-debian12",
            "error: `shop` needs libgcc_s.so.1, but `distroless/base-debian12` does not have it"),
    ],
)  # fmt: skip
def test_a_binary_that_cannot_move(builder: str, runtime: str, message: str) -> None:
    assert said(builder, RUST, runtime) == [message]


@pytest.mark.parametrize(
    ("builder", "runtime", "extra"),
    [
        ("rust:1.70", "debian:bullseye-slim", ""),
        ("rust:1-alpine", "debian:bookworm-slim", ""),
        ("rust:1-alpine", "scratch", ""),
        ("rust:1-bookworm", "scratch", "COPY --from=build /lib64 /lib64\n"),
        ("rust:1-bookworm", "gcr.io/distroless/cc-debian12", ""),
        ("rust:1-bookworm", "busybox:glibc", ""),
    ],
)
def test_a_binary_that_nothing_is_known_against(builder: str, runtime: str, extra: str) -> None:
    assert said(builder, RUST, runtime, extra) == []


GO = "RUN go build -o /shop\nFROM {}\nCOPY --from=build /shop /shop\nCMD /shop\n"


@pytest.mark.parametrize(
    ("builder", "runtime", "expected"),
    [
        ("golang:1.22-bookworm", "debian:bullseye-slim", True),
        ("golang:1.25-trixie", "debian:bullseye-slim", True),
        ("golang:1.25-trixie", "debian:bookworm-slim", False),  # cgo asks for nothing newer than 2.34
        ("golang:1.22-bullseye", "debian:buster-slim", False),
    ],
)
def test_a_go_program_in_c_needs_the_glibc_that_has_threads(builder: str, runtime: str, expected: bool) -> None:
    tree = {
        "Dockerfile": f"FROM {builder} AS build\nWORKDIR /app\nCOPY . .\n{GO.format(runtime)}",
        "go.mod": "module shop\n\ngo 1.22\n",
        "main.go": 'package main\n\nimport _ "net/http"\n\nfunc main() {}\n',
    }
    report = run(Workspace.of(tree), Settings(select=("runtime-mismatch",)))
    message = "`shop` needs glibc 2.34, but the image has 2.31"
    assert [finding.message for finding in report.findings] == [message] * expected


def test_openssl_matters_to_what_loads_crypto_in_production_only() -> None:
    files = {
        "Dockerfile": f"FROM {HEXPM}debian-bullseye-20250811 AS build\nWORKDIR /app\nCOPY . .\n"
        + RELEASE % ("debian:bookworm-slim", "")
    }
    for dependency, expected in (
        ('{:phoenix, "~> 1.8"}', 1),
        ('{:phoenix, "~> 1.8", only: :test}', 0),
        ('{:jason, "~> 1.4"}', 0),
    ):
        mix = (MIX % "").replace('{:phoenix, "~> 1.8"}', dependency)
        report = run(Workspace.of({**files, "mix.exs": mix}), Settings(select=("runtime-mismatch",)))
        assert len(report.findings) == expected, dependency


PLAIN_RELEASE = "RUN mix release\nFROM %s\n%sCOPY --from=build /app/_build/prod/rel/shop /app\nCMD /app/bin/shop start\n"


@pytest.mark.parametrize(
    ("builder", "expected"),
    [("elixir:1.13-alpine", False), ("elixir:1.14-alpine", True), ("erlang:23-alpine", False), ("erlang:24-alpine", True)],
)
def test_an_erlang_that_compiles_at_run_time_needs_a_cxx_library(builder: str, expected: bool) -> None:
    messages = said(builder, PLAIN_RELEASE, "alpine:3.20", "RUN apk add openssl ncurses-libs\n")
    assert messages == ["error: release needs libstdc++, but Alpine comes without it"] * expected


PACKAGES = """FROM python:3.11-slim AS build
RUN pip install httpx
FROM {}
{}COPY --from=build /usr/local/lib/python3.11/site-packages {}
CMD ["app.py"]
"""
SITE = "/usr/local/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("runtime", "extra", "target", "expected"),
    [
        ("gcr.io/distroless/python3-debian12", "", SITE, ["error: Debian's Python does not look where the packages are"]),
        ("debian:12", "RUN apt-get install -y python3\n", SITE, ["error: Debian's Python does not look where the packages are"]),
        ("python:3.12", "", SITE, ["error: Python 3.12 does not find the packages of Python 3.11"]),
        ("gcr.io/distroless/python3-debian12", f"ENV PYTHONPATH={SITE}\n", SITE, []),
        ("gcr.io/distroless/python3-debian12", "", "/usr/local/lib/python3.11/dist-packages", []),
        ("debian:12", "COPY --from=build /usr/local/bin /usr/local/bin\n", SITE, []),
        ("python:3.12", "", "/usr/local/lib/python3.12/site-packages", []),
        ("python:3.11-slim", "", SITE, []),
    ],
)
def test_packages_that_python_looks_for_elsewhere(runtime: str, extra: str, target: str, expected: list[str]) -> None:
    tree = Workspace.of({"Dockerfile": PACKAGES.format(runtime, extra, target)})
    report = run(tree, Settings(select=("runtime-mismatch",)))
    assert [f"{each.severity}: {each.message}" for each in report.findings] == expected


def test_what_distributions_bring_grows_with_their_releases() -> None:
    versions = [glibc(release) for release in CODENAMES.values() if release.startswith("debian")]
    assert versions == sorted(versions, key=lambda each: each or 0)
    assert None not in versions
    assert [openssl(f"alpine-3.{minor}") for minor in (8, 9, 16, 17, 22)] == ["", "1.1", "1.1", "3", "3"]
    assert (glibc("ubi-9"), glibc("rocky-9"), glibc("alpine-3.20"), glibc("debian")) == (34, 34, None, None)
