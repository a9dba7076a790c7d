"""Settings of a server's drain that don't do what they say: another unit, another server's name, a file it doesn't read.

Facts: docs/facts/servers.md#settings-without-effect, docs/facts/servers.md#units.
"""

from __future__ import annotations

from math import inf
from posixpath import join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.drain import spoken
from deploylint.model.workload import Ineffective
from deploylint.servers.settings import COMPUTED
from deploylint.text import Edit, Span, decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.drain import Drain
    from deploylint.model.value import Value
    from deploylint.servers.row import Limit
    from deploylint.servers.settings import Settings

_NUMBER = regex(r"(?<![\d_])(\d[\d_]{0,15})(?=[\"']?$)")
LONGEST = 10_000.0
"""Seconds, nearly three hours: who writes so many thousands meant milliseconds."""


def of_server(drain: Drain, settings: Settings) -> Iterator[Ineffective]:
    """What is wrong with the settings of a server that surely runs."""
    for limit in (settings.limit, *settings.server.more):
        value = settings.seconds(limit)
        if value is None or value.span is None or value.is_default or value.content in (0, inf):
            continue
        is_passed_over = drain.unbounded is not None and drain.unbounded.is_default and limit is settings.limit
        if is_passed_over and (value.is_known or value.origin == COMPUTED):
            why = f"{drain.server} waits on regardless"
            yield Ineffective(setting_name(value, limit), value.span, "ignored", why, drain.advice("N"))
        elif misreading := misread(value, drain.server, limit.scale, setting=setting_name(value, limit)):
            yield misreading
    yield from _variables(settings, drain)
    if drain.server == "gunicorn":
        yield from _pyproject(settings)


def setting_name(value: Value[float], limit: Limit) -> str:
    """What a user calls the setting that was found: its flag, its key, or else its variable."""
    if value.is_unknown:  # computed in the configuration file
        return limit.key
    name = value.origin.strip("`")
    return name if name in (*limit.flags, limit.key) or not limit.variable else limit.variable


def misread(
    value: Value[float], reader: str, scale: float, *, setting: str, most: float = 1.0, thousand: str = "000"
) -> Ineffective | None:
    """A number that is plainly meant in another unit: milliseconds that come to less than `most` seconds, or whole thousands of
    seconds. `scale`: seconds in one unit of the setting. `thousand`: how the reader's language writes three zeros."""
    span, seconds = value.span, value.content
    number = _NUMBER.search(span.text) if span and value.is_known else None
    if span is None or seconds is None or number is None:
        return None
    written = decimal(number[1].replace("_", ""))
    is_round = written <= 120 or written % 60 == 0  # 500 may well be half a second
    if scale == 0.001 and 1 <= written == round(seconds * 1000) and seconds < most and is_round:
        unit, instead, meant = "milliseconds", f"{number[1]}{thousand}", float(written)
        note = "there is no time to finish anything: what runs is cut off at every stop"
    elif scale == 1 and written == seconds >= LONGEST and written % 1000 == 0:
        unit, instead, meant = "seconds", str(written // 1000), written / 1000
        note = "it limits nothing: SIGKILL comes long before"
    else:
        return None
    edit = Edit(Span(span.source, span.start + number.start(1), span.start + number.end(1)), instead)
    advice = f"write `{instead}` for {spoken(meant)}"
    why = f"{reader} counts {unit}: {spoken(seconds)}"
    return Ineffective(setting, span, "misread", why, advice, edit, note)


def _variables(settings: Settings, drain: Drain) -> Iterator[Ineffective]:
    """Variables that only another server reads, unless the configuration of this one does."""
    for name in settings.server.unread:
        value = settings.environment.get(name)
        if value is None or value.span is None or value.content == "" or settings.is_mentioned(name):
            continue
        line = settings.limit.template.format(value.content) if value.content is not None else ""
        advice = f"set `{line}`" if line else drain.advice("N")
        yield Ineffective(name, value.span, "ignored", f"{drain.server} doesn't read it", advice)


def _pyproject(settings: Settings) -> Iterator[Ineffective]:
    """gunicorn reads no pyproject.toml."""
    source = settings.files.read(join(settings.root, "pyproject.toml"))
    if source is None or "tool.gunicorn" not in source.text or settings.is_mentioned("pyproject"):
        return
    from deploylint.syntax import toml

    try:
        table = toml.parse(source)
    except toml.TomlError:
        return
    for key in ("graceful_timeout", "graceful-timeout"):
        item = table.item("tool", "gunicorn", key)
        if isinstance(item, toml.Scalar):
            advice = f"set `graceful_timeout = {item.value}` in gunicorn.conf.py"
            yield Ineffective(key, item.span, "ignored", "gunicorn doesn't read this file", advice)
