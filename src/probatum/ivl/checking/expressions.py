"""Types of expressions.

Every node gets its type after its parts, in a traversal with its own stack. A
node below which something is wrong is not judged again, so that one mistake
gives one message. What is still unknown when a node has been checked may be
decided by what surrounds it; `Unknowns.finish` decides the rest.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, cast

from probatum.ivl.checking.fields import Fields
from probatum.ivl.checking.inference import (
    UnknownMap,
    follow,
    formal_text,
    is_open,
    known,
    match,
    names_of,
    text,
    unify,
    unknown,
    unknown_bits,
    unknown_map,
    written_text,
)
from probatum.ivl.checking.limits import is_bounded
from probatum.ivl.checking.names import Report
from probatum.ivl.checking.operators import ARITHMETIC, CONNECTIVES, TURNED, operation
from probatum.ivl.checking.order import Bind, backwards, children
from probatum.ivl.checking.parts import everything, merged, parts
from probatum.ivl.checking.unknowns import Unknowns
from probatum.ivl.checking.wording import brief, shown
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import LiteralKind, Position
from probatum.ivl.types import (
    BOOL,
    INT,
    REAL,
    ROUNDING,
    STRING,
    Basic,
    Bits,
    Bound,
    Constructed,
    Float,
    Map,
    Type,
    TypeVariable,
    closed,
    opened,
    substitute,
    variables,
)

_FLOAT_TYPE = re.compile(r"(?:f|NaN|oo)([0-9]+)e([0-9]+)$")
_BOUND = tuple(Bound(0, index) for index in range(64))  # the parameters of a map type, seen from its parts
_WRITTEN = {"<==": "==>"}  # the name of an operator in messages
_LITERALS = {
    LiteralKind.BOOL: BOOL,
    LiteralKind.INT: INT,
    LiteralKind.REAL: REAL,
    LiteralKind.STRING: STRING,
    LiteralKind.ROUNDING: ROUNDING,
}
_JUDGED_WHOLE = frozenset({
    tree.Unary, tree.Binary, tree.Application, tree.Conversion, tree.Ascription, tree.Select, tree.Store,
    tree.Field, tree.FieldUpdate, tree.IsConstructor, tree.IfThenElse,
})  # fmt: skip


class ExpressionTyper(ABC):
    """Gives types to expressions.

    Attributes
    ----------
    report : Report
    unknowns : Unknowns
    fields : Fields
    """

    def __init__(self, report: Report, datatypes: dict[str, tree.Datatype]) -> None:
        self.report = report
        self.unknowns = Unknowns(report)
        self.fields = Fields(report, datatypes)
        self._bad = unknown("type_checking_error")  # one for all: what one error makes of it holds for all, as in Boogie
        self._tainted: set[int] = set()
        self._rules: dict[type, Callable[[Any], None]] = {
            tree.Literal: self._literal,
            tree.Identifier: self._identifier,
            tree.Unary: self._unary,
            tree.Binary: self._binary,
            tree.Application: self._application,
            tree.Old: self._old,
            tree.Conversion: self._conversion,
            tree.Ascription: self._ascription,
            tree.Select: self._select,
            tree.Store: self._store,
            tree.Extract: self._extract,
            tree.Field: self._field,
            tree.FieldUpdate: self._field_update,
            tree.IsConstructor: self._is_constructor,
            tree.IfThenElse: self._if_then_else,
            tree.Quantifier: self._quantifier,
            tree.Let: self._let,
            tree.Code: self._code,
            tree.Attribute: self._attribute,
            Bind: self._bind,
        }

    def expression(self, root: tree.Expression) -> Type:
        """Give types to an expression and all below it, and return its own."""
        if isinstance(root, tree.Identifier):
            self._identifier(root)
            return self._type(root)
        errors, tainted, rules = self.report.errors, self._tainted, self._rules
        before = self.unknowns.instantiations
        for node in reversed(backwards(root)):
            if tainted and any(id(part) in tainted for part in children(node)):
                tainted.add(id(node))
                if node.__class__ in _JUDGED_WHOLE and getattr(node, "operator", "") != "++":
                    self._give_up(node)
                    continue
            count = len(errors)
            rules[node.__class__](node)
            if len(errors) != count:
                tainted.add(id(node))
        if self.unknowns.instantiations > before:
            self.unknowns.roots.append(root)
        return self._type(root)

    def attributes(self, attributes: tree.Attributes) -> None:
        """Give types to the expressions in attributes, and check what some attributes want."""
        roots = len(self.unknowns.roots)
        for one in attributes:
            for value in one.values:
                if not isinstance(value, str):
                    self.expression(value)
            self._attribute(one)
        del self.unknowns.roots[roots:]

    @abstractmethod
    def code(self, node: tree.Code) -> None:
        """Give types to what is in a code expression."""

    def condition(self, root: tree.Expression, position: Position, message: str) -> None:
        """Give types to a formula; if it is none, report the message with the type it has."""
        type_ = self.expression(root)
        if type_ is not BOOL and not unify(type_, BOOL):
            self.report.error(position, message.format(shown(root)))

    def _type(self, node: Any) -> Type:
        """Return the type of a checked node."""
        type_: Type | None = node.type
        return self._bad if type_ is None else type_

    def _give_up(self, node: Any) -> None:
        """Leave a node whose parts are wrong: only what needs no types is still looked at."""
        if isinstance(node, tree.Application):
            self._has_arity(node)
        if not isinstance(node, tree.Ascription):
            node.type = self._bad

    # Leaves

    def _literal(self, node: tree.Literal) -> None:
        plain = _LITERALS.get(node.kind)
        if plain is not None:
            node.type = plain
        elif isinstance(node.value, tuple):
            node.type = Bits(node.value[1])
        elif match := _FLOAT_TYPE.search(node.text):
            node.type = Float(int(match[1]), int(match[2]))
        else:
            node.type = self._bad
            self.report.error(node.position, f"unsupported: literal `{node.text}`")

    def _identifier(self, node: tree.Identifier) -> None:
        decl = node.decl
        if decl is None or decl.type is None:
            node.type = self._bad
            return
        node.type = decl.type
        if self.unknowns.possible and decl.written is None and is_open(decl.type):
            self.unknowns.note(node)

    # Operators

    def _unary(self, node: tree.Unary) -> None:
        type_ = self._type(node.operand)
        if node.operator == "!":
            if unify(type_, BOOL):
                node.type = BOOL
                return
        elif unify(type_, INT):
            node.type = INT
            return
        elif unify(type_, REAL):
            node.type = REAL
            return
        node.type = self._bad
        message = f"invalid argument type ({shown(node.operand)}) to unary operator {node.operator}"
        self.report.error(node.position, message)

    def _binary(self, node: tree.Binary) -> None:
        operator = node.operator
        left, right = self._type(node.left), self._type(node.right)
        if operator in CONNECTIVES:
            if left is BOOL and right is BOOL:
                node.type = BOOL
                return
        elif left is INT and right is INT and operator in ARITHMETIC:
            node.type = INT
            return
        answer = operation(operator, left, right, self.unknowns)
        if answer is not None:
            self.unknowns.give(node, answer)
            return
        node.type = self._bad
        if operator == "++":
            message = f"++ operands need to be bitvectors (got {shown(node.left)}, {shown(node.right)})"
            self.report.error(node.position, message)
            return
        first, second = parts(node)
        self.mismatch(node.position, operator, shown(first), shown(second))

    def mismatch(self, position: Position, operator: str, left: str, right: str) -> None:
        """Report that an operator does not apply to operands of these types."""
        name = _WRITTEN.get(operator, operator)
        self.report.error(position, f"invalid argument types ({left} and {right}) to binary operator {name}")

    def negation(self, guard: tree.Expression) -> None:
        """Check the negation of a guard that has its types: the other way out of the statement assumes it.

        Boogie turns a comparison round instead of negating it, and gives other negations no place.
        """
        if isinstance(guard, tree.Binary) and guard.operator in TURNED:
            operator, swap = TURNED[guard.operator]
            first, second = (guard.right, guard.left) if swap else (guard.left, guard.right)
            if operation(operator, self._type(first), self._type(second), self.unknowns) is None:
                self.mismatch(first.position, operator, shown(first), shown(second))
        elif not (isinstance(guard, tree.Unary) and guard.operator == "!"):
            type_ = self._type(guard)
            if type_ is not BOOL and not unify(type_, BOOL):
                self.report.error(tree.NOWHERE, f"invalid argument type ({text(type_)}) to unary operator !")

    def _old(self, node: tree.Old) -> None:
        self.unknowns.give(node, self._type(node.operand))

    def _conversion(self, node: tree.Conversion) -> None:
        to, from_ = (INT, REAL) if node.to == "int" else (REAL, INT)
        type_ = self._type(node.operand)
        node.type = to
        if not unify(type_, from_):
            message = f"argument type {shown(node.operand)} does not match expected type {text(from_)}"
            self.report.error(node.position, message)

    def _ascription(self, node: tree.Ascription) -> None:
        type_ = self._type(node.operand)
        wanted = self._type(node)
        if not unify(wanted, type_):
            self.report.error(node.position, f"{shown(node.operand)} cannot be coerced to {written_text(node.written)}")

    def _if_then_else(self, node: tree.IfThenElse) -> None:
        condition, then, otherwise = map(self._type, (node.condition, node.then, node.otherwise))
        node.type = self._bad
        if not unify(condition, BOOL):
            message = f"the first argument to if-then-else should be bool, not {shown(node.condition)}"
            self.report.error(node.position, message)
        elif not unify(then, otherwise):
            left, right = shown(node.then), shown(node.otherwise)
            message = f"branches of if-then-else have incompatible types {left} and {right}"
            self.report.error(node.position, message)
        else:
            self.unknowns.give(node, then)

    def _extract(self, node: tree.Extract) -> None:
        width = node.upper - node.lower
        node.type = self._bad
        type_ = self._type(node.operand)
        if width < 0:
            message = "start index in extract must be no bigger than the end index"
            self.report.error(node.position, message)
        elif unify(unknown_bits(width), type_):
            node.type = Bits(width)
        else:
            message = f"extract operand must be a bitvector of at least {width} bits (got {shown(node.operand)})"
            self.report.error(node.position, message)

    # Applications

    def _has_arity(self, node: tree.Application) -> bool:
        decl = node.decl
        expected = 0
        if decl is not None:
            expected = len(decl.fields if isinstance(decl, tree.Constructor) else decl.arguments)
        if len(node.arguments) == expected:
            return True
        message = f"wrong number of arguments to function: {node.name} ({len(node.arguments)} instead of {expected})"
        self.report.error(node.position, message)
        return False

    def _application(self, node: tree.Application) -> None:
        node.type = self._bad
        decl = node.decl
        if not self._has_arity(node) or decl is None:
            return
        own, formals, result = signature(decl)
        if not own:
            self.arguments(formals, node.arguments, {}, f"application of {node.name}")
            node.type = result
            return
        args = self._quickly(own, [cast("Type", formal.type) for formal in formals], node.arguments)
        if args is None:
            to = {variable: self.unknowns.new(variable.name) for variable in own}
            self.arguments(formals, node.arguments, to, f"application of {node.name}")
            args = tuple(map(known, to.values()))
        node.type_args = args
        type_ = substitute(result, dict(zip(own, args, strict=True)))
        if is_bounded(self.report, node.position, type_):
            self.unknowns.give(node, type_)
            self.unknowns.instantiate(node, [variable.name for variable in own])

    def _quickly(
        self, own: Sequence[TypeVariable | Bound], formals: Sequence[Type], actuals: Sequence[tree.Expression]
    ) -> tuple[Type, ...] | None:
        """Return what type variables stand for if the types of arguments say so at once."""
        found: dict[TypeVariable | Bound, Type | None] = dict.fromkeys(own)
        for formal, actual in zip(formals, actuals, strict=True):
            if not match(formal, self._type(actual), found):
                return None
        answer = tuple([type_ for type_ in found.values() if type_ is not None])
        return answer if len(answer) == len(own) else None

    def arguments(
        self,
        formals: Sequence[tree.Variable],
        actuals: Sequence[tree.Expression],
        to: dict[TypeVariable, Type],
        what: str,
    ) -> None:
        """Match the types of arguments with those of parameters."""
        for number, (formal, actual) in enumerate(zip(formals, actuals, strict=True)):
            wanted, type_ = formal.type, self._type(actual)
            assert wanted is not None
            if wanted is type_:
                continue
            if not unify(substitute(wanted, to) if to else wanted, type_):
                expected = written_text(formal.written) if formal.written is not None else text(wanted)
                message = f"invalid type for argument {number} in {what}: {shown(actual)} (expected: {expected})"
                self.report.error(actual.position, message)

    def _select(self, node: tree.Select) -> None:
        written = node.map
        result = self.selection(node, self._type(written), written.position, written, node.indexes, "map select")
        if result is None:
            node.type = self._bad
        else:
            self.unknowns.give(node, result)

    def _store(self, node: tree.Store) -> None:
        node.type = self._bad
        type_ = self._type(node.map)
        result = self.selection(node, type_, node.map.position, node.map, node.indexes, "map store")
        if result is None:
            return
        value = self._type(node.value)
        if not unify(result, value):
            message = f"right-hand side in map store with wrong type: {shown(node.value)} (expected: {text(result)})"
            self.report.error(node.value.position, message)
            return
        self.unknowns.give(node, type_)

    def selection(  # noqa: PLR0917 - what a selection consists of, in expressions and in targets
        self,
        node: Any,
        type_: Type,
        map_position: Position,
        written: tree.Expression,
        indexes: Sequence[tree.Expression],
        what: str,
    ) -> Type | None:
        """Return the type of a map's value at indexes; set the type arguments of the node."""
        map_type = follow(type_)
        arity = len(map_type.domain) if isinstance(map_type, Map) else len(indexes)
        if isinstance(map_type, UnknownMap):
            arity = map_type.arity
        if arity != len(indexes):
            message = f"wrong number of arguments in {what}: {len(indexes)} instead of {arity}"
            self.report.error(node.position, message)
            return None
        if not isinstance(map_type, Map):
            self.unknowns.possible = True
            if not unify(map_type, unknown_map(len(indexes))):
                self.report.error(map_position, f"{what} applied to a non-map: {brief(written)}")
                return None
            return self.unknowns.use(node, cast("UnknownMap", follow(map_type)), tuple([self._type(index) for index in indexes]))
        domain, range_ = map_type.domain, map_type.range
        if map_type.parameters:
            many = map_type.parameters > len(_BOUND)
            args = None if many else self._quickly(_BOUND[: map_type.parameters], domain, indexes)
            if args is None:
                args = tuple(self.unknowns.new(name) for name in names_of(map_type))
                self._indexes(map_type, opened(map_type, args)[0], indexes, what)
                args = tuple(map(known, args))
            node.type_args = args
            self.unknowns.instantiate(node, names_of(map_type))
            range_ = opened(Map(map_type.parameters, (), range_), args)[1]
            return range_ if is_bounded(self.report, node.position, range_) else None
        self._indexes(map_type, domain, indexes, what)
        return range_

    def _indexes(self, map_type: Map, domain: Sequence[Type], indexes: Sequence[tree.Expression], what: str) -> None:
        """Match the types of indexes with those that a map wants."""
        for number, (wanted, index) in enumerate(zip(domain, indexes, strict=True)):
            actual = self._type(index)
            if wanted is not actual and not unify(wanted, actual):
                expected = formal_text(map_type, number)
                message = f"invalid type for argument {number} in {what}: {shown(index)} (expected: {expected})"
                self.report.error(index.position, message)

    # Datatypes

    def _field(self, node: tree.Field) -> None:
        type_ = self.fields.access(node, self._type(node.operand), node.name_position)
        if type_ is None:
            node.type = self._bad
        else:
            self.unknowns.give(node, type_)

    def _field_update(self, node: tree.FieldUpdate) -> None:
        node.type = self._bad
        type_ = self._type(node.operand)
        wanted = self.fields.access(node, type_, node.name_position)
        if wanted is None:
            return
        value = self._type(node.value)
        if not unify(value, wanted):
            message = f"right-hand side in field update with wrong type: {shown(node.value)} (expected: {text(wanted)})"
            self.report.error(node.name_position, message)
            return
        self.unknowns.give(node, type_)

    def _is_constructor(self, node: tree.IsConstructor) -> None:
        node.type = self._bad
        actual = self.fields.datatype(self._type(node.operand), node.name_position, "is-constructor")
        if actual is None:
            return
        constructed, datatype = actual
        found = [one for one in datatype.constructors if one.name == node.name]
        if not found:
            message = f"datatype {text(constructed)} does not have a constructor with name {node.name}"
            self.report.error(node.name_position, message)
            return
        node.decl = found[0]
        node.type = BOOL

    # Binders

    def _attribute(self, one: tree.Attribute) -> None:
        if one.key in ("minimize", "maximize"):
            good = all(not isinstance(value, str) and self._is_number(value) for value in one.values)
            message = "attributes :minimize and :maximize accept only one argument of type int, real or bv"
        elif one.key == "verified_under":
            good = all(not isinstance(value, str) and follow(self._type(value)) == BOOL for value in one.values)
            message = "attribute :verified_under accepts only one argument of type bool"
        else:
            return
        if not good:
            self.report.error(one.position, message)

    def _is_number(self, value: tree.Expression) -> bool:
        type_ = follow(self._type(value))
        return type_ in (INT, REAL) or isinstance(type_, Bits)

    def _quantifier(self, node: tree.Quantifier) -> None:
        chain = merged(node)
        body = self._type(chain[-1].body)
        own = [variable for one in chain for variable in one.type_variables]
        used: set[TypeVariable] = set()
        if own:
            used = {variable for one in chain for bound in one.bound for variable in variables(known(self._type(bound)))}
        missing = [variable for variable in own if variable not in used]
        if node.kind == "lambda":
            self._lambda(node, body, missing)
            return
        if body is not BOOL and not unify(body, BOOL):
            self.report.error(node.position, "quantifier body must be of type bool")
        for one in chain:
            one.type = BOOL
        if not missing:
            return
        for trigger in node.triggers:
            if trigger.positive:
                mentioned = _type_variables_of(trigger)
                for variable in missing:
                    if variable not in mentioned:
                        message = f"trigger does not mention {variable.name}, which does not occur in variables types either"
                        self.report.error(trigger.position, message)

    def _lambda(self, node: tree.Quantifier, body: Type, missing: list[TypeVariable]) -> None:
        domain = tuple([self._type(bound) for bound in node.bound])
        self.unknowns.give(node, closed(node.type_variables, domain, known(body)))
        if missing:
            message = f"the type variable {missing[0].name} does not occur in types of the lambda parameters"
            self.report.error(node.position, message)

    def _bind(self, item: Bind) -> None:
        for variable, value in zip(item.node.bound, item.node.values, strict=False):
            type_ = variable.type = self._type(value)
            if type_.__class__ is not Basic and is_open(type_):
                self.unknowns.note(variable)

    def _let(self, node: tree.Let) -> None:
        self.unknowns.give(node, self._type(node.body))

    def _code(self, node: tree.Code) -> None:
        self.code(node)
        node.type = BOOL


def signature(decl: tree.Function | tree.Constructor) -> tuple[tuple[TypeVariable, ...], list[tree.Variable], Type]:
    """Return type parameters, parameters and result type of a function or constructor."""
    if isinstance(decl, tree.Function):
        result = decl.result.type
        assert result is not None
        return decl.type_variables, decl.arguments, result
    datatype = decl.datatype
    assert datatype is not None
    return datatype.type_variables, decl.fields, Constructed(datatype.name, datatype.type_variables)


def _type_variables_of(trigger: tree.Trigger) -> set[TypeVariable]:
    """The type variables in the type arguments of what stands in a trigger."""
    found: set[TypeVariable] = set()
    for expression in trigger.expressions:
        for node in everything(expression):
            arguments: tuple[Type, ...] = getattr(node, "type_args", ())
            if isinstance(node, tree.Field | tree.FieldUpdate | tree.IsConstructor):
                datatype = follow(cast("Type", node.operand.type))
                arguments = datatype.arguments if isinstance(datatype, Constructed) else ()
            found.update(variable for argument in arguments for variable in variables(known(argument)))
    return found
