"""Rows that a recorded step leaves out: are the counts those of the record, and do the bounds follow from them?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.semantics.row_flow import flows
from probatum.source import DATA, Data, Source

_NEAR = 1e-9


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute a difference of shares that are lost."""
    prepared = policy.preparation
    if not isinstance(evidence, Estimate) or prepared is None or evidence.low is None or evidence.high is None:
        return Recheck("refuted", "a difference of shares is an estimate, for a policy with a record")
    claimed = evidence.counts
    place = beside(policy.location.path, prepared.record) or ""
    source = inputs.get(DATA + place)
    if source is None or claimed["record"] != prepared.record:
        return Recheck("cannot", f"the record `{claimed['record']}` is not there")
    record = read_record(Path(source.place).read_bytes() if isinstance(source, Data) else source.raw, place)
    if record.root != claimed["root"]:
        return Recheck("cannot", "the record is another one by now")
    known = list(flows(record))
    flow = next((one for one in known if (one.key, one.by) == (claimed["step"], claimed["by"])), None)
    family = sum(len(one.rows) for one in known)
    if flow is None or evidence.family != family or abs(evidence.confidence - (1 - policy.alpha)) > 1e-12:
        return Recheck("refuted", "the record has no such step, or the bounds are for fewer comparisons than there are")
    own = {name: (before - after, before) for name, (before, after) in flow.rows.items() if before >= policy.min_cell}
    if {name: list(pair) for name, pair in own.items()} != claimed["groups"] or len(own) < 2:
        return Recheck("refuted", "the evidence counts other rows than the record")
    ends = {name: _ends(lost, rows, policy.alpha / family) for name, (lost, rows) in own.items()}
    # An interval begins before it ends, so the largest of these differences, if it is above 0, is between two groups.
    low = max(0.0, max(a for a, _ in ends.values()) - min(b for _, b in ends.values()))
    uppers, lowers = sorted(ends, key=lambda n: -ends[n][1])[:2], sorted(ends, key=lambda n: ends[n][0])[:2]
    high = max(ends[one][1] - ends[other][0] for one in uppers for other in lowers if one != other)
    shares = [lost / rows for lost, rows in own.values()]
    apart = max(shares) - min(shares)
    if abs(evidence.low - low) > _NEAR or abs(evidence.high - high) > _NEAR or abs(evidence.value - apart) > _NEAR:
        return Recheck("refuted", f"the shares differ by {low:g} to {high:g}")
    follows = {"violated": evidence.low > prepared.rows_lost, "satisfied": evidence.high <= prepared.rows_lost}
    return (
        CONFIRMED if follows.get(claimed["verdict"], False) else Recheck("refuted", "the verdict does not follow from the bounds")
    )


def _ends(hits: int, trials: int, error: float) -> tuple[float, float]:
    from scipy.stats import beta

    low = float(beta.ppf(error / 2, hits, trials - hits + 1)) if hits else 0.0
    return low, float(beta.isf(error / 2, hits + 1, trials - hits)) if hits < trials else 1.0
