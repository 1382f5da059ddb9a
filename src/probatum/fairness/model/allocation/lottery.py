"""Lotteries: shares of things that go whole, as probabilities of allocations that can be carried out.

What the divided problem gives is what everyone may expect. It is written as a mixture of
whole allocations, each of which keeps capacities and quotas and gives everyone at least the
whole number of things that they expect, less one at most. Which of them is carried out, a
public seed says.

References
----------
Budish, Che, Kojima, Milgrom. "Designing Random Allocation Mechanisms: Theory and
Applications." American Economic Review 103 (2013): limits on agents and on resources are a
bihierarchy, which every share can be implemented within.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.allocation import Problem
from probatum.fairness.artefacts.requirements.allocation import Demands
from probatum.fairness.model.allocation.answer import Answer, allocate
from probatum.fairness.model.allocation.linear import Box, Unsolved, solve
from probatum.fairness.semantics.allocation import Row, Shares
from probatum.tools import Deadline

_MOST = 5_000  # whole allocations of a mixture


@dataclass(frozen=True, slots=True)
class Lottery:
    """A mixture of whole allocations, and the one that is drawn.

    Attributes
    ----------
    answer : Answer
        Of the divided problem: what everyone expects.
    divided : Problem
    parts : tuple of (Fraction, tuple of pairs of str)
        Probabilities, and who gets what.
    seed : str
    drawn : int
        Index of the part that the seed draws.
    """

    answer: Answer
    divided: Problem
    parts: tuple[tuple[Fraction, tuple[tuple[str, str], ...]], ...]
    seed: str
    drawn: int

    def to_json(self) -> dict[str, Any]:
        """Return the lottery as JSON."""
        parts = [{"probability": str(p), "allocation": [list(pair) for pair in pairs]} for p, pairs in self.parts]
        return {"seed": self.seed, "drawn": self.drawn, "parts": parts}

    def lines(self) -> list[str]:
        """Return the lottery as text."""
        if not self.parts:
            return []
        probability, pairs = self.parts[self.drawn]
        own: dict[str, list[str]] = {}
        for agent, resource in pairs:
            own.setdefault(agent, []).append(resource)
        drawn = "; ".join(f"{agent}: {', '.join(resources)}" for agent, resources in own.items())
        return [
            f"a mixture of {len(self.parts)} whole allocations; the seed `{self.seed}` draws number {self.drawn + 1}, with probability {float(probability):.4g}:",
            f"  {drawn}",
        ]


def draw(problem: Problem, demands: Demands, seed: str, deadline: Deadline) -> Lottery:
    """Return the best shares of whole things, as a lottery.

    Raises
    ------
    UnreadableArtefact
        If things are divided anyway, or exclude each other: limits are then no bihierarchy.
    Unsolved
    OutOfTime
    """
    if not problem.indivisible:
        raise UnreadableArtefact("a lottery is about things that go whole", help="write `indivisible: true`, or draw no lots")
    if problem.conflicts:
        raise UnreadableArtefact(
            "a lottery keeps capacities and quotas, and not that two resources exclude each other",
            help="leave out `conflicts`, or ask for one allocation",
        )
    # A share of a thing is at most the whole of it.
    divided = replace(problem, indivisible=False, limit=Fraction(1))
    answer = allocate(divided, demands, deadline)
    if answer.conflict is not None:
        return Lottery(answer, divided, (), seed, 0)
    parts = decompose(answer.shares, deadline)
    return Lottery(answer, divided, parts, seed, chosen([p for p, _ in parts], seed))


def chosen(probabilities: list[Fraction], seed: str) -> int:
    """Return which part a seed draws: SHA-256 of the seed as a number in [0, 1), against the sums of probabilities."""
    at = Fraction(int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big"), 1 << 256)
    total = Fraction(0)
    for n, p in enumerate(probabilities):
        total += p
        if at < total:
            return n
    return len(probabilities) - 1


def decompose(shares: Shares, deadline: Deadline) -> tuple[tuple[Fraction, tuple[tuple[str, str], ...]], ...]:
    """Write shares as a mixture of whole allocations; exactly.

    Each part is a vertex of the face on which the remaining shares lie, taken with the largest
    probability that leaves the rest inside: so each part makes one more limit tight, and there
    are at most as many parts as limits.
    """
    pairs = [pair for pair, much in shares.items() if much]
    rest = {n: shares[pair] for n, pair in enumerate(pairs)}
    sides: dict[tuple[str, str], dict[int, Fraction]] = {}
    for n, (agent, resource) in enumerate(pairs):
        sides.setdefault(("agent", agent), {})[n] = Fraction(1)
        sides.setdefault(("resource", resource), {})[n] = Fraction(1)
    left = Fraction(1)
    parts: list[tuple[Fraction, tuple[tuple[str, str], ...]]] = []
    while left:
        deadline.check()
        if len(parts) > _MOST:
            raise Unsolved(f"the mixture has more than {_MOST:,} parts")
        whole = _vertex(rest, sides, deadline)
        weight = _largest(rest, sides, whole)
        parts.append((left * weight, tuple(pairs[n] for n in sorted(whole) if whole[n])))
        if weight == 1:
            break
        rest = {n: (value - weight * whole[n]) / (1 - weight) for n, value in rest.items()}
        left *= 1 - weight
    return tuple(parts)


def _vertex(
    rest: Mapping[int, Fraction], sides: Mapping[tuple[str, str], Mapping[int, Fraction]], deadline: Deadline
) -> dict[int, int]:
    rows = []
    for (kind, name), terms in sides.items():
        total = sum((rest[n] for n in terms), Fraction(0))
        rows.append(Row(f"{kind} {name} at most", "limit", terms, Fraction(math.ceil(total))))
        rows.append(Row(f"{kind} {name} at least", "limit", {n: Fraction(-1) for n in terms}, Fraction(-math.floor(total))))
    size = len(rest)
    box = Box(
        [Fraction(math.floor(rest[n])) for n in range(size)], [Fraction(math.ceil(rest[n])) for n in range(size)], [True] * size
    )
    # What is left most goes first: fewer parts. The matrix is totally unimodular, so a vertex is whole.
    guess = solve(dict(rest), rows, box, deadline)
    whole = {n: round(x) for n, x in enumerate(guess.x)}
    if not guess.feasible or any(abs(whole[n] - x) > 1e-6 for n, x in enumerate(guess.x)):
        raise Unsolved("the shares could not be written as a lottery")
    return whole


def _largest(
    rest: Mapping[int, Fraction], sides: Mapping[tuple[str, str], Mapping[int, Fraction]], whole: Mapping[int, int]
) -> Fraction:
    """Return the largest probability of a part that leaves every sum between the whole numbers around it."""
    largest = Fraction(1)
    sums = [{n: Fraction(1)} for n in rest]
    for terms in [*sums, *sides.values()]:
        now = sum((rest[n] for n in terms), Fraction(0))
        then = sum(whole[n] for n in terms)
        low, high = math.floor(now), math.ceil(now)
        if then < now:  # the rest grows, up to `high`
            largest = min(largest, (high - now) / (high - then))
        elif then > now:
            largest = min(largest, (now - low) / (then - low))
    return largest
