"""Where more is damaged than elsewhere, by what people said of units: those that were drawn to be looked at, or those with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import QUERY
from probatum.inspection.model.asking import answered
from probatum.inspection.model.contrasts import Passed
from probatum.inspection.model.root_causes import RootCauses, level_of, passed, root_causes
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.service.queue import JOURNAL, Queue
from probatum.inspection.service.returning import FollowedUp

_OF_RETURNS = (
    "units are damaged independently of each other, but for what the columns say",
    "what is damaged comes back, in time, and is confirmed, equally often whatever the columns say",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """What was found, and by whose words.

    Attributes
    ----------
    source : {"queue", "labels", "returns"}
    part : float
        Of the queue that is answered; 1 for labels and returns.
    looked, damaged : int
        Units of which it is known whether they are damaged, and those that are; of returns, units that were watched, and those that came back damaged.
    found : RootCauses
    """

    source: str
    part: float
    looked: int
    damaged: int
    found: RootCauses


def causes(goods: Goods, folder: Path, *, columns: Sequence[str], labels: bool, pairs: bool, confidence: float) -> Causes:
    """Find where more is damaged.

    Parameters
    ----------
    goods : Goods
    folder : Path
        Of the policy, where the journal of the queue is.
    columns : sequence of str
    labels : bool
        Whether labels of the manifest are used though there is a queue.
    pairs : bool
    confidence : float in (0, 1)

    Raises
    ------
    UsageError
        If what is known cannot carry any comparison.
    """
    units, source, part = _known(goods, folder, columns, labels=labels)
    judged = [one for one in units if one.damaged is not None]
    said = f"of {len(judged):,} that people looked at is damaged"
    found = _compared(units, columns, pairs, confidence, said=said, more="answers, of the queue or in the column `defect`")
    if source == "labels":
        note = "labels are taken for those of units that were picked alike, whatever they look like"
        found = replace(found, notes=(*found.notes, note))
    damaged = sum(bool(one.damaged) for one in judged)
    return Causes(source=source, part=part, looked=len(judged), damaged=damaged, found=found)


def causes_of_returns(watched: FollowedUp, *, columns: Sequence[str], pairs: bool, confidence: float) -> Causes:
    """Find where more comes back damaged: late labels, and biased ones, which the notes say.

    Raises
    ------
    UsageError
        If what came back cannot carry any comparison.
    """
    units = watched.units
    said = f"of {len(units):,} came back damaged within {watched.days} days"
    found = _compared(
        units, columns, pairs, confidence, said=said, more="returns, or watch for fewer or more days with `--within`"
    )
    notes = (
        f"{watched.young:,} units are left out, which were shipped less than {watched.days} days ago",
        "compared is what came back, and was damaged when it was shipped; what was put aside here is not among it",
        "who gets a damaged unit may keep it: where people send back more readily, it looks as if more were damaged",
    )
    found = replace(found, notes=(*found.notes, *notes[not watched.young :]), assumptions=(*_OF_RETURNS, found.assumptions[-1]))
    return Causes(source="returns", part=1.0, looked=len(units), damaged=sum(bool(one.damaged) for one in units), found=found)


def _compared(
    units: Sequence[Passed], columns: Sequence[str], pairs: bool, confidence: float, *, said: str, more: str
) -> RootCauses:
    judged = [one for one in units if one.damaged is not None]
    damaged = sum(bool(one.damaged) for one in judged)
    if not judged or damaged in (0, len(judged)):
        raise UsageError(f"nothing can be compared: {'every' if damaged else 'no'} unit {said}", help=f"wait for more {more}")
    if not any(len({one.levels[column] for one in units}) > 1 for column in columns):
        raise UsageError(
            f"nothing can be compared: units differ in no {', '.join(columns)}",
            help="write where units come from into these columns of the manifest",
        )
    found = root_causes(units, columns=columns, pairs=pairs, confidence=confidence)
    if not found.tellable:
        raise UsageError(
            f"nothing can be told: {damaged:,} damaged units of {len(judged):,} are too few for {found.comparisons:,} comparisons, "
            "wherever they were",
            help="look at more units, or name fewer columns with `--column`",
        )
    return found


def _known(goods: Goods, folder: Path, columns: Sequence[str], *, labels: bool) -> tuple[list[Passed], str, float]:
    units = [unit for unit in goods.manifest.captures if unit.views[0].role == QUERY]
    queue = Queue(folder) if (folder / JOURNAL).is_file() and not labels else None
    if queue is not None and queue.draws:
        draw = queue.draws[-1]
        said = queue.said(draw)
        part = answered(draw, said)
        if not part:
            raise UsageError(
                f"too few of the first units in the queue are answered: {len(said):,} of {len(draw.questions):,}",
                help="answer more with `queue answer`, or take labels of the manifest with `--labels`",
            )
        return passed(units, draw, said), "queue", part
    known = [unit for unit in units if unit.defect is not None]
    chances = {view.inclusion_probability for unit in known for view in unit.views}
    if len(chances) > 1:
        raise UsageError(
            "units with labels were drawn with different probabilities, and only the queue's journal says by which coins",
            help=f"run it beside `{JOURNAL}`, or on labels that were given to units picked alike",
        )
    found = [
        Passed(unit=unit.capture_id, levels={column: level_of(unit, column) for column in columns}, damaged=unit.defect)
        for unit in known
    ]
    return found, "labels", 1.0
