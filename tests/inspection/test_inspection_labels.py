"""A barcode says which product a unit is said to be: it names what nobody named, and contradicts what somebody did."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from small_booth import checked, made, ran

from probatum.inspection.artefacts.capture import Capture, View
from probatum.inspection.semantics.barcode import written_out
from probatum.inspection.semantics.labelled import Labels, labels
from probatum.inspection.service.goods import goods_at

pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")

ONE, OTHER = "4006381333931", "0036000291452"


def unit(barcode: str, product: str = "", *more: str) -> Capture:
    """A unit with a view for each barcode."""
    views = tuple(
        View(capture_id="u", image=f"{n}.png", item_identifier=product, barcode=b) for n, b in enumerate((barcode, *more))
    )
    return Capture(capture_id="u", views=views)


def test_a_barcode_of_several_products_says_nothing() -> None:
    found = labels([("A", unit(ONE)), ("B", unit(ONE)), ("B", unit("036000291452")), ("C", unit(""))])

    assert found == Labels({OTHER: "B"})
    assert found.scanned(unit("36000291452")) == ("", "")
    assert found.scanned(unit(" 036000291452")) == (OTHER, "B")
    assert found.contradicting(unit(OTHER, "A")) == (OTHER, "B")
    assert (
        found.contradicting(unit(OTHER, "B"))
        == found.contradicting(unit(OTHER))
        == found.contradicting(unit(ONE, "A"))
        == ("", "")
    )


def test_barcodes_of_two_products_on_one_unit_say_nothing() -> None:
    known = Labels({ONE: "A", OTHER: "B"})

    assert known.scanned(unit(ONE, "", OTHER)) == ("", "")
    assert known.scanned(unit(ONE, "", "", ONE)) == (ONE, "A")


def test_other_codes_stay_as_they_are() -> None:
    assert [written_out(code) for code in ("036000291452", "036000291453", "LPN-7", " 7 ")] == [
        OTHER,
        "036000291453",
        "LPN-7",
        "7",
    ]


@pytest.fixture(scope="module")
def booth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A booth whose references have barcodes; the first unit is under another's, and nobody says what the second is."""
    folder = made(tmp_path_factory.mktemp("labels") / "booth", items=12, products=2)
    rows = read(folder)
    products = sorted({row["item_identifier"] for row in rows if row["role"] == "reference"})
    codes = dict(zip(products, (ONE, OTHER), strict=True))
    units = [row for row in rows if row["role"] == "query" and row["item_identifier"] in codes]
    for row in rows:
        row["split"] = ""
        row["barcode"] = codes[row["item_identifier"]] if row["role"] == "reference" else ""
    units[0]["barcode"] = codes[next(one for one in products if one != units[0]["item_identifier"])]
    units[1]["barcode"], units[1]["item_identifier"] = codes[units[1]["item_identifier"]], ""
    units[2]["barcode"] = codes[units[2]["item_identifier"]]
    write(folder, rows)
    (folder / "inspection.yaml").write_text("captures: manifest.csv\n")
    return folder


def read(folder: Path) -> list[dict[str, str]]:
    """The rows of a manifest."""
    with (folder / "manifest.csv").open(newline="") as text:
        return [{**row, "barcode": row.get("barcode", "")} for row in csv.DictReader(text)]


def write(folder: Path, rows: list[dict[str, str]]) -> None:
    """Write them again."""
    with (folder / "manifest.csv").open("w", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def judged_rows(booth: Path) -> list[dict[str, str]]:
    return [row for row in read(booth) if row["role"] == "query"]


def test_a_label_of_another_product_is_found_without_a_threshold(booth: Path) -> None:
    units = [row for row in judged_rows(booth) if row["barcode"]]
    found = [one for one in checked(booth)["outcomes"] if (one["kind"], one["rule"]) == ("finding", "inspection/wrong-product")]

    assert [one["subject"] for one in found] == [units[0]["capture_id"]]
    given = found[0]["evidence"]["given"]
    assert (given["said"], given["barcode"]) == (units[0]["item_identifier"], units[0]["barcode"])
    assert given["product"] != given["said"]

    done = ran("inspect", booth / "inspection.yaml")
    [line] = [line for line in done.stdout.splitlines() if units[0]["capture_id"] in line]
    assert line.endswith(
        f"  {units[0]['item_identifier']}  wrong-product, by its barcode {units[0]['barcode']}, of {given['product']}"
    )
    assert "1 put aside" in done.stdout


def test_a_unit_that_nobody_named_is_named_by_its_barcode(booth: Path) -> None:
    rows = [row for row in judged_rows(booth) if row["barcode"]]
    with goods_at(booth / "inspection.yaml") as goods:
        [unnamed] = [one for one in goods.units if one.capture_id == rows[1]["capture_id"]]
        verdict = goods.judge.judge(unnamed, goods.media).verdict

        assert goods.labels.products[rows[1]["barcode"]] == verdict.product
        assert verdict.product
        assert not [refusal for refusal in verdict.refusals if refusal.kind == "no-reference"]
