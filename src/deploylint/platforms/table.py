"""Every platform's row, for pages and tests; a run imports only the platforms whose files it meets."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.model.platform import Platform

_ROWS = (
    ("kubernetes", "ROW"), ("knative", "KNATIVE"), ("knative", "CLOUD_RUN"), ("azure", "ROW"), ("ecs", "ROW"), ("nomad", "ROW"),
    ("fly", "ROW"), ("render", "ROW"), ("digitalocean", "ROW"), ("railway", "ROW"), ("kamal", "ROW"), ("compose.row", "ROW"),
    ("systemd", "ROW"), ("procfile", "ROW"),
)  # fmt: skip


def platforms() -> dict[str, Platform]:
    """All rows by name, in the order in which they are documented."""
    rows: list[Platform] = [getattr(import_module(f"deploylint.platforms.{module}"), name) for module, name in _ROWS]
    return {row.name: row for row in rows}
