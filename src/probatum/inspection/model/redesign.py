"""A product is no longer like its references: has it been redesigned, or is it being damaged?

Units of a redesign are like each other, flat where the old ones were, without the marks of damage, and come from everywhere. So some
of the strange units are taken as references on trial: if they explain the others, which had no part in choosing them, as well as the old references
explained the old units, it is a redesign, and is proposed to a person as a version. If each is strange in its own way, or they come from one station, shift
or camera, it is a wave of damage. What is neither clearly is said to be undecided, with what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from probatum.inspection.model.drift import Scored, Watch
from probatum.inspection.model.places import Contrast, contrasts
from probatum.records import dataclass
from probatum.stats.bounds import clopper_pearson

# Scores a unit against units as references, by name, as production scores it against the gallery: `score`, and `relief` where depth is there.
Against: TypeAlias = Callable[[str, Sequence[str]], Mapping[str, float]]

HIGH = 0.9  # quantile of usual scores above which a unit is strange
EXPLAINED = 0.975  # quantile of usual scores up to which a strange unit is explained: four references are few
_CANDIDATES = 8  # strange units among which references on trial are looked for
_ON_TRIAL = 4  # strange units that become references on trial
_FURTHER = 4  # units that those explain, and that are proposed beside them: units on trial are alike, and few
_MOST = 24  # others that are tried on them: more decide nothing, and cost time
_SURE = 0.9  # confidence of the share that is explained
_CONTRAST = 0.01  # level of contrasts, of all together
_PLACES = ("station", "camera", "shift")  # where damage is done; a lot or a vendor is also where a redesign comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What speaks for either.

    Attributes
    ----------
    product : str
    since : datetime or None
        When the first strange unit was seen.
    strange : tuple of str
        Names of strange units.
    units : int
        That came since then.
    tried, explained : int
        Strange units that were tried on references on trial, and those that these explain.
    depth, damage : (int, int) or None
        Of how many strange units depth, or the head that knows damage, says more than of nine in ten usual ones, and of how many it says anything.
    stations, days : int
        On which strange units were seen.
    contrast : Contrast or None
        The clearest, if it is clear.
    """

    product: str
    since: datetime | None
    strange: tuple[str, ...]
    units: int
    tried: int
    explained: int
    depth: tuple[int, int] | None
    damage: tuple[int, int] | None
    stations: int
    days: int
    contrast: Contrast | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redesign:
    """Propose a version; its references are units that explain the others.

    Attributes
    ----------
    weighed : Weighed
    references : tuple of str
        Names of units.
    shape : bool
        Whether depth, too, differs from the old references: it has another size or shape, or all are dented alike. A person should look.
    why : str
        One line.
    """

    weighed: Weighed
    references: tuple[str, ...]
    shape: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageWave:
    """More of a product is damaged than before."""

    weighed: Weighed
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Neither is clear."""

    weighed: Weighed
    why: str


def weigh(watch: Watch, against: Against) -> Redesign | DamageWave | Unclear:
    """Tell a redesign from a wave of damage.

    Parameters
    ----------
    watch : Watch
        Of a product that was named.
    against : callable
        Is asked a few dozen times.

    Returns
    -------
    Redesign, DamageWave or Unclear

    Notes
    -----
    That more than half of the strange units would be explained is said with a confidence of 90 % (Clopper and Pearson's lower end), and that fewer would,
    likewise: exact for units that are drawn independently, given those on trial. At least five units must be tried.
    """
    usual = _level([unit.score for unit in watch.usual])
    came = watch.changed
    odd = [not unit.score <= usual for unit in came]
    strange = [unit for unit, high in zip(came, odd, strict=True) if high]
    trial = _on_trial(strange, against)
    tried = [unit for unit in strange if unit.capture_id not in trial and math.isfinite(unit.score)][-_MOST:] if trial else []
    found = [against(unit.capture_id, trial) for unit in tried]
    level = _level([unit.score for unit in watch.usual], EXPLAINED)
    explained = [one["score"] <= level and one["score"] < unit.score for one, unit in zip(found, tried, strict=True)]
    clear = [one for one in contrasts(came, odd, factors=(*_PLACES, "vendor", "lot")) if one.p <= _CONTRAST]
    weighed = Weighed(
        product=watch.product,
        since=min((unit.at for unit in strange if unit.at is not None), default=None),
        strange=tuple(unit.capture_id for unit in strange),
        units=len(came),
        tried=len(tried),
        explained=sum(explained),
        depth=_higher(watch.usual, strange, "relief"),
        damage=_higher(watch.usual, strange, "damage"),
        stations=len({unit.station for unit in strange} - {""}),
        days=len({unit.day for unit in strange} - {""}),
        contrast=clear[0] if clear else None,
    )
    place = next((one for one in clear if one.factor in _PLACES), None)
    proposed = (*trial, *[unit.capture_id for unit, right in zip(tried, explained, strict=True) if right][-_FURTHER:])
    return _decided(weighed, proposed, place, one_station=len({unit.station for unit in (*watch.usual, *came)} - {""}) < 2)


def _decided(
    weighed: Weighed, proposed: tuple[str, ...], place: Contrast | None, *, one_station: bool
) -> Redesign | DamageWave | Unclear:
    alike, scattered = _shares(weighed)
    deep, marked = _most(weighed.depth), _most(weighed.damage)
    said = f"{weighed.explained} of {weighed.tried} strange units are as {_ON_TRIAL} others of them"
    if weighed.tried < 5 and not (place and marked):
        return Unclear(weighed=weighed, why=f"{weighed.tried} strange units can be tried on others; 5 are needed")
    if scattered and (place or deep or marked or weighed.tried >= 2 * 5):
        return DamageWave(weighed=weighed, why=_reasons(weighed, f"only {said}", deep=deep, marked=marked, place=place))
    if place is not None and (deep or marked):
        return DamageWave(weighed=weighed, why=_reasons(weighed, said, deep=deep, marked=marked, place=place))
    if not alike:
        return Unclear(weighed=weighed, why=f"{said}: neither most nor few")
    if place is not None:
        return Unclear(weighed=weighed, why=f"{said}, but {place}")
    if marked:
        return Unclear(weighed=weighed, why=f"{said}, but {weighed.damage[0] if weighed.damage else 0} of them look damaged")
    if weighed.days < 2 or (weighed.stations < 2 and not one_station):
        return Unclear(weighed=weighed, why=f"{said}, but {_narrow(weighed.stations, weighed.days)}")
    shape = ", and their depth differs from the old ones" if deep else ""
    why = f"{said}, from {weighed.stations} stations on {weighed.days} days{shape}"
    return Redesign(weighed=weighed, references=proposed, shape=deep, why=why)


def _on_trial(strange: Sequence[Scored], against: Against) -> tuple[str, ...]:
    """Return units to try as references: the one of the last few that others explain so much better than the old references did, and those others.

    Some strange units are usual ones, by chance, and explain each other, too; but the old references explained them nearly as well.
    """
    judged = [unit for unit in strange if math.isfinite(unit.score)]
    by_station: dict[str, list[Scored]] = {}
    for unit in reversed(judged):
        by_station.setdefault(unit.station, []).append(unit)
    ordered = sorted(judged, key=lambda unit: (by_station[unit.station].index(unit), -judged.index(unit)))
    last = ordered[:_CANDIDATES]
    if len(last) < _ON_TRIAL:
        return ()
    gains: dict[str, float] = {}
    nearest: dict[str, list[str]] = {}
    for unit in last:
        far = {one.capture_id: against(unit.capture_id, [one.capture_id])["score"] for one in last if one is not unit}
        nearest[unit.capture_id] = sorted(far, key=lambda name: (far[name], name))[: _ON_TRIAL - 1]
        gains[unit.capture_id] = unit.score - sum(far[name] for name in nearest[unit.capture_id]) / (_ON_TRIAL - 1)
    best = max(gains, key=lambda name: gains[name])
    return (best, *nearest[best])


def _level(scores: Sequence[float], share: float = HIGH) -> float:
    """Return the score that a share of usual ones do not exceed, by the conservative count; the largest if they are too few."""
    ordered = sorted(score for score in scores if not math.isnan(score))
    at = math.ceil(share * (len(ordered) + 1)) - 1
    return ordered[at] if 0 <= at < len(ordered) else ordered[-1] if ordered else -math.inf


def _higher(usual: Sequence[Scored], strange: Sequence[Scored], channel: str) -> tuple[int, int] | None:
    known = [value for unit in usual if (value := getattr(unit, channel)) is not None]
    seen = [value for unit in strange if (value := getattr(unit, channel)) is not None]
    if not known or not seen:
        return None
    level = _level(known)
    return sum(not value <= level for value in seen), len(seen)


def _most(counts: tuple[int, int] | None) -> bool:
    return counts is not None and 2 * counts[0] > counts[1]


def _shares(weighed: Weighed) -> tuple[bool, bool]:
    """Return whether most of the strange units are surely explained, and whether surely fewer than half are."""
    if not weighed.tried:
        return False, False
    low, high = (clopper_pearson(weighed.explained, weighed.tried, confidence=_SURE, side=side) for side in ("lower", "upper"))
    return (low.low or 0.0) >= 0.5, (1.0 if high.high is None else high.high) <= 0.5


def _reasons(weighed: Weighed, said: str, *, deep: bool, marked: bool, place: Contrast | None) -> str:
    parts = [said]
    if deep and weighed.depth:
        parts.append(f"depth differs on {weighed.depth[0]} of {weighed.depth[1]}")
    if marked and weighed.damage:
        parts.append(f"{weighed.damage[0]} of {weighed.damage[1]} look damaged")
    if (where := place or weighed.contrast) is not None:
        parts.append(str(where))
    return "; ".join(parts)


def _narrow(stations: int, days: int) -> str:
    if not days:
        return "nobody said when they were seen"
    return "all come from one day" if days < 2 else "all come from one station" if stations else "nobody said at which stations"
