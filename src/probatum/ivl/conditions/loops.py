"""Loops cut by their invariants: a body in, one without cycles out.

The assertions at the start of a loop's first block are its invariants. Each edge
into that block proves them, each edge back to it ends there, and the block itself
begins with any values of what the loop assigns that satisfy them.

Control flow that enters a cycle at two places has no such block. As Boogie does,
the part behind one of the entries is duplicated until only one is left; what is
duplicated is what dominates no assertion at its start, if there is a choice.
"""

from __future__ import annotations

from dataclasses import replace

from probatum.ivl.blocks import Block, Body, Check, Claim, Command, Forget, Know, Set
from probatum.ivl.conditions import graph
from probatum.ivl.syntax.tree import NOWHERE
from probatum.ivl.terms import Term, is_literal
from probatum.ivl.unsupported import Unsupported

# Duplicating can double the blocks again and again; beyond this nobody waits for the proof.
MOST_BLOCKS = 20_000


def cut(body: Body) -> Body:
    """Return the body without unreachable blocks and without cycles.

    Calls must be gone. What was a loop has a `Forget` at its start, and the
    `where` conditions of the variables in it follow when the `Forget` is made passive.

    Raises
    ------
    Unsupported
        If control flow is so entangled that more than `MOST_BLOCKS` blocks would be needed.
    """
    flow = _Flow(body)
    flow.prune()
    while cycle := flow.analyse():
        flow.split(cycle, body)
    if flow.loops:
        flow.cut()
    return body.with_blocks(flow.finished())


class _Flow:
    """Blocks by number, with their own copies of commands and edges."""

    def __init__(self, body: Body) -> None:
        numbers = {block.name: number for number, block in enumerate(body.blocks)}
        self.blocks = list(body.blocks)
        self.commands: list[list[Command]] = [list(block.commands) for block in body.blocks]
        self.after = [list(dict.fromkeys(numbers[name] for name in block.successors)) for block in body.blocks]
        self.copies: dict[str, int] = {}
        if any(0 in following for following in self.after):
            # The entry of the body is an edge into its first loop, and proves its invariants.
            self.blocks.insert(0, Block("0", [], []))
            self.commands.insert(0, [])
            self.after = [[1], *([one + 1 for one in following] for following in self.after)]
        self.loops: dict[int, set[int]] = {}  # by header: blocks from which an edge leads back

    def prune(self) -> None:
        """Take out what no path reaches; nothing follows `assume false` and `assert false`."""
        for number, commands in enumerate(self.commands):
            if any(isinstance(c, Check | Know) and is_literal(c.term, "false") for c in commands):
                self.after[number] = []
        self.keep(sorted(graph.postorder(self.after)))

    def keep(self, kept: list[int]) -> None:
        if len(kept) == len(self.blocks):
            return
        numbers = {old: new for new, old in enumerate(kept)}
        self.blocks = [self.blocks[old] for old in kept]
        self.commands = [self.commands[old] for old in kept]
        self.after = [[numbers[one] for one in self.after[old]] for old in kept]

    def analyse(self) -> list[int]:
        """Find the loops; return a cycle that is none of them if there is one."""
        self.before = graph.predecessors(self.after)
        self.nearest = graph.dominators(self.after, self.before)
        self.intervals = graph.dominated(self.nearest)
        self.loops = {}
        forward: list[list[int]] = []
        for number, following in enumerate(self.after):
            forward.append([])
            for one in following:
                if graph.dominates(one, number, self.intervals):
                    self.loops.setdefault(one, set()).add(number)
                else:
                    forward[-1].append(one)
        return graph.a_cycle(forward)

    def split(self, cycle: list[int], body: Body) -> None:
        """Give each edge that enters a block of the cycle from outside its own copy of all that this block dominates."""
        joins = [number for number in cycle if len(self.before[number]) > 1]
        plain = [number for number in joins if not (self.commands[number] and isinstance(self.commands[number][0], Check))]
        chosen = (plain or joins)[0]
        region = [number for number in range(len(self.blocks)) if graph.dominates(chosen, number, self.intervals)]
        for entering in self.before[chosen]:
            if graph.dominates(chosen, entering, self.intervals):
                continue
            if len(self.blocks) + len(region) > MOST_BLOCKS:
                raise Unsupported("control flow that enters its loops at many places", body.position)
            copies = {old: len(self.blocks) + place for place, old in enumerate(region)}
            for old in region:
                self.blocks.append(self.duplicate(self.blocks[old]))
                self.commands.append(list(self.commands[old]))
                self.after.append([copies.get(one, one) for one in self.after[old]])
            targets = self.after[entering]
            self.after[entering] = [*(one for one in targets if one != chosen), copies[chosen]]
        self.prune()

    def duplicate(self, block: Block) -> Block:
        origin = block.name
        self.copies[origin] = self.copies.get(origin, 0) + 1
        # Traces do not show it, as they would show the same place twice. No label of a source has an `@` in it.
        return replace(block, name=f"{origin}@{self.copies[origin]}", position=NOWHERE, end=NOWHERE)

    def cut(self) -> None:
        invariants = {header: self.leading(header) for header in self.loops}
        changed = {header: self.assigned(header) for header in self.loops}
        for header, back in self.loops.items():
            for edge in list(self.before[header]):
                self.claim(edge, header, invariants[header], again=edge in back)
        for header in self.loops:
            known: list[Command] = [
                Know(c.term, c.label.position, c.attributes) if isinstance(c, Check) else c for c in invariants[header]
            ]
            rest = self.commands[header][len(known) :]
            self.commands[header] = [Forget(changed[header], self.blocks[header].position), *known, *rest]

    def leading(self, header: int) -> list[Check | Know]:
        """Return the invariants: what is asserted or assumed before anything else, except preconditions of a call."""
        found: list[Check | Know] = []
        for command in self.commands[header]:
            if not isinstance(command, Check | Know) or (isinstance(command, Check) and command.label.claim is not Claim.ASSERT):
                break
            found.append(command)
        return found

    def claim(self, edge: int, header: int, invariants: list[Check | Know], *, again: bool) -> None:
        """Assert the invariants on one edge into the header, and end there if the edge goes back."""
        claim = Claim.MAINTAINED if again else Claim.ENTRY
        checks: list[Command] = [
            Check(c.term, replace(c.label, claim=claim), c.attributes, c.known_afterwards)
            for c in invariants
            if isinstance(c, Check)
        ]
        if len(self.after[edge]) == 1:
            self.commands[edge] += checks
            if again:
                self.after[edge] = []
        elif checks or again:
            between = len(self.blocks)
            name = f"{self.blocks[edge].name}_@2_{self.blocks[header].name}"
            self.blocks.append(Block(name, [], [], NOWHERE, self.blocks[edge].end))
            self.commands.append(checks)
            self.after.append([] if again else [header])
            self.after[edge] = [between if one == header else one for one in self.after[edge]]

    def assigned(self, header: int) -> tuple[Term, ...]:
        """Return what the loop may change, in the order of the text."""
        inside = {header}
        waiting = [number for number in self.loops[header] if number != header]
        while waiting:
            number = waiting.pop()
            if number not in inside:
                inside.add(number)
                waiting.extend(self.before[number])
        found: dict[Term, None] = {}
        for number in sorted(inside):
            for command in self.commands[number]:
                if isinstance(command, Set | Forget):
                    found.update(dict.fromkeys(command.variables))
        return tuple(found)

    def finished(self) -> list[Block]:
        names = [block.name for block in self.blocks]
        return [
            replace(block, commands=self.commands[number], successors=[names[one] for one in self.after[number]])
            for number, block in enumerate(self.blocks)
        ]
