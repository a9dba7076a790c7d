"""Steps in an order that spoils the build cache: the app's source is copied before its dependencies are installed.

A layer is built again as soon as one before it changed. Docker's own guide: copy the manifests, install, then copy the source
(https://docs.docker.com/build/cache/optimize/). A cache mount keeps downloads whatever changes, so nothing is said then.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath, splitext
from typing import TYPE_CHECKING

from deploylint.images.installs import DEPENDENCIES, included, install_of
from deploylint.images.steps import MAX_STAGES, built, commands_in, source_of, steps, written_at
from deploylint.model.image import EarlyCopy, Refetch, lineage
from deploylint.paths import below, within
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from deploylint.images.ignore import Ignore
    from deploylint.images.installs import Install, Tool
    from deploylint.images.run import Command
    from deploylint.images.stages import StageFacts
    from deploylint.images.steps import Step
    from deploylint.model.image import Copy
    from deploylint.text import Files

_CODE = frozenset(
    """.py .js .mjs .cjs .jsx .ts .tsx .mts .vue .svelte .astro .ex .exs .eex .heex .erl .gleam .rb .erb .go .rs .java .kt .scala
    .groovy .php .html .css .scss .sass .c .cc .cpp .h .cs .sql .proto .graphql""".split()
)
_MANIFESTS = frozenset("mix.exs setup.py conftest.py build.gradle.kts".split())
_SCRIPTS = r'"((?:pre|post)?install|prepare)"\s*:'
# What a manifest with any dependencies has.
_DECLARED = {
    "go": r"(?m)^[ \t]*(?:require\b|[\w.-]+\.\w+/\S+ v)",
    "rust": r"(?m)^[ \t]*\[(?:\w+\.)*(?:(?:\w+-)?dependencies|workspace\])",
}
# What beside the manifest means that nothing is fetched, or that more than the manifest decides.
_OFFLINE = {
    "go": ("vendor", "go.work"),
    "rust": ("vendor",),
    "ruby": ("vendor/cache",),
    "node": ("lerna.json", ".yarn", ".pnp.cjs"),
}


def early_copies(
    stages: Sequence[StageFacts],
    last: int,
    runs: Mapping[int, Sequence[Sequence[Command]]],
    context: str,
    ignore: Ignore,
    files: Files,
) -> tuple[EarlyCopy, ...]:
    """Each COPY of the source that stands before an install, with the installs that every edit repeats."""
    copies: dict[int, EarlyCopy] = {}
    if len(stages) > MAX_STAGES:
        return ()
    for number in sorted(built(stages, last)):
        order = steps(stages, number, runs)
        root = stages[lineage([facts.stage for facts in stages], number)[0]]
        for at, copy_at, install, is_further in _repeated(order, context, ignore, files):
            step = order[copy_at]
            workdir = step.folder if step.folder == order[at].folder else None
            refetch = _refetch(install, workdir, order[:at], root, context, files)
            if refetch is None:
                continue
            if not is_further:
                refetch = refetch._replace(place="")
            before = copies.get(step.instruction.span.start)
            if before is None:
                edits = _edits(order, copy_at, at, install, refetch)
                folders = tuple(_folder(copy.source) for copy in step.copies if _is_source(copy, context, ignore, files))
                copies[step.instruction.span.start] = EarlyCopy(step.instruction.span.on_one_line, (refetch,), edits, folders)
            elif all(earlier.span != refetch.span for earlier in before.installs):
                copies[step.instruction.span.start] = before._replace(installs=(*before.installs, refetch), edits=())
    return tuple(copies.values())


def _repeated(order: list[Step], context: str, ignore: Ignore, files: Files) -> Iterator[tuple[int, int, Install, bool]]:
    """The installs that a copy of the source precedes: where each stands, where that copy does, whether it is a second one."""
    installed: set[tuple[str, str | None]] = set()
    wide: set[Copy] = set()
    known: dict[str, bool] = {}

    def is_wide(copy: Copy) -> bool:
        if copy.source not in known:
            known[copy.source] = _is_source(copy, context, ignore, files)
        return known[copy.source]

    for at, step in enumerate(order):
        if any(copy.from_stage and DEPENDENCIES & {basename(copy.source), basename(copy.target)} for copy in step.copies):
            return  # another stage has installed them
        wide.update(copy for copy in step.copies if not copy.from_stage and is_wide(copy))
        is_cached = any(flag.name == "mount" and "type=secret" not in flag.value for flag in step.instruction.flags)
        for command, folder in commands_in(step):
            install = install_of(command, folder)
            if install is None:
                continue
            place = (install.tool.family, _place(install))
            if place in installed or (install.tool.family, None) in installed:
                continue
            is_further = any(family == install.tool.family for family, _ in installed)
            installed.add(place)
            if is_cached or not install.manifests:
                continue
            if folder != step.folder:
                install = install._replace(first=f"cd {folder} && {install.first}")
            copy_at = _copied_at(order[:at], wide, install.manifests[0], context, files)
            if copy_at is None and install.takes_any:
                copy_at = _only_copied_at(order, at, wide, is_wide)
            if copy_at is not None:
                yield at, copy_at, install, is_further


def _place(install: Install) -> str | None:
    """The folder that an install is for; None for all, where it isn't known or the tool keeps one cache for all folders."""
    if install.tool.is_shared:
        return None
    return dirname(install.manifests[0]) if install.manifests else install.folder


def _folder(source: str) -> str:
    """A COPY's source as a folder of the context (`web/`); empty for all of it."""
    path = normpath(join("/", source.strip("*"))).strip("/")
    return path and f"{path}/"


def _copied_at(before: list[Step], wide: set[Copy], manifest: str, context: str, files: Files) -> int | None:
    """The first step that brings the manifest together with the source around it."""
    for at, step in enumerate(before):
        if any(copy in wide and source_of(manifest, copy, context, files) for copy in step.copies):
            return at
    return None


def _only_copied_at(order: list[Step], at: int, wide: set[Copy], is_source: Callable[[Copy], bool]) -> int | None:
    """The first step before the install that brings source, if none after it does: then that is the app's."""
    if any(not copy.from_stage and is_source(copy) for step in order[at:] for copy in step.copies):
        return None
    return next((index for index, step in enumerate(order[:at]) if any(copy in wide for copy in step.copies)), None)


def _is_source(copy: Copy, context: str, ignore: Ignore, files: Files) -> bool:
    """Whether a COPY takes a folder with code along."""
    if (
        copy.content is not None
        or any(sign in copy.source for sign in "$?[")
        or ("*" in copy.source and copy.source not in ("*", "./*"))
    ):
        return False
    folder = normpath(join("/", context, copy.source.strip("*") or ".")).lstrip("/")
    start = len(context) + 1 if context else 0
    return any(
        splitext(path)[1] in _CODE and basename(path) not in _MANIFESTS and not ignore.excludes(path[start:])
        for path in files.under(folder)
        if path != folder
    )


def _refetch(
    install: Install, workdir: str | None, before: list[Step], root: StageFacts, context: str, files: Files
) -> Refetch | None:
    """What an install fetches again, and what to write instead; None where it may need the source, or fetches nothing.

    `workdir`: the folder that both the copy and the install run in, if it is one.
    """
    tool = install.tool
    sources = [path for manifest in install.manifests if (path := written_at(manifest, before, context, files))]
    if not sources or not install.folder:
        return None
    if tool.files == ("",):
        sources = list(dict.fromkeys(path for manifest in sources for path in included(manifest, files)))
    read = [path for path in sources if "lock" not in basename(path) and not path.endswith(".sum")]
    texts = [source.text for path in read if (source := files.read(path))]
    if any(re.search(tool.needs_source, text) for text in texts):
        return None
    if tool.family in _DECLARED and not (texts and re.search(_DECLARED[tool.family], texts[0])):
        return None
    if any(files.exists(join(dirname(sources[0]), name)) for name in _OFFLINE.get(tool.family, ())):
        return None
    if _is_member(dirname(sources[0]), tool, context, files):
        return None
    manifest = sources[0][len(context) + 1 if context else 0 :]
    place = manifest if tool.files == ("",) else dirname(manifest) and f"{dirname(manifest)}/"
    refetch = Refetch(tool.what, install.program, install.span, as_is=install.as_is, place=place)
    if tool.cache:
        is_root = root.user is None or root.user.content in ("root", "0")
        return refetch._replace(
            lines=(f"RUN --mount=type=cache,target={_cache(tool, root)} {install.program} …",) if is_root else ()
        )
    shown = [path[len(context) + 1 :] if context else path for path in sources]
    if any(" " in shown_path for shown_path in shown) or len({dirname(shown_path) for shown_path in shown}) > 1:
        return refetch
    target = _target(dirname(install.manifests[0]), workdir)
    script = re.search(_SCRIPTS, texts[0]) if tool.family == "node" and texts else None
    lines = (f"COPY {' '.join(shown)} {target}", f"RUN {install.first}")
    return refetch._replace(lines=lines, script=script[1] if script else "")


def _is_member(folder: str, tool: Tool, context: str, files: Files) -> bool:
    """Whether a folder above may be a workspace, which an install of its member reads as well."""
    while folder != context and folder:
        folder = dirname(folder)
        manifest = files.read(join(folder, tool.files[0])) if tool.files[0] else None
        if manifest is not None and re.search(tool.needs_source, manifest.text):
            return True
        if tool.family == "node" and files.exists(join(folder, "pnpm-workspace.yaml")):
            return True
    return False


def _target(folder: str, workdir: str | None) -> str:
    """How a COPY names a folder of the image."""
    if folder == workdir:
        return "./"
    rest = below(folder, workdir) if workdir and workdir != "/" else None
    return f"{rest or folder}/"


def _cache(tool: Tool, root: StageFacts) -> str:
    """Where the tool keeps its downloads: the official Rust images set CARGO_HOME, rustup and the distributions don't."""
    is_rust = root.stage.base is not None and root.stage.base.language == "rust"
    return tool.cache if tool.family != "rust" or is_rust else "/root/.cargo/registry"


def _edits(order: list[Step], copy_at: int, at: int, install: Install, refetch: Refetch) -> tuple[Edit, ...]:
    """Put the manifests and the install in front of the COPY, where that is all there is to it."""
    copy, run = order[copy_at], order[at]
    source = run.instruction.span.source
    gap = source.text[copy.instruction.span.end : run.instruction.span.start]
    is_alone = (
        at == copy_at + 1
        and not gap.strip()
        and len(run.commands) == 1
        and run.instruction.json is None
        and not run.instruction.heredocs
        and len(copy.copies) == 1
        and copy.folder == run.folder == copy.copies[0].target
        and normpath(copy.copies[0].source) == "."
        and within(install.manifests[0], copy.copies[0].target)
    )
    written = f"RUN {' '.join(run.instruction.text.text.split())}"
    if not is_alone or refetch.script or refetch.lines[1:] != (written,):
        return ()
    flags = "".join(f"{flag.span.text} " for flag in copy.instruction.flags)
    start = (copy.instruction.comments or (copy.instruction.span,))[0].start
    line_end = "\r\n" if "\r\n" in gap else "\n"
    manifests = refetch.lines[0].replace("COPY ", f"COPY {flags}", 1)
    return (
        Edit(Span(source, start, start), f"{manifests}{line_end}{run.instruction.span.text}{gap}"),
        Edit(Span(source, copy.instruction.span.end, run.instruction.span.end), ""),
    )
