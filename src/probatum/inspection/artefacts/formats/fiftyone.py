"""FiftyOne: the folder that `FiftyOneDataset` exports, with `samples.json` and `metadata.json`.

Each sample is a view; it names no units, so each is one, unless probatum wrote the file. Each detection of a field of `Detections`
becomes a `Mark`, in pixels where the sample says how large its picture is. All other fields, such as classifications, poly-lines and
masks that are packed into detections, stay in `extra["fiftyone"]` as they are, are never unpacked, and are written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probatum.inspection.artefacts.capture import RowFault, View, view_of
from probatum.inspection.artefacts.manifest import Quarantined
from probatum.inspection.artefacts.marks import (
    OWN,
    Dataset,
    Mark,
    finite,
    json_row,
    no_dataset,
    of_format,
    read_json,
    under_own,
    write_json,
)
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.picture_header import header
from probatum.inspection.artefacts.rle import read_rle, written_rle
from probatum.inspection.artefacts.unusable import LIMITS, Unusable

FORMAT = "fiftyone"
_FIELD = "ground_truth"  # for marks that are from elsewhere
_SAME = 1e-3  # pixels up to which a box is the one that was written
_SAMPLES, _DETECTIONS = "samples", "detections"


def read_fiftyone(folder: Path) -> Dataset:
    """Read an exported dataset.

    Raises
    ------
    UnreadableArtefact
        If `samples.json` or `metadata.json` is not of this format.
    """
    whole = read_json(folder / "samples.json")
    samples = whole.get(_SAMPLES) if isinstance(whole, dict) else None
    if not isinstance(samples, list) or not all(isinstance(one, dict) for one in samples):
        raise no_dataset(folder / "samples.json", "it has no list of `samples`", "export the dataset as `FiftyOneDataset`")
    views: list[View] = []
    marks: list[Mark] = []
    apart: list[Quarantined] = []
    for number, sample in enumerate(samples, start=1):
        try:
            view, own = _sample(sample, number)
        except RowFault as fault:
            apart.append(Quarantined(number, str(fault)))
            continue
        views.append(view)
        marks += own
    rest: dict[str, Any] = {name: value for name, value in whole.items() if name not in (_SAMPLES, OWN)}
    about = folder / "metadata.json"
    extra = under_own(whole) | {FORMAT: {"top": rest} | ({"metadata": read_json(about)} if about.is_file() else {})}
    notes = [] if any(OWN in sample for sample in samples) else ["FiftyOne names no units: each sample is one"]
    unsized = sum(mark.box is None for mark in marks)
    notes += [f"{unsized} boxes are of pictures of unknown size, and kept as shares of it"] if unsized else []
    return Dataset(views=tuple(views), marks=tuple(marks), extra=extra, quarantine=tuple(apart), notes=tuple(notes))


def write_fiftyone(dataset: Dataset, folder: Path, *, media: Media | None = None) -> tuple[str, ...]:
    """Write `samples.json` and `metadata.json`, and return what was kept under `probatum`.

    Parameters
    ----------
    dataset : Dataset
    folder : Path
        To which the paths of pictures are relative. Pictures are not copied.
    media : Media, optional
        Where the sizes of pictures are looked up that no sample says: without it, marks on them have no box there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    marks = dataset.marks_of()
    # Of a picture that is in two samples, the first gets the marks.
    samples = [_written(view, marks.pop(view.image, []), media) for view in dataset.views]
    known = dataset.extra.get(FORMAT, {})
    rest = {name: value for name, value in dataset.extra.items() if name != FORMAT}
    write_json(folder / "samples.json", {_SAMPLES: samples, **known.get("top", {})} | ({OWN: rest} if rest else {}))
    if "metadata" in known:
        write_json(folder / "metadata.json", known["metadata"])
    kept = sorted({name for sample in samples for name in sample.get(OWN, ())})
    return (f"kept under `{OWN}`, which FiftyOne shows as one field: {', '.join(kept)}",) if kept else ()


def _sample(sample: Mapping[str, Any], number: int) -> tuple[View, list[Mark]]:
    name = sample.get("filepath")
    if not isinstance(name, str):
        raise RowFault("`filepath` is missing")
    rest = {key: value for key, value in sample.items() if key not in ("filepath", OWN)}
    marks: list[Mark] = []
    for field, value in rest.items():
        if _is_detections(value):
            marks += [_mark(one, name, field, _size(rest)) for one in value[_DETECTIONS]]
            rest[field] = {key: inner for key, inner in value.items() if key != _DETECTIONS}
    row = {"capture_id": name} | under_own(sample) | {"image": name}
    return view_of(row | ({FORMAT: rest} if rest else {}), number), marks


def _is_detections(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("_cls") != "Detections" or not isinstance(value.get(_DETECTIONS), list):
        return False
    return all(isinstance(one, dict) and isinstance(one.get("label"), str) for one in value[_DETECTIONS])


def _size(fields: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the width and height that a sample says."""
    about = fields.get("metadata")
    found = (about.get("width"), about.get("height")) if isinstance(about, dict) else (None, None)
    return found if all(type(n) is int and n > 0 for n in found) else None  # type: ignore[return-value] # whole numbers, as just seen


def _mark(one: Mapping[str, Any], picture: str, field: str, size: tuple[int, int] | None) -> Mark:
    rest = {name: value for name, value in one.items() if name not in ("label", OWN)}
    own = under_own(one)
    found: dict[str, Any] = {}
    box = _pixels(rest["bounding_box"], size) if size is not None and finite(rest.get("bounding_box"), 4) else None
    if "box" in own:
        exact = tuple(own["box"]) if finite(own["box"], 4) else None
        if box is None or exact is None or max(abs(a - b) for a, b in zip(box, exact, strict=True)) < _SAME:
            box = exact
    polygons = own.get("polygons")
    if isinstance(polygons, list) and all(finite(p) for p in polygons):
        found["polygons"] = tuple(tuple(p) for p in polygons)
    if (rle := read_rle(own.get("rle"), most_pixels=LIMITS.most_pixels)) is not None:
        found["rle"] = rle
    if isinstance(rest.get("attributes"), dict) and rest["attributes"]:
        found["attributes"] = rest.pop("attributes")
    elsewhere = own.get("extra")
    extra = (elsewhere if isinstance(elsewhere, dict) else {}) | {FORMAT: {"field": field, "of": rest}}
    return Mark(image=picture, label=one["label"], box=box, mask=str(own.get("mask", "")), **found, extra=extra)


def _pixels(shares: Sequence[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, wide, high = shares
    return (left * size[0], top * size[1], wide * size[0], high * size[1])


def _written(view: View, marks: Sequence[Mark], media: Media | None) -> dict[str, Any]:
    sample: dict[str, Any] = {"filepath": view.image} | of_format(view.extra, FORMAT)
    size = _size(sample) or _looked_up(view, media)
    if size is not None and marks and "metadata" not in sample:
        sample["metadata"] = {"_cls": "ImageMetadata", "width": size[0], "height": size[1]}
    for name, value in sample.items():
        if isinstance(value, dict) and value.get("_cls") == "Detections" and _DETECTIONS not in value:
            sample[name] = {**value, _DETECTIONS: []}
    for mark in marks:
        field = mark.extra.get(FORMAT, {}).get("field", _FIELD)
        field = field if isinstance(sample.get(field, {}), dict) else OWN + "_marks"
        container = sample.setdefault(field, {"_cls": "Detections", _DETECTIONS: []})
        if _DETECTIONS not in container:  # a field of that name which is something else
            container = sample.setdefault(OWN + "_marks", {"_cls": "Detections", _DETECTIONS: []})
        container[_DETECTIONS].append(_detection(mark, size))
    own = json_row(view, without=("image", FORMAT))
    return sample if own == {"capture_id": view.image, "role": "query"} else sample | {OWN: own}


def _looked_up(view: View, media: Media | None) -> tuple[int, int] | None:
    raw = media.read(view.image) if media is not None else Unusable("missing", "nobody said where")
    found = raw if isinstance(raw, Unusable) else header(raw)
    return None if isinstance(found, Unusable) else (found.width, found.height)


def _detection(mark: Mark, size: tuple[int, int] | None) -> dict[str, Any]:
    original = mark.extra.get(FORMAT, {}).get("of", {})
    one: dict[str, Any] = {"_cls": "Detection"} | dict(original) | {"label": mark.label}
    if FORMAT in mark.extra and "_cls" not in original:
        del one["_cls"]
    if mark.attributes:
        one["attributes"] = dict(mark.attributes)
    own: dict[str, Any] = {}
    if mark.polygons:
        own["polygons"] = [list(p) for p in mark.polygons]
    if mark.rle is not None:
        own["rle"] = written_rle(mark.rle)
    if mark.mask:
        own["mask"] = mark.mask
    if elsewhere := {name: value for name, value in mark.extra.items() if name != FORMAT}:
        own["extra"] = elsewhere
    box = mark.box or _around(mark.polygons)
    shares: Any = one.get("bounding_box")
    if size is not None and box is not None and not (finite(shares, 4) and _pixels(shares, size) == box):
        shares = [box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]]
        one["bounding_box"] = shares
    told = _pixels(shares, size) if size is not None and finite(shares, 4) else None
    if told != mark.box:
        own["box"] = None if mark.box is None else list(mark.box)
    return one | ({OWN: own} if own else {})


def _around(polygons: Sequence[Sequence[float]]) -> tuple[float, float, float, float] | None:
    if not polygons:
        return None
    xs, ys = ([n for p in polygons for n in p[start::2]] for start in (0, 1))
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
