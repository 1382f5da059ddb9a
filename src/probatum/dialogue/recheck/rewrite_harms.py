"""A rewrite that harms, or does not: users counted one by one, and the bounds put into the binomial distribution."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from probatum.dialogue.artefacts import Policy
from probatum.dialogue.artefacts.requirements.rewrite_harms import RewriteHarmsRequirement
from probatum.dialogue.recheck.told import otherwise, signals_of
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.dialogue.semantics.judged import digits
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.source import Source

_NEAR = 1e-9
_FAILURES = frozenset({"blamed", "repeated", "rephrased", "stopped", "undone", "escalated", "unanswered", "broken"})


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute how often a request failed with its rewrite, and without."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "how often a request fails is an estimate")
    counts = evidence.counts
    requirement = next((r for r in policy.of_kind(RewriteHarmsRequirement) if r.id == counts["requirement"]), None)
    if requirement is None:
        return Recheck("refuted", "the policy does not require it")
    wrongly = otherwise(policy, counts)
    if wrongly is not None:
        return wrongly
    with opened(policy, inputs) as conversations:
        table = signals_of(policy, counts, conversations)
        alone = _alone(conversations)
        found = _counted(conversations, table, str(counts["rewrite"]), alone)
        kinds = conversations.sql(
            "select distinct coalesce(rewrite, '') as rewrite, text_id from {turns} where rewritten_id is not null and text_id is not null"
        )
        many = len({_key(row, alone) for row in kinds})
    told = [[*one, *other] for one, other in zip(counts["treated"], counts["held_out"], strict=True)]
    if not found or found != told:
        return Recheck(
            "refuted", f"users with the rewrite for whom it failed, all, those without for whom it failed, all: {found}"
        )
    everybody = sum(one + other for _, one, _, other in found)
    shares = [(one + other) / everybody for _, one, _, other in found]
    value = sum(w * (bad / one - worse / other) for w, (bad, one, worse, other) in zip(shares, found, strict=True))
    if abs(value - evidence.value) > _NEAR or evidence.family != many or abs(evidence.confidence - (1 - policy.alpha)) > _NEAR:
        return Recheck("refuted", f"the difference is {value:.6f}, for {many} rewrites together")
    if evidence.low is None or evidence.high is None or evidence.low <= requirement.bound < evidence.high:
        return Recheck("refuted", "the bounds do not show what is claimed")
    tail = policy.alpha / (4 * many * len(found))
    each = list(zip(shares, found, strict=True))
    wide = (
        sum(w * (_low(bad, one, tail) - _high(worse, other, tail)) for w, (bad, one, worse, other) in each),
        sum(w * (_high(bad, one, tail) - _low(worse, other, tail)) for w, (bad, one, worse, other) in each),
    )
    if evidence.low > wide[0] + 1e-6 or evidence.high < wide[1] - 1e-6:
        return Recheck("refuted", f"the bounds are narrower than {wide[0]:.6f} to {wide[1]:.6f}")
    return CONFIRMED


def _alone(conversations: Conversations) -> set[str]:
    """Return the names of rewrites that were drawn for one user at most."""
    users: dict[str, set[str]] = {}
    for row in conversations.sql("select distinct rewrite, user_id from {turns} where rewrite <> ''"):
        users.setdefault(row["rewrite"], set()).update([row["user_id"]] if row["user_id"] is not None else [])
    return {name for name, own in users.items() if len(own) < 2}


def _key(row: Mapping[str, Any], alone: Container[str]) -> str:
    if not row["rewrite"]:
        return f"{row['text_id']:016x}"
    return "alone" if row["rewrite"] in alone else f"rewrite:{row['rewrite']}"


def _counted(conversations: Conversations, table: str, wanted: str, alone: Container[str]) -> list[list[int]]:
    """Return [failed, all] users with the rewrite and the same without, by the first request of each, for each chance to get it."""
    first: dict[str, tuple[Any, str, Any, bool]] = {}
    query = f"""select t.user_id, t.arm, t.propensity, t.asked_at, t.turn_id, t.text_id, coalesce(t.rewrite, '') as rewrite, j.pattern
        from {{turns}} t join {table} j on j.turn = {turn_number("t.turn_id")}
        where t.arm in ('treated', 'holdout') and t.text_id is not null and t.user_id is not null"""  # noqa: S608 - names of our own
    for row in (one for one in conversations.sql(query) if _key(one, alone) == wanted):
        if row["arm"] not in ("treated", "holdout") or row["propensity"] is None or not 0 < row["propensity"] < 1:
            continue
        codes = dict(zip(SIGNALS, digits(row["pattern"]), strict=True))
        bad = any(codes[name] == 1 for name in _FAILURES)
        # A time that is not known is after all others, as in the database.
        key = (row["asked_at"] is None, row["asked_at"] or 0, row["turn_id"])
        seen = first.get(row["user_id"])
        if seen is None or key < seen[0]:
            first[row["user_id"]] = (key, row["arm"], row["propensity"], bad)
    kinds = {(arm, propensity) for _, arm, propensity, _ in first.values()}
    constant = len(kinds) == len({arm for arm, _ in kinds})
    strata: dict[float, list[int]] = {}
    for _, arm, propensity, bad in first.values():
        share = 0.0 if constant else round(propensity if arm == "treated" else 1 - propensity, 6)
        own = strata.setdefault(share, [0, 0, 0, 0])
        place = 0 if arm == "treated" else 2
        own[place] += bad
        own[place + 1] += 1
    return [own for _, own in sorted(strata.items()) if own[1] and own[3]]


def _tail(failed: int, users: int, p: float) -> float:
    """Return the probability of at most so many failures."""
    if p <= 0 or p >= 1:
        return float(p <= 0 or failed >= users)
    logs = [
        math.lgamma(users + 1) - math.lgamma(k + 1) - math.lgamma(users - k + 1) + k * math.log(p) + (users - k) * math.log1p(-p)
        for k in range(failed + 1)
    ]
    return min(1.0, math.fsum(map(math.exp, logs)))


def _high(failed: int, users: int, tail: float) -> float:
    if failed == users:
        return 1.0
    low, high = failed / users, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(failed, users, middle) > tail else (low, middle)
    return low


def _low(failed: int, users: int, tail: float) -> float:
    return 1 - _high(users - failed, users, tail)
