from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.apps.elixir.environment import Environment
from deploylint.apps.elixir.evaluation import Evaluator
from deploylint.apps.elixir.scope import Scope
from deploylint.apps.elixir.terms import LARGEST, Atom, Collection, Maybe, Term
from deploylint.model.value import known, unknown
from deploylint.syntax.elixir import parse
from deploylint.text import Source

FLY = Source("fly.toml", '[env]\n  WAIT = "45"\n  MODE = "worker"\n')
SET = {
    "WAIT": known("45", FLY.span(16, 18)),
    "MODE": known("worker", FLY.span(30, 36)),
    "SECRET": unknown(FLY.span(0, 5), "a secret"),
}


def evaluate(text: str, is_open: bool = False) -> Term:
    """The value of the last line, with `SET` as the environment."""
    tree = parse(Source("config/runtime.exs", text))
    modules = dict(tree.modules)
    scope = Scope("", tree.root.children)
    for node in modules.values():
        scope.define(node)
    body = [node for node in tree.root.children if node.name != "defmodule"]
    return Evaluator(Environment(SET, is_open)).run(body, scope) or unknown()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30_000", 30_000),
        ("60 * 1000", 60_000),
        ("(5 + 5) * 1_000 - 1", 9_999),
        (":timer.seconds(15)", 15_000),
        (":timer.minutes(1)", 60_000),
        (":timer.hours(1)", 3_600_000),
        ("to_timeout(second: 60)", 60_000),
        ("to_timeout(minute: 1, second: 30)", 90_000),
        ("to_timeout(%Duration{second: 5})", 5_000),
        ("to_timeout(Duration.new!(minute: 2))", 120_000),
        ("System.convert_time_unit(60, :second, :millisecond)", 60_000),
        ("seconds = 20\n:timer.seconds(seconds)", 20_000),
        ("@drain 20_000\n@drain", 20_000),
        ('String.to_integer("45") * 1000', 45_000),
        ('String.to_integer(System.get_env("WAIT", "30")) * 1000', 45_000),
        ('System.get_env("WAIT") |> String.to_integer() |> :timer.seconds()', 45_000),
        ("if config_env() == :prod, do: 1, else: 2", 1),
        ("if Mix.env() in [:dev, :test], do: 1, else: 2", 2),
        ('if System.get_env("MODE") == "worker", do: 1, else: 2', 1),
        ('case System.get_env("MODE") do\n "web" -> 1\n "worker" -> 2\nend', 2),
        ("cond do\n config_env() == :test -> 1\n true -> 2\nend", 2),
        ("unless is_nil(nil), do: 1, else: 2", 2),
        ("Keyword.get([a: 1, b: 2], :b)", 2),
        ("[a: 1][:a]", 1),
        ("Keyword.merge([a: 1], a: 2)[:a]", 2),
        ("defmodule C do\n def wait(:prod), do: 7\n def wait(_), do: 8\nend\nwait(config_env())", 7),
        ("defmodule C do\n def wait(kind \\\\ :slow), do: if(kind == :slow, do: 9, else: 1)\nend\nwait()", 9),
        ("defmodule C do\n def wait(x) when x in [1, 2], do: 3\n def wait(_), do: 4\nend\nwait(2)", 3),
    ],
)
def test_numbers_however_they_are_written(text: str, seconds: int) -> None:
    term = evaluate(text)
    assert (term.state, term.content) == ("known", seconds)


@pytest.mark.parametrize(
    "text",
    [
        "foo()",
        "Other.module(1)",
        "undefined_variable",
        'System.fetch_env!("ABSENT")',
        'System.get_env("SECRET")',
        'String.to_integer(System.get_env("SECRET", "5"))',
        "1 + foo()",
        '"#{foo()}"',
        "if foo(), do: 1, else: 2",
        "1_000_000_000_000_000 * 2",
        'String.to_integer("x")',
        "defmodule C do\n def again(x), do: again(x)\nend\nagain(1)",
        "x = [1]\n" + "x = x ++ x\n" * 60 + "x",
        'x = "a"\n' + "x = x <> x\n" * 60 + "x",
        "(" * 80 + "1" + ")" * 80,
    ],
)
def test_what_cannot_be_told_is_unknown(text: str) -> None:
    assert evaluate(text).is_unknown


def test_a_variable_that_is_set_stands_where_it_is_set() -> None:
    term = evaluate('String.to_integer(System.get_env("WAIT") || "30")')
    assert (term.content, term.span and term.span.where, term.span and term.span.text) == (45, "fly.toml:2:11", "45")


@pytest.mark.parametrize(
    "text", ['System.get_env("X", "30")', 'System.get_env("X") || "30"', 'if v = System.get_env("X"), do: v, else: "30"']
)
def test_a_variable_that_nobody_sets_leaves_its_fallback(text: str) -> None:
    term = evaluate(f"String.to_integer({text})")
    assert term.content == 30
    assert term.is_default or text.startswith("if")
    assert evaluate(f"String.to_integer({text})", is_open=True).is_unknown


def test_a_fallback_names_its_variable_and_stands_at_the_literal() -> None:
    term = evaluate('String.to_integer(System.get_env("X", "30"))')
    assert (term.state, term.origin, term.span and term.span.text) == ("default", "fallback of `X`", '"30"')


def test_lists_of_undecided_branches_keep_what_both_have() -> None:
    term = evaluate("base = [A, B]\nif foo(), do: base ++ [C], else: base")
    assert isinstance(term.content, Collection)
    first, second, third = term.content.items
    assert [first.content, second.content] == ["A", "B"]
    assert isinstance(third.content, Maybe)


def test_a_release_knows_that_it_is_one() -> None:
    assert evaluate('System.get_env("RELEASE_NAME") == nil').content == Atom("false")


def test_a_value_grows_to_no_more_than_anyone_writes() -> None:
    content = evaluate("x = 1\n" + "x = [x, x]\n" * 60 + "x").content
    assert not isinstance(content, Collection) or content.size <= LARGEST + 1


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "= ",
                "[",
                "]",
                "1 ",
                "+ ",
                "|> ",
                "f(",
                ")",
                "if ",
                "do ",
                "end ",
                "fn ",
                "-> ",
                "\n",
                ", ",
                "x: ",
                "@",
                "\\\\ ",
            ]
        )
    )
)
def test_any_text_comes_to_something(pieces: list[str]) -> None:
    assert evaluate("".join(pieces)).state in {"known", "default", "unknown"}
