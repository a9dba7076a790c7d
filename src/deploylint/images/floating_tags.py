"""Which Debian an official image is built on where its tag names none: the release, or the oldest that it can be.

The default moves: a tag that is still built moves along, one that isn't any more keeps the last. A release is exact only where
it is certain for every image that the tag stands for today. Where it isn't, the tag was never built on an older one than `least`.

Read from the images' own history: rust-lang/docker-rust (9b9ec24 of 19 August 2025, while 1.89.0 was the current one: trixie),
docker-library/golang (versions.json: bullseye from 16 August 2021, bookworm from 13 June 2023, trixie from 12 August 2025, with
1.24.6 and 1.25), erlang/docker-erlang-otp (each version's FROM, all commits up to July 2026), erlef/docker-elixir (which OTP each
version starts from, all commits up to November 2025).

Facts: docs/facts/images.md#floating-tags.
"""

from __future__ import annotations

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.text import decimal

_VARIANT = regex(r"^(?:latest|slim|(\d+)(?:\.(\d+))?(?:\.(\d+))?)?(?:-otp-(\d+))?(?:-slim)?$")
_LATEST = 13
"""What the newest of each of these images is on, at the least."""


class Floating(NamedTuple):
    """The Debian release behind a tag."""

    release: int
    is_exact: bool = True
    """False where it is the oldest release that the tag can be."""


def floating_debian(name: str, tag: str) -> Floating | None:
    """What is certain of the Debian behind a tag without a code name; None if nothing is."""
    match = _VARIANT.search(tag) if name in _RULES else None
    if match is None or (match[4] and name != "elixir"):
        return None
    major, minor, patch, otp = (decimal(group) if group else None for group in match.groups())
    if name == "elixir":
        return _elixir(major, minor, patch, otp)
    if name == "erlang":
        return _erlang(major, minor, patch)
    if major in (None, 1) and minor is None:
        return Floating(_LATEST)
    if major != 1 or minor is None:
        return None
    return _rust(minor) if name == "rust" else _golang(minor, patch)


_RULES = frozenset({"rust", "golang", "erlang", "elixir"})


def _least(release: int) -> Floating:
    return Floating(release, is_exact=False)


def _rust(minor: int) -> Floating | None:
    if minor >= 89:
        return Floating(_LATEST)
    if minor >= 57:
        # 1.69 to 1.71 were current while the default moved to bookworm, in the summer of 2023.
        return Floating(12) if minor >= 72 else Floating(11) if minor <= 68 else _least(11)
    return None


def _golang(minor: int, patch: int | None) -> Floating | None:
    if minor >= 25 or (minor == 24 and patch is None):
        return Floating(_LATEST)
    if minor >= 23:
        return _least(12)  # current while the default moved to trixie
    if minor >= 21:
        return Floating(12)
    if minor >= 19:
        return Floating(12) if patch is None else _least(11)
    return Floating(11) if minor >= 17 else None


def _erlang(major: int | None, minor: int | None, patch: int | None) -> Floating | None:
    if major is None or major >= 29:
        return Floating(_LATEST)
    if major == 28:
        return Floating(_LATEST) if minor is None or minor >= 4 else _least(12)  # bookworm up to 28.3
    if major == 26:  # bullseye up to 26.2.2
        return Floating(12) if minor is None or (minor == 2 and patch is None) else _least(11)
    if major == 24:  # buster up to 24.2
        return Floating(11) if minor is None else _least(10)
    return {25: Floating(11), 27: Floating(12)}.get(major)


def _elixir(major: int | None, minor: int | None, patch: int | None, otp: int | None) -> Floating | None:
    if major == 1 and minor is not None and minor < 12:
        return None
    if otp is not None:
        return _elixir_on(otp, minor, patch) if major == 1 and minor is not None else None
    if major is None or (major == 1 and minor is None):
        return Floating(_LATEST)
    if major != 1 or minor is None:
        return None
    if patch is None:
        return Floating(_LATEST) if minor >= 18 else Floating(12) if minor >= 15 else _LEAST_OF_ELIXIR.get(minor)
    if minor == 17 or (minor == 18 and patch <= 3) or (minor, patch) in ((16, 2), (16, 3), (15, 8)):
        return Floating(12)  # OTP 27; or OTP 26 since that is on bookworm
    return _least(12) if minor >= 18 else _LEAST_OF_ELIXIR.get(minor)


_LEAST_OF_ELIXIR = {16: _least(11), 15: _least(11), 14: _least(11), 13: _least(10), 12: _least(10)}
"""Elixir 1.x → the oldest Debian of any of its OTPs while they were its default: 24, 25 and 26."""


def _elixir_on(otp: int, minor: int, patch: int | None) -> Floating | None:
    """An Elixir image of a certain OTP: built since Elixir's own images name it, in October 2022."""
    if otp == 26 and (minor >= 17 or (minor, patch) in ((16, None), (16, 2), (16, 3), (15, None), (15, 8))):
        return Floating(12)
    if otp >= 28:
        return _least(12 if otp == 28 else _LATEST)
    exact = {24: Floating(11), 25: Floating(11), 26: _least(11), 27: Floating(12)}
    return _least(10) if otp == 24 and minor < 14 else exact.get(otp)
