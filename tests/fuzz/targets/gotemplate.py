"""Go templates: nodes in order, each inside of what holds it."""

from __future__ import annotations

from deploylint.syntax.gotemplate import Block, Literal, Node, TemplateError, parse

GLOBS = ("*.tpl", "*.yaml", "*.txt")
COVERS = ("gotemplate",)
TOKENS = (
    "{{ ", " }}", "{{- ", " -}}", "{{ if .Values.x }}", "{{ else }}", "{{ else if x }}", "{{ end }}",
    "{{ range $i, $e := .x }}", "{{ with $ }}", '{{ define "a" }}', '{{ template "a" . }}', '{{ block "a" . }}', "{{/* c */}}",
    "{{- /* c */ -}}", "| quote", "(", ")", ")).a", '"', "`", "\\n", ":= ", "= ", "$x", ".a.b", "1_0", "-1.5", "true", "nil",
    ", ", "{{ break }}", "{{ continue }}", "\n", "{{}}", "''", "'a'",
)  # fmt: skip


def check(text: str) -> None:
    try:
        template = parse(text)
    except TemplateError as error:
        assert str(error)
        return
    bodies = [template.body, *template.defined.values()]
    while bodies:
        body = bodies.pop()
        _check_order(body, len(text))
        bodies += [part for node in body if isinstance(node, Block) for part in (node.body, node.otherwise)]


def _check_order(body: tuple[Node, ...], length: int) -> None:
    at = 0
    for node in body:
        assert at <= node.start <= node.end <= length, node
        at = node.end
        if isinstance(node, Block):
            for inner in (*node.body, *node.otherwise):
                assert node.start <= inner.start <= inner.end <= node.end, (node, inner)
        assert not isinstance(node, Literal) or node.start < node.end
