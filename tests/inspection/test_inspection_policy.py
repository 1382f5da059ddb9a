"""Policies about goods: what may stand in them, and what is said of what may not."""

from __future__ import annotations

import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts import imports, read
from probatum.inspection.artefacts.policy import Policy
from probatum.source import Source


def policy(text: str) -> Policy:
    [found] = read(Source("shop/inspection.yaml", text.encode()), {})
    return found


def test_a_policy_needs_captures_alone() -> None:
    found = policy("captures: manifest.csv\n")

    assert (found.captures.path, found.backbone, found.calibration, found.model) == ("manifest.csv", "embedded:lite0", None, None)
    assert (found.budget.false_alarms, found.budget.confidence) == (0.001, 0.95)
    assert found.reader == ""
    assert found.judges("test")
    assert found.judges("")
    assert not any(found.judges(split) for split in ("train", "fusion", "calibration"))


def test_everything_a_policy_says_is_read() -> None:
    found = policy(
        "schema: probatum-inspection-policy/1\nname: inbound\ncaptures: c.parquet\nsplits: [test]\nreferences: r.csv\n"
        "gallery: gallery.json\nbackbone: onnx:net.onnx\nreader: rapidocr\nmodel: model.bin\ncalibration: c.json\ndecisions: d.jsonl\n"
        "budget: {false_alarms: 0.01, confidence: 0.9, removed: 0.001, by: [station, item_material]}\n"
    )

    assert (found.subject, found.reader) == ("inbound", "rapidocr")
    assert [one.path for one in (found.references, found.gallery, found.model, found.decisions) if one] == [
        "r.csv",
        "gallery.json",
        "model.bin",
        "d.jsonl",
    ]
    assert found.budget.by == ("station", "item_material")
    assert (found.judges("test"), found.judges("")) == (True, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\n", "the policy names no captures"),
        ("captures: m.csv\nbackbone: resnet\n", "no backbone that a check can use"),
        ("captures: m.csv\nbackbone: timm:resnet\n", "`timm:resnet` is not exported yet"),
        ("captures: m.csv\nsplits: [calibration]\n", "units of the split `calibration` were fitted to"),
        ("captures: m.csv\nbudget: 2\n", "it must be between"),
        ("captures: m.csv\nbudget: {by: severity}\n", "`severity` is known only when a unit was judged"),
        ("captures: m.csv\nbudget: {by: colour}\n", "`colour` is no column of a manifest"),
        ("captures: m.csv\nbudget: {false_alarms: 0.01, removed: 0.02}\n", "`removed` is 0.02, and the budget 0.01"),
        ("captures: m.csv\ncalibrations: c.json\n", "`calibrations` is not a field of the policy"),
        ("captures: m.csv\nschema: probatum-inspection-policy/2\n", "is no `schema`"),
        ("captures: [m.csv]\n", "`captures` of the policy is a list"),
    ],
)
def test_what_a_policy_may_not_say_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UnreadableArtefact) as caught:
        policy(text)

    assert said in f"{caught.value.message} {caught.value.help}"
    assert caught.value.location is not None
    assert caught.value.location.path == "shop/inspection.yaml"


def test_the_engine_is_told_of_every_file_that_is_named() -> None:
    files = {
        "shop/inspection.yaml": b"captures: m.csv\ngallery: g.json\nmodel: ../model.bin\nbackbone: onnx:net.onnx\n",
        "shop/m.csv": b"capture_id,image,depth,mask\na,one.png,,two.png\nb,box.zip!x.png,d.png,\nc,../../etc/passwd,,\n",
        "shop/g.json": b'{"versions": [{"manifest": "old.csv"}, {"manifest": 3}]}',
        "shop/old.csv": b"capture_id,image\nr,old.png\n",
        "model.bin": b"",
        "shop/net.onnx": b"",
        "shop/net.json": b"{}",
        "shop/one.png": b"",
        "shop/two.png": b"",
        "shop/box.zip": b"",
        "shop/d.png": b"",
        "shop/old.png": b"",
        "shop/other.png": b"",
    }

    followed, needed = imports("shop/inspection.yaml", {}, files.get, files.__contains__)

    assert followed == ()
    assert {name.removeprefix("data:") for name in needed} == set(files) - {"shop/inspection.yaml", "shop/other.png"}


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"captures: [", b"", b"capture_id,image\n\x00\n"])
def test_the_engine_is_told_of_nothing_where_nothing_can_be_read(raw: bytes) -> None:
    files = {"inspection.yaml": b"captures: m.csv\n", "m.csv": raw}

    assert imports("inspection.yaml", {}, files.get, files.__contains__) == ((), ("data:m.csv",))
