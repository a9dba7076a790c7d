"""Which probes ask the same, how long each waits, and what makes liveness wait longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine import running

if TYPE_CHECKING:
    from deploylint.finding import Finding

HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: example.com/web\n"


def found(container: str) -> Finding | None:
    """The finding about a pod whose only container has these lines."""
    text = HEAD + "".join(f"    {line}\n" for line in container.splitlines())
    findings = running.run(Workspace.of({"web.yaml": text}), Settings(select=("shared-probe",))).findings
    return findings[0] if findings else None


def severity(liveness: str, readiness: str, more: str = "") -> str | None:
    finding = found(f"{more}livenessProbe: {{{liveness}}}\nreadinessProbe: {{{readiness}}}")
    return finding and finding.severity


GET = "httpGet: {path: /up, port: 80}"


@pytest.mark.parametrize(
    ("liveness", "readiness"),
    [
        (GET, GET),
        ("httpGet: {port: 80}", "httpGet: {path: /, port: 80, scheme: HTTP}"),
        ("httpGet: {path: up, port: 80}", GET),
        (f"{GET}, periodSeconds: 5, failureThreshold: 6", GET),
        (f"{GET}, periodSeconds: 60, failureThreshold: 1", f"{GET}, failureThreshold: 6"),
        (f"{GET}, initialDelaySeconds: 300, timeoutSeconds: 9", GET),
        (
            "httpGet: {port: 80, httpHeaders: [{name: Host, value: a}, {name: X-A, value: b}]}",
            "httpGet: {port: 80, httpHeaders: [{name: x-a, value: b}, {name: host, value: a}]}",
        ),
        ("exec: {command: [bin/check]}", "exec: {command: [bin/check]}"),
        ("exec: {command: [pg_isready, -h, db]}", "exec: {command: [pg_isready, -h, db]}"),
        ("exec: {command: [sh, -c, 'redis-cli ping && bin/check']}",) * 2,
        ("grpc: {port: 80, service: shop}", "grpc: {port: 80, service: shop}"),
        ("httpGet: {path: '{{ path }}', port: 80}",) * 2,  # whatever the template puts in
    ],
)
def test_one_question_is_a_warning(liveness: str, readiness: str) -> None:
    assert severity(liveness, readiness) == "warning"


@pytest.mark.parametrize(
    "probe",
    [
        "tcpSocket: {port: 80}",
        "grpc: {port: 80}",
        "exec: {command: [/usr/bin/pg_isready, -U, postgres]}",
        "exec: {command: [sh, -c, exec pg_isready -h 127.0.0.1]}",
        "exec: {command: [bash, -ec, redis-cli ping]}",
    ],
)
def test_a_question_to_the_process_alone_is_a_note(probe: str) -> None:
    assert severity(probe, probe) == "note"


@pytest.mark.parametrize(
    ("liveness", "readiness"),
    [
        (f"{GET}, failureThreshold: 4", GET),
        (f"{GET}, periodSeconds: 11", GET),
        (GET, f"{GET}, periodSeconds: 5"),
        (GET, "httpGet: {path: /up/, port: 80}"),
        (GET, "httpGet: {path: /up, port: 81}"),
        (GET, "httpGet: {path: /up, port: 80, scheme: https}"),
        (GET, "httpGet: {path: /up, port: 80, host: example.com}"),
        (GET, "httpGet: {path: /up, port: 80, httpHeaders: [{name: a, value: b}]}"),
        (GET, "tcpSocket: {port: 80}"),
        ("exec: {command: [sh, -c, a b]}", "exec: {command: [sh, -c, a, b]}"),
        ("grpc: {port: 80, service: live}", "grpc: {port: 80, service: ready}"),
        ("httpGet: {path: '{{ path }}', port: 80}", "httpGet: {path: '{{ other }}', port: 80}"),
        (f"{GET}, periodSeconds: '{{{{ period }}}}'", GET),
        (GET, f"{GET}, failureThreshold: many"),
        ("httpGet: {path: /up}", "httpGet: {path: /up}"),
        ("exec: {}", "exec: {}"),
        (f"{GET}, failureThreshold: 0", GET),
    ],
)
def test_another_question_or_a_longer_wait_is_none(liveness: str, readiness: str) -> None:
    assert severity(liveness, readiness) is None


@pytest.mark.parametrize(
    ("port", "other", "expected"),
    [
        ("http", "8080", "warning"),
        ("http", "http", "warning"),
        ("http", "8081", None),
        ("http", "admin", None),
        ("x", "x", "warning"),
    ],
)
def test_a_named_port_is_its_number(port: str, other: str, expected: str | None) -> None:
    ports = "ports: [{name: http, containerPort: 8080}, {name: admin, containerPort: 8081}]\n"
    assert severity(f"httpGet: {{port: {port}}}", f"httpGet: {{port: {other}}}", ports) == expected


READY = "readinessProbe:\n  httpGet: {path: /up, port: 80}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "livenessProbe:\n  httpGet: {path: /up, port: 80}\n",
            "livenessProbe:\n  httpGet: {path: /up, port: 80}\n  failureThreshold: 6\n",
        ),
        (
            "livenessProbe:\n  httpGet: {path: /up, port: 80}\n  periodSeconds: 7\n  failureThreshold: 4 # so\n",
            "livenessProbe:\n  httpGet: {path: /up, port: 80}\n  periodSeconds: 7\n  failureThreshold: 9 # so\n",
        ),
        (f"livenessProbe: {{{GET}, failureThreshold: 1}}\n", f"livenessProbe: {{{GET}, failureThreshold: 6}}\n"),
    ],
)
def test_the_fix_makes_liveness_wait_twice_as_long(before: str, after: str) -> None:
    finding = found(before + READY)
    assert finding
    assert finding.fix
    (edit,) = finding.fix.edits
    text = edit.span.source.text
    assert text[: edit.span.start] + edit.replacement + text[edit.span.end :] == HEAD + "".join(
        f"    {line}\n" for line in (after + READY).splitlines()
    )


@pytest.mark.parametrize(
    "container",
    [
        "livenessProbe: &probe\n  httpGet: {path: /up, port: 80}\nreadinessProbe: *probe",
        f"livenessProbe: &probe\n  {GET}\n  failureThreshold: 2\nreadinessProbe:\n  <<: *probe\n  periodSeconds: 20",
        f"readinessProbe: &probe\n  {GET}\n  failureThreshold: 2\nlivenessProbe:\n  <<: *probe\n  timeoutSeconds: 5",
        f"livenessProbe: {{{GET}}}\nreadinessProbe: {{{GET}}}",
    ],
    ids=["an alias", "merged into readiness", "merged into liveness", "flow style"],
)
def test_no_fix_where_it_can_not_be_exact(container: str) -> None:
    finding = found(container)
    assert finding
    assert finding.fix is None
    assert "failureThreshold" in finding.help
