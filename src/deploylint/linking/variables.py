"""What the variables of a script, a Makefile or a pipeline say, as far as the same file says it in one plain assignment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "/workspace"
"""What stands for the repository's root in a path; Cloud Build and kaniko call it so themselves."""

UNKNOWN = "$"
"""What stands for a part of a text that nobody can tell."""

_GIVEN = {
    **dict.fromkeys(("PWD", "pwd", "CURDIR", "."), "."),
    **dict.fromkeys(
        ("github.workspace", "GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BITBUCKET_CLONE_DIR", "CODEBUILD_SRC_DIR",
         "CIRCLE_WORKING_DIRECTORY", "Build.SourcesDirectory", "System.DefaultWorkingDirectory"),
        ROOT,
    ),
}  # fmt: skip
"""Variables that the tool sets: the current folder, or the repository's."""

_REFERENCE = regex(
    r"\$\{\{\s*(?:env\.)?(?P<github>[\w.-]+)(?:\s*\|\|\s*'(?P<or>[^'{}]*)')?\s*\}\}|\$\{\{[^}]*\}\}"  # GitHub Actions
    r"|\{\{\s*\.?(?P<just>\w+)\s*\}\}"  # just, Task
    r"|\$?\$\{(?P<shell>\w+)(?::?-(?P<else>[^{}]*))?\}"
    r"|\$?\$\((?P<make>[\w.]+)\)|\$?\$(?P<bare>\w+)"
    r"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\$"  # what a shell or make computes
)
_ASSIGNMENT = regex(
    r"^[ \t]*(?:-[ \t]+)?(?:(?:export|local|readonly|override)[ \t]+)?(?P<name>\w+)"
    r"(?P<sign>[ \t]*(?:\?|\+|::?)?=[ \t]*|:[ \t]+)(?P<value>[^\n]*)",
    re.MULTILINE,
)
_COMMENT = regex(r"\s#.*|\s*\Z")
_COMPUTED = regex(r"\$\((?:[^()]|\([^()]*\))*\)")
_DEEPEST = 8
_LONGEST = 2000


class Variables:
    """The variables of a text. `is_yaml`: `name: value` is an assignment too. `given`: values from elsewhere by their names in
    lower case, with dots (`inputs.image`), with no variables left in them."""

    def __init__(self, text: str, is_yaml: bool, given: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.is_yaml = is_yaml
        self.given = given or {}
        self.scopes = {name.partition(".")[0] for name in self.given}
        """Of what is given, the first parts of the names: what is not given there is empty."""
        self._assigned: dict[str, str | None] | None = None

    def expanded(self, text: str, depth: int = 0) -> str:
        """A text with its variables replaced; `$` stands for what isn't known."""

        def value(match: re.Match[str]) -> str:
            name = match["github"] or match["just"] or match["shell"] or match["make"] or match["bare"] or ""
            if name in _GIVEN:
                return _GIVEN[name]
            if name.lower().partition(".")[0] in self.scopes:
                return self.given.get(name.lower()) or match["or"] or ""
            replacement = self._value(name) if depth < _DEEPEST else None
            if replacement is None or replacement == match[0]:
                replacement = match["else"]
            return UNKNOWN if replacement is None else self.expanded(replacement, depth + 1)

        return _REFERENCE.sub(value, text) if len(text) <= _LONGEST else UNKNOWN

    def _value(self, name: str) -> str | None:
        """What is assigned to a name; None if nothing is, or more than one value."""
        if self._assigned is None:
            self._assigned = {}
            for match in _ASSIGNMENT.finditer(self.text):
                sign = match["sign"].strip()
                if sign == ":" and not self.is_yaml:
                    continue
                text = None if sign == "+=" else _plain(_COMMENT.sub("", match["value"]).strip(), match["sign"] == "=")
                before = self._assigned.get(match["name"], text)
                self._assigned[match["name"]] = text if before == text else None
        return self._assigned.get(name)


def _plain(text: str, is_shell: bool) -> str | None:
    """An assigned value without its quotes; None for what is more than a value (`A=b command`)."""
    quote = text[:1]
    if quote in ("'", '"') and len(text) > 1 and text.find(quote, 1) == len(text) - 1:
        return text[1:-1]
    has_more = is_shell and (quote in ("'", '"') or len(_COMPUTED.sub("", text).split()) > 1)
    return None if has_more else text or None
