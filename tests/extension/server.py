"""orbitd, a made-up server: it drains for the seconds of `--drain`, 45 without it."""

from __future__ import annotations

from deploylint.servers.row import DRAINS, Limit, Server

SERVERS: tuple[Server, ...] = (Server("orbitd", ("orbitd",), "made up", DRAINS, Limit(("--drain",), default=45.0)),)
