"""Items of the booth over time: as often damaged as was asked for, by the causes that the truth names, and the truth kept apart."""

import csv
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("cv2")

import cv2

from probatum.errors import UnreadableArtefact, UsageError
from probatum.inspection.artefacts.manifest import load
from probatum.synth.inspection.damage import on_product
from probatum.synth.inspection.parameters import CAPTURE_FAULTS, DAMAGES, DECOYS, Damaging, Misleading, Optics, Parameters
from probatum.synth.inspection.runs import box, mask_of, runs
from probatum.synth.inspection.stream import Booth
from probatum.synth.inspection.writing import COLUMNS, TRUTH_COLUMNS, write

QUIET = Misleading(printed=0.0, decoys=0.0, faults=0.0, wrong_product=0.0, unread=0.0, redesigned=0.0, drift=0.0)
TINY = Parameters(
    items=10,
    products=4,
    references=(1, 2),
    optics=Optics(size=64),
    damaging=Damaging(prevalence=0.6),
    misleading=QUIET,
    labelled=0.6,
)


def rows(path):
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_the_same_parameters_make_the_same_items():
    one, other = Booth(replace(TINY, items=50)), Booth(replace(TINY, items=50))

    assert list(one.items()) == list(other.items())
    assert list(one.references()) == list(other.references())
    assert list(one.items()) != list(Booth(replace(TINY, items=50, seed=1)).items())


@pytest.mark.parametrize("prevalence", [0.002, 0.05, 0.4])
def test_as_many_items_are_damaged_as_was_asked_for(prevalence):
    many = 6000
    booth = Booth(Parameters(items=many, damaging=Damaging(prevalence=prevalence, bursts=0), misleading=QUIET))

    damaged = sum(bool(item.damages) for item in booth.items())

    assert damaged == pytest.approx(prevalence * many, abs=5 * (prevalence * many) ** 0.5 + 0.05 * prevalence * many)


def test_two_thirds_can_be_damaged():
    booth = Booth(Parameters(items=3000, damaging=Damaging(prevalence=2 / 3, by_cause=0.0, bursts=0), misleading=QUIET))

    assert sum(bool(item.damages) for item in booth.items()) == pytest.approx(2000, abs=150)


def test_causes_of_the_truth_are_where_damage_is():
    booth = Booth(Parameters(items=5000, damaging=Damaging(prevalence=0.1, bursts=1, burst_rate=0.5), misleading=QUIET))
    causes = booth.causes
    by = Counter()
    for item in booth.items():
        for damage in item.damages:
            sort, _, who = damage.cause.partition(" ")
            by[sort] += 1
            if sort == "station":
                assert item.station == who == causes.station
            elif sort == "shift":
                assert item.shift == who == causes.shift
            elif sort in {"vendor", "burst"}:
                assert item.vendor == who
            if sort == "burst":
                assert causes.bursts[0].begins <= item.day < causes.bursts[0].ends

    assert set(by) == {"handling", "station", "shift", "vendor", "burst"}
    assert min(by.values()) > 15


def test_everything_that_misleads_comes_and_a_few_are_drawn_in_no_quiet_booth():
    loud = Booth(Parameters(items=1500, misleading=Misleading(printed=0.5, faults=0.01, wrong_product=0.05, unread=0.05)))
    items = list(loud.items())

    assert {name for item in items for name in item.shot.decoys} == set(DECOYS)
    assert {name for item in items for name in item.shot.faults} == set(CAPTURE_FAULTS)
    assert {damage.type for item in items for damage in item.damages} == set(DAMAGES)
    assert 0.02 < np.mean([item.wrong_product for item in items]) < 0.08
    assert 0.02 < np.mean([item.claimed is None for item in items]) < 0.08
    assert any(product.printed for product in loud.products)
    quiet = list(Booth(Parameters(items=500, misleading=QUIET)).items())
    assert not any(item.shot.decoys or item.shot.faults or item.wrong_product or item.claimed is None for item in quiet)
    assert {item.shot.gain for item in quiet} == {1.0}


def test_a_redesign_comes_on_its_day_and_soon_there_is_no_old_stock():
    booth = Booth(Parameters(items=1500, products=6, misleading=replace(QUIET, redesigned=1.0, old_stock_days=1.0)))

    for item in booth.items():
        redesign = booth.redesigns[item.shot.product.identifier]
        if item.day < redesign.day:
            assert item.shot.product in booth.products
        elif item.day > redesign.day + 1:
            assert item.shot.product == redesign.product
    mixed = [item for item in booth.items() if 0 < item.day - booth.redesigns[item.shot.product.identifier].day < 1]
    assert {item.shot.product in booth.products for item in mixed} == {True, False}
    [new] = {reference.shot.product for reference in booth.references((redesign.product,))}
    assert new == redesign.product


def test_light_drifts_and_never_grows():
    booth = Booth(Parameters(items=400, misleading=replace(QUIET, drift=0.3)))
    gains = [item.shot.gain for item in booth.items() if item.station == "S1"]

    assert gains == sorted(gains, reverse=True)
    assert 0.7 <= gains[-1] < gains[0] <= 1


def test_references_are_as_many_as_asked_for_and_a_share_of_them_is_damaged():
    clean = list(Booth(Parameters(products=50, references=(1, 20))).references())
    dirty = list(Booth(Parameters(products=200, references=(5, 5), misleading=Misleading(dirty=0.2))).references())

    many = Counter(reference.shot.product.identifier for reference in clean)
    assert min(many.values()) >= 1
    assert max(many.values()) <= 20
    assert len(set(many.values())) > 8
    assert not any(reference.damages for reference in clean)
    assert np.mean([bool(reference.damages) for reference in dirty]) == pytest.approx(0.2, abs=0.05)
    assert not any(reference.shot.decoys or reference.shot.faults for reference in dirty)


def test_splits_follow_time_and_identifiers_tell_nothing():
    items = list(Booth(replace(TINY, items=200)).items())

    assert [item.split for item in items] == sorted((item.split for item in items), key=("train", "calibration", "test").index)
    assert len({item.capture_id for item in items}) == 200
    assert [item.at for item in items] == sorted(item.at for item in items)


def test_products_of_ranges_that_do_not_overlap_are_all_different():
    one, other = (Booth(replace(TINY, products=20, first_product=first)) for first in (0, 20))

    assert not {p.identifier for p in one.products} & {p.identifier for p in other.products}
    assert {p.kind for p in one.products} == {p.kind for p in other.products}


def test_what_is_written_is_read_back(tmp_path):
    booth = Booth(TINY)
    folder, apart = tmp_path / "booth", tmp_path / "truth"

    about = write(booth, folder, apart, masks=True)

    items = {item.capture_id: item for item in (*booth.references(), *booth.items())}
    written = rows(folder / "manifest.csv")
    assert list(written[0]) == list(COLUMNS)
    assert len(written) == about["pictures"] == 2 * len(items)
    for row in written:
        item = items[row["capture_id"]]
        [view] = [view for view in booth.photograph(item) if view.camera == row["view"]]
        rgb = cv2.imread(str(folder / row["image"]))[..., ::-1]
        depth = cv2.imread(str(folder / row["depth"]), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(rgb, view.rgb)
        assert depth.dtype == np.uint16
        assert np.array_equal(depth, np.round(view.depth).astype(np.uint16))
        assert np.array_equal(cv2.imread(str(folder / row["mask"]), cv2.IMREAD_UNCHANGED) > 0, view.item)
        assert row["item_identifier"] == item.shot.product.identifier
        assert row["defect"] == ("" if not item.labelled else "true" if item.damages else "false")
        assert row["defect_types"] == (",".join(d.type for d in item.damages) if item.labelled else "")
    assert {row["defect"] for row in written if row["role"] == "query"} == {"", "true", "false"}


def test_the_reader_of_manifests_takes_what_the_booth_writes(tmp_path):
    booth = Booth(replace(TINY, misleading=Misleading(faults=0.1)))
    write(booth, tmp_path / "booth", tmp_path / "truth", picture="jpg")

    manifest = load(tmp_path / "booth" / "manifest.csv")

    items = {item.capture_id: item for item in (*booth.references(), *booth.items())}
    assert manifest.quarantine == ()
    assert {capture.capture_id for capture in manifest.captures} == set(items)
    for capture in manifest.captures:
        item = items[capture.capture_id]
        assert capture.contradictions == ()
        assert capture.defect == (bool(item.damages) if item.labelled else None)
        assert {view.role for view in capture.views} == {item.role}
        assert all((tmp_path / "booth" / view.image).is_file() for view in capture.views)


def test_the_truth_is_apart_sealed_and_says_everything(tmp_path):
    booth = Booth(TINY)
    write(booth, tmp_path / "booth", tmp_path / "truth")

    truths = {row["capture_id"]: row for row in rows(tmp_path / "truth" / "truth.csv")}
    for item in (*booth.references(), *booth.items()):
        row = truths[item.capture_id]
        assert tuple(row) == TRUTH_COLUMNS
        assert row["types"] == ",".join(damage.type for damage in item.damages)
        assert row["causes"] == ",".join(damage.cause for damage in item.damages)
        assert row["on_product"].count("true") == sum(on_product(item.shot.product, damage) for damage in item.damages)
    assert not any("truth" in path.name for path in (tmp_path / "booth").rglob("*"))
    everywhere = "".join(path.read_text() for path in (tmp_path / "booth").glob("*.csv"))
    assert "handling" not in everywhere
    with pytest.raises(UsageError, match="would be in the folder"):
        write(booth, tmp_path / "other", tmp_path / "other" / "truth")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnreadableArtefact, match="cannot be written"):
        write(booth, tmp_path / "file", tmp_path / "truth")


def test_annotations_are_the_masks_and_only_labelled_items_have_some_beside_the_manifest(tmp_path):
    booth = Booth(TINY)
    write(booth, tmp_path / "booth", tmp_path / "truth")
    known, all_ = (json.loads((tmp_path / part / "annotations.json").read_text()) for part in ("booth", "truth"))

    views = {
        f"images/{item.capture_id}-{view.camera}.png": (item, view)
        for item in (*booth.references(), *booth.items())
        for view in booth.photograph(item)
    }
    names = {image["id"]: image["file_name"] for image in all_["images"]}
    assert all_["annotations"]
    for annotation in all_["annotations"]:
        item, view = views[names[annotation["image_id"]]]
        mask = mask_of(annotation["segmentation"]["counts"], annotation["segmentation"]["size"])
        assert any(
            DAMAGES[annotation["category_id"] - 1] == damage.type and np.array_equal(mask, where)
            for damage, where in zip(item.damages, view.damage, strict=True)
        )
        assert annotation["area"] == mask.sum()
    labelled = {name for name, (item, _) in views.items() if item.labelled}
    assert {image["file_name"] for image in known["images"]} == labelled
    assert 0 < len(known["annotations"]) < len(all_["annotations"])


def test_run_lengths_go_there_and_back():
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (5, 3), (4, 7)):
        for share in (0.0, 0.4, 1.0):
            mask = rng.random(shape) < share
            assert np.array_equal(mask_of(**{k: runs(mask)[k] for k in ("counts", "size")}), mask)
    assert runs(np.asarray([[True, False], [True, True]]))["counts"] == [0, 2, 1, 1]
    assert box(np.asarray([[False, False, False], [False, True, True]])) == [1, 1, 2, 1]
    assert box(np.zeros((3, 3), bool)) == [0, 0, 0, 0]
