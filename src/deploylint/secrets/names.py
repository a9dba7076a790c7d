"""Names of variables, arguments and keys that hold secrets.

They follow BuildKit's `SecretsUsedInArgOrEnv` (words between underscores, not substrings), extended by spellings it misses
(`PGPASSWORD`, `apiKey`, `api-key`) and narrowed by the false positives of 1 344 public Dockerfiles and of public reports.

A name is read from its last secret word on. What follows decides: a qualifier keeps it a secret (`PASSWORD_PROD`,
`SECRET_KEY_BASE`), a word about secrets makes it none (`PASSWORD_CHARSET`), and after any other word only a value that looks
generated is a secret.

Facts: docs/facts/secrets.md#names-that-are-not-secret.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Meaning = Literal["secret", "unclear", "public"]

# A word that makes a name secret wherever it stands in the name.
_SECRET_WORDS = frozenset(
    "apikey credential credentials key keys password passwords passwd pword passphrase secret secrets token psw".split()
)
# A word that does so only at the end: `REDIS_AUTH`, `SMTP_PASS`, not `AUTH_MODE`, `PASS_THROUGH`.
_SECRET_ENDS = frozenset("auth pass pwd pat".split())
# One word written without separators.
_SECRET_COMPOUND = tuple(
    "password passwd passphrase secret token apikey accesskey secretkey privatekey signingkey accountkey authkey "
    "licensekey masterkey encryptionkey".split()
)

# Not secret, wherever this word stands.
_PUBLIC_WORDS = frozenset("public publishable pub anon dummy fake".split())
# Not secret when this follows the last secret word: the name is about the secret. By what the word says of it:
_ABOUT_WORDS = frozenset(
    (
        # where it is kept
        "file files filename path paths dir directory folder location url urls uri host hostname endpoint port sock socket "
        "bucket project namespace region realm domain vault store storage manager backend backends server service provider "
        "providers source sources column table field fields mount volume "
        # how a request carries it
        "header headers param params parameter query cookie cookies "
        # which one it is
        "name names alias aliases arn ref refs reference label labels version user username owner selector group index order "
        # what form it has
        "type types kind mode format encoding charset characters alphabet chars length len size bytes bits min max minimum "
        "maximum limit limits count "
        "prefix suffix separator delimiter pattern regex template complexity strength entropy policy policies "
        "classes class rules requirements "
        # how it is made, checked and replaced
        "method module modules algorithm algo alg cipher hash hasher hashers iterations rounds cost driver strategy generator "
        "validator validators validation verification verifier rotation rotate refresh scope scopes claim claims issuer audience "
        "fingerprint checksum digest id ids grant flow "
        # how long it lives
        "ttl expiry expires expiration expire expired exp lifetime age days hours minutes seconds timeout interval duration "
        "period leeway skew retries attempts lock lockout "
        # whether there is one
        "enabled enable disabled required optional allowed supported only "
        # what a person reads of it
        "prompt string message messages text title description desc hint placeholder help error errors caption link page form "
        "input button screen view route routes email subject "
        # what is done with it
        "reset change recovery forgot forgotten usage budget"
    ).split()
)
# Still the secret itself when only these follow: which of several it is, or how it is written down.
_QUALIFIERS = frozenset(
    """
    base data value val raw plain plaintext literal content contents pem b64 base64 hex json der p12
    prod production prd live staging stage stg qa uat preprod preview test testing sandbox dev development local ci build
    primary secondary main master root admin default current previous prev old new next first second backup fallback legacy
    read write readonly rw ro readwrite ops internal external global
    github gitlab bitbucket gitea npm pypi docker dockerhub ghcr ecr gcr quay aws azure gcp google cloudflare fly heroku vercel
    netlify stripe paypal slack discord telegram twilio sendgrid mailgun sentry datadog openai anthropic huggingface hf
    postgres postgresql pg mysql mariadb mongo mongodb redis rabbitmq elastic elasticsearch minio smtp mail s3
    a b c us eu v2 dot env
    """.split()
)
# Not secret when the name begins so: a switch about secrets.
_SWITCHES = frozenset("use allow enable disable require requires skip is has no without support supports need needs".split())
# Unclear when one of these stands before the secret word: a text or a page about it, or a token of one step.
_ACTIONS = frozenset("forgot forget forgotten confirm confirmation change enter invalid wrong missing repeat retype show".split())
# `…_KEY` that names a lookup, a column or a site's public key, by the word before it.
_PUBLIC_KEYS = frozenset(
    """
    gpg pgp site sort partition primary foreign cache routing index row range hash object map group dedupe dedup idempotency
    unique host hosts known trusted trust repo repository apt yum rpm apk keyring node hot i18n translation json yaml config
    label annotation topology taint election leader lease lock topic queue shard tenant record message event redis s3 sql lookup
    metadata context header param query field property password secret token credentials username user
    """.split()
)
# Before `…_KEY` these are part of the secret's name: `SECRET_KEY`, `TOKEN_KEY` of a service that signs tokens.
_KEY_OF_A_SECRET = frozenset("secret token".split())
# Names only a table can know.
_SECRET_NAMES = frozenset(
    """
    DATABASE_PASSWORD RELEASE_COOKIE ERLANG_COOKIE RABBITMQ_ERLANG_COOKIE VAULT_SECRET_ID SECRET_ID PGPASSWORD MYSQL_PWD
    KUBECONFIG_DATA DOCKER_AUTH_CONFIG GOOGLE_CREDENTIALS_JSON KEY_PEM PRIVATE_PEM
    """.split()
)
_PUBLIC_NAMES = frozenset(
    """
    PWD OLDPWD KEY_VAULT SSH_AUTH_SOCK PROXY_PASS PASSWORD_STORE AUTH TOKEN_AUTH PASSWORD_AUTH KEY_AUTH ALLOW_EMPTY_PASSWORD
    MYSQL_ALLOW_EMPTY_PASSWORD MARIADB_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD MARIADB_RANDOM_ROOT_PASSWORD
    GIT_ASKPASS SSH_ASKPASS ALGOLIA_SEARCH_KEY ALGOLIA_SEARCH_API_KEY DOCSEARCH_API_KEY KEYS
    """.split()
)
_PUBLIC_PREFIXES = ("MINIO_NOTIFY_REDIS_KEY",)
"""Of names that end in one that the user chose. MinIO's: the key in Redis that it writes events to."""
# What a bundler inlines into the browser's JavaScript: public by intent, unless the name says that it is a mistake.
_BUNDLED = ("NEXT_PUBLIC_", "NUXT_PUBLIC_", "VITE_", "REACT_APP_", "GATSBY_", "EXPO_PUBLIC_", "VUE_APP_", "PUBLIC_")
_NEVER_BUNDLED = frozenset("secret secrets password passwd private role openai anthropic".split())

# Patterns are texts: `re` compiles each at its first use and keeps it, so importing this module costs nothing.
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])"
_WORD = r"[^_.\-:/ ]+"


def words(name: str) -> list[str]:
    """The words of a name in lower case: `apiKey`, `API_KEY` and `api-key` are `api` and `key`."""
    return re.findall(_WORD, re.sub(_CAMEL, "_", name).lower())


def is_bundled(name: str) -> bool:
    """Whether a bundler writes a variable of this name into the JavaScript it makes."""
    return name.upper().startswith(_BUNDLED)


_further: ContextVar[tuple[str, ...]] = ContextVar("_further", default=())
"""The names that the user adds, in the form of `_joined`."""


@contextmanager
def further_names(names: Iterable[str]) -> Iterator[None]:
    """While this context lasts, names that end in the words of one of these hold secrets too (`LICENCE`: `SHOP_LICENCE`).

    One judge serves readers, rules and masks of a run, so that what the user adds holds for all of them.
    """
    token = _further.set(tuple(_joined(name) for name in names if words(name)))
    try:
        yield
    finally:
        _further.reset(token)


def further_words() -> tuple[str, ...]:
    """The last word of each name that the user adds, in lower case."""
    return tuple(name.rpartition("_")[2] for name in _further.get())


def _joined(name: str) -> str:
    return f"_{'_'.join(words(name))}"


def is_secret_name(name: str) -> bool:
    """Whether a variable, argument or key of this name is meant to hold a secret."""
    return meaning(name) == "secret"


def meaning(name: str) -> Meaning:
    """What a name says of its value: a secret, none, or `unclear` where a secret word stands in it without deciding."""
    further = _further.get()
    return "secret" if further and _joined(name).endswith(further) else _meaning(name)


@cache
def _meaning(name: str) -> Meaning:
    upper = name.upper()
    if upper in _SECRET_NAMES:
        return "secret"
    if upper in _PUBLIC_NAMES or upper.startswith(_PUBLIC_PREFIXES):
        return "public"
    bundle = next((prefix for prefix in _BUNDLED if upper.startswith(prefix)), "")
    parts = words(name[len(bundle) :])
    last = _last_secret_word(parts)
    if last < 0 or not _PUBLIC_WORDS.isdisjoint(parts) or parts[0] in _SWITCHES:
        return "public"
    if bundle and _NEVER_BUNDLED.isdisjoint(parts):
        return "public"
    before, after = parts[:last], parts[last + 1 :]
    if not _ABOUT_WORDS.isdisjoint(after) or (parts[last] in {"key", "keys"} and _is_public_key(before, after)):
        return "public"
    if not _ACTIONS.isdisjoint(before) or not all(word in _QUALIFIERS or word.isdecimal() for word in after):
        return "unclear"
    return "secret"


def _last_secret_word(parts: list[str]) -> int:
    """Where the last word stands that makes a name secret; -1 without one."""
    last = -1
    for at, word in enumerate(parts):
        is_end = at == len(parts) - 1
        if word in _SECRET_WORDS or (is_end and word in _SECRET_ENDS) or word.endswith(_SECRET_COMPOUND):
            last = at
    return last


def _is_public_key(before: list[str], after: list[str]) -> bool:
    """Whether a `key` is a lookup's, or a word in front that says nothing: `KEY_SERVER_…`, unlike `KEY` alone and `…_KEY`."""
    word = before[-1] if before else ""
    if word in _KEY_OF_A_SECRET:
        return False
    if word == "primary" and "encryption" in before:
        return False  # of Rails: `ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY`
    return word in _PUBLIC_KEYS or word.isdecimal() or (not before and bool(after))


def is_reference_name(name: str) -> bool:
    """Whether a name may hold the *name* of a secret object: it ends in `secret`, `secrets` or `credentials` (`TLS_SECRET`)."""
    parts = words(name)
    return bool(parts) and parts[-1].endswith(("secret", "secrets", "credentials"))
