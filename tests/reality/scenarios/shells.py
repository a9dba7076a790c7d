"""What stands between the platform and the app: shells, scripts, init processes, programs that switch the user."""

from __future__ import annotations

from tests.reality.scenario import Fact, Scenario, exec_form

_APP = "gunicorn -b 127.0.0.1:8000 wsgi:app"
_WSGI = {"wsgi.py": "@wsgi.py"}
_SHELLS = ("dash", "bash", "busybox")
_SU = "su passes SIGTERM on, and ends what it runs 2 s later; what the user's shell is, no file says"


def _line(name: str, line: str) -> list[Scenario]:
    """A shell-form CMD, in each shell that /bin/sh may be."""
    return [Scenario(f"{shell}: {name}", line, _WSGI, shell=shell) for shell in _SHELLS]


def _script(name: str, text: str, interpreter: str = "/bin/sh") -> Scenario:
    files = {**_WSGI, "start.sh": f"#!{interpreter}\n{text}\n"}
    return Scenario(f"script: {name}", ("/srv/start.sh",), files)


def _before(program: str, *arguments: str) -> Scenario:
    return Scenario(" ".join((program, *arguments)), (program, *arguments, *exec_form(_APP)), _WSGI)


SCENARIOS = (
    *_line("one command", _APP),
    *_line("exec", f"exec {_APP}"),
    *_line("a && b", f"cd /srv && {_APP}"),
    *_line("a && exec b", f"cd /srv && exec {_APP}"),
    *_line("assignment", f"WEB_CONCURRENCY=1 {_APP}"),
    *_line("redirection", f"{_APP} > /dev/null"),
    *_line("a && b > file", f"cd /srv && {_APP} > /dev/null"),
    *_line("a; b, the app last", f"cd /srv; {_APP}"),
    *_line("a; b && c, the app last", f"cd /; cd /srv && {_APP}"),
    *_line("if", f"if true; then {_APP}; fi"),
    *_line("subshell", f"(cd /srv; {_APP})"),
    *_line("function", f"run() {{ {_APP}; }}; run"),
    *(Scenario(f"{each}: a line end", ("/bin/sh", "-c", f"{_APP}\n"), _WSGI, shell=each) for each in _SHELLS),
    *(Scenario(f"{each}: an empty line", ("/bin/sh", "-c", f"{_APP}\n\n"), _WSGI, shell=each) for each in _SHELLS),
    *_line("pipeline", f"{_APP} 2>&1 | cat"),
    *_line("a; b", f"{_APP}; true"),
    *_line("background and wait", f"{_APP} & wait"),
    Scenario("sh -c in exec form", ("sh", "-c", _APP), _WSGI),
    Scenario("bash -c in exec form", ("bash", "-c", _APP), _WSGI, needs=("bash",)),
    _script("last line", _APP),
    _script("exec", f"exec {_APP}"),
    _script("bash, last line", _APP, "/bin/bash"),
    _script("trap with a child in front", f"trap 'exit 0' TERM\n{_APP}"),
    _script("trap, child and wait", f"{_APP} &\nchild=$!\ntrap 'kill -TERM $child; wait $child' TERM\nwait $child")._replace(
        fact=Fact("drains", "what a trap does is not read")
    ),
    Scenario(
        "entrypoint script with exec \"$@\"",
        exec_form(_APP),
        {**_WSGI, "entrypoint.sh": "#!/bin/sh\nset -e\nexec \"$@\"\n"},
        entrypoint=("/srv/entrypoint.sh",),
    ),
    Scenario(
        "entrypoint script with \"$@\"",
        exec_form(_APP),
        {**_WSGI, "entrypoint.sh": "#!/bin/sh\nset -e\n\"$@\"\n"},
        entrypoint=("/srv/entrypoint.sh",),
    ),
    _before("tini", "--"),
    _before("dumb-init"),
    _before("dumb-init", "--rewrite", "15:2")._replace(fact=Fact("quits", "no rule judges what an init turns a signal into")),
    _before("gosu", "root"),
    _before("setpriv", "--no-new-privs"),
    _before("env", "A=1"),
    _before("nice"),
    _before("timeout", "60"),
    _before("uv", "run", "--no-project", "--offline"),
    Scenario("tini in front of sh -c", ("tini", "--", "sh", "-c", _APP), _WSGI),
    Scenario("dumb-init in front of sh -c", ("dumb-init", "sh", "-c", _APP), _WSGI),
    Scenario("tini -g in front of sh -c", ("tini", "-g", "--", "sh", "-c", _APP), _WSGI),
    Scenario("su -c", ("su", "-c", _APP), _WSGI, fact=Fact("drains", _SU)),
    Scenario("su -c exec", ("su", "-c", f"exec {_APP}"), _WSGI, fact=Fact("drains", _SU)),
    Scenario(
        "su -c exec, a request without end", ("su", "-c", f"exec {_APP}"), _WSGI, work=None, window=6,
        fact=Fact("gives up", _SU, (1.5, 4)),
    ),
)  # fmt: skip
