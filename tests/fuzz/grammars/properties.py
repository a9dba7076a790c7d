"""Java .properties files."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "<line>\n<file>", "# c\n<file>", "! c\n<file>", "<line> \\\n  <word>\n<file>"),
    "line": ("<word>=<word>", "<word>: <word>", "<word> <word>", "<word>"),
    "word": ("a", "server.shutdown", "graceful", "30s", "\\u00e9", "\\:", "${X:1}", ""),
}
TARGETS = ("properties", "duration")
