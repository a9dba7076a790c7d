"""nginx.conf and Caddyfiles."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "<line>\n<file>", "# c\n<file>", "<name> {\n<file>}\n<file>", "{\n<file>}\n"),
    "line": ("<name> <words>;", "<name> <words>", "<name>;"),
    "name": ("listen", "server", "worker_shutdown_timeout", "grace_period", "http"),
    "words": ("80", "<words> <words>", '"a b"', "'a;b'", "`x`", "${x}", "$x", "10s", "\\;", "é"),
}
TARGETS = ("directives",)
