"""What cannot be used, and why: the typed outcome of everything here that reads bytes nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from probatum.records import dataclass

Kind = Literal[
    "missing",  # there is no such file
    "outside",  # a path leads out of the folder of its manifest
    "empty",
    "not-a-picture",
    "unsupported",  # a format, or a variety of one, that is not read
    "truncated",
    "damaged",
    "too-large",  # more bytes or pixels than allowed, or so packed that it would become so
    "several",  # more than one picture in a file: an animation, or pages
    "colours",  # that cannot be converted without guessing
    "unit",  # of depth, which is not known, or contradicts the values
    "misaligned",  # depth that does not fit its picture
    "all-missing",  # depth without a single value
    "no-answer",  # a camera or an address that gives no picture
]

# What to do where nothing better is known.
ADVICE: Mapping[str, str] = {
    "missing": "write where it is, or take the picture again",
    "outside": "copy it into the folder of the manifest",
    "empty": "take the picture again",
    "not-a-picture": "name a PNG, JPEG, TIFF, BMP or WebP",
    "unsupported": "save it as PNG or JPEG",
    "truncated": "copy the whole file, or take the picture again",
    "damaged": "copy it again, or take the picture again",
    "too-large": "make it smaller",
    "misaligned": "make both of the same size",
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why something cannot be used.

    Attributes
    ----------
    kind : str
        For programs.
    why : str
        For people: lower case, one line.
    advice : str
        What to do about it, as an instruction; may be empty.
    """

    kind: Kind
    why: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}" + (f" ({self.advice})" if self.advice else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may ask for, which is checked before it gets it.

    Attributes
    ----------
    most_bytes : int
        Of a file as it is stored.
    most_pixels : int
        Of a picture; one takes up to 16 bytes for each while it is decoded.
    most_ratio : float
        Of what a member of an archive becomes to what it takes there.
    most_members : int
        Of an archive.
    most_total : int
        Bytes that are taken out of one archive.
    """

    most_bytes: int = 64 * 1024 * 1024
    most_pixels: int = 64_000_000
    most_ratio: float = 200.0
    most_members: int = 1_000_000
    most_total: int = 256 * 1024 * 1024 * 1024


LIMITS = Limits()
