"""What Ruby apps migrate while they boot: Rails in its initializers, others in config.ru or the script that the command runs."""

from __future__ import annotations

import pytest

from tests.apps.test_node import migrates

DOCKERFILE = 'FROM ruby:3.4-slim\nWORKDIR /app\nENV RAILS_ENV=production\nCOPY . .\nCMD ["bin/rails", "server"]\n'
APPLICATION = "module Shop\n  class Application < Rails::Application\n    %s\n  end\nend\n"


def rails(code: str, dockerfile: str = DOCKERFILE) -> dict[str, str]:
    """A Rails app with one initializer."""
    return {
        "Dockerfile": dockerfile,
        "config/application.rb": APPLICATION % "",
        "config/initializers/setup.rb": code,
        "Gemfile": 'gem "rails"\ngem "pg"\n',
    }


@pytest.mark.parametrize(
    "code",
    [
        'ActiveRecord::MigrationContext.new("db/migrate").migrate\n',
        "ActiveRecord::Base.connection.migration_context.migrate\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate\n",
        'Rails.application.load_tasks\nRake::Task["db:migrate"].invoke\n',
        'system("bin/rails db:prepare") or abort("failed")\n',
        'system("bin/rails", "db:migrate", exception: true)\n',
        "`bundle exec rake db:migrate`\n",
        "Rails.application.config.after_initialize do\n  ActiveRecord::Tasks::DatabaseTasks.prepare_all\nend\n",
        'Rails::Command.invoke "db:migrate"\n',
        "if Rails.env.production?\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nend\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate if defined?(Rails::Server)\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate unless Rails.env.test?\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate unless ENV['SKIP_MIGRATIONS']\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate if ENV['SKIP_MIGRATIONS'] != '1'\n",
        "def prepare\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nend\nprepare\n",
        "begin\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nrescue ActiveRecord::NoDatabaseError\n  nil\nend\n",
    ],
)
def test_call_that_surely_runs_migrates(code: str) -> None:
    assert [found[:3] for found in migrates(rails(code))] == [("rails", "migrates", "config/initializers/setup.rb")]


@pytest.mark.parametrize(
    "code",
    [
        "ActiveRecord::Tasks::DatabaseTasks.migrate if ENV['MIGRATE']\n",
        "ActiveRecord::Tasks::DatabaseTasks.migrate if ENV['SKIP_SEED']\n",
        "if Rails.env.development?\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nend\n",
        "return unless Rails.env.development?\nActiveRecord::Tasks::DatabaseTasks.migrate\n",
        "def prepare\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nend\n",
        "namespace :db do\n  task(:up) { ActiveRecord::Tasks::DatabaseTasks.migrate }\nend\n",
        "tenants.each { |tenant| tenant.connection.migration_context.migrate }\n",
        "begin\n  connect\nrescue\n  ActiveRecord::Tasks::DatabaseTasks.migrate\nend\n",
        "case ENV['ROLE']\nwhen 'web' then ActiveRecord::Tasks::DatabaseTasks.migrate\nend\n",
        "ActiveRecord::Migration.check_all_pending!\n",
        "system('bin/rails db:version')\n",
        'system("bin/rails #{task}")\n',
        "puts 'bin/rails db:migrate'\n",
        "# ActiveRecord::Tasks::DatabaseTasks.migrate\n",
        "users.migrate\n",
        "if x\nActiveRecord::Tasks::DatabaseTasks.migrate\n",
    ],
)
def test_call_that_may_not_run_stays_silent(code: str) -> None:
    assert migrates(rails(code)) == []


def test_environment_that_no_file_sets_stays_silent() -> None:
    code = "ActiveRecord::Tasks::DatabaseTasks.migrate if Rails.env.production?\n"
    assert migrates(rails(code, DOCKERFILE.replace("ENV RAILS_ENV=production\n", ""))) == []


@pytest.mark.parametrize("command", ['["bundle", "exec", "puma", "-C", "config/puma.rb"]', '["bundle", "exec", "sidekiq"]'])
def test_every_program_that_loads_the_app_runs_its_initializers(command: str) -> None:
    files = rails("ActiveRecord::Tasks::DatabaseTasks.migrate\n", DOCKERFILE.replace('["bin/rails", "server"]', command))
    assert [found[0] for found in migrates(files)] == ["rails"]


@pytest.mark.parametrize("command", ['["bin/rails", "console"]', '["ruby", "-v"]', '["nginx"]'])
def test_other_program_runs_no_initializers(command: str) -> None:
    files = rails("ActiveRecord::Tasks::DatabaseTasks.migrate\n", DOCKERFILE.replace('["bin/rails", "server"]', command))
    assert migrates(files) == []


def test_block_in_the_application_file_is_read() -> None:
    files = rails("") | {
        "config/application.rb": APPLICATION
        % "config.after_initialize do\n      ActiveRecord::Tasks::DatabaseTasks.migrate\n    end"
    }
    assert [found[2] for found in migrates(files)] == ["config/application.rb"]


@pytest.mark.parametrize("command", ['["./bin/boot"]', '["ruby", "bin/boot"]'])
def test_script_in_front_of_the_server_is_read(command: str) -> None:
    files = rails("", DOCKERFILE.replace('["bin/rails", "server"]', command))
    files["bin/boot"] = "#!/usr/bin/env ruby\ndef system!(*args) = system(*args, exception: true)\n\n"
    files["bin/boot"] += 'system! "bin/rails db:prepare"\nexec "bundle exec puma"\n'
    assert [found[2:] for found in migrates(files)] == [("bin/boot", "bin/rails db:prepare")]


def test_rack_app_with_sequel_is_followed_to_its_files() -> None:
    files = {
        "Dockerfile": DOCKERFILE.replace('["bin/rails", "server"]', '["bundle", "exec", "rackup"]'),
        "Gemfile": 'gem "sequel"\ngem "pg"\n',
        "config.ru": 'require_relative "app"\nrun App\n',
        "app.rb": 'require "sequel"\nDB = Sequel.connect(ENV["DATABASE_URL"])\nrequire_relative "lib/setup"\n',
        "lib/setup.rb": 'Sequel.extension :migration\nSequel::Migrator.run(DB, "migrations")\n',
        "lib/other.rb": 'Sequel::Migrator.run(DB, "others")\n',
    }
    assert [found[:3] for found in migrates(files)] == [("sequel", "migrates", "lib/setup.rb")]
    files["Gemfile"] = 'gem "sequel"\ngem "sqlite3"\n'
    assert migrates(files) == []


@pytest.mark.parametrize("code", ["(" * 20_000, "if a\n" * 5000 + "end\n" * 5000, "f(" * 5000 + ")" * 5000])
def test_deep_code_is_read_without_an_error(code: str) -> None:
    assert migrates(rails(f"# migrate\n{code}")) == []
