"""The processes of one start, as they are found, and which of them stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.process import Process

if TYPE_CHECKING:
    from deploylint.model.process import Wrapper
    from deploylint.startup.expansion import Field, State
    from deploylint.startup.way import Way
    from deploylint.text import Span

MAX_PROCESSES = 200
"""A start that runs more programs than this is not followed further."""


class Collector:
    """Collects the processes of one start.

    `aside` are those that never stay: in a pipeline what only passes on what another writes, and what runs when another has
    failed.
    """

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.aside: set[int] = set()
        self.seen: set[tuple[object, ...]] = set()
        self.waited = -1
        self.handed_over = 0

    def hand_over(self) -> None:
        """The shell runs here what isn't known: the container's arguments, of which there are none, or a file that isn't in the
        repository. What ran before is not taken for the app."""
        self.handed_over = len(self.processes)

    def wait(self, has_trap: bool) -> None:
        """The shell waits for what it has sent to the background, so the last of that stays. `has_trap`: for the stop signal."""
        background = [index for index, process in enumerate(self.processes) if process.is_background]
        self.waited = background[-1] if background else -1
        for index in background if has_trap else ():  # set after the start, as it has to be to know the process
            process = self.processes[index]
            trapping = (
                wrapper._replace(next_command=wrapper.next_command._replace(has_trap=True))
                if wrapper.next_command.form == "background"
                else wrapper
                for wrapper in process.wrappers
            )
            self.processes[index] = process._replace(wrappers=tuple(trapping))

    def finished(self) -> tuple[Process, ...]:
        """All processes, the one that stays marked: only where the files leave no choice."""
        self._join_ways()
        candidates = [
            index
            for index, process in enumerate(self.processes)
            if index >= self.handed_over and not process.is_background and index not in self.aside
        ]
        main = -1
        if self.waited >= self.handed_over and not any(index > self.waited for index in candidates):
            main = self.waited
        else:
            sure = [index for index in candidates if _is_sure(self.processes[index])]
            if sure and (sure[-1] == candidates[-1] or _is_final(self.processes[sure[-1]])):
                main = sure[-1]
        if main >= 0 and _is_sure(self.processes[main]):
            self.processes[main] = self.processes[main]._replace(is_main=True)
        return tuple(self.processes)

    def _join_ways(self) -> None:
        """Where the same command is the last of either way (`if root; then exec gosu app "$@"; fi; exec "$@"`), it runs."""
        last = [index for index in range(len(self.processes)) if index >= self.handed_over and index not in self.aside]
        if len(last) < _BOTH:
            return
        first, second = (self.processes[index] for index in last[-2:])
        open_ways = [[guard for guard in process.guards if guard.holds is None] for process in (first, second)]
        is_same = [word.text for word in first.argv] == [word.text for word in second.argv] and first.folder == second.folder
        is_either = len(open_ways[0]) == len(open_ways[1]) == 1 and open_ways[0][0].span == open_ways[1][0].span
        stays = [[wrapper for wrapper in process.wrappers if wrapper.name not in _REPLACED] for process in (first, second)]
        if is_same and is_either and None not in [word.text for word in first.argv] and _alike(*stays):
            guards = tuple(guard for guard in second.guards if guard.holds is not None)
            self.processes[last[-1]] = second._replace(guards=guards)
            self.aside.add(last[-2])

    def add(self, fields: list[Field], way: Way, state: State) -> None:
        words = tuple(field.word(state.is_open) for field in fields)
        guards = tuple(dict.fromkeys(way.guards))
        key = (words, way.steps, guards)
        if not words or key in self.seen or len(self.processes) >= MAX_PROCESSES:
            return
        self.seen.add(key)
        if way.is_aside:
            self.aside.add(len(self.processes))
        self.processes.append(
            Process(
                words,
                span_of(fields),
                way.steps,
                way.wrappers,
                guards,
                tuple(state.exported.items()),
                is_background=way.is_background,
                errors_ignored=way.errors_ignored,
                folder=state.folder,
            )
        )


_BOTH = 2
_REPLACED = frozenset("exec gosu su-exec setpriv setuidgid s6-setuidgid chpst env".split())
"""Wrappers that become what they start."""


def _alike(one: list[Wrapper], other: list[Wrapper]) -> bool:
    return [(wrapper.kind, wrapper.name) for wrapper in one] == [(wrapper.kind, wrapper.name) for wrapper in other]


def _is_sure(process: Process) -> bool:
    return all(guard.holds or guard.kind == "opt-out" for guard in process.guards)


def _is_final(process: Process) -> bool:
    """Whether every shell on the way was replaced, so that nothing can come after this process."""
    kinds = [wrapper.kind for wrapper in process.wrappers]
    return all(kinds[index + 1 : index + 2] == ["exec"] for index, kind in enumerate(kinds) if kind in ("shell", "script"))


def span_of(fields: list[Field]) -> Span:
    """The command line as far as it stands in one place; an exec form's with its outer quotes."""
    first = fields[0].span
    end = first.end
    for field in fields[1:]:
        if field.span.source is not first.source or field.span.start < end:
            break
        end = field.span.end
    start, text = first.start, first.source.text
    if fields[0].fragment and end > first.end and start and text[start - 1] in "\"'" and text[end : end + 1] == text[start - 1]:
        start, end = start - 1, end + 1
    return first.source.span(start, end)
