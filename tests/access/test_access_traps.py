"""Pairs on which an engine for policies slips easily: each is not contained, and the request that shows it replays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probatum.access.artefacts import Policy, read
from probatum.access.model.containment import Contained, Difference, Sides, difference
from probatum.access.semantics import Settings
from probatum.errors import UnreadableArtefact
from probatum.solve.automata import _READABLE
from probatum.source import Source

NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
SESSION = "arn:aws:sts::111122223333:assumed-role/R/S"
IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1ABCDEF"
LONG = "1" + "0" * 29
SERVICE = {"aws:PrincipalIsAWSService": "true"}


def policy(*statements: dict[str, Any]) -> Policy:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    [found] = read(Source("p.json", json.dumps(document).encode()), {})
    return found


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **more}


def when(operator: str, key: str, *values: str, **more: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: list(values)}}, **more)


def nobody(a: dict[str, Any]) -> dict[str, Any]:
    return {**NOTHING, "Principal": "*"} if "Principal" in a else NOTHING


@pytest.mark.parametrize("mode", ["segments", "flat"])
@pytest.mark.parametrize(
    "a",
    [
        pytest.param(allow(Principal={"AWS": IDENTITY}), id="an identity of CloudFront is somebody"),
        pytest.param(
            when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/p/R", Principal={"AWS": SESSION}),
            id="a session's ARN lacks the path of its role",
        ),
        pytest.param(
            when("StringEquals", "aws:PrincipalServiceName", "sns.amazonaws.com", Principal="*"), id="a service by its key"
        ),
        pytest.param(when("NumericLessThan", "s3:max-keys", LONG), id="a number of many digits"),
        pytest.param(
            allow(Condition={"NumericGreaterThan": {"s3:max-keys": LONG + "1"}, "NumericLessThan": {"s3:max-keys": LONG + "3"}}),
            id="a gap between numbers of many digits",
        ),
        pytest.param(
            allow(
                Condition={
                    "DateGreaterThan": {"aws:CurrentTime": "1969-12-31T23:59:57Z"},
                    "DateLessThan": {"aws:CurrentTime": "1969-12-31T23:59:58Z"},
                }
            ),
            id="less than a second before 1970",
        ),
        pytest.param(when("DateEquals", "aws:CurrentTime", "0900-01-01"), id="a year of three digits"),
        pytest.param(when("DateGreaterThan", "aws:CurrentTime", "1" * 40), id="a time far away"),
        pytest.param(when("NumericNotEquals", "aws:SecureTransport", "1"), id="a truth value that is no number"),
        pytest.param(when("NumericNotEquals", "aws:PrincipalArn", "1"), id="an ARN that is no number"),
        pytest.param(when("NotIpAddress", "aws:PrincipalArn", "10.0.0.0/8"), id="an ARN that is no address"),
    ],
)
def test_something_is_allowed(a: dict[str, Any], mode: str) -> None:
    answer = difference(Sides(policy(a), policy(nobody(a)), Settings(mode)))

    assert isinstance(answer, Difference)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(
            allow(Principal={"AWS": IDENTITY}),
            allow(Principal={"AWS": IDENTITY.replace("E1", "E2")}),
            id="two identities of CloudFront",
        ),
        pytest.param(
            allow(Principal={"AWS": SESSION}),
            when("StringEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/R", Principal={"AWS": SESSION}),
            id="the role of a session may have a path",
        ),
        pytest.param(
            allow(Principal="*", Condition={"Bool": SERVICE}),
            allow(Principal={"Service": "x.amazonaws.com", "CanonicalUser": "x"}, Condition={"Bool": SERVICE}),
            id="whoever stands for all others is not named by chance",
        ),
        pytest.param(
            when("StringLike", "app:k", "?"),
            when("StringEquals", "app:k", *_READABLE, ":"),
            id="characters that nobody spelled out",
        ),
        pytest.param(
            when("StringEquals", "app:k", "\u212a"),
            when("StringEqualsIgnoreCase", "app:k", "k"),
            id="the sign of the kelvin is no K",
        ),
        pytest.param(
            when("StringEquals", "app:k", "${aws:username,'ABC'}"),
            when("StringEquals", "app:k", "${aws:username,'abc'}"),
            id="case counts in the default of a variable",
        ),
    ],
)
def test_one_is_not_the_other(a: dict[str, Any], b: dict[str, Any]) -> None:
    answer = difference(Sides(policy(a), policy(b), Settings()))

    assert isinstance(answer, Difference)


def test_a_variable_that_may_hold_several_values_is_given_one() -> None:
    """With `multivalue` set to `any` a key may have several values, and then a variable would have none."""
    a = allow(Resource="arn:aws:s3:::b/${app:k}", Condition={"StringEquals": {"app:k": "a"}})

    assert isinstance(difference(Sides(policy(a), policy(NOTHING), Settings(multivalue="any"))), Difference)


def test_the_same_identity_of_cloudfront_is_the_same() -> None:
    same = policy(allow(Principal={"AWS": IDENTITY}))

    assert isinstance(difference(Sides(same, policy(allow(Principal={"AWS": IDENTITY})), Settings())), Contained)


@pytest.mark.parametrize("action", ["s3:Get Object", "s3:Get\u00a0*", "s3:Get\u0130", "s3:Get:Object"])
def test_what_no_service_calls_an_action_is_refused(action: str) -> None:
    with pytest.raises(UnreadableArtefact, match="is not an action"):
        policy(allow(Action=action))


def test_characters_that_stand_for_something_else_here_are_refused() -> None:
    with pytest.raises(UnreadableArtefact, match="private use"):
        policy(when("StringLike", "app:k", "x\U000f0000"))


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NotIpAddress", "10.0.0.0/255.0.0.0"),
        ("DateNotEquals", "2020-13-01"),
        ("NumericEquals", "1" * 401),
        ("StringEqualsIgnoreCase", "ß"),
    ],
)
def test_values_whose_meaning_is_disputed_are_named(operator: str, value: str) -> None:
    assert policy(when(operator, "app:k", value)).unsupported
