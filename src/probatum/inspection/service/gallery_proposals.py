"""What was found out about a gallery becomes proposals in it: for a person to confirm or reject, and nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.gallery import CONFIRMED, Gallery
from probatum.inspection.artefacts.gallery_changes import Author, with_proposal
from probatum.inspection.artefacts.gallery_pictures import references_of
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.model.contamination import Contamination, Suspect
from probatum.inspection.model.redesign import Redesign
from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A gallery with proposals.

    Attributes
    ----------
    gallery : Gallery
    made : tuple of (str, int)
        Products and numbers of the proposed versions.
    left : mapping of str to str
        Products of which nothing was proposed, and why.
    """

    gallery: Gallery
    made: tuple[tuple[str, int], ...]
    left: Mapping[str, str]


def propose_redesign(
    gallery: Gallery, found: Redesign, captures: Mapping[str, Capture], media: Media, *, by: str, at: datetime, manifest: str
) -> Proposed:
    """Propose the units of a redesign as references, valid from the first one on, beside what is valid: old stock may still come.

    Parameters
    ----------
    gallery : Gallery
    found : Redesign
    captures : mapping of str to Capture
        Of the manifest that names the units, by `capture_id`.
    media : Media
        Of that manifest.
    by : str
        Who, or what, proposes.
    at : datetime
    manifest : str
        Relative to the folder of the gallery.
    """
    product = found.weighed.product
    references = references_of(captures, found.references, media)
    if isinstance(references, Unusable):
        return Proposed(gallery=gallery, made=(), left={product: references.why})
    author = Author(by=by, at=at, why=f"it looks redesigned: {found.why}")
    try:
        changed = with_proposal(gallery, product, references, author, manifest=manifest, valid_from=found.weighed.since)
    except UsageError as error:
        return Proposed(gallery=gallery, made=(), left={product: error.message})
    return Proposed(gallery=changed, made=((product, changed.of(product)[-1].number),), left={})


def propose_removals(gallery: Gallery, found: Contamination, *, by: str, at: datetime) -> Proposed:
    """Propose versions without the references that do not look like their product; what is valid stays so until a person confirms."""
    by_version: dict[tuple[str, int], list[Suspect]] = {}
    left: dict[str, str] = dict(found.untested)
    for suspect in found.suspects:
        valid = [one for one in gallery.of(suspect.product) if one.state == CONFIRMED]
        within = [one for one in valid if suspect.capture_id in {reference.capture_id for reference in one.references}]
        if not within:
            left[suspect.product] = f"`{suspect.capture_id}` is no reference that is valid"
        for one in within:
            by_version.setdefault((one.product, one.number), []).append(suspect)
    made = []
    for (product, number), suspects in sorted(by_version.items()):
        version = gallery.version(product, number)
        names = {suspect.capture_id for suspect in suspects}
        kept = [one for one in (version.references if version else ()) if one.capture_id not in names]
        if version is None or not kept:
            left[product] = "all its references look wrong: take new ones"
            continue
        worst = suspects[0]
        why = f"without {', '.join(sorted(names))}: stranger in {worst.channel} than all but {worst.above} of {worst.among} units"
        try:
            gallery = with_proposal(
                gallery,
                product,
                kept,
                Author(by=by, at=at, why=why),
                manifest=version.manifest,
                replaces=number,
            )
        except UsageError as error:
            left[product] = error.message
            continue
        made.append((product, gallery.of(product)[-1].number))
    return Proposed(gallery=gallery, made=tuple(made), left=left)
