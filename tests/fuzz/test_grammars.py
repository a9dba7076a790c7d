"""Texts near each grammar, drawn by hypothesis, hold every invariant of the targets that read them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import grammars, targets

PAIRS = [(name, target) for name in grammars.NAMES for target in grammars.load(name).TARGETS]


@pytest.mark.parametrize(("name", "target"), PAIRS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_text_near_a_grammar(name: str, target: str, data: st.DataObject) -> None:
    targets.load(target).check(data.draw(grammars.texts(grammars.load(name).RULES)))


@pytest.mark.parametrize("name", grammars.NAMES)
def test_every_symbol_of_a_grammar_has_a_rule(name: str) -> None:
    rules = grammars.load(name).RULES
    used = {symbol for alternatives in rules.values() for text in alternatives for symbol in grammars.symbols(text)}
    assert used <= rules.keys()
    assert all(rule not in grammars.symbols(alternatives[0]) for rule, alternatives in rules.items())
