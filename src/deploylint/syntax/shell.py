"""Shell text → a small typed tree of commands, words and control flow, each with its place in the file.

The grammar is tree-sitter's bash grammar, which reads POSIX sh as well. Its tree is turned into one of our own because it gets
two things wrong that matter here: it hangs a redirect on a whole `a && b` list instead of on `b`, and it nests lists inside
pipelines. Nothing is expanded or evaluated in this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.record import NamedTuple
from deploylint.syntax.shell_repair import tree, without_lost_line, without_what_the_grammar_lacks
from deploylint.syntax.shell_tree import (
    AndOr,
    Arm,
    Assignment,
    Block,
    Case,
    Command,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Node,
    Not,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Statement,
    Word,
)
from deploylint.syntax.shell_words import MAX_DEPTH, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node as TreeNode

    from deploylint.text import Fragment

MAX_LENGTH = 64_000
"""Longer texts are no start script; they are recorded as one error."""


_FLOW = regex(r"\b(?:if|then|elif|else|fi|case|esac|for|while|until|do|done)\b|[{}]|;;")
_PLAIN = regex(r"[\w./%+,@-]+(?:[ \t]+[\w./:=%+,@-]+)*", re.ASCII)
_RESERVED = frozenset(
    "if then elif else fi for while until do done case esac in function select coproc time "
    "export declare local readonly typeset unset".split()
)
_SEPARATORS = frozenset(("&&", "||", "|", "|&", "!"))
_LISTS = frozenset(("list", "pipeline", "negated_command"))
_SIMPLE = frozenset(
    (
        "command declaration_command unset_command test_command variable_assignment variable_assignments redirected_statement"
    ).split()
)
_STATEMENTS = (
    _SIMPLE
    | _LISTS
    | frozenset(
        (
            "if_statement case_statement for_statement while_statement c_style_for_statement function_definition subshell "
            "compound_statement"
        ).split()
    )
)
_REDIRECTS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))
_METACHARACTERS = frozenset(("(", ")", "&&", "||", "<", ">", ";"))
_TESTS = frozenset(("test_command", "binary_expression", "unary_expression", "parenthesized_expression"))


def parse(fragment: Fragment) -> Script:
    """The tree of a shell line or script. Never raises: what can't be read is among `errors`."""
    text = fragment.text
    if len(text) > MAX_LENGTH:
        return Script((), (fragment.whole,))
    if _PLAIN.fullmatch(text):
        words = [match.span() for match in re.finditer(r"\S+", text)]
        if text[slice(*words[0])] not in _RESERVED:
            return Script((Statement(_plain(fragment, words), False),), ())
    return _Reader(fragment).read()


def _plain(fragment: Fragment, words: list[tuple[int, int]]) -> Command:
    """A command of plain words, by far the most common start command, without waking the grammar."""
    return Command(
        tuple(Word((Literal(fragment.text[a:b], False),), fragment.span(a, b), fragment.text[a:b]) for a, b in words),
        (),
        (),
        fragment.span(words[0][0], words[-1][1]),
    )


class _Tail(NamedTuple):
    """What follows a command on its line: its redirects, and the words the grammar takes for part of them (`cmd > file word`)."""

    redirects: tuple[Redirect, ...] = ()
    words: tuple[Word, ...] = ()


class _Item(NamedTuple):
    """An operator of a flattened list, or one of its commands with what is its own of the line."""

    operator: str
    node: TreeNode | None = None
    tail: _Tail = _Tail()


class _Reader(Words):
    """One parse: the tree-sitter tree of a fragment, turned into ours."""

    def read(self) -> Script:
        text = without_what_the_grammar_lacks(self.fragment.text)
        root = tree(text)
        body = self.block(root.children)
        flow = next((error for error in self.errors if _FLOW.search(error.text)), None)
        rest = without_lost_line(root, text) if flow else None
        if rest is None:
            return Script(body, tuple(self.errors), flow)
        root, start, end = rest
        self.errors = [self.fragment.span(start, end)]
        return Script(self.block(root.children), tuple(self.errors))

    # Commands

    def block(self, children: Iterable[TreeNode]) -> Block:
        """The statements among a node's children; separators and comments are left out."""
        if self.depth >= MAX_DEPTH:
            self.errors += [self.span(child) for child in list(children)[:1]]
            return ()
        self.depth += 1
        statements: list[Statement] = []
        for child in children:
            if child.type == "&":
                if statements:
                    statements[-1] = Statement(statements[-1].node, True)
            elif child.is_error:
                self.errors.append(self.span(child))
                statements += self.block([grandchild for grandchild in child.children if grandchild.type in _STATEMENTS])
            elif child.is_missing:
                self.errors.append(self.span(child))
            elif child.type in _STATEMENTS and (node := self.statement(child)):
                statements.append(Statement(node, False))
        self.depth -= 1
        return tuple(statements)

    def statement(self, node: TreeNode) -> Node | None:
        """One statement. Lists and pipelines are flattened and put together again by precedence."""
        items = self.flatten(node)
        rest: list[tuple[str, Node]] = []
        operator, at = ";", 0
        while at < len(items):
            end = at
            while end < len(items) and items[end].operator not in ("&&", "||"):
                end += 1
            rest += [(operator if not index else ";", pipeline) for index, pipeline in enumerate(self.pipelines(items[at:end]))]
            operator, at = (items[end].operator if end < len(items) else ";"), end + 1
        if not rest:
            return None
        first = rest.pop(0)[1]
        return AndOr(first, tuple(rest), self.span(node)) if rest else first

    def flatten(self, node: TreeNode) -> list[_Item]:
        items: list[_Item] = []
        stack: list[TreeNode | _Tail] = [node]
        while stack:
            top = stack.pop()
            if isinstance(top, _Tail):
                if items and items[-1].node:
                    items[-1] = items[-1]._replace(tail=top)
            elif top.type in _LISTS:
                stack += reversed(top.children)
            elif top.type in _SEPARATORS:
                items.append(_Item("|" if top.type == "|&" else top.type))
            elif top.type == "redirected_statement":
                body = top.child_by_field_name("body")
                tail, following = self.redirects([child for child in top.children if child != body])
                stack += [*reversed(following), tail]
                if body is None:
                    items.append(_Item("", top))
                else:
                    stack.append(body)
            elif top.is_error or top.is_missing:
                self.errors.append(self.span(top))
            elif top.type in _STATEMENTS:
                items.append(_Item("", top))
        return items

    def pipelines(self, items: list[_Item]) -> list[Node]:
        """The pipelines of a stretch without `&&` or `||`: one, or more where an error swallowed the operator between."""
        pipelines: list[Node] = []
        current: list[Node] = []
        negated, joined = False, False
        first: TreeNode | None = None

        def close() -> None:
            nonlocal current, negated, first
            if current and first:
                span = self.fragment.source.span(self.span(first).start, current[-1].span.end)
                node: Node = Pipeline(tuple(current), span) if len(current) > 1 else current[0]
                pipelines.append(Not(node, node.span) if negated else node)
            current, negated, first = [], False, None

        for item in items:
            if item.operator == "|":
                joined = True
            elif item.operator == "!":
                negated = not negated
            elif item.node and (node := self.command(item.node, item.tail)):
                if current and not joined:
                    close()
                first = first or item.node
                current.append(node)
                joined = False
        close()
        return pipelines

    def command(self, node: TreeNode, tail: _Tail) -> Node | None:
        kind = node.type
        if kind in _SIMPLE:
            return self.simple(node, tail)
        compound: Node | None = None
        children = node.children
        if kind == "if_statement":
            compound = self.conditional(node)
        elif kind == "case_statement":
            compound = self.case(node)
        elif kind in ("for_statement", "while_statement", "c_style_for_statement"):
            compound = self.loop(node)
        elif kind == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            inner = body.children if body and body.type == "compound_statement" else [body] if body else []
            compound = Function(self.text(name) if name else "", self.block(inner), self.span(node))
        elif kind == "subshell" and self.text(node).startswith("((") and self.text(node).endswith("))"):
            return Command((self.literal(node),), (), tail.redirects, self.span(node))  # after `!` the grammar misses arithmetic
        elif kind == "subshell":
            compound = Group(self.block(children), True, self.span(node))
        elif kind == "compound_statement":
            if children and children[0].type == "((":
                return Command((self.literal(node),), (), tail.redirects, self.span(node))
            compound = Group(self.block(children), False, self.span(node))
        return Redirected(compound, tail.redirects, compound.span) if compound and tail.redirects else compound

    def conditional(self, node: TreeNode) -> If:
        branches: list[tuple[Block, Block]] = []
        otherwise: Block = ()
        condition: list[TreeNode] = []
        body: list[TreeNode] | None = None
        for child in node.children:
            if child.type == "then":
                body = []
            elif child.type == "elif_clause":
                branches += self.conditional(child).branches
            elif child.type == "else_clause":
                otherwise = self.block(child.children)
            else:
                (condition if body is None else body).append(child)
        return If(((self.block(condition), self.block(body or ())), *branches), otherwise, self.span(node))

    def case(self, node: TreeNode) -> Case | None:
        subject = node.child_by_field_name("value")
        if subject is None:
            return None
        arms = []
        for item in node.children:
            if item.type != "case_item":
                continue
            children = item.children
            close = next((index for index, child in enumerate(children) if child.type == ")"), len(children))
            patterns = tuple(self.word(child) for child in children[:close] if child.type not in ("(", "|"))
            falls_through = any(child.type in (";&", ";;&") for child in children[close:])
            head = self.span(*children[: max(1, close)])
            arms.append(Arm(patterns, self.block(children[close + 1 :]), falls_through, head))
        return Case(self.word(subject), tuple(arms), self.span(node))

    def loop(self, node: TreeNode) -> Loop:
        children = node.children
        keyword = children[0].type
        body = node.child_by_field_name("body")
        inner = self.block(body.children) if body else ()
        if node.type == "for_statement":
            variable = node.child_by_field_name("variable")
            values = [self.word(child) for child in node.children_by_field_name("value")]
            has_in = any(child.type == "in" for child in children)
            name = self.text(variable) if variable else ""
            return Loop(keyword, name, tuple(values) if has_in else None, (), inner, self.span(node))
        if node.type == "c_style_for_statement":
            return Loop(keyword, "", (), (), inner, self.span(node))
        condition = self.block([child for child in children[1:] if child != body])
        return Loop(keyword, "", (), condition, inner, self.span(node))

    def simple(self, node: TreeNode, tail: _Tail) -> Command:
        words: list[Word] = []
        assignments: list[Assignment] = []
        own: list[TreeNode] = []
        if node.type == "test_command":
            words = self.test(node)
        elif node.type == "variable_assignment":
            assignments.append(self.assignment(node))
        elif node.type != "redirected_statement":
            for child in node.children:
                if child.type in _REDIRECTS:
                    own.append(child)
                elif child.type == "variable_assignment":
                    assignments.append(self.assignment(child))
                elif child.is_error or child.is_missing:
                    self.errors.append(self.span(child))
                elif child.type != "comment":
                    words.append(self.word(child))
        before = self.redirects(own)[0]
        # In `2>&1 cmd word`, the grammar counts the words to the redirect only when they come after the command.
        words += [*before.words, *tail.words]
        end = max([self.span(node).end, *(word.span.end for word in tail.words)])
        span = self.fragment.source.span(self.span(node).start, end)
        return Command(tuple(words), tuple(assignments), before.redirects + tail.redirects, span)

    def test(self, node: TreeNode) -> list[Word]:
        """A test's words in order: the grammar's own tree of its operators has `-a` and `-o` in the wrong places."""
        words: list[list[TreeNode]] = []
        stack = [node]
        while stack:
            top = stack.pop()
            if top.type in _TESTS:
                stack += reversed(top.children)
            elif top.is_error or top.is_missing:
                self.errors.append(self.span(top))
            elif words and words[-1][-1].end_byte == top.start_byte and not {top.type, words[-1][-1].type} & _METACHARACTERS:
                words[-1].append(top)  # `/$X`: one word, which the grammar takes for two
            else:
                words.append([top])
        return [self.word(*nodes) for nodes in words]

    def assignment(self, node: TreeNode) -> Assignment:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        is_plain = name is not None and name.type == "variable_name"
        is_array = is_plain and value is not None and value.type == "array"
        return Assignment(
            self.text(name) if name else "",
            self.word(value) if value and is_plain and not is_array else None,
            any(child.type == "+=" for child in node.children),
            self.span(node),
            tuple(self.word(element_node) for element_node in value.named_children if element_node.type != "comment")
            if value and is_array
            else None,
        )

    def redirects(self, nodes: list[TreeNode]) -> tuple[_Tail, list[TreeNode]]:
        """The redirects among these nodes, and what a heredoc's first line goes on with (`cat <<X | sh`)."""
        redirects: list[Redirect] = []
        words: list[Word] = []
        following: list[TreeNode] = []
        for node in nodes:
            children = node.children
            if node.type == "heredoc_redirect":
                body = next((child for child in children if child.type == "heredoc_body"), None)
                fragment = self.fragment.sub(*self.bounds(body)) if body else None
                redirects.append(Redirect("<<", None, fragment))
                inner, more = self.redirects([child for child in children if child.type in _REDIRECTS])
                redirects += inner.redirects
                words += [*inner.words, *(self.word(child) for child in node.children_by_field_name("argument"))]
                following += [*(child for child in children if child.type in _STATEMENTS or child.type in _SEPARATORS), *more]
            elif node.type in _REDIRECTS:
                targets = [child for child in children if child.is_named and child.type != "file_descriptor"]
                operator = next((child.type for child in children if not child.is_named), "")
                redirects.append(Redirect(operator, self.word(targets[0]) if targets else None))
                words += [self.word(child) for child in targets[1:]]
            elif node.is_error or node.is_missing:
                self.errors.append(self.span(node))
        return _Tail(tuple(redirects), tuple(words)), following
