"""Small networks and linear scores: best-first search over boxes of inputs, with the bounds of `relaxation`."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.artefacts.models.model import Linear, Link, Network
from probatum.fairness.artefacts.twins import Output, Range
from probatum.fairness.model.certify.answer import Answer, Enough, Question, certificate, margin, observed
from probatum.fairness.model.certify.objectives import ProbabilityGap, RawGap, Straddle
from probatum.fairness.model.certify.relaxation import Bounds, Boxes, Relaxation

Floats: TypeAlias = NDArray[np.float64]
Choice: TypeAlias = tuple[float, ...]  # ends of a range, or values

_AT_ONCE = 1_000  # parts whose bounds are made together
_CLOSE = 1e-6  # between lower and upper bound, relative: inputs are numbers, and a bound is never quite attained


def search_network(question: Question, enough: Enough, most_parts: int, tick: Callable[[], None]) -> Answer:
    """Answer a question about a network, or a linear score, which is a network of one layer."""
    if isinstance(question.model, Network) and any(map(question.model.rectified, range(len(question.model.layers)))):
        from probatum.fairness.model.certify.units import search_units

        return search_units(question, enough, most_parts, tick)
    return Search(question).run(enough, most_parts, tick)


def near_of(upper: float, wrong: float) -> float:
    """Return how near a lower bound must come to an upper one, where rounding can move a difference by `wrong`."""
    return _CLOSE * (1 + abs(upper)) + wrong


@dataclass(frozen=True, slots=True)
class Variable:
    """A feature, or a group of which one is 1: of both, of the first (1) or of the second (2)."""

    name: str
    side: int
    listed: bool  # values, rather than a range
    whole: bool
    columns: tuple[int, ...]


class Search:
    """Splits inputs, and bounds many parts at once."""

    def __init__(self, question: Question) -> None:
        self.question = question
        model, domain, twins = question.model, question.domain, question.twins
        assert isinstance(model, Linear | Network)  # noqa: S101 - the caller's case
        layers = (((model.weights,), (model.intercept,)),) if isinstance(model, Linear) else model.layers
        self.layers = [(np.array(weights, dtype=np.float64), np.array(biases, dtype=np.float64)) for weights, biases in layers]
        rectified = [isinstance(model, Network) and model.rectified(at) for at in range(len(layers))]
        place = {name: n for n, name in enumerate(model.features)}
        self.width = len(model.features)
        self.variables: list[Variable] = []
        self.start: list[Choice] = []
        self.relations: list[tuple[int, int, float, float]] = []  # first, second, least and most of second - first
        for name, columns in [*((n, (n,)) for n in domain.features), *domain.one_hot.items()]:
            own = domain.features.get(name)
            listed = not isinstance(own, Range)
            choice = (
                (own.low, own.high)
                if isinstance(own, Range)
                else tuple(map(float, range(len(columns))))
                if own is None
                else own.values
            )
            if isinstance(own, Range) and own.whole:
                choice = (float(math.ceil(own.low)), float(math.floor(own.high)))
            sides = (1, 2) if name in twins.differing() else (0,)
            for side in sides:
                whole = isinstance(own, Range) and own.whole
                self.variables.append(Variable(name, side, listed, whole, tuple(place[c] for c in columns)))
                self.start.append(choice)
            if len(sides) == 2 and name not in twins.vary:
                width, sign = twins.tolerance.get(name, math.inf), twins.more.get(name, 0)
                least, most = (0.0, math.inf) if sign > 0 else (-math.inf, 0.0) if sign < 0 else (-width, width)
                self.relations.append((len(self.variables) - 2, len(self.variables) - 1, least, most))
        self.groups = [
            (np.array(v.columns, dtype=np.int64), v.side == 0) for v in self.variables if len(v.columns) > 1 and v.side != 2
        ]
        self.relaxation = Relaxation(self.layers, rectified, 1e-9 * (1.0 + self.scale()))
        self.is_logistic = model.link is Link.LOGISTIC
        self.objective: RawGap | ProbabilityGap | Straddle
        if question.output is Output.DECISION:
            self.objective = Straddle(0.0, 1, question.raw_threshold())
        elif question.output is Output.SCORE and model.link is Link.LOGISTIC:
            self.objective = ProbabilityGap(0.0, 1)
        else:
            self.objective = RawGap(1)

    def run(self, enough: Enough, most_parts: int, tick: Callable[[], None]) -> Answer:
        """Search until nothing is between the bounds, or they are good enough."""
        question = self.question
        wrong = margin(question)

        start = self.narrowed(list(self.start))
        split: dict[int, tuple[Any, int, int]] = {}
        bounds: dict[int, float] = {0: -math.inf}
        heap: list[tuple[float, int, tuple[Choice, ...]]] = []
        if start is not None:
            heap.append((-float(self._bounds([start])[0]), 0, start))
        lower, pair, parts, serial = -math.inf, None, 0, 0
        while heap:
            upper = -heap[0][0]
            if lower >= upper - near_of(upper, wrong) or enough(lower - wrong, upper + wrong) or parts >= most_parts:
                break
            tick()
            parts += 1
            bound, number, part = heapq.heappop(heap)
            for candidate in self.candidates(part):
                value = observed(question, candidate)[0]
                if value > lower:
                    lower, pair = value, candidate
            halves = self._best_split(part)
            if halves is None:
                heapq.heappush(heap, (bound, number, part))
                break
            entry, one, two = halves
            split[number] = (entry, serial + 1, serial + 2)
            for half, value in (one, two):
                serial += 1
                bounds[serial] = -math.inf
                if half is not None:
                    heapq.heappush(heap, (-value, serial, half))
        slack = 1e-9 * (1.0 + self.scale())
        computed = upper = -math.inf
        for (bound, number, _), plain in zip(heap, self._plain([part for _, _, part in heap]), strict=True):
            # What rounds alike for both keeps its order.
            bounds[number] = min(-bound + slack, 0.0) if plain else -bound + slack
            upper = max(upper, bounds[number])
            computed = max(computed, bounds[number] + (0.0 if plain else wrong))
        cover: list[Any] = []
        waiting = [0]
        while waiting:
            number = waiting.pop()
            if number in split:
                entry, one_number, two_number = split[number]
                cover.append(entry)
                waiting += [two_number, one_number]
            else:
                cover.append(None if bounds[number] == -math.inf else bounds[number])
        outputs = observed(question, pair)[1:] if pair is not None else (math.nan, math.nan)
        return Answer(
            lower=lower,
            upper=computed,
            pair=pair,
            outputs=outputs,
            certificate=certificate(question, upper, cover),
            parts=parts,
            exact=lower >= upper - slack - near_of(upper, wrong) or (upper == 0.0 and lower == 0.0),
        )

    def _plain(self, parts: list[tuple[Choice, ...]]) -> list[bool]:
        found: list[bool] = []
        for at in range(0, len(parts), _AT_ONCE):
            found += self._layered(parts[at : at + _AT_ONCE]).plain.tolist()
        return found

    def scale(self) -> float:
        """How large the sums can become: their rounding is a small part of it."""
        low, high, _ = self.arrays([tuple(self.start)])[0]
        reach = np.maximum(np.abs(low), np.abs(high))[0]
        for weights, biases in self.layers:
            reach = np.abs(weights) @ reach + np.abs(biases)
        return float(reach[0])

    def narrowed(self, part: list[Choice]) -> tuple[Choice, ...] | None:
        """Cut a part to what twins can be; None if there are none."""
        if any(not c or (len(c) == 2 and c[0] > c[1]) for c in part):
            return None
        for first, second, least, most in self.relations:
            one, two = part[first], part[second]
            two = self._cut(second, two, one[0] + least, one[-1] + most)
            if two:
                one = self._cut(first, one, two[0] - most, two[-1] - least)
            if not one or not two:
                return None
            part[first], part[second] = one, two
        return tuple(part)

    def _cut(self, variable: int, choice: Choice, low: float, high: float) -> Choice:
        own = self.variables[variable]
        if own.listed:
            return tuple(v for v in choice if low <= v <= high)
        # A little wider than the sums say, which are rounded.
        one = max(choice[0], math.nextafter(low, -math.inf))
        two = min(choice[1], math.nextafter(high, math.inf))
        if own.whole and math.isfinite(one) and math.isfinite(two):
            one, two = float(math.ceil(one)), float(math.floor(two))
        return (one, two) if one <= two else ()

    def arrays(self, parts: list[tuple[Choice, ...]]) -> list[tuple[Floats, Floats, Floats]]:
        """Lower ends, upper ends of the first and of the second; and of the difference, whose third member is unused."""
        shape = (len(parts), self.width)
        low1, high1, low2, high2 = (np.zeros(shape) for _ in range(4))
        least, most = np.zeros(shape), np.zeros(shape)
        for n, part in enumerate(parts):
            for variable, choice in zip(self.variables, part, strict=True):
                for rank, column in enumerate(variable.columns):
                    one, two = choice[0], choice[-1]
                    if len(variable.columns) > 1:
                        one, two = (1.0, 1.0) if choice == (float(rank),) else (0.0, float(rank in choice))
                    if variable.side in (0, 1):
                        low1[n, column], high1[n, column] = one, two
                    if variable.side in (0, 2):
                        low2[n, column], high2[n, column] = one, two
                    if variable.side == 2:
                        least[n, column] = low1[n, column] - two
                        most[n, column] = high1[n, column] - one
            for first, _, low, high in self.relations:
                [column] = self.variables[first].columns
                least[n, column] = max(least[n, column], -high)
                most[n, column] = min(most[n, column], -low)
        return [(low1, high1, least), (low2, high2, most)]

    def _bounds(self, parts: list[tuple[Choice, ...]]) -> Floats:
        """Bound what is asked on each part; minus infinity where nobody can be decided on differently."""
        return self.bound_of(self._layered(parts))

    def bound_of(self, found: Bounds) -> Floats:
        """Return what bounds of the layers mean for what is asked."""
        bounds = self.objective.bound(np.stack([found.gap, found.first, -found.second], axis=1))
        if isinstance(self.objective, Straddle):
            return np.where(found.plain, -np.inf, bounds)
        return np.where(found.plain, np.minimum(bounds, 0.0), bounds)

    def _layered(self, parts: list[tuple[Choice, ...]]) -> Bounds:
        (low1, high1, least), (low2, high2, most) = self.arrays(parts)
        return self.relaxation.bounds(Boxes(first=(low1, high1), second=(low2, high2), gap=(least, most), groups=self.groups))

    def halves(self, part: tuple[Choice, ...], v: int) -> tuple[Any, Choice, Choice] | None:
        """Cut one variable in two, with the entry of a cover that says so; None if it has one value."""
        variable, choice = self.variables[v], part[v]
        if variable.listed:
            if len(choice) < 2:
                return None
            middle = len(choice) // 2
            return [variable.name, variable.side, list(choice[:middle])], choice[:middle], choice[middle:]
        low, high = choice
        if low == high:
            return None
        at = low / 2 + high / 2
        if variable.whole:
            at = float(math.floor(at))
            above = at + 1
        else:
            at = min(at, math.nextafter(high, -math.inf))
            above = math.nextafter(at, math.inf)
        return [variable.name, variable.side, at], (low, at), (above, high)

    def _best_split(self, part: tuple[Choice, ...]) -> Any:
        tried: list[tuple[Any, tuple[Choice, ...] | None, tuple[Choice, ...] | None]] = []
        for v in range(len(self.variables)):
            halves = self.halves(part, v)
            if halves is not None:
                one, two = (self.narrowed([*part[:v], half, *part[v + 1 :]]) for half in halves[1:])
                tried.append((halves[0], one, two))
        if not tried:
            return None
        living = [half for _, *both in tried for half in both if half is not None]
        values = iter(self._bounds(living).tolist())
        best: Any = None
        worst = math.inf, math.inf
        for entry, one, two in tried:
            bounds = [next(values) if half is not None else -math.inf for half in (one, two)]
            score = (max(bounds), sum(bounds))
            if best is None or score < worst:
                worst, best = score, (entry, (one, bounds[0]), (two, bounds[1]))
        return best

    def candidates(self, part: tuple[Choice, ...]) -> list[tuple[dict[str, float], dict[str, float]]]:
        """Pairs in a part: where the bound says, and what is shared in the middle or at an end, what differs at opposite ends."""
        bound = self._layered([part])
        found = [pair for pair in (self._corner(part, bound),) if self.question.twins.are(*pair, self.question.domain)]
        for shared in (0.5, 0.0, 1.0):
            for one, two in ((0.0, 1.0), (1.0, 0.0)):
                pair = self._pair(part, (shared, one, two))
                if self.question.twins.are(*pair, self.question.domain):
                    found.append(pair)
        return found

    def _corner(self, part: tuple[Choice, ...], bound: Bounds) -> tuple[dict[str, float], dict[str, float]]:
        """Return the corner of a part at which the linear bound on the gap is largest."""
        rises = (bound.of_first[0] + bound.of_second[0], bound.of_first[0], bound.of_second[0])
        chosen = []
        for v, choice in zip(self.variables, part, strict=True):
            own = rises[v.side]
            if len(v.columns) > 1:
                chosen.append(max(choice, key=lambda place: own[v.columns[int(place)]]))
            else:
                chosen.append(choice[-1] if own[v.columns[0]] > 0 else choice[0])
        return self.people(chosen)

    def _pair(self, part: tuple[Choice, ...], where: tuple[float, float, float]) -> tuple[dict[str, float], dict[str, float]]:
        return self.people([self._at(v, choice, where[v.side]) for v, choice in zip(self.variables, part, strict=True)])

    def people(self, chosen: list[float]) -> tuple[dict[str, float], dict[str, float]]:
        """Return the pair with these values of the variables."""
        people: tuple[dict[str, float], dict[str, float]] = ({}, {})
        for first, second, least, most in self.relations:
            chosen[second] = min(max(chosen[second], chosen[first] + least), chosen[first] + most)
        for variable, value in zip(self.variables, chosen, strict=True):
            for side in (1, 2):
                if variable.side in (0, side):
                    for rank, column in enumerate(variable.columns):
                        name = self.question.model.features[column]
                        people[side - 1][name] = value if len(variable.columns) == 1 else float(rank == int(value))
        return people

    @staticmethod
    def _at(variable: Variable, choice: Choice, share: float) -> float:
        if variable.listed:
            return choice[min(len(choice) - 1, int(share * len(choice)))]
        value = choice[0] + share * (choice[1] - choice[0])
        if variable.whole:
            value = float(math.floor(value))
        return min(max(value, choice[0]), choice[1])
