"""Channels become one score that never falls when one of them rises, with or without damaged items, whichever are absent."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model, read_model, unpacked, write_model
from probatum.inspection.fit.fusion import Scored, Seen, TooFewSound, fuse, fuse_views, scale
from probatum.inspection.semantics.fused import KIND, fused, fusion_of, item_scores, reason
from probatum.stats.neyman_pearson import threshold_within


def items(count, *, seed=0, share=0.3, absent=0.0):
    """Items of which damage shows in the head, in the relief, or in both, on scales of their own; `residue` is noise."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        bad = bool(rng.random() < share)
        way = rng.random() if bad else 2.0
        scores = {
            "damage": float(rng.normal(4.0 * (way < 0.6))),
            "relief": float(np.exp(rng.normal(2.0 * (0.4 < way < 1)))),
            "residue": float(rng.gamma(1.0)),
        }
        left = {name: score for name, score in scores.items() if rng.random() >= absent}
        made.append(Scored(left, bad, ("P1" if rng.random() < 0.3 else "P2", "paper")))
    return made


@pytest.fixture(scope="module")
def fusion():
    return fuse(items(900, absent=0.1))


def recall(fusion, made, budget=0.02):
    scores = np.array([fused(fusion, one.scores, one.groups).score for one in made])
    bad = np.array([one.damaged for one in made])
    return float((scores[bad] > np.quantile(scores[~bad], 1 - budget)).mean())


def only(made, *names):
    return [Scored({name: one.scores[name] for name in names}, one.damaged, one.groups) for one in made]


def test_all_channels_together_find_more_than_any_alone(fusion):
    new = items(2000, seed=1)
    together = recall(fusion, new)
    for name in ("damage", "relief", "residue"):
        assert together > recall(fusion, only(new, name)) + 0.1
    by = fusion.weights[frozenset({"damage", "relief", "residue"})]
    assert min(by.weights) >= 0
    assert dict(zip(by.channels, by.weights, strict=True))["residue"] < 0.2


@pytest.mark.parametrize("damaged", [True, False])
def test_no_channel_that_rises_lowers_the_score(damaged):
    made = items(400, absent=0.2)
    fusion = fuse(made if damaged else [one for one in made if not one.damaged])
    assert (fusion.weights is not None) == damaged
    for one in items(60, seed=2, absent=0.3):
        if not one.scores:
            continue
        before = fused(fusion, one.scores).score
        for name in one.scores:
            for more in (0.01, 1.0, 100.0):
                assert fused(fusion, {**one.scores, name: one.scores[name] + more}).score >= before


def test_surprise_that_sound_items_share_with_damaged_ones_says_nothing_more():
    """Price labels: on one sound item in ten, and more surprising than any damage, which looks only somewhat odd."""
    rng = np.random.default_rng(4)
    made = []
    for at in range(1500):
        bad = at % 3 == 0
        label = not bad and at % 10 == 1
        looks = rng.normal(9.0 if label else 2.5 if bad else 0.0, 1.0)
        made.append(Scored({"appearance": float(looks), "relief": float(rng.normal(1.5 if bad else 0.0))}, bad))
    fusion = fuse(made)
    by = fusion.weights[frozenset({"appearance", "relief"})]
    below, beyond = (dict(zip(by.channels, one, strict=True))["appearance"] for one in (by.weights, by.beyond))
    assert below > 0.2
    assert beyond < 0.05
    labelled = fused(fusion, {"appearance": 9.0, "relief": 0.0}).score
    assert labelled < fused(fusion, {"appearance": 2.5, "relief": 3.0}).score


def test_surprise_is_a_conformal_p_value_and_goes_on_beyond_all_sound_items():
    known = scale(range(1, 100))
    assert known.surprise(0) == 0
    assert known.surprise(50) == pytest.approx(-math.log((1 + 50) / 100))
    values = [known.surprise(score) for score in np.linspace(0, 300, 1000)]
    assert all(less <= more for less, more in itertools.pairwise(values))
    assert known.surprise(200) < known.surprise(201)
    # Of exponential scores it grows more slowly than the truth: that the tail is light is not believed.
    rng = np.random.default_rng(0)
    drawn = scale(rng.exponential(size=5000))
    assert drawn.surprise(2.0) == pytest.approx(2.0, abs=0.1)
    assert 6.0 < drawn.surprise(12.0) < 12.0
    # So does that of a heavy one: what is far out in it is less surprising than many times the mean excess would be elsewhere.
    heavy = scale(rng.pareto(2.0, size=5000))
    assert heavy.shape == pytest.approx(0.5, abs=0.2)
    assert heavy.surprise(999.0) == pytest.approx(2 * math.log(1000.0), rel=0.25)
    assert scale([1.0] * 60).surprise(1.0) == 0
    assert math.isfinite(scale([0.0] * 60).surprise(1e-3))


def test_without_damaged_items_e_values_are_averaged():
    fusion = fuse(items(600, share=0.0))
    assert fusion.weights is None
    new = items(2000, seed=3)
    assert recall(fusion, new) > recall(fusion, only(new, "damage"))
    # The mean over sound items of an e-value is about 1 or less, here up to the edge of the scales.
    sound = [one for one in new if not one.damaged]
    values = [min(fused(fusion, one.scores).score, math.log(1000)) for one in sound]
    assert np.mean(np.exp(values)) < 1.3
    assert fused(fusion, {"damage": -99.0}).score == pytest.approx(math.log(0.5))


def test_an_absent_channel_is_neither_damage_nor_soundness(fusion):
    absent = fused(fusion, {"damage": 0.2, "relief": 1.0})
    low, high = (fused(fusion, {"damage": 0.2, "relief": 1.0, "residue": value}) for value in (0.0, 9.0))
    assert set(absent.surprises) == {"damage", "relief"}
    assert low.score < high.score
    assert math.isnan(fused(fusion, {}).score)
    assert math.isnan(fused(fusion, {"smell": 3.0}).score)
    assert math.isnan(fused(fusion, {"damage": math.nan, "relief": 1.0}).score)
    assert threshold_within(range(300), budget=0.01).alarms([math.nan]).all()
    assert fused(fusion, {"damage": 1.0, "smell": 3.0}) == fused(fusion, {"damage": 1.0})


def test_the_reason_is_the_channel_whose_removal_flips_the_decision(fusion):
    threshold = 1.0
    by_head = fused(fusion, {"damage": 6.0, "relief": 1.0, "residue": 1.0})
    by_relief = fused(fusion, {"damage": 0.0, "relief": 40.0, "residue": 1.0})
    by_both = fused(fusion, {"damage": 6.0, "relief": 40.0, "residue": 1.0})
    nothing = fused(fusion, {"damage": 0.0, "relief": 1.0, "residue": 1.0})
    assert reason(fusion, by_head, threshold) == ("damage",)
    assert reason(fusion, by_relief, threshold) == ("relief",)
    assert reason(fusion, by_both, threshold) == ("damage", "relief")
    assert reason(fusion, nothing, threshold) == ()
    assert reason(fusion, fused(fusion, {"damage": 6.0}), threshold) == ("damage",)
    assert reason(fusion, by_both, -1e9) == ("damage", "relief", "residue")


def test_a_group_with_enough_sound_items_has_scales_of_its_own():
    rng = np.random.default_rng(0)
    made = [
        Scored({"relief": float(rng.normal(5 * wrinkled))}, False, ("bag" if wrinkled else "box",)) for wrinkled in [0, 1] * 150
    ]
    fusion = fuse(made, fewest_of_group=100)
    bag, box, other = (fused(fusion, {"relief": 5.0}, groups).score for groups in (("P9", "bag"), ("box",), ("jar",)))
    assert bag < other < box
    assert ("relief", "bag") not in fuse(made, fewest_of_group=200).scales


def test_too_few_items_fuse_nothing_and_rare_channels_are_left_out():
    few = fuse(items(30, share=0.0))
    assert isinstance(few, TooFewSound)
    assert few.why == "no channel has scores of 50 sound items, among 30; what is unusual cannot be told yet"
    made = items(300)
    made[0] = Scored({**made[0].scores, "pieces": 1.0, "unusual": math.inf}, made[0].damaged)
    assert fuse(made).channels == ("damage", "relief", "residue")


def test_channels_that_were_never_seen_together_still_have_weights():
    halves = [
        Scored({name: one.scores[name]}, one.damaged)
        for one, name in zip(items(600), itertools.cycle(("damage", "relief")), strict=False)
    ]
    fusion = fuse(halves)
    low, high = (fused(fusion, {"damage": 1.0, "relief": value}).score for value in (1.0, 50.0))
    assert low < high


def test_an_item_has_the_highest_score_of_its_views_in_each_channel():
    assert item_scores([("a", {"damage": 1.0, "relief": 2.0}), ("b", {"damage": 3.0})], {}) == {"damage": 3.0, "relief": 2.0}
    assert item_scores([], {}) == {}
    assert math.isnan(item_scores([("a", {"damage": math.nan}), ("b", {"damage": 3.0})], {})["damage"])


def slanting(count, *, seed):
    """Items before two cameras; of the second, sound items differ ten times as much."""
    rng = np.random.default_rng(seed)
    made = []
    for at in range(count):
        bad = at % 3 == 0
        above, aside = float(rng.gamma(1.0) + 4.0 * bad), float(10 * rng.gamma(1.0))
        made.append(Seen((("above", {"relief": above}), ("aside", {"relief": aside})), bad))
    return made


def test_a_camera_whose_views_always_differ_hides_nothing_that_another_one_sees():
    known, new = slanting(600, seed=0), slanting(1500, seed=1)

    def found(fusion):
        scores = np.array([fused(fusion, fusion.item(one.views)).score for one in new])
        bad = np.array([one.damaged for one in new])
        return float((scores[bad] > np.quantile(scores[~bad], 0.98)).mean())

    by_camera = fuse_views(known)
    together = fuse([Scored(item_scores(one.views, {}), one.damaged) for one in known])

    assert found(by_camera) > 0.4
    assert found(together) < 0.1
    assert by_camera.item([("new", {"relief": 3.0})])["relief"] == by_camera.cameras["relief", ""].surprise(3.0)
    assert fusion_of(unpacked(by_camera.model().packed())) == by_camera


def test_few_views_of_a_camera_are_measured_by_all_together():
    seen = [Seen(((("rare" if at < 20 else "usual"), {"relief": at / 100}),), False) for at in range(200)]
    fusion = fuse_views(seen)
    assert set(fusion.cameras) == {("relief", "usual"), ("relief", "")}


def test_a_fusion_comes_back_from_its_file(fusion, tmp_path):
    write_model(fusion.model(), tmp_path / "fusion")
    again = fusion_of(read_model(tmp_path / "fusion", kind=KIND, backbone=""))
    assert again == fusion
    assert fusion_of(unpacked(fuse(items(100, share=0.0)).model().packed())).weights is None


def test_a_file_whose_parts_do_not_fit_is_no_fusion(fusion):
    good = fusion.model()
    told = good.settings
    negative = [[names, values, [-1.0] * len(beyond), constant] for names, values, beyond, constant in told["weights"]]
    for changed in (
        {"weights": told["weights"][1:]},
        {"weights": negative},
        {"trained": None},
        {"scales": []},
        {"scales": [[*told["scales"][0][:3], 0.0, 0.0], *told["scales"][1:]]},
        {"scales": [[*told["scales"][0][:4], 1.0], *told["scales"][1:]]},
        {"scales": [[*told["scales"][0][:2], 10**6, 1.0, 0.0], *told["scales"][1:]]},
        {"scales": 3},
    ):
        with pytest.raises(UnreadableArtefact, match="do not fit"):
            fusion_of(Model(KIND, "", {**told, **changed}, good.arrays))
    backwards = {**good.arrays, "scales0": good.arrays["scales0"][::-1]}
    with pytest.raises(UnreadableArtefact, match="do not fit"):
        fusion_of(Model(KIND, "", told, backwards))
