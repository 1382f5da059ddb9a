"""How high things stand above a tray that a camera sees from above, or aslant through a lens."""

from __future__ import annotations

import math

import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from probatum.inspection.semantics.quality import misalignment  # noqa: E402 - after NumPy is known to be there
from probatum.inspection.semantics.segment import segmented  # noqa: E402 - the same
from probatum.inspection.semantics.tray import above_tray, tray  # noqa: E402 - the same

SIDE, FOCAL, FAR = 200, 260.0, 700.0


def seen(degrees, *, tall=50.0, noise=0.5, seed=0):
    """Depth along the axis of a pinhole camera at a slant, of a box on a tray; its picture; and where its top is."""
    v, u = np.mgrid[0:SIDE, 0:SIDE].astype(float) - (SIDE - 1) / 2
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    # A ray is (u, v, f); the tray is where y s + z c = FAR c, with its normal towards the camera.
    towards = (v * s + FOCAL * c) / FOCAL
    depth, top = FAR * c / towards, np.zeros((SIDE, SIDE), bool)
    for z in np.linspace(0, tall, 60):
        layer = (FAR * c - z) / towards
        x, along = u * layer / FOCAL, (v * layer / FOCAL) * c - (layer - FAR) * s
        inside = (np.abs(x) < 90) & (np.abs(along) < 60)
        depth = np.where(inside, layer, depth)
        top = inside if z == tall else top
    rng = np.random.default_rng(seed)
    mm = (depth + rng.normal(0, noise, depth.shape)).astype(np.float32)
    mm[rng.random(mm.shape) < 0.02] = np.nan
    grey = np.where(top, 200, np.where(np.abs(FAR * c / towards - depth) > 3, 130, 60)) + rng.normal(0, 3, depth.shape)
    return mm, np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2), top


@pytest.mark.parametrize("degrees", [0, 5, 20, 34, 50])
def test_a_tray_is_flat_and_a_box_is_as_high_as_it_is_from_any_slant(degrees):
    mm, _, top = seen(degrees)
    height, spread = above_tray(mm)

    assert spread < 1.0
    frame = np.ones((SIDE, SIDE), bool)
    frame[12:-12, 12:-12] = False
    assert np.nanquantile(np.abs(height[frame]), 0.95) < 2.0
    # Along the axis: a box of 50 mm is as much higher as the axis is slanted.
    level = np.nanmedian(height[top])
    assert level == pytest.approx(50 / math.cos(math.radians(degrees)), rel=0.12)


def test_straight_down_depth_itself_is_the_plane():
    assert not tray(seen(0)[0]).inverse
    assert tray(seen(34)[0]).inverse


@pytest.mark.parametrize("degrees", [0, 34])
def test_a_box_is_found_from_aslant(degrees):
    mm, rgb, top = seen(degrees)
    found = segmented(rgb, mm=mm)
    assert found is not None
    assert found.item[top].mean() > 0.97
    assert found.item.mean() < 2.0 * top.mean()


def test_depth_that_lies_where_the_picture_is_does_so_from_aslant_too():
    mm, rgb, _ = seen(34)
    assert (misalignment(rgb, mm) or 0.0) == 0.0
    assert misalignment(rgb, np.roll(mm, 24, axis=1)) == pytest.approx(0.12, abs=0.05)


def test_depth_without_numbers_above_zero_is_laid_a_plane_through_all_the_same():
    mm = np.zeros((SIDE, SIDE), np.float32)
    height, spread = above_tray(mm)
    assert spread == 0.0
    assert not height.any()
