"""What follows from units that customers sent back, alone and together with what people found in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from probatum.errors import UnreadableArtefact, UsageError
from probatum.inspection.artefacts.annotations import Draw
from probatum.inspection.artefacts.returned import Return
from probatum.inspection.model.asking import estimate
from probatum.inspection.model.contrasts import Passed
from probatum.inspection.model.returns import Returned, reported, returned, shipped_damaged
from probatum.inspection.model.root_causes import COLUMNS, level_of
from probatum.inspection.service.inspecting import Decided
from probatum.inspection.service.queue import JOURNAL, Queue
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What was found.

    Attributes
    ----------
    returned : Returned
    aside : tuple of str
        Units that came back though they were put aside: somebody shipped them nevertheless. They count for nothing.
    timeless : int
        Units that were not put aside of which nobody says when they passed; they are left out.
    shipped_damaged, reported : (float, float) or None
        Between which the share of units lies that were shipped damaged, and the share of those that came back; None if the queue bounds nothing of the
        same units.
    confidence : float or None
        Of both.
    alone : str
        Why there are none; "" if there are.
    """

    returned: Returned
    aside: tuple[str, ...]
    timeless: int
    shipped_damaged: tuple[float, float] | None
    reported: tuple[float, float] | None
    confidence: float | None
    alone: str


def join(decided: Sequence[Decided], returns: Sequence[Return], *, source: Path, folder: Path, now: datetime) -> Joined:
    """Join returns with what was decided.

    Parameters
    ----------
    decided : sequence of Decided
        All units that were judged; those that were not put aside were shipped when they were photographed.
    returns : sequence of Return
    source : Path
        Of the table, for messages.
    folder : Path
        Of the policy, where the journal of the queue is.
    now : datetime
        Until when all returns are in the table.

    Raises
    ------
    UsageError
        If no unit was shipped of which it is known when.
    UnreadableArtefact
        If something came back before it was shipped, or after `now`.
    """
    gone = [one.unit for one in decided if one.decision != "sideline"]
    shipped = _shipped(decided, returns, source=source, now=now)
    found = returned(shipped, [one for one in returns if one.unit in shipped or one.unit not in _aside(decided)], now=now)
    draw, why = _draw(folder, decided, everything=len(shipped) == len(gone))
    both: tuple[tuple[float, float], tuple[float, float], float] | None = None
    if draw is not None:
        try:
            rates, _ = estimate(draw, Queue(folder).said(draw))
            both = shipped_damaged(found, rates), reported(found, rates), rates.confidence
        except ValueError as problem:
            why = str(problem)
    return Joined(
        returned=found,
        aside=tuple(sorted({one.unit for one in returns} & _aside(decided))),
        timeless=len(gone) - len(shipped),
        shipped_damaged=None if both is None else both[0],
        reported=None if both is None else both[1],
        confidence=None if both is None else both[2],
        alone="" if both is not None else why,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp:
    """Units that were shipped, all watched for as long, and which of them came back damaged in that time.

    Attributes
    ----------
    units : tuple of Passed
        `damaged` says whether it is confirmed that the unit was, by a return within that time.
    days : int
        How long.
    young : int
        Units that are left out because they were shipped later than that.
    """

    units: tuple[Passed, ...]
    days: int
    young: int


def followed_up(decided: Sequence[Decided], returns: Sequence[Return], *, source: Path, now: datetime, days: int) -> FollowedUp:
    """Return which units came back damaged within so many days, of those that were shipped so many days ago.

    What was shipped lately has had no time to come back: compared with older units it would look sound. So all are watched for as long.

    Raises
    ------
    UsageError
        If no unit was shipped of which it is known when.
    UnreadableArtefact
        If something came back before it was shipped, or after `now`.
    """
    shipped = _shipped(decided, returns, source=source, now=now)
    long = timedelta(days=days)
    back = {one.unit for one in returns if one.unit in shipped and one.confirmed and one.at - shipped[one.unit] <= long}
    old = [one.unit for one in decided if one.unit.capture_id in shipped and now - shipped[one.unit.capture_id] >= long]
    units = tuple(
        Passed(
            unit=unit.capture_id,
            levels={column: level_of(unit, column) for column in COLUMNS},
            damaged=unit.capture_id in back,
        )
        for unit in old
    )
    return FollowedUp(units=units, days=days, young=len(shipped) - len(old))


def _shipped(decided: Sequence[Decided], returns: Sequence[Return], *, source: Path, now: datetime) -> dict[str, datetime]:
    """Return when units were shipped that were not put aside, after a look at whether returns fit that."""
    gone = [one.unit for one in decided if one.decision != "sideline"]
    shipped = {unit.capture_id: unit.at for unit in gone if unit.at is not None}
    if not shipped:
        raise UsageError(
            "nothing was shipped of which it is known when, so nothing can be joined",
            help="write the time of each picture into the column `at` of the manifest",
        )
    for one in returns:
        if one.unit in shipped and not shipped[one.unit] <= one.at <= now:
            when = "before it was photographed" if one.at < shipped[one.unit] else f"after {now:%Y-%m-%d %H:%M}"
            raise UnreadableArtefact(
                f"`{one.unit[:60]}` came back {when}",
                help="correct this line, or say until when returns are known with `--until`",
                location=Location(source.as_posix(), one.line),
            )
    return shipped


def _aside(decided: Sequence[Decided]) -> set[str]:
    return {one.unit.capture_id for one in decided if one.decision == "sideline"}


def _draw(folder: Path, decided: Sequence[Decided], *, everything: bool) -> tuple[Draw | None, str]:
    """Return the last draw if it was from the very units that were shipped and put aside, or why there is none."""
    if not (folder / JOURNAL).is_file() or not (draws := Queue(folder).draws):
        return None, "nothing was drawn to be looked at"
    aside = len(_aside(decided))
    same = draws[-1].alarmed.units == aside and draws[-1].passed.units == len(decided) - aside
    known = {one.unit.capture_id for one in decided}
    if not same or not everything or not all(one.unit in known for one in draws[-1].questions):
        return None, "the queue was drawn from other units than those that were shipped"
    return draws[-1], ""
