"""What each quantity is, for the counts of one group: exact, from whole numbers where there are no weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from probatum.fairness.semantics.cube import Cube


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often each decision met each truth; numbers of rows, or sums of weights.

    Attributes
    ----------
    tp, fp, tn, fn : int or float
        Decision positive or negative; right (t) or wrong (f).
    selected, rejected : int or float
        All positive and negative decisions, those whose truth is unknown included.
    positive, negative : int or float
        All that turned out positive and negative, those without a decision included.
    """

    tp: float
    fp: float
    tn: float
    fn: float
    selected: float
    rejected: float
    positive: float
    negative: float

    @staticmethod
    def of(cube: Cube, *, rows: bool = False) -> Confusion:
        """Count one group; `rows` for numbers of rows where there are weights."""
        label_at, decision_at = (
            cube.dimensions.index(name) if name in cube.dimensions else None for name in ("label", "decision")
        )
        sums: dict[tuple[object, object], float] = {}
        weighted = cube.weighted and not rows
        for key, count in cube.counts.items():
            cell = (None if label_at is None else key[label_at], None if decision_at is None else key[decision_at])
            sums[cell] = sums.get(cell, 0) + (count.weight if weighted else count.rows)

        def at(label: object, decision: object) -> float:
            return sums.get((label, decision), 0)

        labels: tuple[object, ...] = (0, 1, None)
        return Confusion(
            tp=at(1, 1),
            fp=at(0, 1),
            tn=at(0, 0),
            fn=at(1, 0),
            selected=sum(at(label, 1) for label in labels),
            rejected=sum(at(label, 0) for label in labels),
            positive=sum(at(1, decision) for decision in labels),
            negative=sum(at(0, decision) for decision in labels),
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """A quantity that is a fraction: how often among how many.

    Attributes
    ----------
    name : str
        In policies and reports.
    title : str
        In a sentence: "the {title} of group `A`".
    of : callable
        From a confusion to (how often, among how many).
    needs_label : bool
        Whether it needs to be known what turned out to be true.
    """

    name: str
    title: str
    of: Callable[[Confusion], tuple[float, float]]
    needs_label: bool = True


_rates = (
    Rate("selection_rate", "selection rate", lambda c: (c.selected, c.selected + c.rejected), needs_label=False),
    Rate("base_rate", "base rate", lambda c: (c.positive, c.positive + c.negative)),
    Rate("tpr", "true positive rate", lambda c: (c.tp, c.tp + c.fn)),
    Rate("fpr", "false positive rate", lambda c: (c.fp, c.fp + c.tn)),
    Rate("tnr", "true negative rate", lambda c: (c.tn, c.fp + c.tn)),
    Rate("fnr", "false negative rate", lambda c: (c.fn, c.tp + c.fn)),
    Rate("ppv", "positive predictive value", lambda c: (c.tp, c.tp + c.fp)),
    Rate("npv", "negative predictive value", lambda c: (c.tn, c.tn + c.fn)),
    Rate("fdr", "false discovery rate", lambda c: (c.fp, c.tp + c.fp)),
    Rate("for", "false omission rate", lambda c: (c.fn, c.tn + c.fn)),
    Rate("accuracy", "accuracy", lambda c: (c.tp + c.tn, c.tp + c.fp + c.tn + c.fn)),
    Rate("error_rate", "error rate", lambda c: (c.fp + c.fn, c.tp + c.fp + c.tn + c.fn)),
)
RATES: Mapping[str, Rate] = {rate.name: rate for rate in _rates}
