"""Krippendorff's alpha: the published example on three scales, what it is by definition, and intervals that cover."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.stats.agreement import FEWEST, Scale, krippendorff

np = pytest.importorskip("numpy")

# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section D: four observers, twelve units, values missing.
OBSERVED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
UNITS = [[value for value in unit if value is not None] for unit in zip(*OBSERVED, strict=True)]


@pytest.mark.parametrize(("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example_gives_what_was_published(scale: Scale, published: float) -> None:
    found = krippendorff(UNITS, scale=scale)

    assert found.alpha == pytest.approx(published, abs=5e-4)
    assert found.units == 11
    assert found.low is not None
    assert found.high is not None
    assert found.low < published < found.high


def by_definition(units: list[list[int]], scale: str) -> float | None:
    """The same by sums over all pairs, as they stand in the source."""
    units = [unit for unit in units if len(unit) > 1]
    every = [value for unit in units for value in unit]

    def apart(a: int, b: int) -> float:
        if scale == "nominal":
            return float(a != b)
        if scale == "interval":
            return float((a - b) ** 2)
        low, high = min(a, b), max(a, b)
        between = sum(low <= value <= high for value in every)
        return 0.0 if a == b else (between - (every.count(a) + every.count(b)) / 2) ** 2

    observed = sum(apart(a, b) / (len(unit) - 1) for unit in units for a, b in itertools.permutations(unit, 2))
    chance = sum(apart(a, b) for a, b in itertools.permutations(every, 2)) / (len(every) - 1) if len(every) > 1 else 0
    return 1 - observed / chance if chance else None


@given(st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=9), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_it_is_what_the_definition_says(units: list[list[int]], scale: Scale) -> None:
    wanted = by_definition(units, scale)

    found = krippendorff(units, scale=scale).alpha

    assert found == (None if wanted is None else pytest.approx(wanted, abs=1e-9))


def test_few_units_have_no_interval_and_texts_no_order() -> None:
    few = krippendorff([["a", "b"], ["a", "a"]] * (FEWEST // 2 - 1))

    assert (few.units, few.low, few.high) == (FEWEST - 2, None, None)
    assert krippendorff([["a"], []]).alpha is None
    with pytest.raises(ValueError, match="must be numbers"):
        krippendorff([["a", "b"]], scale="ordinal")
    with pytest.raises(ValueError, match="must be numbers"):
        krippendorff([[1.0, float("nan")]], scale="interval")


@pytest.mark.slow  # 30 bootstraps of 1,000 draws for each scale
@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_intervals_cover_about_as_often_as_they_say(scale: Scale) -> None:
    """A bootstrap is right for many units: for 80 it may miss somewhat more often than it says, and not much more."""
    random = np.random.default_rng(5)

    def drawn(count: int) -> list[list[int]]:
        truth = random.integers(0, 4, count)
        return [[int(np.clip(t + random.choice([-1, 0, 0, 0, 1]), 0, 3)) for _ in range(2)] for t in truth]

    truth = krippendorff(drawn(100_000)[:20_000], ["all"] * 20_000, scale=scale).alpha
    missed = 0
    for seed in range(30):
        found = krippendorff(drawn(80), scale=scale, seed=seed)
        assert truth is not None
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= truth <= found.high

    assert missed <= 5  # 1.5 are promised; more than 5 would happen once in 300 times
