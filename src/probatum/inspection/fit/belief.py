"""From which look on a product is believed: chosen from units whose product is known, each also seen as a stranger's.

A unit looks like a stranger's when its product is left out of what products are told apart by. Products are left out in a few parts, by
a hash of their names, so that learning is done a few times and not once for each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from probatum.inspection.artefacts.calibration import Believed
from probatum.inspection.fit.acceptance import Unattainable, acceptance
from probatum.inspection.semantics.identity import Seen, identity
from probatum.inspection.semantics.reading import Reading
from probatum.inspection.semantics.references import References

PARTS = 5
BUDGET = 0.05  # of each of the two errors


def believed(
    references: References, units: Mapping[str, tuple[str, Seen]], reading: Reading | None = None, *, confidence: float = 0.95
) -> Believed | str:
    """Choose the look from which a product is believed.

    Parameters
    ----------
    references : References
    units : mapping of str to (str, Seen)
        By `capture_id`: the true product, and what was seen. None of them is a reference.
    reading : Reading, optional
        Reads references, where units were read.
    confidence : float

    Returns
    -------
    Believed or str
        Why there is none.
    """
    everything = identity(references, reading)
    if everything is None:
        return "fewer than two products have references"
    there = set(references.products)
    used = {name: told for name, told in units.items() if told[0] in there and told[1].turns}
    known, unknown = [], []
    parts = [frozenset(product for product in there if _part(product) == part) for part in range(PARTS)]
    for out in parts:
        rest = identity(references, reading, without=out)
        for name, (product, unit) in used.items():
            if product in out:
                best = everything.best(unit)
                if best is not None:
                    known.append((name, best.look, best.product == product))
                other = None if rest is None else rest.best(unit)
                if other is not None:
                    unknown.append((name, other.look))
    chosen = acceptance(
        [look for _, look, _ in known],
        [right for _, _, right in known],
        [look for _, look in unknown],
        budget_strangers=BUDGET,
        budget_mistaken=BUDGET,
        confidence=confidence,
    )
    if isinstance(chosen, Unattainable):
        return chosen.why
    return Believed(
        threshold=chosen.threshold,
        confidence=confidence,
        strangers=BUDGET,
        mistaken=BUDGET,
        reader="" if reading is None else reading.reader.digest,
        known=tuple(known),
        unknown=tuple(unknown),
    )


def _part(product: str) -> int:
    return hashlib.sha256(product.encode()).digest()[0] % PARTS
