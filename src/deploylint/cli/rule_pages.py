"""A rule's page is its test: every example on it is a whole small project, and a bad one shows the report it yields.

An example is a run of titled code blocks under `## Bad`, `## Good` or `## When it stays silent`; a `###` heading starts another.
The report is a block whose info string is `text report`: what the linter prints at 80 columns when only this rule runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploylint.discovery.files import shown
from deploylint.discovery.settings import ConfigError, Settings, did_you_mean
from deploylint.engine import registry, running
from deploylint.engine.own_rules import OwnRuleError
from deploylint.engine.rule import RuleError
from deploylint.lazy import regex
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from deploylint.engine.rule import RuleFile

SECTIONS = {"Bad": "bad", "Good": "good", "When it stays silent": "silent"}
MAX_SUMMARY = 100
"""Columns of a page's one line."""

_FENCE = regex(r"(?P<fence>`{3,})(?P<language>\w*)[ \t]*(?P<rest>.*)")
_TITLE = regex(r'title="([^"]+)"')


class Example(NamedTuple):
    """One example of a rule's page."""

    section: str
    heading: str
    line: int
    """Where it starts, from 1."""
    files: dict[str, str]
    report: str | None = None
    """The report the page shows; None without one."""
    lines: tuple[int, int] = (0, 0)
    """The lines of the report, from 0."""

    @property
    def name(self) -> str:
        return f"{self.section} example{f' “{self.heading}”' if self.heading else ''}"


class Page(NamedTuple):
    """A page as read."""

    examples: tuple[Example, ...]
    problems: tuple[tuple[int, str], ...]
    """The line of each, from 1, and what is wrong with its form."""


class Outcome(NamedTuple):
    """An example that was run: what it really prints, and what is wrong with that, '' for nothing."""

    example: Example
    report: str
    problem: str

    @property
    def is_another(self) -> bool:
        """Whether a bad example yields another report than its page shows."""
        return self.example.section == "bad" and bool(self.report) and self.report != self.example.report


def read(rule: RuleFile) -> Page:
    """A rule's page. One that isn't there is a page with a problem."""
    if not os.path.isfile(rule.page):
        return Page((), ((1, "the rule has no page"),))
    lines = registry.page(rule).split("\n")
    examples: list[Example] = []
    problems = [*_title_problems(lines, rule.name)]
    section, heading, start = "", "", 0
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        fence = _FENCE.fullmatch(line)
        if line.startswith("## "):
            section, heading, start = SECTIONS.get(line[3:].strip(), ""), "", number
        elif line.startswith("### "):
            heading, start = line[4:].strip(), number
        elif fence:
            first = number
            while number < len(lines) and lines[number] != fence["fence"]:
                number += 1
            if number == len(lines):
                problems.append((first, "this code block is never closed"))
            elif section:
                if not examples or examples[-1].line != start:
                    examples.append(Example(section, heading, start, {}))
                body = "".join(f"{text}\n" for text in lines[first:number])
                title = _TITLE.search(fence["rest"])
                if fence["rest"] == "report":
                    examples[-1] = examples[-1]._replace(report=body, lines=(first, number))
                elif title:
                    examples[-1].files[title[1]] = body
                else:
                    problems.append((first, 'a code block of an example is a file: it needs a name, title="…"'))
            number += 1
    return Page(tuple(examples), (*problems, *_example_problems(examples)))


def run(rule: RuleFile, example: Example, own: tuple[str, ...] = ()) -> Outcome:
    """What the linter prints for an example when only its rule runs. `own`: the folders of own rules."""
    from deploylint.discovery.workspace import Workspace
    from deploylint.output.frame import frame
    from deploylint.output.layout import View, plain

    # Whether a comment is unused depends on what all the other rules say.
    is_last = registry.load(rule).rule.after_suppression
    settings = Settings(rules_dir=own) if is_last else Settings(select=(rule.name,), rules_dir=own)
    try:
        findings = running.run(Workspace.of(example.files), settings).findings
    except (RuleError, OwnRuleError) as error:
        return Outcome(example, "", str(error))
    frames = [
        "\n".join(plain(line) for line in frame(finding, View(80, str))) for finding in findings if finding.rule == rule.name
    ]
    report = "\n\n".join(frames) + "\n" if frames else ""
    outcome = Outcome(example, report, "")
    if example.section != "bad":
        problem = "yields a finding" if report else ""
    elif outcome.is_another:
        problem = "yields another report than its page shows"
    else:
        problem = "" if report else "yields no finding"
    return outcome._replace(problem=problem)


def write_report(rule: RuleFile, outcome: Outcome) -> None:
    """Put the report that a bad example really yields into its page."""
    # The page may have grown since the example was read: an earlier one's report was longer.
    now = next(example for example in read(rule).examples if example.name == outcome.example.name)
    lines = registry.page(rule).split("\n")
    lines[slice(*now.lines)] = outcome.report.rstrip("\n").split("\n")
    with open(rule.page, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123
        stream.write("\n".join(lines))


def test(folder: str, select: Collection[str], is_updating: bool) -> tuple[list[str], bool]:
    """Run the examples of a folder of rules (absolute): what to say, and whether all is well.

    `select`: the rules or subjects whose examples are run; all without any. `is_updating`: where a bad example yields another
    report than its page shows, the page is changed.
    """
    own, rules = _rules_of(folder)
    names = {name for rule in rules for name in (rule.name, rule.subject)}
    for name in select:
        if name not in names:
            raise ConfigError(f"no rule or subject of {shown(folder)} is called `{name}`; {did_you_mean(name, names)}")
    rules = [rule for rule in rules if not select or rule.name in select or rule.subject in select]
    messages: list[str] = []
    count = failed = written = 0
    for rule in rules:
        page = read(rule)
        messages += (f"{shown(rule.page)}:{line}: {problem}" for line, problem in page.problems)
        failed += len(page.problems)
        for example in page.examples:
            outcome = run(rule, example, own)
            count += 1
            if is_updating and outcome.is_another and example.report is not None:
                write_report(rule, outcome)
                written += 1
            elif outcome.problem:
                messages += _failure(rule, outcome)
                failed += 1
    verdict = f"{_count(failed, 'problem')}" if failed else "all is as the pages say"
    updated = f", {_count(written, 'report')} written" if written else ""
    return [*messages, f"{_count(len(rules), 'rule')}, {_count(count, 'example')}: {verdict}{updated}"], not failed


def _rules_of(folder: str) -> tuple[tuple[str, ...], list[RuleFile]]:
    """The rules of a folder, and what makes them known: nothing where they are deploylint's own."""
    inside = os.path.realpath(folder) + os.sep
    ours = [rule for rule in registry.rules().values() if os.path.realpath(rule.page).startswith(inside)]
    own = () if ours else (folder,)
    return own, ours or [rule for rule in registry.rules(own).values() if rule.own]


def _failure(rule: RuleFile, outcome: Outcome) -> Iterator[str]:
    """Which example is wrong, how, and the difference."""
    from difflib import unified_diff

    example = outcome.example
    yield f"{shown(rule.page)}:{example.line}: {example.name}: {outcome.problem}"
    old, new = ((text or "").splitlines() for text in (example.report, outcome.report))
    yield from (f"  {line.rstrip()}" for line in unified_diff(list(old), list(new), "the page", "deploylint", lineterm=""))


def _title_problems(lines: list[str], name: str) -> Iterator[tuple[int, str]]:
    """The page starts with `# name`, and with one line that lists and reports show."""
    if lines[0] != f"# {name}":
        yield 1, f"the first line must be `# {name}`"
    summary = lines[2] if len(lines) > 2 else ""
    if len(lines) < 4 or lines[1] or not summary or lines[3]:
        yield 3, "below the title, between empty lines, one line must say what the rule finds"
    elif len(summary) > MAX_SUMMARY:
        yield 3, f"the line that says what the rule finds has {len(summary)} columns; {MAX_SUMMARY} are the most"


def _example_problems(examples: list[Example]) -> Iterator[tuple[int, str]]:
    for title, section in SECTIONS.items():
        if all(example.section != section for example in examples):
            yield 1, f"there is no example under `## {title}`"
    names = set()
    for example in examples:
        if example.name in names:
            yield example.line, f"there are two of the name {example.name}; give each a `###` heading of its own"
        names.add(example.name)
        if example.section == "bad" and example.report is None:
            yield example.line, "a bad example needs a block ```text report for what is printed; it may hold an empty line"
        elif example.section != "bad" and example.report is not None:
            yield example.line, "only a bad example has a report"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s'[: number != 1]}"
