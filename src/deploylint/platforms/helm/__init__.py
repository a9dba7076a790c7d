"""Helm charts: which files are their templates."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Helm(NamedTuple):
    """How charts are rendered."""

    program: str
    """Helm's path."""
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """By a chart's folder, the paths of more values files."""


def chart_folders(paths: Iterable[str]) -> frozenset[str]:
    """The folders that are Helm charts, by the paths of all files."""
    return frozenset(dirname(path) for path in paths if path == "Chart.yaml" or path.endswith("/Chart.yaml"))


def chart_of(path: str, charts: frozenset[str]) -> str | None:
    """The chart whose template a file is; None for any other file."""
    folder = dirname(path)
    while folder:
        parent = dirname(folder)
        if folder.rpartition("/")[2] == "templates" and parent in charts:
            return parent
        folder = parent
    return None
