"""The one direction of the architecture, read from the imports: text → syntax → readers → linking → rules → output."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from deploylint.platforms.table import platforms

ROOT = Path(__file__).parent.parent

# What the modules of a package may import of deploylint, beside their own package and `ANYWHERE`.
ALLOWED = {
    "lazy": set(),
    "record": set(),
    "paths": set(),
    "text": set(),
    "timeline": {"text"},  # beside findings the other thing a run tells, drawn without a look at the model
    "finding": {"text", "timeline"},
    "model": {"text"},
    "secrets": {"text"},  # what is a secret, for readers and rules alike
    "syntax": {"text", "model.place"},
    "images": {"syntax", "text", "model", "secrets"},
    "platforms": {"syntax", "text", "model", "secrets", "discovery.programs"},
    "startup": {"syntax", "text", "model"},
    "apps": {"syntax", "text", "model", "secrets"},
    "servers": {"syntax", "text", "model"},
    "discovery": {"text", "model.purpose", "finding", "syntax", "platforms.table"},
    "linking": {"discovery", "text", "syntax", "model", "images", "platforms", "startup", "apps", "servers"},
    "shutdown": {"model", "text", "timeline", "startup.delivery"},
    "rules": {"model", "secrets", "finding", "text", "shutdown", "startup.delivery"},
    "output": {"finding", "timeline", "text", "__version__"},
    "engine": {"discovery", "finding", "linking", "model", "platforms", "secrets", "shutdown", "syntax", "text"},
    "cli": {"__version__", "discovery", "engine", "finding", "model", "output", "secrets"},
}
ANYWHERE = {"errors", "lazy", "record", "paths"}
READERS = {"images", "platforms", "startup", "apps", "servers"}


def modules() -> list[tuple[str, Path]]:
    found = [(path.relative_to(ROOT / "src/deploylint"), path) for path in sorted((ROOT / "src/deploylint").rglob("*.py"))]
    found += [(Path("rules") / path.relative_to(ROOT / "rules"), path) for path in sorted((ROOT / "rules").rglob("*.py"))]
    layered = [(relative.with_suffix("").parts[0], path) for relative, path in found]
    return [(layer, path) for layer, path in layered if layer in ALLOWED]


def imported(path: Path) -> set[str]:
    """The modules of deploylint that a module imports anywhere, for types too, without the package's name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 1:
            assert path.parent.parent.name == "rules", f"{path}: relative import"  # a question beside its rules
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.removeprefix("deploylint.") for name in names if name.startswith("deploylint.")}


def is_within(name: str, layers: set[str]) -> bool:
    return any(name == layer or name.startswith(f"{layer}.") for layer in layers)


@pytest.mark.parametrize(("layer", "path"), modules(), ids=lambda value: str(value).removeprefix(f"{ROOT}/"))
def test_a_module_imports_only_what_its_layer_may(layer: str, path: Path) -> None:
    allowed = ALLOWED[layer] | {layer} | ANYWHERE | (READERS if layer in READERS else set())
    assert sorted(name for name in imported(path) if not is_within(name, allowed)) == []


@pytest.mark.parametrize(("layer", "path"), modules(), ids=lambda value: str(value).removeprefix(f"{ROOT}/"))
def test_nothing_slow_is_imported_with_the_program(layer: str, path: Path) -> None:
    """Modules that every run loads import nothing heavy at their top."""
    heavy = {
        "rich",
        "ruamel",
        "tomlkit",
        "tree_sitter",
        "dockerfile_parse",
        "pathspec",
        "json",
        "pathlib",
        "dataclasses",
        "enum",
        "logging",
    }
    top = ast.parse(path.read_text(encoding="utf-8")).body
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    if path.name != "terminal.py":
        assert not heavy & {name.split(".")[0] for name in names}, layer


@pytest.mark.parametrize(("layer", "path"), modules(), ids=lambda value: str(value).removeprefix(f"{ROOT}/"))
def test_named_tuples_and_expressions_are_the_cheap_ones(layer: str, path: Path) -> None:
    """`record.NamedTuple` for classes that aren't generic, and `lazy.regex` for what a module compiles for good."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bases = [base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]
    if not any(isinstance(base, ast.Subscript) for base in bases) and layer != "record":
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "typing"]
        assert "NamedTuple" not in {alias.name for node in froms for alias in node.names}
    values = [node.value for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    assert "re.compile" not in {ast.unparse(value.func) for value in values if isinstance(value, ast.Call)}


def module_name(path: Path) -> str:
    """A module's name without the package's: `rules.health._probes`, `syntax.yaml`."""
    base = ROOT / "rules" if (ROOT / "rules") in path.parents else ROOT / "src/deploylint"
    parts = path.relative_to(base).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(("rules", *parts) if base.name == "rules" else parts)


def arrows() -> dict[str, set[str]]:
    """Each module's imports of other modules, those for types and those inside of functions included."""
    paths = {module_name(path): path for base in ("src/deploylint", "rules") for path in (ROOT / base).rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        targets = {whole if whole in paths else whole.rpartition(".")[0] for whole in imported(path)}
        graph[name] = {target for target in targets if target in paths and target != name}
    return graph


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """All modules that a module imports, directly or through others."""
    seen: set[str] = set()
    stack = [start]
    while stack:
        for target in graph[stack.pop()] - seen:
            seen.add(target)
            stack.append(target)
    return seen


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = arrows()
    behind = {name: reachable(graph, name) for name in graph}
    circular = {name for name in graph if name in behind[name]}
    assert circular == set()


def test_no_platform_is_named_outside_of_its_package() -> None:
    """Not even as text: what depends on a platform is a field of its row."""
    names = set(platforms())
    found = set()
    for path in [path for layer, path in modules() if layer != "platforms"]:
        texts = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)}
        found |= {(module_name(path), name) for name in texts & names}
    assert found == set()


def test_few_modules_stand_beside_the_packages() -> None:
    assert len(list((ROOT / "src/deploylint").glob("*.py"))) <= 9


def test_every_package_is_covered() -> None:
    packages = {path.name for path in (ROOT / "src/deploylint").iterdir() if (path / "__init__.py").exists()}
    modules_beside = {path.stem for path in (ROOT / "src/deploylint").glob("*.py") if not path.stem.startswith("__")}
    assert packages | modules_beside | {"rules"} == set(ALLOWED) | ANYWHERE


def test_nothing_that_may_be_imported_is_missing_an_importer() -> None:
    """The table says what is, not what might be: every arrow that it allows between packages exists."""
    existing: dict[str, set[str]] = {}
    for layer, path in modules():
        existing.setdefault(layer, set()).update(imported(path))
    unused = {
        (layer, target)
        for layer, targets in ALLOWED.items()
        for target in targets
        if not any(is_within(name, {target}) for name in existing.get(layer, ()))
    }
    assert unused == set()
