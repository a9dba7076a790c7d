"""The commands that install an app's declared dependencies, and which files they read to do so.

Sources: each tool's own documentation of its manifest and lock file, and of how to install dependencies without the app:
`uv sync --no-install-project`, `poetry install --no-root`, `pdm sync --no-self`, `composer install --no-scripts --no-autoloader`.
"""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.images.build_commands import called, name_span, peeled
from deploylint.images.steps import resolved
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.images.run import Command, Word
    from deploylint.text import Files, Span

_JS_EXTRA = (".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "bunfig.toml")


_SHARED = frozenset({"go", "rust", "maven", "gradle"})


class Tool(NamedTuple):
    """A tool that installs what a manifest declares."""

    what: str
    """What it installs, as messages call it."""
    family: str
    """Tools of one family do each other's work."""
    installs: str
    """A pattern of the arguments that install, options left out."""
    files: tuple[str, ...]
    """The manifest, then whatever else it reads if it is there."""
    needs_source: str = r"(?!)"
    """A pattern of a manifest that lets installing read the app's own files."""
    others: str = r"(?!)"
    """A pattern of the arguments that fetch some of it beforehand."""
    first: str = ""
    """Options that keep the app itself out, or the command to run first."""
    cache: str = ""
    """The folder it keeps downloads in; only for tools that fetch while they build."""

    @property
    def is_shared(self) -> bool:
        """Whether what it downloads for one folder serves the others too: it keeps one cache in the home folder."""
        return self.family in _SHARED


_LOCAL_JS = r'"workspaces"|"(?:file|link|workspace|portal|patch):|patchedDependencies'
_LOCAL_PYTHON = r"tool\.uv\.workspace|\bpath\s*=\s*[\"']|file:"
_LOCAL_REQUIREMENT = r"(?m)^[ \t]{0,99}(?:-e|--editable|\.{1,2}/|file:)|@[ \t]{0,9}file:"
_REQUIREMENTS = Tool("Python packages", "python", r"install\b", ("",), _LOCAL_REQUIREMENT)
_POETRY = Tool("Python packages", "python", r"install\b", ("pyproject.toml", "poetry.lock"), _LOCAL_PYTHON, first="--no-root")
_MAVEN = Tool(
    "Maven artifacts", "maven", r"(?:.* )?(?:package|install|verify|compile)\b", ("pom.xml",), others=r".", cache="/root/.m2"
)
_GRADLE = Tool(
    "Gradle dependencies",
    "gradle",
    r"(?:.* )?:?\S*(?:[bB]uild|bootJar|installDist|assemble|shadowJar|jar|distTar)\b",
    ("build.gradle", "build.gradle.kts"),
    others=r".",
    cache="/root/.gradle",
)
TOOLS: dict[str, tuple[Tool, ...]] = {
    "pip": (_REQUIREMENTS, _REQUIREMENTS._replace(installs=r"(?:download|wheel)\b")),
    "uv": (
        _REQUIREMENTS._replace(installs=r"pip (?:install|sync)\b"),
        Tool("Python packages", "python", r"sync\b", ("pyproject.toml", "uv.lock"), _LOCAL_PYTHON, first="--no-install-project"),
    ),
    "poetry": (_POETRY, _POETRY._replace(installs=r"sync\b")),
    "pipenv": (
        Tool("Python packages", "python", r"(?:install|sync)\b", ("Pipfile", "Pipfile.lock"), r"\b(?:path|editable)\s*="),
    ),
    "pdm": (
        Tool(
            "Python packages", "python", r"(?:install|sync)\b", ("pyproject.toml", "pdm.lock"), _LOCAL_PYTHON, first="--no-self"
        ),
    ),
    "npm": (
        Tool(
            "npm packages",
            "node",
            r"(?:ci|clean-install|install|i)(?: |$)",
            ("package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"),
            _LOCAL_JS,
        ),
    ),
    "yarn": (Tool("npm packages", "node", r"(?:install)?$", ("package.json", "yarn.lock", *_JS_EXTRA[:3]), _LOCAL_JS),),
    "pnpm": (
        Tool(
            "npm packages",
            "node",
            r"(?:install|i)$",
            ("package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs"),
            _LOCAL_JS + r"|(?m:^packages:)",
            others=r"fetch\b",
        ),
    ),
    "bun": (
        Tool("npm packages", "node", r"(?:install|i)$", ("package.json", "bun.lock", "bun.lockb", "bunfig.toml"), _LOCAL_JS),
    ),
    "bundle": (Tool("gems", "ruby", r"install\b", ("Gemfile", "Gemfile.lock"), r"\bgemspec\b|\bpath:|:path\b"),),
    "mix": (
        Tool(
            "Hex packages",
            "elixir",
            r"(?:do )?(?:.*, *)?deps\.get\b",
            ("mix.exs", "mix.lock"),
            r"\bapps_path:|\bpath:\s*\"|\bin_umbrella:|File\.|Code\.|System\.cmd",
        ),
    ),
    "go": (
        Tool("Go modules", "go", r"mod download\b", ("go.mod", "go.sum"), r"=>\s*\.", others=r"(?:get|build|install)\b"),
        Tool("Go modules", "go", r"(?:build|install)\b", ("go.mod", "go.sum"), r"=>\s*\.", first="go mod download"),
    ),
    "cargo": (
        Tool(
            "crates",
            "rust",
            r"(?:build|b)\b",
            ("Cargo.toml", "Cargo.lock"),
            others=r"(?:chef|fetch|install|test|check|vendor)\b",
            cache="/usr/local/cargo/registry",
        ),
    ),
    "composer": (
        Tool(
            "Composer packages",
            "php",
            r"install\b",
            ("composer.json", "composer.lock"),
            r'"type"\s*:\s*"path"',
            first="--no-scripts --no-autoloader",
        ),
    ),
    "mvn": (_MAVEN,),
    "mvnw": (_MAVEN,),
    "gradle": (_GRADLE._replace(cache="/home/gradle/.gradle"),),
    "gradlew": (_GRADLE,),
}
_OPTIONS_WITH_VALUE = frozenset(
    """-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links --target -t --prefix --only --with
    --without --group --extra -C --cwd --dir --python -p --root --proxy --timeout --trusted-host --cache-dir --jobs -j --retry
    --network-timeout --loglevel --registry --cache-folder --modules-folder -o -ldflags -tags --file -e --editable --project
    --directory --platform --cache --omit --include""".split()
)
_FOLDER_OPTIONS = ("--prefix", "-C", "--cwd", "--dir", "--project", "--directory", "--working-dir", "-d")
_INCLUDE = r"(?m)^[ \t]{0,99}(?:-r|-c|--requirement|--constraint)[ =]?[ \t]{0,99}(\S+)"
_MAX_INCLUDED = 50
# What a folder given to another stage's COPY is called when it holds dependencies.
DEPENDENCIES = frozenset(
    "node_modules deps _build vendor .venv venv site-packages .m2 .gradle bundle registry mod target".split()
)


class Install(NamedTuple):
    """A command that installs dependencies."""

    tool: Tool
    program: str
    span: Span
    folder: str | None
    """The working folder; None if unknown."""
    manifests: tuple[str, ...]
    """Absolute paths in the image, the first of them required; none where it is unknown what it reads."""
    first: str
    """The command to run before the source is there."""
    as_is: bool = True
    """That is this very command."""

    @property
    def takes_any(self) -> bool:
        """Whether no file of the source but its manifests can matter: all that it needs is downloaded."""
        return self.tool.files == ("",) or bool(self.tool.cache) or self.tool.first == "go mod download"


def install_of(command: Command, folder: str | None) -> Install | None:
    """The install that a command is; None for one that names its packages itself, or installs for the whole system."""
    program, words = called(command)
    tools = TOOLS.get(program)
    if not tools:
        return None
    plain, folder = _read(words[1:], folder, program)
    line = " ".join(plain)
    for tool in tools:
        if re.match(tool.installs, line):
            line = " ".join(word.fragment.text for word in peeled(command.words))
            return _install(tool, program, line, words, plain, folder)
    if any(re.match(tool.others, line) for tool in tools):
        return Install(tools[0], program, words[0].span, folder, (), "")
    return None


def _read(words: tuple[Word, ...], folder: str | None, program: str) -> tuple[list[str], str | None]:
    """The arguments that are no options, and the folder the tool works in."""
    plain: list[str] = []
    takes_value = ""
    for word in words:
        text = word.text
        option, equals, value = text.partition("=")
        if takes_value:
            if takes_value in _FOLDER_OPTIONS and program not in ("pip", "gradle", "gradlew", "mvn", "mvnw", "bundle"):
                folder = resolved(text, folder)
            takes_value = ""
        elif option in _FOLDER_OPTIONS and equals and program not in ("pip", "uv"):
            folder = resolved(value, folder)
        elif text in _OPTIONS_WITH_VALUE:
            takes_value = text
        elif not text.startswith("-"):
            plain.append(text)
    return plain, folder


def _install(
    tool: Tool, program: str, line: str, words: tuple[Word, ...], plain: list[str], folder: str | None
) -> Install | None:
    texts = [word.text for word in words]
    if {"-g", "--global", "--offline", "--no-index", "-o"} & set(texts) and program != "go":
        return None
    count = 2 if program in ("go", "uv") and len(plain) > 1 and plain[0] in ("mod", "pip") else 1
    named = plain[count:]
    if tool.files == ("",):
        files = _requirements(texts)
        if not files or named or "-e" in texts or "--editable" in texts:
            return None
    else:
        if tool.family == "node" and named:
            return None
        files = tool.files
        at = next((at for at, text in enumerate(texts[:-1]) if text in ("-f", "--file")), 0) if tool.family == "maven" else 0
        if at:  # the project's file, or its folder
            folder = resolved(dirname(texts[at + 1]) if texts[at + 1].endswith(".xml") else texts[at + 1], folder)
    paths = tuple(path for file in files if (path := resolved(file, folder)))
    name = ["deps.get"] if program == "mix" else plain[:count]
    span = name_span(words, " ".join([program, *name]))
    first = tool.first if tool.first.startswith(program) else line
    if tool.first.startswith("--"):
        first += "".join(f" {option}" for option in tool.first.split() if option not in texts)
    return Install(tool, program, span, folder, paths if len(paths) == len(files) else (), first, first == line)


def _requirements(texts: list[str]) -> tuple[str, ...]:
    files = []
    for at, text in enumerate(texts):
        if text in ("-r", "--requirement", "-c", "--constraint") and at + 1 < len(texts):
            files.append(texts[at + 1])
        elif text.startswith("--requirement="):
            files.append(text.partition("=")[2])
        elif text.startswith("-r") and len(text) > 2:
            files.append(text[2:])
    # `uv pip sync requirements.txt` takes them without an option.
    return tuple(files) or tuple(text for text in texts[3:] if texts[1:3] == ["pip", "sync"] and text.endswith(".txt"))


def included(path: str, files: Files) -> tuple[str, ...]:
    """A requirements file of the tree and those it includes, at most `_MAX_INCLUDED`."""
    paths: dict[str, None] = {}
    left = [path]
    while left and len(paths) < _MAX_INCLUDED:
        file = left.pop(0)
        source = files.read(file) if file not in paths else None
        if source is not None:
            paths[file] = None
            left += dict.fromkeys(normpath(join(dirname(file), match[1])) for match in re.finditer(_INCLUDE, source.text))
    return tuple(paths)
