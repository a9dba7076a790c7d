"""The judge of secrets against tables of names and values: how much it finds, and how much of that is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.secrets.judge import is_sample, judge, user_names
from deploylint.secrets.names import is_secret_name
from deploylint.text import Source

TABLES = Path(__file__).parent / "tables"
FACTS = Path(__file__).parents[2] / "docs/facts/secrets.md"


def lines(name: str) -> list[str]:
    text = (TABLES / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def words(name: str) -> list[str]:
    return [word for line in lines(name) for word in line.split()]


def is_found(line: str) -> bool:
    """Whether the judge takes `NAME=value` for a secret that an image must not hold."""
    name, _, value = line.partition("=")
    verdict = judge(name, value)
    return verdict is not None and not verdict.is_placeholder


def ratio(part: int, whole: int) -> float:
    return round(part / whole, 3)


@pytest.mark.parametrize("subject", ["names", "values"])
def test_precision_and_recall_are_those_of_the_note(subject: str) -> None:
    if subject == "names":
        secret, public = words("names-of-secrets.txt"), words("names-of-none.txt")
        hits, wrong = sum(map(is_secret_name, secret)), sum(map(is_secret_name, public))
    else:
        secret, public = lines("values-of-secrets.txt"), lines("values-of-none.txt")
        hits, wrong = sum(map(is_found, secret)), sum(map(is_found, public))
    assert len(set(secret)) >= 200
    assert len(set(public)) >= 200
    assert set(secret).isdisjoint(public)
    precision, recall = ratio(hits, hits + wrong), ratio(hits, len(secret))
    assert precision >= 0.97
    assert recall >= 0.97
    row = f"| {subject} | {len(secret)} | {len(public)} | {precision} | {recall} |"
    assert row in FACTS.read_text(encoding="utf-8")


def test_password_like_the_name_of_its_user_is_told_apart() -> None:
    users = user_names([("POSTGRES_USER", "shop"), ("POSTGRES_DB", "orders")])
    verdicts = [judge("POSTGRES_PASSWORD", value, users) for value in ("shop", "orders")]
    assert [verdict and verdict.kind for verdict in verdicts] == ["user", "literal"]


def test_url_with_the_user_name_as_password_is_a_default_credential() -> None:
    verdict = judge("DATABASE_URL", "postgres://shop:shop@db/shop")
    assert verdict is not None
    assert verdict.kind == "default"


def test_unclear_name_needs_a_generated_value() -> None:
    assert judge("PASSWORD_TENANT", "9c1185a5c5e9fc54612808977ee8f548") is not None
    assert judge("PASSWORD_TENANT", "blue-green") is None


@pytest.mark.parametrize(
    "text",
    [
        "API_KEY: 9c1185a5c5e9  # replace with your key\n",
        "# Put your own key here\nAPI_KEY: 9c1185a5c5e9\n",
        "# change this in production\nAPI_KEY: '9c1185a5c5e9'\n",
        "API_KEY: 9c1185a5c5e9 # example\n",
    ],
)
def test_comment_marks_a_sample(text: str) -> None:
    source = Source("values.yaml", text)
    start = text.index("9c11")
    assert is_sample(source.span(start, start + 12))


@pytest.mark.parametrize(
    "text",
    [
        "API_KEY: 9c1185a5c5e9\n",
        "API_KEY: 9c1185a5c5e9  # rotated on Monday\n",
        "# replace with your key\nOTHER: x\nAPI_KEY: 9c1185a5c5e9\n",
        "# the key of the payment service\nAPI_KEY: 9c1185a5c5e9\n",
    ],
)
def test_other_comments_mark_no_sample(text: str) -> None:
    source = Source("values.yaml", text)
    start = text.index("9c11")
    assert not is_sample(source.span(start, start + 12))


@given(st.sampled_from(["API_KEY", "TLS_SECRET", "PASSWORD_NOTE"]), st.text(max_size=200))
def test_judge_answers_for_any_text(name: str, value: str) -> None:
    verdict = judge(name, value)
    assert verdict is None or verdict.secret in value
