"""Build tools that a RUN installs and leaves in its layer.

Only what the same RUN removes is gone: a later RUN hides files, but the layer below still ships them.

Facts: docs/facts/images.md#build-packages, docs/facts/dockerfiles.md#removing-build-packages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.model.image import Tool
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from deploylint.images.run import Command, Word
    from deploylint.text import Fragment

# Packages that exist to build software, by name and, where a version is part of it, by pattern.
_BUILD_PACKAGES = frozenset(
    """
    build-essential gcc g++ gcc-c++ clang llvm make cmake ninja-build meson autoconf automake libtool bison flex gfortran dpkg-dev
    rustc rust cargo golang golang-go go default-jdk default-jdk-headless maven gradle ant erlang-dev elixir ghc cabal-install
    python3-dev python-dev python3-devel ruby-dev ruby-devel php-dev build-base alpine-sdk musl-dev musl-tools libc-dev
    linux-headers abuild rpm-build base-devel devel_basis development-tools @development-tools @development @c-development
    """.split()
)
_VERSIONED = (
    r"(?:gcc|g\+\+|clang|llvm|golang)-\d.*|openjdk-?\d+(?:-jdk(?:-headless)?)?|java-.*-openjdk-devel|python3\.\d+-dev(?:el)?"
)
# Headers: they ship for nothing too, but alone they don't make an image a build image.
_HEADERS = ("-dev", "-devel", "pkg-config", "pkgconf", "pkgconfig")


class _Manager(NamedTuple):
    """A package manager's words."""

    install: frozenset[str]
    remove: frozenset[str]
    values: frozenset[str]
    """The options that take the next word as their value."""


_APT = _Manager(
    frozenset({"install"}),
    frozenset({"purge", "remove", "autoremove", "autopurge"}),
    frozenset({"-o", "-t", "-c", "--option", "--target-release", "--default-release"}),
)
_DNF = _Manager(
    frozenset({"install", "groupinstall", "group", "localinstall"}),
    frozenset({"remove", "erase", "autoremove"}),
    frozenset({"-c", "--releasever", "--enablerepo", "--disablerepo", "--setopt", "--installroot", "--repo"}),
)
_MANAGERS = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "apk": _Manager(
        frozenset({"add"}),
        frozenset({"del"}),
        frozenset({"-t", "--virtual", "-X", "--repository", "-p", "--root", "--cache-dir", "--arch"}),
    ),
    "dnf": _DNF,
    "yum": _DNF,
    "microdnf": _DNF,
    "tdnf": _DNF,
    "zypper": _Manager(frozenset({"install", "in"}), frozenset({"remove", "rm"}), frozenset({"-t", "--type", "--repo"})),
    "pacman": _Manager(frozenset({"-S", "-Sy", "-Syu", "-Syyu"}), frozenset({"-R", "-Rs", "-Rns", "-Rsc"}), frozenset()),
}
# More packages than this in one variable are no image's dependencies.
_MAX_IN_VARIABLE = 300
_PREFIXES = frozenset("sudo env eatmydata xargs".split())


def left_installed(commands: Sequence[Command], variables: Mapping[str, str]) -> list[Tool]:
    """The build packages that the commands of one RUN install and don't remove again. `variables`: ENV and ARG by name."""
    names: dict[str, Fragment] = {}
    installed: dict[tuple[str, str, str], Fragment] = {}
    removed: set[str] = set()
    purges_automatic = False
    fetches_rustup = any(word.text.endswith("rustup.rs") for command in commands for word in command.words)
    for command in commands:
        names.update((name, word.fragment) for name, word in command.assignments)
        words = list(command.words)
        while words and (words[0].text in _PREFIXES or ("=" in words[0].text and not words[0].text.startswith("-"))):
            words.pop(0)
        program = words[0].text.rpartition("/")[2] if words else ""
        if program == "apt-mark" and len(words) > 1 and words[1].text == "auto":
            purges_automatic = True
        if program in ("pip", "pip3", "uv", "python", "python3"):
            installed.update(((name, "pip", ""), word.fragment) for name, word in _pip_tools(words))
        if program in ("sh", "bash") and fetches_rustup:
            installed[("rustup", "its installer", "")] = words[0].fragment
        manager = _MANAGERS.get(program)
        if manager is None:
            continue
        action, virtual, packages = _parse(words[1:], manager, names, variables)
        if action == "install":
            for name, fragment in packages:
                installed.setdefault((name, program, virtual), fragment)
        elif action == "remove":
            removed.update(name for name, _ in packages)
            if purges_automatic:
                return []
    left = [
        (name, fragment, program)
        for (name, program, virtual), fragment in installed.items()
        if not _is_removed(name, removed) and (not virtual or virtual not in removed)
    ]
    if not any(_is_build(name, program) for name, _, program in left):
        return []
    return [
        Tool(name, fragment.whole, f"installed by `{program}`")
        for name, fragment, program in left
        if _is_build(name, program) or name.endswith(_HEADERS)
    ]


def is_removal(command: Command) -> bool:
    """Whether a command removes packages."""
    manager = _MANAGERS.get(command.program)
    return manager is not None and not manager.remove.isdisjoint(command.arguments)


def _is_build(name: str, program: str) -> bool:
    if program in ("pip", "its installer"):
        return True
    return name.lower() in _BUILD_PACKAGES or re.fullmatch(_VERSIONED, name) is not None


def _is_removed(name: str, removed: set[str]) -> bool:
    if name in removed:
        return True
    wildcards = [pattern for pattern in removed if "*" in pattern]
    if not wildcards:
        return False
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for pattern in wildcards)


def _parse(
    words: Sequence[Word], manager: _Manager, names: Mapping[str, Fragment], variables: Mapping[str, str]
) -> tuple[str, str, list[tuple[str, Fragment]]]:
    """What a package manager is told: "install" or "remove", the virtual package, and each package with its place."""
    action, virtual, takes_value = "", "", ""
    packages: list[tuple[str, Fragment]] = []
    for word in words:
        text = word.text
        if takes_value:
            if takes_value in ("-t", "--virtual") and "--virtual" in manager.values:
                virtual = text
            takes_value = ""
        elif not action and text in manager.install:
            action = "install"
        elif not action and text in manager.remove:
            action = "remove"
        elif text in manager.values:
            takes_value = text
        elif text.startswith("--virtual="):
            virtual = text.partition("=")[2]
        elif text.startswith(("-", ">", "<")) or text in ("pattern", "groupinstall"):
            continue
        elif action:
            packages.extend(_packages(word, names, variables))
    return action, virtual, packages


def _packages(word: Word, names: Mapping[str, Fragment], variables: Mapping[str, str]) -> Iterable[tuple[str, Fragment]]:
    variable = word.text.removeprefix("$").strip("{}") if word.text.startswith("$") else ""
    if variable in names:
        from deploylint.images.run import unquote

        held = names[variable]
        at = 0
        for part in held.text.split()[:_MAX_IN_VARIABLE]:
            start = held.text.index(part, at)
            at = start + len(part)
            quotes = len(part) - len(part.lstrip("'\""))
            yield _bare(unquote(part).strip("'\"")), held.sub(start + quotes, start + len(part.rstrip("'\"")))
    elif variable in variables:
        for part in variables[variable].split()[:_MAX_IN_VARIABLE]:
            yield _bare(part), word.fragment
    else:
        name = _bare(word.text)
        lead = len(word.fragment.text) - len(word.fragment.text.lstrip("'\""))
        yield name, word.fragment.sub(lead, lead + len(name)) if word.fragment.text[lead:].startswith(name) else word.fragment


def _bare(package: str) -> str:
    """A package's name without version, architecture or repository (`gcc=4:12.2*`, `libc6:amd64`, `go@edge`, `make~=4`)."""
    end = len(package)
    for at, character in enumerate(package):
        if character in "=~<>:" or (character == "@" and at):
            end = at
            break
    name = package[:end]
    return name.lower().replace(" ", "-") if " " in name else name


_PIP_TOOLS = frozenset("cmake ninja maturin meson scikit-build-core".split())


def _pip_tools(words: Sequence[Word]) -> Iterable[tuple[str, Word]]:
    texts = [word.text for word in words]
    if "install" not in texts[:5] or not {"pip", "pip3"} & set(texts[:4]):
        return
    for word in words[texts.index("install") + 1 :]:
        name = word.text.partition("=")[0].partition(">")[0].partition("<")[0]
        if name in _PIP_TOOLS:
            yield name, word
