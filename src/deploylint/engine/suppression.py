"""Ignore comments: how they are read, which lines they cover, and what they hide.

    # deploylint: ignore[rule, other-rule] reason        at a line's end, or alone above it (several may be stacked)
    # deploylint: file-ignore[rule] reason               anywhere: the whole file

A finding is hidden when any of its spans, primary or related, starts on a covered line. A comment alone covers the first line
below that is no comment; above a Dockerfile instruction it covers all the instruction's lines, since its continuation lines and
heredocs may have no place for a comment of their own. A comment names rules, never a subject or everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.model.suppression import Ignored, Suppression
from deploylint.syntax.comments import comments, language_of
from deploylint.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from deploylint.finding import Finding
    from deploylint.text import Source

WORD = "deploylint"

# One comment may hold other tools' directives too, each after a `#` of its own.
_START = r"#[ \t]*deploylint[ \t]*(?=:|[\w-]*[ \t]*\[)"
_NEXT = r"[ \t]#[ \t]*[A-Za-z]"
_DIRECTIVE = r"#[ \t]*deploylint:[ \t]*(?P<verb>ignore|file-ignore)[ \t]*\[(?P<names>[^\]#]*)\](?P<reason>.*)"


def read(
    sources: Iterable[tuple[Source, bool]], rules: Iterable[str], nearest: Callable[[str], str], needs_reason: bool
) -> tuple[Suppression, ...]:
    """Every ignore comment of the sources, each given with whether it is a Dockerfile.

    `rules`: the names there are. `nearest` gives the likely one for a misspelt name.
    """
    known = frozenset(rules)
    suppressions: list[Suppression] = []
    for source, is_dockerfile in sources:
        if WORD not in source.text:
            continue
        directives = [
            _directive(span, known, nearest, needs_reason)
            for comment in comments(source, language_of(source.path, is_dockerfile), WORD)
            for span in _directives(comment)
        ]
        suppressions += _with_lines(source, directives, is_dockerfile)
    return tuple(suppressions)


def _directives(comment: Span) -> Iterator[Span]:
    for match in re.finditer(_START, comment.text):
        other = re.compile(_NEXT).search(comment.text, match.end())
        body = comment.text[match.start() : other.start() if other else len(comment.text)].rstrip()
        yield Span(comment.source, comment.start + match.start(), comment.start + match.start() + len(body))


def _directive(span: Span, known: frozenset[str], nearest: Callable[[str], str], needs_reason: bool) -> Suppression:
    """What a comment says; the lines it covers are still the whole file's."""
    match = re.match(_DIRECTIVE, span.text)
    names = list(re.finditer(r"[^\s,][^,]*", match["names"])) if match else []
    if match is None or not names:
        return Suppression(span, (), "", None, _problem(span.text, match is not None), needs_reason)
    ignored = []
    for name in names:
        rule = name[0].strip()
        start = span.start + match.start("names") + name.start()
        is_known = rule in known
        ignored.append(Ignored(rule, Span(span.source, start, start + len(rule)), is_known, "" if is_known else nearest(rule)))
    lines = None if match["verb"] == "file-ignore" else (span.line, span.line)
    return Suppression(span, tuple(ignored), match["reason"].strip(" \t-–—:"), lines, "", needs_reason)


def _with_lines(source: Source, directives: list[Suppression], is_dockerfile: bool) -> list[Suppression]:
    """The directives of one source, those that stand alone on a line covering what is below."""
    instructions = _instruction_ends(source) if is_dockerfile and directives else {}
    below: dict[int, int] = {}  # a comment's line → the first below that is none; filled upward, so that each step is short
    covering = []
    for directive in reversed(directives):
        line, column = source.position(directive.span.start)
        before = source.line(line)[: column - 1].strip()
        if directive.lines is not None and (not before or before.startswith("#")):
            covered = line + 1
            while covered not in below and source.line(covered).lstrip().startswith("#"):
                covered += 1
            covered = below[line] = below.get(covered, covered)
            directive = directive._replace(lines=(covered, instructions.get(covered, covered)))
        covering.append(directive)
    return covering[::-1]


def _instruction_ends(source: Source) -> dict[int, int]:
    """The first line of each of a Dockerfile's instructions, with its last one."""
    from deploylint.syntax.dockerfile import DockerfileError, parse

    try:
        return {instruction.span.line: instruction.span.end_line for instruction in parse(source).instructions}
    except DockerfileError:
        return {}  # that the file can't be read is a finding of its own


def _problem(text: str, is_empty: bool) -> str:
    if is_empty:
        return "it names no rule"
    word = re.match(r"#[ \t]*deploylint[ \t]*(:?)[ \t]*([\w-]*)[ \t]*(\[?)", text)
    colon, verb, bracket = word.groups() if word else ("", "", "")
    if not colon:
        return "the colon after `deploylint` is missing"
    if verb not in ("ignore", "file-ignore"):
        return f"`{verb}` is neither `ignore` nor `file-ignore`" if verb else "`ignore` or `file-ignore` is missing"
    return "the closing bracket is missing" if bracket else "it names no rule in brackets"


class Applied:
    """Suppressions at work: which of them hid something."""

    def __init__(self, suppressions: tuple[Suppression, ...]) -> None:
        self.suppressions = suppressions
        # For a path and a rule, and a line or None for the whole file: the first comment that hides the rule there.
        self._first: dict[tuple[str, str, int | None], int] = {}
        self._used: set[tuple[str, str, int | None]] = set()
        for number, suppression in enumerate(suppressions):
            for ignored in suppression.ignored:
                for line in _covered(suppression):
                    self._first.setdefault((suppression.span.path, ignored.rule, line), number)

    def hiding(self, finding: Finding) -> Suppression | None:
        """The first comment that hides this finding. Every comment that does counts as used."""
        hiding = None
        for label in (finding.primary, *finding.related):
            path = label.span.path
            whole = (path, finding.rule, None)
            keys = [key for key in (whole, (path, finding.rule, label.span.line)) if key in self._first]
            self._used.update(keys)
            if keys and hiding is None:
                hiding = self.suppressions[min(self._first[key] for key in keys)]
        return hiding

    def judged(
        self, ran: Iterable[str], shown: Iterable[Finding] = (), dockerfiles: Collection[str] = ()
    ) -> tuple[Suppression, ...]:
        """The suppressions, each knowing which of its rules hid nothing although they ran.

        `shown`: the findings that nothing hides. `dockerfiles`: the paths that are Dockerfiles.
        """
        names = frozenset(ran)
        places = _places(shown) if self.suppressions else {}
        judged = []
        for suppression in self.suppressions:
            lines = _covered(suppression)
            unused = {
                ignored.rule
                for ignored in suppression.ignored
                if ignored.rule in names and self._used.isdisjoint((suppression.span.path, ignored.rule, line) for line in lines)
            }
            ignored = tuple(
                _unused(suppression, name, places, dockerfiles) if name.rule in unused else name for name in suppression.ignored
            )
            if all(name.is_unused and not name.misplaced for name in ignored):
                whole = _removal(suppression, None)
                ignored = tuple(name._replace(removal=whole) for name in ignored)
            judged.append(suppression._replace(ignored=ignored))
        return tuple(judged)


def _places(findings: Iterable[Finding]) -> dict[tuple[str, str], list[tuple[int, Span]]]:
    """Where each rule reports something: by path and rule, with 0 for a finding's main place and 1 for another."""
    places: dict[tuple[str, str], list[tuple[int, Span]]] = {}
    for finding in findings:
        for label in (finding.primary, *finding.related):
            order = int(label is not finding.primary)
            places.setdefault((label.span.path, finding.rule), []).append((order, label.span))
    return places


def _unused(
    suppression: Suppression, name: Ignored, places: dict[tuple[str, str], list[tuple[int, Span]]], dockerfiles: Collection[str]
) -> Ignored:
    """A rule's name whose comment hid nothing: to be deleted, or moved where the file has a finding of that rule."""
    line = suppression.span.line
    path = suppression.span.path
    here = [(order, abs(span.line - line), span) for order, span in places.get((path, name.rule), ())]
    if not here or suppression.lines is None:
        return name._replace(is_unused=True, removal=_removal(suppression, name))
    *_, nearest = min(here, key=lambda place: place[:2])
    first = nearest.line
    if path in dockerfiles:
        ends = _instruction_ends(nearest.source)
        first = next((start for start, end in ends.items() if start <= first <= end), first)
    return name._replace(is_unused=True, misplaced=nearest, move_above=first)


def _covered(suppression: Suppression) -> Iterable[int | None]:
    """The lines that a comment covers; None for the whole file. Only comments above an instruction cover more than one line."""
    return range(suppression.lines[0], suppression.lines[1] + 1) if suppression.lines else (None,)


def _removal(suppression: Suppression, ignored: Ignored | None) -> Edit:
    """The edit that takes one rule's name, or with None the whole comment, away."""
    source, start, end = suppression.span
    text = source.text
    if ignored is None:
        line_start = source.line_starts[suppression.span.line - 1]
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end + 1
        if not text[line_start:start].strip(" \t\ufeff") and not text[end:line_end].strip():
            return Edit(Span(source, start if text.startswith("\ufeff", line_start) else line_start, line_end), "")
        if text[line_start:start].strip(" \t\ufeff"):
            start = line_start + len(text[line_start:start].rstrip(" \t"))
        return Edit(Span(source, start, end), "")
    _, start, end = ignored.span
    after = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    if after:
        return Edit(Span(source, start, after.end()), "")
    before = len(text[:start].rstrip(" \t,"))
    return Edit(Span(source, before, end), "")
