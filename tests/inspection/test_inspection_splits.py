"""Units keep their split; what stands in two of them is found."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import Capture, View, captures
from probatum.inspection.model.splits import NOWHERE, boundaries, by_hash, by_time

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from booth_scenes import scene  # noqa: E402 - after it is known that OpenCV is there

from probatum.inspection.artefacts.picture import Picture, open_picture, read_picture  # noqa: E402 - as above
from probatum.inspection.model.leakage import leaks, near_copies, print_of  # noqa: E402 - as above

DATA = Path(os.environ.get("PROBATUM_DATA", "../shared/data")) / "vision"
SHARES = {"train": 0.6, "calibration": 0.3, "test": 0.1}
START = datetime(2026, 1, 1, tzinfo=UTC)


def units(count: int, products: int) -> tuple[Capture, ...]:
    return captures(
        View(capture_id=f"u{n}", image=f"{n}.png", item_identifier=f"p{n % products}", at=START + timedelta(hours=n))
        for n in range(count)
    )


def test_products_stay_together_and_shares_come_out_near() -> None:
    found = by_hash(units(6000, 3000), SHARES)

    assert all(found[f"u{n}"] == found[f"u{n + 3000}"] for n in range(3000))
    for split, share in SHARES.items():
        assert abs(sum(s == split for s in found.values()) / 6000 - share) < 0.03


@given(st.integers(1, 60), st.integers(0, 60), st.text(max_size=3))
def test_a_unit_keeps_its_split_when_others_are_added(before: int, more: int, salt: str) -> None:
    first = by_hash(units(before, 17), SHARES, salt=salt)
    later = by_hash(reversed(units(before + more, 17)), SHARES, salt=salt)

    assert first == {unit: later[unit] for unit in first}


def test_the_split_of_a_name_is_the_same_for_ever() -> None:
    """By SHA-256 of the salt and the product, which no version of Python changes."""
    found = by_hash(units(6, 6), SHARES)

    places = [int(hashlib.sha256(f"\0p{n}".encode()).hexdigest()[:16], 16) / 2**64 for n in range(6)]
    assert [found[f"u{n}"] for n in range(6)] == ["train" if u < 0.6 else "calibration" if u < 0.9 else "test" for u in places]
    assert found != by_hash(units(6, 6), SHARES, salt="another")


def test_units_may_be_divided_each_for_itself() -> None:
    found = by_hash(units(500, 1), SHARES, of="unit")

    assert set(found.values()) == set(SHARES)
    assert len(set(by_hash(units(500, 1), SHARES).values())) == 1


def test_near_copies_are_not_divided() -> None:
    groups = [("u1", "u2"), ("u2", "u3"), ("u9", "nobody")]

    found = by_hash(units(40, 40), SHARES, together=groups)
    alone = by_hash(units(40, 40), SHARES)

    assert found["u1"] == found["u2"] == found["u3"]
    assert {unit: split for unit, split in found.items() if unit not in ("u1", "u2", "u3")} == {
        unit: split for unit, split in alone.items() if unit not in ("u1", "u2", "u3")
    }


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}])
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="do not sum to 1"):
        by_hash(units(3, 3), shares)


def test_time_divides_at_moments_that_are_written_down() -> None:
    some = (*units(100, 7), *captures([View(capture_id="x", image="x.png")]))

    moments = boundaries(some, SHARES)
    found = by_time(some, moments, first="train")

    assert [name for _, name in moments] == ["calibration", "test"]
    assert [sum(s == split for s in found.values()) for split in SHARES] == [60, 30, 10]
    assert found["x"] == NOWHERE
    assert [found[f"u{n}"] for n in (59, 60, 89, 90)] == ["train", "calibration", "calibration", "test"]
    with pytest.raises(UsageError, match="do not ascend"):
        by_time(some, moments[::-1], first="train")
    with pytest.raises(UsageError, match="no unit has a time"):
        boundaries(captures([View(capture_id="x", image="x.png")]), SHARES)


def picture(seed: int) -> Picture:
    random = np.random.default_rng(seed)
    left, top = (int(n) for n in random.integers(10, 110, 2))
    box = (left, top, int(random.integers(60, 120)), int(random.integers(50, 80)))
    return read_picture(cv2.imencode(".png", scene((box,), seed=seed)[0])[1].tobytes())


def altered(original: Picture) -> list[Picture]:
    """The same in worse JPEG, smaller, and brighter."""
    bgr = original.rgb[..., ::-1]
    small = cv2.resize(bgr, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    bright = cv2.convertScaleAbs(bgr, alpha=1.1, beta=10)
    return [
        read_picture(cv2.imencode(".jpg", some, [cv2.IMWRITE_JPEG_QUALITY, 50])[1].tobytes()) for some in (bgr, small, bright)
    ]


def test_copies_are_found_and_others_are_not() -> None:
    originals = [picture(seed) for seed in range(30)]
    prints = [print_of(one) for one in originals]
    copies = [print_of(other) for one in originals for other in altered(one)]

    pairs = set(near_copies([*prints, *copies]))

    assert [pair for pair in near_copies(prints)] == []  # noqa: C416 - shows what is found when it fails
    assert sum((n, 30 + 3 * n + kind) in pairs for n in range(30) for kind in range(3)) == 90


def test_what_stands_in_two_splits_is_found() -> None:
    some = captures(
        [
            View(capture_id="a", image="a.png", item_identifier="tea", at=START),
            View(capture_id="b", image="b.png", item_identifier="tea", at=START + timedelta(days=2), barcode="4"),
            View(capture_id="c", image="c.png", item_identifier="salt", at=START + timedelta(days=1), barcode="4"),
            View(capture_id="d", image="d.png", item_identifier="rice", at=START),
            View(capture_id="e", image="e.png", item_identifier="rice", at=START),
        ]
    )
    splits = {"a": "train", "b": "test", "c": "train", "d": "", "e": "test"}
    first, second = picture(1), picture(2)
    prints = {
        "a": [print_of(first)],
        "b": [print_of(altered(first)[0])],
        "c": [print_of(second)],
        "e": [print_of(second)],
        "d": [print_of(second)],
    }

    found = leaks(some, splits, prints, in_time=["train", "test"])

    assert [(leak.kind, leak.units) for leak in found] == [
        ("product", ("a", "b")),
        ("barcode", ("b", "c")),
        ("file", ("c", "e")),
        ("near-copy", ("a", "b")),
        ("time", ("e",)),
    ]
    assert all(leak.splits == ("test", "train") for leak in found)
    assert found[0].why == "the product `tea` is in `test` and `train`"
    assert found[4].why == "1 units of `test` are from before the last of `train`"
    assert leaks(some, dict.fromkeys("abcde", "train"), prints) == []


def test_no_pictures_have_no_copies() -> None:
    flat = print_of(Picture(np.full((9, 9, 3), 7, np.uint8), "1"))

    assert list(near_copies([])) == []
    assert list(near_copies([flat, print_of(Picture(np.full((9, 9, 3), 9, np.uint8), "2"))])) == []


@pytest.mark.skipif(not DATA.is_dir(), reason="PROBATUM_DATA names no folder with `vision`, photos that people took")
def test_copies_of_photos_are_found_and_other_photos_of_the_same_product_are_not() -> None:
    photos = [open_picture(path) for path in sorted((DATA / "grocery" / "test").glob("*.jpg"))[::5]]
    prints = [print_of(photo) for photo in photos]
    copies = [print_of(other) for photo in photos for other in altered(photo)]

    alone = list(near_copies(prints))
    pairs = set(near_copies([*prints, *copies]))
    recalled = sum((n, len(photos) + 3 * n + kind) in pairs for n in range(len(photos)) for kind in range(3))

    assert len(photos) > 50
    assert len(alone) <= 1
    assert recalled >= 0.97 * 3 * len(photos)
