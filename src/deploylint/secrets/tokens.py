"""Token shapes of well-known issuers, which are secrets whatever their name. They are those of trivy's built-in rules and of the
issuers' own documentation.

Facts: docs/facts/secrets.md#values-that-are-secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    token = find_token(value)
    return token[2] if token else ""
