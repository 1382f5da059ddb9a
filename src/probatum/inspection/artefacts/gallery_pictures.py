"""The files of references: which a unit has, what they were when it became a reference, and whether they still are that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.gallery import Reference, Version
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.unusable import Unusable
from probatum.source import digest as digest_of_bytes


def references_of(captures: Mapping[str, Capture], names: Iterable[str], media: Media) -> tuple[Reference, ...] | Unusable:
    """Return references with the digests of their files, as they are now.

    Parameters
    ----------
    captures : mapping of str to Capture
        By `capture_id`.
    names : iterable of str
        Captures that become references.
    media : Media
        Of the manifest that names them.

    Returns
    -------
    tuple of Reference, or Unusable
        The first file that cannot be read.
    """
    found = []
    for name in names:
        if name not in captures:
            return Unusable("missing", f"the manifest has no unit `{name[:40]}`")
        files: dict[str, str] = {}
        for path in files_of(captures[name]):
            raw = media.read(path)
            if isinstance(raw, Unusable):
                return raw
            files[path] = digest_of_bytes(raw)
        found.append(Reference(capture_id=name, files=files))
    return tuple(found)


def files_of(capture: Capture) -> tuple[str, ...]:
    """Paths of all files that the views of a unit name, each once."""
    named = (path for view in capture.views for path in (view.image, view.crop, view.depth, view.mask))
    return tuple(dict.fromkeys(path for path in named if path))


def altered(version: Version, media: Media) -> Iterator[tuple[str, str, str]]:
    """Yield (capture_id, path, why) of each file of a version that is not what it was, or is not there."""
    for reference in version.references:
        for path, digest in reference.files.items():
            raw = media.read(path)
            if isinstance(raw, Unusable):
                yield reference.capture_id, path, raw.why
            elif digest_of_bytes(raw) != digest:
                yield reference.capture_id, path, "it was changed since it became a reference"
