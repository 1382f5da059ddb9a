"""Products that change are named at a controlled rate, and a redesign is told from a wave of damage."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from probatum.inspection.fit.renewal import renewal
from probatum.inspection.model.drift import Scored, Watch, Watches
from probatum.inspection.model.places import contrasts
from probatum.inspection.model.redesign import DamageWave, Redesign, Unclear, weigh

START = datetime(2026, 1, 5, tzinfo=UTC)
DIM = 16


class Line:
    """Units of one product as points: a score is the mean distance to the two nearest references."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.points = {}
        self.references = [self.point(f"r{k}") for k in range(4)]
        self.usual = [self.unit(f"b{k}", 0.0) for k in range(40)]

    def point(self, name, off=None):
        self.points[name] = self.rng.normal(size=DIM) + (0 if off is None else off)
        return name

    def way(self, far=10.0):
        way = self.rng.normal(size=DIM)
        return way / np.linalg.norm(way) * far

    def against(self, name, references):
        far = np.linalg.norm(np.array([self.points[one] for one in references]) - self.points[name], axis=1)
        return {"score": float(np.sort(far)[:2].mean())}

    def unit(self, name, day, *, off=None, station="S1", lot="", relief=0.0, damage=0.0):
        self.point(name, off)
        noise = self.rng.normal(size=2)
        return Scored(
            capture_id=name,
            product="P",
            score=self.against(name, self.references)["score"],
            at=START + timedelta(days=day),
            station=station,
            lot=lot,
            relief=float(relief + noise[0]),
            damage=float(damage + noise[1]),
        )

    def after(self, units):
        watch = Watch("P", self.usual)
        for unit in units:
            watch.add(unit)
        return weigh(watch, self.against)


def stations(at):
    return f"S{1 + at % 3}"


def test_units_that_are_alike_and_come_from_everywhere_are_proposed_as_a_redesign() -> None:
    line = Line(1)
    new = line.way()
    came = [line.unit(f"u{k}", k / 4, station=stations(k)) for k in range(20)]
    came += [line.unit(f"n{k}", 5 + k / 4, station=stations(k), off=new) for k in range(14)]

    found = line.after(came)

    assert isinstance(found, Redesign)
    assert set(found.references) <= {f"n{k}" for k in range(14)}
    assert not found.shape
    assert found.weighed.since == START + timedelta(days=5)


def test_units_each_strange_in_its_own_way_are_a_wave_of_damage_with_the_lot_it_comes_from() -> None:
    line = Line(2)
    bad = [k % 3 > 0 for k in range(30)]
    came = [
        line.unit(
            f"n{k}", k / 4, station=stations(k // 3), lot="L2" if odd else "L1", off=line.way() if odd else None, relief=5 * odd
        )
        for k, odd in enumerate(bad)
    ]

    found = line.after(came)

    assert isinstance(found, DamageWave)
    assert found.weighed.contrast is not None
    assert (found.weighed.contrast.factor, found.weighed.contrast.level) == ("lot", "L2")
    assert "depth differs" in found.why
    assert "lot `L2`" in found.why


def test_units_that_are_alike_but_come_from_one_station_and_look_damaged_are_a_wave_of_damage() -> None:
    """A machine that always dents the same corner makes units that are alike, too."""
    line = Line(3)
    dent = line.way()
    came = [
        line.unit(
            f"n{k}",
            k / 4,
            station=stations(k),
            off=dent if k % 3 == 0 else None,
            relief=5 * (k % 3 == 0),
            damage=5 * (k % 3 == 0),
        )
        for k in range(45)
    ]

    found = line.after(came)

    assert isinstance(found, DamageWave)
    assert "station `S1`" in found.why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"damage": 6.0}, "look damaged"),
        ({"station": "S1"}, "all come from one station"),
        ({"days": 0.01}, "all come from one day"),
        ({"station": ""}, "nobody said at which stations"),
    ],
)
def test_what_speaks_against_a_redesign_leaves_it_to_a_person(change, why) -> None:
    line = Line(4)
    new, days = line.way(), change.pop("days", 0.25)
    line.usual = [replace(unit, station=stations(k)) for k, unit in enumerate(line.usual)]

    found = line.after([line.unit(f"n{k}", k * days, **({"station": stations(k), "off": new} | change)) for k in range(14)])

    assert isinstance(found, Unclear)
    assert why in found.why


def test_units_of_which_nobody_said_when_they_were_seen_are_left_to_a_person() -> None:
    line = Line(8)
    new = line.way()

    found = line.after([replace(line.unit(f"n{k}", 0, station=stations(k), off=new), at=None) for k in range(14)])

    assert isinstance(found, Unclear)
    assert "nobody said when" in found.why
    assert found.weighed.since is None


def test_a_larger_version_is_proposed_with_the_remark_that_its_depth_differs() -> None:
    line = Line(5)
    new = line.way()

    found = line.after([line.unit(f"n{k}", k / 4, station=stations(k), off=new, relief=6) for k in range(14)])

    assert isinstance(found, Redesign)
    assert found.shape
    assert "depth differs" in found.why


def test_few_strange_units_decide_nothing() -> None:
    line = Line(6)
    new = line.way()

    found = line.after([line.unit(f"n{k}", k, station=stations(k), off=new) for k in range(4)])

    assert isinstance(found, Unclear)
    assert "5 are needed" in found.why


def streams(seed, *, products, changed, units=60, shift=5.0):
    rng = np.random.default_rng(seed)
    for at in range(products):
        usual = rng.normal(size=30) * rng.uniform(0.5, 2) + rng.normal()
        later = rng.permutation(np.concatenate([usual, rng.choice(usual, units)]))  # exchangeable: drawn from one urn
        later[30 + units // 2 :] += shift * usual.std() * (at < changed)
        yield f"P{at}", later[:30], later[30:]


def watched(seed, **arguments):
    own = {name: (usual, later) for name, usual, later in streams(seed, **arguments)}
    watches = Watches({name: [_scored(name, one) for one in usual] for name, (usual, _) in own.items()}, alpha=0.1, seed=seed)
    found = []
    for at in range(arguments.get("units", 60)):
        for name, (_, later) in own.items():
            watches.add(_scored(name, later[at]))
        found += [watch.product for watch in watches.look()]
    return found


def _scored(name, score):
    return Scored(capture_id="", product=name, score=float(score))


def test_products_that_change_are_named_once() -> None:
    found = watched(1, products=30, changed=5)

    assert sorted(found) == [f"P{at}" for at in range(5)]


@pytest.mark.slow  # a simulation
def test_of_all_ever_named_few_are_named_wrongly_however_often_one_looks() -> None:
    shares = []
    for seed in range(60):
        found = watched(seed, products=30, changed=seed % 3, units=40)
        wrong = sum(int(name[1:]) >= seed % 3 for name in found)
        shares.append(wrong / max(1, len(found)))

    assert np.mean(shares) - 2.33 * np.std(shares) / math.sqrt(len(shares)) <= 0.1
    assert np.mean(shares) < 0.15


def test_a_product_is_watched_anew_after_another_version() -> None:
    line = Line(7)
    watches = Watches({"P": line.usual, "Q": line.usual}, alpha=0.1)
    for k in range(8):
        assert watches.add(line.unit(f"n{k}", k, off=line.way(30.0)))
    needed = watches.needed()
    assert [watch.product for watch in watches.look()] == ["P"]
    assert watches.look() == ()

    watches.renew("P", line.usual)

    assert watches.watching["P"].units == []
    assert not watches.add(replace(line.usual[0], product="unknown"))
    assert needed == pytest.approx(math.log(2 / 0.1))
    assert watches.needed() == pytest.approx(math.log(3 / (0.1 * 2)))
    for k in range(8):
        watches.add(line.unit(f"m{k}", k, off=line.way(30.0)))
    assert [watch.product for watch in watches.look()] == ["P"]


def test_a_contrast_names_the_place_that_has_more_and_is_exact() -> None:
    units = [replace(_scored("P", 0), station=stations(k), shift="early" if k % 2 else "late") for k in range(30)]
    strange = [k % 3 == 1 and k < 25 for k in range(30)]

    first, *rest = contrasts(units, strange)

    assert (first.factor, first.level, first.inside, first.outside) == ("station", "S2", (8, 10), (0, 20))
    ways = sum(math.comb(10, k) * math.comb(20, 8 - k) for k in range(8, 9)) / math.comb(30, 8)
    assert first.p == pytest.approx(ways * (len(rest) + 1))
    assert all(one.p >= first.p for one in rest)
    assert contrasts(units, strange, factors=("vendor",)) == ()


@pytest.mark.slow  # a simulation
def test_a_contrast_is_seldom_clear_where_chance_alone_spreads_strange_units() -> None:
    rng = np.random.default_rng(3)
    clear = 0
    for _ in range(1000):
        units = [replace(_scored("P", 0), station=f"S{rng.integers(3)}", lot=f"L{rng.integers(4)}") for _ in range(24)]
        clear += any(one.p <= 0.05 for one in contrasts(units, (rng.random(24) < 0.4).tolist()))

    assert clear <= 1000 * 0.05 + 2.33 * math.sqrt(1000 * 0.05 * 0.95)


def test_a_threshold_holds_or_is_renewed_or_the_product_waits() -> None:
    rng = np.random.default_rng(4)
    calibration = {f"P{at}": rng.normal(size=20).tolist() for at in range(20)}
    in_use = 2.5

    few = renewal(calibration, "P3", rng.normal(size=5).tolist(), threshold=in_use, budget=0.01)
    same = renewal(calibration, "P3", (rng.normal(size=30) - 9).tolist(), threshold=9.0, budget=0.01)
    worse = renewal(calibration, "P3", (rng.normal(size=30) + 9).tolist(), threshold=in_use, budget=0.01)
    none = renewal(calibration, "P3", rng.normal(size=30).tolist(), threshold=in_use, budget=0.001)

    assert (few.outcome, few.missing) == ("without", 15)
    assert few.threshold is not None
    assert few.threshold.trials == 380
    assert same.outcome == "holds"
    assert worse.outcome == "renewed"
    assert worse.threshold is not None
    assert worse.threshold.value > 6
    assert (none.outcome, none.threshold) == ("refused", None)
    assert "even with no false alarm" in none.why
