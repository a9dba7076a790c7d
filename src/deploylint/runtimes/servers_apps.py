"""The table's servers and workers of Ruby, Node.js, the JVM and .NET."""

from __future__ import annotations

from deploylint.runtimes.server import DRAINS, ConfigFile, Limit, Server

APPS: tuple[Server, ...] = (
    Server(
        "Puma",
        ("puma", "rails server", "rails s"),
        "puma/configuration.rb, puma/thread_pool.rb shutdown",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="force_shutdown_after", line="force_shutdown_after {}", forever=(":forever", "-1")),
        config=ConfigFile("own", ("-C", "--config"), "config/puma.rb"),
        reader="ruby.puma",
    ),
    Server(
        "Puma cluster",  # a Puma with workers
        (),
        "puma/configuration.rb worker_shutdown_timeout, puma/cluster/worker_handle.rb term",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="worker_shutdown_timeout", line="worker_shutdown_timeout {}", default=30.0),
        config=ConfigFile("own", ("-C", "--config"), "config/puma.rb"),
    ),
    Server(
        "Unicorn",
        ("unicorn", "unicorn_rails"),
        "unicorn/http_server.rb stop, unicorn/configurator.rb timeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "drains"},
        Limit(key="timeout", line="timeout {}", default=60.0),
        config=ConfigFile("own", ("-c", "--config-file")),
        reader="ruby.unicorn",
    ),
    Server(
        "Sidekiq",
        ("sidekiq",),
        "sidekiq/config.rb timeout, sidekiq/manager.rb hard_shutdown",
        DRAINS,
        Limit(("-t", "--timeout"), key=":timeout:", default=25.0),
        config=ConfigFile("own", ("-C", "--config"), "config/sidekiq.yml"),
        more=(Limit(default=3.0, name="handing jobs back"),),
        reader="ruby.sidekiq",
        work="jobs",
    ),
    Server(
        "Solid Queue",
        ("bin/jobs", "rake solid_queue:start", "rails solid_queue:start"),
        "lib/solid_queue.rb shutdown_timeout",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="config.solid_queue.shutdown_timeout", line="config.solid_queue.shutdown_timeout = {}.seconds", default=5.0),
        config=ConfigFile("own", (), "config/environments/production.rb"),
        reader="ruby.solid_queue",
        work="jobs",
    ),
    Server(
        "GoodJob",
        ("good_job start",),
        "lib/good_job/configuration.rb shutdown_timeout",
        DRAINS,
        Limit(("--shutdown-timeout",), "GOOD_JOB_SHUTDOWN_TIMEOUT", "config.good_job.shutdown_timeout", forever=("-1",)),
        config=ConfigFile("own", (), "config/environments/production.rb"),
        reader="ruby.good_job",
        work="jobs",
    ),
    Server(
        "Node.js",
        ("node", "nodejs"),
        "node has no handler of its own: process 1 takes no notice of SIGTERM and SIGINT",
        {},  # {"SIGTERM": "ignores"} where the app has no handler: see `node.py`.
        reader="node.node",
        remedy="close the server and exit in `process.on('{signal}', …)`",
    ),
    Server(
        "NestJS",  # a Node.js whose main file enables shutdown hooks
        (),
        "@nestjs/core nest-application-context.js listenToShutdownSignals",
        DRAINS,
        Limit(),
        remedy="end the process yourself some seconds after the signal: `app.close()` has no limit",
    ),
    Server(
        "terminus",
        (),
        "godaddy/terminus lib/terminus.js: stoppable after `timeout`, SIGTERM only unless `signals` says more",
        {"SIGTERM": "drains"},
        Limit(key="timeout", scale=0.001, default=1.0),
        config=ConfigFile("own", (), "createTerminus(server, {…})"),
    ),
    Server(
        "close-with-grace",
        (),
        "mcollina/close-with-grace index.js delay",
        DRAINS,
        Limit(key="delay", scale=0.001, default=10.0),
        config=ConfigFile("own", (), "closeWithGrace({…}, …)"),
    ),
    Server(
        "Spring Boot",
        ("java",),
        "spring-boot ServerProperties shutdown: graceful since 3.4; LifecycleProperties timeoutPerShutdownPhase",
        {},  # {"SIGTERM": "drains"} where shutdown is graceful, else "quits": see `jvm.py`.
        Limit(
            ("--spring.lifecycle.timeout-per-shutdown-phase",),
            "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE",
            "spring.lifecycle.timeout-per-shutdown-phase",
            scale=0.001,
            default=30.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="spring.lifecycle.timeout-per-shutdown-phase={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        reader="jvm.spring_boot",
        remedy="set `server.shutdown=graceful`",
    ),
    Server(
        "Quarkus",
        ("java",),
        "quarkus core/runtime ShutdownConfig: without a timeout the application exits at once",
        {},  # {"SIGTERM": "drains"} with a timeout, else "quits"
        Limit(
            variable="QUARKUS_SHUTDOWN_TIMEOUT",
            key="quarkus.shutdown.timeout",
            default=0.0,
            units={"ms": 0.001, "s": 1, "m": 60, "h": 3600},
            line="quarkus.shutdown.timeout={}s",
        ),
        config=ConfigFile("own", (), "application.properties"),
        reader="jvm.quarkus",
    ),
    Server(
        ".NET",
        ("dotnet",),
        "Microsoft.Extensions.Hosting HostOptions ShutdownTimeout: 30 s since .NET 7 (dotnet/runtime#63712), 5 s before",
        DRAINS,
        Limit((), "DOTNET_SHUTDOWNTIMEOUTSECONDS", "HostOptions.ShutdownTimeout", default=30.0),
        config=ConfigFile("own", (), "Program.cs"),
        reader="dotnet.host",
    ),
)
