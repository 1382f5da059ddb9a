"""Repairs of policies: what they change, what they leave alone, and that they never let anybody in."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_strategies import document

from probatum import engine
from probatum.access.artefacts import Policy, read
from probatum.access.artefacts.document import parse
from probatum.access.recheck import recheck
from probatum.access.repair import propose
from probatum.access.repair.editing import Editor, applied, at
from probatum.access.rules import (
    administrator_equivalent,
    confused_deputy,
    deny_never_applies,
    forbidden_access,
    grants_nothing,
    new_access,
    outside_access,
    public_access,
    s3_definition_differs,
)
from probatum.access.semantics import Request, Settings, document_allows
from probatum.evidence import CONFIRMED, Counterexample, from_json
from probatum.findings import Finding, Repair
from probatum.solve.replay import recheck as replayed
from probatum.source import Source
from probatum.testing.promises import applied as edited
from probatum.tools import Tools

RULES = (
    administrator_equivalent,
    confused_deputy,
    deny_never_applies,
    forbidden_access,
    grants_nothing,
    new_access,
    outside_access,
    public_access,
    s3_definition_differs,
)
OPTIONS = {
    "trusted-accounts": ["111111111111"],
    "trusted-organisations": ["o-a1b2c3d4e5"],
    "never-grant": [{"actions": ["s3:PutObject"]}],
}
PUBLIC: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
    ],
}


def one(source: Source, kinds: dict[str, str] | None = None) -> Policy:
    [policy] = read(source, {"kinds": kinds or {}})
    return policy


def tools_for(source: Source, options: dict[str, Any], **inputs: str) -> Tools:
    further = {name: Source(name, text.encode()) for name, text in inputs.items()}
    return Tools(options=options, inputs={source.path: source, **further})


def repairs(rule: Any, source: Source, options: dict[str, Any], **inputs: str) -> list[tuple[Repair, str]]:
    """Repairs of the first finding of a rule, each with the text after it."""
    tools = tools_for(source, options, **inputs)
    policy = one(source)
    finding = next(o for o in rule.check(policy, tools) if isinstance(o, Finding))
    return [(r, edited(source, r.edits).text().content) for r in propose(policy, finding, tools)]


def written(value: Any, style: str) -> str:
    match style:
        case "one line":
            return json.dumps(value)
        case "no spaces":
            return json.dumps(value, separators=(",", ":"))
        case "tabs":
            return json.dumps(value, indent="\t") + "\n"
        case "windows":
            return json.dumps(value, indent=4).replace("\n", "\r\n") + "\r\n"
    return json.dumps(value, indent=2) + "\n"


def confirmed(policy: Policy, repair: Repair) -> bool:
    """Whether the evidence of a repair, from JSON, is confirmed by who re-checks its method."""
    evidence = from_json(json.loads(json.dumps(repair.verified.to_json())))
    return (replayed(evidence) if evidence.method.startswith("solve/") else recheck(policy, evidence, {})) == CONFIRMED


STYLES = ("one line", "no spaces", "tabs", "windows", "two spaces")


def proposals(source: Source, options: dict[str, Any]) -> Iterator[tuple[Any, Finding, Repair, Source]]:
    policy, tools = one(source), tools_for(source, options)
    for rule in RULES:
        for finding in rule.check(policy, tools):
            if isinstance(finding, Finding):
                for repair in propose(policy, finding, tools):
                    yield rule, finding, repair, edited(source, repair.edits)


@pytest.mark.slow  # each example puts a policy to all rules many times
@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from(STYLES))
def test_a_repair_clears_the_finding_and_lets_nobody_in(seed: int, principals: bool, style: str) -> None:
    source = Source("p.json", written(document(random.Random(seed), principals=principals), style).encode())
    policy = one(source)
    kinds = {"**": policy.kind.value}
    for rule, finding, repair, after in proposals(source, OPTIONS):
        now = one(after, kinds)
        identities = [o.anchor for o in rule.check(now, tools_for(after, OPTIONS)) if isinstance(o, Finding)]
        before = [o.anchor for o in rule.check(policy, tools_for(source, OPTIONS)) if isinstance(o, Finding)]
        assert identities.count(finding.anchor) < before.count(finding.anchor)
        if repair.verified is not None:
            assert confirmed(policy, repair)
            if repair.verified.method.startswith("access/"):
                assert repair.verified.certificate["claim"]["a"]["text"] == after.text().content
        if isinstance(finding.evidence, Counterexample) and "request" in finding.evidence.given:
            request = Request.from_json(finding.evidence.given["request"])
            assert not document_allows(now, request, Settings())


@pytest.mark.slow  # as above
@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from(STYLES))
def test_a_repair_is_written_like_the_rest_of_the_file(seed: int, principals: bool, style: str) -> None:
    source = Source("p.json", written(document(random.Random(seed), principals=principals), style).encode())
    for _, _, _, after in proposals(source, OPTIONS):
        text = after.text().content
        assert text == written(json.loads(text), style)


@pytest.mark.parametrize("style", STYLES)
def test_the_trusted_accounts_take_the_place_of_everyone(style: str) -> None:
    source = Source("p.json", written(PUBLIC, style).encode())

    [(repair, text), *_] = repairs(public_access, source, {"trusted-accounts": ["111111111111", "222222222222"]})

    assert repair.title == "let only the trusted accounts in by `Read`"
    wanted = json.loads(json.dumps(PUBLIC))
    wanted["Statement"][0]["Principal"] = {"AWS": ["111111111111", "222222222222"]}
    assert text == written(wanted, style)
    assert repair.verified is not None


@pytest.mark.parametrize("style", STYLES)
def test_a_condition_on_the_organisation_comes_last_in_the_statement(style: str) -> None:
    source = Source("p.json", written(PUBLIC, style).encode())

    [(_, text), *_] = repairs(public_access, source, {"trusted-organisations": ["o-a1b2c3d4e5"]})

    wanted = json.loads(json.dumps(PUBLIC))
    wanted["Statement"][0]["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert text == written(wanted, style)


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        ({}, {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        ({"stringequals": {"s3:prefix": "a"}}, {"stringequals": {"s3:prefix": "a", "aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        (
            {"StringLike": {"s3:prefix": "a"}},
            {"StringLike": {"s3:prefix": "a"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        ),
    ],
)
def test_a_condition_joins_those_that_are_there(condition: Any, after: Any) -> None:
    value = json.loads(json.dumps(PUBLIC))
    value["Statement"][0]["Condition"] = condition
    source = Source("p.json", written(value, "two spaces").encode())

    [(_, text), *_] = repairs(public_access, source, {"trusted-organisations": ["o-a1b2c3d4e5"]})

    assert json.loads(text)["Statement"][0]["Condition"] == after


def test_without_a_trust_zone_the_statement_is_removed_if_others_remain() -> None:
    source = Source("p.json", written(PUBLIC, "windows").encode())

    [(repair, text)] = repairs(public_access, source, {})

    assert repair.title == "remove `Read`"
    assert text == written(PUBLIC | {"Statement": PUBLIC["Statement"][1:]}, "windows")


def test_nothing_is_proposed_where_only_the_owner_can_tell() -> None:
    source = Source("p.json", written(PUBLIC | {"Statement": PUBLIC["Statement"][:1]}, "tabs").encode())

    assert repairs(public_access, source, {}) == []


def test_each_public_statement_is_found_and_repaired_for_itself() -> None:
    first, own = PUBLIC["Statement"]
    value = PUBLIC | {"Statement": [first, own, first | {"Sid": "List", "Action": "s3:ListBucket"}]}
    source = Source("p.json", written(value, "two spaces").encode())
    policy, tools = one(source), tools_for(source, {})

    after = [
        [edited(source, r.edits).text().content for r in propose(policy, finding, tools)]
        for finding in public_access.check(policy, tools)
    ]

    assert after == [[written(value | {"Statement": left}, "two spaces")] for left in (value["Statement"][1:], [first, own])]


def test_an_outsider_is_taken_out_and_the_others_stay() -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ["111111111111", "222222222222"]},
            "Action": "sts:AssumeRole",
        },
    }
    source = Source("p.json", written(value, "tabs").encode())

    [(repair, text)] = repairs(outside_access, source, {"trusted-accounts": ["111111111111"]})

    assert repair.title == "take who is not trusted out of statement 1"
    assert json.loads(text)["Statement"]["Principal"] == {"AWS": "111111111111"}


def test_a_service_acts_for_the_owner_of_the_resource() -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "arn:aws:sqs:eu-west-1:111111111111:q",
            }
        ],
    }
    source = Source("p.json", written(value, "two spaces").encode())

    [(repair, text)] = repairs(confused_deputy, source, {})

    value["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    assert text == written(value, "two spaces")
    assert repair.verified is not None


def test_a_deny_gets_the_operator_that_its_wildcard_needs() -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/dev-*"}},
            },
        ],
    }
    source = Source("p.json", written(value, "one line").encode())

    [(repair, text), *_] = repairs(deny_never_applies, source, {})

    assert text == source.text().content.replace("StringEquals", "StringLike")
    assert repair.verified is not None


@pytest.mark.parametrize("style", STYLES)
def test_a_forbidden_action_is_taken_out_or_denied(style: str) -> None:
    value = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
    }
    source = Source("p.json", written(value, style).encode())

    [(first, one_out), (second, denied)] = repairs(forbidden_access, source, {"never-grant": [{"actions": ["s3:PutObject"]}]})

    out = json.loads(json.dumps(value))
    out["Statement"]["Action"] = ["s3:GetObject"]
    assert one_out == written(out, style)
    both = value | {"Statement": [value["Statement"], {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}]}
    assert denied == written(both, style)
    assert None not in (first.verified, second.verified)


def test_an_action_that_is_forbidden_on_some_resources_is_denied_there() -> None:
    value = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": "*"}]}
    source = Source("p.json", written(value, "one line").encode())
    forbidden = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::people/*"]}

    [(_, text)] = repairs(forbidden_access, source, {"never-grant": [forbidden]})

    assert json.loads(text)["Statement"][1:] == [
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::people/*"}
    ]


def test_the_reference_is_restored_only_where_nobody_gets_more() -> None:
    old = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    wider = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
    options = {"reference": {"*": "ref.json"}}
    reference = written(old, "two spaces")

    [(_, text)] = repairs(new_access, Source("p.json", written(wider, "two spaces").encode()), options, **{"ref.json": reference})

    assert text == reference
    assert repairs(new_access, Source("p.json", written(other, "two spaces").encode()), options, **{"ref.json": reference}) == []


def test_an_encoded_reference_is_not_restored() -> None:
    old = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    wider = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    source = Source("p.json", written(wider, "tabs").encode())
    options = {"reference": {"*": "ref.json"}}

    for reference in ("%7B" + json.dumps(old)[1:], json.dumps({"Policy": json.dumps(old)})):
        assert repairs(new_access, source, options, **{"ref.json": reference}) == []


def test_a_finding_that_is_not_of_this_policy_has_no_repair() -> None:
    source = Source("p.json", written(PUBLIC, "tabs").encode())
    policy, tools = one(source), tools_for(source, {})
    [finding] = public_access.check(policy, tools)
    elsewhere = replace(finding, location=replace(finding.location, line=1))

    assert list(propose(policy, elsewhere, tools)) == []


def test_a_repair_keeps_a_byte_order_mark_out_of_its_count() -> None:
    source = Source("p.json", b"\xef\xbb\xbf" + written(PUBLIC, "two spaces").encode())

    [(_, text)] = repairs(public_access, source, {})

    assert text == written(PUBLIC | {"Statement": PUBLIC["Statement"][1:]}, "two spaces")


def test_a_policy_inside_a_wrapper_is_repaired_in_its_place() -> None:
    source = Source("p.json", written({"PolicyVersion": {"Document": PUBLIC, "VersionId": "v1"}}, "tabs").encode())

    [(_, text)] = repairs(public_access, source, {})

    assert text == written(
        {"PolicyVersion": {"Document": PUBLIC | {"Statement": PUBLIC["Statement"][1:]}, "VersionId": "v1"}}, "tabs"
    )


@pytest.mark.parametrize(
    "text",
    [json.dumps({"Policy": json.dumps(PUBLIC)}), "%7B" + json.dumps(PUBLIC)[1:]],
    ids=["in a text", "percent-encoded"],
)
def test_nothing_is_proposed_for_a_policy_whose_text_is_encoded(text: str) -> None:
    assert repairs(public_access, Source("p.json", text.encode()), {}) == []


def test_nothing_is_proposed_without_the_text_or_for_another_content() -> None:
    source = Source("p.json", written(PUBLIC, "tabs").encode())
    policy, tools = one(source), Tools()
    [finding] = public_access.check(policy, tools)

    assert list(propose(policy, finding, tools)) == []
    assert list(propose(policy, finding, replace(tools, inputs={"p.json": Source("p.json", source.raw + b" ")}))) == []


@pytest.mark.slow  # starts real workers
def test_what_is_written_comes_with_the_proof_that_nobody_is_let_in(tmp_path: Path) -> None:
    (tmp_path / "probatum.toml").write_text('[access]\ntrusted-accounts = ["111111111111"]\n')
    (tmp_path / "p.json").write_text(written(PUBLIC, "two spaces"))
    before = one(Source("p.json", (tmp_path / "p.json").read_bytes()))

    report = engine.repair(tmp_path, None, [], write=True)

    # The second finding, an outsider by the same statement, is cleared by the repair of the first.
    assert [f.rule for f in report.repaired] == ["access/outside-access", "access/public-access"]
    assert confirmed(before, report.repaired[0].repair)
    assert report.repaired[0].repair.verified.method == "access/containment/1"
    assert json.loads((tmp_path / "p.json").read_text())["Statement"][0]["Principal"] == {"AWS": "111111111111"}
    assert engine.check(tmp_path).findings == ()


def test_altered_evidence_of_a_repair_is_refuted() -> None:
    source = Source("p.json", written(PUBLIC, "tabs").encode())
    [(repair, text)] = repairs(public_access, source, {})
    stored = json.loads(json.dumps(repair.verified.to_json()))
    # Another text than the one that was proved: it lets everyone do everything.
    stored["certificate"]["claim"]["a"]["text"] = text.replace('{\n\t\t\t\t"AWS": "111111111111"\n\t\t\t}', '"*"')

    assert stored["certificate"]["claim"]["a"]["text"] != text
    assert recheck(one(source), from_json(stored), {}).status == "refuted"


@pytest.mark.slow  # many random documents
@settings(deadline=None)
@given(
    st.recursive(
        st.text('ab{}[],:\\"é\n', max_size=4) | st.integers(),
        lambda v: st.lists(v, min_size=1, max_size=3) | st.dictionaries(st.text("ab", max_size=2), v, min_size=1, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(STYLES),
)
def test_adding_and_removing_leave_what_json_would_be_written_like(value: Any, style: str) -> None:
    outer = {"first": [value, "x"], "second": {"k": value, "l": "y"}}
    text = written(outer, style)
    root = parse(text, "p")
    editor = Editor(text, root)

    def after(*changes: Any) -> str:
        return applied(text, *changes)

    assert after(editor.remove(at(root, "/first"), 1)) == written(outer | {"first": [value]}, style)
    assert after(editor.remove(at(root, "/first"), 0)) == written(outer | {"first": ["x"]}, style)
    assert after(editor.remove(at(root, "/second"), "k")) == written(outer | {"second": {"l": "y"}}, style)
    assert json.loads(after(editor.add(at(root, "/first"), value))) == outer | {"first": [value, "x", value]}
    assert json.loads(after(editor.add(at(root, "/second"), value, "m"))) == outer | {
        "second": {"k": value, "l": "y", "m": value}
    }
    assert json.loads(after(editor.replace(at(root, "/second"), value))) == outer | {"second": value}
