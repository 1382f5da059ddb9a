"""Make a bank of pristine patches: those kept that leave no other far away, found in a random projection.

The one kept next is always the one that is farthest from all kept so far, which is at most twice as far from every patch as the best
choice would be [1]_. Distances of many hundred channels are told nearly as well by a few dozen random sums of them [2]_, which is
where the time goes.

References
----------
.. [1] Gonzalez. "Clustering to minimize the maximum intercluster distance." Theoretical Computer Science 38 (1985).
.. [2] Johnson, Lindenstrauss. "Extensions of Lipschitz mappings into a Hilbert space." Contemporary Mathematics 26 (1984).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.inspection.semantics.bank import Bank, Level, Unusual, distances, height, judged
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.surface import Sizes

SIZE = 2000  # patches of a level
_SUMS = 32
_LEAST = 8  # pictures: fewer say nothing of how pristine ones vary
_FLOOR = 0.02  # of a spread: pictures that are all the same vary in what is not seen yet


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A bank, and what it says of the pictures it was made of.

    Attributes
    ----------
    bank : Bank
    pristine : tuple of Unusual
        Of each picture, compared with the patches of all others: as it would look, were it new. What is trained beside the bank is
        to be trained with these, for compared with its own patches no picture is unusual.
    """

    bank: Bank
    pristine: tuple[Unusual, ...]


def bank(
    pictures: Sequence[Sequence[NDArray[np.float32]]],
    *,
    backbone: str,
    seed: int,
    size: int = SIZE,
    sizes: Sizes | None = None,
    items: Sequence[Sequence[NDArray[np.bool_] | None]] = (),
) -> Made:
    """Make a bank of what pristine pictures look like.

    Parameters
    ----------
    pictures : sequence of sequences of arrays of shape (rows, columns, c), float32
        Of each picture, one look of each level. 8 or more. Pictures of one unit are not new to each other: better take one of each.
    backbone : str
        Digest of the network.
    seed : int
        Of the random projection.
    size : int
        Patches that are kept of each level, at most.
    sizes : Sizes or None
        How the pictures were looked at, if they are of surfaces.
    items : sequence of sequences of arrays of shape (rows, columns), bool, or None
        Of each picture and level, which places are the item: only those are kept, and only those are scored. All, if left out.

    Raises
    ------
    ValueError
        If there are too few pictures, not all have as many looks, or one shows no item.

    Notes
    -----
    O(n size) of a level with n patches.
    """
    import numpy as np

    if len(pictures) < _LEAST:
        raise ValueError(f"{len(pictures)} pristine pictures are too few for a bank; {_LEAST} or more are needed")
    if len({len(looks) for looks in pictures}) != 1 or not pictures[0]:
        raise ValueError("pictures of a bank are looked at in the same sizes, one or more")
    shown = items or [[None] * len(pictures[0])] * len(pictures)
    levels, apart = [], []
    for at in range(len(pictures[0])):
        looks, masks = [looks[at] for looks in pictures], [masks[at] for masks in shown]
        patches, found = _kept(looks, masks, seed, size)
        highest = [
            float((height(places) if mask is None else height(places)[mask]).max())
            for places, mask in zip(found, masks, strict=True)
        ]
        levels.append(Level(patches, float(np.mean(highest)), max(float(np.std(highest)), _FLOOR)))
        apart.append(found)
    scales = [(level.centre, level.spread) for level in levels]
    told = [judged(found, scales, masks) for found, masks in zip(zip(*apart, strict=True), shown, strict=True)]
    return Made(Bank(tuple(levels), backbone, len(pictures), sizes), tuple(one for one in told if one is not None))


def _kept(
    looks: Sequence[NDArray[np.float32]], items: Sequence[NDArray[np.bool_] | None], seed: int, size: int
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return patches that are kept, and how far places of each picture are from those of the others."""
    import numpy as np

    parts = [look.reshape(-1, look.shape[-1]) if item is None else look[item] for look, item in zip(looks, items, strict=True)]
    if min(map(len, parts)) == 0:
        raise ValueError("a picture of a bank shows no item")
    vectors, source = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    chosen = spread_out(vectors, size, seed=seed)
    patches, source = np.ascontiguousarray(vectors[chosen]), source[chosen]
    return patches, [distances(patches, look, without=source == at) for at, look in enumerate(looks)]


def spread_out(vectors: NDArray[np.float32], size: int, *, seed: int) -> NDArray[np.intp]:
    """Choose vectors such that none of all is far from the nearest chosen one; in the order they are chosen, all if they are no more."""
    import numpy as np

    if len(vectors) <= size:
        return np.arange(len(vectors))
    random = np.random.default_rng(seed)
    sums = random.normal(size=(vectors.shape[1], min(_SUMS, vectors.shape[1]))).astype(np.float32)
    seen = np.ascontiguousarray(vectors @ sums)
    length = np.einsum("nc,nc->n", seen, seen)
    apart = np.full(len(seen), np.inf, dtype=np.float32)
    chosen = np.empty(size, dtype=np.intp)
    at = int(random.integers(len(seen)))
    for nth in range(size):
        chosen[nth] = at
        np.minimum(apart, length + length[at] - 2 * (seen @ seen[at]), out=apart)
        apart[at] = -np.inf
        at = int(apart.argmax())
    return chosen
