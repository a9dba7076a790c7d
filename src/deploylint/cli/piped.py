"""Standard input without a name: it must hold something to deploy, since the program before the pipe may have failed."""

from __future__ import annotations

from deploylint.cli.arguments import UsageError


def require_manifests(text: str) -> None:
    """Raise `UsageError` for a text that is empty or holds neither a manifest nor a compose file."""
    if not text.strip():
        raise UsageError("standard input is empty; pipe manifests to it: helm template chart | deploylint -")
    from deploylint.engine.coverage import holds_objects

    if not holds_objects(text):
        first = text.strip().splitlines()[0]
        shown = f"{first[:60]}…" if len(first) > 60 else first
        raise UsageError(f"standard input holds no manifest and no compose file; it begins with `{shown}`")
