"""`probatum dialogue teach`, `/v1/teach` and the rules of teaching, as somebody uses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from probatum.cli import program
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.teaching import Catalogue, TeachingRules, read_teaching
from probatum.dialogue.model.teaching.checking import Called, Listed, carry_out
from probatum.dialogue.model.teaching.preference import Grounded, Preference
from probatum.dialogue.model.teaching.proposals import Check
from probatum.dialogue.semantics.pipelines import Asked, Output, Run, Unanswered
from probatum.dialogue.service.serving.app import App
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.rewriter import Rewriter
from probatum.dialogue.service.serving.teacher import Teacher
from probatum.errors import UnreadableArtefact
from probatum.source import Source

pytest.importorskip("rapidfuzz")
KEY = bytes(range(32))
RULES = """\
schema: probatum-dialogue-teaching/1
never: {activity: [driving]}
catalogue: {names: [desk lamp, tv], rooms: [kitchen], requests: ["turn on {name}", play some jazz]}
"""


class Assistant:
    """An assistant that understands what it was made with, in one thread at a time."""

    stages = ("activation", "input", "understanding", "resolution", "result")
    digest = ""

    def __init__(self, *understood: str, broken: bool = False) -> None:
        self.understood, self.broken = understood, broken

    def run(self, asked: Asked) -> Run:
        if self.broken:
            raise Unanswered("it does not answer")
        if asked.text not in self.understood:
            return Run(outputs=(Output(stage="understanding", value="", ok=False),), done=False)
        outputs = (Output(stage="understanding", value="TurnOn"), Output(stage="resolution", value='{"name": "lamp"}'))
        return Run(outputs=outputs, done=True)

    def close(self) -> None: ...


def rules(text: str = RULES) -> TeachingRules:
    return read_teaching(Source("teaching.yaml", text.encode()).text())


def test_rules_say_when_never_and_against_what() -> None:
    own = rules()

    assert own.never == ("activity=driving",)
    listed = Listed(own.catalogue or Catalogue())
    assert listed.request("turn on the desk lamp", {}) == Grounded("catalogue", "turn on {name}", (("name", "desk lamp"),))
    assert listed.request("turn on the garage", {}) is None
    assert listed.name("the kitchen") == Grounded("catalogue", "", (("name", "kitchen"),))


@pytest.mark.parametrize(
    "text",
    [
        "failures: 1",
        "never: driving",
        "catalogue: {nmaes: [a]}",
        "pause_days: -1",
        "schema: other",
        "bound: {room: 1}",
        "windw: 3",
        "- 1",
    ],
)
def test_rules_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(UnreadableArtefact):
        rules(text)


def test_an_assistant_that_does_not_answer_understands_nothing() -> None:
    checks = [Check((("fly", "land"),)), Check((("turn on the lamp",),)), Check((), "lamp")]

    found = carry_out(checks, Called(Assistant("turn on the lamp")), {})
    assert [one is not None for one in found] == [False, True, False]
    assert found[1] is not None
    assert found[1].grounded == Grounded("pipeline", "TurnOn", (("name", "lamp"),))
    assert carry_out(checks, Called(Assistant("turn on the lamp", broken=True)), {}) == [None, None, None]


@pytest.fixture
def app(tmp_path: Path) -> Any:
    with closing(Personal(tmp_path / "people.db")) as people:
        teacher = Teacher(people, TeachingRules(), Called(Assistant("turn on the lamp", "play some jazz")))
        yield App(Rewriter(Policies(tmp_path), KEY, people, teacher))


def call(app: App, path: str, body: Any) -> tuple[int, Any]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "method": "POST", "path": path, "headers": [(b"host", b"localhost")]}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_lesson_over_http(app: App) -> None:
    """Twice it fails, the second time it is asked what it means; the answer is checked, confirmed, used, listed and forgotten."""
    told: dict[str, Any] = {}
    for at in (1.0, 9.0):
        turn = call(app, "/v1/rewrite", {"text": "start study mode", "user": "ann", "session": "s", "at": at})[1]["turn"]
        told = call(app, "/v1/feedback", {"turn": turn, "well": False, "session": "s", "at": at + 1})[1]
    assert told["teaching"]["say"] == 'That did not work. What shall I do when you say "start study mode"?'
    lesson = told["teaching"]["lesson"]

    status, put = call(
        app, "/v1/teach", {"user": "ann", "do": "answer", "text": "turn on the lamp please", "lesson": lesson, "at": 12.0}
    )
    assert (status, put["state"]) == (200, "confirming")
    assert (
        call(app, "/v1/teach", {"user": "ann", "do": "confirm", "yes": True, "lesson": "t99", "at": 13.0})[1]["state"]
        == "dropped"
    )
    stored = call(app, "/v1/teach", {"user": "ann", "do": "confirm", "yes": True, "lesson": lesson, "at": 13.0})[1]
    assert (stored["state"], stored["learnt"]["grounded"]["intent"]) == ("stored", "TurnOn")
    assert call(app, "/v1/rewrite", {"text": "study mode", "user": "ann", "at": 14.0})[1]["text"] == "turn on the lamp"
    [one] = call(app, "/v1/teach", {"user": "ann", "do": "list"})[1]["taught"]
    assert one["id"] == stored["learnt"]["id"]
    assert call(app, "/v1/teach", {"user": "ann", "do": "forget", "id": one["id"]})[1]["state"] == "forgotten"
    assert call(app, "/v1/rewrite", {"text": "study mode", "user": "ann", "at": 15.0})[1]["action"] == "keep"


def test_a_slot_that_nothing_was_found_for_is_asked_about_over_http(app: App) -> None:
    turn = call(app, "/v1/rewrite", {"text": "turn on the foo", "user": "ann", "at": 1.0})[1]["turn"]
    report = {"turn": turn, "well": None, "intent": "TurnOn", "slots": {"name": "the foo"}, "unknown": "the foo", "at": 2.0}

    assert call(app, "/v1/feedback", report)[1]["teaching"]["say"] == 'I do not know "the foo". What do you mean by it?'
    assert call(app, "/v1/teach", {"user": "ann", "do": "answer", "text": "the lamp", "at": 3.0})[1]["state"] == "confirming"


def test_what_is_typed_is_checked_where_it_can_be(app: App) -> None:
    assert call(app, "/v1/teach", {"user": "ann", "said": "sunshine", "meant": "turn on the lamp"}) == (200, {"learnt": True})
    for meant in ("fly to the moon", "unlock the door"):
        assert call(app, "/v1/teach", {"user": "ann", "said": "moon", "meant": meant})[0] == 400


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "start"},
        {"user": "ann", "do": "dance"},
        {"user": "ann", "do": "answer"},
        {"user": "ann", "do": "answer", "text": 1},
        {"user": "ann", "do": "confirm", "yes": "yes"},
        {"user": "ann", "do": "forget"},
        {"user": "ann", "do": "forget", "id": "a", "about": "b"},
        {"user": "ann", "do": "start", "context": {"a": 1}},
        {"user": "ann", "do": "start", "at": "now"},
        {"user": "ann", "do": ["start"]},
    ],
)
def test_what_is_not_understood_is_said(app: App, sent: dict[str, Any]) -> None:
    status, found = call(app, "/v1/teach", sent)

    assert status == 400
    assert "needed" in found["error"] or "is a" in found["error"]


def run(tmp_path: Path, *arguments: str, text: str = "") -> Result:
    (tmp_path / "key").write_text(KEY.hex())
    place = ["--service", str(tmp_path), "--key", str(tmp_path / "key"), "--user", "ann"]
    return CliRunner().invoke(
        program, ["dialogue", "teach", arguments[0], *([] if arguments[0] == "try" else place), *arguments[1:]], input=text
    )


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    with closing(Personal(tmp_path / "people.db")) as people:
        for at, means in enumerate(("turn on the tv", "play some jazz")):
            people.teach(
                pseudonym("ann", KEY, "user") or "",
                Preference(
                    kind="entity", phrase="movie time", means=means, created=float(at), grounded=Grounded("pipeline", "X")
                ),
            )
    return tmp_path


def test_what_was_taught_is_listed_with_what_gave_way(taught: Path) -> None:
    done = run(taught, "list")
    lines = done.output.splitlines()

    assert done.exit_code == 0
    assert "movie time -> play some jazz" in lines[0]
    assert f"turn on the tv  (taught again, gave way to {lines[0].split()[0]})" in lines[1]
    assert lines[2] == "1 hold, 1 did"
    assert json.loads(run(taught, "show", lines[0].split()[0]).output)["means"] == "play some jazz"
    assert [json.loads(line)["phrase"] for line in run(taught, "export").output.splitlines()] == ["movie time"]
    assert run(taught, "show", "nothing").exit_code == 2


@pytest.mark.parametrize("how", [["--about", "jazz"], ["--all"], []])
def test_what_was_taught_is_forgotten(taught: Path, how: list[str]) -> None:
    own = how or [run(taught, "list").output.split()[0]]

    assert run(taught, "forget", *own).output == "1 forgotten\n"
    assert "play some jazz" not in run(taught, "list", "--json").output
    assert run(taught, "forget").exit_code == 2


def test_where_nothing_was_taught_it_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "list")

    assert isinstance(done.exception, UnreadableArtefact)


def test_a_lesson_can_be_tried(tmp_path: Path) -> None:
    (tmp_path / "teaching.yaml").write_text(RULES)
    script = "study mode\nstart study mode\nturn on the tv no wait the desk lamp\nyes\nstudy mode\n"

    done = run(tmp_path, "try", "--teaching", str(tmp_path / "teaching.yaml"), text=script)
    assert done.output.splitlines()[-3:] == [
        "user       study mode",
        "taken for  turn on the desk lamp",
        "acted on   turn on the desk lamp",
    ]
    assert run(tmp_path, "try").exit_code == 2
