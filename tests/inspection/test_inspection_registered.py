"""A cutout is laid over a reference whichever way it is turned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probatum.inspection.semantics.looked import Cutout, cutout
from probatum.inspection.semantics.registered import AGREED, registered

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from booth_views import seen, shot  # noqa: E402 # needs NumPy


def cut(kind: str, seed: int, number: int = 0) -> Cutout:
    view = seen(shot(kind, seed=seed, number=number))
    found = cutout(view.rgb, mm=view.mm)
    assert isinstance(found, Cutout)
    return found


def turned(degrees: float, scale: float, across: float, down: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((111.5, 111.5), degrees, scale)
    matrix[:, 2] += across, down
    return matrix


def moved(of: Cutout, matrix: np.ndarray) -> Cutout:
    rgb = cv2.warpAffine(of.rgb, matrix, (224, 224), borderMode=cv2.BORDER_REPLICATE)
    return replace(of, rgb=rgb, item=cv2.warpAffine(of.item.astype(np.uint8), matrix, (224, 224)) > 0)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turn_scale_and_shift_are_found_to_a_pixel(turn: int) -> None:
    reference = cut("blister", 1)
    matrix = turned(turn + 3, 0.94, 5, -7)

    fit = registered(moved(reference, matrix), reference)

    corners = np.array([[40, 60, 1], [180, 60, 1], [180, 160, 1]]).T
    there = fit.matrix @ np.vstack([matrix @ corners, [1, 1, 1]])
    assert np.abs(there[:2] - corners[:2]).max() < 1.0
    assert fit.agreement > 0.8


@pytest.mark.parametrize("kind", ["box", "mailer", "bottle", "set"])
def test_two_pictures_of_one_product_agree_and_of_two_products_do_not(kind: str) -> None:
    one, other, stranger = cut(kind, 1), cut(kind, 2), cut(kind, 2, number=3)

    assert registered(one, other).agreement > AGREED
    assert registered(one, stranger).agreement < registered(one, other).agreement - 0.2


def test_where_the_rectangle_says_nothing_key_points_are_matched() -> None:
    reference = cut("blister", 1)
    matrix = turned(40, 0.7, 20, 15)

    fit = registered(moved(reference, matrix), reference)

    assert fit.how == "features"
    assert fit.agreement > AGREED


def test_a_picture_of_one_colour_agrees_with_nothing() -> None:
    reference = cut("box", 1)

    fit = registered(replace(reference, rgb=np.full_like(reference.rgb, 90)), reference)

    assert fit.agreement < 0.1
    assert np.isfinite(fit.matrix).all()
