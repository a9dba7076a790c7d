"""INI files: every value with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax.ini import parse
from deploylint.text import Source

SETUP = """\
[metadata]
name = shop ; no comment
[options]
python_requires: >=3.11
install_requires =
    django>=5
    # a comment
    gunicorn
zip_safe
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "top = 1\n"])
def test_values_and_their_places(newline: str, start: str) -> None:
    sections = parse(Source("setup.cfg", (start + SETUP).replace("\n", newline)))
    options = {key: [line.text for line in lines] for key, lines in sections["options"].items()}
    assert options == {"python_requires": [">=3.11"], "install_requires": ["", "django>=5", "gunicorn"], "zip_safe": [""]}
    assert [line.whole.text for line in sections["options"]["install_requires"]] == ["", "django>=5", "gunicorn"]
    assert sections["metadata"]["name"][0].whole.text == "shop ; no comment"


@given(st.text(max_size=40) | st.text(alphabet="[]=:#; a\n\r\t", max_size=40))
def test_any_text_is_read(text: str) -> None:
    for keys in parse(Source("x.ini", text)).values():
        for lines in keys.values():
            assert all(line.text == line.whole.text for line in lines)
