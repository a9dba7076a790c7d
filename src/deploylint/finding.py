"""What a rule says: one finding, with every place that takes part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.text import Edit, Span
    from deploylint.timeline import Stops

Severity = Literal["error", "warning", "note"]


class Label(NamedTuple):
    """A place and the clause written at it, at most about 40 columns."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that mend a finding."""

    description: str
    edits: tuple[Edit, ...]
    is_safe: bool = False
    """Only if behaviour can't get worse."""


class Finding(NamedTuple):
    """One defect."""

    message: str
    """At most 72 columns, lower case, no period; its subject is the thing that suffers."""
    primary: Label
    """Where to look first."""
    related: tuple[Label, ...] = ()
    """Every other place that takes part."""
    notes: tuple[str, ...] = ()
    """The arithmetic, then what happens in production."""
    help: str = ""
    """What to write instead, imperative."""
    fix: Fix | None = None
    subject: str = ""
    """A stable identity that survives edits elsewhere (`Deployment/web:app`)."""
    severity: Severity | None = None
    """Defaults to the rule's own."""
    rule: str = ""
    """Defaults to the rule's own name."""
    summary: str = ""
    ordinal: int = 1
    """Counts, from 1, the findings of a run that have one identity."""
    overlays: tuple[str, ...] = ()
    """The kustomizations that deploy what it is about, as folders, where there may be a question which do."""
    also: tuple[str, ...] = ()
    """Further subjects that it is about, in the form of `subject`."""

    @property
    def identity(self) -> tuple[str, str]:
        """The rule and what it speaks of: the same from run to run, whatever line that moves to."""
        return self.rule, self.subject or self.primary.span.path


OptionValue = float | tuple[str, ...]
"""What an option of a rule may be: a number of 0 or more, or a list of texts."""


class Option(NamedTuple):
    """Something that users may set for a rule, under `[rules.<rule>]`."""

    name: str
    default: OptionValue
    """Its type is that of the option."""
    help: str
    """What the option is, with its unit."""


class Options(NamedTuple):
    """The options of a rule in a run, by name: what the user set, else the defaults."""

    values: dict[str, OptionValue]

    def number(self, name: str) -> float:
        """The value of an option that is a number."""
        value = self.values[name]
        assert not isinstance(value, tuple)
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """The value of an option that is a list."""
        value = self.values[name]
        assert isinstance(value, tuple)
        return value


class Rule(NamedTuple):
    """A rule's own facts, beside its page."""

    severity: Severity
    """The highest it gives."""
    fix: Literal["", "safe", "unsafe"] = ""
    """What kind of fix it can offer."""
    is_default: bool = True
    after_suppression: bool = False
    """Runs last, on a deployment whose suppressions know what they suppressed."""
    precision: Literal["very-high", "high", "medium", "low"] = "high"
    """How rarely it is wrong, for services that file findings."""
    tags: tuple[str, ...] = ()
    """What such a service files it under, beside its subject."""
    security_severity: str = ""
    """A CVSS score above 0.0, which makes a rule a security rule there, so only for one about secrets."""
    options: tuple[Option, ...] = ()
    """What users may set. A rule that has any is called with them: `check(deployment, options)`."""


class RuleInfo(NamedTuple):
    """A rule that ran, for a report that explains it."""

    name: str
    subject: str
    rule: Rule
    page: str
    """Its documentation, Markdown."""
    is_own: bool = False
    """A user's own rule, whose page has no address."""


class Hidden(NamedTuple):
    """A finding that is not shown: a comment, a setting or the baseline hides it."""

    finding: Finding
    by: Literal["comment", "setting", "baseline"]
    reason: str = ""
    """The reason that is given there; '' without one."""


class NotUnderstood(NamedTuple):
    """Something that was seen and not, or not wholly, checked."""

    path: str
    """Relative to the project's root."""
    what: str
    """What stands there ("file", "folder", "Deployment/web")."""
    reason: str
    """One clause."""


class Understood(NamedTuple):
    """What a run checked: how many workloads, images and apps, and what it saw besides."""

    workloads: int
    images: int
    apps: int
    missing: tuple[NotUnderstood, ...]


class Known(NamedTuple):
    """A finding as a baseline lists it."""

    rule: str
    path: str
    """Where it was last seen, relative to the project's root."""
    subject: str

    @property
    def identity(self) -> tuple[str, str]:
        """That of the findings it stands for."""
        return self.rule, self.subject or self.path


SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the most to the least serious."""


class Report(NamedTuple):
    """The result of a run."""

    findings: tuple[Finding, ...]
    """Those to show, in order."""
    suppressed: int
    """How many others an ignore comment or a per-file setting hides."""
    files: tuple[str, ...]
    """The paths that were read."""
    rules: tuple[str, ...]
    """The names of the rules that ran."""
    stops: Stops | None = None
    """How everything that runs is stopped, if asked for."""
    hidden: tuple[Hidden, ...] = ()
    """The findings not shown."""
    explained: tuple[RuleInfo, ...] = ()
    """The rules that ran with their pages, if asked for."""
    fail_on: Severity = "warning"
    """The least severity that makes the run fail."""
    failure: str = ""
    """Why the run broke off, a sentence; nothing else in the report is complete then."""
    fixed: tuple[Known, ...] = ()
    unchanged: int = 0
    understood: Understood | None = None
    """What was checked, and what could not be."""

    @property
    def baselined(self) -> int:
        """How many findings are not shown because the baseline lists them."""
        return sum(entry.by == "baseline" for entry in self.hidden)

    def fails(self, finding: Finding) -> bool:
        """Whether this finding makes the run fail."""
        return SEVERITIES.index(finding.severity or "error") <= SEVERITIES.index(self.fail_on)
