"""Ruby files that set things (config/puma.rb, config/application.rb), as far as they can be read without running them.

No grammar: a statement is a line. `name value`, `name(value)` and `a.b = value` are settings; what stands below an `if`, in a
method or behind a modifier may or may not count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.text import Fragment


class Setting(NamedTuple):
    """A value given to a name."""

    name: str
    value: Fragment
    is_certain: bool
    """Nothing decides at run time whether this line is reached."""


class Literal(NamedTuple):
    """What an expression comes to."""

    text: str | None
    """Symbols with their colon, durations in seconds; None if it is computed. With a variable: what it comes to where that isn't
    set, None where it then is an error or nil."""
    variable: str = ""
    """The environment variable whose value it is, if that is set."""


_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_COMMENT = regex(rf"({_STRING})|#[^\n]*")
_OPENING = regex(r"\s*(?:[\w.@\[\]:]+\s*(?:\|\|)?=\s*)?(if|unless|case|while|until|for|begin|def|class|module)\b")
_DO = regex(r"\bdo\b\s*(?:\|[^|]*\|)?\s*$")
_END = regex(r"\s*end\b")
_ENDS_ITSELF = regex(r"\bend\s*$")
_SETTING = regex(r"\s*([A-Za-z_][\w.]*(?:\[:\w+\])?)(?:\s*=(?![=~>])\s*|\s*\(\s*|[ \t]+(?![=+\-*/|&<>?]))(\S.*)$")
_MODIFIER = regex(r"\s(?:if|unless|while|until|rescue)\s.*$")
_CONDITIONAL = frozenset({"if", "unless", "case", "while", "until", "for", "begin", "def"})


def settings(text: Fragment) -> Iterator[Setting]:
    """The settings of a file, in order."""
    opened: list[str] = []
    at, is_comment = 0, False
    for whole_line in text.text.splitlines(keepends=True):
        start, at = at, at + len(whole_line)
        is_comment = is_comment or whole_line.startswith("=begin")
        if is_comment:
            is_comment = not whole_line.startswith("=end")
            continue
        line = _COMMENT.sub(lambda match: match[1] or "", whole_line).rstrip()
        opening = _OPENING.match(line)
        if opening:
            if not _ENDS_ITSELF.search(line):
                opened.append(opening[1])
            continue
        if _END.match(line):
            if opened:
                opened.pop()
            continue
        setting = None if _DO.search(line) else _SETTING.match(line)
        if _DO.search(line):
            opened.append("do")
        elif setting:
            yield _setting(text, setting, start, _CONDITIONAL.isdisjoint(opened))


def _setting(text: Fragment, match: re.Match[str], start: int, is_certain: bool) -> Setting:
    begin, end = match.span(2)
    modifier = _MODIFIER.search(match[0], begin)
    if modifier:
        end = modifier.start()
        is_certain = False
    written = match[0][begin:end].rstrip()
    if match[0][match.end(1) : begin].strip() == "(" and written.endswith(")"):
        written = written[:-1].rstrip()
    return Setting(match[1], text.sub(start + begin, start + begin + len(written)), is_certain)


_NUMBER = regex(r"-?\d[\d_]*(?:\.\d+)?$")
_DURATION = regex(r"(\d[\d_]*(?:\.\d+)?)\.(second|minute|hour|day)s?$")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_QUOTED = regex(rf"(?:{_STRING})$")
_VARIABLE = regex(rf"ENV(?:\.fetch\(\s*|\[)({_STRING})(?:\s*,\s*(?P<second>[^()]+?))?\s*[)\]](?P<rest>.*)$", re.DOTALL)
_FALLBACK = regex(r"\s*(?:\{\s*(?P<block>[^{}|]*?)\s*\}|\|\|\s*(?P<other>\S.*))?$", re.DOTALL)
_WRAPPED = regex(r"(?:Integer|Float|String)?\((.*)\)$", re.DOTALL)
_CONVERTED = regex(r"(.*)\.to_[ifs]$", re.DOTALL)
_MAX_DEPTH, _MAX_LENGTH = 10, 500


def literal(text: str, depth: int = 0) -> Literal:
    """What an expression comes to: numbers, strings, symbols, `30.seconds`, `ENV.fetch("X", 2).to_i` and their kin."""
    text = text.strip()
    if depth > _MAX_DEPTH or len(text) > _MAX_LENGTH:
        return Literal(None)
    if _NUMBER.match(text):
        return Literal(text.replace("_", ""))
    if duration := _DURATION.match(text):
        return Literal(f"{float(duration[1].replace('_', '')) * _SECONDS[duration[2]]:g}")
    if _QUOTED.match(text):
        return Literal(None if "#{" in text or "\\" in text else text[1:-1])
    if re.fullmatch(r":\w+|true|false|nil", text):
        return Literal(text)
    variable = _VARIABLE.match(text)
    fallback = _FALLBACK.match(variable["rest"]) if variable else None
    if variable and fallback:
        written = variable["second"] or fallback["block"] or fallback["other"]
        other = literal(written, depth + 1) if written else Literal(None)
        return Literal(None if other.variable else other.text, variable[1][1:-1])
    for form in (_CONVERTED, _WRAPPED):
        if inner := form.match(text):
            return literal(inner[1], depth + 1)
    return Literal(None)
