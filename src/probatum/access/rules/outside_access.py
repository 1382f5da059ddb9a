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

from probatum.access.artefacts import Kind, Policy, Principal, Statement
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, phrase, settled, statement_by_statement, unclear
from probatum.access.semantics import Caller, names
from probatum.access.semantics.public import is_shared, issuer
from probatum.findings import Finding, Outcome
from probatum.tools import Tools

RULE = "access/outside-access"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each statement by which someone outside the trust zone is allowed something."""
    accounts = sorted(tools.options.get("trusted-accounts", ()))
    organisations = sorted(tools.options.get("trusted-organisations", ()))
    if policy.kind not in (Kind.RESOURCE, Kind.TRUST) or not (accounts or organisations):
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    claim = {"a": {"is": "policy"}, "b": {"is": "insiders", "accounts": accounts, "organisations": organisations}}
    says = "only principals of the trust zone, and services that the policy names, are allowed anything"
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
                    message=f"{_who(statement, request.principal)} can {phrase(request, policy.kind)}",
                    evidence=answer.evidence,
                    cause=f"{statement.name} {_why(statement, request.principal)}",
                    anchor=anchor_of(statement, "outsider", request.principal.kind),
                    assumptions=answer.assumptions,
                )
        case answer:
            yield settled(RULE, policy, says, answer)


def _who(statement: Statement, caller: Caller) -> str:
    if caller.kind in ("web-identity", "saml"):
        return f"whoever `{issuer(caller.name)}` vouches for"
    if caller.kind == "anonymous":
        return "anyone, even outside the trust zone,"
    if _entry(statement, caller) is None:
        return "someone outside the trust zone"
    called = f"account `{caller.account}`" if caller.kind == "root" else f"`{caller.name or caller.role}`"
    return f"{called}, outside the trust zone,"


def _why(statement: Statement, caller: Caller) -> str:
    entry = _entry(statement, caller)
    if entry is not None and entry.type == "Federated" and is_shared(entry.value):
        return f"takes tokens of `{issuer(entry.value)}`, which serves everyone, and does not fix whose"
    if entry is not None:
        return f"names `{entry.value}`, which no trusted account or organisation contains"
    everyone = (
        "everyone but a few (`NotPrincipal`)" if statement.principals and statement.principals.negated else "everyone (`*`)"
    )
    return f"names {everyone}, and no condition keeps to trusted accounts and organisations"


def _entry(statement: Statement, caller: Caller) -> Principal | None:
    """The entry of a statement that names a caller without naming everyone."""
    principals = statement.principals
    if principals is None or principals.negated:
        return None
    return next((e for e in principals.entries if e.type != "*" and names(e, caller)), None)
