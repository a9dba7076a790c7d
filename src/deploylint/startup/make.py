"""make as a launcher: the lines that a target of a Makefile runs, those of what it depends on first.

GNU make 4.3, measured: a line of plain words is executed by make itself, any other by /bin/sh. https://www.gnu.org/software/make/manual

Facts: docs/facts/launchers.md#wrappers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Fragment

NAMES = ("GNUmakefile", "makefile", "Makefile")
"""The files that make looks for, in this order."""

_RULE = regex(
    r"^(?P<targets>[\w./ -]++):(?![:=])(?P<needs>[\w./ \t|-]*)(?P<rest>[^\n]*)\n"
    r"(?P<lines>(?:\t(?:[^\n\\]|\\.|\\\n)*(?:\n|\Z)|[ ]*(?:#[^\n]*)?\n)*)",
    re.MULTILINE,
)
_ELSEWHERE = regex(r"^(?:ifn?eq|ifn?def|define|\.RECIPEPREFIX|\.ONESHELL|SHELL)\b", re.MULTILINE)
"""What makes a rule mean more than its lines say."""
_LINE = regex(r"\t((?:[^\n\\]|\\.|\\\n)*)(?:\n|\Z)")
_PREFIX = regex(r"[\s@+-]*")
_NEEDS_SHELL = regex(
    r"[#;\"*?\[\]&|<>(){}$`^~!]|\A\S*=|\A(?:\.|:|alias|bg|break|case|cd|command|continue|eval|exec|exit|export|fc|fg|for|getopts|hash|if"
    r"|jobs|login|logout|read|readonly|return|set|shift|test|times|trap|type|ulimit|umask|unalias|unset|wait|while|echo|printf|true|false)(?:\s|\Z)"
)
"""What make hands to the shell (GNU make src/job.c sh_chars_sh, sh_cmds_sh), and commands that any shell has in itself."""
_MAX_DEPTH = 10


class Call(NamedTuple):
    """A command line of make."""

    folder: str
    """That of the Makefile, relative to the current one."""
    file: str
    """The Makefile's name; empty if the command line doesn't name it."""
    targets: tuple[str, ...]


class Line(NamedTuple):
    """What make runs at once."""

    text: Fragment
    needs_shell: bool
    """make hands it to /bin/sh."""


def make_call(texts: list[str | None]) -> Call | None:
    """Reads `make -C app -f build.mk run`; None for what sets variables, or does anything else."""
    folder, file, targets = "", "", []
    words = iter(texts[1:])
    for word in words:
        if word in ("-C", "--directory"):
            folder = next(words, None) or ""
        elif word in ("-f", "--file", "--makefile"):
            file = next(words, None) or ""
        elif word in ("-s", "--silent", "--quiet", "--no-print-directory", "-k", "-B"):
            continue
        elif word is None or word.startswith("-") or "=" in word:
            return None
        else:
            targets.append(word)
    return Call(folder, file, tuple(targets))


def lines(makefile: Fragment, targets: tuple[str, ...]) -> list[Line] | None:
    """What making these targets (none: the first one) runs, in order; None where the Makefile doesn't say it plainly."""
    if _ELSEWHERE.search(makefile.text):
        return None
    rules: dict[str, tuple[list[str], int, int] | None] = {}
    for rule in _RULE.finditer(makefile.text):
        needs = rule["needs"].split()
        is_plain = "|" not in needs and not (rule["rest"].strip() and not rule["rest"].lstrip().startswith("#"))
        for name in rule["targets"].split():
            if not name.startswith("."):
                rules[name] = (needs, *rule.span("lines")) if is_plain and name not in rules else None
    names = targets or tuple(rules)[:1]
    recipe: list[Line] = []
    built: set[str] = set()

    def make(name: str, depth: int) -> bool:
        rule = rules.get(name)
        if rule is None or depth > _MAX_DEPTH:
            return False
        if name not in built:
            built.add(name)
            needs, start, end = rule
            if not all(make(need, depth + 1) for need in needs):
                return False
            recipe.extend(_lines(makefile, start, end))
        return True

    return recipe if names and all(make(name, 0) for name in names) else None


def _lines(makefile: Fragment, start: int, end: int) -> Iterator[Line]:
    """The lines of a recipe as they are run: without the signs before them, joined where they go on, `$$` undone."""
    for line in _LINE.finditer(makefile.text, start, end):
        prefix = _PREFIX.match(line[1])
        at = line.start(1) + (prefix.end() if prefix else 0)
        builder = FragmentBuilder(makefile.source)
        for piece in _PIECE.finditer(makefile.text, at, line.end(1)):
            if not piece[0].startswith("\\\n"):
                builder.add(makefile.sub(piece.start(), piece.end() - (piece[0] == "$$")))
        if builder.length:
            text = builder.build()
            yield Line(text, _NEEDS_SHELL.search(text.text) is not None)


_PIECE = regex(r"\$\$|\\\n\t?|[^$\\]+|.", re.DOTALL)
"""What stays as it is, but for the second sign of `$$`, and ends of lines that go on, with the tab after them."""
