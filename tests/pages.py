"""Rule pages as tests: every example of every page is a small project with an expected report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

RULES = Path(__file__).parent.parent / "rules"
SECTIONS = {"Bad": "bad", "Good": "good", "When it stays silent": "silent"}

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>\w+)(?: (?P<rest>.+))?$")
_TITLE = re.compile(r'title="([^"]+)"')


class Example(NamedTuple):
    """One example of a page: its files, and for a bad one the report as the page has it with the lines it stands on."""

    rule: str
    section: str
    heading: str
    files: dict[str, str]
    report: str | None
    report_lines: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.rule}-{self.section}-{self.heading or 'example'}".replace(" ", "_").replace("`", "")


def pages() -> list[Path]:
    return sorted(RULES.glob("*/*.md"))


def rule_of(page: Path) -> str:
    return page.stem.replace("_", "-")


def examples(page: Path) -> list[Example]:
    """The examples of a page in their order."""
    found: list[Example] = []
    section = heading = ""
    files: dict[str, str] = {}
    report: str | None = None
    report_lines = (0, 0)

    def close() -> None:
        nonlocal files, report, report_lines
        if files or report is not None:
            found.append(Example(rule_of(page), section, heading, files, report, report_lines))
        files, report, report_lines = {}, None, (0, 0)

    lines = page.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if line.startswith("## "):
            close()
            section, heading = SECTIONS.get(line[3:].strip(), ""), ""
        elif line.startswith("### ") and section:
            close()
            heading = line[4:].strip()
        elif section and (fence := _FENCE.match(line)):
            first = number
            while lines[number] != fence["fence"]:
                number += 1
            body = "".join(f"{each}\n" for each in lines[first:number])
            number += 1
            if fence["rest"] == "report":
                report, report_lines = body, (first, number - 1)
            else:
                title = _TITLE.search(fence["rest"] or "")
                if title is None:
                    raise AssertionError(f"{page}:{first}: a code block of an example needs a title")
                files[title[1]] = body
    close()
    return found


def write_report(page: Path, example: Example, report: str) -> None:
    """Put the report a bad example really yields into its page."""
    # The page may have grown since it was read: an earlier example's report was longer.
    now = next(each for each in examples(page) if each.name == example.name)
    lines = page.read_text(encoding="utf-8").split("\n")
    first, last = now.report_lines
    lines[first:last] = report.rstrip("\n").split("\n")
    page.write_text("\n".join(lines), encoding="utf-8")
