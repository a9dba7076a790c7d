"""Dockerfiles with continuations, heredocs, flags and both forms of commands."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": (
        "FROM <word>\n<lines>", "# escape=`\nFROM <word>\n<lines>",
        "# syntax=docker/dockerfile:1\nARG A=<word>\nFROM $A AS b\n<lines>",
    ),
    "lines": ("", "<line>\n<lines>", "# c\n<lines>", "<line> \\\n# c\n  <words>\n<lines>"),
    "line": (
        "RUN <words>", "CMD <exec>", "ENTRYPOINT <exec>", "ENV <word>=<word> <word>='<word> x'", "ENV <word> <words>",
        "ARG <word>=<word>", "COPY --from=b --chown=1:1 <words>", "RUN <<EOF\n<words>\nEOF",
        "COPY <<-'E' <<F /x\n\t<words>\n\tE\n<words>\nF", "ONBUILD <line>", "HEALTHCHECK --interval=5s CMD <exec>",
        "SHELL <exec>", "STOPSIGNAL <word>", "EXPOSE <words>", 'LABEL a="<words>"', "USER <word>",
    ),
    "exec": ('["<word>"]', '["<word>", "<escape>"]', "<words>", "[]", '["<word>",]', "['<word>']", '["a", 1]'),
    "escape": ("\\n", "\\ud83d\\ude00", "\\ud83d", '\\"', "\\x"),
    "words": ("<word>", "<word> <words>", "<word> && <words>", '"<words>"', "<word> \\\n <words>"),
    "word": ("x", "$A", "${A:-b}", "é", "a\\ b", "''", "-x", "--y=z", "`", "\\"),
}  # fmt: skip
TARGETS = ("dockerfile", "heredoc", "exec_form", "comments", "suppression")
