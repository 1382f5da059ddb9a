"""Words are read by networks that are named by their digests, they decide where looks do not, and they are evidence that is read again."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_booth import ran

from probatum.errors import MissingExtra, UnreadableArtefact, UsageError
from probatum.infer.vision import written
from probatum.infer.vision.written import NAMES, open_reader
from probatum.infer.vision.written_kept import KeptWords
from probatum.inspection import recheck
from probatum.inspection.artefacts.calibration import Believed
from probatum.inspection.artefacts.reader import READERS
from probatum.inspection.rules import wrong_product
from probatum.inspection.semantics import goods as goods_of
from probatum.inspection.semantics.reading import upright
from probatum.inspection.service.goods import OnDisk, goods_at, policy_at
from probatum.inspection.service.inspecting import decide
from probatum.tools import Tools

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")

BOOTH = Path(__file__).resolve().parents[2] / "specs" / "inspection" / "booth"
POLICY = "captures: manifest.csv\nbudget: {false_alarms: 0.2, confidence: 0.9}\ncalibration: manifest.json\nreader: rapidocr\n"
READABLE = importlib.util.find_spec("rapidocr") is not None
reads = pytest.mark.skipif(
    not READABLE, reason="rapidocr is not installed: NOTHING WAS READ (pip install --no-deps rapidocr==3.10.0)"
)


class Fake:
    """Reads what it is told to."""

    digest = "fake"

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self.says, self.asked = words, 0

    def words(self, picture: Any) -> tuple[str, ...]:
        self.asked += 1
        return self.says


class Failing(Fake):
    """Fails at everything."""

    def words(self, picture: Any) -> tuple[str, ...]:
        raise RuntimeError("the network\nis broken")


def labelled(*lines: str) -> Any:
    """A white label with lines of text."""
    picture = np.full((240, 320, 3), 235, dtype=np.uint8)
    for at, line in enumerate(lines):
        cv2.putText(picture, line, (20, 70 + 70 * at), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20, 20, 90), 3, cv2.LINE_AA)
    return picture


@pytest.fixture
def booth(tmp_path: Path) -> Path:
    """The pictures of the specs, and a policy that names a reader; products are believed as read by the fake one."""
    folder = tmp_path / "booth"
    shutil.copytree(BOOTH, folder)
    (folder / "inspection.yaml").write_text(POLICY, encoding="utf-8")
    calibration = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    calibration["believed"]["reader"] = Fake.digest
    (folder / "manifest.json").write_text(json.dumps(calibration), encoding="utf-8")
    return folder


def use(monkeypatch: pytest.MonkeyPatch, reader: Fake) -> None:
    """Let goods be read by this."""
    monkeypatch.setattr(goods_of, "open_reader", lambda name: reader)


def uninstall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no networks that read."""
    found = importlib.util.find_spec
    monkeypatch.setattr(written.importlib.util, "find_spec", lambda name: None if name == "rapidocr" else found(name))


def decided(booth: Path, name: str) -> Any:
    with goods_at(booth / "inspection.yaml") as goods:
        [one] = decide(goods, [unit for unit in goods.manifest.captures if unit.capture_id == name])
        return one


def test_policies_name_readers_that_there_are() -> None:
    assert READERS == NAMES


def test_an_unknown_reader_and_one_that_is_not_installed_are_said_in_a_line(monkeypatch: pytest.MonkeyPatch, booth: Path) -> None:
    uninstall(monkeypatch)

    with pytest.raises(UsageError, match="no reader `tesseract`"):
        open_reader("tesseract")
    with pytest.raises(MissingExtra, match=r"`rapidocr`.*not installed") as told:
        ran("inspect", booth / "inspection.yaml")
    assert told.value.help is not None
    assert "inspection-ocr" in told.value.help


def test_a_network_that_is_another_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "PP-OCRv6_det_small.onnx").write_bytes(b"another")
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(written.importlib.util, "find_spec", lambda name: spec)

    with pytest.raises(UnreadableArtefact, match="is not that of rapidocr"):
        open_reader("rapidocr")


def test_a_unit_that_says_what_no_product_says_is_told_by_its_look(monkeypatch: pytest.MonkeyPatch, booth: Path) -> None:
    use(monkeypatch, Fake(("%%", "zzqx")))
    nonsense = decided(booth, "swapped")
    use(monkeypatch, Fake())
    nothing = decided(booth, "swapped")

    assert (nonsense.kind, nonsense.looks_like, nonsense.read) == ("wrong-product", "Pf031d1e8", ())
    assert (nothing.kind, nothing.looks_like, nothing.read) == ("wrong-product", "Pf031d1e8", ())
    assert nonsense.verdict == nothing.verdict


def test_words_on_it_stand_in_the_evidence_and_are_read_again(monkeypatch: pytest.MonkeyPatch, booth: Path) -> None:
    reader = Fake(("shop", "Cookbook"))
    use(monkeypatch, reader)
    policy, inputs = policy_at(booth / "inspection.yaml"), OnDisk(booth)
    with goods_at(booth / "inspection.yaml") as goods:
        assert goods.reading is not None
        written_on = {product: (frozenset({"shop"}),) for product in goods.references.products}
        written_on["Pf031d1e8"] = (frozenset({"shop", "Cookbook"}),)
    monkeypatch.setattr("probatum.inspection.semantics.reading.Reading.written", lambda self, product: written_on[product])

    [found] = [
        one
        for one in wrong_product.check(policy, Tools(inputs=inputs))
        if getattr(one, "evidence", None) is not None and one.subject == "swapped"
    ]
    evidence = found.evidence

    assert evidence.given["read"] == ["Cookbook"]
    assert "`Cookbook`" in found.cause
    assert recheck.recheck(policy, evidence, inputs).status == "confirmed"
    for stated, status in ((["Atlas"], "refuted"), (["Cookbook", "Atlas"], "refuted"), ([], "cannot"), (None, "refuted")):
        altered = replace(evidence, given={**evidence.given, "read": stated})
        assert recheck.recheck(policy, altered, inputs).status == status
    reader.says = ("shop",)
    assert recheck.recheck(policy, evidence, inputs).status == "refuted"
    monkeypatch.setattr(goods_of, "open_reader", open_reader)
    uninstall(monkeypatch)
    told = recheck.recheck(policy, evidence, inputs)
    assert (told.status, "`rapidocr`" in told.reason) == ("cannot", True)


def test_a_unit_that_nobody_named_and_that_cannot_be_read_goes_to_a_person(monkeypatch: pytest.MonkeyPatch, booth: Path) -> None:
    use(monkeypatch, Failing())
    rows = (booth / "manifest.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("item_identifier")
    own = [row.split(",") for row in rows]
    for row in own[1:]:
        if row[own[0].index("capture_id")] == "pierced":
            row[column] = ""
    (booth / "manifest.csv").write_text("\n".join(",".join(row) for row in own) + "\n", encoding="utf-8")

    unnamed, swapped = decided(booth, "pierced"), decided(booth, "swapped")

    assert unnamed.decision == "person"
    assert unnamed.verdict.refusals[0].kind == "not-read"
    assert "RuntimeError: the network is broken" in unnamed.verdict.refusals[0].why
    assert (swapped.decision, swapped.kind, swapped.read) == ("sideline", "damaged", None)


def test_what_was_calibrated_with_another_reader_believes_nothing(monkeypatch: pytest.MonkeyPatch, booth: Path) -> None:
    use(monkeypatch, Fake())
    without = (booth / "inspection.yaml").read_text(encoding="utf-8").replace("reader: rapidocr\n", "")

    with goods_at(booth / "inspection.yaml") as goods:
        assert goods.believed is not None
    (booth / "inspection.yaml").write_text(without, encoding="utf-8")
    with goods_at(booth / "inspection.yaml") as goods:
        assert goods.believed is None
        assert "another reader" in goods.unbelieved


def test_a_picture_is_read_once_and_what_is_kept_damaged_is_read_anew(tmp_path: Path) -> None:
    reader, picture = Fake(("Oat", "Drink")), labelled("OAT")

    first = KeptWords(reader, tmp_path / "words")
    assert (
        first.words(picture) == first.words(picture) == KeptWords(reader, tmp_path / "words").words(picture) == ("Oat", "Drink")
    )
    assert reader.asked == 1
    for path in (tmp_path / "words").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert KeptWords(reader, tmp_path / "words").words(picture) == ("Oat", "Drink")
    assert reader.asked == 2
    (tmp_path / "file").write_bytes(b"")
    assert KeptWords(reader, tmp_path / "file").words(picture) == ("Oat", "Drink")


def test_an_item_is_read_at_the_size_it_was_taken_in() -> None:
    picture = labelled("OAT")
    small, large = np.array([[0.5, 0, 0], [0, 0.5, 0]]), np.array([[0.1, 0, 0], [0, 0.1, 0]])

    assert upright(picture, small).shape == (448, 448, 3)
    assert np.abs(upright(picture, small)[:240, :320].astype(int) - picture).max() == 0
    assert upright(picture, large).shape == (896, 896, 3)
    assert upright(picture, 2 * small).shape == (224, 224, 3)


@reads
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_words_are_read_whichever_way_they_lie(turns: int) -> None:
    reader = open_reader("rapidocr")

    words = reader.words(np.rot90(labelled("VANILLA", "500 g"), turns))

    assert "VANILLA" in words
    assert reader.words(np.rot90(labelled("VANILLA", "500 g"), turns)) == words


@reads
def test_words_on_items_that_lie_anyhow_speak_for_their_product(tmp_path: Path) -> None:
    rows = ["capture_id,image,role,item_identifier"]
    for at, (product, role, turn) in enumerate(
        [
            ("vanilla", "reference", 0),
            ("vanilla", "reference", 12),
            ("coffee", "reference", 0),
            ("coffee", "reference", -15),
            ("vanilla", "query", 170),
            ("coffee", "query", -80),
        ]
    ):
        tray = np.full((480, 640, 3), 70, dtype=np.uint8)
        matrix = cv2.getRotationMatrix2D((160, 120), turn, 1.0) + np.array([[0, 0, 160], [0, 0, 120]])
        cv2.warpAffine(labelled(product.upper(), "500 g"), matrix, (640, 480), tray, borderMode=cv2.BORDER_TRANSPARENT)
        cv2.imwrite(str(tmp_path / f"{at}.png"), tray)
        rows.append(f"{at},{at}.png,{role},{product if role == 'reference' else ''}")
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "inspection.yaml").write_text("captures: manifest.csv\nreader: rapidocr\n", encoding="utf-8")

    with goods_at(tmp_path / "inspection.yaml") as goods:
        goods.believed = Believed(threshold=-1, confidence=0.9, strangers=0.1, mistaken=0.1, known=(), unknown=(), reader="any")
        found = [goods.resembled(goods.shown(unit)) for unit in goods.units]

    assert [one.product for one in found if one is not None] == ["vanilla", "coffee"]
    assert ["VANILLA" in found[0].words, "COFFEE" in found[1].words] == [True, True]


@reads
def test_pictures_without_words_have_none() -> None:
    reader = open_reader("rapidocr")
    noise = np.random.default_rng(3).integers(100, 140, size=(120, 90, 3), dtype=np.uint8)

    assert reader.words(np.full((200, 150, 3), 90, dtype=np.uint8)) == ()
    assert reader.words(noise) == ()
    assert reader.words(np.zeros((1, 1, 3), dtype=np.uint8)) == ()
    assert reader.words(np.zeros((2, 900, 3), dtype=np.uint8)) == ()


@reads
def test_what_is_read_is_named_by_the_networks() -> None:
    assert open_reader("rapidocr").digest == open_reader("rapidocr").digest
    assert len(open_reader("rapidocr").digest) == 64
