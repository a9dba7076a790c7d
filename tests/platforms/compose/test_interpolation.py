"""`${VAR}` means what compose-go's own `template_test.go` says; what no file sets is unknown where Compose puts nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.model.value import known, unknown
from deploylint.platforms.compose.interpolation import interpolated
from deploylint.text import Fragment, Source

_ENV = Source(".env", "first")
VARIABLES = {
    "FOO": known("first", _ENV.whole),
    "BAR": known("", _ENV.whole),
    "JSON": known('{"json":2}', _ENV.whole),
    "HIDDEN": unknown(None, "set in .env"),
}


def read(text: str) -> str | None:
    found = interpolated(Fragment.verbatim(Source("compose.yaml", text), 0, len(text)), VARIABLES.get)
    return found.text if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo", "foo"),
        ("$${foo}", "${foo}"),
        ("$$FOO$$$FOO", "$FOO$first"),
        ("a $ string", "a $ string"),
        ("^REGEX$", "^REGEX$"),
        ("$}", "$}"),
        ("This $FOO var", "This first var"),
        ("This ${FOO} var", "This first var"),
        ("This ${BAR} var", "This  var"),
        ("$FOO-bar", "first-bar"),
        ("ok ${missing:-def}", "ok def"),
        ("ok ${missing-def}", "ok def"),
        ("ok ${BAR:-def}", "ok def"),
        ("ok ${FOO:-def}", "ok first"),
        ("ok ${BAR-def}", "ok "),
        ("ok ${FOO:+there}", "ok there"),
        ("ok ${FOO+there}", "ok there"),
        ("ok ${BAR+there}", "ok there"),
        ("ok ${BAR:+there}", "ok "),
        ("ok ${BAR:-/non:-alphanumeric}", "ok /non:-alphanumeric"),
        ("-ok ${BAR:-defaultValue}", "-ok defaultValue"),
        ("+ok ${UNSET:-${BAR-defaultValue}}", "+ok "),
        ("ok ${BAR:-${FOO} ${FOO:- ${FOO}}} end", "ok first first end"),
        ("ok ${missing:-${missing:-a}-b}/c", "ok a-b/c"),
        ('ok ${missing:-{"json":1}}', 'ok {"json":1}'),
        ("${JSON}", '{"json":2}'),
        ("${FOO:?needed}", "first"),
        ("${BAR?needed}", ""),
        ("${missing:-}", ""),
        ("${missing:-$$}", "$"),
    ],
)
def test_what_is_known(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    ["$missing", "${missing}", "${missing:+there}", "${missing:?}", "${BAR:?needed}", "${HIDDEN}", "${HIDDEN:-x}", "${a:-$b}"],
)
def test_what_nobody_can_say(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["${", "${}", "${ }", "${ foo}", "${foo }", "${foo!}", "${FOO", "${FOO:-x", "x ${FOO:-${BAR}"])
def test_what_compose_refuses(text: str) -> None:
    assert read(text) is None


def test_each_character_knows_where_it_stands() -> None:
    text = "run ${X:-gunicorn shop} ${FOO}$$"
    found = interpolated(Fragment.verbatim(Source("compose.yaml", text), 0, len(text)), VARIABLES.get)
    assert found
    assert found.text == "run gunicorn shop first$"
    assert [found.span(*at).text for at in ((4, 12), (18, 23), (23, 24))] == ["gunicorn", "${FOO}", "$$"]


@pytest.mark.parametrize("text", ["${A:-" * 3000, "${A:-" * 3000 + "}" * 3000, "$" * 9999, "${FOO:-x}" * 5000])
def test_any_nesting_ends(text: str) -> None:
    assert read(text) is None or "$" in text


@given(st.text(alphabet="${}:-+?FOBAR_ x"))
def test_any_text_is_read(text: str) -> None:
    found = read(text)
    assert found is None or "$" in text or found == text
