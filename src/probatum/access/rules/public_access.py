"""Someone without any tie to you can use the resource.

## What it finds
A request that the policy allows, made by an anonymous caller or by a principal
of an account that the policy does not name, and that carries none of the values
the policy fixes for keys which a stranger cannot choose: organisation, account,
source, endpoint, or a range of addresses smaller than the internet. So does a
trust policy that names an identity provider which serves everyone, and not
whose tokens it accepts.

## Why it matters
A copy that left cannot be called back, and everyone has the address.

## Evidence
`Counterexample`: the request. `Proof` when there is no such request. The message
says whether S3's own definition of public, which its settings act on, agrees.

## Not found
Access by a chain of roles, by access control lists, or by a signed address.
Account-wide settings that block public access are not part of a policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Kind, Policy, Statement
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, for_s3, phrase, settled, statement_by_statement, unclear
from probatum.access.semantics import Caller
from probatum.access.semantics.public import IDENTIFYING, issuer, public_by_s3
from probatum.findings import Finding, Outcome
from probatum.tools import Tools

RULE = "access/public-access"
CLAIM = {"a": {"is": "policy"}, "b": {"is": "named"}}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each statement by which a stranger can use the resource."""
    if policy.kind not in (Kind.RESOURCE, Kind.TRUST):
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    says = "nobody without a tie to the owner is allowed anything"
    match claims.decide(policy, CLAIM, tools, says=says):
        case claims.Broken() as whole:
            for statement, answer in statement_by_statement(policy, CLAIM, tools, whole, says=says):
                if isinstance(answer, claims.Unclear):
                    yield unclear(RULE, policy, statement, answer)
                    continue
                request = answer.request
                who = _who(request.principal)
                agrees = ""
                if for_s3(policy) and not public_by_s3(policy):
                    agrees = ", though S3 does not call the policy public"
                yield Finding(
                    **shared,
                    location=statement.location,
                    message=f"{who} can {phrase(request, policy.kind)}{agrees}",
                    evidence=answer.evidence,
                    cause=f"{statement.name} {_why(statement, request.principal)}",
                    anchor=anchor_of(statement, "stranger", request.principal.kind),
                    assumptions=answer.assumptions,
                )
        case answer:
            yield settled(RULE, policy, says, answer)


def _why(statement: Statement, caller: Caller) -> str:
    principals = statement.principals
    if caller.kind == "web-identity" and not (principals and principals.negated):
        return f"takes tokens of `{issuer(caller.name)}`, which serves everyone, and does not fix whose"
    who = "names everyone but a few (`NotPrincipal`)" if principals and principals.negated else "names everyone (`*`)"
    conditions = statement.conditions
    if not conditions:
        return f"{who} and sets no condition"
    for c in conditions:
        if c.key in IDENTIFYING and (c.operator.if_exists or c.operator.quantifier == "ForAllValues"):
            return f"{who}, and its `{c.operator}` is also true where `{c.key_text}` is absent"
    keys = list(dict.fromkeys(f"`{c.key_text}`" for c in conditions))
    return f"{who}, and a stranger can meet what it asks of {', '.join(keys[:3])}{' and others' if len(keys) > 3 else ''}"


def _who(caller: Caller) -> str:
    if caller.kind == "anonymous":
        return "anyone"
    if caller.kind == "web-identity":
        return f"anyone with an account at `{issuer(caller.name)}`"
    return "any AWS account"
