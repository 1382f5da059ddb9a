"""Bounds of gaps between groups: that they hold, by enumeration and by simulation, and that they are sharper than plain ones."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest, norm

from probatum.stats.gaps import Sample, at_least, at_most, highest_rate, levels, pair_levels, range_quantile, trials_needed

SMALL = [(1, 1), (4, 9), (6, 3)]
RATES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.77, 0.98, 1.0)


def outcomes(sizes):
    """All counts of hits of some groups."""
    return list(product(*(range(n + 1) for n in sizes)))


def probability(which, sizes, rates):
    return sum(float(np.prod([binom.pmf(x, n, p) for x, n, p in zip(hits, sizes, rates, strict=True)])) for hits in which)


@pytest.mark.parametrize("sizes", SMALL, ids=str)
@pytest.mark.parametrize("ratio", [False, True])
def test_no_rates_of_two_small_groups_make_a_bound_fail_more_often_than_stated(sizes: tuple[int, int], ratio: bool) -> None:
    alpha = 0.2
    bounds = {}
    for hits in outcomes(sizes):
        sample = Sample.of(zip(hits, sizes, strict=True))
        bounds[hits] = at_least(sample, alpha, ratio=ratio).value, at_most(sample, alpha, ratio=ratio).value

    for p, q in product(RATES, RATES):
        gap = (min(p, q) / max(p, q) if max(p, q) else 1.0) if ratio else abs(p - q)
        sign = -1 if ratio else 1
        too_much = [hits for hits, (least, _) in bounds.items() if sign * least > sign * gap]
        too_little = [hits for hits, (_, most) in bounds.items() if sign * most < sign * gap]
        assert probability(too_much, sizes, (p, q)) <= alpha + 1e-12
        assert probability(too_little, sizes, (p, q)) <= alpha + 1e-12


def test_no_rates_of_three_small_groups_make_a_bound_fail_more_often_than_stated() -> None:
    sizes, alpha = (2, 4, 5), 0.3
    bounds = {hits: at_least(Sample.of(zip(hits, sizes, strict=True)), alpha).value for hits in outcomes(sizes)}

    for rates in [(0.5, 0.5, 0.5), (0.2, 0.2, 0.5), (0.1, 0.9, 0.5), (0.05, 0.05, 0.05), (0.6, 0.9, 0.75)]:
        gap = max(rates) - min(rates)
        assert probability([h for h, least in bounds.items() if least > gap], sizes, rates) <= alpha


@pytest.mark.parametrize(("groups", "quantile"), [(2, 2.772), (3, 3.314), (10, 4.474), (20, 5.012)])
def test_the_range_of_normals_has_the_quantiles_of_the_tables(groups: int, quantile: float) -> None:
    assert range_quantile(groups, 0.05) == pytest.approx(quantile, abs=6e-4)


@pytest.mark.parametrize("groups", [2, 60, 10_000])
@pytest.mark.parametrize(("alpha", "less"), [(1e-4, 4e-3), (1e-9, 1e-4), (1e-30, 1e-11)])
def test_far_out_pairs_hardly_ever_exceed_a_number_together(groups: int, alpha: float, less: float) -> None:
    """So the sum of their probabilities is nearly the probability, and the digits of small ones must not be lost."""
    pairs = -np.sqrt(2) * norm.ppf(alpha / (groups * (groups - 1)))

    assert pairs * (1 - less) <= range_quantile(groups, alpha) <= pairs * (1 + 1e-12)


@pytest.mark.parametrize("groups", [2, 3, 60])
def test_critical_values_spend_no_more_than_there_is(groups: int) -> None:
    own = levels(groups, 0.05)
    rng = np.random.default_rng(7)
    normals = rng.standard_normal((20_000, groups))

    beyond = float(np.mean(np.ptp(normals, axis=1) > own.pairs * np.sqrt(2)))

    spent = beyond + 2 * groups * (binomless(own.others) + 2 * binomless(own.alone))
    assert spent <= 0.05 + 4 * np.sqrt(0.05 / 20_000)


def binomless(z: float) -> float:
    """Return the probability that a standard normal exceeds z."""
    from math import erfc, sqrt

    return erfc(z / sqrt(2)) / 2


def plain(hits, trials, alpha=0.05):
    """Bound the gap by Clopper and Pearson's bounds of each group, at alpha by their number."""
    share = alpha / len(hits) / 2
    low = np.where(hits > 0, beta.ppf(share, hits, trials - hits + 1), 0)
    high = np.where(hits < trials, beta.ppf(1 - share, hits + 1, trials - hits), 1)
    return float(low.max() - high.min())


def tables(runs: int, rows: int, cell: int | None, by: float, seed: int = 1):
    """60 groups of different size, all at .2; the last of a given size, and higher."""
    rng = np.random.default_rng(seed)
    rates = np.full(60, 0.2)
    rates[-1] += by
    for _ in range(runs):
        sizes = np.maximum(1, rng.multinomial(rows, rng.dirichlet(np.full(60, 2.0))))
        if cell is not None:
            sizes[-1] = cell
        yield rng.binomial(sizes, rates).astype(float), sizes.astype(float)


@pytest.mark.long
@pytest.mark.parametrize("rows", [5_000, 20_000])
def test_fair_groups_are_not_said_to_differ(rows: int) -> None:
    runs = 1_000
    false = sum(at_least(Sample.of(zip(*table, strict=True)), 0.05).value > 0 for table in tables(runs, rows, None, 0.0))

    assert binomtest(false, runs, 0.05, alternative="greater").pvalue > 0.01


@pytest.mark.long
@pytest.mark.parametrize(("cell", "by", "gain"), [(160, 0.2, 0.2), (40, 0.2, 0.0), (800, 0.1, 0.1), (800, 0.2, 0.0)])
def test_a_group_that_differs_is_found_more_often_than_by_plain_bounds(cell: int, by: float, gain: float) -> None:
    ours = theirs = 0
    runs = 300
    for hits, sizes in tables(runs, 5_000, cell, by):
        ours += at_least(Sample.of(zip(hits, sizes, strict=True)), 0.05).value > 0.05
        theirs += plain(hits, sizes) > 0.05

    assert ours / runs >= theirs / runs + gain


@pytest.mark.slow
def test_two_groups_that_differ_by_five_points_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    runs = 300

    found = sum(
        at_least(Sample.of(zip(rng.binomial(2000, [0.2, 0.25]), (2000, 2000), strict=True)), 0.05).value > 0 for _ in range(runs)
    )

    assert found / runs >= 0.9


@pytest.mark.parametrize("ratio", [False, True])
def test_rows_that_may_belong_to_any_group_never_narrow_a_bound(ratio: bool) -> None:
    counts, unknown = [(30, 100), (55, 100), (44, 90)], (4, 6)
    known, lost = Sample.of(counts), Sample.of(counts, [unknown] * 3)
    sign = -1 if ratio else 1

    for extra in product(range(unknown[0] + 1), range(unknown[1] + 1)):  # the first group gets these, the second the rest
        hits, misses = extra
        first = (30 + hits, 100 + hits + misses)
        rest = unknown[0] - hits, unknown[1] - misses
        filled = Sample.of([first, (55 + rest[0], 100 + sum(rest)), counts[2]])
        assert sign * at_least(lost, 0.05, ratio=ratio).value <= sign * at_least(filled, 0.05, ratio=ratio).value + 1e-3
        assert sign * at_most(lost, 0.05, ratio=ratio).value >= sign * at_most(filled, 0.05, ratio=ratio).value - 1e-3

    assert sign * at_least(lost, 0.05, ratio=ratio).value < sign * at_least(known, 0.05, ratio=ratio).value


def test_no_rate_of_nothing_is_not_a_reason_to_doubt_that_there_is_no_gap() -> None:
    """Without hits the weighted sum says nothing; each sample's own test does."""
    assert at_most(Sample.of([(0, 1000), (0, 1000)]), 0.05).value < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("count", [300, 10_000])
def test_ten_thousand_groups_are_bounded(count: int) -> None:
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 50, count)
    hits = rng.binomial(sizes, 0.3)
    hits[0], sizes[0] = 900, 1000
    sample = Sample.of(zip(hits, sizes, strict=True))

    found = at_least(sample, 0.05)

    assert (found.more, found.value > 0.4) == (0, True)
    assert at_most(sample, 0.05).value >= found.value


def test_as_many_rows_as_are_said_to_be_needed_decide_and_a_tenth_fewer_do_not() -> None:
    needed = trials_needed(0.5, 0.4, lambda bound: bound > 0.05, 0.05, groups=2)

    def bound(n: int) -> float:
        return at_least(Sample.of([(round(0.5 * n), n), (round(0.4 * n), n)]), 0.05).value

    assert bound(needed) > 0.05 > bound(needed * 9 // 10)
    assert trials_needed(0.5, 0.45, lambda bound: bound > 0.05, 0.05, groups=2) == 0


def test_a_pair_is_told_apart_with_fewer_rows_than_by_two_bounds() -> None:
    """The same claim by Clopper and Pearson's bounds of each group, at half of alpha, needs more."""
    n, hits = 400, (100, 120)
    high, low = beta.ppf(0.975, hits[1] + 1, n - hits[1]), beta.ppf(0.025, hits[0], n - hits[0] + 1)

    assert at_most(Sample.of([(h, n) for h in hits]), 0.05).value < (high - low) * 0.85
    assert pair_levels(0.05).pairs < 1.7


@pytest.mark.parametrize("z", [-13.0, -9.0, -2.0, 0.0, 3.0, 12.0])
def test_quantiles_are_exact_in_both_tails(z: float) -> None:
    """Where a large sample meets a small one, the edge of what is rejected lies far in the tail of the large one."""
    rate = float(highest_rate(np.array([3600.0]), np.array([12000.0]), z)[0])

    if z > 0:
        assert binom.logcdf(3600, 12000, rate) == pytest.approx(norm.logsf(z), abs=1e-4)
    else:
        assert binom.logsf(3600, 12000, rate) == pytest.approx(norm.logcdf(z), abs=1e-4)
