"""All that is fixed while an image is built although it may differ from one environment to the next, one entry a cause.

Facts: docs/facts/secrets.md#elixir-build-time-and-boot, docs/facts/secrets.md#javascript-bundles.
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.model.deployment import units_by_image
from deploylint.paths import below, matches
from deploylint.record import NamedTuple
from deploylint.secrets.names import is_bundled, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import CompileTimeRead, ElixirFacts
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.image import BuildVariable, Copy, Image
    from deploylint.model.value import Value
    from deploylint.text import Span


class Frozen(NamedTuple):
    """Something that is fixed too early."""

    kind: Literal["config", "attribute", "template", "key", "phoenix", "runtime", "bundle"]
    """`config`, `attribute`, `template` a variable read while a release is built · `key` a setting that is compiled in and set
    again at boot · `phoenix` one that Phoenix compiles in · `runtime` a release built without the file that is evaluated at boot
    · `bundle` a URL written into the JavaScript of a page."""
    name: str
    """The variable, setting or file."""
    owner: str
    span: Span
    related: tuple[tuple[Span, str], ...] = ()
    """The other places that make it so."""
    is_meant: bool = False
    """The build takes it as an argument on purpose."""
    is_checked: bool = False
    """The release refuses to boot if it is set to something else."""
    unset: Literal["nothing", "a fallback", "no build", "never"] = "nothing"
    """What comes of a variable that the build doesn't have."""


_SAME = regex(
    r"""(?ix)
    CI | HOME | PATH | USER | PWD | LANG | TERM | TAG | NODE_PATH | NODE_ENV | SOURCE_DATE_EPOCH
    | (?: CI | GITHUB | GITLAB | MIX | HEX | REBAR | ELIXIR | ERL | RUSTLER | CARGO | BUILD | DOCKER | HEROKU )_ .*
    | (?: .*_ )? (?: SHA\d* | COMMIT | REVISION | REV | VERSION | VSN | RELEASE | BRANCH | BUILD | PRECOMPILED | FORCE_BUILD )
    | .* (?: _SHA | _COMMIT | GIT_ .* )
    """
)
"""What is about the build itself, or the same wherever the image runs."""
_ADDRESS = regex(r"(?i)(?:.*_)?(?:URL|URI|HOST|HOSTNAME|DOMAIN|ORIGIN|ENDPOINT|API|BACKEND|SERVER)")


def frozen(deployment: Deployment) -> Iterator[Frozen]:
    """Everything that is fixed too early. Secrets among it are `leaking`'s."""
    by_app: dict[int, list[Unit]] = {}
    for unit in deployment.units:
        by_app.setdefault(id(unit.app), []).append(unit)
    for app in deployment.apps:
        if app.elixir:
            yield from _reads(app.root, app.elixir, by_app.get(id(app), []))
            for key in app.elixir.compiled_keys:
                if key.span is None:
                    yield Frozen("phoenix", key.name, app.root, key.set_at, is_checked=key.is_checked)
                else:
                    related = ((key.set_at, "is set again at boot"),)
                    yield Frozen("key", key.name, app.root, key.span, related, is_checked=key.is_checked)
    for units in units_by_image(deployment.units).values():
        first = next((unit for unit in units if unit.image and unit.image.is_production), None)
        if first and first.image:
            yield from _without_runtime(first.image, first.app.elixir if first.app else None)
            yield from _bundled(first.image, [unit for unit in units if unit.image is first.image])


def _reads(root: str, facts: ElixirFacts, units: list[Unit]) -> Iterator[Frozen]:
    """Variables that are read while a release is built, once for each place."""
    images = {unit.image.path: unit.image for unit in units if unit.image}
    variables = [(variable, image) for image in images.values() for variable in image.build.variables]
    for read in facts.compile_time_reads:
        if read.is_secret or _SAME.fullmatch(read.variable):
            continue
        own = [(variable, image) for variable, image in variables if variable.name == read.variable]
        late = _set_too_late(read, units)
        written = [variable for variable, _ in own if variable.keyword == "ENV" and variable.value is not None]
        if any(_is_constant(variable, image) for variable, image in own) and not late.differs_from(written):
            continue  # a constant of the image
        given = dict.fromkeys((variable.span, "is passed to the build") for variable, _ in own)
        is_needed = "fetch_env!" in read.span.text
        unset: Literal["nothing", "a fallback", "no build", "never"] = (
            "never" if written else "no build" if is_needed else "a fallback" if read.has_fallback else "nothing"
        )
        related = (*given, *late.places)
        is_meant = bool(own) and not (written and late.differs_from(written))
        yield Frozen(read.place, read.variable, root, read.span, related, is_meant, unset=unset)


def _is_constant(variable: BuildVariable, image: Image) -> bool:
    """Whether the build and what runs see the same value, which only an edit of the Dockerfile changes."""
    is_fixed = variable.keyword == "ENV" and variable.value is not None and not variable.from_argument
    return is_fixed and variable.stage in image.shipped


class _Late(NamedTuple):
    """What workloads set for a variable, which is when nobody reads it any more."""

    values: tuple[Value[str], ...]

    @property
    def places(self) -> dict[tuple[Span, str], None]:
        return dict.fromkeys((value.span, "comes too late") for value in self.values if value.span)

    def differs_from(self, written: list[BuildVariable]) -> bool:
        """Whether one of them is surely another value than the Dockerfile's."""
        own = {variable.value for variable in written}
        return any(value.content is not None and value.content not in own for value in self.values)


def _set_too_late(read: CompileTimeRead, units: list[Unit]) -> _Late:
    values = (unit.container.environment.get(read.variable) for unit in units if unit.container)
    return _Late(tuple(value for value in values if value and value.span))


def _without_runtime(image: Image, facts: ElixirFacts | None) -> Iterator[Frozen]:
    """A release whose build sees `config/config.exs`, but not the `runtime.exs` beside it."""
    path = facts.runtime_config if facts else ""
    release = next((tool for tool in image.build.commands if tool.name == "mix release"), None)
    text = image.source.text
    if not path or release is None or "type=bind" in text or "git clone" in text or "runtime.exs" in image.contents.inline_files:
        return
    inside = below(path, image.build.context)
    beside = below(path.replace("runtime.exs", "config.exs"), image.build.context)
    before = [copy for copy in image.build.copies if not copy.from_stage and copy.span.start < release.span.start]
    if inside is None or beside is None or any("runtime.exs" in copy.target for copy in image.build.copies):
        return
    if any(_takes(copy, inside) for copy in before) and not _is_ignored(image, inside):
        return
    shown = next((copy for copy in before if _takes(copy, beside)), None)
    if shown is None or _is_ignored(image, beside):
        return
    late = next(
        (copy for copy in image.build.copies if not copy.from_stage and copy not in before and _takes(copy, inside)), None
    )
    related = [(shown.span, "leaves runtime.exs out")]
    related += [(late.span, "comes too late")] if late else []
    yield Frozen("runtime", inside, image.path, release.span, tuple(related))


def _takes(copy: Copy, path: str) -> bool:
    """Whether a COPY takes a file of the context along; one that only a build argument decides may."""
    source = normpath(copy.source.lstrip("/") or ".")
    if "$" in source or source == ".":
        return True
    parts = source.split("/")
    return all(map(matches, path.split("/"), parts)) and len(parts) <= len(path.split("/"))


def _is_ignored(image: Image, path: str) -> bool:
    return image.build.ignore is not None and image.build.ignore.excludes(path)


def _bundled(image: Image, units: list[Unit]) -> Iterator[Frozen]:
    """Addresses that a bundler writes into a page's JavaScript, from build arguments."""
    given: dict[str, list[tuple[Span, str]]] = {}
    values: dict[str, list[str | None]] = {}
    for unit in units:
        for name, value, span in unit.workload.build.arguments if unit.workload and unit.workload.build else ():
            given.setdefault(name, []).append((span, "is set here"))
            values.setdefault(name, []).append(value.content)
    seen = set()
    for argument in image.build.variables:
        if (
            argument.keyword == "ARG"
            and argument.name not in seen
            and is_bundled(argument.name)
            and _ADDRESS.fullmatch(argument.name)
        ):
            seen.add(argument.name)
            used = values.get(argument.name, [argument.value])
            is_own = all(value is not None and (not value or value.startswith("/")) for value in used)  # the page's own host
            if not is_own and not is_secret_name(argument.name):
                yield Frozen(
                    "bundle", argument.name, image.path, argument.span, tuple(dict.fromkeys(given.get(argument.name, ()))), True
                )
