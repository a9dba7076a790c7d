"""How long a stop hook sleeps, where its command says so."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.text import Span

if TYPE_CHECKING:
    from deploylint.model.process import Argument
    from deploylint.text import Fragment

_SHELLS = frozenset(["sh", "bash", "ash", "dash", "zsh", "ksh"])
_DURATION = regex(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)\Z")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
# Quoted words, comments and redirections: blanks for our purpose.
_OPAQUE = regex(r"\"[^\"$`\\\n]*\"|'[^'\n]*'|(?<!\S)#[^\n]*|\d?>>?[ \t]*(?:&\d|[^\s;&|<>]+)")
# What may skip, repeat or end a statement: the sum of the sleeps then says nothing.
_CONTROL = regex(r"[|`(){}<>\"'\\#]|(?<!&)&(?!&)|\b(?:if|for|while|until|case|trap|function|eval)\b")
_STATEMENT = regex(r"[^;&\n]+")
_SLEEP = regex(r"[ \t]*(?:exec[ \t]+)?(?:/\S*/)?sleep((?:[ \t]+[\w.]+)+)[ \t\r]*\Z")
_END = regex(r"[ \t]*(?:exit|exec)\b")


def sleep_time(command: tuple[Argument, ...]) -> tuple[float, Span] | None:
    """The seconds a command sleeps, and where it says so; None when that can't be told.

    Read are `sleep 10` itself and a shell line of plain statements with a `sleep` among them; what the other statements take
    comes on top.
    """
    if not command or not all(argument.is_known for argument in command):
        return None
    program, *arguments = (argument.text for argument in command)
    first, last = command[0].fragment.whole, command[-1].fragment.whole
    if basename(program) == "sleep" and arguments:
        seconds = _sum(arguments)
        return None if seconds is None else (seconds, Span(first.source, first.start, max(first.start, last.end)))
    if basename(program) in _SHELLS and len(arguments) > 1 and re.match(r"-[a-z]*c\Z", arguments[0]):
        return _script_time(command[2].fragment)
    return None


def _sum(durations: list[str]) -> float | None:
    matches = [_DURATION.match(duration) for duration in durations]
    return sum(float(match[1]) * _UNITS[match[2]] for match in matches if match) if all(matches) else None


def _script_time(script: Fragment) -> tuple[float, Span] | None:
    text = _OPAQUE.sub(lambda match: " " * len(match[0]), script.text)
    if _CONTROL.search(text):
        return None
    total = 0.0
    sleeps: list[Span] = []
    for statement in _STATEMENT.finditer(text):
        slept = _SLEEP.match(statement[0])
        if slept:
            seconds = _sum(slept[1].split())
            if seconds is None:
                return None
            total += seconds
            lead = len(statement[0]) - len(statement[0].lstrip())
            sleeps.append(script.span(statement.start() + lead, statement.start() + len(statement[0].rstrip())))
        if _END.match(statement[0]):
            break
    return (total, Span(sleeps[0].source, sleeps[0].start, sleeps[-1].end)) if sleeps else None
