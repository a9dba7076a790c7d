"""A container's start command, and every process that starting it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from deploylint.model.value import Value
    from deploylint.text import Fragment, Span


class Argument(NamedTuple):
    """One element of an exec-form command line, before any shell sees it.

    `is_implicit`: nobody wrote it (the `/bin/sh -c` that shell form adds); its fragment then stands at the instruction.
    `is_known`: False when it is templated. `origin`: the setting it stands in, when it isn't that of its `Start`.
    """

    fragment: Fragment
    is_implicit: bool = False
    is_known: bool = True
    origin: str = ""

    @property
    def text(self) -> str:
        return self.fragment.text


class Start(NamedTuple):
    """What the container runtime executes: ENTRYPOINT and CMD (or what overrides them), already put together.

    `origin` names the setting that decides ("`CMD`", "`command:`", "process group `web`").
    """

    arguments: tuple[Argument, ...]
    origin: str


class Word(NamedTuple):
    """One word of a command after the shell has taken it apart.

    `text` is None when only the running container knows it (`$VAR` that no linked file sets, `$(…)`); `raw` is the word as
    written, for messages.
    """

    text: str | None
    span: Span
    raw: str


class Wrapper(NamedTuple):
    """Something that stands between the container runtime and a process, outermost first.

    kind: `init` (tini, dumb-init), `exec` (the shell's own `exec`), `shell` (a shell that runs a line), `script` (a script
    file, run by its interpreter), `switch-user` (gosu, su-exec, su, sudo), `runner` (poetry run, npm start, bundle exec),
    `supervisor` (supervisord, foreman, pm2-runtime), `wait` (wait-for-it, dockerize), `prefix` (env, timeout, nice).
    name: the program ("tini", "sh", "docker-entrypoint.sh", "npm"). `form` says where in its text a shell or script runs the
    next: "single" (nothing else in it), "last" (the last of a text that is one `a && b` list), "end" (the last of several lines
    or commands), "tail" (the same, but inside an `if` or the like), "pipeline", "background", or "list" (none of these: the shell
    has more to do afterwards); an `init` that turns signals into others "rewrites" them. `after`: what follows that command in
    the text, which matters to shells that execute the last one: nothing, a "newline", or "more".
    `has_trap`: it had set a trap for the stop signal or its end by then. `is_redirected`: the command has redirects of its own.
    `argv`: its own command line, up to what it runs; empty for what is no command of its own. `runs`: the command that a shell or
    script runs next, as it stands there, without assignments; `words`: its words, if it needs no shell. `version`: its major
    version, uv's minor one; 0 if unknown.
    """

    kind: Literal["init", "exec", "shell", "script", "switch-user", "runner", "supervisor", "wait", "prefix"]
    name: str
    span: Span
    form: str = ""
    has_trap: bool = False
    is_redirected: bool = False
    argv: tuple[Word, ...] = ()
    after: str = ""
    runs: Span | None = None
    words: tuple[str, ...] = ()
    version: int = 0


class Guard(NamedTuple):
    """A condition on the way to a process.

    `kind`: `opt-in` (runs only when a variable is set to something: `[ "$RUN_MIGRATIONS" = true ]`), `opt-out` (runs unless
    it is set), `argument` (depends on the container's arguments: `case "$1" in`), `broken` (meant as a guard but always true:
    `[ -n $VAR ]` unquoted), `other` (anything else: may or may not hold).
    `holds` is the verdict for this start command and environment: True, False, or None where it can't be told.
    """

    kind: Literal["opt-in", "opt-out", "argument", "broken", "other"]
    variable: str
    span: Span
    holds: bool | None


class Step(NamedTuple):
    """One hop from the start command to a process, as evidence: what stands at `span` and what it does there."""

    span: Span
    label: str


class Process(NamedTuple):
    """A program that starting a container runs.

    `argv`: the program and its arguments, every wrapper peeled off. `environment`: assignments made on the way
    (`export PORT=4000`, `A=1 cmd`), later ones win. `is_main`: this is the process that stays (the last foreground command,
    or the one a shell `exec`s); all others run before or beside it. `errors_ignored`: followed by `|| true` or the like.
    Guards that cannot hold for this start (`holds is False`) are already left out: such a process is not listed at all.
    `folder` is the folder of the image it starts in; None if unknown.
    """

    argv: tuple[Word, ...]
    span: Span
    steps: tuple[Step, ...]
    wrappers: tuple[Wrapper, ...] = ()
    guards: tuple[Guard, ...] = ()
    environment: tuple[tuple[str, Value[str]], ...] = ()
    is_main: bool = False
    is_background: bool = False
    errors_ignored: bool = False
    folder: str | None = None

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
