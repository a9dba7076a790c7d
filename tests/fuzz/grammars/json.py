"""JSON objects."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ('{"scripts": {<members>}}', "{<members>}", '{"scripts": <value>, <members>}'),
    "members": ('"a": <value>', '"a": <value>, <members>', '"<text>": <value>, "scripts": {<members>}'),
    "value": ('"<text>"', "1", "null", "true", "[<value>, <value>]", "{<members>}", "[]", "{}", "-1.5e3"),
    "text": ("x", "\\n<text>", "\\u00e9<text>", "\\ud83d\\ude00<text>", "\\ud83d<text>", "é<text>", '\\"<text>'),
}
TARGETS = ("json", "yaml")
