"""The server is stopped with a signal that makes it drop its work, though another makes it drain."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from ._wrong_signal import Misdirected, misdirected

RULE = Rule(severity="error", fix="unsafe")

# What the signal makes the server do: the message, the label at the server, the consequence.
_TEXTS = {
    "quits": (
        "{work} are cut off: {server} quits on {signal}",
        "{server} quits at once on {signal}",
        "what is in flight is cut off on every deploy and scale-down, however long the platform waits",
    ),
    "ignores": (
        "{work} are cut off: {server} ignores {signal}",
        "{server} takes no notice of {signal}",
        "every deploy and scale-down waits for SIGKILL, which then cuts off what still runs",
    ),
    "restarts": (
        "{work} are cut off: {server} restarts on {signal}",
        "{signal} makes {server} restart",
        "what is in flight is cut off, and what the new workers take up is cut off by SIGKILL",
    ),
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for each in misdirected(deployment):
        message, label, consequence = _TEXTS[each.effect]
        words = {"server": each.drain.server, "signal": each.sent.get(), "work": each.drain.work}
        labels = {span: label.format(server=server, signal=each.sent.get()) for span, server in each.servers.items()}
        edit, change = each.edit, f"set `{each.line}`" if each.line else ""
        yield Finding(
            message.format(**words),
            primary=Label(each.place, labels.pop(each.place, "") or _label(each)),
            related=tuple(Label(span, text) for span, text in labels.items()),
            notes=tuple(_notes(each, consequence)),
            help="" if edit else change or _advice(each),
            fix=Fix(change, (edit,)) if edit else None,
            subject=each.units[0].subject,
            also=tuple(unit.subject for unit in each.units[1:]),
        )


def _label(each: Misdirected) -> str:
    if each.sent.is_known:
        return f"{each.sent.content} is what stops it"
    if each.sent.origin.endswith(" image"):
        return f"this image stops on {each.sent.content}"
    return f"no `{each.setting}`: {each.sent.content} stops it"


def _notes(each: Misdirected, consequence: str) -> Iterator[str]:
    owner = f" ({each.sent.origin})" if each.sent.is_default else ""
    yield f"{each.sent.content}{owner} is sent, but {each.drain.server} finishes what runs only on {each.right}"
    if each.hits_all:
        yield f"every process gets {each.sent.content} there, those that {each.drain.server} waits for too"
    yield consequence
    if len(each.workloads) > 1:
        yield f"{len(each.workloads)} workloads are stopped so: {', '.join(each.workloads)}"


def _advice(each: Misdirected) -> str:
    platform = each.units[0].workload and each.units[0].workload.platform.title
    start = f"start it with `{each.rewriting}`, which turns {each.sent.content} into {each.right}"
    return f"{start}: {platform} can't send another" if platform else start
