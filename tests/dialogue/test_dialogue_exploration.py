"""What is asked about, and what answers say about all turns."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.model.exploration import Askable, chances, draw
from probatum.stats.surveys import Drawn, share

opinions = st.lists(st.floats(0, 1), max_size=3).map(tuple)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), opinions), min_size=1, max_size=30), st.floats(0.01, 40), st.floats(0.01, 1))
def test_chances_add_up_to_the_budget_and_none_is_below_the_floor(what, budget, floor) -> None:
    items = [Askable(str(n), str(n), request, said) for n, (request, said) in enumerate(what)]

    found = chances(items, budget=budget, floor=floor)

    assert sum(found) == pytest.approx(min(budget, len(items)), rel=1e-6)
    assert all(min(1.0, floor * budget / len(items)) * (1 - 1e-9) <= one <= 1 for one in found)


def test_what_is_open_frequent_or_disputed_is_asked_more_often() -> None:
    items = [
        Askable("settled", "a", "x", (0.01, 0.01)),
        Askable("open", "a", "y", (0.5, 0.5)),
        Askable("disputed", "a", "z", (0.05, 0.95)),
        *(Askable(f"often {n}", "a", "w", (0.5, 0.5)) for n in range(20)),
    ]

    found = dict(zip((one.turn for one in items), chances(items, budget=3), strict=True))

    assert found["settled"] < found["open"] < found["disputed"]
    assert found["open"] < found["often 0"]


def test_a_draw_is_as_often_as_it_says_and_the_same_again() -> None:
    items = [Askable(str(n), str(n), n % 7, (n % 10 / 10,)) for n in range(400)]

    drawn = [draw(items, budget=40, seed=str(seed)) for seed in range(30)]

    assert draw(items, budget=40, seed="3") == drawn[3]
    assert sum(map(len, drawn)) / 30 == pytest.approx(40, abs=5)
    known = dict(zip((one.turn for one in items), chances(items, budget=40), strict=True))
    assert all(one.chance == known[one.turn] for one in drawn[0])


def world(seed: int, users: int) -> tuple[list[Askable], list[bool]]:
    """Users who differ in how often things fail for them, and a judge that is right more often than not."""
    rng = random.Random(seed)
    items, truth = [], []
    for user in range(users):
        rate = rng.betavariate(2, 5)
        for turn in range(rng.randint(1, 12)):
            failed = rng.random() < rate
            items.append(
                Askable(
                    f"{user}-{turn}", str(user), rng.randint(0, 20), (min(1.0, max(0.0, rng.gauss(0.7 if failed else 0.3, 0.2))),)
                )
            )
            truth.append(failed)
    return items, truth


def covered(seeds: range) -> tuple[float, float]:
    """Return how often the interval has the share of all turns, and by how much estimates are off on average."""
    inside, off = 0, 0.0
    for seed in seeds:
        items, truth = world(seed, 150)
        true = dict(zip((one.turn for one in items), truth, strict=True))
        found = share([Drawn(one.user, one.chance, true[one.turn]) for one in draw(items, budget=150, seed=str(seed))])
        failed = sum(truth) / len(truth)
        inside += found.low <= failed <= found.high
        off += found.value - failed
    return inside / len(seeds), off / len(seeds)


@pytest.mark.slow  # hundreds of worlds
def test_intervals_hold_the_share_of_all_turns_as_often_as_they_say() -> None:
    inside, off = covered(range(200))

    assert inside >= 0.93
    assert abs(off) < 0.01


def test_estimates_are_not_moved_by_what_was_asked_about() -> None:
    inside, off = covered(range(12))

    assert inside >= 0.75
    assert abs(off) < 0.05
