"""Which names hold secrets, and which values are one.

Names follow BuildKit's `SecretsUsedInArgOrEnv` (words between underscores, not substrings), extended by spellings it misses
(`PGPASSWORD`, `apiKey`, `api-key`) and narrowed by the false positives of 1 344 public Dockerfiles. Token shapes are those
of trivy's built-in rules and of the issuers' own documentation.

Facts: docs/facts/secrets.md#names-that-are-not-secret, docs/facts/secrets.md#values-that-are-no-secret,
docs/facts/secrets.md#values-that-are-secrets.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A word that makes a name secret wherever it stands in the name.
_SECRET_WORDS = frozenset(
    "apikey credential credentials key keys password passwords passwd pword passphrase secret secrets token psw".split()
)
# A word that does so only at the end: `REDIS_AUTH`, `SMTP_PASS`, not `AUTH_MODE`, `PASS_THROUGH`.
_SECRET_ENDS = frozenset("auth pass pwd pat".split())
# One word written without separators.
_SECRET_COMPOUND = tuple(
    "password passwd passphrase secret token apikey accesskey secretkey privatekey signingkey accountkey".split()
)

# Not secret, wherever this word stands.
_PUBLIC_WORDS = frozenset("public publishable pub anon dummy fake".split())
# Not secret when this follows the last secret word: the name is about the secret, not the secret.
_ABOUT_WORDS = frozenset(
    """
    file files filename path paths dir directory folder location version name names alias aliases url urls uri host hostname
    endpoint header headers type kind mode method module modules ttl expiry expires expiration expire lifetime age days hours
    minutes seconds timeout interval duration algorithm algo alg cipher bits prefix suffix length len size min max limit limits
    count rotation fingerprint issuer audience arn ref reference provider providers service server backend backends driver class
    classes enabled enable disabled required policy policies format store storage vault manager hash hasher hashers validator
    validators scope scopes field fields claim claims column domain realm region port sock socket lock user username
    template pattern regex strategy source sources index order sort separator delimiter bucket project namespace group
    """.split()
)
# `…_KEY` that names a lookup, a column or a site's public key, by the word before it.
_PUBLIC_KEYS = frozenset(
    """
    gpg pgp site sort partition primary foreign cache routing index row range hash object map group dedupe dedup idempotency
    unique host known trusted trust repo repository apt yum rpm apk keyring node hot i18n translation json yaml config
    label annotation taint
    """.split()
)
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
    GIT_ASKPASS SSH_ASKPASS ALGOLIA_SEARCH_KEY ALGOLIA_SEARCH_API_KEY DOCSEARCH_API_KEY
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


def _words(name: str) -> list[str]:
    return re.findall(_WORD, re.sub(_CAMEL, "_", name).lower())


def is_bundled(name: str) -> bool:
    """Whether a bundler writes a variable of this name into the JavaScript it makes."""
    return name.upper().startswith(_BUNDLED)


@cache
def is_secret_name(name: str) -> bool:
    """Whether a variable, argument or key of this name is meant to hold a secret."""
    upper = name.upper()
    if upper in _SECRET_NAMES:
        return True
    if upper in _PUBLIC_NAMES or upper.startswith(_PUBLIC_PREFIXES):
        return False
    bundle = next((prefix for prefix in _BUNDLED if upper.startswith(prefix)), "")
    words = _words(name[len(bundle) :])
    last = -1
    for at, word in enumerate(words):
        if word in _SECRET_WORDS or (at == len(words) - 1 and word in _SECRET_ENDS) or word.endswith(_SECRET_COMPOUND):
            last = at
    if last < 0 or not _PUBLIC_WORDS.isdisjoint(words):
        return False
    if bundle and _NEVER_BUNDLED.isdisjoint(words):
        return False
    after = words[last + 1 :]
    if not _ABOUT_WORDS.isdisjoint(after) or after == ["id"]:
        return False
    if words[last] in {"key", "keys"}:
        before = words[last - 1] if last else ""
        # `KEY_SERVER_…`: a leading key with more behind it says nothing; `KEY` alone and `…_KEY` do.
        return before not in _PUBLIC_KEYS and not before.isdecimal() and not (last == 0 and after)
    return True


_HARMLESS = r"""(?isx)
    true | false | yes | no | on | off | null | nil | none | unset | undefined | disabled | enabled | default | empty
    | \d{1,5} | (.)\1*
    | no[-_ ]?(?: key | secret | token | password | value | op )
    | ~?/ [^\s:@]* | \.{1,2}/ .* | file:// .*                                                # a path
    | .* (?: dummy | fake | placeholder | change[-_. ]?(?: me | it | this | password | secret | key | token ) | example
           | todo | your (?: [-_ ] | .{0,40} here ) | not[-_ ]?a[-_ ]?secret
           | not[-_ ]?used | unused | ignored? | insert[-_ ] | replace[-_ ]?(?: me | with | this ) | redacted ) .*
    | x{3,} | .* x{4,} .* | [*]+ | [.]+ | -+ | <.*> | \[.*\] | x:x
    | (?: tests? | testing | ci | dev | devel | development | local | localhost | build (?: [-_ ]?time )? | temp | tmp
        | foo | bar | foobar | baz | abc | asdf | string )
      (?: [-_]? (?: secret | key | token | value | password | only | build | \d+ ) )*
    | .* (?: _VAL | _VALUE | [-_]HERE )
    | %\( .* | \$ .* | .* \{\{ .* | ENC\[ .* | EV\[ .* | @ [A-Za-z_.]+ @? | __ \w+ __     # filled in by something else
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


_TOKENS: tuple[tuple[str, str], ...] = (
    ("AWS access key", r"(?:A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("GitHub token", r"gh[pours]_[0-9A-Za-z]{36,}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|agent)-[\w-]{20,}"),
    ("Slack token", r"xox[baprse]-[0-9A-Za-z-]{10,}"),
    ("Slack webhook", r"https://hooks\.slack\.com/services/T\w{7,}/B\w{7,}/\w{20,}"),
    ("Stripe secret key", r"(?:sk|rk)_(?:test|live)_[0-9A-Za-z]{10,}"),
    ("OpenAI key", r"sk-(?:proj|svcacct|admin)-[\w-]{40,}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("Anthropic key", r"sk-ant-[\w-]{40,}"),
    ("Hugging Face token", r"hf_[A-Za-z0-9]{34,40}(?![A-Za-z0-9])"),
    ("Shopify token", r"shp(?:ss|at|ca|pa)_[a-fA-F0-9]{32}"),
    ("SendGrid key", r"SG\.[\w-]{22}\.[\w-]{43}"),
    ("npm token", r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    ("PyPI token", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    ("RubyGems key", r"rubygems_[a-f0-9]{48}"),
    ("Docker Hub token", r"dckr_(?:pat|oat)_[\w-]{27,}"),
    ("DigitalOcean token", r"do[opr]_v1_[a-f0-9]{64}"),
    ("Fly.io token", r"fm2_[A-Za-z0-9+/=]{80,}|fo1_[\w-]{40,}"),
    ("Vault token", r"hv[sb]\.[\w-]{24,}"),
    ("Doppler token", r"dp\.(?:pt|st|ct|sa)\.[\w.]{40,}"),
    ("Databricks token", r"dapi[a-f0-9]{32}(?![a-f0-9])"),
    ("Grafana token", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    ("age secret key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("Google service account key", r'"type"\s*:\s*"service_account"'),
)
_SHORTEST_TOKEN = 15
# One cheap look decides for nearly every text that no token can be in it.
_TOKEN_HINT = (
    r"A3T|A(?:KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)|gh[pours]_|github_pat_|gl\w{2,5}-|xox|hooks\.slack|[sr]k[_-]|hf_|shp|SG\.|npm_|pypi-"
    r"|rubygems_|dckr_|do[opr]_v1|fm2_|fo1_|hv[sb]\.|dp\.|dapi|glsa_|AGE-SECRET|-----BEGIN|service_account"
)


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """The well-known tokens in a text: where each starts and ends, and its kind."""
    if len(text) < _SHORTEST_TOKEN or not re.search(_TOKEN_HINT, text):
        return
    shapes = "|".join(f"({shape})" for _, shape in _TOKENS)
    for match in re.finditer(f"(?<![0-9A-Za-z_])(?:{shapes})", text):
        body = match[0]
        lower = body.lower()
        # Documentation's own examples (`AKIAIOSFODNN7EXAMPLE`) and fillers (`ghp_xxxx…`).
        if "example" in lower or "xxxxx" in lower or "12345678" in lower or len(set(body)) < 9:
            continue
        yield match.start(), match.end(), _TOKENS[(match.lastindex or 1) - 1][0]


def find_token(text: str) -> tuple[int, int, str] | None:
    """The first well-known token in a text: where it starts and ends, and its kind; None if there is none."""
    return next(tokens(text), None)


def token_kind(value: str) -> str:
    """The kind of well-known token inside a value ("GitHub token"); '' if there is none."""
    found = find_token(value)
    return found[2] if found else ""


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
    found = url_password(value)
    if found is None:
        return False
    password = value[found[0] : found[1]]
    return password.lower() not in _SAMPLE_PASSWORDS and not is_default_credential(password)


_DEVELOPMENT_DATABASE = r"/\w{1,80}_(?:dev|development|test)(?:\?|$)"


def url_default(value: str) -> str:
    """The password everyone knows that a URL in the value carries, be it the user's own name (`postgres:postgres@db`); or ''."""
    found = re.finditer(_USERINFO, value[:_MAX_URL]) if "@" in value and not re.search(_DEVELOPMENT_DATABASE, value) else ()
    return next((match[2] for match in found if is_default_credential(match[2])), "")


_REFERENCE = (
    r"_?[a-z0-9]+(?:[-./_][a-z0-9]+)*[-./_]"
    r"(?:secrets?|keys?|tokens?|credentials?|passwords?|auth|tls|certs?|session|cookie|sid)"
)


def names_a_secret(value: str) -> bool:
    """Whether a value is the name of a secret (`shop-db-credentials`) or of a cookie (`_shop_session`) rather than a secret."""
    return re.fullmatch(_REFERENCE, value.strip()) is not None
