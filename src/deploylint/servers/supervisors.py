"""The rows of the table that start others, pass signals on to them, and kill those that don't end in time."""

from __future__ import annotations

from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server

_ALL_TERM = {"SIGTERM": "SIGTERM", "SIGINT": "SIGTERM", "SIGQUIT": "SIGTERM"}

SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/launchers.md#supervisors
        "supervisord",
        ("supervisord",),
        "supervisor/supervisord.py ordered_stop_groups_phase_1: group after group; supervisor/options.py stopwaitsecs",
        {**DRAINS, "SIGQUIT": "drains"},
        Limit(key="stopwaitsecs", line="stopwaitsecs={}", default=10.0),
        config=ConfigFile("own", ("-c",), "supervisord.conf"),
        relays=_ALL_TERM,
        note="For each program. `stopsignal` names another signal.",
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "circus",
        ("circusd",),
        "circus/watcher.py graceful_timeout, stop_signal",
        {**DRAINS, "SIGQUIT": "drains"},
        Limit(key="graceful_timeout", line="graceful_timeout = {}", default=30.0),
        config=ConfigFile("own", (), "circus.ini"),
        relays=_ALL_TERM,
        note="For each watcher. `stop_signal` names another signal.",
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "foreman",
        ("foreman",),
        "foreman lib/foreman/engine.rb terminate_gracefully",
        {},
        Limit(("-t", "--timeout"), line="foreman start -t {}", default=5.0),
        relays={"SIGTERM": "SIGTERM", "SIGINT": "SIGTERM", "SIGHUP": "SIGTERM"},
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "honcho",
        ("honcho",),
        "honcho/manager.py KILL_WAIT: counted from the end of the first process",
        {},
        Limit(default=5.0),
        relays={"SIGTERM": "SIGTERM", "SIGINT": "SIGTERM"},
        remedy="run each process in a container of its own",
        note="Counted from the end of the first of several processes.",
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "pm2-runtime",
        ("pm2-runtime",),
        "pm2/constants.js KILL_TIMEOUT, lib/God/Methods.js: SIGINT, whatever it gets itself",
        {},
        Limit(("--kill-timeout",), "PM2_KILL_TIMEOUT", "kill_timeout", scale=0.001, default=1.6, line="kill_timeout: {}"),
        config=ConfigFile("own", (), "ecosystem.config.js"),
        relays={"SIGTERM": "SIGINT", "SIGINT": "SIGINT", "SIGQUIT": "SIGINT"},
        note="PM2_KILL_SIGNAL names another signal.",
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "s6-overlay",
        ("/init",),
        "s6-overlay README: S6_KILL_GRACETIME, from SIGTERM to SIGKILL for all that is left at the end",
        {},
        Limit(variable="S6_KILL_GRACETIME", scale=0.001, default=3.0, line="S6_KILL_GRACETIME={}"),
        relays={"SIGTERM": "SIGTERM"},
        note="Of what the container's command runs. With S6_CMD_RECEIVE_SIGNALS the command gets the signal "
        "itself, and is not killed.",
    ),
    Server(  # docs/facts/launchers.md#programs-that-switch-the-user
        "su",
        ("su",),
        "util-linux login-utils/su-common.c: SIGTERM, 2 s, SIGKILL",
        {},
        Limit(default=2.0),
        relays={"SIGTERM": "SIGTERM"},
        remedy="change the user with `gosu` or `setpriv`, which become what they run",
        note="Of util-linux; busybox's becomes the command.",
    ),
    Server(  # docs/facts/launchers.md#supervisors
        "thruster",
        ("thrust",),
        "basecamp/thruster internal/upstream_process.go: the first signal is passed on, without limit",
        {},
        relays={"SIGTERM": "SIGTERM", "SIGINT": "SIGINT"},
    ),
)
