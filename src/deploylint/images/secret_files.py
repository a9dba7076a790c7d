"""Secret files that a COPY or ADD takes along, by name or with the folder they lie in.

Facts: docs/facts/secrets.md#secret-files-in-an-image.
"""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from deploylint.images.config_secrets import config_secret, may_be_config
from deploylint.images.leaks import FILE_CACHE, LAYER
from deploylint.model.image import Leak
from deploylint.model.purpose import is_production_path
from deploylint.paths import inside, relative
from deploylint.record import NamedTuple
from deploylint.secrets.judge import judge
from deploylint.secrets.tokens import token_kind
from deploylint.secrets.values import is_harmless_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from deploylint.images.ignore import Ignore
    from deploylint.model.image import Copy
    from deploylint.text import Files, Source, Span

_MAX_READ = 200_000


class _Kind(NamedTuple):
    """File names that mean a secret."""

    name: str
    """A pattern of the whole name, of its folder and name where it has a slash."""
    holds: Callable[[str], str]
    """What secret a file that can be read holds, from its text; '' if none."""
    is_certain: bool
    """The name alone is enough when the file can't be read (it is git-ignored, or made by the build's machine)."""

    @property
    def is_readable(self) -> bool:
        """Whether the text says if there is a secret in it: a build may write such a file from variables."""
        return self.holds is not _anything


def _assigned_secret(text: str) -> str:
    """The first variable of an env file that holds a usable secret, or a token that stands there alone."""
    for line in text.splitlines():
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*?)\s*$", line)
        if match is None:
            if kind := token_kind(line):
                return f"the {kind}"
            continue
        name, value = match[1], match[2].strip("\"'")
        verdict = judge(name, value)
        if verdict and not verdict.is_placeholder and not (verdict.kind == "default" and "://" in value):
            return f"`{name}`"
    return ""


def _private_key(text: str) -> str:
    return "a private key" if re.search(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY", text) else ""


def _service_account(text: str) -> str:
    return "a private key" if "private_key" in text or "client_secret" in text or "refresh_token" in text else ""


def _literal(pattern: str) -> Callable[[str], str]:
    def holds(text: str) -> str:
        values = (match[1].strip("\"'") for match in re.finditer(pattern, text))
        return "a password" if any(value and "$" not in value and not is_harmless_value(value) for value in values) else ""

    return holds


def _registry_login(text: str) -> str:
    """What Docker's configuration holds: `auth` is the user and the password in base64."""
    import base64

    for match in re.finditer(r'"(auth|identitytoken|password)"\s*:\s*"([^"]+)"', text):
        value = match[2]
        if match[1] == "auth":
            try:
                value = base64.b64decode(value, validate=True).decode().partition(":")[2]
            except ValueError:
                continue
        if "$" not in value and not is_harmless_value(value):
            return "a registry password"
    return ""


def _anything(text: str) -> str:
    return "a key" if text.strip() else ""


# Google's console calls a key PROJECT-12 hex digits.json, Firebase's PROJECT-firebase-adminsdk-ID-10 hex digits.json.
_SERVICE_ACCOUNT = (
    r"credentials\.json|service[-_]?[aA]ccount.*\.json|.+-service-account\.json|application_default_credentials\.json"
    r"|[a-z][a-z0-9-]{4,28}[a-z0-9]-[0-9a-f]{12}\.json|.*firebase-adminsdk.*\.json"
    r"|(?:gcp|gcloud|google|firebase)[-_](?:service[-_])?(?:key|credentials|account|service[-_]key)\.json"
)
_KINDS = (
    _Kind(r"\.env(?:\..+)?|.+\.env", _assigned_secret, True),
    _Kind(r"id_(?:rsa|dsa|ecdsa|ed25519)", _private_key, True),
    _Kind(r".+\.(?:p12|pfx)|master\.key|\.git-credentials", _anything, True),
    _Kind(r"\.netrc", _literal(r"\bpassword\s+(\S+)"), True),
    _Kind(r".+\.key|(?:.*[-_.])?(?:priv)?key\d*\.pem", _private_key, True),
    _Kind(r".+\.pem", _private_key, False),
    _Kind(_SERVICE_ACCOUNT, _service_account, True),
    _Kind(r"\.npmrc", _literal(r"(?m)(?:_authToken|_password|_auth)\s*=\s*(\S+)"), False),
    _Kind(r"\.pypirc", _literal(r"(?m)^\s*password\s*[=:]\s*(\S+)"), True),
    _Kind(r"pip\.conf", _literal(r"://[^\s:/@]*:([^\s@]+)@"), False),
    _Kind(r"auth\.json", _literal(r'"(?:password|github\.com|gitlab\.com)"\s*:\s*"([^"]+)"'), False),
    _Kind(r"settings\.xml", _literal(r"<password>([^<]+)</password>"), False),
    _Kind(r"credentials", _literal(r"(?m)^\s*aws_secret_access_key\s*=\s*(\S+)"), False),
    _Kind(r"(?:secrets?|passwords?|passwd)\.txt", lambda text: "" if is_harmless_value(text.strip()) else "a secret", True),
    _Kind(r"kubeconfig|\.kube/config", _literal(r"(?:token|client-key-data|password):[ \t]*(\S+)"), False),
    _Kind(r"\.docker/config\.json|\.dockercfg", _registry_login, False),
)
# One look that decides for nearly every file of a tree.
_MAY_BE_SECRET = (
    r"\.env|(?:^|/)id_|\.(?:pem|key|p12|pfx)$|cred|[aA]ccount|\.npmrc|\.netrc|\.pypirc|pip\.conf|auth\.json|settings\.xml|kubeconfig"
    r"|(?:^|/)secret|(?:^|/)passw|\.kube/config$|\.docker/config|\.dockercfg|-[0-9a-f]{12}\.json$|adminsdk|(?:gcp|gcloud|google|base)[-_]"
)
# Samples, and what the names of public or throw-away keys say.
_HARMLESS_NAME = (
    r"(?i)example|sample|template|dist\b|default(?!_credentials)|schema|\btest|\.ci\b|self-?signed|snakeoil|localhost|dummy|fake"
    r"|\bdev\b|development|pub\b|public|gpg|signing|(?:cert\b|chain|\bca\b)(?!.*\.(?:key|pem))"
)


def file_leaks(
    copies: Sequence[Copy],
    reaches: Callable[[int, str], bool],
    context: str,
    ignore: Ignore,
    files: Files,
    env_files: Sequence[tuple[str, Span]] = (),
) -> Iterator[Leak]:
    """The secret files that these copies take in. `reaches`: whether a stage's file at a path ends up in the image.

    `env_files`: those that lie in the context when it is built, and where that is said.
    """
    seen: set[tuple[str, bool]] = set()
    places = dict(env_files)
    for copy in copies:
        if not copy.takes_context or "$" in copy.source or "://" in copy.source:
            continue
        source = normpath(copy.source.lstrip("/") or ".")
        path = inside(context, source)
        if path is None:
            continue
        kind = file_kind(source)
        if kind is not None and not ignore.excludes(source):
            is_shipped = reaches(copy.stage, copy.target) or reaches(copy.stage, join(copy.target, basename(source)))
            holds = _content(kind, files.read(path)) if (source, is_shipped) not in seen else ""
            leaks = (
                [Leak("file", source, copy.span, LAYER if is_shipped else FILE_CACHE, is_shipped, detail=holds)] if holds else []
            )
        elif may_be_config(source) and files.exists(path) and not ignore.excludes(source):
            is_shipped = reaches(copy.stage, copy.target) or reaches(copy.stage, join(copy.target, basename(source)))
            leaks = [*_config(copy, source, files.read(path), is_shipped)]
        else:
            leaks = []
            for name in (*_files_below(source, context, files), *(name for name in places if _is_below(name, source))):
                inner = file_kind(name)
                is_config = inner is None and may_be_config(name)
                if not (inner or is_config) or (name, True) in seen or ignore.excludes(name):
                    continue
                if reaches(copy.stage, join(copy.target, _rest(name, source))):
                    text = files.read(join(context, name))
                    leaks += _along(copy, name, inner, text, places, ignore) if inner else _config(copy, name, text, True)
        for leak in leaks:
            if (leak.name, leak.is_shipped) not in seen:
                seen.add((leak.name, leak.is_shipped))
                yield leak


def _along(
    copy: Copy, name: str, kind: _Kind, source: Source | None, places: Mapping[str, Span], ignore: Ignore
) -> Iterator[Leak]:
    """The secret file that a COPY of a folder takes along. `places`: where a platform file says that it reads a file."""
    holds = _content(kind, source)
    if source is None and name in places:
        yield Leak("env-file", name, copy.span, LAYER, True, ((places[name], "is read here, so it is there"),), holds)
    elif holds:
        related = ((ignore.source.span(0, 0), "no pattern of it matches"),) if ignore.source else ()
        yield Leak("file", name, copy.span, LAYER, True, related, holds)


def _config(copy: Copy, name: str, source: Source | None, is_shipped: bool) -> Iterator[Leak]:
    """The connection string or token that a configuration file takes into the image."""
    secret = config_secret(source) if source else None
    if secret:
        where = LAYER if is_shipped else FILE_CACHE
        yield Leak("config-file", name, copy.span, where, is_shipped, ((secret[1], "stands here"),), secret[0])


def _rest(name: str, source: str) -> str:
    """Where below a copied folder a file lies."""
    return name if source in (".", "*") else name[len(source.removesuffix("*")) :].lstrip("/")


def file_kind(path: str) -> _Kind | None:
    """What a file of that path is if its name means a secret; None for any other file."""
    name = basename(path)
    place = f"{basename(dirname(path))}/{name}"
    if not re.search(_MAY_BE_SECRET, place) or re.search(_HARMLESS_NAME, name):
        return None
    return next((kind for kind in _KINDS if re.fullmatch(kind.name, name) or re.fullmatch(kind.name, place)), None)


def _content(kind: _Kind, source: Source | None) -> str:
    """What secret the file holds; '' if none, or if that can't be told."""
    if source is not None:
        return kind.holds(source.text[:_MAX_READ])
    return "secrets" if kind.is_certain else ""


def _is_below(name: str, source: str) -> bool:
    return source in (".", "*") or name.startswith(f"{source.rstrip('/*')}/")


def _files_below(source: str, context: str, files: Files) -> Iterator[str]:
    """The files a folder source brings, relative to the context; a `*` at the end is the folder before it."""
    folder = source.removesuffix("*").rstrip("/") if source.endswith("*") else source
    if any(sign in folder for sign in "*?["):
        return
    root = relative(context, folder)
    prefix = f"{context}/" if context else ""
    for path in (*files.under(root), *files.ignored(root)):  # a build takes what git ignores
        name = path[len(prefix) :]
        if is_production_path(name):
            yield name
