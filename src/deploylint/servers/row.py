"""The shape of a row of the table of servers."""

from __future__ import annotations

from typing import Literal

from deploylint.record import NamedTuple

Effect = Literal["drains", "quits", "ignores", "restarts"]
DRAINS: dict[str, Effect] = {"SIGTERM": "drains", "SIGINT": "drains"}


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


class Server(NamedTuple):
    """A server. It is recognised by its program's name, or by the module after `python -m`; where a word follows the name, that
    word must be among the arguments.

    `more`: the parts of the drain after the first. `reader`: the module and function that know more of it than this row says.
    `arguments_variable`: an environment variable with more command-line arguments, weaker than the command line and stronger
    than the file. `switches`: flags that take no value. `work`: what it is busy with. `remedy`: what makes it drain, or bounds
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
    reader: str = ""
    relays: dict[str, str] = {}
    config: ConfigFile | None = None
    arguments_variable: str = ""
    switches: frozenset[str] = frozenset()
    work: Literal["requests", "jobs"] = "requests"
    remedy: str = ""
    loss: str = ""
    unread: tuple[str, ...] = ()
    workers_quit: bool | None = False
    note: str = ""
    """What else decides: a sentence for the reader of the table."""
