"""Looks of references that are kept are those that would be made, and what is damaged or of others is made anew."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from small_booth import made

from probatum.infer.vision.kept import own_folder
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.looked import Cutout, Looked
from probatum.inspection.semantics.looks_kept import KeptLooks
from probatum.inspection.semantics.references import References
from probatum.inspection.service.goods import goods_at

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")


def looked(seed: int, *, depth: bool = True) -> Looked:
    random = np.random.default_rng(seed)
    cut = Cutout(
        rgb=random.integers(0, 256, (224, 224, 3), dtype=np.uint8),
        item=random.random((224, 224)) > 0.5,
        height=np.where(random.random((224, 224)) > 0.1, 3.5, np.nan).astype(np.float32) if depth else None,
        spill=random.random((224, 224)) > 0.9 if depth else None,
        matrix=random.random((2, 3)),
        beside=float(random.random()) if depth else None,
        agreement=0.7,
    )
    layers = {
        name: random.random(shape, dtype=np.float32)
        for name, shape in {"stride8": (4, 28, 28), "stride16": (8, 14, 14), "stride32": (16, 7, 7), "embedding": (16,)}.items()
    }
    return Looked(cutout=cut, **layers, backbone="b")


def same(one: object, other: object) -> bool:
    if isinstance(one, Looked | Cutout):
        return all(same(getattr(one, part.name), getattr(other, part.name)) for part in fields(one) if part.init)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return one == other


class Maker:
    """Makes looks, and counts how often."""

    def __init__(self, *found: Looked | Unusable) -> None:
        self.found, self.asked = found, 0

    def __call__(self) -> tuple[Looked | Unusable, ...]:
        self.asked += 1
        return self.found


def test_what_is_kept_is_what_was_made(tmp_path: Path) -> None:
    looks = Maker(looked(1), looked(2, depth=False), looked(3))
    first = KeptLooks(tmp_path / "looks", "b").look([["x"], ["y"], ["z"]], looks)
    again = KeptLooks(tmp_path / "looks", "b").look([["x"], ["y"], ["z"]], looks)

    assert looks.asked == 1
    assert len(again) == 3
    assert all(same(one, other) for one, other in zip(first, again, strict=True))


@pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: raw[:500] + b"!" + raw[501:], lambda raw: b""])
def test_what_is_damaged_is_made_anew(tmp_path: Path, damage) -> None:
    looks = Maker(looked(1))
    KeptLooks(tmp_path, "b").look([["x"]], looks)
    [path] = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))

    found = KeptLooks(tmp_path, "b").look([["x"]], looks)

    assert looks.asked == 2
    assert same(found[0], looks.found[0])


def test_other_files_or_another_network_are_looked_at_anew(tmp_path: Path) -> None:
    looks = Maker(looked(1))

    for files, backbone in ([["x"]], "b"), ([["y"]], "b"), ([["x"]], "c"), ([["x"], ["y"]], "b"):
        KeptLooks(tmp_path, backbone).look(files, looks)

    assert looks.asked == 4


def test_what_cannot_be_used_is_asked_for_each_time(tmp_path: Path) -> None:
    looks = Maker(looked(1), Unusable("missing", "it is gone"))

    for _ in range(2):
        found = KeptLooks(tmp_path / "looks", "b").look([["x"], ["y"]], looks)

    assert looks.asked == 2
    assert found == looks.found


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    looks = Maker(looked(1))

    assert KeptLooks(tmp_path / "file" / "looks", "b").look([["x"]], looks) == looks.found


def test_no_more_than_so_many_bytes_are_kept(tmp_path: Path) -> None:
    size = 400_000
    for name in "xyz":
        KeptLooks(tmp_path, "b", most=2 * size).look([[name]], Maker(looked(1)))

    assert 0 < sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * size


def test_commands_decide_the_same_from_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "booth", items=12)
    policy = folder / "inspection.yaml"
    policy.write_text("schema: probatum-inspection-policy/1\ncaptures: manifest.csv\n", encoding="utf-8")
    with goods_at(policy) as goods:
        first = [goods.judge.judge(unit, goods.media).verdict for unit in goods.units]
        assert goods.keeps_looks
    kept = own_folder()
    assert kept is not None
    assert any((kept / "looks").iterdir())
    monkeypatch.setattr(References, "_looked", None)  # nobody may ask it
    with goods_at(policy) as goods:
        assert [goods.judge.judge(unit, goods.media).verdict for unit in goods.units] == first
