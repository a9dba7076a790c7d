"""What is known of a base image from its reference alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.images.bases import base_of, split_reference
from deploylint.model.value import known, unknown
from deploylint.text import Source

if TYPE_CHECKING:
    from deploylint.model.image import Base


def base(reference: str) -> Base:
    span = Source("Dockerfile", reference).whole
    return base_of(unknown(span) if "$" in reference else known(reference, span), span)


@pytest.mark.parametrize(
    ("reference", "name", "tag"),
    [
        ("python", "python", ""),
        ("python:3.12", "python", "3.12"),
        ("docker.io/library/python:3.12", "python", "3.12"),
        ("library/python:3.12", "python", "3.12"),
        ("public.ecr.aws/docker/library/python:3.11@sha256:abc", "python", "3.11"),
        ("python@sha256:abc", "python", ""),
        ("registry.corp:5000/python", "python", ""),
        ("localhost/app:1", "app", "1"),
        ("ghcr.io/astral-sh/uv:python3.12-alpine", "astral-sh/uv", "python3.12-alpine"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "dotnet/sdk", "8.0"),
        ("hexpm/elixir:1.17.2-erlang-27.0.1-alpine-3.20.2", "hexpm/elixir", "1.17.2-erlang-27.0.1-alpine-3.20.2"),
    ],
)
def test_names(reference: str, name: str, tag: str) -> None:
    assert split_reference(reference) == (name, tag)


@pytest.mark.parametrize(
    ("reference", "distro", "libc", "shell"),
    [
        ("python:3.12", "debian", "glibc", "dash"),
        ("python:3.12-slim-bookworm", "debian-12", "glibc", "dash"),
        ("python:3.12-alpine3.20", "alpine-3.20", "musl", "busybox"),
        ("node:20-bullseye", "debian-11", "glibc", "dash"),
        ("hexpm/elixir:1.17.2-erlang-27.0.1-debian-bookworm-20240812-slim", "debian-12", "glibc", "dash"),
        ("hexpm/elixir:1.17.2-erlang-27.0.1-alpine-3.20.2", "alpine-3.20", "musl", "busybox"),
        ("hexpm/elixir:1.18.4-erlang-28.0-ubuntu-noble-20250529", "ubuntu-24.04", "glibc", "dash"),
        ("debian:12-slim", "debian-12", "glibc", "dash"),
        ("debian:trixie-20260112-slim", "debian-13", "glibc", "dash"),
        ("ubuntu:22.04", "ubuntu-22.04", "glibc", "dash"),
        ("alpine:3.20.1", "alpine-3.20", "musl", "busybox"),
        ("alpine", "alpine", "musl", "busybox"),
        ("fedora:40", "fedora-40", "glibc", "bash"),
        ("amazonlinux:2023", "amazonlinux-2023", "glibc", "bash"),
        ("rockylinux:9-minimal", "rocky-9", "glibc", "bash"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", "ubi-9", "glibc", "bash"),
        ("amazoncorretto:21", "amazonlinux", "glibc", "bash"),
        ("amazoncorretto:21-alpine", "alpine", "musl", "busybox"),
        ("maven:3.9-amazoncorretto-21", "amazonlinux", "glibc", "bash"),
        ("eclipse-temurin:21-jre", "ubuntu", "glibc", "dash"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", "ubuntu-24.04", "glibc", ""),
        ("gcr.io/distroless/cc-debian12", "debian-12", "glibc", ""),
        ("gcr.io/distroless/static-debian12:nonroot", "debian-12", "", ""),
        ("nvidia/cuda:12.2.0-runtime-ubuntu22.04", "ubuntu-22.04", "glibc", "dash"),
        ("openjdk:17", "", "", ""),
        ("scratch", "", "", ""),
        ("acme/base:7", "", "", ""),
        ("public.ecr.aws/amazonlinux/amazonlinux:2023", "amazonlinux-2023", "glibc", "bash"),
        ("redhat/ubi9:9.4", "ubi-9", "glibc", "bash"),
        ("registry.access.redhat.com/ubi9/python-311", "ubi-9", "glibc", "bash"),
        ("quay.io/evl.ms/fullstaq-ruby:3.3-jemalloc-bookworm-slim", "debian-12", "glibc", "dash"),
        ("nikolaik/python-nodejs:python3.12-nodejs22-slim", "debian", "glibc", "dash"),
        ("nikolaik/python-nodejs:python3.12-nodejs22-alpine", "alpine", "musl", "busybox"),
        ("cgr.dev/chainguard/python:latest-dev", "wolfi", "glibc", "busybox"),
        ("cgr.dev/chainguard/python:latest", "wolfi", "glibc", ""),
        ("golang:${GO}-alpine", "alpine", "musl", "busybox"),
        ("python:${VERSION}", "", "", ""),
    ],
)
def test_distributions(reference: str, distro: str, libc: str, shell: str) -> None:
    found = base(reference)
    assert (found.distro, found.libc, found.shell) == (distro, libc, shell)


@pytest.mark.parametrize(
    ("reference", "toolchain", "slimmer"),
    [
        ("python:3.12", ("gcc", "g++", "make"), "python:3.12-slim"),
        ("python:3.12-bookworm", ("gcc", "g++", "make"), "python:3.12-slim-bookworm"),
        ("python", ("gcc", "g++", "make"), "python:slim"),
        ("node:20-bullseye", ("gcc", "g++", "make"), "node:20-bullseye-slim"),
        ("node:lts-buster", ("gcc", "g++", "make"), "node:lts-buster-slim"),
        ("node:latest", ("gcc", "g++", "make"), "node:slim"),
        ("golang:1.22", ("go", "gcc", "g++", "make"), "gcr.io/distroless/static-debian12"),
        ("golang:1.22-alpine", ("go",), "gcr.io/distroless/static-debian12"),
        ("rust:1-slim-bookworm", ("cargo", "gcc"), "debian:bookworm-slim"),
        ("elixir:1.15", ("mix", "gcc", "g++", "make"), "debian:bookworm-slim"),
        ("elixir:1.15-alpine", ("mix",), "alpine"),
        ("hexpm/elixir:1.17.2-erlang-27.0.1-debian-bookworm-20240812-slim", ("mix",), "debian:bookworm-20240812-slim"),
        ("hexpm/elixir:1.17.2-erlang-27.0.1-alpine-3.20.2", ("mix",), "alpine:3.20.2"),
        ("hexpm/elixir:${ELIXIR}-erlang-${OTP}-alpine-${ALPINE}", ("mix",), "alpine"),
        ("maven:3.9-eclipse-temurin-21", ("mvn", "javac"), "eclipse-temurin:21-jre"),
        ("maven:3.9", ("mvn", "javac"), "eclipse-temurin:21-jre"),
        ("gradle:8-jdk17", ("gradle", "javac"), "eclipse-temurin:17-jre"),
        ("openjdk:8-jdk", ("javac",), "eclipse-temurin:8-jre"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", ("the .NET SDK",), "mcr.microsoft.com/dotnet/aspnet:8.0"),
        ("swift:5.9-jammy", ("swiftc", "clang"), "swift:5.9-jammy-slim"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm", ("gcc", "g++", "make"), "python:3.12-slim-bookworm"),
    ],
)
def test_toolchains(reference: str, toolchain: tuple[str, ...], slimmer: str) -> None:
    found = base(reference)
    assert found.is_sdk
    assert (found.toolchain, found.slimmer) == (toolchain, slimmer)


@pytest.mark.parametrize(
    "reference",
    [
        "python:3.12-slim",
        "python:3.12-alpine",
        "node:20-alpine",
        "ruby:3.3-slim",
        "eclipse-temurin:21-jre",
        "debian:12",
        "alpine",
        "nginx:1.27",
        "php:8.3-fpm",
        "oven/bun:1",
        "scratch",
        "gcr.io/distroless/base",
        "mcr.microsoft.com/dotnet/aspnet:8.0",
        "ghcr.io/astral-sh/uv:python3.12-bookworm-slim",
    ],
)
def test_runtime_images(reference: str) -> None:
    found = base(reference)
    assert found.is_sdk is False
    assert found.toolchain == ()


@pytest.mark.parametrize(
    "reference", ["acme/builder:1", "$BASE", "${BASE:-x}", "python:${VERSION}", "eclipse-temurin:${TAG}", "nvidia/cuda:12-devel"]
)
def test_nothing_is_claimed_of_what_nobody_knows(reference: str) -> None:
    found = base(reference)
    assert found.is_sdk is None
    assert found.toolchain == ()


@pytest.mark.parametrize(
    ("reference", "command", "stop_signal"),
    [
        ("nginx", "nginx", "SIGQUIT"),
        ("nginx:1.27-alpine", "nginx", "SIGQUIT"),
        ("nginx:1.19.2", "nginx", ""),
        ("nginx:1.13-alpine", "nginx", "SIGTERM"),
        ("nginx:1.13.0", "nginx", ""),
        ("nginx:$VERSION", "nginx", ""),
        ("nginxinc/nginx-unprivileged:1.27", "nginx", "SIGQUIT"),
        ("openresty/openresty:alpine", "openresty", "SIGQUIT"),
        ("httpd:2.4", "httpd-foreground", "SIGWINCH"),
        ("php:8.3-fpm-alpine", "php-fpm", "SIGQUIT"),
        ("php:8.3-apache", "apache2-foreground", "SIGWINCH"),
        ("php:8.3-cli", "", "SIGTERM"),
        ("php:8.3", "", "SIGTERM"),
        ("php:$TAG", "", ""),
        ("wordpress:6", "apache2-foreground", "SIGWINCH"),
        ("wordpress:6-fpm", "php-fpm", "SIGQUIT"),
        ("wordpress:cli", "", "SIGTERM"),
        ("haproxy:3.0", "haproxy", "SIGUSR1"),
        ("caddy:2", "caddy", "SIGTERM"),
        ("traefik:v3", "traefik", "SIGTERM"),
        ("envoyproxy/envoy:v1.33", "envoy", "SIGTERM"),
        ("postgres:17", "", "SIGINT"),
        ("python:3.13-slim", "", "SIGTERM"),
        ("debian:bookworm-slim", "", "SIGTERM"),
        ("gcr.io/distroless/static-debian12", "", "SIGTERM"),
        ("registry.access.redhat.com/ubi9/ubi-minimal", "", "SIGTERM"),
        ("registry.access.redhat.com/ubi9/ubi-init", "", ""),
        ("scratch", "", "SIGTERM"),
        ("ghcr.io/acme/web:1", "", ""),
        ("$BASE", "", ""),
    ],
)
def test_what_it_starts_and_stops_on(reference: str, command: str, stop_signal: str) -> None:
    found = base(reference)
    assert (" ".join(found.command[:1]), found.stop_signal) == (command, stop_signal)


def test_what_onbuild_does_for_an_app_keeps_its_base() -> None:
    assert not base("python:3.6-onbuild").is_sdk
