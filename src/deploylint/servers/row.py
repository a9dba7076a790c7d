"""The shape of a row of the table of servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.drain import Drain
    from deploylint.model.listening import Listening

Effect = Literal["drains", "quits", "ignores", "restarts"]
DRAINS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "drains"}
LOOPBACK_ADDRESS, EVERYWHERE = "127.0.0.1", "0.0.0.0"


class Limit(NamedTuple):
    """How long one phase of a drain may take, and every place where that is set.

    `flags` take the value as the next word or after `=`. `variable` is an environment variable, `key` a name in the
    configuration file. `scale`: seconds in one unit of the setting. `default`: seconds; None waits without limit. `units`: the
    seconds in each unit that may follow a number; `forever`: values that mean no limit. `name`: what this part of the drain is,
    if a server has several, one after the other.
    """

    flags: tuple[str, ...] = ()
    variable: str = ""
    key: str = ""
    scale: float = 1.0
    default: float | None = None
    units: dict[str, float] = {}
    line: str = ""
    """How it is set where none of the three says it plainly, `{}` being whole seconds."""
    forever: tuple[str, ...] = ()
    name: str = ""

    @property
    def template(self) -> str:
        """How a user sets it, `{}` being whole seconds; empty if that can't be."""
        if self.line:
            return self.line
        number = "{}000" if self.scale == 0.001 else "{}"
        if self.flags:
            return f"{self.flags[0]} {number}"
        return f"{self.variable}={number}" if self.variable else f"{self.key} = {number}" if self.key else ""


class ConfigFile(NamedTuple):
    """A configuration file a server reads. `flags` name it on the command line; `default` is read from the working folder
    without being named. kind: `python` assigns keys at module level, `class` in the class that the last argument names
    (`app.worker.Settings`), an `ini` may be named by a bare argument too; `own` is read by a module of its own."""

    kind: Literal["python", "toml", "ini", "class", "own"]
    flags: tuple[str, ...] = ()
    default: str = ""


class Listen(NamedTuple):
    """Where a server listens: its defaults, and the names of the settings that change them (flags, variable, key of the file).

    `source`: where that stands in the server's own code, of the versions of November 2026.
    `address`, `port`: the defaults. A server takes `host` and `number`, or `bind`, which is both in one (`:8000`, `[::]:8000`).
    `instead`: settings that make it listen elsewhere (Unix sockets, descriptors, more addresses). `opening`: the setting that
    makes it listen on every address. `listens_by_default`: False for one that listens on nothing unless a setting says so.
    `where`: the function `(Listen, Settings) -> (address, port) | None` of a server that these settings don't describe in full.
    """

    source: str
    address: str = LOOPBACK_ADDRESS
    port: int = 8000
    host: Limit = Limit()
    number: Limit = Limit()
    bind: Limit = Limit()
    instead: tuple[Limit, ...] = ()
    opening: str = "--host 0.0.0.0"
    listens_by_default: bool = True
    where: Callable[..., Any] | None = None

    @property
    def port_setting(self) -> str:
        """How the port is set, `{}` being the port."""
        if self.number.flags:
            return f"{self.number.flags[0]} {{}}"
        return self.bind.line.replace(str(self.port), "{}")


def host_flags(*flags: str, variable: str = "") -> Limit:
    """The setting of a host, with the flag that opens it."""
    return Limit(flags, variable, line=f"{flags[0]} {EVERYWHERE}" if flags else "")


def managed(*commands: str) -> tuple[str, ...]:
    """The ways to start a command of Django's: by the project's own script, and by Django's."""
    return tuple(f"{program} {command}" for command in commands for program in ("manage.py", "django-admin"))


class Server(NamedTuple):
    """A server. It is recognised by its program's name, or by the module after `python -m`; where a word follows the name, that
    word must be among the arguments.

    `more`: the parts of the drain after the first. `drain`: the function `(Drain, Settings, App | None) -> Drain | None`
    of a server whose drain takes more than its limit to know. `listen`: where it listens; `listening`: the function
    `(Settings) -> Listening | None` of a server whose own files or code say that.
    `arguments_variable`: an environment variable with more command-line arguments, weaker than the command line and stronger
    than the file. `switches`: flags that take no value. `work`: what it is busy with,
    empty for what only sends work to others. `remedy`: what makes it drain, or bounds
    its drain, where no limit does; an imperative. `loss`: what becomes of work that is cut off. `unread`: variables of other
    servers, which it may be taken to read. `relays`: for what starts others, the signal it sends them for each that it gets; its
    limit is how long it then waits before it kills them. `workers_quit`: whether SIGTERM cuts its workers' work where the
    platform signals them too, not only the process that starts them; None if it sometimes does.
    """

    name: str
    programs: tuple[str, ...]
    source: str
    signals: dict[str, Effect]
    limit: Limit | None = None
    modules: tuple[str, ...] = ()
    more: tuple[Limit, ...] = ()
    drain: Callable[..., Drain | None] | None = None
    listen: Listen | None = None
    listening: Callable[..., Listening | None] | None = None
    relays: dict[str, str] = {}
    config: ConfigFile | None = None
    arguments_variable: str = ""
    switches: frozenset[str] = frozenset()
    work: Literal["requests", "jobs", ""] = "requests"
    remedy: str = ""
    loss: str = ""
    unread: tuple[str, ...] = ()
    workers_quit: bool | None = False
    note: str = ""
    """What else decides: a sentence for the reader of the table."""

    @property
    def has_known_stop(self) -> bool:
        """Whether anything is known of how it stops; of some servers only where they listen is."""
        return bool(self.source)
