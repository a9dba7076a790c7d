"""Compose files and the variables in them."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("services:\n<services>", "x-a: &a {<pair>}\nservices:\n<services>"),
    "services": ("  web:\n<keys>", "  web:\n<keys><services>", "  web: {<pair>, <pair>}\n"),
    "keys": (
        "    image: <value>\n",
        "    <<: *a\n<keys>",
        "    stop_grace_period: <value>\n<keys>",
        "    command: <value>\n<keys>",
    ),
    "pair": ("image: <value>", "command: [<value>, <value>]", "environment: {A: <value>}"),
    "value": ("web", '"<text>"', "'<text>'", "1m30s", "${A}", "<text>"),
    "text": ("x", "${A}<text>", "${B:-<text>}", "${C:?<text>}", "$$<text>", "$A<text>", "${", "}"),
}
TARGETS = ("yaml", "interpolation", "duration")
