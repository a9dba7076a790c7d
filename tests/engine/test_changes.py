"""`--diff-base`: findings on changed lines, as git tells them, in real repositories."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploylint.discovery.project import Project
from deploylint.engine import changes
from deploylint.engine.changes import Changes, ChangesError
from deploylint.finding import Finding, Label
from deploylint.text import Source
from tests.ci.support import git
from tests.test_cli import Result, run

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = 'FROM alpine:3.20\nCMD ["/bin/date"]\n'
MISSPELT = "# deploylint: ingore[x]\n"
ODD = (
    "a b/Dockerfile", "ü/Dockerfile", 'q"uo\\te/Dockerfile', "tab\there/Dockerfile", "Dockerfile.a\x01b", "-x/Dockerfile",
    "a/b/Dockerfile",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "Dockerfile").write_text(MISSPELT + CLEAN)
    (tmp_path / "api.Dockerfile").write_text(MISSPELT + CLEAN)
    commit(tmp_path)
    return tmp_path


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "state")


def lint(project: Path, *arguments: str, **environment: str) -> Result:
    return run(project, "--select", "unknown-rule", "--format", "concise", *arguments, **environment)


def found(project: Path, revision: str = "HEAD") -> list[str]:
    """The places of findings."""
    result = lint(project, "--diff-base", revision)
    assert result.err == ""
    return [line.partition(": ")[0] for line in result.out.splitlines()[:-1]]


def since(revision: str, root: Path) -> Changes:
    """What differs of all files that there are."""
    paths = {path.relative_to(root).as_posix() for path in root.rglob("*") if ".git" not in path.parts and not path.is_dir()}
    return changes.since(revision, Project(str(root), ("",)), paths)


def test_what_was_there_before_is_silent(project: Path) -> None:
    result = lint(project, "--diff-base", "HEAD")
    assert result.code == 0
    assert result.out.startswith("No problems found in 2 files (2 on unchanged lines). Checked ")


def test_uncommitted_staged_and_committed_changes_count(project: Path) -> None:
    (project / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
    assert found(project) == ["Dockerfile:4:1"]
    git(project, "add", "--all")
    assert found(project) == ["Dockerfile:4:1"]
    git(project, "commit", "--quiet", "--message", "more")
    assert found(project) == []
    assert found(project, "HEAD~1") == found(project, "main^") == ["Dockerfile:4:1"]


def test_lines_that_only_moved_are_not_changed(project: Path) -> None:
    (project / "Dockerfile").write_text(f"# More\n\n{MISSPELT}{CLEAN}")
    git(project, "mv", "api.Dockerfile", "worker.Dockerfile")
    assert found(project) == []


@pytest.mark.parametrize("path", ODD)
def test_any_path(project: Path, path: str) -> None:
    place = project / path
    place.parent.mkdir(exist_ok=True, parents=True)
    place.write_text(f"{CLEAN}{MISSPELT}")
    assert since("HEAD", project).new == {path}
    commit(project)
    place.write_text(f"{CLEAN}{MISSPELT}{MISSPELT}")
    assert since("HEAD", project) == Changes({path: [(4, 4)]}, frozenset())
    assert len(found(project)) == 1


def test_an_untracked_file_is_new_unless_git_ignores_it(project: Path) -> None:
    (project / "new.Dockerfile").write_text(MISSPELT)
    (project / "old.Dockerfile").write_text(MISSPELT)
    (project / ".gitignore").write_text("old.*\n")
    assert found(project) == ["new.Dockerfile:1:1"]


def test_where_lines_were_taken_out_their_neighbours_are_changed(project: Path) -> None:
    (project / "Dockerfile").write_text(f"{MISSPELT}RUN true\n{CLEAN}")
    commit(project)
    (project / "Dockerfile").write_text(MISSPELT + CLEAN)
    assert found(project) == ["Dockerfile:1:1"]


def test_lines_that_look_like_a_diff(project: Path) -> None:
    (project / "a.yaml").write_text("-- a/x\n++ b/y\n@@ -1 +1 @@\n")
    commit(project)
    (project / "a.yaml").write_text("++ b/Dockerfile\n@@ -1,9 +1,9 @@\n-- /dev/null\r\x0c\x85\nend")
    assert since("HEAD", project) == Changes({"a.yaml": [(1, 4)]}, frozenset())
    assert found(project) == []


def test_the_users_own_settings_do_not_matter(project: Path) -> None:
    for name, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("diff.external", "false"),
        ("diff.interHunkContext", "9"), ("core.quotePath", "true"), ("diff.renames", "false"), ("diff.context", "5"),
    ):  # fmt: skip
        git(project, "config", name, value)
    (project / ".gitattributes").write_text("*ockerfile binary\n")
    (project / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
    git(project, "mv", "api.Dockerfile", "ü.Dockerfile")
    assert found(project) == ["Dockerfile:4:1"]


def test_a_folder_of_the_repository_is_enough(project: Path) -> None:
    example = project / "examples" / "shop"
    example.mkdir(parents=True)
    (example / "Dockerfile").write_text(CLEAN)
    commit(project)
    (example / "Dockerfile").write_text(CLEAN + MISSPELT)
    (example / "new.Dockerfile").write_text(MISSPELT)
    assert found(example) == ["Dockerfile:3:1", "new.Dockerfile:1:1"]


def test_a_worktree(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("trees") / "other"
    git(project, "worktree", "add", "--quiet", str(other))
    (other / "Dockerfile").write_text(CLEAN + MISSPELT)
    assert found(other, "main") == ["Dockerfile:3:1"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "-p", "HEAD:Dockerfile", "a b", ""])
def test_an_unknown_revision_is_one_sentence(project: Path, revision: str) -> None:
    result = lint(project, f"--diff-base={revision}")
    said = f"deploylint: --diff-base: git knows no revision `{revision}`; check its name, or fetch it first\n"
    assert (result.code, result.out, result.err) == (2, "", said)


def test_no_repository_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(CLEAN)
    result = run(tmp_path, "--diff-base", "HEAD", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("deploylint: --diff-base: not a git repository")
    assert result.err.count("\n") == 1


def test_no_git_is_one_sentence(project: Path) -> None:
    result = run(project, "--diff-base", "HEAD", PATH=str(project.parent))
    assert (result.code, result.out) == (2, "")
    assert result.err == "deploylint: --diff-base: git isn't on PATH; install it\n"


def test_standard_input_has_no_revision(project: Path) -> None:
    result = run(project, "-", "--diff-base", "HEAD")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("deploylint: --diff-base can't be used with -")


def test_nothing_is_written_to_the_repository(project: Path) -> None:
    index = project / ".git" / "index"
    os.utime(project / "Dockerfile", (0, 0))  # git would like to refresh its index
    before = index.read_bytes()
    found(project)
    assert index.read_bytes() == before


LINES = st.lists(st.sampled_from(["a", "b", "c", "-- a", "++ b/x", "", "@@ -1 +1 @@"]), max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES, LINES, st.booleans(), st.booleans())
def test_the_lines_git_names_are_those_that_differ(
    tmp_path: Path, before: list[str], after: list[str], is_ended: bool, was_ended: bool
) -> None:
    """Whatever git calls unchanged stands in both, in the same order."""
    if not (tmp_path / ".git").exists():
        git(tmp_path, "init", "--quiet")
    old, new = "\n".join(before) + "\n" * was_ended, "\n".join(after) + "\n" * is_ended
    (tmp_path / "f").write_text(old)
    git(tmp_path, "add", "--all")
    (tmp_path / "f").write_text(new)
    tree = git(tmp_path, "write-tree").strip()
    ranges = since(tree, tmp_path).lines.get("f", [])
    kept = [line for number, line in enumerate(new.splitlines(), 1) if not any(low <= number <= high for low, high in ranges)]
    rest = iter(old.splitlines())
    assert all(line in rest for line in kept)


def test_a_finding_counts_if_any_place_of_it_is_changed() -> None:
    web, app = Source("web.yaml", "a\nb\nc\nd\n"), Source("app.py", "x\n")

    def touched(start: int, end: int, related: Source | None = None) -> bool:
        labels = (Label(related.span(0, 1), ""),) if related else ()
        finding = Finding("m", Label(web.span(start, end), ""), labels)
        return changes.Changes({"web.yaml": [(2, 3)]}, frozenset({"app.py"})).touch(finding)

    assert [touched(0, 1), touched(2, 3), touched(4, 4), touched(6, 7)] == [False, True, True, False]
    assert touched(0, 8)
    assert not touched(0, 2)  # the end is exclusive: a line's end is part of its line
    assert touched(0, 1, app)


def test_no_revision_and_no_repository_differ(tmp_path: Path) -> None:
    with pytest.raises(ChangesError, match="not a git repository"):
        since("HEAD", tmp_path)


def test_the_repository_around_the_current_folder_is_not_asked_about_another(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(ChangesError, match="not a git repository"):
        since("HEAD", tmp_path_factory.mktemp("elsewhere"))
