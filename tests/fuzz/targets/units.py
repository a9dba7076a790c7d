"""systemd units: settings in order, each name at its span, and the spans of time in them."""

from __future__ import annotations

from math import isfinite

from deploylint.platforms.systemd import timespan
from deploylint.syntax.units import parse
from deploylint.text import Source
from tests.fuzz.checks import check_order, check_places

GLOBS = ("*.service",)
COVERS = ("units",)
TOKENS = (
    "[Service]\n", "[Unit]\n", "ExecStart=", "ExecStart=-/bin/sh -c '", "'\n", "TimeoutStopSec=", "5min 20s\n", "infinity\n",
    "KillSignal=SIGINT\n", "Type=oneshot\n", "Environment=A=b\n", "\\\n", "# c\n", "; c\n", "=", "%i", "$X", "${X}", "@", "+",
    "\ufeff", "\r\n", "X-A=1\n", "[", "]",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("app.service", text)
    settings = parse(source)
    check_places(settings, source)
    check_order([setting.key for setting in settings])
    for setting in settings:
        assert setting.name == setting.key.text
        assert setting.section == "" or f"[{setting.section}]" in text
        seconds = timespan(setting.value.text)
        assert seconds is None or (isfinite(seconds) and seconds >= 0)
