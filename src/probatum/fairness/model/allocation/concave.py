"""Sums of concave utilities: utilitarian, Nash and alpha-fair, where things are divided.

A concave welfare lies under its tangents. The tangent at a solution is a linear function,
whose maximum is bounded by multipliers of rows: what remains between that bound and the
solution is the most that any other allocation can gain, in exact numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from probatum.fairness.model.allocation.leximin import Infeasible, leximin
from probatum.fairness.model.allocation.linear import Box, Guess, Unsolved, bound, exact_multipliers, exact_point, rounded, solve
from probatum.fairness.semantics.allocation import Program, Row, dot
from probatum.tools import Deadline

_ROUNDS = 60  # of tangents
_CLOSE = 1e-9  # relative gap at which tangents are no longer refined
_NEWTON = 6  # steps, from a start that is good to several digits
_MOST_NEWTON = 1_500  # variables, whose equations are solved densely
_NEAR = 1e-3  # relative gap from which Newton's method is tried
_GRID = 24  # tangents of each agent at the start


def total_of(program: Program, weights: Sequence[Fraction]) -> dict[int, Fraction]:
    """Return the weighted sum of utilities, as a sum of variables."""
    terms: dict[int, Fraction] = {}
    for utility, w in zip(program.utilities, weights, strict=True):
        for n, c in utility.items():
            terms[n] = terms.get(n, Fraction(0)) + w * c
    return terms


def gradient(program: Program, weights: Sequence[Fraction], alpha: Fraction, x: Mapping[int, Fraction]) -> list[Fraction]:
    """Return the slope of the welfare by each agent's utility; powers that are not rational are rounded.

    Notes
    -----
    Any slopes would do: the bound that follows from them is about the tangent with exactly these
    slopes. `u**-alpha` is rational where `alpha` is whole, so rounding concerns broken ones only.
    """
    slopes = []
    for utility, w in zip(program.utilities, weights, strict=True):
        u = dot(utility, x)
        slopes.append(w / u ** int(alpha) if alpha.denominator == 1 else w * rounded(float(u) ** -float(alpha)))
    return slopes


def linear(
    program: Program, objective: Mapping[int, Fraction], deadline: Deadline
) -> tuple[dict[int, Fraction], Fraction, dict[str, Fraction]]:
    """Maximise a sum of variables: the point, a bound, and the multipliers that prove it.

    Raises
    ------
    Infeasible
    Unsolved
    OutOfTime
    """
    n = len(program.upper)
    box = Box([Fraction(0)] * n, program.upper, [False] * n)
    guess = solve(objective, program.rows, box, deadline)
    if not guess.feasible:
        raise Infeasible
    point = exact_point(guess.x, program.rows, box)
    multipliers = exact_multipliers(objective, program.rows, guess, box)
    most = bound(objective, zip(program.rows, multipliers, strict=True), box)
    return point, most, {row.name: y for row, y in zip(program.rows, multipliers, strict=True) if y}


def fair(
    program: Program, weights: Sequence[Fraction], alpha: Fraction, deadline: Deadline
) -> tuple[dict[int, Fraction], Fraction, dict[str, Fraction]]:
    """Maximise the welfare of the alpha-fair family.

    Returns
    -------
    point : mapping of int to Fraction
    gap : Fraction
        The most that any allocation can gain over it, along its tangent, relative to the tangent's value.
    multipliers : mapping of str to Fraction

    Raises
    ------
    Infeasible
    Unsolved
        If someone can have nothing at all, so that the welfare is not defined, or the gap stays large.
    OutOfTime

    References
    ----------
    .. [1] Kelley. "The Cutting-Plane Method for Solving Convex Programs." J. SIAM 8 (1960).
    """
    if not alpha:
        objective = total_of(program, weights)
        point, most, multipliers = linear(program, objective, deadline)
        value = dot(objective, point)
        return point, (most - value) / max(abs(value), Fraction(1, 10**9)), multipliers
    start, levels = leximin(program, [Fraction(1)] * len(weights), [], deadline)
    if not levels[0].value:
        nobody = next(i for i in levels[0].settled)
        raise Unsolved(
            f"someone gets nothing in every allocation, `{program.names[nobody]}` first: use `leximin` or `utilitarian`"
        )
    best: tuple[dict[int, Fraction], Fraction, dict[str, Fraction]] | None = None
    for rough in _refined(program, weights, float(alpha), start, deadline):
        for found in (rough, _newton(program, weights, float(alpha), rough)):
            objective = total_of(program, gradient(program, weights, alpha, found))
            _, most, multipliers = linear(program, objective, deadline)
            value = dot(objective, found)
            gap = (most - value) / value
            if best is None or gap < best[1]:
                best = found, gap, multipliers
            if gap <= _CLOSE:
                return best
    if best is None:
        raise Unsolved("no allocation with a welfare was found")
    return best


def _refined(
    program: Program, weights: Sequence[Fraction], alpha: float, start: dict[int, Fraction], deadline: Deadline
) -> Iterator[dict[int, Fraction]]:
    """Yield ever better points, by ever more tangents."""
    n, many = len(program.upper), len(weights)
    ceiling = [max(sum((c * program.upper[j] for j, c in u.items()), Fraction(0)), Fraction(1, 10**6)) for u in program.utilities]
    least = float(min(program.utility(start)))
    # Units in which every utility is of the order of 1.
    scale = max(least, 1e-12)
    points = [{least / scale * (float(top) / least) ** (k / _GRID) for k in range(_GRID + 1)} for top in ceiling]
    tangents: list[Row] = []

    def value(u: float) -> float:
        return math.log(u) if alpha == 1 else u ** (1 - alpha) / (1 - alpha)

    def tangent(i: int, at: float, number: int) -> Row:
        slope = at**-alpha
        terms = {j: -rounded(slope * float(c) / scale) for j, c in program.utilities[i].items()}
        return Row(f"tangent {number} of {i}", "tangent", {**terms, n + i: Fraction(1)}, rounded(value(at) - slope * at))

    # Whoever had less than this would outweigh all that the others could have.
    roof = [float(w) * value(float(top) / scale) for w, top in zip(weights, ceiling, strict=True)]
    worst = _welfare(program, weights, value, start, scale)
    lows = [(worst - sum(roof) + own) / float(w) for own, w in zip(roof, weights, strict=True)]
    smallest = [max(_inverse(low, alpha), least / scale * 1e-3) for low in lows]
    for i in range(many):
        tangents += [tangent(i, at, number) for number, at in enumerate(sorted(points[i]))]
    goal = {n + i: w for i, w in enumerate(weights)}
    highs = [Fraction(math.ceil(value(float(top) / scale) + 1)) for top in ceiling]
    box = Box([Fraction(0)] * n + [Fraction(math.floor(low)) for low in lows], [*program.upper, *highs], [False] * (n + many))
    narrow = Box([Fraction(0)] * n, program.upper, [False] * n)
    best, worth = start, worst
    for number in range(_ROUNDS):
        try:
            guess: Guess = solve(goal, [*program.rows, *tangents], box, deadline)
        except Unsolved:  # numbers too far apart: what is known so far must do
            break
        if not guess.feasible:
            break
        found = exact_point(guess.x[:n], program.rows, narrow)
        reached = _welfare(program, weights, value, found, scale)
        improved = reached > worth
        if improved:
            best, worth = found, reached
        promised = sum(float(w) * (guess.x[n + i]) for i, w in enumerate(weights))
        left = (promised - worth) / max(1.0, abs(worth))
        if left <= _CLOSE:
            break
        if improved and left <= _NEAR:
            yield best
        for i, u in enumerate(program.utility(found)):
            at = max(float(u) / scale, smallest[i])
            if at not in points[i]:
                points[i].add(at)
                tangents.append(tangent(i, at, number + _GRID + 1))
    yield best


def _inverse(welfare: float, alpha: float) -> float:
    if alpha == 1:
        return math.exp(max(welfare, -700.0))
    power = (1 - alpha) * welfare
    return float(power ** (1 / (1 - alpha))) if power > 0 else 0.0


def _welfare(
    program: Program, weights: Sequence[Fraction], value: Callable[[float], float], x: Mapping[int, Fraction], scale: float
) -> float:
    utilities = program.utility(x)
    if not all(utilities):
        return -math.inf
    return sum(float(w) * value(float(u) / scale) for w, u in zip(weights, utilities, strict=True))


def _newton(program: Program, weights: Sequence[Fraction], alpha: float, start: dict[int, Fraction]) -> dict[int, Fraction]:
    """Return a better point by Newton's method among the variables inside their limits, rows that are tight staying so.

    A tangent's gap shrinks with the distance to the optimum, the welfare's with its square: what
    tangents leave over is small for the one and not for the other.
    """
    import numpy as np

    inside = [n for n, top in enumerate(program.upper) if top / 10**6 < start.get(n, 0) < top * (1 - Fraction(1, 10**6))]
    if not inside or len(inside) > _MOST_NEWTON:
        return start
    place = {n: k for k, n in enumerate(inside)}
    tight = [row for row in program.rows if any(n in place for n in row.terms) and _slack(row, start) <= 1e-6]
    matrix = np.zeros((len(tight), len(inside)))
    for k, row in enumerate(tight):
        for n, c in row.terms.items():
            if n in place:
                matrix[k, place[n]] = float(c)
    gains = np.zeros((len(weights), len(inside)))
    rest = np.zeros(len(weights))
    for i, utility in enumerate(program.utilities):
        for n, c in utility.items():
            if n in place:
                gains[i, place[n]] = float(c)
            else:
                rest[i] += float(c * start.get(n, Fraction(0)))
    x = np.array([float(start[n]) for n in inside])
    goal = matrix @ x + np.array([float(row.bound - dot(row.terms, start)) for row in tight])
    w = np.array([float(weight) for weight in weights])
    for _ in range(_NEWTON):
        u = rest + gains @ x
        slope = w * u**-alpha
        bend = gains.T * (-alpha * slope / u) @ gains
        system = np.block([[bend, -matrix.T], [matrix, np.zeros((len(tight), len(tight)))]])
        right = np.concatenate([-gains.T @ slope, goal - matrix @ x])
        step = np.linalg.lstsq(system, right, rcond=1e-13)[0][: len(inside)]
        if not np.all(np.isfinite(step)) or np.any(rest + gains @ (x + step) <= 0):
            return start
        x += step
    guess = [float(start.get(n, 0)) for n in range(len(program.upper))]
    for n, k in place.items():
        guess[n] = float(x[k])
    try:
        narrow = Box([Fraction(0)] * len(guess), program.upper, [False] * len(guess))
        return exact_point(guess, program.rows, narrow)
    except Unsolved:
        return start


def _slack(row: Row, x: Mapping[int, Fraction]) -> float:
    size = sum((abs(c * x.get(n, Fraction(0))) for n, c in row.terms.items()), Fraction(0))
    return float((row.bound - dot(row.terms, x)) / max(size, Fraction(1, 10**9)))
