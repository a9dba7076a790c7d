"""The index as git writes it: its own list of tracked files is the expected one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery import git_index
from deploylint.discovery.git_index import IndexFormatError, Tracked

if TYPE_CHECKING:
    from pathlib import Path

PATHS = ["a.yaml", "a/b/c.yaml", "a/b/d.yaml", "a.b/x", "ünïcode/☃.yaml", "z" * 180, "z" * 181, "a b/\t.txt", "k8s/web.yaml"]


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def repository(folder: Path, *options: str) -> None:
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")
    git(folder, "init", "-q", *options)
    git(folder, "add", "--all")


def tracked(folder: Path) -> list[str]:
    return sorted(path.decode() for path in git(folder, "ls-files", "-z").split(b"\0") if path)


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_every_version_and_hash(tmp_path: Path, version: str, format_: str) -> None:
    repository(tmp_path, "--object-format", format_)
    if version == "3":
        (tmp_path / "later").touch()
        git(tmp_path, "add", "--intent-to-add", "later")  # only extended flags make it version 3
    git(tmp_path, "update-index", "--index-version", version)
    assert Tracked(str(tmp_path)).names == tracked(tmp_path)


@pytest.mark.parametrize("version", ["2", "4"])
def test_split_index(tmp_path: Path, version: str) -> None:
    repository(tmp_path)
    git(tmp_path, "update-index", "--index-version", version)
    git(tmp_path, "update-index", "--split-index")
    (tmp_path / "a.yaml").write_text("changed", encoding="utf-8")
    (tmp_path / "new.yaml").touch()
    git(tmp_path, "add", "--all")
    assert Tracked(str(tmp_path)).names == tracked(tmp_path)


def test_worktree(tmp_path: Path) -> None:
    (tmp_path / "main").mkdir()
    repository(tmp_path / "main")
    git(tmp_path / "main", "commit", "-q", "-m", "x")
    git(tmp_path / "main", "worktree", "add", "-q", "../other")
    assert Tracked(str(tmp_path / "other")).names == tracked(tmp_path / "other")


def test_folder_holds_what_is_below_it_and_no_namesake(tmp_path: Path) -> None:
    repository(tmp_path)
    index = Tracked(str(tmp_path))
    assert [index.holds(path) for path in ("a/", "a/b/", "a.b/", "k8s/", "a/b/c.yaml")] == [True] * 5
    assert [index.holds(path) for path in ("b/", "k8/", "k8s/w/", "a/b/c", "k8s/web.yam")] == [False] * 5


def test_no_repository_tracks_nothing(tmp_path: Path) -> None:
    assert Tracked(str(tmp_path)).names == []


@given(st.data())
def test_broken_index_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp() / "mutated"
    if not folder.exists():
        folder.mkdir()
        repository(folder)
    content = bytearray((folder / ".git" / "index").read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(0, len(content)))
    try:
        names, _ = git_index._parsed(bytes(content[:length]))
    except (IndexFormatError, IndexError, ValueError):
        return
    assert all(isinstance(name, bytes) for name in names)
