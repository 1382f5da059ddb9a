"""Sums of trees: from a question to variables, pieces and a search, and from what it found to twins and a cover."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from probatum.fairness.artefacts.models.model import Link, TreeSum
from probatum.fairness.artefacts.twins import Output, Range
from probatum.fairness.model.certify.answer import Answer, Enough, Question, certificate, margin, observed
from probatum.fairness.model.certify.objectives import ProbabilityGap, RawGap, Straddle
from probatum.fairness.model.certify.pieces import pieces_of
from probatum.fairness.model.certify.search import Cover, search
from probatum.fairness.model.certify.variables import FIRST, SECOND, Cell, Variables, variables_of


def search_trees(question: Question, enough: Enough, most_parts: int, tick: Callable[[], None]) -> Answer:
    """Answer a question about a sum of trees."""
    model = question.model
    assert isinstance(model, TreeSum)  # noqa: S101 - the caller's case
    variables = variables_of(model, question.domain, question.twins)
    by_gap = question.output is Output.RAW or (question.output is Output.SCORE and model.link is Link.IDENTITY)
    pieces = pieces_of(model, variables, gaps_only=by_gap)
    objective: RawGap | ProbabilityGap | Straddle
    if by_gap:
        objective = RawGap(model.divisor)
    elif question.output is Output.SCORE:
        objective = ProbabilityGap(model.base, model.divisor)
    else:
        objective = Straddle(model.base, model.divisor, question.raw_threshold())
    # Rounding keeps order: where no tree adds more to the first, the first's sum is not above the second's as computed.
    ordered = question.output is not Output.DECISION
    wrong = margin(question)
    found = search(
        pieces,
        variables,
        objective,
        enough=lambda low, high: enough(low - wrong, high + wrong),
        most_parts=most_parts,
        tick=tick,
    )
    # What arithmetic with 64 bits did to the bounds themselves; the checker's is exact.
    slack = 1e-12 * (1.0 + abs(found.upper)) if found.upper > -math.inf else 0.0
    plain = found.cover.plain if ordered else set()
    stated = {
        number: min(bound + slack, 0.0) if number in plain and bound <= 0 else bound + slack
        for number, bound in found.cover.bound.items()
    }
    cover = _cover(found.cover, stated, variables)
    upper = max(stated.values())
    computed = max(bound if number in plain and bound <= 0 else bound + wrong for number, bound in stated.items())
    pair = None if found.point is None else twins_at(question, variables, found.point)
    lower, one, two = observed(question, pair) if pair is not None else (-math.inf, math.nan, math.nan)
    return Answer(
        lower=lower,
        upper=computed,
        pair=pair,
        outputs=(one, two),
        certificate=certificate(question, upper, cover),
        parts=found.parts,
        exact=found.lower >= found.upper - 10 * slack - 1e-12,
    )


def _cover(cover: Cover, stated: dict[int, float], variables: Variables) -> list[Any]:
    """Return the cover as a list in which a split is followed by its halves."""
    found: list[Any] = []
    waiting = [0]
    while waiting:
        number = waiting.pop()
        if number not in cover.split:
            bound = stated[number]
            found.append(None if bound == -math.inf else bound)
            continue
        v, left, one, two = cover.split[number]
        variable = variables.all[v]
        if variable.ordered:
            at: Any = variable.cells[left.bit_length() - 1].high
        else:
            chosen = [value for n, cell in enumerate(variable.cells) if left >> n & 1 for value in cell.values]
            at = [None if math.isnan(value) else value for value in chosen]
        found.append([variable.name, variable.side, at])
        waiting += [two, one]
    return found


def twins_at(question: Question, variables: Variables, point: tuple[int, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Return twins in the cells of a point, with values that are short to write."""
    chosen = [_short(variable.cells[cell], question, variable.name) for variable, cell in zip(variables.all, point, strict=True)]
    for relation in variables.relations:
        one, two = variables.all[relation.first], variables.all[relation.second]
        chosen[relation.first], chosen[relation.second] = _together(
            one.cells[point[relation.first]],
            two.cells[point[relation.second]],
            relation.least,
            relation.most,
            chosen[relation.first],
        )
    pair: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for variable, value in zip(variables.all, chosen, strict=True):
        for side, person in ((FIRST, pair[0]), (SECOND, pair[1])):
            if variable.side in (side, 0):
                for place, column in enumerate(variable.columns):
                    name = question.model.features[column]
                    person[name] = value if len(variable.columns) == 1 else float(place == int(value))
    return pair


def _together(one: Cell, two: Cell, least: float, most: float, wanted: float) -> tuple[float, float]:
    """Choose a value of each cell so that their difference is allowed; cells have such values, or ends would not meet."""
    low, high = max(one.low, two.low - most), min(one.high, two.high - least)
    first = min(max(wanted, low), high)
    second = min(max(first, two.low), two.high)
    second = min(max(second, first + least), first + most)
    return first, second


def _short(cell: Cell, question: Question, name: str) -> float:
    own = question.domain.features.get(name)
    if cell.values or math.isnan(cell.low) or not isinstance(own, Range):
        return cell.high
    if own.whole or cell.low == cell.high:
        return cell.low
    middle = cell.low / 2 + cell.high / 2
    for digits in range(-6, 17):
        value = round(middle, digits)
        if cell.low <= value <= cell.high:
            return value + 0.0
    return cell.high
