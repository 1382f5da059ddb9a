"""Judging units one after the other, with a line that says how far it is: what several verbs of `probatum inspection` begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from probatum.cli.progress import Line

if TYPE_CHECKING:
    from probatum.inspection.artefacts.capture import Capture
    from probatum.inspection.semantics.disposing import Seen
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.inspecting import Decided


def judged(goods: Goods, units: Sequence[Capture] | None = None, *, seen: Mapping[str, Seen] | None = None) -> list[Decided]:
    """Decide about units, or about all that the policy judges; see `service.inspecting.decide`."""
    from probatum.inspection.service.inspecting import decide

    some = goods.units if units is None else units
    line = Line()
    line.start(len(some))
    decided = []
    for one in decide(goods, some, seen=seen):
        decided.append(one)
        line.advance(1, one.unit.capture_id)
    line.finish()
    return decided
