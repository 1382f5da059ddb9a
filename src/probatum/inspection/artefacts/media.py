"""Pictures that a manifest names: read from its folder, or from an archive in it, and from nowhere else.

Nothing is ever unpacked to a disk, and of an archive only what the manifest names is read. What an archive says of its size is
checked before, and what comes out of it while it comes.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from probatum.inspection.artefacts.capture import View, misnamed
from probatum.inspection.artefacts.depth import Depth, aligned, read_depth
from probatum.inspection.artefacts.picture import Picture, file_bytes, read_picture
from probatum.inspection.artefacts.unusable import LIMITS, Limits, Unusable
from probatum.records import dataclass
from probatum.source import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IN = ".zip!"  # between the path of an archive and the name of a member
_SMALL = 1024 * 1024  # bytes below which nothing is a bomb
_ENCRYPTED = 0x1


class Readable(Protocol):
    """Whatever gives the bytes of what a manifest names: `Media`, or `files.Beside`."""

    def read(self, name: str) -> bytes | Unusable:
        """Return the bytes of a file, or why there are none."""
        ...

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, hexadecimal; the kind of failure if it cannot be read."""
        ...

    def path(self, name: str) -> str:
        """Return the path by which people know a file."""
        ...


class Media:
    """The files of one manifest.

    Parameters
    ----------
    folder : Path
        Of the manifest.
    limits : Limits
    """

    def __init__(self, folder: Path, *, limits: Limits = LIMITS) -> None:
        self._folder = folder.resolve()
        self._limits = limits
        self._archives: dict[Path, _Archive | Unusable] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for archive in self._archives.values():
            if isinstance(archive, _Archive):
                archive.close()
        self._archives.clear()

    def read(self, name: str) -> bytes | Unusable:
        """Return the bytes of a file, or of a member of an archive."""
        if why := misnamed(name):
            return Unusable("outside", f"`{name[:80]}` {why}")
        outer, inside, member = name.partition(_IN)
        place = self._place(outer + ".zip" if inside else name)
        if isinstance(place, Unusable):
            return place
        if not inside:
            return file_bytes(place, limits=self._limits)
        if place not in self._archives:
            self._archives[place] = _opened(place, self._limits)
        archive = self._archives[place]
        return archive if isinstance(archive, Unusable) else archive.read(member)

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, hexadecimal; the kind of failure if it cannot be read."""
        return _digest(self.read(name))

    def path(self, name: str) -> str:
        """Return the path by which people know a file: as the manifest has it."""
        return name

    def _place(self, name: str) -> Path | Unusable:
        """Return where a file really is, whatever links lead to it."""
        try:
            place = (self._folder / name).resolve()
        except (OSError, RuntimeError, ValueError):
            return Unusable("missing", f"`{name[:80]}` leads nowhere")
        if not place.is_relative_to(self._folder):
            return Unusable("outside", f"`{name[:80]}` is a link out of the folder of the manifest")
        return place


def _digest(raw: bytes | Unusable) -> str:
    return raw.kind if isinstance(raw, Unusable) else digest(raw)


class _Archive:
    """An open archive: its members by name, and how much has come out of it."""

    def __init__(self, file: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], limits: Limits) -> None:
        self._file, self._members, self._limits = file, members, limits
        self._left = limits.most_total
        self.close = file.close

    def read(self, name: str) -> bytes | Unusable:
        member = self._members.get(name)
        if member is None:
            return Unusable("missing", f"the archive has no `{name[:80]}`")
        if why := self._refused(member):
            return why
        try:
            with self._file.open(member) as stream:
                raw = stream.read(self._limits.most_bytes + 1)
        # `zipfile` says by NotImplementedError that a member is packed in a way that it does not know.
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as problem:
            return Unusable("damaged", f"`{name[:80]}` cannot be unpacked: {str(problem).lower()[:80]}")
        self._left -= len(raw)
        return self._too_large(name) if len(raw) > self._limits.most_bytes else raw

    def _refused(self, member: zipfile.ZipInfo) -> Unusable | None:
        if member.flag_bits & _ENCRYPTED:
            return Unusable("unsupported", f"`{member.filename[:80]}` is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return Unusable(
                "unsupported", f"`{member.filename[:80]}` is packed in a way that is not read", "pack it with deflate"
            )
        packed = member.file_size > _SMALL and member.file_size > self._limits.most_ratio * max(member.compress_size, 1)
        if packed or member.file_size > min(self._limits.most_bytes, self._left):
            return self._too_large(member.filename)
        return None

    @staticmethod
    def _too_large(name: str) -> Unusable:
        return Unusable(
            "too-large", f"`{name[:80]}` would become larger than is allowed", "unpack the archive yourself if you trust it"
        )


def _opened(place: Path, limits: Limits) -> _Archive | Unusable:
    try:
        file = zipfile.ZipFile(place)
    except FileNotFoundError:
        return Unusable("missing", f"there is no archive `{place.name}`")
    # NotImplementedError: an archive in several parts, or of a later version of the format.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, MemoryError) as problem:
        return Unusable("damaged", f"the archive `{place.name}` cannot be opened: {str(problem).lower()[:80]}")
    members = file.infolist()
    why = None
    if len(members) > limits.most_members:
        why = Unusable("too-large", f"the archive `{place.name}` has more than {limits.most_members:,} members")
    elif len({member.filename for member in members}) < len(members):
        why = Unusable("several", f"the archive `{place.name}` has two members of the same name")
    if why is not None:
        file.close()
        return why
    return _Archive(file, {member.filename: member for member in members}, limits)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a view shows.

    Attributes
    ----------
    view : View
    picture : Picture or Unusable
    depth : Depth, Unusable or None
        As large as the picture; None if the view has none.
    """

    view: View
    picture: Picture | Unusable
    depth: Depth | Unusable | None = None


def see(view: View, media: Readable, *, limits: Limits = LIMITS) -> Seen:
    """Read the picture of a view, and its depth."""
    raw = media.read(view.image)
    picture = raw if isinstance(raw, Unusable) else read_picture(raw, limits=limits)
    if not view.depth:
        return Seen(view, picture)
    raw = media.read(view.depth)
    depth = raw if isinstance(raw, Unusable) else read_depth(raw, unit=view.depth_unit, limits=limits)
    if isinstance(depth, Depth) and isinstance(picture, Picture):
        depth = aligned(depth, picture)
    return Seen(view, picture, depth)


def item_mask(view: View, media: Readable, picture: Picture) -> NDArray[np.bool_] | Unusable | None:
    """Return where the item is, as the manifest says: pixels above zero of a picture of the same size; None if it says nothing."""
    if not view.mask:
        return None
    raw = media.read(view.mask)
    found = raw if isinstance(raw, Unusable) else read_picture(raw)
    if isinstance(found, Unusable):
        return found
    if found.rgb.shape != picture.rgb.shape:
        return Unusable("misaligned", f"the mask `{view.mask[:60]}` is not of the size of its picture")
    mask: NDArray[np.bool_] = found.rgb.max(axis=2) > 0
    return mask


def digests(view: View, media: Readable) -> tuple[str, ...]:
    """Return the digests of the picture, the depth and the mask of a view; "" for one that it does not name."""
    return tuple(media.digest(name) if name else "" for name in (view.image, view.depth, view.mask))
