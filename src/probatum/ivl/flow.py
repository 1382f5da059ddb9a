"""Where the loops of a body are, roughly: enough for guesses, which need not be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.ivl.blocks import Block, Forget, Set
from probatum.ivl.conditions import graph
from probatum.ivl.terms import Term


@dataclass(frozen=True, slots=True)
class Flow:
    """Edges between the blocks of a body, by number.

    Attributes
    ----------
    after : edges
    order : dict of int to int
        Place of each block that is reachable: edges lead forward, except those that close a loop.
    heads : set of int
        Blocks that such an edge leads to.
    """

    after: Sequence[Sequence[int]]
    order: dict[int, int]
    heads: set[int]

    @staticmethod
    def of(blocks: Sequence[Block]) -> Flow:
        """Return the flow between blocks, of which the first is the entry."""
        numbers = {block.name: number for number, block in enumerate(blocks)}
        after = [[numbers[name] for name in block.successors] for block in blocks]
        order = {block: place for place, block in enumerate(reversed(graph.postorder(after)))}
        return Flow(after, order, {target for source in order for target in after[source] if order[target] <= order[source]})

    def loop(self, head: int) -> set[int]:
        """Return the blocks that lead back to a head, and it itself."""
        before = graph.predecessors(self.after)
        found = {head}
        stack = [block for block in before[head] if block in self.order and self.order[block] >= self.order[head]]
        while stack:
            block = stack.pop()
            if block not in found:
                found.add(block)
                stack.extend(one for one in before[block] if one in self.order)
        return found

    def assigned(self, blocks: Sequence[Block], head: int) -> set[Term]:
        """Return the variables that a loop assigns."""
        return {
            variable
            for block in self.loop(head)
            for command in blocks[block].commands
            if isinstance(command, Set | Forget)
            for variable in command.variables
        }
