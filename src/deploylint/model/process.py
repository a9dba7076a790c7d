"""A container's start command, and every process that starting it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.text import Fragment, Span


class Argument(NamedTuple):
    """One element of an exec-form command line, before any shell sees it."""

    fragment: Fragment
    """The text with its place; that of the instruction where nobody wrote it."""
    is_implicit: bool = False
    """Nobody wrote it: the `/bin/sh -c` that shell form adds."""
    is_known: bool = True
    """False when it is templated."""
    origin: str = ""
    """The setting it stands in, where that isn't the one of its `Start`."""

    @property
    def text(self) -> str:
        return self.fragment.text


class Start(NamedTuple):
    """What the container runtime executes: ENTRYPOINT and CMD, or what overrides them, already put together."""

    arguments: tuple[Argument, ...]
    origin: str
    """The setting that decides, as messages name it: "`CMD`", "`command`", "process group `web`"."""


class Word(NamedTuple):
    """One word of a command after the shell has expanded it."""

    text: str | None
    """None when only the running container knows it: `$VAR` that no linked file sets, `$(…)`."""
    span: Span
    raw: str
    """The word as written, for messages."""


class NextCommand(NamedTuple):
    """The command that a shell or script runs next on the way to a process."""

    form: str = ""
    """Where it stands in the shell's text: "single" (nothing else there), "last" (the last of a text that is one `a && b` list),
    "end" (the last of several lines or commands), "tail" (the same inside an `if` or the like), "pipeline", "background", or
    "list" (none of these: the shell continues after it). Empty where no shell runs it."""
    after: str = ""
    """What follows it in the text, which matters to shells that execute the last command: nothing, a "newline", or "more"."""
    has_trap: bool = False
    """The shell has set a trap for the stop signal, or for its own exit, by then."""
    is_redirected: bool = False
    """It has redirects of its own."""
    span: Span | None = None
    """The command without assignments; None where no shell runs it."""
    words: tuple[str, ...] = ()
    """Its words, if it needs no shell."""


class Wrapper(NamedTuple):
    """Something that stands between the container runtime and a process."""

    kind: Literal["init", "exec", "shell", "script", "switch-user", "runner", "supervisor", "wait", "prefix"]
    """`init` (tini, dumb-init), `exec` (the shell's own `exec`), `shell` (a shell that runs a line), `script` (a script file, run
    by its interpreter), `switch-user` (gosu, su-exec, su, sudo), `runner` (poetry run, npm start, bundle exec), `supervisor`
    (supervisord, foreman, pm2-runtime), `wait` (wait-for-it, dockerize), `prefix` (env, timeout, nice)."""
    name: str
    """The program: "tini", "sh", "docker-entrypoint.sh", "npm"."""
    span: Span
    argv: tuple[Word, ...] = ()
    """Its own command line, up to what it runs; empty for what is no command of its own."""
    version: int = 0
    """Its major version, of uv the minor one; 0 if unknown."""
    rewrites_signals: bool = False
    """An init process that sends other signals than it gets (`dumb-init --rewrite`)."""
    signals_group: bool = False
    """An init process that passes signals to the whole process group of what it starts (dumb-init, `tini -g`)."""
    next_command: NextCommand = NextCommand()
    """What a shell or script runs next."""


class Guard(NamedTuple):
    """A condition on the way to a process."""

    kind: Literal["opt-in", "opt-out", "argument", "broken", "other"]
    """`opt-in` (runs only when a variable is set to something: `[ "$RUN_MIGRATIONS" = true ]`), `opt-out` (runs unless it is
    set), `argument` (depends on the container's arguments: `case "$1" in`), `broken` (meant as a guard but always true:
    `[ -n $VAR ]` unquoted), `other` (anything else: may or may not hold)."""
    variable: str
    """The variable that it tests; empty if there is none."""
    span: Span
    holds: bool | None
    """The verdict for this start command and environment; None where it can't be decided."""


class Step(NamedTuple):
    """One hop from the start command to a process, as evidence."""

    span: Span
    label: str
    """What stands there does, as a clause."""


class Process(NamedTuple):
    """A program that starting a container runs.

    One behind a guard that cannot hold for this start (`holds is False`) is not listed at all.
    """

    argv: tuple[Word, ...]
    """The program and its arguments, without the wrappers."""
    span: Span
    steps: tuple[Step, ...]
    """From the start command to the program."""
    wrappers: tuple[Wrapper, ...] = ()
    """Outermost first."""
    guards: tuple[Guard, ...] = ()
    environment: tuple[tuple[str, Value[str]], ...] = ()
    """Assignments on the way (`export PORT=4000`, `A=1 cmd`); later ones win."""
    is_main: bool = False
    """It is the process that stays: the last foreground command, or the one a shell `exec`s. Others run before or beside it."""
    is_background: bool = False
    errors_ignored: bool = False
    """Its failure doesn't stop the start: `|| true` or the like follows."""
    folder: str | None = None
    """The folder of the image it starts in; None if unknown."""

    @property
    def program(self) -> str:
        """The program's name without its folder; empty when unknown."""
        first = self.argv[0].text if self.argv else None
        return (first or "").rsplit("/", 1)[-1]

    @property
    def is_module(self) -> bool:
        """Whether it is a Python module that an interpreter runs by its name (`python -m`), which is then its program."""
        return bool(self.wrappers) and self.wrappers[-1].name.endswith(" -m")

    @property
    def line(self) -> str:
        """The command as one line for patterns; unknown words as written."""
        return " ".join(word.raw if word.text is None else word.text for word in self.argv)
