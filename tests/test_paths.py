"""Paths of the tree, from '', and of an image, from '/'."""

from __future__ import annotations

import pytest

from deploylint.paths import below, inside, matches, within


@pytest.mark.parametrize(
    ("path", "folder", "rest"),
    [
        ("a/b", "a", "b"),
        ("a", "a", ""),
        ("ab", "a", None),
        ("a", "a/b", None),
        ("a/b", "", "a/b"),
        ("", "", ""),
        ("/app/x/y", "/app", "x/y"),
        ("/app", "/", "app"),
        ("/", "/", ""),
        ("/application", "/app", None),
    ],
)
def test_what_follows_a_folder(path: str, folder: str, rest: str | None) -> None:
    assert below(path, folder) == rest
    assert within(path, folder) is (rest is not None)


@pytest.mark.parametrize(
    ("folder", "path", "found"),
    [
        ("deploy", "web.yaml", "deploy/web.yaml"),
        ("deploy", "../base", "base"),
        ("deploy", "..", ""),
        ("deploy", "../..", None),
        ("deploy", "../../x", None),
        ("", "..x", "..x"),
        ("deploy", "/etc/passwd", None),
    ],
)
def test_what_leads_out_of_the_tree(folder: str, path: str, found: str | None) -> None:
    assert inside(folder, path) == found


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [("a.py", "*.py", True), ("a.py", "a.py", True), ("a.pyc", "*.py", False), ("*", "x", False), ("b", "[ab]", True)],
)
def test_one_segment_of_a_pattern(name: str, pattern: str, expected: bool) -> None:
    assert matches(name, pattern) is expected
