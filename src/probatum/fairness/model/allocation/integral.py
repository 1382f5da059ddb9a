"""Things that go whole: optima found by HiGHS, and proved by a tree whose leaves are linear programs.

At each node of the tree a variable is at most some whole number, or at least the next. At
each leaf, multipliers of rows show that nothing there exceeds the optimum: exactly, whatever
HiGHS did on the way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from probatum.fairness.model.allocation.leximin import Infeasible, Level, leximin
from probatum.fairness.model.allocation.linear import Box, Unsolved, bound, rounded, solve, solve_whole
from probatum.fairness.semantics.allocation import Program, Row, Vector, dot
from probatum.tools import Deadline, OutOfTime

_MOST_NODES = 1_500  # of one tree
_MOST_TREES = 6_000  # nodes of all trees of a certificate
_MOST_ORDERED = 25  # agents whose utilities are put in order by linear rows


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best point, its value, and a tree that proves that nothing is better; None if none was made."""

    point: dict[int, Fraction]
    value: Fraction
    tree: dict[str, Any] | None


def unit(objective: Vector, box: Box) -> Fraction:
    """Return a step such that values of the objective at whole points are its multiples; 0 if there is none.

    Only variables that are whole may count.
    """
    if any(not box.whole[n] for n in objective):
        return Fraction(0)
    return step(objective.values())


def step(numbers: Any) -> Fraction:
    """Return the greatest number of which all are whole multiples; 0 for none."""
    found = Fraction(0)
    for number in numbers:
        if number:
            found = Fraction(
                math.gcd(found.numerator * number.denominator, number.numerator * found.denominator),
                found.denominator * number.denominator,
            )
    return found


def maximise(objective: Vector, rows: Sequence[Row], box: Box, deadline: Deadline, *, grain: Fraction | None = None) -> Optimum:
    """Maximise a linear function where some variables are whole, with a proof.

    Parameters
    ----------
    grain : Fraction, optional
        Values of the objective that can be optimal are multiples of this.

    Raises
    ------
    Infeasible
    Unsolved
    OutOfTime
    """
    feasible, point, _ = solve_whole(objective, rows, box, deadline)
    if not feasible:
        raise Infeasible
    value = dot(objective, point)
    return Optimum(
        point, value, prove(objective, value, rows, box, deadline, grain=unit(objective, box) if grain is None else grain)
    )


def prove(
    objective: Vector, value: Fraction, rows: Sequence[Row], box: Box, deadline: Deadline, *, grain: Fraction
) -> dict[str, Any] | None:
    """Return a tree that proves that the objective is nowhere above a value, or None if that takes too many nodes."""
    left = [_MOST_NODES]

    def node(lower: list[Fraction], upper: list[Fraction]) -> dict[str, Any] | None:
        left[0] -= 1
        if left[0] < 0:
            return None
        here = Box(lower, upper, box.whole)
        guess = solve(objective, rows, here, deadline)
        multipliers = [rounded(y) if y > 0 else Fraction(0) for y in guess.multipliers]
        most = bound(objective if guess.feasible else {}, zip(rows, multipliers, strict=True), here)
        if (most < value + grain or most <= value) if guess.feasible else most < 0:
            return _leaf(rows, multipliers, empty=not guess.feasible)
        if not guess.feasible:
            return None
        open_ = [n for n, w in enumerate(box.whole) if w and lower[n] < upper[n]]
        if not open_:
            return _exact_leaf(objective, rows, here, value)
        n = max(open_, key=lambda n: (min(guess.x[n] % 1, -guess.x[n] % 1), -n))
        at = Fraction(min(math.floor(guess.x[n] + 1e-9), int(upper[n]) - 1))
        down = node(lower, [*upper[:n], at, *upper[n + 1 :]])
        up = None if down is None else node([*lower[:n], at + 1, *lower[n + 1 :]], upper)
        return None if up is None or down is None else {"split": n, "at": str(at), "down": down, "up": up}

    return node(list(box.lower), list(box.upper))


def _leaf(rows: Sequence[Row], multipliers: Sequence[Fraction], *, empty: bool) -> dict[str, Any]:
    return {"empty" if empty else "bound": {row.name: str(y) for row, y in zip(rows, multipliers, strict=True) if y}}


def _exact_leaf(objective: Vector, rows: Sequence[Row], box: Box, value: Fraction) -> dict[str, Any] | None:
    """Return a leaf where all whole variables are known, and rounding was the only obstacle."""
    from probatum.fairness.model.allocation.linear import exact_multipliers

    guess = solve(objective, rows, box, Deadline.never())
    multipliers = exact_multipliers(objective, rows, guess, box)
    fits = bound(objective, zip(rows, multipliers, strict=True), box) <= value
    return _leaf(rows, multipliers, empty=False) if guess.feasible and fits else None


@dataclass(frozen=True, slots=True)
class Whole:
    """The leximin optimum of whole things.

    Attributes
    ----------
    point : mapping of int to Fraction
    caps : list of Optimum
        The most that each agent can have on its own.
    levels : list of Level, or None
        Those of the divisible problem under these caps, where it has the same utilities.
    sums : list of (Fraction, tree or None)
        Otherwise: the most that the one, two, three ... worst off can have together, and why.
    """

    point: dict[int, Fraction]
    caps: list[Optimum]
    levels: list[Level] | None
    sums: list[tuple[Fraction, dict[str, Any] | None]]


def whole_leximin(program: Program, weights: Sequence[Fraction], deadline: Deadline) -> Whole:
    """Return the leximin optimum where things go whole.

    Raises
    ------
    Infeasible
    Unsolved
    OutOfTime

    Notes
    -----
    First the divisible problem, in which nobody has more than they can have of whole things.
    If some whole allocation has its utilities, its proof is one of this problem too. If not,
    sums of the k smallest utilities are maximised one after the other [1]_.

    References
    ----------
    .. [1] Ogryczak, Sliwinski. "On Direct Methods for Lexicographic Min-Max Optimization."
       ICCSA 2006.
    """
    n = len(program.upper)
    box = Box([Fraction(0)] * n, program.upper, program.whole)
    caps = [maximise(u, program.rows, box, deadline) for u in program.utilities]
    extra = cap_rows(program, [cap.value for cap in caps])
    if all(cap.tree is not None for cap in caps):
        try:
            _, levels = leximin(program, weights, extra, deadline)
        except Unsolved:
            levels = []
        if levels:
            value = {i: level.value for level in levels for i in level.settled}
            rows = [
                Row(f"level {i}", "level", {j: -c / weights[i] for j, c in u.items()}, -value[i])
                for i, u in enumerate(program.utilities)
            ]
            found, point, _ = solve_whole({}, [*program.rows, *rows], box, deadline)
            if found:
                return Whole(point, caps, levels, [])
    if len(weights) > _MOST_ORDERED:
        raise Unsolved(f"more than {_MOST_ORDERED} agents compete for whole things, and dividing them would be better for some")
    return _by_sums(program, weights, caps, deadline)


def cap_rows(program: Program, caps: Sequence[Fraction]) -> list[Row]:
    """Return rows that say what each agent can have at most."""
    return [
        Row(f"`{name}` can have at most so much", "cap", u, cap)
        for name, u, cap in zip(program.names, program.utilities, caps, strict=True)
    ]


def _by_sums(program: Program, weights: Sequence[Fraction], caps: list[Optimum], deadline: Deadline) -> Whole:
    many = len(weights)
    grain = step(c / w for u, w in zip(program.utilities, weights, strict=True) for c in u.values())
    top = max(cap.value / w for cap, w in zip(caps, weights, strict=True))
    known: list[Fraction] = []
    sums: list[tuple[Fraction, dict[str, Any] | None]] = []
    point: dict[int, Fraction] = {}
    size = 0
    for _ in range(many):
        goal, rows, box = ordered(program, weights, [cap.value for cap in caps], known, top)
        feasible, found, _ = solve_whole(goal, rows, box, deadline)
        if not feasible:
            raise Unsolved("the solver contradicts itself")
        utilities = sorted(dot(u, found) / w for u, w in zip(program.utilities, weights, strict=True))
        value = sum(utilities[: len(known) + 1], Fraction(0))
        # After one level that is only the solver's word, proofs of the next ones would not make it more.
        proving = size < _MOST_TREES and all(known_tree is not None for _, known_tree in sums)
        tree = _in_time(goal, value, rows, box, deadline, grain=grain) if proving else None
        size += _size(tree)
        sums.append((value, tree))
        known.append(value)
        point = {j: found[j] for j in range(len(program.upper))}
    return Whole(point, caps, None, sums)


def _in_time(
    goal: Vector, value: Fraction, rows: Sequence[Row], box: Box, deadline: Deadline, *, grain: Fraction
) -> dict[str, Any] | None:
    """Prove within a quarter of the time that is left, so that an answer without a proof is still an answer."""
    try:
        return prove(goal, value, rows, box, Deadline.after(deadline.remaining() / 4), grain=grain)
    except OutOfTime:
        return None


def _size(tree: Mapping[str, Any] | None) -> int:
    if tree is None:
        return 0
    return 1 + _size(tree.get("down")) + _size(tree.get("up"))


def ordered(
    program: Program, weights: Sequence[Fraction], caps: Sequence[Fraction], known: Sequence[Fraction], top: Fraction
) -> tuple[dict[int, Fraction], list[Row], Box]:
    """Return the program that maximises the sum of the k smallest utilities, where those of fewer are known; k is one more.

    The sum of the k smallest of u is the most of `k r - sum(d)` where `d_i >= r - u_i`, `d_i >= 0`.
    """
    n, many = len(program.upper), len(weights)
    rows = [*program.rows, *cap_rows(program, caps)]
    upper, whole = list(program.upper), list(program.whole)
    goal: dict[int, Fraction] = {}
    for k in range(1, len(known) + 2):
        r = n + (k - 1) * (many + 1)
        upper += [top] * (many + 1)
        whole += [False] * (many + 1)
        for i, name in enumerate(program.names):
            terms = {j: -c / weights[i] for j, c in program.utilities[i].items()}
            rows.append(Row(f"`{name}` among {k}", "order", {**terms, r: Fraction(1), r + 1 + i: Fraction(-1)}, Fraction(0)))
        goal = {r: Fraction(k), **{r + 1 + i: Fraction(-1) for i in range(many)}}
        if k <= len(known):
            rows.append(Row(f"the {k} worst off together", "order", {j: -c for j, c in goal.items()}, -known[k - 1]))
    return goal, rows, Box([Fraction(0)] * len(upper), upper, whole)
