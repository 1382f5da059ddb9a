"""A cause is found where there is one, by its name, and where there is none hardly ever; returns bound from below and nothing else."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("numpy")
pytest.importorskip("scipy")

from probatum.inspection.artefacts.annotations import Draw, Question, Side
from probatum.inspection.artefacts.capture import Capture, View
from probatum.inspection.model.asking import Candidate, ask
from probatum.inspection.model.contrasts import Cause, Passed
from probatum.inspection.model.returns import Return, delays, reported, returned, shipped_damaged
from probatum.inspection.model.root_causes import passed, root_causes
from probatum.stats.audited_rates import Audited, rates

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Rate = Callable[[dict[str, str]], float]


def units(seed: int, rate: Rate, count: int = 3000) -> list[Passed]:
    """Units of three stations, three shifts and four vendors of which one delivers mostly to the first station, in lots of their own."""
    chance = random.Random(seed)
    found = []
    for n in range(count):
        vendor = chance.choice("ABCD")
        station = "S1" if vendor == "A" and chance.random() < 0.8 else chance.choice(("S1", "S2", "S3"))
        levels = {
            "station": station,
            "shift": chance.choice(("early", "late", "night")),
            "vendor": vendor,
            "lot": f"{vendor}-{chance.randrange(6)}",
            "camera": f"C{station}",
        }
        found.append(Passed(unit=str(n), levels=levels, damaged=chance.random() < rate(levels)))
    return found


def names(found: tuple[Cause, ...]) -> list[str]:
    return ["+".join(level for _, level in one.levels) for one in found if not one.explained_by]


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        (lambda own: 0.16 if own["station"] == "S2" else 0.04, ["S2"]),
        (lambda own: 0.16 if own["shift"] == "night" else 0.04, ["night"]),
        (lambda own: 0.16 if own["vendor"] == "C" else 0.04, ["C"]),
        (lambda own: 0.5 if own["lot"] == "B-3" else 0.04, ["B-3"]),
        (lambda own: 0.4 if (own["station"], own["shift"]) == ("S2", "late") else 0.05, ["S2+late"]),
        (lambda _: 0.05, []),
    ],
    ids=["station", "shift", "vendor", "lot", "pair", "nothing"],
)
def test_what_damages_is_found_and_named(rate: Rate, wanted: list[str]) -> None:
    found = root_causes(units(7, rate))

    assert set(wanted) <= set(names(found.found))
    if wanted != ["S2+late"]:  # the pair makes its station and its shift worse as well
        assert names(found.found) == wanted
    assert found.exact
    assert found.same == {"camera": "station"}


def test_a_vendor_is_not_held_against_the_station_where_it_is_unpacked() -> None:
    """Most of what vendor A delivers comes to the first station, where more is damaged than elsewhere for that reason alone."""
    found = root_causes(units(2, lambda own: 0.2 if own["vendor"] == "A" else 0.04, count=6000))

    assert names(found.found) == ["A"]
    station = next(one for one in found.others if one.levels == (("station", "S1"),))
    assert station.damaged / station.units > 1.4 * station.others_damaged / station.others
    assert "vendor" in station.within


def test_a_bad_delivery_explains_its_vendor() -> None:
    found = root_causes(units(3, lambda own: 0.8 if own["lot"] in ("B-3", "B-4") else 0.04))

    assert set(names(found.found)) == {"B-3", "B-4"}
    vendor = next(one for one in found.found if one.levels == (("vendor", "B"),))
    assert set(vendor.explained_by) == {("lot", "B-3"), ("lot", "B-4")}
    assert "odds at least" in str(vendor)


@pytest.mark.slow  # hundreds of analyses
def test_nothing_is_found_by_accident_more_often_than_is_said() -> None:
    """Also where vendors differ much in what they deliver where: only the columns that make a difference are named."""
    none = sum(bool(root_causes(units(seed, lambda _: 0.05, count=1500)).found) for seed in range(60))
    wrong = 0
    for seed in range(60):
        found = root_causes(units(seed, lambda own: 0.2 if own["vendor"] == "A" else 0.04, count=1500))
        wrong += any(("vendor", "A") not in one.levels for one in found.found if not one.explained_by)

    assert none <= 8  # 3 are allowed; more than 8 would happen once in 250 times
    assert wrong <= 8


def drawn(seed: int, rate: Rate, *, coins: bool, told: float = 2.0) -> list[Passed]:
    """Units that were looked at because of their scores, which tell damage."""
    own = units(seed, rate, count=4000)
    chance = random.Random(seed)
    candidates = []
    for one in own:
        score = chance.gauss(told * bool(one.damaged), 1)
        candidates.append(Candidate(unit=one.unit, score=score, alarms=score > 2.3, probability=1 / (1 + math.exp(4 - score))))
    draw = ask(candidates, threshold=2.3, budget=1200, seed=str(seed))
    asked = {one.unit: one for one in draw.questions}
    return [
        Passed(
            unit=one.unit,
            levels=one.levels,
            chance=asked[one.unit].chance if one.unit in asked else draw.passed.least,
            looked=one.unit in asked,
            damaged=one.damaged if one.unit in asked else None,
            coin=asked[one.unit].coin if one.unit in asked and coins else None,
        )
        for one in own
    ]


def test_units_that_were_drawn_because_they_look_bad_are_weighed() -> None:
    found = root_causes(drawn(1, lambda own: 0.4 if own["shift"] == "night" else 0.02, coins=False))

    assert not found.exact
    assert names(found.found) == ["night"]
    assert found.found[0].p is None
    assert "different chances" in found.notes[-1]


def test_units_that_were_drawn_for_what_they_look_like_are_left_out_if_coins_are_known() -> None:
    found = root_causes(drawn(1, lambda own: 0.2 if own["shift"] == "night" else 0.04, coins=True))

    assert found.exact
    assert names(found.found) == ["night"]
    assert found.found[0].p is not None
    assert "left out" in found.notes[-1]


@pytest.mark.slow  # dozens of analyses and draws
@pytest.mark.parametrize("coins", [False, True])
def test_nothing_is_found_by_accident_among_units_drawn_because_they_look_bad(coins: bool) -> None:
    assert sum(bool(root_causes(drawn(seed, lambda _: 0.05, coins=coins)).found) for seed in range(20)) <= 4


def test_what_nobody_can_tell_is_told_and_what_stands_twice_is_refused() -> None:
    own = units(4, lambda _: 0.1, count=50)
    own[0] = Passed(unit="0", levels=own[0].levels, damaged=None)

    assert root_causes(own).notes == ("of 1 units that were looked at nobody can tell",)
    assert root_causes([]).found == ()
    with pytest.raises(ValueError, match="twice"):
        root_causes([own[1], own[1]])


def test_a_unit_has_the_levels_that_its_views_say_and_its_chance_from_the_draw() -> None:
    views = tuple(View(capture_id="u", image=f"{name}.jpg", camera=name, station="S1", vendor="V") for name in "BA")
    every = (Capture(capture_id="u", views=views), Capture(capture_id="v", views=(View(capture_id="v", image="v.jpg"),)))
    question = Question(unit="u", chance=0.5, coin=0.1)
    draw = Draw(seed="", alarmed=Side(units=0, least=1.0), passed=Side(units=2, least=0.2), questions=(question,))

    drawn, other = passed(every, draw, {"u": True})
    behind, _ = passed(every, draw, {})

    assert drawn.levels == {"station": "S1", "shift": "", "vendor": "V", "lot": "", "camera": "A+B"}
    assert (drawn.looked, drawn.damaged, drawn.chance, drawn.coin) == (True, True, 0.5, 0.1)
    assert (other.looked, other.damaged, other.chance, other.coin) == (False, None, 0.2, None)
    assert (behind.looked, behind.damaged, behind.coin) == (False, None, None)


def sent(count: int = 400) -> dict[str, datetime]:
    return {f"u{n}": NOW - timedelta(days=60) + timedelta(hours=3 * n) for n in range(count)}


def test_returns_bound_from_below_and_nothing_else() -> None:
    shipped = sent()
    back = [
        Return(unit="u1", at=NOW - timedelta(days=20), confirmed=True),
        Return(unit="u1", at=NOW - timedelta(days=10), confirmed=False),
        Return(unit="u2", at=NOW - timedelta(days=5), confirmed=False),
        Return(unit="other", at=NOW - timedelta(days=5), confirmed=True),
    ]

    found = returned(shipped, back, now=NOW)

    assert (found.shipped, found.confirmed, found.unconfirmed, found.unknown) == (400, 1, 1, ("other",))
    assert found.at_least.high is None
    assert found.at_least.low is not None
    assert 0 < found.at_least.low < 1 / 400 == found.share_at_least
    assert "did not come back says nothing" in " ".join(found.assumptions)
    for wrong in (NOW + timedelta(days=1), NOW - timedelta(days=90)):
        with pytest.raises(ValueError, match="before it was shipped or after now"):
            returned(shipped, [Return(unit="u1", at=wrong, confirmed=True)], now=NOW)
    with pytest.raises(ValueError, match="nothing was shipped"):
        returned({}, [], now=NOW)


def test_returns_raise_the_lower_end_of_an_audit_and_bound_how_much_comes_back() -> None:
    shipped = sent()
    back = [Return(unit=f"u{n}", at=NOW - timedelta(days=1), confirmed=True) for n in range(12)]
    audit = rates(
        Audited(population=10, least=1.0, faulty=(1.0,) * 10),
        Audited(population=400, least=0.1, faulty=(0.1,) * 3, sound=(0.1,) * 37),
    )

    low, high = shipped_damaged(returned(shipped, back, now=NOW), audit)

    assert audit.passed_faulty.low < low == 12 / 400
    assert high == audit.passed_faulty.high
    few, many = reported(returned(shipped, back, now=NOW), audit)
    assert few == pytest.approx(12 / 400 / high)
    assert many == 1.0


def test_delays_of_what_was_shipped_lately_do_not_look_short() -> None:
    """Returns come after 1 to 40 days, equally often; half were shipped in the last 20 days."""
    chance = random.Random(5)
    pairs = []
    for _ in range(6000):
        watched, late = chance.uniform(0, 40), chance.uniform(1, 40)
        if late <= watched:
            pairs.append((late, watched))
    plain = sum(late <= 15 for late, _ in pairs) / len(pairs)

    found = delays(*zip(*pairs, strict=True))

    assert plain > 0.5
    assert found.by(15) == pytest.approx(14 / 39, abs=0.06)
    assert found.by(0.5) == 0
    assert found.by(40) == 1
    assert found.longest <= 40
    with pytest.raises(ValueError, match="later than was watched"):
        delays([3], [2])
    assert delays([], []).by(9) == 0


def test_weeks_that_are_not_complete_yet_are_told() -> None:
    shipped = sent()
    chance = random.Random(6)
    back = []
    for unit, at in shipped.items():
        late = chance.uniform(1, 30)
        if chance.random() < 0.5 and at + timedelta(days=late) <= NOW:
            back.append(Return(unit=unit, at=at + timedelta(days=late), confirmed=True))

    weeks = list(returned(shipped, back, now=NOW).complete.items())

    assert weeks == sorted(weeks)
    assert weeks[0][1] == 1.0
    assert weeks[-1][1] < 0.7
