"""Networks with ReLU: best-first search that splits sums as well as inputs, with bounds of `lines`.

What differs between twins is split first, if it has few values. Then a part is split where the relaxation loses most: at 0 of
a unit's sum, at a number of an output of which the logistic function is taken, or at an input, where that must be whole.
The solution of each relaxation is rounded to a pair of twins, whom the model scores.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from probatum.fairness.artefacts.models.model import Network
from probatum.fairness.artefacts.twins import Output
from probatum.fairness.model.certify.answer import Answer, Enough, Question, certificate, margin, observed
from probatum.fairness.model.certify.lines import LinearProgram, Lines
from probatum.fairness.model.certify.networks import Choice, Search, near_of
from probatum.fairness.model.certify.relaxation import Boxes, Clip

_FEW = 12  # values of what differs that are told apart before anything else
_OFTEN = 8  # parts, after which pairs at ends and in the middle of one are tried, too
_SAME = 1e-9  # relative: errors of a relaxation that are none

Pair: TypeAlias = tuple[dict[str, float], dict[str, float]]


def search_units(question: Question, enough: Enough, most_parts: int, tick: Callable[[], None]) -> Answer:
    """Answer a question about a network that has ReLU somewhere."""
    return _Units(question).run(enough, most_parts, tick)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of the domain, with the best bound on it, and what proves that: lines, or intervals alone."""

    choices: tuple[Choice, ...]
    clips: tuple[Clip, ...]
    bound: float
    plain: bool
    lines: Lines | None
    chosen: Lines | None  # where the relaxation is largest, whether or not its bound was the better one


class _Units(Search):
    def __init__(self, question: Question) -> None:
        super().__init__(question)
        model = question.model
        assert isinstance(model, Network)  # noqa: S101 - the caller's case
        rectified = [model.rectified(at) for at in range(len(self.layers))]
        self._hidden = [at for at, one in enumerate(rectified) if one]
        threshold = question.raw_threshold() if question.output is Output.DECISION else 0.0
        self._shape = question.output
        if question.output is Output.SCORE and not self.is_logistic:
            self._shape = Output.RAW
        self._program = LinearProgram(self.layers, rectified, self._shape, threshold)
        place = {name: n for n, name in enumerate(model.features)}
        twins, domain = question.twins, question.domain
        groups = domain.one_hot
        self._differing = sorted(place[c] for name in twins.differing() for c in groups.get(name, (name,)))
        self._related = sorted(place[name] for name in (*twins.tolerance, *twins.more))
        self._near = 1e-9 * (1.0 + self.scale())
        self._lower = -math.inf
        self._found: Pair | None = None

    def run(self, enough: Enough, most_parts: int, tick: Callable[[], None]) -> Answer:
        """Search until nothing is between the bounds, or they are good enough."""
        wrong = margin(self.question)
        split: dict[int, tuple[Any, int, int]] = {}
        living: dict[int, _Part] = {}
        start = self.narrowed(list(self.start))
        first = None if start is None else self._part(start, ())
        heap: list[tuple[float, int]] = []
        if first is not None:
            living[0] = first
            heap.append((-first.bound, 0))
        parts = serial = 0
        while heap:
            upper = -heap[0][0]
            if self._lower >= upper - near_of(upper, wrong) or enough(self._lower - wrong, upper + wrong) or parts >= most_parts:
                break
            tick()
            parts += 1
            _, number = heap[0]
            if living[number].chosen is None or parts % _OFTEN == 1:
                for pair in self.candidates(living[number].choices):
                    self._try(pair)
            halves = self._split(living[number])
            if halves is None:
                break
            heapq.heappop(heap)
            del living[number]
            entry, *both = halves
            split[number] = (entry, serial + 1, serial + 2)
            for half in both:
                serial += 1
                if half is not None:
                    living[serial] = half
                    heapq.heappush(heap, (-half.bound, serial))
        return self._answer(split, living, wrong, parts)

    def _answer(self, split: dict[int, tuple[Any, int, int]], living: dict[int, _Part], wrong: float, parts: int) -> Answer:
        slack = self._near
        cover: list[Any] = []
        waiting = [0]
        computed = upper = -math.inf
        while waiting:
            number = waiting.pop()
            if number in split:
                entry, one, two = split[number]
                cover.append(entry)
                waiting += [two, one]
                continue
            part = living.get(number)
            if part is None or part.bound == -math.inf:
                cover.append(None)
                continue
            bound = part.bound + slack
            if part.plain:
                bound = min(bound, 0.0)
            upper = max(upper, bound)
            computed = max(
                computed, bound + (0.0 if part.plain and bound <= 0 and self.question.output is not Output.DECISION else wrong)
            )
            cover.append(bound if part.lines is None else _written(bound, part.lines))
        pair = self._found
        return Answer(
            lower=self._lower,
            upper=computed,
            pair=pair,
            outputs=observed(self.question, pair)[1:] if pair is not None else (math.nan, math.nan),
            certificate=certificate(self.question, upper, cover),
            parts=parts,
            exact=self._lower >= upper - slack - near_of(upper, wrong) or (upper == 0.0 and self._lower == 0.0),
        )

    def _part(self, choices: tuple[Choice, ...], clips: tuple[Clip, ...]) -> _Part | None:
        """Bound a part; None if nobody is in it."""
        (low1, high1, least), (low2, high2, most) = self.arrays([choices])
        boxes = Boxes(first=(low1, high1), second=(low2, high2), gap=(least, most), groups=self.groups)
        ranges = self.relaxation.ranges(boxes, clips)
        for low, high in (*ranges.first, *ranges.second, *ranges.gap):
            if (low > high + self._near).any():
                return None
        found = self.relaxation.bounds_of(boxes, ranges)
        bound = float(self.bound_of(found)[0])
        plain = bool(found.plain[0])
        if bound == -math.inf or (plain and bound <= 0):
            return _Part(choices=choices, clips=clips, bound=bound, plain=plain, lines=None, chosen=None)
        lines = self._program.solve(boxes, ranges, self._differing, self._related)
        if lines is None or not math.isfinite(lines.bound):
            return _Part(choices=choices, clips=clips, bound=bound, plain=plain, lines=None, chosen=None)
        self._try(self._rounded(choices, lines))
        better = lines.bound < bound
        return _Part(
            choices=choices,
            clips=clips,
            bound=min(bound, lines.bound),
            plain=plain,
            lines=lines if better else None,
            chosen=lines,
        )

    def _try(self, pair: Pair) -> None:
        if self.question.twins.are(*pair, self.question.domain):
            value = observed(self.question, pair)[0]
            if value > self._lower:
                self._lower, self._found = value, pair

    def _rounded(self, choices: tuple[Choice, ...], lines: Lines) -> Pair:
        """Return the pair nearest to where the relaxation is largest."""
        values = (lines.first, lines.first, lines.second)
        chosen = []
        for variable, choice in zip(self.variables, choices, strict=True):
            own = values[variable.side]
            if len(variable.columns) > 1:
                chosen.append(max(choice, key=lambda place: own[variable.columns[int(place)]]))
                continue
            value = float(own[variable.columns[0]])
            if variable.listed:
                chosen.append(min(choice, key=lambda v: abs(v - value)))
            else:
                value = float(round(value)) if variable.whole else value
                chosen.append(min(max(value, choice[0]), choice[-1]) + 0.0)
        return self.people(chosen)

    def _split(self, part: _Part) -> tuple[Any, _Part | None, _Part | None] | None:
        for v, variable in enumerate(self.variables):
            choice = part.choices[v]
            few = variable.listed or (variable.whole and choice[-1] - choice[0] < _FEW)
            if variable.side and few and (len(choice) if variable.listed else choice[-1] - choice[0] + 1) > 1:
                return self._at_input(part, v)
        lines = part.chosen
        if lines is not None:
            clip = self._worst_unit(part, lines)
            if clip is not None:
                return self._at_sum(part, clip)
            v = self._broken(part, lines)
            if v >= 0:
                return self._at_input(part, v)
        return self._at_best_input(part)

    def _worst_unit(self, part: _Part, lines: Lines) -> Clip | None:
        """Return where the relaxation loses most by a sum, or by a logistic function; None if by none."""
        found: Clip | None = None
        worst = _SAME * (1.0 + abs(part.bound))
        for layer, errors in zip(self._hidden, lines.errors, strict=True):
            at = np.unravel_index(int(errors.argmax()), errors.shape)
            clip = Clip(layer=layer, unit=int(at[1]), side=int(at[0]) + 1, at=0.0, above=False)
            if errors[at] > worst and not self._is_split(part, clip):
                worst, found = float(errors[at]), clip
        for side in (1, 2):
            value = round(lines.outputs[side - 1] * 1024) / 1024
            clip = Clip(layer=len(self.layers) - 1, unit=0, side=side, at=value, above=False)
            if lines.at_end[side - 1] > worst and not self._is_split(part, clip):
                worst, found = float(lines.at_end[side - 1]), clip
        return found

    @staticmethod
    def _is_split(part: _Part, clip: Clip) -> bool:
        return any((one.layer, one.unit, one.side, one.at) == (clip.layer, clip.unit, clip.side, clip.at) for one in part.clips)

    def _broken(self, part: _Part, lines: Lines) -> int:
        """Return the input that is furthest from being what it must be; -1 if all are."""
        worst, found = 1e-6, -1
        values = (lines.first, lines.first, lines.second)
        for v, (variable, choice) in enumerate(zip(self.variables, part.choices, strict=True)):
            own = [float(values[variable.side][column]) for column in variable.columns]
            if len(own) > 1:
                far = 1.0 - max(own)
            elif variable.listed:
                far = min(abs(value - own[0]) for value in choice) / (1.0 + choice[-1] - choice[0])
            else:
                far = abs(own[0] - round(own[0])) if variable.whole else 0.0
            if far > worst:
                worst, found = far, v
        return found

    def _at_sum(self, part: _Part, clip: Clip) -> tuple[Any, _Part | None, _Part | None]:
        above = Clip(layer=clip.layer, unit=clip.unit, side=clip.side, at=clip.at, above=True)
        entry = {"layer": clip.layer, "unit": clip.unit, "whose": clip.side, "at": clip.at}
        return entry, self._part(part.choices, (*part.clips, clip)), self._part(part.choices, (*part.clips, above))

    def _at_input(self, part: _Part, v: int) -> tuple[Any, _Part | None, _Part | None] | None:
        halves = self.halves(part.choices, v)
        if halves is None:
            return self._at_best_input(part)
        found = []
        for half in halves[1:]:
            choices = self.narrowed([*part.choices[:v], half, *part.choices[v + 1 :]])
            found.append(None if choices is None else self._part(choices, part.clips))
        return halves[0], found[0], found[1]

    def _at_best_input(self, part: _Part) -> tuple[Any, _Part | None, _Part | None] | None:
        """Split the input that moves the first layer most."""
        weights = np.abs(self.layers[0][0]).sum(axis=0)
        widest, found = 0.0, -1
        for v, (variable, choice) in enumerate(zip(self.variables, part.choices, strict=True)):
            if self.halves(part.choices, v) is None:
                continue
            wide = 1.0 if len(variable.columns) > 1 else choice[-1] - choice[0]
            moved = wide * float(max(weights[c] for c in variable.columns)) or 1e-300
            if moved > widest:
                widest, found = moved, v
        return None if found < 0 else self._at_input(part, found)


def _written(bound: float, lines: Lines) -> dict[str, Any]:
    return {
        "at_most": bound,
        "end": list(lines.end),
        "slopes": [[m1.tolist(), m2.tolist()] for m1, m2 in lines.slopes],
    }
