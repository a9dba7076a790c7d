from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.elixir import MAX_LENGTH, ElixirError, Node, Tree, functions, parse
from deploylint.text import Source

CONFIG = """\
import Config
# naïve → comment
config :shop, ShopWeb.Endpoint,
  url: [host: "näh.example"], "quoted key": 1,
  http: [port: 4_000, thousand_island_options: [shutdown_timeout: 60_000]]

if config_env() == :prod do
  config(:shop, Oban, shutdown_grace_period: :timer.seconds(15))
else
  config :shop, dev: true
end
"""


def tree(text: str) -> Tree:
    return parse(Source("config/config.exs", text))


def expression(text: str) -> Node:
    return tree(text).root.children[0]


def test_a_call_knows_its_name_arguments_and_keywords() -> None:
    first, second, _ = tree(CONFIG).root.calls("config")
    assert [node.text for node in first.arguments] == [":shop", "ShopWeb.Endpoint"]
    assert [pair.key for pair in first.keywords] == ["url", "quoted key", "http"]
    assert [(pair.key, pair.value.text) for pair in second.keywords] == [("shutdown_grace_period", ":timer.seconds(15)")]
    assert second.keywords[0].value.name == ":timer.seconds"


def test_offsets_count_characters_although_the_grammar_counts_bytes() -> None:
    first = next(tree(CONFIG).root.calls("config"))
    http = first.keywords[2]
    assert http.span.text == "http"
    timeout = http.value.keywords[1].value.keywords[0]
    assert (timeout.span.text, timeout.value.span.text, timeout.value.number) == ("shutdown_timeout", "60_000", 60_000)
    assert timeout.value.span.where == "config/config.exs:5:67"


@pytest.mark.parametrize("text", ["é𝄞:a", "\ufeff:a", "# 𝄞𝄞\n:a", "\u2028:a", "\ud800 :a", "\r\n:a\r\n"])
def test_spans_are_exact_behind_any_character(text: str) -> None:
    atoms = [node for node in tree(text).root.walk() if node.kind == "atom"]
    assert [node.text for node in atoms] == [":a"]


def test_blocks_and_their_else() -> None:
    node = next(tree(CONFIG).root.calls("if"))
    assert [each.name for each in node.body] == ["config"]
    assert [each.name for each in node.else_body] == ["config"]
    inline = expression("if a, do: b, else: c")
    assert ([each.text for each in inline.body], [each.text for each in inline.else_body]) == (["b"], ["c"])


def test_case_clauses() -> None:
    clauses = expression("case config_env() do\n  :prod when x -> a\n  _ ->\n    b\n    c\nend").clauses
    assert [[pattern.text for pattern in clause.patterns] for clause in clauses] == [[":prod"], ["_"]]
    assert [clause.guard.text if clause.guard else "" for clause in clauses] == ["x", ""]
    assert [[node.text for node in clause.body] for clause in clauses] == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        ("30_000", 30_000),
        ("007", 7),
        ("0x1F", 31),
        ("0b101", 5),
        ("1.5e3", 1500.0),
        ("9" * 5000, None),
        ("x", None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert expression(text).number == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', "plain"),
        (r'"a\nb\"\u00e9\u{1F600}"', 'a\nb"é😀'),
        ('"a#{b}"', None),
        ("~s(a b)", "a b"),
        ("'charlist'", "charlist"),
        ('"""\nheredoc\n"""', None),
        ('""', ""),
        (":atom", None),
    ],
)
def test_strings(text: str, value: str | None) -> None:
    assert expression(text).string == value


@pytest.mark.parametrize(("text", "name"), [(":a", "a"), (':"b c"', "b c"), ("true", "true"), ("nil", "nil"), ("x", None)])
def test_atoms(text: str, name: str | None) -> None:
    assert expression(text).atom == name


def test_functions_of_a_module_and_nested_modules() -> None:
    inner = "defmodule B do\n def h() do\n 1\n 2\n end\n end\n"
    modules = dict(tree(f"defmodule A do\n def f(x) when x > 1, do: x\n defp g, do: 1\n {inner} end").modules)
    assert list(modules) == ["A", "A.B"]
    assert [(each.name, len(each.parameters), each.guard is not None) for each in functions(modules["A"])] == [
        ("f", 1, True),
        ("g", 0, False),
    ]
    assert [[node.text for node in each.body] for each in functions(modules["A.B"])] == [["1", "2"]]


@pytest.mark.parametrize(("text", "name"), [("env.(1)", ""), ("f 1", "f"), ("A.f(1)", "A.f"), ("x", ""), ("a |> b", "")])
def test_names_of_calls(text: str, name: str) -> None:
    assert expression(text).name == name


def test_comments_are_nowhere() -> None:
    nodes = tree("[\n  # :runtime_tools,\n  :logger # last\n]").root.walk()
    assert [node.text for node in nodes if node.kind == "atom"] == [":logger"]


@pytest.mark.parametrize("text", ["config :a, [", "if x do", "%{", '"abc', "a b c ] d"])
def test_mistakes_are_recorded_and_the_rest_is_read(text: str) -> None:
    parsed = tree(f"{text}\nconfig :a, b: 1\n")
    assert parsed.error is not None
    assert parsed.error.start <= len(parsed.source.text)


def test_sound_text_has_no_error() -> None:
    assert tree(CONFIG).error is None


def test_too_long_a_file_is_refused() -> None:
    with pytest.raises(ElixirError, match="longer than"):
        parse(Source("a.exs", "x" * (MAX_LENGTH + 1)))


@pytest.mark.parametrize("piece", ["[", "a(", "%{", 'a "#{', "if a do\n", "fn a -> ", "-", "a + ", "defmodule A do\n"])
def test_depth_costs_no_stack(piece: str) -> None:
    parsed = tree(piece * 3000)
    assert sum(1 for _ in parsed.root.walk()) > 0
    assert sum(1 for _ in parsed.modules) <= 3000


def read_everything(parsed: Tree) -> None:
    for node in parsed.root.walk():
        span = node.span
        assert 0 <= span.start <= span.end <= len(parsed.source.text)
        assert node.text == span.text
        for pair in node.keywords:
            assert pair.span.text == pair.key
        node.name, node.arguments, node.body, node.else_body, node.clauses  # noqa: B018
        node.string, node.atom, node.alias, node.number, node.operator  # noqa: B018
    for _, module in parsed.modules:
        functions(module)


def test_every_prefix_can_be_read() -> None:
    for end in range(len(CONFIG)):
        read_everything(tree(CONFIG[:end]))


PIECES = [*"ab:A,.|>()[]{}%\"'\\#~=-&@ \n\té𝄞", "do ", "end ", "fn ", "-> ", "when ", '"""', "config ", "\ud800"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_can_be_read(text: str) -> None:
    read_everything(tree(text))
