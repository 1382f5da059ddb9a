"""References of products as they are compared with: laid over each other and looked at once, when they are first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.artefacts.capture import REFERENCE, Capture, View
from probatum.inspection.artefacts.depth import Depth
from probatum.inspection.artefacts.gallery import CONFIRMED, RETIRED, Gallery, Version
from probatum.inspection.artefacts.media import Readable, digests, item_mask, see
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.compared import Pristine, pristine
from probatum.inspection.semantics.looked import Looked, look_at_references
from probatum.inspection.semantics.looked import View as Shown
from probatum.inspection.semantics.looks_kept import KeptLooks
from probatum.source import canonical_json, digest

Stated: TypeAlias = "tuple[str, Capture, Readable]"  # the manifest, the unit, and what reads its pictures


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A reference that can be compared with.

    Attributes
    ----------
    capture_id, product : str
    view : str
        Which camera or side.
    image : str
        As in the manifest.
    looked : Looked
    """

    capture_id: str
    product: str
    view: str
    image: str
    looked: Looked


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """References that a view is compared with, made ready."""

    kept: tuple[Kept, ...]
    pristine: Pristine


@dataclass(frozen=True, slots=True)
class Shelf:
    """Units of one manifest by their `capture_id`, and what reads their pictures."""

    captures: Mapping[str, Capture]
    media: Readable


@dataclass(slots=True)
class References:
    """References of all products.

    Parameters
    ----------
    backbone : Backbone
    shelves : mapping of str to Shelf
        By the path of the manifest, as a gallery names it; without a gallery, names do not matter.
    gallery : Gallery or None
        Which of them are valid when; without it, all that a manifest calls references are, always.
    looks : KeptLooks or None
        Where looks are kept from one run to the next; without it, each run looks anew.
    """

    backbone: Backbone
    shelves: Mapping[str, Shelf]
    gallery: Gallery | None = None
    looks: KeptLooks | None = None
    unusable: dict[str, str] = field(
        default_factory=dict, init=False
    )  # picture of a reference -> why nothing is compared with it
    _listed: dict[str, list[tuple[Capture, Readable]]] = field(default_factory=dict, init=False)
    _groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], Group | None] = field(default_factory=dict, init=False)
    _digests: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.gallery is None:
            for shelf in self.shelves.values():
                for capture in shelf.captures.values():
                    if capture.views[0].role == REFERENCE and capture.item_identifier:
                        self._listed.setdefault(capture.item_identifier, []).append((capture, shelf.media))

    @property
    def products(self) -> tuple[str, ...]:
        """Products that have references, in the order of their names."""
        return tuple(sorted(self._listed if self.gallery is None else set(self.gallery.products)))

    def stated(self) -> Iterator[tuple[str, Capture]]:
        """Yield the product and the row of each reference that was valid at any time, whatever has become of its pictures."""
        if self.gallery is None:
            yield from ((product, capture) for product, listed in self._listed.items() for capture, _ in listed)
            return
        for product in self.products:
            for version in self.gallery.of(product):
                shelf = self.shelves.get(version.manifest) if version.state in (CONFIRMED, RETIRED) else None
                for one in version.references if shelf is not None else ():
                    if (capture := shelf.captures.get(one.capture_id) if shelf is not None else None) is not None:
                        yield product, capture

    def group(self, product: str, view: str, at: datetime | None = None) -> Group | None:
        """Return what a view of a unit is compared with: references from the same camera or side, or else all; None if there is none.

        Parameters
        ----------
        product : str
        view : str
            Which camera or side.
        at : datetime or None
            When the unit was seen.
        """
        return self._grouped(product, view, tuple(self._valid(product, at)))

    def among(self, product: str, view: str, names: Sequence[str]) -> Group | None:
        """Return some references of a product as a group of their own; None if none of them has such a view that can be used."""
        stated = tuple(one for one in self._stated(product) if one[1].capture_id in names)
        return self._made(product, [(c, v, media) for _, c, media in stated for v in c.views if name_of(v) == view])

    def picture(self, product: str, name: str) -> str:
        """Return the path, within what is checked, of the first picture of a reference; its name if it is none."""
        found = ((capture, media) for _, capture, media in self._stated(product) if capture.capture_id == name)
        return next((media.path(capture.views[0].image) for capture, media in found), name)

    def confirmed(self, product: str) -> tuple[tuple[Capture, Readable], ...]:
        """Return the units that are references of a product now, with what reads their pictures."""
        return tuple((capture, media) for _, capture, media in self._valid(product, None))

    def ever(self, product: str) -> tuple[Kept, ...]:
        """Return all references of a product that were valid at any time, each with others from its side."""
        stated = self._stated(product)
        names = dict.fromkeys(name_of(view) for _, capture, _ in stated for view in capture.views)
        groups = [self._grouped(product, name, stated, same=True) for name in names]
        return tuple(kept for group in groups if group is not None for kept in group.kept)

    def shown(self, product: str, *, most: int) -> Iterator[tuple[str, Shown, Looked]]:
        """Yield the views of at most so many references of a product that were valid at any time: of which reference, what it shows, and its look."""
        views = {
            (capture.capture_id, view.image): (view, media)
            for _, capture, media in self._stated(product)
            for view in capture.views
        }
        known = self.ever(product)
        read = sorted({one.capture_id for one in known})[:most]
        for one in known:
            view, media = views[one.capture_id, one.image]
            if one.capture_id in read and not isinstance(seen := read_view(view, media), Unusable):
                yield one.capture_id, seen, one.looked

    def digest(self, product: str) -> str:
        """Return the digest of everything that units of a product are compared with, at any time."""
        if product not in self._digests:
            told: list[Any]
            if self.gallery is None:
                told = sorted(
                    [capture.capture_id, view.view, *digests(view, media)]
                    for capture, media in self._listed.get(product, ())
                    for view in capture.views
                )
            else:
                # A gallery names pictures by their digests, so it need not be asked what they are now.
                told = [
                    [
                        one.number,
                        str(one.valid_from),
                        str(one.valid_until),
                        {ref.capture_id: dict(ref.files) for ref in one.references},
                    ]
                    for one in self.gallery.of(product)
                    if one.state in (CONFIRMED, RETIRED)
                ]
            self._digests[product] = digest(canonical_json(told))
        return self._digests[product]

    def _stated(self, product: str) -> tuple[Stated, ...]:
        """Return references that were valid at any time."""
        if self.gallery is None:
            return tuple(self._valid(product, None))
        versions = (version for version in self.gallery.of(product) if version.state in (CONFIRMED, RETIRED))
        return tuple(one for version in versions for one in self._of(version))

    def _valid(self, product: str, at: datetime | None) -> Iterator[Stated]:
        if self.gallery is None:
            yield from (("", capture, media) for capture, media in self._listed.get(product, ()))
        else:
            yield from (one for version in self.gallery.at(product, at) for one in self._of(version))

    def _of(self, version: Version) -> Iterator[Stated]:
        shelf = self.shelves.get(version.manifest)
        for reference in version.references:
            capture = None if shelf is None else shelf.captures.get(reference.capture_id)
            if shelf is None or capture is None:
                self.unusable[reference.capture_id] = f"`{version.manifest}` does not name it any more"
                continue
            changed = [name for name, known in reference.files.items() if shelf.media.digest(name) != known]
            if changed:
                self.unusable[reference.capture_id] = f"`{changed[0]}` is not the file that was confirmed"
                continue
            yield version.manifest, capture, shelf.media

    def _grouped(self, product: str, name: str, stated: Sequence[Stated], *, same: bool = False) -> Group | None:
        key = (product, name, tuple((manifest, capture.capture_id) for manifest, capture, _ in stated))
        if key not in self._groups:
            views = [(capture, view, media) for _, capture, media in stated for view in capture.views]
            own = [one for one in views if name_of(one[1]) == name]
            self._groups[key] = self._made(product, own or ([] if same else views))
        return self._groups[key]

    def _made(self, product: str, views: Sequence[tuple[Capture, View, Readable]]) -> Group | None:
        files = [[*digests(view, media), view.depth_unit] for _, view, media in views] if self.looks is not None else []
        looked = self._looked(views) if self.looks is None else self.looks.look(files, lambda: self._looked(views))
        kept = []
        for (capture, view, _), one in zip(views, looked, strict=True):
            if isinstance(one, Unusable):
                self.unusable[view.image] = str(one)
            else:
                kept.append(Kept(capture.capture_id, product, name_of(view), view.image, one))
        return Group(tuple(kept), pristine([one.looked for one in kept])) if kept else None

    def _looked(self, views: Sequence[tuple[Capture, View, Readable]]) -> list[Looked | Unusable]:
        """Read references and look at those that can be read, in their order."""
        found = [read_view(view, media) for _, view, media in views]
        looked = iter(look_at_references(self.backbone, [seen for seen in found if not isinstance(seen, Unusable)]))
        return [seen if isinstance(seen, Unusable) else next(looked) for seen in found]


def name_of(view: View) -> str:
    """Return which camera or side a view is from."""
    return view.view or view.camera


def read_view(view: View, media: Readable) -> Shown | Unusable:
    """Read the files of a view: its picture, and depth and mask if it has them."""
    seen = see(view, media)
    if isinstance(seen.picture, Unusable):
        return seen.picture
    mask = item_mask(view, media, seen.picture)
    if isinstance(mask, Unusable):
        return mask
    return Shown(seen.picture.rgb, mm=seen.depth.mm if isinstance(seen.depth, Depth) else None, mask=mask)
