"""What one policy allows and another does not: exact answers, with requests that replay."""

from __future__ import annotations

import random
from typing import Any

import policy_strategies as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.access.model.containment import Answer, Contained, Difference, Open, Sides, difference
from probatum.access.semantics import Settings, document_allows
from probatum.errors import UsageError


def ask(a: list[dict[str, Any]], b: list[dict[str, Any]], *, axioms: bool = True, **modes: str) -> Answer:
    documents = [{"Version": "2012-10-17", "Statement": s} for s in (a, b)]
    one, other = (made.policy(d, f"{name}.json") for d, name in zip(documents, "ab", strict=True))
    return difference(Sides(one, other, Settings(**modes), axioms_hold=axioms))


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_called_contained_has_no_request_outside(seed: int) -> None:
    """Search and meaning never disagree: found requests are replayed by the engine, the rest is sampled here."""
    chance = random.Random(seed)
    principals = chance.random() < 0.5
    document = made.document(chance, principals=principals)
    other = made.mutated(chance, document, principals=principals)
    modes = Settings(chance.choice(["segments", "flat"]), chance.choice(["never", "any"]))
    a, b = made.policy(document, "a.json"), made.policy(other, "b.json")

    answer = difference(Sides(a, b, modes))

    if isinstance(answer, Difference):
        assert document_allows(a, answer.request, modes)
        assert not document_allows(b, answer.request, modes)
    elif isinstance(answer, Contained):
        for _ in range(60):
            request = made.request(chance, a, b)
            assert not document_allows(a, request, modes) or document_allows(b, request, modes)
    else:
        assert "variables" in answer.reason or "compared both" in answer.reason


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param([allow("s3:GetObject")], [allow("S3:getobject")], id="case carries no meaning in actions"),
        pytest.param([allow("*")], [allow("*:*")], id="every action has a service"),
        pytest.param([allow(resource="arn:aws:s3:::b/x")], [allow(resource="arn:aws:s3:::b/*")], id="a name within a pattern"),
        pytest.param([allow(resource="arn:aws:s3:::b/ab")], [allow(resource="arn:aws:s3:::b/?b")], id="one character"),
        pytest.param(
            [allow(["s3:GetObject", "s3:PutObject"])],
            [allow("s3:GetObject"), allow("s3:PutObject")],
            id="two statements cover one",
        ),
        pytest.param(
            [allow()],
            [allow(**when("StringEquals", "app:k", "a")), allow(**when("StringNotEquals", "app:k", "a"))],
            id="a condition or its opposite, missing key included",
        ),
        pytest.param(
            [allow(**when("NumericLessThan", "app:n", "5"))],
            [allow(**when("NumericLessThanEquals", "app:n", "5.0"))],
            id="numbers",
        ),
        pytest.param(
            [allow(**when("IpAddress", "aws:SourceIp", "10.1.0.0/16"))],
            [allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0/9"))],
            id="two halves of a range",
        ),
        pytest.param(
            [allow(**when("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"))],
            [allow(**when("DateLessThan", "aws:CurrentTime", "1767225601"))],
            id="dates in two notations",
        ),
        pytest.param(
            [allow(**when("ForAnyValue:StringEquals", "aws:TagKeys", "a"))],
            [allow(**when("ForAnyValue:StringEquals", "aws:TagKeys", "a", "b"))],
            id="some of several values",
        ),
        pytest.param(
            [allow(resource="arn:aws:s3:::b/${aws:username}/x")],
            [allow(resource="arn:aws:s3:::b/${aws:username}/*")],
            id="one variable",
        ),
        pytest.param(
            [allow(**when("StringEquals", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/r"))],
            [allow(**when("StringEquals", "aws:PrincipalAccount", "111111111111"))],
            id="the account is in the ARN",
        ),
        pytest.param([deny()], [deny("s3:*")], id="denies allow nothing"),
        pytest.param([allow(), deny("s3:Get*")], [deny()], id="an allow that is all denied"),
    ],
)
def test_contained(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> None:
    assert isinstance(ask(a, b), Contained)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param([allow("s3:*")], [allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"])], id="services gain actions"),
        pytest.param([allow("*")], [{**allow(), "NotAction": ["iam:*"], "Action": None}], id="all but some"),
        pytest.param([allow(resource="*")], [allow(resource="arn:aws:s3:::*")], id="other services' resources"),
        pytest.param([allow(resource="arn:aws:s3:::B")], [allow(resource="arn:aws:s3:::b")], id="case counts in resources"),
        pytest.param([allow()], [allow(**when("StringEquals", "app:k", "*"))], id="a star under StringEquals is a star"),
        pytest.param(
            [allow(**when("StringNotEquals", "app:k", "a"))],
            [allow(**when("Null", "app:k", "false"))],
            id="negated operators and missing keys",
        ),
        pytest.param(
            [allow(**when("ForAllValues:StringEquals", "aws:TagKeys", "a"))],
            [allow(**when("ForAnyValue:StringEquals", "aws:TagKeys", "a"))],
            id="ForAllValues is true of nothing",
        ),
        pytest.param(
            [allow()], [allow(), deny("s3:Get*", **when("Bool", "aws:SecureTransport", "false"))], id="a deny on the other side"
        ),
        pytest.param(
            [allow(resource="arn:aws:s3:::b/*")], [allow(resource="arn:aws:s3:::b/${aws:username}/*")], id="a variable restricts"
        ),
        pytest.param(
            [allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))],
            [allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/9"))],
            id="half a range",
        ),
        pytest.param(
            [allow(**when("IpAddress", "aws:SourceIp", "0.0.0.0/0", "::/0"))],
            [allow(**when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))],
            id="IPv6 is another space",
        ),
    ],
)
def test_not_contained(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> None:
    b = [{k: v for k, v in s.items() if v is not None} for s in b]

    assert isinstance(ask(a, b), Difference)


def test_a_request_carries_no_key_that_the_difference_does_not_need() -> None:
    answer = ask(
        [allow(**when("StringLike", "app:k", "*"))], [allow(**when("StringLike", "app:k", "a*"), resource="arn:aws:s3:::c")]
    )

    assert isinstance(answer, Difference)
    assert set(answer.request.context) == {"app:k"}


def test_a_request_names_who_can_not_only_what() -> None:
    grant = {**allow(), "Principal": {"AWS": ["111111111111", "222222222222"]}}
    limit = {**allow(), "Principal": {"AWS": "111111111111"}}

    answer = ask([grant], [limit])

    assert isinstance(answer, Difference)
    assert answer.request.principal.account == "222222222222"


def test_axioms_can_be_switched_off() -> None:
    a, b = [allow(**when("Bool", "aws:SecureTransport", "true"))], [allow(**when("StringEquals", "aws:SecureTransport", "true"))]

    assert isinstance(ask(a, b), Contained)
    assert isinstance(ask(a, b, axioms=False), Difference)


def test_the_two_readings_of_resource_names_differ_where_a_star_could_cross_a_colon() -> None:
    a, b = [allow("sqs:*", "arn:aws:sqs:*:222222222222:q")], [allow("sqs:*", "arn:aws:sqs:eu*:q")]

    assert isinstance(ask(a, b), Difference)
    assert isinstance(ask([allow("sqs:*", "arn:aws:sqs:eu-1:222222222222:q")], b, arn_mode="flat"), Contained)


def test_policies_that_name_principals_are_not_compared_with_those_that_do_not() -> None:
    with pytest.raises(UsageError, match="only one of them says who"):
        ask([{**allow(), "Principal": "*"}], [allow()])


def test_what_has_no_meaning_is_left_open() -> None:
    answer = ask([allow(**when("NumericNotEquals", "app:n", "many"))], [allow()])

    assert isinstance(answer, Open)
    assert "many" in answer.reason
