"""What a refused request could have been: what is offered, how it is weighed, and when it may be acted on."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from probatum.dialogue.model.experience import Goal, Try
from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Known, Link, Setting, likeness
from probatum.dialogue.model.recovery.near import Near
from probatum.dialogue.model.recovery.offers import FEATURES, offers
from probatum.dialogue.model.recovery.refusals import Refusal, Refusals
from probatum.dialogue.model.recovery.released import RIGHT, from_json, released
from probatum.dialogue.model.recovery.weighing import fit, probability
from probatum.dialogue.semantics.sounds import sound
from probatum.dialogue.semantics.trees import of_lightgbm

pytest.importorskip("rapidfuzz")
lightgbm = pytest.importorskip("lightgbm")


TEXTS = {"turn on the lamp": Known(95.0, 100), "turn off the lamp": Known(95.0, 100)}


class Table:
    """Two texts that work, and a rewrite."""

    def known(self, text: str) -> Known | None:
        return TEXTS.get(text)

    def links(self, text: str) -> tuple[Link, ...]:
        return (Link("turn on the lamp", 0.7),) if text == "fire up the lamp" else ()

    def works_with(self, word: str) -> bool:
        return any(word in text.split() for text in TEXTS)


def near() -> Near:
    return Near(TEXTS)


def column(name: str) -> int:
    return FEATURES.index(name)


def test_other_ways_to_hear_it_what_works_and_what_the_user_says_are_offered() -> None:
    own = Habits()
    own.add("turn on the lantern", "turn on the lantern", well=1.0, at=0.0)

    found = offers("tune on the lamp", Table(), own, Setting(heard=("tune on the lamp", "turn on the lamb")), near(), now=0.0)

    assert found.texts == ("turn on the lamb", "turn on the lamp", "turn on the lantern")
    assert found.features.shape == (3, len(FEATURES))
    assert found.features[:, column("heard")].tolist() == [0.5, 0.0, 0.0]
    assert found.features[:, column("known")].tolist() == [0.0, 1.0, 0.0]
    assert found.features[:, column("use")].argmax() == 2
    assert set(found.features[:, column("offers")]) == {3.0}


def test_a_word_that_nobody_heard_is_seen() -> None:
    both = lambda _: (tuple(TEXTS),)  # noqa: E731 - what a search would find
    found = offers("turn on the lamp again", Table(), None, Setting(), both, now=0.0)

    on, off = (found.texts.index(f"turn {way} the lamp") for way in ("on", "off"))
    assert found.features[on, column("unheard")] == 0.0
    assert found.features[off, column("unheard")] == 0.25
    assert found.features[off, column("least supported")] < found.features[on, column("least supported")] == 1.0


def test_where_a_rewrite_of_any_way_to_hear_it_leads_is_offered() -> None:
    found = offers("higher up the lamp", Table(), None, Setting(heard=("fire up the lamp",)), lambda _: (), now=0.0)

    assert found.texts == ("fire up the lamp", "turn on the lamp")
    assert found.features[:, column("linked")].tolist() == pytest.approx([0.0, 0.7])


def test_nothing_is_offered_where_nothing_is_known() -> None:
    found = offers("sing", Table(), None, Setting(), lambda _: (), now=0.0)

    assert found.texts == ()
    assert found.features.shape == (0, len(FEATURES))


def test_trees_give_what_lightgbm_gives() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(2000, 6)).astype(np.float32)
    right = (rows[:, 0] + rows[:, 1] * rows[:, 2] + rng.normal(size=2000) > 0).astype(float)
    fitted = fit(rows, right, np.ones(2000))

    theirs = lightgbm.train(
        {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 40, "learning_rate": 0.05, "num_threads": 1,
         "deterministic": True, "force_row_wise": True, "seed": 0, "verbosity": -1},
        lightgbm.Dataset(rows, right), num_boost_round=150,
    )  # fmt: skip  # as in the module

    asked = rng.normal(size=(500, 6)).astype(np.float32)
    assert np.allclose(probability(fitted, asked), theirs.predict(asked), atol=1e-6)
    assert fit(rows, right, np.ones(2000)).packed() == fitted.packed()


def refusals(many: int, right: Callable[[float, random.Random], bool], seed: int = 0) -> list[Refusal]:
    """Make refusals of two offers, the second of which has a random sign `like`, and is right as a function says."""
    rng = random.Random(seed)
    found = []
    for at in range(many):
        features = np.zeros((2, len(FEATURES)), dtype=np.float32)
        features[1, column("like")] = sign = rng.random()
        meant = "b" if right(sign, rng) else "c"
        found.append(Refusal(f"u{rng.randrange(400)}", float(at), "x", meant, 1.0, ("a", "b"), features))
    return found


def test_what_is_right_often_enough_is_released_from_there_on() -> None:
    found = released(refusals(3000, lambda sign, rng: rng.random() < (0.98 if sign > 0.5 else 0.3)), {})

    assert found is not None
    assert found.released
    assert found.low >= 0.9
    features = np.zeros((2, len(FEATURES)), np.float32)
    features[:, column("like")] = [0.3, 0.8]
    low, high = probability(found.trees, features)
    assert low < found.least <= high
    again = from_json(found.to_json())
    assert (again.least, again.wins, again.losses) == (found.least, found.wins, found.losses)


def test_what_means_the_same_is_right_too() -> None:
    seen = refusals(1500, lambda sign, rng: False)
    same = {"b": Meaning("light", "on", ()), "c": Meaning("light", "on", ())}

    without, with_meanings = released(seen, {}), released(seen, same)

    assert without is not None
    assert with_meanings is not None
    assert not without.released
    assert with_meanings.released


def test_too_few_whose_end_is_known_teach_nothing() -> None:
    assert released(refusals(150, lambda sign, rng: True), {}) is None
    assert released([], {}) is None


def test_what_few_users_do_teaches_nothing() -> None:
    seen = refusals(1000, lambda sign, rng: True)
    of_few = [replace(one, user=f"u{at % 19}") if at < 700 else one for at, one in enumerate(seen)]
    of_enough = [replace(one, user=f"u{at % 20}") if at < 700 else one for at, one in enumerate(seen)]

    assert released(of_few, {}) is None
    assert released(of_enough, {}) is not None


@pytest.mark.long  # fits two hundred times
@pytest.mark.timeout(1200)
def test_what_is_right_too_rarely_is_hardly_ever_released() -> None:
    wrongly = 0
    for seed in range(200):
        found = released(refusals(700, lambda sign, rng: rng.random() < RIGHT, seed), {})
        wrongly += found is not None and found.released

    # At most one in twenty, and by chance a few more: P(more than 17 of 200) < 0.02.
    assert wrongly <= 17


def test_a_threshold_of_another_version_is_not_taken() -> None:
    found = released(refusals(1000, lambda sign, rng: True), {})
    assert found is not None

    with pytest.raises(ValueError, match="other features"):
        from_json({**found.to_json(), "features": ["like"]})
    with pytest.raises(ValueError, match="weighs no refused requests"):
        from_json({"features": list(FEATURES)})
    with pytest.raises(ValueError, match="weighs no refused requests"):
        from_json({**found.to_json(), "goals": math.inf})
    with pytest.raises(ValueError, match=r"\S"):
        from_json({**found.to_json(), "trees": {**found.trees.packed(), "right": ""}})


def test_long_texts_are_not_compared() -> None:
    long = " ".join(f"lamp{n}" for n in range(40))
    own = Habits()
    own.add(long, long, well=1.0, at=0.0)

    of_a_short_one = offers("tune on the lamp", Table(), own, Setting(heard=(long, "turn on the lamp")), near(), now=0.0)
    of_a_long_one = offers(long, Table(), own, Setting(heard=("turn on the lamp",)), near(), now=0.0)

    assert "turn on the lamp" in of_a_short_one.texts
    assert long not in of_a_short_one.texts
    assert of_a_long_one.texts == ()


def test_what_it_is_tested_by_is_none_of_what_is_learnt_from() -> None:
    goals = [
        Goal("u", at, (Try("tune on the lamp", Setting(), refused=True), Try("turn on the lamp", Setting())), 1.0)
        for at in (1.0, 2.0, 3.0)
    ]
    learnt_from, tested_by = Refusals(Table(), near(), until=2.0), Refusals(Table(), near(), since=2.0)
    for goal in goals:
        learnt_from.take(goal, Habits())
        tested_by.take(goal, Habits())

    assert [one.at for one in learnt_from.seen] == [1.0, 2.0]
    assert [one.at for one in tested_by.seen] == [3.0]


def test_where_the_same_words_worked_later_anything_else_would_have_been_wrong() -> None:
    seen = Refusals(Table(), near())
    for refused, then in (("tune on the lamp", "tune on the lamp"), ("tune on the lamp", "turn on the lamp")):
        seen.take(Goal("u", 1.0, (Try(refused, Setting(), refused=True), Try(then, Setting())), 1.0), Habits())

    same, other = ([text for text, right in zip(one.texts, one.right({}), strict=True) if right] for one in seen.seen)
    assert same == []
    assert other == ["turn on the lamp"]


def test_words_are_compared_by_how_they_sound_each_with_each() -> None:
    one = offers("knight of the lamb", Table(), None, Setting(heard=("tern on",)), lambda _: (("turn on the lamp",),), now=0.0)

    row = one.features[one.texts.index("turn on the lamp")]
    alike = {
        (a, b): likeness(sound(a), sound(b)) for a in ("turn", "lamp") for b in ["knight", "of", "the", "lamb", "tern", "on"]
    }
    supported = [max(alike["turn", b] for _, b in alike), max(alike["lamp", b] for _, b in alike)]
    assert row[column("least supported")] == pytest.approx(min(1.0, *supported))
    assert row[column("explained")] == 1.0  # of "tern", which sounds like "turn"


def test_an_empty_request_that_the_user_meant_something_by_is_described() -> None:
    own = Habits()
    own.add("", "turn on the lamp", well=1.0, at=0.0)

    assert offers("", Table(), own, Setting(), near(), now=0.0).texts == ("turn on the lamp",)


def test_a_threshold_between_neighbouring_numbers_parts_them() -> None:
    low = np.float32(0.5000001)
    high = np.nextafter(low, np.float32(1))
    rows = np.array([[low], [high]], np.float32).repeat(200, axis=0)
    for threshold in (float(low) + 0.25 * (float(high) - float(low)), float(low) + 0.75 * (float(high) - float(low))):
        node = {
            "split_feature": 0,
            "threshold": threshold,
            "left_child": {"leaf_value": -1.0},
            "right_child": {"leaf_value": 1.0},
        }
        trees = of_lightgbm({"tree_info": [{"tree_structure": node}]}, 1)
        assert trees.logits(rows)[[0, -1], 0].tolist() == [-1.0, 1.0]
