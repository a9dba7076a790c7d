"""What tags without a code name stand for, as far as that is certain."""

from __future__ import annotations

import pytest

from deploylint.images.floating_tags import Floating, floating_debian


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("rust:", 13), ("rust:1", 13), ("rust:latest", 13), ("rust:slim", 13), ("rust:1.89-slim", 13), ("rust:1.90.0", 13),
        ("rust:1.88", 12), ("rust:1.72.1-slim", 12), ("rust:1.65", 11), ("golang:", 13), ("golang:1.25.3", 13),
        ("golang:1.24", 13), ("golang:1.22.1", 12), ("golang:1.20", 12), ("golang:1.18.3", 11),
        ("erlang:28", 13), ("erlang:28.5.0", 13), ("erlang:27.3-slim", 12), ("erlang:27.0.1", 12), ("erlang:26", 12),
        ("erlang:26.2", 12), ("erlang:25.1", 11),
        ("elixir:", 13), ("elixir:1.19-slim", 13), ("elixir:1.17", 12), ("elixir:1.17.0-slim", 12), ("elixir:1.18.1", 12),
        ("elixir:1.18.3-slim", 12), ("elixir:1.16.2", 12), ("elixir:1.15.8", 12), ("elixir:1.18-otp-27", 12),
        ("elixir:1.18.4-otp-27-slim", 12), ("elixir:1.18.1-otp-26", 12), ("elixir:1.18.1-otp-25", 11),
        ("elixir:1.16.3-otp-24", 11),
    ],
)  # fmt: skip
def test_the_release_of_a_tag_without_a_code_name(image: str, release: int) -> None:
    name, _, tag = image.partition(":")
    assert floating_debian(name, tag) == Floating(release)


@pytest.mark.parametrize(
    ("image", "least"),
    [
        ("rust:1.70", 11), ("golang:1.23", 12), ("golang:1.24.5", 12), ("golang:1.20.1", 11), ("erlang:28.0.1", 12),
        ("erlang:26.0", 11), ("erlang:26.2.1", 11), ("erlang:24.1", 10), ("elixir:1.18.4", 12), ("elixir:1.19.3-slim", 12),
        ("elixir:1.19.1-otp-28", 12), ("elixir:1.16.0", 11), ("elixir:1.15.7-slim", 11), ("elixir:1.14", 11),
        ("elixir:1.14.5", 11),        ("elixir:1.13.4", 10), ("elixir:1.15.4-otp-26", 11),
    ],
)  # fmt: skip
def test_the_oldest_release_that_a_tag_can_be(image: str, least: int) -> None:
    name, _, tag = image.partition(":")
    assert floating_debian(name, tag) == Floating(least, is_exact=False)


@pytest.mark.parametrize(
    "image",
    ["rust:1.40", "rust:nightly", "golang:1.16", "golang:1.22-otp-27", "erlang:23", "elixir:1.11.4", "elixir:1.18.0-rc.0",
     "elixir:2.0", "python:3.12", "node:22"],
)  # fmt: skip
def test_a_tag_that_says_nothing(image: str) -> None:
    name, _, tag = image.partition(":")
    assert floating_debian(name, tag) is None
