"""Secrets that a Dockerfile's own text writes into the image, its history or its provenance: ENV, ARG and RUN.

What persists where: ENV of the shipped stages is in the image's configuration. A build argument of the shipped stages is in the
history of every later RUN. One of a stage that is only copied from is in neither, but in the build cache and in provenance
attestations (`mode=max`, the default of docker/build-push-action on public repositories). A secret mount is in none of them.

Facts: docs/facts/dockerfiles.md#what-persists-where, docs/facts/secrets.md#severity-of-a-secret-in-an-image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.model.image import Leak
from deploylint.secrets.judge import is_sample, judge, of_text
from deploylint.secrets.names import is_bundled, is_secret_name
from deploylint.secrets.tokens import find_token
from deploylint.secrets.urls import url_credentials, url_password
from deploylint.secrets.values import is_harmless_value
from deploylint.text import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from deploylint.images.run import Command, Word
    from deploylint.images.stages import Assigned, StageFacts
    from deploylint.secrets.judge import Verdict

ENVIRONMENT = "the image's environment"
HISTORY = "the image's history"
LAYER = "a layer of the image"
CACHE = "build provenance and cache"
SCRIPT = "the page's JavaScript"
FILE_CACHE = "the build cache"


_MAX_LINE = 2000
_LOGIN_WORDS = ("config", "login", "auth", "_password")
"""One of them is in each of these commands."""
# Commands that take a secret as an argument; the group is the secret.
_LOGINS: tuple[tuple[str, str], ...] = (
    ("npm credentials", r"npm config set \S*(?:_authToken|_auth|_password)[ =](\S+)"),
    ("npm credentials", r"//[\w.\-/:]+/?:(?:_authToken|_password)=(\S+)"),
    ("Poetry credentials", r"poetry config (?:http-basic\.\S+ \S+|pypi-token\.\S+) (\S+)"),
    ("Composer credentials", r"composer config \S* ?(?:http-basic|github-oauth|gitlab-token)\.\S+ (?:\S+ )?(\S+)"),
    ("Hex key", r"mix hex\.organization auth \S+ --key (\S+)"),
    ("AWS credentials", r"aws configure set (?:\S+\.)?aws_(?:secret_access_key|session_token) (\S+)"),
    ("registry password", r"(?:docker|podman|helm registry|az|doctl|heroku)\b.* login\b.* (?:-p|--password)[ =](\S+)"),
    ("pip credentials", r"pip config set \S*index-url \S+://[^\s:/@]*:([^\s@]+)@"),
)


def dockerfile_leaks(
    stages: Sequence[StageFacts],
    shipped: Collection[int],
    runs: Mapping[int, list[list[Command]]],
    defaults: Sequence[Assigned] = (),
) -> Iterator[Leak]:
    """Every leak of the Dockerfile's text. `runs`: the commands of each stage's RUN instructions, in order; `defaults`: the
    build arguments before the first FROM."""
    yield from _default_leaks(defaults, stages, shipped)
    for facts in stages:
        is_shipped = facts.stage.number in shipped
        arguments = {variable.name: variable for variable in facts.assigned if variable.instruction.keyword == "ARG"}
        reported: set[str] = set()
        for assigned in facts.assigned:
            if assigned.instruction.keyword == "ENV":
                leak = _env_leak(assigned, facts, arguments, is_shipped)
                if leak is not None:
                    reported.update(assigned.expansion.references)
                    yield leak
        for assigned in facts.assigned:
            if assigned.instruction.keyword == "ARG" and assigned.name not in reported:
                leak = _argument_leak(assigned, is_shipped)
                if leak is not None:
                    reported.add(assigned.name)
                    yield leak
        instructions = [instruction for instruction in facts.instructions if instruction.keyword == "RUN"]
        for instruction, commands in zip(instructions, runs[facts.stage.number], strict=True):
            has_secret = any(flag.name == "mount" and re.search(r"type=(?:secret|ssh)", flag.value) for flag in instruction.flags)
            for command in commands:
                yield from _command_leaks(command, arguments, is_shipped, reported, has_secret)


def _env_leak(assigned: Assigned, facts: StageFacts, arguments: Mapping[str, Assigned], is_shipped: bool) -> Leak | None:
    where = ENVIRONMENT if is_shipped else SCRIPT if is_bundled(assigned.name) else CACHE
    text = assigned.expansion.text
    written = assigned.value.text if assigned.value else ""
    is_secret = is_secret_name(assigned.name)
    for name in assigned.expansion.references:
        argument = arguments.get(name)
        if argument is None or (name in facts.environment and name != assigned.name):
            continue
        default = argument.expansion.text or ""
        if (is_secret or is_secret_name(name)) and not (default and is_harmless_value(default)):
            related = ((argument.name_span, "passed in at build time"),)
            return Leak("env-from-arg", assigned.name, assigned.name_span, where, is_shipped, related, name)
    verdict = judge(assigned.name, text) if text is not None else of_text(written)
    others = set(assigned.expansion.references) - {assigned.name}
    if verdict is None or _is_filler(verdict, assigned):
        return None
    if verdict.kind == "literal" and not others.isdisjoint(facts.environment):
        return None  # another ENV's value: that one is the cause
    return _literal("env", verdict, assigned, where, is_shipped)


def _argument_leak(assigned: Assigned, is_shipped: bool) -> Leak | None:
    where = HISTORY if is_shipped else SCRIPT if is_bundled(assigned.name) else CACHE
    default = assigned.expansion.text or ""
    if not default:
        return Leak("arg", assigned.name, assigned.name_span, where, is_shipped) if is_secret_name(assigned.name) else None
    verdict = judge(assigned.name, default)
    if verdict is None or _is_filler(verdict, assigned):
        return None
    return _literal("arg", verdict, assigned, where, is_shipped)


def _default_leaks(defaults: Sequence[Assigned], stages: Sequence[StageFacts], shipped: Collection[int]) -> Iterator[Leak]:
    """Secrets in the values of arguments before the first FROM. They are in the history of the stages that declare them again."""
    for assigned in defaults:
        verdict = judge(assigned.name, assigned.expansion.text or "")
        if verdict is None or verdict.kind == "default" or _is_filler(verdict, assigned):
            continue
        again = [
            (facts.stage.number in shipped, variable)
            for facts in stages
            for variable in facts.assigned
            if variable.name == assigned.name and variable.instruction.keyword == "ARG" and variable.value is None
        ]
        is_shipped = any(ships for ships, _ in again)
        leak = _literal("arg", verdict, assigned, HISTORY if is_shipped else CACHE, is_shipped)
        related = tuple((variable.name_span, "declared again here") for ships, variable in again if ships == is_shipped)
        yield leak._replace(related=related[:1])


def _is_filler(verdict: Verdict, assigned: Assigned) -> bool:
    """Whether a value only fills a gap while the image is built: it asks to be replaced, or is a URL's well-known password."""
    is_known = verdict.is_placeholder or (verdict.kind == "default" and "://" in (assigned.expansion.text or ""))
    return is_known or is_sample(assigned.name_span)


def _literal(kind: Literal["env", "arg"], verdict: Verdict, assigned: Assigned, where: str, is_shipped: bool) -> Leak:
    """The leak of a value that is written down."""
    if verdict.kind in ("token", "url"):
        return Leak(verdict.kind, assigned.name, assigned.name_span, where, is_shipped, detail=verdict.detail)
    detail = "default credential" if verdict.kind == "default" else "literal" if kind == "arg" else ""
    return Leak(kind, assigned.name, assigned.name_span, where, is_shipped, detail=detail)


def _command_leaks(
    command: Command, arguments: Mapping[str, Assigned], is_shipped: bool, reported: set[str], has_secret: bool
) -> Iterator[Leak]:
    where = HISTORY if is_shipped else CACHE
    words = [*command.words, *(word for _, word in command.assignments)]
    if not words:
        return
    first = words[0].span
    for word in words:
        token = find_token(word.text)
        if token:
            place = _before(word, token[0]) or first
            yield Leak("token", command.program or token[2], place, where, is_shipped, detail=token[2])
            return
        password = url_password(word.text)
        if password and url_credentials(word.text):
            yield Leak("url", command.program, _before(word, password[0]) or first, where, is_shipped)
            return
        if "://" in word.text and not has_secret:
            name = _argument_in_url(word.text, arguments)
            if name and name not in reported:
                reported.add(name)
                related = ((arguments[name].name_span, "passed in at build time"),)
                yield Leak("url", name, word.span, where, is_shipped, related, "argument")
                return
    line = " ".join(word.text for word in command.words[:50])[:_MAX_LINE]
    for kind, pattern in _LOGINS if any(word in line for word in _LOGIN_WORDS) else ():
        match = re.search(pattern, line)
        if match and "$" not in match[1] and not is_harmless_value(match[1]):
            end = next((word.span.start for word in command.words if match[1] in word.text), first.end)
            text = first.source.text[first.start : end].rstrip()
            yield Leak(
                "token", command.program, Span(first.source, first.start, first.start + len(text)), where, is_shipped, detail=kind
            )
            return


def _before(word: Word, end: int) -> Span | None:
    """The part of a word in front of its secret (`https://user`, `--token`); None where nothing is, or it can't be told."""
    raw = word.fragment.text
    lead = len(raw) - len(raw.lstrip("'\""))
    if end <= 0 or raw[lead : lead + end] != word.text[:end]:
        return None
    return word.fragment.span(lead, lead + len(raw[lead : lead + end].rstrip(":=")))


def _argument_in_url(text: str, arguments: Collection[str]) -> str:
    """The build argument in a URL's userinfo (`https://x-access-token:$TOKEN@…`); '' if there is none."""
    match = re.search(r"://([^\s/@]*\$\{?\w+[^\s/@]*)@", text)
    for name in re.findall(r"\$\{?(\w+)", match[1]) if match else ():
        if name in arguments and not re.search(r"(?i)user|login|email|host", name):
            return str(name)
    return ""
