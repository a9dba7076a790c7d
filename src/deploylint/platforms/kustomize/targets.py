"""Which objects a patch, a replica count or a replacement is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.syntax.yaml import Mapping, Scalar

if TYPE_CHECKING:
    from deploylint.platforms.kustomize.resources import Id, Resource

_PLAIN = regex(r"[\w./-]*\Z")
_SAFE = regex(r"\^?(?:[\w./|-]|\.\*|\.\+|\[[\w-]+\][*+]?|\((?:\?:)?[\w./|*-]+\))*\$?\Z")
_MAX_LENGTH = 253  # of a Kubernetes name
_MAX_REPEATS = 2
_REQUIREMENT = regex(
    r"(?P<not>!)?\s*(?P<key>[\w./-]+)\s*"
    r"(?:(?P<op>==?|!=)\s*(?P<value>[\w./-]*)|(?P<in>in|notin)\s*\((?P<set>[^()]*)\))?\s*(?:,|\Z)"
)


class Selector(NamedTuple):
    """A patch's `target`: anchored regular expressions, '' for any, and conditions on labels and annotations."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    labels: str = ""
    annotations: str = ""

    def selects(self, resource: Resource) -> bool | None:
        """Whether an object is meant; None if that can't be told."""
        first, last = resource.ids[0], resource.id
        verdicts: tuple[bool | None, ...] = (
            _fits(self.kind, last.kind),
            _fits(self.group, last.group),
            _fits(self.version, last.version),
            _either(_fits(self.name, first.name), _fits(self.name, last.name)),
            _either(
                _fits(self.namespace, first.namespace or "default"),
                _fits(self.namespace, last.namespace or "default"),
            ),
        )
        if False in verdicts:
            return False
        if self.labels:
            verdicts = (*verdicts, _holds(self.labels, resource.node.mapping("metadata", "labels")))
        if self.annotations:
            verdicts = (*verdicts, _holds(self.annotations, resource.node.mapping("metadata", "annotations")))
        return False if False in verdicts else None if None in verdicts else True


def selector(node: Mapping) -> Selector:
    """The selector that a `target` or a `select` writes."""
    keys = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
    return Selector(*(node.text(key) for key in keys))


def named(ident: Id, resource: Resource) -> bool:
    """Whether an object is what a patch without a target names: by any name it has had on the way."""
    return any(own.is_same(ident) for own in resource.ids)


def _either(first: bool | None, second: bool | None) -> bool | None:
    return True if first or second else None if None in (first, second) else False


def _fits(pattern: str, value: str) -> bool | None:
    """Whether an anchored Go pattern matches; None for one that isn't run, for it is long or more than words and dots."""
    if not pattern or pattern == value:
        return True
    if _PLAIN.match(pattern) and "." not in pattern:
        return False
    repeats = pattern.count("*") + pattern.count("+")
    if max(len(pattern), len(value)) > _MAX_LENGTH or repeats > _MAX_REPEATS or not _SAFE.match(pattern):
        return None
    try:
        return re.match(f"(?:{pattern})\\Z", value) is not None
    except re.error:
        return None


def _holds(condition: str, texts: Mapping | None) -> bool | None:
    """Whether labels or annotations meet a selector: `app=web,tier in (a, b),!old`."""
    values = {key: entry.value.text for key, entry in texts.entries.items() if isinstance(entry.value, Scalar)} if texts else {}
    at = 0
    condition = condition.strip()
    while at < len(condition):
        match = _REQUIREMENT.match(condition, at)
        if not match:
            return None
        at = match.end()
        at += len(condition[at:]) - len(condition[at:].lstrip())
        value = values.get(match["key"])
        if match["in"]:
            is_met = (value in {option.strip() for option in match["set"].split(",")}) == (match["in"] == "in")
        elif match["op"]:
            is_met = (value == match["value"]) == (match["op"] != "!=")
        else:
            is_met = (value is None) == bool(match["not"])
        if not is_met:
            return False
    return True
