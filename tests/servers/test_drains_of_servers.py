"""How long each server drains, and on what: its file, flag, variable and default, in small projects as they are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.discovery.workspace import Workspace
from deploylint.linking import link

if TYPE_CHECKING:
    from deploylint.model.drain import Drain

RUBY = "FROM ruby:3.4-slim\nWORKDIR /app\nCOPY . .\nENV RAILS_ENV=production\n"
NODE = "FROM node:22-slim\nWORKDIR /app\nCOPY . .\n"
JAVA = 'FROM eclipse-temurin:21-jre\nWORKDIR /app\nCOPY target/*.jar app.jar\nENTRYPOINT ["java", "-jar", "app.jar"]\n'
DOTNET = 'FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /app\nCOPY out .\nENTRYPOINT ["dotnet", "Shop.dll"]\n'
PUMA_LOCK = {"Gemfile.lock": "GEM\n  specs:\n    puma (6.4.2)\n    rails (8.0.0)\n"}


def drain_of(files: dict[str, str]) -> Drain | None:
    """The drain of the image that a project's only Dockerfile builds."""
    (unit,) = link(Workspace.of(files)).units
    return unit.drain


def limit(found: Drain | None) -> str:
    """How a drain stands, in a line: `30` known, `30*` default, `+` between phases, `∞` without limit, `?` unknown, `0` none."""
    if found is None:
        return "no server"
    phases = [f"{phase.seconds.get():g}{'*' if phase.seconds.is_default else ''}" for phase in found.phases]
    unbounded = [f"∞{'*' if found.unbounded.is_default else ''}"] if found.unbounded else []
    return " + ".join([*phases, *unbounded, *([] if found.is_complete else ["?"])]) or "0"


def run(base: str, command: str, files: dict[str, str]) -> Drain | None:
    words = ", ".join(f'"{word}"' for word in command.split())
    return drain_of({**files, "Dockerfile": f"{base}CMD [{words}]\n" if command else base})


@pytest.mark.parametrize(
    ("command", "files", "expected"),
    [
        # Puma, alone
        ("puma", {}, "∞*"),
        ("puma", {"config/puma.rb": "force_shutdown_after 20\n"}, "20"),
        ("puma", {"config/puma.rb": "force_shutdown_after(20.5)\n"}, "20.5"),
        ("puma", {"config/puma.rb": "force_shutdown_after :forever\n"}, "∞"),
        ("puma", {"config/puma.rb": "force_shutdown_after :immediately\n"}, "0"),
        ("puma", {"config/puma.rb": "force_shutdown_after LIMIT\n"}, "?"),
        ("puma", {"config/puma.rb": "force_shutdown_after 20 if ENV['X']\n"}, "?"),
        ("puma", {"config/puma.rb": "# force_shutdown_after 20\n"}, "∞*"),
        ("puma", {"config/puma.rb": "worker_shutdown_timeout 60\n"}, "∞*"),
        # with workers
        ("puma -w 2", {}, "30*"),
        ("puma -w 0", {}, "∞*"),
        ("puma", {"config/puma.rb": "workers 2\n"}, "30*"),
        ("puma", {"config/puma.rb": "workers 2\nworker_shutdown_timeout 60\n"}, "60"),
        ("puma", {"config/puma.rb": "workers 2\nworker_shutdown_timeout 1_000\nforce_shutdown_after 15\n"}, "15"),
        ("puma", {"config/puma.rb": "workers ENV.fetch('WEB_CONCURRENCY') { 2 }\n"}, "30*"),
        ("puma", {"config/puma.rb": "workers Integer(ENV['WEB_CONCURRENCY'] || 0)\n"}, "∞*"),
        ("puma", {"config/puma.rb": "workers Concurrent.physical_processor_count\n"}, "?"),
        ("puma", {"config/puma.rb": "if ENV['X']\n  workers 2\nend\n"}, "?"),
        # which file
        ("puma -C config/other.rb", {"config/other.rb": "workers 2\nworker_shutdown_timeout 9\n"}, "9"),
        ("puma -C /app/config/other.rb", {"config/other.rb": "force_shutdown_after 9\n"}, "9"),
        ("puma -C config/missing.rb", {}, "?"),
        ("puma -C -", {"config/puma.rb": "force_shutdown_after 9\n"}, "∞*"),
        ("puma", {"config/puma.rb": "force_shutdown_after 9\n", "config/puma/production.rb": "force_shutdown_after 8\n"}, "8"),
        ("puma -e staging", {"config/puma/production.rb": "force_shutdown_after 8\n"}, "∞*"),
        ("bundle exec puma", {"config/puma.rb": "force_shutdown_after 9\n"}, "9"),
        ("./bin/thrust ./bin/rails server", {**PUMA_LOCK, "config/puma.rb": "force_shutdown_after 9\n"}, "9"),
        ("bin/rails server", {"Gemfile.lock": "GEM\n  specs:\n    puma (6.4)\n    falcon (1.0)\n"}, "no server"),
        ("bin/rails db:migrate", PUMA_LOCK, "no server"),
        # Unicorn
        ("unicorn", {}, "60*"),
        ("unicorn -c config/unicorn.rb", {"config/unicorn.rb": "worker_processes 4\ntimeout 15\n"}, "15"),
        ("unicorn -c config/unicorn.rb", {"config/unicorn.rb": "timeout Integer(ENV['T'] || 25)\n"}, "25"),
        ("unicorn -c config/missing.rb", {}, "?"),
        # Sidekiq
        ("sidekiq", {}, "25* + 3*"),
        ("sidekiq -t 60", {}, "60 + 3*"),
        ("sidekiq -t 60", {"config/sidekiq.yml": ":timeout: 90\n"}, "60 + 3*"),
        ("sidekiq", {"config/sidekiq.yml": ":concurrency: 5\n:timeout: 90\n"}, "90 + 3*"),
        ("sidekiq", {"config/sidekiq.yml": "timeout: 90 # seconds\n"}, "90 + 3*"),
        ("sidekiq", {"config/sidekiq.yml": ":timeout: 90\nproduction:\n  :timeout: 40\nstaging:\n  :timeout: 10\n"}, "40 + 3*"),
        ("sidekiq", {"config/sidekiq.yml": ":timeout: 90\nstaging:\n  :timeout: 10\n"}, "90 + 3*"),
        ("sidekiq", {"config/sidekiq.yml": "production:\n  redis:\n    timeout: 5\n"}, "25* + 3*"),
        ("sidekiq", {"config/sidekiq.yml": ":timeout: <%= ENV['T'] %>\n"}, "?"),
        ("sidekiq -C config/jobs.yml", {"config/jobs.yml": ":timeout: 7\n"}, "7 + 3*"),
        ("sidekiq -C config/missing.yml", {}, "?"),
        ("sidekiq", {"config/initializers/sidekiq.rb": "Sidekiq.configure_server { |c| c[:timeout] = 9 }\n"}, "?"),
        # Solid Queue and GoodJob
        ("bin/jobs", {"bin/jobs": "SolidQueue::Cli.start(ARGV)\n"}, "5*"),
        ("bin/jobs", {"bin/jobs": "Delayed::Command.new(ARGV)\n"}, "no server"),
        ("bin/jobs", {"bin/jobs": "SolidQueue::Cli.start(ARGV)\n",
         "config/environments/production.rb": "Rails.application.configure do\n"
         "  config.solid_queue.shutdown_timeout = 1.minute\nend\n"},
         "60"),
        ("rake solid_queue:start", {"config/application.rb": "config.solid_queue.shutdown_timeout = 20.seconds\n"}, "20"),
        ("rake solid_queue:start", {"config/application.rb": "config.solid_queue.shutdown_timeout = grace\n"}, "?"),
        ("rake solid_queue:start", {"config/environments/staging.rb": "config.solid_queue.shutdown_timeout = 9\n"}, "5*"),
        ("good_job start", {}, "∞*"),
        ("good_job start --shutdown-timeout 30", {}, "30"),
        ("good_job start --shutdown-timeout=-1", {}, "∞"),
        ("good_job start", {"config/initializers/good_job.rb": "App.config.good_job.shutdown_timeout = 25\n"}, "25"),
        ("good_job start", {"config/application.rb": "config.good_job = { shutdown_timeout: 25 }\n"}, "?"),
    ],
)  # fmt: skip
def test_ruby(command: str, files: dict[str, str], expected: str) -> None:
    assert limit(run(RUBY, command, {"Gemfile": "", **files})) == expected


@pytest.mark.parametrize("command", ["puma", "sidekiq", "good_job start"])
def test_an_app_that_is_not_here_may_be_configured(command: str) -> None:
    assert limit(run("FROM quay.io/forem/forem:production\n", command, {"scripts/start.sh": ""})) == "?"


@pytest.mark.parametrize(
    ("variables", "command", "expected"),
    [
        ("ENV WEB_CONCURRENCY=3\n", "puma", "30*"),
        ("ENV WEB_CONCURRENCY=0\n", "puma", "∞*"),
        ("ENV GOOD_JOB_SHUTDOWN_TIMEOUT=12\n", "good_job start", "12"),
        ("ENV GOOD_JOB_SHUTDOWN_TIMEOUT=12\n", "good_job start --shutdown-timeout 8", "8"),
    ],
)
def test_ruby_variables(variables: str, command: str, expected: str) -> None:
    assert limit(run(RUBY + variables, command, {"Gemfile": ""})) == expected


POM = """\
<project>
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>{}</version></parent>
  <dependencies><dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>
  <build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""
GRADLE = 'plugins {{ id("org.springframework.boot") version "{}" }}\nimplementation("a.b:spring-boot-starter-web")\n'
CATALOG = '[versions]\nboot = "{}"\n[plugins]\nspring-boot = {{ id = "org.springframework.boot", version = "{}" }}\n'
QUARKUS = "<project><build><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></build></project>\n"
RESOURCES = "src/main/resources"
PHASE = "spring.lifecycle.timeout-per-shutdown-phase"


@pytest.mark.parametrize(
    ("files", "expected", "effect"),
    [
        ({"pom.xml": POM.format("3.4.0")}, "30*", "drains"),
        ({"pom.xml": POM.format("4.0.1")}, "30*", "drains"),
        ({"pom.xml": POM.format("3.3.13")}, "0", "quits"),
        ({"pom.xml": POM.format("2.7.18.RELEASE")}, "0", "quits"),
        ({"pom.xml": POM.format("${boot.version}") + "<boot.version>3.5.1</boot.version>"}, "30*", "drains"),
        ({"pom.xml": POM.format("${boot.version}")}, "?", ""),
        ({"pom.xml": POM.format("3.4.0").replace("-web<", "-batch<")}, "?", ""),
        ({"build.gradle.kts": GRADLE.format("3.4.2")}, "30*", "drains"),
        ({"build.gradle": GRADLE.format("3.1.0").replace('"', "'")}, "0", "quits"),
        ({"build.gradle.kts": "plugins { alias(libs.plugins.spring.boot) }\nspring-boot-starter-web",
          "gradle/libs.versions.toml": CATALOG.format("1", "3.4.9")}, "30*", "drains"),
        # configuration
        ({"pom.xml": POM.format("3.2.0"), f"{RESOURCES}/application.properties": "server.shutdown=graceful\n"}, "30*", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": "server.shutdown = immediate\n"}, "0", "quits"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"{PHASE}=45s\n"}, "45", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"{PHASE}: 20000\n"}, "20", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"{PHASE}=PT1M30S\n"}, "90", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"{PHASE}=${{GRACE:25s}}\n"}, "25", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"{PHASE}=${{GRACE}}\n"}, "?", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.properties": f"#{PHASE}=45s\n"}, "30*", "drains"),
        ({"pom.xml": POM.format("3.5.0"),
          f"{RESOURCES}/application.yml": "spring:\n  lifecycle:\n    timeout-per-shutdown-phase: 40s\n"}, "40", "drains"),
        ({"pom.xml": POM.format("3.5.0"),
          f"{RESOURCES}/application.yaml": "spring.lifecycle:\n  timeout-per-shutdown-phase: 1m\n"},
         "60", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.yml": f"{PHASE}: 40s\n",
          f"{RESOURCES}/application.properties": f"{PHASE}=50s\n"}, "50", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application-prod.yml": f"{PHASE}: 40s\n"}, "30*", "drains"),
        ({"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application.yml":
          f"{PHASE}: 40s\n---\nspring.config.activate.on-profile: prod\n{PHASE}: 70s\n"}, "40", "drains"),
        # Quarkus
        ({"pom.xml": QUARKUS}, "0", "quits"),
        ({"pom.xml": QUARKUS, f"{RESOURCES}/application.properties": "quarkus.shutdown.timeout=20\n"}, "20", "drains"),
        ({"pom.xml": QUARKUS, f"{RESOURCES}/application.properties": "quarkus.shutdown.timeout=PT2M\n"}, "120", "drains"),
        ({"pom.xml": QUARKUS, f"{RESOURCES}/application.properties": "%prod.quarkus.shutdown.timeout=30s\n"}, "30", "drains"),
        ({"pom.xml": QUARKUS, f"{RESOURCES}/application.properties": "%dev.quarkus.shutdown.timeout=30s\n"}, "0", "quits"),
        ({"pom.xml": QUARKUS, f"{RESOURCES}/application.yml": "quarkus:\n  shutdown:\n    timeout: 15s\n"}, "15", "drains"),
        # two build tools side by side: target/ is Maven's
        ({"pom.xml": POM.format("3.4.0"), "build.gradle.kts": GRADLE.format("3.1.0")}, "30*", "drains"),
        # neither
        ({"pom.xml": "<project/>"}, "no server", ""),
        ({}, "no server", ""),
        ({"a/pom.xml": POM.format("3.4.0"), "b/pom.xml": POM.format("3.4.0")}, "no server", ""),
    ],
)  # fmt: skip
def test_java(files: dict[str, str], expected: str, effect: str) -> None:
    found = drain_of({**files, "Dockerfile": JAVA})
    assert limit(found) == expected
    assert (found.signals.get("SIGTERM", "") if found else "") == effect


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("3.3.13", "set `server.shutdown=graceful`"),
        ("2.3.0.RELEASE", "set `server.shutdown=graceful`"),
        ("2.2.13.RELEASE", "move to Spring Boot 2.3 or later, and set `server.shutdown=graceful`"),
    ],
)
def test_spring_boot_that_has_no_graceful_shutdown(version: str, advice: str) -> None:
    found = drain_of({"pom.xml": POM.format(version), "Dockerfile": JAVA})
    assert found is not None and found.advice(30) == advice


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ENV SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE=12s\n", "12"),
        ("ENV SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE=12s\n", "12"),
        ("ENV SERVER_SHUTDOWN=immediate\n", "0"),
        ("ENV JAVA_TOOL_OPTIONS='-Xmx1g -Dserver.shutdown=immediate'\n", "0"),
        ("ENV SPRING_PROFILES_ACTIVE=prod\n", "70"),
        ("ENV SPRING_CONFIG_LOCATION=/etc/app.yml\n", "?"),
        (f'ENTRYPOINT ["java", "-jar", "app.jar", "--{PHASE}=9s"]\n', "9"),
        (f'ENTRYPOINT ["java", "-D{PHASE}=9s", "-jar", "app.jar"]\n', "9"),
        ('ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]\n', "30*"),
        ('ENTRYPOINT ["java", "com.acme.Main"]\n', "no server"),
    ],
)
def test_spring_boot_elsewhere(lines: str, expected: str) -> None:
    files = {"pom.xml": POM.format("3.5.0"), f"{RESOURCES}/application-prod.properties": f"{PHASE}=70s\n"}
    assert limit(drain_of({**files, "Dockerfile": JAVA + lines})) == expected


PROJECT = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>{}</TargetFramework></PropertyGroup></Project>\n'
PROGRAM = "var builder = WebApplication.CreateBuilder(args);\n"


@pytest.mark.parametrize(
    ("files", "variables", "expected"),
    [
        ({"Shop.csproj": PROJECT.format("net9.0"), "Program.cs": PROGRAM}, "", "30*"),
        ({"Shop.csproj": PROJECT.format("net7.0"), "Program.cs": PROGRAM}, "", "30*"),
        ({"Shop.csproj": PROJECT.format("net6.0"), "Program.cs": PROGRAM}, "", "5*"),
        ({"Shop.csproj": PROJECT.format("netcoreapp3.1"), "Program.cs": "Host.CreateDefaultBuilder(args)"}, "", "5*"),
        ({"Shop.csproj": PROJECT.format("net7.0"), "Program.cs": "WebHost.CreateDefaultBuilder(args)"}, "", "5*"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": "WebHost.CreateDefaultBuilder(args)"}, "", "30*"),
        ({"Shop.csproj": PROJECT.format("$(Target)"), "Program.cs": PROGRAM}, "", "?"),
        ({"Shop.csproj": "<Project/>", "Directory.Build.props": PROJECT.format("net8.0"), "Program.cs": PROGRAM}, "", "30*"),
        ({"a/B.csproj": PROJECT.format("net8.0") + "<AssemblyName>Shop</AssemblyName>", "a/Program.cs": PROGRAM}, "", "30*"),
        ({"Other.csproj": PROJECT.format("net8.0"), "Program.cs": PROGRAM}, "", "no server"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": "Console.WriteLine();"}, "", "no server"),
        ({"Shop.csproj": PROJECT.format("net8.0"),
          "Program.cs": f"{PROGRAM}o.ShutdownTimeout = TimeSpan.FromSeconds(90);"}, "", "90"),
        ({"Shop.csproj": PROJECT.format("net8.0"),
          "Program.cs": f"{PROGRAM}o => o.ShutdownTimeout = TimeSpan.FromMinutes(2)"}, "", "120"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": f"{PROGRAM}o.ShutdownTimeout = options.Grace;"}, "", "?"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": f"{PROGRAM}services.Configure<HostOptions>(section);"}, "", "?"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": PROGRAM}, "ENV DOTNET_SHUTDOWNTIMEOUTSECONDS=45\n", "45"),
        ({"Shop.csproj": PROJECT.format("net8.0"), "Program.cs": PROGRAM}, "ENV ASPNETCORE_SHUTDOWNTIMEOUTSECONDS=45\n", "45"),
        ({"Shop.csproj": PROJECT.format("net5.0"), "Program.cs": PROGRAM}, "ENV DOTNET_SHUTDOWNTIMEOUTSECONDS=45\n", "5*"),
    ],
)  # fmt: skip
def test_dotnet(files: dict[str, str], variables: str, expected: str) -> None:
    assert limit(drain_of({**files, "Dockerfile": DOTNET + variables})) == expected


EXPRESS = {"package.json": '{"dependencies": {"express": "^4", "pg": "8"}}', "server.js": "require('express')().listen(80)\n"}
NEST = {"package.json": '{"dependencies": {"@nestjs/core": "^10"}}'}
GRACE = {"package.json": '{"dependencies": {"close-with-grace": "2"}}'}
TERMINUS = {"package.json": '{"dependencies": {"@godaddy/terminus": "4"}}'}


@pytest.mark.parametrize(
    ("command", "files", "expected", "effect"),
    [
        ("node server.js", EXPRESS, "0", "ignores"),
        ("node --enable-source-maps dist/server.js", EXPRESS, "0", "ignores"),
        ("node server.js", {**EXPRESS, "lib/stop.js": "process.once('SIGTERM', stop)\n"}, "?", ""),
        ("node server.js", {**EXPRESS, "lib/stop.js": "for (const s of signals) process.on(s, stop)\n"}, "?", ""),
        ("node server.js", {**EXPRESS, "package.json": '{"dependencies": {"express": "4", "some-lib": "1"}}'}, "?", ""),
        ("node server.js", {**EXPRESS, "tests/a.js": "kill('SIGTERM')\n"}, "0", "ignores"),
        ("node server.js", {**EXPRESS, "packages/a/package.json": "{}"}, "?", ""),
        ("node -r ./hooks.js server.js", EXPRESS, "no server", ""),
        ("node -e 1", EXPRESS, "no server", ""),
        ("node server.js", {"server.js": ""}, "no server", ""),
        ("node node_modules/.bin/next start", EXPRESS, "no server", ""),
        ("node dist/main.js", {**NEST, "src/main.ts": "app.enableShutdownHooks();\n"}, "∞", "drains"),
        ("node dist/main.js", {**NEST, "src/main.ts": "app.enableShutdownHooks(['SIGTERM']);\n"}, "?", ""),
        ("node dist/main.js", {**NEST, "src/main.ts": "// nothing\n"}, "?", ""),
        ("node a.js", {**GRACE, "a.js": "closeWithGrace({ delay: 5_000 }, async () => {})\n"}, "5", "drains"),
        ("node a.js", {**GRACE, "a.js": "closeWithGrace({ logger }, async () => {})\n"}, "10*", "drains"),
        ("node a.js", {**GRACE, "a.js": "closeWithGrace({ delay }, async () => {})\n"}, "?", "drains"),
        ("node a.js", {**GRACE, "a.js": "closeWithGrace({ ...options }, async () => {})\n"}, "?", ""),
        ("node a.js", {**TERMINUS, "a.js": "createTerminus(server, { timeout: 3000 })\n"}, "3 + ?", "drains"),
    ],
)  # fmt: skip
def test_node(command: str, files: dict[str, str], expected: str, effect: str) -> None:
    found = run(NODE, command, files)
    assert limit(found) == expected
    assert (found.signals.get("SIGTERM", "") if found else "") == effect


NGINX = "FROM nginx:1.27-alpine\n"
HTTPD = "FROM httpd:2.4\nCOPY h.conf /usr/local/apache2/conf/httpd.conf\n"
FPM = "FROM php:8.3-fpm\n"
POOL = FPM + "COPY z.conf /usr/local/etc/php-fpm.d/zz-z.conf\n"
CADDY = "FROM caddy:2\nCOPY Caddyfile /etc/caddy/Caddyfile\n"
HAPROXY = "FROM haproxy:3.0\nCOPY h.cfg /usr/local/etc/haproxy/haproxy.cfg\n"


@pytest.mark.parametrize(
    ("dockerfile", "files", "expected", "effects"),
    [
        (NGINX, {}, "∞*", "SIGTERM quits, SIGINT quits, SIGQUIT drains"),
        (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n",
         {"nginx.conf": "events {}\nworker_shutdown_timeout 20s;\nhttp { server { listen 80; } }\n"}, "20", ""),
        (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n", {"nginx.conf": "worker_shutdown_timeout 1m30s;\n"}, "90", ""),
        (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n", {"nginx.conf": "worker_shutdown_timeout 0;\n"}, "∞", ""),
        (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n", {"nginx.conf": "# worker_shutdown_timeout 20s;\n"}, "∞*", ""),
        (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n", {"nginx.conf": "worker_shutdown_timeout ${GRACE};\n"}, "?", ""),
        (NGINX + "COPY nginx.conf /etc/nginx/conf.d/default.conf\n", {"nginx.conf": "server { listen 80; }\n"}, "∞*", ""),
        (NGINX + "COPY conf /etc/nginx\n",
         {"conf/nginx.conf": "include extra.conf;\n", "conf/extra.conf": "worker_shutdown_timeout 5s;\n"}, "5", ""),
        (NGINX + 'CMD ["nginx", "-g", "daemon off; worker_shutdown_timeout 7s;"]\n', {}, "7", ""),
        (NGINX + 'CMD ["nginx", "-c", "/srv/nginx.conf"]\n', {}, "?", ""),
        (NGINX + "RUN mv /tmp/nginx.conf /etc/nginx\n", {"deploy/nginx.conf": "worker_shutdown_timeout 9s;\n"}, "?", ""),
        ("FROM registry.example.com/acme/nginx:1\nCMD [\"nginx\"]\n", {}, "?", ""),
        ("FROM httpd:2.4\n", {}, "∞*", "SIGTERM quits, SIGINT quits, SIGWINCH drains"),
        (HTTPD, {"h.conf": "Listen 80\nGracefulShutdownTimeout 25\n"}, "25", ""),
        ("FROM php:8.3-apache\nCOPY h.conf /etc/apache2/conf-enabled/z.conf\n",
         {"h.conf": "gracefulshutdowntimeout 25\n"}, "25", ""),
        (FPM, {}, "0", "SIGTERM quits, SIGINT quits, SIGQUIT quits"),
        (POOL, {"z.conf": "[global]\nprocess_control_timeout = 10s\n"}, "10",
         "SIGTERM quits, SIGINT quits, SIGQUIT drains"),
        (POOL, {"z.conf": "[global]\nprocess_control_timeout = 2m ; long\n"},
         "120", ""),
        (FPM + "COPY z.conf /usr/local/etc/php-fpm.d/www.conf\n", {"z.conf": "[www]\nprocess_control_timeout = 10\n"}, "0", ""),
        (FPM + "RUN printf '[global]\\nprocess_control_timeout = 15\\n' > /usr/local/etc/php-fpm.d/zz.conf\n", {}, "15", ""),
        (POOL, {"z.conf": "[global]\nprocess_control_timeout = ${T}\n"}, "?", ""),
        ("FROM debian:12\nCOPY f.conf /etc/php/8.2/fpm/php-fpm.conf\nCMD [\"php-fpm8.2\", \"-F\"]\n",
         {"f.conf": "[global]\nprocess_control_timeout = 8\n"}, "8", ""),
        ("FROM caddy:2\n", {}, "∞*", "SIGTERM drains, SIGINT drains, SIGQUIT quits"),
        (CADDY, {"Caddyfile": "{\n\tgrace_period 10s\n}\n:80 {\n}\n"}, "10", ""),
        (CADDY, {"Caddyfile": "{\n  shutdown_delay 5s\n  grace_period 10s\n}\nexample.com\n"}, "5 + 10", ""),
        (CADDY, {"Caddyfile": ":80 {\n  grace_period 10s\n}\n"}, "∞*", ""),
        (CADDY, {"Caddyfile": "{\n  grace_period {$GRACE}\n}\n"}, "?", ""),
        ('FROM caddy:2\nCMD ["caddy", "run", "--config", "/srv/c.json"]\n', {}, "?", ""),
        (HAPROXY, {"h.cfg": "global\n  maxconn 100\ndefaults\n"}, "∞*",
         "SIGTERM quits, SIGINT quits, SIGUSR1 drains"),
        (HAPROXY, {"h.cfg": "global\n  hard-stop-after 30s\n"}, "30", ""),
        (HAPROXY, {"h.cfg": "global\n  hard-stop-after 1500\n"}, "1.5", ""),
        ("FROM haproxy:3.0\n", {}, "?", ""),
        ("FROM traefik:v3\n", {}, "10*", "SIGTERM drains, SIGINT drains"),
        ('FROM traefik:v3\nCMD ["traefik", "--entryPoints.web.transport.lifeCycle.graceTimeOut=25s"]\n', {}, "25", ""),
        ("FROM traefik:v3\nENV TRAEFIK_ENTRYPOINTS_WEB_TRANSPORT_LIFECYCLE_GRACETIMEOUT=35\n", {}, "35", ""),
        ("FROM traefik:v3\nCOPY t.yml /etc/traefik/traefik.yml\n",
         {"t.yml": "entryPoints:\n  web:\n    transport:\n      lifeCycle: {graceTimeOut: 50, requestAcceptGraceTimeout: 5s}\n"},
         "5 + 50", ""),
        ("FROM traefik:v3\nCOPY t.toml /etc/traefik/traefik.toml\n",
         {"t.toml": '[entryPoints.web.transport.lifeCycle]\ngraceTimeOut = "20s"\n'
          "[entryPoints.x.transport.lifeCycle]\ngraceTimeOut = 40\n"},
         "40", ""),
        ("FROM envoyproxy/envoy:v1.33\n", {}, "0", "SIGTERM quits, SIGINT quits"),
    ],
)  # fmt: skip
def test_web_servers_and_proxies(dockerfile: str, files: dict[str, str], expected: str, effects: str) -> None:
    found = drain_of({**files, "Dockerfile": dockerfile})
    assert limit(found) == expected
    assert found is not None
    assert not effects or ", ".join(f"{signal} {effect}" for signal, effect in found.signals.items()) == effects


MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    spec:
      containers: [{{name: web, image: acme/web}}]
      volumes: [{{name: config, {}: {{}}}}]
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"deploy.yaml": MANIFEST.format("emptyDir")}, "∞*"),
        ({"deploy.yaml": MANIFEST.format("configMap")}, "?"),
        ({"compose.yaml": "services:\n  web:\n    build: .\n    volumes: ['./www:/srv/www']\n"}, "∞*"),
        ({"compose.yaml": "services:\n  web:\n    build: .\n    volumes: ['./conf:/etc/nginx']\n"}, "?"),
        ({"compose.yaml": "services:\n  web:\n    build: .\n    volumes: ['./n.conf:/etc/nginx/nginx.conf:ro']\n"}, "?"),
    ],
)
def test_what_is_mounted_may_set_it(files: dict[str, str], expected: str) -> None:
    assert limit(drain_of({**files, "Dockerfile": NGINX})) == expected


def test_busybox_has_an_httpd_too() -> None:
    assert limit(drain_of({"Dockerfile": 'FROM busybox\nCMD ["httpd", "-v", "-p", "8000", "-h", "/www", "-f"]\n'})) == "no server"


def test_a_limit_s_span_is_what_was_written() -> None:
    files = {"nginx.conf": "worker_shutdown_timeout 20s;\n", "Dockerfile": NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n"}
    found = drain_of(files)
    assert found is not None
    (phase,) = found.phases
    assert phase.seconds.span is not None
    assert (phase.seconds.span.path, phase.seconds.span.text) == ("nginx.conf", "20s")
    assert phase.label == "nginx drains for up to 20s"


SUPERVISOR = """\
[include]
files = more/*.conf
[program:web] ; the app
command = gunicorn shop
  --graceful-timeout 20
environment = A="1",B='2'
stopwaitsecs = 30
[group:all]
programs = web
"""
CONFIGURED = {
    "config/puma.rb": (RUBY + 'CMD ["puma"]\n', "workers ENV.fetch('W') { 2 }\nif x\n  worker_shutdown_timeout 20\nend\n"),
    "config/sidekiq.yml": (RUBY + 'CMD ["sidekiq"]\n', ":timeout: 30\nproduction:\n  :timeout: 90 # seconds\n"),
    "config/application.rb": (RUBY + 'CMD ["good_job", "start"]\n', "config.good_job.shutdown_timeout = ENV.fetch('X', 5)\n"),
    f"{RESOURCES}/application.yml": (
        JAVA,
        "server:\n  shutdown: graceful\n---\nspring.profiles: prod\nspring:\n  lifecycle: {}\n",
    ),
    f"{RESOURCES}/application.properties": (JAVA, f"server.shutdown=graceful\n{PHASE}=${{GRACE:25s}}\n"),
    "Program.cs": (DOTNET, f"{PROGRAM}o.ShutdownTimeout = TimeSpan.FromSeconds(90);\n"),
    "nginx.conf": (NGINX + "COPY nginx.conf /etc/nginx/nginx.conf\n", "worker_shutdown_timeout 20s;\nhttp { server { x; } }\n"),
    "Caddyfile": (CADDY, "{\n  grace_period 10s\n}\nexample.com {\n}\n"),
    "h.cfg": (HAPROXY, "global\n  hard-stop-after 30s\n"),
    "h.conf": (HTTPD, "GracefulShutdownTimeout 25\n"),
    "z.conf": (POOL, "[global]\nprocess_control_timeout = 2m ; long\n"),
    "s.conf": ('FROM debian:12\nCOPY s.conf /etc/s.conf\nCMD ["supervisord", "-c", "/etc/s.conf"]\n', SUPERVISOR),
    "app.js": (NODE + 'CMD ["pm2-runtime", "app.js"]\n', "closeWithGrace({ delay: 5_000 }, async () => { stop() })\n"),
}


@given(st.data())
def test_any_beginning_of_a_configuration_file_is_read(data: st.DataObject) -> None:
    """Whatever is cut off, what is found stands where it says."""
    path = data.draw(st.sampled_from(sorted(CONFIGURED)))
    dockerfile, text = CONFIGURED[path]
    cut = text[: data.draw(st.integers(0, len(text)))]
    context = {"pom.xml": POM.format("3.5.0"), "Shop.csproj": PROJECT.format("net8.0"), **GRACE}
    found = drain_of({**context, path: cut, "Dockerfile": dockerfile})
    for phase in found.phases if found else ():
        assert phase.seconds.span is not None
        assert phase.seconds.span.text
