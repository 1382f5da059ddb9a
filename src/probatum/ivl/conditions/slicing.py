"""Which blocks an assertion depends on: those on a path to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from probatum.ivl.conditions import graph
from probatum.ivl.conditions.passive import Passive


@dataclass(slots=True)
class Paths:
    """Paths through the blocks of a passive body; sets of blocks are integers with a bit for each."""

    passive: Passive
    _reaching: list[int] = field(default_factory=list)
    _certain: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        blocks = self.passive.blocks
        for number, block in enumerate(blocks):
            reaching = 1 << number
            for one in block.before:
                reaching |= self._reaching[one]
            self._reaching.append(reaching)
        nearest = graph.dominators([b.after for b in blocks], [b.before for b in blocks])
        for number, one in enumerate(nearest):
            self._certain.append(1 << number | (self._certain[one] if one != number else 0))

    def slice(self, target: int) -> Slice:
        """Return what lies on paths from the entry to a block."""
        return Slice(target, self._reaching[target], self._certain[target])


@dataclass(frozen=True, slots=True)
class Slice:
    """Blocks on a path to `target` (it too), and those of them that are on every such path."""

    target: int
    inside: int
    certain: int

    def __iter__(self) -> Iterator[int]:
        left = self.inside
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest
