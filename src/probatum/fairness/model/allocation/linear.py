"""Linear programs: solved in floating point by HiGHS, then made exact and proved by duality.

What HiGHS says is only a guess. A multiplier of each row, at least 0, bounds the
objective whatever its value: the bound is computed in rationals, so a wrong guess
makes a bound worse and never false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from probatum.fairness.semantics.allocation import Row, Vector, dot
from probatum.tools import Deadline, OutOfTime

_TINY = 1e-9  # what HiGHS means by 0
_FINE = 10**9  # largest denominator of a number that is rounded
_MOST_STEPS = 3_000_000  # terms that an exact solution of equations may touch


@dataclass(frozen=True, slots=True)
class Box:
    """Limits of variables, and which of them are whole."""

    lower: Sequence[Fraction]
    upper: Sequence[Fraction]
    whole: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Guess:
    """What HiGHS says: values of variables, and multipliers of rows; both approximate.

    `feasible` False: the multipliers prove, if they are exact enough, that nothing satisfies all rows.
    """

    feasible: bool
    x: Sequence[float]
    multipliers: Sequence[float]


class Unsolved(Exception):
    """HiGHS gave up, or what it says cannot be made exact; the text says which."""


def solve(objective: Vector, rows: Sequence[Row], box: Box, deadline: Deadline) -> Guess:
    """Maximise a linear function.

    Raises
    ------
    OutOfTime
    Unsolved
    """
    from scipy.optimize import linprog

    answer = linprog(**_arrays(objective, rows, box), method="highs", options=_options(deadline))
    if answer.status == 0:
        return Guess(True, answer.x.tolist(), [-m for m in answer.ineqlin.marginals.tolist()] if rows else [])
    if answer.status == 1:
        raise OutOfTime
    if answer.status == 2:
        return _infeasible(rows, box, deadline)
    raise Unsolved(f"the solver gave up ({answer.message})")


def _infeasible(rows: Sequence[Row], box: Box, deadline: Deadline) -> Guess:
    """Ask by how much rows must be relaxed at least: the multipliers of the answer prove that they must."""
    from scipy.optimize import linprog

    n = len(box.upper)
    slack = Fraction(10**6)
    for row in rows:
        slack = max(slack, abs(row.bound) + sum((abs(c) * box.upper[j] for j, c in row.terms.items()), Fraction(0)))
    relaxed = [Row(r.name, r.policy, {**r.terms, n: Fraction(-1)}, r.bound) for r in rows]
    wide = Box([*box.lower, Fraction(0)], [*box.upper, slack], [*box.whole, False])
    answer = linprog(**_arrays({n: Fraction(-1)}, relaxed, wide), method="highs", options=_options(deadline))
    if answer.status == 1:
        raise OutOfTime
    if answer.status != 0:
        raise Unsolved(f"the solver gave up ({answer.message})")
    return Guess(False, answer.x.tolist()[:n], [-m for m in answer.ineqlin.marginals.tolist()])


def solve_whole(objective: Vector, rows: Sequence[Row], box: Box, deadline: Deadline) -> tuple[bool, dict[int, Fraction], float]:
    """Maximise a linear function where some variables are whole: whether anything is feasible, the best found, a bound.

    The bound is HiGHS's word, and proves nothing.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    arrays = _arrays(objective, rows, box)
    lows = [low for low, _ in arrays["bounds"]]
    highs = [high for _, high in arrays["bounds"]]
    constraints = LinearConstraint(arrays["A_ub"], ub=arrays["b_ub"]) if rows else ()
    options = {"mip_rel_gap": 0.0, **_options(deadline)}
    answer = milp(
        arrays["c"], constraints=constraints, bounds=Bounds(lows, highs), integrality=[int(w) for w in box.whole], options=options
    )
    if answer.status == 1:
        raise OutOfTime
    if answer.status == 2:
        return False, {}, 0.0
    if answer.x is None:
        raise Unsolved(f"the solver gave up ({answer.message})")
    bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else answer.fun
    guess = [round(v) if w else v for v, w in zip(answer.x.tolist(), box.whole, strict=True)]
    return True, exact_point(guess, rows, box, keep=[n for n, w in enumerate(box.whole) if w]), -float(bound)


def _options(deadline: Deadline) -> dict[str, Any]:
    deadline.check()
    left = deadline.remaining()
    return {} if left == float("inf") else {"time_limit": max(left, 0.01)}


def _arrays(objective: Vector, rows: Sequence[Row], box: Box) -> dict[str, Any]:
    import numpy as np
    from scipy.sparse import csr_array

    cost = np.zeros(len(box.upper))
    for n, c in objective.items():
        cost[n] = -float(c)
    at = [n for row in rows for n in row.terms]
    starts = np.cumsum([0, *(len(row.terms) for row in rows)])
    values = [float(c) for row in rows for c in row.terms.values()]
    matrix = csr_array((values, at, starts), shape=(len(rows), len(box.upper)))
    bounds = [(float(low), float(high)) for low, high in zip(box.lower, box.upper, strict=True)]
    return {
        "c": cost,
        "A_ub": matrix if rows else None,
        "b_ub": [float(r.bound) for r in rows] if rows else None,
        "bounds": bounds,
    }


def bound(objective: Vector, rows: Iterable[tuple[Row, Fraction]], box: Box) -> Fraction:
    """Return what the objective cannot exceed where rows hold, by multipliers of at least 0 (weak duality), exactly.

    With an objective of nothing, a bound below 0 proves that no point satisfies the rows (Farkas).
    """
    left = dict(objective)
    total = Fraction(0)
    for row, y in rows:
        total += y * row.bound
        for n, c in row.terms.items():
            left[n] = left.get(n, Fraction(0)) - y * c
    return total + sum((c * (box.upper[n] if c > 0 else box.lower[n]) for n, c in left.items()), Fraction(0))


def rounded(number: float) -> Fraction:
    """Return a rational near a float, with a small denominator."""
    return Fraction(number).limit_denominator(_FINE)


def exact_point(x: Sequence[float], rows: Sequence[Row], box: Box, *, keep: Iterable[int] = ()) -> dict[int, Fraction]:
    """Return an exact point near an approximate one that satisfies all rows.

    Variables at a limit stay there, rows that are tight become equations; `keep` are not moved.

    Raises
    ------
    Unsolved
        If none is found this way.
    """
    kept = set(keep)
    point: dict[int, Fraction] = {}
    free: list[int] = []
    for n, value in enumerate(x):
        low, high = box.lower[n], box.upper[n]
        margin = _TINY * max(1.0, float(high - low))
        if n in kept:
            point[n] = rounded(value)
        elif value <= float(low) + margin:
            point[n] = low
        elif value >= float(high) - margin:
            point[n] = high
        else:
            free.append(n)
    inside = set(free)
    equations = []
    for row in rows:
        own = {n: c for n, c in row.terms.items() if n in inside}
        if not own:
            continue
        size = sum(abs(float(c)) * max(1.0, abs(x[n])) for n, c in row.terms.items())
        if sum(float(c) * x[n] for n, c in row.terms.items()) >= float(row.bound) - _TINY * max(size, 1e-6):
            equations.append((own, row.bound - sum((c * point[n] for n, c in row.terms.items() if n in point), Fraction(0))))
    point |= equal(equations, {n: x[n] for n in free})
    if any(not box.lower[n] <= value <= box.upper[n] for n, value in point.items()) or any(
        dot(row.terms, point) > row.bound for row in rows
    ):
        raise Unsolved("the solution cannot be made exact")
    return point


def exact_multipliers(objective: Vector, rows: Sequence[Row], guess: Guess, box: Box) -> list[Fraction]:
    """Return multipliers of at least 0, such that what they leave of the objective is 0 for variables inside their limits.

    Where that leaves some of them open, because a solution is degenerate, they also leave 0 where the guess does: so does
    a vertex of the dual problem.
    """
    used = [n for n, y in enumerate(guess.multipliers) if y > 1e-12]
    margin = [_TINY * max(1.0, float(high - low)) for low, high in zip(box.lower, box.upper, strict=True)]
    columns: dict[int, dict[int, Fraction]] = {}
    left = {j: float(c) for j, c in objective.items()}
    scale: dict[int, float] = {}
    for n in used:
        for j, c in rows[n].terms.items():
            columns.setdefault(j, {})[n] = c
            left[j] = left.get(j, 0.0) - float(c) * guess.multipliers[n]
            scale[j] = max(scale.get(j, 1.0), abs(float(c) * guess.multipliers[n]))
    inside = [j for j in columns if float(box.lower[j]) + margin[j] < guess.x[j] < float(box.upper[j]) - margin[j]]
    vertex = [*inside, *(j for j in columns if j not in set(inside) and abs(left[j]) <= _TINY * scale[j])]
    for chosen in (vertex, inside):
        equations = [(columns[j], objective.get(j, Fraction(0))) for j in chosen]
        try:
            found = equal(equations, {n: guess.multipliers[n] for n in used})
        except Unsolved:
            continue
        # What contradicts other equations is left out there: of variables inside their limits none may be.
        kept = all(sum((c * found[n] for n, c in columns[j].items()), -objective.get(j, Fraction(0))) == 0 for j in inside)
        if found and kept and all(y >= 0 for y in found.values()):
            break
    else:
        found = {n: rounded(guess.multipliers[n]) for n in used}
    return [found.get(n, Fraction(0)) for n in range(len(rows))]


def equal(equations: list[tuple[dict[int, Fraction], Fraction]], near: Mapping[int, float]) -> dict[int, Fraction]:
    """Solve equations exactly; what they leave free is rounded to what is near.

    Raises
    ------
    Unsolved
        If that takes too long. Equations that contradict others are left out: who asks must check.
    """
    often: dict[int, int] = {}
    for terms, _ in equations:
        for n in terms:
            often[n] = often.get(n, 0) + 1
    pivots: dict[int, tuple[dict[int, Fraction], Fraction]] = {}
    steps = 0
    for terms, right in sorted(equations, key=lambda e: len(e[0])):
        own, rest = dict(terms), right
        pending = [n for n in own if n in pivots]
        while pending:
            n = pending.pop()
            c = own.pop(n, Fraction(0))
            if not c:
                continue
            other, value = pivots[n]
            rest -= c * value
            steps += len(other) + 1
            for m, d in other.items():
                own[m] = own.get(m, Fraction(0)) - c * d
                if m in pivots:
                    pending.append(m)
        if steps > _MOST_STEPS:
            raise Unsolved("the solution has too many parts to be made exact")
        own = {n: c for n, c in own.items() if c}
        if own:
            # The variable of the fewest equations: what depends on everything comes last.
            pivot = min(own, key=lambda n: (often[n], n))
            c = own.pop(pivot)
            pivots[pivot] = ({n: d / c for n, d in own.items()}, rest / c)
    solved = {n: rounded(value) for n, value in near.items() if n not in pivots}
    for n in reversed(pivots):
        terms, right = pivots[n]
        solved[n] = right - sum((c * solved[m] for m, c in terms.items()), Fraction(0))
    return solved
