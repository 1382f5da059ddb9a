"""The errors of an identification stay within their budgets, as often as was said."""

from __future__ import annotations

import pytest

from probatum.inspection.fit.acceptance import Acceptance, Unattainable, acceptance

np = pytest.importorskip("numpy")


def test_the_threshold_lets_through_no_more_errors_than_are_certified() -> None:
    unknown = [at / 200 for at in range(200)]
    known = [0.5 + at / 400 for at in range(200)]

    found = acceptance(known, [True] * 200, unknown, budget_strangers=0.05)

    assert isinstance(found, Acceptance)
    assert found.threshold == 0.98  # three of 200 above it: four would leave a bound above 5 %
    assert found.strangers.counts == {"successes": 3, "trials": 200}
    assert found.strangers.high is not None
    assert found.strangers.high <= 0.05
    assert found.mistaken.counts == {"successes": 0, "trials": 200}


def test_mistakes_raise_the_threshold_where_strangers_do_not() -> None:
    known, right = [0.1] * 100 + [0.9] * 100, [True] * 100 + [False] * 100

    found = acceptance(known, right, [0.0] * 200)

    assert isinstance(found, Acceptance)
    assert found.threshold == 0.9


def test_too_few_units_certify_nothing_and_it_is_said_how_many_would() -> None:
    found = acceptance([0.9] * 200, [True] * 200, [0.1] * 20, budget_strangers=0.05)

    assert isinstance(found, Unattainable)
    assert (found.which, found.units, found.needed) == ("unknown", 20, 72)
    assert isinstance(acceptance([0.9] * 200, [True] * 200, [0.1] * 72), Acceptance)
    assert "72" in found.why


def test_over_many_calibrations_the_budgets_are_broken_as_seldom_as_promised() -> None:
    random = np.random.default_rng(0)
    broken, runs, budget = 0, 400, 0.1
    for _ in range(runs):
        unknown, known = random.uniform(size=90), random.uniform(size=90)
        found = acceptance(
            known.tolist(),
            (random.uniform(size=90) < 0.7).tolist(),
            unknown.tolist(),
            budget_strangers=budget,
            budget_mistaken=budget,
            confidence=0.9,
        )
        assert isinstance(found, Acceptance)
        # True errors: scores are uniform, and three known ones in ten are mistaken whatever their score.
        broken += 1 - found.threshold > budget or 0.3 * (1 - found.threshold) > budget

    assert broken <= 0.1 * runs + 3 * (0.1 * 0.9 * runs) ** 0.5
    assert broken > 0


@pytest.mark.parametrize(("known", "right"), [([0.5], []), ([float("nan")], [True])], ids=["lengths", "not a number"])
def test_what_is_no_calibration_is_refused(known: list, right: list) -> None:
    with pytest.raises(ValueError):
        acceptance(known, right, [0.1])
