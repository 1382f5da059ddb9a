"""The stage head: what it learns, what it says when it does not know, and that its file is what was shipped."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.turn import Stage
from probatum.dialogue.fit.stage_head import fit
from probatum.dialogue.fit.stage_hidden import hidden, meanings
from probatum.dialogue.semantics.stage_head import StageHead, read_head, shipped
from probatum.dialogue.semantics.stage_numbers import NAMES, numbers
from probatum.dialogue.semantics.stage_signs import Next, Seen, signs

pytest.importorskip("lightgbm")
pytest.importorskip("scipy")
pytest.importorskip("rapidfuzz")


def drawn(seed: int, many: int) -> tuple[list[Seen], list[str], list[str]]:
    """Turns whose stage shows in what recognition and understanding say of themselves, with noise."""
    rng = random.Random(seed)
    seen, labels, groups = [], [], []
    for at in range(many):
        label = rng.choice(["correct", "recognition", "understanding"])
        sure = {"correct": 0.9, "recognition": 0.3, "understanding": 0.9}[label] + rng.uniform(-0.1, 0.1)
        failed = label == "understanding" or (label == "recognition" and rng.random() < 0.5)
        stages = (Stage(name="recognition", ok=True, confidence=sure), Stage(name="understanding", ok=not failed, confidence=0.5))
        seen.append(Seen(text="turn it on", intent="" if failed else "on", stages=stages))
        labels.append(label)
        groups.append(f"user {at % 40}")
    return seen, labels, groups


@pytest.fixture(scope="module")
def head() -> StageHead:
    return fit(*drawn(0, 600), portable=True, size=2**8)


@pytest.mark.slow  # fits a head
def test_it_tells_stages_apart_on_turns_that_it_never_saw(head: StageHead) -> None:
    seen, labels, _ = drawn(1, 300)

    told = head.decide(seen)

    right = sum(one == label for (one, _), label in zip(told, labels, strict=True))
    assert right > 0.9 * len(seen)


@pytest.mark.slow  # as above
def test_probabilities_are_calibrated_and_add_up(head: StageHead) -> None:
    seen, labels, _ = drawn(2, 1000)

    p = head.probabilities(seen)

    assert np.allclose(p.sum(axis=1), 1)
    chosen = p.argmax(axis=1)
    right = np.array([head.labels[at] == label for at, label in zip(chosen, labels, strict=True)])
    assert abs(p.max(axis=1).mean() - right.mean()) < 0.06


@pytest.mark.slow  # as above
def test_below_its_threshold_it_does_not_say(head: StageHead) -> None:
    silent = replace(head, threshold=1.01)

    assert {label for label, _ in silent.decide(drawn(3, 20)[0])} == {"unknown"}


@pytest.mark.slow  # as above
def test_where_nothing_can_be_told_every_label_is_withheld() -> None:
    seen, labels, groups = drawn(4, 400)
    random.Random(0).shuffle(labels)

    head = fit(seen, labels, groups, portable=True, size=2**8)

    assert head.threshold > 0.5
    assert all(label == "unknown" for label, _ in head.decide(drawn(5, 50)[0]))


@pytest.mark.slow  # as above
def test_a_head_is_read_as_it_was_written_and_not_otherwise(head: StageHead) -> None:
    text = head.to_json()
    seen = drawn(6, 20)[0]

    again = read_head(text)

    assert np.array_equal(again.probabilities(seen), head.probabilities(seen))
    said = json.loads(text)
    other = {"trees": {**said["trees"], "right": said["trees"]["column"]}}
    for change in ({"threshold": 0.123}, {"labels": said["labels"][::-1]}, {"trees": {}}, other, {"schema": "other"}):
        with pytest.raises(ValueError, match="no head that tells stages"):
            read_head(json.dumps({**said, **change}))
    with pytest.raises(ValueError, match="no head that tells stages"):
        read_head("[]")


def test_too_little_to_learn_from_is_said() -> None:
    seen, labels, groups = drawn(7, 12)

    with pytest.raises(ValueError, match="fewer than two labels"):
        fit(seen, labels, groups, portable=True)


def test_the_head_that_is_shipped_is_read_and_says_what_it_was_fitted_to() -> None:
    found = shipped()

    assert found.portable
    assert found.card["not_fitted_to"] == "any real log"
    assert np.isfinite(found.probabilities([Seen(text=None), Seen(text="", stages=(Stage(name="recognition", ok=False),))])).all()


@pytest.mark.slow  # as above
def test_words_of_an_assistant_are_weighed_by_a_head_that_is_fitted_to_its_log() -> None:
    """All turns look the same but for their intent."""
    labels = ["correct", "understanding"] * 100
    seen = [Seen(text="do it", intent="lights" if label == "correct" else "alarm") for label in labels]
    groups = [f"user {at // 5}" for at in range(200)]

    blind = fit(seen, labels, groups, portable=True, size=2**8)
    own = fit(seen, labels, groups, portable=False, size=2**8)

    assert len({row.tobytes() for row in blind.probabilities(seen[:2])}) == 1
    assert [own.labels[at] for at in own.evidence(seen[:2]).argmax(axis=1)] == labels[:2]
    assert (blind.portable, own.portable) == (True, False)


def test_numbers_stay_the_same_in_an_assistant_that_calls_everything_otherwise() -> None:
    def turn(intent: str, slot: str, room: str, code: str) -> Seen:
        return Seen(
            text="open the garbage door",
            intent=intent,
            slots=((slot, "garage door"),),
            stages=(Stage(name="resolution", ok=False, code=code),),
            hypotheses=(("open the garage door", -1.0),),
            next=Next(text="open the garage door", intent=intent),
            context={"room": room},
        )

    one, other = turn("HassTurnOn", "name", "kitchen", "no_valid_targets"), turn("open", "entity", "a", "x")

    assert np.array_equal(numbers([one]), numbers([other]))
    assert signs(one) != signs(other)
    assert numbers([one]).shape == (1, len(NAMES))


def test_a_log_of_meanings_alone_shows_nothing_of_words_and_what_another_device_understood() -> None:
    seen = Seen(text="stop", intent="stop", signals={"repeated": 1}, next=Next(text="stop"), usual={"text": 3.0, "meaning": 2.0})

    [alone] = meanings([seen], [("start", ())], seed=0, share=1.0)
    [nobody] = meanings([seen], [None], seed=0, share=1.0)

    assert (alone.text, alone.next, alone.signals, alone.usual) == (None, None, {}, {"meaning": 2.0})
    assert (alone.intent, alone.others, nobody.others) == ("stop", (("start", ()),), ())


texts = st.sampled_from(["", "a", "open the door", "шум", "x" * 50])
turns = st.builds(
    Seen,
    text=texts | st.none(),
    intent=texts,
    slots=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    stages=st.lists(
        st.builds(
            Stage,
            name=st.sampled_from(["wake", "recognition", "result", "own"]),
            ok=st.booleans() | st.none(),
            confidence=st.floats(0, 1) | st.none(),
            code=texts,
        ),
        max_size=3,
    ).map(tuple),
    hypotheses=st.lists(st.tuples(texts, st.floats(-1e9, 1e9) | st.none()), max_size=3).map(tuple),
    next=st.none() | st.builds(Next, text=texts, intent=texts, since_s=st.none() | st.floats(0, 1e6)),
    usual=st.dictionaries(st.sampled_from(["text", "meaning"]), st.floats(0, 1e6)),
)


@pytest.mark.slow  # a hundred turns of any shape
@given(st.lists(turns, min_size=1, max_size=3))
def test_any_turn_is_seen_in_signs_without_doubles_and_in_numbers(seen: list[Seen]) -> None:
    for one in seen:
        found = signs(one)
        assert len(found) == len(set(found))
    assert np.isfinite(numbers([*seen, *hidden(seen, seed=0)])).all()
