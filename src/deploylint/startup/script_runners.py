"""npm-run-all, run-s, run-p and concurrently: several scripts of one package.json, one after the other or at once.

npm-run-all `bin/common/parse-cli-args.js`, `lib/match-tasks.js`; concurrently `bin/concurrently.ts`.

Facts: docs/facts/launchers.md#package-managers.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRIPT_RUNNERS = frozenset("npm-run-all npm-run-all2 run-s run-p concurrently conc".split())

_GROUPS = {"-s": False, "--sequential": False, "--serial": False, "-p": True, "--parallel": True}
_SWITCHES = frozenset(
    "--color --no-color -c --continue-on-error -l --print-label -n --print-name -r --race --silent --aggregate-output".split()
)
_IGNORES_ERRORS = frozenset({"-c", "--continue-on-error"})
_CONCURRENT_SWITCHES = frozenset("-k --kill-others --kill-others-on-fail -r --raw --no-color -g --group --timings".split())
_CONCURRENT_VALUES = frozenset(
    """-n --names --name-separator -c --prefix-colors -p --prefix -l --prefix-length -t --timestamp-format -m --max-processes
    -s --success --restart-tries --restart-after --hide --kill-signal --ks --kill-timeout""".split()
)
_SHORT = regex(r"(npm|pnpm|yarn|bun):(\S+)\Z")
_UNREAD_PATTERN = regex(r"[?\[\]{}()!+@|\\]")


class Group(NamedTuple):
    """Scripts that run together."""

    is_parallel: bool
    """All at once; else one after the other."""
    words: tuple[int, ...]
    """The numbers of the words that name them; for concurrently, of the words that are shell lines."""
    errors_ignored: bool = False
    """The next one runs also where one has failed."""


def groups_of(name: str, texts: list[str | None]) -> tuple[Group, ...] | None:
    """What a command line of one of `SCRIPT_RUNNERS` runs, in order; None for a line that isn't read."""
    if name in ("concurrently", "conc"):
        words = _words_of_concurrently(texts)
        return (Group(True, words),) if words else None
    groups: list[tuple[bool, list[int]]] = [(name == "run-p", [])]
    for at, text in enumerate(texts[1:], 1):
        if text is None or text == "--":
            return None
        if text in _GROUPS and not name.startswith("run-"):
            groups.append((_GROUPS[text], []))
        elif text.startswith("-"):
            if text not in _SWITCHES and not (text == "-s" and name.startswith("run-")):
                return None
        else:
            groups[-1][1].append(at)
    errors_ignored = not _IGNORES_ERRORS.isdisjoint(texts)
    return tuple(Group(is_parallel, tuple(words), errors_ignored) for is_parallel, words in groups if words) or None


def _words_of_concurrently(texts: list[str | None]) -> tuple[int, ...]:
    """The commands of a concurrently line; empty where it has an option that isn't known."""
    words: list[int] = []
    at = 1
    while at < len(texts):
        text = texts[at]
        if text is None or text == "--":
            return ()
        if text in _CONCURRENT_VALUES:
            at += 1
        elif not text.startswith("-"):
            words.append(at)
        elif text not in _CONCURRENT_SWITCHES and text.partition("=")[0] not in _CONCURRENT_VALUES:
            return ()
        at += 1
    return tuple(words)


def shorthand(text: str) -> tuple[str, str] | None:
    """The package manager and the script of concurrently's `npm:watch-*`; None for a shell line."""
    match = _SHORT.match(text)
    return (match[1], match[2]) if match else None


def matching(pattern: str, scripts: Iterable[str]) -> tuple[str, ...]:
    """The scripts that a pattern (`build:*`, `build:**`, a plain name with arguments behind it) means, in the order of the
    package.json; none for a pattern that isn't read. `*` goes as far as the next colon, `**` at the end further."""
    name = pattern.strip().partition(" ")[0]
    if "*" not in name:
        return (name,) if name in scripts else ()
    if _UNREAD_PATTERN.search(name):
        return ()
    parts = name.split(":")
    is_deep = parts[-1] == "**"
    if is_deep:
        parts.pop()
    if any("**" in part for part in parts):
        return ()
    return tuple(script for script in scripts if _fits(script.split(":"), parts, is_deep))


def _fits(script: list[str], parts: list[str], is_deep: bool) -> bool:
    has_length = len(script) > len(parts) if is_deep else len(script) == len(parts)
    return has_length and all(fnmatchcase(text, part) for text, part in zip(script, parts, strict=False))
