"""Dockerfiles as instructions: what BuildKit's parser accepts, joins, splits and refuses, case by case of its own tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.dockerfile import Dockerfile, DockerfileError, Instruction, assignments, fields, parse, words
from deploylint.text import Source


def read(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


def only(text: str) -> Instruction:
    (instruction,) = read(text).instructions
    return instruction


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("RUN echo hello\\\n  world\\\n  goodnight", "echo hello  world  goodnight"),
        ("RUN echo light\\\nning", "echo lightning"),
        ("RUN echo hello  \\  \nworld", "echo hello  world"),
        ("RUN echo hi \\\n \\\n world \\\n\\\n good\\\n\\\nnight", "echo hi   world  goodnight"),
        ("RUN echo hello \\\n# a comment\n\n   # another\n\nthere", "echo hello there"),
        ("RUN a \\\n# why\n && b", "a  && b"),
        ("RUN a \\\r\n  b\r\n", "a   b"),
        ("run lower case", "lower case"),
        ("   RUN indented", "indented"),
        ("RUN\ttabbed", "tabbed"),
        ("RUN ends in a continuation \\", "ends in a continuation"),
        ("RUN ends in a comment \\\n# c", "ends in a comment"),
        ("RUN a\\\\\n", "a\\\\"),
        ("RUN a \\ b", "a \\ b"),
        ("\ufeffRUN a", "a"),
        ("# escape=`\nRUN dir C:\\ `\n  && b", "dir C:\\   && b"),
        ("# syntax=docker/dockerfile:1\n# escape = ` \n\nRUN a`\nb", "ab"),
        ("# comment\n# escape=`\nRUN a \\\n b", "a  b"),
        ("\n# escape=`\nRUN a \\\n b", "a  b"),
    ],
)
def test_continuations(written: str, joined: str) -> None:
    assert only(written).text.text == joined


def test_a_doubled_escape_at_the_end_is_no_continuation() -> None:
    assert [each.keyword for each in read("ENV C trailing\\\\\nENV D next").instructions] == ["ENV", "ENV"]


@pytest.mark.parametrize(
    ("written", "elements"),
    [
        ("CMD []", []),
        ('CMD [""]', [""]),
        ('CMD [ "a", "b" ]', ["a", "b"]),
        ('CMD\t[\t"a",\t"b"\t]\t', ["a", "b"]),
        ('CMD ["abc 123", "♥", "\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0041"]', ["abc 123", "♥", '" \\ / \b \f \n \r \t A']),
        ('CMD ["\\ud83d\\ude00", "\\ud83d"]', ["\U0001f600", "\ufffd"]),
        ('CMD ["a\\\n  b"]', ["a  b"]),
        ('HEALTHCHECK --timeout=3s CMD ["foo"]', ["foo"]),
        ('COPY ["a b", "/x y/"]', ["a b", "/x y/"]),
        ('CMD --flag -- [ "a" ]', ["a"]),
    ],
)
def test_exec_form(written: str, elements: list[str]) -> None:
    found = only(written).json
    assert found is not None
    assert [each.text for each in found] == elements


@pytest.mark.parametrize(
    "written",
    [
        "CMD ['a', 'b']", 'CMD ["a", "b"', 'CMD ["a" "b"]', 'CMD ["a", ]', 'CMD ["a"] b', 'CMD "[\\"a\\"]"', "CMD [ a ]",
        "CMD echo [\"a\"]", 'CMD ["a\tb"]', 'CMD ["\\x"]', "CMD [[[[[",
    ],
)  # fmt: skip
def test_what_is_not_json_is_shell_form(written: str) -> None:
    assert only(written).json is None


def test_an_elements_span_is_what_stands_between_its_quotes() -> None:
    source = Source("Dockerfile", 'FROM x\nCMD ["gunicorn", "--bind", "0.0.0.0:8000"]\n')
    elements = parse(source).instructions[1].json
    assert elements is not None
    assert [each.whole.text for each in elements] == ["gunicorn", "--bind", "0.0.0.0:8000"]
    assert elements[2].whole.where == "Dockerfile:2:29"


@pytest.mark.parametrize(
    ("written", "flags", "text"),
    [
        ("COPY --from=build --chown=a:b /x /y", [("from", "build"), ("chown", "a:b")], "/x /y"),
        ("RUN --mount=type=cache,target=/a --mount=type=secret,id=t --network=none make", None, "make"),
        ("FROM --platform=$BUILDPLATFORM golang:1 AS b", [("platform", "$BUILDPLATFORM")], "golang:1 AS b"),
        ("COPY --link foo /tmp/", [("link", "")], "foo /tmp/"),
        ("COPY -- foo /tmp/", [], "foo /tmp/"),
        ('RUN --mount="type=secret,id=a b" x', [("mount", "type=secret,id=a b")], "x"),
        ("RUN -x", [], "-x"),
        ("CMD --doit", [("doit", "")], ""),
    ],
)
def test_flags(written: str, flags: list[tuple[str, str]] | None, text: str) -> None:
    instruction = only(written)
    assert instruction.text.text == text
    if flags is not None:
        assert [(flag.name, flag.value) for flag in instruction.flags] == flags
    assert all(flag.span.text.startswith("--") for flag in instruction.flags)


HEREDOCS = [
    ("RUN <<EMPTY\nEMPTY\n", [("EMPTY", "")]),
    ("RUN 3<<FD\nFD\n", [("FD", "")]),
    ("RUN <<A\n\tfoo\n\tbar\nA\n", [("A", "\tfoo\n\tbar\n")]),
    ("RUN <<-A\n\tfoo\n\t\tbar\nA\n", [("A", "foo\nbar\n")]),
    ("RUN <<-A\n\tfoo\n\tA\n", [("A", "foo\n")]),
    ("RUN <<-'A'\n\tdon't expand $NAME\nA\n", [("A", "don't expand $NAME\n")]),
    ("RUN <<A\n# a comment \\\nRUN no instruction\nA\n", [("A", "# a comment \\\nRUN no instruction\n")]),
    ("RUN --mount=type=cache,target=/f <<A\nx\nA\n", [("A", "x\n")]),
    ("COPY <<A <<B /dest/\n1\nA\n2\nB\n", [("A", "1\n"), ("B", "2\n")]),
    ("COPY <<X <<Y /dest/\nY\nX\nX\nY\n", [("X", "Y\n"), ("Y", "X\n")]),
    ("RUN <<A python3\nprint('x')\nA\n", [("A", "print('x')\n")]),
    ("COPY <<file.txt /dest\nx\nfile.txt\n", [("file.txt", "x\n")]),
    ("RUN <<eo'f'\nx\neof\n", [("eof", "x\n")]),
    ("RUN <<eo\\'f\nx\neo'f\n", [("eo'f", "x\n")]),
    ("RUN <<'e'o\\'f\nx\neo'f\n", [("eo'f", "x\n")]),
    ("RUN <<'one two'\nx\none two\n", [("one two", "x\n")]),
    ("RUN <<$A\nx\n$A\n", [("$A", "x\n")]),
    ("RUN <<  A  > foo\nx\nA\n", [("A", "x\n")]),
    ("RUN << -A\nx\n-A\n", [("-A", "x\n")]),
    ("RUN cat <<A > /x && \\\n  chmod +x /x\nbody\nA\n", [("A", "body\n")]),
    ("ONBUILD RUN <<A\nx\nA\n", [("A", "x\n")]),
    ("RUN <<A\r\nx\r\nA\r\n", [("A", "x\r\n")]),
    ("ADD <<A /x\nx\nA", [("A", "x\n")]),
    ('RUN "<<A"\n', []),
    ("RUN '<<A'\n", []),
    ("RUN <<<A\n", []),
    ('RUN ["<<A"]\n', []),
    ("RUN echo $((1<<2))\n", []),
    ("USER <<A\n", []),
    ("CMD cat <<A\n", []),
]


@pytest.mark.parametrize(("written", "expected"), HEREDOCS)
def test_heredocs(written: str, expected: list[tuple[str, str]]) -> None:
    instruction, following = read(f"{written}LABEL a=b" if written.endswith("\n") else f"{written}\nLABEL a=b").instructions
    holder = instruction.trigger or instruction
    assert [(each.delimiter, each.body.text) for each in holder.heredocs] == expected
    assert following.keyword == "LABEL"
    for heredoc in holder.heredocs:
        assert holder.text.text[heredoc.start : heredoc.end].lstrip("0123456789").startswith("<<")


def test_a_heredocs_body_knows_its_lines_without_their_tabs() -> None:
    source = Source("Dockerfile", "FROM x\nRUN <<-EOF\n\tone\n\t\ttwo\n\tEOF\n")
    instruction = parse(source).instructions[1]
    body = instruction.heredocs[0].body
    at = body.text.index("two")
    assert body.span(at, at + 3).where == "Dockerfile:4:3"
    assert instruction.span.text.endswith("\tEOF")


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "the file has no instructions", ""),
        ("# only\n\n# comments\n", "the file has no instructions", ""),
        ("FROM x\nENV PATH\n", "ENV must have two arguments", "ENV PATH"),
        ("FROM x\nENV\n", "ENV requires at least one argument", "ENV"),
        ("FROM x\nENV a=b c\n", "ENV has an argument without `=`: c", "c"),
        ('CMD ["echo", ["nested"]]', "an exec form array must hold strings only", '["echo", ["nested"]]'),
        ("CMD [1]", "an exec form array must hold strings only", "[1]"),
        ("FROM x\nFRUM y\n", "unknown instruction: FRUM", "FRUM"),
        ("FROM x\n{{ if }}\n", "unknown instruction: {{", "{{"),
        ("FROM x\nRUN <<EOF\nls\n", "unterminated heredoc: no line is just `EOF`", "<<EOF"),
        ("# escape=x\nFROM x", "the escape directive takes ` or \\", "x"),
        ("# escape=`\n# escape=`\nFROM x", "only one escape parser directive can be used", "`"),
        ("ONBUILD", "ONBUILD requires at least one argument", "ONBUILD"),
        ("ONBUILD ONBUILD RUN x", "ONBUILD can't hold another ONBUILD", "ONBUILD RUN x"),
        (f"FROM x\nENV {'A=1 ' * 20_000}\n", "a line is longer than 65,535 bytes, all that BuildKit reads", ""),
        ("FROM x\n\\", "unknown instruction: \\", ""),
    ],
)
def test_what_cannot_be_built(text: str, message: str, at: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read(text)
    assert caught.value.message == message
    assert caught.value.span.text == at


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        ("ENV name value", [("name", "value")]),
        ("ENV name  a b  c", [("name", "a b  c")]),
        ("ENV name=value name2=value2", [("name", "value"), ("name2", "value2")]),
        ('ENV name="value value1"', [("name", '"value value1"')]),
        ("ENV name=value\\ value2", [("name", "value\\ value2")]),
        ("ENV name='a\"b' b=\"c'd\"", [("name", "'a\"b'"), ("b", '"c\'d"')]),
        ('ENV name="a\\"b" c=d', [("name", '"a\\"b"'), ("c", "d")]),
        ("ENV a=1 \\\n    b=2 \\\n", [("a", "1"), ("b", "2")]),
        ('ENV a="x \\\n   y"', [("a", '"x    y"')]),
        ("ENV a=", [("a", "")]),
        ("ENV a=b=c", [("a", "b=c")]),
        ("LABEL maintainer Erik \\\\Hollensbe", [("maintainer", "Erik \\\\Hollensbe")]),
        ('ARG foo bar=baz abc="1 2"', [("foo", None), ("bar", "baz"), ("abc", '"1 2"')]),
    ],
)
def test_assignments(written: str, pairs: list[tuple[str, str | None]]) -> None:
    found = assignments(only(written), "\\")
    assert [(each.name, each.value.text if each.value else None) for each in found] == pairs
    assert all(each.name_span.text == each.name for each in found)


@pytest.mark.parametrize(
    "value", ["a=b", 'a="b c"', "a='b c' d=e", 'a="b" c="d e"', "a=b\\ c", "name value", "name a b c", 'x="a=b" y=\'c"d\'']
)
def test_agrees_with_the_dockerfile_parse_library(value: str) -> None:
    """dockerfile-parse as the oracle, on what it reads right: pairs without variables or escapes inside quotes."""
    from dockerfile_parse.util import extract_key_values

    from deploylint.images.variables import expand

    ours = [(each.name, expand(each.value.text if each.value else "", "\\", lambda _: None).text) for each in
            assignments(only(f"ENV {value}"), "\\")]  # fmt: skip
    assert ours == extract_key_values(env_replace=False, args={}, envs={}, instruction_value=value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo", ["foo"]),
        ("foo bar 'abc xyz'", ["foo", "bar", "'abc xyz'"]),
        ("foo\\ bar", ["foo\\ bar"]),
        ('föo bàr "âbc xÿz"', ["föo", "bàr", '"âbc xÿz"']),
        ("a='b\\' c", ["a='b\\'", "c"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(only(f"USER {text}").text, "\\")] == expected


def test_onbuild_holds_an_instruction() -> None:
    trigger = only('ONBUILD ENTRYPOINT ["a"]').trigger
    assert trigger is not None
    assert (trigger.keyword, trigger.keyword_span.text) == ("ENTRYPOINT", "ENTRYPOINT")
    assert trigger.json is not None


def test_directives_stand_at_the_top_only() -> None:
    dockerfile = read("# syntax=docker/dockerfile:1 // x\n# Check=skip=all\n# key=value\n# escape=`\nFROM x")
    assert {name: span.text for name, span in dockerfile.directives.items()} == {
        "syntax": "docker/dockerfile:1 // x",
        "check": "skip=all",
    }
    assert dockerfile.escape == "\\"


def test_comments_directly_above_belong_to_an_instruction() -> None:
    first, second = read("# syntax=x\n# one\n#\n# two\nFROM x\nRUN y").instructions
    assert [comment.text for comment in first.comments] == ["# two"]
    assert second.comments == ()


def test_lines_of_each_instruction() -> None:
    found = read("# a\n\nFROM x\n\n# b\nRUN a \\\n  b\n\nRUN <<E\nx\nE\n").instructions
    assert [(each.span.line, each.span.end_line) for each in found] == [(3, 3), (6, 7), (9, 11)]


SAMPLE = """\
\ufeff# syntax=docker/dockerfile:1
# escape=\\
ARG V="1.0" U
FROM --platform=$BUILDPLATFORM a:${V:-1} AS b
ENV A=1 B="x y" \\
  # why
  C='z'
ENV old style value
RUN --mount=type=secret,id=x apt-get update && \\

  apt-get install -y gcc
COPY --from=b <<EOF <<-"E F" /x/
one
EOF
\ttwo
\tE F
HEALTHCHECK --interval=5s CMD ["curl", "\\u0041"]
ONBUILD RUN <<X
x
X
ENTRYPOINT ["a", "b\\n"]
CMD run me \\
"""


def _check(text: str) -> None:
    source = Source("Dockerfile", text)
    try:
        dockerfile = parse(source)
    except DockerfileError as error:
        assert error.message
        assert 0 <= error.span.start <= error.span.end <= len(text)
        return
    end = 0
    for instruction in dockerfile.instructions:
        assert instruction.keyword_span.text.upper() == instruction.keyword
        assert end <= instruction.span.start <= instruction.span.end <= len(text)
        end = instruction.span.end
        for field in fields(instruction.text):
            assert field.text[0] == field.whole.text[0]
        if "\n" not in instruction.span.text:
            assert instruction.text.whole.text == instruction.text.text


def test_every_prefix_parses_or_reports() -> None:
    for length in range(len(SAMPLE) + 1):
        _check(SAMPLE[:length])


LINES = st.sampled_from(
    ["FROM x", "RUN <<A", "A", "RUN a \\", "# c", "", "\\", "ENV a=b \\", 'CMD ["a"]', "COPY <<-'B' /x", "\tB", "# escape=`", "`"]
)


@given(st.lists(LINES | st.text(alphabet="RUN \\\"'<-E=$#[]\t`\r", max_size=12), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_any_lines_parse_or_report(lines: list[str], newline: str) -> None:
    _check(newline.join(lines))


@pytest.mark.parametrize(
    "text", ["CMD " + "[" * 100_000, "RUN " + "\\\n" * 50_000, 'CMD ["' + "\\\\" * 50_000, "ENV a=" + '"' * 99_999]
)
def test_hostile_files_end(text: str) -> None:
    _check(text)
