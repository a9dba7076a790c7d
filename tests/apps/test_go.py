"""What Go programs migrate while they boot: what `main` surely calls, in the packages of their own module."""

from __future__ import annotations

import pytest

from tests.apps.test_node import migrates

DOCKERFILE = """\
FROM golang:1.24 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/server ./cmd/server

FROM gcr.io/distroless/static
COPY --from=build /out/server /server
CMD ["/server"]
"""
MODULE = "module example.com/shop\n\ngo 1.24\n\nrequire (\n\t%s v1.0.0\n\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n"
GOOSE, MIGRATE, GORM = "github.com/pressly/goose/v3", "github.com/golang-migrate/migrate/v4", "gorm.io/gorm"


def program(body: str, library: str, *imports: str) -> dict[str, str]:
    """A module whose main function is `body`."""
    named = "".join(f'\t"{path}"\n' for path in (library, *imports))
    return {
        "Dockerfile": DOCKERFILE,
        "go.mod": MODULE % library,
        "cmd/server/main.go": f"package main\n\nimport (\n{named})\n\nfunc main() {{\n{body}\n}}\n",
    }


@pytest.mark.parametrize(
    ("body", "library", "tool"),
    [
        ('if err := goose.Up(db, "migrations"); err != nil { log.Fatal(err) }', GOOSE, "goose"),
        ('must(goose.UpContext(ctx, db, "."))', GOOSE, "goose"),
        ('goose.RunContext(ctx, "up", db, ".")', GOOSE, "goose"),
        ("p, err := goose.NewProvider(d, db, fs)\nif err != nil { panic(err) }\np.Up(ctx)", GOOSE, "goose"),
        ("p, _ := goose.NewProvider(d, db, fs, goose.WithSessionLocker(l))\np.Up(ctx)", GOOSE, "goose-locked"),
        (
            'm, err := migrate.New("file://m", url)\nif err != nil { log.Fatal(err) }\n'
            "if err := m.Up(); err != nil && !errors.Is(err, migrate.ErrNoChange) { log.Fatal(err) }",
            MIGRATE,
            "golang-migrate",
        ),
        ("err = db.AutoMigrate(&User{}, &Order{})", GORM, "gorm"),
        ("if err := database.DB.Debug().AutoMigrate(&User{}); err != nil { panic(err) }", GORM, "gorm"),
        ("for i := 0; i < 5; i++ { if db.AutoMigrate(&User{}) == nil { break } }", GORM, "gorm"),
        ("for {\n\tdb.AutoMigrate(&User{})\n\tbreak\n}", GORM, "gorm"),
        ("go func() { db.AutoMigrate(&User{}) }()", GORM, "gorm"),
        ("g.Go(func() error { return db.AutoMigrate(&User{}) })", GORM, "gorm"),
        ("if err := client.Schema.Create(ctx); err != nil { log.Fatal(err) }", "entgo.io/ent", "ent"),
        ('n, err := migrate.Exec(db, "postgres", source, migrate.Up)', "github.com/rubenv/sql-migrate", "sql-migrate"),
        ('if os.Getenv("MODE") == "" || true { db.AutoMigrate(&User{}) }', GORM, "gorm"),
    ],
)
def test_call_that_surely_runs_migrates(body: str, library: str, tool: str) -> None:
    files = program(body, library)
    if library.endswith("sql-migrate"):
        files["cmd/server/main.go"] = files["cmd/server/main.go"].replace('"github', 'migrate "github')
    assert [found[0] for found in migrates(files)] == [tool]


@pytest.mark.parametrize(
    ("body", "library"),
    [
        ("if cfg.Migrate { db.AutoMigrate(&User{}) }", GORM),
        ('if len(os.Args) > 1 && os.Args[1] == "migrate" { db.AutoMigrate(&User{}) }', GORM),
        ('switch os.Args[1] {\ncase "migrate":\n\tdb.AutoMigrate(&User{})\n}', GORM),
        ("if skip { return }\ndb.AutoMigrate(&User{})", GORM),
        ("if err != nil { db.AutoMigrate(&User{}) }", GORM),
        ("defer db.AutoMigrate(&User{})", GORM),
        ("for _, t := range tenants { t.AutoMigrate(&User{}) }", GORM),
        ("cmd := &cobra.Command{Run: func(c *cobra.Command, a []string) { db.AutoMigrate(&User{}) }}\ncmd.Execute()", GORM),
        ("os.Exit(0)\ndb.AutoMigrate(&User{})", GORM),
        ("http.HandleFunc(p, func(w W, r *R) { db.AutoMigrate(&User{}) })", GORM),
        ('goose.Status(db, "."); goose.Run("status", db, ".")', GOOSE),
        ("window.Up()", GOOSE),
        ("m.Down()", MIGRATE),
        ('migrate.Exec(db, "postgres", source, migrate.Down)', "github.com/rubenv/sql-migrate"),
        ("fmt.Println(`db.AutoMigrate()`) // db.AutoMigrate()", GORM),
        ("db.AutoMigrate(&User{}", GORM),
    ],
)
def test_call_that_may_not_run_stays_silent(body: str, library: str) -> None:
    assert migrates(program(body, library)) == []


def test_function_of_another_package_is_followed() -> None:
    files = program("server := app.New()\nserver.Run()", GORM, "example.com/shop/internal/app")
    files["internal/app/app.go"] = (
        "package app\n\ntype Server struct{}\n\nfunc New() *Server { return &Server{} }\n\n"
        "func (s *Server) Run() error { return s.prepare() }\n"
    )
    files["internal/app/db.go"] = (
        'package app\n\nimport "example.com/shop/internal/db"\n\n'
        "func (s *Server) prepare() error {\n\tconn, err := db.Open()\n\tif err != nil { return err }\n"
        "\treturn db.Migrate(conn)\n}\n"
    )
    files["internal/db/db.go"] = (
        'package db\n\nimport "gorm.io/gorm"\n\nfunc Migrate(conn *gorm.DB) error { return conn.AutoMigrate(&User{}) }\n\n'
        "func Reset(conn *gorm.DB) { conn.AutoMigrate(&Other{}) }\n"
    )
    assert migrates(files) == [("gorm", "migrates", "internal/db/db.go", "conn.AutoMigrate(&User{})")]


def test_initializer_of_the_main_package_runs() -> None:
    files = program("serve()", GORM)
    files["cmd/server/setup.go"] = "package main\n\nfunc init() { db.AutoMigrate(&User{}) }\n"
    assert [found[2] for found in migrates(files)] == ["cmd/server/setup.go"]
    files["cmd/server/setup.go"] = "//go:build never\n\npackage main\n\nfunc init() { db.AutoMigrate(&User{}) }\n"
    assert migrates(files) == []
    test = {"cmd/server/setup_test.go": "package main\nfunc init() { db.AutoMigrate(1) }\n"}
    assert migrates(program("serve()", GORM) | test) == []


def test_program_that_no_go_stage_makes_stays_silent() -> None:
    files = program("db.AutoMigrate(&User{})", GORM)
    files["Dockerfile"] = DOCKERFILE.replace('["/server"]', '["nginx", "-g", "daemon off;"]')
    assert migrates(files) == []


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("go build -o /out/server ./cmd/server", ["cmd/server/main.go"]),
        ("go build -ldflags '-s -w' -o=/out/server cmd/server/main.go", ["cmd/server/main.go"]),
        ("go build -o /out/ ./cmd/server", ["cmd/server/main.go"]),
        ("go build -o /out/server example.com/shop/cmd/server", ["cmd/server/main.go"]),
        ("go build -o /out/tool ./cmd/tool && go build -o /out/server ./cmd/server", ["cmd/server/main.go"]),
        ("go build -o /out/server ./cmd/tool", []),
        ("go build -o /out/a ./cmd/tool && go build -o /out/b ./cmd/server", []),
        ("make build", []),
    ],
)
def test_main_package_that_the_image_builds_is_read(build: str, expected: list[str]) -> None:
    files = program("db.AutoMigrate(&User{})", GORM) | {"cmd/tool/main.go": "package main\n\nfunc main() {}\n"}
    files["Dockerfile"] = DOCKERFILE.replace("go build -o /out/server ./cmd/server", build)
    assert [found[2] for found in migrates(files)] == expected


def test_only_main_package_is_read_whatever_builds_it() -> None:
    files = program("db.AutoMigrate(&User{})", GORM)
    files["Dockerfile"] = DOCKERFILE.replace("go build -o /out/server ./cmd/server", "make build")
    assert [found[0] for found in migrates(files)] == ["gorm"]


def test_database_in_a_file_stays_silent() -> None:
    files = program("db.AutoMigrate(&User{})", GORM)
    files["go.mod"] = files["go.mod"].replace("github.com/jackc/pgx/v5", "gorm.io/driver/sqlite")
    assert migrates(files) == []


def test_variable_that_the_image_sets_decides() -> None:
    files = program('if os.Getenv("MIGRATE") == "true" { db.AutoMigrate(&User{}) }', GORM)
    assert migrates(files) == []
    files["Dockerfile"] = DOCKERFILE.replace("CMD", "ENV MIGRATE=true\nCMD")
    assert [found[0] for found in migrates(files)] == ["gorm"]


@pytest.mark.parametrize("body", ["(" * 20_000, "if a {" * 5000 + "}" * 5000, "f(" * 5000 + ")" * 5000])
def test_deep_code_is_read_without_an_error(body: str) -> None:
    assert migrates(program(body, GORM)) == []
