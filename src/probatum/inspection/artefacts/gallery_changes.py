"""Changes of a gallery: each gives a new gallery with one more line in its journal, and nothing changes without one.

What a program finds out is only ever proposed. A person confirms or rejects it, and can take back what was confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from probatum.errors import UsageError
from probatum.inspection.artefacts.gallery import (
    CONFIRMED,
    PROPOSED,
    REJECTED,
    RETIRED,
    START,
    Gallery,
    Line,
    Reference,
    Version,
    versions_digest,
)
from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes a gallery, when, and why.

    Attributes
    ----------
    by, why : str
        One line each, not empty.
    at : datetime
        With its zone; kept in UTC.
    """

    by: str
    at: datetime
    why: str

    def __post_init__(self) -> None:
        """Refuse a change of which it would not be known who made it, when, and why."""
        for name, said in (("who", self.by), ("why", self.why)):
            if not said.strip() or any(ord(letter) < 32 for letter in said):
                raise UsageError(f"a change of the gallery does not say {name}", help="say it in one line")
        if self.at.tzinfo is None:
            raise UsageError("a change of the gallery does not say in which zone its time is", help="write 2026-03-02T14:05:00Z")


def begun(products: Iterable[tuple[str, Sequence[Reference]]], author: Author, *, manifest: str) -> Gallery:
    """Return a gallery with a first, confirmed version of each product, valid without limits.

    Parameters
    ----------
    products : iterable of (product, references)
        Each product once, with at least one reference.
    author : Author
    manifest : str
        Path of the manifest that names the files, relative to the folder of the gallery.

    Raises
    ------
    UsageError
        If a product comes twice, or without references.
    """
    found: dict[str, Version] = {}
    for product, references in products:
        if product in found:
            raise UsageError(f"the product `{product}` comes twice", help="give all its references at once")
        found[product] = _new(product, 1, CONFIRMED, references, author, manifest=manifest)
    versions = tuple(found[product] for product in sorted(found))
    return _noted(Gallery(versions=versions, journal=()), versions, "begun", None, author)


def with_proposal(
    gallery: Gallery,
    product: str,
    references: Sequence[Reference],
    author: Author,
    *,
    manifest: str,
    valid_from: datetime | None = None,
    replaces: int | None = None,
) -> Gallery:
    """Return the gallery with a further version of a product, or the first one of a new product, which waits for a person.

    Parameters
    ----------
    gallery : Gallery
    product : str
    references : sequence of Reference, not empty
    author : Author
    manifest : str
    valid_from : datetime or None
        From when on it is valid if it is confirmed; None if it always was. What replaces another one is valid from its confirmation on.
    replaces : int or None
        A confirmed version that is retired then; None if that stays valid, as after a redesign while old stock still comes.

    Raises
    ------
    UsageError
        If there is nothing to propose: the same references were proposed, or rejected, already; or there is no such version.
    """
    names = {one.capture_id for one in references}
    own = gallery.of(product)
    for one in own:
        if one.state in (PROPOSED, REJECTED) and {known.capture_id for known in one.references} == names:
            raise UsageError(
                f"these references of `{product}` were {one.state} by {one.by} already, as version {one.number}",
                help=f"confirm or reject version {one.number}" if one.state == PROPOSED else "propose others",
            )
    if replaces is not None:
        _in_state(gallery, product, replaces, CONFIRMED)
    new = replace(
        _new(product, len(own) + 1, PROPOSED, references, author, manifest=manifest),
        valid_from=_utc(valid_from),
        replaces=replaces,
    )
    versions = tuple(sorted((*gallery.versions, new), key=lambda one: (one.product, one.number)))
    return _noted(gallery, versions, "proposed", new, author)


def confirmed(gallery: Gallery, product: str, number: int, author: Author) -> Gallery:
    """Return the gallery with a proposed version confirmed; the one that it replaces, if any, is valid until then, and it from then on.

    Raises
    ------
    UsageError
        If it is not proposed, or what it replaces is no longer confirmed.
    """
    own = _in_state(gallery, product, number, PROPOSED)
    new = _brought(own, CONFIRMED, author)
    changed = [new]
    if own.replaces is not None:
        before = _in_state(gallery, product, own.replaces, CONFIRMED)
        end = _end(before, author.at)
        changed = [replace(new, valid_from=end), replace(_brought(before, RETIRED, author), valid_until=end)]
    return _with(gallery, changed, "confirmed", own, author)


def rejected(gallery: Gallery, product: str, number: int, author: Author) -> Gallery:
    """Return the gallery with a proposed version rejected: it stays there, so that nobody proposes the same again.

    Raises
    ------
    UsageError
        If it is not proposed.
    """
    own = _in_state(gallery, product, number, PROPOSED)
    return _with(gallery, [_brought(own, REJECTED, author)], "rejected", own, author)


def ended(gallery: Gallery, product: str, number: int, author: Author, *, until: datetime | None = None) -> Gallery:
    """Return the gallery with an end to a confirmed version, as when old stock no longer comes.

    Parameters
    ----------
    gallery : Gallery
    product : str
    number : int
    author : Author
    until : datetime or None
        `author.at` if not given.

    Raises
    ------
    UsageError
        If it is not confirmed, or would end before it begins.
    """
    own = _in_state(gallery, product, number, CONFIRMED)
    end = _utc(until or author.at)
    if own.valid_from is not None and end is not None and end < own.valid_from:
        raise UsageError(f"version {number} of `{product}` would end before it begins", help="name a later time")
    return _with(gallery, [replace(_brought(own, RETIRED, author), valid_until=end)], "ended", own, author)


def rolled_back(gallery: Gallery, product: str, number: int, author: Author) -> Gallery:
    """Return the gallery with a confirmed version retired, and what it replaced, if anything, confirmed again.

    Raises
    ------
    UsageError
        If it is not confirmed, or what it replaced was confirmed or replaced again meanwhile, or no reference of the product would be left.
    """
    own = _in_state(gallery, product, number, CONFIRMED)
    changed = [replace(_brought(own, RETIRED, author), valid_until=_end(own, author.at))]
    if own.replaces is not None:
        before = _in_state(gallery, product, own.replaces, RETIRED)
        changed.append(replace(_brought(before, CONFIRMED, author), valid_until=None))
    elif not any(one.state == CONFIRMED and one.number != number for one in gallery.of(product)):
        raise UsageError(
            f"without version {number} nothing of `{product}` would be valid",
            help="propose and confirm another version first, or end this one if the product is no longer sold",
        )
    return _with(gallery, changed, "rolled back", own, author)


def _new(product: str, number: int, state: str, references: Sequence[Reference], author: Author, *, manifest: str) -> Version:
    if not references:
        raise UsageError(f"version {number} of `{product}` has no reference", help="name at least one unit that shows it")
    if len({one.capture_id for one in references}) < len(references):
        raise UsageError(f"version {number} of `{product}` names a reference twice", help="name each unit once")
    return Version(
        product=product,
        number=number,
        state=state,
        manifest=manifest,
        references=tuple(references),
        by=author.by,
        at=author.at.astimezone(UTC),
        why=author.why,
    )


def _in_state(gallery: Gallery, product: str, number: int, state: str) -> Version:
    found = gallery.version(product, number)
    if found is None:
        known = ", ".join(str(one.number) for one in gallery.of(product))
        raise UsageError(
            f"there is no version {number} of `{product}`", help=f"there are {known}" if known else "no version of it is known"
        )
    if found.state != state:
        raise UsageError(
            f"version {number} of `{product}` is {found.state}, and not {state}: by {found.by}, {found.at:%Y-%m-%d %H:%M} UTC",
            help="look at the journal of the gallery",
        )
    return found


def _brought(version: Version, state: str, author: Author) -> Version:
    return replace(version, state=state, by=author.by, at=author.at.astimezone(UTC), why=author.why)


def _end(version: Version, at: datetime) -> datetime:
    """Return when a version ends that is retired at a time: it may not have begun."""
    end = at.astimezone(UTC)
    return end if version.valid_from is None else max(end, version.valid_from)


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)


def _with(gallery: Gallery, changed: Iterable[Version], action: str, version: Version, author: Author) -> Gallery:
    new = {(one.product, one.number): one for one in changed}
    versions = tuple(new.get((one.product, one.number), one) for one in gallery.versions)
    return _noted(gallery, versions, action, version, author)


def _noted(gallery: Gallery, versions: tuple[Version, ...], action: str, version: Version | None, author: Author) -> Gallery:
    line = Line(
        action=action,
        product="" if version is None else version.product,
        version=0 if version is None else version.number,
        by=author.by,
        at=author.at.astimezone(UTC),
        why=author.why,
        versions=versions_digest(versions),
        before=gallery.journal[-1].digest if gallery.journal else START,
    )
    return replace(gallery, versions=versions, journal=(*gallery.journal, line))
