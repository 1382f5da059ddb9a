"""Which product a unit is, by how all its views look together, among those that have references.

A unit lies as it was put down, and references as they lay: so each is looked at in all four turns, and the turn in which it is most
like a product counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.identify import Candidate, Identifier, identifier
from probatum.inspection.semantics.looked import Looked, View, look
from probatum.inspection.semantics.looks import CHANNELS, Looks, looks_of
from probatum.inspection.semantics.references import References

TURNS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """Products, each by its references.

    Attributes
    ----------
    known : Identifier
    """

    known: Identifier

    def best(self, turned: Sequence[Looks]) -> Candidate | None:
        """Return the likeliest product of a unit, in whichever turn; None if it was seen in none."""
        found = [self.known.candidates(looks)[0][0] for looks in turned]
        return max(found, key=lambda one: one.look, default=None)


def identity(references: References, *, without: frozenset[str] = frozenset()) -> Identity | None:
    """Learn products from their references; None if fewer than two have any.

    Parameters
    ----------
    references : References
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
    return Identity(identifier(Looks(**joined, backbone=rows[0].backbone), products))


def turned(backbone: Backbone, views: Sequence[View]) -> tuple[Looks, ...]:
    """Return how a unit looks in each of four turns; nothing if no view shows an item."""
    import numpy as np

    seen = [look(backbone, view.rgb, mm=view.mm, mask=view.mask) for view in views]
    usable = [one for one in seen if not isinstance(one, Unusable)]
    if not usable:
        return ()
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
