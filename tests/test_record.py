"""Our named tuples behave as `typing.NamedTuple` does, in all that a named tuple is used for."""

from __future__ import annotations

import copy
import pickle
from typing import Generic, TypeVar
from typing import NamedTuple as Model

import pytest

from deploylint.record import NamedTuple

T = TypeVar("T")


class Ours(NamedTuple):
    """A place."""

    path: str
    line: int = 1

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    def __str__(self) -> str:
        return self.where


class Theirs(Model):
    """A place."""

    path: str
    line: int = 1

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    def __str__(self) -> str:
        return self.where


def test_an_instance_is_made_by_position_by_name_and_by_default() -> None:
    for kind in (Ours, Theirs):
        assert kind("a") == kind(path="a") == kind("a", 1) == kind(line=1, path="a") == ("a", 1)
        assert hash(kind("a")) == hash(("a", 1))
        assert (kind("a", 2).where, str(kind("a", 2))) == ("a:2", "a:2")


@pytest.mark.parametrize("make", [lambda kind: kind(), lambda kind: kind("a", 1, 2), lambda kind: kind("a", column=1)])
def test_wrong_arguments_are_refused_in_the_same_words(make: object) -> None:
    said = []
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError) as raised:
            make(kind)  # type: ignore[operator]
        said.append(str(raised.value).rpartition(".__new__()")[2])
    assert said[0] == said[1]
    assert said[0]


def test_what_a_named_tuple_is_asked_for() -> None:
    ours, theirs = Ours("a"), Theirs("a")
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(line=3) == ("a", 3)
    assert type(ours._replace(line=3)) is Ours
    assert (Ours._fields, Ours._field_defaults, Ours.__doc__) == (Theirs._fields, Theirs._field_defaults, Theirs.__doc__)
    assert copy.copy(ours) == copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == ours
    match ours:
        case Ours(path, line=line):
            assert (path, line) == ("a", 1)
    with pytest.raises(ValueError, match="column"):
        ours._replace(column=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        ours.line = 2  # type: ignore[misc]


def test_a_field_without_a_default_after_one_with_it_is_refused() -> None:
    with pytest.raises(TypeError, match="Wrong"):

        class Wrong(NamedTuple):
            first: int = 1
            second: int  # type: ignore[misc]


def test_a_generic_one_is_a_plain_tuple_too() -> None:
    class Box(NamedTuple, Generic[T]):
        content: T

    assert Box(1) == (1,)
    assert Box.__mro__ == (Box, tuple, object)
    assert Box[int](1) == (1,)


def test_any_name_may_be_a_field() -> None:
    class Change(NamedTuple):
        cls: int
        new: int
        values: int = 3

    assert Change(1, 2) == (1, 2, 3)
    assert Change(1, new=2)._replace(cls=0, new=4) == (0, 4, 3)
