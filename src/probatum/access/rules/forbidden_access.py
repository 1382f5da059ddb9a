"""A policy grants access that the configuration says must not be granted.

## What it finds
A request that the policy allows and that is among those of `never-grant` in the
configuration: actions, and optionally resources.

## Why it matters
Some access is reserved, whatever the reason for a grant seems to be.

## Evidence
`Counterexample`: the request. `Proof` when no such request is allowed.

## Not found
Access that other policies of the same principal grant: each policy is judged on
its own. Limits, such as service control policies, grant nothing and are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Policy
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, grantee, phrase, settled, statement_by_statement, unclear
from probatum.findings import Finding, Outcome
from probatum.tools import Tools

RULE = "access/forbidden-access"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each entry of `never-grant` and each statement that grants something of it."""
    if not policy.kind.grants:
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    for entry in tools.options.get("never-grant", ()):
        actions, resources = sorted(entry["actions"]), sorted(entry.get("resources", ["*"]))
        name = ", ".join(f"`{a}`" for a in actions)
        claim = {"a": {"is": "policy"}, "b": {"is": "everything-but", "actions": actions, "resources": resources}}
        says = f"nothing of {name} is granted"
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
                        message=f"allows {grantee(policy)} to {phrase(request, policy.kind)}, which must never be granted",
                        evidence=answer.evidence,
                        cause=f"{statement.name} allows it, and `never-grant` reserves {name}",
                        anchor=anchor_of(statement, "forbidden", *actions, *resources),
                        assumptions=answer.assumptions,
                    )
            case answer:
                yield settled(RULE, policy, says, answer, anchor=(*actions, *resources))
