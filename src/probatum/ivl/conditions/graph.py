"""Flow between blocks: what is reachable, what dominates what, where loops are.

Blocks are numbered in their order; number 0 is the entry.
"""

from __future__ import annotations

from collections.abc import Sequence

Edges = Sequence[Sequence[int]]


def postorder(successors: Edges) -> list[int]:
    """Return the blocks that the entry reaches, each after those it leads to, except along cycles."""
    order: list[int] = []
    seen = {0}
    stack = [(0, 0)]
    while stack:
        block, place = stack.pop()
        if place < len(successors[block]):
            stack.append((block, place + 1))
            if (following := successors[block][place]) not in seen:
                seen.add(following)
                stack.append((following, 0))
        else:
            order.append(block)
    return order


def predecessors(successors: Edges) -> list[list[int]]:
    """Return the edges turned around, in the order of the blocks that they come from."""
    before: list[list[int]] = [[] for _ in successors]
    for block, following in enumerate(successors):
        for one in following:
            before[one].append(block)
    return before


def dominators(successors: Edges, before: Edges) -> list[int]:
    """Return each block's nearest dominator: itself for the entry, -1 for what is not reachable."""
    order = postorder(successors)
    place = {block: position for position, block in enumerate(order)}
    nearest = [-1] * len(successors)
    nearest[0] = 0
    changed = True
    while changed:
        changed = False
        for block in reversed(order[:-1]):
            found = -1
            for one in before[block]:
                if nearest[one] < 0:
                    continue
                if found < 0:
                    found = one
                    continue
                other = one
                while found != other:
                    while place[found] < place[other]:
                        found = nearest[found]
                    while place[other] < place[found]:
                        other = nearest[other]
            if nearest[block] != found:
                nearest[block] = found
                changed = True
    return nearest


def dominated(nearest: Sequence[int]) -> list[tuple[int, int]]:
    """Return for each block an interval such that one dominates another if its interval contains the other's start."""
    children: list[list[int]] = [[] for _ in nearest]
    for block, one in enumerate(nearest):
        if one >= 0 and one != block:
            children[one].append(block)
    first, last = [-1] * len(nearest), [-1] * len(nearest)
    clock = 0
    stack = [(0, False)]
    while stack:
        block, done = stack.pop()
        if done:
            last[block] = clock
            continue
        first[block] = clock
        clock += 1
        stack.append((block, True))
        stack.extend((one, False) for one in reversed(children[block]))
    return list(zip(first, last, strict=True))


def dominates(one: int, other: int, intervals: Sequence[tuple[int, int]]) -> bool:
    """Whether every path to a reachable block goes through another."""
    return intervals[one][0] <= intervals[other][0] < intervals[one][1]


def a_cycle(successors: Edges) -> list[int]:
    """Return the blocks of one cycle, from where the search met it and then backwards; empty if there is none."""
    path: list[int] = [0]
    on_path, seen = {0}, {0}
    stack = [(0, 0)]
    while stack:
        block, place = stack.pop()
        if place == len(successors[block]):
            on_path.discard(block)
            path.pop()
            continue
        stack.append((block, place + 1))
        following = successors[block][place]
        if following in on_path:
            return [following, *reversed(path[path.index(following) + 1 :])]
        if following not in seen:
            seen.add(following)
            on_path.add(following)
            path.append(following)
            stack.append((following, 0))
    return []
