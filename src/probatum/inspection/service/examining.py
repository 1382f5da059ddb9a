"""What a set of pictures is good for, before anything is learnt from it: what cannot be used, what leaks, what tells damage by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probatum.inspection.artefacts.capture import REFERENCE, Capture
from probatum.inspection.artefacts.media import Readable, see
from probatum.inspection.artefacts.picture import Picture
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.model.leakage import Leak, Print, leaks, print_of
from probatum.inspection.model.shortcuts import ShortcutAudit, audit_shortcuts, facts, facts_of_unit
from probatum.inspection.semantics.quality import quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found.

    Attributes
    ----------
    pictures : int
    unusable : tuple of (str, str, str)
        The unit, the file, and why it cannot be used.
    flaws : dict of str to int
        How many views have a flaw of each kind; without blur, which needs usual pictures to compare with.
    leaks : tuple of Leak
    shortcuts : ShortcutAudit
    """

    pictures: int
    unusable: tuple[tuple[str, str, str], ...]
    flaws: dict[str, int]
    leaks: tuple[Leak, ...]
    shortcuts: ShortcutAudit


def examine(
    units: Sequence[Capture],
    media: Readable,
    *,
    seed: int,
    products_apart: bool = False,
    in_time: Sequence[str] = (),
    advance: Callable[[], None] = lambda: None,
) -> Examined:
    """Look at every picture of a set once.

    Parameters
    ----------
    units : sequence of Capture
    media : Readable
    seed : int
        Of the permutations by which shortcuts are tested.
    products_apart : bool
        Whether a product must be in one split alone.
    in_time : sequence of str
        Splits that must follow each other in time.
    advance : callable
        Called after each unit.
    """
    unusable: list[tuple[str, str, str]] = []
    flaws: Counter[str] = Counter()
    prints: dict[str, list[Print]] = {}
    known: list[tuple[Capture, dict[str, str | float | None]]] = []
    pictures = 0
    for unit in units:
        told = []
        for view in unit.views:
            raw = media.read(view.image)
            seen = see(view, media)
            pictures += 1
            for name, what in ((view.image, seen.picture), (view.depth, seen.depth)):
                if isinstance(what, Unusable):
                    unusable.append((unit.capture_id, name, str(what)))
            if not isinstance(seen.picture, Picture) or isinstance(raw, Unusable):
                continue
            depth = None if isinstance(seen.depth, Unusable) else seen.depth
            flaws.update(flaw.kind for flaw in quality(seen.picture, depth=depth, units=view.units).flaws)
            prints.setdefault(unit.capture_id, []).append(print_of(seen.picture))
            told.append(facts(view, seen.picture, len(raw)))
        if told and unit.defect is not None and unit.views[0].role != REFERENCE:
            known.append((unit, facts_of_unit(unit, told)))
        advance()
    splits = {unit.capture_id: unit.views[0].split for unit in units}
    found = leaks(units, splits, prints, products_apart=products_apart, in_time=in_time)
    audit = audit_shortcuts(
        [said for _, said in known],
        [bool(unit.defect) for unit, _ in known],
        within=[unit.item_identifier for unit, _ in known],
        seed=seed,
    )
    return Examined(pictures=pictures, unusable=tuple(unusable), flaws=dict(flaws), leaks=tuple(found), shortcuts=audit)
