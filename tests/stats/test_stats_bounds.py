"""Bounds keep their promise: computed exactly where that can be done, simulated where it cannot."""

import math
import random
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.stats.binomial import at_most
from probatum.stats.bounds import Bound, clopper_pearson, empirical_bernstein, hoeffding, relative_entropy, required_sample_size

sides = pytest.mark.parametrize("side", ["both", "upper", "lower"])


def covers(bound: Bound, truth: float) -> bool:
    return (bound.low is None or bound.low <= truth) and (bound.high is None or truth <= bound.high)


def held(times: int, repetitions: int, confidence: float) -> bool:
    """Whether a coverage is not below nominal, but for what four standard errors of the simulation explain."""
    return times / repetitions >= confidence - 4 * math.sqrt(confidence * (1 - confidence) / repetitions)


@sides
@pytest.mark.parametrize("trials", [1, 2, 5, 20])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_clopper_pearson_covers_every_probability_exactly_as_promised(side: str, trials: int, confidence: float) -> None:
    """The distribution is known, so coverage is a sum and not a simulation; near 0 and 1 as well as between."""
    bounds = [clopper_pearson(k, trials, confidence=confidence, side=side) for k in range(trials + 1)]

    for p in [0.0, 1e-9, 1e-3, 0.01, *(i / 37 for i in range(1, 37)), 0.99, 1 - 1e-3, 1 - 1e-9, 1.0]:
        coverage = math.fsum(
            math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k, bound in enumerate(bounds) if covers(bound, p)
        )
        assert coverage >= confidence - 1e-12


@pytest.mark.slow  # importing scipy.stats takes seconds
def test_clopper_pearson_is_the_quantile_of_the_beta_distribution() -> None:
    stats = pytest.importorskip("scipy.stats")

    for k, n in [(0, 1), (1, 1), (3, 10), (50, 100), (1, 10**6), (500_000, 10**6), (999_999, 10**6), (123_456, 10**8)]:
        bound = clopper_pearson(k, n, confidence=0.9)
        low = stats.beta.ppf(0.05, k, n - k + 1) if k else 0.0
        high = stats.beta.ppf(0.95, k + 1, n - k) if k < n else 1.0
        assert bound.low == pytest.approx(low, rel=1e-11)
        assert bound.high == pytest.approx(high, rel=1e-11, abs=2e-12)
        assert bound.low <= low
        assert high <= bound.high


def test_clopper_pearson_at_the_edges_is_a_formula() -> None:
    assert clopper_pearson(0, 10, side="upper").high == pytest.approx(1 - 0.05**0.1)
    assert clopper_pearson(10, 10, side="lower").low == pytest.approx(0.05**0.1)
    assert clopper_pearson(0, 10).low == 0
    assert clopper_pearson(10, 10).high == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.9999))
def test_clopper_pearson_is_symmetric_and_contains_its_estimate(count: tuple[int, int], confidence: float) -> None:
    k, n = count

    bound, mirror = clopper_pearson(k, n, confidence=confidence), clopper_pearson(n - k, n, confidence=confidence)

    assert bound.low is not None
    assert bound.high is not None
    assert mirror.low is not None
    assert 0 <= bound.low <= bound.value <= bound.high <= 1
    assert bound.high == pytest.approx(1 - mirror.low, abs=1e-11)


def test_a_family_of_bounds_is_wider_and_one_side_is_tighter() -> None:
    alone, among_ten = clopper_pearson(3, 50), clopper_pearson(3, 50, family=10)
    upper = clopper_pearson(3, 50, side="upper")

    assert among_ten.high > alone.high > upper.high
    assert among_ten.low < alone.low
    assert upper.low is None
    assert clopper_pearson(3, 50, confidence=0.995).high == pytest.approx(among_ten.high)


draws: dict[str, tuple[Callable[[random.Random], float], float]] = {
    "rare": (lambda r: float(r.random() < 0.02), 0.02),
    "nearly always": (lambda r: float(r.random() < 0.98), 0.98),
    "fair coin": (lambda r: float(r.random() < 0.5), 0.5),
    "uniform": (lambda r: r.random(), 0.5),
    "constant": (lambda _: 0.25, 0.25),
    "skewed": (lambda r: r.random() ** 8, 1 / 9),
}


@pytest.mark.slow
@sides
@pytest.mark.parametrize("count", [2, 5, 30])
@pytest.mark.parametrize("shape", draws)
@pytest.mark.parametrize("method", [hoeffding, empirical_bernstein])
def test_bounds_of_a_mean_hold_as_often_as_promised(method: Callable[..., Bound], shape: str, count: int, side: str) -> None:
    draw, mean = draws[shape]
    generator = random.Random(f"{shape}/{count}/{side}")
    repetitions = 2000

    times = sum(
        covers(
            method([-3 + 4 * draw(generator) for _ in range(count)], lowest=-3, highest=1, confidence=0.8, side=side),
            4 * mean - 3,
        )
        for _ in range(repetitions)
    )

    assert held(times, repetitions, 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.999, 1.0])
def test_simulated_samples_are_covered_by_clopper_pearson_too(p: float) -> None:
    generator = random.Random(f"clopper-pearson {p}")
    repetitions = 2000

    times = sum(
        covers(clopper_pearson(sum(generator.random() < p for _ in range(60)), 60, confidence=0.9), p) for _ in range(repetitions)
    )

    assert held(times, repetitions, 0.9)


def test_bernstein_is_tighter_than_hoeffding_when_values_vary_little_and_wider_when_there_are_few() -> None:
    calm = [0.5 + 0.01 * (i % 3) for i in range(1000)]

    assert empirical_bernstein(calm).high < hoeffding(calm).high
    assert empirical_bernstein(calm[:5]).high >= hoeffding(calm[:5]).high


def test_bounds_never_leave_the_range_of_the_values() -> None:
    bound = hoeffding([2], lowest=-1, highest=2)

    assert bound.high == 2
    assert bound.low == -1
    assert bound.value == 2


def test_a_bound_becomes_evidence_with_all_that_a_re_check_needs() -> None:
    estimate = clopper_pearson(2, 40, side="upper", family=3).estimate(
        "false alarms", unit="of units", sampling="every tenth", seed=7
    )

    assert (estimate.method, estimate.quantity, estimate.low, estimate.family) == (
        "stats/clopper-pearson/1",
        "false alarms",
        None,
        3,
    )
    assert estimate.counts == {"successes": 2, "trials": 40}
    assert (estimate.unit, estimate.sampling, estimate.seed) == ("of units", "every tenth", 7)


@pytest.mark.parametrize(("budget", "failures"), [(0.001, 0), (0.5, 0), (0.9, 0), (0.001, 3), (0.05, 1), (0.3, 10), (0.999, 2)])
def test_the_required_sample_size_is_enough_and_one_less_is_not(budget: float, failures: int) -> None:
    n = required_sample_size(budget, failures=failures)

    assert clopper_pearson(failures, n, side="upper").high <= budget * (1 + 1e-9)
    if n - 1 > failures:
        assert clopper_pearson(failures, n - 1, side="upper").high > budget


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: clopper_pearson(3, 2),
        lambda: clopper_pearson(-1, 2),
        lambda: clopper_pearson(0, 0),
        lambda: clopper_pearson(1, 2, confidence=1.0),
        lambda: clopper_pearson(1, 2, family=0),
        lambda: hoeffding([]),
        lambda: hoeffding([0.5, 1.5]),
        lambda: hoeffding([float("nan")]),
        lambda: hoeffding([0.5], lowest=1, highest=1),
        lambda: hoeffding([0.5], highest=float("inf")),
        lambda: empirical_bernstein([0.5]),
        lambda: required_sample_size(0.0),
        lambda: required_sample_size(0.1, failures=-1),
    ],
)
def test_what_cannot_be_stated_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        wrong()


def test_nothing_heavy_is_imported() -> None:
    program = "import sys, probatum.stats.bounds, probatum.stats.recheck; print({'numpy', 'scipy'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


@given(mean=st.floats(0, 1), trials=st.integers(1, 10**5), confidence=st.floats(0.5, 0.9999))
def test_relative_entropy_is_never_wider_than_hoeffding_and_holds_the_mean(mean: float, trials: int, confidence: float) -> None:
    bound = relative_entropy(mean, trials, confidence=confidence)
    reach = math.sqrt(math.log(2 / (1 - confidence)) / (2 * trials))
    assert bound.low is not None
    assert bound.high is not None
    assert max(0.0, mean - reach) - 1e-9 <= bound.low <= mean <= bound.high <= min(1.0, mean + reach) + 1e-9


def test_relative_entropy_covers_means_of_values_between_0_and_1() -> None:
    chance = random.Random(4)
    outside = 0
    for _ in range(2000):
        values = [chance.choice([0.0, 0.0, 0.0, chance.random(), 1.0]) for _ in range(15)]
        bound = relative_entropy(sum(values) / len(values), len(values), confidence=0.9)
        outside += not (bound.low or 0.0) <= 0.3 <= (bound.high or 1.0)
    assert outside <= 200


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (7, 0.5), (60, 0.02), (60, 0.97)])
def test_tails_of_the_binomial_are_sums_of_fractions(n: int, p: float) -> None:
    exact = Fraction(p)
    terms = [math.comb(n, k) * exact**k * (1 - exact) ** (n - k) for k in range(n + 1)]

    for k in range(-1, n + 2):
        assert at_most(k, n, p) == pytest.approx(float(sum(terms[: k + 1])), rel=1e-12, abs=1e-15)
