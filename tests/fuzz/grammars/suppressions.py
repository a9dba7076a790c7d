"""Ignore comments."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "<line>\n<file>", "FROM a\n<file>", "a: b <line>\n<file>", "RUN a \\\n<line>\n b\n<file>", "\n<file>"),
    "line": (
        "# deploylint: <verb>[<names>] <reason>", "# noqa <line>", "<line> # hadolint ignore=DL3008",
        "#deploylint:<verb> [<names>]", "# deploylint <verb>[<names>",
    ),
    "verb": ("ignore", "file-ignore", "ingore", ""),
    "names": ("port-mismatch", "<names>, <names>", "loopback-bind", "", "network", "a b"),
    "reason": ("why", "", "— why", "# c", "]"),
}  # fmt: skip
TARGETS = ("suppression", "comments")
