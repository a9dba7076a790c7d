"""systemd units."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("[Service]\n<lines>", "[Unit]\nAfter=<word>\n[Service]\n<lines>[Install]\n<lines>", "<lines>"),
    "lines": (
        "",
        "<line>\n<lines>",
        "# c\n<lines>",
        "; c\n<lines>",
        "<line> \\\n  <word>\n<lines>",
        "<line> \\\n# c\n  <word>\n<lines>",
    ),
    "line": (
        "ExecStart=<word>",
        "TimeoutStopSec=<time>",
        "KillSignal=SIGINT",
        "Environment=A=<word>",
        "Type=oneshot",
        "ExecStart=",
    ),
    "time": ("30", "5min 20s", "infinity", "1.5h", "90ms", "<time> <time>"),
    "word": ("/bin/x", "-/bin/x", "%i", "$X", "'a b'", '"c"', "<word> <word>", "\\x20"),
}
TARGETS = ("units", "words")
