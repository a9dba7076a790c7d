"""Ruby servers and workers: what their configuration files, and Rails' own, say of their drain.

Facts: docs/facts/servers.md#puma, docs/facts/servers.md#sidekiq, docs/facts/servers.md#other-ruby-workers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.addresses import as_port, narrowed, opened, parsed
from deploylint.servers.limits import limited, limited_by
from deploylint.servers.row import DRAINS, ConfigFile, Limit, Server
from deploylint.syntax import ruby

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Fragment


_UNREAD = "set in a file that can't be read"
_OTHER_SERVERS = ("falcon", "unicorn-rails", "passenger", "thin", "iodine", "agoo", "webrick")


def _puma_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Puma waits without limit as a single process; with workers it kills each of them after `worker_shutdown_timeout`."""
    if settings.program.text.strip("\"'").endswith("rails") and not serves_with_puma(settings):
        return None
    is_known, text = puma_file(settings)
    limit = settings.limit
    forced = setting_in(settings, text, limit.key)
    workers = (
        settings.argument(("-w", "--workers")) or setting_in(settings, text, "workers") or settings.variable("WEB_CONCURRENCY")
    )
    if not is_known or (workers and workers.is_unknown) or (forced and forced.is_unknown):
        return drain._replace(is_complete=False)
    cluster = _CLUSTER.limit or limit
    is_cluster = workers is not None and workers.content not in ("0", ":nil", "nil")
    if forced and forced.content == ":immediately":
        return drain._replace(limit_line=(cluster if is_cluster else limit).template)
    alone = limited_by(drain, settings, limit, forced)
    if not is_cluster:
        return alone
    together = limited_by(drain, settings, cluster, setting_in(settings, text, cluster.key))
    is_sooner = sum(phase.seconds.get() for phase in alone.phases) < sum(phase.seconds.get() for phase in together.phases)
    return alone._replace(limit_line=together.limit_line) if alone.phases and is_sooner else together


def serves_with_puma(settings: Settings) -> bool:
    """Whether `rails server` starts Puma: it is in the bundle, and no other server is."""
    text = settings.process_files.find("Gemfile.lock") or settings.process_files.find("Gemfile")
    return text is not None and _has_gem(text, "puma") and not any(_has_gem(text, name) for name in _OTHER_SERVERS)


def _has_gem(text: Fragment, name: str) -> bool:
    return re.search(rf"^ {{4}}{name} \(|^[ \t]*gem[ \t]*\(?[ \t]*[\"']{name}[\"']", text.text, re.MULTILINE) is not None


def puma_file(settings: Settings) -> tuple[bool, Fragment | None]:
    """Puma's configuration file, and whether it is sure that it is this one, or none."""
    config = settings.server.config
    path = settings.argument(config.flags) if config else None
    if path is not None:
        text = settings.process_files.find(path.content) if path.content else None
        return path.content == "-" or text is not None, text
    name = _environment(settings, "APP_ENV", "RACK_ENV", "RAILS_ENV")
    if name and (text := settings.process_files.find(f"config/puma/{name}.rb")):
        return True, text
    folder = f"{settings.process_files.folder}/config/puma".lstrip("/")
    if name is None and any(path.endswith(".rb") for path in settings.files.under(folder)):
        return False, None
    text = settings.process_files.find("config/puma.rb")
    return text is not None or (
        _is_seen(settings) and not settings.process_files.is_elsewhere("puma.rb", "workers", "shutdown")
    ), text


def _is_seen(settings: Settings) -> bool:
    """Whether the app's own files are those of the repository, so that one that isn't there is nowhere."""
    if settings.process_files.is_unseen:
        return False
    return any(settings.process_files.find(name) for name in ("Gemfile", "Gemfile.lock", "config.ru", "config/application.rb"))


def _environment(settings: Settings, *variables: str) -> str | None:
    """The name of the environment a program runs in; None if that can't be known."""
    argument = settings.argument(("-e", "--environment"))
    values = (argument, *(settings.variable(name) for name in variables))
    environment = next((value for value in values if value is not None), None)
    return "development" if environment is None else environment.content


def setting_in(settings: Settings, text: Fragment | None, name: str) -> Value[str] | None:
    """The value that a Ruby file sets last for a name; None if it sets none."""
    assignments = [setting for setting in ruby.settings(text) if setting.name == name] if text else []
    return _value(settings, assignments[-1], all(assignment.is_certain for assignment in assignments)) if assignments else None


def _value(settings: Settings, setting: ruby.Setting, is_certain: bool) -> Value[str] | None:
    span = setting.value.whole
    literal = ruby.literal(setting.value.text)
    if not is_certain:
        return unknown(span, "computed")
    if literal.variable and (given := settings.variable(literal.variable)) is not None:
        return given
    if literal.text is None:
        return unknown(span, "set in the environment" if literal.variable else "computed")
    return known(literal.text, span, f"`{setting.name}`")


def _unicorn_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Unicorn kills its workers after `timeout`, which bounds every request as well."""
    config = settings.server.config
    path = settings.argument(config.flags) if config else None
    text = settings.process_files.find(path.content) if path and path.content else None
    if path is not None and text is None:
        return drain._replace(is_complete=False)
    return limited_by(drain, settings, settings.limit, setting_in(settings, text, settings.limit.key))


# Jobs

_LINE = regex(r"^([ \t]*)[\"']?:?([A-Za-z_]\w*)[\"']?:(?:[ \t]+([^\s#]+))?", re.MULTILINE)
_IN_CODE = regex(r"\[:timeout\]\s*=|\.timeout\s*=")


def _sidekiq_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Sidekiq gives jobs `timeout` to end, then hands them back, for which it takes up to 3 s."""
    limit = settings.limit
    value = settings.argument(limit.flags) or _in_sidekiq_file(settings) or _in_initializers(settings)
    drain = limited_by(drain, settings, limit, value)
    return limited(drain, settings, *settings.server.more)._replace(limit_line=limit.template) if drain.phases else drain


def _in_sidekiq_file(settings: Settings) -> Value[str] | None:
    """`:timeout:` of config/sidekiq.yml, or of its section for the environment, which wins."""
    config = settings.server.config
    assert config
    path = settings.argument(config.flags)
    text = (
        settings.process_files.find(path.content)
        if path and path.content
        else settings.process_files.find(config.default)
        if not path
        else None
    )
    if text is None:
        is_hidden = settings.process_files.is_elsewhere("sidekiq.yml", "timeout") or settings.process_files.find(
            f"{config.default}.erb"
        )
        return unknown(None, _UNREAD) if path is not None or is_hidden or not _is_seen(settings) else None
    timeouts = dict(_timeouts(text))
    if len(timeouts) == len(timeouts.keys() & {""}):
        return timeouts.get("")
    name = _environment(settings, "APP_ENV", "RAILS_ENV", "RACK_ENV")
    return unknown(None, "set in the environment") if name is None else timeouts.get(name, timeouts.get(""))


def _timeouts(text: Fragment) -> Iterator[tuple[str, Value[str]]]:
    """Each section's own timeout; that of the file stands under ''."""
    section, level = "", ""
    for line in _LINE.finditer(text.text):
        indent, name, value = line.groups()
        if not indent:
            section, level = name, ""
        level = level or indent
        if name != "timeout" or not value or indent != level:
            continue
        span = text.span(*line.span(3))
        is_computed = "<%" in value or value[0] in "*&!"
        yield (
            section if indent else "",
            unknown(span, "computed") if is_computed else known(value.strip("\"'"), span, "`:timeout:`"),
        )


def _in_initializers(settings: Settings) -> Value[str] | None:
    """The server block of an initializer can set it too: code that is not followed."""
    folder = f"{settings.process_files.folder}/config/initializers".lstrip("/")
    texts = (settings.files.read(path) for path in settings.files.under(folder) if "sidekiq" in path)
    return unknown(None, "computed") if any(text and _IN_CODE.search(text.text) for text in texts) else None


def _solid_queue_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Solid Queue's supervisor gives its processes `shutdown_timeout`, then SIGQUIT."""
    script = settings.process_files.find("bin/jobs")
    if settings.program.text.strip("\"'").endswith("jobs") and not (script and "SolidQueue" in script.text):
        return None
    return _in_rails(drain, settings, "solid_queue")


def _good_job_drain(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """GoodJob: its command line, Rails' configuration, the environment, in this order."""
    return _in_rails(drain, settings, "good_job")


def _in_rails(drain: Drain, settings: Settings, library: str) -> Drain:
    value = settings.argument(settings.limit.flags) or _rails_setting(settings, library)
    return limited_by(drain, settings, settings.limit, value)


def _rails_setting(settings: Settings, library: str) -> Value[str] | None:
    """`config.library.shutdown_timeout`, from the application's file, the environment's, then the initializers."""
    name = _environment(settings, "RAILS_ENV", "RACK_ENV")
    value: Value[str] | None = None if _is_seen(settings) else unknown(None, _UNREAD)
    for path in _rails_files(settings, name):
        text = settings.process_files.find(path)
        if text is None or library not in text.text.lower().replace("goodjob", "good_job").replace("solidqueue", "solid_queue"):
            continue
        own = [setting for setting in ruby.settings(text) if setting.name.endswith(f"{library}.shutdown_timeout")]
        if own:
            value = _value(settings, own[-1], all(assignment.is_certain for assignment in own))
        elif "shutdown_timeout" in text.text:
            return unknown(None, "computed")
    return value


def _rails_files(settings: Settings, name: str | None) -> Iterator[str]:
    yield "config/application.rb"
    folder = settings.process_files.folder
    yield f"config/environments/{name or 'production'}.rb"
    for path in settings.files.under(f"{folder}/config/initializers".lstrip("/")):
        if path.endswith(".rb") and is_production_path(path):
            yield path.removeprefix(f"{folder}/") if folder else path


_ELSEWHERE = regex(r"(?m)^[^#\n]*\b(?:bind|ssl_bind|bind_to_activated_sockets|activate_control_app)\b")
"""What makes Puma listen on more than a port, or elsewhere."""
_PUMA, _RAILS = 9292, 3000


def _puma_listening(settings: Settings) -> Listening | None:
    """Puma with one port; None if its file can't be read or says more than that."""
    is_rails = settings.program.text.strip("\"'").endswith("rails")
    if is_rails and not serves_with_puma(settings):
        return None
    is_sure, text = puma_file(settings)
    if not is_sure or (text is not None and _ELSEWHERE.search(text.text)):
        return None
    host = settings.argument(("-b", "--bind", "--binding"))
    number = settings.argument(("-p", "--port"))
    if host is not None and not is_rails:
        place = parsed(host, _PUMA) if number is None else None
        return None if place is None else _listening(settings, *place)
    if is_rails:
        host, number = host or settings.variable("BINDING"), number or settings.variable("PORT")
    number = number or setting_in(settings, text, "port")
    owner = "Rails default" if is_rails else "Puma default"
    port: Value[int] = default(_RAILS if is_rails else _PUMA, settings.program, owner) if number is None else as_port(number)
    address: Value[str] = unknown(settings.program, "depends on the environment") if is_rails else default("", None, owner)
    return _listening(settings, address if host is None else narrowed(host, host.content), port)


def _listening(settings: Settings, address: Value[str], port: Value[int]) -> Listening:
    edit = opened(address) if address.is_known else None
    return Listening("Puma", settings.program, address, port, "-b 0.0.0.0", edit, "-p {}")


_CLUSTER = Server(  # docs/facts/servers.md#puma
    "Puma cluster",
    (),
    "puma/configuration.rb worker_shutdown_timeout, puma/cluster/worker_handle.rb term",
    {**DRAINS, "SIGQUIT": "quits"},
    Limit(key="worker_shutdown_timeout", line="worker_shutdown_timeout {}", default=30.0),
    config=ConfigFile("own", ("-C", "--config"), "config/puma.rb"),
    note="With `workers`, `-w` or WEB_CONCURRENCY above 0. A shorter `force_shutdown_after` counts here too.",
)

SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#puma
        "Puma",
        ("puma", "rails server", "rails s"),
        "puma/configuration.rb, puma/thread_pool.rb shutdown",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="force_shutdown_after", line="force_shutdown_after {}", forever=(":forever", "-1")),
        config=ConfigFile("own", ("-C", "--config"), "config/puma.rb"),
        note="As a single process. `config/puma/ENVIRONMENT.rb` counts before `config/puma.rb`.",
        drain=_puma_drain,
        listening=_puma_listening,
    ),
    _CLUSTER,
    Server(  # docs/facts/servers.md#unicorn
        "Unicorn",
        ("unicorn", "unicorn_rails"),
        "unicorn/http_server.rb stop, unicorn/configurator.rb timeout",
        {"SIGTERM": "quits", "SIGINT": "quits", "SIGQUIT": "drains"},
        Limit(key="timeout", line="timeout {}", default=60.0),
        config=ConfigFile("own", ("-c", "--config-file")),
        drain=_unicorn_drain,
    ),
    Server(  # docs/facts/servers.md#sidekiq
        "Sidekiq",
        ("sidekiq",),
        "sidekiq/config.rb timeout, sidekiq/manager.rb hard_shutdown",
        DRAINS,
        Limit(("-t", "--timeout"), key=":timeout:", default=25.0),
        config=ConfigFile("own", ("-C", "--config"), "config/sidekiq.yml"),
        more=(Limit(default=3.0, name="handing jobs back"),),
        work="jobs",
        note="After the limit it hands its jobs back, which takes up to 3 s. A section of the file for the environment wins.",
        drain=_sidekiq_drain,
    ),
    Server(  # docs/facts/servers.md#other-ruby-workers
        "Solid Queue",
        ("bin/jobs", "rake solid_queue:start", "rails solid_queue:start"),
        "lib/solid_queue.rb shutdown_timeout",
        {**DRAINS, "SIGQUIT": "quits"},
        Limit(key="config.solid_queue.shutdown_timeout", line="config.solid_queue.shutdown_timeout = {}.seconds", default=5.0),
        config=ConfigFile("own", (), "config/environments/production.rb"),
        work="jobs",
        drain=_solid_queue_drain,
    ),
    Server(  # docs/facts/servers.md#other-ruby-workers
        "GoodJob",
        ("good_job start",),
        "lib/good_job/configuration.rb shutdown_timeout",
        DRAINS,
        Limit(("--shutdown-timeout",), "GOOD_JOB_SHUTDOWN_TIMEOUT", "config.good_job.shutdown_timeout", forever=("-1",)),
        config=ConfigFile("own", (), "config/environments/production.rb"),
        work="jobs",
        note="Rails' configuration counts before the variable. -1 waits without limit.",
        drain=_good_job_drain,
    ),
)
