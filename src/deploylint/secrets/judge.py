"""The judge: whether a name with its value is a secret, and what kind of one.

Every rule and reader asks here, so that one name with one value gets one answer in a Dockerfile, a manifest, an env file and a
script. The steps, first answer wins:

1. a token of a well-known shape, whatever the name;
2. a password in a URL, or a URL with a password that everyone knows;
3. a name that is about a secret, or has nothing to do with one: no secret;
4. nothing, a switch, a path, a reference, a placeholder, several plain words: no secret;
5. a password that everyone knows, or that equals the user's name;
6. a plain name of an object: no secret under a name that may hold one (`TLS_SECRET=web-tls`);
7. under a name that is secret everything else, under an unclear one what looks generated.

Facts: docs/facts/secrets.md#one-judge.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple
from deploylint.secrets.names import is_reference_name, meaning, words
from deploylint.secrets.tokens import find_token
from deploylint.secrets.urls import url_credentials, url_default, url_password
from deploylint.secrets.values import (
    is_default_credential,
    is_harmless_value,
    is_object_name,
    is_prose,
    looks_generated,
    names_a_secret,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from deploylint.text import Span


class Verdict(NamedTuple):
    """A secret in a value."""

    kind: Literal["literal", "url", "token", "default", "user"]
    """`literal` a secret by its name · `url` a password in a URL · `token` a well-known token · `default` a password that
    everyone knows · `user` one that equals the name of its user."""
    secret: str
    """The secret's own text, to compare with others. Never printed."""
    detail: str = ""
    """The kind of token ("GitHub token")."""
    is_placeholder: bool = False
    """Whether the value asks to be replaced (`changeme`). Where it runs as it stands, everyone knows it."""


_NO_USERS: Mapping[str, frozenset[str]] = {}
_USER_WORDS = frozenset("user username login usr".split())
_SAMPLE = (
    r"(?i)\b(?:replace|change|substitute|fill in|insert|put|enter|set)\b.{0,40}\b(?:your|yours|this|it|me|own)\b"
    r"|\byour (?:own |real |actual |api |secret )*(?:key|token|secret|password|credentials?)\b"
    r"|\b(?:placeholder|dummy|fake|sample|example)\b(?: \w+)?[ \t]*$|\bnot (?:a )?real\b|\bfor example\b"
)


def judge(name: str, value: str, users: Mapping[str, frozenset[str]] = _NO_USERS) -> Verdict | None:
    """The secret that a variable, argument or key of this name holds; None if it holds none.

    `users`: the names of users that stand beside it (`user_names`): a password like one of its own user is a `user` verdict.
    """
    known = of_text(value)
    if known is not None:
        return known
    name_meaning = meaning(name)
    text = value.strip().strip("\"'").strip()
    if name_meaning == "public" or "\n" in text:
        return None
    if name_meaning == "unclear":
        return Verdict("literal", text) if looks_generated(text) and not is_harmless_value(text) else None
    if is_default_credential(text):
        return Verdict("default", text, is_placeholder=is_harmless_value(text))
    if text.lower() in users.get((words(name) or [""])[0], ()) and not is_harmless_value(text):
        return Verdict("user", text)
    is_none = is_harmless_value(text) or is_prose(text) or names_a_secret(text) or _is_name(name, text)
    return None if is_none else Verdict("literal", text)


def _is_name(name: str, text: str) -> bool:
    """Whether a value is the name of an object: under `*_SECRET`, or of several words under a `*_KEY` that nobody chose."""
    if is_reference_name(name):
        return is_object_name(text)
    parts = words(name)
    return (
        parts[-1] == "key"
        and not {"secret", "encryption", "signing", "jwt", "master", "app"} & set(parts)
        and (text.count("-") > 1 and is_object_name(text))
    )


def of_text(value: str) -> Verdict | None:
    """The secret that a text holds whatever its name: a token, or a password in a URL."""
    token = find_token(value)
    if token is not None:
        return Verdict("token", value[token[0] : token[1]], token[2])
    if url_credentials(value):
        start, end = url_password(value) or (0, 0)
        return Verdict("url", value[start:end])
    default = url_default(value)
    return Verdict("default", default) if default else None


def user_names(entries: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """The values of variables that name users, in lower case, by the first word of the name: `POSTGRES_USER` under `postgres`."""
    users: dict[str, frozenset[str]] = {}
    for name, value in entries:
        parts = words(name)
        if value and parts and parts[-1] in _USER_WORDS:
            users[parts[0]] = users.get(parts[0], frozenset()) | {value.lower()}
    return users


def is_sample(span: Span) -> bool:
    """Whether a comment says that a value is only a sample ("replace with your key"): on its line, or alone on the line above."""
    text = span.source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    behind = text[span.end : end if end >= 0 else len(text)]
    above = text[:start].rstrip("\r\n").rpartition("\n")[2].strip()
    comment = re.search(r"[\"'\s](?:#|//)(.*)", behind)
    comments = (comment[1].rstrip() if comment else "", above.lstrip("#/ ") if above.startswith(("#", "//")) else "")
    return any(re.search(_SAMPLE, written) for written in comments)
