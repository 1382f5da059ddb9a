"""Everything about a table side by side: rates of groups, definitions of fairness, and which of these cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from probatum.errors import UsageError
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.model.audit_neighbours import Alike, alike
from probatum.fairness.model.audit_scores import Measured, of_predictions, of_scores, predicts_numbers
from probatum.fairness.model.feasible import RATES_OF, Conflict, Identity, Point, conflicts, frontier, identities, standing
from probatum.fairness.semantics import scores as score_metrics
from probatum.fairness.semantics.cube import Count, Cube
from probatum.fairness.semantics.decisions import MISSING, count, groups
from probatum.fairness.semantics.disparities import DEFINITIONS, Definition, Disparity, Groups, conditional_difference
from probatum.fairness.semantics.facets import FACET_METRICS, conditional_disparity, split
from probatum.fairness.semantics.metrics import RATES, Confusion, Rate
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.samples import strata as strata_of
from probatum.fairness.semantics.score_counts import Scores, score_counts
from probatum.fairness.semantics.unknown import lacking
from probatum.project.document import suggestion

# Rates that are one less another have the same bounds, mirrored, and are not counted twice in the family.
_MIRRORS = {"tnr": "fpr", "fnr": "tpr", "fdr": "ppv", "for": "npv", "error_rate": "accuracy"}
_MOST_FACETS = 50  # groups that are each compared with the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A rate of one group: how often among how many, with bounds that hold for all cells of the audit at once.

    `value`, `low` and `high` are None where nobody is in the denominator.
    """

    over: str
    group: str
    metric: str
    hits: float
    trials: float
    rows: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A definition of fairness for one attribute: its value, its bounds where there are any, the pair it is between."""

    over: str
    definition: str
    title: str
    ideal: float
    value: float | None
    low: float | None = None
    high: float | None = None
    pair: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What `audit` finds.

    Attributes
    ----------
    confidence : float
        That all bounds of all cells hold together.
    family : int
        How many bounds that are.
    rows, excluded : int
        Of the table, and how many of them were left out because an attribute is missing.
    """

    confidence: float
    family: int
    rows: int
    excluded: int
    cells: tuple[Cell, ...]
    lines: tuple[Line, ...]
    identity: Mapping[str, Mapping[str, Identity]] = field(default_factory=dict)
    conflicts: Mapping[str, tuple[Conflict, ...]] = field(default_factory=dict)
    frontier: Mapping[str, Mapping[str, tuple[Point, ...]]] = field(default_factory=dict)
    seen: Mapping[str, Mapping[str, Point]] = field(default_factory=dict)
    facets: Mapping[str, Mapping[str, Mapping[str, float | None]]] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, Mapping[str, float | int | None]]] = field(default_factory=dict)
    measured: Mapping[str, tuple[Measured, ...]] = field(default_factory=dict)
    alike: Alike | None = None
    assumptions: tuple[str, ...] = ()


def audit(
    policy: Policy, relation: Relation, *, over: Iterable[str] = (), given: Iterable[str] = (), features: Iterable[str] = ()
) -> Audit:
    """Count a table once, and show all that the counts say.

    Parameters
    ----------
    over : iterable of str
        Attributes, or intersections such as `race*sex`; all attributes if there are none.
    given : iterable of str
        Columns within whose strata selection rates are compared too.
    features : iterable of str
        Columns by which people are alike; those of `preparation` if there are none.

    Raises
    ------
    UsageError
        If an attribute is not one of the policy's.
    UnreadableArtefact
        If the table is not what the policy says.
    """
    wanted = tuple(over) or tuple(policy.protected)
    for one in wanted:
        for name in one.split("*"):
            if name not in policy.protected:
                raise UsageError(
                    f"`{name}` is not a protected attribute of this policy", help=suggestion(name, list(policy.protected))
                )
    strata = tuple(given)
    by = tuple(features) or (policy.preparation.features if policy.preparation else ())
    numbers = predicts_numbers(policy, relation)
    asked, policy = policy, replace(policy, decision=replace(policy.decision, label="")) if numbers else policy
    counted = count(policy, relation, given=strata)
    cube = counted.cube
    has = {"label": "label" in cube.dimensions, "decision": "decision" in cube.dimensions}
    rates = [r for r in RATES.values() if _asks(r.name, r.needs_label, has)]
    parts = {one: groups(cube, tuple(one.split("*"))) for one in wanted}
    lost = {one: lacking(policy, relation, one.split("*")) for one in wanted}
    worth = _worth(policy, relation, cube, wanted, rates) if policy.decision.cluster or policy.decision.unit else None
    cells, family = _cells(parts, rates, alpha=policy.alpha, bounds=policy.missing is Missing.BOUNDS, clustered=worth)
    if policy.missing is Missing.BOUNDS:  # whatever has no bounds is of those whose group is known
        parts = {one: {name: part for name, part in own.items() if not _absent(name)} for one, own in parts.items()}
    seen = {one: {name: Confusion.of(part) for name, part in own.items()} for one, own in parts.items()}
    lines: list[Line] = []
    for one, own in seen.items():
        bounded = {(c.group, c.metric): c for c in cells if c.over == one}
        lines.extend(
            _line(one, definition, definition.of(own), own, bounded)
            for definition in DEFINITIONS.values()
            if (not definition.needs_label or has["label"]) and (not definition.needs_decision or has["decision"])
        )
        if strata and has["decision"]:
            lines.append(_conditional(one, cube, strata, own))
    both = has["label"] and has["decision"]
    scored = _scores(policy, relation, wanted) if policy.decision.score else {}
    return Audit(
        confidence=1 - policy.alpha,
        family=family,
        rows=counted.rows,
        excluded=counted.excluded,
        cells=tuple(cells),
        lines=tuple(lines),
        identity={one: identities(own) for one, own in seen.items()} if both else {},
        conflicts={one: conflicts(own, _base_rates(cells, one)) for one, own in seen.items()} if both else {},
        frontier={one: _frontier(own) for one, own in scored.items()} if has["label"] else {},
        seen={one: standing(own) for one, own in seen.items()} if both else {},
        facets={
            one: _facets(own, _by_stratum(cube, one, strata, own), has)
            for one, own in seen.items()
            if 2 <= len(own) <= _MOST_FACETS
        },
        scores={
            one: {name: _score_row(part, independent=worth is None) for name, part in own.items()} for one, own in scored.items()
        },
        measured={
            one: (*of_scores(scored[one]), *(of_predictions(asked, relation, tuple(one.split("*"))) if numbers else ()))
            for one in wanted
            if one in scored
        },
        alike=alike(policy, relation, by, wanted) if by else None,
        assumptions=_assumptions(policy, cube, max(lost.values(), default=0)),
    )


def _base_rates(cells: Iterable[Cell], over: str) -> Mapping[str, tuple[float, float]]:
    """Return the bounds of each group's base rate."""
    own = (cell for cell in cells if cell.over == over and cell.metric == "base_rate")
    return {cell.group: (cell.low, cell.high) for cell in own if cell.low is not None and cell.high is not None}


def _asks(rate: str, needs_label: bool, has: Mapping[str, bool]) -> bool:
    return (has["label"] or not needs_label) and (has["decision"] or rate == "base_rate")


def _assumptions(policy: Policy, cube: Cube, lost: int) -> tuple[str, ...]:
    shared = policy.decision.cluster or policy.decision.unit
    found = ["rows are independent"]
    if shared:
        found = [
            f"rows with different `{shared}` are independent",
            "bounds are those of as many rows as these are worth, which is approximate; areas under curves have no standard error",
        ]
    if lost:
        found.append(
            f"up to {lost:,} rows lack an attribute: bounds of rates, and of what is made of them, hold wherever these belong; "
            "whatever has no bounds is of the other rows only"
        )
    if cube.weighted and not shared:
        found.append("bounds of weighted rates are those of as many rows as the weights are worth (Kish), which is approximate")
    return tuple(found)


def _absent(group: str) -> bool:
    return MISSING in group.split(", ")


def _worth(
    policy: Policy, relation: Relation, cube: Cube, wanted: tuple[str, ...], rates: list[Rate]
) -> Mapping[tuple[str, str, str], tuple[float, int]]:
    """Return for attribute, rate and group how many independent rows its clusters are worth, and the degrees of freedom of that."""
    every = replace(policy, missing=Missing.OWN_GROUP) if policy.missing is Missing.BOUNDS else policy
    found = {}
    for one in wanted:
        for rate in rates:
            for stratum in strata_of(every, relation, cube, rate, over=tuple(one.split("*"))):
                for name, own in stratum.groups.items():
                    found[one, rate.name, name] = own.trials, own.degrees
    return found


def _cells(
    parts: Mapping[str, Mapping[str, Cube]],
    rates: list[Rate],
    *,
    alpha: float,
    bounds: bool = False,
    clustered: Mapping[tuple[str, str, str], tuple[float, int]] | None = None,
) -> tuple[list[Cell], int]:
    """Return every rate of every group; bounds by Clopper and Pearson, corrected for their number by Bonferroni.

    With `bounds`, rows without an attribute may be in any group: hits add to the upper and misses to the lower bound.
    """
    import numpy as np
    from scipy.special import betaincinv, ndtri, stdtrit

    found: list[Cell] = []
    sizes: list[float] = []
    degrees: list[int] = []
    unknown: dict[tuple[str, str], tuple[float, float]] = {}
    for one, own in parts.items():
        for name, part in own.items():
            weights, rows = Confusion.of(part), Confusion.of(part, rows=True)
            squares = Confusion.of(_squared(part)) if part.weighted else rows
            for rate in rates:
                hits, trials = rate.of(weights)
                many = rate.of(rows)[1]
                if bounds and _absent(name):
                    before = unknown.get((one, rate.name), (0.0, 0.0))
                    unknown[one, rate.name] = before[0] + hits, before[1] + trials - hits
                    continue
                worth = trials**2 / (rate.of(squares)[1] or 1.0) if part.weighted else many
                free = 0
                if clustered is not None:
                    worth, free = clustered.get((one, rate.name, name), (0.0, 0))
                degrees.append(free)
                found.append(Cell(over=one, group=name, metric=rate.name, hits=hits, trials=trials, rows=int(many)))
                sizes.append(worth if trials > 0 else 0.0)
    family = max(1, sum(1 for cell, size in zip(found, sizes, strict=True) if size and cell.metric not in _MIRRORS))
    n = np.array(sizes, dtype=float)
    some = n > 0
    value = np.array([cell.hits / cell.trials if size else 0.0 for cell, size in zip(found, sizes, strict=True)])
    error = alpha / family / 2
    # Korn and Graubard: less is known where variances are estimated.
    z = float(ndtri(error))
    n *= np.array([float((z / stdtrit(free, error)) ** 2) if free else 1.0 for free in degrees])
    n = np.where(some, np.maximum(n, 1e-6), 0.0)
    k = value * n
    scale = np.array([size / cell.trials if size else 0.0 for cell, size in zip(found, n, strict=True)])
    extra = np.array([unknown.get((cell.over, cell.metric), (0.0, 0.0)) for cell in found]).reshape(-1, 2) * scale[:, None]
    low, high = np.zeros(len(found)), np.ones(len(found))
    inner = some & (k > 0)
    low[inner] = betaincinv(k[inner], (n - k + extra[:, 1])[inner] + 1, error)
    inner = some & (k < n)
    high[inner] = betaincinv((k + extra[:, 0])[inner] + 1, np.maximum((n - k)[inner], 1e-300), 1 - error)
    return [
        Cell(
            over=cell.over,
            group=cell.group,
            metric=cell.metric,
            hits=cell.hits,
            trials=cell.trials,
            rows=cell.rows,
            value=float(value[at]),
            low=float(low[at]),
            high=float(high[at]),
        )
        if some[at]
        else cell
        for at, cell in enumerate(found)
    ], family


def _squared(cube: Cube) -> Cube:
    """Return the cube with sums of squared weights in the place of weights."""
    return Cube(cube.dimensions, {key: Count(c.rows, c.squares, 0.0) for key, c in cube.counts.items()}, weighted=True)


def _line(over: str, definition: Definition, disparity: Disparity, own: Groups, cells: Mapping[tuple[str, str], Cell]) -> Line:
    low, high = _bounds(definition, own, cells) if disparity.value is not None else (None, None)
    return Line(
        over=over,
        definition=definition.name,
        title=definition.title,
        ideal=definition.ideal,
        value=disparity.value,
        low=low,
        high=high,
        pair=disparity.pair,
        absent=disparity.absent,
    )


def _bounds(definition: Definition, own: Groups, cells: Mapping[tuple[str, str], Cell]) -> tuple[float | None, float | None]:
    """Return what the bounds of rates, which hold all at once, imply for a definition that compares rates."""
    ends = []
    for rate in definition.rates:
        usable = [c for name in own if (c := cells.get((name, rate))) is not None and c.low is not None and c.high is not None]
        if len(usable) < 2:
            return None, None
        lows, highs = [c.low or 0.0 for c in usable], [c.high or 0.0 for c in usable]
        if definition.ideal == 0:
            ends.append((max(0.0, max(lows) - min(highs)), max(highs) - min(lows)))
        else:
            ends.append((min(lows) / max(highs) if max(highs) else 0.0, min(1.0, min(highs) / max(lows)) if max(lows) else 1.0))
    if not ends:
        return None, None
    if definition.name == "average_odds_difference":
        return sum(e[0] for e in ends) / len(ends), sum(e[1] for e in ends) / len(ends)
    pick = max if definition.ideal == 0 else min
    return pick(e[0] for e in ends), pick(e[1] for e in ends)


def _by_stratum(
    cube: Cube, over: str, strata: tuple[str, ...], known: Mapping[str, object] | None = None
) -> Mapping[str, Groups]:
    found: dict[str, Groups] = {}
    if strata:
        for stratum, part in groups(cube, strata).items():
            found[stratum] = {
                name: Confusion.of(own)
                for name, own in groups(part, tuple(over.split("*"))).items()
                if known is None or name in known
            }
    return found


def _conditional(over: str, cube: Cube, strata: tuple[str, ...], known: Mapping[str, object]) -> Line:
    disparity = conditional_difference(_by_stratum(cube, over, strata, known))
    by = " and ".join(strata)
    return Line(
        over=over,
        definition="conditional_demographic_parity_difference",
        title=f"largest difference of the selection rate among people of the same {by}",
        ideal=0.0,
        value=disparity.value,
        pair=disparity.pair,
        absent=disparity.absent,
    )


def _facets(own: Groups, strata: Mapping[str, Groups], has: Mapping[str, bool]) -> Mapping[str, Mapping[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for facet in own:
        rest, mine = split(own, facet)
        row: dict[str, float | None] = {}
        for metric in FACET_METRICS.values():
            needs_label = metric.name not in ("DPPL", "DI")
            if (has["label"] or not needs_label) and (has["decision"] or not metric.needs_decision):
                row[metric.name] = metric.of(rest, mine)
        if strata and has["label"]:
            row["CDDL"] = conditional_disparity(strata, facet, decisions=False)
        if strata and has["decision"]:
            row["CDDPL"] = conditional_disparity(strata, facet, decisions=True)
        found[facet] = row
    return found


def _scores(policy: Policy, relation: Relation, wanted: tuple[str, ...]) -> Mapping[str, Mapping[str, Scores]]:
    found = {one: score_counts(policy, relation, tuple(one.split("*"))) for one in wanted}
    if policy.missing is not Missing.BOUNDS:
        return found
    return {one: {name: part for name, part in own.items() if not _absent(name)} for one, own in found.items()}


def _score_row(own: Scores, *, independent: bool = True) -> Mapping[str, float | int | None]:
    unit = bool(len(own.score)) and own.score[0] >= 0 and own.score[-1] <= 1
    error = auc_error(own) if independent else None
    row: dict[str, float | int | None] = {
        "n": own.rows,
        "mean_score": score_metrics.mean_score(own),
        "auc": score_metrics.auc(own),
        "auc_standard_error": error,
        "balance_positive": score_metrics.balance(own, positive=True),
        "balance_negative": score_metrics.balance(own, positive=False),
    }
    if unit:  # scores that are no probabilities cannot be calibrated or not
        row["calibration_error"] = score_metrics.calibration_error(own)
        row["score_less_truth"] = score_metrics.calibration_in_the_large(own)
        row["brier"] = score_metrics.brier(own)
    return row


def auc_error(own: Scores) -> float | None:
    """Return the standard error of the area under the curve (DeLong, DeLong, Clarke-Pearson 1988); None below two of a class."""
    import numpy as np

    have, lack = float(own.positive.sum()), float(own.negative.sum())
    if have < 2 or lack < 2:
        return None
    beaten = (np.cumsum(own.negative) - own.negative / 2) / lack  # of each score, the share of negatives below it
    beating = 1 - (np.cumsum(own.positive) - own.positive / 2) / have
    first = float((own.positive * (beaten - (own.positive @ beaten) / have) ** 2).sum()) / (have - 1)
    second = float((own.negative * (beating - (own.negative @ beating) / lack) ** 2).sum()) / (lack - 1)
    return math.sqrt(first / have + second / lack)


def _frontier(own: Mapping[str, Scores]) -> Mapping[str, tuple[Point, ...]]:
    curves: dict[str, Any] = {name: curve for name, part in own.items() if (curve := score_metrics.roc(part)) is not None}
    if not 2 <= len(curves) <= _MOST_FACETS:
        return {}
    return {definition: frontier(curves, definition) for definition in RATES_OF}
