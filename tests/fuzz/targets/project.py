"""Whole runs on mutated projects: read, linked, checked by every rule and written in every format, whatever the files hold.

A text is a project: `=== path` starts a file. Paths are mutated too.
"""

from __future__ import annotations

import json
import re
from posixpath import normpath
from xml.etree import ElementTree

from deploylint.cli.outputs import lines
from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import run
from deploylint.errors import UserError
from deploylint.output import FORMATS, outlet
from deploylint.output.layout import View
from tests.fuzz.checks import check_span
from tests.fuzz.corpus import PROJECTS

GLOBS = (PROJECTS,)
COVERS = ()
COST = 20
"""So many executions of another target take as long as one of this."""
TOKENS = (
    "=== Dockerfile\n", "=== deploy/web.yaml\n", "=== fly.toml\n", "=== compose.yml\n", "=== mix.exs\n", "=== app.service\n",
    "=== package.json\n", "=== kustomization.yaml\n", "=== Chart.yaml\n", "=== entrypoint.sh\n", "=== Procfile\n", "../", "/",
    "apiVersion: apps/v1\nkind: Deployment\n", "terminationGracePeriodSeconds: ", "kill_timeout = ", "stop_grace_period: ",
    "9" * 400, "-1", "1_", "1e999", "0x1F", "null", "[]", "{}", "~", "&a ", "*a", "<<: *a\n", "${X:-${X}}", "{{ .Values.x }}",
    "CMD ", "ENTRYPOINT ", '["sh", "-c", "exec ', '"]', "exec ", "gunicorn ", "--graceful-timeout=", "--bind ", "$PORT", "&& ",
    "FROM a AS b\n", "COPY --from=b / /\n", "livenessProbe:\n", "preStop:\n", "- ", ": ", "\n", "  ",
    "import ", "os.environ['A']", "# deploylint: ignore[port-mismatch] x\n", "\\ud83d", "::add-mask::x\n", "\x1b[31m",
)  # fmt: skip
VIEW = View(80, str, has_boxes=True, has_hidden=True)
_FILE = re.compile(r"^=== ([^\n]*)\n", re.MULTILINE)


def check(text: str) -> None:
    workspace = Workspace.of(files(text))
    try:
        report = run(workspace, Settings(), with_stops=True, with_pages=True)
    except UserError as error:
        assert str(error)
        return
    for finding in report.findings:
        for label in (finding.primary, *finding.related):
            check_span(label.span, label.span.source)
    for name in FORMATS:
        written = outlet.rendered(lines(name, report, VIEW), FORMATS[name].form)
        written.encode()
        if FORMATS[name].form == "json":
            json.loads(written)
        elif FORMATS[name].form == "xml":
            ElementTree.fromstring(written)


def files(text: str) -> dict[str, str]:
    """The files of a project that is one text; a path is one that a walk can give."""
    parts = _FILE.split(text)
    paths = (normpath("/" + path.replace("\0", "")).lstrip("/") for path in parts[1::2])
    return {path: body for path, body in zip(paths, parts[2::2], strict=True) if path}
