"""Go templates, as charts have them."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("x\n", "<node><file>", "kind: <node>\n<file>"),
    "node": (
        "{{ <pipe> }}", "{{- <pipe> -}}", "{{ if <pipe> }}<file>{{ else if <pipe> }}<file>{{ end }}",
        "{{ range $i, $e := <pipe> }}<file>{{ end }}", '{{ define "a" }}<file>{{ end }}', '{{ template "a" . }}', "{{/* c */}}",
        "{{ with <pipe> }}<file>{{ else }}<file>{{ end }}",
    ),
    "pipe": ("<term>", "<term> | <pipe>", "$x := <pipe>", "f <term> <term>", "(<pipe>).a"),
    "term": (".", ".Values.a.b", "$", "$x.y", '"x\\n"', "`x`", "1", "-1.5", "true", "nil", "(<pipe>)", "default"),
}  # fmt: skip
TARGETS = ("gotemplate", "yaml")
