"""Code that no execution reaches: `false` can be proved at its end.

A verified body may be verified for the wrong reason: an assumption that nothing
satisfies. So, if asked for, every block must fail to prove `false` at its end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from probatum.ivl.blocks import Claim, Label
from probatum.ivl.conditions.passive import Claimed
from probatum.ivl.conditions.weakest import Condition, Conditions
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax.tree import NOWHERE


def ends(conditions: Conditions) -> Iterator[Condition]:
    """Yield the claim of `false` at the end of each block that the source has."""
    false = conditions.context.bank.boolean(False)
    for number, block in enumerate(conditions.passive.blocks):
        meant = any(isinstance(item, Claimed) and ("PossiblyUnreachable", "") in item.attributes for item in block.items)
        if block.position != NOWHERE and not meant:
            claim = Claimed(false, Label(Claim.ASSERT, block.position), False, ())
            yield Condition(conditions, number, len(block.items), claim)


def found(conditions: Conditions, dead: Collection[int]) -> Iterator[StaticError]:
    """Yield a warning for each block that is never reached to its end, unless one before it is none either."""
    blocks = conditions.passive.blocks
    unreachable = set(dead)
    silent: set[int] = set()
    for number, block in enumerate(blocks):
        before = block.before
        if before and all(one in unreachable or one in silent for one in before):
            silent.add(number)
        elif number in unreachable:
            where = f"`{block.name}` of `{conditions.body.name}`"
            yield StaticError(block.position, f"no execution reaches the end of block {where}", "smoke", "warning")
