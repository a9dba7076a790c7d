"""What Azure Container Apps run, and how they are stopped."""

from __future__ import annotations

import pytest

from deploylint.platforms import azure
from deploylint.text import Source

YAML = """\
name: shop
type: Microsoft.App/containerApps
properties:
  template:
{grace}    containers:
      - name: web
        image: shop.azurecr.io/web:1
        command: ["/bin/app"]
        args: [serve]
        env:
          - {{name: A, value: "1"}}
          - {{name: B, secretRef: b}}
"""


@pytest.mark.parametrize(
    ("grace", "state", "seconds", "written"),
    [
        ("", "default", 30, "template"),
        ("    terminationGracePeriodSeconds: 90\n", "known", 90, "90"),
        ("    terminationGracePeriodSeconds: ${GRACE}\n", "unknown", None, "${GRACE}"),
    ],
)
def test_stop_timeout(grace: str, state: str, seconds: float | None, written: str) -> None:
    (found,) = azure.workloads_of(Source("app.yaml", YAML.format(grace=grace)))
    assert (found.stop_timeout.state, found.stop_timeout.content) == (state, seconds)
    assert found.stop_timeout.span and found.stop_timeout.span.text == written
    edit = found.stop_timeout_place.insert("terminationGracePeriodSeconds: 45")
    assert edit and edit.replacement.startswith("    t")


def test_a_container() -> None:
    (found,) = azure.workloads_of(Source("app.yaml", YAML.format(grace="")))
    own = found.containers[0]
    assert (found.identity, own.image.content) == ("container app/shop", "shop.azurecr.io/web:1")
    assert own.command and own.args and [each.text for each in (*own.command, *own.args)] == ["/bin/app", "serve"]
    assert {name: value.content for name, value in own.environment.items()} == {"A": "1", "B": None}


def test_an_arm_template() -> None:
    text = (
        '{"resources": [{"type": "Microsoft.Storage/storageAccounts", "properties": {}},'
        ' {"type": "Microsoft.App/containerApps", "name": "[parameters(\'name\')]", "properties": {"template":'
        ' {"terminationGracePeriodSeconds": "[parameters(\'grace\')]",'
        ' "containers": [{"name": "web", "image": "[variables(\'i\')]"}]}}}]}'
    )
    (found,) = azure.workloads_of(Source("main.json", text))
    assert (found.name, found.stop_timeout.state, found.containers[0].image.state) == ("main", "unknown", "unknown")


@pytest.mark.parametrize(
    "text",
    [
        "type: Microsoft.App/jobs\nproperties: {template: {containers: [{name: a, image: b}]}}\n",
        "properties: {template: {containers: [{name: a, image: b}]}}\n",
        "properties: {managedEnvironmentId: x}\n",
        "- managedEnvironmentId\n",
    ],
)
def test_what_is_no_container_app(text: str) -> None:
    assert azure.workloads_of(Source("app.yaml", text)) == ()


def test_an_app_without_its_type() -> None:
    (found,) = azure.workloads_of(
        Source("app.yaml", "properties:\n  managedEnvironmentId: x\n  template:\n    containers: [{name: a, image: b}]\n")
    )
    assert found.stop_timeout.content == 30
