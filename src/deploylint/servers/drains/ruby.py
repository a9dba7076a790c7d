"""Ruby servers and workers: what their configuration files, and Rails' own, say of their drain.

Facts: docs/facts/servers.md#puma, docs/facts/servers.md#sidekiq, docs/facts/servers.md#other-ruby-workers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, known, unknown
from deploylint.servers.drains.limits import limited, limited_by
from deploylint.servers.rows import server_called
from deploylint.syntax import ruby

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Fragment

_UNREAD = "set in a file that can't be read"
_OTHER_SERVERS = ("falcon", "unicorn-rails", "passenger", "thin", "iodine", "agoo", "webrick")


def puma(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Puma waits without limit as a single process; with workers it kills each of them after `worker_shutdown_timeout`."""
    if settings.program.text.strip("\"'").endswith("rails") and not serves_with_puma(settings):
        return None
    is_known, text = puma_file(settings)
    limit = settings.limit
    forced = said_in(settings, text, limit.key)
    workers = settings.argument(("-w", "--workers")) or said_in(settings, text, "workers") or settings.variable("WEB_CONCURRENCY")
    if not is_known or (workers and workers.is_unknown) or (forced and forced.is_unknown):
        return drain._replace(is_complete=False)
    cluster = server_called("Puma cluster").limit or limit
    is_cluster = workers is not None and workers.content not in ("0", ":nil", "nil")
    if forced and forced.content == ":immediately":
        return drain._replace(limit_line=(cluster if is_cluster else limit).template)
    alone = limited_by(drain, settings, limit, forced)
    if not is_cluster:
        return alone
    together = limited_by(drain, settings, cluster, said_in(settings, text, cluster.key))
    is_sooner = sum(phase.seconds.get() for phase in alone.phases) < sum(phase.seconds.get() for phase in together.phases)
    return alone._replace(limit_line=together.limit_line) if alone.phases and is_sooner else together


def serves_with_puma(settings: Settings) -> bool:
    """Whether `rails server` starts Puma: it is in the bundle, and no other server is."""
    text = settings.view.find("Gemfile.lock") or settings.view.find("Gemfile")
    return text is not None and _has_gem(text, "puma") and not any(_has_gem(text, name) for name in _OTHER_SERVERS)


def _has_gem(text: Fragment, name: str) -> bool:
    return re.search(rf"^ {{4}}{name} \(|^\s*gem\s*\(?\s*[\"']{name}[\"']", text.text, re.MULTILINE) is not None


def puma_file(settings: Settings) -> tuple[bool, Fragment | None]:
    """Puma's configuration file, and whether it is sure that it is this one, or none."""
    config = settings.server.config
    path = settings.argument(config.flags) if config else None
    if path is not None:
        text = settings.view.find(path.content) if path.content else None
        return path.content == "-" or text is not None, text
    name = _environment(settings, "APP_ENV", "RACK_ENV", "RAILS_ENV")
    if name and (text := settings.view.find(f"config/puma/{name}.rb")):
        return True, text
    folder = f"{settings.view.folder}/config/puma".lstrip("/")
    if name is None and any(path.endswith(".rb") for path in settings.files.under(folder)):
        return False, None
    text = settings.view.find("config/puma.rb")
    return text is not None or (_is_seen(settings) and not settings.view.is_elsewhere("puma.rb", "workers", "shutdown")), text


def _is_seen(settings: Settings) -> bool:
    """Whether the app's own files are those of the repository, so that one that isn't there is nowhere."""
    if settings.view.is_blind:
        return False
    return any(settings.view.find(name) for name in ("Gemfile", "Gemfile.lock", "config.ru", "config/application.rb"))


def _environment(settings: Settings, *variables: str) -> str | None:
    """The name of the environment a program runs in; None if that can't be known."""
    said = settings.argument(("-e", "--environment"))
    values = (said, *(settings.variable(name) for name in variables))
    found = next((value for value in values if value is not None), None)
    return "development" if found is None else found.content


def said_in(settings: Settings, text: Fragment | None, name: str) -> Value[str] | None:
    """What a Ruby file gives a name, the last time; None if it doesn't."""
    found = [each for each in ruby.settings(text) if each.name == name] if text else []
    return _value(settings, found[-1], all(each.is_certain for each in found)) if found else None


def _value(settings: Settings, said: ruby.Setting, is_certain: bool) -> Value[str] | None:
    span = said.value.whole
    literal = ruby.literal(said.value.text)
    if not is_certain:
        return unknown(span, "computed")
    if literal.variable and (given := settings.variable(literal.variable)) is not None:
        return given
    if literal.text is None:
        return unknown(span, "set in the environment" if literal.variable else "computed")
    return known(literal.text, span, f"`{said.name}`")


def unicorn(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Unicorn kills its workers after `timeout`, which bounds every request as well."""
    config = settings.server.config
    path = settings.argument(config.flags) if config else None
    text = settings.view.find(path.content) if path and path.content else None
    if path is not None and text is None:
        return drain._replace(is_complete=False)
    return limited_by(drain, settings, settings.limit, said_in(settings, text, settings.limit.key))


# Jobs

_LINE = regex(r"^([ \t]*)[\"']?:?([A-Za-z_]\w*)[\"']?:(?:[ \t]+([^\s#]+))?", re.MULTILINE)
_IN_CODE = regex(r"\[:timeout\]\s*=|\.timeout\s*=")


def sidekiq(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """Sidekiq gives jobs `timeout` to end, then hands them back, for which it takes up to 3 s."""
    limit = settings.limit
    said = settings.argument(limit.flags) or _in_sidekiq_file(settings) or _in_initializers(settings)
    drain = limited_by(drain, settings, limit, said)
    return limited(drain, settings, *settings.server.more)._replace(limit_line=limit.template) if drain.phases else drain


def _in_sidekiq_file(settings: Settings) -> Value[str] | None:
    """`:timeout:` of config/sidekiq.yml, or of its section for the environment, which wins."""
    config = settings.server.config
    assert config
    path = settings.argument(config.flags)
    text = settings.view.find(path.content) if path and path.content else settings.view.find(config.default) if not path else None
    if text is None:
        is_hidden = settings.view.is_elsewhere("sidekiq.yml", "timeout") or settings.view.find(f"{config.default}.erb")
        return unknown(None, _UNREAD) if path is not None or is_hidden or not _is_seen(settings) else None
    found = dict(_timeouts(text))
    if len(found) == len(found.keys() & {""}):
        return found.get("")
    name = _environment(settings, "APP_ENV", "RAILS_ENV", "RACK_ENV")
    return unknown(None, "set in the environment") if name is None else found.get(name, found.get(""))


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
    folder = f"{settings.view.folder}/config/initializers".lstrip("/")
    texts = (settings.files.read(path) for path in settings.files.under(folder) if "sidekiq" in path)
    return unknown(None, "computed") if any(text and _IN_CODE.search(text.text) for text in texts) else None


def solid_queue(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """Solid Queue's supervisor gives its processes `shutdown_timeout`, then SIGQUIT."""
    script = settings.view.find("bin/jobs")
    if settings.program.text.strip("\"'").endswith("jobs") and not (script and "SolidQueue" in script.text):
        return None
    return _in_rails(drain, settings, "solid_queue")


def good_job(drain: Drain, settings: Settings, _app: App | None) -> Drain:
    """GoodJob: its command line, Rails' configuration, the environment, in this order."""
    return _in_rails(drain, settings, "good_job")


def _in_rails(drain: Drain, settings: Settings, library: str) -> Drain:
    said = settings.argument(settings.limit.flags) or _rails_setting(settings, library)
    return limited_by(drain, settings, settings.limit, said)


def _rails_setting(settings: Settings, library: str) -> Value[str] | None:
    """`config.library.shutdown_timeout`, from the application's file, the environment's, then the initializers."""
    name = _environment(settings, "RAILS_ENV", "RACK_ENV")
    found: Value[str] | None = None if _is_seen(settings) else unknown(None, _UNREAD)
    for path in _rails_files(settings, name):
        text = settings.view.find(path)
        if text is None or library not in text.text.lower().replace("goodjob", "good_job").replace("solidqueue", "solid_queue"):
            continue
        own = [each for each in ruby.settings(text) if each.name.endswith(f"{library}.shutdown_timeout")]
        if own:
            found = _value(settings, own[-1], all(each.is_certain for each in own))
        elif "shutdown_timeout" in text.text:
            return unknown(None, "computed")
    return found


def _rails_files(settings: Settings, name: str | None) -> Iterator[str]:
    yield "config/application.rb"
    folder = settings.view.folder
    yield f"config/environments/{name or 'production'}.rb"
    for path in settings.files.under(f"{folder}/config/initializers".lstrip("/")):
        if path.endswith(".rb") and is_production_path(path):
            yield path.removeprefix(f"{folder}/") if folder else path
