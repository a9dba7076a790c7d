"""Ignore files of git and Docker."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "<line>\n<file>", "# c\n<file>", "!<line>\n<file>", "\n<file>"),
    "line": ("<part>", "<part>/<line>", "/<line>", "<part>/", "**/<line>", "<line>/**"),
    "part": (
        "src",
        "*",
        "*<part>",
        "?<part>",
        "[a-z]<part>",
        "[!a]<part>",
        "[^a]",
        "**",
        "\\*",
        "\\#a",
        "..",
        ".",
        "é",
        "a ",
        "[",
        "{a,b}",
    ),
}
TARGETS = ("ignore",)
