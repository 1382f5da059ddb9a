"""Commands of a program to commands over terms, in the scope of one body or code expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from probatum.ivl import types
from probatum.ivl.blocks import (
    Check,
    Claim,
    Command,
    Forget,
    Invoke,
    Know,
    Label,
    Reveal,
    Set,
)
from probatum.ivl.calls import claimed
from probatum.ivl.elaborate import measures
from probatum.ivl.elaborate.attributes import expression_of, text_of
from probatum.ivl.elaborate.fields import field_type
from probatum.ivl.elaborate.measures import Measured
from probatum.ivl.elaborate.scopes import Scope
from probatum.ivl.elaborate.structured import Flow, Guard, Step
from probatum.ivl.flags import count, flags, known_afterwards, text
from probatum.ivl.renaming import Renaming
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Term
from probatum.ivl.types import Type
from probatum.ivl.unsupported import Unsupported

if TYPE_CHECKING:
    from probatum.ivl.elaborate.bodies import Bodies


@dataclass(slots=True, eq=False)
class Translation:
    """Commands of one scope to commands over terms.

    Attributes
    ----------
    bodies : Bodies
    scope : Scope
    recursive : mapping
        Procedures whose calls must decrease the measure.
    measure : tuple of Term
        What it was at entry.
    """

    bodies: Bodies
    scope: Scope
    recursive: Mapping[tree.Procedure, bool]
    measure: tuple[Term, ...]
    kept: dict[Term, None] = field(default_factory=dict)  # variables that the translation needs for itself

    def plain(self, of: Flow) -> list[Command]:
        """Return the commands of a block in which there is no measure."""
        commands: list[Command] = []
        for step in of.steps:
            for one in self.step(step):
                if isinstance(one, Measured):
                    raise Unsupported("a measure in a code expression", of.position)
                commands.append(one)
        return commands

    def step(self, step: Step) -> list[Command | Measured]:
        """Return what stands for a command, a guard or an invariant."""
        bodies, scope = self.bodies, self.scope
        match step:
            case Guard(position=position, expression=expression, holds=holds):
                term = bodies.codes.settled(self._guard(expression, holds=holds), proved=False)
                return [Know(term, position, (("partition", ""),))]
            case tree.Invariant(free=True) | tree.Assume():
                term = bodies.assumed(step.expression, scope)
                return [*self._pools(step), Know(term, step.position, flags(step.attributes))]
            case tree.Invariant() | tree.Assert():
                return [*self._pools(step), *self._assertion(step.position, step.attributes, step.expression)]
            case tree.Measure():
                terms = tuple(bodies.elaborator.term(one, scope) for one in step.expressions)
                return [Measured(terms, tuple(one.position for one in step.expressions))]
            case tree.Havoc():
                return list(self._havoc(step))
            case tree.Assign():
                return [self._assignment(step)]
            case tree.Unpack():
                return list(self._unpacked(step))
            case tree.Call():
                return list(self._call(step))
            case tree.ParallelCall():
                raise Unsupported("parallel call", step.position)
            case tree.HideReveal():
                return list(self._hidden(step))
            case tree.Scope():
                return [Reveal("push" if step.push else "pop")]

    def _guard(self, expression: tree.Expression, *, holds: bool) -> Term:
        term = self.bodies.elaborator.term(expression, self.scope)
        return term if holds else self.bodies.bank.negation(term)

    def _pools(self, step: tree.Assert | tree.Assume | tree.Invariant) -> list[Command]:
        """Return what is known of the terms that a command adds to pools."""
        markers = self.bodies.elaborator.pool_markers(step.attributes, self.scope)
        return [Know(marker, step.position) for marker in markers]

    def _variable(self, of: tree.Identifier) -> Term:
        return self.bodies.elaborator.term(of, replace(self.scope, old=False))

    def _assertion(self, position: tree.Position, attributes: tree.Attributes, expression: tree.Expression) -> list[Command]:
        bodies = self.bodies
        of = flags(attributes)
        term = bodies.proved(expression, self.scope)
        known = known_afterwards(term, of, bodies.options)
        label = Label(Claim.ASSERT, position, message=text_of(attributes, "msg") or "", identifier=text(of, "id"))
        return claimed(Check(term, label, of, known), self._under(attributes), bodies.bank)

    def _under(self, attributes: tree.Attributes) -> Term | None:
        """Return where nothing needs to be proved, because it was verified before."""
        given = expression_of(attributes, "verified_under")
        return None if given is None else self.bodies.assumed(given, self.scope)

    def _havoc(self, step: tree.Havoc) -> list[Command]:
        """Forget variables; one that is marked `{:assumption}` never becomes true by that."""
        bank = self.bodies.bank
        variables = tuple(self._variable(one) for one in step.variables)
        marked = [
            self._variable(one) for one in step.variables if one.decl is not None and tree.flag(one.decl.attributes, "assumption")
        ]
        forgotten = Forget(variables, step.position)
        if not marked:
            return [forgotten]
        # No identifier of the language has an `@` in it.
        before = tuple(bank.variable(f"before@{one.payload}", one.sort) for one in marked)
        self.kept.update(dict.fromkeys(before))
        implied = [bank.implication(one, old) for one, old in zip(marked, before, strict=True)]
        return [Set(before, tuple(marked), step.position), forgotten, *(Know(one, step.position) for one in implied)]

    def _assignment(self, step: tree.Assign) -> Command:
        variables, values = [], []
        for target, expression in zip(step.targets, step.values, strict=True):
            value = self.bodies.assumed(expression, self.scope)
            variables.append(self._variable(target.variable))
            values.append(self._stored(target, value) if target.steps else value)
        return Set(tuple(variables), tuple(values), step.position)

    def _stored(self, target: tree.Target, value: Term) -> Term:
        """Return the whole variable with another value at the place that the target names."""
        elaborator, scope = self.bodies.elaborator, self.scope
        current = self._variable(target.variable)
        type_ = elaborator.ground(target.variable.type, scope.types)
        way: list[tuple[tree.IndexStep | tree.FieldStep, Term, Type, tuple[Type, ...], list[Term]]] = []
        for step in target.steps:
            if isinstance(step, tree.IndexStep):
                at = tuple(elaborator.ground(one, scope.types) for one in step.type_args)
                indexes = [elaborator.term(one, scope) for one in step.indexes]
                way.append((step, current, type_, at, indexes))
                if not isinstance(type_, types.Map):
                    raise TypeError(f"{step.position}: `{type_}` is no map: the program was not checked")
                if step is not target.steps[-1]:
                    current = elaborator.maps.select_at(current, type_, at, indexes)
                type_ = types.opened(type_, at)[1] if type_.parameters else type_.range
            else:
                way.append((step, current, type_, (), []))
                if not isinstance(type_, types.Constructed):
                    raise TypeError(f"{step.position}: `{type_}` is no datatype: the program was not checked")
                if step is not target.steps[-1]:
                    current = elaborator.datatypes.field(current, step.constructors, step.name, type_)
                type_ = field_type(step.constructors[0], step.name, type_)
        for step, whole, whole_type, at, indexes in reversed(way):
            if isinstance(step, tree.IndexStep):
                value = elaborator.maps.store_at(whole, whole_type, at, indexes, value)
            elif isinstance(whole_type, types.Constructed):
                value = elaborator.datatypes.field_update(whole, step.constructors, step.name, value, whole_type)
        return value

    def _unpacked(self, step: tree.Unpack) -> list[Command]:
        elaborator = self.bodies.elaborator
        type_ = elaborator.ground(step.value.type, self.scope.types)
        constructor = step.decl
        if constructor is None or not isinstance(type_, types.Constructed):
            raise TypeError(f"{step.position}: `{step.constructor}` is not resolved: the program was not checked")
        value = self.bodies.assumed(step.value, self.scope)
        term = elaborator.datatypes.is_constructor(value, constructor, type_)
        fields = tuple(elaborator.datatypes.field(value, (constructor,), one.name, type_) for one in constructor.fields)
        return [
            Check(term, Label(Claim.UNPACK, step.position), (), known_afterwards(term, (), self.bodies.options)),
            Set(tuple(self._variable(one) for one in step.targets), fields, step.position),
        ]

    def _call(self, step: tree.Call) -> list[Command]:
        bodies, scope = self.bodies, self.scope
        if step.asynchronous:
            raise Unsupported("asynchronous call", step.position)
        if step.decl is None:
            raise TypeError(f"{step.position}: `{step.callee}` is not resolved: the program was not checked")
        at = tuple(bodies.elaborator.ground(one, scope.types) for one in step.type_args)
        prepared = bodies.prepared(step.decl, at)
        routine = prepared.routine
        arguments = tuple(bodies.assumed(one, scope) for one in step.arguments)
        commands: list[Command] = []
        if self.measure and step.decl in self.recursive and len(prepared.measure) == len(self.measure):
            to = Renaming(bodies.bank, dict(zip(routine.ins, arguments, strict=True)))
            less = measures.decreases(bodies.bank, to.terms(prepared.measure), self.measure)
            commands.append(Check(less, Label(Claim.MEASURE, step.position)))
        results = tuple(self._variable(one) for one in step.results)
        commands.append(
            Invoke(
                routine,
                arguments,
                results,
                step.position,
                free=step.free,
                attributes=flags(step.attributes),
                depth=count(step.attributes, "inline"),
                verified_under=self._under(step.attributes),
            )
        )
        return commands

    def _hidden(self, step: tree.HideReveal) -> list[Command]:
        what = "reveal" if step.reveal else "hide"
        if step.decl is None:
            return [Reveal(what)]
        elaborator = self.bodies.elaborator
        instances = elaborator.instances.of_function(step.decl) if step.decl.type_variables else [()]
        symbols = [elaborator.functions.instance(step.decl, at).symbol for at in instances]
        return [Reveal(what, tuple(symbol for symbol in symbols if symbol is not None))]
