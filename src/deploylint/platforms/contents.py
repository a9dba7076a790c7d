"""What the readers of platforms are given and give back.

Every reader is a function `read(paths, files, options) -> Contents` of a module that `platforms.table` names. `paths` are the
files that are this platform's by name and mark, sorted; what else it needs it reads from `files`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from deploylint.errors import ParseError
from deploylint.model.deployment import Problem
from deploylint.platforms.templating import ENGINES, template
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deploylint.model.deployment import Data, Remote, Templated, Unread
    from deploylint.model.workload import Workload
    from deploylint.platforms.helm import Helm
    from deploylint.text import Files, Source


_ANY_ENGINE = (("<%", "ERB"), ("{%", "Jinja"), ("[[", "Levant"), ("{{", "a template"), ("${", "a template"))
_ENGINES = {"HCL": _ANY_ENGINE[:3], "TOML": ENGINES}
"""Without what is the language's own: `[[` in TOML, `{{` and `${` in HCL or Nomad's."""


_LANGUAGES = {"json": "JSON", "toml": "TOML", "hcl": "HCL", "nomad": "HCL", "job": "HCL"}
"""By ending; all others are YAML."""


class Options(NamedTuple):
    """What the settings say about reading."""

    pod_templates: tuple[tuple[str, str], ...] = ()
    """Custom resources that hold pods: kind and path of keys."""
    renderer: Helm | None = None
    """What renders charts; None to read their templates as they are."""


class Contents(NamedTuple):
    """What the files of a platform say, and what of them could not be read."""

    workloads: tuple[Workload, ...] = ()
    problems: tuple[Problem, ...] = ()
    templated: tuple[Templated, ...] = ()
    data: tuple[Data, ...] = ()
    remotes: tuple[Remote, ...] = ()
    unread: tuple[Unread, ...] = ()


class Reader(Protocol):
    """What a platform's module has as `read`."""

    def __call__(self, paths: Sequence[str], files: Files, options: Options, /) -> Contents:
        """What these files say, sorted paths of the tree `files`."""
        ...


def one_by_one(workloads_of: Callable[[Source, Files], Iterable[Workload]], is_sure: bool = True) -> Reader:
    """The reader of files that have nothing to do with each other.

    `workloads_of`: the workloads of one file, or a `ParseError`. `is_sure`: the files are meant for this platform, so that a
    mistake in their syntax is a problem.
    """

    def read(paths: Sequence[str], files: Files, _options: Options) -> Contents:
        workloads: list[Workload] = []
        problems: list[Problem] = []
        templated: list[Templated] = []
        for path in paths:
            source = files.read(path)
            if source is None:
                continue
            try:
                workloads += workloads_of(source, files)
            except ParseError as error:
                language = _LANGUAGES.get(path.rpartition(".")[2], "YAML")
                mark = template(source, _ENGINES.get(language, _ANY_ENGINE))
                if mark:
                    templated.append(mark)
                elif is_sure:
                    problems.append(Problem(error.span, f"not valid {language}: {error.message}"))
        return Contents(tuple(workloads), tuple(problems), tuple(templated))

    return read
