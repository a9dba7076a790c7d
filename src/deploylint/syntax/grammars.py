"""tree-sitter's grammars: a parser for each, made when the first text asks for it (docs/decisions/tree-sitter.md)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Parser

_FUNCTIONS = {"typescript": "language_typescript"}
"""Grammars that are one of several of their package, so that its function is not called `language`."""


@cache
def parser(language: str) -> Parser:
    """The parser of `bash`, `elixir`, `hcl`, `toml`, `javascript`, `typescript`, `go`, `c_sharp` or `ruby`."""
    from tree_sitter import Language, Parser

    binding = _binding(f"tree_sitter_{language}")
    return Parser(Language(getattr(binding, _FUNCTIONS.get(language, "language"))()))


def _binding(package: str) -> Any:
    """A package's grammar without the package's own module: that of bash imports `importlib.resources`, 10 ms, for queries."""
    from importlib import import_module
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    outer = PathFinder.find_spec(package)
    spec = PathFinder.find_spec(f"{package}._binding", outer.submodule_search_locations) if outer else None
    if spec is None or spec.loader is None:
        return import_module(package)  # installed in a way that only an import hook knows
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
