"""Which steps are needed: without the others, what is left still cannot hold together."""

from __future__ import annotations

import time
from collections.abc import Sequence

from probatum.solve.answers import milliseconds
from probatum.solve.certify.steps import Steps
from probatum.solve.ground.problem import Ground
from probatum.solve.ground.terms import OURS, Rejected


class Cores:
    """Asks which facts of a ground problem cannot hold together, again and again."""

    def __init__(self, problem: Ground, *, seed: int) -> None:
        import z3

        self._z3 = z3
        written = [problem.written(fact) for fact in problem.facts]
        text = "\n".join([*problem.declarations(written), *(f"(assert {fact})" for fact in written)])
        context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=context)
        self._solver.set("random_seed", seed)
        self._names = [z3.Bool(f"{OURS}fact!{number}", ctx=context) for number in range(len(written))]
        self._numbers = {name.get_id(): number for number, name in enumerate(self._names)}
        try:
            facts = z3.parse_smt2_string(text, ctx=context)
        except z3.Z3Exception as unread:
            raise Rejected(" ".join(str(unread).split())[:200]) from None
        for name, fact in zip(self._names, facts, strict=True):
            self._solver.add(z3.Implies(name, fact))

    def ask(self, facts: Sequence[int], *, timeout_s: float) -> list[int] | str:
        """Return facts out of these that cannot hold together, or why there are none."""
        self._solver.set("timeout", milliseconds(timeout_s))
        verdict = self._solver.check(*(self._names[number] for number in facts))
        if verdict == self._z3.unsat:
            return sorted(self._numbers[name.get_id()] for name in self._solver.unsat_core())
        if verdict == self._z3.sat:
            return "what the solver reported is not enough"
        return f"z3 did not find out what is needed: {self._solver.reason_unknown()}"


def needed(steps: Steps, cores: Cores, *, limit_s: float, ends: float) -> list[int] | str:
    """Return facts (by number) of which every one is needed, if there is time to find out; or why there are none.

    `limit_s` is for finding out whether all of them are enough.
    """

    def with_needs(facts: Sequence[int]) -> list[int]:
        whole, todo = set(facts), list(facts)
        while todo:
            new = steps.needs[todo.pop()] - whole
            whole |= new
            todo.extend(new)
        return sorted(whole)

    facts: list[int] = list(range(len(steps.ground.facts)))
    started = time.monotonic()
    smaller = cores.ask(facts, timeout_s=limit_s)
    if isinstance(smaller, str):
        return smaller
    took = time.monotonic() - started
    facts = with_needs(smaller)
    # One after the other, the last first: the first are those that others need.
    # More than a few times what was needed so far would make certificates dearer than proofs.
    until = min(ends, time.monotonic() + 1 + 4 * took)
    at = len(facts)
    while at and time.monotonic() < until:
        at -= 1
        fewer = _without(facts, facts[at], steps.needs)
        again = cores.ask(fewer, timeout_s=min(0.3 + took, max(0.01, until - time.monotonic())))
        if not isinstance(again, str):
            facts = with_needs(again)
            at = min(at, len(facts))
    return facts


def _without(facts: Sequence[int], one: int, needs: Sequence[set[int]]) -> list[int]:
    """Return facts without one, and without those that have no meaning without it; what a fact needs stands before it."""
    gone = {one}
    for fact in facts:
        if not needs[fact].isdisjoint(gone):
            gone.add(fact)
    return [fact for fact in facts if fact not in gone]
