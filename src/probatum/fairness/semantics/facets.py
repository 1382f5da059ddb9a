"""Quantities of one group, the facet, against all others: the lists that SageMaker Clarify reports before and after training.

In the formulas, d is the facet and a all others; n are numbers of rows, n(1) of
positive labels, n'(1) of positive decisions. A quantity whose denominator is
nought is None. See "Measure pre-training bias" and "Measure post-training data
and model bias" in the Amazon SageMaker AI Developer Guide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from probatum.fairness.semantics import benefits
from probatum.fairness.semantics.disparities import Groups, pooled
from probatum.fairness.semantics.metrics import Confusion


@dataclass(frozen=True, slots=True)
class FacetMetric:
    """A quantity of a facet against the rest: its abbreviation, what it is, and how it is computed."""

    name: str
    title: str
    of: Callable[[Confusion, Confusion], float | None]  # of the rest (a), of the facet (d)
    needs_decision: bool = True


def split(groups: Groups, facet: str) -> tuple[Confusion, Confusion]:
    """Return the counts of all others together, and those of the facet.

    Raises
    ------
    KeyError
        If there is no such group.
    """
    return pooled({name: c for name, c in groups.items() if name != facet}), groups[facet]


def conditional_disparity(strata: Mapping[str, Groups], facet: str, *, decisions: bool) -> float | None:
    """Return the demographic disparity of a facet, averaged over strata by their size (CDDL, CDDPL).

    In each stratum it is the facet's share among those refused less its share among those
    accepted; a share among nobody counts as nought.
    """
    total = weighted = 0.0
    for groups in strata.values():
        everyone = pooled(groups)
        own = groups.get(facet, pooled({}))
        refused, accepted = (everyone.rejected, everyone.selected) if decisions else (everyone.negative, everyone.positive)
        out, into = (own.rejected, own.selected) if decisions else (own.negative, own.positive)
        size = refused + accepted
        weighted += size * ((out / refused if refused else 0.0) - (into / accepted if accepted else 0.0))
        total += size
    return weighted / total if total else None


def _by(hits: float, trials: float) -> float | None:
    return hits / trials if trials else None


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _labels(c: Confusion) -> tuple[float, float] | None:
    total = c.positive + c.negative
    return (c.negative / total, c.positive / total) if total else None


def _divergence(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.fsum(p * math.log(p / q) if q else math.inf for p, q in zip(one, other, strict=True) if p)


def _of_labels(of: Callable[[tuple[float, float], tuple[float, float]], float]) -> Callable[[Confusion, Confusion], float | None]:
    def asked(a: Confusion, d: Confusion) -> float | None:
        one, other = _labels(a), _labels(d)
        return None if one is None or other is None else of(one, other)

    return asked


def _jensen_shannon(one: tuple[float, float], other: tuple[float, float]) -> float:
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    return (_divergence(one, middle) + _divergence(other, middle)) / 2


def _accuracy(c: Confusion) -> float | None:
    return _by(c.tp + c.tn, c.tp + c.fp + c.tn + c.fn)


def _labelled(c: Confusion) -> float:
    return c.positive + c.negative


def _decided(c: Confusion) -> float:
    return c.selected + c.rejected


def _disparate_impact(a: Confusion, d: Confusion) -> float | None:
    own, rest = _by(d.selected, _decided(d)), _by(a.selected, _decided(a))
    return None if own is None or not rest else own / rest


_before = (
    FacetMetric(
        "CI",
        "class imbalance: (n_a - n_d) / (n_a + n_d)",
        lambda a, d: _by(_labelled(a) - _labelled(d), _labelled(a) + _labelled(d)),
        False,
    ),
    FacetMetric(
        "DPL",
        "difference in positive proportions of labels",
        lambda a, d: _less(_by(a.positive, _labelled(a)), _by(d.positive, _labelled(d))),
        False,
    ),
    FacetMetric("KL", "Kullback-Leibler divergence of labels, of a from d", _of_labels(_divergence), False),
    FacetMetric("JS", "Jensen-Shannon divergence of labels", _of_labels(_jensen_shannon), False),
    FacetMetric(
        "LP",
        "Euclidean distance of the distributions of labels",
        _of_labels(lambda p, q: math.hypot(p[0] - q[0], p[1] - q[1])),
        False,
    ),
    FacetMetric(
        "TVD", "total variation distance of labels", _of_labels(lambda p, q: (abs(p[0] - q[0]) + abs(p[1] - q[1])) / 2), False
    ),
    FacetMetric(
        "KS",
        "largest distance of the distributions of labels",
        _of_labels(lambda p, q: max(abs(p[0] - q[0]), abs(p[1] - q[1]))),
        False,
    ),
)
_after = (
    FacetMetric(
        "DPPL",
        "difference in positive proportions of decisions",
        lambda a, d: _less(_by(a.selected, _decided(a)), _by(d.selected, _decided(d))),
    ),
    FacetMetric("DI", "disparate impact: selection rate of d by that of a", _disparate_impact),
    FacetMetric(
        "DCA",
        "difference in conditional acceptance: n(1) / n'(1), a less d",
        lambda a, d: _less(_by(a.positive, a.selected), _by(d.positive, d.selected)),
    ),
    FacetMetric(
        "DCR",
        "difference in conditional rejection: n(0) / n'(0), d less a",
        lambda a, d: _less(_by(d.negative, d.rejected), _by(a.negative, a.rejected)),
    ),
    FacetMetric(
        "RD",
        "recall difference: true positive rate, a less d",
        lambda a, d: _less(_by(a.tp, a.tp + a.fn), _by(d.tp, d.tp + d.fn)),
    ),
    FacetMetric(
        "SD",
        "specificity difference: true negative rate, d less a",
        lambda a, d: _less(_by(d.tn, d.tn + d.fp), _by(a.tn, a.tn + a.fp)),
    ),
    FacetMetric(
        "DAR",
        "difference in acceptance rates: positive predictive value, a less d",
        lambda a, d: _less(_by(a.tp, a.tp + a.fp), _by(d.tp, d.tp + d.fp)),
    ),
    FacetMetric(
        "DRR",
        "difference in rejection rates: negative predictive value, d less a",
        lambda a, d: _less(_by(d.tn, d.tn + d.fn), _by(a.tn, a.tn + a.fn)),
    ),
    FacetMetric("AD", "accuracy difference, a less d", lambda a, d: _less(_accuracy(a), _accuracy(d))),
    FacetMetric(
        "TE",
        "treatment equality: false negatives by false positives, d less a",
        lambda a, d: _less(_by(d.fn, d.fp), _by(a.fn, a.fp)),
    ),
    FacetMetric(
        "GE",
        "generalised entropy index of benefits, of all people",
        lambda a, d: benefits.generalized_entropy(pooled({"a": a, "d": d})),
    ),
)
FACET_METRICS: Mapping[str, FacetMetric] = {metric.name: metric for metric in (*_before, *_after)}
