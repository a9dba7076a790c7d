"""What differs from one environment to the next is fixed while the image is built."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from ._frozen import frozen

RULE = Rule(severity="warning")

_LATER = "setting it where the release runs changes nothing, until the next build"
_MEANT = "each environment needs an image of its own, and what was tested is not what is deployed"
_REFUSED = "a release compares the two when it boots, and refuses to start if they differ"
_UNSET = {
    "nothing": "every environment runs with what the build had: nothing, if it wasn't set there",
    "a fallback": "every environment runs with what the build had: the fallback, if it wasn't set there",
    "no build": "every environment runs with what the build had, and without it the build fails",
    "never": "every environment runs with what the Dockerfile gives the build, whatever is set where it runs",
}
# Kind → the message, the label, what comes of it (empty: `_UNSET` says it), and what to do instead.
_TEXTS = {
    "config": ("`{name}` is fixed while the release is built", "read once, by the build", "", "read it in config/runtime.exs"),
    "attribute": (
        "`{name}` is fixed while the release is built",
        "a module attribute is compiled in",
        "",
        "read it in config/runtime.exs, and here with `Application.fetch_env!` inside a function",
    ),
    "template": (
        "`{name}` is fixed while the release is built",
        "filled in by the build",
        "",
        "write `${name}`: the shell reads it when the release starts",
    ),
    "key": (
        "`{name}` is compiled in, but set again at boot",
        "compiled in",
        _LATER,
        "read it with `Application.fetch_env!` inside a function, or set it in config.exs only",
    ),
    "phoenix": (
        "`{name}` is compiled in, but set at boot",
        "Phoenix has compiled it in by then",
        _LATER,
        "set it in config/prod.exs",
    ),
    "runtime": (
        "release is built without `{name}`",
        "builds a release that never reads it",
        "what it sets at boot (the database, the host, the keys) is not set at all",
        "add `COPY {name} {folder}/` before this step",
    ),
    "bundle": (
        "`{name}` is fixed while the image is built",
        "goes into the JavaScript of the page",
        _MEANT,
        "let the server hand it to the page at run time, or use a path of the page's own host",
    ),
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for setting in frozen(deployment):
        message, label, consequence, advice = _TEXTS[setting.kind]
        yield Finding(
            message.replace("{name}", setting.name),
            primary=Label(setting.span.first_line, label),
            related=tuple(Label(span.first_line, text) for span, text in setting.related),
            notes=(_REFUSED if setting.is_checked else _MEANT if setting.is_meant else consequence or _UNSET[setting.unset],),
            help=advice.replace("{name}", setting.name).replace("{folder}", dirname(setting.name)),
            subject=f"{setting.owner}:{setting.name}",
            severity="note" if setting.is_meant else "warning",
        )
