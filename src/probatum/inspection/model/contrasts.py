"""One level of a column compared with the others: exactly where all units had the same chance to be looked at, else by bounds of rates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from probatum.inspection.model.levels import Columns
from probatum.records import dataclass
from probatum.stats.audits import missed_rate
from probatum.stats.bounds import clopper_pearson
from probatum.stats.conditional import Layer, more_often, more_together

Levels: TypeAlias = tuple[tuple[str, str], ...]  # each a column and a level of it
_LAYER = 20  # units in a layer, on average: else there is little left to compare within them


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A unit that passed through the booth.

    Attributes
    ----------
    unit : str
    levels : mapping of str to str
        What each column says of it; "" where it says nothing.
    chance : float in (0, 1]
        With which it was drawn to be looked at; of one that was not drawn, the least that it can have had.
    looked : bool
        Whether it was drawn, and somebody looked.
    damaged : bool or None
        None if nobody looked, or whoever did cannot tell.
    coin : float or None
        As in `Question.coin`, of a unit that was drawn.
    """

    unit: str
    levels: Mapping[str, str]
    chance: float = 1.0
    looked: bool = True
    damaged: bool | None = None
    coin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Where more is damaged than elsewhere.

    Attributes
    ----------
    levels : tuple of (str, str)
        Column and level; two of them where both together make more of a difference than either does elsewhere.
    units, damaged : int
        Of those that were judged.
    others, others_damaged : int
        Of those that they were compared with.
    p : float or None
        Probability of such a difference by chance, or of a larger one; None where rates are bounded instead.
    p_adjusted : float or None
        For all comparisons.
    odds_at_least : float
        Lower bound of the ratio of odds of damage, for all comparisons together; 0 if nothing is known. For pairs it is not bounded: 1 if
        they are found.
    within : tuple of str
        Columns in which units that were compared are alike.
    explained_by : tuple of (str, str)
        Levels of which alone it may be: without their units there is no difference that can be told.
    least_p : float or None
        The smallest p that there could have been with as many damaged units; None where that is not known.
    """

    levels: tuple[tuple[str, str], ...]
    units: int
    damaged: int
    others: int
    others_damaged: int
    p: float | None
    p_adjusted: float | None
    odds_at_least: float
    within: tuple[str, ...] = ()
    explained_by: tuple[tuple[str, str], ...] = ()
    least_p: float | None = None

    def __str__(self) -> str:
        named = " with ".join(f"{column} `{level}`" for column, level in self.levels)
        share, rest = (f"{part} of {whole}" for part, whole in ((self.damaged, self.units), (self.others_damaged, self.others)))
        return f"{named}: {share} damaged, {rest} elsewhere" + (
            f"; odds at least {self.odds_at_least:.3g} times as high" if self.odds_at_least > 1 else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Units that are alike in all columns."""

    levels: Mapping[str, str]
    damaged: int
    units: int


def cells(known: Sequence[Passed]) -> tuple[Cell, ...]:
    """Bring units together that are alike."""
    counts: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(lambda: [0, 0])
    for one in known:
        own = counts[tuple(sorted(one.levels.items()))]
        own[0] += bool(one.damaged)
        own[1] += 1
    return tuple(Cell(levels=dict(levels), damaged=own[0], units=own[1]) for levels, own in counts.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Units, and how they are compared.

    Attributes
    ----------
    cells : tuple of Cell
        Of units that were judged, where all had the same chance.
    units : tuple of Passed
        All, where they had not.
    about : Columns
    confidence : float
    family : int
        How many comparisons there are.
    """

    cells: tuple[Cell, ...]
    units: tuple[Passed, ...]
    about: Columns
    confidence: float
    family: int

    def at(self, plan: Levels) -> Cause:
        """Compare a level, or a pair of them, with the others."""
        return _bounded(self, plan) if self.units else _exactly(self, plan)

    def without(self, levels: Levels) -> Look:
        """Leave out units of any of these levels."""
        return replace(
            self,
            cells=tuple(one for one in self.cells if not _has(one.levels, levels)),
            units=tuple(one for one in self.units if not _has(one.levels, levels)),
        )


def _exactly(look: Look, plan: Levels) -> Cause:
    within = look.about.layers(plan[0][0], units=sum(one.units for one in look.cells), fewest=_LAYER)
    if len(plan) == 1:
        layers = _layers(look.cells, plan, within)
        contrast = more_often(layers, confidence=look.confidence, family=look.family)
        return _cause(look, plan, layers, p=contrast.p, low=contrast.low, within=within, least=contrast.least)
    # Also where the other column has another level, only what is alike in it is compared: what else differs there must not look like a difference.
    within = (*(name for name in within if name != plan[1][0]), plan[1][0])
    here = _layers([one for one in look.cells if _has(one.levels, plan[1:])], plan[:1], within)
    elsewhere = _layers([one for one in look.cells if not _has(one.levels, plan[1:])], plan[:1], within)
    p = more_together(here, elsewhere)
    low = math.nextafter(1, 2) if p < (1 - look.confidence) / look.family else 0.0
    return _cause(look, plan, here, p=p, low=low, within=within)


def _has(own: Mapping[str, str], levels: Levels) -> bool:
    return any(own.get(column, "") == level for column, level in levels)


def _layers(some: Sequence[Cell], levels: Levels, within: Sequence[str]) -> list[Layer]:
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in some:
        own = counts[tuple(one.levels.get(name, "") for name in within)]
        at = 0 if _has(one.levels, levels) else 2
        own[at] += one.damaged
        own[at + 1] += one.units
    return [Layer(*own) for own in counts.values() if own[1] and own[3]]


def _cause(
    look: Look,
    plan: Levels,
    layers: Sequence[Layer],
    *,
    p: float,
    low: float,
    within: tuple[str, ...],
    least: float | None = None,
) -> Cause:
    return Cause(
        levels=plan,
        units=sum(one.units for one in layers),
        damaged=sum(one.faulty for one in layers),
        others=sum(one.units_elsewhere for one in layers),
        others_damaged=sum(one.faulty_elsewhere for one in layers),
        p=p,
        p_adjusted=min(1.0, look.family * p),
        odds_at_least=low,
        within=within,
        least_p=least,
    )


def _bounded(look: Look, plan: Levels) -> Cause:
    """Compare the least rate that there can be here with the most that there can be elsewhere; within what the column lies in."""
    around = look.about.around(plan[0][0])
    own = [one for one in look.units if _has(one.levels, plan)]
    inside = {one.levels.get(around, "") for one in own} if around else set()
    rest = [one for one in look.units if not _has(one.levels, plan) and (not around or one.levels.get(around, "") in inside)]
    low = _end(own, "lower", look.confidence, look.family)
    high = _end(rest, "upper", look.confidence, look.family)
    odds = (low / (1 - low)) / (high / (1 - high)) if low < 1 and 0 < high < 1 else math.inf if low > high else 0.0
    return Cause(
        levels=plan,
        units=sum(one.looked for one in own),
        damaged=sum(one.damaged is True for one in own),
        others=sum(one.looked for one in rest),
        others_damaged=sum(one.damaged is True for one in rest),
        p=None,
        p_adjusted=None,
        odds_at_least=odds,
        within=(around,) if around else (),
    )


def _end(units: Sequence[Passed], side: Literal["lower", "upper"], confidence: float, family: int) -> float:
    """Return the least or the most of the probability of damage that there can be, wherever the coins fell.

    Half of what may fail is for the coins, and half for how many of these units happened to be damaged.
    """
    if not units:
        return 0.0 if side == "lower" else 1.0
    counted = [one for one in units if one.looked and (one.damaged or (one.damaged is None and side == "upper"))]
    ours = 4 * family
    least = min(one.chance for one in units)
    if least >= 1:
        many = len(counted)
    else:
        bound = missed_rate(
            [one.chance for one in counted], population=len(units), least=least, confidence=confidence, side=side, family=ours
        )
        end = (bound.low if side == "lower" else bound.high) or 0.0
        many = math.ceil(end * len(units) - 1e-6) if side == "lower" else math.floor(end * len(units) + 1e-6)
    rate = clopper_pearson(many, len(units), confidence=confidence, side=side, family=ours)
    return (rate.low if side == "lower" else rate.high) or 0.0
