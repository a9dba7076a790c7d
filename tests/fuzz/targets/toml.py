"""TOML: every value equals tomllib's, and every key's and value's span, read alone, gives the key or the value."""

from __future__ import annotations

import tomllib

from deploylint.syntax.toml import Item, Scalar, Table, TomlError, parse, place_in
from deploylint.text import Source
from tests.fuzz.checks import check_places, check_span
from tests.syntax.test_toml import keys, normal, scalars

GLOBS = ("*.toml", "Pipfile", "*.lock")
COVERS = ("toml", "toml_nodes", "toml_tree")
TOKENS = (
    "[a]\n", "[[a]]\n", "a.b = 1\n", "= ", '"""', "'''", '"', "'", "{ a = 1 }", "[1, 2]", "\\n", "\\u00e9", "\\\n", "# c\n",
    "1979-05-27T07:32:00Z", "07:32:00", "0x1F", "1_000", "inf", "nan", "true", '"a b" = ', ", ", "]", "}", "kill_timeout = ",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("fly.toml", text)
    try:
        root = parse(source)
    except TomlError as error:
        assert error.message
        check_span(error.span, source)
        return
    check_places(root, source)
    place = place_in(root)
    assert place.at is None or 0 <= place.at <= len(text)
    _check_values(root, tomllib.loads(text.removeprefix("\ufeff")))


def _check_values(root: Table, expected: dict[str, object]) -> None:
    assert repr(normal(root.plain())) == repr(normal(expected))
    for scalar in scalars(root):
        _check_scalar(scalar)
    for name, written in keys(root):
        assert tomllib.loads(f"{written} = 1") == {name: 1}


def _check_scalar(scalar: Item) -> None:
    assert isinstance(scalar, Scalar)
    alone = tomllib.loads(f"v = {scalar.span.text}")["v"]
    assert repr(normal(alone)) == repr(normal(scalar.value))
    if scalar.fragment:
        assert normal(scalar.fragment.text) == normal(scalar.value)
