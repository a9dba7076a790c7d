"""The stop signal ends before it gets to the app, so that no drain ever starts."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.drain import spoken
from ._undelivered import Undelivered, undelivered

RULE = Rule(severity="error", fix="unsafe")

_MESSAGES = {"cut": "app is killed at once when it is told to stop", "depends": "app may never get the stop signal"}
_SHELL_LABELS = {
    "list": "the shell stays: more comes after it",
    "pipeline": "the shell waits for the whole pipeline",
    "background": "the shell waits, and passes nothing on",
}
_ADVICE = {
    "list": "start the app last, with `exec`: then nothing can come after it",
    "pipeline": "let the platform collect the output, without a pipe, and start the app with `exec`",
    "background": "start the app in the foreground with `exec`, or hand the signal on: `trap 'kill $pid; wait $pid' TERM`",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for each in undelivered(deployment):
        edits = each.edits
        how = "with `exec`" if any(edit.replacement == "exec " for edit in edits) else "without a shell"
        yield Finding(
            _MESSAGES.get(each.found.outcome, "app never gets the stop signal"),
            primary=Label(each.place, _label(each)),
            related=tuple(Label(hop.span, hop.label) for hop in each.hops),
            notes=tuple(_notes(each)),
            help=_advice(each) if not edits or each.is_script else "",
            fix=Fix(f"start the app {how}", edits) if edits else None,
            subject=each.units[0].subject,
            severity=each.severity,
        )


def _label(each: Undelivered) -> str:
    if each.found.launcher:
        return each.found.launcher.why or f"`{each.wrapper.name}` starts it through `sh`"
    if each.runner:
        return f"{each.runner.name} signals `sh`, not the app"
    if each.found.outcome == "depends":
        return "runs below a shell that may stay"
    missing = "no `exec`: " if each.wrapper.kind == "script" else ""
    return _SHELL_LABELS.get(each.wrapper.next_command.form, f"{missing}the shell stays in front of it")


def _notes(each: Undelivered) -> Iterator[str]:
    signal, left = each.signal or "the stop signal", each.window.left if each.window else None
    who = f"`{each.wrapper.name}`" if each.found.launcher else "the shell"
    if each.found.outcome == "depends":
        yield f"whether `{each.wrapper.name}` stays in front depends on the image: Debian's does, Alpine's does not"
    elif each.found.outcome == "hangs":
        way = f"is process 1 and takes no notice of {signal}" if each.found.is_first else f"keeps {signal} to itself"
        kill = "the platform sends SIGKILL" if left is None else f"SIGKILL after {spoken(left)}{each.owner}"
        yield f"{who} {way}: nothing happens until {kill}"
        yield "every deploy and scale-down waits that long, and then cuts off what still runs"
    elif each.found.outcome == "cut":
        yield f"{who} ends on {signal}, and the container with it: SIGKILL follows at once, whatever time the platform grants"
        yield "what is in flight is cut off on every deploy and scale-down"
    else:
        yield "what is in flight is cut off on every deploy and scale-down: at once or when the time is up"
    if len(each.workloads) > 1:
        yield f"{len(each.workloads)} workloads start with it: {', '.join(each.workloads)}"


def _advice(each: Undelivered) -> str:
    if each.runner is None:
        return _ADVICE.get(each.wrapper.next_command.form, "start the app with `exec`")
    start = f"start `{each.process.line}` itself, without {each.runner.name} in front"
    return f"or {start}" if each.edits else start
