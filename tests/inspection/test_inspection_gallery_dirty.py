"""References that do not look like their product are proposed for removal, and of those few are as they should be."""

import math
from dataclasses import replace

import numpy as np
import pytest

from probatum.inspection.model.contamination import LeftOut, contamination, left_out

DIM = 12


def gallery(seed, *, products=40, references=4, units=6, dirty=0.2, far=16.0):
    """Cases, and which references are dirty. Products differ in how much their units do, and in how heavy their tails are."""
    rng = np.random.default_rng(seed)
    cases, bad = [], set()
    for at in range(products):
        spread, heavy, points = math.exp(rng.normal(0, 0.5)), at % 2 == 0, {}
        for name in [*(f"P{at}r{k}" for k in range(references)), *(f"P{at}u{k}" for k in range(units))]:
            points[name] = rng.standard_t(4, DIM) * 0.7 if heavy else rng.normal(size=DIM)
            if "r" in name and rng.random() < dirty:
                way = rng.normal(size=DIM)
                points[name] = points[name] + way / np.linalg.norm(way) * far
                bad.add(name)

        def against(name, others, points=points, spread=spread):
            far = np.linalg.norm(np.array([points[one] for one in others]) - points[name], axis=1) * spread
            return {"appearance": float(np.sort(far)[:2].mean()), "relief": float(abs(points[name][0]))}

        found = left_out(f"P{at}", [n for n in points if "r" in n], [n for n in points if "u" in n], against)
        assert not isinstance(found, str)
        cases += found
    return cases, bad


def test_damaged_references_are_proposed_with_how_strange_they_are() -> None:
    cases, bad = gallery(1)

    found = contamination(cases)

    named = {suspect.capture_id for suspect in found.suspects}
    assert len(named & bad) > 0.7 * len(bad)
    assert len(named - bad) <= 0.25 * len(named)
    assert found.tested == len(cases)
    worst = found.suspects[0]
    assert (worst.channel, worst.among) == ("appearance", 40 * 4 * 6)
    assert (worst.above + 1) / (worst.among + 1) <= worst.p <= (2 * (worst.above + 1) + 1) / (worst.among + 1)


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("dirty", [0.0, 0.1, 0.3])
def test_of_the_named_at_most_the_rate_is_as_it_should_be(dirty) -> None:
    shares = []
    for seed in range(150):
        cases, bad = gallery(seed, products=25, dirty=dirty)
        named = {suspect.capture_id for suspect in contamination(cases, rate=0.1).suspects}
        shares.append(len(named - bad) / max(1, len(named)))

    # Not refuted at 1 %.
    assert np.mean(shares) - 2.33 * np.std(shares) / math.sqrt(len(shares)) <= 0.1


def test_a_reference_that_is_as_it_should_be_has_any_rank() -> None:
    """Its p-value is small as seldom as it says."""
    small = [0, 0]
    for seed in range(12):
        cases, _ = gallery(seed, products=25, dirty=0.0)
        found = contamination([replace(case, scores={"relief": case.scores["relief"]}) for case in cases], rate=0.999)
        small[0] += sum(suspect.p <= 0.05 for suspect in found.suspects)
        small[1] += found.tested

    assert small[0] <= 0.05 * small[1] + 2.33 * math.sqrt(0.05 * 0.95 * small[1])


def test_what_cannot_be_tested_is_said_and_not_passed() -> None:
    cases, _ = gallery(2, products=3)
    few = replace(cases[0], product="few", units=cases[0].units[:2])
    unscored = replace(cases[1], product="unscored", scores={"appearance": math.nan, "relief": 0.0})

    found = contamination([*cases, few, unscored], untested={"alone": "it has one reference, and none to compare it with"})

    assert set(found.untested) == {"few", "unscored", "alone"}
    assert "3 are needed" in found.untested["few"]
    assert found.tested == len(cases)
    assert contamination([few]).tested == 0
    assert left_out("P", ["r"], ["u"], lambda *_: {}) == "it has one reference, and none to compare it with"


def test_only_channels_that_all_have_are_compared() -> None:
    cases, _ = gallery(3, products=4)
    cases[0] = replace(cases[0], scores={"appearance": 1.0})
    lone = [LeftOut(product="a", capture_id="a", scores={"x": 1.0}, units=[{"y": 1.0}] * 3)]

    assert {suspect.channel for suspect in contamination(cases, rate=0.9).suspects} <= {"appearance"}
    assert contamination(lone).untested == {"a": "no channel is in all"}


def test_what_lies_beside_references_says_nothing_of_them() -> None:
    """They may have been photographed on another tray."""
    cases, _ = gallery(4, products=6, dirty=0.0)
    beside = [
        replace(case, scores={**case.scores, "residue": 9.0}, units=[{**unit, "residue": 1.0} for unit in case.units])
        for case in cases
    ]

    assert contamination(beside) == contamination(cases)


def test_a_rate_is_a_share() -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        contamination([], rate=1.0)
    assert contamination([], rate=0.1).tested == 0
