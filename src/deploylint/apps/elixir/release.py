"""The files a release is made of besides code: rel/env.sh.eex and rel/vm.args.eex.

Both are EEx templates: `<%= … %>` is filled in while the release is built. env.sh is then sourced by `bin/app` before every
command, vm.args is read by the VM as it is.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from deploylint.model.app import CompileTimeRead
from deploylint.model.value import Value, known, unknown
from deploylint.record import NamedTuple
from deploylint.secrets.names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.mix import Project
    from deploylint.text import Files, Source, Span

_VALUE = r"""(?>"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|`[^`]*`|<%.*?%>|[^\s;&|"'])*+"""
# An `export`, or a command that is nothing but assignments: what follows `export` is its first group, else the second.
_COMMAND_START = r"(?:^|[;&|{]|\bthen\b|\belse\b|\bdo\b|\))\s*"
_WORD_END = r"(?:[ \t]+|$|(?=[;&|]))"
_NAME = r"[A-Za-z_]\w*"
_EXPORTED = rf"export\s+((?:{_NAME}(?:={_VALUE})?{_WORD_END})+)"
_ASSIGNS = rf"{_COMMAND_START}(?:{_EXPORTED}|((?:{_NAME}={_VALUE}{_WORD_END})+))(?=$|[;&|#}}])"
_ASSIGNED = rf"(?P<name>{_NAME})(?:=(?P<value>{_VALUE}))?{_WORD_END}"
_OPENS = r"(?:^|[;&|]|\b(?:then|else|do)\b)\s*(?:if|case|for|while|until)\b|\(\)\s*\{|^\s*\{\s"
_CLOSES = r"(?:^|[;&|]|\s)(?:fi|esac|done)\b|^\s*\}"
_BUILD_READ = r"<%=?\s*System\.(get_env|fetch_env!)\(\s*\"(\w+)\"(\s*,)?"


class Templates(NamedTuple):
    """The templates of a project's first release; None for each that is not there."""

    env_sh: Source | None
    vm_args: Source | None
    has_any: bool


def templates(project: Project, files: Files) -> Templates:
    """`rel/`, or the folder that `rel_templates_path` names."""
    path = project.option("rel_templates_path")
    folder = path.value.content if path is not None and isinstance(path.value.content, str) else "rel"
    folder = posixpath.normpath(posixpath.join(project.root, folder))
    env_sh, vm_args = files.read(f"{folder}/env.sh.eex"), files.read(f"{folder}/vm.args.eex")
    has_overlays = bool(files.under(f"{folder}/overlays"))
    return Templates(env_sh, vm_args, env_sh is not None or vm_args is not None or has_overlays)


def exports(source: Source) -> dict[str, Value[str]]:
    """The variables env.sh exports. Known only where a literal is exported whatever happens."""
    variables: dict[str, Value[str]] = {}
    assigned: dict[str, Value[str]] = {}
    depth = 0
    for line, start in _lines(source):
        is_sure = depth == 0 and not re.search(_OPENS, line) and "&&" not in line and "||" not in line
        depth = max(0, depth + len(re.findall(_OPENS, line)) - len(re.findall(_CLOSES, line)))
        for command in re.finditer(_ASSIGNS, line):
            group = command.lastindex or 0
            for match in re.finditer(_ASSIGNED, command[group]):
                at = start + command.start(group)
                name, text = match["name"], match["value"]
                if text is None:
                    value: Value[str] = assigned.get(name) or unknown(source.span(at + match.start(), at + match.end()))
                else:
                    quote = len(text) - len(text.lstrip("\"'")) and 1
                    span = source.span(at + match.start("value") + quote, at + match.end("value") - quote)
                    is_literal = "<%" not in text and (text.startswith("'") or not re.search(r"[$`]", text))
                    value = known(span.text, span) if is_sure and is_literal else unknown(span)
                if group == 1:
                    variables[name] = value if is_sure else unknown(value.span)
                else:
                    assigned[name] = value
    return variables


def build_time_reads(source: Source) -> Iterator[CompileTimeRead]:
    """`<%= System.get_env("X") %>`: the value that X has where the release is built."""
    for line, start in _lines(source):
        for match in re.finditer(_BUILD_READ, line):
            span = source.span(start + match.start(2) - 1, start + match.end(2) + 1)
            name = match[2]
            yield CompileTimeRead(name, span, is_secret_name(name), match[3] is not None, "template")


def cookie(source: Source) -> Span | None:
    """The `-setcookie` of vm.args that names a cookie in plain text."""
    for line, start in _lines(source):
        match = re.match(r"\s*(-setcookie)\s+(?![<$\s])\S", line)
        if match:
            return source.span(start + match.start(1), start + match.end(1))
    return None


def stop_limit(source: Source) -> Value[float] | None:
    """`-shutdown_time`: after so many milliseconds the VM ends what still runs (erts `init.erl`). In seconds."""
    for line, start in _lines(source):
        match = re.match(r"\s*-shutdown_time\s+(\d{1,12})\s*$", line)
        if match:
            return known(int(match[1]) / 1000, source.span(start + match.start(1), start + match.end(1)), "`-shutdown_time`")
    return None


def _lines(source: Source) -> Iterator[tuple[str, int]]:
    """The lines that are no comments, each with its offset; comments at their ends are left out."""
    for number, start in enumerate(source.line_starts, 1):
        line = source.line(number)
        if not line.lstrip().startswith("#"):
            yield re.sub(r"\s#.*", "", line), start
