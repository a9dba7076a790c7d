"""Servers to develop with: they hold no work that a stop could lose, so that nobody has to wait for them to end.

Sources: the command-line references of the tools; https://docs.npmjs.com/cli/commands/npm-run-script for scripts by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploylint.model.process import Process, Word

# Program → the subcommands with which it serves for development; empty: it does nothing else.
_SERVERS: dict[str, frozenset[str]] = {
    "nodemon": frozenset(),
    "ts-node-dev": frozenset(),
    "tsnd": frozenset(),
    "webpack-dev-server": frozenset(),
    "live-server": frozenset(),
    "vite": frozenset({"", "dev", "serve"}),
    "next": frozenset({"", "dev"}),
    "nuxt": frozenset({"dev"}),
    "nuxi": frozenset({"dev"}),
    "astro": frozenset({"dev"}),
    "remix": frozenset({"dev", "vite:dev"}),
    "react-router": frozenset({"dev"}),
    "gatsby": frozenset({"develop"}),
    "ng": frozenset({"serve", "s"}),
    "webpack": frozenset({"serve", "server", "s"}),
    "vue-cli-service": frozenset({"serve"}),
    "storybook": frozenset({"dev"}),
    "wrangler": frozenset({"dev"}),
    "tsx": frozenset({"watch"}),
    "docusaurus": frozenset({"start"}),
}
_WATCHING = {("nest", "start"): frozenset({"--watch", "-w"}), ("node", ""): frozenset({"--watch"})}
"""Program and subcommand → the options with which it starts the app again after every edit."""
_MANAGERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_SCRIPTS = frozenset({"dev", "develop", "development"})


def is_for_development(process: Process) -> bool:
    """Whether a process is a server to develop with, by its own command line or by the name of the script that starts it."""
    commands = (process.argv, *(wrapper.argv for wrapper in process.wrappers))
    return any(_serves(argv) or _names_script(argv) for argv in commands)


def _serves(argv: Sequence[Word]) -> bool:
    words = [word.text for word in argv]
    if not words or None in words[:2]:
        return False
    program = (words[0] or "").rpartition("/")[2]
    first = words[1] if len(words) > 1 else ""
    subcommand = first if first and not first.startswith("-") else ""
    options = _WATCHING.get((program, subcommand))
    if options is not None and not options.isdisjoint(words):
        return True
    subcommands = _SERVERS.get(program)
    return subcommands is not None and (not subcommands or subcommand in subcommands)


def _names_script(argv: Sequence[Word]) -> bool:
    """Whether a package manager is told to run a script that is for development: `dev`, `start:dev`, `dev:api`."""
    if not argv or (argv[0].text or "").rpartition("/")[2] not in _MANAGERS:
        return False
    names = (word.text for word in argv[1:] if word.text and not word.text.startswith("-"))
    return any(part in _SCRIPTS for name in names for part in name.split(":"))
