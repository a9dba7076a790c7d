"""Trees of any language: every node inside its parent, at the characters that the grammar says."""

from __future__ import annotations

from deploylint.syntax.tree import parse
from deploylint.text import Source
from tests.fuzz.checks import check_span

GLOBS = ("*.js", "*.ts", "*.go", "*.cs", "*.rb")
COVERS = ("tree",)
LANGUAGES = ("javascript", "typescript", "go", "c_sharp", "ruby")
TOKENS = (
    "import a from './b';\n", "await f();\n", "func main() {\n", "}\n", "{", "(", ")", "'", '"', "`", "${", "if (a) {\n",
    "class A {\n", "def a\n", "end\n", "do |x|\n", "=> ", "package main\n", "using A;\n", "var b = c;\n", "// c\n", "# c\n",
    "/* c */", "é", "\U0001f600", "\r\n", "<A>", "@B()\n", "0x1F", ";", "\\", "/a/g", "%w[a b]", "<<~A\n",
)  # fmt: skip


def check(text: str) -> None:
    for language in LANGUAGES:
        source = Source("file", text)
        tree = parse(source, language)
        assert tree is not None
        if tree.error:
            check_span(tree.error, source)
        for node in tree.root.walk():
            check_span(node.span, source)
            assert node.text == node.span.text
            for child in node.children:
                assert node.span.start <= child.span.start <= child.span.end <= node.span.end
