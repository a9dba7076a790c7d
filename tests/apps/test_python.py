"""What a Python project's own files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.apps.python.app import read
from tests.support import Tree

if TYPE_CHECKING:
    from deploylint.model.app import App


def app(files: dict[str, str], root: str = "") -> App:
    found = read(root, Tree(files))
    assert found is not None
    return found


def dependencies(files: dict[str, str]) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [(each.name, each.version, each.groups, each.span.text) for each in app(files).dependencies]


def test_pep_621() -> None:
    text = """\
[project]
name = "shop"
requires-python = ">=3.12"
dependencies = [
  "Django>=5.1,<5.2",
  'psycopg[binary] == 3.2.3 ; python_version > "3.8"',  # a comment
  "internal @ https://example.com/internal.whl",
]
[project.optional-dependencies]
debug = ["py_spy"]
[project.scripts]
shop = "shop.cli:main"
[dependency-groups]
dev = ["pytest>=8", {include-group = "lint"}]
"""
    found = app({"pyproject.toml": text, "uv.lock": ""})
    assert dependencies({"pyproject.toml": text}) == [
        ("django", ">=5.1,<5.2", (), "Django>=5.1,<5.2"),
        ("psycopg", "== 3.2.3", (), "psycopg[binary] == 3.2.3"),
        ("internal", "", (), "internal"),
        ("py-spy", "", ("debug",), "py_spy"),
        ("pytest", ">=8", ("dev",), "pytest>=8"),
    ]
    assert (found.name, found.span.text) == ("shop", "shop")
    assert found.python is not None
    assert found.python.requires_python is not None
    assert found.python.requires_python.content == ">=3.12"


def test_poetry() -> None:
    text = """\
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.12"
django = "^5.1"
gunicorn = {version = "*", optional = true}
uvicorn = {extras = ["standard"], version = "^0.37"}
[tool.poetry.group.test.dependencies]
pytest = "*"
[tool.poetry.dev-dependencies]
ruff = "^0.8"
"""
    assert [each[:3] for each in dependencies({"pyproject.toml": text})] == [
        ("django", "^5.1", ()),
        ("uvicorn", "^0.37", ()),
        ("gunicorn", "", ("optional",)),
        ("ruff", "^0.8", ("dev",)),
        ("pytest", "", ("test",)),
    ]


def test_requirements() -> None:
    files = {
        "requirements.txt": "# web\n-r requirements/base.txt\n--index-url https://x\ngunicorn==23.0.0 \\\n"
        "    --hash=sha256:aa  # locked\ngit+https://github.com/a/b.git#egg=b_c\n-e .\nhttps://x/y.whl\n",
        "requirements/base.txt": "\ufeffDjango>=5\r\nsentry-sdk[django]~=2.0 ; python_version >= '3.8'\r\n-c constraints.txt\r\n",
        "requirements/dev.txt": "-r base.txt\npytest\n",
    }
    found = {each[0]: each[1:] for each in dependencies(files)}
    assert found == {
        "django": (">=5", (), "Django>=5"),
        "sentry-sdk": ("~=2.0", (), "sentry-sdk[django]~=2.0"),
        "gunicorn": ("==23.0.0", (), "gunicorn==23.0.0"),
        "b-c": ("", (), "b_c"),
        "pytest": ("", ("dev",), "pytest"),
    }


def test_files_that_include_each_other_end() -> None:
    assert [each[0] for each in dependencies({"requirements.txt": "-r requirements.txt\n-r ../../x.txt\nflask\n"})] == ["flask"]


def test_older_files() -> None:
    setup = {
        "setup.cfg": "[metadata]\nname = shop\n[options]\npython_requires = >=3.9\ninstall_requires =\n    flask>=3\n",
        "setup.py": "from setuptools import setup\nREQUIRES = ['gunicorn']\nsetup(install_requires=REQUIRES)\n",
    }
    assert [each[:3] for each in dependencies(setup)] == [("gunicorn", "", ()), ("flask", ">=3", ())]
    pipfile = {"Pipfile": "[packages]\nflask = '*'\n[dev-packages]\npytest = '*'\n[requires]\npython_version = '3.12'\n"}
    assert [each[:3] for each in dependencies(pipfile)] == [("flask", "", ()), ("pytest", "", ("dev",))]
    facts = app(pipfile).python
    assert facts is not None
    assert facts.requires_python is not None
    assert facts.requires_python.content == "==3.12"


@pytest.mark.parametrize(
    ("files", "root", "is_app"),
    [
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, "", False),
        ({"setup.cfg": "[flake8]\nmax-line-length = 100\n"}, "", False),
        ({"requirements.txt": ""}, "", True),
        ({"manage.py": ""}, "", True),
        ({"shop/setup.py": "class SetupView: ...\n"}, "shop", False),
        ({"pyproject.toml": "[project]\nname='x'\n", "src/manage.py": ""}, "src", False),
        ({}, "", False),
    ],
)
def test_what_is_an_app(files: dict[str, str], root: str, is_app: bool) -> None:
    assert (read(root, Tree(files)) is not None) is is_app


def test_a_file_that_does_not_parse_is_a_problem_of_the_app() -> None:
    found = app({"pyproject.toml": "[project\n", "requirements.txt": "flask\n"})
    ((span, why),) = found.problems
    assert (span.path, why.partition(":")[0]) == ("pyproject.toml", "not valid TOML")
    assert found.dependency("flask") is not None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"shop/settings.py": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}\n"}, True),
        ({"shop/settings.py": "# 'django.db.backends.sqlite3'\n"}, False),
        ({"app/database.py": 'URL = "sqlite+aiosqlite:///./shop.db"\n'}, True),
        ({"app/database.py": 'URL = "sqlite:///x"\n', "requirements.txt": "psycopg2-binary\n"}, False),
        ({"app/database.py": 'URL = "sqlite:///x"\n', "requirements-dev.txt": "psycopg2-binary\n"}, True),
        ({"tests/settings.py": "DB = 'sqlite:///x'\n"}, False),
        ({"alembic.ini": "[alembic]\nsqlalchemy.url = sqlite:///shop.db\n"}, True),
        (
            {
                "app/database.py": 'URL = "sqlite:///x"\n',
                "pyproject.toml": "[project]\n[project.optional-dependencies]\npg = ['psycopg']",
            },
            True,
        ),
        (
            {
                "app/database.py": 'URL = "sqlite:///x"\n',
                "pyproject.toml": "[project]\n[project.optional-dependencies]\nprod = ['psycopg']",
            },
            False,
        ),
        ({"litestream.yml": ""}, True),
        ({}, False),
    ],
)
def test_whether_sqlite_is_the_database_unless_another_is_chosen(files: dict[str, str], expected: bool) -> None:
    assert app({"requirements.txt": "", **files}).uses_sqlite is expected


LIFESPAN = """\
from contextlib import asynccontextmanager
from fastapi import FastAPI
from .db import init_db

@asynccontextmanager
async def lifespan(app):
    await init_db()
    yield

app = FastAPI(lifespan=lifespan)
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"app/main.py": LIFESPAN, "app/db.py": "async def init_db():\n    async with engine.begin() as c:\n"
          "        await c.run_sync(Base.metadata.create_all)\n"}, [("sqlalchemy", "c.run_sync(Base.metadata.create_all)")]),
        ({"app/main.py": LIFESPAN, "app/db.py": "async def init_db():\n    if DEBUG:\n        create_all()\n"}, []),
        ({"app/main.py": LIFESPAN}, []),
        ({"app/main.py": LIFESPAN.replace(".db import init_db", "app import db").replace("init_db()", "db.init()"),
          "app/db.py": "async def init():\n    db.create_all()\n"}, [("sqlalchemy", "db.create_all()")]),
        ({"app/main.py": LIFESPAN.replace(".db import init_db", ". import db").replace("init_db()", "db.init()"),
          "app/db.py": "async def init():\n    db.create_all()\n"}, [("sqlalchemy", "db.create_all()")]),
        ({"main.py": "app = FastAPI()\nmodels.Base.metadata.create_all(bind=engine)\n"},
         [("sqlalchemy", "models.Base.metadata.create_all(bind=engine)")]),
        ({"main.py": "app = FastAPI()\nif DEV:\n    models.Base.metadata.create_all(bind=engine)\n"}, []),
        ({"main.py": "app = FastAPI()\n@app.on_event('startup')\ndef start():\n    command.upgrade(config, 'head')\n"},
         [("alembic", "command.upgrade(config, 'head')")]),
        ({"main.py": "app = FastAPI()\n@app.on_event('shutdown')\ndef stop():\n    command.upgrade(config, 'head')\n"}, []),
        ({"main.py": "app = FastAPI()\n@cli.command()\ndef migrate():\n    command.upgrade(config, 'head')\n"}, []),
        ({"main.py": "def create_app():\n  app = Flask(__name__)\n  with app.app_context():\n    db.create_all()\n"},
         [("sqlalchemy", "db.create_all()")]),
        ({"main.py": "app = FastAPI()\nregister_tortoise(app, generate_schemas=True)\n"},
         [("tortoise", "register_tortoise(app, generate_schemas=True)")]),
        ({"main.py": "app = FastAPI()\nregister_tortoise(app, generate_schemas=DEBUG)\n"}, []),
        ({"shop/apps.py": "class Shop(AppConfig):\n    def ready(self):\n        call_command('migrate')\n"},
         [("django", "call_command('migrate')")]),
        ({"shop/wsgi.py": "application = get_wsgi_application()\ncall_command('migrate', '--check')\n"}, []),
        ({"gunicorn.conf.py": "def on_starting(server):\n    subprocess.run(['alembic', 'upgrade', 'head'])\n"},
         [("alembic", "subprocess.run(['alembic', 'upgrade', 'head'])")]),
        ({"tests/main.py": "app = FastAPI()\ndb.create_all()\n"}, []),
        ({"app/main.py": "app = FastAPI(\n"}, []),
        ({"main.py": "app = FastAPI()\ndef a():\n  b()\ndef b():\n  a()\n@app.on_event('startup')\ndef start():\n  a()\n"}, []),
    ],
)  # fmt: skip
def test_what_boot_does_to_the_schema(files: dict[str, str], expected: list[tuple[str, str]]) -> None:
    calls = app({"requirements.txt": "", **files}).migrations
    assert [(call.tool, call.span.text) for call in calls] == expected


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["pyproject.toml", "requirements.txt", "Pipfile", "setup.cfg", "setup.py", "main.py"]), st.text(max_size=60)
)
def test_any_text_does_no_harm(name: str, text: str) -> None:
    read("", Tree({"manage.py": "", name: text}))
