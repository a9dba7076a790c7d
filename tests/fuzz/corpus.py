"""Seeds of the mutations: the files of `tests/fixtures` and of the examples on the rules' pages, by name."""

from __future__ import annotations

from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.cli import rule_pages
from deploylint.engine import registry

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

FIXTURES = Path(__file__).parent.parent / "fixtures"
MAX_SEED = 1500
"""Characters: longer files are cut at a line's end, because a mutation of a short text reaches more of its grammar."""


PROJECTS = "*projects*"
"""The glob of a target whose texts are whole projects."""
MAX_PROJECT = 5000


@cache
def projects() -> tuple[dict[str, str], ...]:
    """Whole projects, path → text: every fixture, and every example of every page."""
    folders = sorted(path for path in FIXTURES.iterdir() if path.is_dir() and path.name != "expected")
    fixtures = [
        {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in sorted(folder.rglob("*")) if file.is_file()}
        for folder in folders
    ]
    rules = [rule for _, rule in sorted(registry.rules().items()) if Path(rule.page).exists()]
    return (*fixtures, *(example.files for rule in rules for example in rule_pages.read(rule).examples))


@cache
def _files() -> tuple[tuple[str, str], ...]:
    return tuple(sorted({(basename(path), text) for files in projects() for path, text in files.items()}))


def seeds(target: Target) -> tuple[str, ...]:
    """The texts of a target's grammar, and one made of all its tokens for grammars that few files have."""
    if target.GLOBS == (PROJECTS,):
        joined = ("".join(f"=== {path}\n{text}" for path, text in files.items()) for files in projects())
        return tuple(text for text in joined if len(text) <= MAX_PROJECT)
    texts = [_cut(text) for name, text in _files() if any(fnmatch(name, pattern) for pattern in target.GLOBS)]
    return tuple(dict.fromkeys([*texts, "".join(target.TOKENS), ""]))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SEED else text[: text.rfind("\n", 0, MAX_SEED) + 1]
