"""TOML documents."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "<line>\n<file>", "[<key>]\n<file>", "[[<key>]]\n<file>", "# c\n<file>"),
    "line": ("<key> = <value>", "<key> = <value> # c"),
    "key": ("a", "b", "kill_timeout", "<key>.<key>", '"a b"', "'é'", "1"),
    "value": (
        "1", '"<text>"', "'x'", '"""\n<text>\n"""', "'''\nx'''", "[<value>, <value>]", "{ <key> = <value> }", "true",
        "1979-05-27T07:32:00Z", "1_000", "0x1F", "1.5e3", "inf",
    ),
    "text": ("x", "\\n<text>", "\\u00e9<text>", "\\\n <text>", "é<text>", '\\"<text>'),
}  # fmt: skip
TARGETS = ("toml", "comments")
