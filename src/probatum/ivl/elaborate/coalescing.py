"""Blocks that only one other leads to, and that one nowhere else, become the end of that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probatum.ivl.blocks import Block
from probatum.ivl.syntax import tree


def coalesced(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that the first one reaches; what follows only one block, which nothing else follows, becomes its end."""
    by_name = {block.name: block for block in blocks}
    met: set[str] = set()
    shared: set[str] = set()
    stack = [blocks[0].name]
    while stack:
        name = stack.pop()
        if name in met:
            shared.add(name)
            continue
        met.add(name)
        stack.extend(by_name[name].successors)
    following = {
        name: by_name[name].successors[0]
        for name in met
        if len(by_name[name].successors) == 1 and by_name[name].successors[0] not in shared
    }
    merged = set(following.values())
    result: list[Block] = []
    renamed: dict[str, str] = {}
    for block in blocks:
        if block.name not in met or block.name in merged:
            continue
        parts = [block]
        while (name := parts[-1].name) in following:
            parts.append(by_name[following[name]])
        last = parts[-1]
        # A block that stands nowhere in the source is known by the first one in it that does.
        shown = next((one for one in parts if one.position is not tree.NOWHERE), block)
        renamed[block.name] = shown.name
        result.append(
            replace(
                block,
                name=shown.name,
                position=shown.position,
                commands=[command for one in parts for command in one.commands],
                successors=list(dict.fromkeys(last.successors)),
                end=last.end,
                attributes=last.attributes,
            )
        )
    for block in result:
        block.successors = [renamed[name] for name in block.successors]
    return result
