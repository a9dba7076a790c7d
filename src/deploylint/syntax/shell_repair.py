"""Shell texts that the grammar can't read whole: with blanks for what it lacks, or without the one line that it stumbles over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.syntax.grammars import parser

if TYPE_CHECKING:
    from tree_sitter import Node as TreeNode

MAX_LOST = 12
"""So many lines are tried as the one that the grammar can't read."""

_DESCRIPTOR = regex(r"(?<=\s)\{[A-Za-z_]\w*\}(?=[<>])", re.ASCII)
_NEGATED_REDIRECT = regex(r"(?<!\S)!(?=[ \t]*<[^<(])")
_LEAVING = regex(r"\b(?:exec|exit|return|trap)\b")


def tree(text: str) -> TreeNode:
    return parser("bash").parse(text.encode("utf-8", "surrogatepass")).root_node


def without_what_the_grammar_lacks(text: str) -> str:
    """The text with blanks for `{fd}` in `exec {fd}>file`, and for the `!` of a redirect alone: `! </dev/tcp/db/80`."""
    if "}" in text:
        text = _DESCRIPTOR.sub(lambda match: " " * len(match[0]), text)
    return _NEGATED_REDIRECT.sub(lambda match: " " * len(match[0]), text) if "!" in text else text


def without_lost_line(root: TreeNode, text: str) -> tuple[TreeNode, int, int] | None:
    """The tree without the one line that the grammar can't read, and where that line stands, if all the rest is then sound."""
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    for number in sorted(_lines_of_errors(root))[:MAX_LOST]:
        start, end = starts[number], starts[number + 1] - 1
        rest = tree(text[:start] + " " * len(text[start:end].encode("utf-8", "surrogatepass")) + text[end:])
        if text[start:end].strip() and not rest.has_error and not _LEAVING.search(text, start, end):
            return rest, start, end
    return None


def _lines_of_errors(root: TreeNode) -> set[int]:
    """The numbers, from 0, of the lines where the grammar gave up."""
    lines: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            lines |= {node.start_point[0], node.end_point[0]}
        if node.has_error:
            stack += node.children
    return lines
