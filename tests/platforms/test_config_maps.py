"""Variables that containers take of ConfigMaps in the tree."""

from __future__ import annotations

from deploylint.platforms import manifests
from tests.support import Tree

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: registry.example.com/web
          env:
            - name: OWN
              value: own
            - name: LEVEL
              valueFrom: {configMapKeyRef: {name: web, key: LOG_LEVEL}}
          envFrom:
            - configMapRef: {name: web}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  PORT: '8000'\n  LOG_LEVEL: info\n  OWN: theirs\n"
SECRET = "            - secretRef: {name: web}\n"


def environment(files: dict[str, str]) -> tuple[dict[str, str | None], bool]:
    """The web container's variables with their values, and whether it may have more."""
    found = manifests.manifests_of(Tree(files), files)
    (workload,) = found.workloads
    (container,) = workload.containers
    return {name: value.content for name, value in container.environment.items()}, container.has_open_environment


def test_a_config_map_beside_the_workload() -> None:
    values, is_open = environment({"k8s/web.yaml": DEPLOYMENT, "k8s/config.yaml": CONFIG})
    assert values == {"PORT": "8000", "LOG_LEVEL": "info", "OWN": "own", "LEVEL": "info"}
    assert not is_open


def test_a_value_stands_where_the_config_map_says_it() -> None:
    found = manifests.manifests_of(tree := Tree({"web.yaml": DEPLOYMENT, "config.yaml": CONFIG}), tree.sources)
    span = found.workloads[0].containers[0].environment["PORT"].span
    assert span is not None
    assert span.where == "config.yaml:5:9"
    assert span.text == "'8000'"


def test_a_secret_beside_it_leaves_the_environment_open_and_may_win() -> None:
    values, is_open = environment({"web.yaml": DEPLOYMENT + SECRET, "config.yaml": CONFIG})
    assert values == {"PORT": None, "LOG_LEVEL": None, "OWN": "own", "LEVEL": "info"}
    assert is_open


def test_a_prefix() -> None:
    text = DEPLOYMENT.replace("- configMapRef:", "- prefix: WEB_\n              configMapRef:")
    values, is_open = environment({"web.yaml": text, "config.yaml": CONFIG})
    assert values["WEB_PORT"] == "8000"
    assert "PORT" not in values
    assert not is_open


def test_one_that_is_not_there_is_twice_or_elsewhere_is_unknown() -> None:
    for files in (
        {"web.yaml": DEPLOYMENT},
        {"web.yaml": DEPLOYMENT, "a.yaml": CONFIG, "b.yaml": CONFIG},
        {"web.yaml": DEPLOYMENT, "other/config.yaml": CONFIG},
        {"web.yaml": DEPLOYMENT, "config.yaml": CONFIG.replace("{name: web}", "{name: web, namespace: other}")},
        {"web.yaml": DEPLOYMENT, "config.yaml": CONFIG.replace("data:", "data: [")},
    ):
        values, is_open = environment(files)
        assert values == {"OWN": "own", "LEVEL": None}
        assert is_open


def test_one_that_an_overlay_changes_says_what_the_overlay_says() -> None:
    values, is_open = environment(
        {
            "base/web.yaml": DEPLOYMENT,
            "base/config.yaml": CONFIG,
            "base/kustomization.yaml": "resources: [web.yaml, config.yaml]\n",
            "prod/kustomization.yaml": "resources: [../base]\npatches:\n  - path: config.yaml\n",
            "prod/config.yaml": CONFIG.replace("8000", "9000"),
        }
    )
    assert values == {"PORT": "9000", "LOG_LEVEL": "info", "OWN": "own", "LEVEL": "info"}
    assert not is_open


def test_a_template_in_one_value_leaves_the_others_known() -> None:
    values, is_open = environment({"web.yaml": DEPLOYMENT, "config.yaml": CONFIG.replace("info", "'{{ .Level }}'")})
    assert values == {"PORT": "8000", "LOG_LEVEL": None, "OWN": "own", "LEVEL": None}
    assert not is_open
