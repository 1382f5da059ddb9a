"""A slice: counted again in the half in which it is confirmed, and tested again from these counts.

What confirmed it worked on arrays; here the definition of the slice is asked of
the table. The bound is computed from scratch, in `excess`; that there is no slice
is asked of all slices, in `no_slice`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.recheck.excess import lowest
from probatum.fairness.semantics.items import conjunction, items_of, near, reaches, sums
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source

_PRECISE = 1e-4  # relative, of probabilities that two ways of halving find


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
    if evidence.seed != required.seed:
        return Recheck("refuted", "the halves are those of another seed")
    if evidence.method == "fairness/no-slice/1":
        from probatum.fairness.recheck.no_slice import of_all

        if evidence.family != 1 or evidence.value != evidence.high:
            return Recheck("refuted", "what is said is one upper bound")
        with opened(source) as relation:
            named = _predicate(claimed["slice"], policy, required, relation)
            [own] = sums(items_of(policy, required, relation), [named], relation)
            if own["rows"] != claimed["rows"]:
                return Recheck("refuted", f"the slice has {own['rows']:.0f} rows, and the evidence says {claimed['rows']}")
            return of_all(policy, required, evidence, relation)
    with opened(source) as relation:
        items = items_of(policy, required, relation)
        mine = _predicate(claimed["slice"], policy, required, relation)
        tested = list(claimed["tested"])
        [own, *others] = sums(items, [mine, *(_predicate(one, policy, required, relation) for one in tested)], relation)
    if own["rows"] != claimed["rows"]:
        return Recheck("refuted", f"the slice has {own['rows']:.0f} rows, and the evidence says {claimed['rows']}")
    exact = items.rate and own["all"] == own["total"]
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
    low = lowest(own, policy.alpha / evidence.family, exact=exact)
    said = -math.inf if evidence.low is None else evidence.low
    if said != low and abs(said - low) > 1e-6 * max(1.0, abs(low)):
        return Recheck("refuted", f"the lower bound is {low}")
    if claimed["clusters"] != [own["clusters"], own["all"]]:
        return Recheck("refuted", f"{own['clusters']:g} clusters of {own['all']:g} have a part in the slice")
    # Holm: from the clearest on, each is rejected at its own level; the slice must come before the first that is not.
    levels = sorted((_level(one, required.bound, exact=exact), one["rows"], one["a"], one["b"]) for one in others)
    first = list(itertools.takewhile(lambda at: at[1][0] <= policy.alpha / (len(levels) - at[0]), enumerate(levels)))
    mine = (own["rows"], own["a"], own["b"])
    p = next(level for level, *rest in levels if tuple(rest) == mine)
    adjusted = max(min(1.0, level * (len(levels) - at)) for at, (level, *_) in enumerate(levels) if level <= p)
    for name, found in (("p", p), ("adjusted", adjusted)):
        if not math.isclose(claimed[name], found, rel_tol=_PRECISE, abs_tol=1e-290):
            return Recheck("refuted", f"`{name}` is {found:.6g}, and the evidence says {claimed[name]}")
    if not any(one[1:] == mine for _, one in first):
        return Recheck(
            "refuted", f"the slice is not above everyone by more than {required.bound:g}, among {len(levels)} that were tested"
        )
    return CONFIRMED


def _level(own: Mapping[str, float], bound: float, *, exact: bool) -> float:
    """Return the smallest level at which a slice is above the bound; 1 if there is none."""
    low, high = -690.0, -1e-9
    if not lowest(own, math.exp(high), exact=exact) > bound:
        return 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if lowest(own, math.exp(middle), exact=exact) > bound else (middle, high)
    return math.exp(high)


def _predicate(definition: Mapping[str, Any], policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    if "all" in definition:
        return conjunction(definition["all"], policy, required, relation)
    if "near" in definition:
        return near(definition["near"], definition["radius"], required, relation)
    return reaches([(one, many) for one, many in definition["points"]], definition["reach"], policy, required, relation)
