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
    """How long one phase of a drain may take, and every place where that is set."""

    flags: tuple[str, ...] = ()
    """They take the value as the next word or after `=`."""
    variable: str = ""
    """An environment variable."""
    key: str = ""
    """A name in the configuration file."""
    scale: float = 1.0
    """Seconds in one unit of the setting."""
    default: float | None = None
    """Seconds; None waits without limit."""
    units: dict[str, float] = {}
    """The seconds in each unit that may follow a number."""
    line: str = ""
    """How it is set where none of the three says it plainly, `{}` being whole seconds."""
    forever: tuple[str, ...] = ()
    """Values that mean no limit."""
    name: str = ""
    """What this part of the drain is, if a server has several, one after the other."""

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
    """A configuration file that a server reads."""

    kind: Literal["python", "toml", "ini", "class", "own"]
    """`python` assigns keys at module level, `class` in the class that the last argument names (`app.worker.Settings`), an
    `ini` may be named by a bare argument too; `own` is read by a module of its own."""
    flags: tuple[str, ...] = ()
    """They name it on the command line."""
    default: str = ""
    """Read from the working folder without being named; empty if there is none."""


class Listen(NamedTuple):
    """Where a server listens: its defaults, and the names of the settings that change them. It takes either two settings, or
    one for both."""

    source: str
    """Where that stands in the server's own code, of the versions of November 2026."""
    address: str = LOOPBACK_ADDRESS
    """The default."""
    port: int = 8000
    """The default."""
    host: Limit = Limit()
    """The setting of the address."""
    number: Limit = Limit()
    """The setting of the port."""
    bind: Limit = Limit()
    """The setting of both in one (`:8000`, `[::]:8000`)."""
    instead: tuple[Limit, ...] = ()
    """Settings that make it listen elsewhere: Unix sockets, descriptors, more addresses."""
    opening: str = "--host 0.0.0.0"
    """The setting that makes it listen on every address."""
    listens_by_default: bool = True
    """False for one that listens on nothing unless a setting says so."""
    where: Callable[..., Any] | None = None
    """The function `(Listen, Settings) -> (address, port) | None` of a server that these settings don't describe in full."""

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
    """A server, or what starts servers."""

    name: str
    programs: tuple[str, ...]
    """What it is recognised by: its program's name; where a word follows the name, that word must be among the arguments."""
    source: str
    """Where these facts stand."""
    signals: dict[str, Effect]
    """What each stop signal makes it do; the effect of others is unknown."""
    limit: Limit | None = None
    """How long its drain may take; for what starts others, how long it waits before it kills them."""
    modules: tuple[str, ...] = ()
    """What it is recognised by after `python -m`."""
    more: tuple[Limit, ...] = ()
    """The parts of the drain after the first."""
    drain: Callable[..., Drain | None] | None = None
    """The function `(Drain, Settings, App | None) -> Drain | None` of a server whose drain takes more than its limit to know."""
    listen: Listen | None = None
    """Where it listens."""
    listening: Callable[..., Listening | None] | None = None
    """The function `(Settings) -> Listening | None` of a server whose own files or code say where it listens."""
    relays: dict[str, str] = {}
    """For what starts others: the signal it sends them for each that it gets."""
    config: ConfigFile | None = None
    """Its configuration file; None if it has none."""
    arguments_variable: str = ""
    """An environment variable with more command-line arguments, weaker than the command line and stronger than the file."""
    switches: frozenset[str] = frozenset()
    """Flags that take no value."""
    work: Literal["requests", "jobs", ""] = "requests"
    """What it is busy with; empty for what only sends work to others."""
    remedy: str = ""
    """What makes it drain, or bounds its drain, where no limit does: imperative."""
    loss: str = ""
    """What becomes of work that is cut off."""
    longest: str = ""
    """What may keep it waiting, where that is known better than by `work`."""
    unread: tuple[str, ...] = ()
    """Variables of other servers, which it may be taken to read."""
    workers_quit: bool | None = False
    """Whether SIGTERM cuts its workers' work where the platform signals them too, not only the process that starts them; None
    if it sometimes does."""
    workers: str = "workers"
    """What its workers are called."""
    is_group: bool = False
    """Its workers are in its own process group, so that an init that signals the group cuts their work as well."""
    workers_loss: str = ""
    """What becomes of work that is cut off so; empty where `loss` says it."""
    note: str = ""
    """What else decides: a sentence for the reader of the table."""

    @property
    def has_known_stop(self) -> bool:
        """Whether anything is known of how it stops; of some servers only where they listen is."""
        return bool(self.source)
