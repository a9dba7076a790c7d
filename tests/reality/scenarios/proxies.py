"""Proxies and PHP: a slow app runs beside the container, the request in flight goes through it."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, exec_form

_DEBIAN = "debian:bookworm-slim"
_UNTABLED = "not among the servers yet"
_BACKEND = "python backend.py & until : < /dev/tcp/127.0.0.1/9000; do sleep 0.05; done"
_APP = {"wsgi.py": "@wsgi.py", "backend.py": "@backend.py"}

_NGINX = """\
user root;
pid /srv/nginx.pid;
error_log stderr;
{main}
events {{}}
http {{
  access_log off;
  server {{
    listen 127.0.0.1:8000;
    location / {{ proxy_pass http://127.0.0.1:9000; }}
  }}
}}
"""

_APACHE_MODULES = "mpm_event proxy proxy_http authz_core"
_APACHE = """\
ServerName localhost
PidFile /srv/apache.pid
ErrorLog /dev/stderr
Listen 127.0.0.1:8000
{modules}
{main}
ProxyPass / http://127.0.0.1:9000/
"""

_HAPROXY = """\
global
  {main}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind 127.0.0.1:8000
  default_backend app
backend app
  server app 127.0.0.1:9000
"""

_CADDY = """\
{{
  admin off
  {main}
}}
http://:8000 {{
  reverse_proxy 127.0.0.1:9000
}}
"""

_FPM = """\
[global]
error_log = /proc/self/fd/2
{main}
[www]
user = root
group = root
listen = 127.0.0.1:9001
pm = static
pm.max_children = 1
"""

_FPM_FRONT = """\
user root;
pid /srv/nginx.pid;
events {}
http {
  server {
    listen 127.0.0.1:8000;
    location / {
      fastcgi_pass 127.0.0.1:9001;
      fastcgi_param SCRIPT_FILENAME /srv/slow.php;
      fastcgi_param REQUEST_METHOD GET;
    }
  }
}
"""


def _proxy(name: str, command: tuple[str, ...], file: str, text: str, fact: Fact, signal: str, *, endless: bool) -> Scenario:
    return Scenario(
        f"{name}, {signal}",
        command,
        {**_APP, file: text},
        needs=("python",),
        signal=signal,
        work=None if endless else 1.5,
        base=_DEBIAN,
        before=_BACKEND,
        fact=fact,
    )


def _nginx(name: str, signal: str, fact: Fact, main: str = "", *, endless: bool = False) -> Scenario:
    command = ("nginx", "-c", "/srv/nginx.conf", "-g", "daemon off;")
    return _proxy(f"nginx{name}", command, "nginx.conf", _NGINX.format(main=main), fact, signal, endless=endless)


def _apache(signal: str, fact: Fact) -> Scenario:
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in _APACHE_MODULES.split())
    text = _APACHE.format(modules=modules, main="")
    command = exec_form("apache2 -DFOREGROUND -f /srv/apache.conf")
    return _proxy("Apache", command, "apache.conf", text, fact, signal, endless=False)


def _haproxy(name: str, signal: str, fact: Fact, main: str = "", *, endless: bool = False) -> Scenario:
    command = exec_form("haproxy -W -db -f /srv/haproxy.cfg")
    return _proxy(f"HAProxy{name}", command, "haproxy.cfg", _HAPROXY.format(main=main), fact, signal, endless=endless)


def _caddy(name: str, signal: str, fact: Fact, main: str = "", *, endless: bool = False) -> Scenario:
    command = exec_form("caddy run --config /srv/Caddyfile --adapter caddyfile")
    return _proxy(f"Caddy{name}", command, "Caddyfile", _CADDY.format(main=main), fact, signal, endless=endless)


def _fpm(name: str, signal: str, fact: Fact, main: str = "", *, endless: bool = False) -> Scenario:
    return Scenario(
        f"PHP-FPM{name}, {signal}",
        exec_form("php-fpm -F -R -y /srv/php-fpm.conf"),
        {"slow.php": "@slow.php", "php-fpm.conf": _FPM.format(main=main), "front.conf": _FPM_FRONT},
        needs=("nginx",),
        signal=signal,
        work=None if endless else 1.5,
        base=_DEBIAN,
        before="nginx -c /srv/front.conf",
        fact=fact,
    )


_DRAINS, _QUITS = Fact("drains", _UNTABLED), Fact("quits", _UNTABLED)
_AT_ITS_LIMIT, _KILLED = Fact("gives up", _UNTABLED, (0.8, 3)), Fact("killed", _UNTABLED)

SCENARIOS = (
    _nginx("", "SIGTERM", _QUITS),
    _nginx("", "SIGINT", _QUITS),
    _nginx("", "SIGQUIT", _DRAINS),
    _nginx(", no limit", "SIGQUIT", _KILLED, endless=True),
    _nginx(", worker_shutdown_timeout 1s", "SIGQUIT", _AT_ITS_LIMIT, "worker_shutdown_timeout 1s;", endless=True),
    _apache("SIGTERM", _QUITS),
    _apache("SIGINT", _QUITS),
    _apache("SIGWINCH", _DRAINS),
    _haproxy("", "SIGTERM", _QUITS),
    _haproxy("", "SIGINT", _QUITS),
    _haproxy("", "SIGUSR1", _DRAINS),
    _haproxy(", hard-stop-after 1s", "SIGUSR1", _AT_ITS_LIMIT, "hard-stop-after 1s", endless=True),
    _caddy("", "SIGTERM", _DRAINS),
    _caddy("", "SIGINT", _DRAINS),
    _caddy("", "SIGQUIT", _QUITS),
    _caddy(", no limit", "SIGTERM", _KILLED, endless=True),
    _caddy(", grace_period 1s", "SIGTERM", _AT_ITS_LIMIT, "grace_period 1s", endless=True),
    _fpm("", "SIGTERM", _QUITS),
    _fpm("", "SIGQUIT", _QUITS),
    _fpm(", process_control_timeout 10", "SIGQUIT", _DRAINS, "process_control_timeout = 10"),
    _fpm(", process_control_timeout 1", "SIGQUIT", _AT_ITS_LIMIT, "process_control_timeout = 1", endless=True),
)
