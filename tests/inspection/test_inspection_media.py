"""Only what a manifest names is read, and only from its folder: links, archives and bombs lead nowhere."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from probatum.inspection.artefacts.capture import View
from probatum.inspection.artefacts.media import Media, see
from probatum.inspection.artefacts.picture import Picture
from probatum.inspection.artefacts.unusable import Limits, Unusable

cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")


def kind_of(found: object) -> str:
    return found.kind if isinstance(found, Unusable) else ""


def zipped(folder: Path, members: dict[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> str:
    with zipfile.ZipFile(folder / "p.zip", "w", how) as out:
        for name, raw in members.items():
            out.writestr(name, raw)
    return "p.zip!"


def test_files_and_members_of_archives_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.bin").write_bytes(b"one")
    start = zipped(tmp_path, {"x/y.bin": b"two", "z.bin": b"three"})

    with Media(tmp_path) as media:
        assert media.read("a/b.bin") == b"one"
        assert media.read(start + "x/y.bin") == b"two"
        assert kind_of(media.read(start + "y.bin")) == "missing"
        assert kind_of(media.read("q.zip!y.bin")) == "missing"
        assert kind_of(media.read("a")) == "missing"


def test_nothing_leads_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"s")
    (inside / "own").write_bytes(b"o")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "up").symlink_to(tmp_path)
    (inside / "fine").symlink_to(inside / "own")
    (inside / "loop").symlink_to(inside / "loop")
    media = Media(inside)

    assert {kind_of(media.read(name)) for name in ("link", "up/secret", "../secret", str(tmp_path / "secret"))} == {"outside"}
    assert media.read("fine") == b"o"
    assert kind_of(media.read("loop")) == "missing"


def test_a_bomb_in_an_archive_does_not_go_off(tmp_path: Path) -> None:
    start = zipped(tmp_path, {"zeros": bytes(40_000_000), "small": bytes(100_000)})

    with Media(tmp_path) as media:
        assert kind_of(media.read(start + "zeros")) == "too-large"
        assert media.read(start + "small") == bytes(100_000)


def test_an_archive_gives_no_more_than_its_total(tmp_path: Path) -> None:
    start = zipped(tmp_path, {name: os.urandom(1000) for name in "abc"})

    with Media(tmp_path, limits=Limits(most_total=2500)) as media:
        assert [kind_of(media.read(start + name)) for name in "abc"] == ["", "", "too-large"]
    with Media(tmp_path, limits=Limits(most_members=2)) as media:
        assert kind_of(media.read(start + "a")) == "too-large"


def test_an_archive_that_lies_about_a_size_is_damaged(tmp_path: Path) -> None:
    start = zipped(tmp_path, {"zeros": bytes(9_000_000)})
    raw = (tmp_path / "p.zip").read_bytes()
    (tmp_path / "p.zip").write_bytes(raw.replace((9_000_000).to_bytes(4, "little"), (900).to_bytes(4, "little")))

    with Media(tmp_path) as media:
        assert kind_of(media.read(start + "zeros")) == "damaged"


def test_members_that_are_packed_otherwise_or_named_twice_are_refused(tmp_path: Path) -> None:
    start = zipped(tmp_path, {"a": b"x" * 100}, how=zipfile.ZIP_LZMA)
    with Media(tmp_path) as media:
        assert kind_of(media.read(start + "a")) == "unsupported"
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as out:
        out.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            out.writestr("a", b"2")
    with Media(tmp_path) as media:
        assert kind_of(media.read(start + "a")) == "several"


def test_altered_archives_give_bytes_or_unusable(tmp_path: Path) -> None:
    start = zipped(tmp_path, {"a": bytes(range(256)) * 8, "b": b"y"})
    raw = (tmp_path / "p.zip").read_bytes()
    random = np.random.default_rng(0)
    seen = set()

    for _ in range(400):
        altered = bytearray(raw)
        altered[random.integers(len(raw))] = random.integers(256)
        (tmp_path / "p.zip").write_bytes(altered[: random.integers(len(raw) // 2, len(raw) + 1)])
        with Media(tmp_path) as media:
            seen |= {type(media.read(start + "a")), type(media.read(start + "b"))}

    assert seen == {bytes, Unusable}


def test_a_view_is_seen_with_its_depth(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))[1].tobytes())
    (tmp_path / "a.tiff").write_bytes(cv2.imencode(".tiff", np.full((2, 3), 0.7, np.float32))[1].tobytes())
    view = View(capture_id="a", image="a.png", depth="a.tiff", depth_unit="m")

    with Media(tmp_path) as media:
        found = see(view, media)
        half = see(View(capture_id="a", image="b.png", depth="b.tiff"), media)
        plain = see(View(capture_id="a", image="a.png"), media)

    assert isinstance(found.picture, Picture)
    assert found.depth.mm.shape == (4, 6)
    assert (kind_of(half.picture), kind_of(half.depth), plain.depth) == ("missing", "missing", None)
