"""Ignore comments: read in every language, covering exactly the lines they should, and judged."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery.settings import Settings
from deploylint.engine import registry, running
from deploylint.engine.rule import Loaded, RuleError
from deploylint.engine.suppression import read
from deploylint.finding import Finding, Label, Report, Rule
from deploylint.model.deployment import Deployment
from deploylint.text import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.suppression import Suppression

RULE = "templated-file"
LINT = ("unknown-rule", "suppression-without-reason", "unused-suppression")


def suppressions(path: str, text: str, is_dockerfile: bool = False) -> tuple[Suppression, ...]:
    return read([(Source(path, dedent(text)), is_dockerfile)], [RULE, "unparsable-file"], lambda _: "", True)


def check(path: str, text: str, *marked: str, rule: str = RULE, lint: bool = True, settings: Settings | None = None) -> Report:
    """A run in which a rule reports each of the marked texts, the first primary and the others related."""
    source = Source(path, dedent(text))

    def findings(_: Deployment) -> Iterator[Finding]:
        places = [Label(Span(source, source.text.index(mark), source.text.index(mark) + len(mark)), "") for mark in marked]
        if places:
            yield Finding("m", places[0], tuple(places[1:]))

    chosen = [Loaded(rule, Rule("error"), findings)]
    chosen += [registry.load(registry.rules()[name]) for name in LINT] if lint else []
    dockerfiles = frozenset([path]) if "Dockerfile" in path else frozenset()
    return running.check(Deployment((), (), (), ()), [source], chosen, settings or Settings(), dockerfiles=dockerfiles)


def said(report: Report) -> list[str]:
    return [f"{finding.rule}: {finding.primary.span.text}" for finding in report.findings]


HIDDEN = {
    "end of a YAML line": ("a.yaml", "a: X  # deploylint: ignore[templated-file] why\n"),
    "above a YAML line": ("a.yaml", "# deploylint: ignore[templated-file] why\na: X\n"),
    "above, indented": ("a.yaml", "a:\n  # deploylint: ignore[templated-file] why\n  b: X\n"),
    "above a YAML item": ("a.yaml", "a:\n  # deploylint: ignore[templated-file] why\n  - b: X\n"),
    "stacked": ("a.yaml", "# deploylint: ignore[templated-file] why\n# more words\n# noqa\na: X\n"),
    "the whole file": ("a.yaml", "a: X\n\n# deploylint: file-ignore[templated-file] why\n"),
    "beside another tool's": ("a.yaml", "a: X  # noqa: x # deploylint: ignore[templated-file] why # yamllint disable\n"),
    "after a byte order mark": ("a.yaml", "\ufeff# deploylint: ignore[templated-file] why\na: X\n"),
    "with Windows line ends": ("a.yaml", "# deploylint: ignore[templated-file] why\r\na: X\r\n"),
    "tight": ("a.toml", "#deploylint:ignore[templated-file]why\na = 'X'\n"),
    "one of several names": ("a.toml", "a = 'X' # deploylint: ignore[unparsable-file, templated-file] why\n"),
    "HCL": ("shop.nomad", 'job "#" { # deploylint: ignore[templated-file] why X\n}\n'),
    "a unit file": ("a.service", "# deploylint: ignore[templated-file] why\nX=1\n"),
    "TOML": ("fly.toml", "a = '#' # deploylint: ignore[templated-file] why X\n"),
    "Dockerfile": ("Dockerfile", "# deploylint: ignore[templated-file] why\nFROM X\n"),
    "a Dockerfile's later line": ("Dockerfile", "FROM a\n# deploylint: ignore[templated-file] why\nRUN a \\\n  && X\n"),
    "within an instruction": ("Dockerfile", "FROM a\nRUN a \\\n# deploylint: ignore[templated-file] why\n  && X\n"),
    "a heredoc": ("Dockerfile", "FROM a\n# deploylint: ignore[templated-file] why\nRUN <<E\nX\nE\n"),
    "Elixir": ("config/runtime.exs", "config :a, b: \"#\", c: X # deploylint: ignore[templated-file] why\n"),
    "Python": ("gunicorn.conf.py", "a = '#', X  # deploylint: ignore[templated-file] why\n"),
    "shell": ("entrypoint.sh", "echo '#' X # deploylint: ignore[templated-file] why\n"),
    "a script without suffix": ("bin/start", "# deploylint: ignore[templated-file] why\nX\n"),
    "Procfile": ("Procfile", "# deploylint: ignore[templated-file] why\nweb: X\n"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text"), HIDDEN.values(), ids=HIDDEN)
def test_hides(path: str, text: str) -> None:
    report = check(path, text, "X")
    assert said(report) == []
    assert report.suppressed == 1


REPORTED = {
    "a line further down": ("a.yaml", "# deploylint: ignore[templated-file] why\n\na: X\n"),
    "the line above": ("a.yaml", "a: X\n# deploylint: ignore[templated-file] why\nb: c\n"),
    "another rule": ("a.yaml", "a: X # deploylint: ignore[unparsable-file] why\n"),
    "a block scalar": ("a.yaml", "a: |\n  # deploylint: ignore[templated-file] why\n  X\n"),
    "a folded one": ("a.yaml", "a: >-\n  # deploylint: ignore[templated-file] why\n\n  X\n"),
    "a quoted scalar": ("a.yaml", "a: 'X # deploylint: ignore[templated-file] why'\n"),
    "a word's middle": ("a.yaml", "a: X#deploylint: ignore[templated-file]\n"),
    "a heredoc": ("Dockerfile", "FROM a\nRUN <<E\n# deploylint: ignore[templated-file] why\nX\nE\n"),
    "an HCL heredoc": ("a.hcl", "a = <<EOF\n# deploylint: ignore[templated-file] why\nX\nEOF\n"),
    "a TOML string": ("a.toml", 'a = """\n# deploylint: ignore[templated-file] why\nX"""\n'),
    "a Python string": ("a.py", 'a = """\n# deploylint: ignore[templated-file] why\nX"""\n'),
    "an Elixir heredoc": ("a.exs", 'a = """\n# deploylint: ignore[templated-file] why\nX\n"""\n'),
    "a shell heredoc": ("a.sh", "cat <<E\n# deploylint: ignore[templated-file] why\nX\nE\n"),
    "JSON": ("a.json", '{"a": "X"} # deploylint: ignore[templated-file] why\n'),
}


@pytest.mark.parametrize(("path", "text"), REPORTED.values(), ids=REPORTED)
def test_does_not_hide(path: str, text: str) -> None:
    assert f"{RULE}: X" in said(check(path, text, "X", lint=False))


def test_every_span_of_a_finding_counts() -> None:
    text = "a: X\nb: Y # deploylint: ignore[templated-file] why\n"
    assert said(check("a.yaml", text, "X", "Y")) == []
    assert said(check("a.yaml", text, "Y", "X")) == []


MISTAKES = {
    "a name no rule has": ("a: X # deploylint: ignore[templated-fil] why\n", "unknown-rule: templated-fil"),
    "a subject": ("a: X # deploylint: ignore[lint] why\n", "unknown-rule: lint"),
    "everything": ("a: X # deploylint: ignore why\n", "unknown-rule: # deploylint: ignore why"),
    "nothing": ("a: X # deploylint: ignore[] why\n", "unknown-rule: # deploylint: ignore[] why"),
    "a misspelt verb": ("a: X # deploylint: ingore[unparsable-file]\n", "unknown-rule: # deploylint: ingore[unparsable-file]"),
    "no verb": ("a: X # deploylint: [unparsable-file]\n", "unknown-rule: # deploylint: [unparsable-file]"),
    "no colon": ("a: X # deploylint ignore[unparsable-file]\n", "unknown-rule: # deploylint ignore[unparsable-file]"),
    "no bracket": ("a: X # deploylint: ignore[unparsable-file why\n", "unknown-rule: # deploylint: ignore[unparsable-file why"),
    "no reason": (
        "a: X # deploylint: ignore[templated-file] -\n",
        "suppression-without-reason: # deploylint: ignore[templated-file] -",
    ),
    "no use": ("a: X\nb: Y # deploylint: ignore[templated-file] why\n", "unused-suppression: templated-file"),
    "no use in the file": ("# deploylint: file-ignore[templated-file] why\n", "unused-suppression: templated-file"),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistaken_comment_is_a_finding(text: str, expected: str) -> None:
    marked = ("X",) if "X" in text else ()
    report = check("a.yaml", text, *marked)
    assert expected in said(report)
    assert all(finding.severity == "warning" for finding in report.findings if finding.rule in LINT)


MISPLACED = {
    "below": ("a.yaml", "a: X\n\n# deploylint: ignore[templated-file] why\nb: c\n", 1, 1),
    "far above": ("a.yaml", "# deploylint: ignore[templated-file] why\na:\n  - X\n", 3, 3),
    "at the end of another line": ("a.toml", "a = 1 # deploylint: ignore[templated-file] why\n\nb = 'X'\n", 3, 3),
    "in the instruction": ("Dockerfile", "FROM a\nRUN a \\\n# deploylint: ignore[templated-file] why\n b \\\n X\n", 5, 2),
    "before another instruction": ("Dockerfile", "# deploylint: ignore[templated-file] why\nFROM a\nRUN <<E\nX\nE\n", 4, 3),
}


@pytest.mark.parametrize(("path", "text", "line", "above"), MISPLACED.values(), ids=MISPLACED)
def test_a_comment_in_the_wrong_place_names_the_line_of_its_finding(path: str, text: str, line: int, above: int) -> None:
    (finding,) = (finding for finding in check(path, text, "X").findings if finding.rule == "unused-suppression")
    assert finding.primary.text == f"the finding is at line {line}"
    assert f"above line {above}," in finding.help
    assert finding.fix is None


def test_a_comment_moved_to_the_line_it_names_hides_the_finding() -> None:
    assert said(check("Dockerfile", "FROM a\n# deploylint: ignore[templated-file] why\nRUN <<E\nX\nE\n", "X")) == []


def test_the_main_place_of_a_finding_is_named_before_a_nearer_one() -> None:
    text = "# deploylint: ignore[templated-file] why\na: 1\nb: Y\nc: X\n"
    (finding,) = (finding for finding in check("a.yaml", text, "X", "Y").findings if finding.rule == "unused-suppression")
    assert finding.primary.text == "the finding is at line 4"


def test_a_comment_beside_one_that_hides_the_only_finding_is_not_needed() -> None:
    text = "# deploylint: ignore[templated-file] why\na: 1\nb: X # deploylint: ignore[templated-file] why\n"
    (finding,) = check("a.yaml", text, "X").findings
    assert finding.fix is not None
    assert finding.primary.text == "nothing here is reported by this rule"


def test_a_comment_is_not_deleted_whole_while_one_of_its_names_is_misplaced() -> None:
    findings = check("a.yaml", "# deploylint: ignore[unused-suppression, templated-file] why\na: 1\nb: X\n", "X").findings
    assert [finding.fix for finding in findings] == [None, None]


def test_a_misspelt_name_is_mended() -> None:
    finding = check("a.yaml", "a: X # deploylint: ignore[unused-supression] why\n").findings[0]
    assert finding.fix is not None
    assert [edit.replacement for edit in finding.fix.edits] == ["unused-suppression"]


def test_a_rule_that_did_not_run_is_never_unused() -> None:
    assert said(check("a.yaml", "a: X # deploylint: ignore[unparsable-file] why\n")) == []


def test_a_reason_may_be_left_out_where_settings_say_so() -> None:
    settings = Settings(require_suppression_reason=False)
    assert said(check("a.yaml", "a: X # deploylint: ignore[templated-file]\n", "X", settings=settings)) == []


def test_an_issue_number_is_a_reason() -> None:
    assert suppressions("a.yaml", "a: 1 # deploylint: ignore[unparsable-file] #123\n")[0].reason == "#123"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n  # deploylint: ignore[templated-file] why\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1  # deploylint: ignore[templated-file] why\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1 # deploylint: ignore[templated-file, unparsable-file] why\n", "a: 1 # deploylint: ignore[unparsable-file] why\n"),
        ("a: 1 # deploylint: ignore[unparsable-file, templated-file] why\n", "a: 1 # deploylint: ignore[unparsable-file] why\n"),
        ("a: 1  # noqa # deploylint: ignore[templated-file] why\n", "a: 1  # noqa\n"),
        ("\ufeff# deploylint: ignore[templated-file] why\r\na: 1\r\n", "\ufeffa: 1\r\n"),
        ("a: 1\n# deploylint: ignore[templated-file] why", "a: 1\n"),
    ],
)  # fmt: skip
def test_an_unused_comment_can_be_deleted(before: str, after: str) -> None:
    finding = check("a.yaml", before).findings[-1]
    assert finding.fix is not None
    assert finding.fix.is_safe
    (edit,) = finding.fix.edits
    assert before[: edit.span.start] + edit.replacement + before[edit.span.end :] == after


def test_per_file_ignores_hide_by_rule_and_by_subject() -> None:
    for names in ((RULE,), ("lint",)):
        settings = Settings(per_file_ignores=(("examples/**", names),))
        assert check("examples/a.yaml", "a: X\n", "X", settings=settings).suppressed == 1
        assert check("a.yaml", "a: X\n", "X", settings=settings).suppressed == 0


def test_findings_are_ordered_and_never_doubled() -> None:
    one, two = Source("b.yaml", "x\ny\n"), Source("a.yaml", "x\n")

    def findings(_: Deployment) -> Iterator[Finding]:
        for severity, span in (
            ("note", one.span(2, 3)),
            ("error", one.span(0, 1)),
            ("error", two.span(0, 1)),
            ("error", one.span(0, 1)),
        ):
            yield Finding("m", Label(span, ""), severity=severity)  # type: ignore[arg-type]

    report = running.check(Deployment((), (), (), ()), [], [Loaded("r", Rule("error"), findings)], Settings())
    assert [finding.primary.span.where for finding in report.findings] == ["a.yaml:1:1", "b.yaml:1:1", "b.yaml:2:1"]


def test_scope_chooses_by_any_place() -> None:
    def run(scope: str) -> int:
        one, two = Source("a/x.yaml", "x\n"), Source("b/y.yaml", "y\n")
        finding = Finding("m", Label(one.span(0, 1), ""), (Label(two.span(0, 1), ""),))
        chosen = [Loaded("r", Rule("error"), lambda _: iter([finding]))]
        return len(running.check(Deployment((), (), (), ()), [], chosen, Settings(), (scope,)).findings)

    assert [run(scope) for scope in ("", "a", "b", "b/y.yaml", "c", "a/x")] == [1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("severity", "start", "message"),
    [("error", 99, "m"), ("error", 1, ""), ("error", -1, "m")],
)
def test_a_finding_nobody_could_trust_is_an_error_of_its_rule(severity: str, start: int, message: str) -> None:
    source = Source("a.yaml", "abc\n")
    finding = Finding(message, Label(source.span(start, start + 1), ""), severity=severity)  # type: ignore[arg-type]
    with pytest.raises(RuleError, match="rule r: "):
        running.check(Deployment((), (), (), ()), [], [Loaded("r", Rule("error"), lambda _: iter([finding]))], Settings())


def test_a_severity_above_the_rules_is_refused() -> None:
    finding = Finding("m", Label(Source("a", "abc").span(0, 1), ""), severity="error")
    with pytest.raises(RuleError, match="above its rule's"):
        running.check(Deployment((), (), (), ()), [], [Loaded("r", Rule("note"), lambda _: iter([finding]))], Settings())


@given(
    path=st.sampled_from(["a.yaml", "a.toml", "a.py", "a.exs", "a.sh", "Dockerfile", "Procfile", "a.json"]),
    parts=st.lists(
        st.sampled_from(["# deploylint: ignore[x] y", "deploylint", *"#[]:\n '|a\\値\r", '"', "<<E", "E"]),
        max_size=30,
    ),
)  # fmt: skip
def test_any_text_is_read(path: str, parts: list[str]) -> None:
    text = "".join(parts)
    for each in suppressions(path, text, path == "Dockerfile"):
        assert each.span.text.startswith("#")
        assert "deploylint" in each.span.text
