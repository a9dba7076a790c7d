"""Named tuples that are cheap to make.

`typing.NamedTuple` compiles every field's annotation, which nobody here asks for, and `namedtuple` makes six functions a class,
one of them from source: together 0.1 ms, and a run makes 140 classes, many of them for nothing. Here functions are shared, and
a class gets its constructor when it is first called. To a type checker this is `typing.NamedTuple`, and `Generic` beside it is
for the type checker alone. Why: docs/decisions/named-tuples.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    try:
        from _collections import _tuplegetter
    except ImportError:
        from operator import itemgetter

        def _tuplegetter(index, doc):
            return property(itemgetter(index), doc=doc)

    def _constructed(cls, /, *values, **named):
        """Make the first instance of a class, and the constructor of all others. It is compiled, as `namedtuple`'s is: nothing
        else takes names and defaults as fast."""
        fields = ", ".join(cls._fields)
        construct = eval(f"lambda _cls, {fields}: _new(_cls, ({fields},))", {"_new": tuple.__new__, "__builtins__": {}})
        construct.__name__, construct.__qualname__ = "__new__", f"{cls.__qualname__}.__new__"  # as errors call it
        construct.__defaults__ = tuple(cls._field_defaults.values())
        cls.__new__ = staticmethod(construct)
        return construct(cls, *values, **named)

    def _replace(self, /, **changes):
        changed = tuple.__new__(type(self), map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"no fields of {type(self).__name__}: {', '.join(changes)}")
        return changed

    def _represented(self):
        return f"{type(self).__name__}({', '.join(map('{}={!r}'.format, self._fields, self))})"

    def _plain(self):
        return tuple(self)

    def _as_dict(self):
        return dict(zip(self._fields, self, strict=True))

    class _Fields(type):
        """Makes a named tuple of a class body whose annotations are strings (`from __future__ import annotations`)."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)  # NamedTuple itself
            fields = tuple(body["__annotations__"])
            defaults = {field: body[field] for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default can't follow one that has it")
            return type(
                name,
                (tuple,),
                {
                    "__slots__": (),
                    "__match_args__": fields,
                    "__new__": _constructed,
                    "__repr__": _represented,
                    "__getnewargs__": _plain,
                    "_fields": fields,
                    "_field_defaults": defaults,
                    "_replace": _replace,
                    "_asdict": _as_dict,
                    **body,
                    **{field: _tuplegetter(index, None) for index, field in enumerate(fields)},
                },
            )

    class NamedTuple(metaclass=_Fields):
        """The base that makes a class body a named tuple."""
