"""INI files: every line of a value is one range of the file."""

from __future__ import annotations

from deploylint.syntax.ini import parse
from deploylint.text import Source
from tests.fuzz.checks import check_verbatim

GLOBS = ("*.ini", "setup.cfg", "*.conf")
COVERS = ("ini",)
TOKENS = (
    "[section]\n", "[", "]", "a = b\n", "a: b\n", "a\n", "  more\n", "# c\n", "; c\n", "= ", ": ", "\t", "\r\n", "\u2028",
    "\x0b", "\x85", "[program:x]\n", "stopsignal=TERM\n",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("supervisord.conf", text)
    for values in parse(source).values():
        for lines in values.values():
            for line in lines:
                check_verbatim(line, source)
                assert line.text == line.text.strip()
