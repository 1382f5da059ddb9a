"""What a score misses and how often it alarms for nothing is bounded by audits, as often as is promised, wherever faulty things hide."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.evidence import CONFIRMED
from probatum.stats.audited_rates import Audited, Rates, rates
from probatum.stats.coins import chances, toss
from probatum.stats.recheck import recheck

# Of 4,000 things: how many alarmed, and how many of those that alarmed, were near to it, and were far from it are faulty.
WORLDS = {
    "none": (20, 0, 0, 0),
    "the score is good": (40, 30, 8, 2),
    "the score is useless": (40, 1, 1, 60),
    "much is faulty": (400, 380, 90, 300),
}
POPULATION, NEAR = 4000, 100


def audit(world: tuple[int, int, int, int], seed: int, *, unknown: float = 0.0) -> Rates:
    """All that alarmed is drawn with probability 0.9, near things with 0.5, others with 0.03."""
    alarmed, hits, near, far = world
    coin = random.Random(seed)

    def looked(parts: list[tuple[int, int, float]]) -> Audited:
        said: dict[str, list[float]] = {"faulty": [], "sound": [], "unknown": []}
        for many, faulty, p in parts:
            for at in range(many):
                if coin.random() < p:
                    said["unknown" if coin.random() < unknown else "faulty" if at < faulty else "sound"].append(p)
        return Audited(
            population=sum(many for many, _, _ in parts),
            least=min(p for _, _, p in parts),
            **{name: tuple(own) for name, own in said.items()},
        )

    return rates(looked([(alarmed, hits, 0.9)]), looked([(NEAR, near, 0.5), (POPULATION - alarmed - NEAR, far, 0.03)]))


def truth(world: tuple[int, int, int, int]) -> dict[str, float]:
    alarmed, hits, near, far = world
    faulty = hits + near + far
    return {
        "passed_faulty": (near + far) / (POPULATION - alarmed),
        "prevalence": faulty / POPULATION,
        "caught": hits / faulty if faulty else 0.0,
        "false_alarms": (alarmed - hits) / (POPULATION - faulty),
    }


def misses(world: tuple[int, int, int, int], draws: int, *, unknown: float = 0.0) -> int:
    """In how many draws any of the four intervals does not hold the truth."""
    true, missed = truth(world), 0
    for seed in range(draws):
        found = audit(world, seed, unknown=unknown)
        own = {name: getattr(found, name) for name in true}
        missed += not all(one.low - 1e-12 <= true[name] <= one.high + 1e-12 for name, one in own.items())
    return missed


@pytest.mark.slow  # 2,000 draws of 4,000 coins
@pytest.mark.parametrize("world", WORLDS)
def test_all_four_intervals_hold_together_as_often_as_they_say(world: str) -> None:
    assert (
        misses(WORLDS[world], 2000) <= 127
    )  # 100 are allowed; more than 127 would happen once in 300 times if just so many were


@pytest.mark.parametrize("world", WORLDS)
def test_intervals_hold_in_a_few_draws_also_if_nobody_can_tell_a_fifth(world: str) -> None:
    assert misses(WORLDS[world], 10, unknown=0.2) <= 2


def test_estimates_are_right_on_average() -> None:
    world = WORLDS["the score is good"]
    found = [audit(world, seed) for seed in range(60)]

    for name, true in truth(world).items():
        values = [getattr(one, name).value for one in found]
        spread = (sum((value - true) ** 2 for value in values) / len(values)) ** 0.5
        # A ratio is right for many draws only.
        assert sum(values) / len(values) == pytest.approx(
            true, abs=4 * spread / len(values) ** 0.5 + (0.1 if name == "caught" else 0)
        )


def test_what_is_all_looked_at_has_no_uncertainty() -> None:
    found = rates(
        Audited(population=3, least=1.0, faulty=(1.0, 1.0), sound=(1.0,)),
        Audited(population=7, least=1.0, faulty=(1.0,), sound=(1.0,) * 6),
    )

    assert (found.prevalence.low, found.prevalence.value, found.prevalence.high) == (0.3, 0.3, 0.3)
    assert found.caught.low == found.caught.high == pytest.approx(2 / 3)
    assert found.false_alarms.low == found.false_alarms.high == pytest.approx(1 / 7)


def test_what_nobody_can_tell_widens_both_ways() -> None:
    passed = Audited(population=100, least=0.5, faulty=(0.5,) * 3, sound=(0.5,) * 40)
    alarmed = Audited(population=4, least=1.0, faulty=(1.0,) * 2, sound=(1.0,) * 2)

    sure = rates(alarmed, passed)
    unsure = rates(alarmed, Audited(population=100, least=0.5, faulty=(0.5,) * 3, sound=(0.5,) * 36, unknown=(0.5,) * 4))

    assert unsure.passed_faulty.high > sure.passed_faulty.high
    assert unsure.passed_faulty.low <= sure.passed_faulty.low
    assert unsure.caught.low < sure.caught.low
    assert unsure.passed_faulty.value == sure.passed_faulty.value


def test_bounds_from_which_shares_follow_are_confirmed_by_the_checker() -> None:
    found = audit(WORLDS["the score is good"], 1)

    assert found.bounds
    for bound in found.bounds:
        assert recheck(bound.estimate("faulty things")) == CONFIRMED
    assert "sees that it is faulty" in " ".join(found.assumptions)


def test_nothing_passed_and_more_found_than_there_is_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing was missed"):
        rates(Audited(population=3, least=1.0), Audited(population=0, least=1.0))
    with pytest.raises(ValueError, match="were found of 2"):
        rates(Audited(population=0, least=1.0), Audited(population=2, least=0.5, sound=(0.5,) * 3))


@given(
    st.lists(st.just(0.0) | st.floats(1e-6, 10) | st.floats(0, 5e-324), min_size=1, max_size=30),
    st.floats(0.01, 40),
    st.floats(0.01, 1),
)
def test_coins_add_up_to_the_budget_and_rise_with_worth(worth: list[float], budget: float, floor: float) -> None:
    found = chances(worth, budget=budget, floor=floor)

    assert sum(found) == pytest.approx(min(budget, len(worth)), rel=1e-9)
    assert all(min(1.0, floor * budget / len(worth)) * (1 - 1e-9) <= one <= 1 for one in found)
    ranked = sorted(zip(worth, found, strict=True))
    assert all(a[1] <= b[1] for a, b in itertools.pairwise(ranked))


def test_coins_are_fair_and_the_same_again() -> None:
    assert toss("seed", "name") == toss("seed", "name") != toss("other", "name")
    assert sum(toss("seed", str(n)) < 0.1 for n in range(4000)) == pytest.approx(400, abs=80)
