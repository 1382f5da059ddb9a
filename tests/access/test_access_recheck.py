"""The checker accepts what is proved, and nothing that has been altered."""

from __future__ import annotations

import ast
import copy
import io
import json
import random
import tokenize
from pathlib import Path
from typing import Any

import policy_strategies as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.access import recheck
from probatum.access.artefacts import Policy
from probatum.access.model.certificate import certificate
from probatum.access.model.containment import Contained, Sides, difference
from probatum.access.semantics import Settings
from probatum.evidence import Counterexample, Proof
from probatum.source import digest_of


def proof(a: Policy, b: Policy, modes: Settings | None = None) -> dict[str, Any] | None:
    sides = Sides(a, b, modes or Settings())
    answer = difference(sides)
    return json.loads(json.dumps(certificate(answer, sides))) if isinstance(answer, Contained) else None


def pair(seed: int) -> tuple[Policy, Policy, Settings]:
    chance = random.Random(seed)
    principals = chance.random() < 0.5
    document = made.document(chance, principals=principals)
    other = made.mutated(chance, document, principals=principals)
    modes = Settings(chance.choice(["segments", "flat"]), chance.choice(["never", "any"]))
    return made.policy(document, "a.json"), made.policy(other, "b.json"), modes


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_every_certificate_is_accepted(seed: int) -> None:
    a, b, modes = pair(seed)

    found = proof(a, b, modes)

    assert found is None or recheck.verify(found, a, b) is None  # it raises for what it rejects


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_a_certificate_is_rejected_for_policies_that_it_does_not_fit(seed: int) -> None:
    """Soundness: whatever certificate is presented, a containment that is false is not confirmed."""
    a, b, modes = pair(seed)
    found = proof(a, b, modes)
    backward = difference(Sides(b, a, modes))

    if found is not None and not isinstance(backward, Contained):
        with pytest.raises(recheck.Invalid):
            recheck.verify(found, b, a)


A = made.policy(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:Put*"],
                "Resource": "arn:aws:s3:::b/x/*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/x/secret"},
        ],
    },
    "a.json",
)
B = made.policy(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ],
    },
    "b.json",
)


def altered(value: Any) -> list[Any]:
    """All versions of a JSON value with one thing left out, or one number or word changed."""
    out: list[Any] = []
    if isinstance(value, dict):
        for key in value:
            out += [{**value, key: changed} for changed in altered(value[key])]
            out.append({k: v for k, v in value.items() if k != key})
    elif isinstance(value, list):
        for place, item in enumerate(value):
            out += [[*value[:place], changed, *value[place + 1 :]] for changed in altered(item)]
            out.append([*value[:place], *value[place + 1 :]])
    elif isinstance(value, bool):
        out.append(not value)
    elif isinstance(value, int):
        out += [value + 1, -1]
    elif isinstance(value, str):
        out += [value + "x", "b" if value == "a" else "a"]
    elif value is None:
        out.append([])
    return out


def test_a_certificate_altered_in_one_place_is_rejected() -> None:
    found = proof(A, B)
    assert found is not None
    recheck.verify(found, A, B)

    accepted = []
    del found["seal"]
    for version in altered(found):
        version |= {"seal": resealed(version)}  # whoever alters a certificate can seal it again
        try:
            recheck.verify(version, A, B)
        except recheck.Invalid:
            continue
        accepted.append(version)

    # Other readings of disputed points, and doing without axioms, are not altered proofs but other claims, and true here.
    assert [v for v in accepted if (v["arn_mode"], v["multivalue"], v["axioms"]) == ("segments", "never", True)] == []


def resealed(certificate_: dict[str, Any]) -> str:
    return digest_of({k: v for k, v in certificate_.items() if k != "seal"})


def test_a_certificate_that_is_not_as_it_was_written_is_rejected_at_once() -> None:
    found = proof(A, B)
    assert found is not None

    with pytest.raises(recheck.Invalid, match="altered"):
        recheck.verify(found | {"axioms": False}, A, B)


def test_a_proof_of_something_false_cannot_be_made_up() -> None:
    """Leaves are computed, not believed: the shortest made-up tree is refused."""
    wide = made.policy({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "w.json")
    modes = {"arn_mode": "segments", "multivalue": "never", "axioms": True}
    for tree in (["closed", ["job"]], ["closed"], ["split", ["b", 0], []], ["split", ["axiom", 0], []]):
        made_up: dict[str, Any] = {
            **modes,
            "closures": [{"callers": [], "positives": [["a", 0]], "jobs": [{"actions": ["*"], "tree": tree}]}],
        }
        with pytest.raises(recheck.Invalid):
            recheck.verify(made_up | {"seal": resealed(made_up)}, wide, B)


def test_a_request_that_no_longer_replays_is_refuted() -> None:
    request = {"principal": "arn:aws:iam::111111111111:user/x", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x/secret"}
    given = {
        "claim": {"a": {"is": "policy"}, "b": {"is": "nothing"}},
        "request": request,
        "arn_mode": "segments",
        "multivalue": "never",
    }
    denied = Counterexample(method="access/request/1", given=given, observed="allowed", expected="denied")
    context = {"aws:SecureTransport": "true"}
    allowed = copy.deepcopy(given) | {"request": request | {"resource": "arn:aws:s3:::b/x/y", "context": context}}

    assert recheck.recheck(A, denied, {}).status == "refuted"
    assert (
        recheck.recheck(A, Counterexample(method="access/request/1", given=allowed, observed="", expected=""), {}).status
        == "confirmed"
    )


@pytest.mark.parametrize("method", ["access/containment/2", "access/magic/1"])
def test_methods_of_other_versions_cannot_be_checked(method: str) -> None:
    assert recheck.recheck(A, Proof(method=method, claim="", certificate={}), {}).status == "cannot"


def test_malformed_evidence_is_refuted_and_never_an_error() -> None:
    for certificate_ in ({}, {"claim": 1}, {"claim": {"a": {"is": "policy"}, "b": {"is": "nothing"}}, "closures": 7}):
        answer = recheck.recheck(A, Proof(method="access/containment/1", claim="", certificate=certificate_), {})
        assert answer.status in ("refuted", "cannot")


def test_the_checker_of_proofs_is_short_enough_to_be_read() -> None:
    """Fewer than 300 lines of code, comments and docstrings aside: this is what has to be trusted beside the semantics."""
    lines = 0
    for name in ("trees.py", "values.py"):
        source = (Path(recheck.__file__).parent / name).read_text(encoding="utf-8")
        code: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING):
                code.update(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                code.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        lines += len(code)

    assert lines < 300
