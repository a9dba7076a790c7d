"""What supervisord and circusd run: the programs of their configuration files.

Facts: supervisor/options.py default_configfile, read_include_config, processes_from_section; circus/config.py. Debian's,
Alpine's and Fedora's packages bring a main file that includes a folder.

Facts: docs/facts/launchers.md#supervisors.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.syntax import ini
from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.startup.image_files import ImageFiles
    from deploylint.text import Fragment

SUPERVISORS = {"supervisord": "program", "circusd": "watcher"}
"""Supervisors by program, and what they call a section that runs something."""

_COMMANDS = {"program": "command", "watcher": "cmd"}
_MAIN_FILES = ("/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
_PACKAGED = {
    "/etc/supervisor/supervisord.conf": ("/etc/supervisor/conf.d/*.conf",),
    "/etc/supervisord.conf": ("/etc/supervisor.d/*.ini", "/etc/supervisord.d/*.ini"),
}
"""A main file that a distribution's package brings, and what it includes."""

_MAX_FILES = 50
_COMMENT = regex(r"\s[;#].*")
_VARIABLE = regex(r"([A-Za-z_]\w*)=(?:\"([^\"]*)\"|'([^']*)'|([^,\"']*))(?:,|$)")


class Program(NamedTuple):
    """One program that a supervisor starts."""

    name: str
    group: str
    """What it stops with: its own name unless a `[group:x]` lists it."""
    command: Fragment
    settings: dict[str, Fragment]
    """Its section's keys."""

    @property
    def is_started(self) -> bool:
        """Whether it starts with the supervisor; others may be started later."""
        text = self.settings.get("autostart")
        return text is None or text.text.lower() not in ("false", "no", "off", "0")

    @property
    def folder(self) -> str:
        """Where it starts; empty if it is the supervisor's own folder."""
        text = self.settings.get("directory") or self.settings.get("working_dir")
        return text.text if text else ""

    @property
    def environment(self) -> Iterator[tuple[str, Fragment]]:
        """The variables that are set for it alone."""
        text = self.settings.get("environment")
        for match in _VARIABLE.finditer(text.text) if text else ():
            number = next((number for number in (2, 3, 4) if match[number] is not None), 4)
            assert text is not None
            yield match[1], text.sub(*match.span(number))


def programs(texts: list[str | None], files: ImageFiles, folder: str | None) -> tuple[Program, ...] | None:
    """The programs that a supervisor's command line starts; None if its configuration isn't in the repository."""
    kind = SUPERVISORS[(texts[0] or "").rpartition("/")[2]]
    sections: dict[str, dict[str, Fragment]] = {}
    main_files = _main_file(texts, kind, files, folder)
    if main_files is None:
        return None
    pending = list(main_files)
    for path in pending:
        text = files.find(path)
        for name, keys in ini.parse(text).items() if text else ():
            sections.setdefault(name, {}).update({key: _value(lines) for key, lines in keys.items()})
            if name == "include" and "files" in keys and len(pending) < _MAX_FILES:
                patterns = " ".join(line.text for line in keys["files"]).split()
                pending += [included for pattern in patterns for included in files.matching(join(dirname(path), pattern))]
    groups = {
        member.strip(): name.removeprefix("group:")
        for name, keys in sections.items()
        if name.startswith("group:") and "programs" in keys
        for member in keys["programs"].text.split(",")
    }
    return tuple(
        Program(name, groups.get(name, name), keys[_COMMANDS[kind]], keys)
        for section, keys in sections.items()
        if section.startswith(f"{kind}:") and _COMMANDS[kind] in keys and keys[_COMMANDS[kind]].text
        for name in (section.removeprefix(f"{kind}:"),)
    )


def _main_file(texts: list[str | None], kind: str, files: ImageFiles, folder: str | None) -> list[str] | None:
    """The files to begin with."""
    named = _named(texts, kind)
    if named is None:
        return None
    if named:
        path = normpath(join(folder or "/", named)) if folder or named.startswith("/") else ""
        places = (path,)
    elif kind == "program":
        beside = (join(folder, "supervisord.conf"), join(folder, "etc/supervisord.conf")) if folder else ()
        places = (*beside, *_MAIN_FILES)
    else:
        return None
    for place in places:
        if place and files.find(place):
            return [place]
    included = [file for place in places for pattern in _PACKAGED.get(place, ()) for file in files.matching(pattern)]
    return included or None


def _named(texts: list[str | None], kind: str) -> str | None:
    """The configuration file on the command line; empty if there is none, None if it can't be known."""
    for at, text in enumerate(texts[1:], 1):
        if text is None:
            return None
        if text in ("-c", "--configuration"):
            return texts[at + 1] if at + 1 < len(texts) else None
        if text.startswith("--configuration="):
            return text.partition("=")[2]
        if text.startswith("-c") and not text.startswith("--"):
            return text[2:]
        if kind == "watcher" and not text.startswith("-"):
            return text
    return ""


def _value(lines: list[Fragment]) -> Fragment:
    """A setting's lines as one, without the comments behind them."""
    kept = []
    for line in lines:
        comment = _COMMENT.search(line.text)
        kept.append(line.sub(0, comment.start()) if comment else line)
    if len(kept) == 1:
        return kept[0]
    builder = FragmentBuilder(kept[0].source)
    for line in kept:
        if builder.length and line.text:
            start = line.whole.start
            builder.put(" ", start, start)
        builder.add(line)
    return builder.build() if builder.length else kept[0]
