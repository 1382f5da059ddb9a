"""Nothing that is said of Python's values contradicts the rest: no solver proves false."""

import functools
from itertools import product

import pytest
from prelude_meaning import BYTE, CHAR

from probatum.ivl import Options, Verdict, compile_text, types, verify
from probatum.ivl.syntax import tree
from probatum.lower import prelude
from probatum.solve.ladder import Ladder, Rung
from probatum.solve.prover import Prover

Z3 = Ladder((Rung("z3", "z3", 2_000_000),))
CVC5 = Ladder((Rung("cvc5", "cvc5", 2_000_000, wall_s=20.0),))
SEEDS = {
    types.INT: ("0", "1", "2", "4", "8", "-1", "255", "256", "i", "j", "i + 1", "-j"),
    types.BOOL: ("true", "false", "c"),
    BYTE: ("b", "byte_of(0)"),
    CHAR: ("d", "char_of(i)"),
}


@functools.cache
def declared(file):
    checked, errors = compile_text(prelude.text(prelude.needed([*named(file)])), "prelude")
    assert checked is not None, errors
    return [one for one in checked.declarations if isinstance(one, tree.Function) and one.name in named(file)]


def named(file):
    return {name for name, home in prelude.functions().items() if home == file}


def seeds(file, most=12):
    """A procedure in which every function of a file stands with arguments of every kind, and then false is claimed."""
    variables: dict[str, str] = {"i": "int", "j": "int", "c": "bool"}
    if "type byte;" in prelude.text(prelude.needed(named(file))):
        variables["b"] = "byte"
    if "type char;" in prelude.text(prelude.needed(named(file))):
        variables["d"] = "char"
    terms, assumed = [], []

    def choices(type_):
        if type_ in SEEDS:
            return SEEDS[type_]
        written = str(type_)
        names = [name for name, other in variables.items() if other == written]
        for number in range(len(names), 2):
            variables[f"v{len(variables)}"] = written
            names.append(f"v{len(variables) - 1}")
            assert number < 2
        return names

    for one in declared(file):
        at = dict.fromkeys(one.type_variables, types.INT)
        kinds = [types.substitute(argument.type, at) for argument in one.arguments]
        result = types.substitute(one.result.type, at)
        combinations = list(product(*map(choices, kinds)))
        step = max(1, len(combinations) // most)
        for arguments in combinations[::step]:
            variables[f"r{len(terms)}"] = str(result)
            call = f"{one.name}({', '.join(arguments)})"
            if not kinds and one.type_variables:
                call = f"({call}: {result})"
            assumed.append(f"assume r{len(terms)} == {call};")
            terms.append(call)
    locals_ = "".join(f"var {name}: {written};\n" for name, written in variables.items())
    return f"procedure P() {{\n{locals_}{chr(10).join(assumed)}\nassert false;\n}}\n"


def verdict(text, ladder):
    with Prover(workers=1, ladder=ladder) as prover:
        result = verify(text, Options(prune=0), prover=prover)
    assert not result.static, result.static[0]
    (body,) = result.bodies
    return body.outcomes[-1].verdict


@pytest.mark.slow
@pytest.mark.parametrize("ladder", [Z3, CVC5], ids=["z3", "cvc5"])
@pytest.mark.parametrize("file", prelude.files())
def test_false_does_not_follow_of_a_file(file, ladder):
    text = prelude.text(prelude.needed(named(file))) + seeds(file)
    assert verdict(text, ladder) in (Verdict.NOT_PROVED, Verdict.REFUTED)


@pytest.mark.slow
@pytest.mark.parametrize("ladder", [Z3, CVC5], ids=["z3", "cvc5"])
def test_false_does_not_follow_of_all_files_together(ladder):
    procedures = "".join(seeds(file, most=3).replace("procedure P", f"procedure P_{file}") for file in prelude.files())
    with Prover(workers=1, ladder=ladder) as prover:
        result = verify(prelude.text(prelude.files()) + procedures, Options(prune=0), prover=prover)
    assert not result.static, result.static[0]
    assert {o.verdict for body in result.bodies for o in body.outcomes} <= {Verdict.NOT_PROVED, Verdict.REFUTED}


@pytest.mark.slow
@pytest.mark.parametrize(
    "axiom",
    [
        "axiom (forall<T> s: Seq T, i: int, j: int :: {Seq_slice(s, i, j)} Seq_len(Seq_slice(s, i, j)) == j - i);",
        "axiom (forall<T> s: Seq T, x: T :: {Seq_push(s, x)} Seq_len(Seq_push(s, x)) == Seq_len(s));",
    ],
)
def test_false_follows_of_an_axiom_that_is_wrong(axiom):
    text = prelude.text(["sequence"]) + axiom + seeds("sequence")
    assert verdict(text, Z3) is Verdict.PROVED
