"""A setting that looks as if it did something, and that its platform does not know."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment, Unit
from deploylint.model.image import Stage
from deploylint.model.workload import UnknownSetting

RULE = Rule(severity="error", fix="unsafe", precision="very-high", tags=("reliability",))


def check(deployment: Deployment) -> Iterator[Finding]:
    seen = set()
    for unit in deployment.units:
        workload = unit.workload
        for setting in workload.unknown_settings if workload and workload.is_production else ():
            if workload and setting.span not in seen:
                seen.add(setting.span)
                yield _finding(unit, setting, workload.platform.title)


def _finding(unit: Unit, setting: UnknownSetting, platform: str) -> Finding:
    where = f"in `[{setting.section}]`" if setting.section else "at the top of the file"
    skipped = _skipped_stages(unit, setting)
    related = [Label(stage.span, text) for stage, text in zip(skipped, ("is meant to ship", "ships"), strict=False)]
    advice = _advice(setting)
    return Finding(
        f"`{setting.name}` has no effect",
        primary=Label(setting.span, f"{platform} knows no `{setting.name}` {where}"),
        related=tuple(related),
        notes=(
            "without a target, the Dockerfile's last stage is built and shipped" if skipped else "it is passed over silently",
        ),
        help="" if setting.edit else advice,
        fix=Fix(advice, (setting.edit,)) if setting.edit else None,
        subject=f"{setting.span.path}:{setting.section}.{setting.name}",
        severity="error" if skipped else "warning",
    )


def _skipped_stages(unit: Unit, setting: UnknownSetting) -> tuple[Stage, ...]:
    """The stage that a misspelled build target means, and the last one, which ships instead; empty if these are not two."""
    if setting.meant != "build-target" or unit.image is None:
        return ()
    last = unit.image.stages[-1]
    meant = next((stage for stage in unit.image.stages if setting.text.lower() in (stage.name, str(stage.number))), last)
    return (meant, last) if meant is not last else ()


def _advice(setting: UnknownSetting) -> str:
    if setting.meant:
        return f"write `{setting.meant}`"
    if setting.homes:
        homes = (f"`[{home}]`" if home else "the top of the file" for home in setting.homes[:3])
        return f"move it to {' or '.join(homes)}"
    return "remove it, or set what it is meant to set; `fly config validate --strict` lists such keys"
