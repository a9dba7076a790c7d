"""What distributions bring, against the table in the documentation that people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploylint.model.distros import CODENAMES, glibc, openssl

PAGE = (Path(__file__).parents[2] / "docs/facts/images.md").read_text(encoding="utf-8")
KINDS = {"Debian": "debian", "Ubuntu": "ubuntu", "RHEL": "rhel", "UBI": "ubi", "Rocky": "rocky", "Amazon Linux": "amazonlinux"}


def documented() -> list[tuple[str, int, str]]:
    """Each release of the table with the x of its glibc 2.x and its OpenSSL."""
    section = PAGE.partition("## Distributions: libc and OpenSSL\n")[2].partition("\n## ")[0]
    rows: list[tuple[str, int, str]] = []
    for names, first, libraries, ssl in re.findall(
        r"^\| ([A-Za-z, ]+) (\d[\d./ ]*) \| glibc ([\d./ ]+) \| ([\d./ ]+) \|", section, re.M
    ):
        minors = [int(version.removeprefix("2.")) for version in libraries.split(" / ")]
        for kind in (KINDS[name] for name in names.split(", ")):
            releases = [f"{kind}-{release}" for release in first.split(" / ")]
            rows += zip(releases, minors, ssl.split(" / "), strict=True)
    return rows


def test_the_table_of_the_documentation_is_read() -> None:
    assert len(documented()) >= 15


@pytest.mark.parametrize(("release", "minor", "version"), documented())
def test_a_release_brings_what_the_documentation_says(release: str, minor: int, version: str) -> None:
    assert (glibc(release), openssl(release)) == (minor, version)


@pytest.mark.parametrize(("minor", "version"), [(8, ""), (9, "1.1"), (16, "1.1"), (17, "3"), (22, "3")])
def test_alpine_has_openssl_since_3_9_and_its_third_version_since_3_17(minor: int, version: str) -> None:
    assert (glibc(f"alpine-3.{minor}"), openssl(f"alpine-3.{minor}")) == (None, version)


def test_every_codename_is_a_release_that_is_known() -> None:
    assert [name for name, release in CODENAMES.items() if glibc(release) is None] == []
