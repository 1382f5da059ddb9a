"""Folders as MVTec AD has them, which anomalib and others read: `train/good`, `test/good`, `test/<defect>`, `ground_truth/<defect>`.

A picture's folder is all that such a dataset says. What else is known is written beside it, to `probatum.json`, and
read back from there for pictures that still are where they were written; what a folder says prevails. Pictures of units of which nobody
said whether they are damaged go to `unlabelled/`, which no reader of this layout looks into.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from probatum.inspection.artefacts.capture import REFERENCE, RowFault, View, type_of_damage, view_of
from probatum.inspection.artefacts.formats.marks_in_cells import cell_of, marks_in
from probatum.inspection.artefacts.manifest import Quarantined
from probatum.inspection.artefacts.marks import OWN, Dataset, Mark, drawn, json_row, no_dataset, read_json, write_json
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.picture_header import header
from probatum.inspection.artefacts.unusable import Unusable

_BESIDE = OWN + ".json"
_GOOD, _DAMAGED, _TRUTH = "good", "damaged", "ground_truth"
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}
_LABEL = "label"  # in `extra`: the name of a folder that is no type of damage


def read_anomalib_folder(folder: Path, *, product: str = "") -> Dataset:
    """Read a folder that has `train` or `test`.

    Parameters
    ----------
    folder : Path
        Of one product, or category.
    product : str
        Becomes `item_identifier` where `probatum.json` says none.

    Raises
    ------
    UnreadableArtefact
        If there is neither, or `probatum.json` is damaged.
    """
    if not any((folder / split).is_dir() for split in ("train", "test")):
        raise no_dataset(folder, "it has neither `train` nor `test`", "name the folder of one product, as `bottle` of MVTec AD")
    told, extra = _told(folder)
    views: list[View] = []
    marks: list[Mark] = []
    apart: list[Quarantined] = []
    for number, (split, label, name) in enumerate(_pictures(folder), start=1):
        own = told.get(name, {})
        try:
            view = _view(split, label, name, {"item_identifier": product, **own}, number)
        except RowFault as fault:
            apart.append(Quarantined(number, f"{name}: {fault}"))
            continue
        views.append(view)
        kept = marks_in(own.get("marks"), name)
        marks += kept or [Mark(image=name, label=label, mask=mask) for mask in _masks(folder, label, name)]
    notes = () if told else ("folders name no units: each picture is one",)
    return Dataset(views=tuple(views), marks=tuple(marks), extra=extra, quarantine=tuple(apart), notes=notes)


def write_anomalib_folder(dataset: Dataset, folder: Path, media: Media) -> tuple[str, ...]:
    """Copy pictures into such folders, draw what was marked, and return what could not be done.

    Views whose place in this layout is known keep it; others get a name from their unit and their view. Crops, masks of items
    and depth are copied to `probatum/`.

    Parameters
    ----------
    dataset : Dataset
    folder : Path
        Other than that of `media`, or empty of pictures.
    media : Media
        Where the pictures are.
    """
    told: dict[str, Any] = {}
    notes: list[str] = []
    marks = dataset.marks_of()
    taken: set[str] = set()
    for view in dataset.views:
        raw = media.read(view.image)
        if isinstance(raw, Unusable):
            notes.append(f"left out `{view.image[:60]}`: {raw.why}")
            continue
        copying = _Copying(folder, media, _place(view, taken), notes)
        taken.add(copying.place)
        _save(folder / copying.place, raw)
        own = copying.marks(marks.pop(view.image, []), raw)
        crop, mask, depth = (copying.beside(name) for name in (view.crop, view.mask, view.depth))
        row = json_row(replace(view, crop=crop, mask=mask, depth=depth), without=("image",))
        told[copying.place] = row | ({"marks": [cell_of(mark) for mark in own]} if own else {})
    write_json(folder / _BESIDE, {"views": told, "extra": dict(dataset.extra)})
    return (*notes, f"kept in `{_BESIDE}`, which other readers pass over: all but folders and drawn marks")


def _told(folder: Path) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, Any]]:
    if not (folder / _BESIDE).is_file():
        return {}, {}
    whole = read_json(folder / _BESIDE)
    views, extra = (whole.get("views"), whole.get("extra", {})) if isinstance(whole, dict) else (None, {})
    if not isinstance(views, dict) or not all(isinstance(row, dict) for row in views.values()) or not isinstance(extra, dict):
        raise no_dataset(folder / _BESIDE, "it has no `views`", "remove it to read the folders alone")
    return views, extra


def _pictures(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the split, the label and the path of each picture; links are not followed out of the folder when they are read."""
    for split in ("train", "test", "unlabelled"):
        for path in sorted((folder / split).glob("*/*")):
            if path.suffix.lower() in _PICTURES and path.is_file():
                yield split, path.parent.name, path.relative_to(folder).as_posix()


def _masks(folder: Path, label: str, name: str) -> list[str]:
    """Return the picture of what is damaged: MVTec AD appends `_mask` to its name, others do not."""
    stem = posixpath.splitext(posixpath.basename(name))[0]
    options = [f"{_TRUTH}/{label}/{stem}{end}.png" for end in ("_mask", "")]
    return [option for option in options if (folder / option).is_file()][:1]


def _view(split: str, label: str, name: str, own: Mapping[str, Any], number: int) -> View:
    known = "capture_id" in own
    row: dict[str, Any] = {"capture_id": name} | {key: value for key, value in own.items() if key != "marks"} | {"image": name}
    if not known and split != "unlabelled":
        row["split"] = split
    if split == "unlabelled":
        return view_of(row, number)
    if label == _GOOD:
        # A reference of which nobody said that it is whole stays one.
        row |= {"defect": False, "major_defect": None} if row.get("defect") or not known else {}
    elif row.get("defect") is not True or label not in (_label_of(row), _plain(_label_of(row))):
        # Nothing is told, or it was moved to another folder since.
        row |= {"defect": True, "defect_types": None, _LABEL: label}
        with suppress(RowFault):  # a folder that is no type of ours keeps its name
            row["defect_types"] = [type_of_damage(label)]
        if row["defect_types"] == [label]:
            del row[_LABEL]
    return view_of(row, number)


def _label_of(row: Mapping[str, Any]) -> str:
    """Return the folder for a damaged unit."""
    types = row.get("defect_types") or ()
    return str(row.get(_LABEL) or "+".join(types) or _DAMAGED)


def _place(view: View, taken: AbstractSet[str]) -> str:
    """Return where a picture goes: where it is if that is right, else to a name that no other has."""
    label = _GOOD
    if view.defect is None and view.role != REFERENCE:
        split, label = "unlabelled", "unknown"
    elif view.defect:
        split, label = "test", _label_of({_LABEL: view.extra.get(_LABEL), "defect_types": view.defect_types})
    else:
        split = "train" if view.role == REFERENCE or view.split in ("train", "") else "test"
    if posixpath.dirname(view.image) == f"{split}/{label}" and view.image not in taken:
        return view.image
    label = _plain(label) if view.defect else label
    suffix = posixpath.splitext(view.image)[1].lower()
    stem = _plain("-".join(part for part in (view.capture_id, view.view) if part))
    options = (f"{split}/{label}/{stem}{'' if n == 0 else f'-{n}'}{suffix}" for n in range(len(taken) + 1))
    return next(option for option in options if option not in taken)


def _plain(name: str) -> str:
    """Return a name that is good for a file anywhere."""
    found = re.sub(r"[^\w+-]+", "_", name, flags=re.ASCII).strip("_")[:80] or "x"
    return found if found != _GOOD else "good_"


class _Copying:
    """One picture on its way to its place, and what belongs to it."""

    def __init__(self, folder: Path, media: Media, place: str, notes: list[str]) -> None:
        self.place = place
        self._folder, self._media, self._notes = folder, media, notes

    def marks(self, marks: Sequence[Mark], raw: bytes) -> list[Mark]:
        """Write one picture of all that is marked, and return marks with the paths of theirs."""
        _, label, name = self.place.split("/")
        target = f"{_TRUTH}/{label}/{posixpath.splitext(name)[0]}_mask.png"
        one = marks[0].mask if len(marks) == 1 else ""
        if label in (_GOOD, "unknown"):
            return [replace(mark, mask=self.beside(mark.mask)) for mark in marks]
        if one:
            return [replace(marks[0], mask=self._copied(one, one if posixpath.dirname(one) == f"{_TRUTH}/{label}" else target))]
        self._draw(marks, raw, self._folder / target)
        return [replace(mark, mask=self.beside(mark.mask)) for mark in marks]

    def beside(self, name: str) -> str:
        """Copy what has no place in this layout, and return where it is; "" if it cannot be read."""
        plain = name.replace("!", "/")
        return self._copied(name, plain if plain.startswith(OWN + "/") else f"{OWN}/{plain}")

    def _copied(self, name: str, target: str) -> str:
        raw = self._media.read(name) if name else None
        if raw is None or isinstance(raw, Unusable):
            self._notes += [f"left out `{name[:60]}`: {raw.why}"] if raw is not None else []
            return ""
        _save(self._folder / target, raw)
        return target

    def _draw(self, marks: Sequence[Mark], raw: bytes, target: Path) -> None:
        import cv2
        import numpy as np

        promised = header(raw)
        if not marks or isinstance(promised, Unusable):
            return
        across = promised.orientation >= 5  # marks are on the picture as it is seen
        high, wide = (promised.width, promised.height) if across else (promised.height, promised.width)
        found = np.zeros((high, wide), bool)
        try:
            for mark in marks:
                found |= drawn(mark, high, wide)
        except ValueError as problem:
            self._notes.append(f"nothing drawn for `{self.place[:60]}`: {problem}")
            return
        _save(target, cv2.imencode(".png", found.astype(np.uint8) * 255)[1].tobytes())
        if any(mark.mask for mark in marks):
            self._notes.append(f"pictures of marks on `{self.place[:60]}` are beside, and not in the one that was drawn")


def _save(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
