"""A deny matches no request.

## What it finds
A deny whose conditions contradict each other, or whose values no request can
carry: a wildcard under an operator that takes it literally, a key asked to be
absent and to have a value, a variable that the policy's version does not know.

## Why it matters
Somebody believes that something is forbidden, and it is not.

## Evidence
`Proof` that no request matches. When cleared, `Counterexample`: a request for
each deny that it stops.

## Not found
A deny of something that nothing allows: other policies may allow it tomorrow. A
deny that matches other requests than its author had in mind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Policy
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, full_name, plain_names, why_never
from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided
from probatum.tools import Tools

RULE = "access/deny-never-applies"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each deny that matches no request."""
    denies = [s for s in policy.statements if not s.allows]
    if not denies:
        return
    asked = {
        f"{full_name(s)} stops no request": {"a": {"is": "everything"}, "b": {"is": "unstopped", "index": s.index}}
        for s in denies
    }
    found = claims.all_broken(policy, asked, tools)
    if isinstance(found, Counterexample):
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=policy.location,
            message="every deny stops some request",
            strength=Strength.PROVED,
            evidence=found,
            assumptions=plain_names(policy),
        )
        return
    for statement, answer in zip(denies, found.values(), strict=True):
        shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": statement.location}
        if isinstance(answer, claims.Holds):
            yield Finding(
                **shared,
                message=f"{statement.name} denies nothing: no request can match it",
                evidence=answer.evidence,
                cause=why_never(policy, statement),
                anchor=anchor_of(statement, "deny"),
                assumptions=(*answer.assumptions, *plain_names(policy)),
            )
        elif isinstance(answer, claims.Unclear):
            yield Undecided(**shared, why=answer.why, reason=answer.reason, anchor=anchor_of(statement))
