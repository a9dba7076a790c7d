"""Half of a large tree is read by a second process: the result is the same, whatever becomes of that process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from deploylint.config import Settings
from deploylint.engine import run
from deploylint.platforms import manifests, sharing
from deploylint.workspace import Workspace
from tests.support import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploylint.text import Files

pytestmark = pytest.mark.skipif(not sharing.can_share(), reason="needs Linux and two cores")

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}}}
spec:
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      containers:
        - name: app
          image: example.com/web:{number}
          envFrom: [configMapRef: {{name: settings-{number}}}]
          ports: [{{containerPort: 80}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web-{number}}}
spec: {{selector: {{app: web-{number}}}, ports: [{{port: 80}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings-{number}}}
data: {{API_TOKEN: Zk3v9QmT2{number}xWq8}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web-{number}}}
spec: {{minReplicas: {number}, scaleTargetRef: {{kind: Deployment, name: web-{number}}}}}
"""
BROKEN = "apiVersion: v1\nkind: Pod\nspec: [\n"
TREE = {f"{number}/web.yaml": MANIFEST.format(number=number) for number in range(2, 9)} | {"1/a.yaml": BROKEN, "9/z.yaml": BROKEN}


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes every tree a large one. Grows with every process that is started."""
    started: list[int] = []
    start = sharing.start

    def counted(work: Callable[[], object], files: Files) -> object:
        started.append(os.getpid())
        return start(work, files)

    monkeypatch.setattr(sharing, "WORTHWHILE", 0)
    monkeypatch.setattr(sharing, "start", counted)
    return started


def test_a_small_tree_is_read_by_one_process(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "WORTHWHILE", 500_000)
    assert manifests.read(Tree(TREE), TREE).workloads
    assert not forks


def test_two_processes_say_what_one_says(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.of(TREE)
    shared = run(workspace, Settings())
    assert forks == [os.getpid()]
    monkeypatch.setattr(sharing, "WORTHWHILE", 10**9)
    alone = run(workspace, Settings())
    assert shared == alone
    rules = [finding.rule for finding in alone.findings]
    assert (rules.count("unparsable-file"), rules.count("missing-readiness-probe"), rules.count("plaintext-secret")) == (2, 7, 7)


@pytest.mark.usefixtures("forks")
def test_places_are_in_the_sources_that_were_read() -> None:
    tree = Tree(TREE)
    for workload in manifests.read(tree, TREE).workloads:
        assert workload.source is tree.read(workload.source.path)
        assert workload.span.source is workload.source
        assert workload.replicas.span is not None
        assert workload.replicas.span.text == str(workload.replicas.content) == workload.name.removeprefix("web-")


@pytest.mark.parametrize("how", ["raises", "dies", "can't be started"])
def test_what_the_other_process_fails_to_do_is_done_here(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def fork() -> int:
        raise BlockingIOError("no more processes")

    def dump(*_: object) -> None:
        if how == "dies":
            os.kill(os.getpid(), 9)
        raise ValueError("in the other process")

    expected = manifests.read(Tree(TREE), TREE)
    monkeypatch.setattr(sharing, "WORTHWHILE", 0)
    monkeypatch.setattr(*((os, "fork", fork) if how == "can't be started" else (sharing, "_dump", dump)))
    found = manifests.read(Tree(TREE), TREE)
    assert [workload.name for workload in found.workloads] == [workload.name for workload in expected.workloads]
    assert [problem.what for problem in found.problems] == [problem.what for problem in expected.problems]
    assert os.getpid() == here
