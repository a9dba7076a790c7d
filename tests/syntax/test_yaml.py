"""YAML nodes: values as Kubernetes reads them, spans that are the very characters, and no input that hurts."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, YamlError, documents, is_templated, place_in
from deploylint.syntax.yaml_scalars import as_bool, as_int
from deploylint.text import Source


def root(text: str) -> Node:
    node = next(documents(Source("x.yaml", text))).root
    assert node is not None
    return node


def mapping(text: str) -> Mapping:
    node = root(text)
    assert isinstance(node, Mapping)
    return node


def plain(node: Node | None) -> object:
    """The tree as Python values, texts as they are."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else node.text if node else None


def scalars(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [each for item in node.items for each in scalars(item)]
    return [each for e in node.entries.values() for each in (e.key, *scalars(e.value))] if node else []


@pytest.fixture(params=["libyaml", "pure Python"])
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure Python":
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)


@pytest.mark.usefixtures("_either_parser")
class TestEitherParser:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("a: 1\nb: [x, 'y']\nc: {d: e}\n", {"a": "1", "b": ["x", "y"], "c": {"d": "e"}}),
            ("\ufeffa: b\r\nc:\r\n  - d\r\n", {"a": "b", "c": ["d"]}),
            ("%YAML 1.2\n---\na: b\n", {"a": "b"}),
            ("a: &x {k: v}\nb: *x\n", {"a": {"k": "v"}, "b": {"k": "v"}}),
            ("a: &x {k: v, l: w}\nb:\n  <<: *x\n  k: own\n", {"a": {"k": "v", "l": "w"}, "b": {"k": "own", "l": "w"}}),
            (
                "x: &x {k: 1}\ny: &y {k: 2, l: 3}\nb: {<<: [*x, *y]}\n",
                {"x": {"k": "1"}, "y": {"k": "2", "l": "3"}, "b": {"k": "1", "l": "3"}},
            ),
            ("a: 1\na: 2\n", {"a": "2"}),
            ("args: [--addr=0.0.0.0:80, http://x?y=1]\n", {"args": ["--addr=0.0.0.0:80", "http://x?y=1"]}),
            ('{\n\t"a": "\\ud83d\\ude00\\/"\n}', {"a": "😀/"}),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}),
            ("n:\nm: ~\n", {"n": "", "m": "~"}),
        ],
    )
    def test_values(self, text: str, value: object) -> None:
        assert plain(root(text)) == value

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("a: b # c\n", "b"),
            ("a: 'it''s' # c\n", "'it''s'"),
            ("a: 😀x\nb: y\n", "😀x"),
            ("\ufeffa: b", "b"),
            ("a: &anchor !!str b\n", "b"),
            ("a:\n  - b\n  - c: d\n\n# comment\nz: y\n", "- b\n  - c: d"),
            ("a: &x\n  b: c\n\nz: y\n", "b: c"),
            ("a: [b, c] # d\n", "[b, c]"),
            ("a: |  # why\n  x\n  y\n\nz: y\n", "|  # why\n  x\n  y"),
            ("a: |+\n  x\n\nz: y\n", "|+\n  x\n\n"),
            ("a:\nz: y\n", ""),
        ],
    )
    def test_a_span_is_what_was_written(self, text: str, written: str) -> None:
        node = mapping(text).get("a")
        assert node is not None
        assert node.span.text == written

    def test_an_empty_value_stands_after_its_colon(self) -> None:
        node = mapping("a:   # none\nb: 1\n").get("a")
        assert node is not None
        assert (node.start, node.end) == (2, 2)

    @pytest.mark.parametrize(
        "text", ["a: [", "a: b: c", "a: 'b", "a: *x", "- a\nb: c", "a: \x00", "a: &x [*x]", "@", "a: {{- if x }}\nb"]
    )
    def test_what_is_not_yaml_says_where(self, text: str) -> None:
        with pytest.raises(YamlError) as error:
            root(text)
        assert error.value.message
        assert 0 <= error.value.span.start <= error.value.span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "part", "written"),
    [
        ("a: sleep 10", "10", "10"),
        ('a: "say \\"hi\\" now"', "hi", "hi"),
        ('a: "x\\ty"', "\t", "\\t"),
        ("a: 'it''s me'", "me", "me"),
        ("a: one\n  two three\n", "three", "three"),
        ('a: "one \\\n  two three"', "two three", "two three"),
        ("a: |\n  set -e\n  exec app\n", "exec app", "exec app"),
        ("a: |2-\n    indented\n  not\n", "not", "not"),
        ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "three", "three"),
        ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "five", "five"),
        ("a: |\r\n  x\r\n  exec app\r\n", "exec app", "exec app"),
    ],
)
def test_a_fragment_knows_where_its_characters_stand(text: str, part: str, written: str) -> None:
    scalar = mapping(text).scalar("a")
    assert scalar is not None
    fragment = scalar.fragment
    assert fragment.text == scalar.text
    at = fragment.text.index(part)
    assert fragment.span(at, at + len(part)).text == written


class TestDocuments:
    @pytest.mark.parametrize(
        ("text", "roots"),
        [
            ("", []),
            ("# only a comment\n", []),
            ("---\n# nothing\n---\n", []),
            ("a\n---\nb\n", ["a", "b"]),
            ("---\na\n...\n---\nb\n...\n", ["a", "b"]),
            ("--- a\n--- b", ["a", "b"]),
            ("%YAML 1.1\n---\na\n", ["a"]),
            ("a: |\n  ---\n  x\n---\nb: '---'\n", [{"a": "---\nx\n"}, {"b": "---"}]),
            ("a: '\n  x\n ----\n  y'\n", [{"a": " x ---- y"}]),
            ("\ufeff---\r\na: b\r\n---\r\nc: d", [{"a": "b"}, {"c": "d"}]),
        ],
    )
    def test_a_stream_is_cut_at_its_markers(self, text: str, roots: list[object]) -> None:
        source = Source("x.yaml", text)
        assert [plain(document.root) for document in documents(source)] == roots

    def test_an_error_costs_one_document(self) -> None:
        first, second = documents(Source("x.yaml", "a: [\n---\nb: c\n"))
        with pytest.raises(YamlError):
            assert first.root
        assert plain(second.root) == {"b": "c"}

    @pytest.mark.parametrize(
        ("text", "kinds"),
        [
            ("kind: Pod\n", ("Pod",)),
            ("# c\n---\napiVersion: v1\nkind: 'Pod' # p\r\n", ("Pod",)),
            ("a: b\nspec:\n  kind: Pod\n", ()),
            ("kind: A\nkind: B\n", ("A", "B")),
            ("kinds: A\n", ()),
            ("- kind: A\n", ()),
            ("a: b\n", ()),
            ('{"kind": "Pod"}', None),
            ("  kind: Pod\n", None),
            ('a: b\n"kind": Pod\n', None),
            ("kind: {{ x }}\n", None),
            ("kind:\n  Pod\n", None),
            ("kind: |\n  Pod\n", None),
            ("--- {kind: Pod}\n", None),
        ],
    )
    def test_what_a_document_is_about_is_known_without_parsing(self, text: str, kinds: tuple[str, ...] | None) -> None:
        assert next(documents(Source("x.yaml", text))).values("kind") == kinds


class TestMapping:
    def test_paths(self) -> None:
        node = mapping("a:\n  b: {c: d}\n  e:\n  f: [1]\n")
        assert node.text("a", "b", "c") == "d"
        assert node.scalar("a", "e") is None
        assert node.get("a", "e") is not None
        assert node.get("a", "x", "y") is None
        assert node.sequence("a", "f") is not None
        assert node.mapping("a", "f") is None

    def test_duplicates_are_kept(self) -> None:
        node = mapping("a: 1\na: 2\n")
        assert [plain(entry.value) for entry in node.duplicates] == ["1"]

    def test_an_alias_points_at_its_anchor(self) -> None:
        text = "a: &x 30\nb: *x\n"
        scalar = mapping(text).scalar("b")
        assert scalar is not None
        assert (scalar.start, scalar.is_shared) == (6, True)

    def test_a_templated_key_leaves_a_mapping_open(self) -> None:
        assert mapping("a: b\n{{ c }}: d\n").is_open
        assert not mapping("a: '{{ b }}'\n").is_open


class TestPlace:
    @pytest.mark.parametrize(
        ("text", "path", "result"),
        [
            ("a:\n  b: c\nz: y\n", ["a"], "a:\n  b: c\n  NEW\nz: y\n"),
            ("- name: x # n\n  image: y\n- z\n", [0], "- name: x # n\n  image: y\n  NEW\n- z\n"),
            ("a:\n- name: x", ["a", 0], "a:\n- name: x\n  NEW"),
            ("a:\r\n  b: c\r\nz: y\r\n", ["a"], "a:\r\n  b: c\r\n  NEW\r\nz: y\r\n"),
            ("a:\n  b: |\n    x\n\n  # c\nz: y\n", ["a"], "a:\n  b: |\n    x\n  NEW\n\n  # c\nz: y\n"),
            ("a:\n  b: |+\n    x\n\nz: y\n", ["a"], "a:\n  b: |+\n    x\n\n  NEW\nz: y\n"),
            ("\ufeffa: b\n", [], "\ufeffa: b\nNEW\n"),
            ("a: {b: c}\n", ["a"], None),
            ("a: &x\n  b: c\nz: *x\n", ["a"], None),
            ("a: &x\n  b:\n    c: d\nz: *x\n", ["a", "b"], None),
            ("? a: b\n: c\n", [], None),
        ],
    )
    def test_a_new_key_goes_after_the_last(self, text: str, path: list[str | int], result: str | None) -> None:
        node = root(text)
        for step in path:
            child = node.items[step] if isinstance(node, Sequence) and isinstance(step, int) else None
            child = node.get(str(step)) if isinstance(node, Mapping) else child
            assert child is not None
            node = child
        assert isinstance(node, Mapping)
        edit = place_in(node, node.span).insert("NEW")
        assert (edit and text[: edit.span.start] + edit.replacement + text[edit.span.end :]) == result


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("30", 30),
        ("0x1e", 30),
        ("036", 30),
        ("0o36", 30),
        ("1_000", 1000),
        ("-1", -1),
        ("30.0", 30),
        ("0", 0),
        ("'30'", None),
        ("30s", None),
        ("1.5", None),
        ("", None),
        ("08", None),
    ],
)
def test_integers(text: str, number: int | None) -> None:
    assert as_int(mapping(f"a: {text}\n").get("a")) == number


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("on", True), ("No", False), ("'true'", None), ("1", None), ("~", None)]
)
def test_booleans(text: str, value: bool | None) -> None:
    assert as_bool(mapping(f"a: {text}\n").get("a")) is value


@pytest.mark.parametrize(
    ("text", "templated"),
    [("{{ .Values.x }}", True), ("{% if x %}", True), ("<%= x %>", True), ("${X}", False), ("{a: {b: c}}", False)],
)
def test_templates(text: str, templated: bool) -> None:
    assert is_templated(text) is templated


class TestHostile:
    def test_an_alias_bomb_is_an_error(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        with pytest.raises(YamlError, match="too many nodes"):
            root("\n".join(lines))

    def test_a_merge_bomb_is_an_error(self) -> None:
        lines = ["a0: &a0 {k0: v}"] + [f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: v}}" for n in range(1, 3000)]
        with pytest.raises(YamlError, match="too many nodes"):
            root("\n".join(lines))

    @pytest.mark.parametrize(
        "text", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000, "".join(f"{' ' * n}a:\n" for n in range(1000))]
    )
    def test_deep_nesting_is_an_error(self, text: str) -> None:
        with pytest.raises(YamlError):
            root(text)

    SAMPLE = (
        "\ufeff# c\n---\nkind: &k Deployment\nspec: {a: [1, \"x\\n\\u00e9\"], b: 'q'}\n<<: {z: w}\n"
        "x: |\n  a\n\n  b\ny: >-\n  c\n  d\n"
        "list:\n- name: a\n  v: *k\n- {{ x }}\n---\r\na: b\r\n...\n%YAML 1.1\n---\nq: 'x\n\n  y'\n"
    )

    @pytest.mark.parametrize("length", range(len(SAMPLE) + 1))
    def test_every_prefix_is_read_or_refused(self, length: int) -> None:
        check(self.SAMPLE[:length])

    @settings(max_examples=300, deadline=None)
    @given(st.text(alphabet=st.sampled_from("ab \n\t\r:-?[]{},&*!|>'\"%#@`\\0.<é😀\ufeff\x85\x00"), max_size=40))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        check(text)


def check(text: str) -> None:
    """Every span lies in the text, and every fragment spells its scalar."""
    source = Source("x.yaml", text)
    for document in documents(source):
        document.values("kind")
        try:
            node = document.root
        except YamlError as error:
            assert 0 <= error.span.start <= error.span.end <= len(text)
            continue
        for scalar in scalars(node):
            assert document.start <= scalar.start <= scalar.end <= document.end
            assert scalar.fragment.text == scalar.text
        for entry in node.entries.values() if isinstance(node, Mapping) else ():
            seen = document.values(entry.key.text) if entry.key.text else None
            assert seen is None or entry.is_merged or seen[-1:] == (plain(entry.value),)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("kind: Pod\n more\n", None),
        ("kind: Pod\n\n  more\n", None),
        ("kind: Pod # c\n\n\nspec:\n  a: b\n", ("Pod",)),
        ("kind: Pod\n  # c\nspec: {}\n", ("Pod",)),
    ],
)
def test_value_that_continues_on_the_next_line_is_left_to_the_parser(text: str, values: tuple[str, ...] | None) -> None:
    (document,) = documents(Source("a.yaml", text))
    assert document.values("kind") == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: web{{/* x */}}app\n", "web{{/* x */}}app"),
        ("a: web {{/* x */}} app\n", "web {{/* x */}} app"),
        ('a: "{{/* x */}}"\n', "{{/* x */}}"),
        ("a: {{/* x */}} app\n", "app"),
        ("a: app {{- /* x */ -}}\n", "app"),
        ("{{/* x\n y */}}\na: app\n", "app"),
    ],
)
def test_template_comment_inside_a_value_is_kept(text: str, value: str) -> None:
    assert mapping(text).text("a") == value


@pytest.mark.parametrize("count", [1, 2, 3])
def test_spans_after_several_byte_order_marks(count: int) -> None:
    node = mapping("\ufeff" * count + "a: b").get("a")
    assert node is not None
    assert node.span.text == "b"


def test_part_of_a_folded_fragment_says_what_the_whole_says() -> None:
    node = mapping("a: [x\ny]\n").get("a")
    assert isinstance(node, Sequence)
    (item,) = node.items
    assert isinstance(item, Scalar)
    assert [item.fragment.sub(0, 2).text, item.fragment.sub(1, 3).text] == ["x ", " y"]


def test_character_that_only_json_strings_may_hold_is_refused_elsewhere() -> None:
    assert mapping('{"a": "\x7f"}').text("a") == "\x7f"
    with pytest.raises(YamlError):
        root('{a: b"\x7f"}')
    for text in ('{e "\x7f"}', "{'e \"\x7f\"': 1}", '{a: b "\x7f"\n c}'):
        with pytest.raises(YamlError, match=r"U\+007F is no character of YAML") as caught:
            root(text)
        assert caught.value.span.text == "\x7f"
