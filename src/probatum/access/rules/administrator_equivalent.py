"""A policy makes its holder an administrator, or lets the holder become one.

## What it finds
An identity policy that allows every action on every resource without condition,
or one that allows, without condition, an action by which a principal can give
itself any permission: write policies, attach them, set their default version,
change who may assume a role, join a group, or make credentials for another user.
It must be allowed on all users, groups, roles or policies, of all accounts or of
one that the policy names.

## Why it matters
Whoever holds it, or steals it, owns the account; and it rarely says so in its name.

## Evidence
`Proof` that the policy contains all of the named access. When cleared, a
`Counterexample` for each: a request that an administrator could make and the
holder cannot.

## Not found
Ways that need a condition to be met, or that concern only some users or roles; chains of several
roles; services that act with a role that is passed to them. What other policies
of the holder add, and what its boundary takes away, is not considered.
"""

from __future__ import annotations

import re
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

# What lets a principal give itself anything, each sufficient alone: actions, and what they are about.
# Source: the documented effect of the actions.
WAYS = {
    "can do everything, with everything": (["*"], ""),
    "can write policies for any user": (["iam:PutUserPolicy"], "user"),
    "can write policies for any role": (["iam:PutRolePolicy", "sts:AssumeRole"], "role"),
    "can write policies for any group": (["iam:PutGroupPolicy"], "group"),
    "can attach any policy to any user": (["iam:AttachUserPolicy"], "user"),
    "can attach any policy to any group": (["iam:AttachGroupPolicy"], "group"),
    "can attach any policy to any role": (["iam:AttachRolePolicy", "sts:AssumeRole"], "role"),
    "can rewrite any managed policy": (["iam:CreatePolicyVersion"], "policy"),
    "can bring back any version of any managed policy": (["iam:SetDefaultPolicyVersion"], "policy"),
    "can decide who assumes any role": (["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"], "role"),
    "can join any group": (["iam:AddUserToGroup"], "group"),
    "can make access keys for any user": (["iam:CreateAccessKey"], "user"),
    "can give any user a password": (["iam:CreateLoginProfile"], "user"),
    "can change any user's password": (["iam:UpdateLoginProfile"], "user"),
}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for the first way in which the policy makes an administrator."""
    if policy.kind is not Kind.IDENTITY:
        return
    shared: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": policy.location}
    ways = dict(_ways(policy))
    found = claims.all_broken(policy, ways, tools)
    if isinstance(found, Counterexample):
        yield Cleared(
            **shared,
            message="no listed way to become an administrator is open to the holder on all resources and without condition",
            strength=Strength.PROVED,
            evidence=found,
        )
        return
    for way, answer in found.items():
        if isinstance(answer, claims.Holds):
            side = ways[way]["a"]
            statement = _granting(policy, side["actions"])
            named = " and ".join(f"`{a}`" for a in side["actions"])
            kind = side["resources"][0].rpartition(":")[2].removesuffix("/*")
            where = "every resource" if kind == "*" else f"every {kind}"
            yield Finding(
                rule=RULE,
                subject=policy.subject,
                location=statement.location,
                message=way,
                evidence=answer.evidence,
                cause=f"{named} {'are' if len(side['actions']) > 1 else 'is'} allowed on {where} and without condition",
                anchor=anchor_of(statement, "administrator"),
                assumptions=answer.assumptions,
            )
            return
    unclear = next(a for a in found.values() if isinstance(a, claims.Unclear))
    yield Undecided(**shared, why=unclear.why, reason=unclear.reason)


def _ways(policy: Policy) -> Iterator[tuple[str, dict[str, Any]]]:
    """What would make the holder an administrator, everywhere or in an account that the policy names for IAM."""
    resources = [r.split(":", 5) for s in policy.statements for r in s.resources or ()]
    named = sorted({r[4] for r in resources if len(r) == 6 and r[2] == "iam" and re.fullmatch(r"[0-9]{12}", r[4])})
    for way, (actions, kind) in WAYS.items():
        for account in ("*", *named) if kind else ("",):
            about = [f"arn:{'*' if account == '*' else 'aws'}:iam::{account}:{kind}/*"] if kind else ["*"]
            says = f"whoever holds this policy {way}" + (f" of account `{account}`" if account not in ("", "*") else "")
            yield says, {"a": {"is": "actions", "actions": actions, "resources": about}, "b": {"is": "policy"}}


def _granting(policy: Policy, actions: list[str]) -> Statement:
    """The first statement that allows one of the actions; several may do so together, each in part."""
    allows = [s for s in policy.statements if s.allows]
    fitting = (s for s in allows if any(glob(p.lower(), a.lower()) for p in s.actions for a in actions) is not s.not_actions)
    return next(fitting, allows[0])
