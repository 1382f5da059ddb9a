"""What a policy means for one request, fact by fact."""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.access.artefacts import Condition, Kind, Policy, Principal, read
from probatum.access.artefacts.document import parse
from probatum.access.artefacts.reader import OPERATORS, read_policy
from probatum.access.semantics import (
    CALLERS,
    Attachments,
    Caller,
    Decision,
    Level,
    Request,
    Settings,
    arn_matches,
    complete,
    condition_holds,
    decide,
    document_allows,
    glob,
    load_attachments,
    matches,
    names,
    trace,
)
from probatum.access.semantics.conditions import moment, number
from probatum.errors import UnsupportedConstruct, UsageError
from probatum.source import Source

A, B = "111111111111", "222222222222"
USER = f"arn:aws:iam::{A}:user/team/ann"
ROLE = f"arn:aws:iam::{A}:role/app/reader"
SESSION = f"arn:aws:sts::{A}:assumed-role/reader/today"
OBJECT = "arn:aws:s3:::b/k"
DEFAULT = Settings()


def policy_of(*statements: dict[str, Any], kind: Kind = Kind.IDENTITY, version: str = "2012-10-17") -> Policy:
    text = json.dumps({"Version": version, "Statement": list(statements)})
    return read_policy(parse(text, f"{kind.value}.json"), f"{kind.value}.json", kind, "", kind.value)


def allow(action: str = "s3:GetObject", resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action: str = "s3:GetObject", resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource} | more


def request_of(
    principal: Any = USER, action: str = "s3:GetObject", resource: str = OBJECT, owner: str = A, **context: Any
) -> Request:
    return Request.from_json(
        {
            "principal": principal,
            "action": action,
            "resource": resource,
            "resource_account": owner,
            "context": {key.replace("_", ":", 1): value for key, value in context.items()},
        }
    )


def holds(operator: str, wanted: Any, settings: Settings = DEFAULT, version: str = "2012-10-17", **context: Any) -> bool:
    policy = policy_of(allow(Condition={operator: {"x:k": wanted}}), version=version)
    [condition] = policy.statements[0].conditions
    return condition_holds(condition, request_of(**context), settings, variables=policy.variables_active)


# --- patterns

few = st.text(alphabet="ab:*?", max_size=7)


@given(few, st.text(alphabet="ab:", max_size=7))
def test_a_glob_matches_as_its_definition_says(pattern: str, text: str) -> None:
    @functools.cache
    def naive(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "*":
            return naive(p[1:], t) or (bool(t) and naive(p, t[1:]))
        return bool(t) and (p[0] == "?" or p[0] == t[0]) and naive(p[1:], t[1:])

    assert glob(pattern, text) == naive(pattern, text)


def test_a_glob_of_many_stars_is_matched_without_backtracking_over_all_of_them() -> None:
    assert not glob("*a" * 50 + "b", "a" * 2000)


@pytest.mark.parametrize(
    ("pattern", "resource", "segments", "flat"),
    [
        ("*", "*", True, True),
        ("arn:aws:s3:::b/*", "*", False, False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c", True, True),
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/k", False, False),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/", False, False),
        ("arn:aws:s3:::*", OBJECT, True, True),
        ("arn:aws:s3*", OBJECT, True, True),
        ("arn:aws:*", OBJECT, True, True),
        ("arn:aws:s3*b/k", OBJECT, False, True),
        ("arn:*:s3:*b/k", OBJECT, False, True),
        ("arn:aws:sqs:*:q", f"arn:aws:sqs:us-east-1:{A}:q", False, True),
        ("arn:aws:sqs:*:*:q", f"arn:aws:sqs:us-east-1:{A}:q", True, True),
        ("arn:aws:sns:r:1:t:s?", "arn:aws:sns:r:1:t:s1", True, True),
        ("arn:aws:sns:r:1:t:s?", "arn:aws:sns:r:1:t", False, False),
    ],
)
def test_a_star_spans_colons_in_the_last_part_of_an_arn_only(pattern: str, resource: str, segments: bool, flat: bool) -> None:
    assert arn_matches(pattern, resource) is segments
    assert arn_matches(pattern, resource, mode="flat") is flat


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        ("arn:aws:s3", {Kind.IDENTITY, Kind.SESSION, Kind.BOUNDARY}),
        ("arn:*:s3", {Kind.IDENTITY, Kind.SESSION, Kind.BOUNDARY, Kind.RESOURCE, Kind.TRUST, Kind.ENDPOINT}),
        ("arn:aws:s3*", set(Kind) - {Kind.RCP}),
    ],
)
def test_an_arn_with_too_few_parts_is_completed_depending_on_the_kind_of_policy(pattern: str, kinds: set[Kind]) -> None:
    assert {kind for kind in Kind if arn_matches(pattern, OBJECT, kind=kind)} == kinds


# --- statements


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("S3:getobject"), True),
        (allow("s3:Get*"), True),
        (allow("s3:GetObjec?"), True),
        (allow("s3:GetObject?"), False),
        (allow("*:GetObject"), True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/*"}, False),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::c/*"}, True),
    ],
)
def test_a_statement_is_about_what_it_names_or_does_not_except(statement: dict[str, Any], expected: bool) -> None:
    policy = policy_of(statement)

    assert document_allows(policy, request_of(), DEFAULT) is expected
    assert matches(policy.statements[0], request_of(), DEFAULT) is expected


def test_one_of_several_patterns_is_enough_and_one_exception_too() -> None:
    several = ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]

    assert document_allows(policy_of(allow(resource=several)), request_of(), DEFAULT)
    assert not document_allows(policy_of({"Effect": "Allow", "Action": "*", "NotResource": several}), request_of(), DEFAULT)


def test_variables_act_in_a_statement_judged_alone() -> None:
    [statement] = policy_of(allow(resource="arn:aws:s3:::b/${aws:username}")).statements

    assert matches(statement, request_of(resource="arn:aws:s3:::b/ann", aws_username="ann"), DEFAULT)


def test_in_one_document_a_matching_deny_wins_and_no_allow_means_no() -> None:
    assert document_allows(policy_of(allow()), request_of(), DEFAULT)
    assert not document_allows(policy_of(allow(), deny("s3:*")), request_of(), DEFAULT)
    assert document_allows(policy_of(allow(), deny("s3:Put*")), request_of(), DEFAULT)
    assert not document_allows(policy_of(deny("s3:Put*")), request_of(), DEFAULT)


def test_an_action_about_no_resource_is_matched_by_a_star_only() -> None:
    wide = policy_of(allow("s3:ListAllMyBuckets", "*"))
    narrow = policy_of(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"))
    request = request_of(action="s3:ListAllMyBuckets", resource="*")

    assert document_allows(wide, request, DEFAULT)
    assert not document_allows(narrow, request, DEFAULT)


def test_a_statement_with_something_unsupported_is_never_judged() -> None:
    policy = policy_of(allow(Condition={"Bool": {"aws:x": "${aws:y}"}}))

    with pytest.raises(UnsupportedConstruct, match="a policy variable under `Bool`"):
        document_allows(policy, request_of(), DEFAULT)


def test_a_trace_names_the_first_element_that_fails_and_its_place() -> None:
    policy = policy_of(allow(Condition={"Bool": {"aws:SecureTransport": "true"}}))

    hit = trace(policy, policy.statements[0], request_of(aws_SecureTransport=True), DEFAULT)
    miss = trace(policy, policy.statements[0], request_of(), DEFAULT)
    public = policy_of(allow(Principal={"AWS": B}), kind=Kind.RESOURCE)
    stranger = trace(public, public.statements[0], request_of("anonymous"), DEFAULT)
    session = trace(public, public.statements[0], request_of(ROLE), DEFAULT)
    other = trace(policy, policy.statements[0], request_of(action="s3:PutObject"), DEFAULT)

    assert (hit.matched, hit.failed) == (True, "")
    assert (miss.failed, miss.location.pointer) == ("Condition", "/Statement/0/Condition/Bool/aws:SecureTransport")
    assert miss.reason.endswith("`Bool` of `aws:SecureTransport` and `true`, and the request has no such key")
    assert stranger.reason == "statement 1 does not name the anonymous caller"
    assert session.reason == f"statement 1 does not name `{ROLE}`"
    assert (other.failed, other.location.pointer) == ("Action", "/Statement/0/Action")


# --- principals


@pytest.mark.parametrize(
    ("entry", "caller", "way"),
    [
        (("*", "*"), "anonymous", "everyone"),
        (("*", "*"), USER, "everyone"),
        (("*", "*"), {"Service": "sns.amazonaws.com"}, "everyone"),
        (("AWS", A), USER, "account"),
        (("AWS", f"arn:aws:iam::{A}:root"), SESSION, "account"),
        (("AWS", f"arn:aws:iam::{A}:root"), A, "self"),
        (("AWS", A), "anonymous", ""),
        (("AWS", B), USER, ""),
        (("AWS", USER), USER, "self"),
        (("AWS", USER.upper()), USER, ""),
        (("AWS", ROLE), {"kind": "role-session", "name": SESSION, "role": ROLE}, "role"),
        (("AWS", ROLE), SESSION, "role"),
        (("AWS", f"arn:aws:iam::{A}:role/reader"), {"kind": "role-session", "name": SESSION, "role": ROLE}, ""),
        (("AWS", f"arn:aws:iam::{B}:role/reader"), SESSION, ""),
        (("AWS", SESSION), SESSION, "self"),
        (("AWS", SESSION), ROLE, ""),
        (("AWS", "AROAEXAMPLEEXAMPLE00"), SESSION, ""),
        (("AWS", f"arn:aws:iam::{A}:user/bob"), f"arn:aws:sts::{A}:federated-user/bob", "role"),
        (("Service", "sns.amazonaws.com"), {"Service": "sns.amazonaws.com"}, "self"),
        (("Service", "sqs.amazonaws.com"), {"Service": "sns.amazonaws.com"}, ""),
        (("Federated", "accounts.google.com"), {"Federated": "accounts.google.com"}, "self"),
        (("CanonicalUser", "79a5"), {"CanonicalUser": "79a5"}, "self"),
        (("CanonicalUser", "79a5"), USER, ""),
    ],
)
def test_a_principal_names_a_caller_in_one_way_or_not_at_all(entry: tuple[str, str], caller: Any, way: str) -> None:
    assert names(Principal(*entry), Caller.parse(caller)) == way


def not_principal(effect: str, *values: str) -> Policy:
    return policy_of(
        {"Effect": effect, "NotPrincipal": {"AWS": list(values)}, "Action": "*", "Resource": "*"}, kind=Kind.RESOURCE
    )


def test_an_allow_to_all_but_some_includes_the_anonymous_caller() -> None:
    policy = not_principal("Allow", USER, B)

    assert document_allows(policy, request_of("anonymous"), DEFAULT)
    assert not document_allows(policy, request_of(USER), DEFAULT)


def test_a_deny_to_all_but_everyone_spares_everyone() -> None:
    [statement] = not_principal("Deny", "*").statements

    assert not matches(statement, request_of("anonymous"), DEFAULT, kind=Kind.RESOURCE)


@pytest.mark.parametrize(
    ("listed", "caller", "denied"),
    [
        ([USER], USER, False),
        ([A], USER, True),
        ([A], A, False),
        ([ROLE], SESSION, True),
        ([ROLE, SESSION], SESSION, False),
        ([ROLE], ROLE, False),
        ([USER], "anonymous", True),
    ],
)
def test_a_deny_to_all_but_some_spares_only_callers_listed_themselves(listed: list[str], caller: str, denied: bool) -> None:
    [statement] = not_principal("Deny", *listed).statements

    assert matches(statement, request_of(caller), DEFAULT, kind=Kind.RESOURCE) is denied
    assert matches(statement, request_of(caller), DEFAULT, kind=Kind.RESOURCE, bounded=True)


# --- conditions


@pytest.mark.parametrize("name", [n for n in OPERATORS if n != "Null"])
def test_an_absent_key_decides_by_the_shape_of_the_operator(name: str) -> None:
    wanted = "10.0.0.0/8" if "Ip" in name else "arn:aws:iam::1:x" if "Arn" in name else "1"

    assert holds(name, wanted) is ("Not" in name)
    assert holds(f"{name}IfExists", wanted)
    assert not holds(f"ForAnyValue:{name}", wanted)
    assert holds(f"ForAllValues:{name}", wanted)


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringNotEquals", ["b", "a"], "a", False),
        ("StringNotEquals", ["b", "c"], "a", True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringLike", "A*", "abc", False),
        ("StringNotLike", ["x*", "a*"], "abc", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", "10", "ten", False),
        ("NumericNotEquals", "10", "9", True),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "-1", "-0.5", True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("DateEquals", "2024-01-01", "1704067200", True),
        ("DateEquals", "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00Z", True),
        ("DateNotEquals", "2024-01-01", "2024-01-02", True),
        ("DateLessThan", "2024-01-02T00:00:00.5Z", "2024-01-02T00:00:00Z", True),
        ("DateLessThanEquals", "2024-02", "2024-02-01", True),
        ("DateGreaterThan", "2024-01-01", "2023-12-31T23:59:59Z", False),
        ("DateGreaterThanEquals", "2024-01-01", "yesterday", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "yes", "yes", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "Qk==", "QQ==", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.0/255.255.255.0", "203.0.113.77", False),
        ("IpAddress", "203.0.113.*", "203.0.113.77", False),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "2001:db8::/32", "2001:0db8:0:0::1", True),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
        ("NotIpAddress", ["203.0.113.0/24", "10.0.0.0/8"], "10.1.2.3", False),
        ("ArnEquals", "arn:aws:sns:*:*:t*", f"arn:aws:sns:eu-west-1:{A}:t:x", True),
        ("ArnLike", "arn:aws:sns:*", f"arn:aws:sns:eu-west-1:{A}:t", False),
        ("ArnLike", "arn:aws:s3*:::b", "arn:aws:s3:::b", True),
        ("ArnLike", "arn:aws:sns:*:t", f"arn:aws:sns:eu-west-1:{A}:t", False),
        ("ArnNotLike", "arn:aws:sns:*:*:t", f"arn:aws:sns:eu-west-1:{A}:u", True),
        ("ArnNotEquals", "arn:aws:sns:*:*:t", "t", True),
        ("StringEquals", [], "a", False),
        ("StringNotEquals", [], "a", True),
    ],
)
def test_an_operator_compares_one_value(operator: str, wanted: Any, value: str, expected: bool) -> None:
    assert holds(operator, wanted, x_k=value) is expected
    assert holds(f"{operator}IfExists", wanted, x_k=value) is expected
    assert holds(f"ForAnyValue:{operator}", wanted, x_k=value) is expected
    assert holds(f"ForAllValues:{operator}", wanted, x_k=[value]) is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAnyValue:StringEquals", ["a", "z"], True),
        ("ForAnyValue:StringEquals", ["y", "z"], False),
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "z"], False),
        ("ForAnyValue:StringNotEquals", ["a", "z"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAllValues:StringNotEquals", ["y", "z"], True),
        ("ForAllValues:StringNotEquals", ["a", "z"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAnyValue:StringEqualsIfExists", [], False),
    ],
)
def test_set_operators_quantify_over_the_values_of_the_request(operator: str, values: list[str], expected: bool) -> None:
    assert holds(operator, ["a", "b"], x_k=values) is expected


def test_null_asks_whether_a_key_is_absent_and_a_key_without_values_is() -> None:
    assert holds("Null", "true")
    assert holds("Null", True, x_k=[])
    assert not holds("Null", "false")
    assert holds("Null", "false", x_k="")
    assert not holds("Null", "true", x_k="v")
    assert holds("Null", ["true", "false"], x_k="v")


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
def test_several_values_under_a_plain_operator_are_read_as_the_setting_says(operator: str) -> None:
    assert not holds(operator, ["a"], x_k=["a", "b"])
    assert holds(operator, ["a"], Settings(multivalue="any"), x_k=["a", "b"])


def test_a_setting_is_one_of_its_values() -> None:
    assert Settings.of({"arn-mode": "flat"}) == Settings("flat", "never")
    with pytest.raises(UsageError, match="`both` is not an `arn-mode`"):
        Settings("both")
    with pytest.raises(UsageError, match="`all` is not a value of `multivalue`"):
        Settings(multivalue="all")


# --- variables


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        ("${aws:username}", "ann", True),
        ("${AWS:UserName}/x", "ann/x", True),
        ("${aws:absent}", "", False),
        ("${aws:absent, 'none'}", "none", True),
        ("${aws:username, 'none'}", "none", False),
        ("${aws:many}", "a", False),
        ("${aws:star}", "anything", False),
        ("${aws:star}", "*", True),
        ("a${*}", "a*", True),
        ("a${*}", "ab", False),
        ("${$}{x}", "${x}", True),
    ],
)
def test_a_variable_stands_for_the_one_value_of_its_key_as_plain_text(wanted: str, value: str, expected: bool) -> None:
    context = {"aws_username": "ann", "aws_many": ["a", "b"], "aws_star": "*", "x_k": value}

    assert holds("StringLike", wanted, **context) is expected
    assert holds("StringNotLike", wanted, **context) is not expected


def test_before_2012_a_variable_is_text() -> None:
    assert holds("StringEquals", "${aws:username}", version="2008-10-17", x_k="${aws:username}", aws_username="ann")
    assert not holds("StringEquals", "${aws:username}", version="2008-10-17", x_k="ann", aws_username="ann")


def test_a_resource_pattern_with_a_variable_that_has_no_value_matches_nothing() -> None:
    policy = policy_of(allow(resource="arn:aws:s3:::b/${aws:username}"))
    except_it = policy_of({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}"})
    request = request_of(resource="arn:aws:s3:::b/ann")
    known = request_of(resource="arn:aws:s3:::b/ann", aws_username="ann")

    assert document_allows(policy, known, DEFAULT)
    assert not document_allows(policy, request, DEFAULT)
    assert not document_allows(except_it, known, DEFAULT)
    assert document_allows(except_it, request, DEFAULT)


def test_a_colon_from_a_variable_does_not_divide_an_arn() -> None:
    pattern = "arn:aws:sqs:r:${aws:PrincipalTag/a}:q"
    given = {"aws:principaltag/a": ("1:x",)}

    assert not arn_matches(pattern, "arn:aws:sqs:r:1:x:q", context=given, variables=True)
    assert arn_matches(pattern, "arn:aws:sqs:r:1:x:q", mode="flat", context=given, variables=True)


@given(st.text(max_size=8), st.text(max_size=8))
def test_negation_is_the_complement_for_a_key_with_one_value(wanted: str, value: str) -> None:
    request = Request(Caller("anonymous"), "s3:GetObject", OBJECT, A, {"x:k": (value,)})
    template = policy_of(allow(Condition={"StringEquals": {"x:k": "v"}})).statements[0].conditions[0]

    for name in (n for n in OPERATORS if "Not" in n):
        yes, no = (
            Condition(type(template.operator)(n), "x:k", "x:k", (wanted,), template.location)
            for n in (name.replace("Not", "", 1), name)
        )
        assert condition_holds(yes, request, DEFAULT) is not condition_holds(no, request, DEFAULT)


@given(st.text(max_size=30))
def test_numbers_and_dates_are_read_or_not_but_never_fail(text: str) -> None:
    assert number(text) is None or isinstance(number(text), Decimal)
    assert moment(text) is None or isinstance(moment(text), Decimal)


def test_what_is_no_decimal_number_or_no_date_is_neither() -> None:
    assert [number(t) for t in ("NaN", "1e3", "١", "1_0", "", "-")] == [None] * 6
    assert [moment(t) for t in ("2024-13-01", "2024-01-01T25:00Z", "2024-01-01 00:00")] == [None] * 3
    assert moment("1970-01-01T00:00:00.25Z") == Decimal("0.25")


# --- requests


def test_a_request_survives_json() -> None:
    request = request_of(SESSION, aws_SourceIp="10.0.0.1", aws_TagKeys=["b", "a", "b"], aws_MultiFactorAuthPresent=True, s3_n=5)

    assert request.context == {
        "aws:sourceip": ("10.0.0.1",),
        "aws:tagkeys": ("b", "a"),
        "aws:multifactorauthpresent": ("true",),
        "s3:n": ("5",),
    }
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("*", "anonymous"),
        (A, "root"),
        (f"arn:aws:iam::{A}:root", "root"),
        (USER, "user"),
        (ROLE, "role-session"),
        (SESSION, "role-session"),
        ({"AWS": USER}, "user"),
        ("lambda.amazonaws.com", "service"),
        ({"Service": "any"}, "service"),
        ({"Federated": f"arn:aws:iam::{A}:saml-provider/p"}, "saml"),
        ({"Federated": "accounts.google.com"}, "web-identity"),
        ({"CanonicalUser": "79a5"}, "canonical"),
        ({"kind": "user", "name": USER}, "user"),
    ],
)
def test_callers_are_written_as_people_write_them(value: Any, kind: str) -> None:
    caller = Caller.parse(value)

    assert caller.kind == kind
    assert kind in CALLERS
    assert Caller.parse(caller.to_json()) == caller


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"principal": "me"}, "`me` is not a principal"),
        ({"principal": 5}, "`5` is not a principal"),
        ({"principal": {"kind": "god"}}, "`god` is not a kind of principal"),
        ({"principal": {"kind": "user", "arn": "x"}}, "`arn` is not part of a principal"),
        ({"principal": {"AWS": USER, "Service": "x"}}, "is not a principal"),
        ({"action": "s3:*"}, "`s3:*` is not one action"),
        ({"action": 1}, "`action` of the request should be a string"),
        ({"resource": None}, "`resource` of the request should be a string"),
        ({"context": []}, "`context` of the request should be an object"),
        ({"context": {"aws:a": {}}}, "the value of `aws:a`"),
        ({"context": {"aws:a": "1", "AWS:A": "2"}}, "has a key twice"),
        ({"when": "now"}, "`when` is not part of a request"),
    ],
)
def test_a_malformed_request_is_refused_with_advice(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        Request.from_json({"principal": USER, "action": "s3:GetObject", "resource": OBJECT} | change)

    assert says in caught.value.message
    assert caught.value.help


def test_a_request_lacks_nothing_that_it_must_have() -> None:
    for absent in ("principal", "action", "resource"):
        whole = {"principal": USER, "action": "s3:GetObject", "resource": OBJECT}
        del whole[absent]
        with pytest.raises(UsageError, match=f"the request has no `{absent}`"):
            Request.from_json(whole)
    with pytest.raises(UsageError, match="should be a JSON object"):
        Request.from_json([])


@pytest.mark.parametrize(
    ("principal", "implied"),
    [
        (USER, {"aws:principalarn": USER, "aws:username": "ann", "aws:principaltype": "User", "aws:principalaccount": A}),
        (A, {"aws:principalarn": f"arn:aws:iam::{A}:root", "aws:userid": A, "aws:principaltype": "Account"}),
        (ROLE, {"aws:principalarn": ROLE, "aws:principaltype": "AssumedRole"}),
        (SESSION, {"aws:principalarn": f"arn:aws:iam::{A}:role/reader"}),
        (f"arn:aws:sts::{A}:federated-user/bob", {"aws:userid": f"{A}:bob", "aws:principaltype": "FederatedUser"}),
        (
            {"Service": "sns.amazonaws.com"},
            {"aws:principalservicename": "sns.amazonaws.com", "aws:principalisawsservice": "true"},
        ),
    ],
)
def test_what_follows_from_a_request_is_filled_in(principal: Any, implied: dict[str, str]) -> None:
    context = complete(request_of(principal)).context

    assert {key: context[key] for key in implied} == {key: (value,) for key, value in implied.items()}
    assert context["aws:resourceaccount"] == (A,)
    assert ("aws:username" in context) == (principal == USER)


def test_keys_of_a_service_follow_for_its_own_requests_only() -> None:
    s3, kms = complete(request_of(action="S3:GetObject")).context, complete(request_of(action="KMS:Decrypt")).context

    assert (s3["s3:resourceaccount"], "kms:calleraccount" in s3) == ((A,), False)
    assert (kms["kms:calleraccount"], "s3:resourceaccount" in kms) == ((A,), False)


def test_nothing_about_a_principal_follows_for_the_anonymous_caller_and_given_keys_are_believed() -> None:
    assert not [key for key in complete(request_of("anonymous")).context if "principal" in key or "user" in key]
    assert complete(request_of(aws_username="eve")).context["aws:username"] == ("eve",)
    assert complete(request_of(aws_CalledVia=["a", "b"])).context["aws:calledvialast"] == ("b",)


# --- decisions

FULL = policy_of(allow("*"))
NOTHING = policy_of(allow("ec2:*"))
EVERYTHING_BUT = policy_of(deny("s3:*"), allow("*"))


def resource_policy(principal: Any, kind: Kind = Kind.RESOURCE, **more: Any) -> Policy:
    return policy_of(allow("s3:*", Principal=principal) | more, kind=kind)


def decided(request: Request, **given: Any) -> Decision:
    return decide(Attachments(**given), request, DEFAULT)


def test_in_one_account_an_identity_policy_or_the_resource_policy_by_name_is_enough() -> None:
    assert decided(request_of(), identity=(FULL,)).allowed
    assert decided(request_of(), resource=(resource_policy({"AWS": USER}),)).allowed
    assert decided(request_of(), resource=(resource_policy("*"),)).allowed
    assert decided(request_of(), resource=(resource_policy({"AWS": A}),)).result == "implicitly denied"
    assert decided(request_of()).result == "implicitly denied"


def test_across_accounts_both_sides_must_allow() -> None:
    theirs = request_of(owner=B)

    for principal in ("*", {"AWS": USER}, {"AWS": A}):
        assert decided(theirs, identity=(FULL,), resource=(resource_policy(principal),)).allowed
        assert not decided(theirs, resource=(resource_policy(principal),)).allowed
    assert not decided(theirs, identity=(FULL,)).allowed


@pytest.mark.parametrize("where", ["identity", "resource", "boundary", "session", "endpoint", "scp", "rcp"])
def test_an_explicit_deny_anywhere_wins(where: str) -> None:
    kind = Kind(where)
    principal = {"Principal": "*"} if kind.names_principals else {}
    both = policy_of(*([] if kind is Kind.RCP else [allow("*", **principal)]), deny("s3:Get*", **principal), kind=kind)
    attached: Any = (Level("root", (both,)),) if where in ("scp", "rcp") else (both,)

    decision = decided(request_of(), **({"identity": (FULL,)} | {where: attached}))

    assert decision.result == "explicitly denied"
    assert decision.steps[-1].traces or decision.steps
    [denial] = [s for s in decision.steps if s.outcome == "denies"]
    assert denial.location is not None
    assert denial.location.path == f"{where}.json"


@pytest.mark.parametrize("where", ["boundary", "session", "endpoint"])
def test_a_limit_must_allow_and_never_grants(where: str) -> None:
    kind = Kind(where)
    principal = {"Principal": "*"} if kind.names_principals else {}

    def limit(action: str) -> dict[str, Any]:
        return {where: (policy_of(allow(action, **principal), kind=kind),)}

    assert decided(request_of(), identity=(FULL,), **limit("s3:*")).allowed
    assert decided(request_of(), identity=(FULL,), **limit("ec2:*")).result == "implicitly denied"
    assert not decided(request_of(), **limit("s3:*")).allowed


@pytest.mark.parametrize(
    ("caller", "named", "allowed"),
    [
        (USER, USER, True),
        (SESSION, SESSION, True),
        (SESSION, ROLE, False),
        (SESSION, "*", True),
        (f"arn:aws:sts::{A}:federated-user/bob", f"arn:aws:sts::{A}:federated-user/bob", True),
        (f"arn:aws:sts::{A}:federated-user/bob", f"arn:aws:iam::{A}:user/bob", False),
    ],
)
def test_a_grant_to_the_very_caller_is_not_limited_by_what_a_boundary_leaves_out(caller: str, named: str, allowed: bool) -> None:
    granted = resource_policy({"AWS": named})

    assert decided(request_of(caller), resource=(granted,), boundary=(NOTHING,)).allowed is allowed
    assert decided(request_of(caller), resource=(granted,), session=(NOTHING,)).allowed is allowed
    assert not decided(request_of(caller), resource=(granted,), boundary=(EVERYTHING_BUT,)).allowed
    assert not decided(request_of(caller, owner=B), resource=(granted,), identity=(FULL,), boundary=(NOTHING,)).allowed


def test_service_control_policies_must_allow_at_every_level_and_spare_some_callers() -> None:
    full, none = Level("root", (FULL,)), Level("unit", (NOTHING,))
    public = (resource_policy("*"),)
    linked = f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"

    assert decided(request_of(), identity=(FULL,), scp=(full, Level("unit", (NOTHING, FULL)))).allowed
    refused = decided(request_of(), identity=(FULL,), scp=(full, none))
    assert refused.result == "implicitly denied"
    assert "`unit`" in refused.reason
    assert not decided(request_of(), identity=(FULL,), scp=(full, Level("empty", ()))).allowed
    assert not decided(request_of(A), scp=(none,)).allowed
    assert decided(request_of("anonymous"), resource=public, scp=(none,)).allowed
    assert decided(request_of(linked), identity=(FULL,), scp=(none,)).allowed


def test_resource_control_policies_only_take_away() -> None:
    level = Level("root", (policy_of(deny("s3:Put*", Principal="*"), kind=Kind.RCP),))
    public = (resource_policy("*"),)

    assert decided(request_of("anonymous"), resource=public, rcp=(level,)).allowed
    assert decided(request_of("anonymous", action="s3:PutObject"), resource=public, rcp=(level,)).result == "explicitly denied"


def test_the_root_user_needs_no_identity_policy_in_its_own_account() -> None:
    assert decided(request_of(A)).allowed
    assert not decided(request_of(A, owner=B)).allowed
    assert decided(request_of(A, owner=B), resource=(resource_policy({"AWS": A}),)).allowed


def test_callers_without_an_account_need_a_resource_policy_that_names_them() -> None:
    service = {"Service": "cloudtrail.amazonaws.com"}

    assert decided(request_of("anonymous"), resource=(resource_policy("*"),)).allowed
    assert not decided(request_of("anonymous"), identity=(FULL,)).allowed
    assert not decided(request_of("anonymous"), resource=(resource_policy({"AWS": A}),)).allowed
    assert decided(request_of(service), resource=(resource_policy(service),)).allowed
    assert not decided(request_of(service), identity=(FULL,)).allowed


KEY = f"arn:aws:kms:eu-west-1:{A}:key/1"


def test_a_key_policy_decides_whether_identity_policies_count() -> None:
    request = request_of(action="kms:Decrypt", resource=KEY)
    by_account = policy_of(allow("kms:*", Principal={"AWS": A}), kind=Kind.RESOURCE)
    by_name = policy_of(allow("kms:*", Principal={"AWS": USER}), kind=Kind.RESOURCE)

    assert not decided(request, identity=(FULL,)).allowed
    assert not decided(request, resource=(by_account,)).allowed
    assert decided(request, identity=(FULL,), resource=(by_account,)).allowed
    assert decided(request, resource=(by_name,)).allowed
    assert decided(request_of(action="kms:ListKeys", resource="*", owner=""), identity=(FULL,)).allowed


def trust(principal: Any, action: str = "sts:AssumeRole") -> Policy:
    return policy_of({"Effect": "Allow", "Principal": principal, "Action": action}, kind=Kind.TRUST)


def test_assuming_a_role_needs_its_trust_policy() -> None:
    request = request_of(action="sts:AssumeRole", resource=ROLE)
    token = request_of({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity", ROLE)

    assert not decided(request, identity=(FULL,)).allowed
    assert decided(request, resource=(trust({"AWS": USER}),)).allowed
    assert not decided(request, resource=(trust({"AWS": A}),)).allowed
    assert decided(request, identity=(FULL,), resource=(trust({"AWS": A}),)).allowed
    federated = trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity")
    assert decided(token, resource=(federated,)).allowed


def test_everyone_with_an_identity_may_ask_who_they_are() -> None:
    request = request_of(action="sts:GetCallerIdentity", resource="*", owner="")

    decision = decided(request, identity=(policy_of(deny("*")),))

    assert (decision.allowed, decision.explicit, decision.result) == (True, False, "allowed")
    assert not decided(request_of("anonymous", "sts:GetCallerIdentity", "*", "")).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:DeletePolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:PassRole", f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/x"),
        ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{A}:alias/aws/s3"),
    ],
)
def test_what_services_keep_for_themselves_is_denied(action: str, resource: str) -> None:
    decision = decided(request_of(action=action, resource=resource), identity=(FULL,))

    assert decision.result == "implicitly denied"
    assert "AWS" in decision.reason


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:DeletePolicy", f"arn:aws:iam::{A}:policy/mine"),
        ("iam:PassRole", f"arn:aws:iam::{A}:role/aws-reserved-not"),
        ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{A}:alias/mine"),
        ("kms:DescribeKey", f"arn:aws:kms:eu-west-1:{A}:alias/aws/s3"),
        ("s3:PutObject", "arn:aws:s3:::role/aws-reserved/x"),
    ],
)
def test_services_keep_nothing_else_for_themselves(action: str, resource: str) -> None:
    assert decided(request_of(action=action, resource=resource), identity=(FULL,)).allowed


def test_across_accounts_the_reason_says_which_side_is_missing() -> None:
    theirs = request_of(owner=B)
    public = (resource_policy("*"),)

    assert decided(theirs, resource=public).reason.endswith("what lacks is an identity policy within the caller's limits")
    assert decided(theirs, identity=(FULL,)).reason.endswith("what lacks is the resource policy")
    assert decided(theirs, identity=(FULL,), resource=public).reason.startswith("both accounts allow it")


def test_a_bounded_caller_cannot_be_excepted_from_a_deny() -> None:
    given: dict[str, Any] = {"identity": (FULL,), "resource": (not_principal("Deny", USER),)}

    assert decided(request_of(), **given).allowed
    assert decided(request_of(), boundary=(FULL,), **given).result == "explicitly denied"


def test_the_owner_of_a_resource_must_be_known() -> None:
    with pytest.raises(UsageError, match="does not say which account owns `arn:aws:s3:::b/k`"):
        decided(request_of(owner=""), identity=(FULL,))
    assert not decided(request_of("anonymous", owner="")).allowed


def test_a_decision_tells_step_by_step_how_it_came_about() -> None:
    decision = decided(request_of(action="s3:PutObject"), identity=(policy_of(allow("s3:Get*")),), boundary=(FULL,))

    told = decision.to_json()

    assert told["result"] == "implicitly denied"
    assert [(s["what"], s["outcome"]) for s in told["steps"]] == [
        ("the identity policies", "does not allow"),
        ("the boundary", "allows"),
    ]
    assert told["steps"][0]["reason"] == "statement 1 is not about the action `s3:PutObject`"
    assert told["steps"][0]["location"]["pointer"] == "/Statement/0/Action"


# --- a directory of policies


def source(path: str, *statements: dict[str, Any]) -> Source:
    return Source(path, json.dumps({"Version": "2012-10-17", "Statement": list(statements)}).encode())


def test_a_directory_says_by_folders_and_names_what_is_attached_where() -> None:
    sources = [
        source("org/scp/2-unit/a.json", allow("s3:*")),
        source("org/scp/1-root/full.json", allow("*")),
        source("org/rcp/r.json", deny("s3:Put*", Principal="*")),
        source("ann.json", allow("s3:Get*")),
        source("limit.boundary.json", allow("*")),
        source("bucket.json", allow("s3:*", Principal="*")),
        source("role.trust.json", {"Effect": "Allow", "Principal": {"AWS": A}, "Action": "sts:AssumeRole"}),
    ]

    attached = load_attachments(sources, request_of())
    for_role = load_attachments(sources, request_of(action="sts:AssumeRole", resource=ROLE))

    assert [level.name for level in attached.scp] == ["1-root", "2-unit"]
    assert [level.name for level in attached.rcp] == ["organisation"]
    assert [p.path for p in attached.identity] == ["ann.json"]
    assert [p.path for p in attached.resource] == ["bucket.json"]
    assert [p.path for p in attached.boundary] == ["limit.boundary.json"]
    assert [p.path for p in for_role.resource] == ["role.trust.json"]
    assert decide(attached, request_of(), DEFAULT).allowed


# --- the readings agree with each other

actions = st.sampled_from(["s3:GetObject", "s3:Get*", "*", "ec2:*", "S3:PutObject"])
resources = st.sampled_from(
    ["*", OBJECT, "arn:aws:s3:::b/*", "arn:aws:s3:::*", "arn:aws:ec2:*:*:*", "arn:aws:s3:::b/${aws:username}"]
)
conditions = st.sampled_from(
    [{}, {"Bool": {"aws:SecureTransport": "true"}}, {"StringNotLike": {"aws:username": "a*"}}, {"Null": {"aws:username": "true"}}]
)
statements = st.builds(
    lambda effect, a, r, c: {"Effect": effect, "Action": a, "Resource": r, "Condition": c},
    st.sampled_from(["Allow", "Deny"]),
    actions,
    resources,
    conditions,
)


@given(st.lists(statements, min_size=1, max_size=4), st.sampled_from([{}, {"aws_SecureTransport": True}]))
def test_traces_single_documents_and_decisions_agree(given_statements: list[dict[str, Any]], context: dict[str, Any]) -> None:
    policy = policy_of(*given_statements)
    request = complete(request_of(**context))

    allowed = document_allows(policy, request, DEFAULT)

    for statement in policy.statements:
        assert trace(policy, statement, request, DEFAULT).matched is matches(statement, request, DEFAULT)
    assert decide(Attachments(identity=(policy,)), request, DEFAULT).allowed is allowed
    [read_back] = read(source("p.json", *given_statements), {})
    assert document_allows(read_back, request, DEFAULT) is allowed
