"""Whole projects whose start runs a text as code: whatever it holds, the marks of a migration lie in it."""

from __future__ import annotations

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link
from tests.fuzz.checks import check_span

GLOBS = ("*.js", "*.ts", "*.go", "*.cs", "*.rb")
COVERS = ()
COST = 10
TOKENS = (
    "import { migrate } from 'drizzle-orm/x/migrator';\n", "const { Sequelize } = require('sequelize');\n",
    "await migrate(db);\n", "const s = new Sequelize('a');\n", "s.sync({ force: true });\n", "import './server.js';\n",
    "export * from './server';\n", "module.exports = ", "require('./server')", "execSync('npx prisma migrate deploy');\n",
    "if (process.env.A === 'b') {\n", "}\n", "new DataSource({ synchronize: true })", ".initialize()", ".then(() => ", ")",
    "async () => {", "class A { b() {", "this.b();\n", "let a = b, b = a;\n", "function a() { a(); }\n", "a();\n",
    "for (;;) ", "return;\n", "@Module({})\n", "...a", "é", "package main\n", "func main() {\n", "func (a *A) b() *A {\n",
    "x := &A{}\n", "x := New()\n", "x.b()\n", "goose.Up(db)\n", "x.AutoMigrate(1)\n", "if err := x.Up(); err != nil {\n",
    "var app = builder.Build();\n", "db.Database.Migrate();\n", "static void A(this B b) {\n", "app.A();\n", "new A().B();\n",
    "Rake::Task['db:migrate'].invoke\n", "def a\n", "end\n", "a\n", "if Rails.env.production?\n", "after_initialize do\n",
    "system('bin/rails db:migrate')\n", "require_relative 'b'\n", "`rake db:prepare`\n", "x.migrate unless ENV['A']\n",
    'import m "a/b"\n', "m.A()\n", "go func() {\n", "type A struct{}\n", "import (\n", '"gorm.io/gorm"\n',
)  # fmt: skip
DOCKERFILE = "FROM node:22\nWORKDIR /app\nENV A=b\nCOPY . .\nCMD {}\n"
GO = 'FROM golang:1.24\nWORKDIR /a\nCOPY . .\nRUN go build -o /a/a .\nCMD ["/a/a"]\n'
PACKAGE = '{"dependencies": {"drizzle-orm": "1", "sequelize": "1", "typeorm": "1", "prisma": "1", "pg": "1"}}'
PROJECTS = (
    {"Dockerfile": DOCKERFILE.format("node server.js"), "package.json": PACKAGE, "server.js": ""},
    {"Dockerfile": DOCKERFILE.format("tsx server.ts"), "package.json": PACKAGE, "server.ts": ""},
    {"Dockerfile": DOCKERFILE.format("dotnet a.dll"), "a.csproj": "Npgsql", "Program.cs": ""},
    {"Dockerfile": DOCKERFILE.format("bin/rails server"), "config/application.rb": "x", "config/initializers/a.rb": ""},
    {"Dockerfile": GO, "go.mod": "module a\nrequire gorm.io/gorm v1\nrequire github.com/lib/pq v1\n", "main.go": ""},
)
"""Projects whose file without a text is the one under test."""


def check(text: str) -> None:
    for project in PROJECTS:
        files = {path: body or text for path, body in project.items()}
        workspace = Workspace.of(files)
        for unit in link(workspace).units:
            for migration in unit.migrations:
                source = workspace.read(migration.span.path)
                assert source is not None
                check_span(migration.span, source)
