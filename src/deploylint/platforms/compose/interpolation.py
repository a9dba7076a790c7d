"""`${VAR}` in a compose file, as compose-go `template/template.go` reads it.

One difference is on purpose: where Compose puts an empty string for a variable that nothing sets, the text is unknown, because
the shell that calls Compose sets it.

Facts: docs/facts/platforms.md#docker-compose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.value import Value
    from deploylint.text import Fragment

    Lookup = Callable[[str], Value[str] | None]
    """A variable's value: unknown where something sets it and nobody can say to what, None where no file does."""

_VARIABLE = regex(r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<operator>:?[-+?])?)?", re.ASCII)
_MAX_DEPTH = 20
_MAX_LENGTH = 100_000


def interpolated(fragment: Fragment, lookup: Lookup, depth: int = 0) -> Fragment | None:
    """A text with its variables replaced and `$$` undone; None if it rests on what no file says, or Compose refuses it."""
    text = fragment.text
    if "$" not in text:
        return fragment
    if depth > _MAX_DEPTH or len(text) > _MAX_LENGTH:
        return None
    builder = FragmentBuilder(fragment.source)
    at = 0
    for match in _VARIABLE.finditer(text):
        if match.start() < at:
            continue  # inside of a default that is read already
        builder.add(fragment.sub(at, match.start()))
        at = _end(text, match.start() + 1) if match["braced"] else match.end()
        name, operator = match["named"] or match["braced"], match["operator"] or ""
        if match["escaped"] or (not name and text[at : at + 1] != "{"):
            span = fragment.span(*match.span())
            builder.put("$", span.start, span.end)
        elif not name or at > len(text) or (match["braced"] and not operator and match.end() != at - 1):
            return None
        else:
            alternative = fragment.sub(match.end(), at - 1) if operator else fragment
            if not _put(builder, lookup(name), operator, fragment.sub(match.start(), at), alternative, lookup, depth):
                return None
    builder.add(fragment.sub(at, len(text)))
    return builder.build()


def _put(
    builder: FragmentBuilder,
    value: Value[str] | None,
    operator: str,
    whole: Fragment,
    alternative: Fragment,
    lookup: Lookup,
    depth: int,
) -> bool:
    """Append what a variable with its operator becomes; whether that can be told."""
    if value is None:
        takes_alternative = operator in (":-", "-")
        if not takes_alternative:
            return False
    elif value.content is None:
        return False
    else:
        is_set = bool(value.content) or not operator.startswith(":")
        if operator.endswith("?") and not is_set:
            return False
        takes_alternative = is_set if operator.endswith("+") else operator.endswith("-") and not is_set
    if takes_alternative:
        content = interpolated(alternative, lookup, depth + 1)
        if content is None:
            return False
        builder.add(content)
    elif value is not None and value.content:
        span = whole.whole
        builder.put(value.content, span.start, span.end)
    return True


def _end(text: str, start: int) -> int:
    """Behind the brace that closes the one at `start`; past the text's end if none does."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return at + 1
    return len(text) + 1
