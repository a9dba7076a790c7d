"""One part of a compose file laid over another: override files, `extends` and `include`, as compose-go `override/merge.go` does.

Every value stays the node of the file that wrote it. What a merge makes is a flow mapping in the eyes of `place_in`: nothing can
be inserted into it.
"""

from __future__ import annotations

from deploylint.syntax.yaml import Entry, Mapping, Node, Scalar, Sequence

_REPLACED = frozenset([("command",), ("entrypoint",), ("healthcheck", "test")])
_LISTED = frozenset([("environment",), ("env_file",), ("build", "args")])
"""What is a mapping in one file and a list or a text in another: all that is said, in order, and the last counts."""
_MAX_DEPTH = 20


def merged(parts: tuple[Mapping, ...]) -> Mapping:
    """What the definitions of a service say together, each laid over those before it."""
    first, *others = parts
    mapping = _mappings(_empty(first), first, ()) if _resets(first) else first
    for over in others:
        mapping = _mappings(mapping, over, ())
    return mapping


def _mappings(base: Mapping, over: Mapping, path: tuple[str, ...]) -> Mapping:
    mapping = _empty(over)
    mapping.is_open = base.is_open or over.is_open
    mapping.entries = dict(base.entries)
    for key, entry in over.entries.items():
        old = base.entries.get(key)
        node = _merge(old.value if old else None, entry.value, (*path, key))
        if node is None:
            mapping.entries.pop(key, None)
        else:
            mapping.entries[key] = Entry(entry.key if old is None or node is entry.value else old.key, node)
    return mapping


def _merge(base: Node | None, over: Node, path: tuple[str, ...]) -> Node | None:
    """What a key becomes; None if it is taken back."""
    if over.tag == "!reset" or (over.tag == "!override" and isinstance(over, Scalar) and not over.style and not over.text):
        return None
    is_null = isinstance(over, Scalar) and over.is_null
    if base is None or over.tag == "!override" or path in _REPLACED:
        return _mappings(_empty(over), over, path) if isinstance(over, Mapping) and _resets(over) else over
    if is_null:
        return over if path[:-1] in _LISTED else base
    if path == ("build",):
        base, over = _as_build(base), _as_build(over)
    if isinstance(base, Mapping) and isinstance(over, Mapping) and len(path) < _MAX_DEPTH:
        return _mappings(base, over, path)
    if path in _LISTED or (isinstance(base, Sequence) and isinstance(over, Sequence)):
        sequence = Sequence(over.source, over.start, over.tag, over.anchor, True)
        sequence.end = over.end
        sequence.items = [*_items(base), *_items(over)]
        return sequence
    return over


def _resets(node: Mapping, depth: int = 0) -> bool:
    """Whether a mapping, or one close below it, takes something back."""
    values = [entry.value for entry in node.entries.values()]
    if any(value.tag in ("!reset", "!override") for value in values):
        return True
    return depth < 2 and any(_resets(value, depth + 1) for value in values if isinstance(value, Mapping))


def _items(node: Node) -> list[Node]:
    return node.items if isinstance(node, Sequence) else [node]


def _as_build(node: Node) -> Node:
    """`build: .` as the mapping it is short for."""
    if not isinstance(node, Scalar):
        return node
    mapping = _empty(node)
    mapping.entries["context"] = Entry(node, node)
    return mapping


def _empty(like: Node) -> Mapping:
    """A mapping that stands where another node does."""
    mapping = Mapping(like.source, like.start, "", like.anchor, True)
    mapping.end = like.end
    return mapping
