"""A request that many make fails more often than the policy allows.

## What it finds
Requests, equal in their normal form, that fail for a larger share of the users who make them than
`at_most`, whatever chance did, each user counting once.

## Why it matters
What fails for many is worth repairing first; and users who are not understood stop asking.

## Evidence
`Estimate`: the mean over users, bounded for all requests together; with the parameters of the
model that says which turns failed, which a second implementation finds to fit the same logs. Turns
without any sign of failure count as failed in the upper bound, as far as the model says so, and never in the lower one.

The stages that replay isolated, where the policy names a table of them, are counted in that table again.

## Not found
Requests that fewer than `min_users` make. What a log shows no sign of: users who are served something
wrong and say nothing. In logs without intents: requests that users exchange for one another as often either way, as
those do who browse, with no other sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.model.requests import Request, failing
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.rephrases import digest_of
from probatum.dialogue.semantics.stages_replayed import stages_of_requests, table_of
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.dialogue.model.requests import Judgement

RULE = "dialogue/request-fails"
_REACHABLE = 10  # times as many users as a log has: beyond that, waiting for more is no advice


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each request that fails too often, and one outcome about the others."""
    requirements = policy.of_kind(RequestFailsRequirement)
    table = table_of(policy, tools.inputs)
    with opened(policy, tools.inputs) as conversations:
        isolated = stages_of_requests(conversations, table) if table is not None else {}
        for requirement in requirements:
            yield from _outcomes(policy, requirement, failing(conversations, policy, requirement), isolated)
            tools.deadline.check()


def _outcomes(
    policy: Policy, requirement: RequestFailsRequirement, found: Judgement, isolated: Mapping[int, Mapping[str, int]]
) -> Iterator[Outcome]:
    about: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    if found.blind:
        yield Undecided(
            **about,
            location=requirement.location,
            why=Why.MISSING_INPUT,
            reason="the logs show nothing of how turns went: no answers, no feedback, no stages, no second request in a session",
            anchor=(requirement.id,),
        )
        return
    if not found.requests:
        most = f"; the most frequent one was made by {found.most_units:,}" if found.most_units else ""
        yield Undecided(
            **about,
            location=requirement.location,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"no request was made by {requirement.min_users:,} {found.who}{most}",
            anchor=(requirement.id,),
        )
        return
    failed = [r for r in found.requests if r.low > requirement.bound]
    yield from (_finding(policy, requirement, found, request, isolated.get(request.text_id, {})) for request in failed)
    open_ = [r for r in found.requests if r.low <= requirement.bound < r.high]
    if open_:
        nearest = max(open_, key=lambda r: (r.share > requirement.bound, r.shown))
        yield Undecided(
            **about,
            location=requirement.location,
            why=Why.TOO_FEW_SAMPLES,
            reason=(
                f"{len(open_):,} of {len(found.requests):,} requests may or may not fail more often than allowed; {_shown(nearest)} fails "
                f"for {nearest.share:.0%} of {nearest.units:,}, {_deciding(requirement, found, nearest)}"
            ),
            anchor=(requirement.id, "open"),
        )
    elif not failed:
        yield Cleared(
            **about,
            location=requirement.location,
            message=f"none of {len(found.requests):,} requests fails for more than {requirement.bound:.0%} of its {found.who}",
            strength=Strength.TESTED,
            assumptions=found.assumptions,
            anchor=(requirement.id,),
        )


def _deciding(requirement: RequestFailsRequirement, found: Judgement, nearest: Request) -> str:
    """Return what would decide: more users, if so many may ever come."""
    needed = found.needed(nearest, requirement.bound)
    if needed <= _REACHABLE * nearest.units:
        return f"and about {needed:,} would decide"
    return (
        f"too near to the {requirement.bound:.0%} that is allowed for a log like this to tell: look at what these users got, or set "
        "`at_most` further away"
    )


def _finding(
    policy: Policy, requirement: RequestFailsRequirement, found: Judgement, request: Request, stages: Mapping[str, int]
) -> Finding:
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=requirement.location,
        message=(
            f"{_shown(request)} fails for at least {math.floor(request.low * 1000) / 10:g}% of {request.who} "
            f"({1 - policy.alpha:.0%}; {request.share:.1%} of {request.units:,}, {request.turns:,} turns)"
        ),
        evidence=Estimate(
            method="dialogue/request-fails/1",
            quantity=f"share of {request.who} for whom {_shown(request)} fails",
            value=request.mean,
            low=request.low,
            high=request.high,
            confidence=1 - policy.alpha,
            family=len(found.requests),
            counts={
                "requirement": requirement.id,
                "turn": request.turn,
                "units": request.units,
                "turns": request.turns,
                "total": request.total,
                "shown": request.shown,
                "window_s": found.window_s,
                "detector": found.detector,
                "head": digest_of(found.detector),
                "model": found.model.to_json(),
                "stages": dict(stages),
            },
            sampling=f"{request.who} of the logs",
        ),
        cause=_cause(request) + _replayed(stages),
        # INVARIANT: nothing made from the words of a few, who could be found by trying words.
        anchor=(requirement.id, request.turn if request.text is None else request.text),
        assumptions=found.assumptions,
    )


def _replayed(stages: Mapping[str, int]) -> str:
    told = ", ".join(f"{many:,} at `{stage}`" for stage, many in sorted(stages.items(), key=lambda one: (-one[1], one[0])))
    return f"; by replay it failed {told}" if told else ""


def _shown(request: Request) -> str:
    if request.text is None:
        return f"a request of {request.units:,}"
    kept = "".join(c if c.isprintable() and c != "`" else "?" for c in request.text)
    return f"`{kept if len(kept) <= 60 else f'{kept[:59]}…'}`"


def _cause(request: Request) -> str:
    seen = ", ".join(f"{share:.0%} {name}" for name, share in request.seen)
    return f"of its turns, {seen or 'none of the signs of failure is in as many as a tenth'}; the first is in `{request.source}`, line {request.line}"
