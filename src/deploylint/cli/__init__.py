"""The command line: arguments → run → exit code.

Exit codes, whatever the format: 0 clean, 1 findings at or above --fail-on, 2 usage, configuration or internal error; 130 when
interrupted.
Only what an option needs is imported: `--version` and `--help` cost argparse and nothing else, and a run without options not
even that.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, TextIO

from deploylint.cli import streams
from deploylint.cli.arguments import STDIN_NAME, Arguments, UsageError
from deploylint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deploylint.cli.outputs import Plan
    from deploylint.discovery.project import Project
    from deploylint.discovery.settings import Settings
    from deploylint.discovery.workspace import Workspace
    from deploylint.finding import Report
    from deploylint.output.layout import View
    from deploylint.output.outlet import Form

PLAIN_WIDTH = 80
"""Columns where no terminal says how many it has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code. Nothing is raised."""
    streams.prepare()
    is_collecting = gc.isenabled()
    # What a run makes, it needs until its end, and next to none of it in circles: to look for those takes a quarter of its time.
    gc.disable()
    try:
        return _run(arguments)
    except BrokenPipeError:
        streams.silence()
        return 0
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 2
    except Exception as error:
        if os.environ.get("DEPLOYLINT_TRACEBACK") and (error.__cause__ or not isinstance(error, UserError)):
            import traceback

            for line in traceback.format_exc().splitlines():
                streams.complain(line)
        return _fail(_sentence(error), error.exit_code if isinstance(error, UserError) else 2)
    finally:
        if is_collecting:
            gc.enable()


def _sentence(error: Exception) -> str:
    """An error as a sentence."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return "the current folder does not exist any more; change to one that does"
    what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"internal error ({what}); please report it, with what DEPLOYLINT_TRACEBACK=1 prints"


def _has_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _fail(message: str, code: int = 2) -> int:
    streams.complain(message)
    return code


def _run(arguments: Sequence[str] | None) -> int:
    options = _options(sys.argv[1:] if arguments is None else arguments)
    if options.explain:
        return _explain(options)
    if options.list_rules:
        from deploylint.cli import listings
        from deploylint.cli.options import own_rules
        from deploylint.engine import registry

        return _write_text(listings.rules(registry.rules(own_rules(options))))
    if options.test_rules:
        from deploylint.cli import rule_pages
        from deploylint.cli.options import words

        lines, is_well = rule_pages.test(options.test_rules, words(options.select), options.update)
        _write_text(part for line in lines for part in line.split("\n"))
        return 0 if is_well else 1
    if options.update:
        raise UsageError("--update goes with --test-rules; write --test-rules DIR --update")

    from deploylint.cli.outputs import plan

    planned = plan(options.format, options.output, not options.no_annotations, os.environ)
    try:
        return _lint(options, planned)
    except BrokenPipeError:
        raise
    except Exception as error:
        _tell_failure(error, planned, options)
        raise


def _options(words: Sequence[str]) -> Arguments:
    """The arguments, the program's name not among them. Paths alone are read without argparse. Raises `UsageError`."""
    arguments = Arguments()
    if any(word.startswith("-") and word != "-" for word in words):
        from deploylint.cli.parser import parser

        return parser(_width(sys.stdout)).parse_args(words, arguments)
    arguments.paths = list(words)
    return arguments


def _lint(options: Arguments, planned: Plan) -> int:
    from deploylint.cli.options import settings_of
    from deploylint.discovery.project import locate

    texts = {}
    if "-" in options.paths:
        if len(options.paths) > 1:
            raise UsageError("- can't stand beside other paths; pass it alone")
        if options.diff_base is not None:
            raise UsageError("--diff-base can't be used with -: git knows files, not standard input; pass a path")
        project = locate([options.stdin_filename or STDIN_NAME], must_exist=False)
        texts[project.scope[0]] = streams.standard_input()
        if not options.stdin_filename:
            from deploylint.cli.piped import require_manifests

            require_manifests(texts[project.scope[0]])
    elif options.stdin_filename:
        raise UsageError("--stdin-filename needs - as its path; write `deploylint - --stdin-filename FILE`")
    else:
        project = locate(options.paths or ["."])
        if not options.paths:  # the project around the current folder, all of it
            project = project._replace(scope=("",))
    settings = settings_of(options, project)
    if options.show_settings:
        from deploylint.cli import listings

        return _write_text(listings.settings(settings, project))

    from deploylint.discovery.workspace import Workspace

    workspace = Workspace.open(project.root, settings.exclude, texts)
    if options.show_files or options.show_model:
        from deploylint.cli import listings

        if options.show_files:
            return _write_text(listings.files(workspace, project, settings))
        return _write_text(listings.model(workspace, settings), "json")
    return _check(options, planned, workspace, settings, project)


def _check(options: Arguments, planned: Plan, workspace: Workspace, settings: Settings, project: Project) -> int:
    from contextlib import nullcontext

    from deploylint.engine.running import in_scope, run

    for path in project.scope:
        if os.path.isfile(os.path.join(project.root, path)) and not any(in_scope(file.path, (path,)) for file in workspace.files):
            _fail(f"{project.shown(path)}: not checked; it is ignored (.gitignore, exclude) or of no kind that deploylint reads")
    if sys.stderr is not None and sys.stderr.isatty():
        from deploylint.output.progress import Bar

        bar: Bar | nullcontext[None] = Bar()
    else:
        bar = nullcontext()
    with bar as progress:
        report = run(workspace, settings, project.scope, progress, planned.needs_stops, planned.needs_pages)
    if not (report.files or report.findings):
        _nothing(report, project)
    from deploylint.cli.outputs import scanned

    report = _part(report, options, settings, project)
    code = 1 if any(map(report.fails, report.findings)) and not options.exit_zero else 0
    return _write_reports(report, code, planned, _view(options, project), options, scanned(project))


def _nothing(report: Report, project: Project) -> None:
    """Refuse a run that has read nothing, unless files were named: hooks name what changed, which may be of no kind we read."""
    if any(os.path.isfile(os.path.join(project.root, path)) for path in project.scope):
        return
    shown = ", ".join(map(project.shown, project.scope))
    missing = report.understood.missing if report.understood else ()
    why = f": {missing[0].reason}" if missing else ""
    raise UsageError(f"{shown}: nothing to check; no deployment files were found{why}")


def _part(report: Report, options: Arguments, settings: Settings, project: Project) -> Report:
    """What --baseline, --write-baseline and --diff-base leave of a report."""
    is_baseline_set = settings.baseline and not options.write_baseline
    baseline = options.baseline or (project.shown(settings.baseline) if is_baseline_set else "")
    if baseline or options.write_baseline:
        from deploylint.cli.outputs import scanned
        from deploylint.engine.baseline import use
        from deploylint.engine.running import judges

        is_judged = judges(report, settings, project.scope)
        report = use(report, baseline, options.write_baseline or "", is_judged, scanned(project))
    if options.diff_base is not None:
        from deploylint.engine.changes import only

        report = only(report, options.diff_base, project)
    return report


def _view(options: Arguments, project: Project | None) -> View:
    """How files are written; `project` is None where nothing is known of it."""
    from deploylint.cli.outputs import hosted
    from deploylint.output.layout import View

    view = View(PLAIN_WIDTH, project.shown if project else str, has_boxes=True, has_hidden=options.sarif_suppressed)
    if options.sarif_category:
        view = view._replace(category=options.sarif_category)
    return hosted(view, project, os.environ) if project else view


def _write_reports(report: Report, code: int, planned: Plan, view: View, options: Arguments, trees: tuple[str, ...]) -> int:
    """Write all reports, the files first: whoever reads standard output may stop reading. Returns the exit code."""
    from deploylint.cli.outputs import write_files

    for problem in write_files(planned, report, view, trees):
        code = _fail(problem)
    try:
        _write_screen(report, planned, view, options)
    except BrokenPipeError:  # whoever reads us has gone (`| head`): say nothing more
        streams.silence()
    return code


def _write_screen(report: Report, planned: Plan, view: View, options: Arguments) -> None:
    from deploylint.cli.outputs import lines
    from deploylint.output import FORMATS

    width = _width(sys.stdout)
    view = view._replace(width=width, has_boxes=_is_utf8(sys.stdout))
    for name in planned.screen:
        rendered = list(lines(name, report, view))  # whole, before anything of it is seen
        # What a report quotes from files may look like commands to GitHub Actions.
        is_guarded = planned.token and name != "github"
        form = "commands" if is_guarded else FORMATS[name].form
        if is_guarded:
            streams.put(f"::stop-commands::{planned.token}\n")
        if FORMATS[name].is_coloured and _is_coloured(options.color, sys.stdout):
            from deploylint.output import terminal

            streams.write(rendered, form, lambda lines_: terminal.painted(lines_, width))
        else:
            streams.write(rendered, form)
        if is_guarded:
            streams.put(f"::{planned.token}::\n")


def _tell_failure(error: Exception, planned: Plan, options: Arguments) -> None:
    """Leave a SARIF that says the run broke off: services refuse a folder with an empty or missing one."""
    from contextlib import suppress

    from deploylint.cli.outputs import scanned
    from deploylint.finding import Report

    files = tuple(file for file in planned.files if file[0] == "sarif")
    screen = tuple(name for name in planned.screen if name == "sarif")
    with suppress(Exception):  # the error itself is what matters
        report = Report((), 0, (), (), failure=_sentence(error))
        _write_reports(report, 2, planned._replace(screen=screen, files=files), _view(options, None), options, scanned(None))


def _write_text(lines: Iterable[str], form: Form = "text") -> int:
    from deploylint.output.outlet import texts

    streams.write(texts(lines), form)
    return 0


def _width(stream: TextIO | None) -> int:
    """The terminal's columns; 80 without one."""
    try:
        return (
            max(40, int(os.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns))
            if stream is not None and stream.isatty()
            else PLAIN_WIDTH
        )
    except (OSError, ValueError):
        return PLAIN_WIDTH


def _is_utf8(stream: TextIO | None) -> bool:
    """Whether more than ASCII can be written."""
    return stream is not None and (stream.encoding or "").lower().replace("-", "") == "utf8"


def _is_coloured(choice: str, stream: TextIO | None) -> bool:
    """--color first, then NO_COLOR, then FORCE_COLOR, then whether a capable terminal is there."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def _explain(options: Arguments) -> int:
    from deploylint.discovery.settings import did_you_mean
    from deploylint.engine import registry

    known = registry.rules()
    if options.explain not in known:
        from deploylint.cli.options import own_rules

        known = registry.rules(own_rules(options))
    if options.explain in {file.subject for file in known.values()} - known.keys():
        from deploylint.cli import listings

        return _write_text(listings.rules(known, options.explain))
    if options.explain not in known:
        names = [*known, *{file.subject for file in known.values()}]
        raise UsageError(f"no rule is called `{options.explain}`; {did_you_mean(options.explain, names)}")
    text = registry.page(known[options.explain])
    if _is_coloured(options.color, sys.stdout):
        from deploylint.output import terminal

        streams.put(terminal.markdown(text, min(100, _width(sys.stdout))))
        return 0
    return _write_text(text.rstrip("\n").split("\n"))
