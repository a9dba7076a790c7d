"""The words of the command line: argparse, for calls that say more than paths."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from deploylint.cli import streams
from deploylint.cli.arguments import STDIN_NAME, UsageError
from deploylint.output import FORMATS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence instead of the usage block."""
        raise UsageError(f"{message}; see deploylint --help")

    def print_help(self, _: object = None) -> None:
        """To standard output, as everything is written."""
        streams.put(self.format_help())


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        from deploylint import __version__

        streams.put(f"deploylint {__version__}\n")
        raise SystemExit(0)


def parser(width: int) -> argparse.ArgumentParser:
    """The parser. Defaults are those of `Arguments`, which it fills in. `width`: the columns that help may take."""
    command_line = _Parser(
        prog="deploylint",
        description="Reads deployment files together and finds the outages written down in them.",
        epilog="Exit code: 0 clean, 1 findings at or above --fail-on, 2 usage, configuration or internal error.",
        allow_abbrev=False,
        # argparse asks for the width at every argument it adds, and imports shutil to learn it: 6 ms.
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=min(100, width) - 2),
    )
    add = command_line.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or folders to report on (default: the current folder); - for standard input",
    )
    rules = command_line.add_argument_group("rules")
    add = rules.add_argument
    add("--select", action="append", metavar="NAMES", help="run only these rules or subjects (comma separated, repeatable)")
    add("--ignore", action="append", metavar="NAMES", help="leave out these rules or subjects (comma separated, repeatable)")
    add("--explain", metavar="RULE", help="show a rule's page, or list the rules of a subject, and exit")
    add("--list-rules", action="store_true", help="list all rules and exit")
    add("--rules-dir", action="append", type=_folder, metavar="DIR", help="add the rules of your own in this folder (repeatable)")
    add("--test-rules", type=_folder, metavar="DIR", help="run the examples on the pages of the rules in this folder and exit")
    add("--update", action="store_true", help="with --test-rules: write the reports that examples yield into their pages")
    result = command_line.add_argument_group("result")
    add = result.add_argument
    add("--format", choices=tuple(FORMATS), metavar="FORMAT", help=f"how to report (default: full): {', '.join(FORMATS)}")
    add(
        "--output",
        action="append",
        type=_output,
        metavar="FORMAT=FILE",
        help="write one more report to a file (repeatable); markdown=@summary adds to the summary of a GitHub job",
    )
    add("--statistics", action="store_const", const="statistics", dest="format", help="short for --format statistics")
    add("--no-annotations", action="store_true", help="don't annotate the full report's findings in GitHub Actions")
    add("--sarif-category", metavar="NAME", help="what code scanning files the SARIF under, one for each part of a monorepo")
    add("--sarif-suppressed", action="store_true", help="keep suppressed findings in the SARIF, marked as such")
    add(
        "--fail-on", choices=("error", "warning", "note"), help="the least severity that makes the exit code 1 (default: warning)"
    )
    add("--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    add("--color", choices=("auto", "always", "never"), help="colour the report (default: auto)")
    part = command_line.add_argument_group("part of the findings")
    add = part.add_argument
    add("--baseline", metavar="FILE", help="leave out the findings this file lists; say which of them are fixed")
    add(
        "--write-baseline",
        metavar="FILE",
        help="make FILE list all findings; with --baseline, those of it that are still found",
    )
    add("--diff-base", metavar="REV", help="report only findings with a place on a line changed since this git revision")
    setup = command_line.add_argument_group("project")
    add = setup.add_argument
    add("--config", metavar="FILE", help="read settings from this file instead of the nearest deploylint.toml or pyproject.toml")
    add("--trust-config", action="store_true", help="let a configuration among what is checked name rules to run (rules-dir)")
    add("--render", action="store_true", help="render Helm charts with the helm on PATH, instead of reading what can be read")
    add("--stdin-filename", metavar="PATH", help=f"what standard input is a version of (default: {STDIN_NAME})")
    add("--show-files", action="store_true", help="list the files that are read, their kinds and what each gave, and exit")
    add("--show-settings", action="store_true", help="list every setting with where it comes from, and exit")
    add("--show-model", action="store_true", help="print what rules see, all links with their evidence, as JSON, and exit")
    add("--version", action=_Version, nargs=0, help="show the version and exit")
    return command_line


def _output(text: str) -> tuple[str, str]:
    """FORMAT=FILE."""
    name, _, path = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"no format is called {name!r}; choose from {', '.join(FORMATS)}")
    if not path:
        raise argparse.ArgumentTypeError(f"{text!r} names no file; write {name}=FILE")
    return name, path


def _folder(text: str) -> str:
    """A folder there is, absolute."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return os.path.abspath(text)
