"""What reads slots learns from logs which words say them, and what those words are resolved to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_dialogue_models import network

from probatum.cli import program
from probatum.dialogue.fit.slot_reader import fit
from probatum.dialogue.model.outcome import Outcome
from probatum.dialogue.model.outcome import fit as fit_outcome
from probatum.dialogue.semantics.dialogue_file import digest_of, model_bytes, read_model
from probatum.dialogue.semantics.dialogue_network import DialogueNetwork
from probatum.dialogue.semantics.dialogues import Said
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.slot_reader import MOST_WORDS, from_said
from probatum.errors import UnreadableArtefact

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
SONGS = ("velvet comet", "paper lanterns", "silver river", "broken orchard", "distant ballroom", "wooden mirrors")
NEW = ("crimson tide", "golden harbour", "midnight garden")
_PLACES = {name: 3**n for n, name in enumerate(SIGNALS)}


def outcome() -> Outcome:
    """A model by which what was praised went well, and what was blamed did not."""
    return fit_outcome([_PLACES["praised"], _PLACES["blamed"], 0], [100, 100, 100])


def said(turn: str, text: str, intent: str = "", slots: tuple[tuple[str, str], ...] = (), *signs: str) -> Said:
    return Said(turn, "ann", text, "", intent, slots, pattern=sum(_PLACES[sign] for sign in signs))


def sessions() -> list[list[Said]]:
    """Songs that are played, a device with a name of its own, and a song that is played when it is said again."""
    found = [[said(song, f"play {song} now", "Play", (("title", song),), "praised")] for song in SONGS]
    for n in range(6):
        found.append([said(f"l{n}", "the big light on", "On", (("name", "big_light"), ("room", "")), "praised")])
        failed = said(f"f{n}", "play velvet comic now", "", (), "blamed", "rephrased")
        again = said(f"a{n}", "play velvet comet now", "Play", (("title", "Velvet Comet"),), "praised")
        found.append([failed, again])
    return found


def test_words_around_values_tell_new_ones_and_known_ones_are_resolved() -> None:
    reader = fit(sessions(), outcome(), seed=0)

    assert reader is not None
    new, p_new = reader.read("play crimson tide now")
    known, p_known = reader.read("the big light on")
    heard, _ = reader.read("play velvet comic now")
    assert [(one.name, one.value, one.begin, one.end) for one in new] == [("title", "crimson tide", 1, 3)]
    assert [(one.name, one.value) for one in known] == [("name", "big_light")]
    assert [one.value for one in heard] == ["Velvet Comet"]
    # Words that nobody resolved may be the value themselves, or not.
    assert 0 < p_new < p_known < 1
    assert reader.read("")[0] == reader.read(" ".join(["play"] * (MOST_WORDS + 1)))[0] == ()


def test_logs_without_slots_or_with_few_leave_nothing_to_read_with() -> None:
    none = [[said(str(n), "what time is it", "Time", (), "praised")] for n in range(20)]
    bad = [[said(str(n), f"play {song} now", "Play", (("title", song),), "blamed")] for n, song in enumerate(SONGS)]
    unsaid = [[said(str(n), "lights off", "Off", (("room", "kitchen"),), "praised")] for n in range(20)]

    assert fit(none, outcome(), seed=0) is None
    assert fit(bad, outcome(), seed=0) is None
    assert fit(unsaid, outcome(), seed=0) is None
    assert fit(sessions()[:4], outcome(), seed=0) is None


def test_a_file_keeps_what_reads_slots_and_models_without_are_as_they_were(tmp_path) -> None:
    path, without = tmp_path / "model", network()
    model = replace(without, slots=fit(sessions(), outcome(), seed=0))

    path.write_bytes(model_bytes(model))

    again = read_model(path)
    assert again.slots is not None
    assert again.slots.read("play crimson tide now") == model.slots.read("play crimson tide now")
    assert digest_of(again) == digest_of(model) != digest_of(without)
    raw = path.read_bytes()
    for damaged in (
        raw.replace(b"Velvet Comet", b"Velvet Hornet"),
        raw.replace(b"slots.weight", b"slots.wright"),
        raw[:-1] + b"?",
    ):
        path.write_bytes(damaged)
        with pytest.raises(UnreadableArtefact, match="no dialogue model"):
            read_model(path)


@pytest.mark.parametrize("change", [
    lambda own: own.update(tags=["B-title", "O"]), lambda own: own.update(tags=own["tags"][:-1]),
    lambda own: own.update(verbatim={"title": 2}), lambda own: own["values"].update(title={"a": ["b", float("nan")]}),
])  # fmt: skip  # what no fit gives
def test_what_reads_no_slots_is_refused(change: Callable[[dict[str, object]], None]) -> None:
    reader = fit(sessions(), outcome(), seed=0)
    own = json.loads(reader.said())
    change(own)

    with pytest.raises(ValueError, match="its slots have"):
        from_said(json.dumps(own), reader.head.weights)


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def write_log(path: Path) -> None:
    """Write what 200 users said: a song that is played, and another one that nobody played and nobody asked for again."""
    with path.open("w") as file:
        for user in range(200):
            own = {"user": f"u{user}", "household": f"h{user}", "device": f"d{user}", "channel": "voice", "locale": "en"}
            song, other = SONGS[user % len(SONGS)], NEW[user % len(NEW)]
            meant = {"intent": "Play", "slots": [{"name": "title", "value": song}]}
            for step, (text, said, answer) in enumerate([
                (f"play {song} now", meant, f"Playing {song}"), (f"play {other} now", {}, "Sorry, I couldn't understand that"),
            ]):  # fmt: skip  # two turns
                at = {"asked_at": 1_767_225_600.0 + 4000 * user + 900 * step, "conversation": f"{user} {step}"}
                file.write(
                    json.dumps({"schema": "probatum-turn/1", **own, **at, **said, "text": text, "response": answer}) + "\n"
                )


def labelled(*options: str) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """Return what `label turns` says, and the head and the labels that it writes."""
    said = run("label", "turns", "conv", "--model", "model", "--to", "labels.jsonl", *options)
    head, *rows = [json.loads(line) for line in Path("labels.jsonl").read_text().splitlines()]
    return said, head, rows


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """An imported log, and a model of any weights that reads slots; what `label fit` makes is in `test_dialogue_models`."""
    monkeypatch.chdir(tmp_path)
    write_log(Path("log.jsonl"))
    run("import", "log.jsonl", "--to", "conv")
    Path("model").write_bytes(model_bytes(replace(any_model(), slots=fit(sessions(), outcome(), seed=0))))
    return [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]


def any_model() -> DialogueNetwork:
    return replace(network(LetterVectors().sentences(["a"]).shape[1]), vectors=LetterVectors.digest)


def audit(log: list[dict[str, Any]], slot: str) -> None:
    """Write down, of turns that were drawn, that what follows `play` was the value of a slot."""
    run("label", "ask", "conv", "--model", "model", "--budget", "250", "--alike", "--to", "asked.jsonl")
    asked = [json.loads(line) for line in Path("asked.jsonl").read_text().splitlines()]
    rows = [
        {**one, "intent": "Play", "slots": {slot: log[one["line"] - 1]["text"].removeprefix("play ").removesuffix(" now")}}
        for one in asked
    ]
    Path("audit.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_slots_that_checked_turns_show_to_be_right_are_released_and_written_as_training_data(log) -> None:
    audit(log, "title")

    said, head, rows = labelled("--audit", "audit.jsonl")
    data = run("label", "export", "labels.jsonl", "conv", "--users", "5", "--households", "5", "--to", "nlu.jsonl")

    own = head["tasks"]["slots"]
    assert f"slots: 1000 of 1,000 turns, from p = {own['threshold']:.3f}: right for at least 95% of users" in said
    assert own["users_checked"] >= 72
    released = [row for row in rows if row["task"] == "slots"]
    assert len(released) == own["released"] == own["labels"] > 150
    assert {row["value"] for row in released} == {"title"}
    assert {one["value"].casefold() for row in released for one in row["slots"]} == {*SONGS, *NEW}
    exported = [json.loads(line) for line in Path("nlu.jsonl").read_text().splitlines()]
    bare = {one["text"]: (one["slots"], one["tags"]) for one in exported if one["intent"] is None}
    assert {f"play {song} now" for song in NEW} <= set(bare)
    assert bare["play crimson tide now"] == ({"title": "crimson tide"}, ["O", "B-title", "I-title", "O"])
    assert f"{len(bare)} examples have slots and no intent" in data


def test_slots_that_nobody_checked_or_that_are_wrong_are_not_released(log) -> None:
    unchecked, _, rows = labelled("--all")
    audit(log, "artist")

    said, head, kept = labelled("--audit", "audit.jsonl")

    assert "slots: none released, as labels of 0 users were checked, and 72 are needed, even if all are right" in unchecked
    assert [row["released"] for row in rows if row["task"] == "slots"] == [False] * head["tasks"]["slots"]["labels"]
    assert "slots: none released, as of " in said
    assert "slots" not in {row["task"] for row in kept}


def test_a_model_that_reads_no_slots_says_nothing_of_them(log) -> None:
    Path("model").write_bytes(model_bytes(any_model()))
    audit(log, "title")

    said, head, rows = labelled("--audit", "audit.jsonl", "--all")

    assert "slots" not in said
    assert list(head["tasks"]) == ["outcome", "meaning", "begins", "failing"]
    assert "slots" not in {row["task"] for row in rows}
