"""Which rules there are, found by their files, and which of them a run uses.

A rule is a module `rules/<subject>/<name_with_underscores>.py` beside its page of the same name; its name is the file's with
hyphens. Nothing registers it, and only the rules of a run are imported.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from deploylint.discovery.settings import ConfigError, did_you_mean
from deploylint.engine.rule import Loaded, RuleFile

if TYPE_CHECKING:
    from deploylint.discovery.settings import Settings


@cache
def _built_in() -> tuple[RuleFile, ...]:
    """The rules that come with the program. A run asks for them more than once, and they don't change meanwhile."""
    from importlib import import_module

    files = []
    for root in import_module("deploylint.rules").__path__:
        for subject in os.scandir(root):
            if not subject.is_dir() or subject.name.startswith(("_", ".")):
                continue
            for file in os.scandir(subject.path):
                stem, suffix = os.path.splitext(file.name)
                if suffix == ".py" and not stem.startswith("_"):
                    module = f"deploylint.rules.{subject.name}.{stem}"
                    page = os.path.join(subject.path, f"{stem}.md")
                    files.append(RuleFile(stem.replace("_", "-"), subject.name, module, page))
    return tuple(files)


def rules(own: tuple[str, ...] = ()) -> dict[str, RuleFile]:
    """Every rule there is, by name, ordered by subject and name. `own`: folders of the user's, absolute."""
    files = _built_in()
    if own:
        from deploylint.engine.own_rules import find

        files = (*files, *find(own, files))
    return {rule.name: rule for rule in sorted(files, key=lambda rule: (rule.subject, rule.name))}


def names(own: tuple[str, ...] = ()) -> list[str]:
    """Every name that --select and --ignore know: rules and subjects."""
    known = rules(own)
    return sorted({*known, *(rule.subject for rule in known.values())})


def load(file: RuleFile) -> Loaded:
    """Import a rule."""
    from importlib import import_module

    if file.own:
        from deploylint.engine.own_rules import load

        return load(file)
    module = import_module(file.module)
    return Loaded(file.name, module.RULE, module.check)


def page(file: RuleFile) -> str:
    """A rule's documentation, Markdown."""
    with open(file.page, encoding="utf-8") as stream:  # noqa: PTH123 — pathlib would double the start-up time
        return stream.read()


def summary_line(text: str) -> str:
    """The one line of a page that says what its rule is about: the first after the title."""
    return next((line.strip() for line in text.splitlines()[1:] if line.strip()), "")


def selected(settings: Settings) -> list[Loaded]:
    """The rules that the settings choose: those of select, or all that are on by default, without those of ignore."""
    known = rules(settings.rules_dir)
    for name in (*settings.select, *settings.ignore):
        if name not in known and all(name != rule.subject for rule in known.values()):
            raise ConfigError(f"no rule or subject is called `{name}`; {did_you_mean(name, names(settings.rules_dir))}")
    wanted = []
    for file in known.values():
        mentioned = {file.name, file.subject}
        if mentioned.isdisjoint(settings.ignore) and (not settings.select or not mentioned.isdisjoint(settings.select)):
            loaded = load(file)
            if loaded.rule.is_default or file.name in settings.select:
                wanted.append(loaded)
    return wanted
