"""Detectors of rephrases: what they take for the same request, that heads are data which cannot be altered, and how they are fitted."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.fit.rephrase_head import _gradients, _logits, _loss, best_threshold, fit
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import ALIKE, CONTEXT, Features, features
from probatum.dialogue.semantics.rephrase_head import read_head
from probatum.dialogue.semantics.rephrase_windows import Later, Window
from probatum.dialogue.semantics.rephrases import HEADS, choose, detector, missing, same_again
from probatum.infer import minilm

AGAIN = [
    ("open the garbage door", "open the garage door"),
    ("play maj and dragons", "play imagine dragons"),
    ("what's whether today", "what's the weather today"),
    ("turn on the leaving room light", "turn on the living room light"),
]
OTHER = [
    ("what is the weather", "turn on the kitchen light"),
    ("play music", "stop"),
    ("how is the traffic", "play some jazz"),
    ("open the blinds", "add milk to the shopping list"),
]


def test_what_sounds_alike_is_said_again_and_another_wish_is_not() -> None:
    assert same_again("letters", AGAIN) == [True] * len(AGAIN)
    assert same_again("letters", OTHER) == [False] * len(OTHER)


@pytest.mark.slow  # reads and hashes 90 MB
def test_meaning_is_seen_with_weights() -> None:
    if minilm.missing():
        pytest.skip(f"NOT TESTED: there is no encoder, as {minilm.missing()}")
    reworded = ("refund my order", "i want my money back for the order")

    assert same_again("minilm", [*AGAIN, reworded]) == [True] * (len(AGAIN) + 1)
    assert same_again("minilm", OTHER) == [False] * len(OTHER)


def test_a_window_says_the_same_whatever_is_beside_it() -> None:
    windows = [Window(one, (Later(other, 8.0), Later("what time is it", 30.0)), frozenset()) for one, other in AGAIN + OTHER]
    used = detector("letters")

    together = list(used.probabilities(windows))

    for window, found in zip(windows, together, strict=True):
        assert next(used.probabilities([window])) == pytest.approx(found, abs=1e-6)
        assert len(found) == 2


texts = st.text(max_size=20)
windows = st.builds(
    Window,
    texts,
    st.lists(st.builds(Later, texts, st.none() | st.floats(0, 1e6)), min_size=1, max_size=5).map(tuple),
    st.none() | st.frozensets(st.sampled_from(["interrupted", "stopped", "unanswered"])),
)


@settings(max_examples=40)
@given(st.lists(windows, max_size=3))
def test_any_text_has_a_probability(drawn) -> None:
    for window, found in zip(drawn, detector("letters").probabilities(drawn), strict=True):
        assert len(found) == len(window.later)
        assert all(0 <= p <= 1 for p in found)


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: said | {"threshold": 0.1},
        lambda said: said | {"schema": "another"},
        lambda said: said | {"arrays": said["arrays"] | {"out": said["arrays"]["bend"]}},
        lambda said: {name: value for name, value in said.items() if name != "card"},
        lambda said: said | {"arrays": said["arrays"] | {"bend": {"shape": [3], "float32": "AAAA"}}},
    ],
)
def test_an_altered_head_is_refused(damage) -> None:
    text = HEADS["letters"].read_text()

    assert read_head(text, vectors="letters-1").to_json() == text
    with pytest.raises(ValueError, match="no head"):
        read_head(json.dumps(damage(json.loads(text))), vectors="letters-1")


def test_a_head_that_was_fitted_to_other_vectors_is_refused() -> None:
    with pytest.raises(ValueError, match="other vectors"):
        read_head(HEADS["letters"].read_text(), vectors="letters-2")


def test_shipped_heads_say_what_they_are_from() -> None:
    for name, path in HEADS.items():
        card = json.loads(path.read_text())["card"]
        assert {"use", "fitted_to", "texts", "report", "limits"} <= card.keys(), name
        assert "seeds" in card["report"]["F1"]


def test_what_is_installed_and_how_large_a_log_is_decide_which_is_used(monkeypatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "a_package_that_is_not_there")

    assert choose(texts=10, turns=20) == "letters"
    assert "not installed" in missing()
    assert choose(texts=10, turns=10_000_000) == "words"
    assert choose(texts=10, turns=20, foreign=15) == "words"


def drawn(windows: int, seed: int) -> tuple[Features, list[bool]]:
    """Windows of two later requests, of which those near in sound are rephrases if the last was not answered."""
    random = np.random.default_rng(seed)
    n = 2 * windows
    alike = random.random((n, len(ALIKE))).astype(np.float32)
    context = np.zeros((n, len(CONTEXT)), dtype=np.float32)
    unanswered = random.random(n) < 0.5
    context[:, CONTEXT.index("unanswered")] = unanswered
    vectors = np.zeros((n, 4), dtype=np.float32)
    gold = (alike[:, ALIKE.index("sound")] + 0.4 * unanswered > 0.9).tolist()
    return Features(np.repeat(np.arange(windows), 2), vectors, vectors, alike, context), gold


def test_a_head_learns_what_decides_and_the_same_twice() -> None:
    seen, gold = drawn(1500, 1)
    unseen, right = drawn(400, 2)

    one, two = (fit(seen, gold, vectors="none", seed=3, epochs=15, decay=1e-3, blind=0.0) for _ in range(2))

    found = one.probabilities(unseen) >= one.threshold
    assert one.digest == two.digest
    assert fit(seen, gold, vectors="none", seed=4, epochs=2).digest != one.digest
    assert 2 * (found & np.array(right)).sum() / (found.sum() + sum(right)) > 0.9


def test_gradients_are_those_of_the_loss() -> None:
    random = np.random.default_rng(0)
    weights = {
        "hidden": random.normal(size=(5, 3)),
        "bend": random.normal(size=3),
        "out": random.normal(size=3),
        "shift": random.normal(size=1),
    }
    x, y = random.normal(size=(20, 5)), (random.random(20) < 0.4).astype(float)

    found = _gradients(weights, x, y, 0.0)

    for name, value in weights.items():
        for place in np.ndindex(value.shape):
            ends = []
            for step in (1e-3, -1e-3):
                moved = {key: array.copy() for key, array in weights.items()}
                moved[name][place] += step
                ends.append(_loss(_logits(moved, x), y))
            # The logits are of single precision.
            assert found[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-3, abs=2e-3)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=12))
def test_no_threshold_has_a_better_f1(pairs) -> None:
    p, gold = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])

    def f1(threshold: float) -> float:
        found = p >= threshold
        return 2 * (found & gold).sum() / max(1, found.sum() + gold.sum())

    assert f1(best_threshold(p, gold)) == pytest.approx(max(f1(t) for t in (0.05, 0.15, 0.3, 0.7)))


def test_too_little_is_not_fitted_to() -> None:
    seen, gold = drawn(5, 1)

    with pytest.raises(ValueError, match="fewer than ten"):
        fit(seen, gold, vectors="none", seed=1)


def test_features_have_names_and_see_what_differs() -> None:
    seen = features([Window("turn on the kitchen light", (Later("turn on the bedroom light", 7.0),))], LetterVectors())

    alike = dict(zip(ALIKE, seen.alike[0].tolist(), strict=True))
    context = dict(zip(CONTEXT, seen.context[0].tolist(), strict=True))
    assert alike["kept"] == pytest.approx(0.8)
    assert alike["replaced"] == 1
    assert alike["replaced_sound"] < 0.6
    assert (context["within_10_s"], context["no_time"], context["signs_unknown"]) == (1, 0, 1)
    assert dataclasses.fields(seen)[0].name == "of"
