"""Expressions to terms, and declarations to a theory.

An `Elaborator` knows the whole program. `term` turns an expression into a term
in a `Scope`, which says what the variables and type variables mean there;
`finish` gives the theory with all that the terms need.

Expressions may be deep, so nothing here recurses over them: each case is a
generator that yields the parts it needs, with their scopes, and gets their
terms back (`run`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from probatum.ivl import terms, types
from probatum.ivl.blocks import OLD
from probatum.ivl.elaborate import builtins, quantifiers
from probatum.ivl.elaborate.attributes import added_to_pools, pool_names, quantifier_name, text_of, weight
from probatum.ivl.elaborate.datatypes import Datatypes
from probatum.ivl.elaborate.functions import Functions, Instance
from probatum.ivl.elaborate.instances import Instances
from probatum.ivl.elaborate.lambdas import Lambdas
from probatum.ivl.elaborate.maps import Maps
from probatum.ivl.elaborate.names import Names
from probatum.ivl.elaborate.scopes import Scope
from probatum.ivl.elaborate.sorts import Sorts
from probatum.ivl.options import Options
from probatum.ivl.pools import without_markers
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Bank, Binder, Sort, Symbol, Term
from probatum.ivl.theory import Theory
from probatum.ivl.types import Type, TypeVariable, substitute
from probatum.ivl.unsupported import Unsupported

Steps: TypeAlias = Generator[tuple[tree.Expression, Scope], Term, Term]

_FLOAT_ARITHMETIC: Final = {"+": "fp.add", "-": "fp.sub", "*": "fp.mul", "/": "fp.div"}
_FLOAT_ORDER: Final = {"<": "fp.lt", "<=": "fp.leq", ">": "fp.gt", ">=": "fp.geq"}


class Elaborator:
    """Turns the parts of a checked program into logic.

    Attributes
    ----------
    bank, theory
        Where terms and declarations go.
    instances : Instances
        The ground types that polymorphic things are needed at.
    datatypes, maps
        What makes terms of their values.
    code_expression : callable
        Makes the term of a code expression; whoever elaborates statements sets it.

    Raises
    ------
    Refused
        If the program cannot be monomorphised.
    """

    def __init__(self, program: tree.Program, options: Options) -> None:
        self.program = program
        self.options = options
        self.bank = Bank()
        self.theory = Theory(self.bank)
        self.names = Names()
        self.instances = Instances(program)
        self.sorts = Sorts(program, self.theory, self.names, self.instances)
        self.datatypes = Datatypes(self.bank, self.sorts)
        self.maps = Maps(self.bank, self.sorts)
        self.lambdas = Lambdas(self)
        self.functions = Functions(self)
        self.code_expression: Callable[[tree.Code, Scope], Term] = _no_code
        self._variables: dict[tuple[tree.Variable, bool], Term] = {}
        self._inlined: dict[tuple[object, ...], Term] = {}
        self._power: Symbol | None = None
        self._rules = self._rules_by_class()

    # Types

    def ground(self, type_: Type | None, types_: Mapping[TypeVariable, Type]) -> Type:
        """Return the type with ground types for its variables."""
        if type_ is None:
            raise TypeError("an expression without a type: the program was not checked")
        return substitute(type_, types_) if types_ else type_

    def sort(self, type_: Type | None, types_: Mapping[TypeVariable, Type]) -> Sort:
        """Return the sort of a type in a scope."""
        return self.sorts.of(self.ground(type_, types_))

    # Names

    def global_variable(self, decl: tree.Variable, *, old: bool = False) -> Term:
        """Return the variable for a global, or for its value at entry."""
        key = (decl, old)
        found = self._variables.get(key)
        if found is None:
            name = decl.name + OLD if old else decl.name
            found = self._variables[key] = self.bank.variable(name, self.sort(decl.type, {}))
        return found

    def constant(self, decl: tree.Variable) -> Term:
        """Return a constant."""
        return self.functions.constant(decl)

    def opaque(self, implementation: tree.Implementation) -> tuple[Type, ...]:
        """Return the types at which a polymorphic body is verified: nothing is known of them."""
        return self.instances.opaque(len(implementation.type_variables), implementation.type_variables)

    def finish(self) -> Theory:
        """Return the theory: call it when all bodies were elaborated, so that all they need is in it."""
        self.functions.finish()
        theory = self.theory
        if theory.pools:
            # Instances are made of what stands in bodies and of lambdas; in axioms terms for pools say nothing.
            stripped = without_markers(self.bank, theory.pools, [fact.term for fact in theory.facts])
            for fact, term in zip(theory.facts, stripped, strict=True):
                fact.term = term
        return theory

    # Expressions

    def term(self, expression: tree.Expression, scope: Scope) -> Term:
        """Return the meaning of an expression.

        Raises
        ------
        Unsupported
            It contains something that is not handled.
        """
        leaf = self._leaf(expression, scope)
        return self.run(self._steps(expression, scope)) if leaf is None else leaf

    def run(self, steps: Steps) -> Term:
        """Do what a generator asks for, until it returns."""
        stack = [steps]
        value: Term | None = None
        while True:
            try:
                part, scope = next(stack[-1]) if value is None else stack[-1].send(value)
            except StopIteration as end:
                stack.pop()
                result: Term = end.value
                if not stack:
                    return result
                value = result
                continue
            value = self._leaf(part, scope)
            if value is None:
                stack.append(self._steps(part, scope))

    def _leaf(self, expression: tree.Expression, scope: Scope) -> Term | None:
        if isinstance(expression, tree.Identifier):
            return self._identifier(expression, scope)
        if isinstance(expression, tree.Literal):
            return self._literal(expression)
        return None

    def _identifier(self, expression: tree.Identifier, scope: Scope) -> Term:
        decl = expression.decl
        if decl is None:
            raise TypeError(f"{expression.position}: `{expression.name}` is not resolved: the program was not checked")
        if decl.kind is tree.VariableKind.CONSTANT:
            return self.constant(decl)
        known = scope.variables.get(decl)
        if decl.kind is not tree.VariableKind.GLOBAL:
            if known is None:
                raise KeyError(f"{expression.position}: `{expression.name}` is not in scope")
            return known
        return self.global_variable(decl, old=scope.old) if scope.old or known is None else known

    def _literal(self, expression: tree.Literal) -> Term:
        bank, value = self.bank, expression.value
        match expression.kind:
            case tree.LiteralKind.BOOL:
                return bank.boolean(bool(value))
            case tree.LiteralKind.INT if isinstance(value, int):
                return bank.integer(value)
            case tree.LiteralKind.REAL if isinstance(value, Fraction):
                return bank.real(value)
            case tree.LiteralKind.BITS if isinstance(value, tuple):
                return bank.literal(builtins.bits(*value), self.sorts.of(types.Bits(value[1])))
            case tree.LiteralKind.FLOAT if isinstance(value, str):
                return bank.literal(*builtins.floating(value))
            case tree.LiteralKind.STRING if isinstance(value, str):
                return bank.literal(builtins.string(value), terms.STRING)
            case tree.LiteralKind.ROUNDING if isinstance(value, str):
                return bank.literal(value, terms.ROUNDING)
            case _:
                raise TypeError(f"{expression.position}: a literal of kind {expression.kind} with the value {value!r}")

    def _steps(self, one: tree.Expression, scope: Scope) -> Steps:
        return self._rules[one.__class__](one, scope)

    def _rules_by_class(self) -> dict[type, Callable[[Any, Scope], Steps]]:
        return {
            tree.Binary: self._binary,
            tree.Unary: self._unary,
            tree.Application: self._application,
            tree.Select: self._select,
            tree.Store: self._store,
            tree.IfThenElse: self._conditional,
            tree.Old: self._old,
            tree.Ascription: self._ascription,
            tree.Conversion: self._conversion,
            tree.Extract: self._extract,
            tree.Field: self._field,
            tree.FieldUpdate: self._field_update,
            tree.IsConstructor: self._is_constructor,
            tree.Quantifier: self._quantifier,
            tree.Let: self._let,
            tree.Code: self._code,
        }

    def _conditional(self, one: tree.IfThenElse, scope: Scope) -> Steps:
        condition = yield one.condition, scope
        then = yield one.then, scope
        otherwise = yield one.otherwise, scope
        return self.bank.conditional(condition, then, otherwise)

    def _old(self, one: tree.Old, scope: Scope) -> Steps:
        return (yield one.operand, replace(scope, old=True))

    def _ascription(self, one: tree.Ascription, scope: Scope) -> Steps:
        return (yield one.operand, scope)

    def _extract(self, one: tree.Extract, scope: Scope) -> Steps:
        whole = yield one.operand, scope
        sort = self.sorts.of(types.Bits(one.upper - one.lower))
        return self.bank.operator(f"(_ extract {one.upper - 1} {one.lower})", (whole,), sort)

    def _let(self, one: tree.Let, scope: Scope) -> Steps:
        values = yield from self._all(one.values, scope)
        variables = {**scope.variables, **dict(zip(one.bound, values, strict=True))}
        return (yield one.body, replace(scope, variables=variables))

    def _code(self, one: tree.Code, scope: Scope) -> Steps:
        yield from ()
        return self.code_expression(one, scope)

    def _field(self, one: tree.Field, scope: Scope) -> Steps:
        whole = yield one.operand, scope
        return self.datatypes.field(whole, one.constructors, one.name, self._datatype(one.operand, scope))

    def _field_update(self, one: tree.FieldUpdate, scope: Scope) -> Steps:
        whole = yield one.operand, scope
        value = yield one.value, scope
        return self.datatypes.field_update(whole, one.constructors, one.name, value, self._datatype(one.operand, scope))

    def _is_constructor(self, one: tree.IsConstructor, scope: Scope) -> Steps:
        whole = yield one.operand, scope
        return self.datatypes.is_constructor(whole, _decl(one), self._datatype(one.operand, scope))

    def _all(self, parts: Iterable[tree.Expression], scope: Scope) -> Generator[tuple[tree.Expression, Scope], Term, list[Term]]:
        """Ask for several parts."""
        found: list[Term] = []
        for part in parts:
            found.append((yield part, scope))  # noqa: PERF401 - a comprehension cannot yield
        return found

    # Operators

    def _unary(self, one: tree.Unary, scope: Scope) -> Steps:
        operand = yield one.operand, scope
        return self.bank.negation(operand) if one.operator == "!" else self._minus(operand)

    def _binary(self, one: tree.Binary, scope: Scope) -> Steps:
        if one.operator == "&&":
            return self.bank.conjunction((yield from self._all(_chain(one, "&&"), scope)))
        if one.operator == "||":
            return self.bank.disjunction((yield from self._all(_chain(one, "||"), scope)))
        left = yield one.left, scope
        right = yield one.right, scope
        return self._operated(one, left, right, scope)

    def _operated(self, one: tree.Binary, left: Term, right: Term, scope: Scope) -> Term:
        bank = self.bank
        is_float = left.sort.head == "_ FloatingPoint"
        match one.operator:
            case "==>":
                return bank.implication(left, right)
            case "<==":
                return bank.implication(right, left)
            case "<==>":
                return bank.equality(left, right)
            case "==" | "!=":
                return self._equality(one, left, right, scope)
            case "<" | "<=" | ">" | ">=" as operator:
                return bank.operator(_FLOAT_ORDER[operator] if is_float else operator, (left, right), terms.BOOL)
            case "+" | "-" | "*" as operator:
                if is_float:
                    return self._float_arithmetic(operator, left, right)
                return bank.operator(operator, (left, right), left.sort)
            case "/":
                if is_float:
                    return self._float_arithmetic("/", left, right)
                return bank.operator("/", (self._as_real(left), self._as_real(right)), terms.REAL)
            case "div" | "mod" as operator:
                return bank.operator(operator, (left, right), terms.INT)
            case "**":
                return bank.apply(self._power_symbol(), (self._as_real(left), self._as_real(right)))
            case "++":
                width = left.sort.indices[0] + right.sort.indices[0]
                return bank.operator("concat", (left, right), terms.bits(width))
            case operator:
                raise Unsupported(f"the operator `{operator}`", one.position)

    def _equality(self, one: tree.Binary, left: Term, right: Term, scope: Scope) -> Term:
        bank = self.bank
        if self.instances.polymorphic and self.ground(one.left.type, scope.types) != self.ground(one.right.type, scope.types):
            equal = bank.boolean(False)  # values of two types, of which the source says only that they may be one
        else:
            equal = bank.equality(left, right)  # of floats too: a NaN equals itself, and zeros have signs
        return equal if one.operator == "==" else bank.negation(equal)

    def _float_arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        nearest = self.bank.literal("RNE", terms.ROUNDING)
        return self.bank.operator(_FLOAT_ARITHMETIC[operator], (nearest, left, right), left.sort)

    def _minus(self, operand: Term) -> Term:
        if (
            operand.kind == "literal"
            and operand.sort == terms.INT
            and isinstance(text := operand.payload, str)
            and text.isdigit()
        ):
            return self.bank.integer(-int(text))
        return self.bank.operator("fp.neg" if operand.sort.head == "_ FloatingPoint" else "-", (operand,), operand.sort)

    def _as_real(self, operand: Term) -> Term:
        return self.bank.operator("to_real", (operand,), terms.REAL) if operand.sort == terms.INT else operand

    def _conversion(self, one: tree.Conversion, scope: Scope) -> Steps:
        operand = yield one.operand, scope
        if one.to == "real":
            return self._as_real(operand)
        return self.bank.operator("to_int", (operand,), terms.INT) if operand.sort == terms.REAL else operand

    def _power_symbol(self) -> Symbol:
        if self._power is None:
            # Uninterpreted, as in Boogie: solvers have no decision procedure for powers of reals.
            self._power = Symbol(self.names.unique("real_pow"), (terms.REAL, terms.REAL), terms.REAL)
            self.theory.symbols.append(self._power)
        return self._power

    # Applications

    def _application(self, one: tree.Application, scope: Scope) -> Steps:
        arguments = tuple((yield from self._all(one.arguments, scope)))
        decl = one.decl
        if isinstance(decl, tree.Constructor):
            type_ = self.ground(one.type, scope.types)
            if not isinstance(type_, types.Constructed):
                raise TypeError(f"{one.position}: `{decl.name}` makes no datatype")
            return self.datatypes.construct(decl, arguments, type_)
        if decl is None:
            raise TypeError(f"{one.position}: `{one.name}` is not resolved: the program was not checked")
        type_args = tuple(self.ground(t, scope.types) for t in one.type_args)
        instance = self.functions.instance(decl, type_args)
        if instance.inlined is None:
            return self.functions.applied(instance, arguments)
        key = (instance, arguments)
        found = self._inlined.get(key)
        if found is None:
            if instance.active:
                raise Unsupported(f"`{{:inline}}` on `{decl.name}`, which calls itself", one.position)
            instance.active = True
            try:
                found = yield instance.inlined, self._function_scope(instance, arguments)
            finally:
                instance.active = False
            self._inlined[key] = found
        return found

    def _function_scope(self, instance: Instance, arguments: Sequence[Term]) -> Scope:
        return Scope(instance.types, dict(zip(instance.decl.arguments, arguments, strict=True)))

    def _datatype(self, operand: tree.Expression, scope: Scope) -> types.Constructed:
        type_ = self.ground(operand.type, scope.types)
        if not isinstance(type_, types.Constructed):
            raise TypeError(f"{operand.position}: `{type_}` is no datatype: the program was not checked")
        return type_

    # Maps

    def _select(self, one: tree.Select, scope: Scope) -> Steps:
        map_ = yield one.map, scope
        indexes = yield from self._all(one.indexes, scope)
        if not one.type_args:
            return self.maps.select(map_, indexes)
        type_args = tuple(self.ground(t, scope.types) for t in one.type_args)
        return self.maps.select_at(map_, self.ground(one.map.type, scope.types), type_args, indexes)

    def _store(self, one: tree.Store, scope: Scope) -> Steps:
        map_ = yield one.map, scope
        indexes = yield from self._all(one.indexes, scope)
        value = yield one.value, scope
        if not one.type_args:
            return self.maps.store(map_, indexes, value)
        type_args = tuple(self.ground(t, scope.types) for t in one.type_args)
        return self.maps.store_at(map_, self.ground(one.map.type, scope.types), type_args, indexes, value)

    # Pools

    def pool_markers(self, attributes: tree.Attributes, scope: Scope) -> list[Term]:
        """Return the formulas that say which terms `{:add_to_pool}` puts into pools: to be assumed where the attributes stand."""
        return [
            self.theory.pools.marker(self.bank, name, self.term(expression, scope))
            for name, expression in added_to_pools(attributes)
        ]

    def _markers(self, attributes: tree.Attributes, scope: Scope) -> Generator[tuple[tree.Expression, Scope], Term, list[Term]]:
        added = list(added_to_pools(attributes))
        found = yield from self._all((expression for _, expression in added), scope)
        return [self.theory.pools.marker(self.bank, name, term) for (name, _), term in zip(added, found, strict=True)]

    # Binders

    def _lambda(self, one: tree.Quantifier, scope: Scope) -> Steps:
        if not one.type_variables:
            return (yield from self._monomorphic_lambda(one, scope))
        type_ = self.ground(one.type, scope.types)
        if not isinstance(type_, types.Map):
            raise TypeError(f"{one.position}: a lambda that is no map")
        made = self.sorts.polymorphic_map(type_)
        fields: list[Term] = []
        for arguments in made.fields:
            at = {**scope.types, **dict(zip(one.type_variables, arguments, strict=True))}
            fields.append((yield from self._monomorphic_lambda(one, replace(scope, types=at))))
        return self.bank.operator(made.datatype.constructors[0].head, fields, made.datatype.sort)

    def _monomorphic_lambda(self, one: tree.Quantifier, scope: Scope) -> Steps:
        variables, inner = self._bound(one.bound, scope)
        body = yield one.body, inner
        return self.lambdas.lifted(one, variables, body)

    def _bound(self, bound: Sequence[tree.Variable], scope: Scope) -> tuple[tuple[Term, ...], Scope]:
        fresh = tuple(self.bank.fresh(v.name, self.sort(v.type, scope.types)) for v in bound)
        return fresh, replace(scope, variables={**scope.variables, **dict(zip(bound, fresh, strict=True))})

    def _quantifier(self, one: tree.Quantifier, scope: Scope) -> Steps:
        if one.kind == "lambda":
            return (yield from self._lambda(one, scope))
        merged = quantifiers.merged(one)
        if not merged.type_variables:
            return (yield from self._monomorphic_quantifier(merged, scope))
        every: list[Term] = []
        for arguments in self.instances.of_quantifier(merged, scope.types):
            at = {**scope.types, **dict(zip(merged.type_variables, arguments, strict=True))}
            every.append((yield from self._monomorphic_quantifier(merged, replace(scope, types=at))))
        return self.bank.conjunction(every) if one.kind == "forall" else self.bank.disjunction(every)

    def _monomorphic_quantifier(self, one: tree.Quantifier, scope: Scope) -> Steps:
        variables, inner = self._bound(one.bound, scope)
        patterns: list[tuple[Term, ...]] = []
        forbidden: list[Term] = []
        for trigger in one.triggers:
            found = yield from self._all(map(quantifiers.pattern, trigger.expressions), inner)
            if trigger.positive:
                patterns.append(tuple(found))
            else:
                forbidden.extend(found)
        if not patterns:
            forbidden.extend((yield from self._all(quantifiers.never(one.body), inner)))
        markers = yield from self._markers(one.attributes, inner)
        body = yield one.body, inner
        if markers:
            held = self.bank.conjunction(markers)
            body = self.bank.implication(held, body) if one.kind == "forall" else self.bank.conjunction((held, body))
        for decl, variable in zip(one.bound, variables, strict=True):
            self.theory.pools.label(variable, pool_names(decl.attributes))
        binder = Binder(
            variables,
            tuple(pattern for pattern in patterns if not quantifiers.useless(pattern)),
            tuple(forbidden),
            weight(one.attributes),
            quantifier_name(one),
            text_of(one.attributes, "skolemid") or "",
        )
        return self.bank.quantified(one.kind, binder, body)


def _no_code(code: tree.Code, scope: Scope) -> Term:
    del scope
    raise Unsupported("a code expression where there are no statements", code.position)


def _chain(one: tree.Binary, operator: str) -> Iterator[tree.Expression]:
    """Yield the operands of a chain of one connective, from left to right."""
    stack: list[tree.Expression] = [one]
    while stack:
        top = stack.pop()
        if isinstance(top, tree.Binary) and top.operator == operator:
            stack.extend((top.right, top.left))
        else:
            yield top


def _decl(one: tree.IsConstructor) -> tree.Constructor:
    if one.decl is None:
        raise TypeError(f"{one.position}: `{one.name}` is not resolved: the program was not checked")
    return one.decl
