"""Pictures of the booth: the same for the same seed, changed by damage where its mask says and nowhere else, and by print in no depth."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("cv2")

from probatum.synth.inspection.barcodes import bars
from probatum.synth.inspection.bodies import body
from probatum.synth.inspection.damage import APPLIES, Damage, inflicted, missing
from probatum.synth.inspection.parameters import CAPTURE_FAULTS, DECOYS, KINDS, PRINTED, Camera, Optics, Parameters
from probatum.synth.inspection.products import draw_product, redesigned
from probatum.synth.inspection.raster import distance
from probatum.synth.inspection.rendering import Shot, photograph

SMALL = Optics(size=96)
BARE = Optics(size=96, noise=0.0, jitter=0.0)
EACH = [(kind, damage) for kind in KINDS for damage in APPLIES[kind]]


def product(kind, number=0, **how):
    return draw_product(3, KINDS.index(kind) + len(KINDS) * number, **how)


def depth_of(shot, optics=BARE, view=0):
    return photograph(shot, optics)[view].depth


def test_the_same_seed_makes_the_same_pictures_and_another_one_others():
    shot = Shot(product=product("polybag"), seed=5, damages=(Damage(type="tear", severity=0.6, seed=1),), decoys=DECOYS)

    one, other, third = photograph(shot, SMALL), photograph(shot, SMALL), photograph(replace(shot, seed=6), SMALL)

    for a, b, c in zip(one, other, third, strict=True):
        assert np.array_equal(a.rgb, b.rgb)
        assert np.array_equal(a.depth, b.depth)
        assert np.array_equal(a.damage[0], b.damage[0])
        assert not np.array_equal(a.rgb, c.rgb)


def test_views_are_pictures_and_depths_of_the_size_that_was_asked_for():
    a, b = photograph(Shot(product=product("box"), seed=1), SMALL)

    assert (a.camera, b.camera) == ("A", "B")
    assert a.rgb.shape == (96, 96, 3)
    assert a.rgb.dtype == np.uint8
    assert a.depth.dtype == np.float32
    for view, camera in zip((a, b), SMALL.cameras, strict=True):
        known = view.depth[view.depth > 0]
        assert known.max() == pytest.approx(camera.height_mm, abs=6 * SMALL.depth_noise_mm)
        # The top of the box is as high as the box.
        top = camera.height_mm - np.median(view.depth[view.item & (view.depth > 0)])
        assert top == pytest.approx(product("box").height_mm, abs=6)
    assert not np.array_equal(a.item, b.item)


@pytest.mark.parametrize(("kind", "damage"), EACH)
def test_where_the_mask_is_not_nothing_is_higher_or_lower_than_without_damage(kind, damage):
    shot = Shot(product=product(kind), seed=7)

    intact = photograph(shot, BARE)
    damaged = photograph(replace(shot, damages=(Damage(type=damage, severity=0.7, seed=2),)), BARE)

    for before, after in zip(intact, damaged, strict=True):
        mask = after.damage[0]
        assert mask.any()
        assert np.array_equal(before.depth[~mask], after.depth[~mask])
        assert np.array_equal(before.item[~mask], after.item[~mask])


@pytest.mark.parametrize("damage", ["crush", "tear", "hole", "superficial"])
def test_far_from_the_mask_not_even_the_light_changes(damage):
    shot = Shot(product=product("mailer"), seed=9)

    [before, _] = photograph(shot, BARE)
    [after, _] = photograph(replace(shot, damages=(Damage(type=damage, severity=0.5, seed=3),)), BARE)

    # The dome is seen past what is 42 mm around, and shadows of what is 25 mm high at most reach less far.
    far = distance(after.damage[0]) > 66 * BARE.scale
    change = np.abs(before.rgb.astype(int) - after.rgb.astype(int)).max(axis=2)
    assert far.mean() > 0.2
    assert change[far].max() <= 1
    assert change[after.damage[0]].mean() > 3


@pytest.mark.parametrize(("kind", "damage"), EACH)
def test_more_severe_damage_takes_in_no_less(kind, damage):
    goods = product(kind)
    for seed in range(3):
        areas = []
        for severity in (0.15, 0.5, 1.0):
            surface = body(goods, 0.5, seed=1)
            done = inflicted(surface, goods, (Damage(type=damage, severity=severity, seed=seed),), seed=1)
            areas.append(int(done.masks[0].sum()))
        assert areas[0] > 0
        # A cap that lies farther away is no larger: a pixel more or less of its outline.
        assert areas[0] <= 1.05 * areas[1] <= 1.05**2 * areas[2]
        if damage not in {"opened", "missing_unit", "deconstruction"}:
            assert areas[0] < areas[2]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [(kind, damage) for kind, damage in EACH if damage in {"crush", "tear", "hole", "opened", "deconstruction", "missing_unit"}],
)
def test_what_is_really_broken_shows_in_depth(kind, damage):
    shot = Shot(product=product(kind), seed=11)
    broken = replace(shot, damages=(Damage(type=damage, severity=0.8, seed=4),))
    [view, _] = photograph(broken, BARE)

    change = np.abs(depth_of(shot) - view.depth)[view.damage[0]]

    assert np.quantile(change, 0.9) > 1.5


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("kind", ["box", "bottle", "book", "mailer"])
def test_printed_damage_shows_in_colours_and_in_no_depth(kind, printed):
    plain, decoy = product(kind, 2), product(kind, 2, printed=printed)

    [bare, _], [shown, _] = (photograph(Shot(product=goods, seed=13), BARE) for goods in (plain, decoy))

    assert np.array_equal(bare.depth, shown.depth)
    assert np.abs(bare.rgb.astype(int) - shown.rgb.astype(int)).max() > 60
    # References show it, too: it is the product's.
    [reference, _] = photograph(Shot(product=decoy, seed=14), BARE)
    [other, _] = photograph(Shot(product=plain, seed=14), BARE)
    assert np.abs(reference.rgb.astype(int) - other.rgb.astype(int)).max() > 60


@pytest.mark.parametrize("form", ["scratch", "stain"])
def test_superficial_damage_shows_in_no_depth(form):
    shot = Shot(product=product("box", 1), seed=15)
    worn = replace(shot, damages=(Damage(type="superficial", severity=0.9, seed=5, form=form),))

    assert np.array_equal(depth_of(shot), depth_of(worn))


@pytest.mark.parametrize("kind", ["box", "polybag", "bottle"])
def test_a_puddle_beside_an_intact_item_is_outside_of_its_mask(kind):
    for contents in ("liquid", "powder"):
        goods = replace(product(kind), contents=contents)
        [view, _] = photograph(
            Shot(product=goods, seed=16, damages=(Damage(type="spill", severity=0.8, seed=6, form="beside"),)),
            Optics(size=192, noise=0),
        )

        assert view.damage[0].sum() > 200
        # Only along the outline do they share pixels.
        assert (view.damage[0] & view.item).sum() < 0.12 * view.damage[0].sum()


@pytest.mark.parametrize("decoy", DECOYS)
def test_decoys_change_the_picture_and_mark_nothing_as_damage(decoy):
    shot = Shot(product=product("polybag", 1), seed=17)

    [plain, _], [misleading, _] = (photograph(one, BARE) for one in (shot, replace(shot, decoys=(decoy,))))

    assert misleading.damage == ()
    assert np.abs(plain.rgb.astype(int) - misleading.rgb.astype(int)).max() > 25
    if decoy != "wrinkles":
        assert np.array_equal(plain.depth, misleading.depth)


def test_faults_of_captures_are_what_they_are_called():
    goods, other = product("book"), product("box", 1)
    seen = {fault: photograph(Shot(product=goods, seed=18, faults=(fault,), other=other), SMALL)[0] for fault in CAPTURE_FAULTS}
    plain = photograph(Shot(product=goods, seed=18), SMALL)[0]

    assert seen["black"].rgb.mean() < 25
    assert (seen["overexposed"].rgb > 250).mean() > 0.5
    assert (seen["dead_depth"].depth == 0).mean() > 0.85
    assert not seen["empty_tray"].item.any()
    assert seen["empty_tray"].depth[seen["empty_tray"].depth > 0].min() > 900
    assert seen["two_items"].item.sum() > 1.2 * plain.item.sum()
    edge = np.concatenate([side.ravel() for side in (seen["cut_off"].item[[0, -1]], seen["cut_off"].item[:, [0, -1]])])
    assert edge.any()
    assert seen["cut_off"].item.sum() < 0.8 * plain.item.sum()
    rough = {name: np.abs(np.diff(view.rgb[..., 1].astype(float), axis=1)).mean() for name, view in seen.items()}
    assert rough["motion_blur"] < 0.8 * np.abs(np.diff(plain.rgb[..., 1].astype(float), axis=1)).mean()


def test_gloss_blinds_the_depth_of_some_pixels_and_never_without_noise():
    shot = Shot(product=product("bottle"), seed=19)

    assert (depth_of(shot, SMALL) == 0).any()
    assert (depth_of(shot) > 0).all()


def test_units_that_are_missing_leave_the_others_where_they_are():
    goods = next(p for p in (product("set", number) for number in range(20)) if p.units >= 6)
    few, many = (Damage(type="missing_unit", severity=severity, seed=7) for severity in (0.1, 1.0))

    assert len(missing(goods, [few])) == 1
    assert set(missing(goods, [few])) < set(missing(goods, [many]))
    assert len(missing(goods, [many])) < goods.units


def test_a_product_that_grew_is_ten_per_cent_larger_and_one_with_new_artwork_looks_different():
    goods = product("book", 1)
    larger, repainted = redesigned(goods, artwork=False, larger=True), redesigned(goods)

    [old, _], [grown, _], [new, _] = (photograph(Shot(product=p, seed=20), BARE) for p in (goods, larger, repainted))

    assert grown.item.sum() == pytest.approx(1.21 * old.item.sum(), rel=0.08)
    assert np.array_equal(new.depth, old.depth)
    assert np.abs(new.rgb.astype(int) - old.rgb.astype(int))[old.item].mean() > 15


def test_damage_that_cannot_happen_and_names_that_nobody_knows_are_refused():
    goods = product("bottle")
    with pytest.raises(ValueError, match="does not happen to a bottle"):
        photograph(Shot(product=goods, seed=1, damages=(Damage(type="missing_unit", severity=0.5),)), SMALL)
    with pytest.raises(ValueError, match="a severity is in"):
        Damage(type="tear", severity=0.0)
    with pytest.raises(ValueError, match="`rain` is none of"):
        Shot(product=goods, seed=1, decoys=("rain",))
    with pytest.raises(ValueError, match="the other item"):
        Shot(product=goods, seed=1, faults=("two_items",))


def test_bars_are_those_of_ean_13():
    """The example of the standard, 5 901234 123457."""
    code = bars("5901234123457")

    assert len(code) == 95
    assert code.startswith("101" + "0001011")  # 9 with odd parity
    assert code[45:50] == "01010"
    assert code.endswith("1000100" + "101")  # 7 on the right
    with pytest.raises(ValueError, match="does not check"):
        bars("5901234123450")
    assert len(bars(product("box").barcode)) == 95


def test_every_choice_changes_the_digest():
    base = Parameters()
    others = [replace(base, seed=1), replace(base, optics=Optics(cameras=(Camera(name="A"),))), replace(base, items=7)]

    assert len({one.digest for one in (base, *others)}) == 4
    assert Parameters().digest == base.digest
