"""Rules of the user's own: a folder of the form of ours, `<subject>/<name>.py` beside `<name>.md`. docs/rules.md is the manual.

They are code. So a folder is used only if whoever runs deploylint names it: on the command line, in a configuration from outside
of what is checked, or in one from inside that --trust-config vouches for. Nothing here is called before that is settled.

A folder is imported as a package under a name of its own, so that `sys.path` stays what it is, no module of the user's shadows
another, and `from ._helpers import x` finds the `_helpers.py` beside the rule.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from deploylint.discovery.files import shown
from deploylint.engine.rule import Loaded, RuleError, RuleFile
from deploylint.errors import UserError
from deploylint.finding import SEVERITIES, Option, Rule
from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORM = "a rule is <subject>/<name>.py with its page <name>.md beside it"

_OPTION = regex(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_NAME = regex(r"[a-z][a-z0-9_]*\Z")
_ALLOWED: dict[str, tuple[str, ...]] = {
    "severity": SEVERITIES,
    "fix": ("", "safe", "unsafe"),
    "precision": ("very-high", "high", "medium", "low"),
}

_packages: dict[str, str] = {}
"""Folder → what it is imported as, for the life of the process."""


class OwnRuleError(UserError):
    """A rule of the user's own that can't be used, or that breaks: one sentence with its file."""


def find(folders: Iterable[str], ours: Iterable[RuleFile]) -> Iterator[RuleFile]:
    """The rules of these folders (absolute), none of them imported, or `OwnRuleError`."""
    names = {rule.name: "a rule of deploylint's" for rule in ours}
    subjects = {rule.subject for rule in ours}
    own = [rule for folder in folders for rule in _rules(folder)]
    subjects.update(rule.subject for rule in own)
    for rule in own:
        if rule.name in names or rule.name in subjects:
            taken = names.get(rule.name, "a subject")
            raise OwnRuleError(f"{shown(rule.own)}: {taken} is called `{rule.name}` already; give the rule another name")
        if rule.subject in names:
            raise OwnRuleError(f"{shown(rule.own)}: a rule is called `{rule.subject}` already; give the subject another name")
        names[rule.name] = f"the rule of {shown(rule.own)}"
        yield rule


def load(file: RuleFile) -> Loaded:
    """Import a rule and check its form."""
    from importlib import import_module

    try:
        module = import_module(file.module)
    except (Exception, SystemExit) as error:
        raise OwnRuleError(f"{place(file, error)}: can't be loaded ({error_text(error)}); mend it") from error
    rule, check = getattr(module, "RULE", None), getattr(module, "check", None)
    if not isinstance(rule, Rule):
        raise OwnRuleError(f'{shown(file.own)}: says nothing of itself; write RULE = Rule(severity="warning")')
    for field, allowed in _ALLOWED.items():
        if getattr(rule, field) not in allowed:
            words = ", ".join(f'"{word}"' for word in allowed)
            raise OwnRuleError(f"{shown(file.own)}: {field}={getattr(rule, field)!r} is none of {words}; write one of them")
    if problem := _option_problem(rule):
        raise OwnRuleError(f"{shown(file.own)}: {problem}")
    if not callable(check):
        raise OwnRuleError(f"{shown(file.own)}: checks nothing; write a function `check(deployment)` that yields findings")
    return Loaded(file.name, rule, check, file)


def _option_problem(rule: Rule) -> str:
    """What is wrong with the options that a rule declares; '' for nothing."""
    declared: tuple[object, ...] = rule.options
    for option in declared:
        if not isinstance(option, Option):
            return f'{option!r} is no option; write Option("limit", 5, "seconds that it may take")'
        if not _OPTION.match(option.name) or option.name == "severity":
            return f"`{option.name}` can't be an option's name; write lower-case words joined by hyphens, other than `severity`"
        is_list = isinstance(option.default, tuple) and all(isinstance(item, str) for item in option.default)
        if not is_list and (isinstance(option.default, bool) or not isinstance(option.default, (int, float))):
            return f"{option.default!r} can't be the default of `{option.name}`; write a number or a tuple of texts"
    return ""


def place(file: RuleFile, error: BaseException) -> str:
    """`file:line` of an error: the innermost line that is in the rule's folder, so that a helper's own is named."""
    folder = os.path.dirname(os.path.dirname(file.own)) + os.sep
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(folder):
        return f"{shown(error.filename or '')}:{error.lineno}"
    location, trace = shown(file.own), error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(folder):
            location = f"{shown(path)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return location


def broken(file: RuleFile, error: BaseException) -> OwnRuleError:
    """What to say of an error that a rule's check ends in, or that what it yields is refused with."""
    what = error.what if isinstance(error, RuleError) else error_text(error)
    return OwnRuleError(f"{place(file, error)}: rule {file.name}: {what}; mend it")


def error_text(error: BaseException) -> str:
    """An error's type and message, on one line."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {' '.join(message.split())[:200]}".rstrip(": ")


def _rules(folder: str) -> list[RuleFile]:
    package = _package(folder)
    files = []
    for subject in _entries(folder):
        if subject.name.endswith(".py"):
            raise OwnRuleError(f"{shown(subject.path)}: in no subject's folder; {FORM}")
        if not subject.is_dir():
            continue
        for file in _entries(subject.path):
            stem, suffix = os.path.splitext(file.name)
            if suffix == ".py":
                files.append(_rule(subject.name, stem, file.path, package))
    if not files:
        raise OwnRuleError(f"{shown(folder)}: holds no rules; {FORM}")
    return files


def _rule(subject: str, stem: str, path: str, package: str) -> RuleFile:
    for word in (subject, stem):
        if not _NAME.match(word):
            raise OwnRuleError(f"{shown(path)}: `{word}` can't be a name; write lower-case words joined by underscores")
    page = f"{os.path.splitext(path)[0]}.md"
    if not os.path.isfile(page):
        raise OwnRuleError(f"{shown(path)}: has no page; write {shown(page)}, from which --explain and --test-rules read")
    return RuleFile(stem.replace("_", "-"), subject, f"{package}.{subject}.{stem}", page, path)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What a folder holds, but for what is nobody's rule: helpers, caches, hidden files."""
    try:
        return sorted(
            (entry for entry in os.scandir(folder) if not entry.name.startswith(("_", "."))), key=lambda entry: entry.name
        )
    except OSError as error:
        raise OwnRuleError(f"{shown(folder)}: can't be read as a folder of rules ({error.strerror}); check the path") from None


def _package(folder: str) -> str:
    """A package whose only place is the folder; nothing of it is imported yet."""
    if folder not in _packages:
        from types import ModuleType

        module = ModuleType(f"deploylint_own_rules_{len(_packages)}")
        module.__path__ = [folder]
        _packages[folder] = module.__name__
        sys.modules[module.__name__] = module
    return _packages[folder]
