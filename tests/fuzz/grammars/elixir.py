"""Elixir configuration and modules."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "file": ("<line>\n", "import Config\n<file>", "<line>\n<file>", "# c\n<file>"),
    "line": (
        "config :a, <pairs>", "if <value> do\n<file>else\n<file>end", "defmodule A.B do\n<file>end",
        "def a(b) when <value>, do: <value>", "use A, <pairs>", "x = <value>", "@x <value>",
        "case <value> do\n  x -> <value>\nend",
    ),
    "pairs": ("a: <value>", "a: <value>, <pairs>", '"b c": <value>', "A.B, <pairs>"),
    "value": (
        "1_000", ":a", '"<text>"', "[<pairs>]", "%{<pairs>}", "{<value>, <value>}", 'System.get_env("A")', "<value> |> f()",
        "~w(a b)a", '"""\n  x\n  """', "fn x -> x end", "nil", "<value> || <value>", "not <value>",
    ),
    "text": ("x", "#{<value>}<text>", "\\n<text>", "\\u{1F600}<text>", "é<text>"),
}  # fmt: skip
TARGETS = ("elixir", "comments")
