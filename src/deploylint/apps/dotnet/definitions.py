"""The classes and methods of a .NET project and of the projects that it refers to, found by name."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.servers.settings import Settings
    from deploylint.syntax.tree import Node
    from deploylint.text import Source

MAX_FILES = 200
MAX_LENGTH = 300_000
"""Files of one start that are parsed, and characters of one."""
_MAX_PROJECTS = 30
_REFERENCE = regex(r"<ProjectReference\s+Include=\"([^\"\n]{1,300})\"")
_WORD = regex(r"\w+")
_BODIES = frozenset({"block", "arrow_expression_clause", "attribute_list"})
_CLASSES = frozenset("class_declaration record_declaration struct_declaration interface_declaration".split())


class Method(NamedTuple):
    """A method with the class that it is of."""

    node: Node
    owner: str
    is_extension: bool
    is_static: bool


class Definitions:
    """Methods of C# files, each file parsed when a name in it is asked for."""

    def __init__(self, sources: list[Source]) -> None:
        self.sources = [source for source in sources if source.path.endswith(".cs")]
        self._words: dict[str, list[Source]] = {}
        for source in self.sources:
            for word in dict.fromkeys(_WORD.findall(source.text)):
                self._words.setdefault(word, []).append(source)
        self._parsed: dict[str, dict[str, list[Method]]] = {}
        self._roots: dict[str, Node | None] = {}

    def root(self, source: Source) -> Node | None:
        """The tree of a file; None where the grammar can't read all of it, or there are too many."""
        if source.path not in self._roots:
            from deploylint.syntax import tree

            is_small = len(source.text) <= MAX_LENGTH and len(self._roots) < MAX_FILES
            parsed = tree.parse(source, "c_sharp") if is_small else None
            self._roots[source.path] = parsed.root if parsed is not None and parsed.error is None else None
        return self._roots[source.path]

    def methods(self, name: str, owner: str = "") -> list[Method]:
        """The methods of a name, of one class if `owner` names it."""
        sources = self._words.get(name, ())
        methods = (method for source in sources for method in self._methods(source).get(name, ()))
        return [method for method in methods if owner in ("", method.owner)]

    def _methods(self, source: Source) -> dict[str, list[Method]]:
        if source.path not in self._parsed:
            root = self.root(source)
            named = self._parsed[source.path] = {}
            for method in _methods(root) if root is not None else ():
                named.setdefault(name_of(method.node), []).append(method)
        return self._parsed[source.path]


def name_of(node: Node | None) -> str:
    """The name of a definition, or of what a call calls, without type arguments."""
    if node is None:
        return ""
    name = node.field("name") if node.kind not in ("identifier", "generic_name") else node
    if name is not None and name.kind == "generic_name":
        name = name.child("identifier")
    return "" if name is None else name.text


def _methods(root: Node) -> Iterator[Method]:
    owners = [(root, "")]
    while owners:
        holder, owner = owners.pop()
        for node in holder.walk(_BODIES | _CLASSES) if holder.kind not in _CLASSES else _members(holder):
            if node.kind in _CLASSES and node != holder:
                owners.append((node, name_of(node)))
            elif node.kind in ("method_declaration", "constructor_declaration", "local_function_statement"):
                parameters = node.field("parameters")
                first = parameters.children[0] if parameters is not None and parameters.children else None
                is_extension = first is not None and any(
                    part.kind == "modifier" and part.text == "this" for part in first.children
                )
                is_static = any(part.kind == "modifier" and part.text == "static" for part in node.children)
                yield Method(node, owner, is_extension, is_static)


def _members(holder: Node) -> list[Node]:
    body = holder.field("body")
    return body.children if body is not None else []


def code_of_references(project: Source, settings: Settings) -> list[Source] | None:
    """The project files that a project refers to, the project itself first, those that these refer to included."""
    projects: dict[str, Source] = {project.path: project}
    waiting = [project]
    while waiting:
        source = waiting.pop()
        for match in _REFERENCE.finditer(source.text):
            path = normpath(join(dirname(source.path), match[1].replace("\\", "/")))
            other = settings.files.read(path)
            if other is not None and path not in projects:
                projects[path] = other
                waiting.append(other)
        if len(projects) > _MAX_PROJECTS:
            return None
    return list(projects.values())
