"""Bootstrap replicates of quantities: drawn from counts, not from rows, so that a thousand cost no more than one count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.semantics.cube import Cube
from probatum.fairness.semantics.decisions import groups
from probatum.fairness.semantics.metrics import Confusion, Rate


def replicates(
    cube: Cube, over: tuple[str, ...], rates: Sequence[Rate], *, runs: int = 1_000, seed: int = 0
) -> Mapping[str, NDArray[np.float64]]:
    """Draw replicates of rates of each group.

    Parameters
    ----------
    cube : Cube
        Without weights: a replicate draws as many rows as the table has, with replacement, which for counts is one
        multinomial draw.

    Returns
    -------
    mapping of str to array of shape (runs, groups)
        By the names of the rates; groups in the order of their names; NaN where a replicate has no trial of a group.

    Raises
    ------
    ValueError
        If rows have weights: then their number is not their mass.

    Notes
    -----
    For display, and for quantities without a bound of their own. The percentiles of a largest gap are no bounds of it: it
    is never negative, and with many groups it is far above 0 where nothing differs.
    """
    if cube.weighted:
        raise ValueError("replicates of weighted rows cannot be drawn from their counts")
    parts = groups(cube, over)
    kinds = sorted({key for part in parts.values() for key in part.over(*_decided(part)).counts}, key=str)
    first = next(iter(parts.values()))
    wanted = _decided(first)
    counts = np.zeros((len(parts), len(kinds)))
    for row, part in enumerate(parts.values()):
        for key, count in part.over(*wanted).counts.items():
            counts[row, kinds.index(key)] += count.rows
    total = int(counts.sum())
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(total, counts.ravel() / total, size=runs).reshape(runs, *counts.shape).astype(float)

    def at(label: int | None, decision: int | None) -> NDArray[np.float64]:
        key = tuple({"label": label, "decision": decision}[name] for name in wanted)
        return drawn[:, :, kinds.index(key)] if key in kinds else np.zeros(drawn.shape[:2])

    labels = (0, 1, None) if "label" in wanted else (None,)
    decisions = (0, 1, None) if "decision" in wanted else (None,)
    nothing = np.zeros(drawn.shape[:2])
    arrays: dict[str, Any] = {
        "tp": at(1, 1),
        "fp": at(0, 1),
        "tn": at(0, 0),
        "fn": at(1, 0),
        "selected": sum((at(label, 1) for label in labels), nothing),
        "rejected": sum((at(label, 0) for label in labels), nothing),
        "positive": sum((at(1, decision) for decision in decisions), nothing),
        "negative": sum((at(0, decision) for decision in decisions), nothing),
    }
    confusion = Confusion(**arrays)  # arrays in place of numbers: rates only add and subtract them
    found = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for rate in rates:
            hits, trials = rate.of(confusion)
            found[rate.name] = np.asarray(hits) / np.asarray(trials)
    return found


def _decided(cube: Cube) -> tuple[str, ...]:
    return tuple(name for name in ("label", "decision") if name in cube.dimensions)
