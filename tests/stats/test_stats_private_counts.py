"""Counts that are told with differential privacy: their distribution, exactly, and what one user can change."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from random import Random

import pytest

from probatum.stats.private_counts import Noise, bounded, drawn_noise, release

NOISES = [Noise(1.0, 1e-6, 1), Noise(1.0, 1e-5, 8), Noise(0.3, 0.01, 2), Noise(4.0, 1e-9, 3)]


@pytest.mark.parametrize("noise", NOISES)
def test_noise_is_a_distribution_and_the_threshold_is_the_least_that_keeps_delta(noise: Noise) -> None:
    far = 4000
    assert sum(noise.weight(z) for z in range(-far, far + 1)) == pytest.approx(1, abs=1e-12)
    for z in (0, 1, 7):
        assert noise.above(z) == pytest.approx(sum(noise.weight(at) for at in range(z, far)), rel=1e-9)
    alone = noise.threshold - 1  # of noise, for what one user did to be told
    assert noise.most * noise.above(alone) <= noise.delta
    assert alone == 0 or noise.most * noise.above(alone - 1) > noise.delta


@pytest.mark.slow  # a simulation, and scipy.stats
@pytest.mark.parametrize("noise", NOISES)
def test_noise_that_is_drawn_has_the_distribution_that_is_stated(noise: Noise) -> None:
    """By Pearson's statistic over values that are expected at least ten times."""
    scipy_stats = pytest.importorskip("scipy.stats")
    generator, many = Random(5), 8000
    seen = Counter(drawn_noise(noise, generator) for _ in range(many))
    wide = max(z for z in range(200) if many * noise.weight(z) >= 10)
    inside = range(-wide, wide + 1)
    rest = 1 - sum(noise.weight(z) for z in inside)
    expected = [many * noise.weight(z) for z in inside] + [many * rest]
    observed = [seen[z] for z in inside] + [many - sum(seen[z] for z in inside)]
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True) if e > 1)
    assert scipy_stats.chi2.sf(statistic, 2 * wide) > 1e-4


def told(count: int, noise: Noise, least: int) -> dict[int | None, float]:
    """Return the exact distribution of what is told of one count: a number, or None for nothing."""
    needed = max(noise.threshold, least)
    found: dict[int | None, float] = {value: noise.weight(value - count) for value in range(needed, needed + 60)}
    above = needed + 60 - count
    found[10**9] = noise.above(above) if above >= 0 else 1 - noise.above(1 - above)  # all that is beyond
    found[None] = 1 - noise.above(needed - count) if needed > count else noise.above(count - needed + 1)
    return found


@pytest.mark.parametrize("least", [1, 40])
@pytest.mark.parametrize("noise", [Noise(1.0, 1e-4, 3), Noise(0.6, 0.02, 2), Noise(3.0, 0.001, 2)])
def test_a_user_changes_the_log_odds_of_a_result_by_epsilon_at_most(noise: Noise, least: int) -> None:
    """All results of small histograms, with and without a user of `most` things, one of which nobody else did."""
    shared = [noise.threshold + 2, 3, 1][: noise.most - 1]  # counts without the user
    with_user = [told(count + 1, noise, least) for count in shared]
    without = [told(count, noise, least) for count in shared]
    alone = told(1, noise, least)
    assert sum(alone.values()) == pytest.approx(1, abs=1e-9)
    widest, beyond = 0.0, 0.0
    for result in itertools.product(*(part.keys() for part in without)):
        p = math.prod(part[value] for part, value in zip(with_user, result, strict=True))
        q = math.prod(part[value] for part, value in zip(without, result, strict=True))
        # What only the user did is not told: possible in both worlds.
        widest = max(widest, abs(math.log(p * alone[None]) - math.log(q)))
        beyond += max(0.0, p * alone[None] - math.exp(noise.epsilon) * q)
    # It is told: possible only with the user.
    assert 1 - alone[None] <= noise.delta
    assert widest <= noise.epsilon + 1e-9
    assert beyond <= 1e-12
    # Not much less, either: noise of half of the size would not do.
    if least == 1:
        assert widest > noise.epsilon * (noise.most - 1) / noise.most * 0.99


@pytest.mark.slow  # a simulation
def test_what_one_user_did_is_told_as_seldom_as_delta() -> None:
    noise = Noise(1.0, 0.05, 2)
    generator = Random(1)
    many = 4000
    leaked = sum(bool(release({"a": 1, "b": 1}, noise, generator=generator)) for _ in range(many))
    exact = 1 - (1 - noise.above(noise.threshold - 1)) ** 2
    assert exact <= noise.delta
    assert leaked / many == pytest.approx(exact, abs=4 * math.sqrt(exact / many))


def test_counts_of_many_are_told_nearly_as_they_are_and_of_few_not_at_all() -> None:
    noise = Noise(1.0, 1e-6, 1)
    found = release({"common": 500, "rare": 2, "some": 30}, noise, least=40, generator=Random(3))
    assert set(found) == {"common"}
    assert abs(found["common"] - 500) < 15


def test_each_user_is_counted_for_at_most_so_many_things() -> None:
    people = [("ann", ["a", "b", "c"]), ("bob", ["a"]), ("cem", [])]
    assert bounded(people, 3, Random(0)) == {"a": 2, "b": 1, "c": 1}
    for seed in range(20):
        assert bounded(people, 2, Random(seed)).total() == 3
    alike = Counter(thing for seed in range(600) for thing in bounded([("ann", ["a", "b", "c"])], 1, Random(seed)))
    assert all(150 < alike[thing] < 250 for thing in "abc")


@pytest.mark.parametrize("values", [(0.0, 0.1, 1), (1.0, 0.0, 1), (1.0, 1.0, 1), (1.0, 0.1, 0), (math.inf, 0.1, 1)])
def test_what_promises_nothing_is_refused(values: tuple[float, float, int]) -> None:
    with pytest.raises(ValueError, match="promise nothing"):
        Noise(*values)
