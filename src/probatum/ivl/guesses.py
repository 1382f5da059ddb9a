"""Guess invariants of loops, and leave it to inference to keep those that are proved.

Nothing rests on a guess: it becomes a candidate like those that a user marks
`{:existential}`, and `houdini` drops whatever is not proved. `intervals` guesses
bounds of numbers, `templates` what invariants mostly look like.
"""

from __future__ import annotations

from dataclasses import replace

from probatum.ivl import intervals, templates
from probatum.ivl.blocks import Body, Check, Claim, Label
from probatum.ivl.flow import Flow
from probatum.ivl.options import Options
from probatum.ivl.terms import BOOL, Bank, Symbol, Term


def guessed(body: Body, bank: Bank, options: Options, number: int) -> tuple[Body, dict[str, Term]]:
    """Return the body with guesses as candidate invariants of its loops, and the candidates' constants by name.

    Calls must be gone. `number` tells bodies of one name apart.
    """
    flow = Flow.of(body.blocks)
    claims: dict[int, dict[Term, None]] = {head: {} for head in sorted(flow.heads)}
    if flow.heads and options.intervals:
        for head, found in intervals.bounds(body.blocks, flow, bank).items():
            claims[head] |= dict.fromkeys(found)
    if flow.heads and options.templates:
        for head, found in templates.filled(body.blocks, flow, bank).items():
            claims[head] |= dict.fromkeys(found)
    blocks = list(body.blocks)
    constants: dict[str, Term] = {}
    for head, own in claims.items():
        checks = []
        for claim in own:
            name = f"guess {len(constants)} of body {number}"
            constant = constants[name] = bank.apply(Symbol(name, (), BOOL))
            label = Label(Claim.ASSERT, body.blocks[head].position, candidate=name)
            checks.append(Check(bank.implication(constant, claim), label))
        blocks[head] = replace(blocks[head], commands=[*checks, *blocks[head].commands])
    return body.with_blocks(blocks), constants
