"""An item is cut out upright however it lies, and what lies beside it is told from the tray."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.looked import SIDE, Cutout, Looked, cutout, look
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.rendering import Shot, photograph

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from booth_views import ABOVE, colours_of_places, shot  # noqa: E402 # needs NumPy


def seen(of: Shot):
    """Return the picture from above, its depth with NaN, and where the item is."""
    [view] = photograph(of, ABOVE)
    return view.rgb, np.where(view.depth > 0, view.depth, np.nan).astype(np.float32), view.item


def cut(of: Shot, *, deep: bool = True) -> Cutout:
    rgb, mm, _ = seen(of)
    found = cutout(rgb, mm=mm if deep else None)
    assert isinstance(found, Cutout)
    return found


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("kind", ["box", "mailer", "polybag", "bottle", "blister", "book", "set"])
def test_an_item_is_found_by_depth_whatever_it_is(kind: str) -> None:
    for seed in (1, 2):
        rgb, mm, item = seen(shot(kind, seed=seed))

        found = cutout(rgb, mm=mm)

        assert isinstance(found, Cutout)
        truth = cv2.warpAffine(item.astype(np.uint8), found.matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST).astype(bool)
        assert overlap(found.item, truth) > 0.9
        assert np.nanmax(found.height) == pytest.approx(shot(kind).product.height_mm, abs=8)


def test_a_box_lies_the_same_way_however_it_was_put_on_the_tray() -> None:
    first, *others = (cut(shot("box", seed=seed)) for seed in (1, 2, 3))

    for other in others:
        assert overlap(first.item, other.item) > 0.9
    rows, columns = np.nonzero(first.item)
    assert np.ptp(columns) > np.ptp(rows)
    assert np.ptp(columns) == pytest.approx(0.88 * SIDE, abs=6)


def test_without_depth_colours_tell_the_item_from_the_tray() -> None:
    rgb, _, item = seen(shot("box", seed=4))

    found = cutout(rgb)

    assert isinstance(found, Cutout)
    assert found.height is None
    truth = cv2.warpAffine(item.astype(np.uint8), found.matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST).astype(bool)
    assert overlap(found.item, truth) > 0.8


def test_print_in_the_colour_of_the_tray_does_not_divide_an_item() -> None:
    random = np.random.default_rng(0)
    rgb = random.normal(100, 2, (200, 240, 3))
    rgb[60:140, 50:90] = rgb[60:140, 130:180] = (200, 40, 40)

    found = cutout(np.clip(rgb, 0, 255).astype(np.uint8))

    assert isinstance(found, Cutout)
    rows, columns = np.nonzero(found.item)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(130 / 80, abs=0.1)
    assert found.item[112, 112]


def test_a_given_mask_is_taken() -> None:
    rgb, mm, item = seen(shot("box", seed=1))
    half = item & (np.arange(item.shape[1]) < 128)

    found = cutout(rgb, mm=mm, mask=half)

    assert isinstance(found, Cutout)
    truth = cv2.warpAffine(half.astype(np.uint8), found.matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST).astype(bool)
    assert overlap(found.item, truth) > 0.95


@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize("kind", ["bottle", "box"])
def test_what_was_spilt_beside_an_item_is_residue_and_not_the_item(kind: str, deep: bool) -> None:
    clean = cut(shot(kind, seed=3), deep=deep)
    spilt = cut(shot(kind, seed=3, damages=(Damage(type="spill", severity=0.6, seed=2, form="beside"),)), deep=deep)

    assert spilt.beside > 3 * clean.beside
    assert spilt.spill.sum() > 200
    assert not (spilt.spill & spilt.item).any()
    if deep:
        assert clean.spill.sum() == 0


def test_shadow_and_dust_are_no_residue() -> None:
    of = shot("box", seed=3)

    found = cut(replace(of, decoys=("dust", "hand_shadow")))

    assert found.spill.sum() < 30
    assert found.beside < cut(replace(of, damages=(Damage(type="spill", severity=0.2, seed=2, form="beside"),))).beside


def test_an_empty_tray_serves_as_what_there_is_without_an_item() -> None:
    [view] = photograph(replace(shot("box", seed=3), faults=("empty_tray",)), ABOVE)
    rgb, _, item = seen(shot("box", seed=3))

    found = cutout(rgb, empty=view.rgb)

    assert isinstance(found, Cutout)
    truth = cv2.warpAffine(item.astype(np.uint8), found.matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST).astype(bool)
    assert overlap(found.item, truth) > 0.8
    assert isinstance(cutout(view.rgb, empty=view.rgb), Unusable)


def test_missing_depth_stays_missing() -> None:
    rgb, mm, _ = seen(shot("box", seed=1))
    mm[100:140, 100:140] = np.nan

    found = cutout(rgb, mm=mm)
    none = cutout(rgb, mm=np.full_like(mm, np.nan))

    assert isinstance(found, Cutout)
    assert isinstance(none, Cutout)
    assert np.isnan(found.height).sum() > 1000
    assert none.height is None


@pytest.mark.parametrize("number", range(4))
def test_a_reflection_that_blinds_the_sensor_does_not_divide_a_card(number: int) -> None:
    rgb, mm, item = seen(shot("blister", number=number, seed=1, decoys=("reflection",)))

    found = cutout(rgb, mm=mm)

    assert isinstance(found, Cutout)
    truth = cv2.warpAffine(item.astype(np.uint8), found.matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST).astype(bool)
    assert overlap(found.item, truth) > 0.95
    assert found.beside is None or found.beside < 4


def test_look_says_what_the_backbone_says_of_the_cutout() -> None:
    backbone = colours_of_places()
    rgb, mm, _ = seen(shot("box", seed=1))

    found = look(backbone, rgb, mm=mm)

    assert isinstance(found, Looked)
    assert found.backbone == backbone.digest
    assert [found.stride8.shape, found.stride16.shape, found.stride32.shape] == [(3, 28, 28), (3, 14, 14), (3, 7, 7)]
    assert found.stride8[:, 14, 14] == pytest.approx(found.cutout.rgb[112, 112] / 255, abs=1e-6)


def test_an_empty_tray_has_no_item() -> None:
    rgb, mm, _ = seen(replace(shot("box", seed=1), faults=("empty_tray",)))

    found = look(colours_of_places(), rgb, mm=mm)

    assert isinstance(found, Unusable)
    assert found.kind == "empty"


@pytest.mark.parametrize(
    "rgb", [np.zeros((256, 256, 3), np.uint8), np.zeros((5, 9, 3), np.uint8), np.full((16, 40, 3), 255, np.uint8)]
)
def test_a_picture_of_nothing_has_no_item(rgb: np.ndarray) -> None:
    assert isinstance(cutout(rgb), Unusable)
    assert isinstance(cutout(rgb, mm=np.full(rgb.shape[:2], 900, np.float32)), Unusable)


def test_depth_that_is_not_finite_is_missing() -> None:
    rgb, mm, _ = seen(shot("box", seed=1))

    found = cutout(rgb, mm=np.where(mm < mm.max() - 40, mm, np.inf).astype(np.float32))

    assert isinstance(found, Cutout)
    assert found.height is None or not np.isinf(found.height).any()


def test_arrays_of_another_size_are_refused() -> None:
    rgb, mm, _ = seen(shot("box", seed=1))

    with pytest.raises(ValueError, match="depth of"):
        look(colours_of_places(), rgb, mm=mm[:100])
