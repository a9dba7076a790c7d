"""Files that set things: Ruby, Java properties, nginx.conf and Caddyfile, INI, each value with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.syntax import directives, ini, properties, ruby
from deploylint.syntax.duration import in_units, iso_seconds
from deploylint.text import Fragment, Source


def fragment(text: str) -> Fragment:
    return Fragment.verbatim(Source("file", text), 0, len(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("workers 2\n", [("workers", "2", True)]),
        ("workers(2)\n", [("workers", "2", True)]),
        ("workers 2 # two\n", [("workers", "2", True)]),
        ("  config.a.b = 30.seconds\n", [("config.a.b", "30.seconds", True)]),
        ("config[:timeout] = 8\n", [("config[:timeout]", "8", True)]),
        ('tag "a # b"\n', [("tag", '"a # b"', True)]),
        ("workers 2 if ENV['X']\n", [("workers", "2", False)]),
        ("if x\n  workers 2\nend\nworkers 3\n", [("workers", "2", False), ("workers", "3", True)]),
        ("x = if a then b else c end\nworkers 3\n", [("workers", "3", True)]),
        ("A.configure do |config|\n  config.a = 1\nend\n", [("config.a", "1", True)]),
        ("module A\n  class B\n    config.a = 1\n  end\nend\n", [("config.a", "1", True)]),
        ("def a\n  workers 1\nend\n", [("workers", "1", False)]),
        ("case x\nwhen 1\n  workers 1\nend\n", [("when", "1", False), ("workers", "1", False)]),
        ("=begin\nworkers 1\n=end\nworkers 2\n", [("workers", "2", True)]),
        ("a == b\na => b\na && b\n", []),
        ("", []),
    ],
)
def test_ruby_settings(text: str, expected: list[tuple[str, str, bool]]) -> None:
    found = list(ruby.settings(fragment(text)))
    assert [(each.name, each.value.text, each.is_certain) for each in found] == expected
    assert all(each.value.whole.text == each.value.text for each in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", ("30", "")),
        ("-1", ("-1", "")),
        ("1_000.5", ("1000.5", "")),
        ("30.seconds", ("30", "")),
        ("2.minutes", ("120", "")),
        (":forever", (":forever", "")),
        ("'a'", ("a", "")),
        ('"a#{b}"', (None, "")),
        ("ENV['X']", (None, "X")),
        ('ENV.fetch("X")', (None, "X")),
        ('ENV.fetch("X", 5)', ("5", "X")),
        ("ENV.fetch('X') { 5 }", ("5", "X")),
        ("ENV['X'] || 5", ("5", "X")),
        ("Integer(ENV['X'] || 5)", ("5", "X")),
        ("ENV.fetch('X', '5').to_i", ("5", "X")),
        ("(5)", ("5", "")),
        ("ENV['X'] || ENV['Y']", (None, "X")),
        ("ENV['X'].split", (None, "")),
        ("count * 2", (None, "")),
        ("(" * 50 + "1" + ")" * 50, (None, "")),
        ("", (None, "")),
    ],
)
def test_ruby_literals(text: str, expected: tuple[str | None, str]) -> None:
    assert ruby.literal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1\n", {"a": "1"}),
        ("  a.b-c : x y  \n", {"a.b-c": "x y"}),
        ("a 1\n", {"a": "1"}),
        ("# a=1\n!b=2\n", {}),
        ("a=1\na=2\n", {"a": "2"}),
        ("a=1\\\n  2\nb=3\n", {"b": "3"}),
        ("a=\r\nb=2\r\n", {"a": "", "b": "2"}),
    ],
)
def test_properties(text: str, expected: dict[str, str]) -> None:
    found = properties.parse(fragment(text))
    assert {key: value.text for key, value in found.items() if key in expected} == expected
    assert all(value.whole.text == value.text for value in found.values())


NGINX = """\
user nginx; # main
worker_shutdown_timeout 10s;
events { worker_connections 1024; }
http {
  log_format main '$remote_addr; "$request"';
  server { listen 80; location ~ \\.php$ { return 200 "a;b"; } }
}
"""
CADDY = """\
# options
{
\tgrace_period 10s
\tservers {
\t\tread_timeout 5s
\t}
}
example.com {
\trespond "a b" 200
\theader X {$VALUE}
}
"""


def test_nginx() -> None:
    names = frozenset("user worker_shutdown_timeout worker_connections log_format listen return location".split())
    found = [
        (each.name, tuple(value.text for value in each.values), each.block) for each in directives.nginx(fragment(NGINX), names)
    ]
    assert found == [
        ("user", ("nginx",), ()),
        ("worker_shutdown_timeout", ("10s",), ()),
        ("worker_connections", ("1024",), ("events",)),
        ("log_format", ("main", '$remote_addr; "$request"'), ("http",)),
        ("listen", ("80",), ("http", "server")),
        ("return", ("200", "a;b"), ("http", "server", "location")),
    ]


def test_caddyfile() -> None:
    names = frozenset("grace_period read_timeout respond header".split())
    found = [
        (each.name, tuple(value.text for value in each.values), each.block) for each in directives.caddy(fragment(CADDY), names)
    ]
    assert found == [
        ("grace_period", ("10s",), ("",)),
        ("read_timeout", ("5s",), ("", "servers")),
        ("respond", ("a b", "200"), ("example.com",)),
        ("header", ("X", "{$VALUE}"), ("example.com",)),
    ]


def test_ini_in_another_file() -> None:
    """What a heredoc writes still knows where it stands in the Dockerfile."""
    source = Source("Dockerfile", "RUN <<EOF\n[a]\nb = 1\n  2\nEOF\n")
    found = ini.parse(Fragment.verbatim(source, 10, 24))
    assert [(line.text, line.whole.text) for line in found["a"]["b"]] == [("1", "1"), ("2", "2")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30), ("1.5", 1.5), ("30s", 30), ("1m 30s", 90), ("500ms", 0.5), ("-1", -1),
        ("", None), ("s", None), ("1x", None), ("1s2", None),
        ("1_000", 1000), ("1_", None), ("1__0", None), ("1" * 400, None), ("1" * 400 + "s", None),
    ],
)  # fmt: skip
def test_numbers_with_units(text: str, seconds: float | None) -> None:
    assert in_units(text, {"ms": 0.001, "s": 1, "m": 60}, 1) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT30S", 30),
        ("pt1m30s", 90),
        ("P1DT1H", 90000),
        ("PT0.5S", 0.5),
        ("P", None),
        ("PT", None),
        ("30s", None),
        ("", None),
        (f"PT{'1' * 400}S", None),
    ],
)
def test_iso_durations(text: str, seconds: float | None) -> None:
    assert iso_seconds(text) == seconds


RUBY = 'A.configure do |c|\n  c.x = ENV.fetch("X") { 2 } # y\nend\nif a\n  workers "b" if c\nend\n=begin\nx 1\n=end\n'
NAMES = frozenset("user return grace_period respond x1 do if end".split())
PROPERTIES = "a.b = c d\\\n e\n# f\ng:h\n"


@given(st.data())
def test_any_part_of_a_file_is_read(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([RUBY, PROPERTIES, NGINX, CADDY]))
    start = data.draw(st.integers(0, len(text)))
    part = fragment(text[start : data.draw(st.integers(start, len(text)))])
    values = [each.value for each in ruby.settings(part)]
    values += properties.parse(part).values()
    values += [value for read in (directives.nginx, directives.caddy) for each in read(part, NAMES) for value in each.values]
    values += [line for keys in ini.parse(part).values() for lines in keys.values() for line in lines]
    assert all(value.whole.text == value.text for value in values if value.text)
    assert all(ruby.literal(each.value.text) for each in ruby.settings(part))


@given(st.text(alphabet=" \n\t{}();=#\"'\\ENV.fetch[]:|do end if x1$%"))
def test_anything_is_read(text: str) -> None:
    part = fragment(text)
    assert len(list(ruby.settings(part))) <= len(text)
    assert len(properties.parse(part)) <= len(text)
    assert len([*directives.nginx(part, NAMES), *directives.caddy(part, NAMES)]) <= 2 * len(text)
