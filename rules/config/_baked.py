"""All secrets that building the deployment's images writes down, one entry a cause.

Facts: docs/facts/secrets.md#severity-of-a-secret-in-an-image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.model.image import Leak
from deploylint.secrets.judge import is_sample, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.image import Image
    from deploylint.secrets.judge import Verdict
    from deploylint.text import Span


def leaks_by_cause(deployment: Deployment) -> list[tuple[str, tuple[Leak, ...]]]:
    """Each leaking name with all its places, the one that weighs most first, under a stable identity.

    The same variable in several stages, a build argument that a platform file fills in, and the secret files that one COPY takes
    along with their folder are one cause.
    """
    causes: dict[tuple[str, str], dict[Leak, None]] = {}
    copied: dict[Span, tuple[str, str]] = {}
    for owner, leak in _all(deployment):
        key = copied.setdefault(leak.span, (owner, leak.name)) if leak.kind in ("file", "config-file") else (owner, leak.name)
        causes.setdefault(key, {})[leak] = None
    return [
        (f"{owner}:{name}", tuple(sorted(leaks, key=lambda leak: not leak.is_shipped))) for (owner, name), leaks in causes.items()
    ]


def _all(deployment: Deployment) -> Iterator[tuple[str, Leak]]:
    for image in deployment.images:
        if image.is_production:
            yield from ((image.path, leak) for leak in image.build.leaks)
    for app in deployment.apps:
        if app.elixir:
            yield from ((app.root, leak) for leak in app.elixir.leaks)
            for read in app.elixir.compile_time_reads:
                if read.is_secret:
                    yield app.root, Leak("read", read.variable, read.span, "the release", is_shipped=True)
    for unit in deployment.units:
        if unit.image and unit.image.is_production:
            yield from ((unit.image.path, leak) for leak in _started_with(unit, unit.image))
        build = unit.workload.build if unit.workload and unit.workload.is_production else None
        for name, value, span in build.arguments if build else ():
            if value.content and _written(name, value.content, span):
                owner = unit.image.path if unit.image else span.path
                yield owner, Leak("arg", name, span, "build provenance and cache", is_shipped=False)


def _started_with(unit: Unit, image: Image) -> Iterator[Leak]:
    """Secrets that the image's own start command, or a script in it, sets for what it starts."""
    platform_file = unit.workload.source.path if unit.workload else ""
    for process in unit.processes:
        for name, value in process.environment:
            if not value.is_known or not value.span or value.span.path == platform_file:
                continue
            text = value.content or ""
            verdict = _written(name, text, value.span)
            at = value.span.source.text.rfind(name, 0, value.span.start)
            if at >= 0 and verdict and text in value.span.text and "${" not in value.span.text:
                kind: Literal["cookie", "env"] = "cookie" if name == "RELEASE_COOKIE" else "env"
                detail = "default credential" if verdict.kind == "default" else ""
                where = "the image's start command" if value.span.path == image.path else "a layer of the image"
                yield Leak(kind, name, value.span.source.span(at, at + len(name)), where, True, detail=detail)


def _written(name: str, text: str, span: Span) -> Verdict | None:
    """The secret that is written here; None for a value that asks to be replaced, or a URL's well-known password."""
    verdict = judge(name, text)
    if verdict is None or verdict.is_placeholder or (verdict.kind == "default" and "://" in text) or is_sample(span):
        return None
    return verdict


def is_certain(leak: Leak) -> bool:
    """Whether the image surely holds it: not what is passed in from outside, or only left behind by the build."""
    if leak.kind in ("url", "token"):
        return leak.detail != "argument"
    if leak.kind == "password":
        return leak.detail != "default credential"
    return (
        leak.kind in ("env", "env-from-arg", "file", "config-file", "written")
        and leak.is_shipped
        and leak.detail != "default credential"
    )
