"""All cameras of a booth as one source: what each gives is taken one right after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from probatum.errors import UsageError
from probatum.inspection.artefacts.booth import BoothFile, Kind
from probatum.inspection.artefacts.sources import Shot, Source
from probatum.inspection.artefacts.sources.cameras import GenicamCameras, VideoDevices
from probatum.inspection.artefacts.sources.next_file import NextFile
from probatum.inspection.artefacts.sources.snapshot import Snapshots

DEPTH = " depth"  # what the name of a view ends with, where a shot is of depth


class CameraArray:
    """The cameras of a booth.

    Parameters
    ----------
    booth : BoothFile
    folder : Path
        To which paths in the file are relative.
    wait_s : float
        For each picture.

    Raises
    ------
    MissingExtra
        If what reaches a camera is not installed.
    UsageError
        If an address is none, a folder is not there, or a file of a vendor.
    """

    def __init__(self, booth: BoothFile, folder: Path, *, wait_s: float = 5.0) -> None:
        self._sources: list[Source] = []
        folders = _of(booth, "folder")
        for name, path in folders.items():
            if not (folder / str(path)).is_dir():
                raise UsageError(
                    f"there is no folder `{path}` for `{name}`", help="make it, or name where the camera's program writes"
                )
        if devices := _of(booth, "video"):
            self._sources.append(VideoDevices({name: _device(folder, where) for name, where in devices.items()}))
        if addresses := _of(booth, "http"):
            self._sources.append(Snapshots({name: str(where) for name, where in addresses.items()}, timeout_s=wait_s))
        if serials := _of(booth, "genicam"):
            files = [folder / path for path in booth.producers]
            self._sources.append(GenicamCameras(files, {name: str(where) for name, where in serials.items()}, timeout_s=wait_s))
        # Last, for what comes into a folder comes by itself, and is waited for.
        self._sources += [NextFile(name, folder / str(path), wait_s=wait_s) for name, path in folders.items()]

    def capture(self) -> list[Shot]:
        """Take a picture with each; what is of depth has a name that ends with `DEPTH`."""
        return [shot for source in self._sources for shot in source.capture()]

    def close(self) -> None:
        """Give all cameras back."""
        for source in self._sources:
            source.close()


def _of(booth: BoothFile, kind: Kind) -> Mapping[str, str | int]:
    return dict(_named(booth, kind))


def _named(booth: BoothFile, kind: Kind) -> Iterator[tuple[str, str | int]]:
    for view in booth.views:
        for name, place in ((view.name, view.picture), (f"{view.name}{DEPTH}", view.depth)):
            if place is not None and place.kind == kind:
                yield name, place.where


def _device(folder: Path, where: str | int) -> str | int:
    """Return a device as OpenCV names it; a file beside the booth's is a recording."""
    return str(folder / where) if isinstance(where, str) and (folder / where).is_file() else where
