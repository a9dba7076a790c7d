"""Whole small projects and how everything in them stops, as a user sees it: as text at 80 columns, and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running
from deploylint.output import timeline, timeline_svg
from deploylint.output.layout import View, plain
from tests.test_cli import run
from tests.test_projects import FIXTURES, PROJECTS, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = View(80, str, has_boxes=True)


def text_of(workspace: Workspace) -> str:
    """Without the two closing lines: what rules find belongs to other tests."""
    lines = [plain(line) for line in timeline.lines(running.run(workspace, Settings(), with_stops=True), VIEW)]
    return "\n".join(lines[:-2])


def picture_of(workspace: Workspace) -> str:
    return "".join(f"{plain(line)}\n" for line in timeline_svg.lines(running.run(workspace, Settings(), with_stops=True), VIEW))


@pytest.mark.parametrize(("draw", "suffix"), [(text_of, "txt"), (picture_of, "svg")])
@pytest.mark.parametrize("project", PROJECTS)
def test_drawn(project: str, draw: Callable[[Workspace], str], suffix: str, request: pytest.FixtureRequest) -> None:
    expected = FIXTURES / "expected" / f"{project}.timeline.{suffix}"
    text = draw(Workspace.open(str(FIXTURES / project)))
    if request.config.getoption("--update"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert text == draw(Workspace.of(texts_of(project)))


def test_as_users_run_it() -> None:
    folder = FIXTURES / "phoenix-on-kubernetes"
    expected = (FIXTURES / "expected" / "phoenix-on-kubernetes.timeline.txt").read_text(encoding="utf-8")
    result = run(folder, "--format", "timeline", ".", PYTHONIOENCODING="utf-8")
    assert result.code == 1
    assert result.out.startswith(f"{expected}\nFound ")
    for encoding in ("ascii", "latin-1"):
        text = run(folder, "--format", "timeline", ".", PYTHONIOENCODING=encoding).out
        assert "  SIGTERM         at 10s      v       |" in text
    assert "\x1b[" in run(folder, "--format", "timeline", "--color", "always", ".").out
    picture = run(folder, "--format", "timeline-svg", "--color", "always", ".", PYTHONIOENCODING="ascii").out
    assert picture == (FIXTURES / "expected" / "phoenix-on-kubernetes.timeline.svg").read_text(encoding="utf-8")


def test_the_documentation_shows_what_is_drawn(request: pytest.FixtureRequest) -> None:
    docs = FIXTURES.parent.parent / "docs"
    workspace = Workspace.open(str(FIXTURES / "phoenix-on-kubernetes"))
    page = (docs / "timeline.md").read_text(encoding="utf-8")
    head, _, rest = page.partition("```text\n")
    shown = f"{head}```text\n{text_of(workspace)}```{rest.partition('```')[2]}"
    picture = picture_of(workspace)
    if request.config.getoption("--update"):
        (docs / "timeline.md").write_text(shown, encoding="utf-8")
        (docs / "timeline.svg").write_text(picture, encoding="utf-8")
    assert (docs / "timeline.md").read_text(encoding="utf-8") == shown
    assert (docs / "timeline.svg").read_text(encoding="utf-8") == picture
