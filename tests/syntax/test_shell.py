"""Shell text as a tree: what is run, in what order, and the exact characters of each word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.shell import MAX_LENGTH, parse
from deploylint.syntax.shell_tree import (
    AndOr,
    Block,
    Case,
    Command,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Node,
    Not,
    Pipeline,
    Redirected,
    Script,
    Substitution,
    Variable,
    Word,
)
from deploylint.text import Fragment, FragmentBuilder, Source


def read(text: str) -> Script:
    return parse(Fragment.verbatim(Source("run.sh", text), 0, len(text)))


def said(node: Node) -> str:
    """A tree as one line: words with their quotes gone, structure in brackets."""
    if isinstance(node, Command):
        assignments = [
            f"{each.name}{'+' if each.is_append else ''}={each.value.raw if each.value else ''}" for each in node.assignments
        ]
        redirects = [f"{each.operator}{each.target.raw if each.target else ''}" for each in node.redirects]
        return " ".join([*assignments, *(word.raw if word.text is None else word.text for word in node.words), *redirects])
    if isinstance(node, Pipeline):
        return " | ".join(f"<{said(each)}>" for each in node.commands)
    if isinstance(node, Not):
        return f"not <{said(node.body)}>"
    if isinstance(node, AndOr):
        return "".join([f"<{said(node.first)}>", *(f" {operator} <{said(each)}>" for operator, each in node.rest)])
    if isinstance(node, If):
        branches = [f"if {block(condition)} then {block(body)}" for condition, body in node.branches]
        return " el".join(branches) + (f" else {block(node.otherwise)}" if node.otherwise else "")
    if isinstance(node, Case):
        arms = [f"{'|'.join(each.raw for each in arm.patterns)}) {block(arm.body)}" for arm in node.arms]
        return f"case {node.subject.raw} {' '.join(arms)}"
    if isinstance(node, Loop):
        words = "" if node.words is None else " ".join(word.raw for word in node.words)
        return f"{node.keyword} {node.variable or block(node.condition)} [{words}] {block(node.body)}"
    if isinstance(node, Function):
        return f"function {node.name} {block(node.body)}"
    if isinstance(node, Group):
        return f"{'subshell' if node.is_subshell else 'group'} {block(node.body)}"
    assert isinstance(node, Redirected)
    return f"{said(node.body)} {' '.join(each.operator for each in node.redirects)}"


def block(statements: Block) -> str:
    return "{" + "; ".join(said(each.node) + (" &" if each.is_background else "") for each in statements) + "}"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("gunicorn app:app --workers 2", "{gunicorn app:app --workers 2}"),
        ("exec 'a b' \"c d\" e\\ f", "{exec a b c d e f}"),
        ("a\\\n  b", "{a b}"),
        ("a; b & c", "{a; b &; c}"),
        ("a && b &", "{<a> && <b> &}"),
        ("a && b || c", "{<a> && <b> || <c>}"),
        ("a &&  # why\n b", "{<a> && <b>}"),
        ("! a && b", "{<not <a>> && <b>}"),
        ("! a | b", "{not <<a> | <b>>}"),
        ("a | b | c", "{<a> | <b> | <c>}"),
        # A redirect belongs to the last command of a list, a pipe binds closer than `&&`.
        ("a && b > x", "{<a> && <b >x>}"),
        ("a | b && c | d || e", "{<<a> | <b>> && <<c> | <d>> || <e>}"),
        ("cd x && exec y 2>&1 | tee log", "{<cd x> && <<exec y >&1> | <tee log>>}"),
        ("a | b |& c || true", "{<<a> | <b> | <c>> || <true>}"),
        ("a >x b <y c", "{a b c >x <y}"),
        ("2>&1 a", "{a >&1}"),
        ("A=1 B=$X a", "{A=1 B=$X a}"),
        ("A=1", "{A=1}"),
        ("A+=x", "{A+=x}"),
        ("export A=1 B", "{A=1 export B}"),
        ("unset A", "{unset A}"),
        ("if a; then b; elif c; then d; else e; fi", "{if {a} then {b} elif {c} then {d} else {e}}"),
        ("if ! a\nthen b\nfi", "{if {not <a>} then {b}}"),
        ("if a; then b; fi > x", "{if {a} then {b} >}"),
        ("[ -n $X ] && a", "{<[ -n $X ]> && <a>}"),
        ("[ ! -e /$X ] && a", "{<[ ! -e /$X ]> && <a>}"),
        # The grammar's own tree of this test has `-a` in the wrong place.
        ('[ "$X" = t -a "$Y" = 1 ]', '{[ "$X" = t -a "$Y" = 1 ]}'),
        ("[[ ! ( -n $X && $Y == z* ) ]]", "{[[ ! ( -n $X && $Y == z* ) ]]}"),
        ("(( $# > 0 ))", "{(( $# > 0 ))}"),
        ("! ((N--))", "{not <((N--))>}"),
        ('case "$1" in a|b) x ;; *) y ;; esac', '{case "$1" a|b) {x} *) {y}}'),
        ("for f in a/*.sh; do . $f; done", "{for f [a/*.sh] {. $f}}"),
        ("for x; do a; done", "{for x [] {a}}"),
        ("until a; do sleep 1; done", "{until {a} [] {sleep 1}}"),
        ("f() { a; }\ng() ( b )", "{function f {a}; function g {subshell {b}}}"),
        ("{ a; b; } || (c)", "{<group {a; b}> || <subshell {c}>}"),
        ("cat <<EOF | sh\nx\nEOF\nb", "{<cat <<> | <sh>; b}"),
        ("cat <<EOF && a\nx\nEOF", "{<cat <<> && <a>}"),
        ("# nothing", "{}"),
        ("", "{}"),
    ],
)
def test_tree(text: str, tree: str) -> None:
    script = read(text)
    assert block(script.body) == tree
    assert script.errors == ()


def words(text: str) -> list[Word]:
    node = read(text).body[0].node
    assert isinstance(node, Command)
    return list(node.words)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("$X", [Variable("X", "", (), False)]),
        ('"$X"', [Variable("X", "", (), True)]),
        ("${X}", [Variable("X", "", (), False)]),
        ("${X:-d}", [Variable("X", ":-", (Literal("d", False),), False)]),
        ("${X-}", [Variable("X", "-", (), False)]),
        ('${X:-"a b"}', [Variable("X", ":-", (Literal("a b", True),), False)]),
        ("${X:-$Y}", [Variable("X", ":-", (Variable("Y", "", (), False),), False)]),
        ("${#X}", [Variable("X", "length", (), False)]),
        ("$#", [Variable("#", "", (), False)]),
        ('"${@: -2:1}"', [Variable("@", ":", (Literal(" -2:1", True),), True)]),
        ("${0##*/}", [Variable("0", "##", (Literal("*/", False),), False)]),
        ("a\"b\"$X'c'", [Literal("a", False), Literal("b", True), Variable("X", "", (), False), Literal("c", True)]),
        ('""', [Literal("", True)]),
        (r'"\$x \" \n"', [Literal(r'$x " \n', True)]),
        (r"$'a\n\x41'", [Literal("a\nA", True)]),
    ],
)
def test_word(word: str, parts: list[object]) -> None:
    found = words(f"cmd {word}")[1]
    assert list(found.parts) == parts
    assert found.raw == word
    assert found.span.text == word


def test_command_substitution_is_a_tree_of_its_own() -> None:
    (part,) = words('cmd "$(dirname "$0")"')[1].parts
    assert isinstance(part, Substitution)
    assert block(part.body) == '{dirname "$0"}'


def test_a_pattern_is_only_one_unquoted() -> None:
    assert words("cmd *.sh")[1].is_pattern
    assert not words("cmd '*.sh'")[1].is_pattern


def test_places_count_characters_not_bytes() -> None:
    text = 'echo "ünï" && exec émoji --größe=🙂 $X'
    node = read(text).body[0].node
    assert isinstance(node, AndOr)
    last = node.rest[0][1]
    assert isinstance(last, Command)
    assert [word.span.text for word in last.words] == ["exec", "émoji", "--größe=🙂", "$X"]
    assert last.span.text == "exec émoji --größe=🙂 $X"


def test_places_go_through_the_fragment() -> None:
    """`CMD a && \\` with a continuation: the fragment joins the lines, the words stand where they were written."""
    source = Source("Dockerfile", "CMD alembic upgrade && \\\n    exec gunicorn")
    builder = FragmentBuilder(source)
    builder.copy(4, 23)
    builder.copy(25, len(source.text))
    node = parse(builder.build()).body[0].node
    assert isinstance(node, AndOr)
    last = node.rest[0][1]
    assert last.span.where == "Dockerfile:2:5"
    assert last.span.text == "exec gunicorn"


def test_a_heredoc_keeps_its_body() -> None:
    node = read("cat > /x <<'EOF'\nhello $X\nEOF\n").body[0].node
    assert isinstance(node, Command)
    bodies = [redirect.body.text for redirect in node.redirects if redirect.body]
    assert bodies == ["hello $X\n"]


@pytest.mark.parametrize("text", ["if true; then", "foo )", 'foo "open', "case x in", "${", "$(", "<<", "| b"])
def test_what_is_broken_is_reported(text: str) -> None:
    assert read(text).errors


def test_what_stands_beside_an_error_is_read() -> None:
    assert block(read("a\nfoo )\nb").body).startswith("{a; foo")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "a" + ")" * 500,
        "if a; then " * 300 + "b" + "; fi" * 300,
        "a && " * 5000 + "b",
        "$(" * 400 + "a" + ")" * 400,
        '"${X:-' * 300 + "a" + '}"' * 300,
        "[ " + "! " * 3000 + "a ]",
        "a" * (MAX_LENGTH + 1),
    ],
)
def test_hostile_text_is_bounded(text: str) -> None:
    assert isinstance(read(text), Script)


SAMPLE = """#!/bin/sh
set -e
export PORT="${PORT:-4000}" ü=1
if [ "$1" = 'server' ] && ! [[ -n $X ]]; then
  su -c "exec ./bin/migrate" app || true
fi
case "$1" in a|b) x ;; *) y 2>&1 | tee log & esac
for f in /x/*.sh; do . "$f"; done
cat <<EOF > /etc/x
$A `b` $(c)
EOF
exec "$@"
"""


@pytest.mark.parametrize("end", range(len(SAMPLE)))
def test_every_prefix_is_read(end: int) -> None:
    for node in every_node(read(SAMPLE[:end]).body):
        assert node.span.text


@given(st.text(alphabet="ab$\"'`{}()[]|&;<>#*!\\ \n=-é0", max_size=60))
def test_anything_is_read(text: str) -> None:
    for node in every_node(read(text).body):
        if isinstance(node, Command):
            for word in node.words:
                assert word.span.text == word.raw


def every_node(statements: Block) -> list[Node]:
    found: list[Node] = []
    waiting = [each.node for each in statements]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, Not | Redirected):
            waiting.append(node.body)
        elif isinstance(node, AndOr):
            waiting += [node.first, *(each for _, each in node.rest)]
        elif isinstance(node, Pipeline):
            waiting += node.commands
        elif isinstance(node, Function | Group | Loop):
            waiting += [each.node for each in node.body]
        elif isinstance(node, If):
            waiting += [each.node for branch in node.branches for part in branch for each in part]
        elif isinstance(node, Case):
            waiting += [each.node for arm in node.arms for each in arm.body]
    return found
