"""Records of the model: what a field means stands under the field."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import deploylint

PACKAGE = Path(deploylint.__file__).parent
MODULES = sorted(path for folder in ("model", "shutdown", "startup") for path in (PACKAGE / folder).glob("*.py"))

RECORD = '''
class Port(NamedTuple):
    """A port. `name`: empty when it has none; `number` is the port."""

    number: int
    name: str
'''


def fields_in_docstrings(text: str) -> list[str]:
    """The fields that the docstring of their own record names in backquotes, as `Record.field`."""
    named = []
    for record in ast.parse(text).body:
        if isinstance(record, ast.ClassDef) and any("NamedTuple" in ast.unparse(base) for base in record.bases):
            words = set(re.findall(r"`(\w+)`", ast.get_docstring(record) or ""))
            fields = [
                line.target.id for line in record.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
            ]
            named += [f"{record.name}.{field}" for field in fields if field in words]
    return named


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_docstring_of_a_record_leaves_its_fields_to_texts_under_them(path: Path) -> None:
    assert fields_in_docstrings(path.read_text(encoding="utf-8")) == []


def test_a_docstring_that_explains_a_field_is_noticed() -> None:
    assert fields_in_docstrings(RECORD) == ["Port.number", "Port.name"]
