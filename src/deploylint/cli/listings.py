"""What a run would do and with what, in lines: --list-rules, --show-settings, --show-files, --show-model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.discovery.project import Project
    from deploylint.discovery.settings import Settings
    from deploylint.discovery.workspace import Workspace


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
        "baseline",
        "rules_dir",
        "pod_templates",
        "helm_values",
    ):
        value = getattr(values, name)
        shown = json.dumps(value, ensure_ascii=False)
        if name in ("per_file_ignores", "pod_templates", "helm_values"):
            pairs = (f"{json.dumps(key)} = {json.dumps(each)}" for key, each in value)
            shown = f"{{ {', '.join(pairs)} }}" if value else "{}"
        yield f"{name.replace('_', '-')} = {shown}  # {values.origins.get(name, 'default')}"
    for pin in values.link:
        pairs = (f'{key} = "{value}"' for key, value in zip(("workload", "image", "app"), pin[:3], strict=True) if value)
        yield f"[[link]] {{ {', '.join(pairs)} }}  # {values.origins.get('link', 'default')}"


def files(workspace: Workspace, project: Project) -> Iterable[str]:
    """The files that would be read, with their kinds."""
    from deploylint.engine.running import in_scope
    from deploylint.output.layout import tidy

    return (f"{file.kind:<14} {tidy(project.shown(file.path))}" for file in workspace.files if in_scope(file.path, project.scope))


def model(workspace: Workspace, settings: Settings) -> Iterable[str]:
    """The linked deployment as JSON, without the contents that may be secrets: this text ends up in bug reports."""
    import json

    from deploylint.engine.running import linked
    from deploylint.model.secrets import is_secret_name, token_kind, url_password
    from deploylint.output.model import document

    def is_secret(name: str, content: object) -> bool:
        return is_secret_name(name) or (isinstance(content, str) and bool(url_password(content) or token_kind(content)))

    yield from json.dumps(document(linked(workspace, settings), is_secret), indent=2).split("\n")


def rules(own: tuple[str, ...]) -> Iterable[str]:
    """All rules by subject: name, highest severity, kind of fix, summary. `own`: the folders of the user's."""
    from deploylint.engine import registry

    subject = ""
    for file in registry.rules(own).values():
        if file.subject != subject:
            yield from ([""] if subject else [])
            yield file.subject
            subject = file.subject
        rule = registry.load(file).rule
        default = "" if rule.is_default else " (only when selected)"
        yield f"  {file.name:<28} {rule.severity:<8} {rule.fix or '-':<7} {registry.summary_line(registry.page(file))}{default}"
