"""Pipelines that are called: sentences, programs in a sandbox, and real servers on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.policy import Assistant
from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.pipelines import Asked, Output, Unanswered
from probatum.dialogue.semantics.pipelines.addressed import Addressed, Rasa
from probatum.dialogue.semantics.pipelines.answers import answer
from probatum.dialogue.semantics.pipelines.command import Command
from probatum.dialogue.semantics.pipelines.grammar import Grammar
from probatum.dialogue.semantics.pipelines.opening import calling
from probatum.dialogue.semantics.replayed import Case, replay
from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.source import Location

INNER = ("understanding", "resolution")
SENTENCES = {
    "language": "en",
    "intents": {
        "Open": {"data": [{"sentences": ["open [the] {name}"]}]},
        "Dim": {"data": [{"sentences": ["(dim|lower) [the] {name} to {level}"]}]},
    },
    "lists": {"level": {"range": {"from": 0, "to": 100}}},
}
THINGS = {"name": [{"in": "garage door", "out": "cover.garage"}, {"in": "lamp", "out": "light.lamp"}]}


@contextmanager
def serving(reply: Callable[[str, dict[str, Any]], tuple[int, bytes]]) -> Iterator[str]:
    """Serve on this machine for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, raw = reply(self.path, said)
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library has it
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def grammar() -> Grammar:
    pytest.importorskip("hassil")
    return Grammar([SENTENCES], [THINGS], language="")


def test_sentences_give_the_intent_and_what_names_stand_for() -> None:
    run = grammar().run(Asked(text="dim the lamp to 40"))

    assert run.done
    assert run.of("understanding") == Output(stage="understanding", value="Dim", mentions=("lamp",))
    resolved = run.of("resolution")
    assert resolved is not None
    assert json.loads(resolved.value) == {"level": 40, "name": "light.lamp"}


def test_a_name_that_no_list_has_is_understood_and_not_resolved() -> None:
    run = grammar().run(Asked(text="open the garbage door"))

    assert not run.done
    assert run.of("understanding") == Output(stage="understanding", value="Open", mentions=("garbage door",))
    assert run.outputs[1].ok is False


def test_the_garage_door_of_the_article() -> None:
    """A word that was left out is recovered; a word that was misheard is not."""
    pipeline = grammar()

    assert replay(Case(heard="open garage door", right="open the garage door"), pipeline, STAGES).stage == "correct"
    found = replay(Case(heard="open the garbage door", right="open the garage door"), pipeline, STAGES)
    assert (found.stage, found.least) == ("recognition", "recognition")


def test_a_name_of_ones_own_fails_at_resolution() -> None:
    found = replay(Case(heard="open the monster", right="open the garage door"), grammar(), STAGES)

    assert (found.stage, found.least) == ("resolution", "resolution")


def test_two_faults_that_are_independent_are_told_apart() -> None:
    """It was misheard, and its words are not understood when they are heard right."""
    case = Case(heard="swing the garbage door", right="open the garage door", said="swing the garage door")
    found = replay(case, grammar(), STAGES)

    assert (found.stage, found.least) == ("recognition", "understanding")
    assert found.independent


@pytest.mark.slow  # reads all sentences of a language
def test_the_sentences_of_home_assistant() -> None:
    pytest.importorskip("home_assistant_intents")
    assistant = Assistant(kind="hassil", options={}, location=Location("policy"))
    with calling(assistant, Path(), names={"name": ["garage door"], "area": ["kitchen"]}) as pipeline:
        found = replay(Case(heard="open the garbage door", right="open the garage door"), pipeline, STAGES)

    assert (found.stage, found.least) == ("recognition", "recognition")


def test_files_of_sentences_are_read_and_bad_ones_named(tmp_path: Path) -> None:
    pytest.importorskip("hassil")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "doors.yaml").write_text(
        'language: en\nintents:\n  Open:\n    data:\n      - sentences: ["open [the] {name}"]\n'
    )
    (tmp_path / "names.yaml").write_text("lists:\n  name:\n    values:\n      - garage door\n")
    options = {"sentences": ("own",), "lists": ("names.yaml",)}
    with calling(Assistant(kind="hassil", options=options, location=Location("p")), tmp_path) as pipeline:
        assert pipeline.run(Asked(text="open garage door")).done
    (tmp_path / "own" / "doors.yaml").write_text('intents:\n  Open:\n    data:\n      - sentences: ["open [the {name}"]\n')
    bad = Assistant(kind="hassil", options=options, location=Location("p"))
    with pytest.raises(UnreadableArtefact, match="sentences cannot be read"), calling(bad, tmp_path):
        pass


def test_rasa_is_asked_as_its_interface_is_documented() -> None:
    def parse(path: str, said: dict[str, Any]) -> tuple[int, bytes]:
        assert path == "/model/parse"
        text = said["text"]
        if "garage" not in text:
            return 200, json.dumps({"text": text, "intent": {"name": "nlu_fallback", "confidence": 0.7}, "entities": []}).encode()
        start = text.index("garage")
        entity = {"entity": "door", "value": "garage_door", "start": start, "end": start + 6, "extractor": "DIETClassifier"}
        found = {"text": text, "intent": {"name": "open", "confidence": 0.91}, "entities": [entity], "intent_ranking": []}
        return 200, json.dumps(found).encode()

    with serving(parse) as url:
        pipeline = Rasa(url, timeout_s=5)
        run = pipeline.run(Asked(text="open the garage"))
        found = replay(Case(heard="open the garbage", right="open the garage"), pipeline, STAGES)

    assert run.of("understanding") == Output(stage="understanding", value="open", mentions=("garage",), confidence=0.91)
    assert run.outputs[1].value == '[["door", "garage_door"]]'
    assert (found.stage, found.least) == ("recognition", "recognition")


def test_an_address_gets_what_is_put_in_and_is_never_followed_elsewhere() -> None:
    asked: list[dict[str, Any]] = []

    def reply(path: str, said: dict[str, Any]) -> tuple[int, bytes]:
        asked.append(said)
        if said["text"] == "go":
            return 302, b""
        return 200, json.dumps({"stages": [{"name": "understanding", "output": {"b": 1, "a": 2}}], "done": False}).encode()

    with serving(reply) as url:
        pipeline = Addressed(f"{url}/run", INNER, timeout_s=5)
        run = pipeline.run(Asked(text="x", context={"room": "hall"}, given={"understanding": "y"}))
        with pytest.raises(Unanswered, match="status 302"):
            pipeline.run(Asked(text="go"))

    assert asked[0] == {"text": "x", "context": {"room": "hall"}, "given": {"understanding": "y"}}
    assert run.of("understanding") == Output(stage="understanding", value='{"a":2,"b":1}')


def test_an_address_that_is_late_or_not_there_is_no_label() -> None:
    def late(path: str, said: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(0.2)
        return 200, b"{}"

    with serving(late) as url:
        found = replay(Case(heard="a", right="b"), Addressed(url, INNER, timeout_s=0.02), STAGES)
        gone = url
    assert (found.stage, found.least) == ("unknown", "unknown")
    assert "within 0.02 s" in found.why
    assert replay(Case(heard="a", right="b"), Addressed(gone, INNER, timeout_s=1), STAGES).stage == "unknown"


@pytest.mark.parametrize("url", ["ftp://a", "http://", "http://u:p@a", "http://a:99999", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UnreadableArtefact, match="no address"):
        Addressed(url, INNER, timeout_s=1)


PROGRAM = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked["text"] == "hang":
        while True: pass
    if asked["text"] == "read":
        open("/etc/passwd").read()
    intent = asked.get("given", {}).get("understanding", asked["text"].split()[0])
    answer = {"stages": [{"name": "understanding", "output": intent}, {"name": "resolution", "output": intent + "!"}]}
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.slow  # starts processes
def test_a_program_runs_in_the_sandbox_and_is_ended_when_it_hangs(tmp_path: Path) -> None:
    program = tmp_path / "pipeline.py"
    program.write_text(PROGRAM)
    pipeline = Command(["python3", str(program)], INNER, timeout_s=2, unsandboxed=False)
    try:
        assert pipeline.run(Asked(text="open door")).outputs[1].value == "open!"
        assert pipeline.run(Asked(text="a", given={"understanding": "b"})).outputs[1].value == "b!"
        with pytest.raises(Unanswered, match="within 2 s"):
            pipeline.run(Asked(text="hang"))
        with pytest.raises(Unanswered, match="ended"):
            pipeline.run(Asked(text="read"))
        assert pipeline.run(Asked(text="open door")).done
    except ProbatumError as problem:
        pytest.skip(f"nothing can be confined here: {problem.message}")
    finally:
        pipeline.close()


def test_only_python_programs_are_run(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArtefact, match="no Python program"):
        Command(["/bin/sh", "-c", "true"], INNER, timeout_s=1)
    with pytest.raises(UnreadableArtefact, match="no Python program"):
        Command([str(tmp_path / "absent.py")], INNER, timeout_s=1)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["stages", "name", "output", "ok", "done", "mentions"]), inner)
    ),
    max_leaves=12,
)


@pytest.mark.slow  # a hundred answers of any shape
@given(values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_any_answer_is_read_or_refused(raw: bytes) -> None:
    try:
        run = answer(raw, INNER)
    except Unanswered:
        return
    assert [one.stage for one in run.outputs] in ([], ["understanding"], ["resolution"], list(INNER))
