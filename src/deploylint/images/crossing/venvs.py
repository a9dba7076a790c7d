"""Python's virtual environments and package folders: which commands make one where, and which Python it starts.

Sources: the `venv` documentation ("environments are inherently non-portable": scripts have absolute paths to the interpreter, and
`bin/python` is a link to it), uv's documentation of managed Pythons and of `UV_PROJECT_ENVIRONMENT`, Poetry's and Pipenv's of an
environment in the project. Official `python` images have theirs at /usr/local/bin, distributions and distroless at /usr/bin.

Facts: docs/facts/images.md#mismatch-python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.images.build_commands import name_span
from deploylint.images.crossing.workshop import Artifact
from deploylint.images.steps import option, resolved
from deploylint.lazy import regex
from deploylint.paths import within
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.images.crossing.workshop import Workshop
    from deploylint.images.run import Command

_PACKAGES = regex(r"/lib/python3\.(\d{1,3})/(?:site|dist)-packages$")
_OTHER_PYTHON = r"\bpyenv\b|conda|mise\b|asdf|deadsnakes|UV_PYTHON\b|--python\b|python-build-standalone"
_MANAGED = r"uv python install|only-managed|UV_MANAGED_PYTHON=|--managed-python"
_TRUE = ("1", "true", "True", "yes")
_MANAGED_FOLDER = "/root/.local/share/uv/python"


def environments(shop: Workshop, path: str) -> Iterator[Artifact]:
    """The virtual environments that a path of the stage is or holds. None that are made to be moved."""
    seen = set()
    for command, folder in shop.commands:
        environment = _environment(shop, command, folder)
        if environment is None or environment in seen or path == "/" or not within(environment, path):
            continue
        seen.add(environment)
        if "relocatable" in shop.text.lower() or "--copies" in command.arguments:
            continue
        count = 2 if command.program.startswith("python") else 0 if command.program == "virtualenv" else 1
        name = " ".join([command.program, *(word.text for word in command.words[1 : 1 + count])])
        interpreter = _interpreter(shop, command)
        minor = shop.base.python_minor if shop.base and interpreter == "/usr/local/bin/python" else None
        yield Artifact("venv", name_span(command.words, name), environment, interpreter=interpreter, python=minor)


def packages(shop: Workshop, path: str) -> Iterator[Artifact]:
    """The folder of packages of one version of Python that a path is."""
    match = _PACKAGES.search(path)
    is_user = path.endswith("/.local") and re.search(r"pip3? install (?:\S+ )*--user", shop.text)
    minor = decimal(match[1]) if match else shop.base.python_minor if is_user and shop.base else None
    for command, _ in shop.commands if minor is not None else ():
        if command.program in ("pip", "pip3", "uv", "poetry", "pipenv", "pdm", "python", "python3") and {"install", "sync"} & set(
            command.arguments
        ):
            yield Artifact("packages", name_span(command.words, f"{command.program} install"), path, python=minor)
            return


def _environment(shop: Workshop, command: Command, folder: str | None) -> str | None:
    """The environment that a command makes."""
    program, words = command.program, command.arguments
    plain = [word for word in words if not word.startswith("-")]
    if program.startswith("python") and words[:2] == ("-m", "venv"):
        return resolved(words[-1], folder) if len(plain) > 1 else None
    if program == "virtualenv" and plain:
        return resolved(words[-1], folder)
    if program == "uv" and words[:1] == ("venv",):
        return resolved(words[-1] if len(plain) > 1 and not words[-1].startswith("3") else ".venv", folder)
    if program == "uv" and words[:1] == ("sync",):
        is_elsewhere = option(command.words, "--project", "--directory") is not None or "--active" in words
        written = shop.variable("UV_PROJECT_ENVIRONMENT") or ("$" if "UV_PROJECT_ENVIRONMENT" in shop.text else ".venv")
        return None if is_elsewhere else resolved(written, folder)
    in_project = (
        (program == "poetry" and shop.variable("POETRY_VIRTUALENVS_IN_PROJECT") in _TRUE)
        or (program == "poetry" and "virtualenvs.in-project true" in shop.text)
        or (program == "pipenv" and shop.variable("PIPENV_VENV_IN_PROJECT") in _TRUE)
        or program == "pdm"
    )
    return resolved(".venv", folder) if in_project and {"install", "sync"} & set(words[:1]) else None


def _interpreter(shop: Workshop, command: Command) -> str:
    """The path of the Python, or of the folder of Pythons, that an environment links to; empty if it can't be told."""
    base = shop.base
    if base is None or re.search(_OTHER_PYTHON, shop.text):
        return ""
    is_uv = command.program == "uv"
    brings_python = any(
        {"install", "add"} & set(other.arguments) and any(word.startswith("python3") for word in other.arguments)
        for other, _ in shop.commands
    )
    if is_uv and (
        re.search(_MANAGED, shop.text) or (base.name == "astral-sh/uv" and base.python_minor is None and not brings_python)
    ):
        return shop.variable("UV_PYTHON_INSTALL_DIR") or ("" if "UV_PYTHON_INSTALL_DIR" in shop.text else _MANAGED_FOLDER)
    if base.name == "python" or (base.name == "astral-sh/uv" and base.python_minor is not None):
        return "/usr/local/bin/python"
    is_system = base.name in ("debian", "ubuntu", "alpine") and brings_python and command.words[0].text.startswith("python")
    return "/usr/bin/python3" if is_system and command.program in ("python", "python3") else ""
