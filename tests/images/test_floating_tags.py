"""What tags without a code name stand for, as far as that is certain."""

from __future__ import annotations

import pytest

from deploylint.images.floating_tags import floating_debian


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("rust:", 13), ("rust:1", 13), ("rust:latest", 13), ("rust:slim", 13), ("rust:1.89-slim", 13), ("rust:1.90.0", 13),
        ("rust:1.88", 12), ("rust:1.72.1-slim", 12), ("rust:1.70", None), ("rust:1.65", 11), ("rust:1.40", None),
        ("rust:nightly", None), ("golang:", 13), ("golang:1.25.3", 13), ("golang:1.24", 13), ("golang:1.24.5", None),
        ("golang:1.23", None), ("golang:1.22.1", 12), ("golang:1.20", 12), ("golang:1.20.1", None), ("golang:1.18.3", 11),
        ("golang:1.16", None), ("erlang:28", 13), ("erlang:28.0.1", None), ("erlang:27.3-slim", 12), ("erlang:26", 12),
        ("erlang:26.0", None), ("erlang:25.1", 11), ("erlang:23", None), ("elixir:", 13), ("elixir:1.19-slim", 13),
        ("elixir:1.18.4", None), ("elixir:1.17", 12), ("elixir:1.14", None), ("elixir:1.18-otp-27", None), ("python:3.12", None),
        ("node:22", None),
    ],
)  # fmt: skip
def test_a_tag_without_a_code_name(image: str, release: int | None) -> None:
    name, _, tag = image.partition(":")
    assert floating_debian(name, tag) == release
