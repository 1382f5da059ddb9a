"""Heights as from straight above: sides that a camera sees from aside are laid back under the face."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from probatum.inspection.semantics.plumb import plumb  # noqa: E402 - after NumPy is known to be there
from probatum.inspection.semantics.relief import SIDE, different, relief  # noqa: E402 - the same

TOP = 80.0


def seen(across=0, down=0, *, dent=0.0, field=224):
    """A box of 80 mm whose foot is seen so many pixels to the right of and below its face, and its outline."""
    height = np.zeros((field, field), np.float32)
    for low in np.linspace(0, TOP, 400):  # the higher ones hide the lower ones
        part = 1 - low / TOP
        row, column = 60 + round(part * down), 50 + round(part * across)
        height[row : row + 100, column : column + 120] = low
    item = height > 2
    if dent:
        height[70:100, 60:90] -= dent
    return height, item


class Cut:
    agreement = None

    def __init__(self, height, item):
        self.height, self.item = height, item


@pytest.mark.parametrize(("across", "down"), [(30, 0), (-30, 0), (0, 25), (0, -25), (20, 15), (-25, 20), (-12, -30)])
def test_sides_come_to_lie_under_the_face(across, down):
    straight, _ = seen()
    laid = plumb(*seen(across, down))

    apart = np.abs(np.nan_to_num(laid) - straight) > 4
    edge = cv2.dilate(cv2.morphologyEx((straight > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))), np.ones((5, 5))) > 0
    assert not (apart & ~edge).any()
    assert np.isnan(laid).mean() < 0.01


def test_what_is_seen_from_above_is_left_as_it_is():
    height, item = seen()
    assert plumb(height, item) is height
    height, item = seen(2, -2)
    assert plumb(height, item) is height


def test_what_has_no_level_face_or_no_sides_is_left_as_it_is():
    y, x = np.mgrid[-1:1:224j, -1:1:224j]
    dome = np.maximum(0, 60 * (1 - 2 * (x**2 + y**2))).astype(np.float32)
    assert plumb(dome, dome > 2) is dome

    step, item = seen()
    step[60:160, 170:200] = 40  # a part that is level: a step, and no side
    item[60:160, 170:200] = True
    assert plumb(step, item) is step

    blind = np.full((224, 224), np.nan, np.float32)
    assert plumb(blind, item) is blind
    assert plumb(step, np.zeros_like(item)) is step


def test_units_that_lie_turned_do_not_differ_and_a_dent_does():
    known = relief([Cut(*seen(30, 0)), Cut(*seen(28, 5))])

    turned = different(plumb(*seen(-10, -28)), known)
    assert turned.shape == (SIDE, SIDE)
    assert np.nan_to_num(turned).max() < 8

    dented = different(plumb(*seen(-10, -28, dent=20.0)), known)
    assert 18 < dented[20:24, 16:21].min() <= dented[20:24, 16:21].max() < 22
