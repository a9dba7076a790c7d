"""What a file is for: production, or something that never deploys. One table for Dockerfiles, manifests, compose and fly files.

The words are a census of 436 Dockerfiles of public repositories: nearly every "bad" one outside production stood in such a
folder or had such a word in its name.

Facts: docs/facts/dockerfiles.md#which-stage-ships.
"""

from __future__ import annotations

from functools import cache

# A folder of exactly this name holds nothing that is deployed.
_FOLDERS = frozenset(
    """
    test tests testing testdata test-data testfiles fixture fixtures example examples sample samples docs doc hack
    integration-test integration-tests e2e e2e-tests spec benchmark benchmarks dev development local ci
    tutorial tutorials quickstart quickstarts quick-start quick-starts getting-started demos demo-setup demo-setups
    deprecated unused obsolete
    .devcontainer .circleci .github .gitlab .buildkite .vscode
    node_modules vendor third_party site-packages deps _build
    """.split()
)

# A folder with such a word in its name (`dev-env`, `http_example`, `testdata2`) is of the same kind.
_FOLDER_WORDS = frozenset(
    "dev devel development test tests testing testdata testfiles e2e example sample skip skipped disabled".split()
)
_FOLDER_ENDS = ("examples", "samples", "fixtures")

# A word of the file's name, between dots, dashes and underscores (`Dockerfile.dev`, `fly.test.toml`, `compose-local.yml`).
_WORDS = frozenset(
    """
    dev devel development test tests testing tilt debug ci circleci bats cypress playwright local override devcontainer e2e
    integration lint example sample docs bench benchmark buildpack
    """.split()
)


def is_production_path(path: str) -> bool:
    """Whether a file at this path (relative to the project's root) may describe production.

    False for development, test, CI, example, documentation, retired and vendored files.
    """
    *folders, name = path.lower().split("/")
    if folders[:1] == ["archive"]:  # further down it may be a service
        return False
    if not _FOLDERS.isdisjoint(folders) or any(_says_more_than_production(folder) for folder in folders):
        return False
    return _WORDS.isdisjoint(_words(name))


@cache
def _says_more_than_production(folder: str) -> bool:
    return folder.endswith(_FOLDER_ENDS) or any(word.rstrip("0123456789") in _FOLDER_WORDS for word in _words(folder))


def _words(name: str) -> list[str]:
    return name.replace("-", ".").replace("_", ".").split(".")
