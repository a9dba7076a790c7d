"""Values that are no secret whatever their name, and passwords that everyone knows.

Facts: docs/facts/secrets.md#values-that-are-no-secret.
"""

from __future__ import annotations

import re
from itertools import pairwise

_HARMLESS = r"""(?isx)
    true | false | yes | no | on | off | null | nil | none | unset | undefined | disabled | enabled | default | empty
    | \d{1,5} | (.)\1*
    | no[-_ ]?(?: key | secret | token | password | value | op )
    | ~?/ [^\s:@]* | \.{1,2}/ .* | file:// .*                                                # a path
    | .* (?: dummy | fake | placeholder | change[-_. ]?(?: me | it | this | password | secret | key | token ) | example
           | todo | your (?: [-_ ] | .{0,40} here ) | not[-_ ]?a[-_ ]?secret
           | not[-_ ]?used | do[-_ ]?not[-_ ]?use
           | unused | ignored? | insert[-_ ] | replace[-_ ]?(?: me | with | this ) | redacted ) .*
    | x{3,} | .* x{4,} .* | [*]+ | [.]+ | -+ | <.*> | \[.*\] | x:x
    | (?: tests? | testing | ci | dev | devel | development | local | localhost | build (?: [-_ ]?time )? | temp | tmp
        | foo | bar | foobar | baz | abc | asdf | string )
      (?: [-_]? (?: secret | key | token | value | password | only | build | \d+ ) )*
    | .* (?: _VAL | _VALUE | [-_]HERE )
    | %\( .* | \$ .* | .* \{\{ .* | ENC\[ .* | EV\[ .* | @ [A-Za-z_.]+ @? | __ \w+ __     # filled in by something else
    | https?://[^\s@]*                                                                       # an address without userinfo
    | (?: arn: | secret:// | op:// | vault: | projects/ | ssm: | sm:// | ref\+ ) .*           # where the secret is
"""
_FINGERPRINT = r"(?:0x)?(?:[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{40})(?:[\s,]+(?:0x)?[0-9A-F]{8,40})*"


def is_harmless_value(value: str) -> bool:
    """Whether a literal can't be a secret whatever its name: empty, a switch, a path, a reference, a placeholder, a variable."""
    value = value.strip().strip("\"'").strip()
    return not value or re.fullmatch(_HARMLESS, value) is not None or re.fullmatch(_FINGERPRINT, value) is not None


_DEFAULTS = frozenset(
    """
    password passwd passw0rd p@ssw0rd p@ssword pass secret admin administrator root toor user guest postgres postgresql mysql
    mariadb mongo mongodb redis rabbitmq rabbit minio minioadmin elastic changeme changeit letmein qwerty 12345 123456 1234567
    12345678 123456789 1234567890 changepassword changethis change-me change_me minio123 password1
    password123 admin123 root123 secret123 mysecretpassword my-secret-pw mypassword
    mysecret supersecret superuser supabase keycloak grafana neo4j airflow jenkins docker default welcome insecure test
    """.split()
)


def is_default_credential(value: str) -> bool:
    """Whether the value is a password everyone knows: it works, and protects nothing."""
    value = value.strip().strip("\"'").lower()
    return value in _DEFAULTS or re.fullmatch(r"(?:1234567890|0123456789){1,20}\d{0,9}", value) is not None


_REFERENCE = (
    r"_?[a-z0-9]+(?:[-./_][a-z0-9]+)*[-./_]"
    r"(?:secrets?|keys?|tokens?|credentials?|passwords?|auth|tls|certs?|session|cookie|sid)"
)


def names_a_secret(value: str) -> bool:
    """Whether a value is the name of a secret (`shop-db-credentials`) or of a cookie (`_shop_session`) rather than a secret."""
    return re.fullmatch(_REFERENCE, value.strip()) is not None


_PLAIN_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*"
_PROSE_REST = rf"\s+[(\"'«“]*(?:{_PLAIN_WORD}|\d{{1,3}}|&|[%{{][\w.%{{}}]*)[)\"'»”]*[,;:.!?…]*"
_PROSE = rf"[\W_]*{_PLAIN_WORD}[,;:.!?…]*(?:{_PROSE_REST})+(?:\s[:?!])?|{_PLAIN_WORD}\s*[:?!…]\s*"
_OBJECT = r"[a-z]{2,12}|(?:[a-z]{2,12}\d{0,2}|\d{1,4})(?:[-./](?:[a-z]{1,14}\d{0,2}|\d{1,4}))+"
_CREDENTIAL_PARTS = ("secret", "password", "passwd", "passw0rd")
_GENERATED_RUN = r"[0-9A-Za-z+/=_]{12,}"
_UUID = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def is_prose(value: str) -> bool:
    """Whether a value is a text for people: several plain words (`Forgot your password?`), or one with a colon (`Password:`)."""
    value = value.strip()
    has_words = len(re.findall(rf"(?<!\S){_PLAIN_WORD}(?=\W|$)", value)) > 1 or value[-1:] in (":", "?", "!", "…")
    return len(value) < 2000 and has_words and re.fullmatch(_PROSE, value) is not None


def is_object_name(value: str) -> bool:
    """Whether a value is a plain lower-case name, as objects have: `regcred`, `web-tls`, `tenant-db-app`.

    `mysupersecret` is a password that somebody typed: a part that only ends or begins with `secret` or `password` is no name.
    """
    value = value.strip()
    parts = re.split(r"[-./]", value)
    is_typed = any(part != hidden and hidden in part.removesuffix("s") for part in parts for hidden in _CREDENTIAL_PARTS)
    return re.fullmatch(_OBJECT, value) is not None and not is_typed


def looks_generated(value: str) -> bool:
    """Whether a value looks random: a UUID, or a run of 12 characters or more that mixes letters with digits or cases."""
    if re.fullmatch(_UUID, value):
        return True
    for run in re.findall(_GENERATED_RUN, value):
        changes = sum(_class(one) != _class(other) for one, other in pairwise(run))
        if any(sign.isdigit() for sign in run) and changes * 4 >= len(run):
            return True
    return False


def _class(sign: str) -> str:
    return "digit" if sign.isdigit() else "upper" if sign.isupper() else "lower" if sign.islower() else "other"
