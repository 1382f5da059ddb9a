"""A rewrite makes a request fail for more users than it would without.

## What it finds
Requests that were rewritten for users who were drawn at random, and that failed for a larger share of them than of those who were held
out, by more than `at_most`, whatever chance did. A request failed where the user said so, said it again, stopped or undid it, asked
for a person, or got no answer.

## Why it matters
A rewrite acts for everybody who says those words. One that was learnt from a burst, an advertisement or a catalogue
that has changed since is wrong for all of them at once, and nobody complains to whoever made it.

## Evidence
`Estimate`: the difference of the shares of users for whom the first such request failed, with the rewrite and without, with bounds from
both shares (Clopper and Pearson), all rewritten requests together. Users are compared with those who were drawn with the same
probability, and what is found for each is averaged over all. Everything is counted from the logs again.

## Not found
Harm that users do not react to. What a rewrite does where nobody was held out by chance: such a log cannot tell, and the outcome
says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.requirements.rewrite_harms import RewriteHarmsRequirement
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.dialogue.semantics.drawn import drawn
from probatum.dialogue.semantics.judged import detector_of, judged
from probatum.dialogue.semantics.rephrases import digest_of
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.stats.bounds import clopper_pearson
from probatum.tools import Tools

RULE = "dialogue/rewrite-harms"
_ASSUMED = ("users are independent", "who is held out was drawn by chance, as the log says", "the log is looked at once")


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield an outcome for each rewrite that was applied; see `semantics.drawn`."""
    requirements = policy.of_kind(RewriteHarmsRequirement)
    with opened(policy, tools.inputs) as conversations:
        window_s = window(conversations, policy.sessions)
        detector = detector_of(conversations, policy.sessions.detector)
        table = judged(conversations, gap_s=policy.sessions.gap_s, window_s=window_s, detector=detector)
        rows = drawn(conversations, table)
        texts = _texts(conversations, policy, rows)
    tools.deadline.check()
    for requirement in requirements:
        for row in rows:
            told_by = {"window_s": window_s, "detector": detector, "head": digest_of(detector)}
            yield _outcome(policy, requirement, row, many=len(rows), text=_named(row, texts), told_by=told_by)


def _outcome(
    policy: Policy, requirement: RewriteHarmsRequirement, row: Any, *, many: int, text: str, told_by: Mapping[str, Any]
) -> Outcome:
    named = text
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": policy.subject,
        "location": requirement.location,
        "anchor": (requirement.id, row["key"]),
    }
    strata = row["strata"]
    if not strata:
        lacks = (
            "no turn says that its user was drawn to get it (`arm`, `propensity`)"
            if not row["treated"]
            else "all who were held out were drawn with other probabilities"
            if row["held_out"]
            else "nobody was held out"
        )
        return Undecided(
            **about,
            why=Why.MISSING_INPUT,
            reason=f"what rewriting {named} does cannot be told: {lacks}; it was rewritten in {row['rewritten']:,} turns",
        )
    low, value, high = _difference(strata, alpha=policy.alpha, many=many)
    sums = {name: sum(one[name] for one in strata) for name in strata[0]}
    shown = (
        f"{sums['treated_failed']} of {sums['treated']} users with it, {sums['held_out_failed']} of {sums['held_out']} without"
    )
    evidence = Estimate(
        method="dialogue/rewrite-harms/1",
        quantity=f"change of the share of users for whom {named} fails, by rewriting it",
        value=value,
        low=low,
        high=high,
        confidence=1 - policy.alpha,
        family=many,
        counts={
            "requirement": requirement.id,
            "rewrite": row["key"],
            "treated": [[one["treated_failed"], one["treated"]] for one in strata],
            "held_out": [[one["held_out_failed"], one["held_out"]] for one in strata],
            **told_by,
        },
        sampling="users of the logs, drawn by a keyed hash",
    )
    if low > requirement.bound:
        place = row["place"]
        return Finding(
            **about,
            message=f"rewriting {named} makes it fail for {100 * low:.0f} to {100 * high:.0f} percentage points more users ({1 - policy.alpha:.0%}; {shown})",
            evidence=evidence,
            cause=f"what it is rewritten to is not what they want; the first such turn is in `{place['source']}`, line {place['line']}",
            assumptions=_ASSUMED,
        )
    if high <= requirement.bound:
        return Cleared(
            **about,
            message=f"rewriting {named} makes it fail for at most {100 * high:.0f} percentage points more users ({shown})",
            evidence=evidence,
            strength=Strength.STATISTICAL,
            assumptions=_ASSUMED,
        )
    return Undecided(
        **about,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"rewriting {named} changes how often it fails by {100 * low:.0f} to {100 * high:.0f} percentage points ({shown}): too few users to tell",
    )


def _difference(strata: Sequence[Mapping[str, int]], *, alpha: float, many: int) -> tuple[float, float, float]:
    """Return the difference of the shares of failures and its bounds, over all users of the strata: (low, value, high)."""
    family = 2 * many * len(strata)
    everybody = sum(one["treated"] + one["held_out"] for one in strata)
    low = value = high = 0.0
    for stratum in strata:
        weight = (stratum["treated"] + stratum["held_out"]) / everybody
        one, other = (
            clopper_pearson(stratum[f"{arm}_failed"], stratum[arm], confidence=1 - alpha, family=family)
            for arm in ("treated", "held_out")
        )
        low += weight * ((one.low or 0.0) - (1.0 if other.high is None else other.high))
        high += weight * ((1.0 if one.high is None else one.high) - (other.low or 0.0))
        value += weight * (one.value - other.value)
    return low, value, high


def _named(row: Any, texts: Mapping[int, str]) -> str:
    """Return what is rewritten, in words that others may see."""
    if row["key"] == "alone":
        return "what single users say"
    if row["text_id"] in texts:
        return f"`{texts[row['text_id']]}`"
    name = row["key"].removeprefix("rewrite:")
    return f"what `{name}` rewrites" if name != row["key"] else "a request of few users"


def _texts(conversations: Conversations, policy: Policy, rows: list[Any]) -> dict[int, str]:
    """Return the words of requests that enough users made for others to see them."""
    shown = [
        row["text_id"]
        for row in rows
        if row["text_id"] is not None
        and row["users"] >= policy.privacy.users
        and not 0 < row["households"] < policy.privacy.households
    ]
    query = "select text_id, normalised from {texts} where list_contains($ids::ubigint[], text_id)"
    return {row["text_id"]: row["normalised"] for row in conversations.sql(query, ids=shown)} if shown else {}
