"""How a command is reached, and the shell that reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.process import Guard, NextCommand, Step, Wrapper
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.startup.conditions import Condition
    from deploylint.startup.expansion import State
    from deploylint.syntax.shell_tree import Command
    from deploylint.text import Span

TAIL_FORMS = frozenset({"single", "last", "end", "tail"})
"""Of a command after which its shell has nothing left to do."""

_NO_PROGRAMS = frozenset("command builtin time eval source .".split())


class Way(NamedTuple):
    """How a command is reached."""

    origin: str
    """What runs the next script: the setting, then each script's name."""
    steps: tuple[Step, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    """Outermost first."""
    guards: tuple[Guard, ...] = ()
    shell: int = -1
    """The number of the wrapper that is the innermost shell; -1 if none is open."""
    form: str = "single"
    """Where in that shell's text the command stands: see `NextCommand.form`."""
    after: str = ""
    """What follows the last command of that shell's text: see `NextCommand.after`."""
    is_background: bool = False
    is_aside: bool = False
    """Its process isn't the one that stays: another part of the pipeline is, or it runs only when something fails."""
    errors_ignored: bool = False
    depth: int = 0
    """How many scripts and shells deep, which is limited."""

    def step(self, span: Span, label: str) -> Way:
        return self._replace(steps=(*self.steps, Step(span, label)), depth=self.depth + 1)

    def under(self, guards: Iterable[Guard]) -> Way:
        return self._replace(guards=(*self.guards, *guards))

    def sealed(self, command: Command, has_trap: bool, is_redirected: bool) -> Way:
        """The way once the innermost shell has handed over to a command: what that shell did is now settled."""
        if self.shell < 0:
            return self
        span = command.span
        next_command = NextCommand(
            form=self.form,
            after=self.after,
            has_trap=has_trap,
            is_redirected=is_redirected,
            span=span._replace(start=command.words[0].span.start) if command.words else span,
            words=_plain_words(command),
        )
        wrapper = self.wrappers[self.shell]._replace(next_command=next_command)
        wrappers = (*self.wrappers[: self.shell], wrapper, *self.wrappers[self.shell + 1 :])
        return self._replace(wrappers=wrappers, shell=-1)

    def behind(self, wrapper: Wrapper) -> Way:
        return self._replace(wrappers=(*self.wrappers, wrapper))

    def formed(self, form: str) -> Way:
        """The way of a command that stands so in its shell; what is in a pipeline or the background stays there."""
        return self if self.form in ("pipeline", "background") else self._replace(form=form)

    def deeper(self) -> Way:
        """The way of what stands inside a compound command."""
        return self.formed("tail" if self.form in TAIL_FORMS else "list")


def _plain_words(command: Command) -> tuple[str, ...]:
    """The words of a command that needs no shell: nothing to expand, to assign or to redirect. Empty for others."""
    texts = [word.text for word in command.words if word.text is not None and not word.is_pattern]
    needs_shell = command.assignments or command.redirects or any(word.raw.startswith("~") for word in command.words)
    if needs_shell or len(texts) < len(command.words) or (texts and texts[0] in _NO_PROGRAMS):
        return ()
    return tuple(texts)


class Running:
    """One running shell: its state, and what has become of it.

    `ended`: it surely doesn't go on ("exit"), or not before the end of the function or sourced file ("return"). `has_failed`:
    that is an error, which no start that succeeds comes by. `starts_again`: it has executed its own script anew.
    `guards`: it only goes on if these hold; `returns`: the same until the end of the function or sourced file.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.ended = ""
        self.has_failed = False
        self.starts_again = False
        self.guards: tuple[Guard, ...] = ()
        self.returns: tuple[Guard, ...] = ()
        self.has_trap = False

    def copy(self) -> Running:
        other = Running(self.state.copy())
        other.guards, other.returns, other.has_trap = self.guards, self.returns, self.has_trap
        return other

    def adopt(self, other: Running) -> None:
        """Go on where another has got to."""
        self.state, self.ended, self.has_failed = other.state, other.ended, other.has_failed
        self.starts_again = other.starts_again
        self.guards, self.returns, self.has_trap = other.guards, other.returns, other.has_trap

    def goes_on_if(self, condition: Condition, ended: str) -> None:
        guard = (condition.guard(self.state.is_open),)
        if ended == "return":
            self.returns += guard
        else:
            self.guards += guard
