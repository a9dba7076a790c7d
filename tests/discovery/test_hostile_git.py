"""A repository that was made to run programs: `--diff-base` runs none of them, waits for none, and tells what git would tell."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploylint.discovery import git as git_module
from deploylint.discovery.project import locate
from deploylint.engine import changes
from tests.ci.support import git
from tests.engine.test_changes import CLEAN, MISSPELT, commit, found, lint

ROOT = Path(__file__).parent.parent.parent


class Trap:
    """A program that leaves a trace. `command`: a shell's words that run it."""

    def __init__(self, folder: Path) -> None:
        self.trace = folder / "trace"
        self.program = folder / "trap"
        self.program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{self.trace}'\nexit 1\n")
        self.program.chmod(0o755)
        self.command = str(self.program)

    @property
    def has_run(self) -> bool:
        return self.trace.exists()


@pytest.fixture
def trap(tmp_path_factory: pytest.TempPathFactory) -> Trap:
    return Trap(tmp_path_factory.mktemp("trap"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose Dockerfile has one line more than its commit."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "Dockerfile").write_text(MISSPELT + CLEAN)
    (tmp_path / "api.Dockerfile").write_text(MISSPELT + CLEAN)
    commit(tmp_path)
    (tmp_path / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
    return tmp_path


EXPECTED = ["Dockerfile:4:1"]


def touched(root: Path) -> set[str]:
    """The paths of files that differ from `HEAD`, in this process."""
    project = locate([str(root)])
    result = changes.since("HEAD", project, ["Dockerfile", "api.Dockerfile"])
    return {*result.lines, *result.new}


def plain_git(folder: Path, *arguments: str) -> None:
    """git as it runs by itself: to show that a trap works."""
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=30)


def bare_repository(folder: Path, config: str) -> None:
    """What git takes for a repository: committed as files of the tree."""
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
        (folder / name / "keep").write_text("")
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text(f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n{config}")


class TestAnEmbeddedBareRepository:
    @pytest.fixture
    def app(self, project: Path, trap: Trap) -> Path:
        app = project / "tests" / "e2e" / "app"
        app.mkdir(parents=True)
        (app / "Dockerfile").write_text(CLEAN)
        (app / ".gitattributes").write_text("* filter=x diff=x\n")
        bare_repository(
            app,
            f'\tfsmonitor = {trap.command}\n[filter "x"]\n\tclean = {trap.command}\n\tprocess = {trap.command}\n'
            f'[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ext::{trap.command}\n\tpromisor = true\n'
            f'[diff "x"]\n\ttextconv = {trap.command}\n[protocol]\n\tallow = always\n',
        )
        commit(project)
        (app / "Dockerfile").write_text(CLEAN + MISSPELT)
        return app

    def test_trap_works_for_git_itself(self, app: Path, trap: Trap) -> None:
        plain_git(app, "-c", "safe.bareRepository=all", "status")
        assert trap.has_run

    def test_nothing_of_it_runs(self, app: Path, project: Path, trap: Trap) -> None:
        result = lint(project, "--diff-base", "HEAD", "tests/e2e/app")
        assert result.err == ""
        assert result.out.startswith("tests/e2e/app/Dockerfile:3:1: ")
        assert found(app) == ["Dockerfile:3:1"]
        assert not trap.has_run

    def test_it_is_no_repository_without_one_around_it(self, tmp_path: Path, trap: Trap) -> None:
        folder = tmp_path / "alone"
        bare_repository(folder, f"\tfsmonitor = {trap.command}\n")
        (folder / "Dockerfile").write_text(MISSPELT)
        result = lint(folder, "--diff-base", "HEAD")
        assert (result.code, result.out) == (2, "")
        assert result.err == "deploylint: --diff-base: not a git repository; run it on files of one\n"
        assert not trap.has_run


HOSTILE = {
    "core.fsmonitor": "{}", "core.sshCommand": "{}", "core.pager": "{}", "core.editor": "{}", "core.askPass": "{}",
    "core.gitProxy": "{}", "core.alternateRefsCommand": "{}", "core.hooksPath": "{folder}", "core.worktree": "/",
    "core.attributesFile": "/dev/zero", "core.excludesFile": "/dev/zero", "include.path": "/dev/zero",
    "includeIf.gitdir:/.path": "{config}", "filter.x.clean": "{}", "filter.x.smudge": "{}", "filter.x.process": "{}",
    "diff.external": "{}", "diff.x.textconv": "{}", "diff.x.command": "{}", "merge.x.driver": "{} %A",
    "alias.ls-tree": "!{}", "alias.rev-parse": "!{}", "alias.cat-file": "!{}", "alias.ls-files": "!{}", "alias.config": "!{}",
    "pager.ls-tree": "{}", "pager.config": "{}", "pager.rev-parse": "{}", "gpg.program": "{}", "gpg.ssh.program": "{}",
    "credential.helper": "!{}", "trailer.x.command": "{}", "interactive.diffFilter": "{}", "sequence.editor": "{}",
    "remote.origin.url": "ext::{}", "remote.origin.uploadpack": "{}", "remote.origin.vcs": "ext", "core.bare": "true",
    "core.repositoryformatversion": "999", "extensions.unknown": "true", "core.quotePath": "true", "core.autocrlf": "true",
}  # fmt: skip


class TestTheConfigurationOfTheClone:
    @pytest.mark.parametrize("key", HOSTILE)
    def test_nothing_of_it_runs(self, key: str, project: Path, trap: Trap) -> None:
        included = trap.program.with_name("included")
        included.write_text(f"[core]\n\tfsmonitor = {trap.command}\n")
        hook = trap.program.with_name("post-index-change")
        shutil.copy(trap.program, hook)
        value = HOSTILE[key].format(trap.command, folder=trap.program.parent, config=included)
        (project / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
        git(project, "config", "--file", ".git/config", key, value)
        assert found(project) == EXPECTED
        assert not trap.has_run

    @pytest.mark.parametrize(
        ("key", "command"),
        [("core.fsmonitor", "status"), ("filter.x.clean", "diff"), ("diff.external", "diff"), ("diff.x.textconv", "diff")],
    )
    def test_trap_works_for_git_itself(self, key: str, command: str, project: Path, trap: Trap) -> None:
        (project / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
        git(project, "config", key, trap.command)
        plain_git(project, command)
        assert trap.has_run

    @pytest.mark.parametrize("text", ["[core\n", "nonsense = [\n", "\0", "[include]\n\tpath = /dev/zero\n" * 1000])
    def test_git_never_reads_it_as_its_own(self, text: str, project: Path) -> None:
        (project / ".git/config").write_text(text)
        assert found(project) == EXPECTED

    def test_attributes_and_hooks_of_the_clone_do_not_matter(self, project: Path, trap: Trap) -> None:
        os.mkfifo(project / ".gitattributes")
        (project / ".git/info").mkdir(exist_ok=True)
        (project / ".git/info/attributes").symlink_to("/dev/zero")
        for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
            shutil.copy(trap.program, project / ".git/hooks" / name)
        assert found(project) == EXPECTED
        assert not trap.has_run

    def test_a_missing_object_is_not_fetched(self, tmp_path: Path, project: Path, trap: Trap) -> None:
        git(project, "config", "uploadpack.allowFilter", "true")
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{project}", str(clone))
        git(clone, "config", "remote.origin.url", f"ext::{trap.command} %S")
        git(clone, "config", "protocol.ext.allow", "always")
        (clone / "Dockerfile").write_text(MISSPELT + MISSPELT + CLEAN)
        git(clone, "commit", "--quiet", "--all", "--message", "more")
        missing = git(project, "rev-parse", "HEAD:Dockerfile").strip()
        for pack in [*(clone / ".git/objects/pack").iterdir()]:
            pack.rename(tmp_path / pack.name)
        for pack in tmp_path.glob("*.pack"):
            with pack.open("rb") as stream:
                subprocess.run(["git", "unpack-objects", "-q"], cwd=clone, stdin=stream, check=True)
        (clone / ".git/objects" / missing[:2] / missing[2:]).unlink()
        assert found(clone) == []  # what did not change needs no object
        plain_git(clone, "cat-file", "-p", missing)
        assert trap.has_run
        trap.trace.unlink()
        result = lint(clone, "--diff-base", "HEAD~1")
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "deploylint: --diff-base: this clone lacks files of that revision (a partial clone?); fetch them first\n"
        )
        assert not trap.has_run


class TestTheEnvironment:
    def test_no_variable_of_the_caller_counts(self, project: Path, trap: Trap, tmp_path_factory: pytest.TempPathFactory) -> None:
        home = tmp_path_factory.mktemp("home")
        (home / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {trap.command}\n\tpager = {trap.command}\n[broken\n")
        variables = {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home), "GIT_DIR": str(home), "GIT_WORK_TREE": "/",
            "GIT_INDEX_FILE": "/dev/zero", "GIT_OBJECT_DIRECTORY": str(home), "GIT_EXEC_PATH": str(trap.program.parent),
            "GIT_EXTERNAL_DIFF": trap.command, "GIT_SSH_COMMAND": trap.command, "GIT_PAGER": trap.command,
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": trap.command,
            "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='false' broken", "GIT_TRACE": str(home / "written"),
            "GIT_CEILING_DIRECTORIES": str(project), "GIT_DEFAULT_HASH": "sha256", "GIT_REDIRECT_STDOUT": "off",
        }  # fmt: skip
        result = lint(project, "--diff-base", "HEAD", **variables)
        assert result.err == ""
        assert result.out.startswith("Dockerfile:4:1: ")
        assert not trap.has_run
        assert not (home / "written").exists()

    @pytest.mark.parametrize("kind", ["empty", "current", "relative", "inside", "link"])
    def test_a_git_of_the_tree_is_not_run(
        self, kind: str, project: Path, trap: Trap, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        for folder in (project, project / "bin"):
            folder.mkdir(exist_ok=True)
            shutil.copy(trap.program, folder / "git")
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (elsewhere / "git").symlink_to(project / "bin" / "git")
        entry = {"empty": "", "current": ".", "relative": "bin", "inside": str(project / "bin"), "link": str(elsewhere)}[kind]
        result = lint(project, "--diff-base", "HEAD", PATH=f"{entry}{os.pathsep}{os.environ['PATH']}")
        assert (result.err, result.out.partition(": ")[0]) == ("", "Dockerfile:4:1")
        result = lint(project, "--diff-base", "HEAD", PATH=f"{entry}{os.pathsep}/nowhere")
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "deploylint: --diff-base: a git that lies in the project it checks is not run; install one elsewhere\n"
        )
        assert not trap.has_run


class TestWhatNeverEnds:
    @pytest.fixture(autouse=True)
    def short_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(git_module, "LIMITS", git_module.LIMITS._replace(seconds=1.0))

    @pytest.mark.parametrize("path", [".git/HEAD", ".git/config", ".git/index", ".git/info/exclude", ".git/packed-refs",
                                      ".git/refs/heads/main",
            ".git/objects/info/alternates",
            ".git/objects/info/commit-graph", ".git/logs/HEAD", ".git/shallow", ".git/FETCH_HEAD"])  # fmt: skip
    @pytest.mark.parametrize("kind", ["pipe", "device"])
    def test_a_pipe_or_device_in_the_git_directory(self, path: str, kind: str, project: Path) -> None:
        place = project / path
        place.parent.mkdir(exist_ok=True)
        place.unlink(missing_ok=True)
        os.mkfifo(place) if kind == "pipe" else place.symlink_to("/dev/zero")
        try:
            assert touched(project) <= {"Dockerfile", "api.Dockerfile"}
        except changes.ChangesError as error:
            assert str(error).startswith("--diff-base: ")
            assert "\n" not in str(error)

    def test_a_pipe_as_git_file(self, project: Path) -> None:
        shutil.rmtree(project / ".git")
        os.mkfifo(project / ".git")
        with pytest.raises(changes.ChangesError, match="not a git repository"):
            touched(project)

    def test_a_git_that_hangs_or_prints_without_end(
        self, project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path_factory.mktemp("programs")
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(git_module, "LIMITS", git_module.LIMITS._replace(output=100_000))
        for body, why in (("/bin/sleep 100 & /bin/sleep 100", "took longer than 1s"),
                          ("exec /usr/bin/head -c 3000000 /dev/zero", "printed too much")):  # fmt: skip
            (folder / "git").write_text(f"#!/bin/sh\n{body}\n")
            (folder / "git").chmod(0o755)
            with pytest.raises(changes.ChangesError, match=f"--diff-base: git {why}"):
                touched(project)


class TestKindsOfRepositories:
    def test_sha256(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet", "--object-format=sha256")
        (tmp_path / "Dockerfile").write_text(CLEAN)
        (tmp_path / "api.Dockerfile").write_text(MISSPELT)
        commit(tmp_path)
        (tmp_path / "Dockerfile").write_text(CLEAN + MISSPELT)
        assert found(tmp_path) == ["Dockerfile:3:1"]

    def test_packed_refs_and_objects(self, project: Path) -> None:
        git(project, "tag", "v1")
        git(project, "gc", "--quiet")
        git(project, "pack-refs", "--all")
        assert found(project) == found(project, "main") == found(project, "v1") == EXPECTED

    def test_objects_of_another_repository(self, project: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--shared", str(project), "other")
        (tmp_path / "other" / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
        assert found(tmp_path / "other") == EXPECTED
        assert found(tmp_path / "other", "origin/main") == EXPECTED

    def test_upstream_and_reflog_of_a_branch(self, project: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", str(project), "other")
        other = tmp_path / "other"
        (other / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
        commit(other)
        assert found(other) == []
        assert found(other, "@{upstream}") == found(other, "main@{1}") == found(other, "HEAD@{1}") == EXPECTED

    def test_a_submodule_itself_and_in_its_superproject(self, project: Path, tmp_path: Path) -> None:
        top = tmp_path / "top"
        top.mkdir()
        git(top, "init", "--quiet")
        git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project), "shop")
        commit(top)
        (top / "shop" / "Dockerfile").write_text(f"{MISSPELT}{CLEAN}{MISSPELT}")
        (top / "shop" / "new.Dockerfile").write_text(MISSPELT)
        assert found(top / "shop") == [*EXPECTED, "new.Dockerfile:1:1"]
        assert found(top) == ["shop/Dockerfile:4:1", "shop/new.Dockerfile:1:1"]

    def test_a_worktree_with_its_own_head(self, project: Path, tmp_path: Path) -> None:
        other = tmp_path / "trees" / "other"
        git(project, "worktree", "add", "--quiet", str(other))
        (other / "Dockerfile").write_text(MISSPELT + CLEAN + MISSPELT)
        commit(other)
        assert found(other) == []
        assert found(other, "HEAD~1") == found(other, "main") == EXPECTED

    @pytest.mark.parametrize("is_sparse_index", [False, True])
    def test_a_sparse_checkout(self, is_sparse_index: bool, project: Path) -> None:
        for folder in ("web", "left-out"):
            (project / folder).mkdir()
            (project / folder / "Dockerfile").write_text(MISSPELT + CLEAN)
        commit(project)
        git(project, "sparse-checkout", "set", "--cone", f"--{'' if is_sparse_index else 'no-'}sparse-index", "web")
        assert not (project / "left-out").exists()
        (project / "web" / "new.Dockerfile").write_text(MISSPELT + CLEAN)  # no rename of what is only left out
        assert found(project) == ["web/new.Dockerfile:1:1"]

    def test_a_split_index(self, project: Path) -> None:
        (project / ".gitignore").write_text("forced.*\n")
        (project / "forced.Dockerfile").write_text(MISSPELT)
        git(project, "add", "--force", "forced.Dockerfile")
        git(project, "update-index", "--split-index")
        assert found(project) == [*EXPECTED, "forced.Dockerfile:1:1"]

    def test_a_shallow_clone_that_lacks_the_revision(self, project: Path, tmp_path: Path) -> None:
        commit(project)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", "shallow")
        assert found(tmp_path / "shallow") == []
        result = lint(tmp_path / "shallow", "--diff-base", "HEAD~1")
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "deploylint: --diff-base: git knows no revision `HEAD~1`; this clone is shallow, fetch more of its history first\n"
        )

    def test_a_repository_of_another_user(self, project: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        for path in (project, project / ".git"):
            os.chown(path, 12345, 12345)
        assert found(project) == EXPECTED


class TestWhatGitConverts:
    def test_line_ends_of_a_checkout(self, project: Path) -> None:
        (project / "api.Dockerfile").write_bytes((MISSPELT + CLEAN).replace("\n", "\r\n").encode())
        (project / "Dockerfile").write_bytes((MISSPELT + CLEAN + MISSPELT).replace("\n", "\r\n").encode())
        assert found(project) == EXPECTED

    def test_line_ends_that_the_revision_has(self, project: Path) -> None:
        (project / "Dockerfile").write_bytes((MISSPELT + CLEAN).replace("\n", "\r\n").encode())
        commit(project)
        assert found(project) == []
        (project / "Dockerfile").write_bytes((MISSPELT + CLEAN + MISSPELT).replace("\n", "\r\n").encode())
        assert found(project) == EXPECTED

    def test_a_file_of_git_lfs(self, project: Path) -> None:
        import hashlib

        content = (MISSPELT + CLEAN).encode()
        for name, data in (("same", content), ("other", b"before")):
            digest = hashlib.sha256(data).hexdigest()
            pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n"
            (project / f"{name}.Dockerfile").write_text(pointer)
        commit(project)
        for name in ("same", "other"):
            (project / f"{name}.Dockerfile").write_bytes(content)
        assert found(project) == ["other.Dockerfile:1:1"]

    def test_a_renamed_file_that_changed_and_its_copy(self, project: Path) -> None:
        git(project, "mv", "api.Dockerfile", "worker.Dockerfile")
        text = MISSPELT + CLEAN + "# one more\n"
        (project / "worker.Dockerfile").write_text(text)
        (project / "zcopy.Dockerfile").write_text(text)
        assert found(project) == [*EXPECTED, "zcopy.Dockerfile:1:1"]


def test_nothing_is_written_to_the_git_directory(project: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in (project / ".git").rglob("*")}

    before = state()
    assert found(project) == EXPECTED
    assert state() == before


def test_only_data_of_the_repository_is_opened_and_only_git_is_started(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    log = tmp_path_factory.mktemp("log") / "log"
    code = (
        "from deploylint.engine.changes import since; from deploylint.discovery.project import locate; "
        f"since('HEAD', locate(['{project}']), ['Dockerfile'])"
    )
    command = [strace, "-f", "-o", str(log), "-e", "trace=execve,openat,open", "--", sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False)
    if process.returncode and b"ptrace" in process.stderr:
        pytest.skip("strace may not trace here")
    assert process.returncode == 0, process.stderr
    lines = log.read_text(errors="replace").splitlines()
    started = {line.split('"')[1] for line in lines if "execve(" in line and "= 0" in line and '"' in line}
    assert started - {shutil.which("git")} == {sys.executable}
    opened = {line.split('"')[1] for line in lines if '", ' in line and "= -1" not in line and f'"{project}/.git/' in line}
    names = {path.removeprefix(f"{project}/.git/").partition("/")[0] for path in opened}
    assert names <= {"HEAD", "config", "index", "objects", "refs", "info", "logs", ""}


def test_programs_are_started_in_one_place_only() -> None:
    starters = {"subprocess", "os.system", "os.popen", "os.execv", "os.execve", "os.execvp", "os.spawnv", "os.posix_spawn", "pty"}
    places = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [ast.unparse(node)] if isinstance(node, ast.Attribute) else []
            if starters & set(names):
                places.add(path.relative_to(ROOT / "src" / "deploylint").as_posix())
    assert places == {"discovery/programs.py"}
