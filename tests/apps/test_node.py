"""What Node.js apps migrate while they boot: the code that the start command runs, followed as far as it surely runs."""

from __future__ import annotations

import json

import pytest

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

DOCKERFILE = 'FROM node:22-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "server.js"]\n'
BUILT = """\
FROM node:22 AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

FROM node:22-slim
WORKDIR /app
COPY --from=build /app/dist ./dist
CMD ["node", "dist/main.js"]
"""


def package(*dependencies: str, **scripts: str) -> str:
    return json.dumps({"dependencies": dict.fromkeys((*dependencies, "pg"), "1"), "scripts": scripts})


def migrates(files: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """What the starts of a project change in a database: tool, effect, path and the marked text."""
    units = link(Workspace.of(files)).units
    return [
        (each.tool, each.effect, each.span.path, " ".join(each.span.text.split()))
        for unit in units
        for each in unit.migrations
        if each.place == "code"
    ]


def run(code: str, *dependencies: str, dockerfile: str = DOCKERFILE, **files: str) -> list[tuple[str, str]]:
    """The tool and effect of what `server.js` does; other files by name, `__` for a dot."""
    others = {name.replace("__", "."): text for name, text in files.items()}
    everything = {"Dockerfile": dockerfile, "package.json": package(*dependencies), "server.js": code, **others}
    return [found[:2] for found in migrates(everything)]


DRIZZLE = 'import { migrate } from "drizzle-orm/node-postgres/migrator";\nimport { db } from "./db.js";\n'
SEQUELIZE = 'const { Sequelize } = require("sequelize");\nconst sequelize = new Sequelize(process.env.DATABASE_URL);\n'
UMZUG = 'const { Umzug } = require("umzug");\nconst migrator = new Umzug({ migrations: { glob: "migrations/*.js" } });\n'
KNEX = 'const knex = require("knex")(config);\n'
CHILD = 'const { execSync } = require("child_process");\n'
SOURCE = 'import { DataSource } from "typeorm";\nconst source = new DataSource({ type: "postgres", %s });\n'

APPLIES = [
    # drizzle-orm
    ('await migrate(db, { migrationsFolder: "drizzle" });\napp.listen(3000);\n', DRIZZLE, "drizzle-orm", "drizzle"),
    ("async function main() {\n  await migrate(db, {});\n}\nmain().catch(console.error);\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("(async () => { await migrate(db, {}); app.listen(3000); })();\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("const start = async () => { try { await migrate(db, {}) } catch (e) { process.exit(1) } };\nvoid start();\n",
     DRIZZLE, "drizzle-orm", "drizzle"),
    ('import * as m from "drizzle-orm/postgres-js/migrator";\nawait m.migrate(db, {});\n', "", "drizzle-orm", "drizzle"),
    ('const { migrate: apply } = require("drizzle-orm/mysql2/migrator");\napply(db, {});\n', "", "drizzle-orm", "drizzle"),
    ("app.listen(3000, async () => { await migrate(db, {}); });\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("if (!process.env.DATABASE_URL) { throw new Error(); }\nawait migrate(db, {});\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("if (!process.env.DATABASE_URL) process.exit(1);\nawait migrate(db, {});\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("while (true) { try { await migrate(db, {}); break; } catch { await sleep(1) } }\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("for (let i = 0; i < 5; i++) { await migrate(db, {}); }\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("if (require.main === module) { migrate(db, {}); }\n", DRIZZLE, "drizzle-orm", "drizzle"),
    ("class App { constructor() { this.start(); } async start() { await migrate(db, {}); } }\nnew App();\n",
     DRIZZLE, "drizzle-orm", "drizzle"),
    ("class App { async start() { await migrate(db, {}); } }\nconst app = new App();\nawait app.start();\n",
     DRIZZLE, "drizzle-orm", "drizzle"),
    # sequelize, umzug
    ("sequelize.sync().then(() => app.listen(3000));\n", SEQUELIZE, "sequelize", "sequelize-sync creates"),
    ("sequelize.authenticate().then(() => sequelize.sync({ alter: true }));\n", SEQUELIZE, "sequelize", "sequelize-alter"),
    ("sequelize.sync({ force: true });\n", SEQUELIZE, "sequelize", "sequelize-sync drops"),
    ('const db = require("./models");\ndb.sequelize.sync();\n', "", "sequelize", "sequelize-sync creates"),
    ("migrator.up().then(() => app.listen(3000));\n", UMZUG, "umzug", "umzug"),
    ("const isTest = process.env.NODE_ENV === 'test';\nsource.initialize();\n", SOURCE % "synchronize: true", "typeorm",
     "typeorm-synchronize"),
    # knex, kysely, MikroORM
    ("knex.migrate.latest().then(() => app.listen(3000));\n", KNEX, "knex", "knex"),
    ("await db.migrate.up();\n", 'import db from "./db.js";\n', "knex", "knex"),
    ("await migrator.migrateToLatest();\n", 'import { migrator } from "./db.js";\n', "kysely", "kysely"),
    ("await orm.getMigrator().up();\n", "const orm = await MikroORM.init(config);\n", "@mikro-orm/core", "mikro-orm"),
    # typeorm
    ("source.initialize();\n", SOURCE % "migrationsRun: true", "typeorm", "typeorm"),
    ("await source.initialize();\n", SOURCE % "synchronize: true", "typeorm", "typeorm-synchronize"),
    ("await source.initialize();\n", SOURCE % "synchronize: true, dropSchema: true", "typeorm", "typeorm-synchronize drops"),
    ("source.initialize().then(async () => { await source.runMigrations(); });\n", SOURCE % "", "typeorm", "typeorm"),
    ("createConnection({ type: 'mysql', synchronize: true });\n", 'import { createConnection } from "typeorm";\n', "typeorm",
     "typeorm-synchronize"),
    # commands
    ('execSync("npx prisma migrate deploy", { stdio: "inherit" });\n', CHILD, "@prisma/client", "prisma"),
    ('execSync("npm run db:deploy");\n', CHILD, "@prisma/client", "prisma"),
    ('spawnSync("npx", ["prisma", "db", "push"]);\n', 'import { spawnSync } from "node:child_process";\n', "prisma",
     "prisma-push"),
    ('await promisify(exec)("npx prisma migrate deploy");\n', 'import { exec } from "child_process";\n', "prisma", "prisma"),
    ('await run("npx prisma migrate deploy");\n', 'const run = require("util").promisify(require("child_process").exec);\n',
     "prisma", "prisma"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "head", "dependency", "expected"), APPLIES)
def test_call_that_surely_runs_migrates(code: str, head: str, dependency: str, expected: str) -> None:
    scripts = json.dumps({"dependencies": {dependency: "1", "pg": "1"}, "scripts": {"db:deploy": "prisma migrate deploy"}})
    tool, _, effect = expected.partition(" ")
    assert run(head + code, package__json=scripts) == [(tool, effect or "migrates")]


@pytest.mark.parametrize(
    ("code", "environment", "is_run"),
    [
        ("if (!process.env.SKIP_DB_MIGRATION) await migrate(db, {});\n", "", True),
        ("if (process.env.DISABLE_MIGRATIONS !== 'true') await migrate(db, {});\n", "", True),
        ("async function up() { if (process.env.NO_MIGRATE) return; await migrate(db, {}); }\nup();\n", "", True),
        ("if (process.env.SKIP_SEED) await migrate(db, {});\n", "", False),
        ("if (!process.env.SKIP_DB_MIGRATION) await migrate(db, {});\n", "ENV SKIP_DB_MIGRATION=1\n", False),
        ("if (!process.env.NODE_ENV) await migrate(db, {});\n", "", False),
        ("if (!process.env.SKIPPER) await migrate(db, {});\n", "", False),
    ],
)
def test_a_variable_that_turns_it_off_is_unset(code: str, environment: str, is_run: bool) -> None:
    dockerfile = DOCKERFILE.replace("CMD", f"{environment}CMD")
    assert bool(run(DRIZZLE + code, "drizzle-orm", dockerfile=dockerfile)) is is_run


@pytest.mark.parametrize(
    ("code", "head", "dependency"),
    [
        # nothing calls it
        ("async function up() { await migrate(db, {}); }\n", DRIZZLE, "drizzle-orm"),
        ("export const up = () => migrate(db, {});\n", DRIZZLE, "drizzle-orm"),
        ("app.get('/migrate', async () => { await migrate(db, {}); });\n", DRIZZLE, "drizzle-orm"),
        ("process.on('SIGUSR2', () => migrate(db, {}));\n", DRIZZLE, "drizzle-orm"),
        ("main().catch(() => migrate(db, {}));\n", DRIZZLE, "drizzle-orm"),
        ("class App { async migrate() { await migrate(db, {}); } }\nnew App();\n", DRIZZLE, "drizzle-orm"),
        ("program.command('migrate').action(() => migrate(db, {}));\n", DRIZZLE, "drizzle-orm"),
        # a condition decides
        ("if (process.env.RUN_MIGRATIONS) await migrate(db, {});\n", DRIZZLE, "drizzle-orm"),
        ("if (process.argv[2] === 'migrate') { migrate(db, {}); }\n", DRIZZLE, "drizzle-orm"),
        ("process.env.MIGRATE === '1' && migrate(db, {});\n", DRIZZLE, "drizzle-orm"),
        ("config.migrate ? migrate(db, {}) : null;\n", DRIZZLE, "drizzle-orm"),
        ("switch (process.argv[2]) { case 'migrate': migrate(db, {}); }\n", DRIZZLE, "drizzle-orm"),
        ("for (const tenant of tenants) { migrate(tenant, {}); }\n", DRIZZLE, "drizzle-orm"),
        ("async function main() { if (skip()) { return; } await migrate(db, {}); }\nmain();\n", DRIZZLE, "drizzle-orm"),
        ("try { await connect() } catch (e) { await migrate(db, {}) }\n", DRIZZLE, "drizzle-orm"),
        ("process.exit(0);\nmigrate(db, {});\n", DRIZZLE, "drizzle-orm"),
        ("if (require.main !== module) { migrate(db, {}); }\n", DRIZZLE, "drizzle-orm"),
        ("bus.listen('deployed', async () => { await migrate(db, {}); });\n", DRIZZLE, "drizzle-orm"),
        # another function of that name, other options
        ("class Db { async runMigrations() { if (a) await ds.runMigrations(); } }\nnew Db().runMigrations();\n", "", "typeorm"),
        ('import { migrate } from "./own.js";\nmigrate();\n', "", "drizzle-orm"),
        ("socket.sync();\nmap.up();\n", "", "sequelize"),
        ("await source.initialize();\n", SOURCE % "synchronize: false", "typeorm"),
        ("await source.initialize();\n", SOURCE % "synchronize: process.env.SYNC === 'true'", "typeorm"),
        ("", SOURCE % "synchronize: true", "typeorm"),
        ('execSync("npx prisma generate");\n', CHILD, "prisma"),
        ('execSync(`npx prisma ${command}`);\n', CHILD, "prisma"),
        ('console.log("npx prisma migrate deploy");\n', "", "prisma"),
        ("// migrate(db, {});\n", DRIZZLE, "drizzle-orm"),
        # not JavaScript as the grammar reads it
        ("if (x) {\nmigrate(db, {});\n", DRIZZLE, "drizzle-orm"),
    ],
)  # fmt: skip
def test_call_that_may_not_run_stays_silent(code: str, head: str, dependency: str) -> None:
    assert run(head + code, dependency) == []


def test_variable_that_the_image_sets_decides() -> None:
    code = DRIZZLE + "if (process.env.NODE_ENV === 'production') await migrate(db, {});\n"
    assert run(code, "drizzle-orm") == []
    fallback = DRIZZLE + "const mode = process.env.NODE_ENV || 'dev';\nif (mode === 'production') await migrate(db, {});\n"
    assert run(fallback, "drizzle-orm") == []
    assert run(fallback, "drizzle-orm", dockerfile=DOCKERFILE.replace("WORKDIR", "ENV NODE_ENV=production\nWORKDIR")) != []
    for name, expected in (("production", [("drizzle", "migrates")]), ("staging", [])):
        image = DOCKERFILE.replace("WORKDIR", f"ENV NODE_ENV={name}\nWORKDIR")
        assert run(code, "drizzle-orm", dockerfile=image) == expected


def test_migration_in_an_imported_module_is_followed() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "package.json": package("sequelize"),
        "server.js": "const { start } = require('./lib/start');\nstart();\n",
        "lib/start.js": "const db = require('../models');\nexports.start = async () => { await db.init(); };\n",
        "models/index.js": "const Sequelize = require('sequelize');\nconst sequelize = new Sequelize('x');\n"
        "const init = () => sequelize.sync({ alter: true });\nmodule.exports = { sequelize, init };\n",
        "scripts/reset.js": "require('../models').sequelize.sync({ force: true });\n",
    }
    assert migrates(files) == [("sequelize-alter", "migrates", "models/index.js", "sequelize.sync({ alter: true })")]


def test_side_effect_of_an_import_is_followed() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "package.json": package("knex"),
        "server.ts": "import './setup.js';\nimport type { X } from './never';\nimport { Y } from './never';\nlet y: Y;\n",
        "setup.ts": "import knex from './knex.js';\nawait knex.migrate.latest();\n",
        "never.ts": "knex.migrate.latest();\n",
    }
    files["Dockerfile"] = DOCKERFILE.replace('"node", "server.js"', '"tsx", "server.ts"')
    assert [found[2] for found in migrates(files)] == ["setup.ts"]


TYPEORM = """\
import { Module } from "@nestjs/common";
import { TypeOrmModule } from "@nestjs/typeorm";
%s
@Module({ imports: [%s] })
export class AppModule {}
"""
NEST = {
    "Dockerfile": BUILT,
    "package.json": package("typeorm", "@nestjs/typeorm", build="nest build"),
    "nest-cli.json": "{}",
    "src/main.ts": 'import { NestFactory } from "@nestjs/core";\nimport { AppModule } from "./app.module";\n'
    "async function bootstrap() { const app = await NestFactory.create(AppModule); await app.listen(3000); }\nbootstrap();\n",
}


@pytest.mark.parametrize(
    ("head", "module"),
    [
        ("", 'TypeOrmModule.forRoot({ type: "postgres", migrationsRun: true })'),
        ("", "TypeOrmModule.forRootAsync({ useFactory: (config: Config) => ({ migrationsRun: true, ...x }) })"),
        ("", "TypeOrmModule.forRootAsync({ inject: [A], useFactory: async () => { return { migrationsRun: true } } })"),
        ("const base = { migrationsRun: true };\n", "TypeOrmModule.forRoot({ ...base, type: 'postgres' })"),
        ("const options: DataSourceOptions = { migrationsRun: true };\n", "TypeOrmModule.forRoot(options)"),
    ],
)
def test_compiled_nest_app_is_read_from_its_source(head: str, module: str) -> None:
    found = migrates(NEST | {"src/app.module.ts": TYPEORM % (head, module)})
    assert found == [("typeorm", "migrates", "src/app.module.ts", "migrationsRun: true")]


def test_option_that_another_file_overrides_stays_silent() -> None:
    module = "TypeOrmModule.forRoot({ ...base, migrationsRun: false })"
    assert migrates(NEST | {"src/app.module.ts": TYPEORM % ("const base = { migrationsRun: true };", module)}) == []
    unused = TYPEORM % ("", "TypeOrmModule.forRoot({ migrationsRun: true })")
    assert migrates(NEST | {"src/app.module.ts": TYPEORM % ("", ""), "src/cli.module.ts": unused}) == []


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "./dist", "rootDir": "./src"}}'}, "dist/main.js"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist"}, "include": ["src"]}'}, "dist/main.js"),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}'}, "dist/src/main.js"),
        ({"package.json": package("drizzle-orm", build="tsup src/main.ts")}, "dist/main.js"),
        ({"package.json": package("drizzle-orm", build="esbuild src/main.ts --bundle --outdir=dist")}, "dist/main.mjs"),
        ({"tsup.config.ts": 'export default { entry: ["src/main.ts"] };\n'}, "dist/main.cjs"),
    ],
)
def test_compiled_file_is_traced_to_its_source(files: dict[str, str], command: str) -> None:
    everything = {
        "Dockerfile": BUILT.replace("dist/main.js", command),
        "package.json": package("drizzle-orm"),
        "src/main.ts": DRIZZLE + "await migrate(db, {});\n",
        **files,
    }
    assert [found[2:] for found in migrates(everything)] == [("src/main.ts", "migrate(db, {})")]
    assert migrates(everything | {"Dockerfile": BUILT.replace("dist/main.js", "other/main.js")}) == []


def test_package_of_a_monorepo_is_found() -> None:
    files = {
        "Dockerfile": BUILT.replace("/app/dist", "/app/apps/api/dist"),
        "package.json": "{}",
        "apps/api/package.json": package("drizzle-orm"),
        "apps/api/tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
        "apps/api/src/main.ts": DRIZZLE + "await migrate(db, {});\n",
    }
    assert [found[2] for found in migrates(files)] == ["apps/api/src/main.ts"]


@pytest.mark.parametrize(
    "command",
    [
        '["node", "--enable-source-maps", "--max-old-space-size=512", "server.js"]',
        '["tsx", "server.js"]',
        '["node", "--import", "tsx", "server.js"]',
        '["npx", "ts-node", "-P", "tsconfig.json", "server.js"]',
        '["bun", "run", "server.js"]',
        '["npm", "start"]',
        '["pm2-runtime", "server.js"]',
        "node server",
        "node .",
        "exec node ./server.js",
    ],
)
def test_every_way_to_start_a_script_is_read(command: str) -> None:
    files = {
        "Dockerfile": DOCKERFILE.replace('["node", "server.js"]', command),
        "package.json": package("drizzle-orm", start="node server.js"),
        "server.js": DRIZZLE + "await migrate(db, {});\n",
        "index.js": "import './server.js';\n",
    }
    assert [found[2] for found in migrates(files)] == ["server.js"]


def test_procfile_of_a_buildpack_is_read() -> None:
    files = {"Procfile": "web: node server.js\n", "package.json": package("knex"), "server.js": KNEX + "knex.migrate.latest();\n"}
    assert [found[0] for found in migrates(files)] == ["knex"]


def test_sqlite_alone_stays_silent() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "package.json": json.dumps({"dependencies": {"drizzle-orm": "1", "better-sqlite3": "1"}}),
        "server.js": 'import { migrate } from "drizzle-orm/better-sqlite3/migrator";\nmigrate(db, {});\n',
    }
    assert migrates(files) == []


@pytest.mark.parametrize("code", ["(" * 30_000, "a." * 20_000 + "b();", "if (a) {" * 9000 + "}" * 9000, "f(" * 5000 + ")" * 5000])
def test_deep_code_is_read_without_an_error(code: str) -> None:
    assert run(DRIZZLE + code, "drizzle-orm") == []


def test_modules_that_import_each_other_end() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "package.json": package("knex"),
        "server.js": "module.exports = require('./other');\nrequire('./other').migrate.latest();\nlet a = b, b = a;\na();\n",
        "other.js": "module.exports = require('./server');\nexport * from './server';\n",
    }
    assert migrates(files) == [("knex", "migrates", "server.js", "require('./other').migrate.latest()")]
