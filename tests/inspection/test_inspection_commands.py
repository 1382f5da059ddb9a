"""The verbs of `probatum inspection` on a small made booth, one after the other as a stranger would."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from probatum.errors import UnreadableArtefact, UsageError
from probatum.stats.budgets import BudgetUnattainable

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")
from small_booth import checked, made, ran

BOOTH = Path(__file__).resolve().parents[2] / "specs" / "inspection" / "booth"
POLICY = "captures: {0}.csv\nbudget: {{false_alarms: 0.2, confidence: 0.9}}\ncalibration: {0}.json\n"


@pytest.fixture(scope="module")
def booth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booth that was calibrated and inspected."""
    folder = made(tmp_path_factory.mktemp("goods") / "booth")
    assert ran("calibrate", folder / "inspection.yaml").exit_code == 0
    assert ran("inspect", folder / "inspection.yaml").exit_code == 0
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The pictures of the specs, with policies about two of their manifests."""
    shutil.copytree(BOOTH, tmp_path / "booth")
    for name in ("manifest", "redesign"):
        (tmp_path / "booth" / f"{name}.yaml").write_text(POLICY.format(name), encoding="utf-8")
    return tmp_path / "booth"


def test_a_check_finds_what_was_decided_and_uses_it(booth: Path) -> None:
    decisions = [json.loads(line) for line in (booth / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    aside = {one["capture_id"] for one in decisions if one["decision"] == "sideline"}
    people = {one["capture_id"] for one in decisions if one["decision"] == "person"}

    report = checked(booth)

    found = [one for one in report["outcomes"] if one["kind"] == "finding"]
    assert {one["subject"] for one in found if one["rule"] == "inspection/damaged-unit"} == aside
    assert {one["subject"] for one in found if one["rule"] == "inspection/capture-unusable"} == people
    assert aside
    assert all(
        one["evidence"]["given"]["score"] > one["evidence"]["given"]["threshold"] for one in found if one["subject"] in aside
    )


def test_what_was_decided_is_of_no_use_for_another_picture(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    decisions = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    aside = next(one["capture_id"] for one in decisions if one["decision"] == "sideline")
    fine = next(one["capture_id"] for one in decisions if one["decision"] == "pass")
    [damaged] = list((folder / "images").glob(f"{aside}-*"))
    damaged.write_bytes(next((folder / "images").glob(f"{fine}-*")).read_bytes())

    report = checked(folder)

    before = next(one for one in decisions if one["capture_id"] == aside)["verdict"]
    again = [one for one in report["outcomes"] if one["subject"] == aside and one["rule"] == "inspection/damaged-unit"]
    assert all(one["evidence"]["given"]["pictures"] != before["pictures"] for one in again)
    assert all(one["evidence"]["given"]["score"] != before["score"] for one in again)


def test_a_unit_of_which_a_row_cannot_be_read_goes_to_a_person(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    decisions = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    first, second, third, fourth = [one["capture_id"] for one in decisions if one["decision"] == "pass"][:4]
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    own = {name: dict(next(row for row in rows if row["capture_id"] == name)) for name in (first, second, third, fourth)}
    rows = [row for row in rows if row["capture_id"] != first]
    rows.append(own[first] | {"severity": "nan"})  # its only row
    rows.append(own[second] | {"view": "B", "image": "../b.png"})  # a further view
    rows.append(own[third] | {"item_identifier": "another"})  # the same picture
    rows.append(own[fourth] | {"view": "B", "image": "images/none.png", "role": "reference"})
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    done = ran("inspect", folder / "inspection.yaml")
    report = checked(folder)

    now = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    told = {one["capture_id"]: (one["decision"], {refusal["kind"] for refusal in one["verdict"]["refusals"]}) for one in now}
    assert len(now) == len(decisions)
    assert told[first] == ("person", {"row"})
    assert told[second] == ("person", {"row"})
    assert told[third] == ("person", {"row", "contradictory"})
    assert told[fourth] == ("person", {"missing", "contradictory"})
    assert f"3 rows of `manifest.csv` cannot be used, row {len(rows) - 3} first: `severity` is nan, and" in done.stdout
    unusable = {one["subject"] for one in report["outcomes"] if one["rule"] == "inspection/capture-unusable"}
    assert {first, second, third, fourth} <= unusable


def test_a_name_in_a_manifest_does_nothing_to_a_terminal(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    name = "u\x1b[2J\n0 units: 0 pass"
    (folder / "more.csv").write_text(f'capture_id,image,item_identifier\n"{name}",images/none.png,P\n', encoding="utf-8")
    policy = folder / "inspection.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("manifest.csv", "more.csv\nreferences: manifest.csv"), "utf-8")

    shown = ran("inspect", policy, "--to", folder / "more.jsonl").stdout

    assert "a person looks at `u\\x1b[2J\\n0 units: 0 pass`: " in shown
    assert "\x1b" not in shown
    assert json.loads((folder / "more.jsonl").read_text(encoding="utf-8").splitlines()[1])["capture_id"] == name


def test_why_there_is_nothing_to_judge_is_said(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    policy = folder / "inspection.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "splits: [tests]\n", encoding="utf-8")
    (tmp_path / "none").mkdir()

    done = ran("inspect", policy)

    assert "`manifest.csv` has no unit to judge; units by split: " in done.stdout
    with pytest.raises(UsageError, match="there is no picture in") as none:
        ran("look", policy, tmp_path / "none")
    assert "png" in str(none.value.help)


@pytest.mark.parametrize(("key", "verb"), [("model", "train"), ("gallery", "gallery begin"), ("calibration", "calibrate")])
def test_of_a_file_that_a_command_makes_it_is_said_which(booth: Path, tmp_path: Path, key: str, verb: str) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    policy = folder / "inspection.yaml"
    kept = [line for line in policy.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{key}:")]
    policy.write_text("\n".join([*kept, f"{key}: none.json"]) + "\n", encoding="utf-8")

    with pytest.raises(UnreadableArtefact, match=r"`none\.json` is not there") as missing:
        ran("inspect", policy)

    assert f"`probatum inspection {verb} inspection.yaml`" in str(missing.value.help)


def test_of_each_thing_that_a_person_looks_at_it_is_said_what_to_do(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    decisions = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    lost, cut, other, *_ = [one["capture_id"] for one in decisions if one["decision"] == "pass"]
    for unit, change in ((lost, Path.unlink), (cut, lambda place: place.write_bytes(place.read_bytes()[:900]))):
        change(next((folder / "images").glob(f"{unit}-*")))
    next((folder / "images").glob(f"{other}-*")).write_bytes(b"no picture at all")

    shown = ran("inspect", folder / "inspection.yaml").stdout

    assert f"a person looks at `{lost}`: there is no file `images/{lost}" in shown
    assert "; write where it is, or take the picture again\n" in shown
    assert "; copy the whole file, or take the picture again\n" in shown
    assert "; name a PNG, JPEG, TIFF, BMP or WebP\n" in shown


def test_labels_say_how_well_units_are_judged(booth: Path) -> None:
    done = ran("evaluate", booth / "inspection.yaml", "--json")

    told = json.loads(done.stdout)
    assert told["damaged"] + told["pristine"] == len((booth / "decisions.jsonl").read_text(encoding="utf-8").splitlines()) - 1
    assert told["recall"]["of"] == told["damaged"]
    assert 0.5 < told["auroc"] <= 1


def test_units_of_a_product_that_came_after_the_calibration_go_to_a_person(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    policy = folder / "inspection.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("false_alarms: 0.2", "false_alarms: 0.35"), encoding="utf-8")
    manifest = (folder / "manifest.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    names = manifest[0].strip().split(",")
    product = next(row for row in csv.DictReader(manifest) if row["split"] == "test")["item_identifier"]

    def of_product(line: str) -> bool:
        row = dict(zip(names, line.strip().split(","), strict=False))
        return row["item_identifier"] == product

    (folder / "manifest.csv").write_text("".join(line for line in manifest if not of_product(line)), encoding="utf-8")
    assert ran("calibrate", folder / "inspection.yaml").exit_code == 0
    (folder / "manifest.csv").write_text("".join(manifest), encoding="utf-8")

    ran("inspect", folder / "inspection.yaml")

    decisions = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    new = [one for one in decisions if one["verdict"]["product"] == product]
    assert new
    assert {one["decision"] for one in new} == {"person"}
    assert any("came after thresholds were chosen" in why for one in new for why in one["reason"])
    assert {one["decision"] for one in decisions if one["verdict"]["product"] != product} != {"person"}
    found = [
        one
        for one in checked(folder)["outcomes"]
        if one["rule"] == "inspection/threshold-uncertified" and one["kind"] == "finding"
    ]
    assert [one["subject"] for one in found] == [product]


def test_what_is_put_aside_is_right_less_often_where_damage_is_rare(booth: Path) -> None:
    policy = booth / "inspection.yaml"
    told = json.loads(ran("evaluate", policy, "--prevalence", "0.001", "--used", "calibration", "--json").stdout)

    right, aside = told["in_use"]["right"], told["in_use"]["put_aside"]
    caught, alarms = (told[name]["hits"] / told[name]["of"] for name in ("recall", "false_alarms"))
    assert right["value"] == pytest.approx(0.001 * caught / (0.001 * caught + 0.999 * alarms) if alarms else 1.0)
    assert right["low"] < 0.1
    assert aside["low"] <= 0.001 * caught + 0.999 * alarms <= aside["high"]
    assert told["mixture"]["bound"]["low"] == 0  # calibrated units are pristine ones, so that they are such a mixture
    shown = ran("evaluate", policy, "--prevalence", "0.0005,0.002", "--used", "calibration").stdout
    assert "where 0.050% to 0.200% of units are damaged: " in shown
    assert "units of `calibration` may be a mixture of these, with 0.0% to" in shown
    for wrong in ("2", "0.2,0.1", "rare", "0.1,0.2,0.3"):
        with pytest.raises(UsageError, match="is not a share, or two"):
            ran("evaluate", policy, "--prevalence", wrong)
    with pytest.raises(UsageError, match="has no unit"):
        ran("evaluate", policy, "--used", "nowhere")


def test_a_budget_that_units_cannot_certify_is_refused_before_they_are_judged(booth: Path, tmp_path: Path) -> None:
    policy = tmp_path / "strict.yaml"
    policy.write_text("captures: booth/manifest.csv\n", encoding="utf-8")
    shutil.copytree(booth, tmp_path / "booth")

    with pytest.raises(BudgetUnattainable, match="2,995 are needed"):
        ran("calibrate", policy)


def test_a_gallery_is_changed_by_people_and_never_silently(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    policy = folder / "inspection.yaml"
    assert ran("gallery", "begin", policy, "--why", "first day", "--by", "anna").exit_code == 0
    policy.write_text(policy.read_text(encoding="utf-8") + "gallery: gallery.json\n", encoding="utf-8")
    listed = json.loads(ran("gallery", "list", policy, "--json").stdout)
    product = listed["versions"][0]["product"]
    unit = next(iter(listed["versions"][0]["references"]))

    ran("gallery", "propose", policy, product, unit, "--why", "one is enough", "--by", "ben")
    confirmed = ran("gallery", "confirm", policy, product, "2", "--why", "looks right", "--by", "anna")

    assert "its units go to a person" in confirmed.stdout
    journal = ran("gallery", "list", policy, "--journal").stdout
    assert [word for word in ("begun", "proposed", "confirmed") if word in journal] == ["begun", "proposed", "confirmed"]
    # Thresholds were chosen with other references: nothing is said of units of that product until they are chosen again.
    report = checked(folder)
    assert ("inspection/threshold-uncertified", product) in {(one["rule"], one["subject"]) for one in report["outcomes"]}

    changed = json.loads((folder / "gallery.json").read_text(encoding="utf-8"))
    changed["versions"][0]["why"] = "something else"
    (folder / "gallery.json").write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(UnreadableArtefact, match="changed by hand"):
        ran("gallery", "list", policy)


def test_a_set_is_imported_exported_and_imported_again(booth: Path, tmp_path: Path) -> None:
    before = json.loads(ran("import", booth / "manifest.csv", "--json").stdout)
    annotations = booth / "annotations.json"
    ran("export", booth / "manifest.csv", "--format", "anomalib", "--to", tmp_path / "other", "--annotations", annotations)

    again = json.loads(ran("import", tmp_path / "other", "--to", tmp_path / "other" / "m.csv", "--json").stdout)

    same = ("views", "units", "references", "products", "damaged", "pristine", "types", "splits", "with_depth")
    assert {name: again[name] for name in same} == {name: before[name] for name in same}
    assert again["format"] == "anomalib"


def test_a_manifest_is_read_from_its_folder_and_never_lost(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(booth, folder)
    before = (folder / "manifest.csv").read_bytes()

    done = ran("import", folder)
    assert done.stdout.startswith(f"{folder / 'manifest.csv'}: manifest, ")
    assert (folder / "manifest.csv").read_bytes() == before
    with pytest.raises(UsageError, match=r"there is a file `.*manifest\.csv` already"):
        ran("import", folder, "--format", "pictures")

    with (folder / "manifest.csv").open("a") as file:
        file.write("one field\n")
    torn = (folder / "manifest.csv").read_bytes()
    with pytest.raises(UsageError, match="would lose 1 row that cannot be read"):
        ran("import", folder, "--split", "train=.5,test=.5")
    assert (folder / "manifest.csv").read_bytes() == torn
    assert ran("import", folder, "--split", "train=.5,test=.5", "--to", folder / "other.csv").exit_code == 0
    assert (folder / "manifest.csv").read_bytes() == torn


def test_a_policy_is_written_once_and_names_the_manifest(booth: Path, tmp_path: Path) -> None:
    shutil.copytree(booth / "images", tmp_path / "images")
    done = ran("import", tmp_path / "images", "--to", tmp_path / "m.csv", "--policy", tmp_path / "inspection.yaml")

    assert "nothing names units: each picture is one" in done.stdout
    assert 'captures: "m.csv"' in (tmp_path / "inspection.yaml").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="there is a file"):
        ran("import", tmp_path / "images", "--to", tmp_path / "m.csv", "--policy", tmp_path / "inspection.yaml")
    with pytest.raises(UsageError, match="not below the folder"):
        ran("import", tmp_path / "images", "--to", tmp_path / "elsewhere" / "m.csv")


def test_folders_of_classes_are_no_folders_of_anomalib(booth: Path, tmp_path: Path) -> None:
    for name in ("train/milk", "train/juice", "test/milk"):
        (tmp_path / "shop" / name).mkdir(parents=True)
        shutil.copy(next((booth / "images").iterdir()), tmp_path / "shop" / name / "a.png")

    told = json.loads(ran("import", tmp_path / "shop", "--folders-are-products", "--json").stdout)

    assert (told["format"], told["units"], told["products"]) == ("pictures", 3, 2)


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, b"capture_id\nx\n", b"\x80\x04pickle"])
def test_what_is_no_set_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(content)

    with pytest.raises((UsageError, UnreadableArtefact)) as caught:
        ran("import", path)

    assert "\n" not in caught.value.message
    assert caught.value.help


def test_too_few_labels_train_nothing_and_say_what_would_do(booth: Path) -> None:
    with pytest.raises(UsageError, match="would teach how channels are fused, and 50 are needed"):
        ran("train", booth / "inspection.yaml", "--to", booth / "model.bin")

    assert not (booth / "model.bin").exists()


def test_a_queue_asks_each_unit_once_and_bounds_what_was_shipped(pictures: Path) -> None:
    policy = pictures / "manifest.yaml"
    ran("queue", "draw", policy, "--budget", "5", "--seed", "s")
    asked = []
    for _ in range(10):
        told = ran("queue", "next", policy, "--by", "anna", "--json").stdout
        if not told.startswith("{"):
            break
        unit = json.loads(told)["unit"]
        kind = "--pristine" if unit == "fine" else "--damaged"
        assert ran("queue", "answer", policy, unit, "--by", "anna", kind).exit_code == 0
        asked.append(unit)

    assert sorted(asked) == ["dark", "fine", "pierced", "swapped"]
    progress = json.loads(ran("queue", "progress", policy, "--json").stdout)
    assert (progress["units"], progress["damaged"], progress["sound"]) == (4, 3, 1)
    # All four were looked at: "dark" could not be judged and was passed by nobody, so what was passed is known exactly.
    assert [line.split(":")[0] for line in progress["bounds"]][:2] == ["shipped damaged, of what passed", "damaged, of all"]
    with pytest.raises(UsageError, match="nothing was written"):
        ran("queue", "answer", policy, "nobody", "--by", "anna", "--damaged")
    ran("queue", "export", policy, "--to", pictures / "labelled.csv")
    assert "inclusion_probability" in (pictures / "labelled.csv").read_text(encoding="utf-8")


def test_a_product_that_changed_is_named_and_nothing_is_changed(pictures: Path) -> None:
    before = {path.name: path.read_bytes() for path in pictures.iterdir()}

    told = json.loads(ran("monitor", pictures / "redesign.yaml", "--json").stdout)

    assert [one["product"] for one in told["changed"]] == ["P83057732"]
    assert told["changed"][0]["weighed"]["depth"] is not None
    assert told["channels_kept"]
    assert {path.name: path.read_bytes() for path in pictures.iterdir()} == before


def test_a_calibration_without_channels_is_read_and_said_to_be(pictures: Path) -> None:
    calibration = pictures / "redesign.json"
    whole = json.loads(calibration.read_text(encoding="utf-8"))
    assert all(set(row[5]) >= {"appearance", "relief"} for row in whole["scores"])
    older = whole | {"schema": "probatum-inspection-calibration/1", "scores": [row[:5] for row in whole["scores"]]}
    del older["sharpness"]
    calibration.write_text(json.dumps(older), encoding="utf-8")

    told = ran("monitor", pictures / "redesign.yaml").stdout

    assert "`P83057732`" in told
    assert "keeps no scores of heights and damage" in told


def test_pictures_that_are_less_sharp_than_nearly_all_others_go_to_a_person(booth: Path, tmp_path: Path) -> None:
    folder = tmp_path / "booth"
    shutil.copytree(booth, folder)
    calibration = folder / "calibration.json"
    whole = json.loads(calibration.read_text(encoding="utf-8"))
    assert whole["sharpness"]
    assert all(values == sorted(values) for values in whole["sharpness"].values())
    sharper = {camera: [values[-1] + 2] * 150 for camera, values in whole["sharpness"].items()}
    calibration.write_text(json.dumps(whole | {"sharpness": sharper}), encoding="utf-8")

    ran("inspect", folder / "inspection.yaml")

    decisions = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    assert {one["decision"] for one in decisions} == {"person"}
    assert all("blurred" in {refusal["kind"] for refusal in one["verdict"]["refusals"]} for one in decisions)


def test_a_unit_that_looks_like_another_product_is_said_to(pictures: Path) -> None:
    told = json.loads(ran("inspect", pictures / "manifest.yaml", "--unit", "swapped", "--unit", "pierced", "--json").stdout)

    by_unit = {one["capture_id"]: one for one in told["units"]}
    assert (by_unit["swapped"]["kind"], by_unit["swapped"]["looks_like"]) == ("wrong-product", "Pf031d1e8")
    assert (by_unit["pierced"]["kind"], by_unit["pierced"]["decision"]) == ("damaged", "sideline")
    with pytest.raises(UsageError, match="there is no unit"):
        ran("inspect", pictures / "manifest.yaml", "--unit", "nobody")


def test_a_page_shows_what_differs_and_from_what(pictures: Path) -> None:
    manifest = pictures / "manifest.csv"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("pierced,", "<b>pierced,"), encoding="utf-8")

    done = ran("inspect", pictures / "manifest.yaml", "--html", pictures / "page.html")

    page = (pictures / "page.html").read_text(encoding="utf-8")
    assert done.exit_code == 0
    assert "&lt;b&gt;pierced" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert page.count("data:image/jpeg;base64,") == 6  # of two units: the unit, where it differs, and the nearest reference
    assert page.count("<svg") == 2
    assert "the picture is black" in page


def test_pictures_without_a_manifest_are_judged_and_nothing_is_written(pictures: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("fine", "pierced", "dark"):
        shutil.copy(pictures / f"{name}.jpg", other)
    (other / "text.png").write_text("no picture")
    before = sorted(path.name for path in pictures.iterdir())

    done = ran("look", pictures / "manifest.yaml", other, "--product", "P83057732", "--view", "A", "--json")

    told = {one["capture_id"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert sorted(told) == ["dark.jpg", "fine.jpg", "pierced.jpg", "text.png"]
    # References have depth, and these pictures have none: no threshold holds for them.
    assert {one["decision"] for one in told.values()} == {"person"}
    assert [one["refusals"][0]["kind"] for one in told.values()] == ["black", "no-depth", "no-depth", "not-a-picture"]
    assert sorted(path.name for path in pictures.iterdir()) == before
    with pytest.raises(UsageError, match="exclude each other"):
        ran("look", pictures / "manifest.yaml", other, "--together", "--watch")


def test_made_pictures_are_written_beside_their_truth(tmp_path: Path) -> None:
    done = ran("synth", "--items", 2, "--products", 1, "--references", 1, "--size", 64, "--to", tmp_path / "booth", "--json")

    told = json.loads(done.stdout)
    assert told["captures"] == 3
    assert (tmp_path / "booth.truth" / "truth.csv").is_file()
    assert not (tmp_path / "booth" / "truth.csv").exists()
