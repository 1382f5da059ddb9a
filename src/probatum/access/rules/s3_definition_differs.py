"""S3 calls a bucket policy public, though no stranger can use it.

## What it finds
A bucket policy that S3's definition of public covers, because a grant to
everyone is not limited by fixed values of the keys that the definition lists,
while no request by a stranger is allowed.

## Why it matters
With `RestrictPublicBuckets` S3 cuts all access to such a bucket from other
accounts, and with `BlockPublicPolicy` it refuses the next change of the policy.

## Evidence
`Proof` that no stranger gets in. That S3's definition covers the policy is read
off its text again by the checker.

## Not found
Policies that are public in both senses: see `access/public-access`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Kind, Policy
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of, for_s3
from probatum.access.semantics.public import public_by_s3
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided
from probatum.tools import Tools

RULE = "access/s3-definition-differs"
CLAIM = {"a": {"is": "policy"}, "b": {"is": "named"}}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding if S3 calls a policy public that lets no stranger in."""
    if policy.kind is not Kind.RESOURCE or not for_s3(policy):
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject}
    found = public_by_s3(policy)
    claim = {**CLAIM, "s3_definition": bool(found)}
    match claims.decide(policy, claim, tools, says="nobody without a tie to the owner is allowed anything"):
        case claims.Holds(proof, assumptions) if found:
            yield Finding(
                **shared,
                location=found[0].location,
                message="S3 will treat the policy as public, though no stranger is allowed anything",
                evidence=proof,
                cause=f"{found[0].name} names everyone, and is limited by conditions that S3's definition does not count",
                anchor=anchor_of(found[0], "definition"),
                severity=Severity.WARNING,
                assumptions=assumptions,
            )
        case claims.Holds(proof, assumptions):
            yield Cleared(
                **shared,
                location=policy.location,
                message="S3 does not call the policy public, and no stranger is allowed anything",
                strength=Strength.PROVED,
                evidence=proof,
                assumptions=assumptions,
            )
        case claims.Broken(_, _, evidence, assumptions):
            yield Cleared(
                **shared,
                location=policy.location,
                message="the policy lets strangers in, so there is no difference to warn of",
                strength=Strength.PROVED,
                evidence=evidence,
                assumptions=assumptions,
            )
        case claims.Unclear(reason, why):
            yield Undecided(**shared, location=policy.location, why=why, reason=reason)
