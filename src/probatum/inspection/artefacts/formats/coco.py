"""COCO: one file of JSON with `images`, `annotations` and `categories`.

It names no units, so each picture is one, unless probatum wrote the file. Boxes, polygons and runs of both kinds become fields of a
`Mark`; identifiers, areas, key points and whatever else stays in `extra["coco"]` and is written again. A segmentation that
cannot be drawn stays there as it is.
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
from probatum.inspection.artefacts.rle import read_rle, written_rle
from probatum.inspection.artefacts.unusable import LIMITS, Limits

FORMAT = "coco"
_IMAGES, _ANNOTATIONS, _CATEGORIES = "images", "annotations", "categories"


def read_coco(path: Path, *, limits: Limits = LIMITS) -> Dataset:
    """Read annotations.

    Raises
    ------
    UnreadableArtefact
        If the file is no JSON, or not of this format.
    """
    whole = read_json(path)
    if not isinstance(whole, dict) or not _lists_of_objects(whole):
        raise no_dataset(path, "it has no list of `images`", "COCO has lists of `images`, `annotations` and `categories`")
    views: list[View] = []
    apart: list[Quarantined] = []
    named: dict[Any, str] = {}
    for number, image in enumerate(whole[_IMAGES], start=1):
        try:
            view = _view(image, number)
        except RowFault as fault:
            apart.append(Quarantined(number, str(fault)))
            continue
        views.append(view)
        named[_key(image.get("id"))] = view.image
    labels = {_key(one.get("id")): str(one.get("name", "")) for one in whole.get(_CATEGORIES, [])}
    marks: list[Mark] = []
    lost: list[Any] = []
    for annotation in whole.get(_ANNOTATIONS, []):
        picture = named.get(_key(annotation.get("image_id")))
        if picture is None:
            lost.append(annotation)
        else:
            marks.append(_mark(annotation, picture, labels, limits))
    rest = {name: value for name, value in whole.items() if name not in (_IMAGES, _ANNOTATIONS, OWN)}
    extra = under_own(whole) | {FORMAT: rest | ({"lost": lost} if lost else {})}
    notes = [] if any(OWN in image for image in whole[_IMAGES]) else ["COCO names no units: each picture is one"]
    notes += [f"{len(lost)} annotations are of no picture that was read"] if lost else []
    return Dataset(views=tuple(views), marks=tuple(marks), extra=extra, quarantine=tuple(apart), notes=tuple(notes))


def write_coco(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write annotations, and return what COCO has no place for and was written under `probatum`."""
    known = dataset.extra.get(FORMAT, {})
    top = {name: value for name, value in known.items() if name not in ("lost", _CATEGORIES)}
    categories = list(known.get(_CATEGORIES, []))
    images, numbers = _images(dataset.views)
    annotations = _annotations(dataset.marks, numbers, categories) + list(known.get("lost", []))
    whole = {_IMAGES: images, _ANNOTATIONS: annotations, **top}
    if categories or _CATEGORIES in known:
        whole[_CATEGORIES] = categories
    if rest := {name: value for name, value in dataset.extra.items() if name != FORMAT}:
        whole[OWN] = rest
    write_json(path, whole)
    kept = sorted(
        {name for image in images for name in image.get(OWN, ())} | {name for one in annotations for name in one.get(OWN, ())}
    )
    return (f"kept under `{OWN}`, which other readers pass over: {', '.join(kept)}",) if kept else ()


def _lists_of_objects(whole: Mapping[str, Any]) -> bool:
    lists = [whole.get(_IMAGES), whole.get(_ANNOTATIONS, []), whole.get(_CATEGORIES, [])]
    return all(isinstance(some, list) and all(isinstance(one, dict) for one in some) for some in lists)


def _key(identifier: Any) -> str:
    """Return an identifier that can be looked up, whatever JSON it is."""
    return f"{type(identifier).__name__}:{identifier}"


def _view(image: Mapping[str, Any], number: int) -> View:
    name = image.get("file_name")
    if not isinstance(name, str):
        raise RowFault("`file_name` is missing")
    row = {"capture_id": name} | under_own(image) | {"image": name}
    rest = {key: value for key, value in image.items() if key not in ("file_name", OWN)}
    return view_of(row | ({FORMAT: rest} if rest else {}), number)


def _images(views: Sequence[View]) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """Return images, and the identifiers of each by its path: a picture may stand there twice."""
    images: list[dict[str, Any]] = []
    numbers: dict[str, list[Any]] = {}
    taken = {_key(of_format(view.extra, FORMAT).get("id")) for view in views}
    following = 1
    for view in views:
        image = of_format(view.extra, FORMAT)
        if "id" not in image:
            while _key(following) in taken:
                following += 1
            image["id"] = following
            following += 1
        image["file_name"] = view.image
        own = json_row(view, without=("image", FORMAT))
        if own != {"capture_id": view.image, "role": "query"}:
            image[OWN] = own
        images.append(image)
        numbers.setdefault(view.image, []).append(image["id"])
    return images, numbers


def _mark(annotation: Mapping[str, Any], picture: str, labels: Mapping[str, str], limits: Limits) -> Mark:
    rest = {name: value for name, value in annotation.items() if name != OWN}
    found: dict[str, Any] = {}
    if finite(rest.get("bbox"), 4):
        found["box"] = tuple(rest.pop("bbox"))
    segmentation = rest.get("segmentation")
    if (
        isinstance(segmentation, list)
        and segmentation
        and all(finite(p) and len(p) >= 6 and len(p) % 2 == 0 for p in segmentation)
    ):
        found["polygons"] = tuple(tuple(p) for p in rest.pop("segmentation"))
    elif (rle := read_rle(segmentation, most_pixels=limits.most_pixels)) is not None:
        found["rle"] = rle
        del rest["segmentation"]
    if isinstance(rest.get("attributes"), dict) and rest["attributes"]:
        found["attributes"] = rest.pop("attributes")
    own = under_own(annotation)
    elsewhere = own.get("extra")
    elsewhere = elsewhere if isinstance(elsewhere, dict) else {}
    label = labels.get(_key(rest.get("category_id")), "")
    return Mark(image=picture, label=label, mask=str(own.get("mask", "")), **found, extra=elsewhere | {FORMAT: rest})


def _annotations(marks: Sequence[Mark], numbers: Mapping[str, Sequence[Any]], categories: list[Any]) -> list[dict[str, Any]]:
    """Return annotations; categories that they need and that are not there are added."""
    names = {_key(one.get("id")): str(one.get("name", "")) for one in categories}
    taken = {_key(mark.extra.get(FORMAT, {}).get("id")) for mark in marks}
    found: list[dict[str, Any]] = []
    for mark in marks:
        if mark.image not in numbers:
            continue
        one = dict(mark.extra.get(FORMAT, {}))
        if one.get("image_id") not in numbers[mark.image]:
            one["image_id"] = numbers[mark.image][0]
        if "id" not in one:
            one["id"] = next(n for n in range(len(found) + 1, len(found) + len(marks) + 2) if _key(n) not in taken)
            taken.add(_key(one["id"]))
        if names.get(_key(one.get("category_id")), "") != mark.label:
            one["category_id"] = _category(mark.label, names, categories)
        if mark.box is not None:
            one["bbox"] = list(mark.box)
        if mark.polygons:
            one["segmentation"] = [list(p) for p in mark.polygons]
        elif mark.rle is not None:
            one["segmentation"] = written_rle(mark.rle)
        if mark.attributes:
            one["attributes"] = dict(mark.attributes)
        elsewhere = {name: value for name, value in mark.extra.items() if name != FORMAT}
        if own := ({"mask": mark.mask} if mark.mask else {}) | ({"extra": elsewhere} if elsewhere else {}):
            one[OWN] = own
        found.append(one)
    return found


def _category(label: str, names: dict[str, str], categories: list[Any]) -> int:
    for one in categories:
        if str(one.get("name", "")) == label and type(one.get("id")) is int:
            return int(one["id"])
    number = next(n for n in range(1, len(categories) + 2) if _key(n) not in names)
    categories.append({"id": number, "name": label})
    names[_key(number)] = label
    return number
