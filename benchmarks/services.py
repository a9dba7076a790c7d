"""Applications as their frameworks' own generators lay them out: a Phoenix release on Kubernetes, a FastAPI service on Fly.io.

Each has exactly one defect that was put there: it is killed before it has drained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.trees import SERVICE, File

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANTED = "grace-shorter-than-drain"

_PHOENIX = {
    # The Dockerfile of `mix phx.gen.release --docker`, comments and all: what hadolint is given, too.
    "Dockerfile": """\
# Find eligible builder and runner images on Docker Hub. We use Ubuntu/Debian
# instead of Alpine to avoid DNS resolution issues in production.
#
# This file is based on these images:
#
#   - https://hub.docker.com/r/hexpm/elixir/tags - for the build image
#   - https://hub.docker.com/_/debian/tags?name=trixie-20251020-slim - for the release image
#   - https://pkgs.org/ - resource for finding needed packages
#
ARG ELIXIR_VERSION=1.19.1
ARG OTP_VERSION=28.1.1
ARG DEBIAN_VERSION=trixie-20251020-slim

ARG BUILDER_IMAGE="docker.io/hexpm/elixir:${ELIXIR_VERSION}-erlang-${OTP_VERSION}-debian-${DEBIAN_VERSION}"
ARG RUNNER_IMAGE="docker.io/debian:${DEBIAN_VERSION}"

FROM ${BUILDER_IMAGE} AS builder

# install build dependencies
RUN apt-get update \\
  && apt-get install -y --no-install-recommends build-essential git \\
  && rm -rf /var/lib/apt/lists/*

# prepare build dir
WORKDIR /app

# install hex + rebar
RUN mix local.hex --force \\
  && mix local.rebar --force

# set build ENV
ENV MIX_ENV="prod"

# install mix dependencies
COPY mix.exs mix.lock ./
RUN mix deps.get --only $MIX_ENV
RUN mkdir config

# copy compile-time config files before we compile dependencies
# to ensure any relevant config change will trigger the dependencies
# to be re-compiled.
COPY config/config.exs config/${MIX_ENV}.exs config/
RUN mix deps.compile

COPY lib lib

# Compile the release
RUN mix compile

# Changes to config/runtime.exs don't require recompiling the code
COPY config/runtime.exs config/

COPY rel rel
RUN mix release

# start a new build stage so that the final image will only contain
# the compiled release and other runtime necessities
FROM ${RUNNER_IMAGE} AS final

RUN apt-get update \\
  && apt-get install -y --no-install-recommends libstdc++6 openssl libncurses6 locales ca-certificates \\
  && rm -rf /var/lib/apt/lists/*

# Set the locale
RUN sed -i '/en_US.UTF-8/s/^# //g' /etc/locale.gen \\
  && locale-gen

ENV LANG=en_US.UTF-8
ENV LANGUAGE=en_US:en
ENV LC_ALL=en_US.UTF-8

WORKDIR "/app"
RUN chown nobody /app

# set runner ENV
ENV MIX_ENV="prod"

# Only copy the final release from the build stage
COPY --from=builder --chown=nobody:root /app/_build/${MIX_ENV}/rel/NAME ./

USER nobody

CMD ["/app/bin/server"]
""",
    ".dockerignore": "/_build/\n/deps/\n/.git/\n.env*\n",
    "mix.exs": """\
defmodule Module.MixProject do
  use Mix.Project

  def project do
    [
      app: :NAME,
      version: "0.1.0",
      elixir: "~> 1.15",
      elixirc_paths: elixirc_paths(Mix.env()),
      start_permanent: Mix.env() == :prod,
      aliases: aliases(),
      deps: deps()
    ]
  end

  def application do
    [
      mod: {Module.Application, []},
      extra_applications: [:logger, :runtime_tools]
    ]
  end

  defp elixirc_paths(:test), do: ["lib", "test/support"]
  defp elixirc_paths(_), do: ["lib"]

  defp deps do
    [
      {:phoenix, "~> 1.8.1"},
      {:phoenix_ecto, "~> 4.5"},
      {:ecto_sql, "~> 3.13"},
      {:postgrex, ">= 0.0.0"},
      {:phoenix_live_view, "~> 1.1.0"},
      {:telemetry_metrics, "~> 1.0"},
      {:telemetry_poller, "~> 1.0"},
      {:jason, "~> 1.2"},
      {:plug_cowboy, "~> 2.7"}
    ]
  end

  defp aliases do
    [
      setup: ["deps.get", "ecto.setup"],
      "ecto.setup": ["ecto.create", "ecto.migrate", "run priv/repo/seeds.exs"]
    ]
  end
end
""",
    "mix.lock": "%{\n}\n",
    "config/config.exs": """\
import Config

config :NAME,
  ecto_repos: [Module.Repo],
  generators: [timestamp_type: :utc_datetime]

config :NAME, ModuleWeb.Endpoint,
  url: [host: "localhost"],
  adapter: Phoenix.Endpoint.Cowboy2Adapter,
  render_errors: [formats: [json: ModuleWeb.ErrorJSON], layout: false],
  pubsub_server: Module.PubSub,
  live_view: [signing_salt: "mZ4bXq8R"]

config :logger, :default_formatter,
  format: "$time $metadata[$level] $message\\n",
  metadata: [:request_id]

import_config "#{config_env()}.exs"
""",
    "config/prod.exs": "import Config\n\nconfig :logger, level: :info\n",
    "config/runtime.exs": """\
import Config

if System.get_env("PHX_SERVER") do
  config :NAME, ModuleWeb.Endpoint, server: true
end

if config_env() == :prod do
  database_url =
    System.get_env("DATABASE_URL") ||
      raise "environment variable DATABASE_URL is missing"

  config :NAME, Module.Repo,
    url: database_url,
    pool_size: String.to_integer(System.get_env("POOL_SIZE") || "10")

  host = System.get_env("PHX_HOST") || "example.com"
  port = String.to_integer(System.get_env("PORT") || "4000")

  config :NAME, ModuleWeb.Endpoint,
    url: [host: host, port: 443, scheme: "https"],
    http: [ip: {0, 0, 0, 0, 0, 0, 0, 0}, port: port],
    drainer: [shutdown: 25_000],
    secret_key_base: System.fetch_env!("SECRET_KEY_BASE")
end
""",
    "lib/NAME/application.ex": """\
defmodule Module.Application do
  use Application

  @impl true
  def start(_type, _args) do
    children = [
      ModuleWeb.Telemetry,
      Module.Repo,
      {DNSCluster, query: Application.get_env(:NAME, :dns_cluster_query) || :ignore},
      {Phoenix.PubSub, name: Module.PubSub},
      ModuleWeb.Endpoint
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Module.Supervisor)
  end
end
""",
    "lib/NAME_web/endpoint.ex": """\
defmodule ModuleWeb.Endpoint do
  use Phoenix.Endpoint, otp_app: :NAME

  @session_options [
    store: :cookie,
    key: "_NAME_key",
    signing_salt: "9rVQyXAo",
    same_site: "Lax"
  ]

  socket "/live", Phoenix.LiveView.Socket,
    websocket: [connect_info: [session: @session_options]],
    longpoll: [connect_info: [session: @session_options]]

  plug Plug.RequestId
  plug Plug.Telemetry, event_prefix: [:phoenix, :endpoint]

  plug Plug.Parsers,
    parsers: [:urlencoded, :multipart, :json],
    pass: ["*/*"],
    json_decoder: Phoenix.json_library()

  plug Plug.MethodOverride
  plug Plug.Head
  plug Plug.Session, @session_options
  plug ModuleWeb.Router
end
""",
    "rel/overlays/bin/server": '#!/bin/sh\nset -eu\n\ncd -P -- "$(dirname -- "$0")"\nPHX_SERVER=true exec ./NAME start\n',
    "k8s/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  labels:
    app.kubernetes.io/name: NAME
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: NAME
          image: registry.example.com/acme/NAME:1.0.0
          ports:
            - name: http
              containerPort: 4000
          env:
            - name: SECRET_KEY_BASE
              valueFrom:
                secretKeyRef:
                  name: NAME
                  key: secret-key-base
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: NAME
                  key: database-url
          lifecycle:
            preStop:
              sleep:
                seconds: 10
          readinessProbe:
            httpGet:
              path: /health
              port: http
            periodSeconds: 5
          resources:
            requests:
              cpu: 100m
              memory: 256Mi
            limits:
              memory: 512Mi
""",
    "k8s/service.yaml": SERVICE,
    "k8s/kustomization.yaml": "resources:\n  - deployment.yaml\n  - service.yaml\n",
}

_FASTAPI = {
    "Dockerfile": """\
FROM python:3.14-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/uv

WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 \\
    UV_LINK_MODE=copy \\
    UV_PYTHON_DOWNLOADS=0

COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \\
    uv sync --frozen --no-dev --no-install-project

COPY NAME NAME
RUN --mount=type=cache,target=/root/.cache/uv \\
    uv sync --frozen --no-dev

FROM python:3.14-slim
WORKDIR /app
ENV PATH="/app/.venv/bin:$PATH" \\
    PYTHONUNBUFFERED=1
COPY --from=build /app /app
USER 1000:1000
EXPOSE 8080
CMD ["uvicorn", "NAME.main:app", "--host", "0.0.0.0", "--port", "8080", "--timeout-graceful-shutdown", "45"]
""",
    ".dockerignore": ".git\n.venv\n.env*\n__pycache__\n",
    "pyproject.toml": """\
[project]
name = "NAME"
version = "1.0.0"
requires-python = ">=3.14"
dependencies = [
  "fastapi>=0.118",
  "httpx>=0.28",
  "psycopg[binary]>=3.2",
  "pydantic-settings>=2.11",
  "uvicorn[standard]>=0.37",
]

[dependency-groups]
dev = ["mypy>=1.18", "pytest>=8.4", "ruff>=0.14"]

[tool.ruff]
line-length = 120
""",
    "uv.lock": 'version = 1\nrequires-python = ">=3.14"\n',
    "NAME/__init__.py": "",
    "NAME/settings.py": """\
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str
    log_level: str = "info"


settings = Settings()
""",
    "NAME/main.py": """\
from contextlib import asynccontextmanager

import psycopg
from fastapi import FastAPI

from NAME.settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.db = await psycopg.AsyncConnection.connect(settings.database_url)
    yield
    await app.state.db.close()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    await app.state.db.execute("select 1")
    return {"status": "ok"}
""",
    "fly.toml": """\
app = "NAME"
primary_region = "fra"
kill_signal = "SIGTERM"
kill_timeout = "30s"

[build]
  dockerfile = "Dockerfile"

[env]
  LOG_LEVEL = "info"

[http_service]
  internal_port = 8080
  force_https = true
  auto_stop_machines = "stop"
  auto_start_machines = true
  min_machines_running = 1

  [[http_service.checks]]
    method = "GET"
    path = "/health"
    interval = "10s"
    timeout = "2s"
    grace_period = "10s"

[[vm]]
  memory = "512mb"
  cpu_kind = "shared"
  cpus = 1
""",
}


def phoenix(folder: str = "", name: str = "shop") -> Iterator[File]:
    """A Phoenix release, with its manifests."""
    yield from _filled(_PHOENIX, folder, name, "k8s/deployment.yaml")


def fastapi(folder: str = "", name: str = "notes") -> Iterator[File]:
    """A FastAPI service, with its fly.toml."""
    yield from _filled(_FASTAPI, folder, name, "fly.toml")


def services(count: int) -> Iterator[File]:
    """A repository of services, one of each kind in turn."""
    for number in range(count):
        name = f"service_{number:03}"
        yield from (fastapi if number % 2 else phoenix)(f"services/{name}/", name)


def _filled(texts: dict[str, str], folder: str, name: str, planted: str) -> Iterator[File]:
    module = "".join(word.capitalize() for word in name.split("_"))
    for path, text in texts.items():
        text = text.replace("NAME", name).replace("Module", module)
        yield File(folder + path.replace("NAME", name), text, PLANTED if path == planted else "")
