"""From a start command to every program it runs: a shell that takes every way it can't rule out, and runs nothing."""

from __future__ import annotations

import re
from posixpath import basename, join, normpath
from typing import TYPE_CHECKING, NamedTuple

from deploylint.model.process import Guard, Process, Step, Wrapper
from deploylint.model.value import known, unknown
from deploylint.platforms import procfile
from deploylint.startup import conditions
from deploylint.startup.expansion import Field, State, Text
from deploylint.startup.image_files import ImageFiles
from deploylint.startup.launchers import PROCFILE_RUNNERS, package_call, procfile_of
from deploylint.startup.wrappers import SHELLS, shell_call, unwrap
from deploylint.syntax import shell, shell_tree
from deploylint.syntax.json import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from deploylint.model.image import Image
    from deploylint.model.process import Argument, Start
    from deploylint.model.value import Value
    from deploylint.startup.conditions import Condition
    from deploylint.startup.launchers import PackageCall
    from deploylint.syntax.shell_tree import Assignment, Block, Command, Node
    from deploylint.text import Files, Fragment, Span

MAX_PROCESSES = 200
MAX_STATEMENTS = 4000
MAX_SCRIPTS = 8
"""Scripts and functions that call each other deeper than this, or a start that goes on longer, are not followed further."""

# Shell builtins, and programs whose only effect is on the terminal: no processes worth listing.
_BUILTINS = frozenset(
    """
    : true false echo printf cd pwd pushd popd export declare local readonly typeset unset set shopt shift return exit break
    continue trap wait ulimit umask alias unalias hash type read getopts test [ [[ let builtin jobs fg bg disown kill times
    """.split()
)
_DECLARING = frozenset("export declare local readonly typeset".split())
_HARMLESS = frozenset("true : echo printf".split())
_ASIDE = frozenset("tee cat sed grep awk logger jq ts echo printf yes tr cut head tail sort xargs pino-pretty bunyan".split())
_SHELL_SCRIPT = re.compile(r"#!\s*\S*?(?:\b(?:ba|da|a|z|k|mk)?sh\b|\benv\s+(?:-\S+\s+)*(?:ba|da|a|z|k|mk)?sh\b|with-contenv)")
_UNSOUND = re.compile(r"\b(?:if|then|elif|else|fi|case|esac|for|while|until|do|done)\b|[{}]|;;")


def follow(
    start: Start,
    *,
    image: Image | None,
    files: Files,
    environment: Mapping[str, Value[str]],
    is_open: bool = False,
) -> tuple[Process, ...]:
    """Every program that starting the container runs, in order, and which of them stays.

    `environment` is what the image and the workload set; `is_open`: more variables may be set than these.
    """
    run = _Run(ImageFiles(image, files))
    folder = image.workdir if image else None
    state = State(environment, (), "", folder)
    state.is_open = is_open
    run.launch(fields_of(start.arguments), _Way(origin=start.origin), state)
    return run.finished()


def fields_of(arguments: tuple[Argument, ...]) -> list[Field]:
    """A command line's elements as a shell would have them."""
    return [
        Field(Text(argument.text if argument.is_known else None), argument.fragment.whole, argument.text, argument.fragment)
        for argument in arguments
    ]


class _Way(NamedTuple):
    """How a command is reached. `shell` is the number of the wrapper that is the innermost shell, or -1.

    `origin` is what runs the next script: the setting, then each script's name. `form` is where in its shell the command stands.
    """

    origin: str
    steps: tuple[Step, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    guards: tuple[Guard, ...] = ()
    shell: int = -1
    form: str = "single"
    is_background: bool = False
    is_aside: bool = False
    errors_ignored: bool = False
    depth: int = 0

    def step(self, span: Span, label: str) -> _Way:
        return self._replace(steps=(*self.steps, Step(span, label)), depth=self.depth + 1)

    def under(self, guards: Iterable[Guard]) -> _Way:
        return self._replace(guards=(*self.guards, *guards))

    def sealed(self, has_trap: bool, is_redirected: bool) -> _Way:
        """The way once the innermost shell has handed over: what that shell did is now settled."""
        if self.shell < 0:
            return self
        wrapper = self.wrappers[self.shell]._replace(form=self.form, has_trap=has_trap, is_redirected=is_redirected)
        wrappers = (*self.wrappers[: self.shell], wrapper, *self.wrappers[self.shell + 1 :])
        return self._replace(wrappers=wrappers, shell=-1)

    def behind(self, wrapper: Wrapper) -> _Way:
        return self._replace(wrappers=(*self.wrappers, wrapper))


class _Shell:
    """One running shell: its state, and what has become of it.

    `ended`: it surely doesn't go on ("exit"), or not before the end of the function or sourced file ("return"). `has_failed`:
    that is an error, which no start that succeeds comes by.
    `guards`: it only goes on if these hold; `returns`: the same until the end of the function or sourced file.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.ended = ""
        self.has_failed = False
        self.guards: tuple[Guard, ...] = ()
        self.returns: tuple[Guard, ...] = ()
        self.has_trap = False

    def copy(self) -> _Shell:
        other = _Shell(self.state.copy())
        other.guards, other.returns, other.has_trap = self.guards, self.returns, self.has_trap
        return other

    def goes_on_if(self, condition: Condition, ended: str) -> None:
        guard = (condition.guard(self.state.is_open),)
        if ended == "return":
            self.returns += guard
        else:
            self.guards += guard


class _Run:
    """One start: the processes found so far, and the bounds on finding more."""

    def __init__(self, image_files: ImageFiles) -> None:
        self.image_files = image_files
        self.processes: list[Process] = []
        self.aside: set[int] = set()
        self.seen: set[tuple[object, ...]] = set()
        self.statements = 0
        self.waited = -1

    def finished(self) -> tuple[Process, ...]:
        """All processes, the one that stays marked: only where the files leave no choice."""
        candidates = [
            index for index, process in enumerate(self.processes) if not process.is_background and index not in self.aside
        ]
        main = -1
        if self.waited >= 0 and not any(index > self.waited for index in candidates):
            main = self.waited
        else:
            sure = [index for index in candidates if _is_sure(self.processes[index])]
            if sure and (sure[-1] == candidates[-1] or _is_final(self.processes[sure[-1]])):
                main = sure[-1]
        if main >= 0 and _is_sure(self.processes[main]):
            self.processes[main] = self.processes[main]._replace(is_main=True)
        return tuple(self.processes)

    def emit(self, fields: list[Field], way: _Way, state: State) -> None:
        words = tuple(field.word(state.is_open) for field in fields)
        guards = tuple(dict.fromkeys(way.guards))
        key = (words, way.steps, guards)
        if not words or key in self.seen or len(self.processes) >= MAX_PROCESSES:
            return
        self.seen.add(key)
        if way.is_aside:
            self.aside.add(len(self.processes))
        self.processes.append(
            Process(
                words,
                _span_of(fields),
                way.steps,
                way.wrappers,
                guards,
                tuple(state.exported.items()),
                is_background=way.is_background,
                errors_ignored=way.errors_ignored,
            )
        )

    # Programs

    def launch(self, fields: list[Field], way: _Way, state: State) -> None:
        """Run a command line: peel what wraps it, follow it into lines and scripts, list what is left."""
        while fields:
            texts = [field.value.text for field in fields]
            name = basename(texts[0] or "")
            if name in SHELLS and (name != "busybox" or (len(texts) > 1 and texts[1] in SHELLS)):
                if self._shell(fields, texts, way, state):
                    return
                break
            if inner := unwrap(texts):
                way = way.behind(Wrapper(inner.kind, inner.name, fields[0].span))
                if inner.assignments:
                    state = state.copy()
                    for index in inner.assignments:
                        _assign_word(fields[index], state)
                if inner.line is not None:
                    self._line(fields[inner.line], [], fields[0], "sh", way, state, fields)
                    return
                fields = fields[inner.at :]
                continue
            if call := package_call(name, texts):
                if call.script and self._package_script(call, fields, name, way, state):
                    return
                if not call.command:
                    break
                way = way.behind(Wrapper("runner", name, fields[0].span))
                fields = fields[call.command :]
                continue
            if name in PROCFILE_RUNNERS and self._procfile(fields, texts, name, way, state):
                return
            found = self.image_files.which(texts[0], state.folder) if texts[0] else None
            if found and way.depth < MAX_SCRIPTS and _is_shell_script(*found):
                self._script(found[0], found[1], fields[0], fields[1:], way, state)
                return
            break
        self.emit(fields, way, state)

    def _shell(self, fields: list[Field], texts: list[str | None], way: _Way, state: State) -> bool:
        """A shell with a line or a script; False if it reads its commands from elsewhere."""
        call = shell_call(texts)
        if call is None or way.depth >= MAX_SCRIPTS:
            return False
        name = basename((texts[1] if texts[0] and texts[0].endswith("busybox") else texts[0]) or "")
        if call.line is not None:
            self._line(fields[call.line], fields[call.rest :], fields[0], name, way, state, fields)
            return True
        script = fields[call.script or 0]
        path = script.value.text or ""
        found = self.image_files.which(path if "/" in path or not state.folder else f"./{path}", state.folder) if path else None
        if found is None:
            return False
        self._script(found[0], found[1], script, fields[call.rest :], way, state)
        return True

    def _line(
        self, line: Field, rest: list[Field], program: Field, name: str, way: _Way, state: State, fields: list[Field]
    ) -> None:
        """A shell that runs one line; `rest` are `$0` and the positional parameters."""
        fragment = line.line()
        if line.value.text is None or fragment is None:
            self.emit(fields, way, state)
            return
        child = state.child(tuple(rest[1:]), (rest[0].value.text if rest else None) or name)
        way = way.behind(Wrapper("shell", name, program.span))
        self._run(fragment, _Shell(child), way._replace(shell=len(way.wrappers) - 1, form="single", depth=way.depth + 1))

    def _script(self, path: str, text: Fragment, word: Field, rest: list[Field], way: _Way, state: State) -> None:
        name = basename(path)
        child = state.child(tuple(rest), path)
        way = way.step(word.span, f"{way.origin} runs `{name}`").behind(Wrapper("script", name, word.span))
        self._run(text, _Shell(child), way._replace(origin=f"`{name}`", shell=len(way.wrappers) - 1, form="single"))

    def _run(self, text: Fragment, running: _Shell, way: _Way) -> None:
        script = shell.parse(text)
        # Where the grammar lost control flow, what it shows as unconditional may not be.
        lost = [error for error in script.errors if _UNSOUND.search(error.text)]
        if lost:
            way = way.under([Guard("other", "", lost[0].first_line, None)])
        self.block(script.body, running, way)

    def _package_script(self, call: PackageCall, fields: list[Field], name: str, way: _Way, state: State) -> bool:
        if state.folder is None or way.depth >= MAX_SCRIPTS:
            return False
        folder = normpath(join(state.folder, call.folder))
        text = self.image_files.find(join(folder, "package.json"))
        scripts = members(text.source, ("scripts",)) if text else {}
        if call.script not in scripts:
            return False
        child = state.child((), "sh")
        child.folder = folder
        label = f"{way.origin} runs the package script `{call.script}`"
        way = way.step(_span_of(fields), label).behind(Wrapper("runner", name, fields[0].span))
        for script in (f"pre{call.script}", call.script, f"post{call.script}"):
            if line := scripts.get(script):
                inner = way.behind(Wrapper("shell", "sh", line.whole))
                inner = inner._replace(origin=f"`{script}`", shell=len(inner.wrappers) - 1, form="single")
                self._run(line, _Shell(child.copy()), inner)
        return True

    def _procfile(self, fields: list[Field], texts: list[str | None], name: str, way: _Way, state: State) -> bool:
        call = procfile_of(texts)
        if call is None or way.depth >= MAX_SCRIPTS or (state.folder is None and not call[0].startswith("/")):
            return False
        text = self.image_files.find(normpath(join(state.folder or "/", call[0])))
        entries = [entry for entry in procfile.read(text.source) if not call[1] or entry.name in call[1]] if text else []
        way = way.step(_span_of(fields), f"{way.origin} runs the `{basename(call[0])}`")
        way = way.behind(Wrapper("supervisor", name, fields[0].span))
        for entry in entries:
            is_aside = len(entries) > 1 and entry.name != "web"
            inner = way._replace(origin=f"`{entry.name}`", is_background=way.is_background or is_aside)
            for container in entry.containers:
                self.launch(fields_of(container.args or ()), inner, state.child((), ""))
        return bool(entries)

    # Control flow

    def block(self, block: Block, running: _Shell, way: _Way) -> Condition | None:
        """Statements one after the other; the last one's exit status."""
        last: Condition | None = None
        if len(block) > 1:
            way = _formed(way, "list")
        for statement in block:
            if running.ended:
                break
            if statement.is_background:
                self.node(statement.node, running.copy(), way._replace(form="background", is_background=True))
                last = conditions.status(statement.node.span)
            else:
                last = self.node(statement.node, running, way)
        return last

    def node(self, node: Node, running: _Shell, way: _Way) -> Condition:
        """One statement; its exit status."""
        self.statements += 1
        done = conditions.status(node.span)
        if self.statements > MAX_STATEMENTS:
            running.ended = running.ended or "exit"
        elif isinstance(node, shell_tree.Command):
            return self.command(node, running, way)
        elif isinstance(node, shell_tree.AndOr):
            return self._and_or(node, running, way)
        elif isinstance(node, shell_tree.Not):
            return self.node(node.body, running, _formed(way, "list")).negated()
        elif isinstance(node, shell_tree.Pipeline):
            self._pipeline(node, running, way)
        elif isinstance(node, shell_tree.If):
            self._if(node, running, _formed(way, "list"))
        elif isinstance(node, shell_tree.Case):
            self._case(node, running, _formed(way, "list"))
        elif isinstance(node, shell_tree.Loop):
            self._loop(node, running, _formed(way, "list"))
        elif isinstance(node, shell_tree.Function):
            running.state.functions[node.name] = node
        elif isinstance(node, shell_tree.Group):
            return self.block(node.body, running.copy() if node.is_subshell else running, _formed(way, "list")) or done
        else:
            return self.node(node.body, running, way)
        return done

    def _branch(
        self, body: Block, taken: list[Condition], before: _Shell, running: _Shell, way: _Way
    ) -> tuple[bool, Condition | None]:
        """Run a body if these conditions may all hold: whether the shell surely ends there (or never gets there).

        Where they surely hold it runs in `running` itself, else in a copy of what the shell was `before`.
        """
        is_open = running.state.is_open
        decided = [conditions.unknown(each.span) if each.is_status else each for each in taken]
        verdicts = [each.holds(is_open) for each in decided]
        if False in verdicts:
            return True, None
        guards = [each.guard(is_open) for each in decided]
        inner = way.under(guard for guard in guards if guard.kind != "other" or guard.holds is None)
        if None not in verdicts:
            return bool(running.ended), self.block(body, running, inner)
        other = before.copy()
        last = self.block(body, other, inner)
        is_failure = other.has_failed or (taken[-1].is_status and taken[-1].result is False)
        if not other.has_failed:
            running.state.merge(other.state)
        if other.ended and not is_failure:
            whole = decided[0]
            for each in decided[1:]:
                whole = whole.both(each)
            running.goes_on_if(whole.negated(), other.ended)
        return bool(other.ended), last

    def _if(self, node: shell_tree.If, running: _Shell, way: _Way) -> None:
        passed: list[Condition] = []
        all_end = True
        for block, body in node.branches:
            found = self.block(block, running, way) or conditions.unknown(node.span)
            before = running.copy()
            ends, _ = self._branch(body, [*passed, found], before, running, way)
            all_end = all_end and (ends or bool(running.ended))
            passed.append(found.negated())
            if running.ended and not found.rests_on_absence:
                return
            if found.result is True and not found.rests_on_absence and not found.is_status:
                return
        before = running.copy()
        ends, _ = self._branch(node.otherwise, passed, before, running, way)
        if all_end and ends and node.otherwise:
            running.ended = running.ended or "exit"

    def _and_or(self, node: shell_tree.AndOr, running: _Shell, way: _Way) -> Condition:
        operators = [operator for operator, _ in node.rest]
        form = "last" if way.form == "single" and set(operators) == {"&&"} else "list"
        ways = [
            _formed(way, form if index == len(operators) else "list")._replace(
                errors_ignored=way.errors_ignored or _is_forgiven(node, index)
            )
            for index in range(len(operators) + 1)
        ]
        found = self.node(node.first, running, ways[0])
        for index, (operator, each) in enumerate(node.rest, 1):
            if running.ended and operator == ";":
                break
            needed = found.negated() if operator == "||" else found
            body = (shell_tree.Statement(each, False),)
            if operator == ";" or (needed.is_status and needed.result):
                last = None if running.ended else self.node(each, running, ways[index])
            else:
                _, last = self._branch(body, [needed], running.copy(), running, ways[index])
            last = last or conditions.status(each.span)
            if operator == "&&":
                found = found.both(last)
            else:
                found = found.either(last) if operator == "||" and not found.is_status else conditions.status(each.span)
        return found

    def _pipeline(self, node: shell_tree.Pipeline, running: _Shell, way: _Way) -> None:
        names = [each.name if isinstance(each, shell_tree.Command) else "" for each in node.commands]
        main = next((index for index, name in enumerate(names) if name not in _ASIDE), len(names) - 1)
        for index, each in enumerate(node.commands):
            inner = way._replace(form="background" if way.form == "background" else "pipeline", is_aside=index != main)
            self.node(each, running.copy(), inner)

    def _case(self, node: shell_tree.Case, running: _Shell, way: _Way) -> None:
        state = running.state
        subject = state.text(node.subject)
        state.ignored = frozenset(subject.named)
        without = state.text(node.subject) if subject.named else subject
        state.ignored = frozenset()
        before = running.copy()
        all_end, has_default, may_have_matched, falls = True, False, False, False
        for arm in node.arms:
            verdict = True if falls else conditions.arm(arm.patterns, subject, state)
            if verdict and may_have_matched and not falls:
                verdict = None
            found = conditions.of_text(subject, verdict, arm.span)
            if subject.named and found.kind == "other":
                unset = conditions.arm(arm.patterns, without, state)
                found = found._replace(kind="opt-out" if unset else "opt-in", variable=subject.named[0])
            falls = arm.falls_through and found.holds(state.is_open) is not False
            ends, _ = self._branch(arm.body, [found], before, running, way)
            all_end = all_end and (ends or bool(running.ended))
            has_default = has_default or verdict is True or any(each.text == "*" for each in arm.patterns)
            if verdict and not subject.absent and not falls:
                return
            if verdict and not falls:
                subject = subject._replace(text="\0")  # what comes after is taken only if the variable is set
            may_have_matched = may_have_matched or verdict is None
        if all_end and has_default and node.arms:
            running.ended = running.ended or "exit"

    def _loop(self, node: shell_tree.Loop, running: _Shell, way: _Way) -> None:
        if node.keyword in ("while", "until"):
            found = self.block(node.condition, running, way) or conditions.unknown(node.span)
            found = found.negated() if node.keyword == "until" else found
            self._branch(node.body, [found], running.copy(), running, way)
            return
        if not node.variable:
            self.block(node.body, running, way)
            return
        values: list[Field] = []
        for word in node.words or ():
            fields = running.state.fields(word)
            pattern = fields[0].value.text if len(fields) == 1 and word.is_pattern else None
            names = self.image_files.matching(join(running.state.folder or "", pattern)) if pattern else []
            values += [fields[0]._replace(value=Text(name)) for name in names] if names else fields
        if node.words is None:
            values = list(running.state.parameters or ())
        for value in values[:MAX_PROCESSES]:
            is_name = value.value.text is not None and not re.search(r"[*?[]", value.value.text)
            running.state.variables[node.variable] = value.value if is_name else Text(None)
            self.block(node.body, running, _formed(way, "list"))
            if running.ended:
                return

    # Simple commands

    def command(self, node: Command, running: _Shell, way: _Way) -> Condition:
        state = running.state
        name = node.name
        if name in ("[", "[[", "test"):
            return conditions.test(node, state, lambda path: self._exists(path, state))
        if not node.words or name in _DECLARING:
            return self._declare(node, state)
        fields = [field for word in node.words for field in state.fields(word)]
        while fields and fields[0].value.absent and not fields[0].value.text:
            fields.pop(0)  # `$PREFIX cmd`: without the variable, the command is what follows
        if node.assignments:
            outer, state = state, state.copy()
            self._assign(node.assignments, state, is_exported=True)
            running.state = state
            self._fields(fields, node, running, way)
            running.state = outer
        else:
            self._fields(fields, node, running, way)
        if name in ("true", ":", "false"):
            return conditions.certain(name != "false", node.span)
        return conditions.status(node.span)

    def _fields(self, fields: list[Field], node: Command, running: _Shell, way: _Way) -> None:
        """An expanded command line: a function, a builtin, or a program."""
        state = running.state
        name = fields[0].value.text if fields else ""
        if name in ("command", "builtin") and len(fields) > 1:
            fields = [] if (fields[1].value.text or "").startswith("-") and fields[1].value.text != "-p" else fields[1:]
            name = fields[0].value.text if fields else ""
        if not fields:
            return
        function = state.functions.get(name or "")
        if function:
            self._call(function, fields, running, way)
        elif name in ("source", "."):
            self._source(fields, running, way)
        elif name == "eval":
            self._eval(fields, node, running, way)
        elif name == "exec":
            self._exec(fields, node, running, way)
        elif name in _BUILTINS:
            self._builtin(name or "", fields, running)
        else:
            self.launch(fields, self._handing_over(node, running, way), state)

    def _handing_over(self, node: Command, running: _Shell, way: _Way) -> _Way:
        is_redirected = any(redirect.operator not in ("<<", "<<<") for redirect in node.redirects)
        way = way.sealed(running.has_trap, is_redirected).under((*running.guards, *running.returns))
        argument = next((word for word in node.words if _passes_arguments(word)), None)
        return way.step(argument.span, f"{way.origin} runs its arguments") if argument and way.steps else way

    def _call(self, function: shell_tree.Function, fields: list[Field], running: _Shell, way: _Way) -> None:
        if way.depth >= MAX_SCRIPTS:
            return
        outer = running.state.parameters
        running.state.parameters = tuple(fields[1:])
        self.block(function.body, running, _formed(way.step(fields[0].span, f"calls `{function.name}`"), "list"))
        running.state.parameters = outer
        self._returned(running)

    @staticmethod
    def _returned(running: _Shell) -> None:
        running.returns = ()
        if running.ended == "return":
            running.ended, running.has_failed = "", False

    def _source(self, fields: list[Field], running: _Shell, way: _Way) -> None:
        path = fields[1].value.text if len(fields) > 1 else None
        found = self.image_files.which(path, running.state.folder) if path else None
        if found is None or way.depth >= MAX_SCRIPTS:
            # It may set any variable; a virtual environment's `activate` sets none that matter.
            running.state.is_open = running.state.is_open or basename(path or "") != "activate"
            return
        name = basename(found[0])
        way = way.step(fields[1].span, f"{way.origin} sources `{name}`")
        self.block(shell.parse(found[1]).body, running, _formed(way._replace(origin=f"`{name}`"), "list"))
        self._returned(running)

    def _eval(self, fields: list[Field], node: Command, running: _Shell, way: _Way) -> None:
        if len(fields) > 2 or (len(fields) == 2 and fields[1].fragment):
            self._fields(fields[1:], node, running, way)
            return
        line = fields[1].line() if len(fields) == 2 else None
        if line is None or fields[1].value.text is None or way.depth >= MAX_SCRIPTS:
            running.state.is_open = True
            return
        self.block(shell.parse(line).body, running, _formed(way._replace(depth=way.depth + 1), "list"))

    def _exec(self, fields: list[Field], node: Command, running: _Shell, way: _Way) -> None:
        at = 1
        while at < len(fields) and (text := fields[at].value.text or "").startswith("-") and len(text) > 1:
            at += 2 if text == "-a" else 1
        if at >= len(fields):
            return
        way = self._handing_over(node, running, way).behind(Wrapper("exec", "exec", fields[0].span))
        self.launch(fields[at:], way, running.state)
        running.ended = "exit"

    def _builtin(self, name: str, fields: list[Field], running: _Shell) -> None:
        state = running.state
        texts = [field.value.text for field in fields[1:]]
        if name in ("exit", "return"):
            running.ended = name
            # A code that isn't known is some command's that failed: nobody passes on a success in a variable.
            running.has_failed = bool(fields[1:]) and texts[0] != "0"
        elif name == "cd":
            paths = [text for text in texts if text is None or not text.startswith("-")]
            path = paths[0] if paths else None
            known_path = path is not None and (path.startswith("/") or state.folder is not None)
            state.folder = normpath(join(state.folder or "/", path or "")) if known_path else None
        elif name == "set" and "--" in texts:
            state.parameters = tuple(fields[texts.index("--") + 2 :])
        elif name == "shift" and state.parameters is not None:
            count = texts[0] if texts else "1"
            state.parameters = state.parameters[int(count) :] if count and count.isdigit() else None
        elif name == "unset":
            for text in texts:
                state.variables[text or ""] = Text("")
                state.exported.pop(text or "", None)
        elif name in ("read", "getopts"):
            state.variables.update((text, Text(None)) for text in texts if text)
        elif name == "trap":
            running.has_trap = running.has_trap or bool({"TERM", "SIGTERM", "15", "EXIT", "0"} & set(texts[1:]))
        elif name == "wait":
            running_background = [index for index, process in enumerate(self.processes) if process.is_background]
            self.waited = running_background[-1] if running_background else -1

    def _declare(self, node: Command, state: State) -> Condition:
        """Assignments, and `export` and its kin."""
        self._assign(node.assignments, state, is_exported=node.name == "export")
        for word in node.words[1:]:
            text = word.text
            if text is None:
                state.is_open = True  # `export $(cat .env)`
            elif node.name == "export" and text in state.variables:
                state.exported[text] = _value(state.variables[text], word.span, state.is_open)
        return conditions.status(node.span)

    @staticmethod
    def _assign(assignments: tuple[Assignment, ...], state: State, is_exported: bool) -> None:
        for assignment in assignments:
            name, span = assignment.name, assignment.value.span if assignment.value else assignment.span
            value = state.text(assignment.value) if assignment.value else Text("" if assignment.span.text.endswith("=") else None)
            if assignment.is_append:
                value = state.lookup(name).plus(value)
            state.variables[name] = value
            if is_exported or name in state.exported or name in state.environment:
                state.exported[name] = _value(value, span, state.is_open)

    def _exists(self, path: str, state: State) -> bool:
        if not path.startswith("/") and state.folder is None:
            return False
        return self.image_files.find(normpath(join(state.folder or "/", path))) is not None


def _formed(way: _Way, form: str) -> _Way:
    return way if way.form in ("pipeline", "background") else way._replace(form=form)


def _is_sure(process: Process) -> bool:
    return all(guard.holds or guard.kind == "opt-out" for guard in process.guards)


def _is_final(process: Process) -> bool:
    """Whether every shell on the way was replaced, so that nothing can come after this process."""
    kinds = [wrapper.kind for wrapper in process.wrappers]
    return all(kinds[index + 1 : index + 2] == ["exec"] for index, kind in enumerate(kinds) if kind in ("shell", "script"))


def _is_forgiven(node: shell_tree.AndOr, index: int) -> bool:
    """Whether a failure of the list's command number `index` ends in `|| true`."""
    for operator, each in node.rest[index:]:
        if operator == "||":
            return isinstance(each, shell_tree.Command) and each.name in _HARMLESS
    return False


def _is_shell_script(path: str, text: Fragment) -> bool:
    first = text.text.partition("\n")[0]
    return bool(_SHELL_SCRIPT.match(first)) if first.startswith("#!") else path.endswith(".sh")


def _passes_arguments(word: shell_tree.Word) -> bool:
    return any(isinstance(part, shell_tree.Variable) and part.name in ("@", "*") for part in word.parts)


def _assign_word(field: Field, state: State) -> None:
    """`env NAME=value`."""
    name, _, text = (field.value.text or "").partition("=")
    value = field.value._replace(text=text)
    state.variables[name] = value
    state.exported[name] = _value(value, field.span, state.is_open)


def _value(text: Text, span: Span, is_open: bool) -> Value[str]:
    is_sure = text.text is not None and (not text.absent or (text.is_default and not is_open))
    return known(text.text or "", span, "the start script") if is_sure else unknown(span, "computed when the container starts")


def _span_of(fields: list[Field]) -> Span:
    """The command line as far as it stands in one place; an exec form's with its outer quotes."""
    first = fields[0].span
    end = first.end
    for field in fields[1:]:
        if field.span.source is not first.source or field.span.start < end:
            break
        end = field.span.end
    start, text = first.start, first.source.text
    if end > first.end and start and text[start - 1] in "\"'" and text[end : end + 1] == text[start - 1]:
        start, end = start - 1, end + 1
    return first.source.span(start, end)
