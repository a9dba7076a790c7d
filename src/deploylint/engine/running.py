"""One run: the rules on one Deployment, their findings checked, hidden where asked, and ordered."""

from __future__ import annotations

from contextlib import nullcontext
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from deploylint.discovery.settings import nearest
from deploylint.engine.coverage import understood
from deploylint.engine.foreign import ForeignIgnores
from deploylint.engine.overlays import View, collapsed, views
from deploylint.engine.registry import page, rules, selected
from deploylint.engine.rule import Loaded, RuleError, RuleFile
from deploylint.engine.suppression import Applied, read
from deploylint.finding import SEVERITIES, Hidden, Report, RuleInfo
from deploylint.paths import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from deploylint.discovery.settings import Settings
    from deploylint.discovery.workspace import Workspace
    from deploylint.finding import Finding, Fix, Known
    from deploylint.model.deployment import Deployment
    from deploylint.text import Source


def linked(workspace: Workspace, settings: Settings, progress: Callable[[int, int], None] | None = None) -> Deployment:
    """The tree, read and linked as the settings say. `progress`: (done, total)."""
    from deploylint.linking import link

    renderer = None
    if settings.helm:
        from deploylint.platforms.helm import Helm

        renderer = Helm(settings.helm, settings.helm_values)
    return link(workspace, settings.link, progress, settings.pod_templates, renderer)


def judged_as(settings: Settings) -> AbstractContextManager[None]:
    """The context in which everything of a run takes the names that the settings add for those of secrets."""
    if not settings.secret_names:
        return nullcontext()
    from deploylint.secrets.names import further_names

    return further_names(settings.secret_names)


def run(
    workspace: Workspace,
    settings: Settings,
    scope: tuple[str, ...] = ("",),
    progress: Callable[[int, int], None] | None = None,
    with_stops: bool = False,
    with_pages: bool = False,
) -> Report:
    """Link the tree and check it. `scope`: the paths, relative to the root, whose findings count; `progress`: (done, total);
    `with_stops`: tell how everything in the scope is stopped, too; `with_pages`: explain the rules."""
    with judged_as(settings):
        return _run(workspace, settings, scope, progress, with_stops, with_pages)


def _run(
    workspace: Workspace,
    settings: Settings,
    scope: tuple[str, ...],
    progress: Callable[[int, int], None] | None,
    with_stops: bool,
    with_pages: bool,
) -> Report:
    chosen = selected(settings)
    deployment = linked(workspace, settings, progress)
    dockerfiles = frozenset(workspace.of_kind("dockerfile"))
    report = check(deployment, workspace.sources, chosen, settings, scope, dockerfiles)
    if report.findings or report.hidden:
        from deploylint.engine.masking import with_masks

        report = with_masks(report)
    if with_pages:
        report = report._replace(explained=tuple(_explained(chosen, settings)))
    if not with_stops:
        return report
    from deploylint.shutdown.timeline import stops

    return report._replace(stops=stops(deployment, lambda path: in_scope(path, scope)))


def _explained(chosen: Iterable[Loaded], settings: Settings) -> Iterator[RuleInfo]:
    """The rules with their pages, by name."""
    known = rules(settings.rules_dir)
    for loaded in sorted(chosen, key=lambda entry: entry.name):
        rule = loaded.rule._replace(severity=loaded.severity or loaded.rule.severity)
        yield RuleInfo(loaded.name, known[loaded.name].subject, rule, page(known[loaded.name]), loaded.own is not None)


def check(
    deployment: Deployment,
    sources: Iterable[Source],
    chosen: Iterable[Loaded],
    settings: Settings,
    scope: tuple[str, ...] = ("",),
    dockerfiles: frozenset[str] = frozenset(),
) -> Report:
    """Run rules on a deployment.

    `sources`: the files whose ignore comments count. `scope`: a finding counts if any place of it is in one of these paths.
    `dockerfiles`: the paths among them that are Dockerfiles.
    """
    sources = tuple(sources)
    chosen = sorted(chosen, key=lambda loaded: loaded.rule.after_suppression)
    known = rules(settings.rules_dir)
    suppressions = read(
        ((source, source.path in dockerfiles) for source in sources),
        known,
        lambda name: nearest(name, known),
        settings.require_suppression_reason,
    )
    applied = Applied(suppressions)
    ran = frozenset(loaded.name for loaded in chosen if not loaded.rule.after_suppression)
    deployment = deployment._replace(suppressions=suppressions)
    seen = views(deployment)
    per_file = _PerFile(settings.per_file_ignores, known)
    foreign = ForeignIgnores(dockerfiles)
    shown: dict[Finding, None] = {}  # a set that keeps order: exact duplicates go
    hidden: dict[Finding, Hidden] = {}
    for loaded in chosen:
        if loaded.rule.after_suppression:
            deployment = deployment._replace(suppressions=applied.judged(ran, shown, dockerfiles))
        for finding in _merged(loaded, (View(deployment),) if loaded.rule.after_suppression else seen, deployment):
            # All are asked: a comment is in use even where a setting hides the finding as well, or nobody asked for it.
            comment = applied.hiding(finding)
            is_hidden = per_file.hides(finding) or comment is not None
            if not _is_within(finding, scope):
                continue
            if is_hidden:
                hidden[finding] = Hidden(finding, "comment", comment.reason) if comment else Hidden(finding, "setting")
            elif accepted := foreign.hiding(finding):
                hidden[finding] = Hidden(finding, "comment", accepted)
            else:
                shown[finding] = None
    if shown and len(shown) + len(hidden) > 1:
        shown = _without_repeats(shown, hidden, deployment)
    ordinals = _ordinals((*shown, *hidden))
    return Report(
        findings=tuple(finding._replace(ordinal=ordinals[finding]) for finding in sorted(shown, key=_order)),
        suppressed=len(hidden),
        files=tuple(source.path for source in sources if in_scope(source.path, scope)),
        rules=tuple(sorted(loaded.name for loaded in chosen)),
        hidden=tuple(
            entry._replace(finding=finding._replace(ordinal=ordinals[finding]))
            for finding, entry in sorted(hidden.items(), key=lambda item: _order(item[0]))
        ),
        fail_on=settings.fail_on,
        understood=understood(deployment, lambda path: in_scope(path, scope)),
    )


def _without_repeats(shown: dict[Finding, None], hidden: dict[Finding, Hidden], deployment: Deployment) -> dict[Finding, None]:
    """What is shown, one finding a cause; what repeats a hidden finding, or can't be true beside it, is hidden with it."""
    from deploylint.engine.copies import copies, image_names, named
    from deploylint.engine.merging import excluded, one_a_place, with_excluded

    taken_over: dict[Finding, list[Finding]] = {}
    for finding, stronger in excluded((*shown, *hidden)).items():
        if shown.pop(finding, finding) is None and stronger in hidden:
            hidden[finding] = hidden[stronger]._replace(finding=finding)
        elif finding not in hidden:
            taken_over.setdefault(stronger, []).append(finding)
    shown = dict.fromkeys(one_a_place(with_excluded(finding, taken_over.get(finding, ())) for finding in shown))
    repeats: dict[Finding, list[Finding]] = {}
    for finding, origin in copies(sorted((*shown, *hidden), key=_order), image_names(deployment.units)).items():
        repeats.setdefault(origin, []).append(finding)
        if shown.pop(finding, finding) is None and origin in hidden:
            hidden[finding] = hidden[origin]._replace(finding=finding)
    return {named(finding, repeats[finding]) if finding in repeats else finding: None for finding in shown}


def _is_within(finding: Finding, scope: tuple[str, ...]) -> bool:
    """Whether a finding has a place in a scope, or is about what an overlay there deploys."""
    if any(in_scope(label.span.path, scope) for label in (finding.primary, *finding.related)):
        return True
    named = {dirname(path) for path in scope if basename(path).lower().startswith("kustomization")}
    return any(in_scope(overlay, scope) or overlay in named for overlay in finding.overlays)


def in_scope(path: str, scope: tuple[str, ...]) -> bool:
    """Whether a path is one of the scope's, or below one; '' is the root."""
    return any(within(path, wanted) for wanted in scope)


def judges(report: Report, settings: Settings, scope: tuple[str, ...]) -> Callable[[Known], bool]:
    """Whether a run that gave this report would have found a finding of a baseline: its rule ran, or is no rule any more."""
    others = rules(settings.rules_dir).keys() - set(report.rules)
    return lambda known: known.rule not in others and in_scope(known.path, scope)


def _merged(loaded: Loaded, seen: tuple[View, ...], deployment: Deployment) -> Iterator[Finding]:
    """What one rule says of everything that is deployed together."""
    if len(seen) == 1 and seen[0].overlay is None:
        return _findings(loaded, seen[0].deployment)
    return collapsed(deployment, ((view.overlay, _findings(loaded, view.deployment)) for view in seen))


def _findings(loaded: Loaded, deployment: Deployment) -> Iterator[Finding]:
    """What one rule says, complete and checked."""
    try:
        for finding in loaded.check(deployment):
            severity = finding.severity or loaded.rule.severity
            finding = finding._replace(rule=loaded.name, severity=severity, fix=_exact(finding.fix))
            _validate(finding, loaded)
            yield finding._replace(severity=loaded.severity) if loaded.severity else finding
    except (Exception, SystemExit) as error:
        if loaded.own:
            from deploylint.engine.own_rules import broken

            raise broken(loaded.own, error) from error
        if isinstance(error, RuleError):
            raise
        raise RuleError(loaded.name, f"{type(error).__name__}: {error}") from error


def _exact(fix: Fix | None) -> Fix | None:
    """A fix, unless it would write what a template gives today over the template."""
    return fix if fix and not any("{{" in edit.span.text for edit in fix.edits) else None


def _validate(finding: Finding, loaded: Loaded) -> None:
    """Refuse a finding that a reader could not trust: a span outside its file, a severity its rule doesn't announce."""
    spans = [finding.primary.span, *(label.span for label in finding.related)]
    spans += (edit.span for edit in (finding.fix.edits if finding.fix else ()))
    for span in spans:
        if not 0 <= span.start <= span.end <= len(span.source.text):
            raise RuleError(loaded.name, f"a span from {span.start} to {span.end} is outside {span.path}")
    severity = finding.severity
    if severity not in SEVERITIES or SEVERITIES.index(severity) < SEVERITIES.index(loaded.rule.severity):
        raise RuleError(loaded.name, f"severity {severity} is above its rule's {loaded.rule.severity}")
    if not finding.message:
        raise RuleError(loaded.name, "a finding without a message")


def _ordinals(findings: Iterable[Finding]) -> dict[Finding, int]:
    """The how manyth of its identity each finding is. All count, so that hiding one leaves the others what they are."""
    counts: dict[tuple[str, str], int] = {}
    ordinals = {}
    for finding in sorted(findings, key=_order):
        ordinals[finding] = counts[finding.identity] = counts.get(finding.identity, 0) + 1
    return ordinals


def _order(finding: Finding) -> tuple[str, int, int, int, str, str]:
    span = finding.primary.span
    return (span.path, span.line, SEVERITIES.index(finding.severity or "error"), span.column, finding.rule, finding.message)


class _PerFile:
    """The setting per-file-ignores, by the file of a finding's primary place."""

    def __init__(self, patterns: tuple[tuple[str, tuple[str, ...]], ...], known: dict[str, RuleFile]) -> None:
        self._specs = []
        self._subjects: dict[str, str] = {}
        if patterns:
            from deploylint.discovery.gitignore import Patterns

            self._specs = [(Patterns([pattern]), frozenset(ignored)) for pattern, ignored in patterns]
            self._subjects = {name: rule.subject for name, rule in known.items()}

    def hides(self, finding: Finding) -> bool:
        """Whether a pattern that matches the file ignores the finding's rule or subject."""
        return any(
            not ignored.isdisjoint((finding.rule, self._subjects.get(finding.rule, "")))
            and spec.verdict(finding.primary.span.path)
            for spec, ignored in self._specs
        )
