"""What all rules about access have in common, and where their answers could part from what policies mean."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_strategies import document, policy, request

from probatum.access.artefacts import Policy, read
from probatum.access.recheck import recheck
from probatum.access.rules import (
    confused_deputy,
    deny_never_applies,
    forbidden_access,
    grants_nothing,
    outside_access,
    public_access,
)
from probatum.access.semantics import Settings, document_allows, matches
from probatum.access.semantics.public import fixed_tokens, is_fixed, is_shared
from probatum.evidence import CONFIRMED
from probatum.findings import Cleared, Finding
from probatum.source import Source
from probatum.tools import Tools

NEVER = {"never-grant": [{"actions": ["s3:PutObject"]}]}
ZONE = {"trusted-accounts": ["111111111111"]}


def made(*statements: dict[str, Any], path: str = "p.json", version: str = "2012-10-17") -> Policy:
    [found] = read(Source(path, json.dumps({"Version": version, "Statement": list(statements)}).encode()), {})
    return found


def allow(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::b/*"} | more


def findings(rule: Any, found: Policy, options: dict[str, Any] | None = None) -> list[Finding]:
    return [o for o in rule.check(found, Tools(options=options or {})) if isinstance(o, Finding)]


@pytest.mark.slow  # many random policies
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_a_deny_that_never_applies_stops_no_request(seed: int, principals: bool) -> None:
    chance = random.Random(seed)
    found = policy(document(chance, principals=principals))
    idle = {f.location for f in findings(deny_never_applies, found)}

    stopped = [
        s.name
        for s in found.statements
        if s.location in idle
        for r in (request(chance, found) for _ in range(30))
        if matches(s, r, Settings(), kind=found.kind, variables=found.variables_active)
    ]

    assert stopped == []


@pytest.mark.slow  # many random policies
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_without_an_allow_that_grants_nothing_the_same_is_allowed(seed: int, principals: bool) -> None:
    chance = random.Random(seed)
    value = document(chance, principals=principals)
    found = policy(value)
    idle = {f.location for f in findings(grants_nothing, found)}
    left = [v for v, s in zip(value["Statement"], found.statements, strict=True) if s.location not in idle]

    for asked in (request(chance, found) for _ in range(30)):
        allowed = document_allows(found, asked, Settings())
        assert allowed == (bool(left) and document_allows(policy(value | {"Statement": left}), asked, Settings()))


@pytest.mark.slow  # many random policies
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_what_is_forbidden_is_granted_by_no_policy_that_is_cleared(seed: int, principals: bool) -> None:
    chance = random.Random(seed)
    found = policy(document(chance, principals=principals))
    outcomes = list(forbidden_access.check(found, Tools(options=NEVER)))
    granted = [
        r
        for r in (request(chance, found) for _ in range(40))
        if r.action == "s3:PutObject" and document_allows(found, r, Settings())
    ]

    assert not (granted and all(isinstance(o, Cleared) for o in outcomes))


def test_each_statement_is_found_for_itself_with_a_request_of_its_own() -> None:
    found = made(
        allow(Principal="*"), allow("s3:ListBucket", Principal={"AWS": "111111111111"}), allow("s3:PutObject", Principal="*")
    )

    actions = [f.evidence.given["request"]["action"] for f in findings(public_access, found)]

    assert actions == ["s3:GetObject", "s3:PutObject"]


def test_a_finding_keeps_its_identity_when_statements_move_and_lists_are_sorted_otherwise() -> None:
    one, other = allow(Principal="*"), allow("s3:PutObject", Principal={"AWS": ["222222222222", "111111111111"]})
    turned = allow("s3:PutObject", Principal={"AWS": ["111111111111", "222222222222"]})

    before = {f.anchor for f in findings(outside_access, made(one, other), ZONE)}
    after = {f.anchor for f in findings(outside_access, made(turned, one), ZONE)}

    assert len(before) == 2
    assert before == after


def test_statements_with_equal_names_are_two_claims() -> None:
    never = {"Sid": "A", "Effect": "Deny", "NotAction": "*", "Resource": "*"}

    assert len(findings(deny_never_applies, made(never, never))) == 2


def test_evidence_about_a_deny_says_nothing_of_an_allow_in_its_place() -> None:
    deny = {"Effect": "Deny", "NotAction": "*", "Resource": "*"}
    [finding] = findings(deny_never_applies, made(deny, allow()))

    assert recheck(made(deny, allow()), finding.evidence, {}) == CONFIRMED
    assert recheck(made(allow(), deny), finding.evidence, {}).status == "refuted"
    assert recheck(made(deny | {"NotAction": "s3:*"}, allow()), finding.evidence, {}).status == "refuted"


def test_a_deny_excepts_whom_it_lists_and_not_their_account() -> None:
    """Read as an allow, the same `NotPrincipal` would except the whole account, and the deny would seem to match nobody."""
    deny = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": "111111111111"},
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": "111111111111"}},
    }

    assert findings(deny_never_applies, made(deny)) == []


def test_what_is_assumed_of_names_is_said() -> None:
    deny = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-*"}},
    }

    [finding] = findings(deny_never_applies, made(deny))

    assert any("contain none of `*`" in assumption for assumption in finding.assumptions)


@pytest.mark.parametrize(
    ("key", "operator", "value", "fixed"),
    [
        ("aws:principalorgid", "StringEquals", "o-a1b2c3d4e5", True),
        ("aws:principalorgid", "StringLike", "o-*", False),
        ("aws:principalorgid", "StringEquals", "${aws:PrincipalTag/org}", False),
        ("aws:principalarn", "ArnLike", "arn:aws:iam::111111111111:role/*", True),
        ("aws:principalarn", "ArnLike", "arn:aws:iam::11111111111?:role/x", False),
        ("aws:sourcearn", "ArnLike", "arn:aws:s3:*:*:bucket", True),
        ("aws:sourcearn", "ArnLike", "arn:aws:s3:::bucket*", False),
        ("aws:sourcearn", "ArnLike", "arn:aws:sns:*:*:topic", False),
        ("aws:principalorgpaths", "StringLike", "o-a1b2c3d4e5/r-1/*", True),
        ("aws:principalorgpaths", "StringLike", "o-a1b2c3d4e5*", False),
        ("aws:userid", "StringLike", "AROAEXAMPLEEXAMPLE123:*", True),
        ("aws:userid", "StringLike", "*:session", False),
        ("aws:principalaccount", "StringEquals", "", False),
    ],
)
def test_a_value_is_fixed_if_it_leaves_a_stranger_no_room(key: str, operator: str, value: str, fixed: bool) -> None:
    assert is_fixed(key, operator, value) is fixed


@pytest.mark.parametrize(
    ("claim", "value", "fixed"),
    [
        ("sub", "repo:example/shop:ref:refs/heads/main", True),
        ("sub", "repo:example/*", True),
        ("sub", "repo:example*", False),
        ("sub", "repo:*", False),
        ("sub", "*", False),
        ("repository", "example/*", True),
        ("repository", "example*", False),
        ("actor", "ana", False),
        ("aud", "sts.amazonaws.com", False),
    ],
)
def test_a_token_is_fixed_up_to_the_end_of_a_name(claim: str, value: str, fixed: bool) -> None:
    provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"token.actions.githubusercontent.com:{claim}": value}},
    }

    assert bool(list(fixed_tokens(made(trust), provider))) is fixed
    assert bool(findings(public_access, made(trust))) is not fixed


def test_only_providers_that_serve_everyone_are_shared() -> None:
    assert is_shared("accounts.google.com")
    assert is_shared("arn:aws:iam::111111111111:oidc-provider/gitlab.com")
    assert not is_shared("arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B")
    assert not is_shared("arn:aws:iam::111111111111:saml-provider/staff")


def test_a_public_statement_beside_a_service_is_no_deputy() -> None:
    service = allow(
        "s3:PutObject",
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceAccount": "111111111111"}},
    )

    [cleared] = confused_deputy.check(made(allow(Principal="*"), service), Tools())

    assert isinstance(cleared, Cleared)


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        (allow(Principal="*"), "statement 1 names everyone (`*`) and sets no condition"),
        (
            allow(NotPrincipal={"AWS": "111111111111"}),
            "statement 1 names everyone but a few (`NotPrincipal`) and sets no condition",
        ),
        (
            allow(Principal="*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            "statement 1 names everyone (`*`), and its `StringEqualsIfExists` is also true where `aws:PrincipalOrgID` is absent",
        ),
        (
            allow(Principal="*", Condition={"StringLike": {"aws:Referer": "x*"}}),
            "statement 1 names everyone (`*`), and a stranger can meet what it asks of `aws:Referer`",
        ),
    ],
)
def test_the_cause_names_the_decision(statement: dict[str, Any], cause: str) -> None:
    [finding] = findings(public_access, made(statement))

    assert finding.cause == cause
