"""The model of outcomes: it is fitted where it says it is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from plain_turns import stored

from probatum.dialogue.model.calibration import calibration, expected_error
from probatum.dialogue.model.outcome import IMPLICIT, _logistic_slope, fit
from probatum.dialogue.semantics.judged import judged
from probatum.dialogue.semantics.signals import SIGNALS, UNSEEN

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


def pattern(**codes: int) -> int:
    """Return the pattern of a turn of which nothing was seen but what is named, in a log without answers."""
    unseen = dict.fromkeys(("interrupted", "undone", "unanswered", "broken", "unsure"), UNSEEN)
    return sum(3**n * {**unseen, **codes}.get(name, 0) for n, name in enumerate(SIGNALS))


def drawn(rng: random.Random, turns: int, **more: Callable[[bool], int]) -> Counter[int]:
    """Draw turns, of which a quarter failed and half are the last of their session; who goes on repeats, rephrases, stops or asks for more."""
    counts: Counter[int] = Counter()
    for _ in range(turns):
        failed = rng.random() < 0.25
        codes = {name: tell(failed) for name, tell in more.items()}
        if rng.random() < (0.27 if failed else 0.46):
            codes |= {"last": 1, "repeated": UNSEEN, "rephrased": UNSEEN, "stopped": UNSEEN}
        else:
            shares = (0.12, 0.44, 0.06) if failed else (0.004, 0.14, 0.002)
            [did] = rng.choices(("repeated", "rephrased", "stopped", ""), (*shares, 1 - sum(shares)))
            codes |= {did: 1} if did else {}
        counts[pattern(**codes)] += 1
    return counts


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("praised", [0.0, 0.02])
def test_what_users_do_next_tells_of_failure_where_nothing_else_does(seed: int, praised: float) -> None:
    """Each sign excludes the others: a mixture would take those who rephrase for content because they do not repeat."""
    rng = random.Random(seed)
    counts = drawn(rng, 5000, praised=lambda failed: int(not failed and rng.random() < praised))

    model = fit(list(counts), list(counts.values()))

    for name in ("repeated", "rephrased", "stopped"):
        assert model.probability(pattern(**{name: 1})) > model.probability(pattern())


@pytest.mark.parametrize("seed", range(4))
def test_no_hard_sign_tells_of_success_before_users_say_so(seed: int) -> None:
    rng = random.Random(seed)
    counts = drawn(rng, 5000, broken=lambda failed: int(rng.random() < (0.6 if failed else 0.01)))

    model = fit(list(counts), list(counts.values()))

    seen = dict(zip(IMPLICIT, model.seen, strict=True))
    assert all(seen[name][0] <= seen[name][1] for name in ("repeated", "rephrased", "stopped", "broken", "escalated"))
    assert seen["broken"][1] > 0.4  # learnt, and not only what it usually means: 0.3
    assert 0.15 < model.bad < 0.35


@pytest.mark.parametrize("refused", [0.01, 0.5, 0.99])
def test_what_the_assistant_says_it_did_not_answer_failed_however_often_that_is(refused: float) -> None:
    rng = random.Random(7)
    counts = drawn(rng, 2000, unanswered=lambda _: int(rng.random() < refused))

    model = fit(list(counts), list(counts.values()))

    assert model.probability(pattern(unanswered=1)) == 1.0
    assert model.probability(pattern(unanswered=1, praised=1)) == 0.0  # the user has the last word
    assert model.probability(pattern(unanswered=0)) < 0.2


def told(rng: random.Random, users: int, tilt: float) -> list[tuple[int, float, bool, int]]:
    """Draw what some users say of turns; a probability p comes about with p moved towards one half by `tilt`."""
    rows = []
    for user in range(users):
        mood = rng.uniform(-0.15, 0.15)
        for _ in range(rng.choice((1, 1, 5))):
            p = rng.choice((0.05, 0.22, 0.55, 0.83))
            rows.append((user, p, rng.random() < p + tilt * (0.5 - p) + mood * p * (1 - p) * 4, 1))
    return rows


@pytest.mark.slow  # a simulation
def test_the_interval_of_the_calibration_error_covers_it() -> None:
    for tilt in (0.0, 0.4):
        truth = sum(tilt * abs(0.5 - p) for p in (0.05, 0.22, 0.55, 0.83)) / 4
        missed = 0
        for seed in range(150):
            _, low, high, bins = expected_error(told(random.Random(f"{tilt} {seed}"), 120, tilt), seed=seed)
            missed += not low <= truth <= high
            assert len(bins) == 4
        assert missed <= 15  # 150 at one in twenty are 7.5; 15 are exceeded with a probability of 0.4 %


@pytest.mark.slow  # stores a log and asks a database
def test_a_log_says_how_well_its_model_fits_what_users_said(tmp_path: Path) -> None:
    rng = random.Random(3)
    turns = []
    for user in range(200):
        failed = rng.random() < 0.4
        said = rng.random() < 0.6
        own = {
            "conversation": f"c{user}",
            "user": f"u{user}",
            "asked_at": 1000.0 + user,
            "text": "what is on",
            "answered_at": 1001.0 + user,
        }
        response = "Sorry, I didn't understand that" if failed != (rng.random() < 0.1) else "News"
        signals = [{"kind": "thumbs", "value": -1.0 if failed else 1.0, "source": "person"}] if said else []
        turns.append({**own, "response": response, "signals": signals})
    with stored(tmp_path, turns) as conversations:
        table = judged(conversations, gap_s=300.0, window_s=45.0)
        found = calibration(conversations, table)
    assert found.good + found.bad == sum(bool(turn["signals"]) for turn in turns)
    assert found.users == found.good + found.bad
    assert found.error is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.error <= found.high
    assert sum(many for _, _, many in found.bins) == found.users
    assert found.told.startswith("against the words of ")

    with stored(tmp_path, [{**turn, "signals": []} for turn in turns]) as conversations:
        assert (
            calibration(conversations, judged(conversations, gap_s=300.0, window_s=45.0)).told
            == "calibration not known: no explicit feedback"
        )
    with stored(tmp_path, turns[:20]) as conversations:
        assert "30 of each are needed" in calibration(conversations, judged(conversations, gap_s=300.0, window_s=45.0)).told
