"""Helm itself, run on a copy of a chart: the only program besides git that deploylint starts, and only when asked to.

`helm template` executes nothing of the chart but its templates, whose functions reach no network, no cluster and no files
outside the chart (`lookup` is empty, names are resolved only with `--enable-dns`). Plugins and post-renderers are programs: it
gets empty folders for all it would read of the user's, and no such option. Its time, memory and output are bounded.
Facts: helm `pkg/engine/funcs.go`, `pkg/cli/environment.go`, https://helm.sh/docs/helm/helm_template/.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from deploylint.discovery import programs
from deploylint.syntax.yaml import Mapping, Scalar, YamlError, documents

if TYPE_CHECKING:
    from deploylint.syntax.yaml import Node
    from deploylint.text import Files, Source

LIMITS = programs.Limits(seconds=60.0, memory=4 * 1024**3, output=64 * 1024**2)
"""For one chart. Go reserves much more address space than it uses."""

_NOWHERE = "http://127.0.0.1:9"  # discard: nobody answers there
_TEXTS = (
    ".yaml",
    ".yml",
    ".tpl",
    ".txt",
    ".json",
    ".toml",
    ".conf",
    ".cfg",
    ".ini",
    ".properties",
    ".sh",
    ".xml",
    ".env",
    ".sql",
)
_PLAIN = ("Chart.yaml", ".helmignore")


class HelmError(Exception):
    """Helm could not render a chart: its own first line about it."""


def template(program: str, files: Files, folder: str, values: tuple[str, ...], release: str) -> str:
    """What `helm template` prints for the chart in a folder. `values`: more values files, by their paths in the tree.

    Raises `HelmError`.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="deploylint-helm-") as place:
        chart = os.path.join(place, "chart")
        _copy(files, folder, chart)
        options = []
        for number, path in enumerate(values):
            copied = os.path.join(place, f"values-{number}.yaml")
            source = files.read(path)
            _write(copied, source.text if source else "")
            options += ["--values", copied]
        return _run([program, "template", release, chart, "--skip-tests", *options], place)


def _copy(files: Files, folder: str, target: str) -> None:
    """The texts of a chart, read as everything is: no link leads out of the tree."""
    for path in files.under(folder):
        inside = path[len(folder) + 1 :] if folder else path
        if not inside.endswith(_TEXTS) and os.path.basename(inside) not in _PLAIN and not inside.startswith("files/"):
            continue
        source = files.read(path)
        if source is None:
            continue
        is_about = os.path.basename(inside) == "Chart.yaml"
        _write(os.path.join(target, *inside.split("/")), _about(source, files) if is_about else source.text)


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123 — as everywhere here
        stream.write(text)


def _about(source: Source, files: Files) -> str:
    """A Chart.yaml without what would stop Helm here: dependencies that aren't in the tree, the cluster's version."""
    import json

    try:
        root = next((document.root for document in documents(source)), None)
    except YamlError:
        return source.text
    if not isinstance(root, Mapping):
        return source.text
    charts = f"{os.path.dirname(source.path)}/charts/".removeprefix("/")
    about = {key: _plain(entry.value) for key, entry in root.entries.items() if key not in ("kubeVersion", "dependencies")}
    dependencies = root.sequence("dependencies")
    here = [item for item in (dependencies.mappings if dependencies else ()) if files.exists(charts + item.text("name"))]
    if here:
        about["dependencies"] = [_plain(item) for item in here]
    return json.dumps(about)


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Mapping):
        return {key: _plain(entry.value) for key, entry in node.entries.items()}
    return [_plain(item) for item in node.items]


def _run(command: list[str], place: str) -> str:
    home = os.path.join(place, "home")
    os.makedirs(home)
    environment = {
        "HOME": home,
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "GOMAXPROCS": "2",
        "NO_PROXY": "",
        "KUBECONFIG": home + "/none",
    }
    environment |= {f"HELM_{name}": os.path.join(home, name) for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "PLUGINS")}
    environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    try:
        output = programs.run(command, environment, home, LIMITS)
    except programs.ProgramError as error:
        raise HelmError(str(error)) from None
    if code := output.code:
        raise HelmError(_first_line(output.complaint) or (f"ended with {code}" if code > 0 else f"was stopped by signal {-code}"))
    with open(output.printed, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123
        return stream.read()


def _first_line(path: str) -> str:
    """The first line that says what is wrong, without the folder we made and Helm's advice."""
    with open(path, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123
        lines = [line.strip() for line in stream.read(20_000).splitlines() if line.strip() and not line.startswith("WARNING")]
    text = next((line for line in lines if line.startswith("Error")), lines[0] if lines else "")
    return text.removeprefix("Error:").strip()[:300]
