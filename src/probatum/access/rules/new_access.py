"""A policy allows something that its reference did not.

## What it finds
A request that the policy allows and its reference does not. The configuration
names the reference (`reference`): another file, or `git:REVISION` for the same
file as it was.

## Why it matters
A change that was meant to be harmless is reviewed best by what it newly permits.

## Evidence
`Counterexample`: the request, allowed now and not by the reference. `Proof` when
there is none.

## Not found
Access that was already too wide in the reference. A file without reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Policy, inputs
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, grantee, phrase, settled, statement_by_statement, unclear
from probatum.findings import Finding, Outcome, Undecided, Why
from probatum.tools import Tools

RULE = "access/new-access"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each statement that allows what the reference does not."""
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    for name in inputs(policy.path, tools.options):
        if name not in tools.inputs:
            reason = f"the reference `{name}` does not exist, so everything may be new; correct `access.reference`"
            if name.startswith("git:"):
                reason = (
                    f"`{name}` does not exist, so the whole policy is new; compare it with another file by `access.reference`"
                )
            yield Undecided(**shared, location=policy.location, why=Why.MISSING_INPUT, reason=reason)
            continue
        claim = {"a": {"is": "policy"}, "b": {"is": "document", "name": name, "kind": policy.kind.value}}
        says = f"everything that is allowed is allowed by `{name}`, too"
        match claims.decide(policy, claim, tools, says=says):
            case claims.Broken() as whole:
                for statement, answer in statement_by_statement(policy, claim, tools, whole, says=says):
                    if isinstance(answer, claims.Unclear):
                        yield unclear(RULE, policy, statement, answer)
                        continue
                    request = answer.request
                    yield Finding(
                        **shared,
                        location=statement.location,
                        message=f"newly allows {grantee(policy)} to {phrase(request, policy.kind)}",
                        evidence=answer.evidence,
                        cause=f"{statement.name} allows it, and nothing in `{name}` did",
                        anchor=anchor_of(statement, "new", name),
                        assumptions=answer.assumptions,
                    )
            case answer:
                yield settled(RULE, policy, says, answer)
