"""The functions of templates that are computed here: Go's own, sprig's and Helm's, as far as charts use them for plain things.

Every function takes finished arguments and gives a value, or `UNKNOWN`: for an unknown argument it doesn't look at, a type that
Go would treat in some way of its own, a mistake that would make Helm stop. Those that must see unfinished arguments (`and`,
`include`, `set`, …) are the evaluation's own.

Facts: https://pkg.go.dev/text/template#hdr-Functions, https://masterminds.github.io/sprig/, helm `pkg/engine/funcs.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.lazy import regex
from deploylint.platforms.helm.parts import UNKNOWN, Text
from deploylint.syntax.yaml import Mapping, Scalar, Sequence
from deploylint.syntax.yaml_scalars import as_bool, as_int
from deploylint.text import decimal

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TEXT = 100_000
_FLOAT = regex(r"-?(?:0|[1-9][0-9]{0,5})\.[0-9]{0,8}[1-9]\Z")
_NUMBER = regex(r"[-+]?(?:\.[0-9]|[0-9]).*\Z|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_VERB = regex(r"%(.)")
_LARGEST = 1_000_000
"""From here on Go prints a number of a values file as `1e+06`."""


def plain(value: Any) -> Any:
    """A scalar of a values file, and printed text, as what it means: None, bool, int, str; `UNKNOWN` for an odd one."""
    if isinstance(value, Text):
        content = value.content
        return UNKNOWN if content is None else content
    if not isinstance(value, Scalar):
        return value
    if value.style or value.tag:
        return value.text if value.tag in ("", "!", "!!str", "tag:yaml.org,2002:str") else UNKNOWN
    if value.is_null:
        return None
    for reading in (as_bool(value), as_int(value)):
        if reading is not None:
            return reading
    if _FLOAT.match(value.text):
        return float(value.text)
    return UNKNOWN if _NUMBER.match(value.text) and _is_number(value.text) else value.text


def _is_number(text: str) -> bool:
    try:
        float(text.replace("_", ""))
    except ValueError:
        return False
    return True


def printed(value: Any) -> str | None:
    """How Go prints a value; None where that is unknown or no plain text."""
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST else None
    if isinstance(value, float):
        return repr(value)
    return value if isinstance(value, str) else None


def truth(value: Any) -> bool | None:
    """Whether Go takes a value for true; None if that is unknown."""
    if isinstance(value, Mapping):
        return True if value.entries else None if value.is_open else False
    if isinstance(value, Sequence):
        return bool(value.items)
    value = plain(value)
    return None if value is UNKNOWN else bool(value)


def call(name: str, arguments: list[Any]) -> Any:
    """What a function gives."""
    if name in _CHOOSING:
        return _CHOOSING[name](*arguments) if len(arguments) == _CHOOSING_ARGUMENTS.get(name, len(arguments)) else UNKNOWN
    if name in _PLAIN:
        values = [plain(argument) for argument in arguments]
        if any(value is UNKNOWN for value in values):
            return UNKNOWN
        try:
            result = _PLAIN[name](*values)
        except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError):
            return UNKNOWN
        return UNKNOWN if isinstance(result, str) and len(result) > MAX_TEXT else result
    return UNKNOWN


def _default(otherwise: Any, value: Any = None, *_: Any) -> Any:
    is_set = truth(value)
    return UNKNOWN if is_set is None else value if is_set else otherwise


def _coalesce(*values: Any) -> Any:
    for value in values:
        is_set = truth(value)
        if is_set is None:
            return UNKNOWN
        if is_set:
            return value
    return None


def _ternary(yes: Any, no: Any, condition: Any) -> Any:
    condition = plain(condition)
    return (yes if condition else no) if isinstance(condition, bool) else UNKNOWN


def _not(value: Any) -> Any:
    is_true = truth(value)
    return UNKNOWN if is_true is None else not is_true


def _required(_message: Any, value: Any) -> Any:
    return UNKNOWN if value is None or plain(value) == "" else value


def _kind_is(kind: Any, value: Any) -> Any:
    if value is UNKNOWN or kind not in ("map", "slice", "string", "bool", "invalid"):
        return UNKNOWN
    if isinstance(value, (Mapping, dict)):
        return kind == "map"
    if isinstance(value, (Sequence, list)):
        return kind == "slice"
    value = plain(value)
    if value is UNKNOWN:
        return UNKNOWN
    return kind == (
        "invalid" if value is None else "string" if isinstance(value, str) else "bool" if isinstance(value, bool) else ""
    )


def _length(value: Any) -> Any:
    if isinstance(value, Sequence):
        return len(value.items)
    if isinstance(value, Mapping):
        return UNKNOWN if value.is_open else len(value.entries)
    value = plain(value)
    return len(value.encode()) if isinstance(value, str) else UNKNOWN


_CHOOSING: dict[str, Callable[..., Any]] = {
    "default": _default,
    "coalesce": _coalesce,
    "ternary": _ternary,
    "not": _not,
    "empty": _not,
    "required": _required,
    "kindIs": _kind_is,
    "len": _length,
    "list": lambda *items: list(items),
    "tuple": lambda *items: list(items),
    "fail": lambda _message: "",
}
_CHOOSING_ARGUMENTS = {"ternary": 3, "not": 1, "empty": 1, "required": 2, "kindIs": 2, "len": 1, "fail": 1}


def _same(first: Any, *others: Any) -> Any:
    """`eq`: whether the first is one of the others. Go compares only values of one kind."""
    kinds = {type(other) for other in (first, *others)}
    if len(kinds) != 1 or kinds <= {type(None), list, dict} or not others:
        return UNKNOWN
    return first in others


def _differs(first: Any, second: Any) -> Any:
    same = _same(first, second)
    return UNKNOWN if same is UNKNOWN else not same


def _whole(value: Any) -> Any:
    """`int`, `int64`: text that is no number is 0."""
    if value is None or isinstance(value, bool):
        return UNKNOWN
    if isinstance(value, str):
        return decimal(value) if value.isascii() and value.isdecimal() and not value.startswith("0") else UNKNOWN
    return int(value)


def _ordered(compare: Callable[[int, int], bool]) -> Callable[[Any, Any], Any]:
    def ordered(left: Any, right: Any) -> Any:
        return compare(left, right) if type(left) is int and type(right) is int else UNKNOWN

    return ordered


def _calculated(calculate: Callable[[int, int], int]) -> Callable[..., Any]:
    def calculated(*values: Any) -> Any:
        numbers = [_whole(value) for value in values]
        if UNKNOWN in numbers or not numbers:
            return UNKNOWN
        result = numbers[0]
        for number in numbers[1:]:
            result = calculate(result, number)
        return result

    return calculated


def _text(value: Any) -> str:
    """A text argument. Go refuses any other kind."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _cut(length: Any, value: Any) -> str:
    text = _text(value)
    if not text.isascii():
        raise ValueError
    return text[:length] if length >= 0 else text[length:]


def _replaced(old: str, new: str, text: str) -> str:
    if (text.count(old) + 1) * len(new) > MAX_TEXT:
        raise ValueError
    return text.replace(old, new)


def _formatted(pattern: Any, *values: Any) -> Any:
    rest = list(values)
    kinds: dict[str, type | tuple[type, ...]] = {"s": str, "d": int, "v": (str, int), "t": bool}

    def fill(match: Any) -> str:
        verb = match[1]
        if verb == "%":
            return "%"
        value = rest.pop(0)
        if not isinstance(value, kinds[verb]) or (verb == "d" and isinstance(value, bool)):
            raise TypeError
        text = printed(value)
        if text is None:
            raise ValueError
        return text

    text = _VERB.sub(fill, _text(pattern))
    return UNKNOWN if rest else text


def _string(value: Any) -> Any:
    text = printed(value)
    return UNKNOWN if text is None else text


_PLAIN: dict[str, Callable[..., Any]] = {
    "eq": _same,
    "ne": _differs,
    "lt": _ordered(int.__lt__),
    "le": _ordered(int.__le__),
    "gt": _ordered(int.__gt__),
    "ge": _ordered(int.__ge__),
    "add": _calculated(int.__add__),
    "sub": _calculated(int.__sub__),
    "mul": _calculated(int.__mul__),
    "add1": lambda value: _calculated(int.__add__)(value, 1),
    "int": _whole,
    "int64": _whole,
    "toString": _string,
    "print": _string,
    "printf": _formatted,
    "trunc": _cut,
    "trim": lambda text: _text(text).strip(),
    "trimSuffix": lambda suffix, text: _text(text).removesuffix(_text(suffix)),
    "trimPrefix": lambda prefix, text: _text(text).removeprefix(_text(prefix)),
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "replace": lambda old, new, text: _replaced(_text(old), _text(new), _text(text)),
    "contains": lambda part, text: _text(part) in _text(text),
    "hasPrefix": lambda part, text: _text(text).startswith(_text(part)),
    "hasSuffix": lambda part, text: _text(text).endswith(_text(part)),
}
