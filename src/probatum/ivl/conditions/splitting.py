"""Attributes that divide the work of a body: accepted, and of no effect on verdicts.

Boogie asks one question for a whole body and divides it where `{:split_here}`,
`{:focus}`, `{:isolate}` and `{:vcs_split_on_every_assert}` say so. Here every
claim is its own question from the start, about all paths to it, so there is
nothing left to divide and no claim that a division could lose. One thing still
depends on how Boogie divides: what `hide` and `reveal` say, which holds for all
claims of one question.
"""

from __future__ import annotations

from probatum.ivl.blocks import Body, Check, Know
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
