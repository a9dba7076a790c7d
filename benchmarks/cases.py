"""The cases: which trees are measured, and against whom."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import manifests, services
from benchmarks.programs import PEERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.trees import Maker

SIZES = (100, 1_000, 10_000, 20_000)
"""How many manifests; ten times the one or the other is among them, too."""
_TREES = ("trivy", "checkov")


class Case(NamedTuple):
    """A tree to be measured on: `files` makes it, or it is the folder `path`. `peers`: who else runs on it.

    The case without either is the start of a program, on no tree at all.
    """

    name: str
    about: str
    files: Maker | None = None
    path: Path | None = None
    peers: tuple[str, ...] = ()


def given(path: Path) -> Case:
    """The case of a tree that is there already."""
    return Case(path.name, "a tree that was given", path=path, peers=_TREES)


def cases(sizes: Iterable[int] = SIZES) -> list[Case]:
    """All cases; `sizes`: how many files the repositories of manifests have."""
    found = [
        Case("start", "`--version` and `--help`, against an empty Python with argparse"),
        Case("phoenix", "one Phoenix app: Dockerfile, manifests, config", services.phoenix, peers=tuple(PEERS)),
        Case("fastapi", "one FastAPI app: Dockerfile, fly.toml, code", services.fastapi, peers=tuple(PEERS)),
        Case("services-10", "10 such apps in one repository", partial(services.services, 10), peers=_TREES),
        Case("services-100", "100 such apps in one repository", partial(services.services, 100), peers=_TREES),
        Case("monorepo", "the shape of argo-cd's repository: bundles of CRDs, small files", manifests.monorepo, peers=_TREES),
    ]
    shapes = {
        "wide": ("a hundred to a folder", manifests.wide),
        "deep": ("twenty folders deep", manifests.deep),
        "crds": ("nine of ten are CRDs", manifests.crds),
    }
    for name, (about, files) in shapes.items():
        found += [Case(f"{name}-{size}", f"{size:,} files of manifests, {about}", partial(files, size)) for size in sizes]
    return found
