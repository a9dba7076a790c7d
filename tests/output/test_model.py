"""`--show-model`: everything a rule sees, each thing once, and no secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploylint.discovery.settings import Settings
from deploylint.discovery.workspace import Workspace
from deploylint.engine.running import linked
from deploylint.model.deployment import Deployment, Evidence, Unit
from deploylint.model.image import Image, ImageBuild, ImageConfig, ImageContents, Stage
from deploylint.model.place import Place
from deploylint.model.value import known
from deploylint.output.model import HIDDEN, document
from deploylint.text import Fragment, Source
from tests.test_projects import FIXTURES, PROJECTS

SOURCE = Source("Dockerfile", "FROM alpine\nENV API_TOKEN=hunter2 PORT=80\n")
IMAGE = Image(
    source=SOURCE,
    stages=(Stage(0, "", SOURCE.span(0, 11), None, None),),
    shipped=(0,),
    is_production=True,
    is_service=False,
    place=Place(SOURCE.span(0, 11)),
    config=ImageConfig({"API_TOKEN": known("hunter2", SOURCE.span(16, 25)), "PORT": known("80", SOURCE.span(34, 38))}),
    build=ImageBuild(),
    contents=ImageContents({"/motd": Fragment.verbatim(SOURCE, 5, 11)}),
)
UNIT = Unit(None, None, IMAGE, None, (Evidence("the only Dockerfile", SOURCE.whole),), environment=IMAGE.config.environment)


def model() -> dict[str, Any]:
    written = document(Deployment((UNIT,), (IMAGE,), (), ()), lambda name, content: "TOKEN" in name and content == "hunter2")
    return json.loads(json.dumps(written))  # type: ignore[no-any-return]


def test_what_the_deployment_lists_stands_once() -> None:
    assert model()["images"][0]["source"] == "Dockerfile"
    assert model()["units"][0]["image"] == {"$ref": "#/images/0"}


def test_places_and_texts_are_there() -> None:
    (evidence,) = model()["units"][0]["evidence"]
    assert evidence == {
        "why": "the only Dockerfile",
        "span": {"path": "Dockerfile", "line": 1, "column": 1, "end_line": 3, "end_column": 1},
    }
    assert model()["images"][0]["contents"]["inline_files"]["/motd"]["text"] == "alpine"


def test_secrets_are_not_shown() -> None:
    environment = model()["units"][0]["environment"]
    assert environment["API_TOKEN"]["content"] == HIDDEN
    assert environment["PORT"]["content"] == "80"
    assert "hunter2" not in json.dumps(model())


def test_secrets_in_pairs_are_not_shown_either() -> None:
    pairs = Deployment((), (), (), (), problems=(("API_TOKEN", known("hunter2", SOURCE.whole)),))  # type: ignore[arg-type]
    assert "hunter2" not in json.dumps(document(pairs, lambda name, _: "TOKEN" in name))


@pytest.mark.parametrize("project", PROJECTS)
def test_every_fixture_is_shown_as_data_the_same_way_twice(project: str) -> None:
    shown = [
        json.dumps(document(linked(Workspace.open(str(FIXTURES / project)), Settings()), lambda _name, _content: False))
        for _ in range(2)
    ]
    assert shown[0] == shown[1]
    assert " object at 0x" not in shown[0]


def test_what_only_answers_for_an_environment_is_left_out() -> None:
    written = document(linked(Workspace.open(str(FIXTURES / "phoenix-on-fly")), Settings()), lambda _name, _content: False)
    (app,) = written["apps"]
    assert "boot" not in app["elixir"]
    assert written["units"][0]["drain"]["server"] == "Phoenix"
