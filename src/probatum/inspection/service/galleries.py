"""The gallery of a policy as commands change it: read, changed, and written again, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import REFERENCE, Capture
from probatum.inspection.artefacts.gallery import Gallery, Reference
from probatum.inspection.artefacts.gallery_changes import Author, begun, with_proposal
from probatum.inspection.artefacts.gallery_file import read_gallery, to_text
from probatum.inspection.artefacts.gallery_pictures import altered, references_of
from probatum.inspection.artefacts.manifest import load
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.artefacts.unusable import Unusable
from probatum.source import Source


class OpenGallery:
    """A gallery and its file.

    Parameters
    ----------
    policy : Policy
    folder : Path
        Of the policy.
    """

    def __init__(self, policy: Policy, folder: Path) -> None:
        self._policy = policy
        self._folder = folder
        named = "gallery.json" if policy.gallery is None else policy.gallery.path
        self.path = folder / named

    def read(self) -> Gallery:
        """Return the gallery.

        Raises
        ------
        UsageError
            If there is none.
        UnreadableArtefact
            If it was damaged, or changed by hand.
        """
        try:
            raw = self.path.read_bytes()
        except OSError as problem:
            raise UsageError(
                f"the gallery `{self.path.name}` cannot be read: {(problem.strerror or str(problem)).lower()}",
                help="begin one with `probatum inspection gallery begin`",
            ) from None
        return read_gallery(Source(self.path.name, raw).text())

    def write(self, gallery: Gallery) -> None:
        """Write it, all of it or nothing."""
        beside = self.path.with_name(f".{self.path.name}.part")
        try:
            beside.write_text(to_text(gallery), encoding="utf-8")
            beside.replace(self.path)
        except OSError as problem:
            raise UsageError(
                f"`{self.path}` cannot be written: {(problem.strerror or str(problem)).lower()}", help="make its folder writable"
            ) from None

    def begin(self, author: Author) -> Gallery:
        """Return a gallery of all references that the manifest names, the first version of each product.

        Raises
        ------
        UsageError
            If there is a gallery already, no reference, or a file of one cannot be read.
        """
        if self.path.exists():
            raise UsageError(f"there is a gallery `{self.path.name}` already", help="propose versions in it, or name another")
        place, captures = self._captures()
        products: dict[str, list[str]] = {}
        for capture in captures.values():
            if capture.views[0].role == REFERENCE and capture.item_identifier:
                products.setdefault(capture.item_identifier, []).append(capture.capture_id)
        if not products:
            raise UsageError(
                f"`{place.name}` names no reference of any product",
                help="give rows the role `reference` and an `item_identifier`",
            )
        known = [(product, self._references(place, captures, names)) for product, names in sorted(products.items())]
        return begun(known, author, manifest=self.beside(place))

    def propose(self, gallery: Gallery, product: str, names: Sequence[str], author: Author, *, replaces: int | None) -> Gallery:
        """Return the gallery with a version that shows units of the manifest."""
        place, captures = self._captures()
        for name in names:
            if name in captures and captures[name].item_identifier not in ("", product):
                raise UsageError(
                    f"`{name}` is of `{captures[name].item_identifier}`, and not of `{product}`", help="name units of the product"
                )
        taken = [captures[name].at for name in names if name in captures]
        since = min((at for at in taken if at is not None), default=None)
        references = self._references(place, captures, names)
        return with_proposal(
            gallery, product, references, author, manifest=self.beside(place), valid_from=since, replaces=replaces
        )

    def altered(self, gallery: Gallery) -> list[tuple[str, str, str]]:
        """Return the unit, the file and the reason of each file that is not what was confirmed."""
        found = []
        for version in gallery.versions:
            with Media((self.path.parent / version.manifest).parent) as media:
                found += list(altered(version, media))
        return found

    def _captures(self) -> tuple[Path, Mapping[str, Capture]]:
        named = self._policy.references or self._policy.captures
        place = self._folder / named.path
        return place, {capture.capture_id: capture for capture in load(place).captures}

    def beside(self, manifest: Path) -> str:
        """Return the path of a manifest relative to the gallery.

        Raises
        ------
        UsageError
            If it is not below the folder of the gallery.
        """
        try:
            return manifest.resolve().relative_to(self.path.resolve().parent).as_posix()
        except ValueError:
            raise UsageError(
                f"`{manifest.name}` is not below the folder of the gallery",
                help="keep the gallery beside the manifest or above it",
            ) from None

    @staticmethod
    def _references(place: Path, captures: Mapping[str, Capture], names: Sequence[str]) -> tuple[Reference, ...]:
        with Media(place.parent) as media:
            found = references_of(captures, names, media)
        if isinstance(found, Unusable):
            raise UsageError(f"a reference cannot be used: {found.why}", help=found.advice or "take another unit")
        return found
