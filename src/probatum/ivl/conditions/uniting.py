"""All candidates of a body in one claim, whose counterexample shows one of them to fail.

Inference asks about many candidates again and again. One question about all of
them finds one that fails, or that none does, for the price of a question.
"""

from __future__ import annotations

from dataclasses import replace

from probatum.ivl.blocks import Claim, Label
from probatum.ivl.conditions.passive import Claimed, Fact, Item, Passive, PassiveBlock
from probatum.ivl.syntax.tree import NOWHERE
from probatum.ivl.terms import Bank, is_literal


def united(passive: Passive, bank: Bank) -> Passive:
    """Return a body with one claim, which holds if all its claims that stand for candidates do.

    Each of these becomes two ways on: to the next item if it holds, and otherwise
    through a block that is named for the candidate to one where `false` is
    claimed. What else is claimed is assumed where it would be known. No claim
    stands for a candidate: then there is none at all.

    Parameters
    ----------
    passive : Passive
    bank : Bank
    """
    made: list[PassiveBlock] = []
    starts: list[int] = []  # of what the old blocks became
    open_: list[PassiveBlock] = []  # the ends of these
    wrong: list[PassiveBlock] = []
    for block in passive.blocks:
        starts.append(len(made))
        now = _like(block)
        made.append(now)
        for item in block.items:
            if not isinstance(item, Claimed):
                now.items.append(item)
                continue
            candidate = item.label.candidate
            if candidate and not is_literal(item.term, "true"):
                fails = PassiveBlock(candidate, item.label.position, NOWHERE, items=[Fact(bank.negation(item.term))])
                fails.before = [len(made) - 1]
                made.append(fails)
                wrong.append(fails)
                rest = PassiveBlock("", NOWHERE, NOWHERE)
                rest.before = fails.before.copy()
                made.append(rest)
                now.after = [len(made) - 2, len(made) - 1]
                now = rest
            if item.known:
                now.items.append(Fact(item.term))
        open_.append(now)
    ends = {id(block): number for number, block in enumerate(made)}
    for old, block in enumerate(passive.blocks):
        open_[old].after = [starts[one] for one in block.after]
        made[starts[old]].before = [ends[id(open_[one])] for one in block.before]
    if wrong:
        claim: Item = Claimed(bank.boolean(False), Label(Claim.ASSERT, NOWHERE), known=False, attributes=())
        last = PassiveBlock("", NOWHERE, NOWHERE, items=[claim], before=[ends[id(one)] for one in wrong])
        for one in wrong:
            one.after = [len(made)]
        made.append(last)
    return replace(passive, blocks=made)


def _like(block: PassiveBlock) -> PassiveBlock:
    return PassiveBlock(block.name, NOWHERE, NOWHERE)
