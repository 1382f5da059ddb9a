"""A slice: counted again in the half in which it is confirmed, and tested again from these counts.

What confirmed it worked on arrays; here the definition of the slice is asked of
the table. The bound is computed from scratch: a binomial tail by its beta
integral, a ratio's variance cluster by cluster.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.items import conjunction, items_of, near, reaches, sums
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source

_FEWEST, _LEAST_WORTH = 5, 2


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a slice is worse than allowed, or that one that was named is not."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a slice is shown by an estimate")
    claimed = evidence.counts
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    required = next((r for r in policy.of_kind(SlicesRequirement) if r.id == claimed["requirement"]), None)
    if required is None:
        return Recheck("refuted", f"the policy has no requirement `{claimed['requirement']}`")
    if abs(evidence.confidence - (1 - policy.alpha)) > 1e-12:
        return Recheck("refuted", "the confidence is not the policy's")
    with opened(source) as relation:
        items = items_of(policy, required, relation)
        mine = _predicate(claimed["slice"], policy, required, relation)
        tested = list(claimed.get("tested", [])) if evidence.method == "fairness/slice/1" else []
        [own, *others] = sums(items, [mine, *(_predicate(one, policy, required, relation) for one in tested)], relation)
    if own["rows"] != claimed["rows"]:
        return Recheck("refuted", f"the slice has {own['rows']:.0f} rows, and the evidence says {claimed['rows']}")
    exact = items.rate and own["all"] == own["total"]
    if evidence.method == "fairness/no-slice/1":
        return _none(evidence, own, policy, required, exact=exact)
    return _one(evidence, own, others, policy, required, exact=exact)


def _one(
    evidence: Estimate,
    own: Mapping[str, float],
    others: Sequence[Mapping[str, float]],
    policy: Policy,
    required: SlicesRequirement,
    *,
    exact: bool,
) -> Recheck:
    claimed = evidence.counts
    if dict(claimed["slice"]) not in [dict(one) for one in claimed["tested"]] or len(others) != evidence.family:
        return Recheck("refuted", "the slice is not among those that were tested")
    for name, seen in (("loss", (own["a"], own["b"])), ("everyone", (own["A"], own["B"]))):
        if not all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) for x, y in zip(claimed[name], seen, strict=True)):
            return Recheck("refuted", f"the sums of `{name}` are {seen}, and the evidence says {claimed[name]}")
    value = own["a"] / own["b"] - own["A"] / own["B"]
    if not math.isclose(value, evidence.value, rel_tol=1e-9, abs_tol=1e-12):
        return Recheck("refuted", f"the excess is {value}")
    low = _low(own, policy.alpha / evidence.family, exact=exact)
    if evidence.low is None or evidence.low > low + 1e-6 * max(1.0, abs(low)):
        return Recheck("refuted", f"the lower bound is {low}")
    # Holm: from the clearest on, each is rejected at its own level; the slice must come before the first that is not.
    levels = sorted((_level(one, required.bound, exact=exact), one["rows"], one["a"], one["b"]) for one in others)
    first = list(itertools.takewhile(lambda at: at[1][0] <= policy.alpha / (len(levels) - at[0]), enumerate(levels)))
    if not any(one[1:] == (own["rows"], own["a"], own["b"]) for _, one in first):
        return Recheck(
            "refuted", f"the slice is not above everyone by more than {required.bound:g}, among {len(levels)} that were tested"
        )
    return CONFIRMED


def _none(evidence: Estimate, own: Mapping[str, float], policy: Policy, required: SlicesRequirement, *, exact: bool) -> Recheck:
    high = -_low(own, policy.alpha, exact=exact, upper=True)
    if evidence.high is None or evidence.high > required.bound:
        return Recheck("refuted", f"an excess of up to {evidence.high} is not within {required.bound:g}")
    if not math.isclose(high, evidence.high, rel_tol=1e-6, abs_tol=1e-9):
        return Recheck("refuted", f"the upper bound of the slice that is named is {high}")
    return CONFIRMED


def _level(own: Mapping[str, float], bound: float, *, exact: bool) -> float:
    """Return the smallest level at which a slice is above the bound; 1 if there is none."""
    low, high = -690.0, -1e-9
    if not _low(own, math.exp(high), exact=exact) > bound:
        return 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _low(own, math.exp(middle), exact=exact) > bound else (middle, high)
    return math.exp(high)


def _predicate(definition: Mapping[str, Any], policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    if "all" in definition:
        return conjunction(definition["all"], policy, required, relation)
    if "near" in definition:
        return near(definition["near"], definition["radius"], required, relation)
    return reaches([(one, many) for one, many in definition["points"]], definition["reach"], policy, required, relation)


def _low(own: Mapping[str, float], alpha: float, *, exact: bool, upper: bool = False) -> float:
    """Return a lower bound of the excess; or, `upper`, the negative of an upper one."""
    from scipy.special import bdtr, stdtrit

    if own["b"] <= 0:
        return -math.inf
    if exact:
        hits, n, rest_hits, rest = (round(x) for x in (own["a"], own["b"], own["A"] - own["a"], own["B"] - own["b"]))
        if rest <= 0:
            return 0.0
        if upper:  # an upper bound of the excess of losses is a lower one of the excess of what is not lost
            hits, rest_hits = n - hits, rest - rest_hits
        # P(X >= hits) = level, and P(X <= rest_hits) = level, by bisection on the binomial's own tail.
        low = _root(lambda p: bdtr(n - hits, n, 1 - p) if hits else 1.0, alpha * 0.9) if hits else 0.0
        high = 1 - _root(lambda q: bdtr(rest_hits, rest, 1 - q), alpha * 0.1) if rest_hits < rest else 1.0
        return float((low - high) * rest / own["B"])
    inside, many = own["b"] * own["b"] / own["bb"], own["all"]  # clusters of equal size that those of the slice are worth
    if own["clusters"] < _FEWEST or inside < _LEAST_WORTH:
        return -math.inf
    rate, mean = own["a"] / own["b"], own["A"] / own["B"]
    # sum over clusters of (u - v)^2, u = (a - rate b) / sum(b), v = (A - mean B) / sum(B)
    uu = own["aa"] - 2 * rate * own["ab"] + rate**2 * own["bb"]
    vv = own["AA"] - 2 * mean * own["AB"] + mean**2 * own["BB"]
    uv = own["aA"] - mean * own["aB"] - rate * own["bA"] + rate * mean * own["bB"]
    square = uu / own["b"] ** 2 - 2 * uv / (own["b"] * own["B"]) + vv / own["B"] ** 2
    error = math.sqrt(max(0.0, square) * many / (many - 1) * inside / (inside - 1))
    if error <= 0:
        return -math.inf
    sign = -1.0 if upper else 1.0
    return float(sign * (rate - mean) + stdtrit(inside - 1, alpha) * error)


def _root(tail: Any, level: float) -> float:
    """Return where a tail that rises with p reaches a level, from below."""
    low, high = 0.0, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) <= level else (low, middle)
    return low
