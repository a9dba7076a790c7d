"""GitHub's workflows and local actions that others call, and the combinations of a job's matrix.

Facts: https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows (`uses: ./.github/workflows/x.yml` is a file
of the same repository; what the caller doesn't pass is the input's default, or empty);
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix (how `include` adds to
combinations).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.paths import relative
from deploylint.syntax.yaml import Mapping, Scalar, Sequence, YamlError, documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.linking.variables import Variables
    from deploylint.syntax.yaml import Node
    from deploylint.text import Files, Source

_CALL = regex(r"\buses[\"']?:[ \t]*[\"']?(\./[^\s\"'}]+)")
_COMPOSED = regex(r"[\w-]\$\{\{\s*(?:matrix|inputs)\.|\$\{\{\s*(?:matrix|inputs)\.[\w.-]+\s*\}\}[\w-]")
_MAX_COMBINATIONS = 64


def is_composed(text: str) -> bool:
    """Whether a name may be put together of an input or a matrix value and more: `shop-${{ matrix.service }}`."""
    return _COMPOSED.search(text) is not None


def texts(source: Source, files: Files) -> Iterator[str]:
    """The text of a file, and those of the workflows and actions that it calls."""
    yield source.text
    for path in dict.fromkeys(_CALL.findall(source.text)):
        called = called_file(path, files)
        if called is not None:
            yield called.text


def called_file(uses: str, files: Files) -> Source | None:
    """The file that `uses: ./…` names: a workflow, or the action of a folder. None if it isn't in the tree."""
    path = relative("", uses)
    if path.endswith((".yml", ".yaml")):
        return files.read(path)
    return files.read(relative(path, "action.yml")) or files.read(relative(path, "action.yaml"))


def workflow(source: Source) -> Mapping | None:
    """The mapping of a workflow or an action; None if it is neither."""
    try:
        root = next((document.root for document in documents(source)), None)
    except YamlError:
        return None
    return root if isinstance(root, Mapping) else None


def inputs(called: Mapping, call: Mapping, variables: Variables) -> dict[str, str]:
    """The inputs of a called workflow or action as expressions name them (`inputs.image`). `variables`: those of the caller."""
    declared = called.mapping("on", "workflow_call", "inputs") or called.mapping("inputs")
    given = call.mapping("with")
    values = {}
    for name, entry in declared.entries.items() if declared else ():
        default = entry.value.text("default") if isinstance(entry.value, Mapping) else ""
        values[_key("inputs", name)] = default
    for name in given.entries if given else ():
        values[_key("inputs", name)] = variables.expanded(given.text(name) if given else "")
    return values


def combinations(job: Mapping) -> tuple[dict[str, str], ...]:
    """What a job's matrix gives to each of its runs (`matrix.service`); none if it has no matrix, or it can't be told."""
    matrix = job.mapping("strategy", "matrix")
    if matrix is None or "exclude" in matrix.entries:
        return ()
    axes: dict[str, list[Node]] = {}
    for name, entry in matrix.entries.items():
        if not isinstance(entry.value, Sequence):
            return ()
        if name != "include":
            axes[name] = entry.value.items
    count = 1
    for items in axes.values():
        count *= len(items)
    if count > _MAX_COMBINATIONS:
        return ()
    combined = [_flat(zip(axes, items, strict=True)) for items in product(*axes.values())] if axes else []
    base = tuple(dict(values) for values in combined)
    more = matrix.sequence("include")
    for item in more.mappings if more else ():
        added = _flat((name, entry.value) for name, entry in item.entries.items())
        fitting = [
            number for number, values in enumerate(base) if all(added.get(name, value) == value for name, value in values.items())
        ]
        for number in fitting:
            combined[number].update(added)
        if not fitting:
            combined.append(added)
    return tuple(combined[:_MAX_COMBINATIONS])


def _flat(items: Iterable[tuple[str, Node]]) -> dict[str, str]:
    """Values by the names that expressions call them: `matrix.app.name` where an item of `app` is a mapping."""
    values = {}
    for name, node in items:
        if isinstance(node, Scalar):
            values[_key("matrix", name)] = node.text
        elif isinstance(node, Mapping):
            values.update({_key("matrix", name, key): node.text(key) for key in node.entries})
    return values


def _key(*names: str) -> str:
    """Names in expressions are compared without case."""
    return ".".join(names).lower()
