"""A policy makes its holder an administrator, or lets the holder become one.

## What it finds
An identity policy that allows every action on every resource without condition,
or one that allows, on every resource and without condition, an action by which
a principal can give itself any permission: write policies, attach them, set
their default version, change who may assume a role, join a group, or make
credentials for another user.

## Why it matters
Whoever holds it, or steals it, owns the account; and it rarely says so in its name.

## Evidence
`Proof` that the policy contains all of the named access. When cleared, a
`Counterexample` for each: a request that an administrator could make and the
holder cannot.

## Not found
Ways that need a condition to be met or a particular resource; chains of several
roles; services that act with a role that is passed to them. What other policies
of the holder add, and what its boundary takes away, is not considered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.access.artefacts import Kind, Policy, Statement
from probatum.access.model import claims
from probatum.access.rules._words import anchor_of
from probatum.access.semantics import glob
from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided
from probatum.tools import Tools

RULE = "access/administrator-equivalent"

# What lets a principal give itself anything, each sufficient alone. Source: the documented effect of the actions.
WAYS = {
    "can do everything, with everything": ["*"],
    "can write policies for any user": ["iam:PutUserPolicy"],
    "can write policies for any role": ["iam:PutRolePolicy", "sts:AssumeRole"],
    "can write policies for any group": ["iam:PutGroupPolicy"],
    "can attach any policy to any user": ["iam:AttachUserPolicy"],
    "can attach any policy to any group": ["iam:AttachGroupPolicy"],
    "can attach any policy to any role": ["iam:AttachRolePolicy", "sts:AssumeRole"],
    "can rewrite any managed policy": ["iam:CreatePolicyVersion"],
    "can bring back any version of any managed policy": ["iam:SetDefaultPolicyVersion"],
    "can decide who assumes any role": ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
    "can join any group": ["iam:AddUserToGroup"],
    "can make access keys for any user": ["iam:CreateAccessKey"],
    "can give any user a password": ["iam:CreateLoginProfile"],
    "can change any user's password": ["iam:UpdateLoginProfile"],
}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for the first way in which the policy makes an administrator."""
    if policy.kind is not Kind.IDENTITY:
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": policy.location}
    ways: dict[str, dict[str, Any]] = {
        f"whoever holds this policy {way}": {"a": {"is": "actions", "actions": actions}, "b": {"is": "policy"}}
        for way, actions in WAYS.items()
    }
    found = claims.all_broken(policy, ways, tools)
    if isinstance(found, Counterexample):
        yield Cleared(
            **shared,
            message="the holder is no administrator and cannot become one by itself",
            strength=Strength.PROVED,
            evidence=found,
        )
        return
    for way, answer in found.items():
        if isinstance(answer, claims.Holds):
            actions = ways[way]["a"]["actions"]
            statement = _granting(policy, actions)
            named = " and ".join(f"`{a}`" for a in actions)
            yield Finding(
                rule=RULE,
                subject=policy.subject,
                location=statement.location,
                message=way,
                evidence=answer.evidence,
                cause=f"{named} {'are' if len(actions) > 1 else 'is'} allowed on every resource and without condition",
                anchor=anchor_of(statement, "administrator"),
                assumptions=answer.assumptions,
            )
            return
    unclear = next(a for a in found.values() if isinstance(a, claims.Unclear))
    yield Undecided(**shared, why=unclear.why, reason=unclear.reason)


def _granting(policy: Policy, actions: list[str]) -> Statement:
    """The first statement that allows one of the actions; several may do so together, each in part."""
    allows = [s for s in policy.statements if s.allows]
    fitting = (s for s in allows if any(glob(p.lower(), a.lower()) for p in s.actions for a in actions) is not s.not_actions)
    return next(fitting, allows[0])
