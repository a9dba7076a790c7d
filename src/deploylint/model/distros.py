"""What the releases of distributions bring that a compiled program is linked against: the C library, and OpenSSL.

Sources: packages.debian.org, packages.ubuntu.com, pkgs.alpinelinux.org and the release notes of RHEL and Amazon Linux, each the
version that a release keeps for its life. RHEL's rebuilds (Rocky, Alma, Oracle, UBI) carry RHEL's.

Facts: docs/facts/images.md#distributions-libc-and-openssl.
"""

from __future__ import annotations

from deploylint.text import decimal

# Release → glibc's minor version (2.x), and OpenSSL's ABI as its libraries are named (libssl.so.1.1, libssl.so.3).
_GLIBC: dict[str, tuple[int, str]] = {
    "debian-9": (24, "1.1"), "debian-10": (28, "1.1"), "debian-11": (31, "1.1"), "debian-12": (36, "3"), "debian-13": (41, "3"),
    "ubuntu-18.04": (27, "1.1"), "ubuntu-20.04": (31, "1.1"), "ubuntu-22.04": (35, "3"), "ubuntu-24.04": (39, "3"),
    "ubuntu-25.04": (41, "3"),
    "rhel-7": (17, "1.0"), "rhel-8": (28, "1.1"), "rhel-9": (34, "3"), "rhel-10": (39, "3"),
    "amazonlinux-2": (26, "1.0"), "amazonlinux-2023": (34, "3"),
}  # fmt: skip
_REBUILDS = ("ubi-", "rocky-", "alma-", "oraclelinux-")
_ALPINE_OPENSSL = ((9, "1.1"), (17, "3"))
"""Alpine 3.x from which on it has that OpenSSL; before 3.9 it was LibreSSL (musl is one ABI throughout)."""

CODENAMES = {
    "stretch": "debian-9", "buster": "debian-10", "bullseye": "debian-11", "bookworm": "debian-12", "trixie": "debian-13",
    "bionic": "ubuntu-18.04", "focal": "ubuntu-20.04", "jammy": "ubuntu-22.04", "noble": "ubuntu-24.04", "plucky": "ubuntu-25.04",
}  # fmt: skip
_TITLES = {
    "debian": "Debian", "ubuntu": "Ubuntu", "alpine": "Alpine", "ubi": "UBI", "rocky": "Rocky Linux", "alma": "AlmaLinux",
    "oraclelinux": "Oracle Linux", "amazonlinux": "Amazon Linux", "fedora": "Fedora", "centos": "CentOS", "wolfi": "Wolfi",
}  # fmt: skip


def glibc(distro: str) -> int | None:
    """The x of the release's glibc 2.x; None where it has none, or isn't known."""
    versions = _GLIBC.get(_release(distro))
    return versions[0] if versions else None


def openssl(distro: str) -> str:
    """The version in the names of the release's OpenSSL libraries; empty where it isn't known."""
    kind, _, number = distro.partition("-")
    if kind == "alpine":
        major, _, minor = number.partition(".")
        versions = [ssl for since, ssl in _ALPINE_OPENSSL if major == "3" and minor.isdecimal() and decimal(minor) >= since]
        return versions[-1] if versions else ""
    release = _GLIBC.get(_release(distro))
    return release[1] if release else ""


def openssl_since(distro: str) -> str:
    """The version that a release and all known later ones of its distribution have; empty if they differ, or aren't known."""
    kind, _, number = distro.partition("-")
    later = {
        version
        for name, (_, version) in _GLIBC.items()
        if name.partition("-")[0] == kind
        and number.isdecimal()
        and decimal(name.partition("-")[2].split(".")[0]) >= decimal(number)
    }
    return later.pop() if len(later) == 1 else ""


_ENDED = {"debian": (11, 0), "ubuntu": (20, 4), "alpine": (3, 20), "centos": (8, 0), "amazonlinux": (1, 0)}
"""The last release of each distribution whose support, long-term support included, has ended. docs/facts/images.md#end-of-life"""


def has_ended(distro: str) -> bool:
    """Whether a release surely gets no more fixes from its distribution, paid extensions left out."""
    kind, _, number = distro.partition("-")
    version = _version(number)
    return version is not None and kind in _ENDED and version <= _ENDED[kind]


def is_newer(distro: str, other: str) -> bool:
    """Whether both are releases of one distribution, and the first is the newer one."""
    kind, _, number = distro.partition("-")
    other_kind, _, other_number = other.partition("-")
    one, two = _version(number), _version(other_number)
    return kind == other_kind and one is not None and two is not None and one > two


def _version(number: str) -> tuple[int, int] | None:
    """A release as numbers: (12, 0), (3, 20), (24, 4)."""
    major, _, minor = number.partition(".")
    if not major.isdecimal() or not (minor or "0").isdecimal():
        return None
    return decimal(major), decimal(minor or "0")


def title(distro: str) -> str:
    """What messages call it: "Debian 12", "Alpine"."""
    kind, _, number = distro.partition("-")
    return f"{_TITLES.get(kind, kind)} {number}".strip()


def _release(distro: str) -> str:
    prefix = next((rebuilt for rebuilt in _REBUILDS if distro.startswith(rebuilt)), "")
    return f"rhel-{distro.removeprefix(prefix)}" if prefix else distro
