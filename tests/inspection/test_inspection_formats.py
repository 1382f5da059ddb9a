"""Other formats, there and back: what one of them has no place for is kept, and nothing is lost."""

from __future__ import annotations

import json
import os
import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import TYPES, View
from probatum.inspection.artefacts.formats.anomalib_folder import read_anomalib_folder, write_anomalib_folder
from probatum.inspection.artefacts.formats.coco import read_coco, write_coco
from probatum.inspection.artefacts.formats.fiftyone import read_fiftyone, write_fiftyone
from probatum.inspection.artefacts.formats.kaputt import read_kaputt, write_kaputt
from probatum.inspection.artefacts.manifest import load, write_manifest
from probatum.inspection.artefacts.marks import Dataset, Mark, drawn
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.rle import Rle, mask_of, pack, read_rle, rle_of, unpacked, written_rle

pa = pytest.importorskip("pyarrow")
cv2 = pytest.importorskip("cv2")
np = pytest.importorskip("numpy")
from pyarrow import parquet  # noqa: E402 - after it is known to be there

DATA = Path(os.environ.get("PROBATUM_DATA", "../shared/data")) / "vision"
_settings = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_names = st.text(string.ascii_letters + "_-ä", min_size=1, max_size=6)
_images = st.lists(_names, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".png")
_reals = st.floats(0, 500, allow_nan=False).map(lambda x: x + 0.0)
_json = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(string.ascii_letters, max_size=3),
    lambda i: st.lists(i, max_size=2) | st.dictionaries(st.sampled_from("ab"), i, max_size=2),
    max_leaves=4,
)
_objects = st.dictionaries(st.sampled_from(["note", "score", "p q"]), _json, max_size=2)
_masks = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**25)).map(
    lambda t: np.array([(t[2] >> n) & 1 for n in range(t[0] * t[1])], bool).reshape(t[0], t[1])
)


@st.composite
def _views(draw: st.DrawFn) -> View:
    return View(
        capture_id=draw(_names),
        image=draw(_images),
        view=draw(st.sampled_from(["", "top"])),
        role=draw(st.sampled_from(["query", "reference"])),
        item_identifier=draw(_names),
        mask=draw(st.just("") | _images),
        at=draw(st.none() | st.just(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))),
        units=draw(st.none() | st.integers(1, 9)),
        defect=draw(st.none() | st.booleans()),
        defect_types=tuple(draw(st.lists(st.sampled_from(TYPES), unique=True, max_size=3))),
        severity=draw(st.none() | st.floats(0, 1)),
        split=draw(st.sampled_from(["", "train", "test", "a/b", "unsplit"])),
        extra=draw(_objects),
    )


@st.composite
def _datasets(draw: st.DrawFn) -> Dataset:
    views = draw(st.lists(_views(), max_size=4, unique_by=lambda view: view.image))
    marks = []
    for view in views:
        for _ in range(draw(st.integers(0, 2))):
            shape = draw(st.sampled_from(["box", "polygons", "rle", "mask", "none"]))
            marks.append(
                Mark(
                    image=view.image,
                    label=draw(_names),
                    box=tuple(draw(st.lists(_reals, min_size=4, max_size=4))) if shape == "box" else None,
                    polygons=(tuple(draw(st.lists(_reals, min_size=6, max_size=6))),) if shape == "polygons" else (),
                    rle=replace(rle_of(draw(_masks)), packed=draw(st.booleans())) if shape == "rle" else None,
                    mask="m/x.png" if shape == "mask" else "",
                    attributes=draw(_objects),
                    extra=draw(st.dictionaries(st.sampled_from(["tool"]), _json, max_size=1)),
                )
            )
    return Dataset(views=tuple(views), marks=tuple(marks), extra=draw(st.dictionaries(st.just("site"), _json, max_size=1)))


def without(dataset: Dataset, name: str) -> Dataset:
    """A dataset without what one format says of itself: its numbers of pictures, and the like."""
    cut = lambda one: replace(one, extra={key: value for key, value in one.extra.items() if key != name})  # noqa: E731 - used twice
    return Dataset(
        views=tuple(map(cut, dataset.views)),
        marks=tuple(map(cut, dataset.marks)),
        extra={key: value for key, value in dataset.extra.items() if key != name},
    )


@_settings
@given(_datasets())
def test_coco_gives_back_what_was_written(tmp_path: Path, dataset: Dataset) -> None:
    write_coco(dataset, tmp_path / "c.json")

    assert without(read_coco(tmp_path / "c.json"), "coco") == dataset


@_settings
@given(_datasets(), st.booleans())
def test_fiftyone_gives_back_what_was_written(tmp_path: Path, dataset: Dataset, sized: bool) -> None:
    if sized:
        about = {"fiftyone": {"metadata": {"width": 640, "height": 481}}}
        dataset = replace(dataset, views=tuple(replace(view, extra={**view.extra, **about}) for view in dataset.views))

    write_fiftyone(dataset, tmp_path)

    assert without(read_fiftyone(tmp_path), "fiftyone") == without(dataset, "fiftyone")


@_settings
@given(_datasets())
def test_kaputt_gives_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> None:
    folder = tmp_path_factory.mktemp("k")
    dataset = replace(dataset, extra={})
    dataset = replace(dataset, views=(*dataset.views, View(capture_id="one", image="1.png")))

    write_kaputt(dataset, folder)
    found = read_kaputt(folder)

    assert found.quarantine == ()
    # Rows of other tables come in another order; columns, too: that of the names in `extra` says nothing, as in any mapping.
    assert sorted(found.views, key=lambda view: view.image) == sorted(dataset.views, key=lambda view: view.image)
    assert found.marks_of() == dataset.marks_of()


def picture(value: int, high: int = 12, wide: int = 16) -> bytes:
    return cv2.imencode(".png", np.full((high, wide, 3), value, np.uint8))[1].tobytes()


@_settings
@given(_datasets())
def test_folders_give_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> None:
    source, folder = tmp_path_factory.mktemp("from"), tmp_path_factory.mktemp("to")
    names = {name for view in dataset.views for name in (view.image, view.mask) if name} | {"m/x.png"}
    for value, name in enumerate(sorted(names)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(picture(value))

    with Media(source) as media:
        write_anomalib_folder(dataset, folder, media)
    (folder / "train" / "good").mkdir(parents=True, exist_ok=True)
    found = read_anomalib_folder(folder)

    # Pictures have other names there; what they show tells which is which.
    shows = lambda view, place: (place / view.image).read_bytes()  # noqa: E731 - used four times
    by_content = {shows(view, source): view for view in dataset.views}
    assert sorted(shows(view, folder) for view in found.views) == sorted(by_content)
    for view in found.views:
        original = by_content[shows(view, folder)]
        assert replace(view, image="", mask="") == replace(original, image="", mask="")
        assert not original.mask or (folder / view.mask).read_bytes() == (source / original.mask).read_bytes()
        marks, before = found.marks_of().get(view.image, []), dataset.marks_of().get(original.image, [])
        assert [replace(mark, image="", mask="") for mark in marks] == [replace(mark, image="", mask="") for mark in before]
        assert [bool(mark.mask) for mark in marks] == [bool(mark.mask) for mark in before]
    assert found.extra == dataset.extra


def coco() -> dict:
    runs = [4, 3, 5]
    return {
        "info": {"version": "0.1"},
        "licenses": [],
        "images": [
            {"id": 108, "width": 4, "height": 3, "file_name": "a/b.jpg", "flickr_url": ""},
            {"id": 9, "width": 4, "height": 3, "file_name": "c.jpg"},
        ],
        "categories": [{"id": 0, "name": "crush", "supercategory": "box"}, {"id": 7, "name": "crush"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 108,
                "category_id": 7,
                "bbox": [0, 1, 2.5, 1],
                "area": 2.5,
                "iscrowd": 0,
                "segmentation": [[0, 0, 2, 0, 2, 2]],
            },
            {
                "id": 5,
                "image_id": 9,
                "category_id": 0,
                "segmentation": {"counts": runs, "size": [3, 4]},
                "attributes": {"occluded": False},
            },
            {"id": 6, "image_id": 9, "category_id": 0, "segmentation": {"counts": pack(runs), "size": [3, 4]}, "attributes": {}},
            {"id": 8, "image_id": 9, "category_id": 0, "segmentation": [], "keypoints": [1, 2, 2], "num_keypoints": 1},
            {"id": 10, "image_id": 9, "category_id": 0, "segmentation": {"counts": [1], "size": [3, 4]}, "bbox": [1, 2]},
            {"id": 11, "image_id": 77, "category_id": 0, "bbox": [0, 0, 1, 1]},
        ],
    }


def test_a_file_of_coco_is_written_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(coco()))

    found = read_coco(tmp_path / "a.json")
    write_coco(found, tmp_path / "b.json")

    assert json.loads((tmp_path / "b.json").read_text()) == coco()
    assert [mark.label for mark in found.marks] == ["crush"] * 5
    assert found.marks[0].box == (0, 1, 2.5, 1)
    assert found.marks[1].rle == replace(found.marks[2].rle, packed=False)
    assert found.notes == ("COCO names no units: each picture is one", "1 annotations are of no picture that was read")


def test_a_picture_outside_is_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps({"images": [{"id": 1, "file_name": "/etc/passwd"}, {"id": 2, "file_name": "b.jpg"}]})
    )

    found = read_coco(tmp_path / "a.json")

    assert [view.image for view in found.views] == ["b.jpg"]
    assert [(one.row, one.reason) for one in found.quarantine] == [(1, "`image` is not relative to the folder of the manifest")]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"images": 3}', '{"images": [3]}', "[" * 100_000, '{"images": [], "annotations": {}}']
)
def test_what_is_no_coco_is_one_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)

    with pytest.raises(UnreadableArtefact, match=r"a\.json` cannot be read"):
        read_coco(tmp_path / "a.json")


@given(_masks)
def test_runs_are_the_mask(mask) -> None:
    found = rle_of(mask)

    assert np.array_equal(mask_of(found), mask)
    assert read_rle(written_rle(replace(found, packed=True)), most_pixels=100) == replace(found, packed=True)


@given(st.lists(st.integers(0, 10**7), max_size=8))
def test_packed_runs_are_the_runs(runs: list[int]) -> None:
    assert unpacked(pack(runs)) == runs


def test_runs_are_packed_as_the_tools_of_coco_do() -> None:
    """A square of 2 x 2 in the middle of 4 x 4: 5 unmarked, 2, 2, 2, 5; the last two as differences 0 and 3."""
    assert pack([5, 2, 2, 2, 5]) == "52203"
    assert pack([40]) == "X1"  # 40 = 8 + 32: five bits with more to come, then 1
    assert pack([0, 20]) == "0d0"  # 20 has the fifth bit, which alone would be a sign
    assert pack([0, 9, 9, 4]) == "099K"  # 4 - 9 = -5, whose five bits are 27


@given(st.text(max_size=6), st.lists(st.integers(-3, 9), max_size=3))
def test_any_runs_are_a_mask_or_none(text: str, size: list[int]) -> None:
    found = read_rle({"counts": text, "size": size}, most_pixels=100)

    assert found is None or mask_of(found).shape == tuple(size)


def test_marks_are_drawn_where_they_are() -> None:
    square = drawn(Mark(image="", label="", polygons=((1, 1, 3, 1, 3, 3, 1, 3),)), 5, 6)
    box = drawn(Mark(image="", label="", box=(-5, 1.2, 7, 1.5)), 5, 6)

    assert np.argwhere(square).tolist() == [[y, x] for y in (1, 2, 3) for x in (1, 2, 3)]
    assert np.argwhere(box).tolist() == [[y, x] for y in (1, 2) for x in (0, 1)]
    with pytest.raises(ValueError, match="another size"):
        drawn(Mark(image="", label="", rle=Rle(1, 1, (1,))), 5, 6)


def fiftyone() -> dict:
    detection = {
        "_id": {"$oid": "65"},
        "_cls": "Detection",
        "attributes": {},
        "tags": [],
        "label": "tear",
        "bounding_box": [0.1, 0.25, 0.3, 0.4],
    }
    return {
        "samples": [
            {
                "_id": {"$oid": "64"},
                "filepath": "data/1.jpg",
                "tags": ["validation"],
                "metadata": {"_cls": "ImageMetadata", "width": 640, "height": 480, "num_channels": 3},
                "ground_truth": {
                    "_cls": "Detections",
                    "detections": [detection, {**detection, "mask": {"$binary": {"base64": "eJw="}}}],
                },
                "weather": {"_cls": "Classification", "label": "rain"},
            },
            {"filepath": "data/2.jpg", "predictions": {"_cls": "Detections", "detections": [{**detection, "confidence": 0.5}]}},
            {
                "filepath": "data/3.jpg",
                "ground_truth": {"_cls": "Detections", "detections": []},
                "odd": {"_cls": "Detections", "detections": [3]},
            },
        ]
    }


def test_an_export_of_fiftyone_is_written_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "samples.json").write_text(json.dumps(fiftyone()))
    (tmp_path / "metadata.json").write_text(json.dumps({"name": "d", "sample_fields": []}))

    found = read_fiftyone(tmp_path)
    write_fiftyone(found, tmp_path / "again")

    assert json.loads((tmp_path / "again" / "samples.json").read_text()) == fiftyone()
    assert json.loads((tmp_path / "again" / "metadata.json").read_text()) == {"name": "d", "sample_fields": []}
    assert [mark.label for mark in found.marks] == ["tear"] * 3
    assert np.allclose(found.marks[0].box, (64, 120, 192, 192))
    assert found.marks[2].box is None
    assert found.notes[1] == "1 boxes are of pictures of unknown size, and kept as shares of it"


def test_what_was_changed_in_fiftyone_prevails(tmp_path: Path) -> None:
    view = View(capture_id="u1", image="a.png", extra={"fiftyone": {"metadata": {"width": 100, "height": 100}}})
    dataset = Dataset(views=(view,), marks=(Mark(image="a.png", label="tear", box=(10.1, 10.2, 30.3, 30.4)),))
    write_fiftyone(dataset, tmp_path)
    whole = json.loads((tmp_path / "samples.json").read_text())
    [one] = whole["samples"][0]["ground_truth"]["detections"]
    one |= {"label": "hole", "bounding_box": [0.5, 0.5, 0.1, 0.1]}
    (tmp_path / "samples.json").write_text(json.dumps(whole))

    found = read_fiftyone(tmp_path)

    assert (found.views[0].capture_id, found.marks[0].label, found.marks[0].box) == ("u1", "hole", (50, 50, 10, 10))


def kaputt(folder: Path) -> None:
    (folder / "datasets").mkdir()
    part = lambda what, name: f"data/train/query-data/{what}/{name}"  # noqa: E731 - said six times
    query = {
        "capture_id": ["q1", "q2", "q3"],
        "item_identifier": ["B0", "B0", None],
        "item_material": ["cardboard", "plastic_hard", "other"],
        "defect": [True, False, None],
        "major_defect": [True, False, None],
        "defect_types": ["penetration, actuation", None, ""],
        "query_image": [part("image", f"q{n}.jpg") for n in (1, 2, 3)],
        "query_crop": [part("crop", f"q{n}.jpg") for n in (1, 2, 3)],
        "query_mask": [part("mask", "q1.png"), None, part("mask", "q3.png")],
    }
    reference = {
        "item_identifier": ["B0"],
        "reference_image": ["data/r.jpg"],
        "reference_crop": ["data/r.jpg"],
        "reference_mask": [None],
    }
    types = {"reference_mask": pa.string()}
    parquet.write_table(pa.table(query), folder / "datasets" / "query-train.parquet")
    schema = pa.schema([(name, types.get(name, pa.string())) for name in reference])
    parquet.write_table(pa.table(reference, schema=schema), folder / "datasets" / "reference-train.parquet")


def test_tables_of_kaputt_are_written_as_they_were_read(tmp_path: Path) -> None:
    kaputt(tmp_path)

    found = read_kaputt(tmp_path)
    write_kaputt(found, tmp_path / "again")

    first, second, _, reference = found.views
    assert first.image == "query-image/data/train/query-data/image/q1.jpg"
    assert first.mask == "query-mask/data/train/query-data/mask/q1.png"
    assert (first.defect_types, second.defect, first.split) == (("hole", "opened"), False, "train")
    assert (reference.role, reference.capture_id, reference.image) == (
        "reference",
        "reference:data/r.jpg",
        "reference-image/data/r.jpg",
    )
    for name in ("query-train.parquet", "reference-train.parquet"):
        before, after = (parquet.read_table(root / "datasets" / name).to_pylist() for root in (tmp_path, tmp_path / "again"))
        assert [{**row, "kaputt_defect_types": None} for row in after] == [{**row, "kaputt_defect_types": None} for row in before]


def test_each_view_of_a_set_like_kaputt_has_its_own_depth(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    rows = [
        {
            "capture_id": "u",
            "item_identifier": "P",
            "view": view,
            "query_image": f"data/u-{view}.jpg",
            "query_depth": f"data/u-{view}.png",
        }
        for view in ("top", "left")
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "datasets" / "query-test.parquet")

    read = read_kaputt(tmp_path)
    write_kaputt(read, tmp_path / "again")

    assert [(view.view, view.depth) for view in read.views] == [
        ("top", "query-depth/data/u-top.png"),
        ("left", "query-depth/data/u-left.png"),
    ]
    assert read_kaputt(tmp_path / "again").views == read.views


@pytest.mark.parametrize(("read", "write"), [(read_coco, write_coco), (read_fiftyone, write_fiftyone)], ids=["coco", "fiftyone"])
def test_what_a_manifest_in_csv_made_text_is_written_as_it_was(read: Any, write: Any, tmp_path: Path) -> None:
    name = "coco" if read is read_coco else "fiftyone"
    ours = View(capture_id="a", image="a.png", extra={name: {"id": 7, "width": 3, "height": 2}})
    theirs = View(capture_id="b", image="b.png", extra={name: "only called so"})
    write_manifest(tmp_path / "manifest.csv", [ours, theirs])
    views = load(tmp_path / "manifest.csv").views

    write(Dataset(views=views), tmp_path / "out")

    [first, second] = read(tmp_path / "out").views
    assert {key: first.extra[name][key] for key in ours.extra[name]} == ours.extra[name]
    assert second.capture_id == "b"


def test_a_mask_of_an_item_is_not_a_mark(tmp_path: Path) -> None:
    kaputt(tmp_path)

    assert read_kaputt(tmp_path).marks == ()


def test_a_path_out_of_kaputts_folder_is_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    rows = {"capture_id": ["a", "b", "c"], "query_image": ["../../x.jpg", "/x.jpg", "../other/x.jpg"]}
    parquet.write_table(pa.table(rows), tmp_path / "datasets" / "query-test.parquet")

    found = read_kaputt(tmp_path)

    assert [view.image for view in found.views] == ["other/x.jpg"]
    assert [one.row for one in found.quarantine] == [1, 2]
    with pytest.raises(UnreadableArtefact, match="query"):
        read_kaputt(tmp_path / "datasets")


def mvtec(folder: Path) -> None:
    for value, name in enumerate(
        ["train/good/000.png", "test/good/000.png", "test/bent wire/000.png", "test/Tear/000.png", "test/hole/1.png"]
    ):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(picture(value))
    for name in ("bent wire/000_mask.png", "hole/1.png"):
        (folder / "ground_truth" / name).parent.mkdir(parents=True)
        (folder / "ground_truth" / name).write_bytes(picture(255))


def test_folders_of_mvtec_are_written_as_they_were_read(tmp_path: Path) -> None:
    source, again = tmp_path / "bottle", tmp_path / "again"
    mvtec(source)

    found = read_anomalib_folder(source, product="bottle")
    with Media(source) as media:
        write_anomalib_folder(found, again, media)

    files = {path.relative_to(source): path.read_bytes() for path in source.rglob("*.png")}
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*.png")} == files
    assert read_anomalib_folder(again) == found
    assert {view.image: (view.split, view.defect, view.defect_types, view.extra) for view in found.views} == {
        "train/good/000.png": ("train", False, (), {}),
        "test/good/000.png": ("test", False, (), {}),
        "test/bent wire/000.png": ("test", True, (), {"label": "bent wire"}),
        "test/Tear/000.png": ("test", True, ("tear",), {"label": "Tear"}),
        "test/hole/1.png": ("test", True, ("hole",), {}),
    }
    assert {mark.mask for mark in found.marks} == {"ground_truth/bent wire/000_mask.png", "ground_truth/hole/1.png"}


def test_a_picture_that_was_moved_to_another_folder_is_what_that_says(tmp_path: Path) -> None:
    source, again = tmp_path / "bottle", tmp_path / "again"
    mvtec(source)
    with Media(source) as media:
        write_anomalib_folder(read_anomalib_folder(source), again, media)
    told = json.loads((again / "probatum.json").read_text())
    told["views"]["test/hole/000.png"] = told["views"]["test/good/000.png"]
    (again / "probatum.json").write_text(json.dumps(told))
    (again / "test/good/000.png").rename(again / "test/hole/000.png")

    [moved] = [view for view in read_anomalib_folder(again).views if view.image == "test/hole/000.png"]

    assert (moved.defect, moved.defect_types) == (True, ("hole",))


def test_polygons_are_drawn_for_readers_of_folders(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(3))
    view = View(capture_id="u/1", image="a.png", defect=True, defect_types=("crush",))
    mark = Mark(image="a.png", label="crush", polygons=((2, 2, 5, 2, 5, 4, 2, 4),))

    with Media(tmp_path) as media:
        write_anomalib_folder(Dataset(views=(view,), marks=(mark,)), tmp_path / "to", media)

    mask = cv2.imread(str(tmp_path / "to" / "ground_truth" / "crush" / "u_1_mask.png"), cv2.IMREAD_GRAYSCALE)
    assert np.argwhere(mask).tolist() == [[y, x] for y in (2, 3, 4) for x in (2, 3, 4, 5)]
    assert (tmp_path / "to" / "test" / "crush" / "u_1.png").is_file()


@pytest.mark.skipif(not DATA.is_dir(), reason="PROBATUM_DATA names no folder with `vision`, photos that people took")
def test_key_points_of_real_parcels_go_there_and_back(tmp_path: Path) -> None:
    path = DATA / "tampar" / "keypoints_coco.json"

    found = read_coco(path)
    write_coco(found, tmp_path / "b.json")

    assert json.loads((tmp_path / "b.json").read_text()) == json.loads(path.read_text())
    assert {mark.label for mark in found.marks} <= {"normal box", "damaged box"}
    assert len(found.marks) >= 5
