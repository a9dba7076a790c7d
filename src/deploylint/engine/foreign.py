"""Ignore comments and annotations of other tools: each counts for the rule of ours that reports the same fact, and for no other.

`CHECKS` is the table; docs/suppression.md shows it to users. A check of another tool hides a finding if the finding's main place
is what that tool would have reported: the instruction below a comment, the manifest that has the annotation. Files are looked at
only for findings of the rules in the table.

Facts: docs/facts/foreign-ignores.md#the-same-fact, docs/facts/foreign-ignores.md#how-they-are-written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.record import NamedTuple
from deploylint.syntax.comments import comments, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.finding import Finding
    from deploylint.syntax.dockerfile import Dockerfile, Instruction
    from deploylint.syntax.yaml import Document
    from deploylint.text import Source, Span


class Check(NamedTuple):
    """A check of another tool."""

    tool: str
    rules: tuple[str, ...]
    """Those of ours that report the same fact."""
    keywords: tuple[str, ...] = ()
    """The Dockerfile instructions that it looks at, none for a check of manifests."""
    is_shell_form: bool = False
    """Only where they are no JSON list."""


_START = ("CMD", "ENTRYPOINT")
_VARIABLES = ("ENV", "ARG")
_PROBES = ("missing-readiness-probe", "shared-probe")
_SECRETS = ("baked-secret", "plaintext-secret")

CHECKS: dict[str, Check] = {
    "DL3025": Check("hadolint", ("signal-not-delivered",), _START, is_shell_form=True),
    "DL3064": Check("hadolint", ("baked-secret",), _VARIABLES),
    "JSONArgsRecommended": Check("BuildKit", ("signal-not-delivered",), _START, is_shell_form=True),
    "SecretsUsedInArgOrEnv": Check("BuildKit", ("baked-secret",), _VARIABLES),
    "DS-31": Check("trivy", ("baked-secret",), (*_VARIABLES, "COPY", "ADD", "RUN")),
    "KSV-109": Check("trivy", ("plaintext-secret",)),
    "KSV-1010": Check("trivy", ("plaintext-secret",)),
    "pod-probes": Check("kube-score", _PROBES),
    "pod-probes-identical": Check("kube-score", ("shared-probe",)),
    "no-readiness-probe": Check("kube-linter", ("missing-readiness-probe",)),
    "env-var-secret": Check("kube-linter", ("plaintext-secret",)),
    "CKV_K8S_9": Check("checkov", ("missing-readiness-probe",)),
    "CKV_SECRET": Check("checkov", _SECRETS, ("ENV", "ARG", "RUN", "LABEL", "CMD", "ENTRYPOINT")),
}
"""By its name: of trivy without `AVD-` and leading zeros, of checkov's secrets without their number."""
_RULES = frozenset(rule for check in CHECKS.values() for rule in check.rules)
_ALL = "all"

_HINT = r"hadolint|check\s*=|kube-score/|kube-linter\.io/|checkov|bridgecrew|trivy:ignore"
_HADOLINT = r"#\s*hadolint\s+(?P<is_global>global\s+)?ignore\s*=\s*(?P<names>[DLSC0-9, \t]+)"
_BUILDKIT = r"#\s*[Cc][Hh][Ee][Cc][Kk]\s*=\s*(?P<options>.*)"
_TRIVY = r"trivy:ignore:(?:AVD-)?(DS|KSV)-?0*(\d+)"
_CHECKOV = r"(?:checkov|bridgecrew)(?::skip\s*=|\.io/skip\d*[\"']?\s*:\s*[\"']?)\s*((?:CKV2?_\w+[,\s]*)+)"
_QUOTED = r"\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'"
_KEY = r"[\"']?(?:kube-score/ignore|(?:ignore-check\.)?kube-linter\.io/[\w-]+|(?:checkov|bridgecrew)\.io/skip\d*)[\"']?"
_ANNOTATION = rf"(?m)^[^#\n]*?(?P<key>(?<![\w.-]){_KEY})[ \t]*:[ \t]*(?:{_QUOTED}|(?P<plain>[^\n]*))"


class Accepted(NamedTuple):
    """A place where another tool is told to ignore something."""

    rules: frozenset[str]
    """The rules whose findings count as accepted there."""
    lines: range
    """From 1."""
    text: str
    """What is written there."""


class ForeignIgnores:
    """What other tools ignore, read from a file when a finding asks for it. `dockerfiles`: the paths that are Dockerfiles."""

    def __init__(self, dockerfiles: frozenset[str]) -> None:
        self._dockerfiles = dockerfiles
        self._accepted: dict[Source, tuple[Accepted, ...]] = {}

    def hiding(self, finding: Finding) -> str:
        """What another tool's comment or annotation says that hides a finding; '' if none does."""
        if finding.rule not in _RULES:
            return ""
        span = finding.primary.span
        accepted = self._accepted.get(span.source)
        if accepted is None:
            accepted = self._accepted[span.source] = tuple(_read(span.source, span.path in self._dockerfiles))
        return next((place.text for place in accepted if finding.rule in place.rules and span.line in place.lines), "")


def _read(source: Source, is_dockerfile: bool) -> Iterator[Accepted]:
    if not re.search(_HINT, source.text, re.IGNORECASE):
        return
    if is_dockerfile:
        yield from _in_dockerfile(source)
    elif source.path.endswith((".yaml", ".yml", ".json")):
        yield from _in_manifests(source)
    else:
        for comment in _comments(source, language_of(source.path, is_dockerfile=False)):
            yield from _at_line(comment, ["CKV_SECRET"] if "CKV_SECRET" in _checkov(comment.text) else [])


# Dockerfiles


def _in_dockerfile(source: Source) -> Iterator[Accepted]:
    from deploylint.syntax.dockerfile import DockerfileError, parse

    try:
        dockerfile = parse(source)
    except DockerfileError:
        return
    everywhere = [(name, text) for text in _file_texts(dockerfile) for name in _names(text, is_file=True)]
    for instruction in dockerfile.instructions:
        own = [(name, comment.text) for comment in instruction.comments for name in _names(comment.text, is_file=False)]
        for name, text in (*everywhere, *own):
            rules = {rule for check in _checks(name, "BuildKit") if _reports(check, instruction) for rule in check.rules}
            if rules:
                yield Accepted(frozenset(rules), _lines(instruction.span), text.lstrip("# \t"))


def _file_texts(dockerfile: Dockerfile) -> Iterator[str]:
    """The texts that speak of the whole file: the parser directive, and comments that say so."""
    directive = dockerfile.directives.get("check")
    if directive:
        yield f"# check={directive.text}"
    yield from (comment.text for comment in comments(dockerfile.source, "dockerfile", "hadolint"))


def _names(text: str, *, is_file: bool) -> Iterator[str]:
    """The checks that a comment of a Dockerfile ignores, in the whole file or at the instruction below it."""
    hadolint = re.match(_HADOLINT, text)
    if hadolint:
        if bool(hadolint["is_global"]) == is_file:
            yield from re.findall(r"DL\d+", hadolint["names"])
        return
    buildkit = re.match(_BUILDKIT, text)
    for option in buildkit["options"].split(";") if buildkit else ():
        key, _, names = option.partition("=")
        if key.strip() == "skip":
            yield from (name.strip() for name in names.split(","))
    if not is_file:
        yield from (*_trivy(text), *_checkov(text))


def _checks(name: str, tool: str) -> Iterable[Check]:
    """The checks of a name; all of a tool for `all`."""
    if name == _ALL:
        return [check for check in CHECKS.values() if check.tool == tool]
    return [CHECKS[name]] if name in CHECKS else []


def _reports(check: Check, instruction: Instruction) -> bool:
    """Whether a check looks at an instruction."""
    return instruction.keyword in check.keywords and not (check.is_shell_form and instruction.json is not None)


def _trivy(text: str) -> list[str]:
    return [f"{match[1].upper()}-{match[2]}" for match in re.finditer(_TRIVY, text, re.IGNORECASE)]


def _checkov(text: str) -> list[str]:
    names = [name for match in re.finditer(_CHECKOV, text) for name in re.split(r"[,\s]+", match[1])]
    return ["CKV_SECRET" if name.startswith("CKV_SECRET_") else name for name in names]


# Manifests, compose files and others


def _in_manifests(source: Source) -> Iterator[Accepted]:
    from deploylint.syntax.yaml import documents

    manifests = list(documents(source))
    for manifest in manifests:
        yield from _annotations(manifest)
    for comment in _comments(source, language_of(source.path, is_dockerfile=False)):
        document = next((candidate for candidate in manifests if comment.start < candidate.end), None)
        names = [*_trivy(comment.text), *_checkov(comment.text)]
        is_above = document is not None and _is_above_content(comment, document)
        of_line = [name for name in names if name == "CKV_SECRET" or (name.startswith("KSV") and not is_above)]
        yield from _at_line(comment, of_line)
        if document:
            others = [name for name in names if name in CHECKS and name not in of_line and not CHECKS[name].keywords]
            yield from _accepted(others, _lines(document.span), comment.text)


def _is_above_content(comment: Span, document: Document) -> bool:
    """Whether only comments stand before a comment in its document."""
    before = comment.source.text[document.start : comment.start].splitlines()
    return all(not line.strip() or line.lstrip().startswith(("#", "---")) for line in before)


def _annotations(document: Document) -> Iterator[Accepted]:
    text = document.source.text
    for match in re.compile(_ANNOTATION).finditer(text, document.start, document.end):
        key = match["key"].strip("\"'")
        value = match["double"] or match["single"] or re.split(r"[ \t]#|[}]", match["plain"] or "", maxsplit=1)[0]
        if key.startswith("kube-score/"):
            names = [name.strip() for name in value.split(",")]
        elif key == "kube-linter.io/ignore-all":
            names = [name for name, check in CHECKS.items() if check.tool == "kube-linter"]
        elif "kube-linter" in key:
            names = [key.rpartition("/")[2]]
        else:
            names = [name for name in _checkov(f"{key}:{value}") if name != "CKV_SECRET"]
        yield from _accepted(names, _lines(document.span), f"{key}: {value}")


def _comments(source: Source, language: str) -> Iterator[Span]:
    if language:
        for word in ("skip", "trivy:ignore"):
            yield from comments(source, language, word)


def _at_line(comment: Span, names: list[str]) -> Iterator[Accepted]:
    """What a comment ignores on its own line and, where it is alone there, below."""
    yield from _accepted(names, range(comment.line, _below(comment) + 1), comment.text)


def _below(comment: Span) -> int:
    """The line that a comment is about: its own, or where it is alone there the first below that is no comment."""
    source, line = comment.source, comment.line
    if source.text[source.line_starts[line - 1] : comment.start].strip():
        return line
    line += 1
    while source.line(line).lstrip().startswith("#"):
        line += 1
    return line


def _accepted(names: Iterable[str], lines: range, text: str) -> Iterator[Accepted]:
    rules = frozenset(rule for name in names if name in CHECKS for rule in CHECKS[name].rules)
    if rules:
        yield Accepted(rules, lines, text.lstrip("# \t").strip())


def _lines(span: Span) -> range:
    return range(span.line, span.end_line + 1)
