"""Nomad jobs."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ('job "a" {\n<body>}\n', "# c\n<file>", "<body>"),
    "body": ("", "<key> = <value>\n<body>", '<key> "<text>" {\n<body>}\n<body>', "/* c */ <body>", "// c\n<body>"),
    "key": ("task", "kill_timeout", "a", "é"),
    "value": (
        "1", '"<text>"', "true", "[<value>, <value>]", "{ <key> = <value> }", "<<EOF\nx\nEOF", "var.x", "f(<value>)", "1.5",
        "<value> + <value>",
    ),
    "text": ("x", "${<value>}<text>", "$${x}<text>", "\\n<text>", "\\u00e9<text>", "é<text>"),
}  # fmt: skip
TARGETS = ("hcl", "comments")
