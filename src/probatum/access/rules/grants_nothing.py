"""An allow grants nothing.

## What it finds
An allow that no request can match, or whose requests are all stopped by denies
of the same policy.

## Why it matters
Somebody believes that something works, and it does not; or a deny is wider than
meant. Policies that say what they do not do are not read any more.

## Evidence
`Proof` that no request is allowed because of it. When cleared, `Counterexample`:
a request for each allow that it grants.

## Not found
An allow that repeats what another one grants. Limits by other policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Policy, Statement
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, full_name, plain_names, why_never
from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided
from probatum.tools import Tools

RULE = "access/grants-nothing"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each allow because of which nothing is allowed."""
    allows = [s for s in policy.statements if s.allows]
    if not allows:
        return
    asked = {
        f"{full_name(s)} grants nothing": {"a": {"is": "statement", "index": s.index}, "b": {"is": "nothing"}} for s in allows
    }
    found = claims.all_broken(policy, asked, tools)
    if isinstance(found, Counterexample):
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=policy.location,
            message="every allow grants something",
            strength=Strength.PROVED,
            evidence=found,
            assumptions=plain_names(policy),
        )
        return
    for statement, answer in zip(allows, found.values(), strict=True):
        shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": statement.location}
        if isinstance(answer, claims.Holds):
            yield Finding(
                **shared,
                message=f"{statement.name} grants nothing",
                evidence=answer.evidence,
                cause=_why(policy, statement, tools),
                anchor=anchor_of(statement, "grant"),
                severity=Severity.WARNING,
                assumptions=(*answer.assumptions, *plain_names(policy)),
            )
        elif isinstance(answer, claims.Unclear):
            yield Undecided(**shared, why=answer.why, reason=answer.reason, anchor=anchor_of(statement))


def _why(policy: Policy, statement: Statement, tools: Tools) -> str:
    claim = {"a": {"is": "alone", "index": statement.index}, "b": {"is": "nothing"}}
    if isinstance(claims.decide(policy, claim, tools, says=f"{full_name(statement)} matches no request"), claims.Holds):
        return why_never(policy, statement)
    denies = [s.name for s in policy.statements if not s.allows]
    if len(denies) == 1:
        return f"{denies[0]} denies everything that it allows"
    return "the denies of this policy stop everything that it allows"
