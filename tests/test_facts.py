"""Every citation of `docs/facts/` and `docs/decisions/` leads to a page and a heading that exist."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
FACTS = ROOT / "docs/facts"
DECISIONS = ROOT / "docs/decisions"
_CITATION = re.compile(r"(?:docs/|\]\()(?P<page>(?:facts|decisions)/[\w-]+\.md)(?P<anchor>#[\w-]*)?")
_ANY_FACTS = re.compile(r"(?<![\w-])facts/[a-z][\w.-]*")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^()\s]+)\)")
_FENCE = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *#*$", re.MULTILINE)
_CODE = sorted(
    path
    for folder in ("src", "rules", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".md") and not path.is_relative_to(ROOT / "tests/fixtures") and path != Path(__file__)
)
_DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def slug(title: str) -> str:
    """The anchor GitHub makes of a heading: lower case, no punctuation except hyphens and underscores, hyphens for blanks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def anchors(text: str) -> list[str]:
    """The anchors of a Markdown text, in order, without the numbers GitHub appends to equal ones."""
    return [slug(match["title"]) for match in _HEADING.finditer(_FENCE.sub("", text))]


@cache
def _anchors_of(page: Path) -> frozenset[str]:
    return frozenset(anchors(page.read_text()))


def broken_citations(text: str) -> list[str]:
    """The citations of a text that lead nowhere, cite a page without a heading, or cite facts outside of this repository."""
    broken = []
    for match in _CITATION.finditer(text):
        page = ROOT / "docs" / match["page"]
        anchor = (match["anchor"] or "#")[1:]
        if not page.is_file() or (anchor and anchor not in _anchors_of(page)):
            broken.append(match[0].removeprefix("]("))
    known = {match.start("page") for match in _CITATION.finditer(text)}
    broken += [match[0] for match in _ANY_FACTS.finditer(text) if match.start() not in known]
    return broken + re.findall(r"\.\./shared/(?:facts|design|cases)\S*", text)


def broken_links(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead to no file or to no heading."""
    broken = []
    for match in _LINK.finditer(_INLINE_CODE.sub("code", _FENCE.sub("", text))):
        path, _, anchor = match["target"].partition("#")
        if ":" in path:
            continue
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors_of(target)):
            broken.append(match["target"])
    return broken


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("Kubernetes preStop", "kubernetes-prestop"),
        ("Fly.io", "flyio"),
        ("Phoenix force_ssl", "phoenix-force_ssl"),
        ("Mismatch: Go and Rust", "mismatch-go-and-rust"),
        ("`kill_timeout` & co", "kill_timeout--co"),
        ("What [a link](x.md) says", "what-a-link-says"),
    ],
)
def test_slug_is_the_one_of_github(title: str, anchor: str) -> None:
    assert slug(title) == anchor


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("docs/facts/platforms.md#nomad", []),
        ("docs/facts/platforms.md", []),
        ("docs/facts/platforms.md#nowhere", ["docs/facts/platforms.md#nowhere"]),
        ("docs/facts/nowhere.md", ["docs/facts/nowhere.md"]),
        ("[platforms](facts/platforms.md#nomad)", []),
        ("[nowhere](facts/nowhere.md)", ["facts/nowhere.md"]),
        ("docs/decisions/one-process.md, docs/decisions/two-processes.md", ["docs/decisions/two-processes.md"]),
        ("`facts/shutdown.md` A1", ["facts/shutdown.md"]),
        ("see ../shared/facts/ready.md", ["facts/ready.md", "../shared/facts/ready.md"]),
        ("artifacts/logs.txt", []),
    ],
)
def test_broken_citation_is_found(text: str, broken: list[str]) -> None:
    assert broken_citations(text) == broken


def test_heading_in_a_code_block_has_no_anchor() -> None:
    assert anchors("# One\n\n```sh\n# no heading\n```\n\n## Two\n") == ["one", "two"]


def test_citations_of_facts_lead_to_headings() -> None:
    broken = {str(path.relative_to(ROOT)): broken_citations(path.read_text()) for path in _CODE}
    assert {path: citations for path, citations in broken.items() if citations} == {}


def test_links_of_facts_and_decisions_lead_to_headings() -> None:
    pages = [*sorted(FACTS.glob("*.md")), *sorted(DECISIONS.glob("*.md"))]
    broken = {page.name: broken_links(page, page.read_text()) for page in pages}
    assert {page: links for page, links in broken.items() if links} == {}


def test_links_into_facts_and_decisions_lead_to_headings() -> None:
    broken = {
        str(page.relative_to(ROOT)): [
            link for link in broken_links(page, page.read_text()) if "facts/" in link or "decisions/" in link
        ]
        for page in _DOCS
    }
    assert {page: links for page, links in broken.items() if links} == {}


@pytest.mark.parametrize("page", sorted(FACTS.glob("*.md")), ids=lambda page: page.name)
def test_headings_of_a_page_have_distinct_anchors(page: Path) -> None:
    repeated = [anchor for anchor, count in Counter(anchors(page.read_text())).items() if count > 1]
    assert repeated == []


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("*.md")), ids=lambda page: page.name)
def test_modules_that_a_decision_names_exist(page: Path) -> None:
    names = re.findall(r"`([\w/]+\.py)`", page.read_text())
    missing = [name for name in names if not any((folder / name).is_file() for folder in (ROOT, ROOT / "src/deploylint"))]
    assert missing == []


@pytest.mark.parametrize("folder", [FACTS, DECISIONS], ids=lambda folder: folder.name)
def test_index_links_every_page(folder: Path) -> None:
    index = (folder / "README.md").read_text()
    missing = [page.name for page in sorted(folder.glob("*.md")) if page.name != "README.md" and f"]({page.name})" not in index]
    assert missing == []


@pytest.mark.parametrize("page", sorted(FACTS.glob("*.md")), ids=lambda page: page.name)
def test_rows_of_a_table_have_as_many_cells_as_its_head(page: Path) -> None:
    cells = 0
    wrong = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("|"):
            cells = 0
            continue
        count = len(re.findall(r"(?<!\\)\|", line))
        cells = cells or count
        if count != cells:
            wrong.append(number)
    assert wrong == []
