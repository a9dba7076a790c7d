"""Python settings."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": (
        "<line>\n", "<line>\n<file>", "# c\n<file>", "import os\n<file>", "if <value>:\n    <line>\n<file>",
        "class A:\n    <line>\n<file>", "try:\n    <line>\nexcept E:\n    <line>\n<file>",
    ),
    "line": (
        "A = <value>", "A: int = <value>", "A += <value>", "A, B = <value>, <value>", "del A", "f(<value>, x=<value>)",
        "from a import *",
    ),
    "value": (
        "1", '"<text>"', "'<text>'", 'os.environ.get("A", <value>)', 'os.environ["A"]', "int(<value>)", "<value> * <value>",
        "-<value>", "[<value>, <value>]", '{"a": <value>}', "f'{<value>}'", "<value> ** 9", "None", "1_000", "(<value>)",
        "b'x'", "<value> if <value> else <value>",
    ),
    "text": ("x", "\\n<text>", "\\ud83d<text>", "é<text>", "%s<text>"),
}  # fmt: skip
TARGETS = ("python", "comments")
