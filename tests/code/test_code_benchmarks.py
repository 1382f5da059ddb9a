"""What the benchmarks of proofs of Python take for expected, annotated, observed and violated."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "code"


def bench(name):
    """Import a benchmark as it imports its neighbours."""
    sys.path.insert(0, str(BENCH))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCH))


def said(*verdicts):
    ours = bench("_ours")
    return ours.Checked(None, verdicts, "")


def verdict(line, kind, rule="code/postcondition-violated", subject="m.f", lines=()):
    return bench("_ours").Verdict("m.py", line, frozenset({line, *lines}), rule, subject, kind, "")


FILE = """def f(x: int) -> int:
    #:: ExpectedOutput(postcondition.violated:assertion.false)
    Ensures(Result() > x)
    return x
"""


def test_an_annotation_is_about_the_next_line():
    want = bench("nagini").expected(FILE)

    assert want.errors == ((3, "postcondition.violated:assertion.false"),)


def test_what_is_said_of_one_back_end_alone_is_optional():
    want = bench("nagini").expected("#:: ExpectedOutput(carbon)(assert.failed:assertion.false)\nx = 1\n")

    assert (want.errors, want.optional) == ((), {2})


@pytest.mark.parametrize(
    ("outcomes", "judged"),
    [
        ([verdict(4, "undecided", lines=(3,)), verdict(1, "undecided", "code/function")], "exact"),
        ([verdict(4, "proved", lines=(3,)), verdict(1, "proved", "code/function")], "WRONG"),
        ([verdict(4, "refuted"), verdict(1, "refuted", "code/function")], "WRONG"),  # on a line that expects nothing
        ([verdict(1, "unsupported", "code/function")], "unsupported"),
        ([], "silent"),
    ],
)
def test_a_file_is_exact_only_with_the_expected_errors_and_wrong_if_it_is_proved_all_the_same(outcomes, judged):
    assert bench("nagini").judge("m.py", FILE, said(*outcomes)).verdict == judged


def test_contracts_are_found_by_what_names_stand_for(tmp_path):
    path = tmp_path / "m.py"
    path.write_text(
        "from icontract import require as wants\nimport deal\n"
        "@wants(lambda x: x)\ndef f(x): pass\n@deal.pre(lambda x: x)\ndef g(x): pass\n"
        "def h(x):\n    '''post: _ > 0'''\ndef require(x): return x\n@require\ndef i(x): pass\n"
    )

    assert bench("_annotated").contracts(path) == {"f": "icontract", "g": "deal", "h": "PEP 316"}


def test_invariants_are_taken_out_of_loops_and_lines_stay_where_they_are():
    text = "def f():\n    while True:\n        invariant(\n            1 > 0,\n        )\n        g()\n"

    bare, number = bench("_annotated").without_invariants(text)

    assert (bare.splitlines()[5], number) == ("        g()", 1)
    assert "invariant" not in bare


@pytest.mark.parametrize("seed", [7, 8, 9, 21])
def test_a_random_program_does_in_cpython_what_it_asserts_and_not_the_other_thing(seed):
    generating = bench("_generating")
    program = generating.make(seed)
    imports = "from dataclasses import dataclass\nfrom enum import Enum\n"
    helpers = [
        line for line in generating.HELPERS.split("\n") if not line.strip().startswith(("ensures(", "modifies(", "raises("))
    ]

    for value, holds in ((program.observed, True), (program.other, False)):
        space = {"requires": lambda *_: None, "decreases": lambda *_: None, "__name__": "made"}
        space["invariant"] = lambda held: held or pytest.fail("an invariant does not hold")
        exec(imports + "\n".join(helpers) + program.text("right", value), space)  # noqa: S102 - it was made here
        if holds:
            space["right"]()
        else:
            with pytest.raises(AssertionError):
                space["right"]()


def test_random_programs_are_the_same_whenever_they_are_made_and_use_all_that_they_can():
    generating, parts = bench("_generating"), bench("_random_expressions")
    made = [generating.make(seed) for seed in range(30)]

    assert [generating.make(seed) for seed in range(5)] == made[:5]
    assert {feature for one in made for feature in one.features} == {*parts.ALWAYS, *parts.KINDS, *parts.FEATURES}


@pytest.mark.slow
def test_random_programs_are_verified_in_both_variants():
    benchmark, generating = bench("random_programs"), bench("_generating")
    lines = ("    i1 = 2", "    i1 += 3")
    one = generating.Made((), lines, "i1", "5", "6")

    [(number, right, wrong)] = benchmark.Verifier().verdicts({3: one})

    assert (number, right, wrong) == (3, ("proved", ""), ("undecided", "ASSERTION: i1 == 6"))


TWICE = """from probatum.spec import ensures, requires

def twice(x: int) -> int:
    requires(x >= 0)
    ensures(lambda r: r == 2 * x)
    return x + x

def four(x: int) -> int:
    requires(x >= 0)
    ensures(lambda r: r == 4 * x)
    return twice(twice(x))
"""


def test_a_program_that_keeps_its_contracts_is_violated_by_no_run():
    assert bench("mutants").find(ast.parse(TWICE), seed=0, tries=50) == {}


def test_a_broken_promise_is_the_fault_of_the_callee_and_a_broken_requirement_that_of_the_caller():
    find = bench("mutants").find

    assert set(find(ast.parse(TWICE.replace("x + x", "x - x")), seed=0, tries=50)) == {"twice"}
    assert set(find(ast.parse(TWICE.replace("twice(twice(x))", "twice(-1 - twice(x))")), seed=0, tries=50)) == {"four"}


def test_mutants_leave_contracts_alone():
    tree = ast.parse(TWICE)

    for _, mutant in bench("mutants").mutants(tree):
        assert "r == 2 * x" in ast.unparse(mutant)
        assert ast.unparse(mutant) != ast.unparse(tree)


@pytest.mark.parametrize("syntax", ["native", "nagini", "icontract"])
def test_every_program_and_every_twin_of_it_parses(syntax):
    assert all(ast.parse(text).body for text in bench("programs").texts(syntax).values())
