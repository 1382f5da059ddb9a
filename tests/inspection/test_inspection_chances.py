"""The probability that a unit is damaged is an interval of which one end is calibrated; with few labels there is none."""

from __future__ import annotations

import math
import random

import pytest

pytest.importorskip("numpy")
import numpy as np

from probatum.inspection.artefacts.calibration import Calibration, Scored, Scorer
from probatum.inspection.semantics.chances import Chances, chances_of
from probatum.stats.prior_shift import class_weights
from probatum.stats.venn_abers import prepared


@pytest.mark.parametrize("seed", range(12))
def test_an_interval_is_what_another_algorithm_prepares_for_all_scores_at_once(seed: int) -> None:
    """With ties within labels and between them, at three shares of damaged units."""
    chance = np.random.default_rng(seed)
    coarse = (1, 4, 1000)[seed % 3]
    sound = np.round(chance.normal(0, 2, chance.integers(10, 60)) * coarse) / coarse
    damaged = np.round(chance.normal(1, 2, chance.integers(10, 60)) * coarse) / coarse
    known = Chances(sound.tolist(), damaged.tolist())
    every = np.concatenate([sound, damaged])
    asked = np.concatenate([every, chance.normal(0, 4, 20), [-99, 99]])
    for share in (0.5, 0.01, 0.0003):
        weights = class_weights(trained=len(damaged) / len(every), deployed=share)
        low, high = prepared(every, np.arange(len(every)) >= len(sound), weights=weights).intervals(asked)

        found = np.array([known.interval(score, prevalence=(share, share)) for score in asked.tolist()])

        assert found[:, 0] == pytest.approx(low, abs=1e-9)
        assert found[:, 1] == pytest.approx(high, abs=1e-9)


def test_a_share_that_is_not_known_widens_the_interval_on_both_sides() -> None:
    chance = random.Random(3)
    known = Chances([chance.gauss(0, 1) for _ in range(80)], [chance.gauss(2, 1) for _ in range(40)])
    for score in (-1.0, 1.0, 3.0):
        low, high = (known.interval(score, prevalence=(share, share)) for share in (0.001, 0.01))

        assert known.interval(score, prevalence=(0.001, 0.01)) == (low[0], high[1])
        assert low[0] <= high[0] <= high[1]


def test_one_of_both_ends_is_the_share_of_damaged_units_where_damage_is_rarer() -> None:
    """Over many calibrations, at a tenth of the share among units with labels: mean of what is said by the right end, and what is true."""
    chance = random.Random(11)
    right, true = 0.0, 0
    for _ in range(1500):
        known = Chances([chance.gauss(0, 1) for _ in range(20)], [chance.gauss(1.5, 1) for _ in range(20)])
        damaged = chance.random() < 0.05
        ends = known.interval(chance.gauss(1.5 * damaged, 1), prevalence=(0.05, 0.05))
        # A draw at the other share is one of those that are known, weighed: the end of its own label counts.
        right += ends[damaged]
        true += damaged
    assert right / 1500 == pytest.approx(true / 1500, abs=0.02)


def scored(names: str, scores: list[float]) -> tuple[Scored, ...]:
    return tuple(
        Scored(capture_id=f"{names}{at}", score=score, group="", product="P", pictures="") for at, score in enumerate(scores)
    )


def calibration(*, sound: int, damaged: int, unlabelled: frozenset[str] = frozenset()) -> Calibration:
    return Calibration(
        made="",
        scorer=Scorer(backbone="b", model="", version=1),
        references={},
        by=(),
        own={},
        pooled=None,
        guard=9.0,
        scores=scored("s", [float(n) for n in range(sound)]),
        damaged=scored("d", [math.nan, *(float(n) for n in range(damaged))]),
        unlabelled=unlabelled,
    )


@pytest.mark.parametrize(
    ("known", "judged", "fitted", "said"),
    [
        (None, "", "", "no labelled damaged unit"),
        (calibration(sound=40, damaged=9), "", "", "9 damaged and 40 pristine units tell too little"),
        (calibration(sound=12, damaged=20, unlabelled=frozenset({"s1", "s2", "s3"})), "", "", "20 damaged and 9 pristine"),
        (calibration(sound=40, damaged=20), "d7", "", "`d7`, from which that would follow, is judged, too"),
        (calibration(sound=40, damaged=20), "", "d7", "`d7`, from which that would follow, made the score, too"),
    ],
)
def test_what_labels_do_not_carry_is_not_told(known: Calibration | None, judged: str, fitted: str, said: str) -> None:
    found = chances_of(known, judged=[judged], fitted=[fitted])

    assert isinstance(found, str)
    assert said in found


def test_a_damaged_unit_that_could_not_be_judged_says_nothing_of_scores() -> None:
    found = chances_of(calibration(sound=10, damaged=10), judged=[], fitted=[])

    assert isinstance(found, Chances)
    assert (found.sound, found.damaged) == (10, 10)
