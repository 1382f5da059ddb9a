"""What invariants mostly look like: templates, filled with what a body mentions.

- an order between a variable that the loop changes and another number;
- what a claim behind the loop says, with the loop's limit replaced by its
  counter: of `i < n` and "all below `n` are 7" comes "all below `i` are 7";
- that claim itself, and what was assumed before the loop, where it speaks of
  what the loop changes.

These are guesses (see `guesses`): all that matters is that some are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from probatum.ivl.blocks import OLD, Block, Check, Know, Set
from probatum.ivl.flow import Flow
from probatum.ivl.terms import BOOL, INT, REAL, Bank, Binder, Term, visit

MOST = 150  # guesses for one loop: each is a question to a solver, perhaps more than once
_NUMBERS = 12  # terms that are compared with each other
_COMPARISONS = ("<", "<=", ">", ">=", "=")


def filled(blocks: Sequence[Block], flow: Flow, bank: Bank) -> dict[int, list[Term]]:
    """Return for the first block of each loop the templates filled in, at most `MOST`, the likeliest first."""
    return {head: _of_loop(blocks, flow, head, bank) for head in sorted(flow.heads)}


def _of_loop(blocks: Sequence[Block], flow: Flow, head: int, bank: Bank) -> list[Term]:
    loop = flow.loop(head)
    changed = flow.assigned(blocks, head)
    inside = [term for block in sorted(loop) for term in _terms(blocks[block])]
    before = [c.term for n in flow.order if flow.order[n] < flow.order[head] for c in blocks[n].commands if isinstance(c, Know)]
    claims = [c.term for n in flow.order if flow.order[n] > flow.order[head] for c in blocks[n].commands if isinstance(c, Check)]
    limits = [pair for term in inside for pair in _limits(term, changed)]
    guesses: dict[Term, None] = {}
    for claim in claims:
        parts = claim.arguments if claim.kind == "operator" and claim.payload == "and" else (claim,)
        for part in parts:
            for limit, counter in limits:
                if (weaker := bank.substituted(part, {limit: counter})) is not part:
                    guesses[weaker] = None
            guesses[part] = None
    guesses |= dict.fromkeys(_orders(bank, inside + claims, changed))
    guesses |= dict.fromkeys(term for term in before if _mentions(term, changed))
    usual = (term for term in guesses if term.kind != "literal" and _mentions(term, changed))
    return [term for term, _ in zip(usual, range(MOST), strict=False)]


def _terms(block: Block) -> Iterator[Term]:
    for command in block.commands:
        match command:
            case Check(term=term) | Know(term=term):
                yield term
            case Set(values=values):
                yield from values


def _limits(root: Term, changed: set[Term]) -> Iterator[tuple[Term, Term]]:
    """Yield what a variable that changes is compared with, and the variable."""
    found: list[tuple[Term, Term]] = []

    def see(term: Term) -> None:
        if term.kind == "operator" and term.payload in _COMPARISONS and len(term.arguments) == 2:
            left, right = term.arguments
            for limit, counter in ((left, right), (right, left)):
                if counter in changed and limit not in changed and limit.sort == counter.sort and _names_something(limit):
                    found.append((limit, counter))

    visit((root,), see)
    yield from found


def _names_something(term: Term) -> bool:
    return term.kind in ("variable", "symbol") or (term.kind == "operator" and bool(term.arguments) and term.sort in (INT, REAL))


def _orders(bank: Bank, roots: Iterable[Term], changed: set[Term]) -> Iterator[Term]:
    numbers: dict[Term, None] = {}
    bound: set[Term] = set()

    def see(term: Term) -> None:
        if isinstance(term.payload, Binder):
            bound.update(term.payload.variables)
        if term.sort in (INT, REAL) and (term.kind == "variable" or (term.kind == "symbol" and not term.arguments)):
            numbers[term] = None

    visit(roots, see)
    # What changes comes first: with many numbers only some fit.
    chosen = sorted((t for t in numbers if t not in bound), key=lambda t: (t not in changed, t.number))[:_NUMBERS]
    for one in chosen:
        if one not in changed:
            continue
        yield bank.operator("<=", (bank.integer(0) if one.sort == INT else bank.literal("0.0", REAL), one), BOOL)
        for other in chosen:
            if other is not one and other.sort == one.sort:
                yield bank.operator("<=", (one, other), BOOL)
                yield bank.operator("<=", (other, one), BOOL)
    for one in changed:
        if isinstance(one.payload, str) and not one.payload.endswith(OLD) and one.sort in (INT, REAL):
            old = bank.variable(one.payload + OLD, one.sort)
            if old in numbers and old not in chosen:
                yield bank.operator("<=", (old, one), BOOL)


def _mentions(term: Term, variables: set[Term]) -> bool:
    found: list[bool] = []
    visit((term,), lambda one: found.append(True) if one in variables else None)
    return bool(found)
