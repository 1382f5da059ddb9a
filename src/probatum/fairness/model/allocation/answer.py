"""The best allocation of a problem, as a certificate that is checked without search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.allocation import Problem
from probatum.fairness.artefacts.requirements.allocation import Demands
from probatum.fairness.model.allocation.concave import fair, linear, total_of
from probatum.fairness.model.allocation.conflict import Conflict, conflict
from probatum.fairness.model.allocation.integral import Whole, maximise, whole_leximin
from probatum.fairness.model.allocation.leximin import Infeasible, Level, leximin
from probatum.fairness.model.allocation.linear import Box, Unsolved, solve_whole
from probatum.fairness.semantics.allocation import Program, Row, Shares, certain, dot, masses, program
from probatum.tools import Deadline

GAP = Fraction(1, 10**6)  # relative gap of a welfare that still counts as best; it is stated


@dataclass(frozen=True, slots=True)
class Answer:
    """What is best, or why nothing is.

    Attributes
    ----------
    problem : Problem
        With needs as they were allowed for.
    program : Program
    shares : mapping of (str, str) to Fraction
        Who gets what; empty if demands contradict each other.
    known : mapping of str to Fraction
        See `semantics.allocation.program`.
    conflict : Conflict or None
    certificate : mapping
        JSON, as `recheck.allocation` reads it.
    words : tuple of str
        What is only the solver's word, and is not proved.
    """

    problem: Problem
    program: Program
    shares: Shares
    known: Mapping[str, Fraction]
    conflict: Conflict | None
    certificate: dict[str, Any]
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    values: dict[str, Fraction] = field(default_factory=dict)
    proofs: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def allocate(problem: Problem, demands: Demands, deadline: Deadline) -> Answer:
    """Return the best allocation, or a minimal contradiction of demands.

    Raises
    ------
    UnreadableArtefact
        If a demand does not fit the problem.
    Unsolved
        If the best is not found, or not proved.
    OutOfTime
    """
    if demands.chance is not None:
        problem = certain(problem, demands.chance)
    if demands.alpha and problem.indivisible and demands.welfare != "leximin":
        raise UnreadableArtefact(
            f"the best `{demands.welfare}` welfare of whole things is not something that is proved here",
            help="use `welfare: leximin` or `welfare: utilitarian`, or divide things and draw lots",
        )
    known = _known(problem, demands, deadline)
    written = program(problem, demands, known.values)
    certificate: dict[str, Any] = {"known": known.proofs}
    try:
        point, proof, words = _best(problem, demands, written, deadline)
    except Infeasible:
        found = conflict(written, deadline)
        if found is None:
            raise Unsolved("the solver contradicts itself about whether the demands can be kept") from None
        certificate["conflict"] = {
            "rows": [row.name for row in found.rows],
            "proof": found.proof,
            "witnesses": {name: _point(x) for name, x in found.witnesses.items()},
        }
        return Answer(problem, written, {}, known.values, found, certificate, tuple(known.words))
    certificate |= {"point": _point(point), "proof": proof}
    return Answer(problem, written, written.shares(point), known.values, None, certificate, (*known.words, *words))


def _best(
    problem: Problem, demands: Demands, written: Program, deadline: Deadline
) -> tuple[dict[int, Fraction], dict[str, Any], list[str]]:
    weights = [agent.weight for agent in problem.agents]
    if demands.welfare == "leximin":
        if not any(written.whole):
            point, levels = leximin(written, weights, [], deadline)
            return point, {"kind": "levels", "levels": _levels(written, levels)}, []
        whole = whole_leximin(written, weights, deadline)
        return whole.point, _whole_proof(written, whole), _words(whole)
    weights = masses(problem)
    if any(written.whole):
        n = len(written.upper)
        best = maximise(total_of(written, weights), written.rows, Box([Fraction(0)] * n, written.upper, written.whole), deadline)
        words = [] if best.tree is not None else ["that no allocation has a higher total"]
        return best.point, {"kind": "tree", "value": str(best.value), "tree": best.tree}, words
    point, gap, multipliers = fair(written, weights, demands.alpha, deadline)
    if gap > GAP:
        raise Unsolved(f"the welfare could be higher by {float(gap):.2g} of itself, and no better allocation was found")
    return point, {"kind": "tangent", "gap": str(gap), "multipliers": _strings(multipliers)}, []


def _whole_proof(written: Program, whole: Whole) -> dict[str, Any]:
    caps = {name: {"value": str(cap.value), "tree": cap.tree} for name, cap in zip(written.names, whole.caps, strict=True)}
    if whole.levels is not None:
        return {"kind": "levels", "caps": caps, "levels": _levels(written, whole.levels)}
    return {"kind": "sums", "caps": caps, "sums": [{"value": str(value), "tree": tree} for value, tree in whole.sums]}


def _words(whole: Whole) -> list[str]:
    words = ["what each agent can have at most"] if any(cap.tree is None for cap in whole.caps) else []
    unproved = sum(tree is None for _, tree in whole.sums)
    return [*words, *([f"{unproved} of {len(whole.sums)} levels of the worst off"] if unproved else [])]


def _levels(written: Program, levels: Sequence[Level]) -> list[dict[str, Any]]:
    return [
        {
            "value": str(level.value),
            "settled": [written.names[i] for i in level.settled],
            "multipliers": _strings(level.multipliers),
        }
        for level in levels
    ]


def _strings(numbers: Mapping[str, Fraction]) -> dict[str, str]:
    return {name: str(number) for name, number in numbers.items()}


def _point(x: Mapping[int, Fraction]) -> list[list[Any]]:
    return [[n, str(value)] for n, value in sorted(x.items()) if value]


def _known(problem: Problem, demands: Demands, deadline: Deadline) -> _Known:
    """Find what two demands are relative to: the most total utility, and everyone's maximin share."""
    found = _Known()
    if demands.price_cap is not None:
        free = program(problem, Demands())
        objective = total_of(free, masses(problem))
        if any(free.whole):
            box = Box([Fraction(0)] * len(free.upper), free.upper, free.whole)
            best = maximise(objective, free.rows, box, deadline)
            value, proof = best.value, {"tree": best.tree, "point": _point(best.point)}
            found.words += [] if best.tree is not None else ["the most total utility there is"]
        else:
            point, most, multipliers = linear(free, objective, deadline)
            value, proof = dot(objective, point), {"multipliers": _strings(multipliers), "point": _point(point)}
            if most != value:
                raise Unsolved("the most total utility cannot be proved exactly")
        found.values["price"], found.proofs["price"] = value, {"value": str(value), **proof}
    for agent in problem.agents if demands.mms else ():
        alike = replace(
            problem,
            agents=tuple(replace(agent, name=f"bundle {n + 1}", need=agent.need) for n in range(len(problem.agents))),
            given=None,
        )
        if not problem.indivisible:
            raise UnreadableArtefact("`mms` is about things that are not divided", help="write `indivisible: true`")
        clones = program(alike, Demands())
        n = len(clones.upper)
        rows = [*clones.rows]
        for name, u in zip(clones.names, clones.utilities, strict=True):
            rows.append(Row(f"level of `{name}`", "level", {**{j: -c for j, c in u.items()}, n: Fraction(1)}, Fraction(0)))
        top = max((sum((c * clones.upper[j] for j, c in u.items()), Fraction(0)) for u in clones.utilities), default=Fraction(0))
        box = Box([Fraction(0)] * (n + 1), [*clones.upper, top], [*clones.whole, False])
        _, point, _ = solve_whole({n: Fraction(1)}, rows, box, deadline)
        bundles = {j: value for j, value in point.items() if j < n}
        value = min(clones.utility(bundles))
        found.values[f"mms of {agent.name}"] = value
        found.proofs[f"mms of {agent.name}"] = {"value": str(value), "point": _point(bundles)}
    return found
