"""Comprehensions that call functions by their contracts.

A function that changes nothing may be called for all items at once: what it requires
is demanded for every item, and what it returns for each is a function of the place,
of which its postconditions are known. Any other comprehension is the loop that Python
runs, without the invariants that would say what came out of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from probatum.lower.comprehensions import Comprehensions
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, apply, conjunction, implication
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import forms
from probatum.python import types as t
from probatum.python.program import Clause, Function, Module, Syntax

_MARK = "\u02d1"  # a letter of names, so that these are forgotten as any other, and one that nobody writes


class Repeating(Comprehensions):
    """Calls under the variables of a comprehension."""

    # What calls under way promise, each under its guards, and with the variables that are bound around it; None: no
    # comprehension in code is being written.
    promises: list[tuple[str, tuple[tuple[str, str], ...]]] | None = None

    # --- calls for all items at once ------------------------------------------------------

    def is_quiet(self, node: ast.Call) -> bool:
        """Whether a call only returns a value or raises."""
        if super().is_quiet(node):
            return True
        function = self._function_called(node) if self.promises is not None else None
        return function is not None and self._changes_nothing(function)

    def _function_called(self, node: ast.Call) -> Function | None:
        qualified = self.qualified(node.func)
        if qualified is not None:
            return self.program.function(qualified)
        if isinstance(node.func, ast.Attribute):
            owner = self.known_type(node.func.value)
            return self.method_of(t.without_none(owner), node.func.attr) if owner is not None else None
        return None

    def _changes_nothing(self, function: Function) -> bool:
        """Whether a call by contract returns a plain value, changes no object and raises nothing."""
        contract = function.contract
        if not contract.says_something or contract.raises or contract.may_diverge or function.qualified in self.circle:
            return False
        if contract.syntax == Syntax.NAGINI or any(one.unsupported for one in function.problems):
            return False
        if function.kind not in ("function", "method", "static") or self._refers(function.returns):
            return False
        modifies = contract.modifies
        if modifies is None:
            modifies = self.inferred_modifies(function)
        return modifies is not None and not modifies

    def _refers(self, type_: t.Type) -> bool:
        """Whether values of a type may be or hold objects, which a call may create."""
        sort = self.sort(type_)
        return any(word in sort for word in ("Ref", "Any", "T'", "V'"))

    def call_in_expression(
        self,
        function: Function,
        arguments: Mapping[str, Term],
        node: ast.AST,
        variables: Mapping[str, t.Type],
        receiver: Term | None,
    ) -> Term:
        """Return what a call of a function that is not pure returns, where nothing can be written."""
        if self.promises is None or not self.binders or not self._changes_nothing(function):
            return super().call_in_expression(function, arguments, node, variables, receiver)
        if receiver is not None:
            self.dispatched(function, receiver.type, node)
        module = self.program.modules[function.module]
        self.symbols.assumptions.setdefault(f"`{function.qualified}` keeps its contract", None)
        for clause in function.contract.requires:
            condition = self.clause(clause, arguments, view="", old_view="", module=module)
            own = Obligation(Kind.PRECONDITION, self.place(node), clause.text, clause=clause.place, path=module.path)
            self._demand_of_callee(condition, own)
        for condition, own in self.owed_to_receiver(function, arguments, node):
            self._demand_of_callee(condition, own)
        type_ = substituted(function.returns, dict(variables))
        if type_ == t.NONE:
            return Term("Unit()", t.NONE)
        name = self.writer.fresh("each")
        self.symbols.declarations[name] = f"function {name}({', '.join(b for b, _ in self.binders)}): {self.sort(type_)};"
        result = Term(apply(name, *(b.partition(":")[0] for b, _ in self.binders)), type_)
        names = {**arguments, "__result__": result}
        ahead, self.ahead = self.ahead, False
        facts = [self.clause(c, names, view="", old_view="", module=module) for c in function.contract.ensures]
        facts.append(self.fact(result))
        self.ahead = ahead
        promise = implication(conjunction(*self.guards), conjunction(*facts))
        if promise != "true":
            self.promises.append((promise, tuple(self.binders)))
        return result

    def _promised(self) -> str:
        """Return what calls promised that were made for the item under way."""
        here = tuple(self.binders)
        return conjunction(*(p for p, bound in self.promises or () if bound == here[: len(bound)]))

    def demand(self, condition: str, kind: Kind, node: ast.AST, text: str, exception: str = "") -> None:
        """Demand a condition, without which the operation raises an exception."""
        if self.promises:
            condition = implication(self._promised(), condition)
        super().demand(condition, kind, node, text, exception)

    def _demand_of_callee(self, condition: str, obligation: Obligation) -> None:
        if self.promises:
            condition = implication(self._promised(), condition)
        super()._demand_of_callee(condition, obligation)

    def _under(self, evaluate: Callable[[], str]) -> str:
        """Evaluate under bound variables; what calls promise is known behind it."""
        value = super()._under(evaluate)
        if not self.in_contract and self.promises:
            for promise, binders in self.promises:
                within = conjunction(*(known for _, known in binders))
                self.writer.assume(self.quantifier(True, [b for b, _ in binders], within, promise))
            del self.promises[:]
        return value

    @contextmanager
    def _for_all_items(self) -> Iterator[None]:
        saved, self.promises = self.promises, self.promises if self.in_contract else []
        try:
            yield
        finally:
            self.promises = saved

    def clause(self, clause: Clause, names: Mapping[str, Term], *, view: str, old_view: str, module: Module) -> str:
        """Return whether a clause holds in a state; what it calls must be pure, also here."""
        saved, self.promises = self.promises, None
        try:
            return super().clause(clause, names, view=view, old_view=old_view, module=module)
        finally:
            self.promises = saved

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        with self._for_all_items():
            return super().quantified(generators, body, every, node)

    # --- comprehensions -------------------------------------------------------------------

    def expression_ListComp(self, node: ast.ListComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`[e for x in xs]`."""
        with self._for_all_items():
            if not self._runs(node.generators, node.elt):
                return super().expression_ListComp(node, expected)
        add = "append"
        return self._gathered(node, ast.List([], ast.Load()), lambda made: [_calls(made, add, node.elt)])

    def expression_SetComp(self, node: ast.SetComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{e for x in xs}`."""
        with self._for_all_items():
            if not self._runs(node.generators, node.elt):
                return super().expression_SetComp(node, expected)
        empty = ast.Call(ast.Name("set", ast.Load()), [], [])
        if self.qualified(empty.func) != "builtins.set":
            raise Unsupported("a comprehension with effects, where `set` means something else", node)
        return self._gathered(node, empty, lambda made: [_calls(made, "add", node.elt)])

    def expression_DictComp(self, node: ast.DictComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{k: v for x in xs}`: the key is evaluated before the value."""
        with self._for_all_items():
            if not self._runs(node.generators, node.key, node.value):
                return super().expression_DictComp(node, expected)

        def entry(made: str) -> list[ast.stmt]:
            key, value = f"{made}{_MARK}key", f"{made}{_MARK}value"
            place = ast.Subscript(ast.Name(made, ast.Load()), ast.Name(key, ast.Load()), ast.Store())
            return [_assigned(key, node.key), _assigned(value, node.value), ast.Assign([place], ast.Name(value, ast.Load()))]

        return self._gathered(node, ast.Dict([], []), entry)

    def _runs(self, generators: Sequence[ast.comprehension], *parts: ast.expr) -> bool:
        """Whether a comprehension in code is more than a rule that says what is where."""
        if self.in_contract or self.guards:
            return False
        if len(generators) > 1:
            return True
        saved = self.narrowed
        whole = ast.GeneratorExp(ast.Tuple(list(parts), ast.Load()), list(generators))
        self.narrowed = {**saved, **self.targets_within(whole)}
        try:
            return any(self.has_effects(part) for part in (*parts, *generators[0].ifs))
        finally:
            self.narrowed = saved

    def _gathered(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp, empty: ast.expr, add: Callable[[str], list[ast.stmt]]
    ) -> Term:
        """Return what a loop puts together that does what a comprehension does."""
        place = f"{_MARK}{node.lineno}{_MARK}{node.col_offset}"
        if any(g.is_async for g in node.generators):
            raise Unsupported("an asynchronous comprehension", node)
        targets = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        renaming = _Renaming({name: f"{name}{place}" for name in targets})
        made = f"made{place}"
        inner: list[ast.stmt] = [renaming.visit(forms.copied(s)) for s in add(made)]
        for number, generator in reversed(list(enumerate(node.generators))):
            for test in reversed(generator.ifs):
                inner = [ast.If(renaming.visit(forms.copied(test)), inner, [])]
            # What the first one goes over is evaluated outside.
            over = renaming.visit(forms.copied(generator.iter)) if number else forms.copied(generator.iter)
            inner = [ast.For(renaming.visit(forms.copied(generator.target)), over, inner, [])]
        for statement in (_assigned(made, empty), *inner):
            ast.fix_missing_locations(ast.copy_location(statement, node))
            self.block([statement])
        return self.evaluate(ast.copy_location(ast.Name(made, ast.Load()), node))


class _Renaming(ast.NodeTransformer):
    """Gives the targets of a comprehension names that nothing else has."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A name."""
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _calls(made: str, method: str, value: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Attribute(ast.Name(made, ast.Load()), method, ast.Load()), [value], []))
