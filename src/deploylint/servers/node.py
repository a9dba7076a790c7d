"""Node.js: whether anything in the app hears a stop signal.

Node has no handler of its own. As process 1 it then takes no notice of SIGTERM and SIGINT (measured with node 20); below an init
it ends at once. That nothing hears them is only sure where the app's own code doesn't name a signal, and none of its packages is
known for installing a handler.

Facts: docs/facts/servers.md#nodejs.
"""

from __future__ import annotations

import re
from posixpath import dirname, join
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.purpose import is_production_path
from deploylint.model.value import Value, default, known, unknown
from deploylint.servers.addresses import as_port, opened
from deploylint.servers.limits import limited_by, on
from deploylint.servers.process_files import whole
from deploylint.servers.row import DRAINS, EVERYWHERE, ConfigFile, Limit, Listen, Server, host_flags
from deploylint.syntax import json
from deploylint.text import Edit, Fragment

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.servers.settings import Settings
    from deploylint.text import Source


_CODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".coffee")
_MAX_FILES = 400
"""Code files of one package that are looked through; in more than these nothing is known."""

_VALUES = frozenset(
    "-r --require --import --loader --experimental-loader --env-file --env-file-if-exists -C --conditions".split()
)
_HEARS = regex(
    r"SIG(?:TERM|INT|QUIT|HUP)|enableShutdownHooks|process\s*\.\s*(?:on|once|addListener)\s*\(\s*[^'\"`\s]|process\s*\["
)

_DEAF = frozenset(
    """express koa koa-router @koa/router koa-bodyparser koa-static cors helmet compression morgan body-parser cookie-parser
    cookie-session express-session express-validator express-rate-limit express-async-errors express-handlebars
    connect-flash multer serve-static serve-favicon http-errors dotenv debug lodash underscore ramda moment
    moment-timezone dayjs date-fns luxon uuid nanoid shortid axios node-fetch got request undici qs joi yup zod ajv
    validator bcrypt bcryptjs argon2 jsonwebtoken jose passport passport-local passport-jwt pg pg-pool mysql mysql2
    mongodb mongoose sequelize knex redis ioredis sqlite3 better-sqlite3 ws socket.io ejs pug hbs handlebars nunjucks
    mustache marked nodemailer winston pino pino-http morgan-body chalk async bluebird stripe aws-sdk @aws-sdk/client-s3
    @aws-sdk/client-sqs @aws-sdk/client-dynamodb twilio cheerio sharp xml2js js-yaml semver mime mime-types
    swagger-ui-express swagger-jsdoc graphql express-graphql dataloader reflect-metadata rxjs tslib class-validator
    class-transformer inversify typeorm response-time method-override connect-mongo connect-redis fastify @fastify/cors
    @fastify/helmet @fastify/static hono @hono/node-server prom-client amqplib nats kafkajs web-push slugify cookie ms
    bytes csv-parse csv-parser form-data formidable busboy concat-stream through2 inherits safe-buffer iconv-lite""".split()
)
"""Packages that install no handler for a stop signal."""

_LITERALS = {"@godaddy/terminus": ("terminus", "createTerminus"), "close-with-grace": ("close-with-grace", "closeWithGrace")}


def _drain(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
    """What a script does on a stop signal, as far as that is sure; None if no script of the repository is run."""
    script = script_of(settings)
    manifest = _manifest(settings, script) if script else None
    if manifest is None:
        return None
    drain = drain._replace(is_complete=False)
    root = dirname(manifest.path)
    dependencies = json.members(manifest, ("dependencies",))
    special = next((name for name in (*_LITERALS, "@nestjs/core") if name in dependencies), "")
    if not special and (not dependencies.keys() <= _DEAF or _manifests_below(settings, root)):
        return drain
    paths = [path for path in settings.files.under(root) if path.endswith(_CODE) and is_production_path(path)]
    if not paths or len(paths) > _MAX_FILES:
        return drain
    sources = [source for path in paths if (source := settings.files.read(path))]
    if special in _LITERALS:
        row, function = _LITERALS[special]
        return _literal(drain, settings, _row(row), function, sources) or drain
    heard = [source for source in sources if _HEARS.search(source.text)]
    if special:
        return _nest(drain, heard)
    return drain if heard else on(drain, SIGTERM="ignores", SIGINT="ignores")._replace(is_complete=True)


def script_of(settings: Settings) -> str | None:
    """The script on node's command line; None for code that is given otherwise."""
    words = [word.text for word in settings.arguments]
    at = 0
    while at < len(words):
        word = words[at]
        if word is None or word in ("-e", "--eval", "-p", "--print", "--test", "--watch", "inspect"):
            return None
        if word in _VALUES:
            if word not in ("--env-file", "--env-file-if-exists"):
                return None  # what it loads first may hear signals
            at += 2
        elif word.startswith(("--require=", "--import=", "--loader=", "--experimental-loader=")):
            return None
        elif word.startswith("-"):
            at += 1
        else:
            return word if "node_modules" not in word else None
    return None


def _manifest(settings: Settings, script: str) -> Source | None:
    """The package.json nearest to a script, in the image."""
    folder = dirname(join(settings.process_files.working_folder or "", script))
    for _ in range(8):
        text = settings.process_files.find(join(folder, "package.json"))
        if text is not None:
            return whole(text)
        if folder in ("", "/"):
            break
        folder = dirname(folder)
    return None


def _manifests_below(settings: Settings, root: str) -> bool:
    """Whether the folder holds packages of its own, whose dependencies count too."""
    paths = settings.files.under(root)
    return any(path.endswith("/package.json") and dirname(path) != root and is_production_path(path) for path in paths)


_HOOKS = regex(r"\.enableShutdownHooks\(\s*\)")


def _nest(drain: Drain, heard: list[Source]) -> Drain:
    """NestJS closes the app on signals once `enableShutdownHooks()` is called, without a limit."""
    row = _row("NestJS")
    calls = [(source, match) for source in heard if (match := _HOOKS.search(source.text))]
    if len(calls) != 1 or len(heard) != 1 or len(_HEARS.findall(heard[0].text)) != 1:
        return drain
    source, match = calls[0]
    at = known("no limit", source.span(match.start() + 1, match.end()), "`enableShutdownHooks()`")
    return drain._replace(server=row.name, signals=row.signals, remedy=row.remedy, unbounded=at, is_complete=True)


def _literal(drain: Drain, settings: Settings, row: Server, function: str, sources: list[Source]) -> Drain | None:
    """A library that is called once, with its limit written there or left to its default."""
    call = re.compile(rf"\b{function}\s*\((?!\))")
    calls = [(source, match) for source in sources for match in call.finditer(source.text)]
    if len(calls) != 1 or row.limit is None:
        return None
    source, match = calls[0]
    options = re.compile(r"\s*(?:\w+\s*,\s*)?\{([^{}]*)\}").match(source.text, match.end())
    if options is None or "..." in options[1] or "signal" in options[1]:
        return None
    drain = drain._replace(
        server=row.name,
        signals=row.signals,
        remedy=row.remedy,
        span=source.span(match.start(), match.end() - 1),
    )
    limited_drain = limited_by(drain, settings, row.limit, _option(source, options, row.limit.key))
    return limited_drain._replace(is_complete=function == "closeWithGrace" and limited_drain.phases != ())


def _option(source: Source, options: re.Match[str], key: str) -> Value[str] | None:
    written = re.search(rf"\b{key}\b(?:\s*:\s*([^,\n]+))?", options[1])
    if written is None:
        return None
    if written[1] is None or not re.fullmatch(r"[\d_]+", written[1].strip()):
        return unknown(None, "computed")
    start = options.start(1) + written.start(1)
    return known(written[1].strip(), source.span(start, start + len(written[1].strip())), f"`{key}`")


_LISTEN = regex(r"^(?P<before>[^\n]*?)(?P<call>[\w$.\])]+\.listen\s*\()", re.MULTILINE)
_FASTIFY = regex(r"(?:from|require\()\s*['\"]fastify['\"]")
_PLAIN = regex(r"(?:from|require\()\s*['\"](?:node:)?(?:express|https?|koa|net)['\"]")
_MAX_CALL, _NEAR = 500, 400
"""Characters of a call's arguments, and of what stands before it and may decide whether it is made."""
_TOKEN = regex(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`[^`$]*`|[()\[\]{},]|//[^\n]*|[^'\"`()\[\]{},/]+|.", re.DOTALL)
_TEXT = regex(r"(['\"`])([^'\"`$\\]*)\1\Z")
_NUMBER = regex(r"\d{1,5}\Z")
_READ = regex(r"process\.env\.(\w+)(?:\s*(?:\|\||\?\?)\s*(.+))?\Z", re.DOTALL)
_CAST = regex(r"(?:Number|parseInt|Number\.parseInt|String)\((.*?)(?:,\s*10)?\)\Z|\+(.*)\Z", re.DOTALL)
_FUNCTION = regex(r"(?:async\s*)?(?:function\b|\(|\w+\s*=>)")


def _listening(settings: Settings) -> Listening | None:
    """Where a script of the repository listens; None if it has no such call, or more than one."""
    path = script_of(settings)
    text = settings.process_files.find(path) if path else None
    source = whole(text) if text is not None else None
    if text is None or source is None or any((word.text or "--env-file").startswith("--env-file") for word in settings.arguments):
        return None
    calls = [match for match in _LISTEN.finditer(text.text) if "//" not in match["before"] and "*" not in match["before"][:3]]
    if len(calls) != 1 or "NODE_ENV" in text.text[max(0, calls[0].start() - _NEAR) : calls[0].end()]:
        return None
    arguments = _arguments(text, calls[0].end())
    if not arguments:
        return None
    options = _options(arguments[0]) if arguments[0].text.startswith("{") else None
    if arguments[0].text.startswith("{") and options is None:
        return None
    if options is not None:
        host, number = options.get("host"), options.get("port")
    else:
        number, host = arguments[0], arguments[1] if len(arguments) > 1 and not _FUNCTION.match(arguments[1].text) else None
    expressions = _Expressions(settings, text)
    place = text.span(*calls[0].span("call")).first_line
    place = place._replace(end=place.end - 1)
    is_fastify = _FASTIFY.search(text.text) is not None
    edit = None
    if host is not None:
        address = expressions.value(host)
        edit = _opened_in_quotes(address, host)
    elif is_fastify and options is not None:
        address = default("localhost", place, "Fastify default")
        end = arguments[0].span(0, 1).end
        edit = Edit(source.span(end, end), ' host: "0.0.0.0",') if number is not None else None
    elif is_fastify or not _PLAIN.search(text.text):
        address = unknown(place, "depends on the framework")
    else:
        address = default("", place, "Node.js default")
    port: Value[int] = unknown(place, "not set") if number is None else as_port(expressions.value(number))
    server = "Fastify" if is_fastify else "Node.js"
    return Listening(server, place, address, port, 'host: "0.0.0.0"', edit, "listen({})", (source,))


def _arguments(text: Fragment, start: int) -> list[Fragment]:
    """The arguments of a call whose bracket has just been opened; none where they can't be told apart."""
    arguments: list[Fragment] = []
    depth, begin = 0, start
    for token in _TOKEN.finditer(text.text, start, start + _MAX_CALL):
        written = token[0]
        if written in "([{":
            depth += 1
        elif written in ")]}" and depth:
            depth -= 1
        elif written == ")" or (written == "," and not depth):
            arguments.append(_stripped(text, begin, token.start()))
            begin = token.end()
            if written == ")":
                return [argument for argument in arguments if argument.text]
    return []


def _stripped(text: Fragment, start: int, end: int) -> Fragment:
    written = text.text[start:end]
    return text.sub(start + len(written) - len(written.lstrip()), start + len(written.rstrip()))


def _options(literal: Fragment) -> dict[str, Fragment] | None:
    """The entries of an object literal; None if more may be in it, or it names a socket."""
    options: dict[str, Fragment] = {}
    for entry in _arguments(Fragment(literal.source, literal.text[:-1] + ")", literal.pieces), 1):
        name, colon, _ = entry.text.partition(":")
        if name.strip() in ("path", "fd") or name.startswith(("...", "[")):
            return None
        options[name.strip()] = _stripped(entry, len(name) + 1, len(entry.text)) if colon else entry
    return options


class _Expressions:
    """What expressions of a script come to."""

    def __init__(self, settings: Settings, text: Fragment) -> None:
        self.settings = settings
        self.text = text

    def value(self, expression: Fragment, depth: int = 0) -> Value[str]:
        """A literal, a variable of the environment with its fallback, or a name that is given one of these once."""
        written, span = expression.text.strip().rstrip(";"), expression.whole
        if depth > 4:
            return unknown(span)
        if literal := _TEXT.match(written):
            return known(literal[2], span, "written")
        if _NUMBER.match(written):
            return known(written, span, "written")
        if cast := _CAST.match(written):
            group = 1 if cast[1] is not None else 2
            return self.value(_stripped(expression, *cast.span(group)), depth + 1)
        if read := _READ.match(written):
            return self._read(expression, read, depth)
        if written.isidentifier():
            assigned = list(re.finditer(rf"\b{written}\s*=(?![=>])\s*([^\n]+)", self.text.text))
            if len(assigned) == 1 and "//" not in assigned[0][1]:
                return self.value(_stripped(self.text, *assigned[0].span(1)), depth + 1)
        return unknown(span, "computed")

    def _read(self, expression: Fragment, read: re.Match[str], depth: int) -> Value[str]:
        span = expression.whole
        given = self.settings.variable(read[1])
        if given is not None:
            return given
        if read[2] is None or "dotenv" in self.text.text:  # which may read it from a file
            return unknown(span, "set in the environment")
        fallback = self.value(_stripped(expression, *read.span(2)), depth + 1)
        return fallback if fallback.content is None else default(fallback.content, fallback.span, f"fallback of `{read[1]}`")


def _opened_in_quotes(address: Value[str], host: Fragment) -> Edit | None:
    """The edit of a host that is written as a text."""
    span = host.span(1, len(host.text) - 1)
    return opened(address._replace(span=span)) if address.span == host.whole and _TEXT.match(host.text) else None


def _row(name: str) -> Server:
    return next(server for server in SERVERS if server.name == name)


SERVERS: tuple[Server, ...] = (
    Server(  # docs/facts/servers.md#nodejs
        "Node.js",
        ("node", "nodejs"),
        "node has no handler of its own: process 1 takes no notice of SIGTERM and SIGINT",
        {},
        remedy="close the server and exit in `process.on('{signal}', …)`",
        note="As process 1 it ignores SIGTERM and SIGINT if no code handles them. That is only taken for sure "
        "where no file of the app names a signal and all of its packages are known.",
        drain=_drain,
        listening=_listening,
    ),
    Server(  # docs/facts/servers.md#nodejs
        "NestJS",
        (),
        "@nestjs/core nest-application-context.js listenToShutdownSignals",
        DRAINS,
        Limit(),
        remedy="end the process yourself some seconds after the signal: `app.close()` has no limit",
        note="A Node.js app that calls `enableShutdownHooks()`.",
    ),
    Server(  # docs/facts/servers.md#nodejs
        "terminus",
        (),
        "godaddy/terminus lib/terminus.js: stoppable after `timeout`, SIGTERM only unless `signals` says more",
        {"SIGTERM": "drains"},
        Limit(key="timeout", scale=0.001, default=1.0),
        config=ConfigFile("own", (), "createTerminus(server, {…})"),
        note="A Node.js app that calls `createTerminus` with a literal `timeout` or none.",
    ),
    Server(  # docs/facts/servers.md#nodejs
        "close-with-grace",
        (),
        "mcollina/close-with-grace index.js delay",
        DRAINS,
        Limit(key="delay", scale=0.001, default=10.0),
        config=ConfigFile("own", (), "closeWithGrace({…}, …)"),
        note="A Node.js app that calls `closeWithGrace` with a literal `delay` or none.",
    ),
    Server(
        "Next.js",
        ("next start",),
        "",
        {},
        listen=Listen(
            "https://nextjs.org/docs/app/api-reference/cli/next#next-start-options",
            EVERYWHERE,
            3000,
            host=host_flags("--hostname", "-H"),
            number=Limit(("--port", "-p"), "PORT"),
            opening=f"--hostname {EVERYWHERE}",
        ),
    ),
)
