"""Agreement of people, and shares from samples with known chances."""

from __future__ import annotations

import random

import pytest

from probatum.stats.agreement import krippendorff
from probatum.stats.surveys import Drawn, share

pytest.importorskip("scipy")


def test_alpha_is_that_of_published_examples() -> None:
    """Two of Krippendorff (2011): two people and two categories, and four people with judgements missing."""
    binary = [list(pair) for pair in zip("0100000010", "1110010000", strict=True)]
    assert krippendorff(binary).alpha == pytest.approx(0.095, abs=5e-4)
    rows = (
        (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
        (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
        (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
        (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
    )
    units = [[str(row[at]) for row in rows if row[at]] for at in range(12)]
    assert krippendorff(units).alpha == pytest.approx(0.743, abs=5e-4)
    assert krippendorff([["a", "a"]] * 3).alpha is None
    assert krippendorff([["a"], ["b"]]).units == 0


@pytest.mark.slow  # a simulation
def test_chance_gives_no_agreement_and_the_interval_says_so() -> None:
    rng = random.Random(1)
    inside = 0
    for seed in range(12):
        units = [[rng.choice("yn"), rng.choice("yn")] for _ in range(60)]
        found = krippendorff(units, seed=seed)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 0 <= found.high
    assert inside >= 9


def drawn(rng: random.Random, users: int) -> tuple[float, list[Drawn]]:
    """Return the share in a population of clustered requests, and a stratified sample of it."""
    population = []
    for user in range(users):
        rate = rng.betavariate(0.4, 4)
        for _ in range(rng.choice((1, 2, 6))):
            bad = rng.random() < rate
            population.append((str(user), bad, "high" if rng.random() < (0.7 if bad else 0.1) else "low"))
    truth = sum(bad for _, bad, _ in population) / len(population)
    sample = []
    for stratum, many in (("high", 60), ("low", 90)):
        members = [one for one in population if one[2] == stratum]
        taken = rng.sample(members, min(many, len(members)))
        sample += [Drawn(user, len(taken) / len(members), bad) for user, bad, _ in taken]
    return truth, sample


@pytest.mark.slow  # a simulation
def test_bounds_of_a_share_cover_it() -> None:
    rng = random.Random(2)
    missed, values = 0, []
    for _ in range(200):
        truth, sample = drawn(rng, 400)
        found = share(sample)
        missed += not found.low <= truth <= found.high
        values.append(found.value - truth)
    assert missed <= 19  # 200 at one in twenty are 10; 19 are exceeded with a probability of 0.3 %
    assert abs(sum(values) / len(values)) < 0.01


def test_a_share_of_none_and_of_all_is_bounded() -> None:
    none = share([Drawn(str(user), 0.1, hit=False) for user in range(60)])
    every = share([Drawn(str(user), 0.1, hit=True) for user in range(60)])
    assert (none.value, none.low, every.value, every.high) == (0.0, 0.0, 1.0, 1.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 60), rel=1e-6)
    assert every.low == pytest.approx(1 - none.high)
    with pytest.raises(ValueError, match="1 users"):
        share([Drawn("a", 0.5, hit=True)] * 4)
