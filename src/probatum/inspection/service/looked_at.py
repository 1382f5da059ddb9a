"""What people said of units in the queue of a folder, for what is to be done with these units."""

from __future__ import annotations

from pathlib import Path

from probatum.inspection.semantics.disposing import Seen
from probatum.inspection.service.queue import JOURNAL, Queue


def seen_at(folder: Path) -> dict[str, Seen]:
    """Return what counts of what people said, of units of which nobody needs to look any more; nothing without a queue.

    Raises
    ------
    DamagedJournal, UnreadableArtefact, StateError
        If the journal was altered, or cannot be read.
    """
    if not (folder / JOURNAL).is_file():
        return {}
    queue = Queue(folder)
    asked = {one.unit for draw in queue.draws for one in draw.questions}
    done = {unit for draw in queue.draws for unit in queue.said(draw)}
    return {
        unit: Seen(damaged=own.defect, types=own.types, severity=own.severity, on_product=own.on_product)
        for unit, own in queue.judged().items()
        if unit in done or unit not in asked
    }
