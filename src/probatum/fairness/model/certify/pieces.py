"""What each tree adds to the first twin's score and to the second's, as boxes of variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.artefacts.models.model import Leaf, Node, Split, TreeSum
from probatum.fairness.model.certify.variables import Relation, Variables
from probatum.fairness.semantics.scoring import goes_left

_WORD = 64

Masks = dict[int, int]  # cells of a variable, as bits; a variable that is absent is free


class TooManyPieces(Exception):
    """A tree falls into more pieces than there is room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Pieces of all trees, a tree's next to each other.

    Attributes
    ----------
    tree : array of shape (n,)
        Whose piece it is.
    first, second, gap : arrays of shape (n,)
        What the tree adds to the first twin's sum, to the second's, and the first less the second. Where only gaps were
        asked for, the others are 0.
    cells : list of arrays of shape (n, words), uint64
        For each variable, the cells on which the piece lies, as bits.
    """

    tree: NDArray[np.int64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    gap: NDArray[np.float64]
    cells: list[NDArray[np.uint64]]


def pieces_of(model: TreeSum, variables: Variables, *, gaps_only: bool, most: int = 2_000_000) -> Pieces:
    """Cut all trees into pieces.

    Parameters
    ----------
    gaps_only : bool
        Leave out trees that add the same to both twins, and take what adds the same together.
    most : int
        Pieces for which there is room.

    Raises
    ------
    TooManyPieces
    """
    cutter = _Cutter(model, variables, gaps_only=gaps_only)
    rows: list[tuple[int, Masks, float, float]] = []
    for number, tree in enumerate(model.trees):
        if gaps_only and not cutter.differs(tree):
            continue
        for masks, first, second in cutter.pairs(tree, tree, {}):
            rows.append((number, masks, first, second))
            if len(rows) > most:
                raise TooManyPieces
    cells = []
    for v, variable in enumerate(variables.all):
        words = -(-len(variable.cells) // _WORD)
        own = [words_of(row[1].get(v, variable.full), words) for row in rows]
        cells.append(np.array(own, dtype=np.uint64).reshape(len(rows), words))
    added, added_too = (np.array([row[k] for row in rows], dtype=np.float64) for k in (2, 3))
    return Pieces(
        tree=np.array([row[0] for row in rows], dtype=np.int64), first=added, second=added_too, gap=added - added_too, cells=cells
    )


def words_of(mask: int, words: int) -> list[int]:
    """Return bits as words of 64."""
    return [mask >> _WORD * n & (1 << _WORD) - 1 for n in range(words)]


class _Cutter:
    def __init__(self, model: TreeSum, variables: Variables, *, gaps_only: bool) -> None:
        self._model = model
        self._variables = variables
        self._gaps_only = gaps_only
        self._left: dict[tuple[Any, ...], int] = {}
        self._differing: dict[int, bool] = {}
        self._partner: dict[int, Relation] = {}
        for relation in variables.relations:
            self._partner[relation.first] = self._partner[relation.second] = relation
        self._own = {f for f in variables.of_first if variables.of_first[f] != variables.of_second[f]}

    def differs(self, node: Node) -> bool:
        """Whether twins can part in a tree."""
        if isinstance(node, Leaf):
            return False
        known = self._differing.get(id(node))
        if known is None:
            known = node.feature in self._own or self.differs(node.left) or self.differs(node.right)
            self._differing[id(node)] = known
        return known

    def left(self, split: Split, variable: int) -> int:
        """Return the cells of a variable that go left."""
        key = (variable, split.feature, split.threshold, split.strict, split.categories, split.missing, split.missing_left)
        mask = self._left.get(key)
        if mask is None:
            own = self._variables.all[variable]
            mask = 0
            for n, cell in enumerate(own.cells):
                if goes_left(split, own.value(split.feature, cell), self._model.rounding):
                    mask |= 1 << n
            self._left[key] = mask
        return mask

    def pairs(self, first: Node, second: Node, masks: Masks) -> Iterator[tuple[Masks, float, float]]:
        """Every pair of leaves that twins can reach together, and where."""
        if first is second and self._gaps_only and not self.differs(first):
            yield masks, 0.0, 0.0
        elif isinstance(first, Split):
            variable = self._variables.of_first[first.feature]
            together = first is second and self._variables.of_second[first.feature] == variable
            for child, narrowed in self._sides(first, variable, masks):
                yield from self.pairs(child, child if together else second, narrowed)
        elif isinstance(second, Split):
            for child, narrowed in self._sides(second, self._variables.of_second[second.feature], masks):
                yield from self.pairs(first, child, narrowed)
        else:
            yield masks, first.value, second.value

    def _sides(self, split: Split, variable: int, masks: Masks) -> Iterator[tuple[Node, Masks]]:
        full = self._variables.all[variable].full
        here = masks.get(variable, full)
        left = self.left(split, variable)
        for child, side in ((split.left, here & left), (split.right, here & ~left)):
            if side == here:
                yield child, masks
            elif side:
                narrowed = {**masks, variable: side}
                if variable not in self._partner or related(self._partner[variable], self._variables, narrowed):
                    yield child, narrowed


def related(relation: Relation, variables: Variables, masks: Mapping[int, int]) -> bool:
    """Whether two sets of cells hold values that twins can have together; ends of sets alone are looked at."""
    one, two = variables.all[relation.first], variables.all[relation.second]
    mine, theirs = masks.get(relation.first, one.full), masks.get(relation.second, two.full)
    low, high = one.cells[_lowest(mine)].low, one.cells[_highest(mine)].high
    least, most = two.cells[_lowest(theirs)].low, two.cells[_highest(theirs)].high
    return least - high <= relation.most and most - low >= relation.least


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _highest(mask: int) -> int:
    return mask.bit_length() - 1
