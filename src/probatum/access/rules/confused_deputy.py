"""A service may be told by strangers to use the resource on their behalf.

## What it finds
A request by an AWS service that the policy allows whatever account, organisation
or resource the service acts for: a grant to a service principal that is not
limited by fixed values of `aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID`,
`aws:SourceOrgPaths` or `aws:SourceOwner`.

## Why it matters
The service is trusted, but whoever configures it in another account need not be:
it becomes their deputy.

## Evidence
`Counterexample`: the service's request on behalf of nobody in particular. `Proof`
when each grant to a service is limited.

## Not found
Grants to everyone, which strangers may use themselves: see `access/public-access`.
Services that cannot act on behalf of others; the rule does not know which those
are. Trust policies of roles: whoever gives a role to a service needs
`iam:PassRole` in the role's own account, so strangers cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Kind, Policy
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, phrase, settled, statement_by_statement, unclear
from probatum.access.semantics.references import names_services
from probatum.findings import Finding, Outcome, Severity
from probatum.tools import Tools

RULE = "access/confused-deputy"
CLAIM = {"a": {"is": "to-services"}, "b": {"is": "on-behalf"}}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each statement by which a service may act on behalf of strangers."""
    grants = [s for s in policy.statements if s.allows and names_services(s)]
    if policy.kind is not Kind.RESOURCE or not grants:
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    says = "services act only for the accounts, organisations and resources that the policy names"
    match claims.decide(policy, CLAIM, tools, says=says):
        case claims.Broken() as whole:
            for statement, answer in statement_by_statement(policy, CLAIM, tools, whole, says=says, among=grants):
                if isinstance(answer, claims.Unclear):
                    yield unclear(RULE, policy, statement, answer)
                    continue
                request = answer.request
                yield Finding(
                    **shared,
                    location=statement.location,
                    message=f"`{request.principal.name}` can {phrase(request, policy.kind)} on behalf of anyone",
                    evidence=answer.evidence,
                    cause=f"{statement.name} does not say for whom the service may act",
                    anchor=anchor_of(statement, "deputy", request.principal.name),
                    severity=Severity.WARNING,
                    assumptions=answer.assumptions,
                )
        case answer:
            yield settled(RULE, policy, says, answer)
