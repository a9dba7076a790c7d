"""What missing-remote-debug says of each obstacle.

Facts: docs/facts/debugging.md#what-may-be-claimed.
"""

from __future__ import annotations

# Kind → message, label, consequence, advice.
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "runtime-tools": (
        "release `{detail}` ships without `runtime_tools`", "no mix.exs has `:runtime_tools`",
        "Observer cannot inspect the node and `:dbg` cannot trace it; adding them takes a deploy, which ends what went wrong",
        "add `:runtime_tools` to `extra_applications`, or depend on recon or observer_cli",
    ),
    "distribution": (
        "remote shell cannot connect to the node", "turns distribution off",
        "`bin/app remote`, `rpc`, `stop` and `restart` all connect as a second node, and fail",
        "set {detail} to `sname` or `name`, or leave it out (`sname` is the default)",
    ),
    "node": (
        "remote shell looks for a node that does not run", "known to this process only",
        "`bin/app remote` in the running container does not pass through here: it takes the default, and connects to nothing",
        "set {detail} in rel/env.sh.eex, which every `bin/app` command reads",
    ),
    "cookie": (
        "remote shell is refused by the node", "known to this process only",
        "`bin/app remote` in the running container does not pass through here: it comes with the release's own cookie",
        "set {detail} where the container runs, as a secret: every `bin/app` command sees it there",
    ),
    "port": (
        "remote shell cannot start beside the app", "every `bin/app` command wants port {detail}",
        "`bin/app remote` starts a second node, which listens on the same single port and fails",
        "set the range in rel/vm.args.eex, which only the app itself reads",
    ),
    "python-off": (
        "running process refuses every debugger", "turns attaching off",
        "`python -m pdb -p` and `sys.remote_exec` fail in production, and no profiler is installed in their place",
        "remove `{detail}`, or install py-spy in the image",
    ),
    "python-old": (
        "image holds nothing to inspect Python with", "Python {detail} has no attach of its own",
        "a process that hangs can only be looked at from outside (an ephemeral container, the host), if the platform allows it",
        "install py-spy in the image, or move to Python 3.14 (`python -m pdb -p`)",
    ),
    "node-off": (
        "running Node process cannot be inspected", "SIGUSR1 starts no inspector",
        "a process that leaks or hangs in production has to be restarted to be looked at, which ends what there was to see",
        "remove `--disable-sigusr1`: the inspector listens on 127.0.0.1 only",
    ),
    "java-off": (
        "running JVM cannot be inspected", "turns the attach mechanism off",
        "jcmd, jstack, jmap and attaching profilers all fail in production",
        "remove `-XX:+DisableAttachMechanism`",
    ),
    "dotnet-off": (
        "running .NET process cannot be inspected", "turns the diagnostic port off",
        "dotnet-trace, dotnet-dump, dotnet-counters and debuggers all fail in production",
        "remove {detail}, or set it to 1",
    ),
}  # fmt: skip
