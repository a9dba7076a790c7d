"""A setting of the stop does nothing, or something other than it looks like."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule, Severity
from deploylint.model.deployment import Deployment
from ._lost_work import ineffective

RULE = Rule(severity="error", fix="unsafe", precision="very-high", tags=("reliability",))

# Effect → severity, the message, what comes of it in production.
_TEXTS: dict[str, tuple[Severity, str, str]] = {
    "refused": ("error", "deploy is refused for its `{}`", "nothing is deployed until this is mended"),
    "ignored": ("warning", "`{}` has no effect", "the app is stopped as if it were not there"),
    "may be ignored": ("warning", "`{}` may have no effect", "the app is then stopped as if it were not there"),
    "cut": ("warning", "`{}` is not granted in full", "SIGKILL comes earlier than this says: what still runs is cut off"),
    "may be cut": ("warning", "`{}` may not be granted in full", "SIGKILL may come earlier than this says, and nobody is told"),
    "misread": ("warning", "`{}` is in another unit than it seems", "it does not limit what it seems to limit"),
    "elsewhere": ("note", "`{}` gives the app no time to stop", "it is for requests in front of the app, not for the app"),
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for setting, subject in ineffective(deployment):
        severity, message, consequence = _TEXTS[setting.effect]
        yield Finding(
            message.format(setting.setting),
            primary=Label(setting.span, setting.why),
            notes=(setting.note or consequence,),
            help="" if setting.edit else setting.help,
            fix=Fix(setting.help, (setting.edit,), is_safe=setting.effect == "refused") if setting.edit else None,
            subject=f"{subject}:{setting.setting}",
            severity=severity,
        )
