"""Where a server listens: its default, and every place where that is set, in the order the server looks."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from deploylint.model.app import App
from deploylint.servers.listening import listening_of
from deploylint.servers.process_context import ProcessContext
from deploylint.text import Source
from tests.servers.test_drains import process, variables
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.listening import Listening


def listening(
    line: str,
    files: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    is_open: bool = False,
    is_deployed: bool = True,
) -> Listening | None:
    app = App("", "python", "shop", Source("pyproject.toml", "").whole, ())
    context = ProcessContext(Tree(files or {}), "", variables(environment or {}), is_open, app)
    return listening_of(process(line), context, is_deployed)


def said(found: Listening | None) -> str:
    """`host:port`, each with `~` in front of a default and `?` for what is unknown; empty where nothing is known to listen."""
    if found is None:
        return ""

    def text(value: object) -> str:
        state, content = value.state, value.content  # type: ignore[attr-defined]
        return "?" if state == "unknown" else f"{'~' if state == 'default' else ''}{content}"

    return f"{text(found.address)}:{text(found.port)}"


COMMAND_LINES = [
    ("uvicorn shop:app", "~127.0.0.1:~8000"),
    ("uvicorn shop:app --host 0.0.0.0", "0.0.0.0:~8000"),
    ("uvicorn --port=8080 --host=:: shop:app", ":::8080"),
    ("python -m uvicorn shop:app --port 9000", "~127.0.0.1:9000"),
    ("/venv/bin/uvicorn shop:app --host 10.0.0.1 --host localhost", ""),  # twice: whichever counts, nobody meant it
    ("uvicorn shop:app --host $HOST", "?:~8000"),
    ("uvicorn shop:app $OPTIONS", ""),
    ("uvicorn shop:app --uds /run/shop.sock", ""),
    ("uvicorn shop:app --fd 0", ""),
    ("uvicorn shop:app --port 0", "~127.0.0.1:?"),
    ("uvicorn shop:app --port 99999", "~127.0.0.1:?"),
    (f"uvicorn shop:app --port {'9' * 5000}", "~127.0.0.1:?"),
    ("gunicorn shop.wsgi", "~127.0.0.1:~8000"),
    ("gunicorn -b 0.0.0.0:8080 shop.wsgi", "0.0.0.0:8080"),
    ("gunicorn shop.wsgi -b :8080", ":8080"),
    ("gunicorn --bind=[::]:8080 shop.wsgi", ":::8080"),
    ("gunicorn --bind tcp://127.0.0.1:5000 shop.wsgi", "127.0.0.1:5000"),
    ("gunicorn --bind localhost shop.wsgi", "localhost:~8000"),
    ("gunicorn --bind unix:/run/shop.sock shop.wsgi", ""),
    ("gunicorn --bind fd://3 shop.wsgi", ""),
    ("gunicorn -b 127.0.0.1:8000 -b 0.0.0.0:8080 shop.wsgi", ""),
    ("gunicorn --bind 0.0.0.0:$PORT shop.wsgi", "?:?"),
    ("hypercorn shop:app", "~127.0.0.1:~8000"),
    ("hypercorn -b 0.0.0.0 shop:app", "0.0.0.0:~8000"),
    ("hypercorn shop:app --bind 0.0.0.0:80 --quic-bind 0.0.0.0:443", ""),
    ("granian --interface asgi shop:app", "~127.0.0.1:~8000"),
    ("granian --host 0.0.0.0 --port 80 shop:app", "0.0.0.0:80"),
    ("daphne -p 8001 shop.asgi:application", "~127.0.0.1:8001"),
    ("daphne -b 0.0.0.0 shop.asgi:application", "0.0.0.0:~8000"),
    ("daphne -e tcp:port=8000:interface=0.0.0.0 shop.asgi:application", ""),
    ("waitress-serve shop:app", "~0.0.0.0:~8080"),
    ("waitress-serve --listen=*:5000 shop:app", ":5000"),
    ("waitress-serve --listen 127.0.0.1:5000 shop:app", "127.0.0.1:5000"),
    ("waitress-serve --host 127.0.0.1 --port 80 shop:app", "127.0.0.1:80"),
    ("fastapi run main.py", "~0.0.0.0:~8000"),
    ("fastapi run --port 80", "~0.0.0.0:80"),
    ("fastapi dev", ""),
    ("flask run", "~127.0.0.1:~5000"),
    ("flask --app shop run -h 0.0.0.0 -p 80", "0.0.0.0:80"),
    ("python manage.py runserver", "~127.0.0.1:~8000"),
    ("python manage.py runserver 8080", "~127.0.0.1:8080"),
    ("python manage.py runserver --settings shop.prod 0:80", "0.0.0.0:80"),
    ("./manage.py runserver [::]:8000", ":::8000"),
    ("python manage.py runserver localhost:8000", "localhost:8000"),
    ("python manage.py runserver --ipv6", ""),
    ("python manage.py runserver $ADDRESS", ""),
    ("uwsgi --http :8000 --module shop.wsgi", ":8000"),
    ("uwsgi --http-socket 127.0.0.1:8000", "127.0.0.1:8000"),
    ("uwsgi --socket 127.0.0.1:3031", ""),
    ("uwsgi --http :8000 --socket :3031", ""),
    ("litestar run", "~127.0.0.1:~8000"),
    ("litestar --app shop:app run -H 0.0.0.0", "0.0.0.0:~8000"),
    ("sanic shop:app", "~127.0.0.1:~8000"),
    ("streamlit run app.py", "~:~8501"),
    ("streamlit run app.py --server.port=80 --server.address 127.0.0.1", "127.0.0.1:80"),
    ("next start -p 8080", "~0.0.0.0:8080"),
    ("next dev", ""),
    ("php -S 127.0.0.1:8000 -t public", "127.0.0.1:8000"),
    ("php artisan serve --port 80", "~127.0.0.1:80"),
    ("php artisan serve --host=0.0.0.0", "0.0.0.0:~8000"),
    ("celery -A shop worker", ""),
    ("sleep infinity", ""),
]


@pytest.mark.parametrize(("line", "expected"), COMMAND_LINES, ids=[line[:60] for line, _ in COMMAND_LINES])
def test_command_lines(line: str, expected: str) -> None:
    assert said(listening(line)) == expected


@pytest.mark.parametrize(
    ("line", "environment", "expected"),
    [
        ("uvicorn shop:app", {"UVICORN_HOST": "0.0.0.0", "UVICORN_PORT": "80"}, "0.0.0.0:80"),
        ("uvicorn shop:app --host ::1", {"UVICORN_HOST": "0.0.0.0"}, "::1:~8000"),
        ("uvicorn shop:app", {"UVICORN_HOST": "?"}, "?:~8000"),
        ("uvicorn shop:app", {"UVICORN_UDS": "/run/shop.sock"}, ""),
        ("uvicorn shop:app", {"PORT": "8080", "HOST": "0.0.0.0"}, "~127.0.0.1:~8000"),
        ("gunicorn shop.wsgi", {"PORT": "8080"}, "~0.0.0.0:8080"),
        ("gunicorn shop.wsgi", {"PORT": "?"}, "?:?"),
        ("gunicorn -b :80 shop.wsgi", {"PORT": "8080"}, ":80"),
        ("gunicorn shop.wsgi", {"GUNICORN_CMD_ARGS": "--bind 0.0.0.0:9000 --workers 2"}, "0.0.0.0:9000"),
        ("hypercorn shop:app", {"PORT": "8080"}, "~127.0.0.1:~8000"),
        ("granian shop:app", {"GRANIAN_HOST": "0.0.0.0"}, "0.0.0.0:~8000"),
        ("fastapi run", {"PORT": "80"}, "~0.0.0.0:?"),  # older versions read none
        ("fastapi run --port 90", {"PORT": "80"}, "~0.0.0.0:90"),
        ("flask run", {"FLASK_RUN_HOST": "0.0.0.0", "FLASK_RUN_PORT": "80"}, "0.0.0.0:80"),
        ("uwsgi --http :8000", {"UWSGI_SOCKET": ":3031"}, ""),
        ("next start", {"PORT": "8080"}, "~0.0.0.0:8080"),
    ],
)
def test_variables(line: str, environment: dict[str, str], expected: str) -> None:
    assert said(listening(line, environment=environment)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uvicorn shop:app", "?:?"),
        ("uvicorn shop:app --host 127.0.0.1 --port 80", "127.0.0.1:80"),
        ("gunicorn shop.wsgi", "?:?"),
        ("hypercorn shop:app", "~127.0.0.1:~8000"),  # it reads no variable
        ("uwsgi --http :8000", ""),
    ],
)
def test_an_environment_that_may_hold_more(line: str, expected: str) -> None:
    assert said(listening(line, is_open=True)) == expected


def test_nobody_knows_whether_an_image_that_nobody_deploys_gets_a_port() -> None:
    assert said(listening("gunicorn shop.wsgi", is_deployed=False)) == "?:?"
    assert said(listening("uvicorn shop:app", is_deployed=False)) == "~127.0.0.1:~8000"


@pytest.mark.parametrize(
    ("line", "files", "expected"),
    [
        ("gunicorn shop.wsgi", {"gunicorn.conf.py": 'bind = "0.0.0.0:80"'}, "0.0.0.0:80"),
        ("gunicorn shop.wsgi", {"gunicorn.conf.py": "workers = 2"}, "~127.0.0.1:~8000"),
        ("gunicorn shop.wsgi", {"gunicorn.conf.py": 'bind = ["0.0.0.0:80"]'}, "?:?"),
        ("gunicorn shop.wsgi", {"gunicorn.conf.py": 'bind = f"0.0.0.0:{port}"'}, "?:?"),
        ("gunicorn shop.wsgi", {"deploy/gunicorn.conf.py": 'bind = "0.0.0.0:80"'}, "?:?"),  # it may be copied there
        ("gunicorn -c missing.py shop.wsgi", {}, "?:?"),
        ("gunicorn -c conf.py -b :90 shop.wsgi", {"conf.py": 'bind = "127.0.0.1:80"'}, ":90"),
        ("hypercorn -c hypercorn.toml shop:app", {"hypercorn.toml": 'bind = "0.0.0.0:80"'}, "0.0.0.0:80"),
        ("hypercorn -c hypercorn.toml shop:app", {"hypercorn.toml": 'bind = ["0.0.0.0:80"]'}, "0.0.0.0:80"),
        ("hypercorn -c hypercorn.toml shop:app", {"hypercorn.toml": 'bind = ["0.0.0.0:80", "[::]:81"]'}, "?:?"),
        ("hypercorn shop:app", {"hypercorn.toml": 'bind = "0.0.0.0:80"'}, "~127.0.0.1:~8000"),
        ("uwsgi --ini uwsgi.ini", {"uwsgi.ini": "[uwsgi]\nhttp = 127.0.0.1:80\n"}, "127.0.0.1:80"),
        ("uwsgi --ini uwsgi.ini", {"uwsgi.ini": "[uwsgi]\nsocket = :3031\n"}, ""),
        ("flask run", {".flaskenv": "FLASK_RUN_HOST=0.0.0.0\n"}, ""),
        ("streamlit run app.py", {".streamlit/config.toml": "[server]\nport = 80\n"}, ""),
        ("streamlit run app.py", {".streamlit/config.toml": "[theme]\nbase = 'dark'\n"}, "~:~8501"),
    ],
)
def test_configuration_files(line: str, files: dict[str, str], expected: str) -> None:
    assert said(listening(line, files)) == expected


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("uvicorn.run(app)", {}, "~127.0.0.1:~8000"),
        ('uvicorn.run(app, host="0.0.0.0", port=80)', {}, "0.0.0.0:80"),
        ('uvicorn.run(app, host=os.getenv("HOST", "127.0.0.1"))', {}, "~127.0.0.1:~8000"),
        ('uvicorn.run(app, host=os.getenv("HOST", "127.0.0.1"))', {"HOST": "0.0.0.0"}, "0.0.0.0:~8000"),
        ('uvicorn.run(app, host=os.environ["HOST"])', {}, "?:~8000"),
        ('uvicorn.run(app, port=int(os.environ.get("PORT", 8080)))', {}, "~127.0.0.1:~8080"),
        ("uvicorn.run(app, host=settings.host)", {}, "?:~8000"),
        ('HOST = "::1"\nuvicorn.run(app, host=HOST)', {}, "::1:~8000"),
        ('if DEBUG:\n    HOST = "::1"\nuvicorn.run(app, host=HOST)', {}, "?:~8000"),
        ("uvicorn.run(app, uds='/run/shop.sock')", {}, ""),
        ("uvicorn.run(app, **options)", {}, ""),
        ("uvicorn.run(app)\nuvicorn.run(admin)", {}, ""),
        ("def main():\n    uvicorn.run(app)", {}, ""),
        ("def main():\n    uvicorn.run(app)\nmain()", {}, "~127.0.0.1:~8000"),
        ("if os.getenv('SERVE'):\n    uvicorn.run(app)", {}, ""),
        ("app = Flask(__name__)\napp.run()", {}, "~127.0.0.1:~5000"),
        ("app = flask.Flask(__name__)\nif __name__ == '__main__':\n    app.run('0.0.0.0', 80)", {}, "0.0.0.0:80"),
        ("app = Flask(__name__)\napp.config['SERVER_NAME'] = 'shop:80'\napp.run()", {}, ""),
        ("app = create_app()\napp.run()", {}, ""),
        ("def broken(:", {}, ""),
    ],
)
def test_scripts(text: str, environment: dict[str, str], expected: str) -> None:
    assert said(listening("python main.py", {"main.py": f"{text}\n"}, environment)) == expected


@pytest.mark.parametrize(
    ("line", "opened"),
    [
        ("uvicorn shop:app", "uvicorn shop:app --host=0.0.0.0"),
        ("uvicorn shop:app --host 127.0.0.1 --port 80", "uvicorn shop:app --host 0.0.0.0 --port 80"),
        ("uvicorn shop:app --host=localhost", "uvicorn shop:app --host=0.0.0.0"),
        ("hypercorn shop:app --bind [::1]:80", "hypercorn shop:app --bind [::]:80"),
        ("gunicorn shop.wsgi", "gunicorn shop.wsgi --bind=0.0.0.0:8000"),
        ("daphne shop.asgi:application", "daphne shop.asgi:application --bind=0.0.0.0"),
        ("gunicorn -b 127.0.0.1:127 shop.wsgi", "gunicorn -b 0.0.0.0:127 shop.wsgi"),
    ],
)
def test_it_can_be_opened(line: str, opened: str) -> None:
    found = listening(line)
    assert found
    assert found.edit
    span, replacement = found.edit
    text = span.source.text
    assert text[: span.start] + replacement + text[span.end :] == opened


@pytest.mark.parametrize("line", ["uvicorn shop:app --host 0.0.0.0", "gunicorn -b :80 shop.wsgi", "waitress-serve shop:app"])
def test_what_is_open_is_not_loopback(line: str) -> None:
    found = listening(line)
    assert found
    assert not found.is_loopback


ARGUMENTS = [
    "--host",
    "--bind",
    "-b",
    "--port=",
    "-p",
    "[",
    "]:",
    ":",
    "0",
    "127.0.0.1",
    "::",
    "localhost",
    "$X",
    "unix:",
    "=",
    "'\\''",
]


@given(
    st.sampled_from(
        ["uvicorn", "gunicorn", "hypercorn", "daphne", "waitress-serve", "uwsgi", "puma", "manage.py runserver", "php"]
    ),
    st.lists(st.lists(st.sampled_from([*ARGUMENTS, "é"]), min_size=1, max_size=4).map("".join), max_size=5),
)
def test_nothing_that_can_be_written_breaks_it(server: str, arguments: list[str]) -> None:
    line = shlex.join([*server.split(), *arguments])
    found = listening(line)
    if found and found.edit:
        span, replacement = found.edit
        again = listening(span.source.text[: span.start] + replacement + span.source.text[span.end :])
        assert again is None or not again.is_loopback


@pytest.mark.parametrize("base", ["ghcr.io/acme/python-base:3.12", "$BASE"])
def test_a_base_that_nobody_knows_may_set_variables(base: str) -> None:
    text = f'ARG BASE\nFROM {base}\nCOPY . .\nEXPOSE 8000\nCMD ["uvicorn", "shop:app"]\n'
    (unit,) = link(Workspace.of({"Dockerfile": text})).units
    assert said(unit.listening) == "?:?"


RELEASE = """FROM elixir:1.18 AS build
COPY mix.exs mix.lock ./
COPY config config
COPY lib lib
RUN mix release

FROM debian:bookworm-slim
COPY --from=build /app/_build/prod/rel/shop ./
CMD ["bin/shop", "start"]
"""
MIX = """defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "1.0.0", deps: [{:phoenix, "~> 1.8"}, {:bandit, "~> 1.6"}]]
  def application, do: [mod: {Shop.Application, []}]
end
"""
APPLICATION = """defmodule Shop.Application do
  use Application
  def start(_type, _args), do: Supervisor.start_link([ShopWeb.Endpoint], strategy: :one_for_one)
end
"""
ENDPOINT = """defmodule ShopWeb.Endpoint do
  use Phoenix.Endpoint, otp_app: :shop
end
"""


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ("http: [ip: {127, 0, 0, 1}, port: 4000]", "127.0.0.1:4000"),
        ("http: [ip: {0, 0, 0, 0, 0, 0, 0, 1}, port: 4000]", "0:0:0:0:0:0:0:1:4000"),
        ("http: [ip: {0, 0, 0, 0, 0, 0, 0, 0}, port: 4000]", ":4000"),
        ("http: [ip: :loopback, port: 4000]", "127.0.0.1:4000"),
        ('http: [ip: {:local, "/run/shop.sock"}, port: 0]', ""),
        ("http: [port: 4000]", "~:4000"),
        ('http: [port: String.to_integer(System.get_env("PORT", "4000"))]', "~:~4000"),
        ('http: [port: String.to_integer(System.fetch_env!("PORT"))]', "~:?"),
        ("http: [port: 4000], https: [port: 4443]", ""),
        ("http: [port: 4000], server: false", ""),
        ("url: [port: 443]", ""),
    ],
)
def test_phoenix(runtime: str, expected: str) -> None:
    assert said(_phoenix(f"import Config\nconfig :shop, ShopWeb.Endpoint, {runtime}\n")) == expected


@pytest.mark.parametrize(
    "runtime",
    [
        "import Config\nconfig :shop, ShopWeb.Endpoint, http: [ip: {127, 0, 0, 1}, port: 4000]\nShop.config_runtime()\n",
        'import Config\nimport_config "missing.exs"\n',
    ],
)
def test_phoenix_configured_elsewhere(runtime: str) -> None:
    assert _phoenix(runtime) is None


def test_an_endpoint_that_configures_itself() -> None:
    endpoint = ENDPOINT.replace("\nend", "\n  def init(_key, config), do: {:ok, Shop.bind(config)}\nend")
    assert _phoenix("import Config\nconfig :shop, ShopWeb.Endpoint, http: [ip: {127, 0, 0, 1}]\n", endpoint) is None


def test_a_release_reads_its_own_variables_last() -> None:
    runtime = 'import Config\nconfig :shop, ShopWeb.Endpoint, http: [port: String.to_integer(System.get_env("PORT", "4000"))]\n'
    assert said(_phoenix(runtime, env_sh="export PORT=8080\n")) == "~:8080"
    assert said(_phoenix(runtime, env_sh="export PORT=$(cat /port)\n")) == "~:?"


def _phoenix(runtime: str, endpoint: str = ENDPOINT, env_sh: str = "") -> Listening | None:
    files = {
        "rel/env.sh.eex": env_sh,
        "Dockerfile": RELEASE,
        "mix.exs": MIX,
        "lib/shop/application.ex": APPLICATION,
        "lib/shop_web/endpoint.ex": endpoint,
        "config/runtime.exs": runtime,
    }
    (unit,) = link(Workspace.of(files)).units
    return unit.listening


GEMS = {"Gemfile.lock": "GEM\n  specs:\n    puma (6.5.0)\n    rails (8.0.1)\n"}


@pytest.mark.parametrize(
    ("line", "config", "environment", "expected"),
    [
        ("puma", "workers 2", {}, "~:~9292"),
        ("bundle exec puma -C config/puma.rb", "port 3000", {}, "~:3000"),
        ("puma -p 80", "port 3000", {}, "~:80"),
        ("puma -b tcp://127.0.0.1:3000", "workers 2", {}, "127.0.0.1:3000"),
        ("puma", 'bind "unix:///run/puma.sock"', {}, ""),
        ("puma", 'port ENV.fetch("PORT") { 3000 }', {}, "~:3000"),
        ("puma", 'port ENV.fetch("PORT", 3000)', {"PORT": "8080"}, "~:8080"),
        ("puma -C missing.rb", "port 3000", {}, ""),
        ("rails server", 'port ENV.fetch("PORT", 3000)', {}, "?:3000"),
        ("rails server -b 127.0.0.1 -p 80", "port 3000", {}, "127.0.0.1:80"),
        ("bin/rails server -b 0.0.0.0", "workers 2", {"PORT": "8080"}, "0.0.0.0:8080"),
        ("rails s", "workers 2", {"BINDING": "localhost"}, "localhost:~3000"),
    ],
)
def test_puma(line: str, config: str, environment: dict[str, str], expected: str) -> None:
    line = line.removeprefix("bundle exec ")
    assert said(listening(line, {"config/puma.rb": f"{config}\n", **GEMS}, environment)) == expected


@pytest.mark.parametrize(
    ("dockerfile", "files", "expected"),
    [
        ("FROM nginx:1.29", {}, "~:~80"),
        ("FROM nginxinc/nginx-unprivileged:1.29-alpine", {}, "~:~8080"),
        ("FROM nginx:1.29\nCOPY site.conf /etc/nginx/conf.d/default.conf", {"site.conf": "server { listen 8080; }"}, ":8080"),
        ("FROM nginx:1.29\nCOPY site.conf /etc/nginx/conf.d/", {"site.conf": "server { listen 8080; }"}, ""),  # beside port 80
        (
            "FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/",
            {"nginx.conf": "http { server { listen 127.0.0.1:81; } }"},
            "127.0.0.1:81",
        ),
        ("FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/", {"nginx.conf": "http { server { listen 80; }\nserver { } }"}, ""),
        ("FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/", {"nginx.conf": "http { server { listen 80; listen 443 ssl; } }"}, ""),
        ("FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/", {"nginx.conf": "http { server { listen unix:/run/n; } }"}, ""),
        ("FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/", {"nginx.conf": "http { server { listen $PORT; } }"}, ""),
        (
            "FROM nginx:1.29\nCOPY site.conf /etc/nginx/templates/default.conf.template",
            {"site.conf": "server { listen 81; }"},
            "",
        ),
        ("FROM nginx:1.29\nRUN sed -i s/80/81/ /etc/nginx/conf.d/default.conf", {}, ""),
        ("FROM nginx:1.29\nCOPY start.sh /\nCMD /start.sh", {"start.sh": "write-config\nexec nginx -g 'daemon off;'\n"}, ""),
        ('FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]', {}, ""),
    ],
)
def test_nginx(dockerfile: str, files: dict[str, str], expected: str) -> None:
    (unit,) = link(Workspace.of({"Dockerfile": f"{dockerfile}\n", **files})).units
    assert said(unit.listening) == expected


WEB = "var app = WebApplication.CreateBuilder(args).Build();\napp.Run();\n"


@pytest.mark.parametrize(
    ("tag", "lines", "code", "settings", "expected"),
    [
        ("9.0", "", WEB, "{}", "~:~8080"),
        ("7.0-alpine", "", WEB, "{}", "~:~80"),
        ("8.0", "ENV ASPNETCORE_HTTP_PORTS=5000", WEB, "{}", "~:5000"),
        ("7.0", "ENV ASPNETCORE_HTTP_PORTS=5000", WEB, "{}", "~:~80"),
        ("8.0", "ENV ASPNETCORE_URLS=http://+:5000", WEB, "{}", ":5000"),
        ("8.0", "ENV ASPNETCORE_URLS=http://localhost:5000", WEB, "{}", "localhost:5000"),
        ("8.0", "ENV ASPNETCORE_URLS=http://+:80;https://+:443", WEB, "{}", ""),
        ("8.0", "ENV ASPNETCORE_HTTPS_PORTS=8443", WEB, "{}", ""),
        ("8.0", "", WEB.replace("Run()", 'Run("http://*:90")'), "{}", ""),
        ("8.0", "", 'app.Urls.Add("http://*:90");\n' + WEB, "{}", ""),
        ("8.0", "", WEB, '{"Kestrel": {"Endpoints": {}}}', ""),
        ("8.0", "", "Host.CreateDefaultBuilder(args).Build().Run();\n", "{}", ""),
        ("latest", "", WEB, "{}", ""),
    ],
)
def test_aspnet(tag: str, lines: str, code: str, settings: str, expected: str) -> None:
    files = {
        "Dockerfile": f'FROM mcr.microsoft.com/dotnet/aspnet:{tag}\n{lines}\nCOPY out .\nCMD ["dotnet", "Shop.dll"]\n',
        "Shop.csproj": "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>\n",
        "Program.cs": code,
        "appsettings.json": settings,
    }
    (unit,) = link(Workspace.of(files)).units
    assert said(unit.listening) == expected


EXPRESS = "const app = require('express')();\n"
FASTIFY = "import Fastify from 'fastify';\nconst app = Fastify();\n"


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        (EXPRESS + "app.listen(3000);", {}, "~:3000"),
        (EXPRESS + "app.listen(3000, () => console.log('up, at (3000)'));", {}, "~:3000"),
        (EXPRESS + "app.listen(3000, '127.0.0.1', () => {});", {}, "127.0.0.1:3000"),
        (EXPRESS + "const HOST = 'localhost';\napp.listen(3000, HOST);", {}, "localhost:3000"),
        (EXPRESS + "app.listen(process.env.PORT || 3000);", {}, "~:~3000"),
        (EXPRESS + "app.listen(process.env.PORT || 3000);", {"PORT": "8080"}, "~:8080"),
        (EXPRESS + "const port = Number(process.env.PORT ?? 3000);\napp.listen(port);", {}, "~:~3000"),
        (EXPRESS + "const port = parseInt(process.env.PORT, 10) || 3000;\napp.listen(port);", {}, "~:?"),
        (EXPRESS + "const port = +process.env.PORT;\napp.listen(port);", {}, "~:?"),
        (EXPRESS + "let port = 3000;\nif (x) port = 4000;\napp.listen(port);", {}, "~:?"),
        ("require('dotenv').config();\n" + EXPRESS + "app.listen(process.env.PORT || 3000);", {}, "~:?"),
        (EXPRESS + "app.listen({ port: 3000, host: '::1' });", {}, "::1:3000"),
        (EXPRESS + "app.listen({ path: '/run/app.sock' });", {}, ""),
        (EXPRESS + "app.listen({ ...options });", {}, ""),
        (EXPRESS + "// app.listen(80)\napp.listen(3000);", {}, "~:3000"),
        (EXPRESS + "app.listen(3000);\nadmin.listen(4000);", {}, ""),
        (EXPRESS + "if (process.env.NODE_ENV !== 'production') app.listen(3000);", {}, ""),
        (EXPRESS + "app.listen(", {}, ""),
        (FASTIFY + "await app.listen({ port: 3000 });", {}, "~localhost:3000"),
        (FASTIFY + "await app.listen({ port: 3000, host: '0.0.0.0' });", {}, "0.0.0.0:3000"),
        (FASTIFY + "const host = process.env.HOST || '0.0.0.0';\nawait app.listen({ host, port: 3000 });", {}, "~0.0.0.0:3000"),
        (FASTIFY + "app.listen(3000);", {}, "?:3000"),
        ("import app from './app.js';\napp.listen(3000);", {}, "?:3000"),
        ("import app from './app.js';\napp.start();", {}, ""),
    ],
)
def test_node(text: str, environment: dict[str, str], expected: str) -> None:
    assert said(listening("node server.js", {"server.js": f"{text}\n"}, environment)) == expected


def test_fastify_is_opened() -> None:
    found = listening("node server.js", {"server.js": FASTIFY + "await app.listen({ port: 3000 });\n"})
    assert found
    assert found.edit
    (span, replacement), text = found.edit, found.edit.span.source.text
    assert (text[: span.start] + replacement + text[span.end :]).endswith('app.listen({ host: "0.0.0.0", port: 3000 });\n')


@given(
    st.lists(st.sampled_from([*"(){}[],:'\"`$=", "app.listen(", "host", "port", "3000", "process.env.X || ", "\n"]), max_size=30)
)
def test_no_script_breaks_it(parts: list[str]) -> None:
    listening("node server.js", {"server.js": EXPRESS + "".join(parts)})
