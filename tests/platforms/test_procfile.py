"""Procfiles: which process types there are, and what each runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploylint.platforms import procfile
from deploylint.text import Source
from tests.support import Tree


def lines(text: str, path: str = "Procfile") -> dict[str, str]:
    """Process type → the line its shell runs."""
    found = ((workload.name, workload.containers[0].args) for workload in procfile.workloads_of(Source(path, text)))
    return {name: arguments[2].text for name, arguments in found if arguments}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web: gunicorn shop.wsgi\n", {"web": "gunicorn shop.wsgi"}),
        ("web: a\nworker: b\nclock-1: c\n", {"web": "a", "worker": "b", "clock-1": "c"}),
        ("web: no newline at the end", {"web": "no newline at the end"}),
        ("web:a\n", {"web": "a"}),
        ("web: a:b --bind 0.0.0.0:$PORT\n", {"web": "a:b --bind 0.0.0.0:$PORT"}),
        ("web: trailing blanks  \t\n", {"web": "trailing blanks"}),
        ("web: a\r\nworker: b\r\n", {"web": "a", "worker": "b"}),
        ("\ufeffweb: a\n", {"web": "a"}),
        ("  web: a\n", {"web": "a"}),
        ("# web: a\n#worker: b\n\n\n", {}),
        ("web a\nweb:\nweb:   \n: a\nno one: a\n", {}),
        ("web: first\nweb: second\n", {"web": "second"}),
        ("release: migrate\n", {}),
        ("web: a\nrelease: migrate\n", {"web": "a"}),
        ("", {}),
    ],
)
def test_process_types(text: str, expected: dict[str, str]) -> None:
    assert lines(text) == expected


def test_each_type_knows_the_release_step_and_where_it_stands() -> None:
    web, worker = procfile.workloads_of(
        Source("shop/Procfile", "web: gunicorn a\nrelease: ./manage.py migrate\nworker: celery\n")
    )
    for workload in (web, worker):
        assert workload.release_command is not None
        assert [argument.text for argument in workload.release_command] == ["/bin/sh", "-c", "./manage.py migrate"]
        assert workload.release_command[2].fragment.whole.where == "shop/Procfile:2:10"
        assert workload.scope == "shop"


def test_the_line_is_what_was_written_and_the_shell_what_nobody_wrote() -> None:
    (web,) = procfile.workloads_of(Source("Procfile", "web: gunicorn shop.wsgi  \r\n"))
    shell, option, line = web.containers[0].args or ()
    assert (web.span.text, line.fragment.whole.text) == ("web", "gunicorn shop.wsgi")
    assert [shell.is_implicit, option.is_implicit, line.is_implicit] == [True, True, False]
    assert shell.fragment.whole.text == "web"


def test_what_the_file_does_not_say_is_unknown() -> None:
    (web,) = procfile.workloads_of(Source("Procfile", "web: a\n"))
    assert web.stop_timeout.is_unknown
    assert web.stop_signal.is_unknown
    assert web.replicas.is_unknown
    assert web.containers[0].has_open_environment
    assert not web.containers[0].traffic
    assert web.release_command is None


@pytest.mark.parametrize(
    ("heroku", "seconds"),
    [
        ("build: {languages: [ruby]}\n", 30),
        ("build:\n  docker:\n    web: Dockerfile.web\n", None),
        ("build: {docker: {web: Dockerfile}}\nrun: {web: puma}\n", None),
    ],
)
def test_heroku_runs_no_procfile_of_an_app_that_it_builds_with_docker(heroku: str, seconds: float | None) -> None:
    tree = Tree({"Procfile": "web: puma\n", "heroku.yml": heroku, "app.json": '{"addons": []}'})
    (web,) = procfile.workloads_of(Source("Procfile", "web: puma\n"), tree)
    assert web.stop_timeout.content == seconds


@pytest.mark.parametrize(("path", "expected"), [("Procfile", True), ("Procfile.dev", False), ("Procfile.test", False)])
def test_only_the_file_that_deploys_is_production(path: str, expected: bool) -> None:
    assert [each.is_production for each in procfile.workloads_of(Source(path, "web: a\n"))] == [expected]


@given(st.text(alphabet=st.sampled_from("web:\r\n #\ufeff\t-_é\x00release")))
def test_any_text_reads_and_every_span_is_what_it_says(text: str) -> None:
    for workload in procfile.workloads_of(Source("Procfile", text)):
        assert workload.span.text == workload.name
        line = (workload.containers[0].args or ())[2]
        assert line.fragment.whole.text == line.text == line.text.strip()
