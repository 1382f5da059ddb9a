"""A gap at every moment of a stream: are the counts those of the table, and would a bet have won against every smaller gap?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.requirements.stream import StreamRequirement, family
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.windows import Stream, stream
from probatum.source import DATA, Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute bounds of the largest difference so far, or in any window."""
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
        seen = stream(policy, relation, required, tuple(told["over"]))
    wrong = _other(seen, told) or (
        "" if evidence.family == family(wanted) * len(seen.order) else "the bounds are for another number of groups"
    )
    if wrong:
        return Recheck("refuted", wrong)
    error = policy.alpha / family(wanted)
    ends: dict[int, dict[str, tuple[float, float]]] = {}
    for number, window in enumerate(seen.windows):
        own = {name: counts for name, counts in window.groups.items() if counts[1] >= policy.min_cell}
        spent = error / (number + 1) / (number + 2) if required.window else error
        if len(own) >= 2:
            ends[number] = {name: _both(*own[name], spent, place) for place, name in enumerate(seen.order, 1) if name in own}
    if not ends:
        return Recheck("refuted", "no window has two groups that are large enough")
    lows = {number: max(a for a, _ in own.values()) - min(b for _, b in own.values()) for number, own in ends.items()}
    over_ = [number for number in ends if seen.windows[number].over or not required.window] or [max(ends)]
    low, high = max(0.0, *lows.values()), max(0.0, *(_widest(list(ends[number].values())) for number in over_))
    rates = [[seen.windows[n].groups[name][0] / seen.windows[n].groups[name][1] for name in own] for n, own in ends.items()]
    value = max(max(own) - min(own) for own in rates)
    said = (evidence.low, evidence.high, evidence.value)
    if any(abs(told - own) > 1e-9 for told, own in zip(said, (low, high, value), strict=True)):
        return Recheck("refuted", f"the gap is between {low:g} and {high:g}")
    if told["verdict"] == "violated":
        at, (more, less) = ends[told["window"]], told["pair"]
        if not abs(at[more][0] - at[less][1] - evidence.low) <= 1e-9:
            return Recheck("refuted", f"`{more}` and `{less}` are not so far apart there")
    follows = {"violated": evidence.low > required.bound, "satisfied": evidence.high <= required.bound}
    return CONFIRMED if follows.get(told["verdict"], False) else Recheck("refuted", "the verdict does not follow from the bounds")


def _other(seen: Stream, told: Mapping[str, object]) -> str:
    """Return what the evidence says otherwise than the table; nothing if it is the same."""
    if told["windows"] != len(seen.windows) or told["order"] != list(seen.order):
        return "the evidence counts other windows or groups than the table has"
    at = told["window"]
    window = seen.windows[at] if isinstance(at, int) and 0 <= at < len(seen.windows) else None
    if window is None or told["name"] != window.name or told["groups"] != {n: list(own) for n, own in window.groups.items()}:
        return "the evidence counts other rows than the table has"
    pair = told["pair"]
    if not isinstance(pair, list) or len(set(pair)) != 2 or not set(pair) <= set(window.groups):
        return "the evidence names no two groups of the window"
    return ""


def _both(hits: int, trials: int, error: float, place: int) -> tuple[float, float]:
    """Return both ends for the group that came as the first, second, ...: its part of the error, and half of that for each end."""
    part = error * (3 / 8 if place < 3 else 1 / (2 * place * place - 2 * place)) / 2
    return _end(hits, trials, part), 1 - _end(trials - hits, trials, part)


def _widest(ends: Sequence[tuple[float, float]]) -> float:
    above = sorted(range(len(ends)), key=lambda n: ends[n][1])[-2:]
    below = sorted(range(len(ends)), key=lambda n: ends[n][0])[:2]
    return max(ends[a][1] - ends[b][0] for a in above for b in below if a != b)


def _end(hits: float, trials: float, error: float) -> float:
    """Return the smallest average that no mixture of bets has won against."""
    import numpy as np
    from scipy.optimize import brentq
    from scipy.special import logsumexp

    bets, stakes = 4.0 / 2.0 ** np.arange(14), 1 / (np.arange(1, 15) * np.arange(2, 16))

    def won(mean: float) -> float:
        return float(logsumexp(bets * hits - trials * np.log1p(mean * np.expm1(bets)), b=stakes) + np.log(error))

    return float(brentq(won, 0.0, hits / trials, xtol=1e-14)) if won(0.0) > 0 else 0.0
