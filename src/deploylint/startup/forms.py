"""Where a command stands in its shell's text, which decides whether the shell stays when it runs: see `NextCommand.form`.

Facts: docs/facts/launchers.md#shells, docs/facts/launchers.md#scripts-and-traps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.startup.way import TAIL_FORMS
from deploylint.syntax import shell_tree

if TYPE_CHECKING:
    from deploylint.syntax.shell_tree import Block

_HARMLESS = frozenset("true : echo printf".split())


def after(text: str) -> str:
    """What follows the last command of a shell's text: nothing ("", blanks and a comment included), "newline", or "more"."""
    body = text.rstrip()
    if body.rpartition("\n")[2].lstrip().startswith("#"):
        return "more"
    trailing = text[len(body) :]
    return "" if "\n" not in trailing else "newline" if trailing.endswith("\n") and trailing.count("\n") == 1 else "more"


def form_of(block: Block, index: int, outer: str) -> str:
    """Where a statement of a block stands in the shell's text, `outer` being where the block stands."""
    if len(block) == 1:
        return outer
    if index < len(block) - 1:
        return "list"
    if outer != "single":
        return "tail" if outer in TAIL_FORMS else "list"
    node = block[index].node
    is_alone = not node.span.source.line(node.span.line)[: node.span.column - 1].strip()
    is_simple = isinstance(node, shell_tree.Command) and not block[index - 1].is_background
    return "end" if is_alone or is_simple else "tail"


def is_forgiven(node: shell_tree.AndOr, index: int) -> bool:
    """Whether a failure of the list's command number `index` ends in `|| true`."""
    for operator, command in node.rest[index:]:
        if operator == "||":
            return isinstance(command, shell_tree.Command) and command.name in _HARMLESS
    return False


def passes_arguments(word: shell_tree.Word) -> bool:
    return any(isinstance(part, shell_tree.Variable) and part.name in ("@", "*") for part in word.parts)
