"""From a command line of Node.js to the file of the repository whose code it runs, also where a build step compiles that file.

Facts: docs/facts/migrations.md#compiled-javascript.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath, splitext
from typing import TYPE_CHECKING

from deploylint.paths import below, relative
from deploylint.syntax import json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.text import Files, Source

ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_COMPILED = {".js": (".ts", ".tsx", ".js"), ".mjs": (".mts", ".ts", ".mjs"), ".cjs": (".cts", ".ts", ".cjs"), "": (".ts", ".js")}
"""The endings of the sources that a compiled file may come from."""
_VALUES = frozenset(
    """-r --require --import --loader --experimental-loader --env-file -C --conditions -P --project --tsconfig -O -c
    --config""".split()
)
_OTHER_WORK = frozenset("-e --eval -p --print --test --check inspect watch test eval repl install add x task".split())
_CONFIGS = ("tsconfig.build.json", "tsconfig.prod.json", "tsconfig.json", "tsconfig.app.json")
_OUT = r'"outDir"\s*:\s*"([^"\n]+)"'
_ROOT = r'"rootDir"\s*:\s*"([^"\n]+)"'
_BUNDLERS = r"(?:tsup|esbuild|build|rollup|webpack|rolldown|vite)(?:\.config)?\.[cm]?[jt]s\Z"
_SOURCE_PATH = r"(?<![\w@./-])(?:\./)?((?:[\w.-]+/)*[\w.-]+\.[cm]?[jt]sx?)(?![\w/.])"


def entry_of(process: Process, context: ProcessContext) -> Source | None:
    """The source that a command line of node, tsx, ts-node, bun or deno runs; None if it is not in the repository or not sure."""
    script = _script([word.text for word in process.argv])
    if script is None or "node_modules" in script:
        return None
    files = context.files
    for path in _places(script, process, context):
        source = module_file(path, files) or _compiled(path, files)
        if source is not None:
            return source
    return None


def module_file(path: str, files: Files) -> Source | None:
    """The file that a path of an import means: with an ending left out, `.js` written for `.ts`, or a folder's index."""
    stem, ending = splitext(path)
    candidates = [path] if ending in ENDINGS else []
    candidates += [stem + other for other in _COMPILED.get(ending, ()) if ending]
    candidates += [path + other for other in ENDINGS]
    manifest = files.read(join(path, "package.json"))
    main = json.members(manifest, ()).get("main") if manifest is not None else None
    if main is not None:
        candidates += [join(path, main.text + other) for other in ("", *ENDINGS)]
    candidates += [join(path, "index" + other) for other in ENDINGS]
    return next((source for candidate in candidates if (source := files.read(normpath(candidate)))), None)


def package_root(path: str, files: Files) -> str | None:
    """The folder of the package.json nearest to a file; None if there is none."""
    folder = dirname(path)
    while True:
        if files.exists(join(folder, "package.json")):
            return folder
        if not folder:
            return None
        folder = dirname(folder)


def _script(words: list[str | None]) -> str | None:
    """The script on a command line."""
    if words and (words[0] or "").endswith(ENDINGS):
        return words[0]
    at = 1
    while at < len(words):
        word = words[at]
        if word is None or word in _OTHER_WORK or (word == "--run"):
            return None
        if word in _VALUES:
            at += 2
        elif word.startswith("-") or (at == 1 and word == "run"):
            at += 1
        else:
            return word
    return None


def _places(script: str, process: Process, context: ProcessContext) -> Iterator[str]:
    """Where in the repository the script may come from."""
    process_files = context.files_of(process)
    if context.image is None:
        if not script.startswith("/"):
            yield relative(process_files.folder, script)
        return
    folder = process_files.working_folder
    if folder is None and not script.startswith("/"):
        return
    path = normpath(join(folder or "/", script))
    text = process_files.image_files.find(path)
    if text is not None and text.text == text.source.text:
        yield text.source.path
    for place in process_files.image_files.origins(path):
        yield place
        if (pruned := place.partition("out/full/"))[1]:  # what `turbo prune` writes
            yield pruned[0] + pruned[2]


def _compiled(path: str, files: Files) -> Source | None:
    """The source that a build step compiles to a path, where the project's own configuration says so."""
    root = package_root(path, files)
    inner = below(path, root) if root is not None else None
    if root is None or not inner or "/" not in inner:
        return None
    return _by_compiler(root, inner, files) or _by_bundler(root, inner, files)


def _by_compiler(root: str, inner: str, files: Files) -> Source | None:
    """By TypeScript's `outDir` and `rootDir`; Nest's own configuration has `dist`."""
    texts = [source.text for name in _CONFIGS if (source := files.read(join(root, name)))]
    output = next((match[1] for text in texts if (match := re.search(_OUT, text))), None)
    if output is None and files.exists(join(root, "nest-cli.json")):
        output = "dist"
    rest = below(inner, normpath(output)) if output else None
    if not rest:
        return None
    top = next((match[1] for text in texts if (match := re.search(_ROOT, text))), None)
    stem, ending = splitext(rest)
    folders = [join(root, normpath(top))] if top else [root, join(root, "src")]
    paths = [normpath(join(folder, stem + other)) for folder in folders for other in _COMPILED.get(ending, ())]
    sources = [source for place in dict.fromkeys(paths) if (source := files.read(place))]
    return sources[0] if len(sources) == 1 else None


def _by_bundler(root: str, inner: str, files: Files) -> Source | None:
    """By the file of the same name that package.json's scripts or a bundler's configuration give as its input."""
    stem = splitext(basename(inner))[0]
    names = [path for path in files.under(root) if dirname(path) == root and re.match(_BUNDLERS, basename(path))]
    texts = [source.text for path in (join(root, "package.json"), *names) if (source := files.read(path))]
    paths = {match[1] for text in texts for match in re.finditer(_SOURCE_PATH, text)}
    candidates = {join(root, path) for path in paths if splitext(basename(path))[0] == stem and path != inner}
    sources = [source for path in sorted(candidates) if (source := files.read(normpath(path)))]
    return sources[0] if len(sources) == 1 else None
