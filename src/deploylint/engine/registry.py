"""Which rules there are, found by their files, and which of them a run uses.

A rule is a module `rules/<subject>/<name_with_underscores>.py` beside its page of the same name; its name is the file's with
hyphens. Nothing registers it, and only the rules of a run are imported.
"""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from deploylint.discovery.settings import ConfigError, did_you_mean
from deploylint.engine.rule import Loaded, RuleFile
from deploylint.finding import Options

if TYPE_CHECKING:
    from deploylint.discovery.settings import Settings
    from deploylint.finding import Option, OptionValue


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


def options(name: str, own: tuple[str, ...] = ()) -> tuple[Option, ...] | None:
    """What users may set for a rule; None if no rule has this name."""
    file = rules(own).get(name)
    return load(file).rule.options if file else None


def load(file: RuleFile) -> Loaded:
    """Import a rule, to be run with the defaults of its options."""
    if file.own:
        from deploylint.engine.own_rules import load

        loaded = load(file)
    else:
        from importlib import import_module

        module = import_module(file.module)
        loaded = Loaded(file.name, module.RULE, module.check)
    return _with_options(loaded, ()) if loaded.rule.options else loaded


def _with_options(loaded: Loaded, values: tuple[tuple[str, OptionValue], ...]) -> Loaded:
    """The rule with these values of its options, and the defaults of the others."""
    options = Options({option.name: option.default for option in loaded.rule.options} | dict(values))
    return loaded._replace(check=partial(loaded.check, options=options))


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
    by_user = {rule.name: rule for rule in settings.rules}
    wanted = []
    for file in known.values():
        mentioned = {file.name, file.subject}
        if mentioned.isdisjoint(settings.ignore) and (not settings.select or not mentioned.isdisjoint(settings.select)):
            loaded = load(file)
            rule = by_user.get(file.name)
            if rule:
                loaded = _with_options(loaded, rule.options) if rule.options else loaded
                loaded = loaded._replace(severity=rule.severity)
            if loaded.rule.is_default or file.name in settings.select:
                wanted.append(loaded)
    return wanted
