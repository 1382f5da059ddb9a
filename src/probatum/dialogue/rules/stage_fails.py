"""A stage of the assistant says that it fails more often than the policy allows.

## What it finds
Stages (wake, recognition, understanding, resolution, result, or the pipeline's own) that report an error
in a larger share of turns than `at_most`, whatever chance did, each user counting once. Where the policy names a table of
`stages`, which `probatum dialogue isolate` writes, also stages that fail so often by replay, whether they know it or not.

## Why it matters
The stage that fails most is where work pays. A stage that breaks for everyone is an outage.

## Evidence
`Estimate`: the mean over users of the share of their turns in which the stage failed, bounded for all
stages together. It is counted from the logs again. For a replay, the two runs of each request are judged again, and sentences of the
project are recognised again.

## Not found
Stages that the logs say nothing of. Stages that are wrong and do not know it, where their users never found the right words: a replay
shows the least that fails, so no stage is cleared by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.requirements.stage_fails import StageFailsRequirement
from probatum.dialogue.artefacts.stage_table import StageTable
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.stages_replayed import stages_replayed, table_of
from probatum.dialogue.semantics.stages_told import stages_told
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.stats.bounds import Bound, relative_entropy
from probatum.tools import Tools

RULE = "dialogue/stage-fails"
_REACHABLE = 10  # times as many users as a log has: beyond that, waiting for more is no advice


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield an outcome for each stage that the logs tell of."""
    table = table_of(policy, tools.inputs)
    with opened(policy, tools.inputs) as conversations:
        told = stages_told(conversations)
        isolated = stages_replayed(conversations, table) if table is not None else []
    tools.deadline.check()
    for requirement in policy.of_kind(StageFailsRequirement):
        yield from _replayed(policy, requirement, isolated, table)
        rows = [row for row in told if requirement.stage in ("", row["stage"])]
        if rows:
            yield from (_outcome(policy, requirement, row, rows) for row in rows)
            continue
        wanted = f"`{requirement.stage}`" if requirement.stage else "any stage"
        known = f"; they tell of {', '.join(row['stage'] for row in told)}" if told else ""
        yield Undecided(
            rule=RULE,
            subject=policy.subject,
            location=requirement.location,
            why=Why.MISSING_INPUT,
            reason=f"the logs do not say whether {wanted} succeeded{known}",
            anchor=(requirement.id,),
        )


def _outcome(policy: Policy, requirement: StageFailsRequirement, row: dict[str, Any], rows: Sequence[Any]) -> Outcome:
    mean = min(1.0, row["total"] / row["units"])
    bound = relative_entropy(mean, row["units"], confidence=1 - policy.alpha, family=len(rows))
    stage = _short(row["stage"])
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": policy.subject,
        "location": requirement.location,
        "anchor": (requirement.id, row["stage"]),
    }
    low, high = bound.low or 0.0, 1.0 if bound.high is None else bound.high
    shown = f"{mean:.1%} of {row['units']:,}, {row['turns']:,} turns"
    if low > requirement.bound:
        code = f"; most often with `{_short(row['code'])}`, {row['coded']:,} times" if row["code"] else ""
        return Finding(
            **about,
            message=f"`{stage}` fails in at least {math.floor(low * 1000) / 10:g}% of the turns of a {_one(row)} ({1 - policy.alpha:.0%}; {shown})",
            evidence=_estimate(policy, requirement, row, bound),
            cause=f"it failed in {row['failed']:,} of {row['turns']:,} turns{code}",
            assumptions=(_independent(row), "a stage fails where it says so"),
        )
    if high <= requirement.bound:
        return Cleared(
            **about,
            message=f"`{stage}` fails in at most {math.ceil(high * 1000) / 10:g}% of the turns of a {_one(row)} ({shown})",
            evidence=_estimate(policy, requirement, row, bound),
            strength=Strength.STATISTICAL,
            assumptions=(_independent(row), "a stage fails where it says so"),
        )
    needed = _needed(policy, requirement, mean, len(rows))
    deciding = (
        f"about {needed:,} users would decide"
        if needed <= _REACHABLE * row["units"]
        else f"too near to the {requirement.bound:.0%} that is allowed for a log like this to tell: set `at_most` further away"
    )
    return Undecided(
        **about,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"`{stage}` may or may not fail more often than allowed ({shown}); {deciding}",
    )


def _who(row: Mapping[str, Any]) -> str:
    users, units = row["users"], row["units"]
    return "users" if users == units else "users and conversations without one" if users else "conversations"


def _one(row: Mapping[str, Any]) -> str:
    return "user" if row["users"] else "conversation"


def _independent(row: Mapping[str, Any]) -> str:
    return f"{_who(row)} are independent"


def _replayed(
    policy: Policy, requirement: StageFailsRequirement, isolated: Sequence[dict[str, Any]], table: StageTable | None
) -> Iterator[Outcome]:
    """Yield a finding for each stage that fails too often by replay alone."""
    rows = [row for row in isolated if requirement.stage in ("", row["stage"])]
    for row in rows:
        mean = min(1.0, row["total"] / row["units"])
        bound = relative_entropy(mean, row["units"], confidence=1 - policy.alpha, side="lower", family=len(rows))
        low, stage = bound.low or 0.0, _short(row["stage"])
        if table is None or low <= requirement.bound:
            continue
        yield Finding(
            rule=RULE,
            subject=policy.subject,
            location=requirement.location,
            anchor=(requirement.id, row["stage"], "replay"),
            message=(
                f"`{stage}` fails in at least {math.floor(low * 1000) / 10:g}% of the turns of a {_one(row)}, by replay "
                f"({1 - policy.alpha:.0%}; {mean:.1%} of {row['units']:,}, {row['turns']:,} turns)"
            ),
            evidence=Estimate(
                method="dialogue/stage-replayed/1",
                quantity=f"share of the turns of a {_one(row)} in which {stage} fails, by replay",
                value=mean,
                low=low,
                high=None,
                confidence=1 - policy.alpha,
                family=bound.family,
                counts={
                    "requirement": requirement.id,
                    "stage": row["stage"],
                    "units": row["units"],
                    "turns": row["turns"],
                    "failed": row["failed"],
                    "total": row["total"],
                    "pipeline": table.pipeline,
                    "shown": row["turn"],
                },
                sampling=f"{_who(row)} of the logs",
            ),
            cause=(
                f"its output was wrong in {row['failed']:,} of {row['turns']:,} turns, and nothing later made that good; "
                f"`probatum dialogue replay --turn {row['turn']}` shows one"
            ),
            assumptions=(
                _independent(row),
                "those who said a request again wanted the same",
                "the pipeline does what it did when the logs were written",
            ),
        )


def _estimate(policy: Policy, requirement: StageFailsRequirement, row: dict[str, Any], bound: Bound) -> Estimate:
    return Estimate(
        method="dialogue/stage-fails/1",
        quantity=f"share of the turns of a {_one(row)} in which {_short(row['stage'])} fails",
        value=bound.value,
        low=bound.low,
        high=bound.high,
        confidence=1 - policy.alpha,
        family=bound.family,
        counts={
            "requirement": requirement.id,
            "stage": row["stage"],
            "units": row["units"],
            "turns": row["turns"],
            "total": row["total"],
        },
        sampling=f"{_who(row)} of the logs",
    )


def _needed(policy: Policy, requirement: StageFailsRequirement, mean: float, family: int) -> int:
    units = 2
    while units < 10**9:
        found = relative_entropy(mean, units, confidence=1 - policy.alpha, family=family)
        if (found.low or 0.0) > requirement.bound or (1.0 if found.high is None else found.high) <= requirement.bound:
            break
        units = units * 5 // 4 + 1
    return units


def _short(name: str) -> str:
    kept = "".join(c if c.isprintable() and c != "`" else "?" for c in name)
    return kept if len(kept) <= 40 else f"{kept[:39]}…"
