"""The functions of Elixir's own library that configuration and supervision trees are written with.

Each takes the evaluator, the arguments' values (keywords at the end are one list) and the call, and gives the call's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from deploylint.apps.elixir.terms import NIL, Atom, Collection, Entry, Maybe, Term, as_default, boolean, collect, derived, truth
from deploylint.model.value import known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.apps.elixir.environment import Environment
    from deploylint.syntax.elixir import Node


class Evaluating(Protocol):
    """What a function may ask of the evaluation that calls it."""

    environment: Environment
    supervised: list[tuple[Term, bool]]
    is_certain: bool
    config: Callable[[str, str], Term | None]
    """A setting, by its app and key."""


Function: TypeAlias = "Callable[[Evaluating, list[Term], Node], Term]"

_MILLISECONDS = {
    "millisecond": 1,
    "second": 1_000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 604_800_000,
}


def _get_env(evaluator: Evaluating, arguments: list[Term], node: Node) -> Term:
    if not arguments or not isinstance(arguments[0].content, str):
        return unknown(node.span)
    term = evaluator.environment.get(arguments[0].content, node.span)
    if len(arguments) > 1 and truth(term) is False:
        return as_default(arguments[1], term.origin)
    return term


def _fetch_env(evaluator: Evaluating, arguments: list[Term], node: Node) -> Term:
    term = _get_env(evaluator, arguments[:1], node)
    return unknown(node.span, "must be set in the environment") if truth(term) is False else term


def _config(evaluator: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`Application.get_env(app, key, default)`; `compile_env` and a path of keys likewise."""
    if len(arguments) < 2 or not isinstance(arguments[0].content, Atom):
        return unknown(node.span)
    path = arguments[1].content
    keys = [item.content for item in path.items] if isinstance(path, Collection) else [path]
    term: Term | None = None
    for depth, key in enumerate(keys):
        if not isinstance(key, Atom):
            return unknown(node.span)
        if depth == 0:
            term = evaluator.config(arguments[0].content, key)
        else:
            term = term.content.get(key) if term is not None and isinstance(term.content, Collection) else None
    if term is not None:
        return term
    if node.name.endswith("!"):
        return unknown(node.span, "not in the configuration")
    return arguments[2] if len(arguments) > 2 else known(NIL, node.span)


def _calculation(function: Callable[[Any], Any], kind: type | tuple[type, ...]) -> Function:
    """A function of one value of that kind."""

    def call(_: Evaluating, arguments: list[Term], node: Node) -> Term:
        if not arguments or not isinstance(arguments[0].content, kind):
            return unknown(node.span)
        try:
            return derived(function(arguments[0].content), node.span, *arguments[:1])
        except (ValueError, OverflowError):
            return unknown(node.span)

    return call


def _integer(text: str) -> int:
    if len(text) > 30:
        raise ValueError("no number that anyone means")
    return int(text)


def _to_string(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    content = arguments[0].content if arguments else None
    return derived(str(content), node.span, arguments[0]) if isinstance(content, (str, int)) else unknown(node.span)


def _duration(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`to_timeout(second: 60)`, `to_timeout(%Duration{second: 60})`, `Duration.new!(second: 60)`: milliseconds."""
    content = arguments[0].content if arguments else None
    if isinstance(content, (int, float)):
        return arguments[0]
    if not isinstance(content, Collection) or content.is_open or content.items:
        return unknown(node.span)
    total: int | float = 0
    for unit, entry in content.entries.items():
        amount = entry.value.content
        if unit not in _MILLISECONDS or not isinstance(amount, (int, float)):
            return unknown(node.span)
        total += amount * _MILLISECONDS[unit]
    return derived(total, node.span, *(entry.value for entry in content.entries.values()))


def _convert_time_unit(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    if len(arguments) != 3:
        return unknown(node.span)
    amount, of, to = (argument.content for argument in arguments)
    if isinstance(amount, (int, float)) and of in _MILLISECONDS and to in _MILLISECONDS:
        return derived(amount * _MILLISECONDS[of] // _MILLISECONDS[to], node.span, arguments[0])
    return unknown(node.span)


def _get(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`Keyword.get(list, key, default)`, also of maps and as `list[key]`."""
    if len(arguments) < 2 or not isinstance(arguments[0].content, Collection) or not isinstance(arguments[1].content, str):
        return unknown(node.span)
    term = arguments[0].content.get(arguments[1].content)
    if term is not None:
        return term
    return arguments[2] if len(arguments) > 2 else known(NIL, node.span)


def _put(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    content = arguments[0].content if arguments else None
    if len(arguments) != 3 or not isinstance(content, Collection) or not isinstance(arguments[1].content, str):
        return unknown(node.span)
    key = arguments[1].content
    if node.name.endswith("put_new") and key in content.entries:
        return arguments[0]
    entry = Entry(arguments[1].span or node.span, arguments[2])
    return collect(content.shape, node.span, content.items, {**content.entries, key: entry}, content.is_open)


def _delete(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    content = arguments[0].content if arguments else None
    if len(arguments) < 2 or not isinstance(content, Collection) or not isinstance(arguments[1].content, str):
        return unknown(node.span)
    entries = {key: entry for key, entry in content.entries.items() if key != arguments[1].content}
    return collect(content.shape, node.span, content.items, entries, content.is_open)


def _merge(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    if len(arguments) != 2:
        return unknown(node.span)
    one, other = arguments[0].content, arguments[1].content
    if isinstance(one, Collection) and isinstance(other, Collection):
        entries = {**one.entries, **other.entries}
        return collect(one.shape, node.span, one.items, entries, one.is_open or other.is_open)
    if isinstance(one, Collection):  # what the other holds is unknown: any key may be replaced
        return collect(one.shape, node.span, one.items, is_open=True)
    return unknown(node.span)


def _has_key(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    content = arguments[0].content if arguments else None
    if len(arguments) != 2 or not isinstance(content, Collection) or not isinstance(arguments[1].content, str):
        return unknown(node.span)
    has_entry = arguments[1].content in content.entries
    return boolean(None if content.is_open and not has_entry else has_entry, node.span, arguments[0])


def _kept(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`Enum.reject(list, &is_nil/1)` and `Enum.filter(list, & &1)` drop what is nil; any other test may drop anything."""
    content = arguments[0].content if arguments else None
    if not isinstance(content, Collection):
        return unknown(node.span)
    test = node.items[-1].text.replace(" ", "") if node.items else ""
    if test in {"&is_nil/1", "&is_nil(&1)", "&&1", "&(&1)", "&!&1", "&(!&1)", "&(&1==nil)"}:
        items = [item for item in content.items if truth(item) is not False]
    else:
        items = [
            item if isinstance(item.content, Maybe) else known(Maybe(item), item.span or node.span) for item in content.items
        ]
    return collect(content.shape, arguments[0].span, items, content.entries, content.is_open)


def _flat(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """Functions that keep a list's items: `List.flatten`, `Enum.concat`, `Enum.reverse`."""
    content = arguments[0].content if arguments else None
    if not isinstance(content, Collection):
        return unknown(node.span)
    flat: list[Term] = []
    for item in content.items:
        inner = item.content
        flat.extend(inner.items if isinstance(inner, Collection) and inner.shape == "list" and not inner.entries else [item])
    return collect(content.shape, arguments[0].span, flat, content.entries, content.is_open)


def _is_nil(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    if not arguments or arguments[0].content is None:
        return unknown(node.span)
    return boolean(arguments[0].content == NIL and isinstance(arguments[0].content, Atom), node.span, *arguments)


def _child_spec(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`Supervisor.child_spec(child, shutdown: …)`: the child, with what it overrides as entries."""
    if not arguments or arguments[0].content is None:
        return unknown(node.span)
    child, overrides = arguments[0].content, arguments[1].content if len(arguments) > 1 else None
    entries = overrides.entries if isinstance(overrides, Collection) else {}
    if isinstance(child, Atom):
        child = Collection("tuple", (arguments[0],))
    if not isinstance(child, Collection):
        return unknown(node.span)
    span = arguments[0].span or node.span
    return collect(child.shape, span, child.items, {**child.entries, **entries}, child.is_open)


def _worker(_: Evaluating, arguments: list[Term], node: Node) -> Term:
    """`worker(Module, arguments, shutdown: …)` of the old `Supervisor.Spec`."""
    if not arguments:
        return unknown(node.span)
    overrides = arguments[2].content if len(arguments) > 2 else None
    entries = overrides.entries if isinstance(overrides, Collection) else {}
    return collect("tuple", arguments[0].span or node.span, arguments[:2], entries)


def _supervise(evaluator: Evaluating, arguments: list[Term], node: Node) -> Term:
    if arguments:
        evaluator.supervised.append((arguments[0], evaluator.is_certain))
    return unknown(node.span)


def _constant(name: str) -> Function:
    return lambda _evaluator, _arguments, node: known(Atom(name), node.span)


FUNCTIONS: dict[str, Function] = {
    "config_env": _constant("prod"),
    "Mix.env": _constant("prod"),
    "Config.config_env": _constant("prod"),
    "config_target": _constant("host"),
    "Mix.target": _constant("host"),
    "System.get_env": _get_env,
    "System.fetch_env!": _fetch_env,
    "Application.get_env": _config,
    "Application.fetch_env!": _config,
    "Application.compile_env": _config,
    "Application.compile_env!": _config,
    "String.to_integer": _calculation(_integer, str),
    "String.to_float": _calculation(float, str),
    "String.to_atom": _calculation(Atom, str),
    "String.to_existing_atom": _calculation(Atom, str),
    "String.downcase": _calculation(str.lower, str),
    "String.upcase": _calculation(str.upper, str),
    "String.trim": _calculation(str.strip, str),
    "to_string": _to_string,
    "Atom.to_string": _to_string,
    "Integer.to_string": _to_string,
    "round": _calculation(round, (int, float)),
    "trunc": _calculation(int, (int, float)),
    ":timer.seconds": _calculation(lambda amount: amount * 1_000, (int, float)),
    ":timer.minutes": _calculation(lambda amount: amount * 60_000, (int, float)),
    ":timer.hours": _calculation(lambda amount: amount * 3_600_000, (int, float)),
    "to_timeout": _duration,
    "Kernel.to_timeout": _duration,
    "Duration.new!": _duration,
    "System.convert_time_unit": _convert_time_unit,
    "Keyword.get": _get,
    "Keyword.fetch!": _get,
    "Map.get": _get,
    "Map.fetch!": _get,
    "Access.get": _get,
    "Keyword.put": _put,
    "Keyword.put_new": _put,
    "Map.put": _put,
    "Map.put_new": _put,
    "Keyword.delete": _delete,
    "Map.delete": _delete,
    "Keyword.merge": _merge,
    "Map.merge": _merge,
    "Keyword.has_key?": _has_key,
    "Map.has_key?": _has_key,
    "is_nil": _is_nil,
    "List.flatten": _flat,
    "List.wrap": _flat,
    "Enum.concat": _flat,
    "Enum.reject": _kept,
    "Enum.filter": _kept,
    "Enum.reverse": _flat,
    "Enum.to_list": _flat,
    "Enum.uniq": _flat,
    "Supervisor.child_spec": _child_spec,
    "Supervisor.Spec.worker": _worker,
    "Supervisor.Spec.supervisor": _worker,
    "worker": _worker,
    "supervisor": _worker,
    "Supervisor.start_link": _supervise,
    "Supervisor.init": _supervise,
    "supervise": _supervise,
}
