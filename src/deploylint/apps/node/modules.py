"""JavaScript and TypeScript modules: what their names stand for, across the relative imports of a project.

A name that is given more than one thing stands for nothing known.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.apps.node.entry import module_file
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.syntax.tree import Node
    from deploylint.text import Files, Source

MAX_MODULES = 300
MAX_LENGTH = 300_000
"""Modules of one app that are read, and characters of one."""
_MAX_HOPS = 12
"""Names that stand for other names, one after the other."""

FUNCTIONS = frozenset(
    "function_declaration function_expression arrow_function generator_function generator_function_declaration function".split()
)
CLASSES = frozenset({"class_declaration", "class", "abstract_class_declaration"})
_CLOSED = frozenset("import_statement string type_annotation type_arguments interface_declaration type_alias_declaration".split())
"""Nodes that hold no value that a running module uses."""
WRAPPING = frozenset(
    "parenthesized_expression as_expression satisfies_expression non_null_expression await_expression type_assertion".split()
)
"""What an expression may be wrapped in without being another one."""


class Import(NamedTuple):
    """What a name is imported as."""

    module: str
    name: str
    """A name of the module, '' for all of it."""


class Place(NamedTuple):
    """A node of a module."""

    module: Module
    node: Node


class Module:
    """One file. `loads`: what it imports as a whole or in parts, as written."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.source = root.source
        self.imports: dict[str, Import] = {}
        self.values: dict[str, list[Node]] = {}
        self.exports: dict[str, Node | Import] = {}
        self.stars: list[str] = []
        self.assigned: dict[tuple[str, str], Node] = {}
        self.assigned_to: dict[str, list[Node]] = {}
        self.loads: dict[str, list[str]] = {}
        used: set[str] = set()
        for node in root.walk(_CLOSED):
            kind = node.kind
            if kind in ("identifier", "shorthand_property_identifier"):
                used.add(node.text)
            elif handler := _READERS.get(kind):
                handler(self, node)
        self.used = used if self.source.path.endswith(("ts", "tsx")) else None

    def declare(self, name: str, value: Node | None) -> None:
        self.values.setdefault(name, []).extend([value] if value is not None else [])

    def value(self, name: str) -> Node | None:
        """What a name is given, if it is given one thing only."""
        given = self.values.get(name, [])
        return given[0] if len(given) == 1 else None

    def is_loaded(self, written: str) -> bool:
        """Whether an import stays when TypeScript leaves out what is only a type."""
        names = self.loads.get(written, [])
        return not names or self.used is None or not self.used.isdisjoint(names)


def text_of(node: Node | None) -> str | None:
    """The text of a string without substitutions; None for anything else."""
    if node is None or node.kind not in ("string", "template_string") or node.child("template_substitution"):
        return None
    text = node.text[1:-1]
    return None if "\\" in text else text


def unwrapped(node: Node) -> Node:
    """An expression without parentheses, `await` and types around it."""
    while node.kind in WRAPPING and node.children:
        node = node.children[-1] if node.kind == "type_assertion" else node.children[0]
    return node


def arguments(call: Node) -> list[Node]:
    """The arguments of a call or of `new`."""
    inner = call.field("arguments")
    return inner.children if inner is not None and inner.kind == "arguments" else []


def member(node: Node) -> tuple[Node, str] | None:
    """The object and the name of `object.name`; None for anything else."""
    owner, name = node.field("object"), node.field("property")
    return (owner, name.text) if node.kind == "member_expression" and owner is not None and name is not None else None


def required(node: Node) -> str | None:
    """What `require("…")` or `import("…")` loads; None for anything else."""
    function = node.field("function")
    if node.kind != "call_expression" or function is None or function.text not in ("require", "import"):
        return None
    given = arguments(node)
    return text_of(given[0]) if given else None


def property_of(literal: Node, name: str) -> Node | None:
    """The value, or the method, that an object literal has under a name, the last one given; None if it has none itself."""
    return entries_of(literal).get(name)


def entries_of(node: Node) -> dict[str, Node]:
    """The values and methods of an object literal by name, the last one given; of a class the members that have a name alone."""
    is_class = node.kind in CLASSES
    body = node.field("body") if is_class else node
    entries: dict[str, Node] = {}
    again: set[str] = set()
    for entry in body.children if body is not None else ():
        key = entry.field("key") or entry.field("name") or (entry.field("property") if is_class else None)
        if entry.kind == "shorthand_property_identifier":
            entries[entry.text] = entry
        elif key is not None:
            name = key.text.strip("'\"")
            again |= {name} & entries.keys()
            entries[name] = entry if is_class else entry.field("value") or entry
    return {name: entry for name, entry in entries.items() if not is_class or name not in again}


def _import(module: Module, node: Node) -> None:
    written = text_of(node.field("source"))
    if written is None or "type" in node.tokens:
        return
    names = module.loads.setdefault(written, [])
    clause = node.child("import_clause")
    for part in clause.children if clause else ():
        if part.kind == "identifier":
            module.imports[part.text] = Import(written, "default")
            names.append(part.text)
        elif part.kind == "namespace_import" and part.children:
            module.imports[part.children[-1].text] = Import(written, "")
            names.append(part.children[-1].text)
        for specifier in part.children if part.kind == "named_imports" else ():
            name, alias = specifier.field("name"), specifier.field("alias")
            if name is not None and "type" not in specifier.tokens:
                local = (alias or name).text
                module.imports[local] = Import(written, name.text)
                names.append(local)
    if clause is not None and not names:
        module.loads.pop(written)  # types alone


def _declarator(module: Module, node: Node) -> None:
    name, value = node.field("name"), node.field("value")
    if name is None:
        return
    written = required(unwrapped(value)) if value is not None else None
    if name.kind == "identifier":
        if written is not None:
            module.imports[name.text] = Import(written, "")
        else:
            module.declare(name.text, value)
        return
    for part in name.children if name.kind == "object_pattern" else ():
        if part.kind == "shorthand_property_identifier_pattern":
            key, local = part.text, part.text
        elif (first := part.field("key")) and (second := part.field("value")):
            key, local = first.text, second.text
        else:
            continue
        if written is not None:
            module.imports[local] = Import(written, key)
        else:
            module.declare(local, None)


def _definition(module: Module, node: Node) -> None:
    name = node.field("name")
    if name is not None:
        module.declare(name.text, node)


def _export(module: Module, node: Node) -> None:
    source, declaration, value = text_of(node.field("source")), node.field("declaration"), node.field("value")
    clause = node.child("export_clause")
    if source is not None:
        if "type" in node.tokens:
            return
        module.loads.setdefault(source, [])
        if clause is None:
            module.stars.append(source)
    for specifier in clause.children if clause else ():
        name, alias = specifier.field("name"), specifier.field("alias")
        if name is not None:
            module.exports[(alias or name).text] = Import(source, name.text) if source is not None else name
    if value is not None or "default" in node.tokens:
        if (what := value or declaration) is not None:
            module.exports["default"] = what
    elif declaration is not None:
        name = declaration.field("name")
        if name is not None:
            module.exports[name.text] = declaration
        for part in declaration.children:
            if part.kind == "variable_declarator" and (local := part.field("name")) is not None and local.kind == "identifier":
                module.exports[local.text] = local


def _assignment(module: Module, node: Node) -> None:
    left, right = node.field("left"), node.field("right")
    if left is None or right is None:
        return
    target = member(left)
    if left.kind == "identifier":
        module.declare(left.text, right)
    elif target is not None:
        owner, name = target[0].text, target[1]
        if (owner, name) == ("module", "exports"):
            module.exports["default"] = module.exports["="] = right
        elif owner in ("exports", "module.exports"):
            module.exports[name] = right
        else:
            module.assigned[(owner, name)] = right
            module.assigned_to.setdefault(name, []).append(right)


_READERS = {
    "import_statement": _import,
    "variable_declarator": _declarator,
    "function_declaration": _definition,
    "generator_function_declaration": _definition,
    "class_declaration": _definition,
    "abstract_class_declaration": _definition,
    "export_statement": _export,
    "assignment_expression": _assignment,
}


class Project:
    """The modules that one start may load, each parsed when it is first asked for."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._modules: dict[str, Module | None] = {}
        self._members: dict[tuple[str, int], dict[str, Node]] = {}

    def module(self, source: Source) -> Module | None:
        """A module; None where the grammar can't read all of it, or there are too many."""
        if source.path not in self._modules:
            from deploylint.syntax import tree

            language = "typescript" if source.path.endswith(("ts", "tsx")) else "javascript"
            is_small = len(source.text) <= MAX_LENGTH and len(self._modules) < MAX_MODULES
            parsed = tree.parse(source, language) if is_small else None
            self._modules[source.path] = Module(parsed.root) if parsed is not None and parsed.error is None else None
        return self._modules[source.path]

    def file(self, module: Module, written: str) -> Source | None:
        """The file that a relative import means; None for a package's."""
        if not written.startswith("."):
            return None
        return module_file(normpath(join(dirname(module.source.path), written)), self.files)

    def imported(self, module: Module, written: str) -> Module | None:
        """The module that a relative import means; None for a package's."""
        source = self.file(module, written)
        return self.module(source) if source is not None else None

    def resolve(self, place: Place, hops: int = 0) -> Place | Import | None:
        """What an expression stands for: a node, or an import of a package; None where that is not known."""
        module, node = place.module, unwrapped(place.node)
        if hops > _MAX_HOPS:
            return None
        if node.kind in ("identifier", "type_identifier", "shorthand_property_identifier"):
            return self._name(module, node.text, hops)
        if (written := required(node)) is not None:
            return self._all_of(module, written, hops)
        if (parts := member(node)) is not None:
            return self._member(module, node, *parts, hops)
        return Place(module, node)

    def _name(self, module: Module, name: str, hops: int) -> Place | Import | None:
        if (imported := module.imports.get(name)) is not None:
            return self._import(module, imported, hops)
        value = module.value(name)
        return self.resolve(Place(module, value), hops + 1) if value is not None else None

    def _import(self, module: Module, imported: Import, hops: int) -> Place | Import | None:
        if not imported.module.startswith("."):
            return imported
        if not imported.name:
            return self._all_of(module, imported.module, hops)
        other = self.imported(module, imported.module)
        return self.export(other, imported.name, hops + 1) if other is not None else None

    def _all_of(self, module: Module, written: str, hops: int) -> Place | Import | None:
        if not written.startswith("."):
            return Import(written, "")
        other = self.imported(module, written)
        if other is None:
            return None
        whole = other.exports.get("=")
        if whole is None or isinstance(whole, Import):
            return Place(other, other.root)
        return self.resolve(Place(other, whole), hops + 1)

    def export(self, module: Module, name: str, hops: int = 0) -> Place | Import | None:
        """What a module exports under a name."""
        if hops > _MAX_HOPS:
            return None
        exported = module.exports.get(name)
        if isinstance(exported, Import):
            return self._import(module, exported, hops + 1)
        if exported is not None:
            return self.resolve(Place(module, exported), hops + 1)
        whole = module.exports.get("=")
        if whole is not None and not isinstance(whole, Import):
            return self._of(self.resolve(Place(module, whole), hops + 1), name, hops)
        others = (self.imported(module, star) for star in module.stars)
        return next((what for other in others if other and (what := self.export(other, name, hops + 1))), None)

    def _member(self, module: Module, node: Node, owner: Node, name: str, hops: int) -> Place | Import | None:
        if owner.kind == "this":
            within = node.parent
            while within is not None and within.kind not in CLASSES:
                within = within.parent
            return self._of(Place(module, within), name, hops) if within is not None else None
        written = module.assigned.get((owner.text, name))
        if written is not None:
            return self.resolve(Place(module, written), hops + 1)
        return self._of(self.resolve(Place(module, owner), hops + 1), name, hops)

    def _of(self, owner: Place | Import | None, name: str, hops: int) -> Place | Import | None:
        """The member of what an expression stands for."""
        if isinstance(owner, Import):
            return Import(owner.module, name if owner.name in ("", "default") else f"{owner.name}.{name}")
        if owner is None or hops > _MAX_HOPS:
            return None
        module, node = owner
        if node == module.root:
            return self.export(module, name, hops + 1)
        if node.kind == "object":
            given = self._entries(node).get(name)
            if given is not None:
                return self._property(module, given, hops)
            assigned = module.assigned_to.get(name, [])
            return self.resolve(Place(module, assigned[0]), hops + 1) if len(assigned) == 1 else None
        if node.kind == "new_expression":
            constructor = node.field("constructor")
            node_of_class = self.resolve(Place(module, constructor), hops + 1) if constructor is not None else None
            return self._of(node_of_class, name, hops + 1) if isinstance(node_of_class, Place) else None
        if node.kind in CLASSES:
            entry = self._entries(node).get(name)
            return Place(module, entry.field("value") or entry) if entry is not None else None
        return None

    def _entries(self, node: Node) -> dict[str, Node]:
        """The members of an object literal or a class by name."""
        key = (node.source.path, node.span.start)
        if key not in self._members:
            self._members[key] = entries_of(node)
        return self._members[key]

    def _property(self, module: Module, given: Node, hops: int) -> Place | Import | None:
        return Place(module, given) if given.kind == "method_definition" else self.resolve(Place(module, given), hops + 1)

    def class_of(self, place: Place, hops: int = 0) -> Import | None:
        """The class of a package that made an object: `new Sequelize(…)`; None for any other."""
        names: list[Place] = [place]
        node = unwrapped(place.node)
        if node.kind == "identifier" and node.text not in place.module.imports:
            names = [Place(place.module, value) for value in place.module.values.get(node.text, [])]
        definitions = [self.resolve(value, hops) for value in names]
        classes = {
            self.resolve(Place(value.module, constructor))
            for value in definitions
            if isinstance(value, Place)
            and value.node.kind == "new_expression"
            and (constructor := value.node.field("constructor"))
        }
        origin = classes.pop() if len(classes) == 1 else None
        return origin if isinstance(origin, Import) else None
