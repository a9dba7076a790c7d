"""Guards in Python boot code: what runs in production, what the environment decides, and what nobody can tell."""

from __future__ import annotations

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY . .
{}
CMD ["gunicorn", "shop:create_app()", "--bind", "0.0.0.0:8000"]
"""
COMPOSE = """\
services:
  web:
    build: .
    restart: always
    ports: ["80:8000"]
    environment:
      TZ: UTC
{}
"""
FACTORY = """\
import os
import sys

from flask import Flask
from shop.db import db

{}

def create_app():
    app = Flask(__name__)
{}
    return app
"""


def migrates(body: str, top: str = "", image: str = "", more: str = "") -> bool:
    """Whether the app creates its schema as it boots. `more`: lines of the service in the compose file."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    files = {
        "Dockerfile": DOCKERFILE.format(image),
        "requirements.txt": "flask\nflask-sqlalchemy\npsycopg\n",
        "shop/__init__.py": FACTORY.format(top, lines),
        "compose.yaml": COMPOSE.format(more),
    }
    report = running.run(Workspace.of(files), Settings(select=("migrations-at-startup",)))
    return bool(report.findings)


@pytest.mark.parametrize(
    "guard",
    [
        'not app.config.get("TESTING")',
        'not app.config.get("TESTING", False)',
        'not app.config["TESTING"]',
        "not app.testing",
        "app.testing is False",
        "not (app.testing or app.debug)",
        "not app.testing and not app.debug",
        '"pytest" not in sys.modules',
        'os.environ.get("SKIP_MIGRATIONS") != "1"',
        'os.getenv("SKIP_MIGRATIONS", "false").lower() != "true"',
        'os.getenv("SKIP_MIGRATIONS", "0") not in ("1", "true")',
        'not os.environ.get("SKIP_MIGRATIONS")',
        '"SKIP_MIGRATIONS" not in os.environ',
        'os.getenv("SKIP_MIGRATIONS") is None',
        'os.getenv("CREATE_SCHEMA", "true") == "true"',
        'not app.testing and os.getenv("SKIP_MIGRATIONS") != "1"',
    ],
)
def test_what_a_guard_lets_run_in_production_counts(guard: str) -> None:
    assert migrates(f"if {guard}:\n    db.create_all()")
    assert not migrates(f"if not ({guard}):\n    db.create_all()")


@pytest.mark.parametrize(
    "guard",
    [
        "should_create(app)",
        "not inspector.has_table('user')",
        'app.config.get("CREATE_SCHEMA")',
        'not app.config.get("TESTING", True)',
        'os.environ.get("MODE", MODE) == "web"',
        "not settings.testing",
        'os.getenv("A") or os.getenv("B")',
        "len(sys.argv) > 1",
        'os.getenv("MODE", "web") in "web,worker"',
        'os.getenv("MODE", "web") == ("web", "worker")',
    ],
)
def test_what_nobody_can_tell_does_not_count(guard: str) -> None:
    assert not migrates(f"if {guard}:\n    db.create_all()")
    assert not migrates(f"if not ({guard}):\n    db.create_all()")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('if app.config.get("TESTING"):\n    return app\ndb.create_all()', True),
        ('if not app.config.get("TESTING"):\n    return app\ndb.create_all()', False),
        ('if os.getenv("SKIP"):\n    return app\ndb.create_all()', True),
        ('if not os.getenv("RUN"):\n    return app\ndb.create_all()', False),
        ("if has_schema():\n    return app\ndb.create_all()", False),
        ("if app.testing:\n    use_memory()\nelse:\n    db.create_all()", True),
        ("if app.testing:\n    db.create_all()\nelse:\n    pass", False),
        ("if has_schema():\n    raise RuntimeError\ndb.create_all()", True),
    ],
)
def test_the_other_way_and_what_follows_an_early_return(body: str, expected: bool) -> None:
    assert migrates(body) is expected


SKIPS = 'if os.environ.get("SKIP_SCHEMA") != "1":\n    db.create_all()'
ASKS = "if CREATE:\n    db.create_all()"
TOP = 'CREATE = os.environ.get("CREATE_SCHEMA", "false") == "true"'


@pytest.mark.parametrize(
    ("body", "image", "more", "expected"),
    [
        (SKIPS, "ENV SKIP_SCHEMA=1", "", False),
        (SKIPS, "", "      SKIP_SCHEMA: '1'", False),
        (SKIPS, "ENV SKIP_SCHEMA=1", "      SKIP_SCHEMA: '0'", True),
        (SKIPS, "", "    env_file: secrets.env", False),
        (SKIPS, "", "      SKIP_SCHEMA: ${SKIP_SCHEMA}", False),
        (ASKS, "", "", False),
        (ASKS, "ENV CREATE_SCHEMA=true", "", True),
        (ASKS, "", "      CREATE_SCHEMA: 'true'", True),
        (ASKS, "", "      CREATE_SCHEMA: 'no'", False),
    ],
)
def test_a_variable_decides_as_the_files_set_it(body: str, image: str, more: str, expected: bool) -> None:
    assert migrates(body, TOP, image, more) is expected


def test_a_worker_that_python_starts_does_not_run_the_web_app() -> None:
    assert migrates("db.create_all()")
    assert not migrates("db.create_all()", more="    command: python manage.py rqworker default")
