"""A command line, peeled and followed: wrappers, shells, scripts of the repository, launchers with files of their own."""

from __future__ import annotations

from posixpath import basename, join, normpath
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.process import Wrapper
from deploylint.model.value import known
from deploylint.platforms.commands import words
from deploylint.startup.builtins import assign_word
from deploylint.startup.collector import span_of
from deploylint.startup.expansion import Field, State, Text
from deploylint.startup.packages import (
    ECOSYSTEM,
    PACKAGE_MANAGERS,
    PROCFILE_RUNNERS,
    PackageCall,
    major_version,
    package_call,
    pm2_script,
    procfile_of,
    uv_version,
)
from deploylint.startup.script_runners import SCRIPT_RUNNERS, groups_of, matching, shorthand
from deploylint.startup.supervisors import SUPERVISORS, programs
from deploylint.startup.way import Running, Way
from deploylint.startup.wrappers import SHELLS, shell_call, unwrap
from deploylint.syntax.json import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.model.process import Argument, Word
    from deploylint.startup.collector import Collector
    from deploylint.startup.image_files import ImageFiles
    from deploylint.startup.script_runners import Group
    from deploylint.startup.wrappers import Inner
    from deploylint.text import Fragment

MAX_DEPTH = 8
"""Scripts and functions that call each other deeper than this are not followed further."""

MAX_SCRIPTS = 30
"""A runner of more scripts of a package.json than this is not followed."""

_NEEDS_SHELL = regex(r"[*?{}\[\]<>()~&|\\$;'`\"\n#=%]|^(?:exec|cd|export|set|if|for|while|until|case)\b")
"""What makes Ruby's spawn, hence foreman, hand a line to a shell; without these it executes the program itself."""

_SHELL_SCRIPT = regex(r"#!\s*\S*?(?:\b(?:ba|da|a|z|k|mk)?sh\b|\benv\s+(?:-\S+\s+)*(?:ba|da|a|z|k|mk)?sh\b|with-contenv)")


def fields_of(arguments: tuple[Argument, ...]) -> list[Field]:
    """A command line's elements as a shell would have them."""
    return [
        Field(
            Text(argument.text if argument.is_known else None),
            argument.fragment.whole,
            argument.text,
            argument.fragment,
            argument.origin,
        )
        for argument in arguments
    ]


class Launcher:
    """Runs command lines; `interpret` runs the text of a shell."""

    def __init__(
        self, image_files: ImageFiles, collector: Collector, interpret: Callable[[Fragment, Running, Way], None]
    ) -> None:
        self.image_files = image_files
        self.collector = collector
        self.interpret = interpret

    def launch(self, fields: list[Field], way: Way, state: State) -> None:
        """Run a command line: peel what wraps it, follow it into lines and scripts, list what is left."""
        while fields:
            texts = [field.value.text for field in fields]
            name = basename(texts[0] or "")
            if name in SHELLS and (name != "busybox" or (len(texts) > 1 and texts[1] in SHELLS)):
                if at := _waiting_script(texts):
                    fields = fields[at:]
                    continue
                if self._shell(fields, texts, way, state):
                    return
                break
            if inner := unwrap(texts):
                way = way.behind(self._wrapper(inner, fields, state))
                if inner.assignments:
                    state = state.copy()
                    for index in inner.assignments:
                        assign_word(fields[index], state)
                if inner.line is not None:
                    self._line(fields[inner.line], [], fields[0], "sh", way, state, fields)
                    return
                fields = fields[inner.at :]
                if inner.name == "pm2-runtime":
                    fields = self._in_pm2(fields, state)
                continue
            if call := package_call(name, texts):
                if call.script and self._package_script(call, fields, name, way, state):
                    return
                if not call.command:
                    break
                version = major_version(name, self.image_files, state.folder or "/")
                way = way.behind(Wrapper("runner", f"{name} exec", fields[0].span, version=version))
                fields = fields[call.command :]
                continue
            if name in SCRIPT_RUNNERS and self._package_scripts(fields, texts, name, way, state):
                return
            if name in ("make", "gmake") and self._make(fields, texts, way, state):
                return
            if name in PROCFILE_RUNNERS and self._procfile(fields, texts, name, way, state):
                return
            if name == "uwsgi":
                self._configured(fields, texts, way, state)
                break
            if name in SUPERVISORS:
                self._supervised(fields, texts, name, way, state)
                return
            script = self.image_files.which(texts[0], state.folder) if texts[0] else None
            if script and way.depth < MAX_DEPTH and _is_shell_script(*script):
                self._script(script[0], script[1], fields[0], fields[1:], way, state)
                return
            break
        self.collector.add(fields, way, state)

    def _wrapper(self, inner: Inner, fields: list[Field], state: State) -> Wrapper:
        """A wrapper with its own words: for pm2 also the file that it takes its settings from."""
        own = _words(fields[: inner.at + (inner.name == "pm2-runtime")], state)
        version = major_version(inner.name, self.image_files, state.folder or "/") if inner.name == "npx" else 0
        version = uv_version(self.image_files) if inner.name == "uv" else version
        name = "s6-overlay" if inner.name == "init" and self.image_files.has_s6_overlay else inner.name
        return Wrapper(inner.kind, name, fields[0].span, own, version, inner.rewrites, inner.signals_group)

    def _in_pm2(self, fields: list[Field], state: State) -> list[Field]:
        """What pm2 runs: a script is node's, and a file of its own names one."""
        name = fields[0].value.text or ""
        if ECOSYSTEM.search(name):
            is_placed = state.folder or name.startswith("/")
            text = self.image_files.find(normpath(join(state.folder or "/", name))) if is_placed else None
            script = pm2_script(text) if text else None
            if script is None:
                return fields
            fields = [Field(Text(script.text), script.whole, script.text, script)]
        elif not name.endswith((".js", ".mjs", ".cjs")):
            return fields
        return [Field(Text("node"), fields[0].span, "node"), *fields]

    def _shell(self, fields: list[Field], texts: list[str | None], way: Way, state: State) -> bool:
        """A shell with a line or a script; False if it reads its commands from elsewhere."""
        call = shell_call(texts)
        if call is None or way.depth >= MAX_DEPTH:
            return False
        name = basename((texts[1] if texts[0] and texts[0].endswith("busybox") else texts[0]) or "")
        if call.line is not None:
            self._line(fields[call.line], fields[call.rest :], fields[0], name, way, state, fields)
            return True
        script = fields[call.script or 0]
        path = script.value.text or ""
        file = self.image_files.which(path if "/" in path or not state.folder else f"./{path}", state.folder) if path else None
        if file is None:
            return False
        self._script(file[0], file[1], script, fields[call.rest :], way, state)
        return True

    def _line(
        self, line: Field, rest: list[Field], program: Field, name: str, way: Way, state: State, fields: list[Field]
    ) -> None:
        """A shell that runs one line; `rest` are `$0` and the positional parameters."""
        fragment = line.line()
        if line.value.text is None or fragment is None:
            self.collector.add(fields, way, state)
            return
        child = state.child(tuple(rest[1:]), (rest[0].value.text if rest else None) or name)
        way = way.behind(Wrapper("shell", name, program.span))._replace(origin=line.origin or way.origin)
        self.interpret(fragment, Running(child), way._replace(shell=len(way.wrappers) - 1, form="single", depth=way.depth + 1))

    def _script(self, path: str, text: Fragment, word: Field, rest: list[Field], way: Way, state: State) -> None:
        name = basename(path)
        child = state.child(tuple(rest), path)
        origin = way.origin if way.steps else word.origin or way.origin
        way = way.step(word.span, f"{origin} runs `{name}`").behind(Wrapper("script", name, word.span))
        self.interpret(text, Running(child), way._replace(origin=f"`{name}`", shell=len(way.wrappers) - 1, form="single"))

    def _package_script(self, call: PackageCall, fields: list[Field], name: str, way: Way, state: State) -> bool:
        if state.folder is None or way.depth >= MAX_DEPTH:
            return False
        folder = normpath(join(state.folder, call.folder))
        text = self.image_files.find(join(folder, "package.json"))
        scripts = members(text.source, ("scripts",)) if text else {}
        if call.script not in scripts:
            return False
        child = state.child((), "sh")
        child.folder = folder
        label = f"{way.origin} runs the package script `{call.script}`"
        version = major_version(name, self.image_files, folder)
        way = way.step(span_of(fields), label).behind(
            Wrapper("runner", name, fields[0].span, argv=_words(fields, state), version=version)
        )
        for script in (f"pre{call.script}", call.script, f"post{call.script}"):
            if line := scripts.get(script):
                inner = way.behind(Wrapper("shell", "sh", line.whole))
                inner = inner._replace(origin=f"`{script}`", shell=len(inner.wrappers) - 1, form="single")
                self.interpret(line, Running(child.copy()), inner)
        return True

    def _package_scripts(self, fields: list[Field], texts: list[str | None], name: str, way: Way, state: State) -> bool:
        """Scripts that run one after the other, the last of which may stay, or at once beside their runner; False where not all
        of them are known."""
        groups = groups_of(name, texts)
        if groups is None or state.folder is None or way.depth >= MAX_DEPTH:
            return False
        text = self.image_files.find(join(state.folder, "package.json"))
        scripts = members(text.source, ("scripts",)) if text else {}
        manager = next((outer.name for outer in reversed(way.wrappers) if outer.name in PACKAGE_MANAGERS), "npm")
        runs: list[tuple[Field, str, tuple[str, ...], Group]] = []
        for group in groups:
            for field, pattern in ((fields[at], texts[at] or "") for at in group.words):
                short = shorthand(pattern) if name.startswith("conc") else (manager, pattern)
                names = matching(short[1], scripts) if short else ()
                if short and not names:
                    return False
                runs.append((field, short[0] if short else "", names, group))
        if sum(len(names) or 1 for _, _, names, _ in runs) > MAX_SCRIPTS:
            return False
        inner = way.behind(Wrapper("runner", name, fields[0].span, argv=_words(fields, state)))
        is_parallel = False
        for field, runner, names, group in runs:
            if group.is_parallel and not is_parallel:
                self.collector.add(fields, way, state)
            is_parallel = group.is_parallel
            script_way = inner._replace(
                is_background=way.is_background or is_parallel, errors_ignored=way.errors_ignored or group.errors_ignored
            )
            if not runner:
                self._line(field, [], field, "sh", script_way, state, [field])
            for script in names:
                self._package_script(PackageCall(script, "", 0), [field], runner, script_way, state)
        return True

    def _make(self, fields: list[Field], texts: list[str | None], way: Way, state: State) -> bool:
        """A target of a Makefile; False if it can't be told what that runs."""
        from deploylint.startup import make

        call = make.make_call(texts)
        if call is None or state.folder is None or way.depth >= MAX_DEPTH:
            return False
        folder = normpath(join(state.folder, call.folder))
        files = (self.image_files.find(join(folder, name)) for name in ([call.file] if call.file else make.NAMES))
        makefile = next((file for file in files if file), None)
        recipe = make.lines(makefile, call.targets) if makefile else None
        if not recipe:
            return False
        way = way.step(span_of(fields), f"{way.origin} runs `{' '.join(('make', *call.targets))}`")
        way = way.behind(Wrapper("runner", "make", fields[0].span))
        for line in recipe:
            inner = way._replace(origin="the Makefile", depth=way.depth + 1)
            child = state.child((), "sh")
            child.folder = folder
            if line.needs_shell:
                inner = inner.behind(Wrapper("shell", "sh", line.text.whole))
                inner = inner._replace(shell=len(inner.wrappers) - 1, form="single")
                self.interpret(line.text, Running(child), inner)
            else:
                self.launch(fields_of(words(line.text) or ()), inner, child)
        return True

    def _procfile(self, fields: list[Field], texts: list[str | None], name: str, way: Way, state: State) -> bool:
        call = procfile_of(texts)
        if call is None or way.depth >= MAX_DEPTH or (state.folder is None and not call[0].startswith("/")):
            return False
        from deploylint.platforms import procfile

        text = self.image_files.find(normpath(join(state.folder or "/", call[0])))
        entries = [entry for entry in procfile.workloads_of(text.source) if not call[1] or entry.name in call[1]] if text else []
        way = way.step(span_of(fields), f"{way.origin} runs the `{basename(call[0])}`")
        way = way.behind(Wrapper("supervisor", name, fields[0].span, argv=_words(fields, state)))
        for entry in entries:
            is_aside = len(entries) > 1 and entry.name != "web"
            inner = way._replace(origin=f"`{entry.name}`", is_background=way.is_background or is_aside)
            for container in entry.containers:
                arguments = container.args or ()
                if name == "foreman" and arguments and not _NEEDS_SHELL.search(arguments[-1].text):
                    arguments = words(arguments[-1].fragment) or ()
                self.launch(fields_of(arguments), inner, state.child((), ""))
        return bool(entries)

    def _configured(self, fields: list[Field], texts: list[str | None], way: Way, state: State) -> None:
        """The commands of uWSGI's own configuration, which come before the app or stay beside it."""
        from deploylint.startup import uwsgi

        text = uwsgi.configuration(texts, self.image_files, state.folder)
        if text is None or way.depth >= MAX_DEPTH:
            return
        origin = f"`{basename(text.source.path)}`"
        outer = way.step(span_of(fields), f"{way.origin} runs `uwsgi`")._replace(origin=origin)
        for line, is_daemon in uwsgi.commands(text):
            known_text = None if "%(" in line.text or "$(" in line.text else line.text
            field = Field(Text(known_text), line.whole, line.text, line)
            inner = outer._replace(is_background=outer.is_background or is_daemon)
            self._line(field, [], field, "sh", inner, state.child((), "sh"), [field])

    def _supervised(self, fields: list[Field], texts: list[str | None], name: str, way: Way, state: State) -> None:
        """A supervisor, and the programs that a file of its own tells it; it splits each command itself."""
        self.collector.add(fields, way, state)
        way = way.step(span_of(fields), f"{way.origin} runs `{name}`")
        if way.depth >= MAX_DEPTH:
            return
        for program in programs(texts, self.image_files, state.folder) or ():
            if not program.is_started:
                continue
            child = state.child((), "")
            child.exported |= {key: known(value.text, value.whole, f"`{key}`") for key, value in program.environment}
            if program.folder:
                child.folder = program.folder if program.folder.startswith("/") else None
            arguments = tuple(argument._replace(is_known="%(" not in argument.text) for argument in words(program.command) or ())
            inner = way.behind(Wrapper("supervisor", name, program.command.whole))
            self.launch(fields_of(arguments), inner._replace(origin=f"`{program.name}`", is_background=True), child)


def _waiting_script(texts: list[str | None]) -> int:
    """The word of a script that a shell is given and that waits, then executes a command (`bash wait-for-it.sh db:5432 -- app`);
    0 if there is none. What it does is known, and nothing of the shell that runs it stays."""
    call = shell_call(texts)
    inner = unwrap(texts[call.script :]) if call and call.script else None
    return call.script if call and call.script and inner and inner.kind == "wait" else 0


def _words(fields: list[Field], state: State) -> tuple[Word, ...]:
    return tuple(field.word(state.is_open) for field in fields)


def _is_shell_script(path: str, text: Fragment) -> bool:
    first = text.text.partition("\n")[0]
    return bool(_SHELL_SCRIPT.match(first)) if first.startswith("#!") else path.endswith(".sh")
