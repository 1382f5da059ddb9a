"""How two policies compare: one word, requests both ways, and what the answer rests on."""

from __future__ import annotations

import random

import policy_strategies as strategies
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.access.model.relation import compare
from probatum.access.recheck import verify
from probatum.access.semantics import Settings, document_allows
from probatum.access.semantics.axioms import AXIOMS
from probatum.errors import UsageError
from probatum.tools import Deadline

DEFAULT = Settings()
ACCOUNT = "222222222222"
MIRRORED = {
    "narrower": "wider",
    "wider": "narrower",
    "equivalent": "equivalent",
    "incomparable": "incomparable",
    "unknown": "unknown",
}


def policy(*statements, path="p.json"):
    return strategies.policy({"Version": "2012-10-17", "Statement": list(statements)}, path)


def allow(action="s3:GetObject", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def when(operator, key, *values):
    return {"Condition": {operator: {key: list(values)}}}


READ, ALL, WRITE = allow(), allow("s3:*"), allow("s3:PutObject")


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ([READ], [allow("S3:getobject")], "equivalent"),
        ([READ], [ALL], "narrower"),
        ([ALL], [READ], "wider"),
        ([READ], [WRITE], "incomparable"),
        ([READ, WRITE], [allow(["s3:PutObject", "s3:GetObject"])], "equivalent"),
        ([ALL, {**READ, "Effect": "Deny"}], [allow("s3:*")], "narrower"),
        ([allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0/9"))],
         [allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))], "equivalent"),
    ],
)  # fmt: skip
def test_one_word_says_which_allows_more(a, b, relation) -> None:
    one, other = policy(*a), policy(*b)

    found = compare(one, other, DEFAULT)

    assert found.relation == relation
    assert (found.a_not_b is not None, found.b_not_a is not None) == (
        relation in ("wider", "incomparable"),
        relation in ("narrower", "incomparable"),
    )


def test_a_witness_names_the_statements_that_allow_it_and_no_others() -> None:
    a = policy(WRITE, allow(Sid="Read"), allow("s3:Get*", "arn:aws:s3:::b/*"))

    found = compare(a, policy(WRITE, allow("s3:Get*", "arn:aws:s3:::b/*")), DEFAULT)

    [named] = found.to_json()["statements"]["a_not_b"]
    assert (named["sid"], named["index"], named["line"]) == ("Read", 1, 1)
    assert found.to_json().keys() == {"relation", "a_not_b", "b_not_a", "assumptions", "statements"}


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=8, deadline=None)
def test_witnesses_replay_proofs_verify_and_the_other_way_round_is_the_mirror_image(seed, principals) -> None:
    chance = random.Random(seed)
    document = strategies.document(chance, principals=principals)
    a = strategies.policy(document)
    b = strategies.policy(strategies.mutated(chance, document, principals=principals))
    if a.kind.names_principals is not b.kind.names_principals:
        return

    found = compare(a, b, DEFAULT)

    assert compare(b, a, DEFAULT).relation == MIRRORED[found.relation]
    for witness, allowing, other in ((found.a_not_b, a, b), (found.b_not_a, b, a)):
        if witness is not None:
            assert document_allows(allowing, witness.request, DEFAULT)
            assert not document_allows(other, witness.request, DEFAULT)
    for name, proof in found.proofs.items():
        verify(proof, *((a, b) if name == "a_in_b" else (b, a)))


def test_the_axioms_of_a_proof_are_among_the_assumptions_and_can_be_refused() -> None:
    secure = policy(allow(**when("Bool", "aws:SecureTransport", "true")), allow(**when("Bool", "aws:SecureTransport", "false")))

    found = compare(policy(READ), secure, DEFAULT)
    without = compare(policy(READ), secure, DEFAULT, axioms_hold=False)

    assert found.relation == "equivalent"
    assert f"secure-transport: {AXIOMS['secure-transport']}" in found.assumptions
    assert without.relation == "wider"
    assert not [text for text in without.assumptions if text.split(":")[0] in AXIOMS]


def test_a_verdict_that_hangs_on_how_names_are_matched_says_so() -> None:
    parts, whole = policy(allow("ec2:*", "arn:aws:ec2:*:*:instance/*")), policy(allow("ec2:*", "arn:aws:ec2:*:instance/*"))

    found = compare(parts, whole, DEFAULT)
    flat = compare(parts, whole, Settings("flat"))

    assert found.relation != flat.relation
    assert f"the verdict depends on `arn-mode`: with `flat` it is `{flat.relation}`" in found.assumptions
    assert f"the verdict depends on `arn-mode`: with `segments` it is `{found.relation}`" in flat.assumptions


def test_a_verdict_that_hangs_on_several_values_says_so() -> None:
    plain = policy(allow(**when("StringEquals", "aws:TagKeys", "a")))
    some = policy(allow(**when("ForAnyValue:StringEquals", "aws:TagKeys", "a")))

    found = compare(plain, some, DEFAULT)

    assert found.relation == "narrower"
    assert "the verdict depends on `multivalue`: with `any` it is `equivalent`" in found.assumptions


def test_where_no_reading_is_disputed_none_is_mentioned() -> None:
    found = compare(policy(allow(resource="arn:aws:s3:::b/*")), policy(READ), DEFAULT)

    assert not [text for text in found.assumptions if "verdict" in text]


def test_a_question_that_stays_open_leaves_the_witness_of_the_other() -> None:
    same = {"BinaryEquals": {"app:n": "YWI="}}  # bytes may be written in several ways, and are compared as text as well
    one = policy(allow(Condition={**same, "StringNotLike": {"app:n": "a*"}}))
    other = policy(allow("ec2:RunInstances"), allow(Condition={**same, "StringLike": {"app:n": "Y*"}}))

    found = compare(one, other, DEFAULT)

    assert (found.relation, found.a_in_b) == ("unknown", None)
    assert found.b_not_a is not None
    assert "app:n" in found.to_json()["reason"]


def test_a_deadline_that_has_passed_leaves_it_unknown() -> None:
    found = compare(policy(READ, ALL), policy(ALL), DEFAULT, deadline=Deadline.after(-1))

    assert (found.relation, found.a_in_b, found.b_in_a) == ("unknown", None, None)
    assert found.reasons == ("there was no answer in the time given",)


def test_what_says_who_and_what_does_not_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="only one of them says who is allowed"):
        compare(policy(READ), policy({**READ, "Principal": "*"}), DEFAULT)


def test_sessions_that_nobody_names_are_asked_about_when_another_of_the_role_is_named() -> None:
    """They belong to the account, so leaving them out would prove what is false."""
    role, session = f"arn:aws:iam::{ACCOUNT}:role/r", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
    of_account = policy({**READ, "Principal": {"AWS": ACCOUNT}})
    but_role = policy(
        {**READ, "Principal": {"AWS": ACCOUNT}, **when("ArnNotEquals", "aws:PrincipalArn", role)},
        {**READ, "Principal": {"AWS": session}},
    )

    found = compare(of_account, but_role, DEFAULT)

    assert found.relation == "wider"
    caller = found.a_not_b.request.principal
    assert (caller.kind, caller.name != session) == ("role-session", True)


def test_a_proof_says_which_list_of_actions_another_conflicts_with() -> None:
    """Lists are narrowed to what meets the shortest; a leaf that names only the narrowed one shows nothing."""
    denied = {"Effect": "Deny", "Action": ["s3:*", "s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}
    a = policy(denied, allow(["s3:PutObject", "ec2:Run?nstances"], "arn:*:s3:::b/a*"))
    b = policy(denied, allow(["s3:PutObject", "ec2:Run?nstances"], "arn:*:s3:::b/*"))

    found = compare(a, b, DEFAULT)

    assert verify(found.proofs["a_in_b"], a, b) is None  # it raises for what it rejects
