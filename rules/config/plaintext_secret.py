"""A secret stands in plain text in a file that is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from deploylint.finding import Finding, Label, Rule
from deploylint.model.deployment import Deployment
from ._plaintext import Exposure, exposures_by_cause

RULE = Rule(severity="warning", tags=("security", "external/cwe/cwe-312"), security_severity="6.5")

# Kind of exposure → the message and the label at its value.
_TEXTS = {
    "literal": ("secret `{name}` stands in plain text in {file}", "a literal"),
    "url": ("a password stands in plain text in the URL `{name}` of {file}", "carries a password"),
    "token": ("a {detail} stands in plain text in {file}", "carries a {detail}"),
    "default": ("`{name}` in {file} holds a password that everyone knows", "a default credential"),
    "user": ("`{name}` in {file} is the name of its own user", "the user's name"),
    "shared": ("`{name}` falls back to a secret that {file} holds", "a literal for everyone who sets nothing"),
    "object": ("Secret `{owner}` is committed unencrypted", "`{name}`, in plain text"),
}
_REPOSITORY = "everyone who can read the repository, or ever could, has it"
_SHARED = "every installation that sets nothing runs with the same secret, and it starts without a word"
_DEFAULT = "it is the first that is tried: whoever reaches the service is let in"
_BASE64 = "base64 is no encryption: everyone who can read the repository, or ever could, has what it holds"
# Who holds it → what to write instead.
_HELP = {
    "Secret": "commit it encrypted (SealedSecret, SOPS), or fetch it from a secret store (ExternalSecret)",
    "generated Secret": "take it from a file that git ignores, or that is committed encrypted (SOPS)",
    "generated ConfigMap": "move it to `secretGenerator`, in a file that git ignores, or that is committed encrypted (SOPS)",
    "ConfigMap": "move it to a Secret, and commit that encrypted or not at all",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for subject, (first, *others) in exposures_by_cause(deployment):
        is_default = first.kind in ("default", "user")
        kind = "object" if first.is_object and not is_default else first.kind
        words = {"name": first.name, "detail": first.detail, "owner": first.owner, "file": basename(first.span.path)}
        message, label = (text.format(**words) for text in _TEXTS[kind])
        consequence = (
            _DEFAULT if is_default else _SHARED if kind == "shared" else _BASE64 if first.holder == "Secret" else _REPOSITORY
        )
        required = "write `${{{detail}:?}}`, so that it doesn't start without one; replace the one that was committed"
        advice = (_HELP.get(first.holder) or first.secret_from).format(**words)
        yield Finding(
            message,
            primary=Label(first.span.first_line, label),
            related=tuple(Label(other.span.first_line, _and(other, first)) for other in others),
            notes=(consequence,),
            help=required.format(**words) if kind == "shared" else _help(advice, is_default),
            subject=subject,
            severity="note" if is_default else "warning",
        )


def _help(advice: str, is_default: bool) -> str:
    return f"generate another one, and {advice}" if is_default else f"{advice}; replace the one that was committed"


def _and(other: Exposure, first: Exposure) -> str:
    return "and here" if other.name == first.name else f"and here, as `{other.name}`"
