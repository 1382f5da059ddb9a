"""Methods that override others: each is held to the contract of what it overrides.

Whoever calls a method knows the contract that the static class of the receiver
gives it. So an overriding method is verified as if its callers were one more
function: one with the contract of the overridden method, whose body is a call of
the overriding one by its own contract. What that would violate is an obligation
of the overriding method.
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from probatum.lower import families, terms
from probatum.lower.attempt import Handler
from probatum.lower.depth import Trees
from probatum.lower.heap import Part
from probatum.lower.loop_measures import decreased
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import types as t
from probatum.python.program import Clause, Function, Passing, Syntax


class Overriding(Trees):
    """What overriding methods owe."""

    measures: list[str]

    def conform(self, function: Function) -> None:
        """Write, in blocks of their own, that a method keeps the contracts of those that it overrides."""
        for base in families.overridden(self.program, function):
            if base.contract.syntax != Syntax.NONE or base.contract.says_something:
                self._conform(function, base)

    def _conform(self, function: Function, base: Function) -> None:
        trial, after = self.writer.fresh("overriding"), self.writer.fresh("own")
        self.writer.jump(trial, after)
        self.writer.label(trial)
        begin = self.writer.count()
        wrong = _other_signature(function, base)
        if wrong:
            self.writer.claim("false", Obligation(Kind.OVERRIDE, function.place, wrong))
            self._end_here()
        else:
            saved = (
                self.root, self.names, self.entry_names, self.old_view, self.writable, self.handlers, self.measures, self.module,
                self.narrowed,
            )  # fmt: skip
            try:
                self._as_base(function, base)
            finally:
                (
                    self.root, self.names, self.entry_names, self.old_view, self.writable, self.handlers, self.measures,
                    self.module, self.narrowed,
                ) = saved  # fmt: skip

        def about(obligation: Obligation) -> Obligation:
            where = obligation.clause or (obligation.place if obligation.kind in (Kind.POSTCONDITION, Kind.RAISES) else None)
            path = obligation.path
            if not path and base.module != function.module and where is not None:
                path = self.program.modules[base.module].path
            return replace(obligation, kind=Kind.OVERRIDE, place=function.place, clause=where, path=path)

        self.writer.reword(begin, about)
        self.writer.label(after)

    def _end_here(self) -> None:
        self.writer.line("return;")
        self.writer.ended = True

    def _as_base(self, function: Function, base: Function) -> None:
        """Write a body for the overridden method: a call of the overriding one."""
        names = self._passed(function, base)
        module = self.program.modules[base.module]
        self.root, self.entry_names, self.names, self.module, self.narrowed = base, names, names, module, {}
        self.begin_permissions(base)
        self.shared_with(function, base)
        node = function.node
        for condition, _ in self.owed_to_receiver(base, names, node):
            self.writer.assume(condition)
        for clause in base.contract.requires:
            self.writer.assume(self.clause(clause, names, view="", old_view="", module=module))
        self.writer.line(lambda: " ".join(f"entry'{name} := {name};" for name in sorted(self.heaps)) or "assume true;")
        self.writable = self._frame(base, names)
        raised = self.writer.fresh("raised")
        self.handlers = [Handler(None, raised)]
        self._terminates(function, base, names)
        result = self._called(function, base, names, node)
        self.entry_names = names
        self.returned(base, {**names, "__result__": result})
        self._end_here()
        self.escaped(raised)
        if not self.writer.ended:
            self._end_here()

    def _passed(self, function: Function, base: Function) -> dict[str, Term]:
        """Return arguments that callers of the overridden method may pass, by its names."""
        own = self.class_of(self.names[function.parameters[0].name].type) if function.kind != "static" else None
        arguments = self.base_arguments(own, base) if own is not None else {}
        names: dict[str, Term] = {}
        for place, parameter in enumerate(base.parameters):
            if place == 0 and function.kind != "static":
                names[parameter.name] = self.names[function.parameters[0].name]
                continue
            type_ = substituted(parameter.type, arguments)
            if type_ == t.UNKNOWN:
                raise Unsupported(f"`{base.name}`, of whose parameter `{parameter.name}` no type is declared")
            term = Term(self.writer.local("given", self.sort(type_)), type_)
            self.known(term)
            names[parameter.name] = term
        return names

    @abstractmethod
    def base_arguments(self, class_: object, base: Function) -> Mapping[str, t.Type]:
        """Return what the type variables of the class of a method stand for in a class derived from it."""

    def _frame(self, base: Function, names: Mapping[str, Term]) -> list[Part] | None:
        module = self.program.modules[base.module]
        return [] if base.pure else self.parts_of(base, names, module, self.old_view)

    def _called(self, function: Function, base: Function, names: Mapping[str, Term], node: ast.AST) -> Term:
        arguments: dict[str, Term] = {}
        for own, other in zip(function.parameters, base.parameters, strict=False):
            if own is function.parameters[0] and function.kind != "static":
                arguments[own.name] = names[other.name]
            else:
                arguments[own.name] = self.coerce(names[other.name], own.type, node)
        for own in function.parameters[len(base.parameters) :]:
            arguments[own.name] = self.coerce(self.default_of(own, function), own.type, node)
        self.module = self.program.modules[function.module]
        measures, self.measures, circle, self.circle = self.measures, [], self.circle, frozenset()
        try:
            if self.is_pure(function):
                result = self.apply_pure(function, arguments, node, {})
            else:
                result = self.call_function(function, arguments, node, {})
        finally:
            self.measures, self.circle = measures, circle
        if base.returns in (t.UNKNOWN, t.NONE) and result.type == base.returns:
            return result
        variables = self.base_arguments(families.owner(self.program, function), base) if function.kind != "static" else {}
        return self.coerce(result, substituted(base.returns, variables), node)

    def _terminates(self, function: Function, base: Function, names: Mapping[str, Term]) -> None:
        own, other = function.contract, base.contract
        if own.may_diverge and not other.may_diverge:
            text = f"it must terminate, as `{base.name}` does"
            self.writer.claim("false", Obligation(Kind.OVERRIDE, function.place, text))
        if base.qualified not in self.circle or other.may_diverge:
            return
        mine, theirs = (f.contract.decreases or self._guessed_measure(f) for f in (function, base))
        if not theirs:
            return  # every call of it within the circle fails for want of a measure
        if len(mine) != len(theirs):
            text = f"its measure must not be greater than that of `{base.name}`"
            self.writer.claim("false", Obligation(Kind.OVERRIDE, function.place, text))
            return
        own_names = {p.name: names[q.name] for p, q in zip(function.parameters, base.parameters, strict=False)}
        now = [self._measured_now(c, own_names, function) for c in mine]
        before = [self._measured_now(c, names, base) for c in theirs]
        same = terms.conjunction(*(f"({a} == {b})" for a, b in zip(now, before, strict=True)))
        text = f"its measure must not be greater than that of `{base.name}`"
        self.writer.claim(terms.disjunction(same, decreased(now, before)), Obligation(Kind.OVERRIDE, function.place, text))

    def _measured_now(self, clause: Clause, names: Mapping[str, Term], function: Function) -> str:
        with self.contract_of(names, view="", old_view="", module=self.program.modules[function.module]):
            return self.as_measure(self.evaluate(clause.expression), clause.expression)

    @abstractmethod
    def _guessed_measure(self, function: Function) -> tuple[Clause, ...]: ...

    def returned(self, function: Function, names: Mapping[str, Term]) -> None:
        """Claim what a contract promises of returning."""
        module = self.program.modules[function.module]
        self.give_back(function.contract.gives, names)
        for clause in function.contract.ensures:
            with self.contract_of(names, view="", old_view=self.old_view, module=module) as demands:
                condition = self.condition_of(clause.expression)
                found = list(demands)
            for demand in found:
                self.writer.claim(demand.condition, demand.obligation)
            self.writer.claim(condition, Obligation(Kind.POSTCONDITION, clause.place, clause.text))
        self.scope = ""
        self.not_raised()


def _other_signature(function: Function, base: Function) -> str:
    """Return why a method cannot be called as the one it overrides can; "" if it can."""
    if function.kind != base.kind:
        return f"it must be called as `{base.name}` is, which is a {_KINDS[base.kind]}"
    own, other = function.parameters, base.parameters
    offset = 0 if base.kind == "static" else 1
    for place, parameter in enumerate(other):
        if place >= len(own):
            return f"it must take the parameter `{parameter.name}` of `{base.name}`"
        mine = own[place]
        if place < offset:
            continue
        if mine.name != parameter.name and parameter.passing != Passing.POSITIONAL:
            return f"its parameter `{mine.name}` must have the name that it has in `{base.name}`: `{parameter.name}`"
        if mine.passing not in (parameter.passing, Passing.BOTH):
            return f"its parameter `{mine.name}` must be passed as in `{base.name}`"
        if (parameter.default is None) != (mine.default is None) and mine.default is None:
            return f"its parameter `{mine.name}` must have a default, as in `{base.name}`"
        if parameter.default is not None and not _same_default(mine.default, parameter.default):
            return f"its parameter `{mine.name}` must have the default that it has in `{base.name}`"
    for mine in own[len(other) :]:
        if mine.default is None and mine.passing not in (Passing.REST, Passing.REST_KEYWORDS):
            return f"`{base.name}` does not take its parameter `{mine.name}`"
    return ""


def _same_default(own: ast.expr | None, other: ast.expr) -> bool:
    return own is not None and isinstance(own, ast.Constant | ast.UnaryOp | ast.Tuple) and ast.dump(own) == ast.dump(other)


_KINDS = {
    "method": "method", "property": "property", "setter": "setter", "static": "static method", "class": "class method",
    "function": "function",
}  # fmt: skip
