"""Conditional logit: probabilities, the optimum, and weights that are found again."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from probatum.dialogue.model.choice import Choices, chances, fit, losses


def made(weights: list[float], many: int, seed: int) -> Choices:
    """Return choices among two to four options, drawn by these weights."""
    rng = np.random.default_rng(seed)
    rows, choice, taken = [], [], []
    for number in range(many):
        options = rng.normal(size=(int(rng.integers(2, 5)), len(weights)))
        p = np.exp(options @ np.array(weights))
        taken.append(len(rows) + int(rng.choice(len(options), p=p / p.sum())))
        rows += options.tolist()
        choice += [number] * len(options)
    return Choices(np.array(rows), np.array(choice), np.array(taken), np.ones(many))


def test_the_weights_that_made_the_choices_are_found() -> None:
    found = fit(made([1.0, -0.5, 0.0], 4000, seed=1), ["a", "b", "c"])

    assert found.weights == pytest.approx([1.0, -0.5, 0.0], abs=0.1)
    assert found.loss < found.even_loss - 0.2


def test_no_other_weights_fit_better() -> None:
    seen = made([0.7, -1.2], 200, seed=2)
    best = fit(seen, ["a", "b"])

    def objective(a: float, b: float) -> float:
        return float(losses(seen, [a, b]).sum()) + (a * a + b * b) / 2

    least = objective(*best.weights)
    for da, db in itertools.product((-0.01, 0.0, 0.01), repeat=2):
        assert objective(best.weights[0] + da, best.weights[1] + db) >= least - 1e-9


def test_probabilities_are_of_the_options_of_one_choice() -> None:
    seen = Choices(np.array([[0.0], [math.log(3)], [1.0], [1.0], [1.0]]), np.array([0, 0, 1, 1, 1]), np.array([1, 2]), np.ones(2))

    assert chances(seen, [1.0]).tolist() == pytest.approx([0.25, 0.75, 1 / 3, 1 / 3, 1 / 3])
    assert losses(seen, [1.0]).tolist() == pytest.approx([-math.log(0.75), math.log(3)])


def test_what_speaks_for_an_option_does_not_count_against_it() -> None:
    seen = made([-2.0, 1.0], 300, seed=3)

    assert fit(seen, ["a", "b"], rising={"a"}).weights[0] == 0.0
    assert fit(seen, ["a", "b"]).weights[0] < -1


def test_a_choice_of_no_weight_changes_nothing() -> None:
    seen = made([1.0], 50, seed=4)
    half = np.arange(50) < 25
    weighted = Choices(seen.options, seen.choice, seen.taken, half.astype(float))

    assert fit(weighted, ["a"]).weights == pytest.approx(fit(seen.some(half), ["a"]).weights, abs=1e-5)


def test_nothing_and_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be fitted"):
        fit(made([1.0], 3, seed=5), ["a", "b"])
