"""What a run would do and with what, in lines: --list-rules, --show-settings, --show-files, --show-model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.discovery.project import Project
    from deploylint.discovery.settings import Settings
    from deploylint.discovery.workspace import Workspace
    from deploylint.engine.rule import RuleFile


def settings(values: Settings, project: Project) -> Iterable[str]:
    """Every setting as TOML, each with its origin as a comment."""
    import json

    from deploylint.discovery.settings import located

    values = located(values)
    yield f"# project: {project.root}"
    yield f"# settings file: {values.file or 'none'}"
    if values.unused_file:
        yield f"# not used: [tool.deploylint] of {values.unused_file}, because deploylint.toml stands beside it"
    for name in (
        "select",
        "ignore",
        "fail_on",
        "exclude",
        "per_file_ignores",
        "require_suppression_reason",
        "secret_names",
        "baseline",
        "rules_dir",
        "pod_templates",
        "helm_values",
    ):
        value = getattr(values, name)
        shown = json.dumps(value, ensure_ascii=False)
        if name in ("per_file_ignores", "pod_templates", "helm_values"):
            pairs = (f"{json.dumps(key)} = {json.dumps(entry)}" for key, entry in value)
            shown = f"{{ {', '.join(pairs)} }}" if value else "{}"
        yield f"{name.replace('_', '-')} = {shown}  # {values.origins.get(name, 'default')}"
    yield from _options(values)
    for pin in values.link:
        pairs = (f'{key} = "{value}"' for key, value in zip(("workload", "image", "app"), pin[:3], strict=True) if value)
        yield f"[[link]] {{ {', '.join(pairs)} }}  # {values.origins.get('link', 'default')}"


def _options(values: Settings) -> Iterable[str]:
    """The severities that are set, and every option of every rule."""
    import json

    from deploylint.engine import registry

    known = registry.rules(values.rules_dir)
    by_user = {rule.name: rule for rule in values.rules}
    for name in known:
        rule = by_user.get(name)
        entries = {option.name: option.default for option in registry.options(name, values.rules_dir) or ()}
        severity = {"severity": rule.severity} if rule and rule.severity else {}
        for option, value in (severity | entries | dict(rule.options if rule else ())).items():
            key = f"rules.{name}.{option}"
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}  # {values.origins.get(key, 'default')}"


def files(workspace: Workspace, project: Project, settings: Settings) -> Iterable[str]:
    """Every file that is read: its kind, its path and what it gave; then what was seen and not read, or not understood."""
    from deploylint.engine.coverage import gives, understood
    from deploylint.engine.running import in_scope, linked
    from deploylint.output.layout import tidy

    deployment = linked(workspace, settings)
    gave = gives(deployment)
    kinds = {file.path: file.kind for file in workspace.files}
    read = {source.path for source in workspace.sources} | set(gave)
    known = understood(deployment, lambda path: in_scope(path, project.scope))
    lines = []
    for path in sorted(read | set(kinds)):
        if in_scope(path, project.scope) and (path in kinds or workspace.exists(path)):
            what = ", ".join(gave.get(path, ())) or _use(path, kinds, read)
            lines.append((kinds.get(path) or path.rpartition("/")[2].rpartition(".")[2], tidy(project.shown(path)), tidy(what)))
    margin = max((len(path) for _, path, _ in lines), default=0)
    yield from (f"{kind:<14} {path:<{min(margin, 60)}}  {what}" for kind, path, what in lines)
    if known.missing:
        yield ""
        yield "Not understood:"
        yield from (
            f"  {tidy(project.shown(missing.path))}: {tidy(missing.what)}: {tidy(missing.reason)}" for missing in known.missing
        )


def _use(path: str, kinds: dict[str, str], read: set[str]) -> str:
    """What a file that gave nothing of its own was read for."""
    from deploylint.model.purpose import is_production_path

    if path not in read:
        return "not read" if is_production_path(path) else "not read: never deploys (tests, examples, development)"
    return "no workload, image or app" if path in kinds else "read for others"


def model(workspace: Workspace, settings: Settings) -> Iterable[str]:
    """The linked deployment as JSON, without the contents that may be secrets: this text ends up in bug reports."""
    import json

    from deploylint.engine.masking import without_secrets
    from deploylint.engine.running import judged_as, linked
    from deploylint.output.model import document
    from deploylint.secrets.names import is_secret_name
    from deploylint.secrets.tokens import token_kind
    from deploylint.secrets.urls import url_password

    def is_secret(name: str, content: object) -> bool:
        return is_secret_name(name) or (isinstance(content, str) and bool(url_password(content) or token_kind(content)))

    with judged_as(settings):
        shown = document(linked(workspace, settings), is_secret)
        text = json.dumps(without_secrets(shown, workspace.sources), indent=2)
    yield from text.split("\n")


def rules(known: dict[str, RuleFile], only: str = "") -> Iterable[str]:
    """Rules by subject: name, highest severity, kind of fix, summary. `only`: those of one subject."""
    from deploylint.engine import registry

    subject = ""
    for file in (known_file for known_file in known.values() if only in ("", known_file.subject)):
        if file.subject != subject:
            yield from ([""] if subject else [])
            yield file.subject
            subject = file.subject
        rule = registry.load(file).rule
        default = "" if rule.is_default else " (only when selected)"
        yield f"  {file.name:<28} {rule.severity:<8} {rule.fix or '-':<7} {registry.summary_line(registry.page(file))}{default}"
