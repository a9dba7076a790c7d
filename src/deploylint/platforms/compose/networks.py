"""Which services have no network of their own: what listens on loopback there is reached from elsewhere.

Facts: the Compose specification, `05-services.md` `network_mode`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.platforms.compose.service import Reading

_OWN = frozenset(["bridge", "default"])
_OF_SERVICE = "service:"


def sharing(readings: dict[str, Reading]) -> frozenset[str]:
    """The services that use the host's or another container's network, and those whose network others use."""
    names: set[str] = set()
    for name, reading in readings.items():
        node = reading.get("network_mode")
        mode = reading.value(node, "").content if node is not None else "default"
        if mode not in _OWN:
            names.add(name)
        if mode and mode.startswith(_OF_SERVICE):
            names.add(mode.removeprefix(_OF_SERVICE))
    return frozenset(names)
