"""Labels are released only where checked ones show that enough are right."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.model.release import Checked, release
from probatum.stats.bounds import clopper_pearson

pytest.importorskip("scipy")


def audit(seed: int, users: int, precision: float, *, slope: float = 0.0) -> list[Checked]:
    """Labels of users, right with a probability that rises with what the model says; each user with one to three."""
    rng = random.Random(seed)
    found = []
    for user in range(users):
        for turn in range(rng.randint(1, 3)):
            p = rng.random()
            right = rng.random() < min(1.0, precision + slope * (p - 0.5))
            found.append(Checked(str(user), f"{user}-{turn}", p, right))
    return found


def test_labels_that_are_all_right_are_all_released() -> None:
    found = release([Checked(str(n), str(n), n / 200, right=True) for n in range(200)], precision=0.95)

    assert found.threshold == 0.0
    assert (found.users, found.right, found.reason) == (200, 200, "")


def test_too_few_checked_users_release_nothing_and_it_is_said_how_many_are_needed() -> None:
    labels = [Checked(str(n % 30), str(n), 0.9, right=True) for n in range(300)]

    found = release(labels, precision=0.95, confidence=0.95)

    assert found.threshold is None
    assert (found.checked, found.needed) == (30, 72)  # ln .025 / ln .95
    assert found.reason == "labels of 30 users were checked, and 72 are needed, even if all are right"
    assert release([]).threshold is None


def test_a_model_that_is_right_where_it_is_sure_is_released_there_alone() -> None:
    labels = [Checked(str(n), str(n), n / 1000, right=n >= 400 or n % 2 == 0) for n in range(1000)]

    found = release(labels, precision=0.95)

    assert found.threshold is not None
    assert 0.3 < found.threshold < 0.5
    assert "600" not in found.reason


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.5, 1.0), st.sampled_from([0.8, 0.9, 0.95]))
def test_what_is_released_is_shown_by_the_exact_bound(seed, share, precision) -> None:
    found = release(audit(seed, 150, share), precision=precision)

    if found.threshold is not None:
        bound = clopper_pearson(found.right, found.users, confidence=0.975, side="lower")
        assert bound.low is not None
        assert bound.low >= precision * (1 - 1e-9)


def wrongly(seeds: range, precision: float, true: float, slope: float) -> float:
    """Return how often a threshold is returned whose precision is less; by its formula, as labels are drawn."""
    wrong = 0
    for seed in seeds:
        found = release(audit(seed, 160, true, slope=slope), precision=precision, confidence=0.9)
        if found.threshold is not None:
            above = [(t + 0.5) / 400 for t in range(400) if (t + 0.5) / 400 >= found.threshold]
            wrong += sum(min(1.0, true + slope * (p - 0.5)) for p in above) / max(1, len(above)) < precision
    return wrong / len(seeds)


@pytest.mark.parametrize(("true", "slope"), [(0.895, 0.0), (0.82, 0.2)])
def test_a_precision_that_is_not_there_is_hardly_ever_promised(true, slope) -> None:
    assert wrongly(range(60), 0.9, true, slope) <= 0.2


@pytest.mark.long
@pytest.mark.parametrize(("true", "slope"), [(0.899, 0.0), (0.86, 0.1), (0.8, 0.22)])
def test_type_i_error_is_at_most_nominal(true, slope) -> None:
    # 2,000 simulations: nominal .1, and three standard errors of the simulation.
    assert wrongly(range(2000), 0.9, true, slope) <= 0.1 + 3 * (0.09 / 2000) ** 0.5


def test_labels_drawn_with_other_probabilities_are_thinned_to_equal_ones() -> None:
    often = [Checked(f"a{n}", f"a{n}", 0.9, right=False, chance=1.0) for n in range(1000)]
    seldom = [Checked(f"b{n}", f"b{n}", 0.9, right=True, chance=0.1) for n in range(1000)]

    found = release([*often, *seldom], precision=0.8)

    # In all turns, those that are drawn seldom are ten times as many: ten in eleven are right.
    assert found.threshold == 0.9
    assert found.right / found.users == pytest.approx(10 / 11, abs=0.03)
    assert any("left out" in one for one in found.assumptions)


def test_labels_with_and_without_a_probability_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="others do not"):
        release([Checked("a", "1", 0.9, right=True, chance=0.5), Checked("b", "2", 0.9, right=True)])
