"""nginx.conf and Caddyfile: every name and value of a directive one range of the file."""

from __future__ import annotations

from deploylint.syntax.directives import caddy, nginx
from tests.fuzz.checks import check_verbatim, whole

GLOBS = ("*.conf", "nginx*", "Caddyfile*")
COVERS = ("directives",)
TOKENS = (
    "server {\n", "http {\n", "}\n", "listen 80;\n", "worker_shutdown_timeout 10s;\n", "proxy_pass http://a;\n",
    "grace_period 10s\n", "{\n", ";", "'", '"', "`", "\\;", "\\", "${a}", "$a", "${", "# c\n", "\n", "#", "é", ":8080 {\n",
)  # fmt: skip
NAMES = frozenset({"listen", "worker_shutdown_timeout", "proxy_pass", "grace_period", "server", "http"})


def check(text: str) -> None:
    source, fragment = whole(text, "nginx.conf")
    for directive in (*nginx(fragment, NAMES), *caddy(fragment, NAMES)):
        assert directive.name in NAMES
        for value in directive.values:
            check_verbatim(value, source)
