"""Which product a unit is, by how all its views look together, among those that have references.

A unit lies as it was put down, and references as they lay: so each is looked at in all four turns, and the turn in which it is most
like a product counts. With a reader, the words on it decide among the products that it looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.identify import Candidate, Identifier, identifier
from probatum.inspection.semantics.looked import Looked, View, look
from probatum.inspection.semantics.looks import CHANNELS, Looks, looks_of
from probatum.inspection.semantics.reading import Reading, Written
from probatum.inspection.semantics.references import References

TURNS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A unit, as it is told which product it is.

    Attributes
    ----------
    turns : tuple of Looks
        How it looks in each of four turns; nothing if no view shows an item.
    words : frozenset of str
        On it, as they were read; empty without a reader.
    """

    turns: tuple[Looks, ...]
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """Products, each by its references.

    Attributes
    ----------
    known : Identifier
    """

    known: Identifier

    def best(self, unit: Seen) -> Candidate | None:
        """Return the likeliest product of a unit, in whichever turn; None if it was seen in none.

        Raises
        ------
        Unread
            If words on references are needed, and the reader fails.
        """
        read = (unit.words,) if unit.words else ()
        found = [self.known.candidates(looks, read=read)[0][0] for looks in unit.turns]
        return max(found, key=lambda one: one.score, default=None)


def identity(references: References, reading: Reading | None = None, *, without: frozenset[str] = frozenset()) -> Identity | None:
    """Learn products from their references; None if fewer than two have any.

    Parameters
    ----------
    references : References
    reading : Reading, optional
        Reads the words on them.
    without : frozenset of str
        Products that are left out, to see what strangers look like.
    """
    import numpy as np

    rows: list[Looks] = []
    products: list[str] = []
    for product in references.products:
        if product in without:
            continue
        units: dict[str, list[Looked]] = {}
        for kept in references.ever(product):
            units.setdefault(kept.capture_id, []).append(kept.looked)
        rows += [together(views) for views in units.values()]
        products += [product] * len(units)
    if len(set(products)) < 2:
        return None
    joined = {name: np.concatenate([row.channel(name) for row in rows]) for name in CHANNELS}
    words = None if reading is None else Written(reading)
    return Identity(identifier(Looks(**joined, backbone=rows[0].backbone), products, words=words))


def seen(backbone: Backbone, views: Sequence[View], reading: Reading | None = None) -> Seen:
    """Look at a unit, and read it.

    Raises
    ------
    Unread
        If the reader fails.
    """
    looked = [(view, look(backbone, view.rgb, mm=view.mm, mask=view.mask)) for view in views]
    usable = [(view, one) for view, one in looked if not isinstance(one, Unusable)]
    if not usable:
        return Seen(())
    return Seen(_turned(backbone, [one for _, one in usable]), frozenset() if reading is None else reading.words(usable))


def _turned(backbone: Backbone, usable: Sequence[Looked]) -> tuple[Looks, ...]:
    import numpy as np

    found = [together(usable)]
    for turn in range(1, TURNS):
        cutouts = [
            replace(one.cutout, rgb=np.ascontiguousarray(np.rot90(one.cutout.rgb, turn)), item=np.rot90(one.cutout.item, turn))
            for one in usable
        ]
        features = backbone.features([cutout.rgb for cutout in cutouts])
        found.append(
            together(
                [
                    Looked(
                        cutout,
                        features.stride8[at],
                        features.stride16[at],
                        features.stride32[at],
                        features.embedding[at],
                        backbone.digest,
                    )
                    for at, cutout in enumerate(cutouts)
                ]
            )
        )
    return tuple(found)


def together(views: Sequence[Looked]) -> Looks:
    """Return how a unit looks: the mean over its views of each channel, of length one before."""
    import numpy as np

    own = looks_of(views)
    means = {}
    for name in CHANNELS:
        values = own.channel(name)
        lengths = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
        means[name] = (values / lengths).mean(axis=0, keepdims=True).astype(np.float32)
    return Looks(**means, backbone=own.backbone)
