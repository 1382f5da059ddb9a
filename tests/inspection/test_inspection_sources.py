"""Sources give finished pictures, each once, or say why there is none; a camera that misbehaves costs no more than its limits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from network_cameras import camera

from probatum.errors import MissingExtra, UsageError
from probatum.inspection.artefacts.picture import Picture, read_picture
from probatum.inspection.artefacts.sources import Shot, Source
from probatum.inspection.artefacts.sources.cameras import GenicamCameras, VideoDevices, as_file
from probatum.inspection.artefacts.sources.snapshot import Snapshots
from probatum.inspection.artefacts.sources.watched_folder import WatchedFolder
from probatum.inspection.artefacts.unusable import Limits, Unusable

cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")


def names(shots: list[Shot]) -> list[str]:
    return [shot.name for shot in shots]


def kind_of(shots: list[Shot]) -> str:
    [shot] = shots
    return shot.file.kind if isinstance(shot.file, Unusable) else ""


def test_a_file_is_given_once_and_only_when_it_has_stopped_growing(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(b"0")
    source: Source = WatchedFolder(tmp_path)
    (tmp_path / "new.png").write_bytes(b"1")
    (tmp_path / "notes.txt").write_bytes(b"1")

    looks = [names(source.capture())]
    (tmp_path / "new.png").write_bytes(b"12")
    looks += [names(source.capture()) for _ in range(3)]
    (tmp_path / "new.png").write_bytes(b"123")
    looks += [names(source.capture()) for _ in range(2)]

    assert looks == [[], [], ["new.png"], [], [], ["new.png"]]


def test_what_was_there_before_is_given_to_whoever_wants_it(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"0")
    (tmp_path / "a.png").write_bytes(b"0")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    source = WatchedFolder(tmp_path, old=True, looks=1)

    assert source.capture() == [Shot("a.png", b"0"), Shot("b.png", b"0")]
    assert kind_of(WatchedFolder(tmp_path / "none").capture()) == "missing"


def test_a_file_that_vanishes_or_is_too_large_is_no_exception(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bytes(100))
    source = WatchedFolder(tmp_path, old=True, looks=1, limits=Limits(most_bytes=99))

    assert kind_of(source.capture()) == "too-large"
    (tmp_path / "a.png").unlink()
    assert source.capture() == []


def sends(status: int, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_camera_in_the_network_gives_a_picture() -> None:
    raw = cv2.imencode(".jpg", np.zeros((4, 4, 3), np.uint8))[1].tobytes()

    with camera(sends(200, raw)) as address:
        assert Snapshots({"top": address}).capture() == [Shot("top", raw)]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (sends(500, b"no"), "no-answer"),
        (sends(302, b"", Location="file:///etc/passwd"), "no-answer"),
        (sends(302, b"", Location="http://127.0.0.1:1/other"), "no-answer"),
        (sends(200, b""), "empty"),
        (sends(200, b"12", Content_Length="3"), "truncated"),
        (sends(200, bytes(2000)), "too-large"),
    ],
)
def test_a_camera_that_misbehaves_is_said_to(answer, kind: str) -> None:
    with camera(answer) as address:
        assert kind_of(Snapshots({"top": address}, limits=Limits(most_bytes=1000)).capture()) == kind


def test_a_camera_that_drips_is_not_waited_for() -> None:
    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(20):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    with camera(drips) as address:
        assert kind_of(Snapshots({"top": address}, timeout_s=0.3).capture()) == "no-answer"
    assert kind_of(Snapshots({"top": address}, timeout_s=0.3).capture()) == "no-answer"


def test_only_addresses_of_the_network_are_asked() -> None:
    with pytest.raises(UsageError, match="not of a camera in the network"):
        Snapshots({"top": "file:///etc/passwd"})


@pytest.mark.filterwarnings("ignore")
def test_a_device_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    source = VideoDevices({"top": str(tmp_path / "none.avi")})

    assert kind_of(source.capture()) == "no-answer"
    source.close()


def test_a_device_gives_what_it_sees_now(tmp_path: Path) -> None:
    """A film stands for a camera: OpenCV reads both through the same door."""
    path = str(tmp_path / "film.avi")
    film = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 10, (32, 24))
    if not film.isOpened():
        pytest.skip("this OpenCV writes no films")
    for value in range(0, 240, 20):
        film.write(np.full((24, 32, 3), value, np.uint8))
    film.release()
    source = VideoDevices({"top": path}, warm=2)

    shots = [source.capture()[0].file for _ in range(5)]
    source.close()

    pictures = [read_picture(raw) for raw in shots[:4]]
    assert all(isinstance(one, Picture) for one in pictures)
    assert [round(one.rgb.mean() / 20) for one in pictures] == [3, 5, 7, 9]
    assert read_picture(shots[4]).rgb.mean() > 210


def test_without_harvesters_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "harvesters", None)
    monkeypatch.setitem(sys.modules, "harvesters.core", None)

    with pytest.raises(MissingExtra, match="GenICam") as caught:
        GenicamCameras([tmp_path / "a.cti"], {"top": "1"})
    assert caught.value.help == "pip install harvesters"


def test_pixels_of_a_mosaic_become_colours() -> None:
    """Red alone: in a mosaic of RGGB only the first pixel of each four is lit."""
    mosaic = np.zeros((8, 8, 1), np.uint8)
    mosaic[::2, ::2] = 200

    found = read_picture(as_file(mosaic, "BayerRG8"))

    assert found.rgb[4, 4].tolist() == [200, 0, 0]
    assert read_picture(as_file(np.full((2, 2, 3), (9, 0, 0), np.uint8), "RGB8")).rgb[0, 0].tolist() == [9, 0, 0]
    assert as_file(mosaic, "Mono12p").kind == "unsupported"
    assert as_file(mosaic, "Coord3D_ABC32f").kind == "unsupported"
