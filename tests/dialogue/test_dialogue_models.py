"""Dialogue models: what runs is what was fitted, files are checked, and logs become labels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from probatum.cli import program
from probatum.dialogue.fit import dialogue_logistic
from probatum.dialogue.fit.dialogue_examples import Example, unknown
from probatum.dialogue.semantics.dialogue_file import digest_of, model_bytes, read_model
from probatum.dialogue.semantics.dialogue_inputs import Inputs, near
from probatum.dialogue.semantics.dialogue_network import DialogueNetwork
from probatum.dialogue.semantics.dialogues import FEATURES, MOST_TURNS, stretches
from probatum.errors import ProbatumError, UnreadableArtefact

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
WIDTH = 12


def sessions(seed: int, many: int, longest: int = 6) -> list[Example]:
    """Sessions in which a goal begins where the first number of the words is above that of the turn before."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(many):
        n = int(rng.integers(1, longest + 1))
        texts, answers = (rng.normal(size=(n, WIDTH)).astype(np.float32) / WIDTH**0.5 for _ in range(2))
        known = (rng.random((n, len(FEATURES))) < 0.5).astype(np.float32)
        one = unknown(Inputs(texts, answers, (rng.normal(size=known.shape) * known).astype(np.float32), known), f"u{number % 50}")
        begins = np.append([np.nan], texts[1:, 0] > 0).astype(np.float32)
        found.append(
            Example(one.session, one.group, one.outcome, begins, one.success, one.failing, (texts[:, 1] > 0).astype(np.int64))
        )
    return found


@pytest.mark.parametrize("turns", [0, 1, MOST_TURNS, MOST_TURNS + 1, 3 * MOST_TURNS + 5])
def test_every_turn_of_a_session_is_said_something_about_once(turns) -> None:
    parts = stretches(turns)

    assert [at for _, _, first, last in parts for at in range(first, last)] == list(range(turns))
    assert all(begin <= first and last <= end <= turns and end - begin <= MOST_TURNS for begin, end, first, last in parts)


def test_neighbours_that_are_not_there_are_near_to_nothing() -> None:
    texts = np.eye(3, dtype=np.float32)[[0, 0, 1]]

    found = near(texts, texts)

    assert found[:, 0].tolist() == [0, 1, 0]  # to the words before
    assert found[:, 3].tolist() == [1, 0, 0]  # to the words after


def test_regressions_learn_what_there_is_to_learn_and_say_it_again_from_a_file(tmp_path) -> None:
    model = dialogue_logistic.fit(sessions(1, 400), intents=("off", "on"), vectors="none", seed=0)
    new = sessions(2, 100)

    found = model.judge([one.session for one in new])

    right = [
        ((f.begins[1:] > 0.5) == (one.begins[1:] > 0.5)).mean() for f, one in zip(found, new, strict=True) if len(f.begins) > 1
    ]
    assert np.mean(right) > 0.75
    intents = [(f.intent.argmax(axis=1) == one.intent).mean() for f, one in zip(found, new, strict=True)]
    assert np.mean(intents) > 0.75
    (tmp_path / "model").write_bytes(model_bytes(model))
    again = read_model(tmp_path / "model")
    assert digest_of(again) == digest_of(model)
    assert np.array_equal(again.judge([new[0].session])[0].begins, found[0].begins)


def test_a_model_is_not_fitted_to_a_handful_of_users() -> None:
    few = [one for one in sessions(1, 100) if one.group in ("u1", "u2")]

    with pytest.raises(ValueError, match="ten users or more"):
        dialogue_logistic.fit(few, intents=(), vectors="none", seed=0)


def network(width: int = WIDTH) -> DialogueNetwork:
    """Any weights, of the right shapes."""
    from probatum.dialogue.semantics.dialogue_inputs import NEAR

    rng = np.random.default_rng(0)
    shown, d, logits = 2 * width + NEAR + 2 * len(FEATURES), 8, 13
    shapes = {"centre": (len(FEATURES),), "scale": (len(FEATURES),), "enter.weight": (shown, d), "enter.bias": (d,)}
    shapes |= {"leave.scale": (d,), "leave.shift": (d,), "heads.weight": (d, logits), "heads.bias": (logits,)}
    for layer in range(2):
        own = {"attention.scale": (d,), "attention.shift": (d,), "attention.weight": (d, 3 * d), "attention.bias": (3 * d,)}
        own |= {"attention.apart": (4, 31), "mixed.weight": (d, d), "mixed.bias": (d,), "wide.scale": (d,), "wide.shift": (d,)}
        own |= {"wide.weight": (d, 2 * d), "wide.bias": (2 * d,), "narrow.weight": (2 * d, d), "narrow.bias": (d,)}
        shapes |= {f"{layer}.{name}": shape for name, shape in own.items()}
    return DialogueNetwork({name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}, ("on",), "none")


def test_a_session_is_judged_alike_alone_and_among_others() -> None:
    model, some = network(), sessions(3, 20, longest=40)

    together = model.judge([one.session for one in some])

    for one, found in zip(some, together, strict=True):
        [alone] = model.judge([one.session])
        assert np.allclose(found.outcome, alone.outcome, atol=1e-6)
        assert np.allclose(found.outcome.sum(axis=1), 1)


def test_a_file_that_is_no_model_or_was_changed_is_refused(tmp_path) -> None:
    path = tmp_path / "model"
    path.write_bytes(model_bytes(network()))
    raw = path.read_bytes()
    rng = np.random.default_rng(0)

    read_model(path)

    damaged = [b"", b"{}", raw[:100], raw[:-4], raw[:-1] + bytes([raw[-1] ^ 1]), rng.bytes(500), raw.replace(b"none", b"nine")]
    for one in damaged:
        path.write_bytes(one)
        with pytest.raises(UnreadableArtefact, match="no dialogue model"):
            read_model(path)


def test_the_network_runs_without_torch_as_it_was_fitted_with_it() -> None:
    torch = pytest.importorskip("torch")
    from probatum.dialogue.fit import dialogue_network

    torch.set_num_threads(1)
    some = sessions(1, 60, longest=20)

    model = dialogue_network.fit(some, intents=("off", "on"), vectors="none", seed=0, epochs=2, pretraining=1)

    assert (
        dialogue_network.fit(some, intents=("off", "on"), vectors="none", seed=0, epochs=2, pretraining=1).arrays.keys()
        == model.arrays.keys()
    )
    batch = dialogue_network._packed(some[:8])
    weights = {name: torch.tensor(array) for name, array in model.arrays.items()}
    weights["enter.weight"][: 2 * WIDTH] /= dialogue_network._LOUD
    with torch.no_grad():
        expected = dialogue_network._forward(weights, batch, None)[0].numpy()
    row = 0
    for one in some[:8]:
        for begin, end, _, _ in stretches(len(one.session)):
            part = one.session.part(begin, end)
            own = model.logits(part.texts[None], part.answers[None], part.seen[None], part.known[None])[0]
            assert np.allclose(own, expected[row, : end - begin], atol=1e-4)
            row += 1


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow  # imports a log, and fits a model
def test_a_log_becomes_labels_and_training_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("log.jsonl").open("w") as file:
        for user in range(260):
            for step, (text, name, response) in enumerate([
                ("open the garbage door", "", "Sorry, I couldn't understand that"), ("open the garage door", "garage door", "Done"),
            ]):  # fmt: skip  # two turns
                own = {
                    "conversation": f"{user} {step}",
                    "user": f"u{user}",
                    "household": f"h{user}",
                    "device": f"d{user}",
                    "channel": "voice",
                    "locale": "en",
                }
                meant = {"intent": "Open", "slots": [{"name": "name", "value": name}]} if name else {}
                at = {"asked_at": 1_767_225_600.0 + 4000 * user + 8 * step}
                file.write(
                    json.dumps({"schema": "probatum-turn/1", **own, **at, **meant, "text": text, "response": response}) + "\n"
                )
    run("import", "log.jsonl", "--to", "conv")
    fitted = run("label", "fit", "conv", "--kind", "logistic", "--vectors", "letters", "--to", "model")
    assert "it reads 1 slots in words" in fitted

    with pytest.raises(ProbatumError, match="only a network is pretrained"):
        run("label", "fit", "conv", "--kind", "logistic", "--vectors", "letters", "--pretraining", "2", "--to", "other")

    said = run("label", "turns", "conv", "--model", "model", "--to", "labels.jsonl", "--all")
    assert "meaning: none released, as labels of 0 users were checked, and 72 are needed, even if all are right" in said

    assert "turns of" in run("label", "ask", "conv", "--model", "model", "--budget", "200", "--alike", "--to", "asked.jsonl")
    asked = [json.loads(line) for line in Path("asked.jsonl").read_text().splitlines()]
    Path("audit.jsonl").write_text(
        "".join(
            json.dumps(
                {**one, "outcome": "bad" if one["line"] % 2 else "good", "intent": "Open", "slots": {"name": "garage door"}}
            )
            + "\n"
            for one in asked
        )
    )
    said = run("label", "turns", "conv", "--model", "model", "--audit", "audit.jsonl", "--to", "labels.jsonl")
    assert "meaning: 1000 of 1,000 turns" in said
    head, *rows = [json.loads(line) for line in Path("labels.jsonl").read_text().splitlines()]
    assert head["tasks"]["meaning"]["users_checked"] >= 72
    bins = head["tasks"]["meaning"]["reliability"]["bins"]
    assert sum(one["labels"] for one in bins) == sum(one["right"] for one in bins) == len(asked)
    assert ", ".join(f"{one['p']:.2f}: {one['right']}/{one['labels']}" for one in bins) in said
    assert "expected calibration error" in said
    projected = [row for row in rows if row["task"] == "meaning" and row["source"] == "rephrase"]
    assert {json.dumps(row["slots"]) for row in projected} == {
        json.dumps([{"name": "name", "value": "garage door", "begin": 2, "end": 4}])
    }

    read = [row["slots"] for row in rows if row["task"] == "slots"]
    assert {json.dumps(one) for one in read} == {json.dumps([{"name": "name", "value": "garage door", "begin": 2, "end": 4}])}
    assert len(read) == head["tasks"]["slots"]["released"] == head["turns_of_users_not_fitted_to"]

    data = run("label", "export", "labels.jsonl", "conv", "--format", "rasa", "--to", "nlu.yml")
    assert "2 examples" in data
    assert '- open the [garbage door]{"entity": "name", "value": "garage door"}' in Path("nlu.yml").read_text()
    assert "0 examples; " in run("label", "export", "labels.jsonl", "conv", "--users", "1000", "--to", "none.jsonl")
