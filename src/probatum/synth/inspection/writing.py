"""Writing what a booth saw: pictures, depth and the manifest for whoever inspects, and the truth in a folder of its own.

Beside the manifest stands the digest of the truth and none of its content: whoever opens the truth later can show that it is the one that
was there before anything was learnt.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np

from probatum.errors import UnreadableArtefact, UsageError
from probatum.source import Location
from probatum.synth.inspection.damage import major, on_product
from probatum.synth.inspection.parameters import DAMAGES, MODEL, NOTICE
from probatum.synth.inspection.raster import jpeg, png
from probatum.synth.inspection.rendering import View
from probatum.synth.inspection.runs import box, runs
from probatum.synth.inspection.stream import Booth, Item

COLUMNS = (
    "capture_id",
    "view",
    "role",
    "item_identifier",
    "image",
    "crop",
    "mask",
    "depth",
    "depth_unit",
    "barcode",
    "camera",
    "station",
    "shift",
    "vendor",
    "lot",
    "at",
    "item_material",
    "units",
    "defect",
    "major_defect",
    "defect_types",
    "severity",
    "on_product",
    "split",
    "inclusion_probability",
    "annotator",
    "source",
)
TRUTH_COLUMNS = (
    "capture_id",
    "role",
    "product",
    "kind",
    "version",
    "printed",
    "types",
    "severities",
    "forms",
    "causes",
    "on_product",
    "decoys",
    "faults",
    "wrong_product",
    "redesigned",
    "day",
    "seed",
)


def write(
    booth: Booth,
    folder: Path,
    truth: Path,
    *,
    picture: Literal["png", "jpg"] = "png",
    quality: int = 92,
    masks: bool = False,
    items: Iterable[Item] | None = None,
) -> dict[str, Any]:
    """Write references and items of a booth, and the truth about them; return what is written as `metadata.json`.

    Parameters
    ----------
    booth : Booth
    folder : Path
        Gets `manifest.csv`, `annotations.json` (COCO, of items whose labels are in the manifest), `images/`, and `depth/`, PNG of 16 bits
        in millimetres, 0 where there is none.
    truth : Path
        Another folder, not inside of the first. Gets `truth.csv` and `annotations.json` of all items.
    picture : str
    quality : int
        Of JPEG.
    masks : bool
        Whether item masks are written, too, as PNG.
    items : iterable of Item or None
        Instead of all references and items of the booth.

    Raises
    ------
    UsageError
        If whoever reads the folder would find the truth.
    UnreadableArtefact
        If a file cannot be written.
    """
    if truth.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"the truth `{truth}` would be in the folder with pictures", help="name a folder that is not inside of it"
        )
    writer = _Writer(booth, folder, picture, quality, masks)
    try:
        for part in ("images", "depth", *(("masks",) if masks else ())):
            (folder / part).mkdir(parents=True, exist_ok=True)
        truth.mkdir(parents=True, exist_ok=True)
        for item in chain(booth.references(), booth.items()) if items is None else items:
            writer.add(item)
        kept = {"truth.csv": _table(TRUTH_COLUMNS, writer.truths), "annotations.json": _coco(writer.images, writer.all)}
        for name, text in kept.items():
            (truth / name).write_text(text, encoding="utf-8")
        (folder / "manifest.csv").write_text(_table(COLUMNS, writer.rows), encoding="utf-8")
        shown = {annotation["image_id"] for annotation in writer.known} | writer.labelled
        images = [image for image in writer.images if image["id"] in shown]
        (folder / "annotations.json").write_text(_coco(images, writer.known), encoding="utf-8")
        about = {
            "notice": NOTICE,
            "model": MODEL,
            "parameters": asdict(booth.parameters),
            "parameters_digest": booth.parameters.digest,
            "captures": len(writer.truths),
            "pictures": len(writer.rows),
            "truth_sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in kept.items()},
        }
        (folder / "metadata.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableArtefact(
            f"`{error.filename or folder}` cannot be written ({(error.strerror or str(error)).lower()})",
            help="name a place that can be written to",
            location=Location(str(error.filename or folder)),
        ) from None
    return about


class _Writer:
    """What has been written so far, and what is to be said of it."""

    def __init__(self, booth: Booth, folder: Path, picture: Literal["png", "jpg"], quality: int, masks: bool) -> None:
        self.booth, self.folder, self.picture, self.quality, self.masks = booth, folder, picture, quality, masks
        self.rows: list[dict[str, str]] = []
        self.truths: list[dict[str, str]] = []
        self.images: list[dict[str, Any]] = []
        self.all: list[dict[str, Any]] = []
        self.known: list[dict[str, Any]] = []
        self.labelled: set[int] = set()

    def add(self, item: Item) -> None:
        """Photograph an item, and write its pictures."""
        self.truths.append(_truth(item, self.booth))
        for view in self.booth.photograph(item):
            self._store(item, view)

    def _store(self, item: Item, view: View) -> None:
        name = f"{item.capture_id}-{view.camera}"
        image, depth, mask = f"images/{name}.{self.picture}", f"depth/{name}.png", f"masks/{name}.png" if self.masks else ""
        (self.folder / image).write_bytes(jpeg(view.rgb, self.quality) if self.picture == "jpg" else png(view.rgb))
        (self.folder / depth).write_bytes(png(np.round(view.depth).astype(np.uint16)))
        if mask:
            (self.folder / mask).write_bytes(png(view.item.astype(np.uint8) * np.uint8(255)))
        self.rows.append(_row(item, view, self.booth, image=image, depth=depth, mask=mask))
        number = len(self.images) + 1
        self.images.append({"id": number, "file_name": image, "width": view.rgb.shape[1], "height": view.rgb.shape[0]})
        if item.labelled:
            self.labelled.add(number)
        for damage, where in zip(item.damages, view.damage, strict=True):
            if where.any():
                said = {
                    "image_id": number,
                    "category_id": DAMAGES.index(damage.type) + 1,
                    "segmentation": runs(where),
                    "bbox": box(where),
                    "area": int(where.sum()),
                    "iscrowd": 0,
                    "attributes": {"severity": round(damage.severity, 4), "on_product": on_product(item.shot.product, damage)},
                }
                self.all.append({"id": len(self.all) + 1, **said})
                if item.labelled:
                    self.known.append({"id": len(self.known) + 1, **said})


def _row(item: Item, view: View, booth: Booth, *, image: str, depth: str, mask: str) -> dict[str, str]:
    """What whoever inspects gets to know of a picture."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "capture_id": item.capture_id,
        "view": view.camera,
        "role": item.role,
        "image": image,
        "mask": mask,
        "depth": depth,
        "depth_unit": "mm",
        "camera": f"{item.station}-{view.camera}",
        "station": item.station,
        "shift": item.shift,
        "vendor": item.vendor,
        "lot": item.lot,
        "at": item.at,
        "split": item.split,
        "source": MODEL,
    }
    if item.claimed is not None:
        row |= {
            "item_identifier": item.claimed.identifier,
            "barcode": item.claimed.barcode,
            "item_material": item.claimed.material,
            "units": str(item.claimed.units),
        }
    if item.labelled:
        row |= {
            "defect": _said(bool(item.damages)),
            "major_defect": _said(any(map(major, item.damages))),
            "defect_types": ",".join(damage.type for damage in item.damages),
            "severity": f"{max((damage.severity for damage in item.damages), default=0.0):.4f}",
            "on_product": _said(any(on_product(item.shot.product, damage) for damage in item.damages)),
            "inclusion_probability": f"{booth.parameters.labelled:g}",
            "annotator": "booth",
        }
    return row


def _truth(item: Item, booth: Booth) -> dict[str, str]:
    shot = item.shot
    design = next((known for known in booth.products if known.identifier == shot.product.identifier), shot.product)
    return {
        "capture_id": item.capture_id,
        "role": item.role,
        "product": shot.product.identifier,
        "kind": shot.product.kind,
        "version": str(shot.product.version),
        "printed": shot.product.printed,
        "types": ",".join(damage.type for damage in shot.damages),
        "severities": ",".join(f"{damage.severity:.4f}" for damage in shot.damages),
        "forms": ",".join(damage.form for damage in shot.damages),
        "causes": ",".join(damage.cause for damage in shot.damages),
        "on_product": ",".join(_said(on_product(shot.product, damage)) for damage in shot.damages),
        "decoys": ",".join(shot.decoys),
        "faults": ",".join(shot.faults),
        "wrong_product": _said(item.wrong_product),
        "redesigned": _said(shot.product != design),
        "day": f"{item.day:.4f}",
        "seed": str(shot.seed),
    }


def _said(true: bool) -> str:
    return "true" if true else "false"


def _table(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _coco(images: list[dict[str, Any]], annotations: list[dict[str, Any]]) -> str:
    categories = [{"id": number + 1, "name": name, "supercategory": "damage"} for number, name in enumerate(DAMAGES)]
    about = {"description": NOTICE, "version": MODEL}
    return json.dumps({"info": about, "images": images, "annotations": annotations, "categories": categories}) + "\n"
