"""Console scripts: the programs that installing a Python project makes, each with the function that it calls.

Facts: docs/facts/launchers.md#python-modules-and-console-scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.syntax.toml import Table
    from deploylint.text import Fragment, Source

_PLACES = (("project", "scripts"), ("tool", "poetry", "scripts"))
_REFERENCE = regex(r"\s*([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_]\w*)\s*(?:\[.*\]\s*)?\Z")
"""`package.module:function`, with extras behind it."""
_ENTRY = regex(r"\s*([\w.-]+)\s*=(.*)")


def in_pyproject(table: Table) -> Iterator[tuple[str, str]]:
    """Each script by its name with what it calls, `shop.server:main`."""
    for place in _PLACES:
        for scripts in table.tables(*place):
            for name in scripts.entries:
                text = scripts.string(name)
                yield from _called(name, text.text if text else "")


def in_setup_cfg(sections: dict[str, dict[str, list[Fragment]]]) -> Iterator[tuple[str, str]]:
    for line in sections.get("options.entry_points", {}).get("console_scripts", ()):
        yield from _written(line.text)


def in_setup_py(source: Source) -> Iterator[tuple[str, str]]:
    """The literal strings of `entry_points={"console_scripts": […]}`."""
    if "console_scripts" not in source.text:
        return
    import ast

    from deploylint.syntax import python

    try:
        module = python.parse(source)
    except python.PythonError:
        return
    for node in ast.walk(module.tree):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant) and key.value == "console_scripts" and isinstance(value, ast.List | ast.Tuple):
                for written in value.elts:
                    if isinstance(written, ast.Constant) and isinstance(written.value, str):
                        yield from _written(written.value)


def _written(line: str) -> Iterator[tuple[str, str]]:
    """`name = module:function` as setuptools writes it."""
    match = _ENTRY.match(line)
    if match:
        yield from _called(match[1], match[2])


def _called(name: str, text: str) -> Iterator[tuple[str, str]]:
    match = _REFERENCE.match(text)
    if match:
        yield name, f"{match[1]}:{match[2]}"
