"""A secret becomes part of the image, of its history, or of what building it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from ._baked import is_certain, leaks_by_cause

RULE = Rule(severity="error", tags=("security", "external/cwe/cwe-798"), security_severity="7.5")

_SHOWN = 3
_MOUNT = "a build reads it with `RUN --mount=type=secret,id={id},env={name}`"
_REPLACE = "and replace the one that was committed"
# Kind of leak → the message's subject, the label at its place, and what to do instead.
_TEXTS = {
    "env": ("secret `{name}`", "{detail} in every container", f"set it where the container runs, {_REPLACE}"),
    "env-from-arg": (
        "secret `{name}`",
        "keeps the build argument's value",
        f"set it where the container runs; {_MOUNT}",
    ),
    "arg": ("secret `{name}`", "a build argument is not a secret", _MOUNT),
    "file": ("secret file `{name}`", "copies {detail}", "leave it out with .dockerignore and mount it where it is needed"),
    "named file": (
        "secret file `{name}`",
        "copies {detail}",
        "don't copy it: mount it where the container runs, or for one step with `RUN --mount=type=secret`",
    ),
    "env-file": ("env file `{name}`", "takes it along", "list it in .dockerignore: Compose hands its variables to the container"),
    "config-file": ("config file `{name}`", "copies {detail}", f"read it from a variable or a mounted file, {_REPLACE}"),
    "written": ("secret `{name}`", "written into a file", f"set it where the container runs; {_MOUNT}"),
    "password": ("the password of user `{name}`", "sets it", "set none: an image needs no login; an image with SSH takes keys"),
    "url": ("a password in a URL", "carries a password", f"mount the credentials as a secret, {_REPLACE}"),
    "token": ("a {detail}", "carries a {detail}", "revoke it, then mount the new one: `RUN --mount=type=secret,id=token`"),
    "cookie": ("the release cookie", "opens every node of the cluster", f"set RELEASE_COOKIE where the release runs, {_REPLACE}"),
    "config": ("secret `{name}`", "a literal, compiled in", f"read it with `System.fetch_env!` in runtime.exs, {_REPLACE}"),
    "read": ("secret `{name}`", "read once, while the release is built", "read it in config/runtime.exs, at boot"),
}
_CONSEQUENCES = {
    "the image's environment": "`docker inspect` shows it to everyone who can pull the image",
    "the image's history": "`docker history` shows it to everyone who can pull the image, even if a later step deletes it",
    "a layer of the image": "everyone who can pull the image can read it; a later `rm` leaves it in its layer",
    "the build cache": "it is not in the image, but whoever shares the build cache can read it",
    "the release": (
        "production runs with what the build had: nothing if it wasn't set there; if it was, everyone who can pull the image "
        "can read it"
    ),
    "the page's JavaScript": "a bundler writes a variable of this name into the script that every visitor downloads",
    "build provenance and cache": "it is not in the image, but provenance attestations and shared build caches carry it",
}
_ASKED = "keep it on the server, and give it only to those who may know it"
_OTHERWISE = "everyone who can pull the image can read it, and a new value needs a new build"


def check(deployment: Deployment) -> Iterator[Finding]:
    for subject, leaks in leaks_by_cause(deployment):
        leak, *others = leaks
        words = {"name": leak.name, "id": leak.name.lower(), "detail": leak.detail or "a literal"}
        kind = "named file" if leak.kind == "file" and leak.span.text.endswith(leak.name) else leak.kind
        who, label, advice = (text.format(**words) for text in _TEXTS[kind])
        related = [Label(span, text) for span, text in leak.related]
        known = {leak.span, *(leak_beside.span for leak_beside in related)}
        files = [f"`{name}`" for name in dict.fromkeys(other.name for other in others) if name != leak.name]
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        along = (f"copied along with it: {', '.join(files[:_SHOWN])}{more}",) if files else ()
        yield Finding(
            f"{who} {'is fixed at build time' if kind == 'read' else f'ends up in {leak.where}'}",
            primary=Label(leak.span, label),
            related=(*related, *(Label(other.span, "and here") for other in others if other.span not in known)),
            notes=(*along, _CONSEQUENCES.get(leak.where, _OTHERWISE)),
            help=_ASKED if leak.where == "the page's JavaScript" else advice,
            subject=subject,
            severity="error" if is_certain(leak) else "warning",
        )
