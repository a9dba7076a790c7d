"""A bounded run of one target: mutated seeds in an order that a number decides, and the input that breaks it made small."""

from __future__ import annotations

import traceback
from random import Random
from typing import TYPE_CHECKING

from tests.fuzz.bounds import TooLongError, calls, processor_time
from tests.fuzz.corpus import seeds
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.targets import Target

COUNTED = 32
"""Of so many executions one has its function calls counted, which makes it slower."""


class BrokenError(AssertionError):
    """A text for which an invariant doesn't hold: the target, the text, and what happened."""

    def __init__(self, name: str, text: str, error: BaseException) -> None:
        file, line = _place(error)
        super().__init__(f"{name}: {type(error).__name__}: {error}\n  at {file}:{line}\n  in {text!r}")
        self.text = text


def execute(target: Target, text: str, is_counted: bool = False) -> BaseException | None:
    """One execution; the exception that it ends with, None if all is well."""
    try:
        with processor_time():
            if is_counted:
                with calls(len(text)):
                    target.check(text)
            else:
                target.check(text)
    except Exception as error:
        return error
    return None


def run(name: str, executions: int, seed: int = 0) -> Iterator[BrokenError]:
    """Execute a target with mutations of its seeds. For each line of code that fails, the smallest text that makes it fail."""
    target = load(name)
    texts = seeds(target)
    random = Random(f"{name} {seed}")
    failed: set[tuple[str, int]] = set()
    for number in range(executions):
        text = mutated(random, texts, target.TOKENS)
        is_counted = number % COUNTED == 0
        error = execute(target, text, is_counted)
        if error is not None and _place(error) not in failed:
            failed.add(_place(error))
            yield BrokenError(name, *smallest(target, text, error, is_counted))


def _place(error: BaseException) -> tuple[str, int]:
    """The line that raised an exception."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return frame.filename, frame.lineno or 0


def smallest(target: Target, text: str, error: BaseException, is_counted: bool = False) -> tuple[str, BaseException]:
    """A text from which nothing can be deleted without losing an exception of the same kind; what takes too long stays whole."""
    if isinstance(error, TooLongError):
        return text, error
    size = max(1, len(text) // 2)
    while True:
        at = 0
        while at < len(text):
            shorter = text[:at] + text[at + size :]
            other = execute(target, shorter, is_counted)
            if other is not None and type(other) is type(error):
                text, error = shorter, other
            else:
                at += size
        if size == 1:
            return text, error
        size = max(1, size // 2)
