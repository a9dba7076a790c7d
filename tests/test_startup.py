"""What a run imports: that it starts fast is measured in benchmarks, that it loads nothing it has no use for is a fact."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import jsonschema
import pytest

import deploylint
from deploylint import lazy

ROOT = Path(__file__).parent.parent

SLOW = set(
    """
    _ruamel_yaml ast dataclasses datetime dockerfile_parse importlib.resources inspect json logging pathlib pathspec pygments rich
    ruamel shutil tempfile tokenize tomlkit tomllib tree_sitter tree_sitter_bash tree_sitter_c_sharp tree_sitter_elixir
    tree_sitter_go tree_sitter_hcl tree_sitter_javascript tree_sitter_ruby tree_sitter_toml tree_sitter_typescript
    """.split()
)
DOCKERFILE = 'FROM debian:12-slim\nENV NAME=a\nRUN apt-get update && apt-get install -y curl\nUSER app\nCMD ["/bin/app"]\n'
FLY = 'app = "shop"\nkill_timeout = 30\n[build]\ndockerfile = "Dockerfile"\n'
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: debian:12-slim}]}\n"
SCRIPT = '#!/bin/sh\nset -e\nif [ -n "$WAIT" ]; then sleep 1; fi\nexec /bin/app "$@"\n'
NODE = 'FROM node:22-slim\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "server.js"]\n'
PACKAGE = '{"dependencies": {"knex": "3", "pg": "8"}}'
PARSING = {
    "deploylint.errors",
    "deploylint.cli",
    "deploylint.cli.arguments",
    "deploylint.cli.parser",
    "deploylint.cli.streams",
    "deploylint.output",
}


def modules_of(cwd: Path, *arguments: str) -> set[str]:
    """What a run imports. Without `site`, whose editable installs import half the standard library themselves."""
    packages = Path(jsonschema.__file__).parent.parent
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT / 'src')!r}, {str(packages)!r}]; import deploylint; "
        f"deploylint.__path__.append({str(ROOT)!r}); from deploylint.cli import main; main({list(arguments)!r}); "
        "print(*sys.modules, file=sys.stderr)"
    )
    process = subprocess.run([sys.executable, "-S", "-E", "-c", program], cwd=cwd, capture_output=True, check=True)
    return set(process.stderr.decode().split())


def tree(root: Path, **texts: str) -> Path:
    """A project of files, with `__` for a dot in their names."""
    (root / ".git").mkdir()
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text)
    return root


def ours(loaded: set[str], package: str) -> set[str]:
    """The modules of a package of ours."""
    return {name.removeprefix(f"deploylint.{package}.") for name in loaded if name.startswith(f"deploylint.{package}.")}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_next_to_nothing(tmp_path: Path, option: str) -> None:
    loaded = modules_of(tmp_path, option)
    assert {name for name in loaded if name.startswith("deploylint")} == {"deploylint", *PARSING}
    assert not SLOW & loaded


def test_paths_alone_need_no_argparse(tmp_path: Path) -> None:
    loaded = modules_of(tree(tmp_path, Dockerfile=DOCKERFILE), str(tmp_path))
    assert not {"argparse", "deploylint.cli.parser"} & loaded


def test_a_dockerfile_alone_needs_no_other_parser(tmp_path: Path) -> None:
    loaded = modules_of(tree(tmp_path, Dockerfile=DOCKERFILE, __gitignore="/_build/\n*.py[cod]\n"))
    assert not SLOW & loaded
    assert not ours(loaded, "syntax") & {"elixir", "hcl", "python", "toml", "yaml", "yaml_composer"}
    assert not ours(loaded, "platforms") & {"compose", "fly", "helm", "kubernetes", "kustomize", "manifests", "others"}
    assert not ours(loaded, "apps") & {"elixir", "python"}
    assert "deploylint.cli.listings" not in loaded


def test_a_clean_run_draws_nothing(tmp_path: Path) -> None:
    loaded = modules_of(tree(tmp_path, Dockerfile=DOCKERFILE), "--select", "unknown-rule")
    assert ours(loaded, "output") == {"full", "layout", "outlet", "summary"}


def test_findings_are_drawn_without_rich_where_nobody_looks(tmp_path: Path) -> None:
    misspelt = f"# deploylint: ingore[x]\n{DOCKERFILE}"
    loaded = modules_of(tree(tmp_path, Dockerfile=misspelt), "--select", "unknown-rule")
    assert ours(loaded, "output") == {"diff", "excerpt", "frame", "full", "layout", "outlet", "summary"}
    assert not SLOW & loaded


@pytest.mark.parametrize(
    ("texts", "parsers"),
    [
        ({"Dockerfile": DOCKERFILE.replace("=a", "=a' b'")}, {"dockerfile_parse"}),
        ({"fly__toml": FLY}, {"tree_sitter"}),
        ({"pod__yaml": POD}, {"ruamel", "_ruamel_yaml"}),
        ({"start__sh": SCRIPT, "Dockerfile": 'FROM alpine:3.20\nCOPY . /app/\nCMD ["/app/start.sh"]\n'}, {"tree_sitter"}),
        ({"mix__exs": "defmodule Shop.MixProject do\nend\n", "Dockerfile": DOCKERFILE}, {"tree_sitter"}),
        ({"server__js": "app.listen(1);\n", "package__json": PACKAGE, "Dockerfile": NODE}, set()),
        ({"server__js": "knex.migrate.latest();\n", "package__json": PACKAGE, "Dockerfile": NODE}, {"tree_sitter"}),
    ],
    ids=["quotes", "fly", "kubernetes", "shell", "elixir", "node", "node that migrates"],
)
def test_a_file_brings_its_own_parser_alone(tmp_path: Path, texts: dict[str, str], parsers: set[str]) -> None:
    loaded = modules_of(tree(tmp_path, **texts))
    known = {"_ruamel_yaml", "ruamel", "tomlkit", "tomllib"}
    known |= {"tree_sitter", "dockerfile_parse", "rich", "pathspec", "importlib.resources"}
    assert known & loaded == parsers


def test_every_expression_compiles() -> None:
    """Those that are compiled when they are first used: here, all of them."""
    names = [info.name for info in walk_packages(deploylint.__path__, "deploylint.") if not info.name.endswith("__main__")]
    values = [value for name in names for value in vars(import_module(name)).values()]
    lazily = [value for value in values if isinstance(value, lazy._Regex)]
    assert len(lazily) > 50
    for expression in lazily:
        assert callable(expression.search)
