"""INI files (setup.cfg, uwsgi.ini) with the span of every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.text import Fragment

if TYPE_CHECKING:
    from deploylint.text import Source


def parse(source: Source) -> dict[str, dict[str, list[Fragment]]]:
    """Section → key → the lines of its value: the first beside the key, the others indented below it.

    Keys before any section stand under ''. A key that is given again replaces the earlier one. Nothing is ever an error.
    """
    sections: dict[str, dict[str, list[Fragment]]] = {"": {}}
    keys = sections[""]
    lines: list[Fragment] | None = None
    at = 1 if source.text.startswith("\ufeff") else 0
    for line in source.text[at:].splitlines(keepends=True):
        start, at = at, at + len(line)
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        begin = start + line.index(text)
        if begin > start and lines is not None:
            lines.append(Fragment.verbatim(source, begin, begin + len(text)))
        elif text[0] == "[" and "]" in text:
            keys = sections.setdefault(text[1 : text.index("]")].strip(), {})
            lines = None
        else:
            equals = min((text.index(mark) for mark in "=:" if mark in text), default=len(text))
            value = text[equals + 1 :].strip()
            value_start = begin + len(text) - len(value)
            lines = keys[text[:equals].strip()] = [Fragment.verbatim(source, value_start, value_start + len(value))]
    return sections
