"""What .NET apps migrate while they boot: what Program.cs surely calls before the host runs."""

from __future__ import annotations

import pytest

from tests.apps.test_node import migrates

DOCKERFILE = """\
FROM mcr.microsoft.com/dotnet/sdk:9.0 AS build
WORKDIR /src
COPY . .
RUN dotnet publish -o /out

FROM mcr.microsoft.com/dotnet/aspnet:9.0
WORKDIR /app
COPY --from=build /out .
ENTRYPOINT ["dotnet", "Shop.dll"]
"""
PROJECT = '<Project><ItemGroup><PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" /></ItemGroup>%s</Project>\n'
HEAD = "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\n"
SCOPE = "using (var scope = app.Services.CreateScope()) {\n  var db = scope.ServiceProvider.GetRequiredService<Db>();\n  %s\n}\n"


def program(body: str, **files: str) -> dict[str, str]:
    """A project whose Program.cs is `body`; other files by name, `__` for a dot."""
    others = {name.replace("__", "."): text for name, text in files.items()}
    return {"Dockerfile": DOCKERFILE, "Shop.csproj": PROJECT % "", "Program.cs": f"{HEAD}{body}\napp.Run();\n", **others}


@pytest.mark.parametrize(
    ("body", "tool", "effect"),
    [
        (SCOPE % "db.Database.Migrate();", "ef-migrate", "migrates"),
        (SCOPE % "await db.Database.MigrateAsync();", "ef-migrate", "migrates"),
        (SCOPE % "db.Database.EnsureCreated();", "ef-created", "creates"),
        (SCOPE % "db.Database.EnsureDeleted();", "ef-created", "drops"),
        ("using var scope = app.Services.CreateScope();\nscope.ServiceProvider.GetService<Db>()!.Database.Migrate();",
         "ef-migrate", "migrates"),
        ("try { db.Database.Migrate(); } catch (Exception e) { log.Error(e); throw; }", "ef-migrate", "migrates"),
        ("Migrate(app);\nstatic void Migrate(WebApplication app) { Get(app).Database.Migrate(); }", "ef-migrate", "migrates"),
        ("policy.Execute(() => db.Database.Migrate());", "ef-migrate", "migrates"),
        ("while (true) { try { db.Database.Migrate(); break; } catch { } }", "ef-migrate", "migrates"),
        ("if (args is null) throw new Exception();\ndb.Database.Migrate();", "ef-migrate", "migrates"),
    ],
)  # fmt: skip
def test_call_that_surely_runs_migrates(body: str, tool: str, effect: str) -> None:
    assert [found[:3] for found in migrates(program(body))] == [(tool, effect, "Program.cs")]


@pytest.mark.parametrize(
    "body",
    [
        "if (app.Environment.IsDevelopment()) { db.Database.Migrate(); }",
        "if (!app.Environment.IsProduction()) { db.Database.Migrate(); }",
        'if (args.Contains("--migrate")) { db.Database.Migrate(); return; }',
        'if (builder.Configuration.GetValue<bool>("Migrate")) db.Database.Migrate();',
        "if (db.Database.IsRelational()) { db.Database.Migrate(); }",
        "app.Run();\ndb.Database.Migrate();",
        'app.MapPost("/migrate", () => db.Database.Migrate());',
        "static void Migrate(Db db) { db.Database.Migrate(); }",
        "foreach (var tenant in tenants) { tenant.Database.Migrate(); }",
        "try { Open(); } catch { db.Database.Migrate(); }",
        "if (skip) return;\ndb.Database.Migrate();",
        "// db.Database.Migrate();",
        'Console.WriteLine("db.Database.Migrate()");',
        "db.Migrate();",
        "db.Database.Migrate(;",
    ],
)
def test_call_that_may_not_run_stays_silent(body: str) -> None:
    assert migrates(program(body)) == []


EXTENSION = """\
namespace Shop;

public static class Startup {
  public static async Task MigrateDatabaseAsync(this IHost host) {
    using var scope = host.Services.CreateScope();
    await scope.ServiceProvider.GetRequiredService<Db>().Database.MigrateAsync();
  }
}
"""
INITIALIZER = """\
namespace Shop;

public class Initializer(Db db) {
  public async Task RunAsync() => await db.Database.MigrateAsync();
  public void Reset() { db.Database.EnsureDeleted(); }
}
"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("await app.MigrateDatabaseAsync();", EXTENSION),
        ("await Startup.MigrateDatabaseAsync(app);", EXTENSION),
        ("var one = app.Services.GetRequiredService<Initializer>();\nawait one.RunAsync();", INITIALIZER),
        ("await new Initializer(db).RunAsync();", INITIALIZER),
        ("builder.Services.AddHostedService<Initializer>();", INITIALIZER.replace("RunAsync", "StartAsync")),
    ],
)
def test_method_of_another_file_is_followed(body: str, code: str) -> None:
    found = migrates(program(body, Startup__cs=code))
    assert [each[:3] for each in found] == [("ef-migrate", "migrates", "Startup.cs")]


def test_method_that_could_be_several_stays_silent() -> None:
    other = EXTENSION.replace("Startup", "Other")
    assert migrates(program("await app.MigrateDatabaseAsync();", a__cs=EXTENSION, b__cs=other)) == []


def test_method_of_a_referenced_project_is_followed() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "src/Shop/Shop.csproj": '<Project><ProjectReference Include="..\\Data\\Data.csproj" /></Project>',
        "src/Shop/Program.cs": f"{HEAD}await app.MigrateDatabaseAsync();\napp.Run();\n",
        "src/Data/Data.csproj": PROJECT % "",
        "src/Data/Startup.cs": EXTENSION,
        "src/Data/Tests/Fixture.cs": "db.Database.EnsureDeleted();",
    }
    assert [found[2] for found in migrates(files)] == ["src/Data/Startup.cs"]


def test_main_method_and_startup_class_are_followed() -> None:
    main = """\
public class Program {
  public static void Main(string[] args) { CreateHostBuilder(args).Build().Run(); }
  public static IHostBuilder CreateHostBuilder(string[] args) =>
    Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => { web.UseStartup<Startup>(); });
}
"""
    startup = "public class Startup { public void Configure(IApplicationBuilder app, Db db) { db.Database.Migrate(); } }\n"
    assert [found[2] for found in migrates(program("", Startup__cs=startup) | {"Program.cs": main})] == ["Startup.cs"]


def test_environment_that_the_image_sets_decides() -> None:
    files = program("if (app.Environment.IsProduction()) { db.Database.Migrate(); }")
    assert migrates(files) == []
    for name, count in (("Production", 1), ("Staging", 0)):
        image = DOCKERFILE.replace("WORKDIR /app", f"ENV ASPNETCORE_ENVIRONMENT={name}\nWORKDIR /app")
        assert len(migrates(files | {"Dockerfile": image})) == count


def test_database_in_a_file_stays_silent() -> None:
    files = program("db.Database.Migrate();")
    files["Shop.csproj"] = (PROJECT % "").replace("Npgsql.EntityFrameworkCore.PostgreSQL", "Microsoft.EntityFrameworkCore.Sqlite")
    assert migrates(files) == []


@pytest.mark.parametrize("body", ["(" * 20_000, "if (a) {" * 5000 + "}" * 5000, "f(" * 5000 + ")" * 5000 + ";"])
def test_deep_code_is_read_without_an_error(body: str) -> None:
    assert migrates(program(body + "\ndb.Database.Migrate(;")) == []
