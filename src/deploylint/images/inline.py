"""Files that a Dockerfile writes itself: `COPY <<EOF /x`, `RUN cat <<EOF > x`, `RUN echo '…' > /x`, `RUN printf … > /x`.

Facts: docs/facts/dockerfiles.md#scripts-inside-of-a-dockerfile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.text import FragmentBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploylint.images.run import Command, Word
    from deploylint.text import Fragment

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "0": "\0", '"': '"', "'": "'", "a": "\a", "e": "\x1b"}


def written(commands: Sequence[Command]) -> list[tuple[str, Fragment, bool]]:
    """The files that the commands of one RUN write: path as written, content, and whether it is appended."""
    files = []
    for at, command in enumerate(commands):
        target = command.writes
        program = command.program
        if target is None and program == "tee" and len(command.words) > 1:
            # `cat <<EOF | tee file`, `tee file <<EOF`, `echo … | tee file`
            names = [word for word in command.words[1:] if not word.text.startswith("-")]
            source = command if command.heredoc else commands[at - 1] if at else command
            content = printed(source)
            if names and content:
                files.append((names[0].text, content, "-a" in command.arguments))
        elif target is not None and target.text not in ("/dev/null", "/dev/stdout", "/dev/stderr"):
            content = printed(command)
            if content:
                files.append((target.text, content, command.appends))
    return files


def printed(command: Command) -> Fragment | None:
    """What the command prints, as far as it is written here."""
    if command.heredoc is not None:
        return command.heredoc.body if command.program in ("cat", "tee") else None
    arguments = list(command.words[1:])
    if command.program == "echo":
        escapes = True  # dash and busybox interpret them anyway
        while arguments and arguments[0].text in ("-e", "-n", "-en", "-ne", "-E"):
            escapes = arguments[0].text != "-E"
            arguments.pop(0)
        return _joined(arguments, " ", "\n", escapes)
    if command.program == "printf" and arguments:
        if arguments[0].text in ("%s", "%s\\n", "%b", "%b\\n", "--"):
            ending = "\n" if arguments[0].text.endswith("\\n") else ""
            return _joined(arguments[1:], ending, ending, arguments[0].text.startswith("%b"))
        return _joined(arguments[:1], "", "", True) if "%" not in arguments[0].text else None
    return None


def _joined(words: list[Word], separator: str, ending: str, escapes: bool) -> Fragment | None:
    if not words:
        return None
    builder = FragmentBuilder(words[0].fragment.source)
    for at, word in enumerate(words):
        if at:
            place = word.span.start
            builder.put(separator, place, place)
        _append(builder, word.fragment, escapes)
    place = words[-1].span.end
    builder.put(ending, place, place)
    return builder.build()


def _append(builder: FragmentBuilder, word: Fragment, escapes: bool) -> None:
    """A word's text without its quotes, with the escapes that `echo` or `printf` interpret."""
    text, quote, at = word.text, "", 0
    while at < len(text):
        character = text[at]
        span = word.span(at, at + 1)
        if character == quote or (not quote and character in "'\""):
            quote = "" if character == quote else character
        elif character == "\\" and at + 1 < len(text):
            following = text[at + 1]
            both = word.span(at, at + 2)
            at += 1
            if (quote != "'" and following in '"$`') or (not quote and following not in "nt"):
                builder.put(following, both.start, both.end)
            elif escapes and following in _ESCAPES:
                builder.put(_ESCAPES[following], both.start, both.end)
            else:
                builder.copy(span.start, span.end)
                builder.copy(both.end - 1, both.end)
        else:
            builder.copy(span.start, span.end)
        at += 1
