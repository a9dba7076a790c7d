"""One cause, one finding: findings that are one mistake, or that can't both be true, become one.

docs/merging.md tells users these rules, in this order:

1. Two findings about the same workload that exclude each other (`_EXCLUSIVE`): the first names what happens as written, the
   second what would happen once that is mended. The first stays and takes over the second's arithmetic, places and advice.
2. Findings of one rule with the same main place (a shared stage, a script, a setting or its default that several workloads take)
   are one cause. The most serious stays, the earlier of two alike, and names the others.
3. Copies in other files: `copies`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from deploylint.engine.overlays import listed
from deploylint.finding import SEVERITIES, Fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deploylint.finding import Finding, Label
    from deploylint.text import Edit, Span

_EXCLUSIVE = (("wrong-stop-signal", "grace-shorter-than-drain"),)
"""Pairs of rules: a server that quits at once on the signal is not killed while it drains."""
_MAX_PLACES = 9
"""How many related places a merged finding shows; beyond that it only names what they belong to."""


def excluded(findings: Iterable[Finding]) -> dict[Finding, Finding]:
    """The findings that can't be true beside another one, each with that other."""
    causes: dict[Finding, Finding] = {}
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for first, second in _EXCLUSIVE:
        stronger = {subject: finding for finding in by_rule.get(first, ()) for subject in (finding.subject, *finding.also)}
        causes.update((finding, stronger[finding.subject]) for finding in by_rule.get(second, ()) if finding.subject in stronger)
    return causes


def with_excluded(finding: Finding, others: Sequence[Finding]) -> Finding:
    """A finding that takes over what others add to it: the places of all, the arithmetic and the advice of the first."""
    if not others:
        return finding
    first = others[0]
    advice = first.fix.description if first.fix else first.help.partition(", or ")[0]
    fix = _both(finding.fix, first.fix)
    return finding._replace(
        related=_together(finding, [label for other in others for label in (other.primary, *other.related)]),
        notes=(*finding.notes, *(f"once it drains, the time is too short as well: {note}" for note in first.notes[:1])),
        help=finding.help if fix is not finding.fix else _joined(finding.help, f"also {advice}"),
        fix=fix,
    )


def one_a_place(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, those of one rule with the same main place as one."""
    places: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        places.setdefault((finding.rule, finding.primary, finding.overlays), []).append(finding)
    return [_merged(group) if len(group) > 1 else group[0] for group in places.values()]


def _merged(group: list[Finding]) -> Finding:
    first, *others = sorted(group, key=lambda finding: SEVERITIES.index(finding.severity or "error"))
    messages = dict.fromkeys(finding.message for finding in others if finding.message != first.message)
    subjects = dict.fromkeys(finding.subject for finding in others if finding.subject not in ("", first.subject))
    notes = [*first.notes, *(f"also: {message}" for message in messages)]
    if subjects and not messages:
        notes.append(f"the same holds for {listed(_short(subject, first.primary.span.path) for subject in subjects)}")
    related = _together(first, [label for finding in others for label in finding.related])
    return first._replace(notes=tuple(notes), related=related, also=(*first.also, *subjects))


def _short(subject: str, path: str) -> str:
    """What a subject is called beside its file."""
    return subject.removeprefix(f"{path}:")


def _together(finding: Finding, labels: Iterable[Label]) -> tuple[Label, ...]:
    """The related places of a finding and others, each place once."""
    places: dict[Span, Label] = {label.span: label for label in finding.related}
    for label in labels:
        if label.span != finding.primary.span and len(places) < _MAX_PLACES:
            places.setdefault(label.span, label)
    return tuple(places.values())


def _both(fix: Fix | None, other: Fix | None) -> Fix | None:
    """A fix that does both, where their edits don't overlap."""
    if fix is None or other is None:
        return fix
    edits: dict[Span, Edit] = {}
    for edit in (*fix.edits, *other.edits):
        before = edits.get(edit.span)
        if before is None:
            edits[edit.span] = edit
        elif edit.span.start != edit.span.end:
            return fix
        else:  # two lines inserted at one place
            edits[edit.span] = before._replace(replacement=before.replacement + edit.replacement)
    ordered = sorted(edits, key=lambda span: (span.path, span.start))
    if any(one.source is two.source and two.start < one.end for one, two in pairwise(ordered)):
        return fix
    return Fix(f"{fix.description} and {other.description}", tuple(edits.values()), fix.is_safe and other.is_safe)


def _joined(help_: str, more: str) -> str:
    return f"{help_}; {more}" if help_ else more
