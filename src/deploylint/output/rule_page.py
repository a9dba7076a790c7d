"""A rule's page for readers who are not in its repository: its address, its Markdown on its own, and as plain text."""

from __future__ import annotations

import re
from posixpath import join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.finding import RuleInfo

REPOSITORY = "https://github.com/deploylint/deploylint"
_BLOB = f"{REPOSITORY}/blob/main"
_LINK = regex(r"(\[[^\]\n]*\])\((?!https?:|#)([^)\s]+)\)")
_LINK_TEXT = regex(r"\[([^\]\n]*)\]\([^)\s]*\)")
_SENTENCE_END = regex(r"(?<=[.!?])\s")


def address(rule: RuleInfo) -> str:
    """Where the page can be read; '' for a rule of the user's own, which only they know."""
    if rule.is_own:
        return ""
    return f"{_BLOB}/rules/{rule.subject}/{rule.name.replace('-', '_')}.md"


def markdown(rule: RuleInfo) -> str:
    """The page without its title; links lead to the repository, or nowhere where it isn't known."""
    body = rule.page.partition("\n")[2].strip()
    if rule.is_own:
        return _LINK.sub(lambda match: match[1][1:-1], body) + "\n"
    return _LINK.sub(lambda match: f"{match[1]}({_BLOB}/{normpath(join('rules', rule.subject, match[2]))})", body) + "\n"


def short(rule: RuleInfo) -> str:
    """The page's one line."""
    return next(iter(_paragraphs(rule.page)), rule.name)


def full(rule: RuleInfo, room: int) -> str:
    """What the rule does and why it matters, as whole sentences in at most `room` characters."""
    kept = ""
    for part in _parts(rule.page):
        for sentence in _SENTENCE_END.split(next(_paragraphs(part), "")):
            if sentence.endswith((".", "!", "?")) and len(kept) + 1 + len(sentence) <= room:
                kept = f"{kept} {sentence}".strip()
    return kept or short(rule)[:room]


def text(rule: RuleInfo) -> str:
    """The page for a reader without Markdown: what and why; its examples are at its address."""
    paragraphs = [short(rule), *(paragraph for part in _parts(rule.page) for paragraph in _paragraphs(part))]
    where = address(rule) or f"deploylint --explain {rule.name}"
    return "\n\n".join([*paragraphs, f"Examples, and when the rule stays silent: {where}"]) + "\n"


def _parts(page: str) -> Iterator[str]:
    """The sections that are prose for every reader."""
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        if title.strip() in ("What it does", "Why it matters"):
            yield body


def _paragraphs(body: str) -> Iterator[str]:
    """The paragraphs on a line each, list items on lines of their own; titles, tables and code are left out."""
    for block in re.split(r"\n\s*\n", re.sub(r"^(`{3,}).*?^\1$", "", body, flags=re.MULTILINE | re.DOTALL).strip()):
        if not block.startswith(("#", "|")):
            lines = re.sub(r"\n(?!\s*- )\s*", " ", block)
            yield _LINK_TEXT.sub(r"\1", lines)
