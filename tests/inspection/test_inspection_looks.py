"""A look is of the item, and not of what is beside it."""

from __future__ import annotations

import pytest

from probatum.infer.vision.backbone import TAPS, Backbone, Description
from probatum.inspection.semantics.looks import looks

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")


def colours_of_places(taps: tuple[str, ...] = TAPS) -> Backbone:
    """A network that says of each place its colour, and nothing else."""

    def run(pictures: np.ndarray) -> dict[str, np.ndarray]:
        found = {tap: pictures[:, :, :: int(tap[6:]), :: int(tap[6:])] for tap in taps}
        return {**found, "embedding": pictures.mean(axis=(2, 3))}

    told = dict.fromkeys(TAPS, 0) | dict.fromkeys(taps, 3)
    description = Description(
        provider="onnx",
        model="0" * 64,
        precision="float32",
        calibration="",
        mean=(0.0,) * 3,
        scale=(255.0,) * 3,
        taps=told,
        width=3,
    )
    return Backbone(description, run)


def red_beside_green() -> np.ndarray:
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    picture[:, :100, 0] = 255
    picture[:, 100:, 1] = 255
    return picture


def test_only_what_is_under_the_mask_is_looked_at() -> None:
    picture = red_beside_green()
    left = np.zeros((100, 200), dtype=bool)
    left[10:90, 10:80] = True

    found = looks(colours_of_places(), [picture, picture], masks=[left, ~left])

    assert found.shapes[0] == pytest.approx([1, 0, 0], abs=0.02)
    assert found.print[0][:3] == pytest.approx([1, 0, 0], abs=0.02)
    assert found.shapes[1, 1] > 0.5
    assert found.colours.sum(axis=1).min() > 0
    assert (found.colours[0] ** 2).sum() == pytest.approx(1, abs=1e-5)
    assert (found.colours[0] * found.colours[1]).sum() < 0.7


def test_without_a_mask_the_middle_counts_most() -> None:
    picture = np.zeros((224, 224, 3), dtype=np.uint8)
    picture[80:144, 80:144, 0] = 255
    picture[:40, :, 1] = picture[-40:, :, 1] = 255

    found = looks(colours_of_places(), [picture])

    assert found.shapes[0, 0] > 1.5 * found.shapes[0, 1] > 0


def test_an_empty_mask_is_as_none() -> None:
    picture = red_beside_green()

    found = looks(colours_of_places(), [picture], masks=[np.zeros((100, 200), dtype=bool)])

    assert np.array_equal(found.shapes, looks(colours_of_places(), [picture]).shapes)


def test_no_pictures_have_no_looks() -> None:
    found = looks(colours_of_places(), [])

    assert len(found) == 0
    assert found.shapes.shape == (0, 3)
    assert found.print.shape == (0, 6)


def test_what_cannot_be_looked_at_is_refused() -> None:
    picture = red_beside_green()

    with pytest.raises(ValueError, match="stride32"):
        looks(colours_of_places(("stride8", "stride16")), [picture])
    with pytest.raises(ValueError, match="one for each"):
        looks(colours_of_places(), [picture], masks=[None, None])
    with pytest.raises(ValueError, match="mask of"):
        looks(colours_of_places(), [picture], masks=[np.ones((5, 5), dtype=bool)])
