"""Demands that cannot all be kept: a smallest set of rows that contradict each other, proved by multipliers.

Rows that do not take part are deleted one by one; what is left cannot be kept, and whatever
one row is left out, the rest can: of this there is a point for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from probatum.fairness.model.allocation.integral import prove
from probatum.fairness.model.allocation.linear import (
    Box,
    Unsolved,
    bound,
    exact_multipliers,
    exact_point,
    rounded,
    solve,
    solve_whole,
)
from probatum.fairness.semantics.allocation import Program, Row
from probatum.tools import Deadline

_MOST_WHOLE = 400  # rows whose deletion is tried one by one where things go whole


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows that cannot all be kept.

    Attributes
    ----------
    rows : tuple of Row
    proof : mapping
        A tree of one leaf, or of several where things go whole: `{"empty": {row: multiplier}}`.
    witnesses : mapping of str to mapping
        Row to a point that keeps all others; rows without one were kept because nothing was decided.
    """

    rows: tuple[Row, ...]
    proof: dict[str, Any]
    witnesses: dict[str, dict[int, Fraction]]


def conflict(program: Program, deadline: Deadline) -> Conflict | None:
    """Return a minimal set of rows that no allocation keeps, or None if some allocation keeps all.

    Raises
    ------
    Unsolved
        If it is neither shown that there is one nor that there is none.
    OutOfTime

    References
    ----------
    Chinneck, Dravnieks. "Locating Minimal Infeasible Constraint Sets in Linear Programs."
    ORSA J. Computing 3 (1991).
    """
    n = len(program.upper)
    loose = Box([Fraction(0)] * n, program.upper, [False] * n)
    guess = solve({}, program.rows, loose, deadline)
    if guess.feasible:
        return _whole(program, program.rows, deadline) if any(program.whole) else None
    # Only rows with a multiplier can take part in this contradiction.
    rows = [row for row, y in zip(program.rows, guess.multipliers, strict=True) if y > 1e-12]
    if solve({}, rows, loose, deadline).feasible:
        rows = list(program.rows)
    if any(program.whole):
        return _whole(program, rows, deadline)
    witnesses: dict[str, dict[int, Fraction]] = {}
    for row in list(rows):
        without = [r for r in rows if r is not row]
        guess = solve({}, without, loose, deadline)
        if guess.feasible:
            witnesses[row.name] = exact_point(guess.x, without, loose)
        else:
            rows = without
    return Conflict(tuple(rows), {"empty": _farkas(rows, loose, deadline)}, {r.name: witnesses[r.name] for r in rows})


def _farkas(rows: Sequence[Row], box: Box, deadline: Deadline) -> dict[str, str]:
    guess = solve({}, rows, box, deadline)
    multipliers = [rounded(max(y, 0.0)) for y in guess.multipliers]
    if guess.feasible or bound({}, zip(rows, multipliers, strict=True), box) >= 0:
        n = len(box.upper)
        wide = Box([*box.lower, Fraction(0)], [*box.upper, Fraction(10**12)], [False] * (n + 1))
        relaxed = [Row(r.name, r.policy, {**r.terms, n: Fraction(-1)}, r.bound) for r in rows]
        again = solve({n: Fraction(-1)}, relaxed, wide, deadline)
        multipliers = exact_multipliers({n: Fraction(-1)}, relaxed, again, wide)
        if bound({}, zip(rows, multipliers, strict=True), box) >= 0:
            raise Unsolved("the demands seem to contradict each other, by too little to be proved")
    return {row.name: str(y) for row, y in zip(rows, multipliers, strict=True) if y}


def _whole(program: Program, among: Sequence[Row], deadline: Deadline) -> Conflict | None:
    n = len(program.upper)
    box = Box([Fraction(0)] * n, program.upper, program.whole)
    if solve_whole({}, among, box, deadline)[0]:
        return None
    rows = list(among)
    witnesses: dict[str, dict[int, Fraction]] = {}
    policies = list(dict.fromkeys(row.policy for row in rows))
    if len(rows) > _MOST_WHOLE:  # whole policies first: there are few of them
        for policy in policies:
            without = [r for r in rows if r.policy != policy]
            if not solve_whole({}, without, box, deadline)[0]:
                rows = without
    for row in list(rows):
        without = [r for r in rows if r is not row]
        feasible, point, _ = solve_whole({}, without, box, deadline)
        if feasible:
            witnesses[row.name] = point
        else:
            rows = without
    tree = prove({}, Fraction(-1), rows, box, deadline, grain=Fraction(0))
    if tree is None:
        raise Unsolved("the solver finds no allocation that keeps all demands, and no short proof that there is none")
    return Conflict(tuple(rows), tree, {r.name: witnesses[r.name] for r in rows})
