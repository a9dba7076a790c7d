"""Known findings, so that a project can adopt deploylint before it has mended everything: `--baseline`, `--write-baseline`.

    {
      "version": 1,
      "findings": [
        {"rule": "grace-shorter-than-drain", "path": "k8s/web.yaml", "subject": "k8s/web.yaml:Deployment/web"}
      ]
    }

One finding a line, sorted: a change of the file reads as what was mended. A finding is known by its identity, which is what its
fingerprint hashes; lines may move. An identity that is listed twice is known twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploylint.discovery.files import read_regular
from deploylint.errors import UserError
from deploylint.finding import Hidden, Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deploylint.finding import Report

VERSION = 1
MAX_SIZE = 64 * 1024**2
"""Bytes: half a million findings."""
_STREAMS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


class BaselineError(UserError):
    """A file that is no baseline: one sentence."""


def read(path: str) -> tuple[Known, ...]:
    """The findings that a file lists, or `BaselineError`."""
    import json

    again = f"write it again with --write-baseline {path}"
    try:
        document = json.loads(_content(path).decode("utf-8-sig"))
    except FileNotFoundError:
        raise BaselineError(f"{path}: no such baseline; write one with --write-baseline {path}") from None
    except OSError as error:
        raise BaselineError(f"{path}: can't be read ({error.strerror}); check the path and its permissions") from None
    except (ValueError, RecursionError) as error:
        why = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        raise BaselineError(f"{path}: not a baseline: {why}; {again}") from None
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is not int:
        raise BaselineError(f"{path}: not a baseline: it has no `version`; {again}")
    if version != VERSION:
        raise BaselineError(f"{path}: a baseline of version {version}, and this deploylint reads version {VERSION}; {again}")
    entries = document.get("findings")
    if not isinstance(entries, list):
        raise BaselineError(f"{path}: not a baseline: `findings` is no list; {again}")
    return tuple(_known(path, number, entry) for number, entry in enumerate(entries, 1))


def _content(path: str) -> bytes:
    if path.startswith(_STREAMS):  # as a shell's <(command)
        with open(path, "rb") as stream:  # noqa: PTH123 — pathlib would double the start-up time
            data = stream.read(MAX_SIZE + 1)
    else:
        data = read_regular(path, MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise BaselineError(f"{path}: larger than {MAX_SIZE // 1024**2} MB; a baseline is not")
    return data


def _known(path: str, number: int, entry: Any) -> Known:
    match entry:
        case {"rule": str() as rule, "path": str() as place, "subject": str() as subject}:
            return Known(rule, place, subject)
    raise BaselineError(f"{path}: finding {number} must have `rule`, `path` and `subject`, each a string; correct it")


def text(findings: Iterable[Known]) -> str:
    """What a file with these findings holds."""
    import json

    rows = ",\n".join(f"    {json.dumps(known._asdict(), ensure_ascii=False)}" for known in sorted(findings, key=_order))
    listed = f"[\n{rows}\n  ]" if rows else "[]"
    document = f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'
    # A path that is no text holds surrogates, which UTF-8 has not: their Python escape is JSON's as well.
    return document.encode("utf-8", "backslashreplace").decode()


def _order(known: Known) -> tuple[str, str, str]:
    return known.path, known.rule, known.subject


def write(path: str, findings: Iterable[Known], trees: tuple[str, ...] = ()) -> None:
    """Make a file list these findings, whole or not at all; `UserError` if it can't be written. `trees`: what is scanned."""
    from deploylint.engine.writing import write as write_file

    write_file(path, text(findings), trees)


def apply(report: Report, baseline: Iterable[Known], is_judged: Callable[[Known], bool]) -> Report:
    """The report without what is known, and with what of the baseline was not found again.

    `is_judged`: whether the run would have found it, were it still there.
    """
    listed: dict[tuple[str, str], list[Known]] = {}
    for known in baseline:
        listed.setdefault(known.identity, []).append(known)
    shown, hidden = [], list(report.hidden)
    for finding in report.findings:
        if listed.get(finding.identity):
            listed[finding.identity].pop()
            hidden.append(Hidden(finding, "baseline"))
        else:
            shown.append(finding)
    fixed = sorted((known for rest in listed.values() for known in rest if is_judged(known)), key=_order)
    return report._replace(findings=tuple(shown), hidden=tuple(hidden), fixed=tuple(fixed))


def use(report: Report, known_in: str, write_to: str, is_judged: Callable[[Known], bool], trees: tuple[str, ...] = ()) -> Report:
    """What `--baseline` and `--write-baseline` make of a report; '' for a file not given.

    Alone, the second takes in all that was found. With the first it takes out what is fixed and takes nothing in.
    """
    if known_in:
        baseline = list(read(known_in))
        report = apply(report, baseline, is_judged)
        for known in report.fixed:
            baseline.remove(known)
    else:
        baseline = [Known(finding.rule, finding.primary.span.path, finding.subject) for finding in report.findings]
        report = apply(report, baseline, is_judged)
    if write_to:
        write(write_to, baseline, trees)
        report = report._replace(fixed=())
    return report
