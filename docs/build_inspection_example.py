"""Write the pictures of the specs of inspection, and those of the example organisation: a made booth, so no such goods exist, with
calibrations of units of which most are not stored.

    python docs/build_inspection_example.py

To be run again when what makes scores has changed: calibrations are tied to it. Then `PROBATUM_ACCEPT=1 pytest tests/test_example.py` takes the new
scores into the report that is kept. The same generator gives the same bytes.
"""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from probatum.inspection.artefacts.capture import View
from probatum.inspection.artefacts.manifest import write_manifest
from probatum.inspection.artefacts.model_file import write_model
from probatum.inspection.semantics.decisions import header, line
from probatum.inspection.service.calibrating import calibrate
from probatum.inspection.service.goods import goods_at
from probatum.inspection.service.inspecting import decide
from probatum.inspection.service.training import train_score
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.parameters import Misleading, Optics, Parameters
from probatum.synth.inspection.products import Product, redesigned
from probatum.synth.inspection.rendering import Shot, photograph
from probatum.synth.inspection.stream import Booth

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "specs" / "inspection" / "booth"
EXAMPLE = ROOT / "examples" / "fulfilment" / "booth"
MADE = datetime(2026, 3, 2, tzinfo=UTC)
OPTICS = replace(Optics(size=128), cameras=Optics().cameras[:1])
PRODUCTS = Booth(
    Parameters(seed=2, products=8, kinds=("box", "book", "mailer", "blister"), misleading=Misleading(printed=0.0, redesigned=0.0))
).products
BUDGET = "schema: probatum-inspection-policy/1\ncaptures: {}\nbudget: {{false_alarms: 0.2, confidence: 0.9}}\n"
EXAMPLE_POLICY = """\
schema: probatum-inspection-policy/1
name: damage booth
captures: photographs.csv
budget: {false_alarms: 0.1, confidence: 0.95}    # of pristine parcels; to be tightened as more of them are photographed
calibration: photographs.json
decisions: decisions.jsonl
"""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit, and what the manifest says of it."""

    name: str
    product: Product
    seed: int
    damages: tuple[Damage, ...] = ()
    faults: tuple[str, ...] = ()
    role: str = "query"
    split: str = "test"
    said: str = ""  # the product on its label, where that is another one
    picture: str = ""  # of another unit, which it shares


def main() -> None:
    """Write all three sets of pictures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    box, book, *_ = PRODUCTS
    hole = (Damage(type="hole", severity=1.0, seed=3),)
    references = [unit for at, product in enumerate(PRODUCTS) for unit in _references(product, 100 * at, many=2)]
    _write(
        "manifest",
        [
            *references,
            Unit(name="fine", product=box, seed=11),
            Unit(name="pierced", product=box, seed=12, damages=hole),
            Unit(name="swapped", product=book, seed=13, said=box.identifier),
            Unit(name="dark", product=book, seed=14, faults=("black",)),
        ],
        calibrating=[product for product in PRODUCTS for _ in range(3)],
        known=[PRODUCTS[at % 8] for at in range(80)],
    )
    after = redesigned(box, artwork=True, larger=False)
    came = [Unit(name=f"new-{at:02}", product=after, seed=40 + at % 2, picture=f"new-{at % 2:02}") for at in range(12)]
    _write("redesign", [*_references(box, 0), *came], calibrating=[box] * 40)
    dirty = [replace(unit, damages=hole) if unit.name.endswith("-3") else unit for unit in _references(box, 0, many=4)]
    usual = [
        Unit(name=f"usual-{at:02}", product=box, seed=60 + at % 6, split="calibration", picture=f"usual-{at % 6:02}")
        for at in range(24)
    ]
    _write("dirty", [*dirty, *usual], calibrating=[])
    six = Booth(Parameters(seed=4, products=1, kinds=("set",), misleading=Misleading(printed=0.0, redesigned=0.0))).products[0]
    lost = (Damage(type="missing_unit", severity=0.5, seed=1),)
    came = [Unit(name="whole", product=six, seed=31), Unit(name="lacking", product=six, seed=32, damages=lost)]
    _write("set", [*_references(six, 0), *came], calibrating=[six] * 14, teaching=[six] * 140)
    _write_example()


def _write_example() -> None:
    """Write the damage booth of the example organisation: a policy, pictures, thresholds, and what was decided."""
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    EXAMPLE.mkdir()
    (EXAMPLE / "inspection.yaml").write_text(EXAMPLE_POLICY, encoding="utf-8")
    box, book, mailer, blister = sold = PRODUCTS[:4]
    usual = [
        Unit(name=f"usual-{product.identifier}-{at}", product=product, seed=300 + 10 * n + at, split="calibration")
        for n, product in enumerate(sold)
        for at in range(3)
    ]
    came = [
        Unit(name="parcel-0412", product=box, seed=71),
        Unit(name="parcel-0413", product=mailer, seed=72),
        Unit(name="parcel-0414", product=box, seed=73, damages=(Damage(type="hole", severity=0.7, seed=4),)),
        Unit(name="parcel-0415", product=blister, seed=74),
        Unit(name="parcel-0416", product=book, seed=75, said=box.identifier),
    ]
    references = [unit for at, product in enumerate(sold) for unit in _references(product, 100 * at, many=2)]
    _write(
        "photographs",
        [*references, *usual, *came],
        to=EXAMPLE,
        policy=EXAMPLE_POLICY.partition("calibration:")[0],
        calibrating=[product for product in sold for _ in range(10)],
        known=[sold[at % 4] for at in range(120)],
    )
    with goods_at(EXAMPLE / "inspection.yaml") as goods:
        lines = [line(one.key, one.verdict, one.told()) for one in decide(goods, goods.units)]
        text = header(goods.scorer.digest, f"{MADE:%Y-%m-%dT%H:%M:%SZ}") + "".join(lines)
    (EXAMPLE / "decisions.jsonl").write_text(text, encoding="utf-8")


def _references(product: Product, seed: int, many: int = 3) -> list[Unit]:
    return [
        Unit(name=f"{product.identifier}-{at}", product=product, seed=seed + at, role="reference", split="") for at in range(many)
    ]


def _write(
    name: str,
    units: Sequence[Unit],
    *,
    calibrating: Iterable[Product],
    teaching: Iterable[Product] = (),
    known: Iterable[Product] = (),
    to: Path = FOLDER,
    policy: str = "",
) -> None:
    """Write pictures and the manifest, a calibration by these and further pristine units, and a model if there are units to teach it."""
    to.mkdir(parents=True, exist_ok=True)
    views = [_view(to, unit, at) for at, unit in enumerate(units)]
    write_manifest(to / f"{name}.csv", views)
    with tempfile.TemporaryDirectory() as there:
        folder = Path(there)
        shutil.copytree(to, folder, dirs_exist_ok=True)
        more = [
            Unit(name=f"pristine-{at:02}", product=product, seed=500 + at, split="calibration")
            for at, product in enumerate(calibrating)
        ]
        further = [Unit(name=f"known-{at:02}", product=product, seed=900 + at, split="train") for at, product in enumerate(known)]
        taught = [
            Unit(name=f"taught-{at:03}", product=product, seed=700 + at, split="train") for at, product in enumerate(teaching)
        ]
        write_manifest(folder / f"{name}.csv", [*views, *(_view(folder, unit, 0) for unit in [*more, *further, *taught])])
        policy = policy or BUDGET.format(f"{name}.csv")
        (folder / "inspection.yaml").write_text(policy, encoding="utf-8")
        if taught:
            with goods_at(folder / "inspection.yaml") as goods:
                model = train_score(goods, split="train", marks={}, seed=0).model
            write_model(model, folder / f"{name}.model")
            shutil.copy(folder / f"{name}.model", to)
            (folder / "inspection.yaml").write_text(f"{policy}model: {name}.model\n", encoding="utf-8")
        with goods_at(folder / "inspection.yaml") as goods:
            made = calibrate(goods, split="calibration", identity_split="train", unlabelled=False, made=MADE)
        (to / f"{name}.json").write_text(made.calibration.json(), encoding="utf-8")
        print(f"{name}: {len(units)} units, threshold {made.calibration.guard:.4g}; {made.unbelieved or 'products are believed'}")


def _view(folder: Path, unit: Unit, at: int) -> View:
    stem = unit.picture or unit.name
    if not (folder / f"{stem}.jpg").exists():
        [seen] = photograph(Shot(product=unit.product, seed=unit.seed, damages=unit.damages, faults=unit.faults), OPTICS)
        cv2.imwrite(str(folder / f"{stem}.jpg"), seen.rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
        cv2.imwrite(str(folder / f"{stem}.png"), np.round(seen.depth).astype(np.uint16))
    return View(
        capture_id=unit.name,
        image=f"{stem}.jpg",
        depth=f"{stem}.png",
        depth_unit="mm",
        camera=OPTICS.cameras[0].name,
        role=unit.role,
        item_identifier=unit.said or unit.product.identifier,
        at=MADE + timedelta(minutes=at),
        split=unit.split,
        defect=False if unit.split in ("calibration", "train") else None,
    )


if __name__ == "__main__":
    main()
