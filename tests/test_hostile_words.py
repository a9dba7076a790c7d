"""Names and values of a scanned tree in every output and error: they are shown, and do nothing to terminals and CI services."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from deploylint import cli
from deploylint.output import FORMATS, outlet
from deploylint.output.layout import Segment
from tests.ci.support import git
from tests.test_cli import ROOT, Result, run

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {
    "escape": "\x1b[31mred\x1b[2J",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil\x1b\\x",
    "eight-bit": "\x9b31mred\x9d0;t\x9c",
    "reversed": "\u202egnp.exe\u2066\u2069",
    "command": "\n::add-mask::production",
    "separator": "\u2028::stop-commands::x\u2029",
    "next-line": "\x85::error::x",
    "return": "\r::error::x\x0b\x0c",
    "old-command": "##[add-mask]x ##vso[task.setvariable]y ##teamcity[buildStatus]z",
    "delete": "\x7f\x08\x08\x00"[:3],
}
LEADING = "::warning::p"
"""A folder's name that begins a line, where a report begins with a path."""

SGR = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\")
OURS = re.compile(r"::(?:error|warning|notice) (?:file=|title=deploylint::)")


def check(text: str, is_coloured: bool = False, has_commands: bool = False) -> None:
    """That a text moves no cursor and gives no command. `is_coloured`: colours and links to files of ours are fine."""
    if is_coloured:
        links = re.findall(r"\x1b\]8;[^;]*;([^\x1b\x07]*)\x1b\\", text)
        assert all(not link or link.startswith("file:///") for link in links)
        text = SGR.sub("", text)
    bad = {
        character
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") and character not in "\n\u200c\u200d"
    }
    assert bad == set()
    for line in text.split("\n"):
        if not (has_commands and OURS.match(line)):
            assert not re.match(r"\s*::(?!: )", line), line
            assert not re.search(r"##(?:\[|vso\[|teamcity\[)", line), line


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tree whose every name and value is hostile, with findings of many rules."""
    git(tmp_path, "init", "--quiet")
    for number, word in enumerate(WORDS.values()):
        name = word.replace("/", "_")
        folder = tmp_path / LEADING / f"{number}{name}"
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text(
            f"# deploylint: ingore[{quoted(word)}]\n# deploylint: ignore[nothing-{quoted(word)}]\nFROM python:3.12\n"
            f"ENV API_TOKEN=hunter2secret{quoted(word)}\nCMD gunicorn --graceful-timeout 90 app:app\n",
            encoding="utf-8",
            newline="",
        )
        written = json.dumps(f"web{word}")
        (folder / "web.yaml").write_text(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {written}}}\nspec:\n  template:\n    spec:\n"
            f"      containers:\n      - name: {written}\n        image: {json.dumps('shop' + word)}\n"
            f"        env: [{{name: DB_PASSWORD, value: {json.dumps('s3cr3t' + word)}}}]\n"
            f"        livenessProbe: {{httpGet: {{path: {written}, port: 80}}}}\n"
            f"        readinessProbe: {{httpGet: {{path: {written}, port: 80}}}}\n",
            encoding="utf-8",
        )
        (folder / f"{name}.yaml").write_text(f"apiVersion: v1\nkind: Pod\n{written}: [\n", encoding="utf-8")
        (folder / "fly.toml").write_text(f"app = {json.dumps(word)}\nkill_timeout = {written}\n", encoding="utf-8")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "state")
    return tmp_path


def quoted(word: str) -> str:
    """A word for a place in a file where a line can't end."""
    return word.replace("\n", "\r").replace("\x00", "")


def checked(project: Path, *arguments: str, is_coloured: bool = False, has_commands: bool = False, **environment: str) -> Result:
    """A run of which both streams are checked."""
    result = run(project, *arguments, **environment)
    check(result.err)
    check(result.out, is_coloured, has_commands)
    assert "Traceback" not in result.err
    assert "internal error" not in result.err
    return result


@pytest.mark.parametrize("name", FORMATS)
class TestReports:
    def test_on_standard_output_and_in_a_file(self, name: str, project: Path) -> None:
        result = checked(project, "--format", name, "--output", f"{name}=report", has_commands=name == "github")
        assert result.code == 1
        assert len(result.out) > 300
        text = (project / "report").read_text(encoding="utf-8")
        check(text, has_commands=name == "github")
        if name in ("json", "sarif", "gitlab"):
            assert json.loads(text) == json.loads(result.out)

    def test_in_colour(self, name: str, project: Path) -> None:
        checked(project, "--format", name, "--color", "always", is_coloured=True, has_commands=name == "github")

    def test_from_inside_the_folder_whose_name_is_a_command(self, name: str, project: Path) -> None:
        checked(project / LEADING, "--format", name, has_commands=name == "github")


def test_values_are_whole_in_reports_for_programs(project: Path) -> None:
    texts = checked(project, "--format", "json").out
    values = {finding["path"] for finding in json.loads(texts)["findings"]}
    for number, word in enumerate(WORDS.values()):
        assert any(path.startswith(f"{LEADING}/{number}{word.replace('/', '_')}/") for path in values), word


def test_the_full_report_in_github_actions_tells_the_service_to_read_no_commands(project: Path) -> None:
    result = run(project, GITHUB_ACTIONS="true")
    lines = result.out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert end > 100
    check("\n".join(lines[end + 1 :]), has_commands=True)
    assert not any(token in line for line in lines[1:end])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--show-files"],
        ["--show-settings"],
        ["--show-model"],
        ["--diff-base", "HEAD"],
        ["--write-baseline", "known.json"],
        ["--statistics"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_a_run_shows_besides_reports(arguments: list[str], project: Path) -> None:
    assert checked(project, *arguments).code in (0, 1)


Within = Callable[..., None]


@pytest.fixture
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Within:
    """Runs in this process, many a second, of which both streams are checked."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: str, has_commands: bool = False) -> None:
        code = cli.main(arguments)
        streams = capsys.readouterr()
        assert code in (0, 1, 2)
        assert has_commands or streams.out + streams.err
        check(streams.out, has_commands=has_commands)
        check(streams.err)
        assert "internal error" not in streams.err

    return run_here


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
class TestErrors:
    @pytest.mark.parametrize(
        "options",
        [
            ["{}"], ["--select", "{}"], ["--ignore", "{}"], ["--format", "{}"], ["--output", "{}=x"], ["--output", "json={}/x/"],
            ["--explain", "{}"], ["--config", "{}"], ["--baseline", "{}"], ["--write-baseline", "Dockerfile/{}"],
            ["--diff-base", "{}"], ["--rules-dir", "{}"], ["--test-rules", "{}"], ["--{}"], ["--fail-on", "{}"],
            ["-", "{}"], ["-", "--stdin-filename", "{}/../../x"],
        ],
        ids=lambda options: options[0],
    )  # fmt: skip
    def test_arguments(self, options: list[str], word: str, tmp_path: Path, within: Within) -> None:
        (tmp_path / "Dockerfile").write_text("FROM scratch\n")
        within(*(option.format(word.replace("\0", "")) for option in options))

    @pytest.mark.parametrize(
        "text",
        [
            "select = [{0}]", "ignore = [{0}]", "{0} = 1", "fail-on = {0}", "exclude = {0}", "exclude = [{0}]", "baseline = {0}",
            "rules-dir = {0}", "[per-file-ignores]\n{0} = [{0}]", "[per-file-ignores]\n{0} = []", "[pod-templates]\n{0} = {0}",
            "[[link]]\nworkload = {0}", "[[link]]\nworkload = {0}\nimage = {0}\napp = {0}", "[[link]]\n{0} = 1",
            "[helm-values]\n{0} = [{0}]", "[{0}", "require-suppression-reason = {0}",
        ],
    )  # fmt: skip
    def test_settings(self, text: str, word: str, tmp_path: Path, within: Within) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "Dockerfile").write_text("FROM scratch\n")
        (tmp_path / "deploylint.toml").write_text(text.format(json.dumps(word).replace("\x7f", "\\u007f")), encoding="utf-8")
        for arguments in ((), ("--show-settings",), ("--list-rules",)):
            within(*arguments)

    def test_settings_in_a_folder_of_such_a_name(self, word: str, tmp_path: Path, within: Within) -> None:
        folder = tmp_path / LEADING / word.replace("/", "_")
        folder.mkdir(parents=True)
        (folder / ".git").mkdir()
        (folder / "deploylint.toml").write_text('select = ["nothing"]\n')
        (folder / "Dockerfile").write_text("FROM scratch\n")
        for arguments in ((str(folder),), (f"{LEADING}/{word.replace('/', '_')}",), (str(folder), "--show-settings")):
            within(*arguments)

    def test_a_baseline(self, word: str, tmp_path: Path, within: Within) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "Dockerfile").write_text("FROM scratch\n")
        entry = {"rule": "unknown-rule", "path": f"{LEADING}/{word}", "subject": word}
        for document in ({"version": 1, "findings": [entry]}, {"version": 1, "findings": [word]}, {"version": word}):
            (tmp_path / "known.json").write_text(json.dumps(document))
            for name in FORMATS:
                within("--baseline", "known.json", "--format", name, has_commands=name == "github")
        (tmp_path / "known.json").write_text(word + "{")
        within("--baseline", "known.json")

    def test_own_rules(self, word: str, tmp_path: Path, within: Within) -> None:
        folder = tmp_path / "rules" / "shop"
        folder.mkdir(parents=True)
        (tmp_path / "Dockerfile").write_text("FROM scratch\n")
        for body in (f"raise ValueError({word!r})", "RULE = 1", f"({word!r}"):
            (folder / "own_rule.py").write_text(body + "\n", encoding="utf-8")
            (folder / "own_rule.md").write_text(f"# own-rule\n\n{word}\n\n## Bad\n", encoding="utf-8")
            for arguments in (("--rules-dir", "rules"), ("--test-rules", "rules"), ("--rules-dir", "rules", "--list-rules")):
                within(*arguments)
            within("--rules-dir", "rules", "--explain", "own-rule")


class TestTheOutlet:
    def test_nothing_else_writes_to_the_streams(self) -> None:
        writers = set()
        for path in (ROOT / "src").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if name in ("print", "sys.stdout.write", "sys.stderr.write", "traceback.print_exc", "warnings.warn", "os.write"):
                    writers.add(path.name)
        assert writers == {"streams.py"}

    def test_marks_of_a_frame_are_no_command(self) -> None:
        assert outlet.rendered([[Segment("  ::: ", "gutter"), Segment("k8s/web.yaml:1:1")]], "text") == "  ::: k8s/web.yaml:1:1\n"

    def test_each_form_keeps_what_a_program_reads(self) -> None:
        line = [Segment('"a": "##[x] ##vso[y]"')]
        assert json.loads("{" + outlet.rendered([line], "json") + "}") == {"a": "##[x] ##vso[y]"}
        assert outlet.rendered([[Segment("<a>##[x]</a>")]], "xml") == "<a>#&#35;[x]</a>\n"
        assert outlet.rendered([[Segment(" ::error::x</a>")]], "xml") == " &#58;:error::x</a>\n"
        assert outlet.rendered([[Segment("::error file=a::##[x]")]], "commands") == "::error file=a::##[x]\n"

    @pytest.mark.parametrize("cut", range(1, 9))
    def test_a_command_cut_into_segments_is_one(self, cut: int) -> None:
        for command in ("::group::x", "  ::group::", "##[group]x", "a ##vso[x]"):
            check(outlet.rendered([[Segment(command[:cut]), Segment(command[cut:])]], "text"))
