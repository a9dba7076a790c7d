"""INI files (setup.cfg, uwsgi.ini, supervisord.conf) with the span of every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.text import Fragment

if TYPE_CHECKING:
    from deploylint.text import Source


def parse(text: Source | Fragment) -> dict[str, dict[str, list[Fragment]]]:
    """Section → key → the lines of its value: the first beside the key, the others indented below it.

    Keys before any section stand under ''. A key that is given again replaces the earlier one. Nothing is ever an error.
    """
    whole = text if isinstance(text, Fragment) else Fragment.verbatim(text, 0, len(text.text))
    sections: dict[str, dict[str, list[Fragment]]] = {"": {}}
    keys = sections[""]
    lines: list[Fragment] | None = None
    at = 1 if whole.text.startswith("\ufeff") else 0
    for line in whole.text[at:].splitlines(keepends=True):
        start, at = at, at + len(line)
        setting = line.strip()
        if not setting or setting[0] in "#;":
            continue
        begin = start + line.index(setting)
        end = begin + len(setting)
        if begin > start and lines is not None:
            lines.append(whole.sub(begin, end))
        elif setting[0] == "[" and "]" in setting:
            keys = sections.setdefault(setting[1 : setting.index("]")].strip(), {})
            lines = None
        else:
            equals = min((setting.index(mark) for mark in "=:" if mark in setting), default=len(setting))
            value = setting[equals + 1 :].strip()
            lines = keys[setting[:equals].strip()] = [whole.sub(end - len(value), end)]
    return sections
