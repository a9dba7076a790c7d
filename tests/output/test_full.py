"""`--format full`, as golden frames at 80 columns."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.finding import Finding, Fix, Label, Report
from deploylint.output import full
from deploylint.output.frame import frame as frame_lines
from deploylint.output.layout import View, plain, width_of
from deploylint.text import Edit, Source, Span

VIEW = View(80, lambda path: path)


def find(source: Source, text: str, nth: int = 0) -> Span:
    at = -1
    for _ in range(nth + 1):
        at = source.text.index(text, at + 1)
    return Span(source, at, at + len(text))


def frame(finding: Finding, width: int = 80) -> str:
    finding = finding._replace(rule=finding.rule or "some-rule", severity=finding.severity or "error")
    return "".join(f"{plain(line)}\n" for line in frame_lines(finding, View(width, lambda path: path)))


def excerpt(text: str, *marks: tuple[str, str], width: int = 80, path: str = "a.yaml") -> str:
    """The rows between the header and the remarks of a finding with these places, the first of them primary."""
    source = Source(path, text)
    primary, *related = [Label(find(source, where), label) for where, label in marks]
    lines = frame(Finding("x", primary, tuple(related)), width).splitlines()
    return "\n".join(lines[3:-2]) + "\n"


def expect(text: str) -> str:
    return dedent(text).removeprefix("\n")


WEB = Source(
    "deploy/web.yaml",
    expect("""
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        metadata: {}
        spec:
          terminationGracePeriodSeconds: 30
          containers:
            - name: web
              image: shop
              ports: []
              lifecycle:
                preStop:
                  exec:
                    # let the load balancer notice
                    command: ["sleep", "10"]
    """),
)
RUNTIME = Source("config/runtime.exs", "\n" * 7 + "      thousand_island_options: [shutdown_timeout: 60_000]\n")

GRACE = Finding(
    message="container is killed before the app finishes draining",
    primary=Label(find(WEB, "30"), "SIGKILL 30s after shutdown begins"),
    related=(
        Label(find(WEB, '["sleep", "10"]'), "preStop uses 10s of the 30s"),
        Label(find(RUNTIME, "60_000"), "drain: up to 60s"),
    ),
    notes=(
        "30s grace - 10s preStop = 20s left, but draining may take 60s",
        "requests still open after those 20s are cut off on every deploy",
    ),
    help="or drain faster: `shutdown_timeout: 15_000` fits in the 20s left",
    fix=Fix("give the pod preStop + drain + 5s of headroom", (Edit(find(WEB, "30"), "75"),)),
    rule="grace-shorter-than-drain",
)


def test_two_files_with_arithmetic_and_a_fix() -> None:
    assert frame(GRACE) == expect("""
        error[grace-shorter-than-drain]: container is killed before the app finishes
            draining
          --> deploy/web.yaml:9:38
           |
         9 |       terminationGracePeriodSeconds: 30
           |                                      ^^ SIGKILL 30s after shutdown begins
        ...
        18 |                 command: ["sleep", "10"]
           |                          --------------- preStop uses 10s of the 30s
           |
          ::: config/runtime.exs:8:51
           |
         8 |       thousand_island_options: [shutdown_timeout: 60_000]
           |                                                   ------ drain: up to 60s
           |
           = note: 30s grace - 10s preStop = 20s left, but draining may take 60s
           = note: requests still open after those 20s are cut off on every deploy
        help: give the pod preStop + drain + 5s of headroom (unsafe fix)
           |
         9 -       terminationGracePeriodSeconds: 30
         9 +       terminationGracePeriodSeconds: 75
           |
           = help: or drain faster: `shutdown_timeout: 15_000` fits in the 20s left
           = docs: deploylint --explain grace-shorter-than-drain
        """)


def test_an_absent_key_is_shown_at_its_parent_and_inserted() -> None:
    fly = Source("fly.toml", '# Fly.io\napp = "shop"\n')
    dockerfile = Source("Dockerfile", "\n" * 13 + 'CMD ["gunicorn", "shop.wsgi", "--graceful-timeout", "30"]\n')
    end = len(fly.text)
    finding = Finding(
        message="app is killed before gunicorn finishes draining",
        primary=Label(find(fly, "app"), "`kill_timeout` is not set: Fly sends SIGKILL after 5s"),
        related=(Label(find(dockerfile, '"--graceful-timeout", "30"'), "drain: up to 30s"),),
        notes=("5s (default) - 30s drain: in-flight requests lose up to 25s",),
        fix=Fix("set the stop timeout above the drain", (Edit(Span(fly, end, end), 'kill_timeout = "35s"\n'),)),
        rule="grace-shorter-than-drain",
    )
    assert frame(finding) == expect("""
        error[grace-shorter-than-drain]: app is killed before gunicorn finishes draining
          --> fly.toml:2:1
           |
         2 | app = "shop"
           | ^^^ `kill_timeout` is not set: Fly sends SIGKILL after 5s
           |
          ::: Dockerfile:14:31
           |
        14 | CMD ["gunicorn", "shop.wsgi", "--graceful-timeout", "30"]
           |                               -------------------------- drain: up to 30s
           |
           = note: 5s (default) - 30s drain: in-flight requests lose up to 25s
        help: set the stop timeout above the drain (unsafe fix)
           |
         2 | app = "shop"
         3 + kill_timeout = "35s"
           |
           = docs: deploylint --explain grace-shorter-than-drain
        """)


def test_labels_of_one_line_hang_below_it_rightmost_first() -> None:
    assert excerpt(
        "run: echo ${{ event }}\n", ("${{ event }}", "may expand into code"), ("run", "this block"), ("echo", "in a shell")
    ) == expect("""
          |
        1 | run: echo ${{ event }}
          | ---  ---- ^^^^^^^^^^^^ may expand into code
          | |    |
          | |    in a shell
          | this block
        """).removeprefix("  |\n")


def test_a_mark_inside_another() -> None:
    assert excerpt('cmd: ["sleep", "10"]\n', ('"10"', "ten seconds"), ('["sleep", "10"]', "the hook")) == expect("""
        1 | cmd: ["sleep", "10"]
          |      ----------^^^^-
          |      |         |
          |      |         ten seconds
          |      the hook
        """).replace("----------^^^^-\n", "----------^^^^- the hook\n").replace(
        "  |      |         |\n", "  |                |\n"
    ).replace("  |      |         ten", "  |                ten").replace("  |      the hook\n", "")


def test_two_marks_of_the_same_place() -> None:
    assert excerpt("FROM golang:1.22\n", ("golang:1.22", "ships the compiler"), ("golang:1.22", "and a shell")) == expect("""
        1 | FROM golang:1.22
          |      ^^^^^^^^^^^ and a shell
          |      |
          |      ships the compiler
        """)


def test_a_label_without_room_beside_its_mark_goes_below() -> None:
    text = f"{'key: ':>50}value\n"
    assert excerpt(text, ("value", "this sentence has no room beside")) == expect(f"""
        1 | {"key:":>49} value
          | {"^^^^^":>55}
          | {"|":>51}
          | {"this sentence has no room":>75}
          | {"beside":>56}
        """)


def test_a_label_at_the_right_edge_moves_to_the_left() -> None:
    text = f"{'key: ':>70}value\n"
    assert excerpt(text, ("value", "this sentence has no room beside")) == expect(f"""
        1 | {"key:":>69} value
          | {"^^^^^":>75}
          | {"|":>71}
          | {"this sentence has no room beside":>76}
        """)


def test_gaps_of_up_to_two_lines_are_shown() -> None:
    assert excerpt("a: 1\n\nb: 2\nc: 3\nd:\n  e:\n    f: 4\n", ("a", "first"), ("c", "second"), ("f", "third")) == expect("""
        1 | a: 1
          | ^ first
        2 |
        3 | b: 2
        4 | c: 3
          | - second
        5 | d:
        6 |   e:
        7 |     f: 4
          |     - third
        """)


def test_a_long_line_is_cut_around_its_mark() -> None:
    text = f"{'x' * 200} needle {'y' * 200}\n"
    rows = excerpt(text, ("needle", "here")).splitlines()
    assert rows == [
        f"1 | ...{'x' * 41} needle {'y' * 21}...",
        f"  | {' ' * 45}^^^^^^ here",
    ]


def test_marks_too_far_apart_repeat_the_line() -> None:
    text = f"left {'x' * 200} right\n"
    rows = excerpt(text, ("left", "one end"), ("right", "the other")).splitlines()
    assert rows == [
        f"1 | left {'x' * 68}...",
        "  | ^^^^ one end",
        f"1 | ...{'x' * 67} right",
        f"  | {' ' * 71}-----",
        f"  | {' ' * 71}|",
        f"  | {' ' * 67}the other",
    ]


def test_wide_characters_count_by_their_cells() -> None:
    assert excerpt("名前: 値 # 🚀 go\n", ("値", "値 is two cells wide"), ("go", "after a rocket")) == expect("""
        1 | 名前: 値 # 🚀 go
          |       ^^      -- after a rocket
          |       |
          |       値 is two cells wide
        """)


def test_tabs_become_four_blanks_and_line_ends_vanish() -> None:
    assert excerpt("\tRUN\tmake\r\nCMD x\r\n", ("make", "builds")) == expect("""
        1 |     RUN    make
          |            ^^^^ builds
        """)


def test_a_mark_behind_the_line_end_stands_at_the_end_of_a_long_line() -> None:
    source = Source("job.hcl", f"{'x' * 200}{chr(13) * 300}")
    rows = frame(Finding("x", Label(source.span(len(source.text), len(source.text)), "ends here"))).splitlines()
    assert rows[3] == f"1 | ...{'x' * 73}"
    assert "^" in rows[4]


def test_what_could_write_on_the_terminal_is_replaced() -> None:
    assert excerpt("a\x1b[31m\u202eb: c\n", ("c", "\x1b]0;title\x07")) == expect("""
        1 | a\ufffd[31m\ufffdb: c
          |           ^ \ufffd]0;title\ufffd
        """)


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    source = Source("Dockerfile", "RUN apt-get update \\\n    && apt-get install gcc\n")
    rows = frame(Finding("x", Label(source.span(4, len(source.text)), "installs"))).splitlines()
    assert rows[3:5] == ["1 | RUN apt-get update \\", "  |     ^^^^^^^^^^^^^^^^ installs"]


def test_a_span_that_begins_with_an_empty_line_is_marked_at_its_text() -> None:
    source = Source("a.yaml", "key:\n  \n    value\n")
    rows = frame(Finding("x", Label(source.span(4, len(source.text)), "here"))).splitlines()
    assert rows[3:5] == ["3 |     value", "  |     ^^^^^ here"]


@pytest.mark.parametrize(
    ("text", "offset", "row"),
    [
        ("abc\n", 3, "1 | abc|  |    ^ here"),
        ("abc\n", 4, "2 ||  | ^ here"),
        ("", 0, "1 ||  | ^ here"),
        ("\ufeffabc", 1, "1 | abc|  | ^ here"),
    ],
)
def test_an_empty_span_gets_one_caret(text: str, offset: int, row: str) -> None:
    source = Source("a.toml", text)
    rows = frame(Finding("x", Label(source.span(offset, offset), "here"))).splitlines()
    assert "|".join(rows[3:5]) == row


def test_notes_wrap_below_their_text() -> None:
    source = Source("a.toml", "a = 1\n")
    long = "a note that goes on for quite a while, so that it has to be continued on a second line"
    rows = frame(Finding("x", Label(source.span(0, 1), ""), notes=(long,))).splitlines()
    assert rows[6:8] == [
        "  = note: a note that goes on for quite a while, so that it has to be continued",
        "          on a second line",
    ]


def test_a_fix_in_several_places() -> None:
    edits = (
        Edit(find(WEB, "30"), "75"),
        Edit(Span(RUNTIME, 0, 0), "# first\n"),
        Edit(find(WEB, "          image: shop\n"), ""),
        Edit(Span(WEB, len(WEB.text), len(WEB.text)), "status: {}\n"),
    )
    rows = frame(GRACE._replace(fix=Fix("mend it", edits, is_safe=True), help=""))
    assert rows[rows.index("help: ") :] == expect("""
        help: mend it
          ::: deploy/web.yaml:9:1
           |
         9 -       terminationGracePeriodSeconds: 30
         9 +       terminationGracePeriodSeconds: 75
        ...
        12 -           image: shop
        ...
        17 |                 command: ["sleep", "10"]
        18 + status: {}
           |
          ::: config/runtime.exs:1:1
           |
         1 + # first
         2 |
           |
           = docs: deploylint --explain grace-shorter-than-drain
        """)


def report(*findings: Finding, suppressed: int = 0, files: int = 11) -> str:
    complete = tuple(each._replace(severity=each.severity or "error") for each in findings)
    lines = list(full.lines(Report(complete, suppressed, tuple(f"f{i}" for i in range(files)), ()), VIEW))
    return plain(lines[-1])


def test_the_closing_line() -> None:
    assert report() == "No problems found in 11 files."
    assert report(suppressed=2, files=1) == "No problems found in 1 file (2 suppressed)."
    assert report(files=0) == "No deployment files found."
    assert report(GRACE, files=0) == "Found 1 error in 2 of 2 files."
    note, warning = GRACE._replace(severity="note"), GRACE._replace(severity="warning")
    assert (
        report(GRACE, GRACE, warning, note, suppressed=1, files=0)
        == "Found 2 errors, 1 warning and 1 note in 2 of 2 files (1 suppressed)."
    )


TEXTS = st.text(st.sampled_from("ab \t\n\r\"'#値🚀\u0301\u200d\x00\x1b"), max_size=60)


@given(
    text=TEXTS,
    ends=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), TEXTS), min_size=1, max_size=5),
    wide=st.integers(1, 60),
)
def test_any_frame_fits_its_width(text: str, ends: list[tuple[int, int, str]], wide: int) -> None:
    """Whatever is marked: no row is wider than the view, unless a single word is, and no row breaks in two."""
    source = Source("a.yaml", text * wide)
    spans = [source.span(min(a, b, len(source.text)), min(max(a, b), len(source.text))) for a, b, _ in ends]
    labels = [Label(span, label) for span, (_, _, label) in zip(spans, ends, strict=True)]
    finding = Finding("x", labels[0], tuple(labels[1:]), rule="r", severity="error")
    for line in frame_lines(finding, VIEW):
        row = plain(line)
        assert "\n" not in row and "\x1b" not in row
        assert width_of(row) <= 80 + max(map(len, ("", *(word for _, _, label in ends for word in label.split(" "))))) * 4
