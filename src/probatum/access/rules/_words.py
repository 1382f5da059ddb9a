"""How rules speak of requests and statements, and what identifies a finding."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.access.artefacts import Policy, Statement
from probatum.access.model import claims
from probatum.access.semantics import Request
from probatum.findings import Cleared, Strength, Undecided
from probatum.source import digest_of

_longest = 100


def phrase(request: Request) -> str:
    """What a request does, to follow `can`."""
    target = "" if request.resource == "*" else f" on `{_short(request.resource)}`"
    return f"use `{request.action}`{target}"


def responsible(policy: Policy, by: Sequence[int]) -> Statement:
    """The first statement that allows a request; the first of the policy if none of its own does."""
    return policy.statements[by[0]] if by else policy.statements[0]


def anchor_of(statement: Statement, *witness: str) -> tuple[str, ...]:
    """What stays the same when a policy is reformatted or its statements are moved: what the statement says."""
    principals = statement.principals
    said = {
        "effect": statement.effect,
        "principals": sorted([e.type, e.value] for e in principals.entries) if principals else None,
        "not_principals": principals.negated if principals else False,
        "actions": sorted(a.lower() for a in statement.actions),
        "not_actions": statement.not_actions,
        "resources": sorted(statement.resources) if statement.resources is not None else None,
        "not_resources": statement.not_resources,
        "conditions": sorted([str(c.operator), c.key, *sorted(c.values)] for c in statement.conditions),
    }
    return (digest_of(said)[:16], *witness)


def for_s3(policy: Policy) -> bool:
    """Whether a resource policy is about a bucket."""
    return any(a.lower().startswith(("s3:", "*")) for s in policy.statements for a in s.actions)


def _short(text: str) -> str:
    return text if len(text) <= _longest else f"{text[: _longest - 1]}…"


def settled(
    rule: str, policy: Policy, says: str, answer: claims.Holds | claims.Unclear, *, anchor: tuple[str, ...] = ()
) -> Cleared | Undecided:
    """What to say of a policy for which no request breaks a claim."""
    if isinstance(answer, claims.Holds):
        return Cleared(
            rule=rule,
            subject=policy.subject,
            location=policy.location,
            message=says,
            strength=Strength.PROVED,
            evidence=answer.evidence,
            assumptions=answer.assumptions,
            anchor=anchor,
        )
    return Undecided(
        rule=rule, subject=policy.subject, location=policy.location, why=answer.why, reason=answer.reason, anchor=anchor
    )
