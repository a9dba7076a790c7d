"""The server is stopped with a signal that makes it drop its work, though another makes it drain."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from ._wrong_signal import misdirected
from ._wrong_signal_texts import advice_of, label_of, notes_of

RULE = Rule(severity="error", fix="unsafe")

# What the signal makes the server do: the message, the label at the server, the consequence.
_TEXTS = {
    "quits": (
        "{work} are cut off: {server} quits on {signal}",
        "{server} quits at once on {signal}",
        "what is in flight is cut off on every deploy and scale-down, however long the platform waits",
    ),
    "ends workers": (
        "{work} are cut off: {signal} ends {server}'s {workers}",
        "{signal} ends {server}'s {workers}",
        "what they work on is cut off on every deploy and scale-down, however long the platform waits",
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
    for stop in misdirected(deployment):
        message, label, consequence = _TEXTS["ends workers" if stop.drain.workers else stop.effect]
        words = {
            "server": stop.drain.server, "signal": stop.sent.get(), "work": stop.drain.work, "workers": stop.drain.workers,
        }  # fmt: skip
        labels = {span: label.format_map({**words, "server": server}) for span, server in stop.servers.items()}
        edit, change = stop.edit, f"set `{stop.line}`" if stop.line else ""
        yield Finding(
            message.format(**words),
            primary=Label(stop.place, labels.pop(stop.place, "") or label_of(stop)),
            related=tuple(Label(span, text) for span, text in labels.items()),
            notes=tuple(notes_of(stop, consequence)),
            help="" if edit else change or advice_of(stop),
            fix=Fix(change, (edit,)) if edit else None,
            subject=stop.units[0].subject,
            also=tuple(unit.subject for unit in stop.units[1:]),
        )
