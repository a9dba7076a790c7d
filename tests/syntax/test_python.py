"""Python read, never run: what a module assigns, with exact spans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.syntax.python import Module, PythonError, parse
from deploylint.text import Source

CONFIG = """\
# gunicorn.conf.py – naïve café
import os
bind = "0.0.0.0:8000"
é = "☃"; graceful_timeout = 60 * 2  # two minutes
timeout: int = int(os.environ.get("TIMEOUT", "30"))
if os.getenv("DEBUG"):
    reload = True
workers, threads = 2, 4

class Settings:
    wait = 10

async def on_starting(server):
    inner = 1
    command.upgrade(config, "head")
"""


def read(text: str) -> Module:
    return parse(Source("x.py", text))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_spans_are_the_characters_of_the_value(newline: str, start: str) -> None:
    module = read(start + CONFIG.replace("\n", newline))
    found = module.assignments()
    assert {name: each.span.text for name, each in found.items() if each.is_certain and each.node} == {
        "bind": '"0.0.0.0:8000"',
        "é": '"☃"',
        "graceful_timeout": "60 * 2",
        "timeout": 'int(os.environ.get("TIMEOUT", "30"))',
    }
    assert found["graceful_timeout"].value.content == 120
    assert not found["reload"].is_certain
    assert found["workers"].value.kind == "computed"
    assert "inner" not in found
    (settings_class,) = module.classes()
    assert module.assignments(settings_class)["wait"].value.content == 10
    (function,) = module.functions()
    assert function.name == "on_starting"
    assert [call.span.text for call in module.calls(function)] == ['command.upgrade(config, "head")']


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("30", ("literal", 30, "")),
        ("-1", ("literal", -1, "")),
        ("0.5 + 2", ("literal", 2.5, "")),
        ("7 // 2", ("literal", 3, "")),
        ("None", ("literal", None, "")),
        ("int('30')", ("literal", 30, "")),
        ('os.getenv("X")', ("environment", None, "X")),
        ('os.environ["X"]', ("environment", None, "X")),
        ('int(os.environ["X"])', ("environment", None, "X")),
        ('int(os.getenv("X", 30))', ("environment", 30, "X")),
        ('int(os.environ.get("X", default="30"))', ("environment", 30, "X")),
        ('int(os.getenv("X") or 30)', ("environment", 30, "X")),
        ('float(os.getenv("X", "a"))', ("computed", None, "")),
        ('os.getenv("X", Y)', ("computed", None, "")),
        ("1 / 0", ("computed", None, "")),
        ("'a' * 10**9", ("computed", None, "")),
        ("10 ** 10 ** 10", ("computed", None, "")),
        ("f(30)", ("computed", None, "")),
        ("30 if x else 60", ("computed", None, "")),
        ("(" * 90 + "1" + ")" * 90, ("literal", 1, "")),
        ("-" * 60 + "1", ("computed", None, "")),
    ],
)
def test_what_an_expression_comes_to(written: str, expected: tuple[str, object, str]) -> None:
    value = read(f"x = {written}").assignments()["x"].value
    assert (value.kind, value.content, value.variable) == expected


def test_the_last_assignment_counts() -> None:
    found = read("x = 1\nx = 2\ny = 1\ny += 1\nz = 1\nfor z in range(3):\n    pass\n").assignments()
    assert found["x"].value.content == 2
    assert found["y"].value.kind == "computed"
    assert found["z"].value.kind == "computed"


def test_names_from_elsewhere() -> None:
    assert read("from base import *").has_open_names
    assert read("globals().update(x)").has_open_names
    assert not read("from base import x").has_open_names


@pytest.mark.parametrize("text", ["print 'python 2'\n", "x = (", "x = '\0'", "((" * 5_000, "-" * 100_000 + "1", "x" * 2_000_000])
def test_what_is_no_python_3_is_an_error(text: str) -> None:
    with pytest.raises(PythonError) as caught:
        read(text)
    assert caught.value.message


def test_deep_chains_do_not_blow_up() -> None:
    module = read("x = " + "+".join(["1"] * 300) + "\ny" + ".a" * 300 + "()\n")
    assert module.assignments()["x"].value.kind == "computed"
    assert len(list(module.calls())) == 1


@pytest.mark.parametrize("end", range(0, len(CONFIG), 7))
def test_every_prefix_parses_or_is_an_error(end: int) -> None:
    text = CONFIG[:end]
    try:
        module = read(text)
    except PythonError as error:
        assert 0 <= error.span.start <= len(text)
    else:
        for each in module.assignments().values():
            assert each.span.text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="ab=1+-*/()'\"\r\n\x0c é#:\\", max_size=30))
def test_any_text_parses_or_is_an_error(text: str) -> None:
    try:
        module = read(text)
    except PythonError:
        return
    for each in module.assignments().values():
        if each.node:
            assert read("x = (" + each.span.text + "\n)").assignments()["x"].value.content == each.value.content
