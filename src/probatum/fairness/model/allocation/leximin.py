"""The worst off first: leximin, where things are divided, as linear programs with an exact proof of each level.

A level is the most that everyone who is not settled yet can have at once. Its proof is a
multiplier of each row; whoever has a multiplier above 0 can have no more in any
allocation that attains the level, and is settled by it.

References
----------
Nace, Orlin. "Lexicographically Minimum and Maximum Load Linear Programming Problems."
Operations Research 55 (2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from probatum.fairness.model.allocation.linear import Box, Unsolved, bound, exact_multipliers, exact_point, solve
from probatum.fairness.semantics.allocation import Program, Row
from probatum.tools import Deadline


@dataclass(frozen=True, slots=True)
class Level:
    """What those who are settled by it have, by weight, and the multipliers that prove it the most.

    `settled` are numbers of agents; `multipliers` of rows by name, without zeros.
    """

    value: Fraction
    settled: tuple[int, ...]
    multipliers: dict[str, Fraction]


class Infeasible(Exception):
    """No allocation keeps all rows."""


def leximin(
    program: Program, weights: Sequence[Fraction], extra: Sequence[Row], deadline: Deadline
) -> tuple[dict[int, Fraction], list[Level]]:
    """Return the leximin optimum of the divisible problem, with its levels.

    Parameters
    ----------
    weights : sequence of Fraction
        Entitlements: utilities are divided by them.
    extra : sequence of Row
        Further rows that are known to hold.

    Raises
    ------
    Infeasible
    Unsolved
        If a level cannot be proved exactly.
    OutOfTime
    """
    n = len(program.upper)
    top = max(
        (
            sum((c * program.upper[j] for j, c in u.items()), Fraction(0)) / w
            for u, w in zip(program.utilities, weights, strict=True)
        ),
        default=Fraction(0),
    )
    box = Box([Fraction(0)] * (n + 1), [*program.upper, top + 1], [False] * (n + 1))
    settled: dict[int, Fraction] = {}
    levels: list[Level] = []
    point: dict[int, Fraction] = {}
    while len(settled) < len(weights):
        rows = [*program.rows, *extra, *level_rows(program, weights, settled)]
        goal = {n: Fraction(1)}
        guess = solve(goal, rows, box, deadline)
        if not guess.feasible:
            raise Infeasible
        multipliers = exact_multipliers(goal, rows, guess, box)
        point = exact_point(guess.x, rows, box)
        level = bound(goal, zip(rows, multipliers, strict=True), box)
        if level != point[n]:
            raise Unsolved("a level cannot be proved exactly")
        first = len(program.rows) + len(extra)
        names = [i for i in range(len(weights)) if i not in settled] + list(settled)
        now = tuple(i for i, y in zip(names, multipliers[first:], strict=True) if y and i not in settled)
        if not now:
            raise Unsolved("a level settles nobody")
        levels.append(Level(level, now, {row.name: y for row, y in zip(rows, multipliers, strict=True) if y}))
        settled |= dict.fromkeys(now, level)
    return {j: value for j, value in point.items() if j < n}, levels


def level_rows(program: Program, weights: Sequence[Fraction], settled: dict[int, Fraction]) -> list[Row]:
    """Return the rows of one level: those who are not settled have at least it, the others what they have."""
    n = len(program.upper)
    rows = []
    for i, name in enumerate(program.names):
        if i not in settled:
            terms = {j: -c / weights[i] for j, c in program.utilities[i].items()}
            rows.append(Row(f"level of `{name}`", "level", {**terms, n: Fraction(1)}, Fraction(0)))
    for i, level in settled.items():
        terms = {j: -c / weights[i] for j, c in program.utilities[i].items()}
        rows.append(Row(f"`{program.names[i]}` keeps its level", "level", terms, -level))
    return rows
