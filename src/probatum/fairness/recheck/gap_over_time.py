"""A gap at every moment of a stream: are the counts those of the table, and would a bet have won against every smaller gap?"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.stream import StreamRequirement, family
from probatum.fairness.semantics.decisions import count, groups
from probatum.fairness.semantics.metrics import RATES, Confusion
from probatum.fairness.semantics.relation import opened
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute bounds of the largest difference so far."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a gap is an estimate")
    told, wanted = evidence.counts, policy.of_kind(StreamRequirement)
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    required = next((one for one in wanted if one.id == told["requirement"] and tuple(told["over"]) in one.over), None)
    if required is None or evidence.low is None or evidence.high is None:
        return Recheck("refuted", "the policy does not require that")
    with opened(source) as relation:
        cubes = groups(count(policy, relation).cube, tuple(told["over"]))
    own = {name: RATES[required.metric].of(Confusion.of(cube, rows=True)) for name, cube in cubes.items()}
    own = {name: (hits, n) for name, (hits, n) in own.items() if n}
    if told["groups"] != {name: list(pair) for name, pair in own.items()}:
        return Recheck("refuted", "the evidence counts other rows than the table has")
    if evidence.family != family(wanted) * len(own):
        return Recheck("refuted", "the bounds are for another number of groups and requirements than there are")
    error = policy.alpha / family(wanted) / len(own) / 2
    ends = [(_end(h, n, error), 1 - _end(n - h, n, error)) for h, n in own.values()]
    low = max(0.0, max(a for a, _ in ends) - min(b for _, b in ends))
    high = max(b - a for i, (_, b) in enumerate(ends) for j, (a, _) in enumerate(ends) if i != j)
    seen = [h / n for h, n in own.values()]
    said = (evidence.low, evidence.high, evidence.value)
    if any(abs(told - own) > 1e-9 for told, own in zip(said, (low, high, max(seen) - min(seen)), strict=True)):
        return Recheck("refuted", f"the gap is between {low:g} and {high:g}")
    follows = {"violated": evidence.low > required.bound, "satisfied": evidence.high <= required.bound}
    return CONFIRMED if follows.get(told["verdict"], False) else Recheck("refuted", "the verdict does not follow from the bounds")


def _end(hits: float, trials: float, error: float) -> float:
    """Return the smallest average that no mixture of bets has won against."""
    import numpy as np
    from scipy.optimize import brentq
    from scipy.special import logsumexp

    bets, stakes = 4.0 / 2.0 ** np.arange(14), 1 / (np.arange(1, 15) * np.arange(2, 16))

    def won(mean: float) -> float:
        return float(logsumexp(bets * hits - trials * np.log1p(mean * np.expm1(bets)), b=stakes) + np.log(error))

    return float(brentq(won, 0.0, hits / trials, xtol=1e-14)) if won(0.0) > 0 else 0.0
