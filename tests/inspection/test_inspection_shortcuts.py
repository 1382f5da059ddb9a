"""A label that metadata tells is found, and the column is named; where there is none, nothing is found but as often as was asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")

from scipy.stats import binom  # noqa: E402 - after it is known that numpy is there

from probatum.inspection.artefacts.capture import Capture, View  # noqa: E402 - as above
from probatum.inspection.artefacts.picture import Picture  # noqa: E402 - as above
from probatum.inspection.model.shortcuts import ALL, MISSING, audit_shortcuts, facts, facts_of_unit  # noqa: E402 - as above


def told(random, count: int) -> list[dict]:
    return [
        {
            "width": float(random.integers(100, 900)),
            "bytes": float(random.lognormal(10, 1)),
            "station": str(random.choice(["A", "B", "C"])),
            "hour": None if random.random() < 0.1 else float(random.uniform(0, 24)),
            "one": "same",
        }
        for _ in range(count)
    ]


def columns(found) -> list[str]:
    return [one.column for one in found]


def test_the_trick_of_narrow_crops_is_found_and_named() -> None:
    """As in a challenge on damaged goods: crops narrower than 200 pixels were never damaged."""
    random = np.random.default_rng(0)
    units = told(random, 600)
    damaged = [unit["width"] >= 200 and random.random() < 0.4 for unit in units]

    found = audit_shortcuts(units, damaged, seed=1)

    assert columns(found.found)[0] in ("width", ALL)
    width = next(one for one in found.found if one.column == "width")
    assert width.auroc > 0.55
    assert width.levels[0].damaged == 0
    assert width.levels[0].name.startswith("at most ")
    assert "`width` tells damage" in str(width)
    assert {"bytes", "hour", "station"} <= set(columns(found.others))
    assert "one" not in columns((*found.found, *found.others))


def test_a_station_that_saw_mostly_damage_is_found() -> None:
    random = np.random.default_rng(2)
    units = told(random, 400)
    damaged = [random.random() < (0.6 if unit["station"] == "B" else 0.2) for unit in units]

    found = audit_shortcuts(units, damaged, seed=1)

    station = next(one for one in found.found if one.column == "station")
    assert station.levels[0].name == "`B`"
    assert abs(station.auroc - 0.68) < 0.06


def test_a_value_that_is_missing_may_tell() -> None:
    random = np.random.default_rng(3)
    units = told(random, 500)
    damaged = [unit["hour"] is None or random.random() < 0.1 for unit in units]

    hour = next(one for one in audit_shortcuts(units, damaged, seed=1).found if one.column == "hour")

    assert hour.levels[0].name == MISSING


def test_many_weak_columns_tell_together() -> None:
    random = np.random.default_rng(4)
    damaged = random.random(800) < 0.3
    units = [{f"c{n}": float(random.normal(0.22 * label, 1)) for n in range(12)} for label in damaged]

    found = audit_shortcuts(units, damaged, alpha=0.05, permutations=299, seed=1)

    assert found.found[0].column == ALL
    assert found.found[0].auroc > max(one.auroc for one in (*found.found[1:], *found.others))


def test_where_nothing_tells_anything_is_found_as_rarely_as_was_asked() -> None:
    runs, alpha, alarms = 50, 0.1, 0
    for seed in range(runs):
        random = np.random.default_rng([seed, 5])
        units = told(random, 100)
        alarms += bool(audit_shortcuts(units, random.random(100) < 0.4, alpha=alpha, permutations=99, seed=seed).found)

    assert binom.sf(alarms - 1, runs, alpha) > 0.01


def test_what_only_the_product_tells_is_no_shortcut_within_products() -> None:
    """One product is both large and often damaged: its pictures' size tells damage, but not among units of the product."""
    random = np.random.default_rng(6)
    products = [str(random.choice(["kettle", "cup"])) for _ in range(500)]
    units = [{"width": float(random.normal(600 if p == "kettle" else 200, 20))} for p in products]
    damaged = [random.random() < (0.6 if p == "kettle" else 0.1) for p in products]

    assert columns(audit_shortcuts(units, damaged, seed=1).found) == ["width"]
    assert audit_shortcuts(units, damaged, within=products, seed=1).found == ()


def test_a_cause_is_not_called_a_shortcut_alone() -> None:
    random = np.random.default_rng(7)
    units = [{"vendor": str(random.choice(["x", "y"])), "width": float(random.normal())} for _ in range(400)]
    damaged = [random.random() < (0.6 if unit["vendor"] == "x" else 0.1) for unit in units]

    found = {one.column: one.may_be_cause for one in audit_shortcuts(units, damaged, seed=1).found}

    assert found["vendor"] is True


@pytest.mark.parametrize(
    ("units", "damaged", "why"),
    [
        ([{"a": 1.0}] * 60, [True] * 24 + [False] * 36, "24 damaged and 36 undamaged units are too few: 25 of each are needed"),
        ([{"a": 1.0}] * 60, [True] * 30 + [False] * 30, "every column has but one value"),
        ([], [], "0 damaged and 0 undamaged units are too few: 25 of each are needed"),
    ],
)
def test_too_little_says_nothing(units, damaged, why: str) -> None:
    found = audit_shortcuts(units, damaged, seed=0)

    assert (found.undecided, found.found, found.others) == (why, (), ())


def test_the_same_seed_gives_the_same_answer() -> None:
    random = np.random.default_rng(8)
    units, damaged = told(random, 200), random.random(200) < 0.4

    assert audit_shortcuts(units, damaged, permutations=99, seed=3) == audit_shortcuts(units, damaged, permutations=99, seed=3)


def test_a_perfect_column_has_an_auroc_of_one() -> None:
    damaged = [n % 3 == 0 for n in range(300)]
    found = audit_shortcuts([{"a": "x" if one else "y"} for one in damaged], damaged, seed=0).found[0]

    assert (found.column, found.auroc, found.p) == ("a", 1.0, 1 / 2000)
    assert found.levels[0].units in (100, 200)


def test_facts_of_a_unit_are_of_all_its_views() -> None:
    at = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    views = tuple(View(capture_id="u", image=f"{n}.JPG", camera=f"k{n}", vendor="v", at=at) for n in range(2))
    pictures = [Picture(np.full((10, 20 + 20 * n, 3), 100, np.uint8), "") for n in range(2)]

    found = facts_of_unit(Capture(capture_id="u", views=views), [facts(v, p, 800) for v, p in zip(views, pictures, strict=True)])

    assert (found["width"], found["camera"], found["vendor"], found["views"]) == (30.0, "k0+k1", "v", 2.0)
    assert (found["hour"], found["weekday"], found["format"], found["exposure"]) == (14.5, "Monday", "jpg", 100.0)
    assert found["bytes per pixel"] == 3.0
    assert found["station"] is None
