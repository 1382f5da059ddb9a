"""Each channel tells its own kind of damage from good items, and says nothing of what cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from probatum.inspection.semantics.compared import CHANNELS, SIDE, Compared, compared, pristine
from probatum.inspection.semantics.looked import Looked, look, look_at_references
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.rendering import Shot

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from booth_views import colours_of_places, seen, shot  # noqa: E402 # needs NumPy


@cache
def references(kind: str, number: int = 0, *, deep: bool = True) -> tuple[Looked, ...]:
    views = [seen(shot(kind, seed=100 + at, number=number)) for at in range(3)]
    found = look_at_references(colours_of_places(), views if deep else [replace(view, mm=None) for view in views])
    assert all(isinstance(one, Looked) for one in found)
    return found  # type: ignore[return-value] # as was just asserted


def looked(of: Shot, known: tuple[Looked, ...], *, deep: bool = True) -> Looked:
    view = seen(of)
    found = look(colours_of_places(), view.rgb, mm=view.mm if deep else None, like=known)
    assert isinstance(found, Looked)
    return found


@cache
def differs(kind: str, seed: int, *damages: Damage) -> Compared:
    known = references(kind)
    return compared(looked(shot(kind, seed=seed, damages=damages), known), known)


def test_what_is_crushed_is_lower_where_it_is_crushed() -> None:
    good, bad = differs("box", 1), differs("box", 1, Damage(type="crush", severity=0.6, seed=3, form="face"))

    assert bad.scores["relief"] > 5 * good.scores["relief"] + 1
    assert bad.maps["relief"].shape == (SIDE, SIDE)
    assert np.nanmax(bad.maps["relief"]) >= bad.scores["relief"]


def test_a_tear_is_a_difference_of_looks() -> None:
    for seed in (1, 2):
        good, bad = differs("book", seed), differs("book", seed, Damage(type="tear", severity=0.6, seed=seed))

        assert bad.scores["appearance"] > good.scores["appearance"] + 1


def test_a_stain_has_no_relief() -> None:
    good, bad = differs("box", 2), differs("box", 2, Damage(type="superficial", severity=0.8, seed=1, form="stain"))

    assert bad.scores["appearance"] > good.scores["appearance"] + 0.5
    assert bad.scores["relief"] < good.scores["relief"] + 0.3


def test_what_is_printed_on_every_reference_is_no_difference() -> None:
    product = replace(shot("box").product, printed="printed_hole")
    plain, printed = (
        look_at_references(colours_of_places(), [seen(Shot(product=of, seed=at)) for at in (1, 2, 3)])
        for of in (shot("box").product, product)
    )
    view = seen(Shot(product=product, seed=9))

    against = [
        compared(look(colours_of_places(), view.rgb, mm=view.mm, like=known), known).scores["appearance"]
        for known in (plain, printed)
    ]

    assert against[0] > against[1] + 1


def test_powder_beside_an_item_is_residue_and_leaves_the_item_alone() -> None:
    good, bad = differs("box", 2), differs("box", 2, Damage(type="spill", severity=0.5, seed=2, form="beside"))

    assert bad.scores["residue"] > 3 * good.scores["residue"]
    assert bad.scores["relief"] < good.scores["relief"] + 1
    assert bad.maps["residue"].max() > 0.5
    assert good.maps["residue"].max() == 0


@pytest.mark.parametrize("kind", ["set", "blister"])
def test_units_that_are_missing_are_counted(kind: str) -> None:
    units = shot(kind).product.units
    good, bad = differs(kind, 1), differs(kind, 1, Damage(type="missing_unit", severity=0.2, seed=2))

    assert good.units == (units, 0)
    assert bad.units == (units, 1)
    assert bad.scores["pieces"] > 0.3
    assert good.scores["pieces"] < 0.1


def test_a_channel_that_cannot_be_had_is_absent() -> None:
    known = references("set", deep=False)

    flat = compared(looked(shot("set", seed=1), known, deep=False), known)
    alone = compared(looked(shot("set", seed=1), known), ())

    assert set(flat.scores) == {"appearance", "residue"}
    assert flat.units is None
    assert set(alone.scores) == {"residue"}
    assert alone.nearest == ()
    assert set(differs("set", 1).scores) == set(CHANNELS)


def test_missing_depth_is_not_different() -> None:
    known = references("box")
    view = seen(shot("box", seed=1))
    holed = view.mm.copy()
    holed[110:140, 110:140] = np.nan

    found = compared(look(colours_of_places(), view.rgb, mm=holed, like=known), known)

    assert found.scores["relief"] < differs("box", 1).scores["relief"] + 0.3
    assert np.isnan(found.maps["relief"]).any()


def test_a_damaged_reference_does_not_hide_the_same_damage_from_the_others() -> None:
    crush = Damage(type="crush", severity=0.7, seed=3, form="face")
    dirty = [seen(shot("box", seed=100 + at, damages=(crush,) if at == 1 else ())) for at in range(4)]
    known = look_at_references(colours_of_places(), dirty)
    other = Damage(type="crush", severity=0.7, seed=5, form="corner")

    good, bad = (
        compared(looked(shot("box", seed=1, damages=damages), known), known).scores["relief"] for damages in ((), (other,))
    )

    assert bad > 2 * good


def test_features_that_one_reference_has_somewhere_excuse_little_elsewhere() -> None:
    known = references("box")
    rng = np.random.default_rng(0)
    usual = rng.normal(size=(16, 14, 14))

    def with_features(one: Looked, *strange: int) -> Looked:
        features = usual + 0.05 * rng.normal(size=usual.shape)
        features[:, list(strange), 4:9] = rng.normal(size=(16, len(strange), 5))
        return replace(one, stride16=features.astype(np.float32))

    item = looked(shot("box", seed=4), known)
    found = {}
    for rows in ((), (4, 5)):
        against = [with_features(one, *rows) if at == 1 else with_features(one) for at, one in enumerate(known)]
        found[rows] = [compared(with_features(item, *own), against).scores["appearance"] for own in ((), (9,))]

    good, bad = found[4, 5]
    assert bad > good + 3
    assert bad > found[()][1] - 0.2


def test_a_reference_of_another_product_hides_nothing_in_the_others() -> None:
    views = [seen(shot("box", seed=at, number=number)) for at, number in ((100, 0), (101, 0), (102, 4))]
    known = look_at_references(colours_of_places(), views)
    crush = Damage(type="crush", severity=0.6, seed=3, form="face")

    good, bad = (compared(looked(shot("box", seed=1, damages=damages), known), known) for damages in ((), (crush,)))

    assert known[2].cutout.agreement < 0.2
    assert bad.scores["relief"] > 5 * good.scores["relief"] + 1
    assert good.nearest[-1] == 2


def test_the_nearest_reference_is_the_most_similar_one() -> None:
    known = references("box")

    assert [compared(one, known).nearest[0] for one in known] == [0, 1, 2]
    assert sorted(compared(known[0], known).nearest) == [0, 1, 2]


def test_references_that_are_made_ready_say_the_same() -> None:
    known = references("box")
    item = looked(shot("box", seed=4), known)

    once, each = compared(item, pristine(known)), compared(item, known)

    assert once.scores == each.scores
    assert once.nearest == each.nearest
    assert all(np.array_equal(once.maps[name], each.maps[name], equal_nan=True) for name in each.maps)


def test_one_reference_is_enough_to_compare() -> None:
    known = references("box")[:1]

    found = compared(looked(shot("box", seed=4), known), known)

    assert set(found.scores) == {"appearance", "relief", "residue"}
    assert found.nearest == (0,)


def test_what_was_laid_over_no_reference_is_compared_by_features_only() -> None:
    view = seen(shot("box", seed=4))
    free = look(colours_of_places(), view.rgb, mm=view.mm)

    assert set(compared(free, references("box")).scores) == {"appearance", "residue"}


def test_two_backbones_cannot_be_compared() -> None:
    known = references("box")

    with pytest.raises(ValueError, match="backbone"):
        compared(replace(known[0], backbone="another"), known)
    with pytest.raises(ValueError, match="several backbones"):
        pristine([known[0], replace(known[1], backbone="another")])
    with pytest.raises(ValueError, match="no reference"):
        pristine([])
