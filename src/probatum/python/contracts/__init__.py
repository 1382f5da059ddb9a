"""What six syntaxes say of functions and classes, brought into one normal form.

One module per syntax; each has an `adapter`. A function is read by the first
that finds its syntax in it; plain asserts come last, because an assert is a
contract only where nothing else is one. Loop contracts and checks of
`probatum.spec` may stand in functions whose contract is in another syntax.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from probatum.python import forms
from probatum.python.contracts import asserts, deal, icontract, nagini, native, pep316
from probatum.python.contracts.adapters import Adapter, ClassReading, FunctionReading
from probatum.python.contracts.nagini.refusals import uses as written_for_nagini
from probatum.python.program import Clause, Contract, Place, Problem, Syntax
from probatum.python.scopes import Scope, bound_names

adapters: tuple[Adapter, ...] = (
    native.adapter,
    icontract.adapter,
    deal.adapter,
    nagini.adapter,
    pep316.adapter,
    asserts.adapter,
)


def read_function(node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None) -> FunctionReading:
    """Read what is promised of a function, in whatever syntax; `scope` is the one around it."""
    found = [(a, r) for a in adapters if (r := a.function(node, scope, owner)) is not None]
    said = [r for a, r in found if a is not asserts.adapter]
    own = next((r for r in said if r.contract.syntax is Syntax.NATIVE), None)
    if own is not None and len(said) > 1 and own.contract == Contract(Syntax.NATIVE, place=own.contract.place):
        said.remove(own)  # only loops, checks and decorators are native
        reading = native.with_native_parts(said[0], own, node, scope)
    elif said:
        reading = said[0]
    elif found:
        reading = found[0][1]
    else:
        body = [forms.copied(s) for s in native.without_docstring(node.body)]
        reading = FunctionReading(Contract(place=scope.place(node)), body)
    if len(said) > 1:
        both = " and ".join(r.contract.syntax.value for r in said)
        problem = scope.unsupported(node, f"contracts in two syntaxes on one function: {both}", "write the contract in one")
        reading = replace(reading, problems=(*reading.problems, problem))
    problems = (*reading.problems, *_careless(reading, node, scope))
    return replace(reading, problems=tuple(dict.fromkeys(problems)))


def read_code(node: ast.FunctionDef, scope: Scope) -> FunctionReading:
    """Read what runs when a module is imported, as the body of a function: checks, and contracts of loops.

    It has no contract, and an `assert` is never one there.
    """
    adapter: Adapter = nagini.adapter if written_for_nagini(scope) else native.adapter
    reading = adapter.function(node, scope, None)
    if reading is None:
        return FunctionReading(code_contract(scope), [forms.copied(s) for s in node.body])
    problems = tuple(dict.fromkeys((*reading.problems, *_careless(reading, node, scope))))
    return replace(reading, contract=code_contract(scope), problems=problems)


def code_contract(scope: Scope) -> Contract:
    """Return the contract of what runs when a module is imported: it promises nothing."""
    if written_for_nagini(scope):
        return Contract(Syntax.NAGINI, modifies=(), may_diverge=True, place=Place(1, 1))
    return Contract(place=Place(1, 1))


def read_class(node: ast.ClassDef, scope: Scope) -> ClassReading | None:
    """Read what a class itself promises; None: nothing."""
    found = [r for r in (adapter.class_(node, scope) for adapter in adapters) if r is not None]
    if len(found) > 1:
        both = " and ".join(r.syntax.value for r in found)
        problem = scope.unsupported(node, f"invariants in two syntaxes on one class: {both}", "write them in one")
        return replace(found[0], problems=(*found[0].problems, problem))
    return found[0] if found else None


def module_problems(tree: ast.Module, scope: Scope) -> tuple[Problem, ...]:
    """Return contracts that belong to a module as a whole, which nobody can hold to."""
    return (*native.module_problems(tree, scope), *nagini.module_problems(tree, scope), *pep316.module_problems(tree, scope))


def _careless(reading: FunctionReading, node: ast.FunctionDef, scope: Scope) -> list[Problem]:
    """Return the mistakes that no syntax allows: effects, and names that mean nothing where the contract is evaluated."""
    contract = reading.contract
    clauses: list[Clause] = [*contract.requires, *contract.ensures, *contract.reads, *(contract.modifies or ())]
    clauses += [*(contract.decreases or ()), *(contract.gives or ())]
    for one in contract.raises:
        clauses += [*([one.when] if one.when is not None else []), *one.ensures]
    inner: list[Clause] = []
    for loop in reading.loops.values():
        inner += [*loop.invariants, *(loop.decreases or ()), *(loop.modifies or ()), *loop.reads]
    problems: list[Problem] = []
    if not clauses and not inner:
        return problems
    inside = scope.inside(node)
    parameters = forms.parameter_names(node)
    local = bound_names(node) - parameters
    everything_known = all(scope.exports(star) is not None for star in scope.stars)
    type_variables = {p.name for p in getattr(node, "type_params", [])}
    for clause in (*clauses, *inner):
        problems += forms.effects(clause.expression, inside)
    for clause in clauses:
        for name in sorted(forms.free_names(clause.expression) - parameters - forms.reserved - type_variables):
            if name in local:
                message = (
                    f"the contract names `{name}`, a variable of the body, which has no value where the contract is evaluated"
                )
                advice = "name parameters, the result, and what the module defines"
                problems.append(Problem(clause.place, message, unsupported=False, help=advice))
    for clause in (*clauses, *inner) if everything_known else ():
        for name in sorted(forms.free_names(clause.expression) - parameters - local - forms.reserved - type_variables):
            if scope.named(name) is None and name not in scope.hidden:
                problems.append(Problem(clause.place, f"the contract names `{name}`, which is not defined", unsupported=False))
    return problems
