"""Passwords in the userinfo of URLs.

Facts: docs/facts/secrets.md#values-that-are-secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.secrets.values import is_default_credential, is_harmless_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_USERINFO = r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://([^\s:/@?#\"'`]{0,200}):([^\s/@\"'`]{1,300})@([^\s/\"'`?#]{0,200})"
_MAX_URL = 4096
_VARIABLE = r"\$\{?\w|\$\(|\{\{|\{\w*\}|%\w+%|%s|<"
_SAMPLE_PASSWORDS = frozenset("pass password passwd pwd pw secret user username x y p token key".split())


def url_password(value: str) -> tuple[int, int] | None:
    """Where the literal password of a URL's userinfo stands in the value; None without one (or with a variable or filler)."""
    for match in re.finditer(_USERINFO, value[:_MAX_URL]) if "@" in value else ():
        user, password = match[1], match[2]
        if not re.search(_VARIABLE, password) and not is_harmless_value(password) and password.lower() != user.lower():
            return match.start(2), match.end(2)
    return None


_USER_AND_PASSWORD = r"[^\s:/@?#\"'`]{0,200}:([^\s/@\"'`]{1,300})@"


def url_password_places(text: str) -> Iterator[tuple[int, int]]:
    """Where passwords of URLs' userinfo stand in a text, those that everyone knows and a user's own name among them."""
    at = text.find("://") if "@" in text else -1
    while at >= 0:
        match = re.compile(_USER_AND_PASSWORD).match(text, at + 3)
        if match and not re.search(_VARIABLE, match[1]) and not is_harmless_value(match[1]):
            yield match.span(1)
        at = text.find("://", at + 3)


def url_credentials(value: str) -> bool:
    """Whether a URL in the value carries a password that is neither a variable, a filler nor a well-known default."""
    bounds = url_password(value)
    if bounds is None:
        return False
    password = value[bounds[0] : bounds[1]]
    return password.lower() not in _SAMPLE_PASSWORDS and not is_default_credential(password)


_DEVELOPMENT_NAME = r"/\w{1,80}_(?:dev|development|test)"
_DEVELOPMENT_DATABASE = rf"{_DEVELOPMENT_NAME}(?:\?|$)"


_DEVELOPMENT_HOST = (
    r"@(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[\w.-]{1,200}\.(?:test|localhost|example))(?![\w.-])"
)


def is_of_development(value: str) -> bool:
    """Whether a URL in the value leads to the machine it is used on, or to a database of development or tests."""
    return "@" in value and bool(re.search(_DEVELOPMENT_HOST, value) or re.search(rf"{_DEVELOPMENT_NAME}\b", value))


def url_default(value: str) -> str:
    """The password everyone knows that a URL in the value carries, be it the user's own name (`postgres:postgres@db`); or ''."""
    if "@" not in value or re.search(_DEVELOPMENT_DATABASE, value):
        return ""
    for match in re.finditer(_USERINFO, value[:_MAX_URL]):
        user, password = match[1], match[2]
        is_filler = is_harmless_value(password) or password.lower() in _SAMPLE_PASSWORDS or re.search(_VARIABLE, password)
        if password.isupper() and is_filler:
            continue  # `USER:PASS` of documentation
        if is_default_credential(password) or (password.lower() == user.lower() and not is_filler):
            return password
    return ""
