"""Secrets that building a release writes into it: literals in the configuration, cookies, and what is read while it is built.

Facts: docs/facts/secrets.md#elixir-build-time-and-boot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.apps.elixir.release import cookie, exports
from deploylint.apps.elixir.terms import Atom, Collection
from deploylint.model.app import CompileTimeRead
from deploylint.model.image import Leak
from deploylint.secrets.judge import is_sample, judge
from deploylint.secrets.names import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.apps.elixir.config import Production
    from deploylint.apps.elixir.mix import Project
    from deploylint.apps.elixir.release import Templates
    from deploylint.apps.elixir.terms import Term
    from deploylint.syntax.elixir import Node
    from deploylint.text import Source, Span

_READS = ("System.get_env", "System.fetch_env!", "System.fetch_env")


def leaks(project: Project, production: Production, files: Templates) -> Iterator[Leak]:
    """Secrets written down in the project's own files that a release carries."""
    # Of several releases, which one ships is not written here.
    setting = project.option("cookie") if all("cookie" in option.entries for option in project.options) else None
    value = setting.value if setting is not None else None
    if setting and value and value.is_known and isinstance(value.content, str) and not isinstance(value.content, Atom):
        yield Leak("cookie", "cookie", setting.span, "`releases/COOKIE` in the release", True)
    span = None if files.vm_args is None else cookie(files.vm_args)
    if span is not None:
        yield Leak("cookie", "-setcookie", span, "the release's `vm.args`", True)
    for name, value in exports(files.env_sh).items() if files.env_sh is not None else ():
        verdict = judge(name, value.content) if value.content else None
        if verdict and value.span and not verdict.is_placeholder and not is_sample(value.span):
            at = value.span.source.text.rfind(name, 0, value.span.start)
            kind: Literal["cookie", "config"] = "cookie" if name == "RELEASE_COOKIE" else "config"
            yield Leak(kind, name, value.span.source.span(at, at + len(name)), "the release's `env.sh`", True)
    for (_, key), entry in production.config.settings.items():
        options = entry.value.content
        secret = options.keywords.get("secret_key_base") if isinstance(options, Collection) else None
        if secret is None or not secret.value.is_known or not isinstance(secret.value.content, str):
            continue
        verdict = judge("secret_key_base", secret.value.content)
        if verdict and not verdict.is_placeholder and not is_sample(secret.span):
            where = "the release's `runtime.exs`" if _is_boot(secret.span) else "the release's `sys.config`"
            yield Leak("config", "secret_key_base", secret.span, where, True, detail=key)


def compile_time_reads(production: Production) -> Iterator[CompileTimeRead]:
    """Environment variables that config.exs and what it imports read while the release is built, unless booting replaces them."""
    live: dict[Source, list[tuple[int, int]]] = {}
    for entry in production.config.settings.values():
        if not _is_replaced(entry.value):
            _spans(entry.value, live)
    for call in production.build_calls:
        name = call.arguments[0].content if call.arguments else None
        span = call.node.span
        if call.name not in _READS or not isinstance(name, str) or _chooses_files(call.node):
            continue
        if any(start <= span.start and span.end <= end for start, end in live.get(span.source, ())):
            key, has_fallback = _use(call.node)
            has_fallback = has_fallback or len(call.arguments) > 1
            yield CompileTimeRead(name, span, is_secret_name(name) or is_secret_name(key), has_fallback)


def _chooses_files(node: Node) -> bool:
    """Whether a value decides what `import_config` takes in. That chooses a kind of build, and runtime.exs can't import."""
    parent = node.parent
    while parent is not None and parent.kind != "source":
        if parent.name in ("if", "unless", "case", "cond") and any(parent.calls("import_config")):
            return True
        parent = parent.parent
    return False


def _is_boot(span: Span) -> bool:
    return span.path.endswith(("runtime.exs", "releases.exs"))


def _is_replaced(setting: Term) -> bool:
    """Whether Ecto takes a repo's credentials from elsewhere: a `configure:` function, or a `url:` known at boot."""
    options = setting.content.keywords if isinstance(setting.content, Collection) else {}
    return "configure" in options or ("url" in options and _is_boot(options["url"].span))


def _spans(term: Term, into: dict[Source, list[tuple[int, int]]]) -> None:
    """Where the values stand that a term is made of."""
    stack = [term]
    while stack:
        one = stack.pop()
        if isinstance(one.content, Collection):
            stack.extend(entry.value for entry in one.content.entries.values())
            stack.extend(one.content.items)
        elif one.span is not None:
            into.setdefault(one.span.source, []).append((one.span.start, one.span.end))


def _use(node: Node) -> tuple[str, bool]:
    """The key a call's value goes to, and whether `||` or `|> Kernel.||` stands in for it."""
    has_fallback = False
    parent = node.parent
    while parent is not None and parent.kind != "source":
        if parent.kind == "pair":
            key = parent.field("key")
            return ("" if key is None else key.text.strip().rstrip(":").strip('"')), has_fallback
        has_fallback = has_fallback or parent.operator in {"||", "or"}
        if parent.name == "config" and len(parent.arguments) > 1:
            return parent.arguments[1].text.lstrip(":"), has_fallback
        parent = parent.parent
    return "", has_fallback
