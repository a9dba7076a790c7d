"""Go modules of a project: their packages, the functions and methods in them, and which main package an image builds.

A file with a build constraint is left out: whether it is compiled depends on the build.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.image import local_stage
from deploylint.model.purpose import is_production_path
from deploylint.paths import below, relative
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.image import Image
    from deploylint.model.process import Process
    from deploylint.servers.process_context import ProcessContext
    from deploylint.syntax.tree import Node
    from deploylint.text import Files

MAX_PACKAGES = 200
MAX_LENGTH = 300_000
"""Packages of one start that are read, and characters of one file."""
_SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/go/bin")
_MODULE = regex(r"^module[ \t]+(\S+)", re.MULTILINE)
_MAIN = regex(r"^package[ \t]+main\b", re.MULTILINE)
_CONSTRAINT = regex(r"^//(?:go:build|[ \t]*\+build)\b", re.MULTILINE)


class GoModule(NamedTuple):
    """A folder with a go.mod."""

    root: str
    path: str
    requires: str
    """The lines that name what it needs itself, without what others need."""


class Definition(NamedTuple):
    """A function or a method."""

    node: Node
    folder: str
    imports: dict[str, str]
    """The paths of packages by the names that its file has for them."""
    receiver: str = ""


class Package:
    """A folder's files: `functions` by name, `methods` by type and name; None for a name that is defined twice."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.functions: dict[str, Definition | None] = {}
        self.methods: dict[tuple[str, str], Definition | None] = {}
        self.initializers: list[Definition] = []

    def read(self, root: Node) -> None:
        """Add the definitions of one file."""
        imports = dict(_imports(root))
        for node in root.children:
            name = node.field("name")
            if name is None:
                continue
            if node.kind == "function_declaration":
                definition = Definition(node, self.folder, imports)
                if name.text == "init":
                    self.initializers.append(definition)
                self.functions[name.text] = None if name.text in self.functions else definition
            elif node.kind == "method_declaration":
                receiver = type_name(node.field("receiver"))
                key = (receiver, name.text)
                self.methods[key] = None if key in self.methods else Definition(node, self.folder, imports, receiver)


class Project:
    """The packages of a module, each read when it is first asked for."""

    def __init__(self, module: GoModule, files: Files) -> None:
        self.module = module
        self.files = files
        self._packages: dict[str, Package | None] = {}

    def package(self, folder: str) -> Package | None:
        """The package of a folder; None where the grammar can't read all of it, or there are too many."""
        if folder not in self._packages:
            self._packages[folder] = self._read(folder) if len(self._packages) < MAX_PACKAGES else None
        return self._packages[folder]

    def imported(self, path: str) -> Package | None:
        """The package of an import path; None for one of another module."""
        own = self.module.path
        if path != own and not path.startswith(f"{own}/"):
            return None
        return self.package(relative(self.module.root, path[len(own) :].lstrip("/")))

    def _read(self, folder: str) -> Package | None:
        from deploylint.syntax import tree

        package = Package(folder)
        for path in sources(folder, self.files):
            source = self.files.read(path)
            if source is None or _CONSTRAINT.search(source.text[:2000]):
                continue
            parsed = tree.parse(source, "go") if len(source.text) <= MAX_LENGTH else None
            if parsed is None or parsed.error is not None:
                return None
            package.read(parsed.root)
        return package


def sources(folder: str, files: Files) -> Iterator[str]:
    """The Go files of a folder itself, without tests."""
    for path in files.under(folder):
        if dirname(path) == folder and path.endswith(".go") and not path.endswith("_test.go"):
            yield path


def type_name(node: Node | None) -> str:
    """The name of the first type in a receiver, a result or a literal, without its package and `*`; '' if there is none."""
    if node is None:
        return ""
    names = (child for child in node.walk() if child.kind in ("type_identifier", "qualified_type"))
    first = next(names, None)
    return "" if first is None else first.text.rpartition(".")[2]


def type_package(node: Node | None) -> str:
    """The package's name in the first type of a result or a literal; '' for a type of the same package."""
    first = next((inner for inner in node.walk() if inner.kind in ("type_identifier", "qualified_type")), None) if node else None
    return first.text.rpartition(".")[0] if first is not None else ""


def _imports(root: Node) -> Iterator[tuple[str, str]]:
    for declaration in root.children:
        if declaration.kind != "import_declaration":
            continue
        for node in declaration.walk():
            path = node.field("path") if node.kind == "import_spec" else None
            if path is None:
                continue
            name = node.field("name")
            written = path.text.strip('"`')
            parts = [part for part in written.split("/") if not re.fullmatch(r"v\d{1,3}", part)] or [written]
            yield (name.text if name is not None else re.sub(r"\.v\d{1,3}\Z", "", parts[-1])), written


def main_package(process: Process, context: ProcessContext) -> tuple[GoModule, str] | None:
    """The module and the folder of the main package that a program is built from; None if that is not sure."""
    image = context.image
    if image is None:
        return None
    program = process.program
    if program != "go" and not _is_shipped(process, image):
        return None
    packages = _run(process) if program == "go" else _built(program, context)
    if packages is None:
        return None
    files, context_folder = context.files, image.build.context
    manifests = [path for path in files.under(context_folder) if basename(path) == "go.mod" and is_production_path(path)]
    modules = [module for path in manifests[:MAX_PACKAGES] if (module := _module(path, files))]
    mains = {(module, folder) for module in modules for folder in _folders(module, packages, files)}
    return mains.pop() if len(mains) == 1 else None


def _is_shipped(process: Process, image: Image) -> bool:
    """Whether a program comes from another stage, or from one on Go's own image."""
    if image.base is not None and image.base.name == "golang":
        return True
    word = process.argv[0].text or ""
    folders = (process.folder or "/",) if "/" in word else _SEARCH_PATH
    paths = [normpath(join(folder, word)) for folder in folders]
    targets = [
        normpath(copy.target) for copy in image.build.copies if local_stage(image.stages, copy.from_stage, copy.stage) is not None
    ]
    return any(below(path, target) is not None for path in paths for target in targets)


def _run(process: Process) -> list[str] | None:
    """The package of `go run`."""
    words = [word.text for word in process.argv[1:]]
    if None in words or words[:1] != ["run"]:
        return None
    given = [word for word in words[1:] if word and not word.startswith("-")]
    return given[:1]


def _built(program: str, context: ProcessContext) -> list[str] | None:
    """The package that a `go build` of the Dockerfile makes a program of; empty for the only one that there is."""
    from deploylint.images.run import commands
    from deploylint.syntax import dockerfile

    image = context.image
    if image is None or not any(stage.base is not None and stage.base.name == "golang" for stage in image.stages):
        return None
    builds: list[tuple[str, str]] = []
    for instruction in dockerfile.parse(image.source).instructions:
        for command in commands(instruction) if instruction.keyword == "RUN" else ():
            words = list(command.arguments)
            if command.program == "go" and words[:1] in (["build"], ["install"]):
                builds.append(_output_and_package(words))
    named = [package for output, package in builds if (output or basename(package)) == program]
    return named[:1] if len(set(named)) == 1 else [] if not builds else [builds[0][1]] if len(builds) == 1 else None


def _output_and_package(words: list[str]) -> tuple[str, str]:
    """The name of what a `go build` writes, and the package that it builds."""
    output, package = "", "."
    at = 1
    while at < len(words):
        word = words[at]
        if word == "-o" and at + 1 < len(words):
            output = words[at + 1]
        if word.startswith("-o="):
            output = word[3:]
        if word in _VALUES:
            at += 1
        elif not word.startswith("-"):
            package = word
        at += 1
    if not output or output.endswith("/") or output in (".", ".."):
        return basename(dirname(package) if package.endswith(".go") else package), package
    return basename(output), package


_VALUES = frozenset("-o -ldflags -gcflags -tags -mod -p -asmflags -buildmode -modfile -overlay -C -toolexec".split())


def _module(path: str, files: Files) -> GoModule | None:
    source = files.read(path)
    name = _MODULE.search(source.text) if source is not None else None
    if source is None or name is None:
        return None
    direct = "\n".join(line for line in source.text.splitlines() if "// indirect" not in line)
    return GoModule(dirname(path), name[1].strip('"'), direct)


def _folders(module: GoModule, packages: list[str], files: Files) -> Iterator[str]:
    """The folders of a module that may be the main package that is named; with none named, all main packages."""
    if not packages or packages[0].endswith("..."):
        paths = (path for path in files.under(module.root) if path.endswith(".go") and is_production_path(path))
        yield from {dirname(path) for path in paths if _is_main(dirname(path), files)}
        return
    package = packages[0]
    if "$" in package:
        return
    package = package.removeprefix(f"{module.path}/") if package != module.path else "."
    package = dirname(package) if package.endswith(".go") else package
    folder = relative(module.root, normpath(join("/", package)).lstrip("/"))
    if _is_main(folder, files):
        yield folder


def _is_main(folder: str, files: Files) -> bool:
    return any((source := files.read(path)) is not None and _MAIN.search(source.text) for path in sources(folder, files))
