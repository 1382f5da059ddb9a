"""Write a closed search down, so that it can be verified without searching.

Literals are named by where they stand: element of a statement, fact, or the
job's own actions. See `probatum.access.recheck` for what a reader does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.access.model.containment import Closure, Contained, Sides
from probatum.access.model.problem import Compiled
from probatum.access.model.search import Closed, Tree
from probatum.source import digest_of

METHOD = "access/containment/1"


def certificate(
    contained: Contained, sides: Sides, *, swapped: bool = False, claim: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the certificate that everything A allows is allowed by B (the other way round if `swapped`).

    `claim` says how A and B came about, for those who make them again. The seal
    shows at once that a certificate is not as it was written; whether it proves
    anything is for the checker to see.
    """
    a, b = (sides.b, sides.a) if swapped else (sides.a, sides.b)
    content = {
        **({"claim": dict(claim)} if claim is not None else {}),
        "arn_mode": sides.settings.arn_mode,
        "multivalue": sides.settings.multivalue,
        "axioms": sides.axioms_hold,
        "closures": [_closure(c, a, b, sides) for c in contained.closures],
    }
    return content | {"seal": digest_of(content)}


def _closure(closure: Closure, a: Compiled, b: Compiled, sides: Sides) -> dict[str, Any]:
    policies = {"a": a, "b": b}
    facts, _ = sides.facts(closure.klass)
    shared: dict[int, list[Any]] = {}
    for number, literal in enumerate(facts):
        shared[literal] = ["fact", number]
    for side, index in closure.positives:
        _name(shared, policies[side], side, index, sign=True)
    return {
        "callers": list(closure.callers),
        "positives": [list(p) for p in closure.positives],
        "jobs": [
            {"actions": list(job.patterns) or None, "tree": _tree(tree, {**shared, job.units[0]: ["job"]})}
            for job, tree in closure.parts
        ],
    }


def _name(into: dict[int, list[Any]], policy: Compiled, side: str, index: int, *, sign: bool) -> None:
    statement = policy.statements[index]
    for place, literal in enumerate((statement.action, *statement.others)):
        into.setdefault(literal if sign else literal ^ 1, [side, index, place, sign])


def _tree(tree: Tree, names: Mapping[int, list[Any]]) -> list[Any]:
    if isinstance(tree, Closed):
        return ["closed", *(names[x] for x in sorted(tree.core))]
    clause = tree.clause
    where = list(clause.origin)
    cases = []
    for place, (literal, case) in enumerate(zip(clause.literals, tree.cases, strict=True)):
        name = ["axiom", clause.origin[1], place] if where[0] == "axiom" else [*where, place, False]
        cases.append(_tree(case, {**names, literal: name}))
    return ["split", where, cases]
