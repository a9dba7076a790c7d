"""What two definitions of a service are together: the cases of compose-go's `override` tests, and each value in its own file."""

from __future__ import annotations

from textwrap import dedent

import pytest

from deploylint.platforms.compose.merging import merged
from deploylint.syntax.yaml import Mapping, Node, Scalar, Sequence, documents
from deploylint.text import Source


def service(text: str, path: str) -> Mapping:
    root = next(documents(Source(path, dedent(text)))).root
    assert isinstance(root, Mapping)
    return root


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("image: foo\nscale: 1", "image: bar\nscale: 2", {"image": "bar", "scale": "2"}),
        ("command: [a, b]", "command: [c]", {"command": ["c"]}),
        ("command: [a, b]", "command: c", {"command": "c"}),
        ("entrypoint: a", "entrypoint: [b]", {"entrypoint": ["b"]}),
        ("entrypoint: a", "entrypoint: ", {"entrypoint": None}),
        ("stop_signal: SIGINT", "stop_signal: ", {"stop_signal": "SIGINT"}),
        ("ports: ['80:80']", "ports: ['81:81']", {"ports": ["80:80", "81:81"]}),
        ("build: .", "build: {target: prod}", {"build": {"context": ".", "target": "prod"}}),
        ("build: {context: ., target: dev}", "build: ./web", {"build": {"context": "./web", "target": "dev"}}),
        ("build: {args: {A: 1}}", "build: {args: [B=2]}", {"build": {"args": [{"A": "1"}, "B=2"]}}),
        ("environment: {A: 1, B: 2}", "environment: {B: 3}", {"environment": {"A": "1", "B": "3"}}),
        ("environment: {A: 1}", "environment: {A: }", {"environment": {"A": None}}),
        ("environment: [A=1]", "environment: [B=2, A=3]", {"environment": ["A=1", "B=2", "A=3"]}),
        ("env_file: a.env", "env_file: [b.env]", {"env_file": ["a.env", "b.env"]}),
        ("healthcheck: {test: [CMD, a], retries: 3}", "healthcheck: {test: b}", {"healthcheck": {"test": "b", "retries": "3"}}),
        ("deploy: {replicas: 2, mode: replicated}", "deploy: {replicas: 4}", {"deploy": {"replicas": "4", "mode": "replicated"}}),
        ("image: foo\nbuild: {context: .}", "build: !reset\nimage: bar", {"image": "bar"}),
        ("build: .\nimage: foo", "build: !override", {"image": "foo"}),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", {"environment": {"B": "2"}}),
        ("ports: ['80:80']", "ports: !override ['443:443']", {"ports": ["443:443"]}),
        ("volumes: [.:/app]", "volumes: !reset []", {}),
        ("image: foo", "stop_grace_period: !reset 5s", {"image": "foo"}),
        ("image: foo\ncommand: !reset [a]", "scale: 1", {"image": "foo", "scale": "1"}),
    ],
)
def test_merging(base: str, over: str, expected: dict[str, object]) -> None:
    assert plain(merged((service(base, "base.yaml"), service(over, "over.yaml")))) == expected


def test_each_value_stays_in_its_file() -> None:
    made = merged((service("image: shop\nbuild: {context: .}", "a.yaml"), service("build: {target: web}", "b.yaml")))
    found = [made.scalar("image"), made.scalar("build", "context"), made.scalar("build", "target")]
    assert [(each.span.path, each.span.text) for each in found if each] == [
        ("a.yaml", "shop"),
        ("a.yaml", "."),
        ("b.yaml", "web"),
    ]
