"""What is measured: deploylint as it is installed beside this Python, and the peers that `benchmarks/install` could get.

Each peer is told to do the work that deploylint does and no more: to check these kinds of files for misconfiguration, without a
look at the network. Their programs are called directly, without a launcher in front.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measure import Command

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".benchmarks"

OURS = "deploylint"
EMPTY = "python, argparse"
"""A Python that imports argparse and parses no arguments: what every program of that kind costs at least."""


class Peer(NamedTuple):
    """`arguments`: TREE stands for the folder. `accepted`: exit codes with and without findings."""

    name: str
    arguments: tuple[str, ...]
    accepted: tuple[int, ...]

    @property
    def program(self) -> Path:
        return CACHE / self.name / "bin" / self.name


PEERS = {
    peer.name: peer
    for peer in (
        Peer("hadolint", ("TREE/Dockerfile",), (0, 1)),
        Peer("trivy", ("config", "--quiet", "--skip-check-update", "--skip-version-check", "--disable-telemetry", "TREE"), (0,)),
        Peer(
            "checkov",
            ("--quiet", "--compact", "--skip-download", "--framework", "dockerfile", "kubernetes", "--directory", "TREE"),
            (0, 1),
        ),
    )
}


def ours(*arguments: str, name: str = OURS) -> Command:
    """deploylint, as the script of this environment."""
    return Command(name, (str(Path(sys.executable).with_name(OURS)), *arguments), frozenset({0, 1}))


def starts() -> list[Command]:
    """What starting costs: an empty program first."""
    empty = Command(EMPTY, (sys.executable, "-c", "import argparse; argparse.ArgumentParser().parse_args()"))
    return [empty, *(ours(option, name=f"{OURS} {option}") for option in ("--version", "--help"))]


def on(tree: Path, peers: Iterable[str]) -> list[Command]:
    """deploylint and those of the peers that are installed, each on a tree."""
    commands = [ours(str(tree))]
    for peer in (PEERS[name] for name in peers):
        if peer.program.exists():
            arguments = (argument.replace("TREE", str(tree)) for argument in peer.arguments)
            commands.append(Command(peer.name, (str(peer.program), *arguments), frozenset(peer.accepted)))
    return commands


def versions() -> dict[str, str]:
    """What each program that is there says of itself."""
    programs = {OURS: ours().arguments[0], **{name: str(peer.program) for name, peer in PEERS.items() if peer.program.exists()}}
    found = {name: _number(_output(program, "--version")) for name, program in programs.items()}
    commit = _output("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    found[OURS] = f"{found[OURS]} ({commit}{', editable' if _is_editable() else ''})"
    return found


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _number(text: str) -> str:
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else "?"


def _is_editable() -> bool:
    """Whether deploylint is read from its repository, by a finder that costs every start some milliseconds."""
    from importlib.metadata import distribution

    return '"editable": true' in (distribution(OURS).read_text("direct_url.json") or "")
