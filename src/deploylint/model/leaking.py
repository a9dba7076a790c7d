"""All secrets that building the deployment's images writes down, one entry a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.image import Leak
from deploylint.model.secrets import is_harmless_value, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.deployment import Deployment


def leaks_by_cause(deployment: Deployment) -> list[tuple[str, tuple[Leak, ...]]]:
    """Each leaking name with all its places, the one that weighs most first, under a stable identity.

    The same variable in several stages, and a build argument that a platform file fills in, are one cause.
    """
    causes: dict[tuple[str, str], dict[Leak, None]] = {}
    for owner, leak in _all(deployment):
        causes.setdefault((owner, leak.name), {})[leak] = None
    return [
        (f"{owner}:{name}", tuple(sorted(leaks, key=lambda leak: not leak.is_shipped))) for (owner, name), leaks in causes.items()
    ]


def _all(deployment: Deployment) -> Iterator[tuple[str, Leak]]:
    for image in deployment.images:
        if image.is_production:
            yield from ((image.path, leak) for leak in image.leaks)
    for app in deployment.apps:
        if app.elixir:
            yield from ((app.root, leak) for leak in app.elixir.leaks)
            for read in app.elixir.compile_time_reads:
                if read.is_secret:
                    yield app.root, Leak("read", read.variable, read.span, "the release", is_shipped=True)
    for unit in deployment.units:
        build = unit.workload.build if unit.workload and unit.workload.is_production else None
        for name, value, span in build.arguments if build else ():
            if is_secret_name(name) and value.content and not is_harmless_value(value.content):
                owner = unit.image.path if unit.image else span.path
                yield owner, Leak("arg", name, span, "build provenance and cache", is_shipped=False)
