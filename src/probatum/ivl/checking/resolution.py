"""Finds what every name means, declaration by declaration.

Declarations are first entered into the name spaces, then types are resolved,
then all the rest in the order of the text, so that errors come in Boogie's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from probatum.ivl.checking.binding import ExpressionBinder
from probatum.ivl.checking.names import Names, States, holds
from probatum.ivl.checking.parts import steps
from probatum.ivl.checking.typenames import in_order, occurrences, resolve_synonyms, resolved
from probatum.ivl.syntax import tree
from probatum.ivl.types import Constructed, Map, Type, TypeVariable


def is_axiomatised(function: tree.Function) -> bool:
    """Whether the body of a function stands for an axiom, neither inlined nor a definition."""
    return function.body is not None and not holds(function.attributes, "inline") and not is_definition(function)


def is_definition(function: tree.Function) -> bool:
    """Whether the body of a function becomes a definition for the solver."""
    defined = holds(function.attributes, "define") and not holds(function.attributes, "inline")
    return function.body is not None and defined


class Resolver(ExpressionBinder):
    """Resolves a program; errors go to `names`."""

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self._labels: set[str] = set()
        self._procedure: tree.Procedure | None = None
        self._steps: dict[type, Callable[[Any], None]] = {
            tree.Assert: self._assert,
            tree.Assume: self._assume,
            tree.Measure: self._measure,
            tree.Havoc: self._havoc,
            tree.Assign: self._assign,
            tree.Unpack: self._unpack,
            tree.Call: self._call,
            tree.HideReveal: self._hide,
            tree.Scope: lambda _: None,
            tree.While: self._while,
            tree.If: self._if,
        }
        self._assigned: set[int] = set()  # assumption variables that got their value

    def program(self, program: tree.Program) -> None:
        """Resolve all declarations; those that gave way to others of their name leave the program."""
        for declaration in program.declarations:
            self._register(declaration)
        self._types(program)
        if self.names.ignored:
            _prune(program, self.names.ignored)
        rules: dict[type, Callable[[Any], None]] = {
            tree.ConstantGroup: self._constants,
            tree.Function: self._function,
            tree.Axiom: self._axiom,
            tree.Globals: self._globals,
            tree.Procedure: self._procedure_declaration,
            tree.Implementation: self._implementation,
        }
        for declaration in program.declarations:
            rule = rules.get(declaration.__class__)
            if rule is not None:
                rule(declaration)
        for declaration in program.declarations:
            if isinstance(declaration, tree.Globals):
                for variable in declaration.variables:
                    self._where(variable)

    # Entering declarations

    def _register(self, one: tree.Declaration) -> None:
        names = self.names
        match one:
            case tree.ConstantGroup():
                for axiom in one.uses:
                    names.add_axiom(axiom)
                for constant in one.constants:
                    names.add_variable(one.position, constant)
            case tree.Globals():
                for variable in one.variables:
                    names.add_variable(variable.position, variable)
            case tree.Function():
                for axiom in one.uses:
                    names.add_axiom(axiom)
                names.add_function(one.position, one, one.attributes)
            case tree.Axiom():
                names.add_axiom(one)
            case tree.Datatype():
                for constructor in one.constructors:
                    constructor.datatype = one
                    names.add_function(constructor.position, constructor, [])
                names.add_type(one.position, one, one.attributes)
            case tree.TypeConstructor() | tree.TypeSynonym():
                names.add_type(one.position, one, one.attributes)
            case tree.Procedure():
                names.add_procedure(one)
            case _:
                pass

    # Types

    def _types(self, program: tree.Program) -> None:
        ignored = self.names.ignored
        declarations = [one for one in program.declarations if id(one) not in ignored]
        for one in declarations:
            if isinstance(one, tree.TypeConstructor | tree.Datatype):
                self.attributes(one.attributes)
        synonyms = [one for one in declarations if isinstance(one, tree.TypeSynonym)]
        resolve_synonyms(self.names, synonyms, self.attributes)
        datatypes = [one for one in program.declarations if isinstance(one, tree.Datatype)]
        for datatype in datatypes:
            datatype.type_variables = tuple(TypeVariable(name.text) for name in datatype.parameters)
            for constructor in datatype.constructors:
                self._constructor(datatype, constructor)
        self._well_founded(datatypes)

    def _constructor(self, datatype: tree.Datatype, constructor: tree.Constructor) -> None:
        self._bind(datatype.parameters, datatype.type_variables)
        with self.names.scope():
            self._formals(constructor.fields)
        self.names.unbind(datatype.type_variables)

    def _well_founded(self, datatypes: list[tree.Datatype]) -> None:
        """Report datatypes that have no value because each constructor needs one of them first."""
        open_ = {one.name: one for one in datatypes}
        if len(open_) < len(datatypes):
            return  # two of one name: reported already

        def inhabited(type_: Type | None) -> bool:
            if isinstance(type_, Constructed):
                return type_.name not in open_
            if isinstance(type_, Map):
                return all(map(inhabited, type_.domain)) and inhabited(type_.range)
            return True

        while True:
            found = [
                name
                for name, one in open_.items()
                if any(all(inhabited(field.type) for field in constructor.fields) for constructor in one.constructors)
            ]
            if not found:
                break
            for name in found:
                del open_[name]
        if open_:
            self.names.error(tree.NOWHERE, f"Datatype declarations are not well-founded: {', '.join(open_)}")

    # Declarations

    def _constants(self, group: tree.ConstantGroup) -> None:
        for axiom in group.uses:
            self._axiom(axiom)
        for constant in group.constants:
            self.variable(constant)

    def _globals(self, group: tree.Globals) -> None:
        for variable in group.variables:
            self.variable(variable)

    def _axiom(self, axiom: tree.Axiom) -> None:
        self.attributes(axiom.attributes)
        with self.names.speaking_of(States.NONE):
            self.expression(axiom.expression)

    def _function(self, function: tree.Function) -> None:
        for axiom in function.uses:
            self._axiom(axiom)
        names = self.names
        function.type_variables = tuple(TypeVariable(name.text) for name in function.parameters)
        self._bind(function.parameters, function.type_variables)
        before = len(names.errors)
        with names.scope():
            self._formals(function.arguments)
            self._formals([function.result])
            self.attributes(function.attributes)
            if function.body is not None and not is_axiomatised(function):
                with names.speaking_of(States.NONE):
                    if is_definition(function):
                        self._result_again(function)
                    self.expression(function.body)
        self._finish(function, [*function.arguments, function.result], "function arguments")
        if is_axiomatised(function):
            self._axiom_of(function, silent=len(names.errors) == before)

    def _axiom_of(self, function: tree.Function, *, silent: bool) -> None:
        """Resolve a body as the axiom that it stands for: in it, the signature is read once more."""
        assert function.body is not None
        names = self.names
        for variable in function.type_variables:
            names.bind(function.position, variable)
        with names.scope(), names.speaking_of(States.NONE):
            for number, argument in enumerate(function.arguments):
                names.add_variable(argument.position, argument, name=argument.name or f"_{number}")
                if not silent and argument.written is not None:
                    resolved(names, argument.written)
            if function.arguments or function.parameters:
                self.attributes(function.attributes)
            if not silent:
                self._result_again(function)
            self.expression(function.body)
        names.unbind(function.type_variables)

    def _result_again(self, function: tree.Function) -> None:
        if function.result.written is not None:
            resolved(self.names, function.result.written)

    def _procedure_declaration(self, procedure: tree.Procedure) -> None:
        names = self.names
        with names.scope():
            if procedure.modifies:
                if procedure.pure:
                    names.error(procedure.position, "unnecessary modifies clause for pure procedure")
                else:
                    for identifier in procedure.modifies:
                        self.expression(identifier)
            procedure.type_variables = tuple(TypeVariable(name.text) for name in procedure.parameters)
            self._bind(procedure.parameters, procedure.type_variables)
            with names.speaking_of(States.NONE if procedure.pure else States.ONE):
                self._formals(procedure.ins)
                self._wheres(procedure.ins)
                for condition in procedure.requires:
                    self._condition(condition)
                for measure in procedure.measures:
                    self._measure(measure)
                self._formals(procedure.outs)
                self._wheres(procedure.outs)
            with names.speaking_of(States.NONE if procedure.pure else States.TWO):
                for condition in procedure.ensures:
                    self._condition(condition)
            self.attributes(procedure.attributes)
            self._finish(procedure, [*procedure.ins, *procedure.outs], "procedure arguments")

    def _condition(self, condition: tree.Condition) -> None:
        self.expression(condition.expression)
        self.attributes(condition.attributes)

    def _implementation(self, one: tree.Implementation) -> None:
        names = self.names
        procedure = one.procedure = names.procedures.get(one.name)
        if procedure is None:
            names.missing(one.position, "implementation given for undeclared procedure", one.name, names.procedures)
        self._procedure = procedure
        one.type_variables = tuple(TypeVariable(name.text) for name in one.parameters)
        self._bind(one.parameters, one.type_variables)
        with names.scope():
            self._formals(one.ins)
            self._formals(one.outs)
            for variable in one.locals:
                names.add_variable(variable.position, variable)
                self.variable(variable)
            self._wheres(one.locals)
            labels, self._labels = self._labels, set()
            self._register_labels(one.body)
            self.attributes(one.attributes)
            pure = procedure is not None and procedure.pure
            with names.speaking_of(States.NONE if pure else States.TWO):
                self._statements(one.body)
            self._labels = labels
        self._procedure = None
        self._finish(one, [*one.ins, *one.outs], "implementation arguments")

    def _bind(self, parameters: list[tree.Name], variables: Iterable[TypeVariable]) -> None:
        for name, variable in zip(parameters, variables, strict=True):
            self.names.bind(name.position, variable)

    def _formals(self, formals: list[tree.Variable]) -> None:
        for formal in formals:
            if formal.name:
                self.names.add_variable(formal.position, formal)
            self.variable(formal)

    def _wheres(self, variables: list[tree.Variable]) -> None:
        for variable in variables:
            self._where(variable)

    def _where(self, variable: tree.Variable) -> None:
        if variable.where is None:
            return
        if holds(variable.attributes, "assumption"):
            self.names.error(variable.position, "assumption variable may not be declared with a where clause")
        self.expression(variable.where)

    def _finish(
        self, one: tree.Function | tree.Procedure | tree.Implementation, signature: list[tree.Variable], what: str
    ) -> None:
        """Check that type parameters occur, put them into the order of their occurrence, and forget them."""
        own = one.type_variables
        if not own:
            return
        types = tuple(variable.type for variable in signature if variable.type is not None)
        declared = [variable for variable in own if self.names.binders.get(variable.name) is variable]
        occurrences(self.names, declared, types, one.position, what)
        self.names.unbind(own)
        one.type_variables = tuple(in_order(list(own), types))

    # Statements

    def _register_labels(self, statements: tree.Statements) -> None:
        for segment in statements.segments:
            if segment.label is not None:
                self._label(segment.position, segment.label)
            structured = segment.structured
            if isinstance(structured, tree.While):
                self._register_labels(structured.body)
            while isinstance(structured, tree.If):
                self._register_labels(structured.then)
                if isinstance(structured.otherwise, tree.Statements):
                    self._register_labels(structured.otherwise)
                    break
                structured = structured.otherwise

    def _label(self, position: tree.Position, label: str) -> None:
        if label in self._labels:
            self.names.error(position, f"more than one declaration of block name: {label}")
        self._labels.add(label)

    def _statements(self, statements: tree.Statements) -> None:
        for one in steps(statements):
            self._steps[one.__class__](one)

    def _while(self, loop: tree.While) -> None:
        for invariant in loop.invariants:
            self.expression(invariant.expression)
            self.attributes(invariant.attributes)
            self.names.statement(invariant.position, invariant.attributes)
        for measure in loop.measures:
            self._measure(measure)
        bad = self._guard(loop.guard)
        self._statements(loop.body)
        if bad:
            self._guard(loop.guard)

    def _if(self, one: tree.If | None) -> None:
        while one is not None:
            bad = self._guard(one.guard)
            self._statements(one.then)
            if bad:
                self._guard(one.guard)
            if isinstance(one.otherwise, tree.Statements):
                self._statements(one.otherwise)
                return
            one = one.otherwise

    def _guard(self, guard: tree.Expression | None) -> bool:
        """Bind names in a guard, and say whether that found errors: its negation, assumed elsewhere, has them again."""
        if guard is None:
            return False
        before = len(self.names.errors)
        self.expression(guard)
        return len(self.names.errors) > before

    def code(self, node: tree.Code) -> None:
        """Bind the names in a code expression."""
        names = self.names
        with names.scope():
            for variable in node.locals:
                names.add_variable(variable.position, variable)
                self.variable(variable)
            self._wheres(node.locals)
            labels, self._labels = self._labels, set()
            for block in node.blocks:
                self._label(block.position, block.label)
            for block in node.blocks:
                for command in block.commands:
                    self._steps[command.__class__](command)
                transfer = block.transfer
                if isinstance(transfer, tree.Goto):
                    for target in transfer.labels:
                        if target.text not in self._labels:
                            names.error(transfer.position, f"goto to unknown block: {target.text}")
                elif transfer.expression is not None:
                    self.expression(transfer.expression)
            self._labels = labels

    # Commands

    def _assert(self, one: tree.Assert) -> None:
        self.expression(one.expression)
        if one.attributes:
            self.attributes(one.attributes)
            self.names.statement(one.position, one.attributes)

    def _assume(self, one: tree.Assume) -> None:
        self.attributes(one.attributes)
        self.expression(one.expression)
        if one.attributes:
            self.names.statement(one.position, one.attributes)

    def _measure(self, one: tree.Measure) -> None:
        self.attributes(one.attributes)
        for expression in one.expressions:
            self.expression(expression)

    def _havoc(self, one: tree.Havoc) -> None:
        for identifier in one.variables:
            self.expression(identifier)

    def _assign(self, one: tree.Assign) -> None:
        self.attributes(one.attributes)
        if len(one.targets) != len(one.values):
            self.names.error(one.position, "number of left-hand sides does not match number of right-hand sides")
        for target in one.targets:
            self.expression(target.variable)
            for step in target.steps:
                if isinstance(step, tree.IndexStep):
                    for index in step.indexes:
                        self.expression(index)
        for value in one.values:
            self.expression(value)
        if len(one.targets) > 1:
            self._distinct(one.targets)
        for number, target in enumerate(one.targets):
            decl = target.variable.decl
            if not target.steps and decl is not None and holds(decl.attributes, "assumption"):
                self._assumption(one, decl, one.values[number] if number < len(one.values) else None)

    def _distinct(self, targets: list[tree.Target]) -> None:
        """Report each pair of targets that is one variable."""
        if len({id(target.variable.decl) for target in targets}) == len(targets):
            return
        for number, left in enumerate(targets):
            for right in targets[number + 1 :]:
                if left.variable.decl is not None and left.variable.decl is right.variable.decl:
                    message = f"variable {right.variable.name} is assigned more than once in parallel assignment"
                    self.names.error(place(right), message)

    def _assumption(self, one: tree.Assign, decl: tree.Variable, value: tree.Expression | None) -> None:
        is_narrowing = (
            isinstance(value, tree.Binary)
            and value.operator == "&&"
            and isinstance(value.left, tree.Identifier)
            and value.left.decl is decl
        )
        if not is_narrowing:
            form = f'"{decl.name} && <boolean expression>"'
            message = f"RHS of assignment to assumption variable {decl.name} must match expression {form}"
            self.names.error(one.position, message)
        elif id(decl) in self._assigned:
            self.names.error(one.position, "assumption variable may not be assigned to more than once")
        else:
            self._assigned.add(id(decl))

    def _unpack(self, one: tree.Unpack) -> None:
        declared = self.names.functions.get(one.constructor)
        if declared is None:
            self.names.error(one.constructor_position, f"use of undeclared function: {one.constructor}")
        elif isinstance(declared, tree.Constructor):
            one.decl = declared
        for identifier in one.targets:
            self.expression(identifier)
        self.expression(one.value)
        self.attributes(one.attributes)

    def _call(self, one: tree.Call) -> None:
        names = self.names
        self.attributes(one.attributes)
        procedure = one.decl = names.procedures.get(one.callee)
        if procedure is None:
            names.missing(one.position, "call to undeclared procedure", one.callee, names.procedures)
        for argument in one.arguments:
            self.expression(argument)
        seen: set[int] = set()
        for result in one.results:
            self.expression(result)
            if result.decl is not None:
                if id(result.decl) in seen:
                    message = f"left-hand side of call command contains variable twice: {result.name}"
                    names.error(one.position, message)
                seen.add(id(result.decl))
        if procedure is None:
            return
        if len(one.arguments) != len(procedure.ins):
            names.error(
                one.position,
                f"wrong number of arguments in call to {one.callee}: {len(one.arguments)}",
                f"`{one.callee}` takes {len(procedure.ins)}",
            )
            return
        if len(one.results) != len(procedure.outs):
            names.error(
                one.position,
                f"wrong number of result variables in call to {one.callee}: {len(one.results)}",
                f"`{one.callee}` has {len(procedure.outs)}",
            )
            return
        if one.attributes:
            names.statement(one.position, one.attributes)
        if self._procedure is not None and self._procedure.pure and not procedure.pure:
            names.error(one.position, "pure procedure may only call a pure procedure")

    def _hide(self, one: tree.HideReveal) -> None:
        if one.name is None:
            return
        declared = self.names.functions.get(one.name.name)
        if declared is None:
            self.names.error(one.name.position, f"use of undeclared function: {one.name.name}")
        elif isinstance(declared, tree.Function):
            one.decl = declared


def place(target: tree.Target) -> tree.Position:
    """Return the position of an assignment's target: that of its last step, or of the variable."""
    return target.steps[-1].position if target.steps else target.variable.position


def _prune(program: tree.Program, ignored: set[int]) -> None:
    kept: list[tree.Declaration] = []
    for one in program.declarations:
        if isinstance(one, tree.ConstantGroup):
            one.constants = [constant for constant in one.constants if id(constant) not in ignored]
            one.uses = [axiom for axiom in one.uses if id(axiom) not in ignored]
        elif isinstance(one, tree.Globals):
            one.variables = [variable for variable in one.variables if id(variable) not in ignored]
        elif isinstance(one, tree.Function):
            one.uses = [axiom for axiom in one.uses if id(axiom) not in ignored]
        if id(one) not in ignored:
            kept.append(one)
    program.declarations = kept
