"""Ask solvers which instances of quantified formulas they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.solve import by_cvc5
from probatum.solve.answers import milliseconds
from probatum.solve.ground.terms import OURS
from probatum.solve.text import expressions, write

# More instances than this are not worth mapping: the ground problem would be slower than the search.
MOST_STEPS = 20_000

# What z3 calls a place where two arrays differ.
DIFFERENCE = "array-ext"


@dataclass(frozen=True, slots=True)
class Instance:
    """What the solver reported: values of variables of a quantified formula of an `Encoding`."""

    label: str  # i<number>, or w<number> for an axiom that names witnesses
    values: dict[str, str]  # by name of the variable
    arrays: dict[tuple[str, str], str] = field(default_factory=dict)  # sorts of arrays of which it names a difference
    ordered: tuple[str, ...] = ()  # values in the order of variables, where a solver does not say names


def instances_by_z3(text: str, settings: Mapping[str, Any], *, timeout_s: float, seed: int) -> list[Instance] | str:
    """Ask z3 for a proof and return the instances it made, in order; or why there are none."""
    import z3
    from z3 import z3core

    z3.set_param("warning", False)  # they would go to the terminal of who asked
    context = z3.Context()
    try:
        asserted = z3.parse_smt2_string(text, ctx=context)
    except z3.Z3Exception as problem:
        return f"z3 cannot read the obligation: {' '.join(str(problem).split())[:200]}"
    solver = z3.SimpleSolver(ctx=context)
    for name, value in settings.items():
        solver.set(name, value)
    solver.set("random_seed", seed)
    solver.set("timeout", milliseconds(timeout_s))
    # Wrapping every clause that the solver makes would cost more than the search: only instances are kept.
    raw = context.ref()
    kinds: dict[int, bool] = {}
    reported: list[Any] = []

    def hear(_user: int, hint: int, _count: int, _needed: Any, _clause: int) -> None:
        term = z3.z3.to_Ast(hint)
        if len(reported) > MOST_STEPS or z3core.Z3_get_ast_kind(raw, term) != z3.Z3_APP_AST:
            return
        function = z3core.Z3_get_app_decl(raw, term)
        if function.value not in kinds:
            kinds[function.value] = z3core.Z3_get_symbol_string(raw, z3core.Z3_get_decl_name(raw, function)) == "inst"
        if kinds[function.value]:
            z3core.Z3_inc_ref(raw, term)
            reported.append(term)

    callback = z3core.Z3_on_clause_eh(hear)
    z3core.Z3_solver_register_on_clause(raw, solver.solver, 0, callback)
    try:
        for formula in asserted:
            solver.add(formula)
        verdict = solver.check()
        if verdict == z3.sat:
            return "z3 finds the obligation satisfiable"
        # Also where it did not prove it: with the instances made so far, others may.
        if len(reported) > MOST_STEPS:
            return f"z3 needs more than {MOST_STEPS:,} instances"
        texts: dict[int, str] = {}
        return list(_read_hints([z3.z3._to_expr_ref(term, context) for term in reported], texts))  # noqa: SLF001 - the binding has no public way from a pointer to a term
    except z3.Z3Exception as problem:
        return f"z3 failed: {' '.join(str(problem).split())[:200]}"
    finally:
        for term in reported:
            z3core.Z3_dec_ref(raw, term)


def instances_by_cvc5(text: str, *, timeout_s: float, seed: int) -> list[Instance] | str:
    """Ask cvc5 and return the instances it made; or why there are none."""
    try:
        import cvc5
    except ImportError:
        return "cvc5 is not installed"
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    try:
        for name, value in {
            "seed": str(seed),
            "dt-nested-rec": "true",
            "tlimit-per": str(milliseconds(timeout_s)),
            "print-inst-full": "true",
        }.items():
            solver.setOption(name, value)
        symbols = cvc5.SymbolManager(terms)
        by_cvc5.execute(cvc5, solver, symbols, f"(set-logic ALL)\n{text}")
        if solver.checkSat().isSat():
            return "cvc5 finds the obligation satisfiable"
        printed = solver.getInstantiations()
    except Exception as problem:  # noqa: BLE001 - its binding raises plain RuntimeError, and every failure means no instances
        return f"cvc5 failed: {' '.join(str(problem).split())[:200]}"
    found: list[Instance] = []
    for expression in expressions(printed if isinstance(printed, str) else printed.decode()):
        match expression:
            case ["instantiations", str(label), *made] if label.startswith(OURS):
                found += [Instance(label.removeprefix(OURS), {}, {}, tuple(map(write, values))) for values in made]
    return found[:MOST_STEPS]


def _read_hints(hints: Sequence[Any], texts: dict[int, str]) -> Iterator[Instance]:
    import z3

    seen: set[tuple[int, tuple[int, ...]]] = set()
    for hint in hints:
        # The formula, literals of the instance, which are of no use here, the values, and more about how it came about.
        formula, bound = hint.arg(0), None
        for place in range(hint.num_args() - 1, 0, -1):
            part = hint.arg(place)
            if z3.is_app(part) and part.decl().name() == "bind":
                bound = part
                break
        if bound is None or not z3.is_quantifier(formula) or not formula.qid().startswith(OURS):
            continue
        terms = bound.children()
        key = (formula.get_id(), tuple(term.get_id() for term in terms))
        if key in seen or len(terms) != formula.num_vars():
            continue
        seen.add(key)
        values: dict[str, str] = {}
        for place, term in enumerate(terms):
            number = term.get_id()
            if number not in texts:
                texts[number] = term.sexpr()
            values[formula.var_name(place).removeprefix(f"{OURS}v")] = texts[number]
        arrays = {pair: sort for term in terms if DIFFERENCE in texts[term.get_id()] for pair, sort in _differences(term)}
        yield Instance(formula.qid().removeprefix(OURS), values, arrays)


def _differences(root: Any) -> Iterator[tuple[tuple[str, str], str]]:
    import z3

    todo = [root]
    while todo:
        term = todo.pop()
        todo.extend(term.children())
        if z3.is_app(term) and DIFFERENCE in term.decl().name():
            one, other = term.children()
            yield (one.sexpr(), other.sexpr()), one.sort().sexpr()
