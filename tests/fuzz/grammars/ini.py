"""INI files."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": (
        "<line>\n",
        "<line>\n<file>",
        "[<word>]\n<file>",
        "# c\n<file>",
        "; c\n<file>",
        "<word> =\n  <word>\n  <word>\n<file>",
    ),
    "line": ("<word> = <word>", "<word>: <word>", "<word>", "<word>=<word> ; c"),
    "word": ("a", "stopsignal", "<word> <word>", "%(x)s", "é", "=", "10"),
}
TARGETS = ("ini",)
