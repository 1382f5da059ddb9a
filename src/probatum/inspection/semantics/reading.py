"""The words on items: cut out of their pictures, upright, at the size they were taken in, and read.

References are read when a unit may be their product, and not before: to read takes ten times as long as to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.errors import ProbatumError
from probatum.infer.vision.written_kept import Reader
from probatum.inspection.semantics.looked import SIDE, Looked, View
from probatum.inspection.semantics.references import References

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READ = 6  # references of a product that are read at most
_LARGEST = 4.0  # times the side of a cutout, that an item is read at


class Unread(Exception):
    """The reader failed: what is written on something is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Reads items; what was read is remembered for as long as it lives.

    Parameters
    ----------
    reader : Reader
        Of units.
    references : References
    kept : Reader
        The same, of references: it may remember them from one run to the next.
    """

    reader: Reader
    references: References
    kept: Reader
    _written: dict[str, tuple[frozenset[str], ...]] = field(default_factory=dict, init=False)

    def words(self, seen: Sequence[tuple[View, Looked]]) -> frozenset[str]:
        """Return the words on an item, in all its views.

        Raises
        ------
        Unread
            If the reader fails.
        """
        return _words(self.reader, seen)

    def written(self, product: str) -> tuple[frozenset[str], ...]:
        """Return the words on each of some references of a product.

        Raises
        ------
        Unread
            If the reader fails.
        """
        if product not in self._written:
            units: dict[str, list[tuple[View, Looked]]] = {}
            for name, view, looked in self.references.shown(product, most=READ):
                units.setdefault(name, []).append((view, looked))
            self._written[product] = tuple(_words(self.kept, views) for views in units.values())
        return self._written[product]


@dataclass(frozen=True, slots=True, eq=False)
class Written(Mapping[str, Sequence[frozenset[str]]]):
    """The words on references by product, read when they are asked for."""

    reading: Reading

    def __getitem__(self, product: str) -> Sequence[frozenset[str]]:
        """Return the words on each reference; none of a product that has no references."""
        return self.reading.written(product)

    def __iter__(self) -> Iterator[str]:
        """Iterate over products."""
        return iter(self.reading.references.products)

    def __len__(self) -> int:
        """Return the number of products."""
        return len(self.reading.references.products)


def _words(reader: Reader, seen: Sequence[tuple[View, Looked]]) -> frozenset[str]:
    found: set[str] = set()
    for view, looked in seen:
        try:
            found.update(reader.words(upright(view.rgb, looked.cutout.matrix)))
        except ProbatumError:
            raise  # says itself what is wrong
        except Exception as problem:  # whoever provides a reader may fail in any way
            why = f"{type(problem).__name__}: {' '.join(str(problem).split())[:60]}"
            raise Unread(f"its words cannot be read ({why})") from problem
    return frozenset(found)


def upright(rgb: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return an item as its cutout shows it, with as many pixels as its picture has, up to four times as many on a side.

    Parameters
    ----------
    rgb : array of shape (h, w, 3), uint8
    matrix : array of shape (2, 3)
        From pixels of the picture (column, row) to those of the cutout.
    """
    import cv2
    import numpy as np

    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))  # pixels of the cutout for one of the picture
    times = min(_LARGEST, max(1.0, 1.0 / max(scale, 1e-6)))
    side, smaller, linear = round(SIDE * times), scale * times, matrix[:, :2] * times
    if smaller < 1:  # first by areas, or letters would be thinned out
        rgb = np.asarray(cv2.resize(rgb, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        linear = linear / smaller
    whole = np.hstack([linear, matrix[:, 2:] * times])
    found = cv2.warpAffine(rgb, whole, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.uint8)
