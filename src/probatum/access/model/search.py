"""Clauses over literals of independent dimensions: a request that satisfies them, or a closed tree.

The search holds one value for each dimension and looks for a clause that these
values violate. It then tries the clause's literals in turn, each of which
changes the value of its own dimension only. A branch closes when a dimension
has no value left; what it closed on is a small set of literals. If a closed
branch did not need the literal that opened it, it closes its parent as well.

A failed search leaves a tree: splits on clauses, closed at the leaves by one
dimension each. Anyone can check it without searching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.access.model.dimensions import Conflict, Literals, Theory, Value
from probatum.tools import Deadline


@dataclass(frozen=True, slots=True)
class Clause:
    """At least one of the literals is true.

    `origin` says why: which statement must not match, or which axiom holds.
    `dead` names literals known to be impossible, each with the conflict that shows it.
    """

    literals: tuple[int, ...]
    origin: tuple[str, int]
    dead: tuple[tuple[int, Conflict], ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A leaf: these literals of one dimension exclude each other."""

    core: Literals


@dataclass(frozen=True, slots=True)
class Split:
    """A clause, and for each of its literals a tree that closes under it."""

    clause: Clause
    cases: tuple[Tree, ...]
    core: Literals  # literals from above that the tree rests on


Tree = Closed | Split


@dataclass(frozen=True, slots=True)
class Model:
    """A value for every dimension that the literals and clauses mention."""

    values: dict[str, Value]


class OutOfSteps(Exception):
    """The search took more steps than allowed."""


def search(
    theory: Theory, units: Sequence[int], clauses: Sequence[Clause], *, deadline: Deadline, steps: int = 200_000
) -> Model | Tree:
    """Satisfy all units and clauses, or close a tree that shows they cannot be.

    Raises
    ------
    OutOfSteps
        After `steps` attempts to extend a branch.
    probatum.tools.OutOfTime
        When the deadline has passed.
    """
    run = _Run(theory, clauses, deadline, steps)
    state: dict[str, tuple[Literals, Value]] = {}
    for unit in units:
        extended = run.extend(state, unit)
        if isinstance(extended, Conflict):
            return Closed(extended.core)
        state = extended
    return run.search(state)


_State = dict[str, tuple[Literals, Value]]


class _Run:
    def __init__(self, theory: Theory, clauses: Sequence[Clause], deadline: Deadline, steps: int) -> None:
        self.theory = theory
        self.clauses = clauses
        self.deadline = deadline
        self.steps = steps

    def extend(self, state: _State, literal: int) -> _State | Conflict:
        """Add a literal; change the value of its dimension only if it has to."""
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        dimension = self.theory.vocabulary.dimension(literal)
        literals, value = state.get(dimension, (frozenset(), None))
        if literal in literals:
            return state
        more = literals | {literal}
        if not (literals and self.theory.holds(literal, value)):
            answer = self.theory.solve(dimension, more)
            if isinstance(answer, Conflict):
                return answer
            value = answer
        return {**state, dimension: (more, value)}

    def true_now(self, state: _State, literal: int) -> bool:
        dimension = self.theory.vocabulary.dimension(literal)
        if dimension in state:
            literals, value = state[dimension]
            return literal in literals or self.theory.holds(literal, value)
        # Nothing is asked of this dimension yet. A condition key is then absent; an action or a
        # resource is always asked something of by the statement that allows.
        return dimension.startswith("key:") and self.theory.holds(literal, None)

    def search(self, state: _State) -> Model | Tree:
        self.deadline.check()
        best: tuple[Clause, list[_State | Conflict]] | None = None
        fewest = 0
        for clause in self.clauses:
            if any(self.true_now(state, x) for x in clause.literals):
                continue
            dead = dict(clause.dead)
            options = [dead.get(x) or self.extend(state, x) for x in clause.literals]
            open_ = sum(not isinstance(o, Conflict) for o in options)
            if best is None or open_ < fewest:
                best, fewest = (clause, options), open_
            if fewest <= 1:
                break
        if best is None:
            return Model({d: value for d, (_, value) in state.items()})
        clause, options = best
        cases: list[Tree] = []
        core: set[int] = set()
        for literal, option in zip(clause.literals, options, strict=True):
            case: Tree
            if isinstance(option, Conflict):
                case = Closed(option.core)
            else:
                below = self.search(option)
                if isinstance(below, Model):
                    return below
                case = below
            if literal not in case.core:
                return case  # it closes without this literal, so it closes this node too
            cases.append(case)
            core |= case.core - {literal}
        return Split(clause, tuple(cases), frozenset(core))
