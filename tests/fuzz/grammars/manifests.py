"""Kubernetes manifests in the spellings that YAML has for them."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "stream": ("<document>", "<document>---\n<stream>", "# c\n<document>", "%YAML 1.2\n---\n<document>"),
    "document": (
        "apiVersion: apps/v1\nkind: <kind>\nmetadata: {name: <name>}\nspec:\n  template:\n    spec:\n<pod>",
        '{"apiVersion": "v1", "kind": "<kind>", "spec": <flow>}\n',
        '"kind": <kind>\napiVersion: v1\nspec: <flow>\n',
    ),
    "kind": ("Deployment", "Pod", '"\\x50od"', "!!str Job", "&k StatefulSet", "List", "<scalar>"),
    "pod": ("<grace>      containers:\n<containers>", "      containers: [<flow>]\n", "      <<: *k\n"),
    "grace": ("", "      terminationGracePeriodSeconds: <scalar>\n"),
    "containers": ("      - name: <name>\n<keys>", "      - name: <name>\n<keys><containers>", "      - <flow>\n"),
    "keys": ("", "<key><keys>"),
    "key": (
        "        image: <scalar>\n", "        command: <flow>\n", "        env:\n        - {name: A, value: <scalar>}\n",
        "        args:\n        - |\n          exec <name>\n", "        livenessProbe: {httpGet: {path: /, port: <scalar>}}\n",
        "        lifecycle: {preStop: {exec: {command: <flow>}}}\n", "        {{- if .Values.x }}\n", "        # c\n",
    ),
    "flow": ("[]", "{}", "[<scalar>, <flow>]", '{"a": <flow>, b: <scalar>}', "[sh, -c, <scalar>]"),
    "scalar": (
        "8080", "web", "'it''s'", '"a\\u00e9\\\n b"', "30", "~", "{{ .Values.x }}", "&a x", "*a", "1e3", "0x1F",
        "|\n          x\n",
    ),
    "name": ("web", "web-{{ .Release.Name }}", "é", "''"),
}  # fmt: skip
TARGETS = ("yaml", "comments", "suppression")
