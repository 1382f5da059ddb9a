"""Does what is reported on resemble what was trained on? Units, products, files and near copies that stand in two splits.

Whoever is tested on what was learnt by heart looks better than it is. Near copies are found by a hash of what a picture shows, and
compared again at a size at which print is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.picture import Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["product", "barcode", "file", "near-copy", "time"]
_BITS = 64
_SIDE, _LOW = 32, 8  # of the picture whose cosines are taken, and how many of them along each side
_THUMB = 64  # pixels of a side at which two pictures are compared
NEAR = 10  # bits in which hashes of near copies differ at most
ALIKE = 0.97  # correlation of near copies at least
_BLOCK = 4096  # pictures that are compared with all others at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something that stands in two splits.

    Attributes
    ----------
    kind : str
    splits : tuple of str
        At least two, ascending.
    units : tuple of str
        `capture_id` of those that it is in, ascending.
    why : str
    """

    kind: Kind
    splits: tuple[str, ...]
    units: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """What is kept of a picture to find its copies.

    Attributes
    ----------
    bits : array of shape (64,), bool
        Its hash.
    thumb : array of shape (4096,), float32
        A small grey picture; its mean is 0 and its length 1, or 0 where it shows nothing.
    digest : str
        Of the file.
    """

    bits: NDArray[np.bool_]
    thumb: NDArray[np.float32]
    digest: str


def print_of(picture: Picture) -> Print:
    """Return what is kept of a picture: 64 signs of its low frequencies, and a small copy [1]_.

    Another size, another quality of JPEG and another brightness change few of the signs.

    References
    ----------
    .. [1] Zauner. "Implementation and Benchmarking of Perceptual Image Hash Functions." 2010 (the hash by discrete cosine transform).
    """
    import cv2
    import numpy as np

    grey = cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY)
    cosines = cv2.dct(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32))
    low = cosines[1 : _LOW + 1, 1 : _LOW + 1].ravel()
    thumb = cv2.resize(grey, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    thumb -= thumb.mean()
    length = float(np.linalg.norm(thumb))
    return Print(low > np.median(low), thumb / length if length > 1e-3 else thumb * 0, picture.digest)


def near_copies(prints: Sequence[Print], *, near: int = NEAR, alike: float = ALIKE) -> Iterator[tuple[int, int]]:
    """Yield pairs of pictures that show the same, the first before the second.

    Every pair is compared: 64 multiplications for each, in blocks.

    Notes
    -----
    Two units of a product that lie alike under one camera are near copies too, as they are to whatever learns from them.
    """
    import numpy as np

    signs = np.array([one.bits for one in prints], dtype=np.float32) * 2 - 1 if prints else np.zeros((0, _BITS), np.float32)
    for start in range(0, len(prints), _BLOCK):
        same = signs[start : start + _BLOCK] @ signs.T  # bits that agree, less those that do not
        for a, b in np.argwhere(same >= _BITS - 2 * near):
            first, second = int(a) + start, int(b)
            if first < second and _same(prints[first], prints[second], alike):
                yield first, second


def _same(a: Print, b: Print, alike: float) -> bool:
    return a.digest == b.digest or float(a.thumb @ b.thumb) >= alike


def leaks(
    captures: Sequence[Capture],
    splits: Mapping[str, str],
    prints: Mapping[str, Sequence[Print]] | None = None,
    *,
    products_apart: bool = True,
    in_time: Sequence[str] = (),
) -> list[Leak]:
    """Return what stands in two splits, the plainest first.

    Parameters
    ----------
    captures : sequence of Capture
    splits : mapping of str to str
        From `capture_id` to its split; units of none, or of "", are left out. References of the gallery belong in a split too, if what is
        reported should not be among them.
    prints : mapping of str to sequence of Print, optional
        Of the pictures of each unit; without them files and near copies are not looked for.
    products_apart : bool
        Whether a product must be in one split alone.
    in_time : sequence of str
        Splits that must follow each other in time, the earliest first.
    """
    placed = [one for one in captures if splits.get(one.capture_id)]
    found: list[Leak] = []
    if products_apart:
        found += _shared("product", ((one.item_identifier, one.capture_id) for one in placed), splits)
        found += _shared("barcode", ((view.barcode, one.capture_id) for one in placed for view in one.views), splits)
    if prints is not None:
        owned = [(one.capture_id, print_) for one in placed for print_ in prints.get(one.capture_id, ())]
        found += _shared("file", ((print_.digest, unit) for unit, print_ in owned), splits)
        found += _near(owned, splits)
    found += _backwards(placed, splits, in_time)
    return found


def _shared(kind: Kind, of: Iterable[tuple[str, str]], splits: Mapping[str, str]) -> Iterator[Leak]:
    units: dict[str, set[str]] = {}
    for value, unit in of:
        if value:
            units.setdefault(value, set()).add(unit)
    for value, own in units.items():
        if len(where := {splits[unit] for unit in own}) > 1:
            yield _leak(kind, where, own, f"the {kind} `{value[:40]}` is in {_and(where)}")


def _near(owned: Sequence[tuple[str, Print]], splits: Mapping[str, str]) -> Iterator[Leak]:
    seen: set[tuple[str, str]] = set()
    for first, second in near_copies([print_ for _, print_ in owned]):
        (unit, print_), (other, another) = owned[first], owned[second]
        pair = (min(unit, other), max(unit, other))
        if splits[unit] != splits[other] and print_.digest != another.digest and pair not in seen:
            seen.add(pair)
            where = {splits[unit], splits[other]}
            yield _leak("near-copy", where, pair, f"pictures of `{pair[0][:40]}` and `{pair[1][:40]}` show the same")


def _backwards(placed: Sequence[Capture], splits: Mapping[str, str], in_time: Sequence[str]) -> Iterator[Leak]:
    for n, earlier in enumerate(in_time):
        last = max((one.at for one in placed if splits[one.capture_id] == earlier and one.at is not None), default=None)
        for later in in_time[n + 1 :]:
            own = [
                one.capture_id
                for one in placed
                if last and splits[one.capture_id] == later and one.at is not None and one.at < last
            ]
            if own:
                why = f"{len(own)} units of `{later}` are from before the last of `{earlier}`"
                yield _leak("time", {earlier, later}, own, why)


def _leak(kind: Kind, where: Iterable[str], units: Iterable[str], why: str) -> Leak:
    return Leak(kind=kind, splits=tuple(sorted(where)), units=tuple(sorted(units)), why=why)


def _and(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))
