"""A principal outside the trust zone can use the resource.

## What it finds
A request that the policy allows, made by a principal that is neither in one of
the accounts nor in one of the organisations which the configuration trusts
(`trusted-accounts`, `trusted-organisations`), nor a service that the policy names.

## Why it matters
Every grant to an outsider is a decision that somebody should have made.

## Evidence
`Counterexample`: the request. `Proof` when there is no such request.

## Not found
Anything while the configuration names no trusted account and no organisation.
Roles inside the zone that outsiders may assume: check their trust policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Kind, Policy
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, phrase, responsible, settled
from probatum.access.semantics import Caller
from probatum.findings import Finding, Outcome
from probatum.tools import Tools

RULE = "access/outside-access"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding if someone outside the trust zone is allowed something."""
    accounts = sorted(tools.options.get("trusted-accounts", ()))
    organisations = sorted(tools.options.get("trusted-organisations", ()))
    if policy.kind not in (Kind.RESOURCE, Kind.TRUST) or not (accounts or organisations):
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    claim = {"a": {"is": "policy"}, "b": {"is": "insiders", "accounts": accounts, "organisations": organisations}}
    says = "only principals of the trust zone, and services that the policy names, are allowed anything"
    match claims.decide(policy, claim, tools, says=says):
        case claims.Broken(request, by, evidence, assumptions):
            statement = responsible(policy, by)
            yield Finding(
                **shared,
                location=statement.location,
                message=f"{_who(request.principal)}, outside the trust zone, can {phrase(request, policy.kind)}",
                evidence=evidence,
                cause=f"{statement.name} allows principals that are in no trusted account or organisation",
                anchor=anchor_of(statement, "outsider", request.principal.kind),
                assumptions=assumptions,
            )
        case answer:
            yield settled(RULE, policy, says, answer)


def _who(caller: Caller) -> str:
    if caller.kind == "anonymous":
        return "anyone"
    if caller.kind in ("web-identity", "saml"):
        return f"whoever `{caller.name}` vouches for"
    return f"account `{caller.account}`" if caller.account else f"`{caller.name}`"
