"""Depth comes in millimetres, or with the reason why not: units are never guessed where both would do."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.inspection.artefacts.depth import Depth, aligned, open_depth, read_depth
from probatum.inspection.artefacts.picture import Picture
from probatum.inspection.artefacts.unusable import Limits, Unusable

cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")


def npy(values, **options) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, **options)
    return stream.getvalue()


def png(values) -> bytes:
    return cv2.imencode(".png", np.asarray(values, np.uint16))[1].tobytes()


def tiff(values) -> bytes:
    return cv2.imencode(".tiff", np.asarray(values, np.float32))[1].tobytes()


def kind_of(raw: bytes, **options) -> str:
    found = read_depth(raw, **options)
    return found.kind if isinstance(found, Unusable) else ""


def used(raw: bytes, **options) -> Depth:
    found = read_depth(raw, **options)
    assert isinstance(found, Depth), found
    return found


def test_whole_numbers_are_millimetres_and_zero_is_missing() -> None:
    found = used(png([[0, 812, 900], [65535, 812, 700]]))

    assert np.isnan(found.mm).tolist() == [[True, False, False], [True, False, False]]
    assert found.mm[0, 1] == 812
    assert found.mm.dtype == np.float32
    assert found.notes == ("65535 taken as missing", "unit inferred: mm")


@pytest.mark.parametrize("encode", [tiff, lambda values: npy(np.asarray(values, np.float64))])
def test_fractions_within_a_booth_are_metres(encode) -> None:
    found = used(encode([[0.812, np.nan], [-1.0, 0.5]]))

    assert found.unit == "m"
    assert np.allclose(found.mm[[0, 1], [0, 1]], [812, 500])
    assert np.isnan(found.mm).sum() == 2


def test_fractions_far_beyond_it_are_millimetres() -> None:
    assert used(tiff([[812.5, 640.0]])).unit == "mm"


def test_fractions_that_may_be_both_are_refused_until_someone_says() -> None:
    raw = tiff([[12.0, 45.0, 60.0]])

    assert kind_of(raw) == "unit"
    assert used(raw, unit="cm").mm[0, 1] == 450


@pytest.mark.parametrize(("values", "unit"), [([[0.8, 0.9]], "mm"), ([[800.0, 900.0]], "m"), ([[1.0]], "furlong")])
def test_a_unit_that_the_values_contradict_is_refused(values, unit: str) -> None:
    assert kind_of(tiff(values), unit=unit) == "unit"


def test_a_dead_camera_is_all_missing() -> None:
    assert kind_of(png(np.zeros((4, 4)))) == "all-missing"
    assert kind_of(tiff(np.full((4, 4), np.nan))) == "all-missing"


def test_an_array_that_would_run_code_is_not_loaded() -> None:
    raised = []

    class Evil:
        def __reduce__(self):
            return (raised.append, (1,))

    objects = npy(np.array([[Evil()]], dtype=object), allow_pickle=True)

    assert kind_of(objects) == "unsupported"
    assert kind_of(pickle.dumps(Evil())) == "not-a-picture"
    assert raised == []


def test_an_array_that_promises_more_than_it_has_reserves_nothing() -> None:
    raw = npy(np.ones((4, 4), np.float32))

    assert kind_of(raw.replace(b"(4, 4)", b"(9, 4)")) == "truncated"
    assert kind_of(npy(np.ones((400, 400), np.float32)), limits=Limits(most_pixels=1000)) == "too-large"
    assert kind_of(npy(np.ones((2, 2, 2), np.float32))) == "unsupported"
    assert kind_of(raw[:-1]) == "truncated"
    assert kind_of(b"") == "empty"


def test_columns_first_is_the_same_depth() -> None:
    values = np.arange(100.0, 112.0).reshape(3, 4)

    assert np.array_equal(used(npy(np.asfortranarray(values))).mm, values.astype(np.float32))


def test_a_picture_is_no_depth() -> None:
    grey = cv2.imencode(".png", np.full((4, 4), 200, np.uint8))[1].tobytes()
    colours = cv2.imencode(".png", np.full((4, 4, 3), 200, np.uint16))[1].tobytes()
    photo = cv2.imencode(".jpg", np.full((4, 4), 200, np.uint8))[1].tobytes()

    assert {kind_of(grey), kind_of(colours), kind_of(photo)} == {"unsupported"}


def test_depth_of_fewer_pixels_is_enlarged_without_mixing() -> None:
    picture = Picture(np.zeros((4, 6, 3), np.uint8), "")
    small = used(png([[500, 900, 0], [500, 900, 0]]))

    found = aligned(small, picture)

    assert isinstance(found, Depth)
    assert found.mm.shape == (4, 6)
    assert set(found.mm[np.isfinite(found.mm)].tolist()) == {500.0, 900.0}
    assert np.isnan(found.mm[:, 4:]).all()
    assert found.notes[-1] == "brought from 3 x 2 to 6 x 4"


def test_depth_of_another_shape_is_misaligned() -> None:
    picture = Picture(np.zeros((480, 640, 3), np.uint8), "")

    for shape in ((640, 480), (480, 848)):
        found = aligned(used(png(np.full(shape, 700))), picture)
        assert isinstance(found, Unusable)
        assert found.kind == "misaligned"
    assert aligned(used(png(np.full((480, 640), 700))), picture).notes == ("unit inferred: mm",)


def test_depth_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "d.npy").write_bytes(npy(np.full((2, 3), 0.7)))

    found = open_depth(tmp_path / "d.npy")

    assert isinstance(found, Depth)
    assert isinstance(open_depth(tmp_path / "e.npy"), Unusable)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_altered_files_are_depth_or_unusable(data: st.DataObject) -> None:
    values = np.linspace(0.4, 0.9, 20).reshape(4, 5)
    raw = bytearray(data.draw(st.sampled_from([png(values * 1000), tiff(values), npy(values), npy(values.astype(np.float32))])))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    found = read_depth(bytes(raw), limits=Limits(most_pixels=100_000))

    assert isinstance(found, Unusable) or np.isfinite(found.mm).any()
