"""Types of expressions.

Every node gets its type after its parts, in a traversal with its own stack. A
node below which something is wrong is not judged again, so that one mistake
gives one message. What is still unknown when a node has been checked may be
decided by what surrounds it; `finish` decides the rest.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from probatum.ivl.checking.inference import (
    Open,
    Solution,
    UnknownMap,
    follow,
    formal_text,
    instance,
    is_open,
    known,
    match,
    names_of,
    settle,
    text,
    unify,
    unknown,
    unknown_bits,
    unknown_map,
    unknown_sum,
    written_text,
)
from probatum.ivl.checking.limits import excess
from probatum.ivl.checking.names import Report
from probatum.ivl.checking.parts import everything, merged, parts
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
_CONNECTIVES = frozenset({"&&", "||", "==>", "<==", "<==>"})
_EQUALITIES = frozenset({"==", "!="})
_ORDERS = frozenset({"<", "<=", ">", ">="})
_ARITHMETIC = frozenset({"+", "-", "*"})
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


@dataclass(slots=True)
class _Bind:
    """The moment in a let when its values have types and its variables get them."""

    node: tree.Let


_Item: TypeAlias = "tree.Expression | tree.Attribute | _Bind"


class ExpressionTyper(ABC):
    """Gives types to expressions.

    Attributes
    ----------
    report : Report
    datatypes : dict of str to Datatype
    """

    def __init__(self, report: Report, datatypes: dict[str, tree.Datatype]) -> None:
        self.report = report
        self.datatypes = datatypes
        self._fields: dict[str, dict[str, list[tuple[tree.Constructor, tree.Variable]]]] = {}
        self._bad = unknown("type_checking_error")  # one for all: what one error makes of it holds for all, as in Boogie
        self._tainted: set[int] = set()
        self._open: list[Any] = []  # nodes with something unknown in their types
        self._instantiated: list[tuple[Any, Sequence[tuple[str, Type]]]] = []  # with type parameters not known yet
        self.roots: list[tree.Expression | tree.IndexStep] = []  # whose nodes are in `_instantiated`, for warnings
        self._late: list[tuple[Any, Open, tuple[Type, ...], Type]] = []  # selections from maps not known yet
        self._serial = 0
        self._any_unknown = False  # whether there may be unknown types at all: without, nothing needs looking for them
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
            _Bind: self._bind,
        }

    def expression(self, root: tree.Expression) -> Type:
        """Give types to an expression and all below it, and return its own."""
        if isinstance(root, tree.Identifier):
            self._identifier(root)
            return self._type(root)
        errors, tainted, rules = self.report.errors, self._tainted, self._rules
        before = len(self._instantiated)
        for node in reversed(_backwards(root)):
            if tainted and any(id(part) in tainted for part in _children(node)):
                tainted.add(id(node))
                if node.__class__ in _JUDGED_WHOLE and getattr(node, "operator", "") != "++":
                    self._give_up(node)
                    continue
            count = len(errors)
            rules[node.__class__](node)
            if len(errors) != count:
                tainted.add(id(node))
        if len(self._instantiated) > before:
            self.roots.append(root)
        return self._type(root)

    def attributes(self, attributes: tree.Attributes) -> None:
        """Give types to the expressions in attributes, and check what some attributes want."""
        roots = len(self.roots)
        for one in attributes:
            for value in one.values:
                if not isinstance(value, str):
                    self.expression(value)
            self._attribute(one)
        del self.roots[roots:]

    @abstractmethod
    def code(self, node: tree.Code) -> None:
        """Give types to what is in a code expression."""

    def condition(self, root: tree.Expression, position: Position, message: str) -> None:
        """Give types to a formula; if it is none, report the message with the type it has."""
        type_ = self.expression(root)
        if type_ is not BOOL and not unify(type_, BOOL):
            self.report.error(position, message.format(shown(root)))

    def finish(self) -> None:
        """Decide what is still unknown, and warn about it; afterwards no type in the tree is unknown."""
        waiting = {id(node): named for node, named in self._instantiated if any(is_open(type_) for _, type_ in named)}
        if waiting:
            for root in self.roots:
                for node in (root,) if isinstance(root, tree.IndexStep) else everything(root):
                    self._decide(node.position, waiting.pop(id(node), ()))
        for node, map_type, domain, range_ in self._late:
            actual = follow(map_type)
            if not isinstance(actual, Map):
                settle(actual)
                actual = follow(map_type)
            if isinstance(actual, Map) and actual.parameters:
                node.type_args = instance(actual, domain, range_)
        for node in self._open:
            type_ = getattr(node, "type", None)
            if type_ is not None:
                settle(type_)
                node.type = known(type_)
            arguments = getattr(node, "type_args", ())
            for argument in arguments:
                settle(argument)
            if arguments:
                node.type_args = tuple(map(known, arguments))

    def _decide(self, position: Position, named: Sequence[tuple[str, Type]]) -> None:
        for name, type_ in named:
            if settle(type_):
                message = f"type parameter {name} is ambiguous, instantiating to {text(type_)}"
                self.report.warning(position, message)

    # Helpers

    def note(self, node: Any) -> None:
        """Remember a node whose `type` or `type_args` may be unknown still."""
        self._open.append(node)

    def unknown(self, hint: str) -> Type:
        """Return a new unknown type with a number for messages."""
        self._serial += 1
        self._any_unknown = True
        return unknown(hint, self._serial)

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

    def _set(self, node: Any, type_: Type) -> None:
        if type_.__class__ is Basic or not self._any_unknown:
            node.type = type_
            return
        type_ = node.type = known(type_)
        if is_open(type_):
            self._open.append(node)

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
        if self._any_unknown and decl.written is None and is_open(decl.type):
            self._open.append(node)

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
        if operator in _CONNECTIVES:
            if left is BOOL and right is BOOL:
                node.type = BOOL
                return
        elif left is INT and right is INT and operator in _ARITHMETIC:
            node.type = INT
            return
        answer = self._operation(operator, left, right)
        if answer is not None:
            self._set(node, answer)
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

    def _operation(self, operator: str, left: Type, right: Type) -> Type | None:
        """Return the type of the result, or None if the operator does not apply."""
        if operator in _CONNECTIVES:
            return BOOL if unify(left, BOOL) and unify(right, BOOL) else None
        if operator in _EQUALITIES:
            return BOOL if self.comparable(left, right) else None
        if operator in _ORDERS:
            return BOOL if self._numbers(left, right) is not None else None
        if operator in _ARITHMETIC:
            return self._numbers(left, right)
        if operator in ("div", "mod"):
            return INT if unify(left, INT) and unify(right, INT) else None
        if operator == "/":
            if (unify(left, INT) or unify(left, REAL)) and (unify(right, INT) or unify(right, REAL)):
                return REAL
            return _same_float(left, right)
        if operator == "**":
            return REAL if unify(left, REAL) and unify(right, REAL) else None
        return self._concatenation(left, right)

    def _numbers(self, left: Type, right: Type) -> Type | None:
        if unify(left, INT) and unify(right, INT):
            return INT
        if unify(left, REAL) and unify(right, REAL):
            return REAL
        return _same_float(left, right)

    def _concatenation(self, left: Type, right: Type) -> Type | None:
        one, two = follow(left), follow(right)
        if isinstance(one, Bits) and isinstance(two, Bits):
            return Bits(one.width + two.width)
        self._any_unknown = True
        if not (unify(left, unknown_bits(0)) and unify(right, unknown_bits(0))):
            return None
        return unknown_sum(left, right)

    def comparable(self, left: Type, right: Type) -> bool:
        """Whether two types may be one for some choice of the type variables in them."""
        if left is right:
            return True
        left, right = known(left), known(right)
        return left == right or unify(left, right, Solution(frozenset([*variables(left), *variables(right)])))

    def negation(self, guard: tree.Expression) -> None:
        """Check the negation of a guard that has its types: the other way out of the statement assumes it.

        Boogie turns a comparison round instead of negating it, and gives other negations no place.
        """
        if isinstance(guard, tree.Binary) and guard.operator in _TURNED:
            operator, swap = _TURNED[guard.operator]
            first, second = (guard.right, guard.left) if swap else (guard.left, guard.right)
            if self._operation(operator, self._type(first), self._type(second)) is None:
                self.mismatch(first.position, operator, shown(first), shown(second))
        elif not (isinstance(guard, tree.Unary) and guard.operator == "!"):
            type_ = self._type(guard)
            if type_ is not BOOL and not unify(type_, BOOL):
                self.report.error(tree.NOWHERE, f"invalid argument type ({text(type_)}) to unary operator !")

    def _old(self, node: tree.Old) -> None:
        self._set(node, self._type(node.operand))

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
            self._set(node, then)

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
            to = {variable: self.unknown(variable.name) for variable in own}
            self.arguments(formals, node.arguments, to, f"application of {node.name}")
            args = tuple(map(known, to.values()))
        node.type_args = args
        type_ = substitute(result, dict(zip(own, args, strict=True)))
        if self._is_bounded(node.position, type_):
            self._set(node, type_)
            self._instantiate(node, [variable.name for variable in own])

    def _is_bounded(self, position: Position, type_: Type) -> bool:
        """Whether a type that was put together has a size that can be worked with; an error says it has not."""
        limit = excess(type_)
        if limit:
            self.report.error(position, f"unsupported: type with {limit}")
        return not limit

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

    def _instantiate(self, node: Any, names: Sequence[str]) -> None:
        """Remember the type arguments of a node if something in them is unknown."""
        if self._any_unknown and any(map(is_open, node.type_args)):
            self._open.append(node)
            self._instantiated.append((node, list(zip(names, node.type_args, strict=True))))

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
            self._set(node, result)

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
        self._set(node, type_)

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
            self._any_unknown = True
            if not unify(map_type, unknown_map(len(indexes))):
                self.report.error(map_position, f"{what} applied to a non-map: {_brief(written)}")
                return None
            return self._use(node, follow(map_type), indexes)
        domain, range_ = map_type.domain, map_type.range
        if map_type.parameters:
            many = map_type.parameters > len(_BOUND)
            args = None if many else self._quickly(_BOUND[: map_type.parameters], domain, indexes)
            if args is None:
                args = tuple(self.unknown(name) for name in names_of(map_type))
                self._indexes(map_type, opened(map_type, args)[0], indexes, what)
                args = tuple(map(known, args))
            node.type_args = args
            self._instantiate(node, names_of(map_type))
            range_ = opened(Map(map_type.parameters, (), range_), args)[1]
            return range_ if self._is_bounded(node.position, range_) else None
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

    def _use(self, node: Any, map_type: Open, indexes: Sequence[tree.Expression]) -> Type:
        """Record that a map not known yet must have a value at these indexes."""
        domain = tuple([self._type(index) for index in indexes])
        result = self.unknown("result")
        cast("UnknownMap", map_type).uses.append((domain, result))
        self._late.append((node, map_type, domain, result))
        self._open.append(node)
        return result

    # Datatypes

    def accessors(self, datatype: tree.Datatype) -> dict[str, list[tuple[tree.Constructor, tree.Variable]]]:
        """Return for each field of a datatype the constructors that have it."""
        fields = self._fields.get(datatype.name)
        if fields is None:
            fields = self._fields[datatype.name] = {}
            for constructor in datatype.constructors:
                for one in constructor.fields:
                    fields.setdefault(one.name, []).append((constructor, one))
        return fields

    def access(self, node: Any, type_: Type, position: Position) -> Type | None:
        """Return the type of a field, or None if there is none; `node` has a name and gets its constructors."""
        actual = self._datatype(type_, position, "field-access")
        if actual is None:
            return None
        constructed, datatype = actual
        found = self.accessors(datatype).get(node.name)
        if found is None:
            message = f"datatype {text(constructed)} does not have a field with name {node.name}"
            self.report.error(position, message)
            return None
        node.constructors = tuple(constructor for constructor, _ in found)
        field_type = found[0][1].type
        assert field_type is not None
        if not datatype.type_variables:
            return field_type
        answer = substitute(field_type, dict(zip(datatype.type_variables, constructed.arguments, strict=True)))
        return answer if self._is_bounded(position, answer) else None

    def _datatype(self, type_: Type, position: Position, what: str) -> tuple[Constructed, tree.Datatype] | None:
        actual = follow(type_)
        if isinstance(actual, Constructed):
            datatype = self.datatypes.get(actual.name)
            if datatype is not None:
                return actual, datatype
        self.report.error(position, f"{what} must be applied to a datatype, {text(actual)} is not a datatype")
        return None

    def _field(self, node: tree.Field) -> None:
        type_ = self.access(node, self._type(node.operand), node.name_position)
        if type_ is None:
            node.type = self._bad
        else:
            self._set(node, type_)

    def _field_update(self, node: tree.FieldUpdate) -> None:
        node.type = self._bad
        type_ = self._type(node.operand)
        wanted = self.access(node, type_, node.name_position)
        if wanted is None:
            return
        value = self._type(node.value)
        if not unify(value, wanted):
            message = f"right-hand side in field update with wrong type: {shown(node.value)} (expected: {text(wanted)})"
            self.report.error(node.name_position, message)
            return
        self._set(node, type_)

    def _is_constructor(self, node: tree.IsConstructor) -> None:
        node.type = self._bad
        actual = self._datatype(self._type(node.operand), node.name_position, "is-constructor")
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
        self._set(node, closed(node.type_variables, domain, known(body)))
        if missing:
            message = f"the type variable {missing[0].name} does not occur in types of the lambda parameters"
            self.report.error(node.position, message)

    def _bind(self, item: _Bind) -> None:
        for variable, value in zip(item.node.bound, item.node.values, strict=False):
            type_ = variable.type = self._type(value)
            if type_.__class__ is not Basic and is_open(type_):
                self._open.append(variable)

    def _let(self, node: tree.Let) -> None:
        self._set(node, self._type(node.body))

    def _code(self, node: tree.Code) -> None:
        self.code(node)
        node.type = BOOL


_TURNED = {
    "==": ("!=", False), "!=": ("==", False), "<": ("<=", True), "<=": ("<", True), ">=": (">", True), ">": (">=", True),
}  # fmt: skip


def signature(decl: tree.Function | tree.Constructor) -> tuple[tuple[TypeVariable, ...], list[tree.Variable], Type]:
    """Return type parameters, parameters and result type of a function or constructor."""
    if isinstance(decl, tree.Function):
        result = decl.result.type
        assert result is not None
        return decl.type_variables, decl.arguments, result
    datatype = decl.datatype
    assert datatype is not None
    return datatype.type_variables, decl.fields, Constructed(datatype.name, datatype.type_variables)


def shown(node: tree.Expression) -> str:
    """Return the type of a checked node for a message: with the names of synonyms where the source has them."""
    written: tree.TypeSyntax | None = None
    if isinstance(node, tree.Identifier) and node.decl is not None:
        written = node.decl.written
    elif isinstance(node, tree.Application) and isinstance(node.decl, tree.Function) and not node.decl.type_variables:
        written = node.decl.result.written
    elif isinstance(node, tree.Ascription):
        written = node.written
    if written is not None:
        return written_text(written)
    assert node.type is not None
    return text(node.type)


def _same_float(left: Type, right: Type) -> Type | None:
    one = follow(left)
    return one if isinstance(one, Float) and one == follow(right) else None


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


def _brief(written: tree.Expression) -> str:
    """An expression for a message."""
    from probatum.ivl.syntax import printer  # needed only here

    return printer.expression(written)


def _backwards(root: tree.Expression) -> list[_Item]:
    """Return all that is to be checked in an expression, the last first."""
    order: list[_Item] = []
    work: list[_Item] = [root]
    while work:
        node = work.pop()
        order.append(node)
        kind = node.__class__
        if kind is tree.Identifier or kind is tree.Literal:
            continue
        if kind is tree.Let:
            let = cast("tree.Let", node)
            work.extend((*let.values, _Bind(let), *let.attributes, let.body))
        else:
            work.extend(_children(node))
    return order


def _children(node: _Item) -> Sequence[_Item]:
    if isinstance(node, tree.Attribute):
        return [value for value in node.values if not isinstance(value, str)]
    if isinstance(node, _Bind):
        return ()
    if isinstance(node, tree.Quantifier):
        chain = merged(node)
        attributes = [attribute for one in chain for attribute in one.attributes]
        triggers = [expression for trigger in node.triggers for expression in trigger.expressions]
        return [*attributes, *triggers, chain[-1].body]
    return parts(node)
