"""Bytes become a picture that is what a person would see, or an outcome that says why not; never an exception."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.inspection.artefacts.picture import Picture, open_picture, read_picture, upright
from probatum.inspection.artefacts.picture_header import header
from probatum.inspection.artefacts.unusable import Limits, Unusable

cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")  # another decoder and encoder, to compare with

DATA = Path(os.environ.get("PROBATUM_DATA", "../shared/data")) / "vision"


def scene(high: int = 40, wide: int = 60):
    """Every corner of another colour, and smooth enough for JPEG."""
    y, x = np.mgrid[0:high, 0:wide]
    return np.dstack([x * 255 // (wide - 1), y * 255 // (high - 1), np.full((high, wide), 90)]).astype(np.uint8)


def saved(image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def used(raw: bytes, **options) -> Picture:
    found = read_picture(raw, **options)
    assert isinstance(found, Picture), found
    return found


def refused(raw: bytes, **options) -> Unusable:
    found = read_picture(raw, **options)
    assert isinstance(found, Unusable)
    return found


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "JPEG", "WEBP", "GIF"])
def test_every_format_shows_the_same(kind: str) -> None:
    options = {"quality": 95} if kind in ("JPEG", "WEBP") else {}

    found = used(saved(Image.fromarray(scene()), kind, **options))

    far = np.abs(found.rgb.astype(int) - scene()).mean()
    assert found.rgb.dtype == np.uint8
    assert far < (0.01 if kind in ("PNG", "TIFF", "BMP") else 12 if kind == "GIF" else 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_was_stored_turned_is_upright(kind: str, orientation: int) -> None:
    image = Image.fromarray(scene())
    exif = image.getexif()
    exif[0x112] = orientation
    options = {"tiffinfo": {0x112: orientation}} if kind == "TIFF" else {"exif": exif, "quality": 95}
    raw = saved(image, kind, **options)
    by_others = cv2.cvtColor(cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)

    found = used(raw)

    assert found.rgb.shape == by_others.shape
    assert np.abs(found.rgb.astype(int) - by_others).max() <= 2
    assert bool(found.notes) == (orientation != 1)


def test_turning_is_what_exif_says() -> None:
    stored = np.arange(6).reshape(2, 3)
    seen = {1: [[0, 1, 2], [3, 4, 5]], 3: [[5, 4, 3], [2, 1, 0]], 6: [[3, 0], [4, 1], [5, 2]], 8: [[2, 5], [1, 4], [0, 3]]}

    assert {n: upright(stored, n).tolist() for n in seen} == seen


def test_sixteen_bits_are_scaled_and_that_is_noted() -> None:
    values = np.array([[0, 257, 128 * 257, 65535]], np.uint16)

    found = used(cv2.imencode(".png", values)[1].tobytes())

    assert found.rgb[0, :, 0].tolist() == [0, 1, 128, 255]
    assert found.notes == ("scaled from 16 bits", "grey")


def test_what_is_transparent_lies_over_white() -> None:
    image = np.zeros((1, 3, 4), np.uint8)
    image[0, :, 3] = [0, 128, 255]

    found = used(cv2.imencode(".png", image)[1].tobytes())

    assert found.rgb[0, :, 1].tolist() == [255, 127, 0]
    assert found.notes == ("transparent pixels laid over white",)


def test_inks_become_colours_where_the_file_says_how_they_are_meant() -> None:
    flat = Image.new("RGB", (40, 30), (200, 100, 50)).convert("CMYK")
    adobe = saved(flat, "JPEG", quality=95)
    marker = adobe.index(b"\xff\xee")
    silent = adobe[:marker] + adobe[marker + 2 + int.from_bytes(adobe[marker + 2 : marker + 4]) :]

    assert np.abs(used(adobe).rgb[10, 10].astype(int) - (200, 100, 50)).max() <= 3
    assert used(adobe).notes == ("inks converted to RGB without a colour profile",)
    assert refused(silent).kind == "colours"
    assert refused(saved(flat, "TIFF")).kind == "colours"


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_half_a_picture_is_none(kind: str, share: float) -> None:
    raw = saved(Image.fromarray(scene(80, 120)), kind)

    found = refused(raw[: int(len(raw) * share)])

    assert found.kind in ("truncated", "damaged")


def test_a_jpeg_without_its_last_pixels_is_truncated_whatever_its_decoder_makes_up() -> None:
    raw = saved(Image.fromarray(scene(400, 400)), "JPEG")

    assert refused(raw[:-40]).kind == "truncated"


def test_a_bit_that_flipped_is_seen_by_the_check_sum() -> None:
    raw = bytearray(saved(Image.fromarray(scene()), "PNG"))
    raw[len(raw) // 2] ^= 4

    assert refused(bytes(raw)).kind == "damaged"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "empty"),
        (b"<html>", "not-a-picture"),
        (b"\x00" * 4096, "not-a-picture"),
        (b"%PDF-1.7 ...", "unsupported"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (b"\xff\xd8\xff", "truncated"),
        (b"\xff\xd8\xff\xd9", "damaged"),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(raw: bytes, kind: str) -> None:
    assert refused(raw).kind == kind


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_several_pictures_in_one_file_are_refused(kind: str) -> None:
    first = Image.fromarray(scene())

    assert refused(saved(first, kind, save_all=True, append_images=[first.rotate(180)])).kind == "several"


def test_a_bomb_is_refused_by_its_header() -> None:
    """300 million pixels in a few hundred kilobytes: nothing of it is decoded."""
    rows = zlib.compress(bytes(20_001) * 5000, 9)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 15_000, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )

    assert len(bomb) < 200_000
    assert refused(bomb).kind == "too-large"


def test_limits_hold_for_bytes_and_for_pixels(tmp_path: Path) -> None:
    raw = saved(Image.fromarray(scene()), "PNG")
    (tmp_path / "a.png").write_bytes(raw)

    assert refused(raw, limits=Limits(most_pixels=2399)).kind == "too-large"
    assert used(raw, limits=Limits(most_pixels=2400)).rgb.shape == (40, 60, 3)
    small = open_picture(tmp_path / "a.png", limits=Limits(most_bytes=len(raw) - 1))
    assert isinstance(small, Unusable)
    assert small.kind == "too-large"


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path, tmp_path / "a\0b"):
        found = open_picture(path)
        assert isinstance(found, Unusable)
        assert found.kind == "missing"


def _seeds() -> list[bytes]:
    image = Image.fromarray(scene(20, 30))
    made = [saved(image, kind) for kind in ("PNG", "TIFF", "BMP", "JPEG", "WEBP", "GIF")]
    return [
        *made,
        saved(image, "JPEG", progressive=True),
        saved(image.convert("CMYK"), "JPEG"),
        saved(image.convert("LA"), "PNG"),
    ]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_altered_files_are_pictures_or_unusable(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(_seeds())))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw

    found = read_picture(bytes(raw), limits=Limits(most_pixels=100_000))

    assert isinstance(found, Unusable) or (found.rgb.ndim == 3 and found.rgb.dtype == np.uint8)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF\xff\x00\x00\x00WEBP", b"GIF89a", b"BM"]
    ),
    st.binary(),
)
def test_any_bytes_after_a_beginning_have_an_outcome(start: bytes, rest: bytes) -> None:
    found = read_picture(start + rest, limits=Limits(most_pixels=100_000))

    assert isinstance(found, Picture | Unusable)


@pytest.mark.skipif(not DATA.is_dir(), reason="PROBATUM_DATA names no folder with `vision`, photos that people took")
def test_photos_that_people_took_are_read_as_another_decoder_reads_them() -> None:
    paths = [*sorted((DATA / "grocery").rglob("*.jpg"))[::20], *sorted((DATA / "tampar").glob("*.jpg"))]

    for path in paths:
        found = open_picture(path)
        assert isinstance(found, Picture), (path, found)
        other = np.asarray(Image.open(path).convert("RGB"))
        assert found.rgb.shape == other.shape
        assert np.abs(found.rgb.astype(int) - other).mean() < 1.5
    assert len(paths) > 50


def test_the_header_alone_says_the_size() -> None:
    found = header(saved(Image.fromarray(scene()), "JPEG"))

    assert not isinstance(found, Unusable)
    assert (found.format, found.width, found.height, found.channels) == ("jpeg", 60, 40, 3)
