"""Which Debian an official image is built on where its tag names none.

The default moves: a tag that is still built moves along, one that isn't any more keeps the last. So a row is here only where
the release is certain for every image that the tag stands for today; anything else is unknown.

Read from the images' own history: rust-lang/docker-rust (9b9ec24 of 19 August 2025, while 1.89.0 was the current one: trixie),
docker-library/golang (versions.json: bullseye from 16 August 2021, bookworm from 13 June 2023, trixie from 12 August 2025, with
1.24.6 and 1.25), erlang/docker-erlang-otp (each version's FROM as of July 2026; OTP 28: 48a2f35 of 14 December 2025),
erlef/docker-elixir (which OTP each version starts from, as of November 2025).

Facts: docs/facts/images.md#floating-tags.
"""

from __future__ import annotations

from deploylint.lazy import regex
from deploylint.text import decimal

_VARIANT = regex(r"^(?:latest|slim|(\d+)(?:\.(\d+))?(?:\.(\d+))?)?(?:-slim)?$")
_LATEST = 13
"""What the newest of each of these images is on, at the least."""


def floating_debian(name: str, tag: str) -> int | None:
    """The Debian release behind a tag without a code name; None where it isn't certain."""
    match = _VARIANT.search(tag) if name in _RULES else None
    if match is None:
        return None
    major, minor, patch = (decimal(group) if group else None for group in match.groups())
    if name == "rust":
        return _rust(major, minor)
    if name == "golang":
        return _golang(major, minor, patch)
    return _erlang(major, minor) if name == "erlang" else _elixir(major, minor, patch)


_RULES = frozenset({"rust", "golang", "erlang", "elixir"})


def _rust(major: int | None, minor: int | None) -> int | None:
    if major not in (None, 1) or minor is None:
        return _LATEST if major in (None, 1) else None
    if minor >= 89:
        return _LATEST
    # 1.69 to 1.71 were current while the default moved to bookworm, in the summer of 2023.
    return 12 if minor >= 72 else 11 if 57 <= minor <= 68 else None


def _golang(major: int | None, minor: int | None, patch: int | None) -> int | None:
    if major not in (None, 1) or minor is None:
        return _LATEST if major in (None, 1) else None
    if minor >= 25 or (minor == 24 and patch is None):
        return _LATEST
    if minor in (21, 22) or (minor in (19, 20) and patch is None):
        return 12
    return 11 if minor in (17, 18) else None


def _erlang(major: int | None, minor: int | None) -> int | None:
    if major is None or (major >= 28 and minor is None) or major >= 29:
        return _LATEST
    if major in (24, 26) and minor is not None:
        return None  # both moved on while they were current
    return {24: 11, 25: 11, 26: 12, 27: 12}.get(major)


def _elixir(major: int | None, minor: int | None, patch: int | None) -> int | None:
    if major is None or (major == 1 and minor is None):
        return _LATEST
    if major != 1 or minor is None or patch is not None:
        return None  # which OTP, and so which Debian, a patch release was last built on isn't recorded
    return _LATEST if minor >= 18 else 12 if minor in (15, 16, 17) else None
