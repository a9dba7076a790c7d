"""Named tuples that are cheap to make.

For every field `typing.NamedTuple` compiles the annotation, which nobody here asks for: two thirds of the 0.1 ms that a class
costs, and a run makes 140 of them. To a type checker this is `typing.NamedTuple`; a generic one has to be that really.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:

    class _Fields(type):
        """Makes a named tuple of a class body whose annotations are strings (`from __future__ import annotations`)."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)  # NamedTuple itself
            fields = body["__annotations__"]
            made = namedtuple(name, fields, defaults=[body[field] for field in fields if field in body])
            for key, value in body.items():
                if key not in fields:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Fields):
        """The base that makes a class body a named tuple."""
