"""Measures: that loops and recursive calls come to an end, as assertions.

A measure is a tuple of integers and truth values, compared from the left; false
is less than true, and integers must not be negative. A loop keeps the values at
the start of an iteration and asserts at the end that they decreased; a recursive
call asserts that the callee's measure is less than the caller's was at entry.
Where measures may stand was checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probatum.ivl.blocks import Check, Claim, Command, Label, Set
from probatum.ivl.conditions import graph
from probatum.ivl.elaborate.parts import items
from probatum.ivl.elaborate.structured import Flow
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position
from probatum.ivl.terms import BOOL, INT, Bank, Term

NEGATIVE = "this measure could not be proved to be non-negative"


@dataclass(frozen=True, slots=True)
class Measured:
    """A `measure` command in a block: its parts, and where each of them stands."""

    terms: tuple[Term, ...]
    positions: tuple[Position, ...]


@dataclass(slots=True, eq=False)
class Draft:
    """A block on its way: the flow it comes from, and its commands with measures among them."""

    flow: Flow
    commands: list[Command | Measured] = field(default_factory=list)


def decreases(bank: Bank, now: Sequence[Term], before: Sequence[Term]) -> Term:
    """Return that one measure is less than another, by the first place where they differ."""
    ways: list[Term] = []
    equal: list[Term] = []
    for one, other in zip(now, before, strict=True):
        less = bank.operator("<", (one, other), BOOL) if one.sort == INT else bank.conjunction((bank.negation(one), other))
        ways.append(bank.conjunction((*equal, less)))
        equal.append(bank.equality(one, other))
    return bank.disjunction(ways)


def not_negative(bank: Bank, term: Term) -> Term:
    """Return that an integer is at least 0."""
    return bank.operator(">=", (term, bank.integer(0)), BOOL)


def loops(drafts: Sequence[Draft], bank: Bank) -> tuple[Term, ...]:
    """Put assertions in the place of the measures of loops; return the variables that keep values."""
    if not any(isinstance(one, Measured) for draft in drafts for one in draft.commands):
        return ()
    kept: list[Term] = []
    back = _back_edges(drafts)
    for number, draft in enumerate(drafts):
        commands: list[Command | Measured] = []
        decreased: Term | None = None
        for one in draft.commands:
            if not isinstance(one, Measured):
                commands.append(one)
                continue
            for term, position in zip(one.terms, one.positions, strict=True):
                if term.sort == INT:
                    commands.append(Check(not_negative(bank, term), Label(Claim.ASSERT, position)))
            # No identifier of the language has an `@` in it.
            before = tuple(bank.variable(f"old@{number}_{place}", t.sort) for place, t in enumerate(one.terms))
            kept.extend(before)
            commands.append(Set(before, one.terms))
            decreased = decreases(bank, one.terms, before)
        draft.commands = commands
        if decreased is not None:
            for end in back.get(number, ()):
                drafts[end].commands.append(Check(decreased, Label(Claim.MEASURE, drafts[end].flow.position)))
    return tuple(dict.fromkeys(kept))


def recursion(program: tree.Program, skipped: set[tree.Implementation]) -> Mapping[tree.Procedure, set[tree.Procedure]]:
    """Return for each procedure with a body those with a body that it calls, directly or not; skipped bodies call nothing."""
    bodies = [one for one in program.declarations if isinstance(one, tree.Implementation) and one.procedure is not None]
    having = {one.procedure for one in bodies}
    edges: dict[tree.Procedure, set[tree.Procedure]] = {}
    for one in bodies:
        if one.procedure is None:
            continue
        called = edges.setdefault(one.procedure, set())
        if one not in skipped:
            called.update(
                item.decl
                for item in items(one.body)
                if isinstance(item, tree.Call) and item.decl is not None and item.decl in having
            )
    reached: dict[tree.Procedure, set[tree.Procedure]] = {}
    for start, called in edges.items():
        found: set[tree.Procedure] = set()
        stack = list(called)
        while stack:
            procedure = stack.pop()
            if procedure not in found:
                found.add(procedure)
                stack.extend(edges[procedure])
        reached[start] = found
    return reached


def _back_edges(drafts: Sequence[Draft]) -> dict[int, list[int]]:
    """Return for each head of a loop the blocks that lead back to it; nothing if the flow is irreducible."""
    numbers = {draft.flow.name: number for number, draft in enumerate(drafts)}
    after = [list(dict.fromkeys(numbers[name] for name in draft.flow.successors)) for draft in drafts]
    before = graph.predecessors(after)
    nearest = graph.dominators(after, before)
    intervals = graph.dominated(nearest)
    found: dict[int, list[int]] = {}
    forward: list[list[int]] = []
    for number, following in enumerate(after):
        forward.append([])
        if nearest[number] < 0:
            continue
        for one in following:
            if graph.dominates(one, number, intervals):
                found.setdefault(one, []).append(number)
            else:
                forward[-1].append(one)
    return {} if graph.a_cycle(forward) else found
