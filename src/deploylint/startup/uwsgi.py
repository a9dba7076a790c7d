"""Commands that uWSGI's own configuration runs: before it loads the app, and beside it for as long as it runs.

https://uwsgi-docs.readthedocs.io/en/latest/Hooks.html (exec:), https://uwsgi-docs.readthedocs.io/en/latest/AttachingDaemons.html,
https://uwsgi-docs.readthedocs.io/en/latest/Options.html (exec-pre-app and the like). uWSGI gives each line to `/bin/sh -c`.
"""

from __future__ import annotations

import re
from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.startup.image_files import ImageFiles
    from deploylint.text import Fragment

_MOMENTS = "asap pre-jail post-jail in-jail as-root as-user pre-app post-app".split()
_EXECUTING = frozenset(f"exec-{moment}" for moment in _MOMENTS)
_HOOKS = frozenset(f"hook-{moment}" for moment in _MOMENTS)
_DAEMONS = frozenset(("attach-daemon", "attach-daemon2", "smart-attach-daemon", "smart-attach-daemon2"))
_SETTING = regex(r"[ \t]*(?P<key>[\w-]+)[ \t]*(?:=[ \t]*(?P<value>[^\n]*))?", re.ASCII)


def configuration(texts: list[str | None], files: ImageFiles, folder: str | None) -> Fragment | None:
    """The INI file that a command line of uWSGI names, if the repository has it."""
    for at, text in enumerate(texts[1:], 1):
        path = text or ""
        if path == "--ini" and at + 1 < len(texts):
            path = texts[at + 1] or ""
        path = path.removeprefix("--ini=")
        if path.endswith(".ini") and (folder or path.startswith("/")):
            return files.find(normpath(join(folder or "/", path)))
    return None


def commands(text: Fragment) -> Iterator[tuple[Fragment, bool]]:
    """The lines that are run, in order, each with whether it stays beside the server; none that stands behind a condition."""
    is_own, depth, at = False, 0, 0
    for line in text.text.splitlines(keepends=True):
        start, at = at, at + len(line)
        stripped = line.strip()
        if stripped.startswith("["):
            is_own = stripped.startswith("[uwsgi]")
            continue
        match = _SETTING.match(line)
        if not is_own or match is None or stripped.startswith(("#", ";")):
            continue
        key, value = match["key"], (match["value"] or "").rstrip()
        depth += key.startswith("if-") - (key == "endif")
        prefix = "exec:" if key in _HOOKS else ""
        if depth > 0 or not value.startswith(prefix) or key not in _EXECUTING | _HOOKS | _DAEMONS:
            continue
        begin = start + match.start("value") + len(prefix)
        if value[len(prefix) :].strip():
            yield text.sub(begin, start + match.start("value") + len(value)), key in _DAEMONS
