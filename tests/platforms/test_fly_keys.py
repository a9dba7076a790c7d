"""Keys of a fly.toml that flyctl passes over, and what they are meant to be."""

from __future__ import annotations

import pytest

from deploylint.platforms.fly_keys import unknown_settings
from deploylint.syntax.toml import parse
from deploylint.text import Source


def unknown(text: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    settings = unknown_settings(parse(Source("fly.toml", text)))
    assert all(setting.span.text.strip("\"'") == setting.name for setting in settings)
    return [(setting.section, setting.name, setting.meant, setting.homes) for setting in settings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[build]\ntarget = "web"\n', [("build", "target", "build-target", ())]),
        ('build = { target = "web" }\n', [("build", "target", "build-target", ())]),
        ('build.target = "web"\n', [("build", "target", "build-target", ())]),
        ('[http_service]\n"internal-port" = 80\n', [("http_service", "internal-port", "internal_port", ())]),
        ('[[services]]\n[[services.ports]]\nhandler = ["tls"]\n', [("services.ports", "handler", "handlers", ())]),
        ("[deploy]\nprimary_region = 'ams'\n", [("deploy", "primary_region", "", ("",))]),
        ("[[vm]]\nsize = 'a'\nrelease_command = 'x'\n", [("vm", "release_command", "", ("deploy",))]),
        ("[http_service.concurrency]\nlimit = 3\n", [("http_service.concurrency", "limit", "", ())]),
        ("colour = 'red'\n", [("", "colour", "", ())]),
        ("[checks.up]\npth = '/up'\n", [("checks.up", "pth", "path", ())]),
        ("[[statics]]\nguest_path = '/a'\nurl = '/b'\n", [("statics", "url", "", ())]),
    ],
)
def test_a_key_that_no_section_has_is_named(text: str, expected: list[tuple[str, str, str, tuple[str, ...]]]) -> None:
    assert unknown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[env]\ntarget = 'web'\n",
        "[build.args]\ntarget = 'web'\n",
        "[build.settings]\nanything = 1\n",
        "[processes]\ntarget = 'web'\n",
        "[http_service.http_options.response.headers]\nX-A = 'b'\n",
        "[[http_service.checks]]\n[http_service.checks.headers]\nHost = 'b'\n",
        "[[metrics]]\nport = 1\npath = '/'\n",
        "[metrics]\nport = 1\n",
        "[[compute]]\ncpu_kind = 'shared'\n",
        "[experimental]\nallowed_public_ports = []\nauto_rollback = true\nkill_timeout = 3\n",
        "[build]\ncontext = []\n",
        "[deploy]\nkill_timeout = 5\n",  # the rule about stop settings says this
        "[litefs]\ndirectory = '/a'\n",
        "[checks.alive]\ntype = 'tcp'\nport = 1\n",
        "[[processes]]\nname = 'web'\ncommand = 'x'\n",
    ],
)
def test_a_key_that_flyctl_reads_or_wrote_is_not_named(text: str) -> None:
    assert unknown(text) == []
