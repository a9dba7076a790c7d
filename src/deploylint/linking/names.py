"""Names of images, taken apart."""

from __future__ import annotations


def repository(reference: str) -> str:
    """An image reference without tag and digest."""
    reference = reference.partition("@")[0]
    head, slash, last = reference.rpartition("/")
    return head + slash + last.partition(":")[0]


def same(name: str) -> str:
    """A name as names are compared: `Shop_Web` is `shop-web`."""
    return name.lower().replace("_", "-")
