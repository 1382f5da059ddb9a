"""The gallery: how each product should look, in versions that are valid for a time, and a journal of who changed what and why.

A gallery is a file `probatum-inspection-gallery/1`, JSON in UTF-8. It names pictures by the digests of their bytes, so that one that
was changed is found, and keeps every version it ever had: what is no longer valid is retired, and not removed. Its journal is a
chain: each line names the digest of the line before and of all versions after it, so whoever knows the digest of the last line knows
whether anything was changed since by other means. It is read and
written by `gallery_file`, and changed by `gallery_changes`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from probatum.records import dataclass
from probatum.source import Location, digest_of

SCHEMA = "probatum-inspection-gallery/1"
PROPOSED, CONFIRMED, RETIRED, REJECTED = STATES = ("proposed", "confirmed", "retired", "rejected")
ACTIONS = ("begun", "proposed", "confirmed", "rejected", "ended", "rolled back")
START = ""  # what the first line of a journal names as the line before


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A unit that shows how a product should look.

    Attributes
    ----------
    capture_id : str
        As in the manifest of its version.
    files : mapping of str to str
        Paths, relative to the folder of that manifest, of its pictures, depths and masks, and the SHA-256 of each, hexadecimal.
    """

    capture_id: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How a product looks for some time.

    Attributes
    ----------
    product : str
    number : int
        From 1.
    state : {"proposed", "confirmed", "retired", "rejected"}
        What is retired was confirmed, and its time has an end.
    valid_from, valid_until : datetime or None
        UTC; from the first on, and before the second. None where it is not limited.
    manifest : str
        Path of the manifest that names its pictures, relative to the folder of the gallery.
    references : tuple of Reference, not empty
    replaces : int or None
        The version that is retired when this one is confirmed; None if both are valid, as while old stock still comes.
    by, why : str
        Who brought it into its state, and for which reason.
    at : datetime
        When that was, UTC.
    location : Location
    """

    product: str
    number: int
    state: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    manifest: str
    references: tuple[Reference, ...]
    replaces: int | None = None
    by: str
    at: datetime
    why: str
    location: Location = field(default=Location(""), compare=False)

    def covers(self, time: datetime | None) -> bool:
        """Whether it is, or was, valid at a time; without a time, whether it is valid without an end."""
        if self.state not in (CONFIRMED, RETIRED):
            return False
        if time is None:
            return self.valid_until is None
        return (self.valid_from is None or self.valid_from <= time) and (self.valid_until is None or time < self.valid_until)

    def to_json(self) -> dict[str, Any]:
        """Return it as in the file."""
        return {
            "product": self.product,
            "version": self.number,
            "state": self.state,
            "valid_from": _said(self.valid_from),
            "valid_until": _said(self.valid_until),
            "manifest": self.manifest,
            "references": {one.capture_id: dict(one.files) for one in self.references},
            "replaces": self.replaces,
            "by": self.by,
            "at": _said(self.at),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the journal: one change.

    Attributes
    ----------
    action : str
        Of `ACTIONS`.
    product : str
        "" where all are meant.
    version : int
        0 where all are meant.
    by, why : str
    at : datetime
        UTC.
    versions : str
        Digest of all versions after the change.
    before : str
        Digest of the line before; "" for the first.
    """

    action: str
    product: str
    version: int
    by: str
    at: datetime
    why: str
    versions: str
    before: str

    def to_json(self) -> dict[str, Any]:
        """Return it as in the file."""
        own = (self.action, self.product, self.version, self.by, _said(self.at), self.why, self.versions, self.before)
        return dict(zip(("action", "product", "version", "by", "at", "why", "versions", "before"), own, strict=True))

    @property
    def digest(self) -> str:
        """By which the next line names it."""
        return digest_of(self.to_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """All versions of all products.

    Attributes
    ----------
    versions : tuple of Version
        By product, then number.
    journal : tuple of Line
        In the order of the changes.
    path : str
        Of the file; "" if it is from none.
    """

    versions: tuple[Version, ...]
    journal: tuple[Line, ...]
    path: str = ""

    @property
    def digest(self) -> str:
        """Of the last line of the journal: stands for everything in it."""
        return self.journal[-1].digest if self.journal else START

    @property
    def products(self) -> tuple[str, ...]:
        """Names of all products, also of those of which nothing is valid."""
        return tuple(dict.fromkeys(version.product for version in self.versions))

    @property
    def proposals(self) -> tuple[Version, ...]:
        """What waits for a person."""
        return tuple(version for version in self.versions if version.state == PROPOSED)

    def of(self, product: str) -> tuple[Version, ...]:
        """Every version of a product."""
        low, high = (find(self.versions, product, key=_product) for find in (bisect_left, bisect_right))
        return self.versions[low:high]

    def at(self, product: str, time: datetime | None) -> tuple[Version, ...]:
        """Versions of a product that are valid at a time, the latest first; several while old stock still comes.

        Parameters
        ----------
        product : str
        time : datetime or None
            None for a unit of which nobody said when it was seen: then every version that has no end.
        """
        return tuple(version for version in reversed(self.of(product)) if version.covers(time))

    def version(self, product: str, number: int) -> Version | None:
        """Return one version; None if there is none."""
        return next((one for one in self.of(product) if one.number == number), None)


def versions_digest(versions: tuple[Version, ...]) -> str:
    """Digest of versions, as a journal names it."""
    return digest_of([version.to_json() for version in versions])


def _product(version: Version) -> str:
    return version.product


def _said(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")
