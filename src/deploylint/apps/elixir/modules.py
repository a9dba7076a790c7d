"""From a module's name to the file that defines it, by Elixir's naming convention, and to what an evaluator needs of it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from deploylint.apps.elixir.scope import Scope
from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deploylint.apps.elixir.config import Trees
    from deploylint.syntax.elixir import Node
    from deploylint.text import Source

SOURCE_FOLDERS = ("lib", "web", "src")


_USE = regex(r"^[ \t]*use[ (]+([A-Z][\w.]*)", re.MULTILINE)


class Module(NamedTuple):
    """A module of the project: its definition, and the scope its code is evaluated in."""

    name: str
    node: Node
    scope: Scope

    def uses(self, *names: str) -> Node | None:
        """The `use Name, …` of one of these modules at the top of this one."""
        for statement in self.node.body:
            if statement.name == "use" and statement.arguments and self.scope.expand(statement.arguments[0].text) in names:
                return statement
        return None


class Modules:
    """The modules of some apps, found when asked for. `roots`: the apps' folders."""

    def __init__(self, trees: Trees, roots: Sequence[str]) -> None:
        self._trees = trees
        self._roots = roots
        self._modules: dict[str, Module | None] = {}
        self._paths: dict[str, list[str]] | None = None
        self._texts: dict[str, str] = {}

    def find(self, name: str, anywhere: bool = False) -> Module | None:
        """The module of that name; None if it is not where the convention (or `anywhere`: any source file) has it."""
        module = self._modules.get(name)
        if module is None and (name not in self._modules or anywhere):
            module = next(self._defined(name, self._candidates(name)), None)
            if module is None and anywhere:
                module = next(self._defined(name, [path for paths in self._by_name().values() for path in paths]), None)
            self._modules[name] = module
        return module

    def mentions(self, name: str, *markers: str) -> bool:
        """Whether the file of a module holds one of these texts: worth a look before it is parsed."""
        if name not in self._texts:
            source = next(self._sources(name, self._candidates(name)), None)
            self._texts[name] = "" if source is None else source.text
        return any(marker in self._texts[name] for marker in markers)

    def comes_from_macro(self, name: str, *markers: str) -> bool:
        """Whether a module may be an endpoint, or something else with one of these texts, by a macro that is not read.

        Such are `use HubWeb, :endpoint`, where the file of HubWeb holds one of the texts, and `use Beacon.ProxyEndpoint`; also an
        endpoint that no file of the project defines.
        """
        if name.endswith("Endpoint") and self.find(name) is None:
            return True
        if not self.mentions(name, "use"):
            return False
        used = [other for other in _USE.findall(self._texts[name]) if other not in markers]
        return any(other.endswith("Endpoint") or self.mentions(other, *markers) for other in used)

    def scope(self, name: str) -> Scope | None:
        """The scope of a module of the project, for `Evaluator.modules`."""
        module = self.find(name)
        return None if module is None else module.scope

    def _candidates(self, name: str) -> Iterator[str]:
        underscored = [underscore(part) for part in name.split(".")]
        conventional = [posixpath.join(root, "lib", *underscored) + ".ex" for root in self._roots]
        yield from (path for path in conventional if self._trees.files.exists(path))
        yield from (path for path in self._by_name().get(underscored[-1], ()) if path not in conventional)

    def _by_name(self) -> dict[str, list[str]]:
        """The source files by their name without `.ex`."""
        if self._paths is None:
            self._paths = {}
            for root in self._roots:
                for folder in SOURCE_FOLDERS:
                    for path in self._trees.files.under(posixpath.join(root, folder)):
                        if path.endswith(".ex"):
                            self._paths.setdefault(posixpath.basename(path)[:-3], []).append(path)
        return self._paths

    def _sources(self, name: str, paths: Iterator[str] | list[str]) -> Iterator[Source]:
        """Those of the files that seem to define the module."""
        definition = rf"\bdefmodule\s+(?:\w+\.)*{re.escape(name.rsplit('.', 1)[-1])}\b"
        for path in paths:
            source = self._trees.files.read(path)
            if source is not None and re.search(definition, source.text):
                yield source

    def _defined(self, name: str, paths: Iterator[str] | list[str]) -> Iterator[Module]:
        for source in self._sources(name, paths):
            tree = self._trees.get(source.path)
            for defined, node in () if tree is None else tree.modules:
                if defined == name and tree is not None:
                    yield Module(name, node, Scope(name, node.body, tree.root.children).define(node))


def underscore(name: str) -> str:
    """`ShopWeb` → `shop_web`, `HTTPServer` → `http_server`: Elixir's `Macro.underscore`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
