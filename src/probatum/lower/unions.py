"""Attributes and methods of values that are of one of several classes: what each class says, for the one that it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from probatum.lower import families
from probatum.lower.heap import Part
from probatum.lower.lowered import Kind
from probatum.lower.statements import Statements
from probatum.lower.terms import Term, conditional, conjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_ONE = "one of'"  # what a union is in the branch under way: no name of Python's


class Unions(Statements):
    """Operations on unions whose options each have their own."""

    def options_of(self, type_: t.Type) -> tuple[t.Type, ...]:
        """Return the types of which a value is one, but None, if at least one is a class that was read; else nothing."""
        own = t.without_none(type_)
        if not isinstance(own, t.Union) or not any(self.class_of(o) is not None for o in own.options):
            return ()
        return own.options

    def _present(self, receiver: Term, node: ast.AST) -> Term:
        if self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
            return self.narrow(receiver, t.without_none(receiver.type))
        return receiver

    def _cases(self, receiver: Term, options: Sequence[t.Type], name: str, node: ast.AST) -> list[tuple[str, Term]]:
        """Return for each type that has an attribute when it is meant, and the value as one of it."""
        cases: list[tuple[str, Term]] = []
        before: list[str] = []
        for option in options:
            test = conjunction(*map(negation, before), self.holds_type(receiver, option))
            before.append(test)
            if self._lacks(option, name):
                text = f"a `{option}` has no attribute `{name}`"
                self.demand(negation(test), Kind.ATTRIBUTE, node, text, "AttributeError")
            else:
                cases.append((test, replace(self.narrow(receiver, option), state=receiver.state)))
        if not cases:
            raise Unsupported(f"the attribute `{name}` of a `{receiver.type}`", node)
        return cases

    def _lacks(self, type_: t.Type, name: str) -> bool:
        """Whether no value of a type has an attribute."""
        if type_ in _BUILTINS:
            return not hasattr(_BUILTINS[type_], name)
        own = self.class_of(type_)
        if own is None or families.foreign(self.program, own.qualified) or own.kind not in ("class", "dataclass"):
            return False
        hooked = families.ambiguity(self.program, own.qualified, "__getattr__")
        return not hooked and not families.owners(self.program, own.qualified, name) and not hasattr(object, name)

    # --- attributes ------------------------------------------------------------------------

    def attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return an attribute of an object, as it is in the state in which the object is meant."""
        options = self.options_of(receiver.type)
        if not options:
            return super().attribute(receiver, name, node)
        receiver = self._present(receiver, node)
        return self._one_of(
            self._cases(receiver, options, name, node), lambda one: super(Unions, self).attribute(one, name, node), node
        )

    def _one_of(self, cases: Sequence[tuple[str, Term]], value: Callable[[Term], Term], node: ast.AST) -> Term:
        values = []
        for test, one in cases:
            with self.guarded(test):
                values.append(value(one))
        type_ = self.joined([v.type for v in values])
        result = ""
        for (test, _), found in reversed(list(zip(cases, values, strict=True))):
            with self.guarded(test):
                text = self.coerce(found, type_, node).text
            result = conditional(test, text, result) if result else text
        return Term(result, type_, state=values[0].state)

    def assign_attribute(self, target: ast.Attribute, value: Term) -> None:
        """Assign to an attribute."""
        known = self.known_type(target.value)
        options = self.options_of(known) if known is not None else ()
        if not options or self.qualified(target) is not None:
            super().assign_attribute(target, value)
            return
        receiver = self.kept(self._present(self.evaluate(target.value), target))
        value = self.kept(self.materialised(value, target))
        own = ast.copy_location(ast.Attribute(_named(target.value), target.attr, ast.Store()), target)
        for _ in self._branches(receiver, options, target.attr, target):
            super().assign_attribute(own, value)
        self.narrowed = {key: type_ for key, type_ in self.narrowed.items() if key.isidentifier()}

    def parts(self, node: ast.expr) -> list[Part]:
        """Return the entries of the heap that an expression in `modifies` names: of a union, those of each class."""
        if not isinstance(node, ast.Attribute):
            return super().parts(node)
        known = self.known_type(node.value)
        options = self.options_of(known) if known is not None else ()
        if not options:
            return super().parts(node)
        owner = self.evaluate(node.value)
        found: list[Part] = []
        own = ast.copy_location(ast.Attribute(_named(node.value), node.attr, ast.Load()), node)
        for option in options:
            if not self._lacks(option, node.attr):
                with self._standing_for(self.narrow(owner, option)):
                    found.extend(super().parts(own))
        return found

    # --- methods ---------------------------------------------------------------------------

    def call_attribute(self, func: ast.Attribute, node: ast.Call) -> Term:
        """Return what a call of a method of a value returns."""
        known = self.known_type(func.value)
        options = self.options_of(known) if known is not None else ()
        if not options:
            return super().call_attribute(func, node)
        receiver = self._present(self.evaluate(func.value), func)
        own = ast.copy_location(ast.Attribute(_named(func.value), func.attr, ast.Load()), func)
        call = ast.copy_location(ast.Call(own, node.args, node.keywords), node)
        if self.in_contract or self.guards or not self.has_effects(node):
            cases = self._cases(receiver, options, func.attr, node)

            def called(one: Term) -> Term:
                with self._standing_for(one):
                    return super(Unions, self).call_attribute(own, call)

            return self._one_of(cases, called, node)
        return self._called_by_class(self.kept(receiver), options, func.attr, call)

    def _called_by_class(self, receiver: Term, options: Sequence[t.Type], name: str, call: ast.Call) -> Term:
        key = f"one of {call.lineno}:{call.col_offset}"
        type_, result = self.learnt.types.get(key), ""
        assert isinstance(call.func, ast.Attribute)
        for _ in self._branches(receiver, options, name, call):
            value = self.materialised(super().call_attribute(call.func, call), call)
            if type_ is None:
                type_ = value.type
            if not self.is_subtype(value.type, type_):
                self.learn_type(key, self.joined([type_, value.type]))
            result = result or self.writer.local("chosen", self.sort(type_))
            self.writer.assign(result, self.coerce(value, type_, call).text)
        assert type_ is not None
        self.invalidate()
        return Term(result, type_)

    def _branches(self, receiver: Term, options: Sequence[t.Type], name: str, node: ast.AST) -> Iterator[None]:
        """Go through the classes that a value may be of: what is written for each is what happens if it is of that one."""
        done = self.writer.fresh("done")
        before = (set(self.assigned), dict(self.narrowed), dict(self.origins))
        ends: list[tuple[set[str], dict[str, t.Type], dict[str, Term]]] = []
        for test, one in self._cases(receiver, options, name, node):
            here, other = self.writer.fresh("case"), self.writer.fresh("other")
            self.writer.choose(test, here, other)
            self.writer.label(here)
            with self._standing_for(one):
                yield
            ends.append((self.assigned, self.narrowed, self.origins))
            self.assigned, self.narrowed, self.origins = set(before[0]), dict(before[1]), dict(before[2])
            self.writer.jump(done)
            self.writer.label(other)
        self.writer.assume("false")  # it is of one of them
        self.writer.jump(done)
        self.merge(ends, *before)
        self.writer.label(done)

    @contextmanager
    def _standing_for(self, one: Term) -> Iterator[None]:
        before = self.names.get(_ONE)
        self.names = {**self.names, _ONE: one}
        try:
            yield
        finally:
            self.names = {k: v for k, v in self.names.items() if k != _ONE}
            if before is not None:
                self.names[_ONE] = before


_BUILTINS: dict[t.Type, type] = {t.INT: int, t.BOOL: bool, t.FLOAT: float, t.STR: str, t.BYTES: bytes}


def _named(node: ast.expr) -> ast.Name:
    return ast.copy_location(ast.Name(_ONE, ast.Load()), node)
