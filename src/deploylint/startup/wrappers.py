"""Programs that stand in front of another: what they are, and where the command they run begins. A table.

Facts: docs/facts/launchers.md#wrappers, docs/facts/launchers.md#programs-that-switch-the-user.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from deploylint.lazy import regex
from deploylint.record import NamedTuple

Kind: TypeAlias = Literal["init", "exec", "shell", "script", "switch-user", "runner", "supervisor", "wait", "prefix"]


class Form(NamedTuple):
    """How a wrapper's command line is laid out."""

    kind: Kind
    verbs: tuple[str, ...] = ()
    """The subcommands that run another command; none where the program itself does."""
    values: str = ""
    """Options that take the next word."""
    positionals: int = 0
    """How many words stand before the command."""
    after_dashes: bool = False
    """The command is what follows `--`."""
    takes_assignments: bool = False
    """Like `env A=b`."""
    line: str = ""
    """The option whose value is a shell line to run; empty if there is none."""


_UV = "--with --extra --group --python -p --env-file --directory --project --package --index --index-url --with-requirements"
_SU = Form("switch-user", values="-s --shell -g --group -G --supp-group -w --whitelist-environment", line="-c --command")

FORMS: dict[str, Form] = {
    "tini": Form("init", values="-p -e"),
    "docker-init": Form("init", values="-p -e"),
    "tini-static": Form("init", values="-p -e"),
    "dumb-init": Form("init", values="-r --rewrite"),
    "catatonit": Form("init"),
    "my_init": Form("init", values="--kill-all-on-exit-timeout"),
    "gosu": Form("switch-user", positionals=1),
    "su-exec": Form("switch-user", positionals=1),
    "setpriv": Form("switch-user", values="--reuid --regid --groups --ruid --euid --rgid --egid --inh-caps --bounding-set"),
    "s6-setuidgid": Form("switch-user", positionals=1),
    "setuidgid": Form("switch-user", positionals=1),
    "chpst": Form("switch-user", values="-u -U -e -/ -n -l -L -m -d -o -p -f -c -r -t"),
    "sudo": Form("switch-user", values="-u --user -g --group -h -p -C -D -R -T -U", takes_assignments=True),
    "doas": Form("switch-user", values="-u -C"),
    "runuser": _SU._replace(values=f"{_SU.values} -u --user"),
    "env": Form("prefix", values="-u --unset -C --chdir", takes_assignments=True),
    "nice": Form("prefix", values="-n --adjustment"),
    "ionice": Form("prefix", values="-c -n --class --classdata"),
    "timeout": Form("prefix", values="-s --signal -k --kill-after", positionals=1),
    "stdbuf": Form("prefix", values="-i -o -e"),
    "nohup": Form("prefix"),
    "setsid": Form("prefix"),
    "time": Form("prefix", values="-f -o"),
    "taskset": Form("prefix", positionals=1),
    "chroot": Form("prefix", positionals=1),
    "numactl": Form("prefix"),
    "prlimit": Form("prefix"),
    "xvfb-run": Form("prefix", values="-n -s -e -f -p -w --server-num --server-args"),
    "with-contenv": Form("prefix"),
    "envdir": Form("prefix", positionals=1),
    "vault-env": Form("prefix"),
    "opentelemetry-instrument": Form("prefix", values="--traces_exporter --metrics_exporter --logs_exporter --service_name"),
    "ddtrace-run": Form("prefix"),
    "splunk-py-trace": Form("prefix"),
    "elasticapm-run": Form("prefix", values="--config"),
    "newrelic-admin": Form("prefix", ("run-program",)),
    "cross-env": Form("prefix", takes_assignments=True),
    "thrust": Form("runner"),
    "wait-for-it": Form("wait", after_dashes=True),
    "wait-for": Form("wait", after_dashes=True),
    "wait4x": Form("wait", after_dashes=True),
    "wait-port": Form("wait", after_dashes=True),
    "dockerize": Form(
        "wait",
        values="-wait -timeout -template -stdout -stderr -wait-http-header -wait-retry-interval -delims -poll -env -env-section "
        "--wait --timeout --template --stdout --stderr --wait-http-header --wait-retry-interval",
    ),
    "doppler": Form("runner", ("run",), "-p --project -c --config -t --token --mount --fallback", line="--command"),
    "infisical": Form("runner", ("run",), "--env --projectId --path --token --tags --domain", line="--command"),
    "op": Form("runner", ("run",), "--env-file --account"),
    "dotenvx": Form("runner", ("run",), "-f --env-file -e --env -fk"),
    "chamber": Form("runner", ("exec",), after_dashes=True),
    "aws-vault": Form("runner", ("exec",), after_dashes=True),
    "dotenv": Form("runner", after_dashes=True),
    "bundle": Form("runner", ("exec",)),
    "poetry": Form("runner", ("run",), "-C --directory -P --project"),
    "pipenv": Form("runner", ("run",)),
    "uv": Form("runner", ("run",), _UV),
    "pdm": Form("runner", ("run",), "-p --project -c --config"),
    "hatch": Form("runner", ("run",), "-e --env -p --project"),
    "rye": Form("runner", ("run",)),
    "pixi": Form("runner", ("run",), "-e --environment --manifest-path"),
    "conda": Form("runner", ("run",), "-n --name -p --prefix --cwd"),
    "micromamba": Form("runner", ("run",), "-n --name -p --prefix --cwd"),
    "asdf": Form("runner", ("exec",)),
    "mise": Form("runner", ("exec", "x"), after_dashes=True),
    "npx": Form("runner", values="-p --package -w --workspace", line="-c --call"),
    "pnpx": Form("runner"),
    "bunx": Form("runner", values="-p --package"),
    "pm2-runtime": Form("supervisor", values="-i --instances --name -n --env --max-memory-restart -o -e -l --node-args"),
    "/init": Form("supervisor"),
    "litestream": Form("supervisor", ("replicate",), "-config", line="-exec"),
}

SHELLS = frozenset("sh bash dash ash zsh ksh mksh busybox".split())

# Option letters of a shell that take the next word, besides `-c`, whose line comes after all options.
_SHELL_VALUES = frozenset("oO")

_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")
_MODULE = regex(r"(?:python|pypy)[\d.]*")
_TINI_GROUP = regex(r"-[svw]*g[svwg]*")


class Inner(NamedTuple):
    """What a wrapper runs: a command, or a shell line."""

    kind: Kind
    name: str
    """The wrapper's own name."""
    at: int
    """The number of the word at which the command begins."""
    line: int | None = None
    """The number of the word that is a shell line; None for a command."""
    assignments: tuple[int, ...] = ()
    """The numbers of the words that set variables."""
    rewrites: bool = False
    """It sends other signals than it gets (`dumb-init --rewrite`)."""
    signals_group: bool = False
    """It passes signals to the whole process group (dumb-init, `tini -g`)."""


def unwrap(texts: list[str | None]) -> Inner | None:
    """What the program at the head of a command line runs in turn; None if it is no wrapper, or runs nothing.

    `texts` are the words as far as they are known.
    """
    program = texts[0] or ""
    name = program.rsplit("/", 1)[-1].removesuffix(".sh")
    if _MODULE.fullmatch(name):
        return _module(name, texts)
    if name == "su":
        return _su(texts)
    form = FORMS.get("/init") if program == "/init" else FORMS.get(name)
    if form is None:
        return None
    at = 1
    if form.verbs:
        at = _skip_options(texts, at, form)
        if at >= len(texts) or texts[at] not in form.verbs:
            return None
        at += 1
    if form.line and (line := _line(texts, at, form.line)):
        return Inner(form.kind, name, len(texts), line)
    if form.after_dashes:
        if "--" not in texts[at:]:
            return None
        at = texts.index("--", at) + 1
    else:
        at = _skip_options(texts, at, form)
    assignments: list[int] = []
    while form.takes_assignments and at < len(texts) and _ASSIGNMENT.match(texts[at] or ""):
        assignments.append(at)
        at += 1
    at += form.positionals
    if form.kind == "supervisor" and texts[at : at + 1] == ["start"]:
        at += 1
    if at < len(texts) and texts[at] == "--":
        at += 1
    options = texts[1:at]
    inner = Inner(form.kind, name, at, None, tuple(assignments), _rewrites(name, options), _signals_group(name, options))
    return inner if at < len(texts) else None


def _rewrites(name: str, options: list[str | None]) -> bool:
    return name == "dumb-init" and any((option or "").startswith(("-r", "--rewrite")) for option in options)


def _signals_group(name: str, options: list[str | None]) -> bool:
    """Whether an init passes signals to the process group of its child, not to the child alone."""
    if name == "dumb-init":
        return not {"-c", "--single-child"} & set(options)
    return name.startswith("tini") and any(_TINI_GROUP.fullmatch(option or "") for option in options)


def _skip_options(texts: list[str | None], at: int, form: Form) -> int:
    values = form.values.split()
    while at < len(texts):
        text = texts[at]
        if text is None or len(text) < 2 or text[0] != "-":
            return at
        if text == "--":
            return at + 1
        if form.kind == "runner" and text in ("-m", "--module"):
            return at + 1
        at += 2 if text in values else 1
    return at


def _line(texts: list[str | None], at: int, options: str) -> int | None:
    """The word with the shell line that an option gives, if it does."""
    names = options.split()
    for index in range(at, len(texts) - 1):
        if texts[index] == "--":
            break
        if texts[index] in names:
            return index + 1
    return None


def _su(texts: list[str | None]) -> Inner | None:
    """`su [-] user -c line`, in any order; `su user -s /bin/sh -- args` runs nothing we can read."""
    line = _line(texts, 1, "-c --command -lc")
    return Inner("switch-user", "su", len(texts), line) if line else None


def _module(name: str, texts: list[str | None]) -> Inner | None:
    """`python -m module`: the module is the program."""
    at = 1
    while at < len(texts):
        text = texts[at] or ""
        if text == "-m":
            return Inner("prefix", f"{name} -m", at + 1) if at + 1 < len(texts) else None
        if len(text) < 2 or text[0] != "-" or text == "-c":
            return None
        at += 2 if text in ("-X", "-W") else 1
    return None


class ShellCall(NamedTuple):
    """How a shell is called. With a line, the first word after it is `$0`."""

    line: int | None
    """The number of the word of its `-c` line; None if there is none."""
    script: int | None
    """The number of the word of its script file; None if there is none."""
    rest: int
    """The number of the word at which the positional parameters begin."""


def shell_call(texts: list[str | None]) -> ShellCall | None:
    """Reads `sh -c line name args`, `bash -eo pipefail -c line`, `sh script args`; None for an interactive shell."""
    at = 2 if (texts[0] or "").endswith("busybox") else 1
    has_line = False
    while at < len(texts):
        text = texts[at]
        if text is None or len(text) < 2 or text[0] not in "-+":
            break
        at += 1
        if text == "--":
            break
        if text.startswith("--"):
            continue
        has_line = has_line or (text[0] == "-" and "c" in text)
        at += sum(letter in _SHELL_VALUES for letter in text[1:])
    if at >= len(texts):
        return None
    return ShellCall(at, None, at + 1) if has_line else ShellCall(None, at, at + 1)
