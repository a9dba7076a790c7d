"""The tree: which files there are, and what each is."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.workspace import MAX_FILE_SIZE, Workspace, kind_of
from deploylint.paths import relative

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Dockerfile", "dockerfile"),
        ("services/api/Dockerfile.prod", "dockerfile"),
        ("api.Dockerfile", "dockerfile"),
        ("docker/api.dockerfile", "dockerfile"),
        ("Dockerfile-alpine", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("web.Containerfile", "dockerfile"),
        ("Dockerfile.dockerignore", "dockerignore"),
        (".dockerignore", "dockerignore"),
        ("Dockerfile.j2", ""),
        ("Dockerfile.md", ""),
        ("dockerfile-rails.gemspec", ""),
        ("lib/dockerfile.py", ""),
        ("docs/my-dockerfile-notes.txt", ""),
        ("k8s/web.yaml", "yaml"),
        ("docker-compose.yml", "compose"),
        ("docker-compose.prod.yml", "compose"),
        ("compose.yaml", "compose"),
        ("compose.override.yaml", "compose"),
        ("prod-compose.yml", "compose"),
        ("docker-stack.yml", "compose"),
        ("docker-stack.prod.yaml", "compose"),
        ("stack.yaml", "yaml"),
        ("composer.yaml", "yaml"),
        ("fly.toml", "fly"),
        ("fly.production.toml", "fly"),
        ("fly-staging.toml", "fly"),
        ("butterfly.toml", ""),
        ("deploy/fly/prod.toml", "fly"),
        ("crates/fly/Cargo.toml", ""),
        ("pyproject.toml", "pyproject"),
        ("requirements.txt", "requirements"),
        ("requirements-dev.txt", "requirements"),
        ("requirements/base.txt", "requirements"),
        ("mix.exs", "mix"),
        ("Procfile", "procfile"),
        ("Procfile.dev", "procfile"),
        ("chart/Chart.yaml", "chart"),
        ("overlays/prod/kustomization.yml", "kustomization"),
        ("package.json", "package"),
        ("deploy/shop.service", "systemd"),
        ("jobs/shop.nomad.hcl", "nomad"),
        ("shop.job", "nomad"),
        ("railway.toml", "railway"),
        ("railway.json", "json"),
        ("src/main.rs", ""),
        ("YAML", ""),
        ("job", ""),
    ],
)
def test_kind_by_name(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_the_walk_sees_what_git_sees(tmp_path: Path) -> None:
    """The oracle is git itself: tracked and untracked files that no ignore file names."""
    write(
        tmp_path,
        {
            ".gitignore": "*.log\n!keep.log\n/build\nsecret/\n# comment\n\\#odd\ndoc/**/draft.*\nname with space.txt\n",
            "a.log": "", "keep.log": "", "build/x.yaml": "", "sub/build/y.yaml": "", "secret/z.yaml": "", "#odd": "",
            "doc/a/b/draft.yaml": "", "doc/final.yaml": "", "name with space.txt": "",
            "sub/.gitignore": "!*.log\n/only-here\n*.tmp\n",
            "sub/b.log": "", "sub/only-here": "", "sub/deep/only-here": "", "sub/deep/c.tmp": "",
            "sub/deep/.gitignore": "!c.tmp\n",
            ".github/workflows/ci.yml": "", ".hidden/Dockerfile": "",
        },
    )  # fmt: skip
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files", "-coz", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout
    expected = sorted(path for path in listed.split("\0") if path)
    assert list(Workspace.open(str(tmp_path)).under("")) == expected


def test_files_that_git_ignores_are_apart_but_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": ".env\n/build\n", ".env": "A=1", "web/.env": "B=2", "build/.env": "C=3", "Dockerfile": ""})
    workspace = Workspace.open(str(tmp_path), exclude=("/web",))
    assert workspace.under("") == (".gitignore", "Dockerfile")
    assert workspace.ignored("") == (".env",)
    texts = [source and source.text for source in map(workspace.read, (".env", "web/.env", "build/.env"))]
    assert texts == ["A=1", None, None]


def test_what_only_tools_own_is_not_entered(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "mix.exs": "", "deps/phoenix/Dockerfile": "", "_build/prod/x.yaml": "", "assets/node_modules/p/Dockerfile": "",
            "env/pyvenv.cfg": "", "env/lib/Dockerfile": "", ".venv/x.yaml": "", "tools/deps/Dockerfile": "",
        },
    )  # fmt: skip
    assert Workspace.open(str(tmp_path)).under("") == ("mix.exs", "tools/deps/Dockerfile")


def test_exclude_patterns(tmp_path: Path) -> None:
    write(tmp_path, {"vendor/chart/a.yaml": "", "k8s/a.yaml": "", "k8s/generated.yaml": ""})
    workspace = Workspace.open(str(tmp_path), exclude=("/vendor", "generated.*"))
    assert workspace.under("") == ("k8s/a.yaml",)


def test_links_never_lead_out_of_the_tree(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside, {"secret.yaml": "a: 1", "folder/b.yaml": "b: 1"})
    root = tmp_path / "root"
    write(root, {"real/entrypoint.sh": "exec app\n"})
    os.symlink(outside / "secret.yaml", root / "out.yaml")
    os.symlink(outside / "folder", root / "folder")
    os.symlink("real/entrypoint.sh", root / "entrypoint.sh")
    os.symlink("loop", root / "loop")
    workspace = Workspace.open(str(root))
    assert workspace.read("out.yaml") is None
    assert not workspace.exists("folder/b.yaml")
    assert not workspace.exists("loop")
    inside = workspace.read("entrypoint.sh")
    assert inside is not None
    assert inside is workspace.read("real/entrypoint.sh")
    assert inside.path == "real/entrypoint.sh"


def test_each_file_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": "FROM scratch\n"})
    workspace = Workspace.open(str(tmp_path))
    first = workspace.read("Dockerfile")
    (tmp_path / "Dockerfile").write_text("changed")
    assert first is not None
    assert workspace.read("Dockerfile") is first


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\xff\xfe\x00", "is not UTF-8 text"), (b"FROM \x00", "is not text"), (b"a" * (MAX_FILE_SIZE + 1), "is larger than 16 MB")],
    ids=["utf-16", "nul", "huge"],
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "Dockerfile").write_bytes(data)
    workspace = Workspace.open(str(tmp_path))
    assert workspace.read("Dockerfile") is None
    assert [(source.path, why) for source, why in workspace.unreadable] == [("Dockerfile", reason)]


def test_data_that_is_no_text_is_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "fixture.json").write_bytes('[{"name": "Zoë"}]'.encode("latin-1"))
    (tmp_path / "models.tar.gz").write_bytes(b"\x1f\x8b\x08\x00")
    workspace = Workspace.open(str(tmp_path))
    assert workspace.read("fixture.json") is None
    assert workspace.read("models.tar.gz") is None
    assert workspace.unreadable == []


@pytest.mark.parametrize(
    ("before", "reason"),
    [(b"", "is not UTF-8 text"), (b" " * MAX_FILE_SIZE, "is larger than 16 MB")],
    ids=["latin-1", "huge"],
)
def test_json_that_is_no_text_is_told_if_it_has_the_key_of_a_manifest(tmp_path: Path, before: bytes, reason: str) -> None:
    (tmp_path / "list.json").write_bytes(before + '{"apiVersion": "v1", "name": "Zoë"}'.encode("latin-1"))
    workspace = Workspace.open(str(tmp_path))
    assert workspace.read("list.json") is None
    assert [(source.path, why) for source, why in workspace.unreadable] == [("list.json", reason)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0GITCRYPT\0\x12\xff", "git-crypt"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n6231\n", "Ansible Vault"),
        (b"age-encryption.org/v1\n-> X25519 a\n\xff", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "age"),
    ],
)
def test_encrypted_file_is_named_as_such_and_no_problem(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / "secrets.yaml").write_bytes(data)
    workspace = Workspace.open(str(tmp_path))
    assert workspace.read("secrets.yaml") is None
    assert (workspace.unreadable, workspace.unread) == ([], [("secrets.yaml", f"the file is encrypted ({name})")])


def test_huge_json_that_is_no_manifest_is_named_as_unread(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_bytes(b" " * (MAX_FILE_SIZE + 1))
    workspace = Workspace.open(str(tmp_path))
    assert workspace.read("data.json") is None
    assert (workspace.unreadable, workspace.unread) == ([], [("data.json", "the file is larger than 16 MB")])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_its_platform_reads_as_utf_16_is_read(tmp_path: Path, encoding: str) -> None:
    for name in ("web.yaml", "web.json", "compose.yml", "requirements.txt", "Dockerfile"):
        (tmp_path / name).write_bytes("\ufeffa: é\r\n".encode(encoding))
    workspace = Workspace.open(str(tmp_path))
    names = ("web.yaml", "web.json", "compose.yml", "requirements.txt", "Dockerfile")
    read = {name: source.text for name in names if (source := workspace.read(name))}
    assert read == dict.fromkeys(("web.yaml", "web.json", "compose.yml", "requirements.txt"), "a: é\r\n")
    assert [source.path for source, _ in workspace.unreadable] == ["Dockerfile"]


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\n")
    source = Workspace.open(str(tmp_path)).read("a.yaml")
    assert source is not None
    assert source.text == "\ufeffa: 1\r\nb: 2\n"
    assert source.span(1, 2).where == "a.yaml:1:1"
    assert source.line(1) == "a: 1"
    assert source.span(7, 8).where == "a.yaml:2:1"


def test_under_lists_only_below_the_folder() -> None:
    workspace = Workspace.of({"a/x": "", "a/b/y": "", "a-b/z": "", "ab": "", "a.x": ""})
    assert workspace.under("a") == ("a/b/y", "a/x")
    assert workspace.exists("a/b")
    assert workspace.exists("")
    assert not workspace.exists("b")


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [("deploy", "../Dockerfile", "Dockerfile"), ("", ".", ""), ("a/b", "./c", "a/b/c"), ("", "../x", "../x"), ("a", "..", "")],
)
def test_relative(folder: str, path: str, expected: str) -> None:
    assert relative(folder, path) == expected
