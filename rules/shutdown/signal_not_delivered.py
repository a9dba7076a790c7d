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
    for stop in undelivered(deployment):
        edits = stop.edits
        how = "with `exec`" if any(edit.replacement == "exec " for edit in edits) else "without a shell"
        yield Finding(
            _MESSAGES.get(stop.delivery.outcome, "app never gets the stop signal"),
            primary=Label(stop.place, _label(stop)),
            related=tuple(Label(hop.span, hop.label) for hop in stop.hops),
            notes=tuple(_notes(stop)),
            help=_advice(stop) if not edits or stop.is_script else "",
            fix=Fix(f"start the app {how}", edits) if edits else None,
            subject=stop.units[0].subject,
            severity=stop.severity,
        )


def _label(stop: Undelivered) -> str:
    if stop.delivery.launcher:
        return stop.delivery.launcher.why or f"`{stop.wrapper.name}` starts it through `sh`"
    if stop.runner:
        return f"{stop.runner.name} signals `sh`, not the app"
    if stop.delivery.outcome == "depends":
        return "runs below a shell that may stay"
    missing = "no `exec`: " if stop.wrapper.kind == "script" else ""
    return _SHELL_LABELS.get(stop.wrapper.next_command.form, f"{missing}the shell stays in front of it")


def _notes(stop: Undelivered) -> Iterator[str]:
    signal, left = stop.signal or "the stop signal", stop.window.left if stop.window else None
    who = f"`{stop.wrapper.name}`" if stop.delivery.launcher else "the shell"
    if stop.delivery.outcome == "depends":
        yield f"whether `{stop.wrapper.name}` stays in front depends on the image: Debian's does, Alpine's does not"
    elif stop.delivery.outcome == "hangs":
        way = f"is process 1 and takes no notice of {signal}" if stop.delivery.is_first else f"keeps {signal} to itself"
        kill = "the platform sends SIGKILL" if left is None else f"SIGKILL after {spoken(left)}{stop.owner}"
        yield f"{who} {way}: nothing happens until {kill}"
        yield "every deploy and scale-down waits that long, and then cuts off what still runs"
    elif stop.delivery.outcome == "cut":
        yield f"{who} ends on {signal}, and the container with it: SIGKILL follows at once, whatever time the platform grants"
        yield "what is in flight is cut off on every deploy and scale-down"
    else:
        yield "what is in flight is cut off on every deploy and scale-down: at once or when the time is up"
    if len(stop.workloads) > 1:
        yield f"{len(stop.workloads)} workloads start with it: {', '.join(stop.workloads)}"


def _advice(stop: Undelivered) -> str:
    if stop.runner is None:
        return _ADVICE.get(stop.wrapper.next_command.form, "start the app with `exec`")
    start = f"start `{stop.process.line}` itself, without {stop.runner.name} in front"
    return f"or {start}" if stop.edits else start
