"""Shell scripts: every command, word and redirect with its place; a word's raw text is what stands at its span."""

from __future__ import annotations

from deploylint.syntax.shell import parse
from deploylint.syntax.shell_tree import Command, Word
from tests.fuzz.checks import check_places, check_span, whole

GLOBS = ("*.sh", "Procfile", "docker-entrypoint*", "entrypoint*")
COVERS = ("shell", "shell_repair", "shell_tree", "shell_words")
TOKENS = (
    "exec ", "if ", "then ", "elif ", "else ", "fi\n", "for x in ", "while ", "do\n", "done\n", "case $x in ", "a) b ;;\n",
    "esac\n", "{ ", "; }\n", "( ", ")", "$(", "`", "${x:-", "}", "$((", "))", "[[ ", " ]]", "<<EOF\n", "<<-'E'\n", "EOF\n",
    "<<< ", "<(", "&&", "||", " | ", "&\n", ";", "'", '"', "$'\\n'", '$"', "\\\n", "# c\n", "x=(a b)\n", "x+=1 ", "f() {\n",
    "function f ", "2>&1 ", ">/dev/null ", "!", "trap '' TERM\n", "set -e\n", "{a,b}", "\ttab", "\r\n", "é", "\U0001f600",
)  # fmt: skip


def check(text: str) -> None:
    source, fragment = whole(text, "run.sh")
    script = parse(fragment)
    check_places(script, source)
    for error in script.errors:
        check_span(error, source)
    pending: list[object] = [script.body]
    while pending:
        item = pending.pop()
        if isinstance(item, Word):
            assert item.raw == item.span.text, (item.raw, item.span)
        if isinstance(item, Command):
            for word in item.words:
                assert item.span.start <= word.span.start <= word.span.end <= item.span.end, (item.span, word.span)
        if isinstance(item, tuple):
            pending += item
        elif hasattr(item, "node"):
            pending.append(item.node)
