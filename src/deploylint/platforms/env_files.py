"""Env files: the variables that a platform file takes from a `.env` beside it.

The file itself is rarely committed; its example usually is (`.env.example`), and says which variables there are, set or commented
out. What it says of their values is only an example.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.value import Value, known, unknown
from deploylint.secrets.names import is_secret_name

if TYPE_CHECKING:
    from deploylint.text import Files, Source

_SAMPLES = ("example", "sample", "dist", "template")
_LINE = regex(r"^[ \t]*(?P<off>#[ \t]*)?(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>.*?)[ \t]*\r?$", re.M)
_USERINFO = regex(r"://[^\s:/@]+:[^\s/@]+@")
_COMMENT = regex(r"[ \t]#")


def variables(path: str, files: Files) -> dict[str, Value[str]] | None:
    """What the env file of a path sets, unknown where only an example of it is in the tree; None if not even that is."""
    source = files.read(path)
    if source is not None:
        return _assigned(source)
    example = next((sample for name in _examples(path) if (sample := files.read(name))), None)
    if example is None:
        return None
    return {match["name"]: unknown(None, f"set in {basename(path)}") for match in _LINE.finditer(example.text)}


def is_secret_by_example(path: str, files: Files) -> bool:
    """Whether an env file that is not in the tree holds a secret, as its example has it."""
    if files.read(path) is not None:
        return False
    examples = (example for name in _examples(path) if (example := files.read(name)))
    lines = (match for sample in examples for match in _LINE.finditer(sample.text) if not match["off"])
    return any(is_secret_name(match["name"]) or _USERINFO.search(match["value"]) for match in lines)


def is_git_ignored(path: str, files: Files) -> bool:
    """Whether a `.gitignore` in the file's folder, or at the root, lists an env file by its name and no line takes it back."""
    name = basename(path)
    sources = (files.read(join(folder, ".gitignore")) for folder in dict.fromkeys((dirname(path), "")))
    lines = {
        line.strip().removeprefix("**/").removeprefix("/") for source in sources if source for line in source.text.splitlines()
    }
    return bool({name, f"{name}*", f"*{name}"} & lines) and f"!{name}" not in lines


def _examples(path: str) -> list[str]:
    folder, name = dirname(path), basename(path)
    names = [f"{name}{sign}{word}" for word in _SAMPLES for sign in ".-_"]
    plain = name.strip(".")
    names += [
        candidate
        for word in _SAMPLES
        for candidate in (f"{word}.{plain}", f"{plain}.{word}", f".{word}.{plain}", f"{word}{name}")
    ]
    return [join(folder, candidate) for candidate in names]


def _assigned(source: Source) -> dict[str, Value[str]]:
    """A file's own assignments. A value that names another variable is unknown: only Compose and a shell look there."""
    assigned: dict[str, Value[str]] = {}
    for match in _LINE.finditer(source.text):
        if match["off"]:
            continue
        start, end = match.span("value")
        text = match["value"]
        quote = text[:1] if text[:1] in ("'", '"') else ""
        closing = text.find(quote, 1) if quote else -1
        if closing > 0:
            start, end = start + 1, start + closing
        elif not quote and (comment := _COMMENT.search(f" {text}")):
            end = start + max(0, comment.start() - 1)
        span = source.span(start, end)
        is_plain = quote == "'" or not set("$\\") & set(span.text)
        assigned[match["name"]] = known(span.text, span, f"`{match['name']}`") if is_plain else unknown(span, "computed")
    return assigned
