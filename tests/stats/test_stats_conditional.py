"""Contrasts are those of Fisher and of Gart, and hold as often as they say."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
from scipy.stats import fisher_exact, hypergeom  # noqa: E402 - after it is known that numpy is there

from probatum.stats.conditional import Layer, more_often, more_together  # noqa: E402 - as above

counts = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))


def layer(a: int, b: int, c: int, d: int) -> Layer:
    """Faulty and sound here, faulty and sound elsewhere."""
    return Layer(a, a + b, c, c + d)


@settings(deadline=None)
@given(counts)
def test_one_layer_is_fishers_exact_test(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table

    found = more_often([layer(*table)])

    assert found.p == pytest.approx(fisher_exact([[a, b], [c, d]], alternative="greater").pvalue, rel=1e-9)
    assert (found.low > 1) == (found.p < 0.05)


@settings(max_examples=40, deadline=None)
@given(st.lists(counts.filter(any), min_size=1, max_size=3))
def test_several_layers_are_independent(tables: list[tuple[int, int, int, int]]) -> None:
    total, law = 0, {0: 1.0}
    for a, b, c, d in tables:
        own = hypergeom(a + b + c + d, a + c, a + b)
        reach = range(a + b + 1)
        new: dict[int, float] = {}
        for at, p in law.items():
            for k in reach:
                new[at + k] = new.get(at + k, 0.0) + p * float(own.pmf(k))
        total, law = total + a, new

    found = more_often([layer(*table) for table in tables])

    assert found.p == pytest.approx(sum(p for at, p in law.items() if at >= total), rel=1e-7, abs=1e-12)
    assert found.least == pytest.approx(law[max(at for at, p in law.items() if p > 0)], rel=1e-7)


def test_a_layer_that_tells_nothing_changes_nothing() -> None:
    own = [Layer(5, 40, 3, 60)]

    found = more_often([*own, Layer(0, 10, 0, 10), Layer(3, 3, 4, 4), Layer(0, 0, 2, 9), Layer(1, 5, 0, 0)])

    assert found == more_often(own)
    assert more_often([]).p == 1.0


def test_thousands_of_faulty_things_do_not_vanish_in_rounding() -> None:
    found = more_often([Layer(4000, 5000, 1000, 5000)] * 3)

    assert 0 <= found.p < 1e-300
    assert found.odds == pytest.approx(16)
    assert 14 < found.low < 16


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="more faulty"):
        more_often([Layer(3, 2, 0, 1)])
    with pytest.raises(ValueError, match="more faulty"):
        more_together([Layer(1, 2, 0, 1)], [Layer(0, 2, 3, 1)])


@pytest.mark.parametrize("odds", [1.0, 3.0])
def test_lower_bounds_hold_as_often_as_they_say(odds: float) -> None:
    random = np.random.default_rng(4)
    shares = (0.05, 0.2, 0.02)
    above = 0
    for _ in range(600):
        layers = []
        for share in shares:
            here = odds * share / (1 - share + odds * share)
            layers.append(Layer(int(random.binomial(60, here)), 60, int(random.binomial(150, share)), 150))
        above += more_often(layers).low > odds

    assert above <= 44  # 30 are allowed; more than 44 would happen once in 150 times
    assert above > 3


@given(counts, counts)
def test_what_makes_as_much_of_a_difference_here_as_there_is_counted_as_zelen_does(
    here: tuple[int, int, int, int], there: tuple[int, int, int, int]
) -> None:
    def ways(table: tuple[int, int, int, int], k: int) -> int:
        a, b, c, d = table
        other = a + c - k
        return math.comb(a + b, k) * math.comb(c + d, other) if 0 <= k <= a + b and 0 <= other <= c + d else 0

    total = here[0] + there[0]
    weights = {k: ways(here, k) * ways(there, total - k) for k in range(total + 1)}
    wanted = sum(weight for k, weight in weights.items() if k >= here[0]) / sum(weights.values())

    found = more_together([layer(*here)], [layer(*there)])

    tells = 0 < here[0] + here[2] < sum(here) and here[0] + here[1] and here[2] + here[3]
    tells_there = 0 < there[0] + there[2] < sum(there) and there[0] + there[1] and there[2] + there[3]
    assert found == pytest.approx(wanted if tells and tells_there else 1.0, rel=1e-9)
