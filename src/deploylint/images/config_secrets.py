"""Connection strings and tokens in configuration files that a COPY takes along with their folder.

Only what is a secret by its own shape counts there: a password in a URL, or a token of a well-known issuer. Sections and hosts of
development are left out, as are manifests, whose secrets are the business of `plaintext-secret`.

Facts: docs/facts/secrets.md#secret-files-in-an-image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.model.purpose import is_production_path
from deploylint.secrets.judge import is_sample
from deploylint.secrets.tokens import find_token
from deploylint.secrets.urls import is_of_development, url_credentials, url_password

if TYPE_CHECKING:
    from deploylint.text import Source, Span

_CONFIG = (
    r"(?i)(?:.*/)?(?:(?:config|conf|settings|etc)/(?:[^/]+/)*[^/]+|(?:[\w-]*config|[\w-]*settings|application[\w-]*|database|app"
    r"|parameters|secrets?)(?:[-.](?:prod|production|live))?)\.\w+"
)
_OTHERS = (
    r"(?i)(?:^|/)(?:\.github|\.circleci|\.vscode|k8s|kubernetes|helm|charts?|manifests?|docs?|fixtures?|mocks?|locales?|i18n)/"
    r"|(?:^|/)(?:package|package-lock|composer|tsconfig[\w.-]*|jsconfig|pyproject|docker-compose[\w.-]*|compose[\w.-]*)\.\w+$"
    r"|example|sample|template|\.dist\b|local|(?<![a-z])(?:dev|devel|development|tests?|testing|ci)(?![a-z])"
)
_DEVELOPMENT = r"(?i)[\"'\[]?(?:dev|devel|development|tests?|testing|local|ci|example|sample)[\"'\]]?\s*(?:[:={]|$)"
_MANIFEST = r"(?m)^[ \t]*\"?apiVersion\"?[ \t]*:|^services[ \t]*:"
_COMMENT = r"\s*(?:#|;|//|\*|<!--)"
_ENDINGS = (".yaml", ".yml", ".json", ".toml", ".ini", ".conf", ".cfg", ".properties")
_MAX_READ = 200_000


def may_be_config(path: str) -> bool:
    """Whether a file of that path is configuration that production may read."""
    if not path.endswith(_ENDINGS):
        return False
    return re.fullmatch(_CONFIG, path) is not None and not re.search(_OTHERS, path) and is_production_path(path)


def config_secret(source: Source) -> tuple[str, Span] | None:
    """The first secret that a configuration file holds: what it is, and what stands before it on its line; None if none."""
    text = source.text
    if len(text) > _MAX_READ or re.search(_MANIFEST, text):
        return None
    lines = text.splitlines(keepends=True)
    at = 0
    for number, line in enumerate(lines):
        if len(line) < 4096 and not re.match(_COMMENT, line) and not is_of_development(line):
            token, password = find_token(line), url_password(line)
            what, end = ("", 0)
            if token and token[2] not in ("Google service account key", "private key"):
                what, end = f"a {token[2]}", token[0]
            elif password and url_credentials(line):
                what, end = "a password in a URL", password[0]
            lead = len(line) - len(line.lstrip())
            shown = line[lead:end].rstrip(" \t:=\"'")
            if what and shown and not _is_in_development(lines, number):
                span = source.span(at + lead, at + lead + len(shown))
                return None if is_sample(span) else (what, span)
        at += len(line)
    return None


def _is_in_development(lines: list[str], number: int) -> bool:
    """Whether a line, the key it is below, or the section it is in, is named after development or tests."""
    depth = _indent(lines[number])
    if re.match(_DEVELOPMENT, lines[number].lstrip()):
        return True
    for line in reversed(lines[:number]):
        text = line.lstrip()
        if not text.strip() or re.match(_COMMENT, line):
            continue
        is_section = text.startswith("[") and "]" in text and _indent(line) == 0
        if is_section or _indent(line) < depth:
            if re.match(_DEVELOPMENT, text):
                return True
            if is_section:
                return re.search(r"(?i)\b(?:dev|development|tests?|testing|local)\b", text) is not None
            depth = _indent(line)
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
