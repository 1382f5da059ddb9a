"""Loops unrolled a number of times, so that nothing needs an invariant and only short paths are seen.

Copies of a block are named `name#n`, where `n` counts down to 0. The copy of a
loop's first block with the number 0 is where a path ends that goes round too
often: what stands there of invariants holds, and then nothing more is known, or,
if unrolling must be sound, an assertion fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probatum.ivl.blocks import Block, Body, Check, Claim, Command, Know, Label
from probatum.ivl.terms import Bank, is_literal
from probatum.ivl.unsupported import Unsupported

# Nested loops multiply; beyond this nobody waits for the proof.
MOST_BLOCKS = 50_000


def unroll(body: Body, bank: Bank, times: int, *, sound: bool) -> Body:
    """Return the body without cycles, each loop gone through at most `times` times.

    Parameters
    ----------
    body : Body
    bank : Bank
    times : int
        At least 0.
    sound : bool
        Whether a path that needs more fails an assertion; otherwise it is left out.

    Raises
    ------
    Unsupported
        If there would be more than `MOST_BLOCKS` blocks.
    """
    if body.unsupported:
        return body
    return body.with_blocks(_Unrolling(body.blocks, bank, times, sound=sound).run())


class _Unrolling:
    """Blocks by number: edges forward and back as a walk from the entry meets them."""

    def __init__(self, blocks: Sequence[Block], bank: Bank, times: int, *, sound: bool) -> None:
        numbers = {block.name: number for number, block in enumerate(blocks)}
        self._blocks = blocks
        self._bank = bank
        self._times = times
        self._sound = sound
        self._edges = [[] if _ends(block.commands) else [numbers[name] for name in block.successors] for block in blocks]
        self._forward: list[list[int]] = [[] for _ in blocks]
        self._back: list[list[int]] = [[] for _ in blocks]
        self._cut_points: set[int] = set()

    def run(self) -> list[Block]:
        self._find_back_edges()
        component = _components(self._edges)
        done: dict[tuple[int, int], None] = {}
        seen = {(0, self._times)}
        stack = [((0, self._times), iter(self._after((0, self._times), component)))]
        while stack:
            one, rest = stack[-1]
            following = next((f for f in rest if f not in seen), None)
            if following is None:
                done[one] = None
                stack.pop()
                continue
            seen.add(following)
            if len(seen) > MOST_BLOCKS:
                raise Unsupported(f"unrolling that makes more than {MOST_BLOCKS} blocks", self._blocks[0].position)
            stack.append((following, iter(self._after(following, component))))
        return [self._copy(one, component) for one in reversed(done)]

    def _find_back_edges(self) -> None:
        open_ = {0}
        seen = {0}
        stack = [(0, iter(self._edges[0]))]
        while stack:
            block, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                open_.discard(block)
                stack.pop()
            elif following in open_:
                self._cut_points.add(following)
                self._back[block].append(following)
            else:
                self._forward[block].append(following)
                if following not in seen:
                    seen.add(following)
                    open_.add(following)
                    stack.append((following, iter(self._edges[following])))

    def _after(self, one: tuple[int, int], component: Sequence[int]) -> list[tuple[int, int]]:
        """Return the copies that follow a copy: out of a loop, the number is full again."""
        block, left = one
        if left == 0 and block in self._cut_points:
            return []
        forward = [(to, left if component[to] == component[block] else self._times) for to in self._forward[block]]
        return [*forward, *((to, left - 1) for to in self._back[block])]

    def _copy(self, one: tuple[int, int], component: Sequence[int]) -> Block:
        number, left = one
        block = self._blocks[number]
        after = [f"{self._blocks[to].name}#{count}" for to, count in self._after(one, component)]
        commands = _until_false(block.commands)
        if left == 0 and number in self._cut_points:
            commands = _leading(commands)
            false = self._bank.boolean(False)
            commands.append(Check(false, Label(Claim.ASSERT, block.position)) if self._sound else Know(false, block.position))
        return replace(block, name=f"{block.name}#{left}", commands=commands, successors=after, header=False)


def _leading(commands: list[Command]) -> list[Command]:
    """Return the assertions and assumptions at the start: of a loop, its invariants."""
    kept: list[Command] = []
    for command in commands:
        if not isinstance(command, Check | Know):
            break
        kept.append(command)
    return kept


def _until_false(commands: Sequence[Command]) -> list[Command]:
    """Return the commands that can be reached: nothing follows `assume false` and `assert false`."""
    for place, command in enumerate(commands):
        if isinstance(command, Check | Know) and is_literal(command.term, "false"):
            return list(commands[: place + 1])
    return list(commands)


def _ends(commands: Sequence[Command]) -> bool:
    return any(isinstance(c, Check | Know) and is_literal(c.term, "false") for c in commands)


def _components(edges: Sequence[Sequence[int]]) -> list[int]:
    """Return the strongly connected component of each block that the first one reaches, as a number; -1 for others."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    found = [-1] * len(edges)
    count = 0
    open_: list[int] = []
    stack = [(0, 0)]
    while stack:
        block, place = stack.pop()
        if place == 0:
            index[block] = low[block] = len(index)
            open_.append(block)
        else:
            low[block] = min(low[block], low[edges[block][place - 1]])
        while place < len(edges[block]):
            to = edges[block][place]
            place += 1
            if to not in index:
                stack.append((block, place))
                stack.append((to, 0))
                break
            if found[to] < 0:
                low[block] = min(low[block], index[to])
        else:
            if low[block] == index[block]:
                member = -1
                while member != block:
                    member = open_.pop()
                    found[member] = count
                count += 1
    return found
