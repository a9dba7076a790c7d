"""Entrypoint scripts: control flow, quotes, expansions, redirects."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "script": ("<list>\n", "#!/bin/sh\nset -e\n<list>\n"),
    "list": (
        "<command>", "<command>\n<list>", "<command> && <list>", "<command> | <list>", "<command> & <list>", "! <list>",
        "<command>; # c\n<list>",
    ),
    "command": (
        "<words>", "exec <words>", "if <list>; then <list>; else <list>; fi", "for x in <words>; do <list>; done",
        "while <list>; do <list>; done", "case <word> in <word>) <list>;; *) <list>;; esac", "{ <list>; }", "( <list> )",
        "f() { <list>; }", "x=<word> <words>", "x=(<words>)", "[ <words> ]", "[[ <words> ]]", "(( <word> + 1 ))",
        "<words> > <word> 2>&1", "cat <<EOF\n<words>\nEOF", "trap '<words>' TERM", "pushd <word>",
    ),
    "words": ("<word>", "<word> <words>", "<word> \\\n<words>"),
    "word": ("x", '"<part>"', "'x y'", "<part>", "$'\\n'", "a\\ b", "{a,b}", "é", "-x"),
    "part": ("x", "$x", "${x:-<word>}", "$(<list>)", "`x`", "$((1 + x))", "${#x}", "${!x}", "${x[@]}", "$@", "<part><part>"),
}  # fmt: skip
TARGETS = ("shell", "words", "comments")
