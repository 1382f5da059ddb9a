"""The model of outcomes: it is fitted where it says it is."""

from __future__ import annotations

import random

import numpy as np
import pytest

from probatum.dialogue.model.outcome import _logistic_slope

pytest.importorskip("scipy")


def gradient(slope: float, odds: list[float], bad: list[float], count: list[float]) -> float:
    """Return the derivative of the penalised likelihood along the slope, at the best intercept for it."""
    x, y, n = map(np.array, (odds, bad, count))
    low, high = -100.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        p = 1 / (1 + np.exp(-np.clip(slope * x + middle, -500, 500)))
        low, high = (middle, high) if n @ (y - p) > 0 else (low, middle)
    return float(n @ (x * (y - p)) - (slope - 1))


def test_the_slope_is_that_of_the_regression_where_feedback_is_nearly_separable() -> None:
    """A log on which whole steps of Newton's method led back and forth."""
    odds = [-8.75, -8.75, -8.5, -8.5, -6.38, -5.45, -5.45, -5.16, 5.46, 12.36, 12.61, 12.61, 14.48, 15.66, 18.07]
    bad = [0.0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1]
    count = [22.0, 1, 38, 1, 1, 2, 1, 1, 2, 9, 1, 21, 2, 17, 1]
    slope = _logistic_slope(np.array(odds), np.array(bad), np.array(count))

    assert 0.1 < slope < 0.6
    assert abs(gradient(slope, odds, bad, count)) < 1e-3


def test_the_slope_is_that_of_the_regression_on_any_log() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        many = rng.choice((4, 10, 40))
        odds = [rng.uniform(-20, 20) * rng.choice((0.05, 1)) for _ in range(many)]
        bad = [float(rng.random() < 1 / (1 + np.exp(-rng.uniform(0, 2) * x))) for x in odds]
        count = [float(rng.choice((1, 5, 300))) for _ in range(many)]
        slope = _logistic_slope(np.array(odds), np.array(bad), np.array(count))
        if 0.05 < slope < 2:
            assert abs(gradient(slope, odds, bad, count)) < 1e-4 * sum(c * x * x for c, x in zip(count, odds, strict=True))
