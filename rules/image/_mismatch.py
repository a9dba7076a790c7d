"""What is built for another system than the one that runs it: the C library, OpenSSL, the Python or the Node of the two differ.

Only what is certain of both images is one. Facts: docs/facts/images.md#mismatch-c-library and the headings after it.
The symbol versions from glibc's
release notes: 2.29 (new `exp`, `log` and `pow`), 2.34 (libpthread and libdl are part of libc: every program refers to it), 2.38
(`strtol` and `scanf` of C23, which all C code compiled with GNU extensions refers to), 2.39 (`pidfd_spawnp`, in Rust's std).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.model.deployment import units_by_image
from deploylint.model.distros import glibc, openssl, openssl_since, title
from deploylint.paths import enclosing, within
from deploylint.record import NamedTuple
from deploylint.text import Edit, decimal
from ._releases import edit as edit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.deployment import Deployment, Unit
    from deploylint.model.image import Base, Crossing, Image
    from deploylint.text import Span

Kind = Literal[
    "libc", "glibc", "openssl", "libstdc++", "libgcc", "shell", "python", "site", "interpreter", "script", "modules", "node",
]  # fmt: skip

# Artefact → the glibc 2.x that what is built with it, or a later one, needs.
_NEEDED_GLIBC = {"release": (29, 34, 38), "rust": (34, 39), "go": (34,)}
_MAY_NEED_MORE = frozenset({"release", "rust"})
_BINARIES = frozenset({"release", "rust", "go"})
# Hex packages that load `:crypto` as they start.
_CRYPTO = frozenset(
    """phoenix plug plug_crypto plug_cowboy bandit ecto_sql postgrex myxql finch req httpoison tesla hackney swoosh joken jose
    oban guardian""".split()
)
# Python packages that are compiled, and can't be imported otherwise.
_COMPILED = frozenset(
    """numpy pandas scipy scikit-learn pydantic pydantic-core fastapi cryptography psycopg2 psycopg2-binary asyncpg uvloop orjson
    lxml pillow bcrypt grpcio torch tensorflow mysqlclient rpds-py argon2-cffi-bindings gevent ujson""".split()
)
_NODE_BOUND = frozenset({"better-sqlite3", "node-sass", "re2", "isolated-vm"})
"""Native modules that are compiled against Node itself; the others use Node-API, which any version has."""
# Alpine packages without a C++ program among what they pull in.
_WITHOUT_CXX = frozenset(
    """add openssl libssl3 libcrypto3 libssl1.1 libcrypto1.1 ncurses ncurses-libs ncurses-terminfo-base bash ca-certificates
    tzdata tini dumb-init su-exec libgcc musl-locales""".split()
)
_OR_LATER = {True: " or later", False: ""}
_SYSTEMS = frozenset("debian ubuntu alpine scratch busybox".split())
_COMPAT = frozenset({"gcompat", "libc6-compat"})


class Mismatch(NamedTuple):
    """An artefact that can't run where it is shipped."""

    kind: Kind
    crossing: Crossing
    subject: str
    """What suffers."""
    needs: str
    """What the artefact needs, as words."""
    has: str
    """What is there instead, as words."""
    built: str
    """What the label at the image that builds it says."""
    runs: str
    """What the label at the image that runs it says."""
    related: tuple[tuple[Span, str], ...] = ()
    """Further places."""
    is_certain: bool = True
    """It breaks for sure."""
    edit: Edit | None = None


def mismatches(deployment: Deployment) -> Iterator[tuple[Image, Mismatch]]:
    """What each image ships that was built for another, the first reason only."""
    units = units_by_image(deployment.units)
    apps: dict[str, list[App]] = {}
    """The Elixir apps below each folder."""
    for app in deployment.apps:
        for folder in enclosing(app.root) if app.elixir else ():
            apps.setdefault(folder, []).append(app)
    for image in {(image.path, image.shipped): image for image in deployment.images}.values():
        if not image.is_production:
            continue
        seen: set[str] = set()
        for crossing in image.contents.crossings:
            mismatch = next(_of(crossing, image, units.get(image.path, []), apps.get(image.build.context, [])), None)
            if mismatch is not None and crossing.artifact not in seen:
                seen.add(crossing.artifact)
                yield image, mismatch


def _of(crossing: Crossing, image: Image, units: list[Unit], apps: list[App]) -> Iterator[Mismatch]:
    if crossing.artifact == "release":
        if apps and not any(_may_lack_erts(app) for app in apps):
            yield from _binary(crossing, image)
            yield from _shell(crossing, image)
            yield from _erlang(crossing, apps)
    elif crossing.artifact in _BINARIES:
        yield from _binary(crossing, image)
    elif crossing.artifact == "modules":
        yield from _modules(crossing)
    else:
        yield from _python(crossing, image)
        yield from _site(crossing, image, units)
        yield from _wheels(crossing, units)
        yield from _scripts(crossing, units)


def _may_lack_erts(app: App) -> bool:
    releases = app.elixir.releases if app.elixir else ()
    return any(release.include_erts is not None and release.include_erts.content is not True for release in releases)


# Binaries


def _name(crossing: Crossing) -> str:
    return "release" if crossing.artifact == "release" else f"`{crossing.target.rpartition('/')[2]}`"


def _system(base: Base) -> str:
    if base.is_floating:
        return f"{title(base.least_distro)} or later"
    return title(base.distro) or f"`{base.name}`"


def _binary(crossing: Crossing, image: Image) -> Iterator[Mismatch]:
    builder, runtime = crossing.builder, crossing.runtime
    name = _name(crossing)
    has_none = (runtime.name == "scratch" and not runtime.libc) or runtime.name.startswith("distroless/static")
    takes_libraries = any(copy.from_stage and copy.source.startswith(("/lib", "/usr/lib")) for copy in image.build.copies)
    is_static = crossing.artifact == "rust" and builder.libc == "musl"
    if not builder.libc or is_static or takes_libraries:
        return
    if has_none or (runtime.libc and runtime.libc != builder.libc):
        if has_none or (crossing.brings is not None and not _COMPAT & crossing.brings):
            related = tuple((span, f"`{package}` needs it") for package, span in crossing.needs)
            yield _libc("libc", crossing, name, related)
    elif runtime.libc == "glibc":
        yield from _older(crossing, name)
    if crossing.artifact == "rust" and runtime.name.startswith("distroless/base"):
        written = runtime.span.text
        better = re.sub(r"distroless/base(?:-nossl)?", "distroless/cc", written)
        edit = Edit(runtime.span, better) if better != written else None
        has = f"`{runtime.name}` does not have it"
        yield Mismatch("libgcc", crossing, name, "libgcc_s.so.1", has, "links libgcc", "has no libgcc", edit=edit)


def _libc(kind: Kind, crossing: Crossing, subject: str, related: tuple[tuple[Span, str], ...]) -> Mismatch:
    builder, runtime = crossing.builder, crossing.runtime
    has = f"has {runtime.libc}" if runtime.libc else "has no C library"
    where = f"{_system(runtime)}" if runtime.libc else "the image"
    return Mismatch(
        kind, crossing, subject, builder.libc, f"{where} {has}", f"{_system(builder)} has {builder.libc}", has, related
    )


def _older(crossing: Crossing, name: str) -> Iterator[Mismatch]:
    built, runs = glibc(crossing.builder.known_least), glibc(crossing.runtime.distro)
    if built is None or runs is None or runs >= built:
        return
    needed = [version for version in _NEEDED_GLIBC[crossing.artifact] if runs < version <= built]
    if needed or crossing.artifact in _MAY_NEED_MORE:
        yield Mismatch(
            "glibc", crossing, name, f"2.{needed[-1] if needed else built}", f"2.{runs}",
            f"{_system(crossing.builder)}: glibc 2.{built}{_OR_LATER[crossing.builder.is_floating]}",
            f"{_system(crossing.runtime)}: glibc 2.{runs}",
            is_certain=bool(needed), edit=edit_of(crossing),
        )  # fmt: skip


def _shell(crossing: Crossing, image: Image) -> Iterator[Mismatch]:
    """Every command of a release is a script for /bin/sh: `start` as well as `remote`."""
    runtime = crossing.runtime
    has_none = runtime.name.startswith("distroless/") and "debug" not in runtime.tag
    if has_none and not any(_brings_along("/bin/sh", copy.target) for copy in image.shipped_copies):
        yield Mismatch(
            "shell", crossing, "release", "/bin/sh", f"`{runtime.name}` does not have it", "has a shell", "has no shell"
        )


def _erlang(crossing: Crossing, apps: list[App]) -> Iterator[Mismatch]:
    """What an Erlang needs beside the C library: OpenSSL for `:crypto`, and C++ for its just-in-time compiler."""
    builder, runtime, brings = crossing.builder, crossing.runtime, crossing.brings
    built = openssl_since(builder.least_distro) if builder.is_floating else openssl(builder.distro)
    runs = openssl(runtime.distro)
    users = [package for app in apps for package in app.dependencies if package.name in _CRYPTO and not package.groups]
    has_both = brings is None or any(re.match(r"(?:lib)?(?:ssl|openssl|compat-openssl)-?(?:1|compat)", word) for word in brings)
    if (
        built
        and runs
        and built != runs
        and users
        and not has_both
        and builder.distro.split("-")[0] == runtime.distro.split("-")[0]
    ):
        related = ((users[0].span, "starts `:crypto`"),)
        labels = [f"{_system(system)}: OpenSSL {version}" for system, version in ((builder, built), (runtime, runs))]
        yield Mismatch("openssl", crossing, "release", built, runs, labels[0], labels[1], related, edit=edit_of(crossing))
    words = {re.split(r"[=~<>@]", word)[0] for word in brings or () if not word.startswith("-")}
    if runtime.name == "alpine" and builder.libc == "musl" and _has_jit(builder) and brings is not None and words <= _WITHOUT_CXX:
        yield Mismatch(
            "libstdc++", crossing, "release", "libstdc++", "Alpine comes without it", "has libstdc++", "has no libstdc++"
        )


def _has_jit(base: Base) -> bool:
    """Whether an image's Erlang is 24 or later, as far as its tag says: since then it compiles, with a library in C++."""
    otp = re.search(r"(?:erlang|otp)-(\d+)", base.tag) or (re.match(r"(\d+)", base.tag) if base.name == "erlang" else None)
    elixir = re.match(r"1\.(\d+)", base.tag) if base.name == "elixir" else None
    return decimal(otp[1]) >= 24 if otp else bool(elixir and decimal(elixir[1]) >= 14)


# Node


def _modules(crossing: Crossing) -> Iterator[Mismatch]:
    builder, runtime = crossing.builder, crossing.runtime
    name, span = crossing.needs[0]
    if builder.libc and runtime.libc and builder.libc != runtime.libc:
        yield _libc("modules", crossing, f"`{name}`", ((span, "is compiled when it is installed"),))
    bound = next((need for need in crossing.needs if need[0] in _NODE_BOUND), None)
    before, after = _node(builder), _node(runtime)
    if bound and before and after and before != after:
        related = ((bound[1], "is compiled when it is installed"),)
        yield Mismatch(
            "node", crossing, f"`{bound[0]}`", f"Node {before}", f"Node {after}", f"is Node {before}", f"is Node {after}", related
        )


def _node(base: Base) -> str:
    is_node = base.name == "node"
    match = re.match(r"(\d+)", base.tag) if is_node else re.match(r"distroless/nodejs(\d+)", base.name)
    return match[1] if match else ""


# Python


def _python(crossing: Crossing, image: Image) -> Iterator[Mismatch]:
    runtime = crossing.runtime
    before, after = crossing.python, runtime.python_minor
    version = re.search(r"/python3\.(\d+)/", crossing.target)
    if before is not None and after is not None and before != after and (version is None or version[1] == str(before)):
        built, runs = f"3.{before}", f"3.{after}"
        yield Mismatch("python", crossing, f"Python {runs}", built, runs, f"is Python {built}", f"is Python {runs}")
    interpreter = crossing.interpreter
    if not interpreter or any(_brings_along(interpreter, copy.target) for copy in image.shipped_copies):
        return
    is_system = runtime.name in _SYSTEMS or runtime.name.startswith("distroless/")
    is_slim = (
        runtime.name == "python" and re.search(r"slim|alpine", runtime.tag) and "python3" not in (crossing.brings or ("python3",))
    )
    is_managed = interpreter not in ("/usr/local/bin/python", "/usr/bin/python3")
    if is_managed or (is_system and interpreter.startswith("/usr/local")) or (is_slim and interpreter == "/usr/bin/python3"):
        needs, built = (f"one in {interpreter}", "downloads a Python") if is_managed else (interpreter, f"has {interpreter}")
        yield Mismatch("interpreter", crossing, "virtual environment", needs, "", built, "does not have it")


def _site(crossing: Crossing, image: Image, units: list[Unit]) -> Iterator[Mismatch]:
    """Debian's own Python looks for packages in dist-packages, that of the official images in site-packages."""
    runtime = crossing.runtime
    is_debian = runtime.name.startswith("distroless/python3") or (
        runtime.name in ("debian", "ubuntu") and "python3" in (crossing.brings or ())
    )
    has_own = any(_brings_along("/usr/local/bin/python", copy.target) for copy in image.shipped_copies)
    is_told = "PYTHONPATH" in image.source.text or any("PYTHONPATH" in unit.environment for unit in units)
    is_open = any(unit.container is not None and unit.container.has_open_environment for unit in units)
    if (
        is_debian
        and not (has_own or is_told or is_open)
        and re.match(r"/usr/(?:local/)?lib/python3\.\d+/site-p", crossing.target)
    ):
        name = title(runtime.distro.partition("-")[0])
        yield Mismatch(
            "site", crossing, f"{name}'s Python", crossing.target, name, "looks in site-packages", "looks in dist-packages"
        )


def _brings_along(path: str, target: str) -> bool:
    """Whether a COPY to `target` may put `path`, or what is below it, into the image."""
    return bool(target) and (within(path, target) or target.startswith(path))


def _wheels(crossing: Crossing, units: list[Unit]) -> Iterator[Mismatch]:
    builder, runtime = crossing.builder, crossing.runtime
    if not builder.libc or not runtime.libc or builder.libc == runtime.libc:
        return
    for unit in units:
        for dependency in unit.app.dependencies if unit.app and unit.app.language == "python" else ():
            if dependency.name.lower().replace("_", "-") in _COMPILED and not dependency.groups:
                yield _libc("modules", crossing, f"`{dependency.name}`", ((dependency.span, "is compiled"),))
                return


def _scripts(crossing: Crossing, units: list[Unit]) -> Iterator[Mismatch]:
    """A console script starts with the path of the Python of the environment that it was installed into."""
    if crossing.artifact != "venv" or crossing.source == crossing.target:
        return
    folder = f"{crossing.target}/bin"
    for unit in units:
        for process in unit.processes:
            program = (process.argv[0].text or "") if process.argv else ""
            name = program.rpartition("/")[2]
            names = {dependency.name.lower() for dependency in unit.app.dependencies} if unit.app else set()
            is_script = program == f"{folder}/{name}" or (program == name and name in names and _is_on_path(unit, folder))
            if is_script and not name.startswith(("python", "pip", "activate")):
                related = ((process.argv[0].span, "its first line names the old path"),)
                yield Mismatch("script", crossing, f"`{name}`", f"{crossing.source}/bin", crossing.target, "", "", related)
                return


def _is_on_path(unit: Unit, folder: str) -> bool:
    value = unit.environment.get("PATH")
    written = (value.content or value.span.text) if value is not None and value.span is not None else ""
    for name, variable in unit.environment.items():
        if variable.content is not None and name != "PATH":
            written = written.replace(f"${{{name}}}", variable.content).replace(f"${name}/", f"{variable.content}/")
    return folder in written.strip("\"'").split(":")
