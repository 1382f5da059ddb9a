"""What a score that decides is worth, from audits by coins: what it misses, how often it alarms for nothing, and how much is faulty.

Things that alarmed and things that were passed are audited, each by a coin of its own with a bias that is recorded (`audits.py`); what
was drawn and nobody can tell counts as faulty at one end of a bound, and as sound at the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from probatum.stats.audits import missed_rate
from probatum.stats.bounds import Bound, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """Things that alarmed, or things that were passed, and what was found of them.

    Attributes
    ----------
    population : int
        How many there were, drawn or not.
    least : float in (0, 1]
        The smallest probability of being drawn that any of them had. 1 where all were looked at.
    faulty, sound, unknown : tuple of float in (0, 1]
        The probabilities with which those were drawn of which somebody said so; `unknown` where nobody can tell, or none has yet.
    """

    population: int
    least: float
    faulty: tuple[float, ...] = ()
    sound: tuple[float, ...] = ()
    unknown: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of things.

    Attributes
    ----------
    value : float or None
        Weights of one over the probability of being drawn, by the known number of things (Horvitz and Thompson): right on average.
    relative : float or None
        By the estimated number instead (Hajek): steadier where shares are large. Both leave out what nobody can tell, and are None
        where nothing is left.
    low, high : float
    """

    value: float | None
    relative: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Four shares whose bounds all hold together.

    Attributes
    ----------
    passed_faulty : Rate
        Of what was passed, how much is faulty: what was shipped damaged.
    prevalence : Rate
        Of all, how much is faulty.
    caught : Rate
        Of what is faulty, how much alarmed: the true-positive rate.
    false_alarms : Rate
        Of what is sound, how much alarmed: the false-positive rate.
    confidence : float
        Of all of them together.
    bounds : tuple of Bound
        From which they follow, each of one side, for whoever checks them again.
    assumptions : tuple of str
    """

    passed_faulty: Rate
    prevalence: Rate
    caught: Rate
    false_alarms: Rate
    confidence: float
    bounds: tuple[Bound, ...]
    assumptions: tuple[str, ...]


def rates(alarmed: Audited, passed: Audited, *, confidence: float = 0.95) -> Rates:
    """Bound what is missed, what alarms for nothing, and how much is faulty.

    Parameters
    ----------
    alarmed, passed : Audited
        Of the same time. Of what alarmed, all may have been looked at.
    confidence : float in (0, 1), default 0.95
        Probability, over draws, that all four intervals hold.

    Returns
    -------
    Rates

    Raises
    ------
    ValueError
        If nothing was passed, or more was found than there is.

    Notes
    -----
    Faulty things among those that alarmed, among those that were passed and among all, and sound ones among those that alarmed,
    are bounded from both sides by `audits.missed_rate`, with an eighth of what may fail for each end; where all that alarmed was looked
    at, only those that were passed need bounds, with a half for each. Shares of two of these numbers rise in one and fall in the other, so their ends follow. They are of the things that were there, not of those to come: only the coins are
    random.

    Assumes what `audits.missed_rate` does; of what is `unknown` nothing is assumed.
    """
    if passed.population < 1:
        raise ValueError("nothing was passed, so nothing was missed")
    both = Audited(
        population=alarmed.population + passed.population,
        least=min(alarmed.least, passed.least) if alarmed.population else passed.least,
        faulty=alarmed.faulty + passed.faulty,
        sound=alarmed.sound + passed.sound,
        unknown=alarmed.unknown + passed.unknown,
    )
    bounds: list[Bound] = []
    all_seen = alarmed.least >= 1 or not alarmed.population
    ends = _Ends(confidence, 2 if all_seen else 8, bounds)
    hit, false = ends.of(alarmed, alarmed.faulty), ends.of(alarmed, alarmed.sound)
    missed = ends.of(passed, passed.faulty)
    every = (hit[0] + missed[0], hit[1] + missed[1]) if all_seen else ends.of(both, both.faulty)
    # Those that alarmed are faulty or sound, and all faulty ones alarmed or did not.
    hit = _meet(hit, (alarmed.population - false[1], alarmed.population - false[0]))
    every = _meet(every, (hit[0] + missed[0], hit[1] + missed[1]))
    missed = _meet(missed, (every[0] - hit[1], every[1] - hit[0]))
    false = (alarmed.population - hit[1], alarmed.population - hit[0])
    fine = (passed.population - missed[1], passed.population - missed[0])
    total = {name: math.fsum(1 / p for p in own) for name, own in _parts(alarmed, passed)}
    known = total["missed"] + total["fine"]
    looked = total["hit"] + total["false"] + known
    return Rates(
        passed_faulty=Rate(
            value=min(1.0, total["missed"] / passed.population) if passed.faulty or passed.sound else None,
            relative=_share(total["missed"], known),
            low=missed[0] / passed.population,
            high=missed[1] / passed.population,
        ),
        prevalence=Rate(
            value=min(1.0, (total["hit"] + total["missed"]) / both.population) if looked else None,
            relative=_share(total["hit"] + total["missed"], looked),
            low=every[0] / both.population,
            high=every[1] / both.population,
        ),
        caught=_rate(total["hit"], total["missed"], hit, missed),
        false_alarms=_rate(total["false"], total["fine"], false, fine),
        confidence=confidence,
        bounds=tuple(bounds),
        assumptions=tuple(dict.fromkeys(one for bound in bounds for one in bound.assumptions)),
    )


def _parts(alarmed: Audited, passed: Audited) -> Iterator[tuple[str, tuple[float, ...]]]:
    yield from (("hit", alarmed.faulty), ("false", alarmed.sound), ("missed", passed.faulty), ("fine", passed.sound))


def _meet(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return what both allow; if that is nothing, one of them does not hold, and the first is left as it is."""
    both = max(one[0], other[0]), min(one[1], other[1])
    return both if both[0] <= both[1] else one


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _rate(part: float, rest: float, ends: tuple[int, int], others: tuple[int, int]) -> Rate:
    low, high = ends[0], ends[1]
    return Rate(
        value=_share(part, part + rest),
        relative=_share(part, part + rest),
        low=low / (low + others[1]) if low else 0.0,
        high=high / (high + others[0]) if others[0] else 1.0,
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """How numbers of things are bounded, and all bounds that were made."""

    confidence: float
    family: int
    bounds: list[Bound]

    def of(self, of: Audited, found: tuple[float, ...]) -> tuple[int, int]:
        """Return the fewest and the most things that can be what was found of these."""
        if not of.population:
            return 0, 0
        if len(of.faulty) + len(of.sound) + len(of.unknown) > of.population:
            raise ValueError(f"more than {of.population} things were found of {of.population}")
        if of.least >= 1:  # all were looked at
            return len(found), len(found) + len(of.unknown)
        low = self._bound(of, found, "lower").low or 0.0
        high = self._bound(of, found + of.unknown, "upper").high or 0.0
        # Ends are rounded outwards, by less than a millionth of a thing.
        return math.ceil(of.population * low - 1e-6), math.floor(of.population * high + 1e-6)

    def _bound(self, of: Audited, found: tuple[float, ...], side: Side) -> Bound:
        made = missed_rate(
            found, population=of.population, least=of.least, confidence=self.confidence, side=side, family=self.family
        )
        self.bounds.append(made)
        return made
