"""What is read, what is refused and where, and that nothing else ever happens."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.access.artefacts import Kind, Operator, Policy, inputs, kind_of, read
from probatum.access.artefacts.document import MAX_DEPTH, parse
from probatum.errors import ConfigurationError, ProbatumError, UnreadableArtefact, UnsupportedConstruct
from probatum.source import Source

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def policy_of(document: Any, path: str = "p.json", **options: Any) -> Policy:
    text = document if isinstance(document, str) else json.dumps(document)
    [policy] = read(Source(path, text.encode()), options)
    return policy


def with_statement(**changes: Any) -> dict[str, Any]:
    members = {name: value for name, value in (ALLOW | changes).items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [members]}


def refusal(document: Any, path: str = "p.json", **options: Any) -> ProbatumError:
    with pytest.raises(UnreadableArtefact) as caught:
        policy_of(document, path, **options)
    return caught.value


# --- JSON


def test_every_part_of_a_policy_knows_its_line_column_and_pointer() -> None:
    policy = policy_of('{\n "Statement": {\n  "Effect": "Allow", "Action": ["s3:*",\n   "e:x"], "Resource": "*",\n'
                       '  "Condition": {"Bool": {"aws:a/b~c": true}}}}')  # fmt: skip

    [statement] = policy.statements
    first, second = statement.action_locations

    assert (first.line, first.column, first.end_line, first.end_column) == (3, 33, 3, 39)
    assert (second.line, second.column, second.end_column, second.pointer) == (4, 4, 9, "/Statement/Action/1")
    assert (statement.location.line, statement.location.end_line) == (2, 5)
    assert statement.conditions[0].location.pointer == "/Statement/Condition/Bool/aws:a~1b~0c"


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        (" \n ", 1, 1, "empty"),
        ('{"a": 1,}', 1, 9, "`,` is followed by `}`"),
        ("{'a': 1}", 1, 2, "expected a key"),
        ('{"a": NaN}', 1, 7, "`NaN`"),
        ('{"a": Infinity}', 1, 7, "`Infinity`"),
        ('{"a": 01}', 1, 8, "expected `,` or `}`"),
        ('{"a": 1} // x', 1, 10, "`/` follows"),
        ('{"a": 1}\n{"b": 2}', 2, 1, "`{` follows"),
        ('{"a" 1}', 1, 6, "expected `:`"),
        ('{"a": "x y', 1, 7, "not closed"),
        ('{"a": "x\ny"}', 1, 9, "line break"),
        ('{"a": "\\q"}', 1, 8, "`\\q` is not an escape"),
        ('{"a": "\\ud800"}', 1, 7, "half of a surrogate pair"),
        ('{"a": 1,\n "a": 2}', 2, 2, "given twice in one object, first in line 1"),
        ("[1 2]", 1, 4, "expected `,` or `]`"),
        ("[", 1, 2, "the end of the file"),
        ("[" * (MAX_DEPTH + 1), 1, MAX_DEPTH + 1, "nested more than"),
    ],
)
def test_text_that_is_not_strict_json_is_refused_at_the_first_wrong_character(
    text: str, line: int, column: int, says: str
) -> None:
    error = refusal(text)

    assert says in error.message
    assert error.help
    assert error.location is not None
    assert (error.location.line, error.location.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{'a': 1}", "keys stand in double quotes"),
        ("{// x\n}", "JSON has no comments"),
        ("{\"a\": 'x'}", "strings stand in double quotes"),
        ('{"a": /* x */ 1}', "JSON has no comments"),
        ('{"a": nope}', "write it as JSON (RFC 8259)"),
    ],
)
def test_habits_from_other_notations_are_answered_with_how_json_says_it(text: str, advice: str) -> None:
    assert refusal(text).help == advice


def test_escapes_are_read_as_characters_and_surrogate_pairs_are_joined() -> None:
    node = parse('{"\\u0061": "\\ud83d\\ude00\\n\\/"}', "p.json")

    assert node.plain() == {"a": "😀\n/"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.booleans(), st.sampled_from([None, 1]))
def test_valid_json_is_read_as_the_standard_library_reads_it(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    assert parse(text, "p.json").plain() == json.loads(text, parse_int=str, parse_float=str)


json_like = st.text(alphabet="{}[]\":,\\/ \n\tu0d8e1-+.truefalsnN'é#", max_size=40)


@given(json_like)
def test_a_text_is_accepted_exactly_if_the_standard_library_accepts_it_strictly(text: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("duplicate")
        return dict(pairs)

    def constant(name: str) -> Any:
        raise ValueError(name)

    try:
        expected = json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=constant)
        json.dumps(expected, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    except (ValueError, RecursionError):
        with pytest.raises(UnreadableArtefact):
            parse(text, "p.json")
    else:
        assert parse(text, "p.json").plain() == expected


words = st.sampled_from([
    "Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
    "NotResource", "Condition", "AWS", "Service", "*", "Allow", "Deny", "2012-10-17", "s3:Get*", "arn:aws:s3:::b/${a:b}",
    "StringNotLike", "ForAnyValue:ArnLikeIfExists", "NumericNotEquals", "aws:x", "111122223333", "${", "Document", "Policy",
    "Resources", "AWS::S3::Bucket", "Type", "%7B%7D", "%FF",
])  # fmt: skip
policy_like = st.recursive(
    words | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=20,
)


@given(policy_like, st.sampled_from(["p.json", "scp/p.json", "p.rcp.json", "p.trust.json"]))
def test_whatever_stands_in_a_file_reading_it_ends_in_a_policy_or_in_an_error_for_people(value: Any, path: str) -> None:
    try:
        [policy] = read(Source(path, json.dumps(value).encode()), {})
    except ProbatumError as error:
        assert error.help  # noqa: PT017 - both ends of the reading are facts here
        assert error.location is not None  # noqa: PT017 - any other error must escape, so it cannot be `raises`
    else:
        assert policy.statements


@given(st.binary(max_size=60))
def test_arbitrary_bytes_end_in_an_error_for_people(raw: bytes) -> None:
    with pytest.raises(ProbatumError):
        read(Source("p.json", raw), {})


# --- policies


def test_a_single_value_stands_for_a_list_of_one() -> None:
    one = policy_of({"Statement": ALLOW})
    many = policy_of({"Statement": [ALLOW | {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}]})

    assert one.statements[0].actions == many.statements[0].actions == ("s3:GetObject",)
    assert one.statements[0].resources == many.statements[0].resources


def test_without_a_version_variables_are_text() -> None:
    assert not policy_of({"Statement": ALLOW}).variables_active
    assert policy_of({"Version": "2012-10-17", "Statement": ALLOW}).variables_active


def test_numbers_and_truth_values_in_conditions_are_text_as_written() -> None:
    policy = policy_of('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": '
                       '{"numericequalsifexists": {"AWS:Age": [1.0, 10]}, "foranyvalue:BOOL": {"aws:b": true}}}}')  # fmt: skip

    first, second = policy.statements[0].conditions

    assert (first.operator, first.key, first.key_text) == (Operator("NumericEquals", "", True), "aws:age", "AWS:Age")
    assert first.values == ("1.0", "10")
    assert (second.operator, second.values) == (Operator("Bool", "ForAnyValue"), ("true",))


@pytest.mark.parametrize(
    ("document", "pointer", "says"),
    [
        ([ALLOW], "", "a policy should be an object, not a list"),
        ({"Version": "2012-10-17"}, "", "no `Statement`"),
        ({"Statement": []}, "/Statement", "no statements"),
        ({"Statement": [1]}, "/Statement/0", "a statement should be an object"),
        ({"Version": "2012-10-18", "Statement": ALLOW}, "/Version", "not a version"),
        ({"Statement": ALLOW, "statement": ALLOW}, "/statement", "not an element of a policy"),
        (with_statement(Effect=None), "/Statement/0", "no `Effect`"),
        (with_statement(Effect="allow"), "/Statement/0/Effect", "`allow` is not an effect"),
        (with_statement(Actions="s3:*"), "/Statement/0/Actions", "`Actions` is not an element"),
        (with_statement(Action=None), "/Statement/0", "neither `Action` nor `NotAction`"),
        (with_statement(NotAction="s3:*"), "/Statement/0/NotAction", "both `Action` and `NotAction`"),
        (with_statement(NotResource="*"), "/Statement/0/NotResource", "both `Resource` and `NotResource`"),
        (with_statement(Action=[]), "/Statement/0/Action", "empty"),
        (with_statement(Action=["GetObject"]), "/Statement/0/Action/0", "`GetObject` is not an action"),
        (with_statement(Action="a:b:c"), "/Statement/0/Action", "not an action"),
        (with_statement(Action=[5]), "/Statement/0/Action/0", "should be a string, not a number"),
        (with_statement(Resource=None), "/Statement/0", "names no resource"),
        (with_statement(Principal="me"), "/Statement/0/Principal", "not a principal"),
        (with_statement(Principal={}), "/Statement/0/Principal", "nobody is named"),
        (with_statement(Principal={"AWS": []}), "/Statement/0/Principal/AWS", "empty"),
        (with_statement(Principal={"aws": "*"}), "/Statement/0/Principal/aws", "not a type of principal"),
        (
            with_statement(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}),
            "/Statement/0/Principal/AWS",
            "has a wildcard",
        ),
        (with_statement(Condition={"StringEqual": {}}), "/Statement/0/Condition/StringEqual", "not a condition operator"),
        (with_statement(Condition={"ForSome:Bool": {}}), "/Statement/0/Condition/ForSome:Bool", "not a condition operator"),
        (with_statement(Condition={"NullIfExists": {}}), "/Statement/0/Condition/NullIfExists", "cannot be combined"),
        (with_statement(Condition={"Null": {"aws:x": "no"}}), "/Statement/0/Condition/Null/aws:x", "not a value for `Null`"),
        (with_statement(Condition={"Bool": {"secure": "true"}}), "/Statement/0/Condition/Bool/secure", "not a condition key"),
        (with_statement(Condition={"Bool": {"aws:x": None}}), "/Statement/0/Condition/Bool/aws:x", "found null"),
        (
            with_statement(Condition={"Bool": {"aws:x": "true", "AWS:X": "false"}}),
            "/Statement/0/Condition/Bool/AWS:X",
            "given twice",
        ),
        (
            with_statement(Condition={"Bool": {"aws:x": "true"}, "bool": {"aws:x": "false"}}),
            "/Statement/0/Condition/bool/aws:x",
            "given twice",
        ),
    ],
)
def test_what_services_refuse_is_refused_with_its_place_and_what_to_do(document: Any, pointer: str, says: str) -> None:
    error = refusal(document)

    assert says in error.message
    assert error.help
    assert error.location is not None
    assert error.location.pointer == pointer


def test_a_misspelt_element_is_answered_with_the_nearest_known_one() -> None:
    assert refusal(with_statement(Ressource="*")).help == "did you mean `Resource`?"
    assert refusal(with_statement(EFFECT="Allow")).help == "did you mean `Effect`?"
    assert refusal(with_statement(Condition={"StringEqual": {}})).help == "did you mean `StringEquals`?"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Action": "s3:${aws:username}"}, "a policy variable in an action"),
        ({"Resource": "execute-api:/*"}, "a resource that is not an ARN"),
        ({"Resource": "arn:aws:s3:::${aws:username"}, "a malformed policy variable"),
        ({"Resource": "arn:aws:s3:::${}"}, "a malformed policy variable"),
        ({"Principal": {"Service": "*"}}, "every principal of type `Service`"),
        ({"Principal": {"AWS": "somebody"}}, "a principal that is no account, ARN or unique id"),
        ({"Condition": {"Bool": {"aws:x": "${aws:y}"}}}, "a policy variable under `Bool`"),
        ({"Condition": {"ForAnyValue:Null": {"aws:x": "true"}}}, "`ForAnyValue:Null`"),
        ({"Condition": {"ArnLike": {"aws:x": "${aws:y}"}}}, "a policy variable for more than one part of an ARN"),
        ({"Condition": {"NotIpAddress": {"aws:x": "here"}}}, "`here`, which is no value for `NotIpAddress`,"),
        ({"Condition": {"ArnNotLike": {"aws:x": "*"}}}, "`*`, which is no value for `ArnNotLike`,"),
        ({"Condition": {"DateNotEquals": {"aws:x": "soon"}}}, "`soon`, which is no value for `DateNotEquals`,"),
    ],
)
def test_what_has_no_settled_meaning_is_kept_by_name(changes: dict[str, Any], what: str) -> None:
    policy = policy_of(with_statement(**changes))

    [item] = policy.unsupported

    assert item.what == what
    assert item.location.line is not None


def test_well_formed_variables_are_supported_where_they_act() -> None:
    policy = policy_of(
        with_statement(
            Resource=["arn:aws:s3:::b/${aws:username}/${*}", "arn:aws:sqs:*:${aws:PrincipalAccount}:q"],
            Condition={
                "StringLike": {"s3:prefix": "${aws:PrincipalTag/team, 'none'}/*"},
                "ArnLike": {"aws:SourceArn": "arn:aws:iam::${aws:PrincipalAccount}:role/x"},
            },
        )
    )

    assert policy.unsupported == ()


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericNotEquals", "-1.5"),
        ("NumericNotEquals", 7),
        ("DateNotEquals", "2024-01-01T00:00:00Z"),
        ("DateNotEquals", "1704067200"),
        ("ArnNotLike", "arn:aws:iam::111122223333:role/*"),
        ("ArnNotEquals", "arn:aws:sns:r:111122223333:t:s"),
        ("NotIpAddress", "10.1.2.3/8"),
        ("NotIpAddress", "2001:db8::1"),
        ("StringNotLike", "anything"),
        ("NumericEquals", "ten"),
        ("IpAddress", "<range>"),
    ],
)
def test_well_formed_values_under_negated_operators_and_any_under_positive_ones_are_supported(operator: str, value: Any) -> None:
    assert policy_of(with_statement(Condition={operator: {"aws:x": value}})).unsupported == ()


def test_principals_keep_their_type_and_everyone_has_one_spelling() -> None:
    several = {"AWS": ["*", "111122223333"], "Service": "sns.amazonaws.com"}

    [bare] = policy_of(with_statement(Principal="*")).statements
    [mixed] = policy_of(with_statement(Principal=None, NotPrincipal=several)).statements

    assert bare.principals is not None
    assert [(e.type, e.value) for e in bare.principals.entries] == [("*", "*")]
    assert mixed.principals is not None
    assert mixed.principals.negated
    assert [(e.type, e.value) for e in mixed.principals.entries] == [
        ("*", "*"),
        ("AWS", "111122223333"),
        ("Service", "sns.amazonaws.com"),
    ]


# --- kinds


@pytest.mark.parametrize(
    ("path", "changes", "kind"),
    [
        ("p.json", {}, Kind.IDENTITY),
        ("p.json", {"Principal": "*"}, Kind.RESOURCE),
        ("p.json", {"Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole", "Resource": None}, Kind.TRUST),
        ("p.json", {"Principal": {"AWS": "111122223333"}, "Action": ["sts:AssumeRole"]}, Kind.RESOURCE),
        ("p.boundary.json", {}, Kind.BOUNDARY),
        ("a/scp/root/p.json", {}, Kind.SCP),
        ("service_control_policies/p.json", {}, Kind.SCP),
        ("src/main/resources/p.json", {}, Kind.IDENTITY),
        ("scp/p.session.json", {}, Kind.SESSION),
        ("a/endpoint/p.json", {"Principal": "*"}, Kind.ENDPOINT),
    ],
)
def test_the_kind_follows_from_name_folder_and_shape(path: str, changes: dict[str, Any], kind: Kind) -> None:
    assert policy_of(with_statement(**changes), path).kind is kind


def test_a_policy_is_a_trust_policy_only_if_all_its_statements_are_about_assuming_a_role() -> None:
    assume = {"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]}
    other = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}

    assert policy_of({"Statement": [assume, assume]}).kind is Kind.TRUST
    assert policy_of({"Statement": [assume, other]}).kind is Kind.RESOURCE
    assert policy_of({"Statement": [assume | {"Action": ["sts:AssumeRole", "ecr:GetImage"]}]}).kind is Kind.RESOURCE


def test_a_configured_kind_wins_and_must_be_one() -> None:
    assert kind_of("a/scp/p.json", {"kinds": {"a/*": "boundary"}}) is Kind.BOUNDARY
    with pytest.raises(ConfigurationError, match="`limit`, given for"):
        kind_of("p.json", {"kinds": {"*": "limit"}})


@pytest.mark.parametrize(
    ("path", "changes", "says"),
    [
        ("p.identity.json", {"Principal": "*"}, "an identity policy names a principal"),
        ("p.scp.json", {"Principal": "*"}, "a service control policy names a principal"),
        ("p.resource.json", {}, "a resource policy names no principal"),
        ("p.endpoint.json", {}, "an endpoint policy names no principal"),
        ("p.trust.json", {"Principal": "*"}, "a trust policy names a resource"),
        ("p.rcp.json", {"Principal": "*"}, "a resource control policy allows"),
        ("p.rcp.json", {"Principal": {"AWS": "111122223333"}, "Effect": "Deny"}, "names principals"),
        ("p.rcp.json", {"Principal": "*", "Effect": "Deny", "Action": None, "NotAction": "s3:*"}, "has `NotAction`"),
    ],
)
def test_each_kind_has_elements_it_must_not_lack_or_have(path: str, changes: dict[str, Any], says: str) -> None:
    assert says in refusal(with_statement(**changes), path).message


def test_the_control_policy_that_allows_everything_is_read() -> None:
    everything = with_statement(Principal="*", Action="*", Resource="*")

    assert policy_of(everything, "rcp/p.json").kind is Kind.RCP


# --- wrappers and other documents


@pytest.mark.parametrize(
    "wrap",
    [
        lambda d: {"PolicyName": "x", "Document": d},
        lambda d: {"PolicyDocument": d, "UserName": "u"},
        lambda d: {"PolicyVersion": {"Document": d, "VersionId": "v1"}},
        lambda d: {"Policy": json.dumps(d)},
        lambda d: {"PolicyDocument": quote(json.dumps(d))},
        lambda d: quote(json.dumps(d)),
    ],
    ids=["Document", "PolicyDocument", "PolicyVersion", "text", "percent-encoded member", "percent-encoded file"],
)
def test_policies_are_found_in_what_interfaces_return(wrap: Any) -> None:
    policy = policy_of(wrap(with_statement()))

    assert policy.statements[0].actions == ("s3:GetObject",)


def test_places_in_an_embedded_document_are_those_of_the_string() -> None:
    error = refusal('{\n  "Policy": "{\\"Statement\\": []}"\n}')

    assert error.location is not None
    assert (error.location.line, error.location.column, error.location.pointer) == (2, 13, "/Policy")


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"Resources": {"B": {"Type": "AWS::S3::Bucket"}, "C": {}}}, "CloudFormation"),
        ({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}}, "Terraform"),
        ({"UserDetailList": [], "RoleDetailList": [], "Policies": []}, "authorisation details"),
    ],
)
def test_other_documents_with_policies_inside_are_named(document: Any, name: str) -> None:
    with pytest.raises(UnsupportedConstruct, match=name):
        policy_of(document)


def test_an_object_that_merely_has_resources_is_no_template() -> None:
    for resources in ({"B": {"Type": "bucket"}}, {"B": {"Type": 1}}, {"B": 1}, [1]):
        assert "not an element of a policy" in refusal({"Resources": resources}).message


def test_marked_and_wide_encodings_are_read() -> None:
    text = json.dumps(with_statement())

    for encoding in ("utf-8-sig", "utf-16"):
        [policy] = read(Source("p.json", text.encode(encoding)), {})
        assert policy.location.column == 1


def test_the_reference_of_a_policy_is_a_further_input() -> None:
    options = {"reference": {"a/*": "baseline/a.json", "*": "git:main"}}

    assert inputs("a/p.json", options) == ("baseline/a.json",)
    assert inputs("b.json", options) == ("git:main:b.json",)
    assert inputs("b.json", {}) == ()
