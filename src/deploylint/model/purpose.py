"""What a file is for: production, or something that never deploys. One table for Dockerfiles, manifests, compose and fly files.

The words are a census of 436 Dockerfiles of public repositories: nearly every "bad" one outside production stood in such a
folder or had such a word in its name.

Facts: docs/facts/dockerfiles.md#which-stage-ships.
"""

from __future__ import annotations

import re
from functools import cache

from deploylint.lazy import regex

# A folder of exactly this name holds nothing that is deployed.
_FOLDERS = frozenset(
    """
    test tests testing testdata test-data testfiles fixture fixtures example examples sample samples docs doc hack
    integration-test integration-tests e2e e2e-tests cypress playwright spec benchmark benchmarks dev development local ci
    tutorial tutorials quickstart quickstarts quick-start quick-starts getting-started demos demo-setup demo-setups
    deprecated unused obsolete legacy old _old archived _archived _archive .archive attic
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


_HEAD = regex(r"(?:[ \t]*(?:#[^\n]*)?\n)+")
_UNFIT = regex(
    r"\bnot\s+(?:(?:be\s+)?(?:intended|meant|suitable|recommended|designed|safe|ready)\s+)?(?:to\s+be\s+(?:used\s+)?|for\s+|in\s+)"
    r"(?:use\s+in\s+)?(?:a\s+)?production\b"
    r"|\b(?:do\s+not|don't|never)\s+use\s+(?:it\s+|this\s+(?:\w+\s+)?)?(?:in|for)\s+production\b",
    re.IGNORECASE,
)
_FOR_DEVELOPMENT = regex(
    r"\bfor\s+(?:[\w'-]+\s+){0,3}development(?:\s+(?:only|use|purposes?|environments?|set-?up|work|mode))*[ \t]*(?:[.!;)]|$)",
    re.IGNORECASE | re.MULTILINE,
)


def says_development(text: str) -> bool:
    """Whether the comment at the head of a file says that it is for development, or not for production."""
    head = _HEAD.match(text)
    if head is None:
        return False
    lines = [line.strip("# \t\r") for line in head[0].splitlines()]
    if _UNFIT.search(" ".join(lines)):
        return True
    return "production" not in head[0].lower() and _FOR_DEVELOPMENT.search("\n".join(lines)) is not None


def is_development_script(path: str) -> bool:
    """Whether a script's name says that it starts an app for development: `entrypoint-dev.sh`, `start.local.sh`."""
    *words, ending = _words(path.rpartition("/")[2].lower())
    return ending in ("sh", "bash", "ash") and not _DEVELOPMENT.isdisjoint(words)


_DEVELOPMENT = frozenset("dev devel development local debug".split())


@cache
def _says_more_than_production(folder: str) -> bool:
    return folder.endswith(_FOLDER_ENDS) or any(word.rstrip("0123456789") in _FOLDER_WORDS for word in _words(folder))


def _words(name: str) -> list[str]:
    return name.replace("-", ".").replace("_", ".").split(".")
