"""What an Elixir app's own code takes in while it is compiled: variables in module attributes, settings by `compile_env`.

`Application.compile_env` is recorded with the value it gave. A release compares the two when it boots and refuses to start if
they differ, unless it is built with `validate_compile_env: false` (elixir lib/elixir/lib/application.ex and
lib/mix/lib/mix/tasks/release.ex).

Facts: docs/facts/secrets.md#elixir-build-time-and-boot.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from deploylint.apps.elixir.modules import SOURCE_FOLDERS
from deploylint.apps.elixir.scope import Scope
from deploylint.apps.elixir.terms import FALSE, Collection, Maybe, Term, is_same
from deploylint.model.app import CompiledKey, CompileTimeRead
from deploylint.secrets.names import is_secret_name
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.config import Production, Trees
    from deploylint.apps.elixir.mix import Project
    from deploylint.syntax.elixir import Node, Tree
    from deploylint.text import Files, Span

READS = ("System.get_env", "System.fetch_env!", "System.fetch_env")
_COMPILED = ("Application.compile_env", "Application.compile_env!")
_READ_ONCE = ("Application.get_env", "Application.fetch_env", "Application.fetch_env!")
"""Read when they are called: at compile time where a module's body calls them. Nothing compares the value at boot."""
_PLUGS = r"use[ (]+(?:Plug\.(?:Builder|Router)|Phoenix\.(?:Endpoint|Router|Controller)|\w+Web,\s*:(?:router|controller))\b"
"""Where `plug` puts its options into a module attribute (plug lib/plug/builder.ex). Tesla's `plug` puts them into a function."""
_BODY = r"(?m)^[ \t]*(?:@(?!doc|moduledoc|typedoc|spec|type)\w+|plug)[ \t(]"
_ATTRIBUTE = r"(?m)^[ \t]*@(?!doc|moduledoc|typedoc|spec|type)\w+[ \t(]"
_PHOENIX = ("force_ssl", "code_reloader", "debug_errors")
"""What `use Phoenix.Endpoint` takes in while it is compiled (phoenix lib/phoenix/endpoint.ex)."""


class Code:
    """The modules of a project that a release compiles and that are worth a look."""

    def __init__(self, project: Project, trees: Trees, files: Files) -> None:
        self._reading: list[Tree] = []
        self._compiled: list[Tree] = []
        for path in (
            path for root in project.roots for folder in SOURCE_FOLDERS for path in files.under(posixpath.join(root, folder))
        ):
            source = files.read(path) if path.endswith(".ex") and "/mix/tasks/" not in path else None
            if source is None:
                continue
            is_read_once = any(word in source.text for word in _READ_ONCE) and re.search(_BODY, source.text) is not None
            is_compiled = is_read_once or "Application.compile_env" in source.text
            is_reading = any(word in source.text for word in READS) and re.search(_ATTRIBUTE, source.text) is not None
            tree = trees.get(path) if is_compiled or is_reading else None
            if tree is not None:
                self._compiled += (tree,) if is_compiled else ()
                self._reading += (tree,) if is_reading else ()

    def attribute_reads(self) -> Iterator[CompileTimeRead]:
        """Environment variables that module attributes read."""
        for tree in self._reading:
            for _, module in tree.modules:
                for statement in module.body:
                    attribute = statement.field("operand") if statement.operator == "@" else None
                    for call in attribute.calls(*READS) if attribute is not None and attribute.kind == "call" else ():
                        name = call.arguments[0].string if call.arguments else None
                        if name and not _is_later(call):
                            has_fallback = len(call.arguments) > 1
                            yield CompileTimeRead(name, call.span, is_secret_name(name), has_fallback, "attribute")

    def compiled_keys(self) -> Iterator[tuple[tuple[str, ...], Span, bool]]:
        """The settings that are taken in: app, key and the keys below it, the call, and whether it records what it gave."""
        for tree in self._compiled:
            read_keys: dict[Span, tuple[str, ...]] = {}
            once: set[Span] = set()
            for name, module in tree.modules:
                scope = Scope(name, module.body, tree.root.children)
                for call in module.calls(*_COMPILED):
                    path = _path(call, scope)
                    if path:
                        read_keys[call.span] = path  # of nested modules the inner one comes later, and counts
                is_plug = any(re.match(_PLUGS, statement.text) for statement in module.body if statement.name == "use")
                for call in (inner for statement in module.body for inner in _read_once(statement, is_plug)):
                    path = _path(call, scope)
                    if path:
                        read_keys[call.span] = path
                        once.add(call.span)
            yield from ((path, span, span not in once) for span, path in read_keys.items())


def compiled_again(project: Project, production: Production, code: Code) -> Iterator[CompiledKey]:
    """The settings that are compiled in and that `runtime.exs` sets again."""
    validate = project.option("validate_compile_env")
    is_checked = validate is None or validate.value.content != FALSE
    for path, span, is_recorded in code.compiled_keys():
        set_at = _set_at_boot(production, path)
        if set_at is not None:
            yield CompiledKey(_written(path), span, set_at, is_checked and is_recorded)
    for app, module in production.config.settings if project.has("phoenix") else ():
        for key in _PHOENIX if module.endswith("Endpoint") else ():
            set_at = _set_at_boot(production, (app, module, key))
            if set_at is not None:
                yield CompiledKey(
                    _written((app, module, key)), None, set_at, is_checked and _compares(project.version("phoenix"))
                )


def _compares(version: str) -> bool:
    """Whether this Phoenix takes in its settings by `compile_env`, as it does since 1.8; before, it just read them."""
    numbers = re.search(r"(\d+)\.(\d+)", version)
    return numbers is not None and (decimal(numbers[1]), decimal(numbers[2])) >= (1, 8)


def _written(path: tuple[str, ...]) -> str:
    """`:shop, ShopWeb.Endpoint, :force_ssl`: a setting as `config` names it."""
    return ", ".join(part if part[:1].isupper() else f":{part}" for part in path)


def _read_once(statement: Node, is_plug: bool) -> Iterator[Node]:
    """The reads of settings in a module attribute or in the options of a `plug`, which both are evaluated at compile time.

    Other macros may put what they get into a function, so they are left out. `is_plug`: whether `plug` is Plug's macro here.
    """
    attribute = statement.field("operand") if statement.operator == "@" else None
    evaluated = (
        attribute
        if attribute is not None and attribute.kind == "call"
        else statement
        if is_plug and statement.name == "plug"
        else None
    )
    for call in evaluated.calls(*_READ_ONCE) if evaluated is not None else ():
        if not _is_later(call):
            yield call


def _is_later(node: Node) -> bool:
    """Whether a call is only made when something calls an anonymous function."""
    parent = node.parent
    while parent is not None and parent.kind not in {"do_block", "source"}:
        if parent.kind == "anonymous_function" or (parent.kind == "unary_operator" and parent.operator == "&"):
            return True
        parent = parent.parent
    return False


def _path(call: Node, scope: Scope) -> tuple[str, ...]:
    """The app and the keys that a `compile_env` names; empty where they are computed."""
    if len(call.arguments) < 2:
        return ()
    app, key = call.arguments[:2]
    parts = [app, *(key.items if key.kind == "list" else [key])]
    names = [_name(part, scope) for part in parts]
    return tuple(names) if all(names) else ()


def _name(node: Node, scope: Scope) -> str:
    if node.kind == "alias" or node.text == "__MODULE__" or node.text.startswith("__MODULE__."):
        return scope.expand(node.text)
    return node.atom or ""


def _set_at_boot(production: Production, path: tuple[str, ...]) -> Span | None:
    """Where `runtime.exs` surely sets a setting, to something that may differ from what it was built with; None if it doesn't."""
    app, key, *below = path
    entry, before = production.config.settings.get((app, key)), production.built.get((app, key))
    now, built = (setting.value if setting is not None else None for setting in (entry, before))
    for name in below:
        now, built = _below(now, name), _below(built, name)
    stack = [(now, built)]
    while stack:
        term, old = stack.pop()
        content = term.content if term is not None else None
        if isinstance(content, Collection) and content.keywords:
            stack.extend((value.value, _below(old, name)) for name, value in reversed(content.keywords.items()))
        elif term is not None and _is_boot(term) and _is_sure(term) and not (old is not None and _equals(term, old)):
            return term.span
    return None


def _below(term: Term | None, name: str) -> Term | None:
    content = term.content if term is not None else None
    entry = content.keywords.get(name) if isinstance(content, Collection) else None
    return entry.value if entry is not None else None


def _is_boot(term: Term) -> bool:
    """Whether a value is written in a file that is evaluated at boot."""
    return term.span is not None and term.span.path.endswith(("runtime.exs", "releases.exs"))


def _is_sure(term: Term) -> bool:
    """Whether a value is set in every case: not what branches come to."""
    items = term.content.items if isinstance(term.content, Collection) else ()
    is_branch = term.span is not None and re.match(r"(?:if|unless|case|cond|for|with)\b", term.span.text) is not None
    return (
        term.origin != "set in some cases only" and not is_branch and not any(isinstance(item.content, Maybe) for item in items)
    )


def _equals(one: Term, other: Term) -> bool:
    """Whether two terms are certainly equal, wherever they are written."""
    left, right = one.content, other.content
    if not (isinstance(left, Collection) and isinstance(right, Collection)):
        return is_same(one, other)
    same_shape = left.shape == right.shape and len(left.items) == len(right.items) and left.entries.keys() == right.entries.keys()
    pairs = ((entry.value, right.entries[key].value) for key, entry in left.entries.items() if same_shape)
    return same_shape and all(map(_equals, left.items, right.items)) and all(_equals(*pair) for pair in pairs)
