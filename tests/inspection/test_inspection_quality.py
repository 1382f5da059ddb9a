"""A view that cannot be judged is said to be one, with the reason and what to do; a good one passes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from booth_scenes import blurred, scene  # noqa: E402 - after it is known that they are there

from probatum.inspection.artefacts.depth import Depth  # noqa: E402 - as above
from probatum.inspection.artefacts.picture import Picture, open_picture  # noqa: E402 - as above
from probatum.inspection.semantics.quality import Quality, Thresholds, Usual, guidance, misalignment, quality, sharpness, usual  # noqa: E402 - as above
from probatum.inspection.semantics.rough_item import rough_item  # noqa: E402 - as above

DATA = Path(os.environ.get("PROBATUM_DATA", "../shared/data")) / "vision"


def looked(rgb, mm=None, **options) -> Quality:
    depth = None if mm is None else Depth(np.asarray(mm, np.float32), "", "mm")
    return quality(Picture(rgb, ""), depth=depth, **options)


def kinds(found: Quality) -> list[str]:
    assert (found.score < 0.5) == bool(found.flaws)
    return [flaw.kind for flaw in found.flaws]


@pytest.mark.parametrize("seed", range(8))
def test_a_good_view_has_no_flaw_with_depth_or_without(seed: int) -> None:
    rgb, mm = scene(seed=seed, shade=6)

    assert kinds(looked(rgb, mm)) == []
    assert kinds(looked(rgb)) == []
    assert looked(rgb, mm).usable


@pytest.mark.parametrize("seed", range(4))
def test_the_item_is_roughly_where_it_is(seed: int) -> None:
    rgb, mm = scene(seed=seed)
    truth = np.zeros(mm.shape, bool)
    truth[60:140, 60:180] = True

    for found in (rough_item(rgb, mm), rough_item(rgb)):
        assert (found & truth).sum() / (found | truth).sum() > 0.9


def test_places_without_depth_are_told_by_their_colours() -> None:
    rgb, mm = scene(seed=1)
    blind = mm.copy()
    blind[80:120, 80:140] = np.nan

    by_colours, found = rough_item(rgb), rough_item(rgb, blind)

    assert np.array_equal(found[84:116, 84:136], by_colours[84:116, 84:136])
    assert (found == rough_item(rgb, mm)).mean() > 0.99


def test_brightness_is_a_quantile_of_all_pixels() -> None:
    rgb, mm = scene(seed=3)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)

    assert looked(rgb, mm).measures["brightest"] == pytest.approx(float(np.quantile(grey, 0.995)))


def test_a_tray_that_is_not_level_is_still_a_tray() -> None:
    rgb, mm = scene()
    tilted = mm + np.linspace(-40, 40, 240, dtype=np.float32)

    assert abs(rough_item(rgb, tilted).mean() - 0.2) < 0.02
    assert kinds(looked(rgb, tilted)) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda rgb: rgb // 12, "black"),
        (np.zeros_like, "black"),
        (lambda rgb: np.clip(rgb.astype(int) * 6, 0, 255).astype(np.uint8), "over-exposed"),
        (lambda rgb: np.full_like(rgb, 120), "flat"),
    ],
)
def test_light_that_shows_nothing_is_a_flaw(change, kind: str) -> None:
    rgb, mm = scene()

    assert kinds(looked(change(rgb), mm))[0] == kind


def test_a_white_item_in_good_light_is_not_over_exposed() -> None:
    rgb, mm = scene()
    rgb[60:140, 60:180] = np.random.default_rng(0).integers(238, 250, (80, 120, 3))

    assert kinds(looked(rgb, mm)) == []


def test_an_empty_tray_is_empty() -> None:
    rgb, mm = scene(())

    assert kinds(looked(rgb, mm)) == ["empty"]
    assert kinds(looked(rgb)) == ["empty"]
    assert guidance(looked(rgb)) == "put the item on the tray"


@pytest.mark.parametrize(
    ("box", "side", "way"),
    [
        ((-40, 60, 120, 80), "left", "right"),
        ((180, 60, 120, 80), "right", "left"),
        ((60, -30, 120, 80), "top", "down"),
        ((60, 150, 120, 80), "bottom", "up"),
    ],
)
def test_an_item_that_is_cut_off_is_guided_back(box, side: str, way: str) -> None:
    rgb, mm = scene((box,))

    for found in (looked(rgb, mm), looked(rgb)):
        assert kinds(found) == ["cut-off"]
        assert guidance(found) == f"move the item {way}: its {side} side is cut off"


def test_an_item_that_does_not_fit_is_said_to() -> None:
    rgb, mm = scene(((-10, -10, 300, 150),))

    found = looked(rgb, mm, item=mm < 860)

    assert kinds(found) == ["cut-off"]
    assert "does not fit" in guidance(found)


def test_two_items_are_two_unless_as_many_may_lie_there() -> None:
    rgb, mm = scene(((20, 60, 80, 80), (140, 60, 80, 80)))

    assert kinds(looked(rgb, mm)) == ["several-items"]
    assert kinds(looked(rgb)) == ["several-items"]
    assert kinds(looked(rgb, mm, units=2)) == []
    assert looked(rgb, mm).flaws[0].why == "2 pieces lie there, and 1 may"


def test_blur_is_told_from_usual_pictures_of_the_camera() -> None:
    sharp = [Picture(scene(seed=seed)[0], "") for seed in range(120)]
    known = usual(sharp)
    good = [looked(scene(seed=1000 + seed)[0], usual=known) for seed in range(100)]
    bad = [looked(blurred(scene(seed=2000 + seed)[0], 3.0), usual=known) for seed in range(30)]

    assert sum(bool(kinds(found)) for found in good) <= 5
    assert all(kinds(found) == ["blurred"] for found in bad)


def test_p_values_of_usual_pictures_are_valid() -> None:
    """Of 99 usual ones and one more that is exchangeable with them, the most blurred is called so, and no other."""
    values = [sharpness(scene(seed=seed, high=60, wide=70, boxes=((20, 20, 30, 20),))[0]) for seed in range(100)]

    rare = sum(Usual(tuple(sorted(values[:n] + values[n + 1 :]))).p_value(value) <= 0.01 for n, value in enumerate(values))

    assert rare == 1


def test_too_few_usual_pictures_say_nothing_of_blur() -> None:
    rgb, _ = scene()

    few = looked(blurred(rgb, 3.0), usual=Usual((1.0,) * 98))

    assert kinds(few) == []
    assert few.unsaid == ("blur: 98 usual pictures of this camera are there, and 99 are needed",)
    assert looked(rgb).unsaid == ("blur: 0 usual pictures of this camera are there, and 99 are needed",)


def test_dead_depth_is_a_flaw() -> None:
    rgb, mm = scene()
    holes = mm.copy()
    holes[60:140, 60:150] = np.nan

    assert kinds(looked(rgb, np.full_like(mm, 700.0)))[-1] == "depth-dead"
    assert kinds(looked(rgb, holes, item=mm < 860)) == ["depth-dead"]
    assert kinds(looked(rgb, np.full_like(mm, np.nan))) == ["depth-dead"]


@pytest.mark.parametrize("seed", range(6))
def test_depth_that_lies_beside_its_picture_is_told(seed: int) -> None:
    rgb, mm = scene(seed=seed, shade=5)

    beside = looked(rgb, np.roll(mm, 24, axis=1))

    assert misalignment(rgb, mm) == 0
    assert kinds(beside) == ["depth-misaligned"]
    assert abs(misalignment(rgb, np.roll(mm, 24, axis=1)) - 0.1) < 0.02


def test_depth_without_edges_says_nothing_of_alignment() -> None:
    rgb, mm = scene(())

    assert misalignment(rgb, mm) is None


def test_limits_are_arguments() -> None:
    rgb, mm = scene(((20, 60, 80, 80), (140, 60, 30, 40)))

    assert kinds(looked(rgb, mm, thresholds=Thresholds(second=0.3))) == []
    assert kinds(looked(rgb, mm, thresholds=Thresholds(second=0.1))) == ["several-items"]


@pytest.mark.skipif(not DATA.is_dir(), reason="PROBATUM_DATA names no folder with `vision`, photos that people took")
def test_photos_that_people_took_are_sharper_than_when_they_are_blurred() -> None:
    pictures = [open_picture(path) for path in sorted((DATA / "grocery" / "test").glob("*.jpg"))[:60]]

    falls = [sharpness(picture.rgb) - sharpness(blurred(picture.rgb, 2.0)) for picture in pictures]
    light = [{flaw.kind for flaw in looked(picture.rgb).flaws} & {"black", "flat"} for picture in pictures]

    assert min(falls) > 1
    assert not any(light)
