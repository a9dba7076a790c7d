"""What an Elixir expression comes to, as far as the files say: a `Value` whose content is one of a few shapes.

Numbers and strings are Python's own, atoms (and `nil`, booleans, module names) are `Atom`, lists, tuples and maps are
`Collection`. Where two branches may both be taken, `join` keeps what they agree on and makes the rest unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from deploylint.model.value import Value, known, unknown
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploylint.text import Span

Term: TypeAlias = Value[Any]


class Atom(str):
    """An atom without its colon, or a module's full name."""

    __slots__ = ()


LARGEST, DEEPEST = 20_000, 40
"""Terms a collection may hold in all, and how deep: no one writes more, but `x = [x, x]` could."""

NIL, TRUE, FALSE = Atom("nil"), Atom("true"), Atom("false")


class Entry(NamedTuple):
    """A key and its value."""

    span: Span
    """The key."""
    value: Term


class Maybe(NamedTuple):
    """A list's item that only some branches put there."""

    item: Term


class Collection(NamedTuple):
    """A list, tuple or map, made by `collect`."""

    shape: Literal["list", "tuple", "map"]
    items: tuple[Term, ...] = ()
    entries: dict[str, Entry] = {}
    """Those of a keyword list or a map, by key."""
    is_open: bool = False
    """It may hold more than is known."""
    size: int = 1
    """How many terms are in it, at all depths."""
    depth: int = 1
    """How far they nest."""

    @property
    def keywords(self) -> dict[str, Entry]:
        """The entries, those written as `{:key, value}` too."""
        if self.shape != "list" or not self.items:
            return self.entries
        pairs = {}
        for item in self.items:
            content = item.content
            if isinstance(content, Collection) and content.shape == "tuple" and len(content.items) == 2:
                key = content.items[0]
                if isinstance(key.content, Atom) and key.span is not None:
                    pairs[str(key.content)] = Entry(key.span, content.items[1])
        return {**pairs, **self.entries} if pairs else self.entries

    def get(self, key: str) -> Term | None:
        """The value of a key; None if it is certainly absent, unknown if it may be there."""
        entry = self.keywords.get(key)
        if entry is not None:
            return entry.value
        return unknown(None, "computed") if self.is_open else None


def collect(
    shape: Literal["list", "tuple", "map"],
    span: Span | None,
    items: Sequence[Term] = (),
    entries: Mapping[str, Entry] = {},
    is_open: bool = False,
    state: Literal["known", "default"] = "known",
    origin: str = "",
) -> Term:
    """A list, tuple or map at `span`; unknown if it is larger than anyone writes."""
    size = depth = 0
    for term in (*items, *(entry.value for entry in entries.values())):
        content = term.content.item.content if isinstance(term.content, Maybe) else term.content
        size += content.size if isinstance(content, Collection) else 1
        depth = max(depth, content.depth if isinstance(content, Collection) else 0)
    if size > LARGEST or depth >= DEEPEST:
        return unknown(span, "too large")
    return Value(state, Collection(shape, tuple(items), dict(entries), is_open, size + 1, depth + 1), span, origin)


def truth(term: Term) -> bool | None:
    """Whether Elixir takes it as true; None if unknown."""
    if term.content is None:
        return None
    return not (isinstance(term.content, Atom) and term.content in {NIL, FALSE})


def boolean(value: bool | None, span: Span, *operands: Term) -> Term:
    return unknown(span) if value is None else derived(TRUE if value else FALSE, span, *operands)


def derived(content: Any, span: Span, *operands: Term) -> Term:
    """A value computed from others at `span`: a default if one of them is; written where the environment wrote it, if it did."""
    state: Literal["known", "default"] = "default" if any(operand.is_default for operand in operands) else "known"
    origin = next((operand.origin for operand in operands if operand.origin), "")
    foreign = next(
        (operand.span for operand in operands if operand.span is not None and operand.span.source is not span.source), None
    )
    inner = next((operand.span for operand in operands if operand.is_default and operand.span is not None), None)
    return Value(state, content, foreign or inner or span, origin)


def as_default(term: Term, origin: str) -> Term:
    """The same content, standing in for something that is not set."""
    return term if term.content is None else Value("default", term.content, term.span, origin)


def is_same(one: Term, other: Term) -> bool:
    """Whether two terms are certainly equal."""
    if one.content is None or other.content is None:
        return False
    return one.content is other.content or (type(one.content) is type(other.content) and bool(one.content == other.content))


def merge(old: Term, new: Term) -> Term:
    """What Elixir's `Config` makes of two values of one key: keyword lists merge deeply, anything else is replaced."""
    one, other = old.content, new.content
    if not (isinstance(one, Collection) and isinstance(other, Collection) and _is_keywords(one) and _is_keywords(other)):
        return new
    entries = dict(one.keywords)
    for key, entry in other.keywords.items():
        before = entries.get(key)
        entries[key] = entry if before is None else Entry(entry.span, merge(before.value, entry.value))
    is_open = one.is_open or other.is_open
    return collect("list", old.span, (), entries, is_open, "default" if new.is_default else "known", old.origin)


def concatenate(one: Collection, other: Collection, span: Span) -> Term:
    """`one ++ other`; of a key in both, the first is what `Keyword.get` finds."""
    is_open = one.is_open or other.is_open
    return collect("list", span, one.items + other.items, {**other.entries, **one.entries}, is_open)


def join(one: Term, other: Term, span: Span) -> Term:
    """What holds whichever of two branches is taken."""
    if is_same(one, other):
        return one if one.is_default or not other.is_default else other
    left, right = one.content, other.content
    if not (isinstance(left, Collection) and isinstance(right, Collection) and left.shape == right.shape):
        return unknown(span)
    entries = {key: _join_entry(left.entries.get(key), right.entries.get(key), span) for key in {**left.entries, **right.entries}}
    items = left.items if left.items == right.items else _join_items(left, right, span)
    return collect(left.shape, one.span or span, items, entries, left.is_open or right.is_open)


def _join_entry(one: Entry | None, other: Entry | None, span: Span) -> Entry:
    if one is not None and other is not None:
        return Entry(one.span, join(one.value, other.value, span))
    entry = one or other
    assert entry is not None
    return Entry(entry.span, unknown(entry.value.span, "set in some cases only"))


def _join_items(left: Collection, right: Collection, span: Span) -> tuple[Term, ...]:
    if left.shape != "list":
        if len(left.items) != len(right.items):
            return ()
        return tuple(join(one, other, span) for one, other in zip(left.items, right.items, strict=True))
    common = {item.span for item in left.items} & {item.span for item in right.items}
    seen: set[Span | None] = set()
    items: list[Term] = []
    for item in left.items + right.items:
        if item.span not in seen:
            seen.add(item.span)
            is_certain = item.span in common or isinstance(item.content, Maybe)
            items.append(item if is_certain else known(Maybe(item), item.span or span))
    return tuple(items)


def _is_keywords(collection: Collection) -> bool:
    return collection.shape == "list" and len(collection.keywords) == len(collection.items) + len(collection.entries)
