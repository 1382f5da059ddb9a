"""Types of declarations and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from probatum.ivl.checking.expressions import ExpressionTyper
from probatum.ivl.checking.inference import fresh, known, text, unify, written_text
from probatum.ivl.checking.names import Report
from probatum.ivl.checking.operators import comparable
from probatum.ivl.checking.parts import steps
from probatum.ivl.checking.resolution import is_axiomatised, is_definition, place
from probatum.ivl.checking.wording import shown
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position, VariableKind
from probatum.ivl.types import BOOL, INT, Constructed, Type, TypeVariable, substitute

_FIXED = frozenset({VariableKind.CONSTANT, VariableKind.IN, VariableKind.BOUND})


class Typer(ExpressionTyper):
    """Checks the types of a resolved program; errors go to `report`."""

    def __init__(self, report: Report, datatypes: dict[str, tree.Datatype]) -> None:
        super().__init__(report, datatypes)
        self._procedure: tree.Procedure | None = None
        self._frame: set[int] = set()
        self._formulas: set[int] = set()  # conditions of variables that share one
        self._steps: dict[type, Callable[[Any], None]] = {
            tree.Assert: self._assert,
            tree.Assume: self._assume,
            tree.Measure: self._measure,
            tree.Havoc: self._havoc,
            tree.Assign: self._assign,
            tree.Unpack: self._unpack,
            tree.Call: self._call,
            tree.HideReveal: lambda _: None,
            tree.Scope: lambda _: None,
            tree.While: self._while,
            tree.If: self._if,
        }

    def program(self, program: tree.Program) -> None:
        """Check all declarations and, if there is no error, leave no type unknown."""
        rules: dict[type, Callable[[Any], None]] = {
            tree.ConstantGroup: self._constants,
            tree.Function: self._function,
            tree.Axiom: self._axiom,
            tree.TypeConstructor: lambda one: self.attributes(one.attributes),
            tree.TypeSynonym: lambda one: self.attributes(one.attributes),
            tree.Datatype: self._datatype_declaration,
            tree.Globals: self._globals,
            tree.Procedure: self._procedure_declaration,
            tree.Implementation: self._implementation,
        }
        before = len(self.report.errors)
        for one in program.declarations:
            rules[one.__class__](one)
        if len(self.report.errors) == before:
            self.unknowns.finish()

    # Declarations

    def _axiom(self, axiom: tree.Axiom) -> None:
        self.attributes(axiom.attributes)
        self.condition(axiom.expression, axiom.position, "axioms must be of type bool")

    def _constants(self, group: tree.ConstantGroup) -> None:
        for axiom in group.uses:
            self._axiom(axiom)
        for constant in group.constants:
            self._variable(constant)

    def _globals(self, group: tree.Globals) -> None:
        for variable in group.variables:
            self._variable(variable)

    def _variable(self, variable: tree.Variable) -> None:
        if variable.attributes:
            self.attributes(variable.attributes)
        if variable.where is not None:
            message = "where clauses must be of type bool"
            if id(variable.where) in self._formulas:
                if not unify(self._type(variable.where), BOOL):
                    self.report.error(variable.position, message)
            else:
                self._formulas.add(id(variable.where))
                self.condition(variable.where, variable.position, message)
        if variable.type is not BOOL and tree.attribute(variable.attributes, "assumption") is not None:
            self.report.error(variable.position, "assumption variable must be of type 'bool'")

    def _datatype_declaration(self, datatype: tree.Datatype) -> None:
        for found in self.fields.accessors(datatype).values():
            first, one = found[0]
            for _, other in found[1:]:
                if other.type != one.type:
                    message = f"type mismatch between field {other.name} and identically-named field in constructor"
                    self.report.error(other.position, f"{message} {first.name}")
        self.attributes(datatype.attributes)

    def _function(self, function: tree.Function) -> None:
        for axiom in function.uses:
            self._axiom(axiom)
        self.attributes(function.attributes)
        for variable in (*function.arguments, function.result):
            self._variable(variable)
        body = function.body
        if body is None:
            return
        result = self._type(function.result)
        before = len(self.report.errors)
        type_ = self.expression(body)
        is_good = len(self.report.errors) == before
        if is_axiomatised(function) or is_definition(function):
            # The body is one side of an equation, which may hold for some of the types only.
            if is_good and not comparable(result, type_):
                self.mismatch(function.position, "==", _declared(function.result), shown(body))
            if is_axiomatised(function):
                return
        if not unify(type_, result):
            message = f"function body with invalid type: {shown(body)} (expected: {_declared(function.result)})"
            self.report.error(body.position, message)

    def _procedure_declaration(self, procedure: tree.Procedure) -> None:
        self.attributes(procedure.attributes)
        for variable in (*procedure.ins, *procedure.outs):
            self._variable(variable)
        for identifier in procedure.modifies:
            if identifier.decl is not None and identifier.decl.kind in _FIXED:
                self.report.error(procedure.position, f"modifies list contains constant: {identifier.name}")
            self.expression(identifier)
        for condition in procedure.requires:
            self.condition(condition.expression, condition.position, "preconditions must be of type bool")
            self._quietly(condition.attributes)
        for measure in procedure.measures:
            self._measure(measure)
        for condition in procedure.ensures:
            self.condition(condition.expression, condition.position, "postconditions must be of type bool")
            self._quietly(condition.attributes)

    def _quietly(self, attributes: tree.Attributes) -> None:
        """Give types in attributes that Boogie does not check."""
        if any(one.values for one in attributes):
            report, self.report = self.report, Report("type")
            self.attributes(attributes)
            self.report = report

    def _implementation(self, one: tree.Implementation) -> None:
        procedure = one.procedure
        self.attributes(one.attributes)
        for variable in (*one.ins, *one.outs):
            self._variable(variable)
        if procedure is None:
            return
        if len(one.type_variables) != len(procedure.type_variables):
            message = f"mismatched number of type parameters in procedure implementation: {one.name}"
            self.report.error(one.position, message)
        else:
            self._match(one, procedure, one.ins, procedure.ins, "in")
            self._match(one, procedure, one.outs, procedure.outs, "out")
        self._procedure = procedure
        self._frame = {id(identifier.decl) for identifier in procedure.modifies}
        for variable in one.locals:
            self._variable(variable)
        self._statements(one.body)
        self._procedure = None

    def _match(
        self,
        one: tree.Implementation,
        procedure: tree.Procedure,
        own: list[tree.Variable],
        declared: list[tree.Variable],
        direction: str,
    ) -> None:
        if len(own) != len(declared):
            message = f"mismatched number of {direction}-parameters in procedure implementation: {one.name}"
            self.report.error(one.position, message)
            return
        to: dict[TypeVariable, Type] = dict(zip(one.type_variables, procedure.type_variables, strict=True))
        for mine, theirs in zip(own, declared, strict=True):
            type_ = fresh(self._type(mine), to)
            if type_ != self._type(theirs):
                message = f"mismatched type of {direction}-parameter in implementation {one.name}: {theirs.name}"
                if mine.name != theirs.name:
                    message += f" (named {mine.name} in implementation)"
                self.report.error(one.position, message)

    # Statements

    def _statements(self, statements: tree.Statements) -> None:
        for one in steps(statements):
            self._steps[one.__class__](one)

    def _while(self, loop: tree.While) -> None:
        for invariant in loop.invariants:
            self.attributes(invariant.attributes)
            word = "assumed" if invariant.free else "asserted"
            message = f"an {word} expression must be of type bool (got: {{}})"
            self.condition(invariant.expression, invariant.position, message)
        for measure in loop.measures:
            self._measure(measure)
        self._guard(loop.guard, loop.position)
        self._statements(loop.body)
        self._otherwise(loop.guard)

    def _if(self, one: tree.If | None) -> None:
        while one is not None:
            self._guard(one.guard, one.position)
            self._statements(one.then)
            self._otherwise(one.guard)
            if isinstance(one.otherwise, tree.Statements):
                self._statements(one.otherwise)
                return
            one = one.otherwise

    def _guard(self, guard: tree.Expression | None, position: Position) -> None:
        if guard is not None:
            self.condition(guard, position, "an assumed expression must be of type bool (got: {})")

    def _otherwise(self, guard: tree.Expression | None) -> None:
        if guard is not None and guard.type is not BOOL:
            self.negation(guard)

    def code(self, node: tree.Code) -> None:
        """Check the types in a code expression."""
        for variable in node.locals:
            self._variable(variable)
        for block in node.blocks:
            for command in block.commands:
                self._steps[command.__class__](command)
            transfer = block.transfer
            if isinstance(transfer, tree.Return) and transfer.expression is not None:
                message = "a return expression must be of type bool (got: {})"
                self.condition(transfer.expression, transfer.position, message)

    # Commands

    def _assert(self, one: tree.Assert) -> None:
        if one.attributes:
            self.attributes(one.attributes)
        self.condition(one.expression, one.position, "an asserted expression must be of type bool (got: {})")

    def _assume(self, one: tree.Assume) -> None:
        if one.attributes:
            self.attributes(one.attributes)
        self.condition(one.expression, one.position, "an assumed expression must be of type bool (got: {})")

    def _measure(self, one: tree.Measure) -> None:
        self.attributes(one.attributes)
        for expression in one.expressions:
            type_ = known(self.expression(expression))
            if type_ not in (INT, BOOL):
                message = f"a measure expression must be of type int or bool (got: {shown(expression)})"
                self.report.error(expression.position, message)

    def _havoc(self, one: tree.Havoc) -> None:
        for identifier in one.variables:
            self.expression(identifier)
        self._changes(one.position, one.variables)

    def _changes(self, position: Position, changed: Iterable[tree.Identifier]) -> None:
        """Check that a command may change these variables."""
        for identifier in changed:
            decl = identifier.decl
            if decl is None:
                continue
            if decl.kind in _FIXED:
                self.report.error(position, f"command assigns to an immutable variable: {decl.name}")
            elif decl.kind is VariableKind.GLOBAL and self._procedure is not None and id(decl) not in self._frame:
                message = (
                    f"command assigns to a global variable that is not in the enclosing procedure's modifies clause: {decl.name}"
                )
                self.report.error(position, message)

    def _assign(self, one: tree.Assign) -> None:
        before = len(self.report.errors)
        if one.attributes:
            self.attributes(one.attributes)
        for target in one.targets:
            self._target(target)
        for value in one.values:
            self.expression(value)
        if len(self.report.errors) > before:
            return
        self._changes(one.position, [target.variable for target in one.targets])
        for target, value in zip(one.targets, one.values, strict=True):
            left, right = self._type(target), self._type(value)
            if left is not right and not unify(left, right):
                message = f"mismatched types in assignment command (cannot assign {shown(value)} to {text(left)})"
                self.report.error(place(target), message)

    def _target(self, target: tree.Target) -> None:
        before, roots = len(self.report.errors), len(self.unknowns.roots)
        variable = target.variable
        type_: Type | None = self.expression(variable)
        position = variable.position
        for step in target.steps:
            if isinstance(step, tree.FieldStep):
                if len(self.report.errors) == before and type_ is not None:
                    type_ = self.fields.access(step, type_, step.name_position)
            else:
                for index in step.indexes:
                    self.expression(index)
                if type_ is not None:
                    type_ = self.selection(step, type_, position, variable, step.indexes, "map assignment")
            position = step.position
        polymorphic = [step for step in target.steps if isinstance(step, tree.IndexStep) and step.type_args]
        self.unknowns.roots[roots:roots] = reversed(polymorphic)
        if type_ is not None:
            self.unknowns.give(target, type_)

    def _unpack(self, one: tree.Unpack) -> None:
        self.attributes(one.attributes)
        before = len(self.report.errors)
        for identifier in one.targets:
            self.expression(identifier)
        constructor = one.decl
        left: Type = self._bad
        if constructor is not None and len(constructor.fields) != len(one.targets):
            self.report.error(
                one.constructor_position,
                f"wrong number of arguments to function: {one.constructor}"
                f" ({len(one.targets)} instead of {len(constructor.fields)})",
            )
        elif constructor is not None and constructor.datatype is not None:
            own = constructor.datatype.type_variables
            to = {variable: self.unknowns.new(variable.name) for variable in own}
            self.arguments(constructor.fields, one.targets, to, f"application of {one.constructor}")
            if len(self.report.errors) == before:
                left = Constructed(constructor.datatype.name, tuple(to.values()))
        right = self.expression(one.value)
        self._changes(one.position, one.targets)
        if not unify(left, right):
            message = f"mismatched types in assignment command (cannot assign {shown(one.value)} to {text(left)})"
            self.report.error(one.position, message)
            return
        if constructor is None:
            self.report.error(one.position, "left side of unpack command must be a constructor application")
        seen: set[int] = set()
        for identifier in one.targets:
            if id(identifier.decl) in seen:
                message = f"variable {identifier.name} is assigned more than once in unpack command"
                self.report.error(one.position, message)
            seen.add(id(identifier.decl))

    def _call(self, one: tree.Call) -> None:
        procedure = one.decl
        if procedure is None:
            return
        if one.attributes:
            self.attributes(one.attributes)
        for expression in (*one.arguments, *one.results):
            self.expression(expression)
        self._changes(one.position, [*one.results, *procedure.modifies])
        what = f"call to {one.callee}"
        to = {variable: self.unknowns.new(variable.name) for variable in procedure.type_variables}
        self.arguments(procedure.ins, one.arguments, to, what)
        for number, (formal, actual) in enumerate(zip(procedure.outs, one.results, strict=True)):
            wanted, type_ = substitute(self._type(formal), to), self._type(actual)
            if not unify(wanted, type_):
                message = f"invalid type for out-parameter {number} in {what}: {shown(actual)} (expected: {text(wanted)})"
                self.report.error(actual.position, message)
        one.type_args = tuple(to.values())
        if one.type_args:
            self.unknowns.note(one)


def _declared(variable: tree.Variable) -> str:
    """The declared type of a variable for a message."""
    return "" if variable.written is None else written_text(variable.written)
