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
    """Edits that mend a finding. `is_safe` only if behaviour can't get worse."""

    description: str
    edits: tuple[Edit, ...]
    is_safe: bool = False


class Finding(NamedTuple):
    """One defect.

    `message`: at most 72 columns, lower case, no period; its subject is the thing that suffers. `primary`: where to look first.
    `related`: every other place that takes part. `notes`: the arithmetic, then what happens in production. `help`: what to
    write instead, imperative. `subject`: a stable identity that survives edits elsewhere (`Deployment/web:app`). `absent_from`:
    for a missing key, more spans at which an ignore comment counts. `rule` and `severity` default to the rule's own. `ordinal`
    counts, from 1, the findings of a run that have one identity.
    """

    message: str
    primary: Label
    related: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    fix: Fix | None = None
    subject: str = ""
    severity: Severity | None = None
    rule: str = ""
    summary: str = ""
    ordinal: int = 1
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
    """Something that users may set for a rule, under `[rules.<rule>]`.

    The type of `default` is that of the option; `help`: what it is, with its unit.
    """

    name: str
    default: OptionValue
    help: str


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
    """A rule's own facts, beside its page. `severity` is the highest it gives; `fix` what kind of fix it can offer.

    For services that file findings: `precision`, how rarely it is wrong; `tags`, beside its subject; `security_severity`, a CVSS
    score above 0.0, which makes a rule a security rule, so only for one about secrets.
    """

    severity: Severity
    fix: Literal["", "safe", "unsafe"] = ""
    is_default: bool = True
    after_suppression: bool = False
    """Runs last, on a deployment whose suppressions know what they suppressed."""
    precision: Literal["very-high", "high", "medium", "low"] = "high"
    tags: tuple[str, ...] = ()
    security_severity: str = ""
    options: tuple[Option, ...] = ()
    """What users may set. A rule that has any is called with them: `check(deployment, options)`."""


class RuleInfo(NamedTuple):
    """A rule that ran, for a report that explains it. `page` is its documentation, Markdown; `is_own`: a user's own rule, whose
    page has no address."""

    name: str
    subject: str
    rule: Rule
    page: str
    is_own: bool = False


class Hidden(NamedTuple):
    """A finding that is not shown: a comment, a setting or the baseline says so, with a `reason` if one is given."""

    finding: Finding
    by: Literal["comment", "setting", "baseline"]
    reason: str = ""


class NotUnderstood(NamedTuple):
    """Something that was seen and not, or not wholly, checked. `path`: relative to the project's root. `what`: what stands there
    ("file", "folder", "Deployment/web"). `reason`: one clause."""

    path: str
    what: str
    reason: str


class Understood(NamedTuple):
    """What a run checked: how many workloads, images and apps, and what it saw besides."""

    workloads: int
    images: int
    apps: int
    missing: tuple[NotUnderstood, ...]


class Known(NamedTuple):
    """A finding as a baseline lists it. `path` is where it was last seen, relative to the project's root."""

    rule: str
    path: str
    subject: str

    @property
    def identity(self) -> tuple[str, str]:
        """That of the findings it stands for."""
        return self.rule, self.subject or self.path


SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the most to the least serious."""


class Report(NamedTuple):
    """What a run says.

    `findings`: those to show, in order. `suppressed`: how many others an ignore comment or a per-file setting hides. `files`: the
    paths that were read. `rules`: the names of the rules that ran. `stops`: how everything that runs is stopped, if asked for.
    `hidden`: the findings not shown. `explained`: the rules that ran with their pages, if asked for. `fail_on`: the least
    severity that makes the run fail. `understood`: what was checked, and what could not be. `failure`: why the run broke off, a
    sentence; nothing else in the report is complete then.
    """

    findings: tuple[Finding, ...]
    suppressed: int
    files: tuple[str, ...]
    rules: tuple[str, ...]
    stops: Stops | None = None
    hidden: tuple[Hidden, ...] = ()
    explained: tuple[RuleInfo, ...] = ()
    fail_on: Severity = "warning"
    failure: str = ""
    fixed: tuple[Known, ...] = ()
    unchanged: int = 0
    understood: Understood | None = None

    @property
    def baselined(self) -> int:
        """How many findings are not shown because the baseline lists them."""
        return sum(entry.by == "baseline" for entry in self.hidden)

    def fails(self, finding: Finding) -> bool:
        """Whether this finding makes the run fail."""
        return SEVERITIES.index(finding.severity or "error") <= SEVERITIES.index(self.fail_on)
