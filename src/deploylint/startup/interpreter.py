"""From a start command to every program it runs: a shell that takes every way it can't rule out, and runs nothing."""

from __future__ import annotations

import re
from posixpath import basename, join, normpath
from typing import TYPE_CHECKING

from deploylint.model.process import Guard, Wrapper
from deploylint.startup import conditions
from deploylint.startup.builtins import BUILTINS, DECLARING, assign, declare, run_builtin
from deploylint.startup.collector import MAX_PROCESSES, Collector
from deploylint.startup.expansion import Field, State, Text
from deploylint.startup.forms import after, form_of, is_forgiven, passes_arguments
from deploylint.startup.idioms import asks_for_migrations, may_be_function, runs_only_arguments, starts_again
from deploylint.startup.image_files import ImageFiles
from deploylint.startup.launcher import MAX_DEPTH, Launcher, fields_of
from deploylint.startup.way import TAIL_FORMS, Running, Way
from deploylint.syntax import shell, shell_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploylint.model.image import Image
    from deploylint.model.process import Process, Start
    from deploylint.model.value import Value
    from deploylint.startup.conditions import Condition
    from deploylint.syntax.shell_tree import Block, Command, Node
    from deploylint.text import Files, Fragment

MAX_STATEMENTS = 4000
MAX_NESTING = 100
"""A start that goes through more statements than this, or deeper into them, is not followed further."""

_ASIDE = frozenset("tee cat sed grep awk logger jq ts echo printf yes tr cut head tail sort xargs pino-pretty bunyan".split())


def follow(
    start: Start,
    *,
    image: Image | None,
    files: Files,
    environment: Mapping[str, Value[str]],
    is_open: bool = False,
    always_set: frozenset[str] = frozenset(),
) -> tuple[Process, ...]:
    """Every program that starting the container runs, in order, and which of them stays.

    `environment` is what the image and the workload set; `is_open`: more variables may be set than these;
    `always_set`: those that are never empty, whatever their value is.
    """
    run = _Interpreter(ImageFiles(image, files))
    folder = image.config.workdir if image else None
    state = State(environment, (), "", folder)
    state.is_open = is_open
    state.always_set = always_set
    run.launcher.launch(fields_of(start.arguments), Way(origin=start.origin), state)
    return run.collector.finished()


class _Interpreter:
    """One start: the shells it runs, and the bounds on running more."""

    def __init__(self, image_files: ImageFiles) -> None:
        self.image_files = image_files
        self.collector = Collector()
        self.launcher = Launcher(image_files, self.collector, self.run)
        self.statements = 0
        self.nesting = 0
        self.has_started_again = False

    def run(self, text: Fragment, running: Running, way: Way) -> None:
        script = shell.parse(text)
        way = way._replace(after=after(text.text))
        if script.lost_flow:
            way = way.under([Guard("other", "", script.lost_flow.first_line, None)])
        self.block(script.body, running, way)

    # Control flow

    def block(self, block: Block, running: Running, way: Way) -> Condition | None:
        """Statements one after the other; the last one's exit status."""
        last: Condition | None = None
        for index, statement in enumerate(block):
            if running.ended:
                break
            if statement.is_background:
                self.node(statement.node, running.copy(), way._replace(form="background", is_background=True))
                last = conditions.status(statement.node.span)
            else:
                last = self.node(statement.node, running, way.formed(form_of(block, index, way.form)))
        return last

    def node(self, node: Node, running: Running, way: Way) -> Condition:
        """One statement; its exit status."""
        self.statements += 1
        if self.statements > MAX_STATEMENTS or self.nesting >= MAX_NESTING or len(self.collector.processes) >= MAX_PROCESSES:
            running.ended = running.ended or "exit"
            return conditions.status(node.span)
        self.nesting += 1
        status = self._node(node, running, way)
        self.nesting -= 1
        return status

    def _node(self, node: Node, running: Running, way: Way) -> Condition:
        done = conditions.status(node.span)
        if isinstance(node, shell_tree.Command):
            return self.command(node, running, way)
        if isinstance(node, shell_tree.AndOr):
            return self._and_or(node, running, way)
        if isinstance(node, shell_tree.Not):
            return self.node(node.body, running, way.formed("list")).negated()
        if isinstance(node, shell_tree.Pipeline):
            self._pipeline(node, running, way)
        elif isinstance(node, shell_tree.If):
            self._if(node, running, way.deeper())
        elif isinstance(node, shell_tree.Case):
            self._case(node, running, way.deeper())
        elif isinstance(node, shell_tree.Loop):
            self._loop(node, running, way.formed("list"))
        elif isinstance(node, shell_tree.Function):
            running.state.functions[node.name] = node
        elif isinstance(node, shell_tree.Group):
            return self.block(node.body, running.copy() if node.is_subshell else running, way.deeper()) or done
        else:
            return self.node(node.body, running, way.formed("list"))
        return done

    def _branch(
        self, body: Block, taken: list[Condition], before: Running, running: Running, way: Way
    ) -> tuple[bool, Condition | None]:
        """Run a body if these conditions may all hold: whether the shell surely ends there (or never gets there).

        Where they surely hold it runs in `running` itself, else in a copy of what the shell was `before`.
        """
        is_open = running.state.is_open
        decided = [condition.decided for condition in taken]
        verdicts = [condition.holds(is_open) for condition in decided]
        self.has_started_again = False
        if False in verdicts:
            return True, None
        guards = [condition.guard(is_open) for condition in decided]
        inner = way.under(guard for guard in guards if guard.kind != "other" or guard.holds is None)
        if None not in verdicts:
            other = running.copy()
            last = self.block(body, other, inner)
            # Where a missing variable is an error, a start that succeeds has it.
            if not (other.has_failed and any(condition.rests_on_absence for condition in decided)):
                running.adopt(other)
            self.has_started_again = False
            return bool(other.ended), last
        other = before.copy()
        is_failure = decided[-1] != taken[-1] and taken[-1].result is False
        last = self.block(body, other, inner._replace(is_aside=way.is_aside or is_failure))
        is_failure = is_failure or other.has_failed
        if not other.has_failed:
            running.state.merge(other.state)
        if other.ended and not is_failure and not other.starts_again:
            whole = decided[0]
            for condition in decided[1:]:
                whole = whole.both(condition)
            running.goes_on_if(whole.negated(), other.ended)
        self.has_started_again = other.starts_again
        return bool(other.ended), last

    def _if(self, node: shell_tree.If, running: Running, way: Way) -> None:
        passed: list[Condition] = []
        all_end = True
        for block, body in node.branches:
            condition = self.block(block, running, way.formed("list")) or conditions.unknown(node.span)
            before = running.copy()
            ends, _ = self._branch(body, [*passed, condition], before, running, way)
            all_end = all_end and (ends or bool(running.ended))
            if self.has_started_again:
                self.has_started_again = False  # whichever way it takes at first, it goes on as if the condition failed
                continue
            passed.append(condition.negated())
            if running.ended and not condition.rests_on_absence:
                return
            if condition.result is True and not condition.rests_on_absence and not condition.is_status:
                return
        before = running.copy()
        if passed:
            ends, _ = self._branch(node.otherwise, passed, before, running, way)
        else:
            ends = bool(self.block(node.otherwise, running, way) and running.ended)
        if all_end and ends and node.otherwise:
            running.ended = running.ended or "exit"

    def _and_or(self, node: shell_tree.AndOr, running: Running, way: Way) -> Condition:
        operators = [operator for operator, _ in node.rest]
        form = way.form if ";" not in operators else "tail" if way.form in TAIL_FORMS else "list"
        form = "last" if form == "single" else form
        ways = [
            way.formed(form if index == len(operators) else "list")._replace(
                errors_ignored=way.errors_ignored or is_forgiven(node, index)
            )
            for index in range(len(operators) + 1)
        ]
        status = self.node(node.first, running, ways[0])
        for index, (operator, command) in enumerate(node.rest, 1):
            if running.ended and operator == ";":
                break
            needed = status.negated() if operator == "||" else status
            body = (shell_tree.Statement(command, False),)
            if operator == ";" or (needed.is_status and needed.result):
                last = None if running.ended else self.node(command, running, ways[index])
            else:
                _, last = self._branch(body, [needed], running.copy(), running, ways[index])
            last = last or conditions.status(command.span)
            if operator == "&&":
                status = status.both(last)
            else:
                status = status.either(last) if operator == "||" and not status.is_status else conditions.status(command.span)
        return status

    def _pipeline(self, node: shell_tree.Pipeline, running: Running, way: Way) -> None:
        names = [command.name if isinstance(command, shell_tree.Command) else "" for command in node.commands]
        main = next((index for index, name in enumerate(names) if name not in _ASIDE), len(names) - 1)
        for index, command in enumerate(node.commands):
            inner = way._replace(form="background" if way.form == "background" else "pipeline", is_aside=index != main)
            self.node(command, running.copy(), inner)

    def _case(self, node: shell_tree.Case, running: Running, way: Way) -> None:
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
            condition = conditions.of_text(subject, verdict, arm.span)
            if subject.named and condition.kind == "other":
                unset = conditions.arm(arm.patterns, without, state)
                condition = condition._replace(kind="opt-out" if unset else "opt-in", variable=subject.named[0])
            falls = arm.falls_through and condition.holds(state.is_open) is not False
            ends, _ = self._branch(arm.body, [condition], before, running, way)
            all_end = all_end and (ends or bool(running.ended))
            has_default = has_default or verdict is True or any(pattern.text == "*" for pattern in arm.patterns)
            if verdict and not subject.absent and not falls:
                return
            if verdict and not falls:
                subject = subject._replace(text="\0")  # what comes after is taken only if the variable is set
            may_have_matched = may_have_matched or verdict is None
        if all_end and has_default and node.arms:
            running.ended = running.ended or "exit"

    def _loop(self, node: shell_tree.Loop, running: Running, way: Way) -> None:
        if node.keyword in ("while", "until"):
            condition = self.block(node.condition, running, way) or conditions.unknown(node.span)
            condition = condition.negated() if node.keyword == "until" else condition
            self._branch(node.body, [condition], running.copy(), running, way)
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
            self.block(node.body, running, way.formed("list"))
            if running.ended:
                return

    # Simple commands

    def command(self, node: Command, running: Running, way: Way) -> Condition:
        state = running.state
        name = node.name
        if name in ("[", "[[", "test"):
            return conditions.test(node, state, lambda path: self._exists(path, state))
        if name and name.startswith("(("):
            return conditions.unknown(node.span)
        if not node.words or name in DECLARING:
            declare(node, state)
            return conditions.status(node.span)
        fields = [field for word in node.words for field in state.fields(word)]
        while fields and fields[0].value.absent and not fields[0].value.text:
            fields.pop(0)  # `$PREFIX cmd`: without the variable, the command is what follows
        if node.assignments:
            outer, state = state, state.copy()
            assign(node.assignments, state, is_exported=True)
            running.state = state
            self._fields(fields, node, running, way)
            running.state = outer
        else:
            self._fields(fields, node, running, way)
        if name in ("true", ":", "false"):
            return conditions.certain(name != "false", node.span)
        return conditions.status(node.span, asks_for_migrations([field.value.text for field in fields]))

    def _fields(self, fields: list[Field], node: Command, running: Running, way: Way) -> None:
        """An expanded command line: a function, a builtin, or a program."""
        state = running.state
        name = fields[0].value.text if fields else ""
        if name in ("command", "builtin") and len(fields) > 1:
            fields = [] if (fields[1].value.text or "").startswith("-") and fields[1].value.text != "-p" else fields[1:]
            name = fields[0].value.text if fields else ""
        if runs_only_arguments(fields, node, state):
            self.collector.hand_over()
            return
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
        elif name in BUILTINS:
            run_builtin(name or "", fields, running)
            if name == "wait":
                self.collector.wait(running.has_trap)
        elif state.has_unread_functions and may_be_function(fields):
            self.collector.hand_over()
        else:
            self.launcher.launch(fields, self._handing_over(node, running, way), state)

    def _handing_over(self, node: Command, running: Running, way: Way) -> Way:
        is_redirected = any(redirect.operator not in ("<<", "<<<") for redirect in node.redirects)
        way = way.sealed(node, running.has_trap, is_redirected).under((*running.guards, *running.returns))
        argument = next((word for word in node.words if passes_arguments(word)), None)
        return way.step(argument.span, f"{way.origin} runs its arguments") if argument and way.steps else way

    def _call(self, function: shell_tree.Function, fields: list[Field], running: Running, way: Way) -> None:
        if way.depth >= MAX_DEPTH:
            return
        outer = running.state.parameters
        running.state.parameters = tuple(fields[1:])
        self.block(function.body, running, way.step(fields[0].span, f"calls `{function.name}`").formed("list"))
        running.state.parameters = outer
        self._returned(running)

    @staticmethod
    def _returned(running: Running) -> None:
        running.returns = ()
        if running.ended == "return":
            running.ended, running.has_failed = "", False

    def _source(self, fields: list[Field], running: Running, way: Way) -> None:
        path = fields[1].value.text if len(fields) > 1 else None
        file = self.image_files.sourced(path, running.state.folder) if path else None
        if file is None or way.depth >= MAX_DEPTH:
            if basename(path or "") != "activate":  # that of a virtual environment starts nothing and sets nothing that matters
                running.state.is_open = running.state.has_unread_functions = True
                self.collector.hand_over()
            return
        name = basename(file[0])
        way = way.step(fields[1].span, f"{way.origin} sources `{name}`")
        self.block(shell.parse(file[1]).body, running, way._replace(origin=f"`{name}`").formed("list"))
        self._returned(running)

    def _eval(self, fields: list[Field], node: Command, running: Running, way: Way) -> None:
        if len(fields) > 2 or (len(fields) == 2 and fields[1].fragment):
            self._fields(fields[1:], node, running, way)
            return
        if len(fields) == 1 and runs_only_arguments([], node, running.state):
            self.collector.hand_over()
            return
        line = fields[1].line() if len(fields) == 2 else None
        if line is None or fields[1].value.text is None or way.depth >= MAX_DEPTH:
            running.state.is_open = True
            return
        self.block(shell.parse(line).body, running, way._replace(depth=way.depth + 1).formed("list"))

    def _exec(self, fields: list[Field], node: Command, running: Running, way: Way) -> None:
        at = 1
        while at < len(fields) and (text := fields[at].value.text or "").startswith("-") and len(text) > 1:
            at += 2 if text == "-a" else 1
        if runs_only_arguments(fields[at:], node, running.state):
            self.collector.hand_over()
            return
        if at >= len(fields):
            return
        if starts_again(fields[at:], running.state, way, self.image_files):
            running.ended, running.starts_again = "exit", True
            return
        way = self._handing_over(node, running, way).behind(Wrapper("exec", "exec", fields[0].span))
        self.launcher.launch(fields[at:], way, running.state)
        running.ended = "exit"

    def _exists(self, path: str, state: State) -> bool:
        if not path.startswith("/") and state.folder is None:
            return False
        return self.image_files.find(normpath(join(state.folder or "/", path)), is_exact=True) is not None
