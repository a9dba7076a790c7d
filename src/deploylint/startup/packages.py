"""Launchers whose command is written in another file: package.json scripts and Procfile entries.

Facts: docs/facts/launchers.md#package-managers.
"""

from __future__ import annotations

import re
from posixpath import join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.text import decimal

if TYPE_CHECKING:
    from deploylint.startup.image_files import ImageFiles
    from deploylint.text import Fragment

PROCFILE_RUNNERS = frozenset("foreman honcho overmind hivemind goreman".split())

_VALUES = frozenset("--prefix -w --workspace --loglevel --cwd -C --dir --filter -F --use-yarnrc".split())
_FOLDERS = frozenset("--prefix --cwd -C --dir".split())
_NPM_VERBS = {"start": "start", "test": "test", "t": "test", "stop": "stop", "restart": "restart"}
_RUN = frozenset("run run-script rum urn".split())
_EXEC = {"npm": ("exec", "x"), "pnpm": ("exec", "dlx"), "yarn": ("exec", "dlx", "node"), "bun": ("x",)}
PACKAGE_MANAGERS = frozenset(_EXEC)
# What a package manager does itself when it isn't told to run a script.
_OWN_VERBS = frozenset("install i ci add remove build init publish audit list config cache create upgrade workspace".split())

_NPM_OF_NODE = (
    ((24, 0), 11), ((20, 8), 10), ((19, 3), 9), ((19, 0), 8), ((18, 19), 10), ((18, 14), 9), ((16, 11), 8), ((15, 0), 7),
    ((0, 0), 6),
)  # fmt: skip
"""From which Node version on the official image brings which npm (nodejs.org/dist/index.json); a bare major is its last minor."""
_NEWEST_NODE = 25
_LAST_MINOR = 99


class PackageCall(NamedTuple):
    """A package manager's command line."""

    script: str
    """The package.json script it runs; empty for none."""
    folder: str
    """Where the package.json is, relative to the current folder."""
    command: int
    """The number of the word at which a command of its own begins, used when there is no such script; 0 for none."""


def package_call(name: str, texts: list[str | None]) -> PackageCall | None:
    """Reads `npm start`, `pnpm -C web run serve`, `yarn serve`, `npm exec -- x`; None for anything else."""
    if name not in _EXEC:
        return None
    folder, at = "", 1
    while at < len(texts) and (text := texts[at] or "").startswith("-"):
        if text in _FOLDERS and at + 1 < len(texts):
            folder = texts[at + 1] or ""
        elif text.startswith(("--prefix=", "--cwd=")):
            folder = text.partition("=")[2]
        at += 2 if text in _VALUES else 1
    verb = (texts[at] if at < len(texts) else None) or ""
    if verb in _EXEC[name]:
        command = at + 1
        while command < len(texts) and (texts[command] or "").startswith("-"):
            command += 1
        return PackageCall("", folder, command) if command < len(texts) else None
    if verb in _RUN:
        at += 1
        while at < len(texts) and (texts[at] or "").startswith("-"):
            at += 1
        script = (texts[at] if at < len(texts) else None) or ""
        return PackageCall(script, folder, at if name in ("yarn", "bun") else 0) if script else None
    if name == "npm":
        return PackageCall(_NPM_VERBS[verb], folder, 0) if verb in _NPM_VERBS else None
    if not verb or verb in _OWN_VERBS:
        return None
    return PackageCall(verb, folder, at if name != "pnpm" or verb not in _NPM_VERBS else 0)


def procfile_of(texts: list[str | None]) -> tuple[str, list[str]] | None:
    """The Procfile a runner reads and the process types it starts (none: all of them); None if it starts nothing."""
    path, names, has_verb = "Procfile", [], (texts[0] or "").endswith("hivemind")
    at = 1
    while at < len(texts):
        text = texts[at] or ""
        if text in ("-f", "--procfile") and at + 1 < len(texts):
            path = texts[at + 1] or ""
            at += 1
        elif text.startswith("--procfile="):
            path = text.partition("=")[2]
        elif text.startswith("-"):
            at += text in ("-e", "--env", "-p", "--port", "-m", "-c", "--concurrency", "-d", "-t", "--root")
        elif not has_verb:
            has_verb = text in ("start", "s")
            if not has_verb:
                return None
        else:
            names.append(text)
        at += 1
    return (path, names) if has_verb else None


_UV_VERSION = regex(
    r"^(?!\s*#)[^\n]*?(?:astral-sh/uv:|astral/uv:|\buv==|astral\.sh/uv/|\bUV_VERSION[= ]\"?)0\.(\d+)(?!\d)", re.MULTILINE
)
"""Where a Dockerfile pins uv: an image's tag, an installed package, the installer's address, a build argument."""


def uv_version(files: ImageFiles) -> int:
    """uv's minor version (all are 0.x) in an image; 0 if its Dockerfile pins none, or more than one."""
    pinned = set(_UV_VERSION.findall(files.image.source.text)) if files.image else set()
    return decimal(pinned.pop()) if len(pinned) == 1 else 0


def major_version(name: str, files: ImageFiles, folder: str) -> int:
    """The package manager's major version in an image, `folder` being where its package.json is; 0 if no file says it."""
    image = files.image
    if image is None:
        return 0
    installed = re.findall(rf"\b{name}@(\d*)", image.source.text)
    if installed:
        return decimal(installed[-1] or "0")
    name = "npm" if name == "npx" else name
    package = files.find(join(folder, "package.json"))
    wanted = re.search(rf'"packageManager"\s*:\s*"{name}@(\d+)', package.text) if package and name != "npm" else None
    if wanted:
        return decimal(wanted[1])
    if name == "yarn":
        lock = files.find(join(folder, "yarn.lock"))
        return 1 if lock and "# yarn lockfile v1" in lock.text[:200] else 0
    version = re.match(r"(\d+)(?:\.(\d+))?(?:[.-]|$)", image.base.tag) if image.base and image.base.name == "node" else None
    if name != "npm" or version is None or decimal(version[1]) > _NEWEST_NODE:
        return 0
    node = (decimal(version[1]), decimal(version[2]) if version[2] else _LAST_MINOR)
    return next(npm for first, npm in _NPM_OF_NODE if node >= first)


ECOSYSTEM = regex(r"(?:\.config\.[cm]?js|\.json|\.ya?ml)$")
"""The name of a file that tells pm2 what to run."""

_PM2_SCRIPT = regex(r"^[^/\n]*?[\"']?\bscript[\"']?\s*:\s*[\"']?([\w./-]+)", re.MULTILINE)


def pm2_script(text: Fragment) -> Fragment | None:
    """The script that a pm2 file runs, if it is only one."""
    scripts = list(_PM2_SCRIPT.finditer(text.text))
    return text.sub(*scripts[0].span(1)) if len(scripts) == 1 else None
