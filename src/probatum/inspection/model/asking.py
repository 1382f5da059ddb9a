"""What to annotate next: units that tell most, drawn by coins with known biases, so that what is found still says how much was shipped damaged.

Labels are worth most near the threshold, where channels disagree, and of what is new. But what is counted among such units is true of
such units. So a part of the budget is spread over all units alike, the rest over what tells most, and the probability
with which each could have been drawn is kept: `estimate` gives rates with bounds that hold, and `uniform` the part that was drawn as if
by chance alone, which calibration needs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from probatum.inspection.artefacts.annotations import Draw, Question, Side
from probatum.records import dataclass
from probatum.stats.audited_rates import Audited, Rates, rates
from probatum.stats.coins import chances, shared, toss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RANDOM, UNJUDGED, ALARMED = "at random", "could not be judged", "was put aside"
NEAR, APART, NEW, LIKELY = "near the threshold", "channels disagree", "new product or material", "may be damaged and was passed"
# Parts of the budget. A smaller part at random widens the upper bound of what was shipped damaged (bench/inspection/asking.py).
PARTS: Mapping[str, float] = {RANDOM: 0.5, NEAR: 0.2, LIKELY: 0.1, APART: 0.1, NEW: 0.1}
AGAIN = 0.07  # share of units that two people look at
_NEAR = 0.02  # share of units on each side of the threshold that are near to it
_WORST, _REST = 0.03, 0.25  # one channel ranks a unit among this worst share, another one not even among that
_KNOWN = 5  # labelled units of a product or material with which it is new no more
_LEVELS = 20  # in which a queue that is not yet done is looked at
_ROUNDS = 5  # in which what is left of the budget is spread
_ENOUGH = 0.9  # of a part of the queue that must be answered
_STRONG = 0.2  # of a chance that a reason must make up to be named


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A unit that somebody could look at.

    Attributes
    ----------
    unit : str
        As `capture_id`.
    score : float or None
        Higher is worse; None if it could not be judged: then it is looked at anyway.
    alarms : bool
        Whether it was put aside.
    channels : mapping of str to float
        Scores of channels, each on a scale of its own, higher is worse.
    probability : float or None
        That it is damaged: the upper end, if it is an interval.
    product, material : str
    images : tuple of str
    """

    unit: str
    score: float | None
    alarms: bool = False
    channels: Mapping[str, float] = field(default_factory=dict, hash=False)
    probability: float | None = None
    product: str = ""
    material: str = ""
    images: tuple[str, ...] = ()


def ask(
    candidates: Sequence[Candidate],
    *,
    threshold: float,
    budget: float,
    seed: str,
    labelled: Mapping[str, int] | None = None,
    parts: Mapping[str, float] = PARTS,
    again: float = AGAIN,
    confirm: bool = False,
) -> Draw:
    """Draw units to look at.

    Parameters
    ----------
    candidates : sequence of Candidate
        All units of some time, each once.
    threshold : float
        Of the score; units above it alarm.
    budget : float > 0
        How many units that were passed are drawn on average, at most. What was put aside, and what could not be judged, is looked at
        anyway and does not count.
    seed : str
        The same seed draws the same units.
    labelled : mapping of str to int, optional
        How many units of a product, and of a material, have labels.
    parts : mapping of str to float
        Parts of the budget by reason, of sum 1; that for `RANDOM` must be above 0.
    again : float in [0, 1]
        Share of drawn units that two people look at.
    confirm : bool
        Whether a second person looks at whatever the first one calls damaged.

    Returns
    -------
    Draw

    Raises
    ------
    ValueError
        If a unit is there twice, or the parts or the budget make no sense.

    Notes
    -----
    Each reason r has its part of the budget, which is shared in proportion to what a unit is worth for it, at most 1 each: nearness by
    rank (falling to 0 at a fiftieth of all units from the threshold), how much worse one channel ranks it than another one, how few
    labels its product or material has, and the square root of its probability of damage, which is the best for an estimate of how
    many there are [1]_. It is drawn with the sum of what it got for all reasons, or 1 if that is more, by one coin. Nothing here depends on
    labels of these units, so chances are what they are said to be.

    References
    ----------
    .. [1] Neyman. "On the two different aspects of the representative method." Journal of the Royal Statistical Society 97 (1934).
    """
    if len({one.unit for one in candidates}) < len(candidates):
        raise ValueError("a unit stands there twice")
    if (
        not math.isclose(sum(parts.values()), 1, abs_tol=1e-9)
        or not all(0 <= part <= 1 for part in parts.values())
        or not parts.get(RANDOM, 0) > 0
        or not set(parts) <= set(PARTS)
        or not 0 <= again <= 1
    ):
        raise ValueError(f"parts of a budget must be of {', '.join(PARTS)}, have the sum 1, and some of it must be at random")
    anyway = [ALARMED if one.alarms else UNJUDGED if one.score is None or math.isnan(one.score) else "" for one in candidates]
    open_ = [one for one, why in zip(candidates, anyway, strict=True) if not why]
    by_reason = _by_reason(open_, candidates, threshold=threshold, budget=budget, parts=parts, labelled=labelled or {})
    expected = {reason: math.fsum(own) for reason, own in by_reason.items()} | dict(Counter(why for why in anyway if why))
    questions: list[Question] = []
    least = {True: 1.0, False: 1.0}
    at = iter(range(len(open_)))
    for one, why in zip(candidates, anyway, strict=True):
        own = {why: 1.0} if why else _of_unit(by_reason, next(at))
        chance = 1.0 if why else min(1.0, math.fsum(own.values()))
        least[one.alarms] = min(least[one.alarms], chance)
        coin = toss(f"ask {seed}", one.unit)
        if coin < chance:
            questions.append(
                Question(
                    unit=one.unit,
                    chance=chance,
                    coin=coin,
                    reasons=_named(own, chance),
                    alarmed=one.alarms,
                    again=toss(f"again {seed}", one.unit) < again,
                    product=one.product,
                    material=one.material,
                    images=one.images,
                )
            )
    alarmed = sum(one.alarms for one in candidates)
    return Draw(
        seed=seed,
        alarmed=Side(units=alarmed, least=least[True]),
        passed=Side(units=len(candidates) - alarmed, least=least[False]),
        questions=tuple(sorted(questions, key=lambda one: (one.place, one.unit))),
        confirm=confirm,
        expected=expected,
    )


def estimate(draw: Draw, said: Mapping[str, bool | None], *, confidence: float = 0.95) -> tuple[Rates, float]:
    """Bound what was shipped damaged, what was caught, false alarms, and the share of damaged units.

    Parameters
    ----------
    draw : Draw
    said : mapping of str to bool or None
        Of each unit that was looked at: whether it is damaged; None if whoever looked cannot tell.
    confidence : float in (0, 1)

    Returns
    -------
    Rates
    float
        The part of the queue on which they rest, from 0 to 1.

    Raises
    ------
    ValueError
        If too little was answered to say anything: not even nine tenths of the first twentieth of the queue.

    Notes
    -----
    The queue is in the order of coin over chance. Where it is answered up to a part t, that is a draw with t times the chances:
    sequential Poisson sampling [1]_. The largest t of twenty that are fixed beforehand is taken of which nine tenths are answered; the rest of it,
    which may wait for a second opinion, may be damaged or not. That people stopped there must not depend on what they saw.

    References
    ----------
    .. [1] Ohlsson. "Sequential Poisson sampling." Journal of Official Statistics 14 (1998).
    """
    level = answered(draw, said)
    if not level:
        raise ValueError("too few of the first units in the queue are answered to estimate anything")
    sides = {}
    for alarmed, side in ((True, draw.alarmed), (False, draw.passed)):
        found: dict[bool | None, list[float]] = {True: [], False: [], None: []}
        for one in draw.questions:
            if one.alarmed is alarmed and one.place < level:
                found[said.get(one.unit)].append(level * one.chance)
        sides[alarmed] = Audited(
            population=side.units,
            least=level * side.least,
            faulty=tuple(found[True]),
            sound=tuple(found[False]),
            unknown=tuple(found[None]),
        )
    return rates(sides[True], sides[False], confidence=confidence), level


def answered(draw: Draw, said: Collection[str]) -> float:
    """Return the largest of twenty parts of the queue of which nine tenths are answered; 0 if there is none."""
    for part in range(_LEVELS, 0, -1):
        asked = [one.unit in said for one in draw.questions if one.place < part / _LEVELS]
        if sum(asked) >= _ENOUGH * len(asked) if asked else not draw.questions:
            return part / _LEVELS
    return 0.0


def uniform(draw: Draw, *, level: float = 1.0, again: bool = False) -> tuple[str, ...]:
    """Return units that were drawn as if by chance alone, each with the least probability of all: others of the draw may not calibrate anything.

    A threshold needs units that are like those to come (`stats/neyman_pearson.py`); those near it are not. Where the queue is not done, `level`
    is the part of it that is: see `answered`. With `again`, only those that two people look at: for `opinions.removed`.
    """
    least = min(draw.alarmed.least, draw.passed.least)
    return tuple(one.unit for one in draw.questions if one.coin < level * least and (one.again or not again))


def _of_unit(by_reason: Mapping[str, Sequence[float]], at: int) -> dict[str, float]:
    return {reason: own[at] for reason, own in by_reason.items()}


def _named(own: Mapping[str, float], chance: float) -> tuple[str, ...]:
    ranked = sorted(own, key=lambda reason: -own[reason])
    return tuple(reason for reason in ranked if own[reason] >= _STRONG * chance) or (ranked[0],)


def _by_reason(
    open_: Sequence[Candidate],
    every: Sequence[Candidate],
    *,
    threshold: float,
    budget: float,
    parts: Mapping[str, float],
    labelled: Mapping[str, int],
) -> dict[str, list[float]]:
    """Return the probability of each unit to be drawn for each reason."""
    if not open_:
        return {}
    worth = {
        NEAR: _near([one.score or 0.0 for one in open_], threshold),
        LIKELY: [math.sqrt(min(1.0, max(0.0, one.probability or 0.0))) for one in open_],
        APART: _apart(open_, every),
        NEW: [_new(one, labelled) for one in open_],
    }
    # What is for reasons that no unit has is drawn at random.
    parts = {reason: part for reason, part in parts.items() if reason == RANDOM or any(worth[reason])}
    total = sum(parts.values())
    found = {reason: shared(worth[reason], budget * part / total) for reason, part in parts.items() if reason != RANDOM}
    others = [math.fsum(own) for own in zip(*found.values(), strict=True)] or [0.0] * len(open_)
    # What reasons leave of their parts, because nothing can be drawn more than for certain, is drawn at random.
    alike = chances([0.0] * len(open_), budget=budget * parts[RANDOM] / total, floor=1.0)[0]
    for _ in range(_ROUNDS):
        spent = math.fsum(min(1.0, alike + more) for more in others)
        open_yet = sum(alike + more < 1 for more in others)
        alike = min(1.0, alike + (budget - spent) / open_yet) if open_yet and spent < budget else alike
    return {RANDOM: [alike] * len(open_), **found}


def _near(scores: Sequence[float], threshold: float) -> list[float]:
    """How near each is to the threshold, by the share of units between: 1 at it, 0 from a fiftieth of them on."""
    import numpy as np

    ordered = np.sort(np.asarray(scores, np.float64))
    between = np.abs(np.searchsorted(ordered, scores) - np.searchsorted(ordered, threshold)) / max(1, len(ordered))
    return [float(one) for one in np.maximum(0.0, 1 - between / _NEAR)]


def _apart(open_: Sequence[Candidate], every: Sequence[Candidate]) -> list[float]:
    """How much one channel finds wrong with a unit with which another one finds nothing wrong."""
    names = sorted({name for one in every for name in one.channels})
    ranks = [_worse(name, open_, every) for name in names]
    found = []
    for own in zip(*ranks, strict=True):
        known = [one for one in own if one is not None]
        apart = len(known) > 1 and min(known) < _WORST and max(known) > _REST
        found.append(min(1.0, math.log10(_WORST / min(known)) / 2) if apart else 0.0)
    return found or [0.0] * len(open_)


def _worse(name: str, open_: Sequence[Candidate], every: Sequence[Candidate]) -> list[float | None]:
    """Of each unit, the share of units that a channel finds at least as bad."""
    import numpy as np

    said = [one.channels.get(name, math.nan) for one in every]
    known: NDArray[np.float64] = np.sort([score for score in said if not math.isnan(score)])
    own = [one.channels.get(name, math.nan) for one in open_]
    as_bad = len(known) - np.searchsorted(known, own) + 1
    return [None if math.isnan(score) else float(many) / (len(known) + 1) for score, many in zip(own, as_bad, strict=True)]


def _new(one: Candidate, labelled: Mapping[str, int]) -> float:
    names = [name for name in (one.product, one.material) if name]
    return max((max(0.0, 1 - labelled.get(name, 0) / _KNOWN) for name in names), default=0.0)
