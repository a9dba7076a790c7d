"""What the walk enters, what it leaves out, and what it says of that."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"


def write(root: Path, paths: dict[str, str]) -> None:
    for path, text in paths.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run([*command, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("pattern", ["deploy", "deploy/", "/deploy/*", "*.yaml", "*"])
def test_tracked_file_is_not_ignored(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {".gitignore": pattern + "\n", "deploy/web.yaml": "", "deploy/local.yaml": "", "deploy/sub/x.yaml": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", ".gitignore", "deploy/web.yaml")
    assert list(Workspace.open(str(tmp_path)).under("deploy")) == ["deploy/web.yaml"]


def test_ignore_files_alone_decide_outside_of_a_work_tree(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "deploy\n", "deploy/web.yaml": "", "web.yaml": ""})
    assert Workspace.open(str(tmp_path)).under("") == (".gitignore", "web.yaml")


def test_folder_of_a_repository_goes_by_the_index_above_it(tmp_path: Path) -> None:
    write(tmp_path, {"examples/shop/.gitignore": "deploy\n", "examples/shop/deploy/web.yaml": "", "deploy/other.yaml": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", ".")
    assert Workspace.open(str(tmp_path / "examples" / "shop")).under("deploy") == ("deploy/web.yaml",)


def test_submodule_goes_by_its_own_index_and_patterns(tmp_path: Path) -> None:
    write(tmp_path, {"lib/.gitignore": "k8s\n", "lib/k8s/web.yaml": "", "lib/a.yaml": "", "shop/.gitignore": "lib\n"})
    git(tmp_path / "lib", "init", "-q")
    git(tmp_path / "lib", "add", "-f", ".")
    git(tmp_path / "lib", "commit", "-q", "-m", "x")
    git(tmp_path / "shop", "init", "-q")
    git(tmp_path / "shop", "submodule", "add", "-f", str(tmp_path / "lib"), "lib")
    (tmp_path / "shop" / "lib" / "k8s" / "untracked.yaml").touch()
    assert [path for path in Workspace.open(str(tmp_path / "shop")).under("lib") if path.endswith(".yaml")] == [
        "lib/a.yaml",
        "lib/k8s/web.yaml",
    ]


@pytest.mark.parametrize("mark", [("CACHEDIR.TAG", SIGNATURE), ("pyvenv.cfg", "")])
def test_mark_of_a_cache_hides_neither_the_root_nor_what_is_tracked(tmp_path: Path, mark: tuple[str, str]) -> None:
    name, text = mark
    write(tmp_path, {name: text, "web.yaml": "", f"deploy/{name}": text, "deploy/web.yaml": "", f"env/{name}": text, "env/a": ""})
    workspace = Workspace.open(str(tmp_path))
    assert workspace.under("") == (name, "web.yaml")
    assert workspace.unread == [(folder, f"the folder is a tool's own (`{name}`)") for folder in ("deploy", "env")]
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "deploy")
    assert Workspace.open(str(tmp_path)).under("") == tuple(sorted([name, f"deploy/{name}", "deploy/web.yaml", "web.yaml"]))


def test_mark_without_the_signature_of_caches_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"deploy/CACHEDIR.TAG": "", "deploy/web.yaml": ""})
    assert "deploy/web.yaml" in Workspace.open(str(tmp_path)).under("")


def test_deep_folder_is_read(tmp_path: Path) -> None:
    folder = "/".join("abcdefghij" * 20)
    write(tmp_path, {f"{folder}/web.yaml": ""})
    assert Workspace.open(str(tmp_path)).under("") == (f"{folder}/web.yaml",)


def test_folder_whose_path_is_too_long_is_named(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    assert [reason for _, reason in Workspace.open(str(tmp_path)).unread] == ["the folder can't be read (File name too long)"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_folder_without_permission_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"deploy/web.yaml": ""})
    (tmp_path / "deploy").chmod(0)
    try:
        assert Workspace.open(str(tmp_path)).unread == [("deploy", "the folder can't be read (Permission denied)")]
    finally:
        (tmp_path / "deploy").chmod(0o700)


def test_link_out_of_the_project_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"outside.yaml": "", "shop/a.txt": ""})
    (tmp_path / "shop" / "web.yaml").symlink_to("../outside.yaml")
    workspace = Workspace.open(str(tmp_path / "shop"))
    assert workspace.read("web.yaml") is None
    assert workspace.unread == [("web.yaml", "the link leads out of the project")]
