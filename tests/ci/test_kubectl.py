"""Manifests as kubectl reads them: whatever spelling it accepts, the workload is read here too.

`kubectl annotate --local` parses a file with the reader of `kubectl apply` and prints its objects; it asks no server.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploylint.discovery.workspace import Workspace
from deploylint.platforms import manifests
from deploylint.platforms.kubernetes import OWN_KINDS, objects
from deploylint.syntax.yaml import YamlError, documents
from deploylint.text import Source
from tests.ci.support import installed

KUBECTL_RUNS = 250 if os.environ.get("CI") else 25
"""One example is one process of kubectl, a tenth of a second."""
_LINE_ENDS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"]
_IMAGE = "spec: {template: {spec: {containers: [{name: c, image: i}]}}}"


class Spelling(NamedTuple):
    """How one object is written."""

    text: str
    name: str


def _escaped(word: str, at: int, form: str) -> str:
    letter = {"x": f"\\x{ord(word[at]):02x}", "u": f"\\u{ord(word[at]):04x}", "U": f"\\U{ord(word[at]):08x}"}[form]
    return f'"{word[:at]}{letter}{word[at + 1 :]}"'


@st.composite
def words(draw: st.DrawFn, word: str, is_key: bool, is_json: bool) -> str:
    """A word in one of its spellings; a key with its colon."""
    escaped = _escaped(word, draw(st.integers(0, len(word) - 1)), draw(st.sampled_from("u" if is_json else "xuU")))
    if is_json:
        spelled = draw(st.sampled_from([f'"{word}"', escaped]))
        return spelled + draw(st.sampled_from([":", ": ", " :", "\t: "])) if is_key else spelled
    forms = [word, f'"{word}"', f"'{word}'", escaped, f"!!str {word}", f"&a {word}", f'! "{word}"', f"!!str &b '{word}'"]
    spelled = draw(st.sampled_from(forms))
    return spelled + draw(st.sampled_from([": ", " : ", ":   ", ":\t"])) if is_key else spelled


@st.composite
def block_fields(draw: st.DrawFn, key: str, value: str, indent: str) -> str:
    """A field in block style, with its line end."""
    inner = indent + "  "
    spelled = draw(words(value, is_key=False, is_json=False))
    form = draw(st.sampled_from(["plain", "plain", "plain", "explicit", "next line", "literal", "folded", "comment", "merged"]))
    start = indent + draw(words(key, is_key=True, is_json=False))
    match form:
        case "explicit":
            return f"{indent}? {start[len(indent) :].rstrip()[:-1].rstrip()}\n{indent}: {spelled}\n"
        case "next line":
            return f"{start}\n{inner}{spelled}\n"
        case "literal":
            return f"{start}|-\n{inner}{value}\n"
        case "folded":
            return f"{start}>-\n{inner}{value}\n"
        case "comment":
            return f"{start}{spelled} # {key}: Other\n"
        case "merged":
            return f"{indent}<<: {{{key}: {value}}}\n"
    return f"{start}{spelled}\n"


@st.composite
def block_objects(draw: st.DrawFn, name: str) -> str:
    """A Deployment as a block mapping."""
    indent = draw(st.sampled_from(["", "", "  "]))
    fields = [
        draw(block_fields("apiVersion", "apps/v1", indent)),
        draw(block_fields("kind", "Deployment", indent)),
        f"{indent}metadata: {{name: {name}}}\n",
        f"{indent}{_IMAGE}\n",
    ]
    extra = [
        f"{indent}kind: ConfigMap\n",
        f"{indent}# kind: ConfigMap\n",
        f"{indent}data: |\n{indent}  kind: ConfigMap\n",
        f'{indent}note: "\\x6bind"\n',
        "\n",
        f"{indent}<<: {{kind: ConfigMap}}\n",
        f"{indent}k: &kind kind\n{indent}*kind : Deployment\n",
    ]
    fields += draw(st.lists(st.sampled_from(extra), max_size=2))
    lines = draw(st.permutations(fields))
    return "".join(lines)


@st.composite
def flow_objects(draw: st.DrawFn, name: str, is_json: bool) -> str:
    """A Deployment as a flow mapping, or as JSON."""
    blank = draw(st.sampled_from(["", " ", "\n", "\n  "] if is_json else [" ", "\n  "]))
    metadata, spec = {"name": name}, {"template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}}
    fields = [
        draw(words("apiVersion", is_key=True, is_json=is_json)) + draw(words("apps/v1", is_key=False, is_json=is_json)),
        draw(words("kind", is_key=True, is_json=is_json)) + draw(words("Deployment", is_key=False, is_json=is_json)),
        f'"metadata": {json.dumps(metadata)}',
        f'"spec": {json.dumps(spec)}',
    ]
    fields += draw(st.lists(st.sampled_from(['"note": "\\u006bind: ConfigMap"', '"kind": "ConfigMap"', '"p": "}{"']), max_size=1))
    return "{" + blank + f",{blank}".join(draw(st.permutations(fields))) + blank + "}"


@st.composite
def streams(draw: st.DrawFn) -> str:
    """A file of one to three Deployments."""
    names = [f"w{number}" for number in range(draw(st.integers(1, 3)))]
    if draw(st.integers(0, 3)) == 0:
        between = draw(st.sampled_from(["", " ", "\n", "\n\n"]))
        return draw(st.sampled_from(["", "\n", " "])) + between.join(draw(flow_objects(name, is_json=True)) for name in names)
    text = draw(st.sampled_from(["", "", "---\n", "\ufeff", "# kind: ConfigMap\n", "\n", "%YAML 1.1\n---\n", "--- # kind\n"]))
    for name in names:
        if name != names[0]:
            text += draw(st.sampled_from(["---\n", "--- \n", "---\t\n", "---\n# c\n", "---\n\ufeff", "---\n---\n", "\n---\n\n"]))
        kind = draw(st.sampled_from(["block", "block", "flow", "json"]))
        text += draw(block_objects(name) if kind == "block" else flow_objects(name, kind == "json"))
        text += "" if text.endswith("\n") else "\n"
    return text.replace("\n", draw(st.sampled_from(_LINE_ENDS)))


def kubectl(text: str) -> list[tuple[str, str]]:
    """Kind and name of each object that kubectl reads of a file before it finds fault with it."""
    command = [installed("kubectl"), "annotate", "--local", "-f", "-", "a=b", "-o", "json"]
    output = subprocess.run(command, input=text.encode(), capture_output=True, timeout=60, check=False).stdout.decode()
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(output):
        node, at = decoder.raw_decode(output, at)
        found.append((node["kind"], node["metadata"]["name"]))
        at += len(output[at:]) - len(output[at:].lstrip())
    return found


@pytest.fixture(scope="module", autouse=True)
def _kubectl() -> None:
    installed("kubectl")


@given(streams())
@example('apiVersion: apps/v1\n"\\x6bind": Deployment\nmetadata: {name: w0}\n' + _IMAGE)
@settings(max_examples=KUBECTL_RUNS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_workload_that_kubectl_reads_is_read(text: str) -> None:
    path = "x.json" if text.lstrip().startswith("{") else "x.yaml"
    read = manifests.manifests_of(Workspace.of({path: text}), [path])
    names = {(workload.kind, workload.name) for workload in read.workloads}
    missing = [item for item in kubectl(text) if item[0] == "Deployment" and item not in names]
    is_named = any("merged by `<<`" in problem.what for problem in read.problems)
    assert is_named or not missing, [problem.what for problem in read.problems]


@given(streams())
@settings(max_examples=500, deadline=None)
def test_what_is_not_parsed_holds_no_workload(text: str) -> None:
    for document in documents(Source("x.yaml", text)):
        if OWN_KINDS.may_matter(document):
            continue
        try:
            kinds = {node.text("kind") for node in objects(document)}
        except YamlError:
            continue
        assert "Deployment" not in kinds
