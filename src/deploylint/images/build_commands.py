"""Build commands: what marks a stage as one that compiles or bundles.

Facts: docs/facts/images.md#build-commands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.model.image import Tool
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.images.run import Command, Word

_MIX_TASK = r"(?:deps\.)?compile|release|assets\.(?:deploy|build)|phx\.digest|escript\.build|distillery\.release"
# Program → what of its arguments makes it a build (matched against the words behind it, options left out).
_BUILDS: dict[str, str] = {
    "mix": rf"(?:.* )?(?:{_MIX_TASK})\b",
    "rebar3": r"(?:compile|release|tar|escriptize|as \w+ (?:release|tar|compile))\b",
    "go": r"(?:build|install)\b",
    "cargo": r"(?:build|install|chef cook|leptos build)\b",
    "make": r"(?!.*\b(?:clean|help)\b).*",
    "cmake": r"--build\b.*",
    "ninja": r".*",
    "npm": r"(?:run|run-script) \S*build\S*|rebuild\b",
    "pnpm": r"(?:run )?\S*build\S*|-r build",
    "yarn": r"(?:run )?build\S*|workspace \S+ (?:run )?build\S*",
    "bun": r"(?:run )?build\S*",
    "next": r"build\b",
    "vite": r"build\b",
    "nuxt": r"build\b|generate\b",
    "tsc": r".*",
    "webpack": r".*",
    "esbuild": r".+",
    "mvn": r"(?:.* )?(?:package|install|verify|compile)\b.*",
    "mvnw": r"(?:.* )?(?:package|install|verify|compile)\b.*",
    "gradle": r"(?:.* )?:?\S*(?:build|bootJar|installDist|assemble|shadowJar|jar|distTar)\b.*",
    "gradlew": r"(?:.* )?:?\S*(?:build|bootJar|installDist|assemble|shadowJar|jar|distTar)\b.*",
    "sbt": r".*(?:compile|stage|assembly|package|dist)\b.*",
    "lein": r"(?:uberjar|compile)\b",
    "dotnet": r"(?:publish|build)\b",
    "swift": r"build\b",
    "stack": r"(?:build|install)\b",
    "cabal": r"(?:build|install|v2-install)\b",
    "crystal": r"build\b",
    "shards": r"build\b",
    "dart": r"compile\b",
    "javac": r".+",
    "gcc": r".+",
    "g++": r".+",
    "rustc": r".+",
    "pip": r"wheel\b",
    "bundle": r"install\b",
    "gem": r"install\b",
    "composer": r"install\b",
}
_ALIASES = {"pip3": "pip", "bundler": "bundle"}

# Programs that run the command behind them.
_RUNNERS = frozenset("sudo env time nice npx bunx pnpx xvfb-run eatmydata exec command doas".split())
_LONG_RUNNERS = (("bundle", "exec"), ("poetry", "run"), ("pipenv", "run"), ("uv", "run"), ("pnpm", "exec"), ("yarn", "exec"))
# Installing dependencies compiles those that come as source: a build only where the compiler was installed for it. The
# installers themselves have nothing to compile.
_PIP = r"install\b(?!(?: (?:pip|setuptools|wheel|uv|poetry|pipenv|pdm|virtualenv)\b[^ ]*)+$)"
_INSTALLS: dict[str, str] = {
    "pip": _PIP,
    "uv": r"(?:sync|pip install|pip sync)\b",
    "poetry": r"install\b",
    "pipenv": r"(?:install|sync)\b",
    "pdm": r"(?:install|sync)\b",
    "npm": r"(?:install|ci|i)\b",
    "yarn": r"(?:install\b.*)?",
    "pnpm": r"(?:install|i)\b",
}
# Commands that compile and then run.
_STARTS: dict[str, str] = {
    "mix": r"(?:.* )?(?:phx\.server|run)\b",
    "go": r"run\b",
    "cargo": r"(?:run|watch|leptos serve)\b",
    "mvn": r"(?:.* )?\S*(?::run|exec:java)\b",
    "mvnw": r"(?:.* )?\S*(?::run|exec:java)\b",
    "gradle": r"(?:.* )?(?:bootRun|run)\b",
    "gradlew": r"(?:.* )?(?:bootRun|run)\b",
    "sbt": r"(?:.* )?run\b",
    "dotnet": r"(?:run|watch)\b",
    "swift": r"run\b",
    "stack": r"(?:run|exec)\b",
}
_SHELLS = frozenset("sh bash ash zsh fish".split())
_INTERPRETERS = frozenset("python node ruby irb php erl iex ghci jshell".split())
_WORKBENCHES = frozenset("jupyter jupyter-lab jupyter-notebook code-server ipython R rstudio-server start-notebook.sh".split())


def builds(commands: Iterable[Command]) -> list[Tool]:
    """The build commands among these."""
    return list(_matching(commands, _BUILDS))


def installs(commands: Iterable[Command]) -> list[Tool]:
    """The commands among these that install an app's dependencies."""
    return list(_matching(commands, _INSTALLS))


def start_builds(commands: Iterable[Command]) -> list[Tool]:
    """Those of a start command's commands that compile the app before they run it."""
    return list(_matching(commands, _STARTS))


def is_idle(commands: Iterable[Command]) -> bool:
    """Whether a start command is no service: a shell to work in, a notebook, a loop that waits for somebody."""
    last = None
    for command in commands:
        last = command
    if last is None:
        return False
    arguments = last.arguments
    if last.program in _SHELLS or last.program.rstrip(".0123456789") in _INTERPRETERS:
        return not any(not argument.startswith("-") for argument in arguments)
    return last.program in _WORKBENCHES or (last.program, *arguments[:1]) in (
        ("sleep", "infinity"),
        ("tail", "-f"),
        ("tail", "-F"),
    )


def _matching(commands: Iterable[Command], table: dict[str, str]) -> Iterator[Tool]:
    for command in commands:
        program, words = called(command)
        pattern = table.get(program)
        if not pattern:
            continue
        arguments = _plain(word.text for word in words[1:])
        match = re.match(pattern, " ".join(arguments))
        if match:
            name = _name(program, arguments)
            yield Tool(name, name_span(words, name), "")


def called(command: Command) -> tuple[str, tuple[Word, ...]]:
    """The program that a command runs behind its wrappers, and its words from there on; '' and none where there is no command."""
    words = peeled(command.words)
    program = words[0].text.rpartition("/")[2] if words else ""
    if program.startswith("python") and [word.text for word in words[1:3]] == ["-m", "pip"]:
        return "pip", words[2:]
    return _ALIASES.get(program, program), words


def peeled(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The command that wrappers run (`sudo`, `env A=b`, `bundle exec`), without them."""
    while len(words) > 1:
        program = words[0].text.rpartition("/")[2]
        if (program, words[1].text) in _LONG_RUNNERS:
            words = words[2:]
        elif (
            program in _RUNNERS or re.match(r"[A-Za-z_]\w*=", words[0].text) or (words[0].text.startswith("-") and len(words) > 1)
        ):
            words = words[1:]
        else:
            break
    return words


def _plain(arguments: Iterable[str]) -> list[str]:
    """Arguments without options and without the values of the few options that take one as a word of its own."""
    plain: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("-C", "--prefix", "--cwd", "--filter", "-f", "--file", "-p", "--project", "--dir", "-F"):
            skip = True
        elif argument == "--build" or not argument.startswith(("-", "+")):
            plain.append(argument)
    return plain


def _name(program: str, arguments: list[str]) -> str:
    """What a message calls it: the program and its first words (`mix release`, `npm run build`)."""
    if program == "mix":
        tasks = [word.rstrip(",") for word in arguments if re.fullmatch(_MIX_TASK, word.rstrip(","))]
        return f"mix {'release' if 'release' in tasks else (tasks or arguments)[0]}"
    count = 3 if arguments[:1] == ["as"] else 2 if arguments[:1] in (["run"], ["do"], ["chef"]) else 1
    if program in ("make", "gcc", "g++", "rustc", "javac", "tsc", "webpack", "esbuild", "ninja"):
        count = 0
    return " ".join([program, *arguments[:count]])


def name_span(words: tuple[Word, ...], name: str) -> Span:
    """The words that name the build (`npm run build`), as far as they stand on one line: a mark must stay readable."""
    first = words[0].span
    end = first.end
    for part in name.split()[1:]:
        word = next((candidate for candidate in words[1:] if candidate.text.rstrip(",") == part), None)
        if word is None or word.span.line != first.line:
            break
        end = max(end, word.span.end - (len(word.text) - len(part)))
    return Span(first.source, first.start, end)
