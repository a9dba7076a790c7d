"""YAML streams: cutting, the values found without parsing, nodes, scalars' content, and where a new key would be written."""

from __future__ import annotations

from deploylint.syntax.yaml import Document, Mapping, Scalar, YamlError, documents, place_in, walk
from deploylint.syntax.yaml_stream import scannable
from deploylint.text import Source
from tests.fuzz.checks import check_fragment, check_order, check_span

GLOBS = ("*.yaml", "*.yml", "Kustomization")
COVERS = ("yaml", "yaml_composer", "yaml_fragment", "yaml_nodes", "yaml_scalars", "yaml_stream")
TOKENS = (
    "kind: Pod\n", "---\n", "...\n", "%YAML 1.2\n", "- ", ": ", "? ", "&a ", "*a", "<<: *a\n", "!!str ", "!t ", "|\n", ">-\n",
    "|2+\n", "{", "}", "[", "]", ", ", "'", '"', "''", '\\"', "\\x6b", "\\u006b", "\\\n", "# c\n", " #", "~", "{{ x }}",
    "{% if %}", "{{/* x */}}", "\u2028", "\u0085", "  ", "\t", '"kind": ', "apiVersion: v1\n",
)  # fmt: skip


def check(text: str) -> None:
    source = Source("a.yaml", text)
    found = list(documents(source))
    check_order([document.span for document in found])
    for document in found:
        check_span(document.span, source)
        _check_document(document, source)


def _check_document(document: Document, source: Source) -> None:
    kinds = document.values("kind")
    try:
        root = document.root
    except YamlError as error:
        assert error.message
        check_span(error.span, source)
        return
    if root is None:
        return
    for node in walk(root):
        check_span(node.span, source)
        if isinstance(node, Scalar):
            check_fragment(node.fragment, source)
            assert node.fragment.text == node.text
            if not node.style and len(scannable(node.span.text).splitlines()) == 1:
                assert node.span.text == node.text
            elif node.style:
                assert node.span.text[:1] == node.style
        elif isinstance(node, Mapping):
            for name, entry in node.entries.items():
                assert entry.key.text == name
            place = place_in(node, node.span)
            assert place.at is None or 0 < place.at <= len(source.text)
    if kinds is not None and isinstance(root, Mapping) and not root.is_open:
        kind = root.scalar("kind")
        assert (kind.text in kinds) if kind and kind.text else True, (kinds, kind)
