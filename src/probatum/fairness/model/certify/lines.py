"""A better bound on a box of a network: the best lines above what each pair of ReLU adds, found by a linear program.

On a part of the inputs the sums before ReLU of unit j are `z1` for the first and `z2` for the second twin, and the pair
lies in a polygon: both have a range, and so has their difference. What the unit adds to the bound is
`a relu(z1) + b relu(z2)`, which is largest above `m1 z1 + m2 z2` at a corner of the polygon, or where it crosses 0; so
for any slopes `m1`, `m2` there is a number `r` with `a relu(z1) + b relu(z2) <= m1 z1 + m2 z2 + r` on the polygon. Put into
each other from the last layer to the first, these make a linear function of the inputs, whose largest value on a box is
known. The best slopes are the dual variables of a linear program, that over the convex hulls of the units' graphs
(Salman, Yang, Zhang, Hsieh, Zhang, "A convex relaxation barrier to tight robustness verification of neural networks", NeurIPS 2019; for
two copies of a network Paulsen, Wang, Wang, Wang, "NeuroDiff", ASE 2020). Any other slopes prove something, too, so nothing
rests on the solver. A sum that was split is clipped: lines have to hold on its side alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.artefacts.twins import Output
from probatum.fairness.model.certify.objectives import logistic
from probatum.fairness.model.certify.relaxation import Boxes, Ranges, largest_gap

Floats: TypeAlias = NDArray[np.float64]
Slopes: TypeAlias = tuple[Floats, Floats]  # of the first's sums and of the second's

_DIGITS = 2.0**24  # slopes are rounded to this part: few bits make checking fast
_STEEP = 1e3  # slopes that a constraint may have, in terms of what its unit adds
_TANGENTS = 9  # of a logistic function


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A bound with what proves it, and where it is attained.

    Attributes
    ----------
    bound : float
    end : pair of float
        Slopes of the two outputs.
    slopes : sequence of Slopes
        By layer with ReLU, the first one first.
    first, second : arrays of shape (features,)
        Inputs at which the relaxation is largest.
    errors : sequence of arrays of shape (2, units)
        By the same layers: how much of the bound is due to the relaxation of a unit, for each of the two.
    at_end : array of shape (2,)
        The same of what is made of the outputs, and `outputs` their sums.
    """

    bound: float
    end: tuple[float, float]
    slopes: Sequence[Slopes]
    first: Floats
    second: Floats
    errors: Sequence[Floats]
    at_end: Floats
    outputs: tuple[float, float]


class LinearProgram:
    """Bounds of one network for one sort of output.

    Parameters
    ----------
    layers : sequence of (weights, biases)
    rectified : sequence of bool
    output : Output
        SCORE: of a logistic function.
    threshold : float
        Of the sum, for decisions.
    """

    def __init__(
        self, layers: Sequence[tuple[Floats, Floats]], rectified: Sequence[bool], output: Output, threshold: float
    ) -> None:
        self._layers, self._rectified = layers, rectified
        self._output, self._threshold = output, threshold
        # How much a unit's sum can move the output at most: the scale of slopes.
        weight = np.ones(1)
        self._weights: list[Floats] = []
        for weights, _ in reversed(layers):
            self._weights.append(weight)
            weight = weight @ np.abs(weights)
        self._weights.reverse()

    def solve(self, boxes: Boxes, ranges: Ranges, differing: Sequence[int], related: Sequence[int]) -> Lines | None:
        """Bound a single box; None if the solver gives nothing.

        Parameters
        ----------
        differing : sequence of int
            Features of which each of the two has its own value.
        related : sequence of int
            Those of them whose difference is bounded.
        """
        built = self._built(boxes, ranges, differing, related)
        if built is None:
            return None
        problem, points, first, second = built
        found = problem.solved()
        if found is None:
            return None
        values, duals, ends = found
        slopes: list[Slopes] = []
        errors: list[Floats] = []
        for places, corners, columns, scale in points:
            own_slopes = np.full((2, len(scale)), np.nan)
            error = np.zeros((2, len(scale)))
            for unit, (start, stop) in columns.items():
                share = values[start:stop]
                for side in (0, 1):
                    row = places[side].get(unit)
                    own_slopes[side, unit] = 0.0 if row is None else round(duals[row] * _DIGITS) / _DIGITS
                    z = share @ corners[unit][:, side]
                    error[side, unit] = abs(float(share @ np.maximum(corners[unit][:, side], 0)) - max(z, 0.0)) * scale[unit]
            slopes.append((own_slopes[0], own_slopes[1]))
            errors.append(error)
        end = (round(ends[0] * _DIGITS) / _DIGITS, round(ends[1] * _DIGITS) / _DIGITS)
        if self._output is Output.RAW:
            end = (1.0, -1.0)
        elif self._output is Output.DECISION:
            share = min(max(end[0], 0.0), 1.0)
            end = (share, share - 1.0)
        outputs = (problem.value(problem.outputs[0], values), problem.value(problem.outputs[1], values))
        at_end = np.zeros(2)
        if self._output is Output.SCORE:
            at_end = np.abs(
                problem.given(values) - [float(logistic(np.array(outputs[0]))), -float(logistic(np.array(outputs[1])))]
            )
        bound, whole = self.bound(boxes, ranges, end, slopes)
        return Lines(
            bound=bound,
            end=end,
            slopes=whole,
            first=first(values),
            second=second(values),
            errors=errors,
            at_end=at_end,
            outputs=outputs,
        )

    def bound(
        self, boxes: Boxes, ranges: Ranges, end: tuple[float, float], slopes: Sequence[Slopes]
    ) -> tuple[float, list[Slopes]]:
        """Return what slopes prove, for any slopes; NaN is replaced by that of a unit that is on one side of 0."""
        last = len(self._layers) - 1
        added = self._rise(ranges, end)
        one, two = np.array([end[0]]), np.array([end[1]])
        rest, whole = list(slopes), []
        for layer in range(last, -1, -1):
            weights, biases = self._layers[layer]
            added += float((one + two) @ biases)
            one, two = one @ weights, two @ weights
            if layer and self._rectified[layer - 1]:
                given = rest.pop()
                m1, m2 = (m.copy() for m in given)
                for unit, corners in enumerate(corners_of(ranges, layer - 1)):
                    if not len(corners):
                        return math.inf, []
                    z1, z2 = corners.T
                    for m, z, own in ((m1, z1, one), (m2, z2, two)):
                        if math.isnan(m[unit]):
                            m[unit] = own[unit] if z.min() >= 0 else 0.0
                    above = one[unit] * np.maximum(z1, 0) + two[unit] * np.maximum(z2, 0) - m1[unit] * z1 - m2[unit] * z2
                    added += float(above.max())
                one, two = m1, m2
                whole.append((m1, m2))
        return float(largest_gap(one[None], two[None], boxes)[0]) + added, whole[::-1]

    def _rise(self, ranges: Ranges, end: tuple[float, float]) -> float:
        """Return by how much what is asked for can be above a line of the outputs."""
        if self._output is Output.RAW:
            return 0.0
        if self._output is Output.DECISION:
            return -self._threshold * end[0] - self._threshold * end[1]
        (low1, high1), (low2, high2) = (tuple(float(v[0, 0]) for v in side[-1]) for side in (ranges.first, ranges.second))
        return logistic_rise(low1, high1, end[0]) + logistic_rise(-high2, -low2, -end[1]) - 1.0

    def _built(self, boxes: Boxes, ranges: Ranges, differing: Sequence[int], related: Sequence[int]) -> Any:
        many = boxes.first[0].shape[1]
        problem = _Problem()
        own1 = problem.columns(boxes.first[0][0], boxes.first[1][0])
        own2 = own1.copy()
        own2[list(differing)] = problem.columns(boxes.second[0][0][list(differing)], boxes.second[1][0][list(differing)])
        for at in related:
            problem.between({int(own1[at]): 1.0, int(own2[at]): -1.0}, boxes.gap[0][0][at], boxes.gap[1][0][at])
        for group, alike in boxes.groups:
            for own in (own1,) if alike else (own1, own2):
                problem.equal(dict.fromkeys(own[group].tolist(), 1.0), 1.0)
        sides = [[({int(c): 1.0}, 0.0) for c in own] for own in (own1, own2)]
        points = []
        for layer, (weights, biases) in enumerate(self._layers):
            sums = [[_sum(side, line, bias) for line, bias in zip(weights, biases, strict=True)] for side in sides]
            if layer + 1 == len(self._layers) or not self._rectified[layer]:
                sides = sums
                continue
            every = corners_of(ranges, layer)
            if any(not len(corners) for corners in every):
                return None
            rows: tuple[dict[int, int], dict[int, int]] = ({}, {})
            columns: dict[int, tuple[int, int]] = {}
            after: list[list[tuple[dict[int, float], float]]] = [[], []]
            for unit, corners in enumerate(every):
                settled = [bool(z.min() >= 0 or z.max() <= 0) for z in corners.T]
                if all(settled):
                    for side in (0, 1):
                        after[side].append(sums[side][unit] if corners[:, side].min() >= 0 else ({}, 0.0))
                    continue
                own = problem.columns(np.zeros(len(corners)), np.ones(len(corners)))
                columns[unit] = (int(own[0]), int(own[-1]) + 1)
                problem.equal(dict.fromkeys(own.tolist(), 1.0), 1.0)
                steep = _STEEP * float(self._weights[layer][unit])
                # Where the difference of the sums is one number, what holds for one holds for the other.
                alike = bool(ranges.gap[layer][0][0, unit] == ranges.gap[layer][1][0, unit])
                for side in (0, 1):
                    if not (side and alike):
                        line, constant = sums[side][unit]
                        entries = {c: -v for c, v in line.items()}
                        entries.update(zip(own.tolist(), corners[:, side].tolist(), strict=True))
                        rows[side][unit] = problem.equal(entries, constant, elastic=steep)
                    after[side].append(
                        ({c: z for c, z in zip(own.tolist(), corners[:, side].tolist(), strict=True) if z > 0}, 0.0)
                    )
            sides = after
            points.append((rows, every, columns, self._weights[layer]))
        problem.end(self._output, self._threshold, sides[0][0], sides[1][0], ranges)
        assert many == len(own1)  # noqa: S101 - one column for each feature
        return problem, points, lambda values: values[own1], lambda values: values[own2]


def corners_of(ranges: Ranges, layer: int) -> list[Floats]:
    """Return for each unit of a layer the corners of its polygon, and where this crosses 0: arrays of shape (corners, 2)."""
    (low1, high1), (low2, high2), (least, most) = (
        tuple(v[0] for v in side[layer]) for side in (ranges.first, ranges.second, ranges.gap)
    )
    found = []
    for unit in range(len(low1)):
        l1, h1, l2, h2 = float(low1[unit]), float(high1[unit]), float(low2[unit]), float(high2[unit])
        g1, g2 = float(least[unit]), float(most[unit])
        near = 1e-12 * (1.0 + max(abs(l1), abs(h1), abs(l2), abs(h2)))
        cuts1, cuts2 = {l1, h1, 0.0}, {l2, h2, 0.0}
        tried = {(a, b) for a in cuts1 for b in cuts2}
        tried |= {(a, a - g) for a in cuts1 for g in (g1, g2)} | {(b + g, b) for b in cuts2 for g in (g1, g2)}
        kept = [
            (a, b)
            for a, b in tried
            if l1 - near <= a <= h1 + near and l2 - near <= b <= h2 + near and g1 - near <= a - b <= g2 + near
        ]
        found.append(np.array(sorted(kept)).reshape(-1, 2))
    return found


def logistic_rise(low: float, high: float, slope: float) -> float:
    """Return the largest value of logistic(s) less `slope` times s, for s from `low` to `high`."""
    tried = [low, high]
    if 0 < slope < 0.25:
        root = math.sqrt(1 - 4 * slope)
        # Where the logistic function has this slope; both have the same distance from 0.
        far = 2 * math.atanh(root)
        tried += [s for s in (far, -far) if low < s < high]
    return max(float(logistic(np.array(s))) - slope * s for s in tried)


def _sum(side: Sequence[tuple[dict[int, float], float]], line: Floats, bias: float) -> tuple[dict[int, float], float]:
    entries: dict[int, float] = {}
    constant = float(bias)
    for weight, (own, added) in zip(line.tolist(), side, strict=True):
        if weight:
            constant += weight * added
            for column, value in own.items():
                entries[column] = entries.get(column, 0.0) + weight * value
    return entries, constant


class _Problem:
    """A linear program that is being written: columns with bounds, rows with sides."""

    def __init__(self) -> None:
        self._low: list[float] = []
        self._high: list[float] = []
        self._cost: dict[int, float] = {}
        self._equal: list[tuple[dict[int, float], float]] = []
        self._below: list[tuple[dict[int, float], float]] = []
        self.outputs: tuple[tuple[dict[int, float], float], ...] = ()
        self._ends: list[tuple[int, float, int]] = []  # row of `below`, slope, and whose output it is about
        self._made: list[int] = []  # columns of what is made of the outputs

    def columns(self, low: Floats, high: Floats) -> NDArray[np.int64]:
        start = len(self._low)
        self._low += low.tolist()
        self._high += high.tolist()
        return np.arange(start, len(self._low))

    def equal(self, entries: dict[int, float], side: float, elastic: float = 0.0) -> int:
        if elastic:
            # It may be missed, at a price: then there is always a solution, and slopes are not steeper than that.
            [up, down] = self.columns(np.zeros(2), np.full(2, np.inf)).tolist()
            entries = entries | {up: 1.0, down: -1.0}
            self._cost[up] = self._cost[down] = elastic
        self._equal.append((entries, side))
        return len(self._equal) - 1

    def between(self, entries: dict[int, float], low: float, high: float) -> None:
        self._below.append((entries, high))
        self._below.append(({c: -v for c, v in entries.items()}, -low))

    def end(
        self,
        output: Output,
        threshold: float,
        first: tuple[dict[int, float], float],
        second: tuple[dict[int, float], float],
        ranges: Ranges,
    ) -> None:
        """Say what is made as large as possible."""
        self.outputs = (first, second)
        if output is Output.RAW:
            for sign, (entries, _) in ((-1.0, first), (1.0, second)):
                for column, value in entries.items():
                    self._cost[column] = self._cost.get(column, 0.0) + sign * value
            return
        if output is Output.DECISION:
            [far] = self.columns(np.array([-np.inf]), np.array([np.inf])).tolist()
            self._cost[far] = -1.0
            for whose, (sign, (entries, constant)) in enumerate(((-1.0, first), (1.0, second))):
                self._ends.append((len(self._below), -sign, whose))
                own = {c: sign * v for c, v in entries.items()}
                self._below.append((own | {far: 1.0}, -sign * (constant - threshold)))
            return
        # The logistic function of the first, and 1 less that of the second: that of its negative.
        for whose, (sign, (entries, constant)) in enumerate(((1.0, first), (-1.0, second))):
            low, high = ((ranges.first, ranges.second)[whose][-1][end][0, 0] for end in (0, 1))
            low, high = (low, high) if whose == 0 else (-high, -low)
            [made] = self.columns(np.array([0.0]), np.array([1.0])).tolist()
            self._made.append(made)
            self._cost[made] = -1.0
            middle: Sequence[float] = (
                np.linspace(max(float(low), -12.0), min(float(high), 12.0), _TANGENTS).tolist() if low < 12 and high > -12 else []
            )
            steep = {float(logistic(np.array(s)) * logistic(np.array(-s))) for s in middle} | {0.0}
            if high > low:
                steep.add(float((logistic(np.array(high)) - logistic(np.array(low))) / (high - low)))
            for slope in steep:
                self._ends.append((len(self._below), sign * slope, whose))
                own = {c: -sign * slope * v for c, v in entries.items()}
                self._below.append((own | {made: 1.0}, logistic_rise(float(low), float(high), slope) + sign * slope * constant))

    def value(self, line: tuple[dict[int, float], float], values: Floats) -> float:
        """Return a linear function of the solution."""
        return sum(v * float(values[c]) for c, v in line[0].items()) + line[1]

    def given(self, values: Floats) -> Floats:
        """Return what is made of the outputs, as the relaxation has it: the first's, and the second's negative."""
        return np.array([values[self._made[0]], values[self._made[1]] - 1.0])

    def solved(self) -> tuple[Floats, Floats, tuple[float, float]] | None:
        """Return the solution, slopes by row of equality, and those of the outputs."""
        from scipy.optimize import linprog

        cost = np.zeros(len(self._low))
        for column, value in self._cost.items():
            cost[column] = value
        found = linprog(
            cost,
            **_rows("eq", self._equal, len(cost)),
            **_rows("ub", self._below, len(cost)),
            bounds=np.column_stack([self._low, self._high]),
            method="highs-ds",
        )
        if found.status != 0:
            return None
        ends = [0.0, 0.0]
        for row, slope, whose in self._ends:
            ends[whose] -= float(found.ineqlin.marginals[row]) * slope
        return np.asarray(found.x), -np.asarray(found.eqlin.marginals), (ends[0], ends[1])


def _rows(kind: str, rows: Sequence[tuple[dict[int, float], float]], width: int) -> dict[str, Any]:
    from scipy.sparse import csr_array

    if not rows:
        return {}
    starts = np.cumsum([0, *(len(entries) for entries, _ in rows)])
    columns = [c for entries, _ in rows for c in entries]
    values = [v for entries, _ in rows for v in entries.values()]
    matrix = csr_array((values, columns, starts), shape=(len(rows), width))
    return {f"A_{kind}": matrix, f"b_{kind}": np.array([side for _, side in rows])}
