"""Taking pictures of items with the cameras of a booth, and keeping them as units of a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from probatum.inspection.artefacts.booth import BoothFile
from probatum.inspection.artefacts.capture import Capture, View
from probatum.inspection.artefacts.depth import Depth, aligned, read_depth
from probatum.inspection.artefacts.manifest import append_to_manifest
from probatum.inspection.artefacts.picture import Picture, read_picture
from probatum.inspection.artefacts.picture_header import Header, header
from probatum.inspection.artefacts.sources import Shot, Source
from probatum.inspection.artefacts.sources.camera_array import DEPTH
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.quality import guidance, quality

PICTURES = "pictures"  # the folder below that of the manifest
# Of a manifest that is begun: what a booth knows, and what people say later.
COLUMNS = (
    "capture_id", "view", "role", "item_identifier", "image", "depth", "depth_unit", "barcode", "camera", "station", "at", "units", "split", "defect",
)  # fmt: skip  # one list
_ENDS = {"jpeg": ".jpg", "tiff": ".tif"}


@dataclass(frozen=True, slots=True)
class Item:
    """What is said of an item before it is taken.

    Attributes
    ----------
    product : str
    role : {"query", "reference"}
    units : int or None
        How many pieces it must have.
    split : str
    barcode : str
        As somebody scanned it.
    """

    product: str = ""
    role: str = "query"
    units: int | None = None
    split: str = ""
    barcode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An item as all cameras saw it.

    Attributes
    ----------
    unit : Capture
        A view that a camera did not give is there, with a picture that is not: who judges it sees that it is missing.
    files : mapping of str to bytes
        By path below the folder of the manifest.
    faults : tuple of (str, str)
        View, and why it cannot be used.
    advice : tuple of (str, str)
        View, and what to do about how the item lies, or about the light.
    """

    unit: Capture
    files: Mapping[str, bytes]
    faults: tuple[tuple[str, str], ...]
    advice: tuple[tuple[str, str], ...]

    @property
    def good(self) -> bool:
        """Whether there is nothing against it."""
        return not self.faults and not self.advice


def take(cameras: Source, booth: BoothFile, item: Item, *, at: datetime) -> Taken:
    """Take an item with all cameras, and look whether its pictures are good enough.

    Parameters
    ----------
    cameras : Source
    booth : BoothFile
    item : Item
    at : datetime
        By which the unit is named, to the microsecond.
    """
    shots = {shot.name: shot for shot in cameras.capture()}
    name = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    files: dict[str, bytes] = {}
    views: list[View] = []
    faults: list[tuple[str, str]] = []
    advice: list[tuple[str, str]] = []
    for one in booth.views:
        picture = shots.get(one.name) or _silent(one.name)
        depth = (shots.get(f"{one.name}{DEPTH}") or _silent(one.name)) if one.depth is not None else None
        paths = [_kept(files, f"{PICTURES}/{name}-{one.name}", picture)]
        if depth is not None:
            paths.append(_kept(files, f"{PICTURES}/{name}-{one.name}-depth", depth))
        views.append(
            View(
                capture_id=name,
                view=one.name,
                role=item.role,
                item_identifier=item.product,
                image=paths[0],
                depth=paths[1] if depth is not None else "",
                depth_unit=booth.depth_unit if depth is not None else "",
                camera=one.camera,
                station=booth.station,
                at=at,
                units=item.units,
                split=item.split,
                barcode=item.barcode,
            )
        )
        faults += [(one.name, why) for why in _faults(picture, depth, booth, item, advice)]
    return Taken(unit=Capture(capture_id=name, views=tuple(views)), files=files, faults=tuple(faults), advice=tuple(advice))


def keep(taken: Taken, folder: Path) -> None:
    """Write the pictures of a unit below a folder, and then its rows into the manifest there.

    Raises
    ------
    OSError
        If it cannot be written.
    UnreadableArtefact
        If the manifest has no column for something; the pictures are written then.
    """
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for path, raw in taken.files.items():
        with (folder / path).open("xb") as file:
            file.write(raw)
    append_to_manifest(folder / "manifest.csv", taken.unit.views, COLUMNS)


def _silent(name: str) -> Shot:
    return Shot(name, Unusable("no-answer", "the camera gave nothing"))


def _kept(files: dict[str, bytes], stem: str, shot: Shot) -> str:
    """Note the bytes of a shot as a file, and return its path, which is missing if there are none."""
    if isinstance(shot.file, Unusable):
        return f"{stem}.missing"
    found = header(shot.file)
    end = ".npy" if shot.file.startswith(b"\x93NUMPY") else ".unknown"
    if isinstance(found, Header):
        end = _ENDS.get(found.format, f".{found.format}")
    files[f"{stem}{end}"] = shot.file
    return f"{stem}{end}"


def _faults(picture: Shot, depth: Shot | None, booth: BoothFile, item: Item, advice: list[tuple[str, str]]) -> Iterator[str]:
    """Yield why a view cannot be used, and add to what is to be done about it."""
    seen = picture.file if isinstance(picture.file, Unusable) else read_picture(picture.file)
    if isinstance(seen, Unusable):
        yield str(seen)
    deep: Depth | Unusable | None = None
    if depth is not None:
        deep = depth.file if isinstance(depth.file, Unusable) else read_depth(depth.file, unit=booth.depth_unit)
        if isinstance(deep, Depth) and isinstance(seen, Picture):
            deep = aligned(deep, seen)
        if isinstance(deep, Unusable):
            yield f"depth is {deep}"
    if isinstance(seen, Picture):
        said = guidance(quality(seen, depth=deep if isinstance(deep, Depth) else None, units=item.units))
        if said:
            advice.append((picture.name, said))
