"""Ruby configuration: every value one range of the file, and its literal never an exception."""

from __future__ import annotations

from deploylint.syntax.ruby import literal, settings
from tests.fuzz.checks import check_verbatim, whole

GLOBS = ("*.rb", "Gemfile*", "puma.rb")
COVERS = ("ruby",)
TOKENS = (
    "workers 2\n", "a = 1\n", 'ENV.fetch("A", 2)', 'ENV["A"]', " || 5", ".to_i", "Integer(", ")", "if x\n", "end\n", "do |a|\n",
    "=begin\n", "=end\n", "# c\n", '"', "'", "#{x}", ":sym", "30.seconds", " if x", " unless y", "[", "]", "{ 1 }", "(", "\\",
    "-1", "1_000", "true", "nil", "config.a.b = c\n", "é",
)  # fmt: skip


def check(text: str) -> None:
    source, fragment = whole(text, "puma.rb")
    for setting in settings(fragment):
        assert setting.name in text
        check_verbatim(setting.value, source)
        assert literal(setting.value.text).variable in text
