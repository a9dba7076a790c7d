"""Where the values of secrets stand in a text, whatever language it is written in: what is shown of a file is masked there.

A reader of one format knows its own values; what a report quotes may be any line of any file. So this looks at the shapes in
which names and values stand side by side, and takes more rather than less: masking a harmless value only costs its reader a look
at the file. Names are those of `secrets.names`, the unclear ones too, and what can't be a secret (a path, a variable, a
placeholder) is left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.secrets.names import further_words, meaning
from deploylint.secrets.tokens import tokens
from deploylint.secrets.urls import url_password_places
from deploylint.secrets.values import is_harmless_value, names_a_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 1024 * 1024
"""Characters of a text that are looked at at once: the caller takes parts of a larger one."""

_HINT = r"pass|secret|token|key|cred|auth|pwd|pword|psw|cookie|(?<![a-z])pat(?![a-z])|_pem|kubeconfig_data"
_WORD = r"[\w.\-]{1,200}"
_NAME = r"[A-Za-z_][\w.\-]{0,100}"
_QUOTED = r"\"(?:[^\"\\\n]|\\.){0,2000}\"|'[^'\n]{0,2000}'"
# NAME=value, "name": "value", name => value, ["NAME"] = value. A value without quotes may go on to the line's end.
_ASSIGNED = rf"(?<![\w.$\-])([\"']?)({_NAME})\1\]?[ \t]{{0,100}}(=>|:=|[=:])[ \t]{{0,100}}"
_VALUE_THERE = rf"{_QUOTED}|[^\s\"'][^\n]{{0,2000}}"
_WORDS = rf"[ \t]*(?:ENV|ARG|SetEnv|export|set)[ \t]+({_NAME})[ \t]+({_QUOTED}|[^\n=]{{1,2000}})(?:\n|\Z)"  # ENV NAME value
_OPTION = (
    rf"(?<![\w.\-/])--?({_NAME})(?:=|[\"']?[ \t]*,?[ \t]*\n?[ \t]*(?:-[ \t]+)?)({_QUOTED}|[^\s\"',\]\-$][^\s\"',\]]{{0,2000}})"
)
_CALL = rf"\([ \t\n]*[\"']({_NAME})[\"'][ \t\n]*,[ \t\n]*(?:default[ \t]*=[ \t]*)?({_QUOTED})"
_KEY = r"[\"']?(?:[Nn]ame|[Kk]ey|NAME)[\"']?"
_VALUE = r"[\"']?(?:[Vv]alue|[Cc]ontent|VALUE)[\"']?"
_GAP = r"[ \t]*,?[ \t]*\n?[ \t]*(?:-[ \t]+)?"
_NAME_FIRST = rf"{_KEY}[ \t]*[:=][ \t]*[\"']?({_NAME})[\"']?{_GAP}{_VALUE}[ \t]*[:=][ \t]*({_QUOTED}|[^\s\"'{{][^\n]{{0,2000}})"
_VALUE_FIRST = rf"{_VALUE}[ \t]*[:=][ \t]*({_QUOTED}|[^\s\"',{{]{{1,2000}}){_GAP}{_KEY}[ \t]*[:=][ \t]*[\"']?({_NAME})"
_CODE = (".ex", ".exs", ".py", ".js", ".ts", ".rb", ".go", ".kts", ".java", ".eex")
_LONGEST_HARMLESS = 300
"""Characters: a longer value is masked without a look at it."""
_PERMISSIONS = ("read", "write")
"""Of the token of a GitHub job."""
_MARKS = ("private key", "Google service account key")
"""Kinds of which the text only says that a key follows."""
_PEM = r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----((?:[^-]|-(?!----)){1,20000})"
_ACCOUNT = r"(?<![^\s\"'])[A-Za-z_$][\w.\-{}]{0,63}:([^\s:\"'|\\]{1,200})"
"""What `chpasswd` reads: a user and the password."""
_BLOCK = r"[|>][0-9+-]{0,2}[ \t]*(?:#[^\n]*)?\Z"
_SECRET_KIND = r"(?m)^[ \t]*[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b|[{,][ \t]*\"kind\"[ \t]*:[ \t]*\"Secret\""
_DATA = r"[ \t]*[\"']?(?:data|stringData)[\"']?[ \t]*:"
_FLOW_DATA = r"[\"']?\b(?:data|stringData)[\"']?[ \t]*:[ \t]*\{([^{}]{0,65536})"
_ENTRY = rf"[ \t]*(?:\"[^\"\n]*\"|{_NAME})[ \t]*:[ \t]*({_QUOTED}|[^\s\"'][^\n]{{0,65536}})?"


def places(text: str, path: str = "") -> list[tuple[int, int]]:
    """The ranges of secret values, in order and apart. `path`: its ending tells whether a bare value may hold blanks."""
    ranges = [*literal_places(text), *_in_secrets(text)]
    for low, high in _windows(text):
        ranges += [*_in_lines(text, low, high, path), *_across_lines(text, low, high)]
    if "-----BEGIN" in text:
        ranges += [match.span(1) for match in re.finditer(_PEM, text)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def literal_places(text: str) -> Iterator[tuple[int, int]]:
    """Passwords of URLs and tokens: secrets by their own shape."""
    yield from url_password_places(text)
    yield from ((start, end) for start, end, kind in tokens(text) if kind not in _MARKS)


def _windows(text: str) -> list[tuple[int, int]]:
    """The lines with names of secrets, with the two before and the three behind each, as ranges in order and apart."""
    windows: list[tuple[int, int]] = []
    end = 0
    lower = text.lower()
    hints = "|".join((_HINT, *map(re.escape, further_words())))
    for hint in re.finditer(hints, lower if len(lower) == len(text) else text):
        if hint.start() < end:
            continue
        start = hint.start()
        while start and hint.start() - start < 100 and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
            start -= 1
        word = re.compile(_WORD).match(text, start)
        end = word.end() if word else hint.end()
        if meaning(text[start:end].lstrip(".-0123456789")) != "public":
            low, high = start, end
            for _ in range(3):
                low = text.rfind("\n", 0, low) if low > 0 else low
            for _ in range(4):
                high = text.find("\n", high) + 1 or len(text)
            low = max(low + 1, 0) if low > 0 else 0
            if windows and low < windows[-1][1]:
                windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
            else:
                windows.append((low, high))
    return windows


def _in_lines(text: str, low: int, high: int, path: str) -> Iterator[tuple[int, int]]:
    """Name and value on one line."""
    start = low
    while start < high:
        end = text.find("\n", start, high) + 1 or high
        brace = text.find("{", start, end)
        for match in re.compile(_ASSIGNED).finditer(text, start, end):
            if meaning(match[2]) != "public" and not (match[3] == ":" and match[2] in ("key", "keys")):
                yield from _assigned(text, match.start(2), match.end(), match[3], path, 0 <= brace < match.end())
        words = re.compile(_WORDS).match(text, start, end)
        if words and meaning(words[1]) != "public":
            yield from _value(text, *words.span(2))
        start = end


def _assigned(text: str, name: int, at: int, separator: str, path: str, in_braces: bool) -> Iterator[tuple[int, int]]:
    """The value at an offset, behind a name and its separator."""
    match = re.compile(_VALUE_THERE).match(text, at)
    value = match[0] if match else ""
    if text[max(0, name - 2) : name] == "${":  # ${NAME:-value}; other signs say what to do without one
        if value.startswith("-"):
            yield from _value(text, at + 1, at + len(value.partition("}")[0]))
        return
    if separator == ":" and re.match(_BLOCK, value):
        yield from _block(text, name, at + len(value))
        return
    if not value.startswith(('"', "'")):
        if path.endswith(_CODE):
            return  # an expression
        is_whole = separator == ":" or path.endswith((".env", ".properties", ".ini", ".cfg", ".conf")) or ".env" in path
        value = _unquoted(value, is_whole, is_flow=separator == ":" and in_braces)
    yield from _value(text, at, at + len(value))


def _unquoted(value: str, is_whole: bool, is_flow: bool) -> str:
    """How far a value without quotes goes: to the end of its word, of its flow entry or of its line without a comment."""
    if is_flow:
        return re.split(r"[,}\]]", value, maxsplit=1)[0].rstrip()
    if is_whole:
        return re.split(r"[ \t]#", value, maxsplit=1)[0].rstrip()
    return re.split(r"[\s,;\"'})\]]", value, maxsplit=1)[0]


def _value(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range without quotes and blanks, unless what stands there can't be a secret."""
    while start < end and text[start] in " \t\"'":
        start += 1
    while end > start and text[end - 1] in " \t\r\n\"'":
        end -= 1
    value = text[start:end]
    if not value or value.startswith(("[", "{")) or value in _PERMISSIONS:
        return
    if len(value) > _LONGEST_HARMLESS or not (is_harmless_value(value) or names_a_secret(value)):
        yield start, end


def _block(text: str, key: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a YAML block scalar: those that are further in than its key."""
    line = text.rfind("\n", 0, key) + 1
    indent = len(text[line:key]) - len(text[line:key].lstrip(" "))
    at = text.find("\n", end - 1) + 1
    while at:
        stop = text.find("\n", at) + 1 or len(text)
        content = text[at:stop]
        if content.strip() and len(content) - len(content.lstrip(" ")) <= indent:
            return
        yield at + len(content) - len(content.lstrip()), at + len(content.rstrip())
        at = stop if stop < len(text) else 0


def _across_lines(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Options, calls, name and value as two entries: what may take several lines."""
    if text.find("chpasswd", low, high) >= 0:
        for match in re.compile(_ACCOUNT).finditer(text, low, high):
            yield from _value(text, *match.span(1))
    for pattern, name, value in ((_OPTION, 1, 2), (_CALL, 1, 2), (_NAME_FIRST, 1, 2), (_VALUE_FIRST, 2, 1)):
        for match in re.compile(pattern).finditer(text, low, high):
            if meaning(match[name]) == "public" or (pattern == _OPTION and match[name] == "secret"):
                continue  # `--secret id=…` names a file or variable
            start, end = match.span(value)
            if pattern == _NAME_FIRST and text[start] not in "\"'":
                before = text[: match.start()].rpartition("\n")[2]
                end = start + len(_unquoted(text[start:end], is_whole=True, is_flow="{" in before or "}" in text[start:end]))
                if re.match(_BLOCK, text[start:end]):
                    yield from _block(text, start, end)
                    continue
            yield from _value(text, start, end)


def _in_secrets(text: str) -> Iterator[tuple[int, int]]:
    """All values of a Secret's `data` and `stringData`, whatever their names are."""
    if "Secret" not in text:
        return
    at = 0
    for document in re.split(r"(?m)^(---)", text):
        if re.search(_SECRET_KIND, document):
            yield from ((at + start, at + end) for start, end in _data(document))
        at += len(document)


def _data(document: str) -> Iterator[tuple[int, int]]:
    for flow in re.finditer(_FLOW_DATA, document):
        for match in re.finditer(_ENTRY, flow[1]):
            if match[1]:
                yield from _value(document, flow.start(1) + match.start(1), flow.start(1) + _flow_end(match))
    inside = -1  # the indent of the key, while its entries are read
    at = 0
    for line in document.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip(" \t"))
        if re.match(_DATA, line):
            inside = indent
        elif inside >= 0 and line.strip() and indent <= inside:
            inside = -1
        elif inside >= 0:
            entry = re.match(_ENTRY, line)
            start = entry.start(1) if entry and entry[1] else indent
            if entry is None and (variable := re.match(rf"[ \t]*{_NAME}=", line)):  # a file of variables
                start = variable.end()
            if entry is None or (entry[1] and not re.match(_BLOCK, entry[1].rstrip())):
                yield from _value(document, at + start, at + len(line.rstrip().rstrip(",")))
        at += len(line)


def _flow_end(match: re.Match[str]) -> int:
    value = match[1]
    return match.start(1) + len(value if value.startswith(('"', "'")) else _unquoted(value, is_whole=True, is_flow=True))
