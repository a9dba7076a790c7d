"""Records: what a field means stands under the field."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for folder in ("src/deploylint", "rules") for path in (ROOT / folder).rglob("*.py"))

_RECORD = re.compile("NamedTuple|dataclass")
RECORDS = '''
class Port(NamedTuple):
    """A port. `name`: empty when it has none; `number` is the port."""

    number: int
    name: str

@dataclass(frozen=True)
class Route:
    """A route.

    kind: a port or a probe.
    """

    kind: str
    port: int
    """The number of the `kind`."""
'''


def fields_in_docstrings(text: str) -> list[str]:
    """The fields that the docstring of their own record explains, in backquotes or at the start of a line, as `Record.field`."""
    named = []
    for record in ast.walk(ast.parse(text)):
        if isinstance(record, ast.ClassDef) and _RECORD.search(" ".join(map(ast.unparse, record.bases + record.decorator_list))):
            docstring = ast.get_docstring(record) or ""
            words = {*re.findall(r"`(\w+)`", docstring), *re.findall(r"^(\w+): ", docstring, re.MULTILINE)}
            fields = [
                line.target.id for line in record.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
            ]
            named += [f"{record.name}.{field}" for field in fields if field in words]
    return named


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_docstring_of_a_record_leaves_its_fields_to_texts_under_them(path: Path) -> None:
    assert fields_in_docstrings(path.read_text(encoding="utf-8")) == []


def test_a_docstring_that_explains_a_field_is_noticed() -> None:
    assert fields_in_docstrings(RECORDS) == ["Port.number", "Port.name", "Route.kind"]
