"""Where is more damaged: at which station, in which shift, from which vendor, in which delivery; said only as far as it can be no accident.

Each level of a column is compared with the other levels, among units that are alike in the other columns: what one vendor delivers is not
held against the station where it is unpacked. Nothing here proves a cause; it says where to look.

Where all units were drawn with the same probability (or all of them), comparisons are exact. Where they were not, those count that would
have been drawn with the least probability as well, which their coins tell. Where the coins are not known, rates are bounded by what is true of any draw,
without layers: then only large differences can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from probatum.inspection.artefacts.annotations import Draw
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.model.asking import answered
from probatum.inspection.model.contrasts import Cause, Levels, Look, Passed, cells
from probatum.inspection.model.levels import Columns, columns_of
from probatum.records import dataclass

COLUMNS = ("station", "shift", "vendor", "lot", "camera")
_SOME = 1e-9  # of a chance: where nothing was answered, nothing counts, and no chance is 0
_FEWEST_OF_PAIR = 30  # units with both levels


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCauses:
    """What was found, and what that rests on.

    Attributes
    ----------
    found : tuple of Cause
        Those of which one would be found by accident with a probability of at most ``1 - confidence``; the surest first. What
        others explain comes last.
    others : tuple of Cause
        All other comparisons.
    comparisons : int
    confidence : float
    exact : bool
        Whether units are compared one by one; else rates are bounded.
    same : mapping of str to str
        Columns that say the same as another one, and which: nobody can tell which of them it is.
    assumptions : tuple of str
    notes : tuple of str
    """

    found: tuple[Cause, ...]
    others: tuple[Cause, ...]
    comparisons: int
    confidence: float
    exact: bool
    same: Mapping[str, str]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def tellable(self) -> bool:
        """Whether anything could have been found, however so many damaged units lay."""
        some = (*self.found, *self.others)
        return any(one.least_p is None or one.least_p * self.comparisons < 1 - self.confidence for one in some)


def passed(units: Iterable[Capture], draw: Draw, said: Mapping[str, bool | None]) -> list[Passed]:
    """Return units with what their views say, how they were drawn, and what was said of them.

    Parameters
    ----------
    units : iterable of Capture
        All from which was drawn.
    draw : Draw
    said : mapping of str to bool or None
        As `Queue.said` gives it.

    Returns
    -------
    list of Passed
        Several levels of a column in the views of a unit are one level together. Of a queue that is not done, units behind the part that
        is count as not drawn, with chances to match.
    """
    level = answered(draw, said)
    asked = {one.unit: one for one in draw.questions if one.place < level}
    found = []
    for unit in units:
        question = asked.get(unit.capture_id)
        side = draw.alarmed if question is not None and question.alarmed else draw.passed
        found.append(
            Passed(
                unit=unit.capture_id,
                levels={column: level_of(unit, column) for column in COLUMNS},
                chance=max(level, _SOME) * (side.least if question is None else question.chance),
                looked=question is not None,
                damaged=None if question is None else said.get(unit.capture_id),
                coin=None if question is None else question.coin,
            )
        )
    return found


def level_of(unit: Capture, column: str) -> str:
    """Return what the views of a unit say in a column: several levels are one level together; "" if nothing."""
    return "+".join(sorted({str(getattr(view, column)) for view in unit.views} - {""}))


def root_causes(
    units: Sequence[Passed], *, columns: Sequence[str] = COLUMNS, pairs: bool = True, confidence: float = 0.95
) -> RootCauses:
    """Find levels of columns, and pairs of them, with more damage than elsewhere.

    Parameters
    ----------
    units : sequence of Passed
        All that passed in some time, drawn or not; each once.
    columns : sequence of str
    pairs : bool
        Whether pairs of levels are compared as well; no more than two together.
    confidence : float in (0, 1)
        Probability that nothing is found by accident.

    Returns
    -------
    RootCauses

    Raises
    ------
    ValueError
        If a unit is there twice.

    Notes
    -----
    Which comparisons are made depends on how many units there are, and on no label: a level with the other levels of its column,
    within layers of the other columns. Where each level of a column lies in one level of another one, as deliveries do in vendors,
    it is compared within that, and not the other way round. Layers by columns with many levels are given up first where they would have fewer than
    twenty units. Each comparison has an equal part of what may fail (Bonferroni).

    A level is explained by others that were found if, without their units, it is no longer found by the same measure.
    """
    if len({one.unit for one in units}) < len(units):
        raise ValueError("a unit stands there twice")
    about = columns_of([one.levels for one in units], columns)
    chances = {one.chance for one in units}
    least = min(chances, default=1.0)
    alike = max(chances, default=1.0) <= least * (1 + 1e-9)
    looked = [one for one in units if one.looked]
    exact = alike or all(one.coin is not None for one in looked)
    # A coin that falls below the least chance would have drawn the unit with that, too.
    fair = looked if alike else [one for one in looked if one.coin is not None and one.coin < least]
    known = [one for one in (fair if exact else looked) if one.damaged is not None]
    unclear = sum(one.damaged is None for one in looked)
    plans = [*_levels(about), *(_pairs(about, known) if pairs and exact else ())]
    family = max(1, len(plans))
    look = Look(
        cells=cells(known) if exact else (),
        units=() if exact else tuple(units),
        about=about,
        confidence=confidence,
        family=family,
    )
    causes = [look.at(plan) for plan in plans]
    found = sorted((one for one in causes if one.odds_at_least > 1), key=_surest)
    explained = [_explained(one, found, look) for one in found]
    notes = [f"of {unclear} units that were looked at nobody can tell"] if unclear else []
    if exact and not alike:
        notes.append(f"{len(looked) - len(fair)} of {len(looked)} units are left out, which were drawn for what they look like")
    elif not exact:
        notes.append("units had different chances to be drawn: rates are bounded, without layers and pairs")
    return RootCauses(
        found=tuple(sorted(explained, key=lambda one: bool(one.explained_by))),
        others=tuple(sorted((one for one in causes if one.odds_at_least <= 1), key=_surest)),
        comparisons=len(plans),
        confidence=confidence,
        exact=exact,
        same=about.same,
        assumptions=(
            "units are damaged independently of each other, but for what the columns say",
            "who looks sees damage, or fails to, equally often whatever the columns say",
            "units that nobody can tell are as the others" if exact else "of units that nobody can tell nothing is assumed",
            "a difference is where to look, and no proof of a cause: columns that are not there may be why",
        ),
        notes=tuple(notes),
    )


def _surest(one: Cause) -> tuple[float, float]:
    return (1.0 if one.p is None else one.p, -one.odds_at_least)


def _levels(about: Columns) -> Iterator[Levels]:
    for column, levels in about.levels.items():
        if len(levels) > 1:
            yield from (((column, level),) for level in levels if level)


def _pairs(about: Columns, known: Sequence[Passed]) -> Iterator[Levels]:
    """Pairs of levels of which neither lies in the other's, with enough units that have both, or only one."""
    for one, other in combinations(about.levels, 2):
        if about.within(one, other) or about.within(other, one):
            continue
        both = Counter((unit.levels.get(one, ""), unit.levels.get(other, "")) for unit in known)
        alone = [Counter(unit.levels.get(column, "") for unit in known) for column in (one, other)]
        for (a, b), many in sorted(both.items()):
            left = min(alone[0][a], alone[1][b]) - many
            if a and b and many >= _FEWEST_OF_PAIR and left >= _FEWEST_OF_PAIR:
                yield ((one, a), (other, b))


def _explained(one: Cause, found: Sequence[Cause], look: Look) -> Cause:
    """Say which other levels that were found explain one: all that lie in it, or another one beside it that it does not explain as well."""
    if len(one.levels) > 1:
        return one
    column = one.levels[0][0]
    single = [other.levels[0] for other in found if len(other.levels) == 1 and other.levels[0][0] != column]
    inner = tuple(level for level in single if look.about.within(level[0], column))
    if inner and look.without(inner).at(one.levels).odds_at_least <= 1:
        return replace(one, explained_by=inner)
    for other in single:
        # What is wider explains nothing: the level was compared within it.
        if other in inner or look.about.within(column, other[0]):
            continue
        stands = look.without(one.levels).at((other,)).odds_at_least > 1
        if stands and look.without((other,)).at(one.levels).odds_at_least <= 1:
            return replace(one, explained_by=(other,))
    return one
