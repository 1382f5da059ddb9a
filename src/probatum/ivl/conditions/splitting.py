"""Attributes that divide the work of a body, or choose a part of it.

Boogie asks one question for a whole body and divides it where `{:split_here}`,
`{:focus}`, `{:isolate}` and `{:vcs_split_on_every_assert}` say so. Here every
claim is its own question from the start, about all paths to it, so there is
nothing left to divide and no claim that a division could lose. One thing still
depends on how Boogie divides: what `hide` and `reveal` say, which holds for all
claims of one question.
"""

from __future__ import annotations

from dataclasses import replace

from probatum.ivl.blocks import Block, Body, Check, Command, Know
from probatum.ivl.flags import on
from probatum.ivl.syntax.tree import attribute, flag

_DIVIDING = {"split_here", "focus", "isolate"}


def divides(body: Body) -> bool:
    """Whether the source asks for a question per claim, or for any other division."""
    if flag(body.attributes, "vcs_split_on_every_assert") or attribute(body.attributes, "isolate_assertions") is not None:
        return True
    return any(
        key in _DIVIDING
        for block in body.blocks
        for command in block.commands
        if isinstance(command, Check | Know)
        for key, _ in command.attributes
    )


def selected(body: Body) -> Body:
    """Return a body without loops in which only what follows `{:start_checking_here}` is claimed.

    So it is for bodies marked `{:selective_checking}`; what stands before such
    a point, or where no path leads to from one, is assumed instead.
    """
    if not flag(body.attributes, "selective_checking") and not flag(body.routine.attributes, "selective_checking"):
        return body
    blocks = {block.name: block for block in body.blocks}
    waiting = [one for block in body.blocks if any(map(_starts, block.commands)) for one in block.successors]
    behind: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in behind:
            behind.add(name)
            waiting.extend(blocks[name].successors)
    return body.with_blocks([one if one.name in behind else _assumed_before(one) for one in body.blocks])


def _starts(command: Command) -> bool:
    return isinstance(command, Check | Know) and on(command.attributes, "start_checking_here")


def _assumed_before(block: Block) -> Block:
    commands: list[Command] = []
    for place, command in enumerate(block.commands):
        if _starts(command):
            commands.extend(block.commands[place:])
            break
        if not isinstance(command, Check):
            commands.append(command)
        elif command.known_afterwards:
            commands.append(Know(command.term, command.label.position))
    return replace(block, commands=commands)
