"""The shell's own commands that change what it knows: `cd`, `export`, `set --`, `exit` and the like."""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.model.value import known, unknown
from deploylint.startup.expansion import MAX_FIELDS, Field, State, Text
from deploylint.text import decimal

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.startup.way import Running
    from deploylint.syntax.shell_tree import Assignment, Command
    from deploylint.text import Span

# Shell builtins, and programs whose only effect is on the terminal: no processes worth listing.
BUILTINS = frozenset(
    """
    : true false echo printf cd pwd pushd popd export declare local readonly typeset unset set shopt shift return exit break
    continue trap wait ulimit umask alias unalias hash type read getopts test [ [[ let builtin jobs fg bg disown kill times
    """.split()
)
DECLARING = frozenset("export declare local readonly typeset".split())


def run_builtin(name: str, fields: list[Field], running: Running) -> None:
    state = running.state
    texts = [field.value.text for field in fields[1:]]
    if name in ("exit", "return"):
        running.ended = name
        # A code that isn't known is some command's that failed: nobody passes on a success in a variable.
        running.has_failed = bool(fields[1:]) and texts[0] != "0"
    elif name == "cd":
        paths = [text for text in texts if text is None or not text.startswith("-")]
        path = paths[0] if paths else None
        known_path = path is not None and (path.startswith("/") or state.folder is not None)
        state.folder = normpath(join(state.folder or "/", path or "")) if known_path else None
    elif name == "set" and "--" in texts:
        parameters = tuple(fields[texts.index("--") + 2 :])
        state.parameters = parameters if len(parameters) <= MAX_FIELDS else None
    elif name == "shift" and state.parameters is not None:
        count = texts[0] if texts else "1"
        state.parameters = state.parameters[decimal(count) :] if count and count.isdigit() else None
    elif name == "unset":
        for text in texts:
            state.variables[text or ""] = Text("")
            state.exported.pop(text or "", None)
    elif name in ("read", "getopts"):
        state.variables.update((text, Text(None)) for text in texts if text)
    elif name == "trap":
        running.has_trap = running.has_trap or bool({"TERM", "SIGTERM", "15", "EXIT", "0"} & set(texts[1:]))


def declare(node: Command, state: State) -> None:
    """Assignments, and `export` and its kin."""
    assign(node.assignments, state, is_exported=node.name == "export")
    for word in node.words[1:]:
        text = word.text
        if text is None:
            state.is_open = True  # `export $(cat .env)`
        elif node.name == "export" and text in state.variables:
            state.exported[text] = _value(state.variables[text], word.span, state.is_open)


def assign(assignments: tuple[Assignment, ...], state: State, is_exported: bool) -> None:
    for assignment in assignments:
        name, span = assignment.name, assignment.value.span if assignment.value else assignment.span
        if assignment.items is not None:
            items = tuple(field for word in assignment.items for field in state.fields(word))
            before = state.arrays.get(name, ()) if assignment.is_append else ()
            whole = None if before is None else (*before, *items)
            state.arrays[name] = whole if whole is None or len(whole) <= MAX_FIELDS else None
            continue
        value = state.text(assignment.value) if assignment.value else Text("" if assignment.span.text.endswith("=") else None)
        if assignment.is_append:
            value = state.lookup(name).plus(value)
        state.variables[name] = value
        if is_exported or name in state.exported or name in state.environment:
            state.exported[name] = _value(value, span, state.is_open)


def assign_word(field: Field, state: State) -> None:
    """`env NAME=value`."""
    name, _, text = (field.value.text or "").partition("=")
    value = field.value._replace(text=text)
    state.variables[name] = value
    state.exported[name] = _value(value, field.span, state.is_open)


def _value(text: Text, span: Span, is_open: bool) -> Value[str]:
    is_sure = text.text is not None and (not text.absent or (text.is_default and not is_open))
    return known(text.text or "", span, "the start script") if is_sure else unknown(span, "computed when the container starts")
