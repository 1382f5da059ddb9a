"""What is found in Boogie programs, and what confirms or refutes it."""

import copy
import functools
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from probatum.code import recheck as code
from probatum.code.artefacts import BoogieProgram, read
from probatum.code.model import proofs, search
from probatum.code.rules import assertion_violated
from probatum.code.semantics.boogie import axioms_hold, implementation, replay
from probatum.errors import UnreadableArtefact, UnsupportedConstruct
from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Undecided
from probatum.ivl.types import BOOL, INT, REAL, STRING, Bits
from probatum.source import Source
from probatum.tools import Deadline, Tools

STEP = """const limit: int;
axiom limit == 9;
var g: int;
procedure P(x: int) returns (y: int)
  requires x >= 0;
  modifies g;
  ensures y > x;
{
  y := x + 1;
  havoc g;
  assert y != limit || g != 3;
}
procedure Q(x: int) requires x > 3;
{
  assert x > 2;
}
"""


def program(text: str, path: str = "a.bpl") -> BoogieProgram:
    [found] = read(Source(path, text.encode()), {})
    return found


def outcomes(text: str) -> list[Any]:
    return list(assertion_violated.check(program(text), Tools(options={})))


def found(text: str, name: str = "P", wanted: int = 9) -> dict[Any, search.Violation]:
    one = program(text)
    return search.find(one, implementation(one, name), name, [], seed=0, deadline=Deadline.after(20.0), wanted=wanted)


# Reading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("procedure P() { assert ; }", "parse error"),
        ("procedure P() { x := 1; }", "resolution error"),
        ("procedure P() { assert 1; }", "type error"),
        ("procedure P() { assert 1; assert 2; }", r"\(and 1 more\)"),
    ],
)
def test_a_program_with_errors_is_refused_with_the_first_and_their_number(text: str, message: str) -> None:
    with pytest.raises(UnreadableArtefact, match=message) as caught:
        program(text)

    assert caught.value.location.line == 1


def test_the_concurrency_layer_is_unsupported() -> None:
    with pytest.raises((UnsupportedConstruct, UnreadableArtefact)) as caught:
        program("yield procedure P() { }")

    assert "unsupported" in str(caught.value) or "concurren" in str(caught.value)


# Findings and proofs


def test_a_violated_assertion_is_found_and_the_rest_is_proved() -> None:
    finding, cleared = outcomes(STEP)

    assert isinstance(finding, Finding)
    assert (finding.subject, finding.location.line) == ("P", 11)
    assert isinstance(cleared, Cleared)
    assert (cleared.subject, cleared.message) == ("Q", "the one assertion of `Q` holds for all inputs")
    assert isinstance(cleared.evidence, Proof)
    assert any("axioms" in one for one in cleared.assumptions)


def test_what_is_neither_proved_nor_violated_by_a_run_is_undecided() -> None:
    text = "function f(x: int): int; procedure P() { assert f(1) == 2; }"

    [one] = outcomes(text)

    assert isinstance(one, Undecided)
    assert "no run that violates it was found" in one.reason


def test_a_body_that_claims_nothing_has_no_outcome() -> None:
    assert outcomes("procedure P() { }") == []


def test_two_bodies_of_one_procedure_are_told_apart() -> None:
    text = """procedure P(x: int) returns (y: int); ensures y > x;
implementation P(x: int) returns (y: int) { y := x + 1; }
implementation P(x: int) returns (y: int) { y := x; }"""

    cleared, finding = outcomes(text)

    assert (cleared.subject, finding.subject) == ("P", "P#2")
    assert replay(program(text), finding.evidence.given).ended.how == "violated"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("procedure P(x: int) { assert x != 1000; }", "assertion"),
        ("procedure P(b: bool, m: [int]int) { assert b ==> m[3] >= 0; }", "assertion"),
        ("procedure P(v: bv8) { assert v != 3bv8; }", "assertion"),
        ("procedure P(r: real) { assert r >= 0.0; }", "assertion"),
        ("procedure Q(x: int); requires x > 0; procedure P(x: int) { call Q(x); }", "precondition"),
        ("procedure P(x: int) returns (y: int) ensures y > 0; { y := x; }", "postcondition"),
        ("procedure P(n: int) { var i: int; i := n; while (i < 3) invariant i >= 0; { i := i + 1; } }", "invariant"),
        ("procedure P() { if (*) { assert true; } else { assert false; } }", "assertion"),
        ("datatype D { A(x: int), B() } procedure P(d: D) { assert d is A; }", "assertion"),
        ("type T; const c: T; procedure P(t: T) { assert t == c; }", "assertion"),
        ("procedure P<a>(x: a, y: a) { assert x == y; }", "assertion"),
    ],
)
def test_the_search_finds_a_run_for_each_kind_of_claim(text: str, what: str) -> None:
    [violation] = found(text).values()

    assert violation.run.ended.what == what
    again = replay(program(text), json.loads(json.dumps(violation.given)))
    assert (again.ended, again.state) == (violation.run.ended, violation.run.state)


@pytest.mark.parametrize(
    "text",
    [
        "procedure P(x: int) requires x > 3; { assert x > 2; }",
        "procedure P() { assume false; assert false; }",
        "const c: int; axiom c > 0; procedure P() { assert c != 0; }",
        "const unique a: int; const unique b: int; procedure P() { assert a != b; }",
        "function f(x: int): int; axiom (forall x: int :: f(x) > 0); procedure P() { assert f(1) > 0; }",
        "const c: int; axiom (forall x: int :: x > c); procedure P() { assert c == 0; }",
        "var g: int where g > 0; procedure P() { assert g > 0; }",
    ],
)
def test_no_run_contradicts_what_is_assumed(text: str) -> None:
    assert found(text) == {}


def test_values_of_a_solver_come_first() -> None:
    text = "procedure P(x: int, b: bool, v: bv8, r: real) { assert !(x == 123456789 && b && v == 77bv8 && r == 0.5 - 1.0); }"
    one = program(text)
    start = {"x": "123456789", "b": "true", "v": "#b01001101", "r": "(- (/ 1 2))"}

    [violation] = search.find(
        one, implementation(one, "P"), "P", [(start, {})], seed=0, deadline=Deadline.after(20.0), wanted=1
    ).values()

    assert violation.run.state["x"] == {"int": "123456789"}


def test_what_the_solver_says_of_the_end_is_tried_for_later_choices() -> None:
    text = "procedure P(x: int) { var y: int; y := 0; havoc y; assert y != 123456789; }"
    one = program(text)

    hints = [({"y": "1"}, {"y": "123456789"})]
    [violation] = search.find(one, implementation(one, "P"), "P", hints, seed=0, deadline=Deadline.after(20.0), wanted=1).values()

    assert violation.run.state["y"] == {"int": "123456789"}


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("true", BOOL, True),
        ("(- 5)", INT, -5),
        ("2.5", REAL, 2.5),
        ("(/ 1 2)", REAL, 0.5),
        ("#x0f", Bits(8), 15),
        ("(store a 1 2)", INT, None),
        ("(/ 1 0)", REAL, None),
        ("5", BOOL, None),
        ('"a"', STRING, None),
    ],
)
def test_plain_values_of_a_solver_are_read(text: str, type_: Any, value: Any) -> None:
    assert search.read_value(text, type_) == value


def test_constants_must_satisfy_axioms_and_be_unique() -> None:
    one = program("const unique a: int; const unique b: int; const c: int; axiom c > a; axiom (forall x: int :: x == x);")

    def number(value: int) -> dict[str, str]:
        return {"int": str(value)}

    assert axioms_hold(one, {"a": number(1), "b": number(1), "c": number(2)}) is False
    assert axioms_hold(one, {"a": number(1), "b": number(2), "c": number(0)}) is False
    assert axioms_hold(one, {"a": number(1), "b": number(2), "c": number(3)}) is None


# Checking again


@functools.cache
def counterexample() -> Counterexample:
    finding = outcomes(STEP)[0]
    assert isinstance(finding.evidence, Counterexample)
    return finding.evidence


def test_a_run_that_violates_is_confirmed() -> None:
    assert code.recheck(program(STEP), counterexample(), {}).status == "confirmed"


def _last_value(given: dict[str, Any]) -> None:
    given["choices"][-1] = {"int": "4"}


def _axiom(given: dict[str, Any]) -> None:
    given["constants"]["limit"] = {"int": "8"}
    given["choices"] = [{"int": "0"}, {"int": "7"}, {"int": "0"}, {"int": "3"}]


ALTERATIONS: list[Callable[[dict[str, Any]], None]] = [
    _last_value,
    _axiom,
    lambda given: given["choices"].pop(),
    lambda given: given["choices"].insert(0, {"int": "0"}),
    lambda given: given["choices"].__setitem__(0, {"bool": "yes"}),
    lambda given: given["constants"].clear(),
    lambda given: given["claim"].__setitem__("line", 15),
    lambda given: given["claim"].__setitem__("what", "postcondition"),
    lambda given: given["claim"].__setitem__("clause_line", 7),
    lambda given: given["claim"].pop("column"),
    lambda given: given.__setitem__("implementation", "Q"),
    lambda given: given.__setitem__("implementation", "None"),
    lambda given: given.__setitem__("implementation", "P#2"),
    lambda given: given.__setitem__("choices", {}),
    lambda given: given.__setitem__("constants", []),
    lambda given: given.__setitem__("constants", {"limit": 9}),
]


@pytest.mark.parametrize("number", range(len(ALTERATIONS)))
def test_a_run_that_was_altered_is_not_confirmed(number: int) -> None:
    evidence = counterexample()
    given = copy.deepcopy(dict(evidence.given))
    ALTERATIONS[number](given)
    altered = Counterexample(method=evidence.method, given=given, observed=evidence.observed, expected=evidence.expected)

    assert code.recheck(program(STEP), altered, {}).status != "confirmed"


def test_a_run_of_another_program_is_not_confirmed() -> None:
    other = program(STEP.replace("g != 3", "g != 4"))

    assert code.recheck(other, counterexample(), {}).status == "refuted"


@pytest.mark.parametrize(
    ("type_", "claim", "value"),
    [
        ("int", "x <= 0 || x >= 1", {"real": "1/2"}),
        ("bool", "x || !x", {"int": "7"}),
        ("bv8", "x[8:0] == x", {"int": "256"}),
        ("D", "x is A || x is B", {"constructor": "C", "fields": []}),
        ("D", "x is B || x->n == x->n", {"constructor": "A", "fields": []}),
        ("T", "x == x", {"int": "1"}),
        ("[int]bool", "x[0] || !x[0]", {"rest": {"int": "1"}, "entries": []}),
        ("[int]bool", "x[0] || !x[0]", {"rest": False, "entries": [[[{"int": "0"}, {"int": "0"}], True]]}),
    ],
)
def test_values_of_another_type_confirm_nothing(type_: str, claim: str, value: Any) -> None:
    head = "datatype D { A(n: int), B() } type T; "
    for body, given in (
        (f"procedure P(x: {type_}) {{ assert !({claim}); }}", {"choices": [value], "constants": {}}),
        (f"procedure P(x: {type_}) {{ assert {claim}; }}", {"choices": [value], "constants": {}}),
        (f"const x: {type_}; procedure P() {{ assert !({claim}); }}", {"choices": [], "constants": {"x": value}}),
        (f"const x: {type_}; procedure P() {{ assert {claim}; }}", {"choices": [], "constants": {"x": value}}),
    ):
        text = head + body
        column = text.index("assert") + 1
        at = {"what": "assertion", "line": 1, "column": column, "clause_line": 0, "clause_column": 0}
        made = Counterexample(method=code.METHOD, given={"implementation": "P", "claim": at} | given, observed="", expected="")
        assert code.recheck(program(text), made, {}).status == "refuted"


def test_an_unknown_method_cannot_be_checked() -> None:
    evidence = Counterexample(method="code/other/1", given={}, observed="", expected="")

    assert code.recheck(program(STEP), evidence, {}).status == "cannot"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ({"int": "3"}, "3"),
        ({"string": "a"}, '"a"'),
        ({"of": "T", "index": 2}, "T 2"),
        ({"constructor": "C", "fields": [{"int": "1"}, False]}, "C(1, false)"),
        ({"rest": {"int": "0"}, "entries": [[[{"int": "1"}], {"int": "2"}]]}, "[1: 2, else 0]"),
    ],
)
def test_values_are_written_for_a_person(value: Any, text: str) -> None:
    assert proofs.plain(value) == text


# The whole


@pytest.mark.slow
def test_a_directory_is_checked_and_its_report_checked_again(tmp_path) -> None:
    (tmp_path / "a.bpl").write_text(STEP)
    (tmp_path / "b.bpl").write_text("procedure P( {")
    command = [sys.executable, "-m", "probatum"]

    checked = subprocess.run([*command, "check", "--format", "json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(checked.stdout)
    (tmp_path / "r.json").write_text(checked.stdout)
    again = subprocess.run([*command, "recheck", "r.json"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert {o["kind"] for o in report["outcomes"]} >= {"finding", "cleared"}
    assert "b.bpl" in checked.stdout + checked.stderr
    assert "2 confirmed, 0 refuted" in again.stdout

    report["outcomes"][0]["evidence"]["given"]["choices"][-1] = {"int": "4"}
    (tmp_path / "r.json").write_text(json.dumps(report))
    altered = subprocess.run([*command, "recheck", "r.json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 refuted" in altered.stdout
    assert altered.returncode == 4
