"""Items are taken with all cameras of a booth, and what lies badly or is missing is said and never hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from network_cameras import camera

from probatum.cli import program
from probatum.errors import UnreadableArtefact, UsageError
from probatum.inspection.artefacts.manifest import load
from probatum.inspection.artefacts.media import Media, see
from probatum.inspection.artefacts.sources.next_file import NextFile
from probatum.inspection.artefacts.unusable import Unusable

cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")
pytest.importorskip("onnxruntime")


def png(pixels: object) -> bytes:
    """Pixels as a file."""
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


def scene(*, left: int = 40) -> tuple[bytes, bytes]:
    """A textured box on a dark tray, with depth in millimetres."""
    rng = np.random.default_rng(1)
    pixels = np.full((120, 160, 3), 40, np.uint8)
    pixels[30:90, left : left + 80] = rng.integers(90, 220, (60, 80, 3))
    depth = np.full((120, 160), 1000, np.uint16)
    depth[30:90, left : left + 80] = 940
    return png(pixels), png(depth)


@contextmanager
def served(**files: bytes) -> Iterator[str]:
    """Cameras in the network, one for each name; yield what their addresses begin with."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        raw = files.get(asked.path.strip("/"))
        asked.send_response(200 if raw is not None else 404)
        asked.end_headers()
        asked.wfile.write(raw or b"")

    with camera(answer) as address:
        yield address.rpartition("/")[0]


def booth(folder: Path, address: str, *, more: str = "") -> Path:
    """A file that names a camera with depth."""
    text = f"""\
schema: probatum-inspection-booth/1
station: dock-3
depth_unit: mm
views:
  top:
    camera: c1
    picture: {{http: "{address}/rgb"}}
    depth: {{http: "{address}/depth"}}
{more}"""
    (folder / "booth.yaml").write_text(text)
    return folder / "booth.yaml"


def ran(*arguments: str | Path, said: str = "") -> Result:
    """Run the command."""
    return CliRunner().invoke(program, ["inspection", "capture", *map(str, arguments)], input=said, catch_exceptions=False)


def test_items_are_taken_and_read_again(tmp_path: Path) -> None:
    picture, depth = scene()
    with served(rgb=picture, depth=depth) as address:
        done = ran(
            booth(tmp_path, address),
            "--to",
            tmp_path / "set",
            "--product",
            "box",
            "--every",
            "0.1",
            "--count",
            "2",
            "--split",
            "test",
        )

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"2 items in {tmp_path / 'set/manifest.csv'}"
    found = load(tmp_path / "set/manifest.csv")
    assert (len(found.captures), found.quarantine) == (2, ())
    view = found.captures[0].views[0]
    assert (view.view, view.camera, view.station, view.item_identifier, view.split) == ("top", "c1", "dock-3", "box", "test")
    with Media(tmp_path / "set") as media:
        seen = see(view, media)
    assert not isinstance(seen.picture, Unusable)
    assert seen.picture.rgb.shape == (120, 160, 3)
    assert seen.depth is not None
    assert not isinstance(seen.depth, Unusable)
    assert float(seen.depth.mm[60, 80]) == 940.0
    assert (tmp_path / "set" / view.image).read_bytes() == picture


def test_what_lies_badly_is_taken_again(tmp_path: Path) -> None:
    picture, depth = scene(left=0)
    with served(rgb=picture, depth=depth) as address:
        done = ran(booth(tmp_path, address), "--to", tmp_path / "set", said="\n\n\nk\nq\n")

    assert done.exit_code == 0, done.output
    assert done.stderr.count("top: move the item right: its left side is cut off") == 2
    assert done.stdout.splitlines()[-1].startswith("1 items")
    assert len(load(tmp_path / "set/manifest.csv").captures) == 1


def test_the_end_of_input_ends_it(tmp_path: Path) -> None:
    picture, depth = scene()
    with served(rgb=picture, depth=depth) as address:
        done = ran(booth(tmp_path, address), "--to", tmp_path / "set", said="\n")

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].startswith("1 items")


def test_a_view_that_is_missing_is_not_forgotten(tmp_path: Path) -> None:
    """It stands in the manifest, so that a person looks, and the unit is not judged by its other views."""
    picture, depth = scene()
    side = '  side: {picture: {http: "%s/none"}}\n'
    with served(rgb=picture, depth=depth) as address:
        file = booth(tmp_path, address, more=side % address)
        (tmp_path / "inspection.yaml").write_text("captures: set/manifest.csv\n")
        assert (
            ran(file, "--to", tmp_path / "set", "--references", "--product", "box", "--every", "0.1", "--count", "2").exit_code
            == 0
        )
        done = ran(
            file, "--to", tmp_path / "set", "--product", "box", "--every", "0.1", "--count", "1",
            "--policy", tmp_path / "inspection.yaml", "--json",
        )  # fmt: skip  # one command

    assert done.stderr == "side: no-answer: the camera answers 404 (look at its address in a browser)\n"
    told = json.loads(done.stdout)
    assert told["decision"] == "person"
    assert told["wrong"] == [{"view": "side", "why": "no-answer: the camera answers 404 (look at its address in a browser)"}]
    assert any("side.missing" in why or "there is no file" in why for why in told["reason"]), told["reason"]
    assert [len(unit.views) for unit in load(tmp_path / "set/manifest.csv").captures] == [2, 2, 2]


def test_a_recording_is_a_camera(tmp_path: Path) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
    pixels = cv2.imdecode(np.frombuffer(scene()[0], np.uint8), cv2.IMREAD_COLOR)
    for _ in range(20):
        writer.write(pixels)
    writer.release()
    (tmp_path / "booth.yaml").write_text("views: {top: {picture: {video: clip.avi}}}\n")

    done = ran(tmp_path / "booth.yaml", "--to", tmp_path / "set", "--every", "0.1", "--count", "1")

    assert done.exit_code == 0, done.output
    [unit] = load(tmp_path / "set/manifest.csv").captures
    with Media(tmp_path / "set") as media:
        seen = see(unit.views[0], media)
    assert not isinstance(seen.picture, Unusable)
    assert abs(float(seen.picture.rgb[10, 10, 0]) - 40) < 8


def test_a_folder_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(scene()[0])
    source = NextFile("top", tmp_path, wait_s=0.3)
    [shot] = source.capture()
    assert isinstance(shot.file, Unusable)
    assert shot.file.kind == "no-answer"

    (tmp_path / "a.png").write_bytes(b"earlier")
    (tmp_path / "b.png").write_bytes(b"later")
    [shot] = source.capture()
    assert (shot.name, shot.file) == ("top", b"later")


def test_a_manifest_keeps_its_columns(tmp_path: Path) -> None:
    picture, depth = scene()
    (tmp_path / "set").mkdir()
    (tmp_path / "set/manifest.csv").write_text(
        "capture_id,image,depth,depth_unit,view,role,at,camera,station,note\nu1,a.png,,,,,,,,x\n"
    )
    with served(rgb=picture, depth=depth) as address:
        file = booth(tmp_path, address)
        assert ran(file, "--to", tmp_path / "set", "--every", "0.1", "--count", "1").exit_code == 0
        with pytest.raises(UnreadableArtefact, match="has no column `item_identifier`"):
            ran(file, "--to", tmp_path / "set", "--every", "0.1", "--count", "1", "--product", "box")

    found = load(tmp_path / "set/manifest.csv")
    assert found.captures[0].capture_id == "u1"
    assert (len(found.captures), found.quarantine) == (2, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("station: dock\n", "the booth has no views"),
        ("views: {top: {}}\n", "the view `top` has no picture"),
        ("views: {top: {picture: {vidio: 0}}}\n", "the picture of `top` names no cameras"),
        ("views: {top: {picture: {video: 0, http: 'http://a'}}}\n", "the picture of `top` names 2 cameras"),
        ("views: {top: {picture: {video: 0}, depth: {video: 1}}}\n", "the depth of `top` is a video device"),
        ("views: {a/b: {picture: {video: 0}}}\n", "`a/b` cannot name a view"),
        ("views: {top: {picture: {genicam: '1'}}}\n", "has a GenICam camera `1` and no `producers`"),
        ("views: {top: {picture: {video: 0}}}\ndepth_unit: ell\n", "`ell` is no `depth_unit`"),
        ("views: {top: {picture: {video: 0}}}\nstationn: a\n", "`stationn` is not a field of the booth"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "booth.yaml").write_text(text)

    with pytest.raises(UnreadableArtefact) as caught:
        ran(tmp_path / "booth.yaml", "--to", tmp_path / "set", "--every", "0.1", "--count", "1")
    assert said in caught.value.message
    assert caught.value.location is not None
    assert caught.value.help


@pytest.mark.parametrize(
    ("place", "said"), [("{folder: none}", "there is no folder `none`"), ("{http: 'file:///etc/passwd'}", "is not of a camera")]
)
def test_a_place_that_is_none_is_told(tmp_path: Path, place: str, said: str) -> None:
    (tmp_path / "booth.yaml").write_text(f"views: {{top: {{picture: {place}}}}}\n")

    with pytest.raises(UsageError, match=said):
        ran(tmp_path / "booth.yaml", "--to", tmp_path / "set", "--every", "0.1", "--count", "1")
    assert not (tmp_path / "set").exists()
