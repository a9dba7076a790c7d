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
from deploylint.model.purpose import is_production_path
from deploylint.model.value import known, unknown
from deploylint.servers.drains.limits import limited_by, on
from deploylint.servers.rows import server_called
from deploylint.servers.view import whole
from deploylint.syntax import json

if TYPE_CHECKING:
    from deploylint.model.app import App
    from deploylint.model.drain import Drain
    from deploylint.model.value import Value
    from deploylint.servers.row import Server
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


def node(drain: Drain, settings: Settings, _app: App | None) -> Drain | None:
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
        return _literal(drain, settings, server_called(row), function, sources) or drain
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
    folder = dirname(join(settings.view.working_folder or "", script))
    for _ in range(8):
        text = settings.view.find(join(folder, "package.json"))
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
    row = server_called("NestJS")
    calls = [(source, match) for source in heard if (match := _HOOKS.search(source.text))]
    if len(calls) != 1 or len(heard) != 1 or len(_HEARS.findall(heard[0].text)) != 1:
        return drain
    source, match = calls[0]
    at = known("no limit", source.span(match.start() + 1, match.end()), "`enableShutdownHooks()`")
    return drain._replace(
        server=row.name, source=row.source, signals=row.signals, remedy=row.remedy, unbounded=at, is_complete=True
    )


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
        source=row.source,
        signals=row.signals,
        remedy=row.remedy,
        span=source.span(match.start(), match.end() - 1),
    )
    found = limited_by(drain, settings, row.limit, _option(source, options, row.limit.key))
    return found._replace(is_complete=function == "closeWithGrace" and found.phases != ())


def _option(source: Source, options: re.Match[str], key: str) -> Value[str] | None:
    written = re.search(rf"\b{key}\b(?:\s*:\s*([^,\n]+))?", options[1])
    if written is None:
        return None
    if written[1] is None or not re.fullmatch(r"[\d_]+", written[1].strip()):
        return unknown(None, "computed")
    start = options.start(1) + written.start(1)
    return known(written[1].strip(), source.span(start, start + len(written[1].strip())), f"`{key}`")
