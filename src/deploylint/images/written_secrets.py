"""Secrets that a build step writes into a file of the image: `RUN echo SECRET=… > .env`, `COPY <<EOF .env`, `chpasswd`.

A file that the same step deletes again is in no layer; what its text says is in the history all the same.

Facts: docs/facts/secrets.md#secrets-that-a-step-writes.
"""

from __future__ import annotations

import re
from posixpath import basename, join
from typing import TYPE_CHECKING

from deploylint.images.inline import printed, written
from deploylint.images.leaks import CACHE, HISTORY, LAYER
from deploylint.images.secret_files import file_kind
from deploylint.model.image import Leak
from deploylint.secrets.judge import is_sample, judge
from deploylint.secrets.names import is_secret_name
from deploylint.secrets.tokens import find_token
from deploylint.secrets.urls import url_credentials, url_password
from deploylint.secrets.values import is_default_credential, is_harmless_value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from deploylint.images.run import Command
    from deploylint.images.stages import Assigned, StageFacts
    from deploylint.model.image import Copy
    from deploylint.text import Fragment, Span

_VARIABLE = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(.*?)[ \t\r]*$"
_ENV_FILE = r"\.env(?:\..+)?|.+\.env|environment|env\.sh|\.profile|\.bashrc|\.bash_profile"
_REFERENCE = r"\$\{?([A-Za-z_]\w*)\}?"
_ACCOUNT = r"(?m)^([\w.-]{1,64}):([^\s:]{1,200})[ \t\r]*$"
_SSH_OF_AZURE = "Docker!"
"""The password of root that Azure App Service asks for: its SSH is reached only through Azure's own login."""
_HASHED = frozenset({"-e", "--encrypted"})


def written_leaks(
    stages: Sequence[StageFacts],
    shipped: Collection[int],
    runs: Mapping[int, list[list[Command]]],
    reaches: Callable[[int, str], bool],
    known: Sequence[Leak],
) -> Iterator[Leak]:
    """The secrets in files that steps write from the Dockerfile's own text, and in the passwords that they set.

    `runs`: the commands of each stage's RUN instructions, in order. `reaches`: whether a stage's file at a path ends up in the
    image. `known`: leaks that need not be told again, such as a token that is a word of the command.
    """
    places = [(leak.span.start, leak.kind) for leak in known if leak.kind in ("token", "url")]
    for facts in stages:
        number = facts.stage.number
        arguments = {variable.name: variable for variable in facts.assigned if variable.instruction.keyword == "ARG"}
        for copy in facts.copies:
            if copy.content is not None:
                yield from _in_copy(copy, arguments, reaches)
        for commands in runs[number]:
            for path, content, _ in written(commands):
                if any(content.whole.start - 2 <= start <= content.whole.end for start, _ in places):
                    continue
                is_kept = not _is_deleted(path, commands)
                is_shipped = number in shipped or (is_kept and reaches(number, join(facts.workdir or "/", path)))
                where = (LAYER if is_kept else HISTORY) if is_shipped else CACHE
                yield from _in_text(path, content, arguments if is_kept else {}, where, is_shipped)
            yield from _passwords(commands, arguments, number in shipped)


def _in_copy(copy: Copy, arguments: Mapping[str, Assigned], reaches: Callable[[int, str], bool]) -> Iterator[Leak]:
    if copy.content is None:
        return
    name = copy.source if copy.is_folder_target else basename(copy.target)
    is_shipped = reaches(copy.stage, copy.target)
    yield from _in_text(name, copy.content, arguments, LAYER if is_shipped else CACHE, is_shipped)


def _in_text(path: str, content: Fragment, arguments: Mapping[str, Assigned], where: str, is_shipped: bool) -> Iterator[Leak]:
    """The first secret of a file's text: a variable of an env file, a token, a password in a URL, or what its name tells."""
    name, text = basename(path), content.text
    if re.fullmatch(_ENV_FILE, name) or "/profile.d/" in path:
        for match in re.finditer(_VARIABLE, text):
            leak = _variable(match[1], match[2], content.span(*match.span(1)), arguments, where, is_shipped)
            if leak is not None:
                yield leak
                return
    token, password = find_token(text), url_password(text)
    start, end = content.whole.start, content.whole.end
    place = content.span(0, min(len(text), 1)) if end > start else content.whole
    if token:
        place = _before(content, token[0]) or place
        yield Leak("token", token[2], place, where, is_shipped, detail=token[2])
    elif password and url_credentials(text):
        yield Leak("url", name, _before(content, password[0]) or place, where, is_shipped)
    elif (kind := file_kind(name)) is not None and kind.is_readable and (holds := kind.holds(text)):
        yield Leak("written", name, _first_word(content) or place, where, is_shipped, detail=holds)


def _variable(name: str, value: str, span: Span, arguments: Mapping[str, Assigned], where: str, is_shipped: bool) -> Leak | None:
    value = value.strip().strip("\"'")
    verdict = judge(name, value)
    if verdict and not verdict.is_placeholder and not (verdict.kind == "default" and "://" in value) and not is_sample(span):
        detail = "default credential" if verdict.kind == "default" else ""
        return Leak("written", name, span, where, is_shipped, detail=detail)
    match = re.fullmatch(_REFERENCE, value)
    argument = arguments.get(match[1]) if match else None
    if argument is None or not is_secret_name(name) or ((default := argument.expansion.text) and is_harmless_value(default)):
        return None
    return Leak("written", name, span, where, is_shipped, ((argument.name_span, "passed in at build time"),), "argument")


def _before(content: Fragment, end: int) -> Span | None:
    """What stands on a secret's line in front of it; None where nothing does."""
    start = content.text.rfind("\n", 0, end) + 1
    lead = content.text[start:end]
    shown = lead.rstrip(" \t:=\"'")
    return content.span(start + len(lead) - len(lead.lstrip()), start + len(shown)) if shown.strip() else None


def _first_word(content: Fragment) -> Span | None:
    match = re.search(r"[A-Za-z_][\w.-]{0,40}(?=[ \t=:])", content.text)
    return content.span(*match.span()) if match else None


def _is_deleted(path: str, commands: Sequence[Command]) -> bool:
    return any(command.program in ("rm", "shred", "unlink") and path in command.arguments for command in commands)


def _passwords(commands: Sequence[Command], arguments: Mapping[str, Assigned], is_shipped: bool) -> Iterator[Leak]:
    """The passwords that `chpasswd` sets. Those of users are hashed in /etc/shadow; the text of the step is in the history."""
    where = HISTORY if is_shipped else CACHE
    for at, command in enumerate(commands):
        names = [word.text.rpartition("/")[2] for word in command.words[:2]]
        if "chpasswd" not in (names if names[:1] == ["sudo"] else names[:1]) or not _HASHED.isdisjoint(command.arguments):
            continue
        content = command.heredoc.body if command.heredoc else _piped(commands[at - 1], command) if at else None
        for match in re.finditer(_ACCOUNT, content.text) if content else ():
            user, password = match.groups()
            span = content.span(*match.span(1)) if content else command.words[0].span
            reference = re.fullmatch(_REFERENCE, password)
            argument = arguments.get(reference[1]) if reference else None
            if argument is not None and not is_harmless_value(argument.expansion.text or "x0"):
                related = ((argument.name_span, "passed in at build time"),)
                yield Leak("password", user, span, where, is_shipped, related, "argument")
            elif is_default_credential(password) or password.lower() == user.lower():
                yield Leak("password", user, span, where, is_shipped, detail="default credential")
            elif not is_harmless_value(password) and password != _SSH_OF_AZURE and "$" not in password and "`" not in password:
                yield Leak("password", user, span, where, is_shipped)


def _piped(before: Command, command: Command) -> Fragment | None:
    """What the command in front of a pipe prints; None where it isn't in front of one."""
    last = before.words[-1].span if before.words else None
    if last is None or before.writes is not None:
        return None
    between = last.source.text[last.end : command.words[0].span.start]
    return printed(before) if re.fullmatch(r"[\s\\]*\|[\s\\]*(?:sudo\s+)?(?:[\w/]*/)?", between) else None
