"""Sets of pictures in the formats of others, read into one manifest and written from it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import Capture, RowFault, View, captures, view_of
from probatum.inspection.artefacts.formats.anomalib_folder import read_anomalib_folder, write_anomalib_folder
from probatum.inspection.artefacts.formats.coco import read_coco, write_coco
from probatum.inspection.artefacts.formats.fiftyone import read_fiftyone, write_fiftyone
from probatum.inspection.artefacts.formats.kaputt import read_kaputt, write_kaputt
from probatum.inspection.artefacts.manifest import Quarantined, load, write_manifest
from probatum.inspection.artefacts.marks import Dataset
from probatum.inspection.artefacts.media import Media

FORMATS = ("manifest", "kaputt", "anomalib", "fiftyone", "coco", "pictures")
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


def read_dataset(place: Path, *, named: str = "auto", product: str = "", by_folder: bool = False) -> tuple[str, Dataset]:
    """Read a set of pictures; return its format, too.

    Parameters
    ----------
    place : Path
        A file, or the folder of a set.
    named : str
        One of `FORMATS`, or `auto`.
    product : str
        Of all its units, where a format has no word for products.
    by_folder : bool
        Whether the folder of a picture is its product, in a plain folder of pictures.

    Raises
    ------
    UsageError
        If there is nothing of the kind.
    UnreadableArtefact
        If a file of it is damaged.
    """
    if not place.exists():
        raise UsageError(f"there is no `{place}`", help="name a manifest, or the folder of a set of pictures")
    form = _recognised(place) if named == "auto" else named
    match form:
        case "manifest":
            found = load(manifest_in(place))
            dataset = Dataset(views=found.views, quarantine=found.quarantine)
        case "kaputt":
            dataset = read_kaputt(place)
        case "anomalib":
            dataset = read_anomalib_folder(place, product=product)
        case "fiftyone":
            dataset = read_fiftyone(place)
        case "coco":
            dataset = read_coco(place)
        case _:
            dataset = _pictures(place, by_folder=by_folder)
    if product and form != "anomalib":
        dataset = replace(
            dataset, views=tuple(v if v.item_identifier else replace(v, item_identifier=product) for v in dataset.views)
        )
    return form, dataset


def write_dataset(dataset: Dataset, form: str, to: Path, beside: Path) -> tuple[str, ...]:
    """Write a set of pictures in a format, and return what that has no place for.

    Parameters
    ----------
    dataset : Dataset
    form : str
        One of `FORMATS` but `pictures`.
    to : Path
        A file for a manifest and for COCO, a folder for others.
    beside : Path
        Folder to which the paths of pictures are relative.
    """
    match form:
        case "manifest":
            write_manifest(to, dataset.views)
            return ("marks are not written: a manifest has no place for them",) if dataset.marks else ()
        case "kaputt":
            return write_kaputt(dataset, to)
        case "anomalib":
            with Media(beside) as media:
                return write_anomalib_folder(dataset, to, media)
        case "fiftyone":
            with Media(beside) as media:
                return write_fiftyone(dataset, to, media=media)
        case "coco":
            return write_coco(dataset, to)
        case _:
            raise UsageError(f"`{form}` is no format that is written", help=f"write one of {', '.join(FORMATS[:-1])}")


def moved(dataset: Dataset, pictures: Path, manifest: Path) -> Dataset:
    """Return a set whose paths are relative to the folder of a manifest instead of that of its pictures.

    Raises
    ------
    UsageError
        If pictures are not below the folder of the manifest: who reads it may read nothing else.
    """
    here, there = manifest.resolve().parent, pictures.resolve()
    if not there.is_relative_to(here):
        raise UsageError(
            f"the pictures of `{pictures}` are not below the folder of `{manifest}`",
            help=f"write the manifest beside them: `--to {pictures / manifest.name}`",
        )
    prefix = there.relative_to(here).as_posix()
    if prefix == ".":
        return dataset

    def put(name: str) -> str:
        return posixpath.join(prefix, name) if name else ""

    views = tuple(replace(v, image=put(v.image), crop=put(v.crop), mask=put(v.mask), depth=put(v.depth)) for v in dataset.views)
    marks = tuple(replace(m, image=put(m.image), mask=put(m.mask)) for m in dataset.marks)
    return replace(dataset, views=views, marks=marks)


def with_splits(dataset: Dataset, splits: Mapping[str, str]) -> Dataset:
    """Return a set whose units are in these splits, by `capture_id`; others stay where they are."""
    return replace(dataset, views=tuple(replace(v, split=splits.get(v.capture_id, v.split)) for v in dataset.views))


def units(dataset: Dataset) -> tuple[Capture, ...]:
    """Return the units of a set."""
    return captures(dataset.views)


def manifest_in(place: Path) -> Path:
    """Return the manifest of a folder; the place itself if it has none, or is a file."""
    found = (place / name for name in ("manifest.parquet", "manifest.csv"))
    return next((path for path in found if path.is_file()), place) if place.is_dir() else place


def _recognised(place: Path) -> str:
    if place.is_file():
        return "coco" if place.suffix.lower() == ".json" else "manifest"
    if manifest_in(place) != place:
        return "manifest"
    if any(any((place / part).glob("query-*.parquet")) for part in ("datasets", "sample-data")):
        return "kaputt"
    if (place / "samples.json").is_file():
        return "fiftyone"
    if any((place / split / "good").is_dir() for split in ("train", "test")):
        return "anomalib"
    if any(path.suffix.lower() in _PICTURES for path in place.rglob("*")):
        return "pictures"
    raise UsageError(
        f"`{place}` is no set of pictures that is known",
        help=f"name its format with `--format`, one of {', '.join(FORMATS)}; or a folder that has pictures",
    )


def _pictures(folder: Path, *, by_folder: bool) -> Dataset:
    """Take each picture below a folder for a unit of which nothing is known, but for its product if folders are products."""
    views: list[View] = []
    apart: list[Quarantined] = []
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix.lower() in _PICTURES and path.is_file()
    )
    for number, name in enumerate(names, start=1):
        try:
            product = posixpath.basename(posixpath.dirname(name)) if by_folder else ""
            views.append(view_of({"capture_id": name, "image": name, "item_identifier": product}, number))
        except RowFault as fault:
            apart.append(Quarantined(number, str(fault)))
    return Dataset(views=tuple(views), quarantine=tuple(apart), notes=("nothing names units: each picture is one",))
