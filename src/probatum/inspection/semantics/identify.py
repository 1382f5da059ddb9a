"""Which product is it? By how it looks, with its barcode and its words where they can be read; or none of those that are known.

A look is compared with each product along directions in which products differ (`projection`), in three channels of equal weight. For the
few that are nearest, it is also seen how much of their print lies as on a reference (`prints`). Whether the nearest product is believed is another question: `fit.acceptance` chooses from which score on, so that the share of strangers that are
taken for a known product is bounded, and so is the share of known ones that are taken for another.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.inspection.semantics.looks import CHANNELS, Looks
from probatum.inspection.semantics.prints import Prints, agreeing
from probatum.inspection.semantics.projection import SHRINK, Projection, discriminants, units
from probatum.inspection.semantics.search import EXACT, Search, search
from probatum.inspection.semantics.wording import Spoken, spoken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOLD = 5  # candidates that are told
_PRINT = 0.15  # what each factor of e in points of print that agree adds to a score
_WORDS = 0.2  # what each factor of e by which words are likelier on a product than on the other candidates adds to a score


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that it may be.

    Attributes
    ----------
    product : str
    score : float
        Mean of the channels, and what print and words add.
    channels : mapping of str to float
        Cosine with the product in each channel: why it is a candidate.
    agreeing : int
        Points of print that lie as on a reference; 0 where that was not looked at.
    words : tuple of str
        Of those that were read, which speak for it and not for the other candidates.
    """

    product: str
    score: float
    channels: Mapping[str, float]
    agreeing: int = 0
    words: tuple[str, ...] = ()

    @property
    def look(self) -> float:
        """Mean of the channels, from -1 to 1: what is believed or not. Print orders relatives, and is shared by strangers of a brand."""
        return sum(self.channels.values()) / len(self.channels)


@dataclass(frozen=True, slots=True)
class Known:
    """It is this product: `by` is `look`, or `look and barcode`."""

    product: str
    by: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """It is none that is known, or not surely enough: a person decides."""

    why: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """It looks like one product, and its barcode is that of another: the wrong product, or the wrong label."""

    looks_like: str
    barcode_says: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """Products, and the directions in which they differ; made by `identifier`.

    Attributes
    ----------
    products : tuple of str
    backbone : str
        Digest of what looked at the references.
    projections : mapping of str to Projection
        One for each channel.
    search : Search
        Of the means of products: channels one after the other, each of length one.
    means : array of shape (products, k), float32
    barcodes : mapping of str to str
        Product of each barcode.
    words : mapping of str to sequence of frozensets of str, or None
        The words on each of some references that show a product and nothing else; it may read them when it is asked. None without a reader.
    plates : mapping of str to sequence of Prints
        Of references that show a product and nothing else.
    """

    products: tuple[str, ...]
    backbone: str
    projections: Mapping[str, Projection]
    search: Search
    means: NDArray[np.float32]
    barcodes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[frozenset[str]]] | None = None
    plates: Mapping[str, Sequence[Prints]] = field(default_factory=dict)

    def candidates(
        self, seen: Looks, *, printed: Sequence[Prints] = (), read: Sequence[Collection[str]] = (), told: int = TOLD
    ) -> list[tuple[Candidate, ...]]:
        """Return the likeliest products of each picture, best first; equals in the order of `products`.

        Parameters
        ----------
        seen : Looks
        printed : sequence of Prints
            Of each picture; or none at all. They count where every candidate has a plate, for else the one without would lose.
        read : sequence of collections of str
            Words on each picture; or none at all. What speaks for a candidate, and not for the others, counts.
        told : int
            How many are told; print and words decide among these.

        Raises
        ------
        ValueError
            If another backbone looked.
        """
        import numpy as np

        if seen.backbone != self.backbone:
            raise ValueError("these looks are of another backbone than the references")
        parts = {name: self.projections[name].project(seen.channel(name)) for name in CHANNELS}
        joined = np.concatenate([parts[name] for name in CHANNELS], axis=1)
        blank = ~joined.any(axis=1)
        joined[blank, 0] = 1.0  # has no direction: whatever is nearest scores 0 below
        _, where = self.search.nearest(joined, told)
        joined[blank] = 0
        edges = np.cumsum([0, *(parts[name].shape[1] for name in CHANNELS)])
        answers = []
        for at, nearest in enumerate(where):
            near = [self.products[place] for place in nearest[nearest >= 0]]
            said = self._said(read[at], near) if read else {}
            compared = bool(printed) and all(self.plates.get(product) for product in near)
            found = []
            for product, place in zip(near, nearest, strict=False):
                both = joined[at] * self.means[place]
                channels = {name: float(both[edges[c] : edges[c + 1]].sum()) for c, name in enumerate(CHANNELS)}
                points = max(agreeing(printed[at], plate) for plate in self.plates[product]) if compared else 0
                score = sum(channels.values()) / len(channels) + _PRINT * math.log1p(points)
                words: tuple[str, ...] = ()
                if product in said:
                    score, words = score + _WORDS * said[product].score, said[product].words
                found.append(Candidate(product, score, channels, points, words))
            answers.append(tuple(sorted(found, key=lambda one: -one.score)))
        return answers

    def decide(
        self, candidates: Sequence[Candidate], accepted: float, *, barcodes: Sequence[str] = ()
    ) -> Known | Unknown | Contradiction:
        """Say which product it is, if that can be said.

        What bounds errors is for looks. A barcode never makes an unknown look known: it can only agree, or contradict.

        Parameters
        ----------
        candidates : sequence of Candidate
            Best first.
        accepted : float
            A look above it is believed: `Acceptance.threshold`.
        barcodes : sequence of str
            That were read on the unit, on all its views.
        """
        if not candidates:
            return Unknown("there is no reference of any product", ())
        told = tuple(candidates)
        said = {self.barcodes[code] for code in barcodes if code in self.barcodes}
        if len(said) > 1:
            return Unknown(f"its barcodes are of {len(said)} products", told)
        best = told[0]
        if best.look <= accepted:
            return Unknown(
                f"it is most like `{best.product}`, by {best.look:.3f}, and is believed above {accepted:.3f}",
                told,
            )
        if said and best.product not in said:
            return Contradiction(best.product, said.pop(), told)
        return Known(best.product, "look and barcode" if said else "look", told)

    def _said(self, read: Collection[str], near: Sequence[str]) -> dict[str, Spoken]:
        """For which candidates the words on a picture speak."""
        if self.words is None or not read:
            return {}
        return spoken(read, {product: self.words.get(product, ()) for product in near})


def identifier(
    references: Looks,
    products: Sequence[str],
    *,
    barcodes: Mapping[str, str] | None = None,
    words: Mapping[str, Sequence[frozenset[str]]] | None = None,
    plates: Mapping[str, Sequence[Prints]] | None = None,
    shrink: float = SHRINK,
    exact_up_to: int = EXACT,
) -> Identifier:
    """Learn products from references, in closed form.

    Parameters
    ----------
    references : Looks
        Of n pictures.
    products : sequence of n str
        What each shows; two different ones or more.

    Raises
    ------
    ValueError
        If there are fewer than two products, or not one for each reference.
    """
    import numpy as np

    if len(products) != len(references):
        raise ValueError(f"{len(products)} products are not one for each of {len(references)} references")
    names = tuple(sorted(set(products)))
    place = {name: at for at, name in enumerate(names)}
    product = np.array([place[name] for name in products], dtype=np.intp)
    projections = {name: discriminants(references.channel(name), product, shrink=shrink) for name in CHANNELS}
    means = np.concatenate([_means(projections[name], references.channel(name), product) for name in CHANNELS], axis=1)
    return Identifier(
        products=names,
        backbone=references.backbone,
        projections=projections,
        search=search(means, exact_up_to=exact_up_to),
        means=means,
        barcodes=barcodes or {},
        words=words,
        plates=plates or {},
    )


def _means(projection: Projection, vectors: NDArray[np.float32], product: NDArray[np.intp]) -> NDArray[np.float32]:
    """Where each product is, along the directions; of length one."""
    import numpy as np

    length = units(vectors)
    means = np.zeros((int(product.max()) + 1, vectors.shape[1]))
    np.add.at(means, product, length)
    means /= np.bincount(product)[:, None]
    return units((means.astype(np.float32) - projection.centre) @ projection.directions).astype(np.float32)
