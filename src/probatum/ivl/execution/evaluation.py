"""The value of an expression, or that it cannot be determined.

Connectives are decided by whichever side decides them: `false && ?` is false
whatever the right side is. A quantifier is decided by enumeration where its
variables range over finitely many values, or where its body bounds them from
both sides; otherwise a few samples may still refute it (or witness it).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from probatum.ivl.execution import integers
from probatum.ivl.execution.values import Built, Computed, Element, NoValue, Shapes, Table, Value, constructors, default
from probatum.ivl.syntax import tree
from probatum.ivl.types import BOOL, INT, REAL, STRING, Basic, Bits, Constructed, Map, Type, TypeVariable, substitute

_LARGEST_RANGE = 2_000  # values tried for the variables of one quantifier
_SAMPLES = (0, 1, -1, 2, 3, 7, -5)
_CALLS = 400  # nested calls of functions with bodies


class Undetermined(Exception):
    """The value cannot be known here; `what` says why, `position` where."""

    def __init__(self, what: str, position: tree.Position = tree.NOWHERE) -> None:
        super().__init__(what)
        self.what = what
        self.position = position


@dataclass(slots=True)
class Interpretation:
    """Values for constants, and tables for functions without a body.

    A constant without a value is Undetermined, and so is a function at
    arguments that its table lacks. `used` collects the names that were asked
    for: what a result rests on.
    """

    constants: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, dict[tuple[Value, ...], Value]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


State = dict[tree.Variable, Value]


@dataclass(slots=True)
class Frame:
    """What names mean while an expression is evaluated.

    `state` has globals, parameters, locals and bound variables; `entry` the
    globals when the procedure was entered, for `old`.
    """

    state: State
    entry: Mapping[tree.Variable, Value]
    interpretation: Interpretation
    shapes: Shapes
    types: Mapping[TypeVariable, Type] = field(default_factory=dict)
    calls: int = 0
    budget: list[int] = field(default_factory=lambda: [200_000])  # evaluations left, shared by all frames of a run


def evaluate(expression: tree.Expression, frame: Frame) -> Value:
    """Return the value of a checked expression.

    Raises
    ------
    Undetermined
        If it depends on something unknown, or is nested too deeply.
    """
    try:
        return _value(expression, frame)
    except RecursionError:
        raise Undetermined("nested too deeply to execute", expression.position) from None
    except NoValue as problem:
        raise Undetermined(str(problem), expression.position) from None


def holds(expression: tree.Expression, frame: Frame) -> bool:
    """Return the value of a Boolean expression."""
    value = evaluate(expression, frame)
    assert isinstance(value, bool)
    return value


def _value(e: tree.Expression, frame: Frame) -> Value:
    frame.budget[0] -= 1
    if frame.budget[0] < 0:
        raise Undetermined("too much to evaluate", e.position)
    return _evaluators[type(e)](e, frame)


def _literal(e: tree.Literal, _: Frame) -> Value:
    match e.kind:
        case tree.LiteralKind.BITS:
            assert isinstance(e.value, tuple)
            return e.value[0]
        case tree.LiteralKind.FLOAT | tree.LiteralKind.ROUNDING:
            raise Undetermined("floats are not executed", e.position)
        case _:
            assert not isinstance(e.value, tuple)
            return e.value


def _identifier(e: tree.Identifier, frame: Frame) -> Value:
    assert e.decl is not None
    if e.decl in frame.state:
        return frame.state[e.decl]
    if e.decl.kind is tree.VariableKind.CONSTANT:
        frame.interpretation.used.add(e.name)
        if e.name in frame.interpretation.constants:
            return frame.interpretation.constants[e.name]
        raise Undetermined(f"constant `{e.name}` has no value", e.position)
    raise Undetermined(f"`{e.name}` has no value", e.position)


def _unary(e: tree.Unary, frame: Frame) -> Value:
    value = _value(e.operand, frame)
    if e.operator == "!":
        return not value
    assert isinstance(value, int | Fraction)
    return -value


def _binary(e: tree.Binary, frame: Frame) -> Value:
    operator = e.operator
    if operator in ("&&", "||"):
        return _junction(e, frame)
    if operator in ("==>", "<=="):
        first, second = (e.left, e.right) if operator == "==>" else (e.right, e.left)
        return _decided_by(frame, ((first, True), (second, False)), deciding=True)
    left, right = _value(e.left, frame), _value(e.right, frame)
    match operator:
        case "==" | "<==>" | "!=":
            type_ = substitute(e.left.type, frame.types) if e.left.type is not None else None
            return _equal(left, right, type_, frame, e.position) is not (operator == "!=")
        case "++":
            assert isinstance(e.right.type, Bits)
            assert isinstance(left, int)
            assert isinstance(right, int)
            return (left << e.right.type.width) | right
    if e.left.type not in (INT, REAL) or not isinstance(left, int | Fraction) or not isinstance(right, int | Fraction):
        raise Undetermined(f"`{operator}` on `{e.left.type}` is not executed", e.position)
    return _arithmetic(operator, left, right, e)


def _junction(e: tree.Binary, frame: Frame) -> Value:
    """`&&` and `||`: along the left spine without recursion, since such chains get long."""
    operator = e.operator
    parts: list[tree.Expression] = []
    node: tree.Expression = e
    while isinstance(node, tree.Binary) and node.operator == operator:
        parts.append(node.right)
        node = node.left
    parts.append(node)
    return _decided_by(frame, ((part, False) for part in reversed(parts)), deciding=operator == "||")


def _decided_by(frame: Frame, sides: Iterable[tuple[tree.Expression, bool]], *, deciding: bool) -> bool:
    """Return `deciding` if a side has that value (each side negated if its flag says so), else its opposite."""
    unknown: Undetermined | None = None
    for side, negated in sides:
        try:
            if (_value(side, frame) is not negated) is deciding:
                return deciding
        except Undetermined as problem:
            unknown = unknown or problem
    if unknown is not None:
        raise unknown
    return not deciding


def _arithmetic(operator: str, left: int | Fraction, right: int | Fraction, e: tree.Binary) -> Value:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
    if right == 0:
        raise Undetermined(f"`{operator}` by zero has no value", e.position)
    match operator:
        case "div" | "mod":
            assert isinstance(left, int)
            assert isinstance(right, int)
            return integers.remainder(left, right) if operator == "mod" else integers.quotient(left, right)
        case "/":
            return Fraction(left) / Fraction(right)
    raise Undetermined(f"`{operator}` is not executed", e.position)


def _equal(left: Value, right: Value, type_: Type | None, frame: Frame, position: tree.Position) -> bool:
    """Whether two values of a type are equal; of maps and what contains them that is not always certain."""
    if left is right:
        return True
    match left, right:
        case (Table(), Table()):
            return _equal_maps(left, right, type_, frame, position)
        case (Computed(), _) | (_, Computed()):
            if not (isinstance(type_, Map) and _differ(left, right, type_, frame, position)):
                raise Undetermined("maps given by lambdas are not compared", position)
            return False
        case (Built(constructor=one), Built(constructor=other)):
            if one != other:
                return False
            known = dict(constructors(type_, frame.shapes) or ())
            fields = zip(left.fields, right.fields, known.get(one) or (None,) * len(left.fields), strict=True)
            return _all_equal(fields, frame, position)
    return left == right


def _all_equal(pairs: Iterable[tuple[Value, Value, Type | None]], frame: Frame, position: tree.Position) -> bool:
    unknown: Undetermined | None = None
    for one, other, type_ in pairs:
        try:
            if not _equal(one, other, type_, frame, position):
                return False
        except Undetermined as problem:
            unknown = unknown or problem
    if unknown is not None:
        raise unknown
    return True


def _equal_maps(left: Table, right: Table, type_: Type | None, frame: Frame, position: tree.Position) -> bool:
    if left == right:
        return True
    range_, domain = (type_.range, type_.domain) if isinstance(type_, Map) and not type_.parameters else (None, ())
    keys = {key for table in (left, right) for key, _ in table.entries}
    listed = _listed(domain, frame)
    if listed is not None:
        return _all_equal(((left.at(key), right.at(key), range_) for key in listed), frame, position)
    if not _all_equal(((left.at(key), right.at(key), range_) for key in keys), frame, position):
        return False
    if _equal(left.rest, right.rest, range_, frame, position):
        return True
    if any(d in (INT, REAL, STRING) for d in domain):
        return False  # some index is not listed
    raise Undetermined("maps that differ only in what is not listed are not compared", position)


def _listed(domain: tuple[Type, ...], frame: Frame) -> list[tuple[Value, ...]] | None:
    """Return all indexes of a map, if they are few."""
    found = [_all_values(d, frame) for d in domain]
    if not domain or any(one is None for one in found):
        return None
    size = 1
    for one in found:
        size *= len(one or ())
    return list(itertools.product(*(one or () for one in found))) if size <= _LARGEST_RANGE else None


def _differ(left: Value, right: Value, type_: Map, frame: Frame, position: tree.Position) -> bool:
    """Whether two maps certainly differ at some index that is tried."""
    assert isinstance(left, Table | Computed)
    assert isinstance(right, Table | Computed)
    if type_.parameters:
        return False
    domains = [_all_values(d, frame) or _sample(d, frame) for d in type_.domain]
    for key in itertools.islice(itertools.product(*domains), _LARGEST_RANGE):
        try:
            if not _equal(left.at(key), right.at(key), type_.range, frame, position):
                return True
        except Undetermined:
            continue
    return False


def _application(e: tree.Application, frame: Frame) -> Value:
    arguments = tuple(_value(a, frame) for a in e.arguments)
    if isinstance(e.decl, tree.Constructor):
        return Built(e.decl.name, arguments)
    function = e.decl
    assert isinstance(function, tree.Function)
    builtin = tree.attribute(function.attributes, "bvbuiltin") or tree.attribute(function.attributes, "builtin")
    if builtin is not None:
        return _builtin(builtin, arguments, e)
    if function.body is not None:
        if frame.calls >= _CALLS:
            raise Undetermined(f"calls of `{e.name}` are nested too deeply", e.position)
        types = dict(zip(function.type_variables, (substitute(t, frame.types) for t in e.type_args), strict=False))
        own: State = dict(zip(function.arguments, arguments, strict=True))
        # A function's body mentions its arguments and constants, no state.
        inner = Frame(own, {}, frame.interpretation, frame.shapes, types, frame.calls + 1, frame.budget)
        return _value(function.body, inner)
    frame.interpretation.used.add(e.name)
    table = frame.interpretation.functions.get(e.name, {})
    if arguments in table:
        return table[arguments]
    raise Undetermined(f"function `{e.name}` has no body and no value here", e.position)


_bits: dict[str, Callable[[int, int, int], int | bool]] = {
    "bvadd": lambda a, b, m: integers.unsigned(a + b, m),
    "bvsub": lambda a, b, m: integers.unsigned(a - b, m),
    "bvmul": lambda a, b, m: integers.unsigned(a * b, m),
    "bvand": lambda a, b, _: a & b,
    "bvor": lambda a, b, _: a | b,
    "bvxor": lambda a, b, _: a ^ b,
    "bvudiv": lambda a, b, m: a // b if b else m,
    "bvurem": lambda a, b, _: a % b if b else a,
    "bvshl": lambda a, b, m: (a << b) & m if b <= m.bit_length() else 0,
    "bvlshr": lambda a, b, m: a >> b if b <= m.bit_length() else 0,
    "bvashr": lambda a, b, m: (integers.signed(a, m) >> min(b, m.bit_length())) & m,
    "bvnand": lambda a, b, m: ~(a & b) & m,
    "bvnor": lambda a, b, m: ~(a | b) & m,
    "bvxnor": lambda a, b, m: ~(a ^ b) & m,
    "bvsdiv": lambda a, b, m: integers.signed_quotient(a, b, m) & m,
    "bvsrem": lambda a, b, m: (integers.signed(a, m) - integers.signed_quotient(a, b, m) * integers.signed(b, m)) & m if b else a,
    "bvult": lambda a, b, _: a < b,
    "bvule": lambda a, b, _: a <= b,
    "bvugt": lambda a, b, _: a > b,
    "bvuge": lambda a, b, _: a >= b,
    "bvslt": lambda a, b, m: integers.signed(a, m) < integers.signed(b, m),
    "bvsle": lambda a, b, m: integers.signed(a, m) <= integers.signed(b, m),
    "bvsgt": lambda a, b, m: integers.signed(a, m) > integers.signed(b, m),
    "bvsge": lambda a, b, m: integers.signed(a, m) >= integers.signed(b, m),
}


def _builtin(attribute: tree.Attribute, arguments: tuple[Value, ...], e: tree.Application) -> Value:
    head = attribute.values[0] if attribute.values else ""
    first = e.arguments[0].type if e.arguments else None
    if isinstance(first, Bits) and isinstance(head, str):
        mask = (1 << first.width) - 1
        numbers = [a for a in arguments if isinstance(a, int)]
        if head in _bits and len(numbers) == 2:
            return _bits[head](numbers[0], numbers[1], mask)
        if head == "bvnot":
            return ~numbers[0] & mask
        if head == "bvneg":
            return integers.unsigned(-numbers[0], mask)
        if head.startswith(("zero_extend", "(_ zero_extend")):
            return numbers[0]
        if head.startswith(("sign_extend", "(_ sign_extend")) and isinstance(e.type, Bits):
            return integers.signed(numbers[0], mask) & ((1 << e.type.width) - 1)
    raise Undetermined(f"builtin `{head}` is not executed", e.position)


def _old(e: tree.Old, frame: Frame) -> Value:
    state = {**frame.state, **frame.entry}
    return _value(
        e.operand, Frame(state, frame.entry, frame.interpretation, frame.shapes, frame.types, frame.calls, frame.budget)
    )


def _conversion(e: tree.Conversion, frame: Frame) -> Value:
    value = _value(e.operand, frame)
    if not isinstance(value, int | Fraction):
        raise Undetermined("floats are not executed", e.position)
    return value.__floor__() if e.to == "int" else Fraction(value)


def _select(e: tree.Select, frame: Frame) -> Value:
    table = _value(e.map, frame)
    if not isinstance(table, Table | Computed):
        raise Undetermined("this map is not executed", e.position)
    return table.at(tuple(_value(i, frame) for i in e.indexes))


def _store(e: tree.Store, frame: Frame) -> Value:
    table = _value(e.map, frame)
    if not isinstance(table, Table | Computed):
        raise Undetermined("this map is not executed", e.position)
    return table.with_entry(tuple(_value(i, frame) for i in e.indexes), _value(e.value, frame))


def _extract(e: tree.Extract, frame: Frame) -> Value:
    value = _value(e.operand, frame)
    assert isinstance(value, int)
    return (value >> e.lower) & ((1 << (e.upper - e.lower)) - 1)


def _place(value: Value, name: str, constructors: tuple[tree.Constructor, ...], position: tree.Position) -> tuple[Built, int]:
    assert isinstance(value, Built)
    for constructor in constructors:
        if constructor.name == value.constructor:
            return value, next(n for n, f in enumerate(constructor.fields) if f.name == name)
    raise Undetermined(f"`{value.constructor}` has no field `{name}`: its value is not defined", position)


def _field(e: tree.Field, frame: Frame) -> Value:
    value, index = _place(_value(e.operand, frame), e.name, e.constructors, e.position)
    return value.fields[index]


def _field_update(e: tree.FieldUpdate, frame: Frame) -> Value:
    value, index = _place(_value(e.operand, frame), e.name, e.constructors, e.position)
    return Built(value.constructor, (*value.fields[:index], _value(e.value, frame), *value.fields[index + 1 :]))


def _is_constructor(e: tree.IsConstructor, frame: Frame) -> Value:
    value = _value(e.operand, frame)
    assert isinstance(value, Built)
    return value.constructor == e.name


def _if_then_else(e: tree.IfThenElse, frame: Frame) -> Value:
    return _value(e.then if _value(e.condition, frame) else e.otherwise, frame)


def _let(e: tree.Let, frame: Frame) -> Value:
    return _value(e.body, _extended(frame, dict(zip(e.bound, (_value(v, frame) for v in e.values), strict=True))))


def _ascription(e: tree.Ascription, frame: Frame) -> Value:
    return _value(e.operand, frame)


def _code(e: tree.Code, _: Frame) -> Value:
    raise Undetermined("code expressions are not executed", e.position)


def _quantifier(e: tree.Quantifier, frame: Frame) -> Value:
    if e.type_variables:
        raise Undetermined("quantifiers over types are not executed", e.position)
    if e.kind == "lambda":
        return Computed(lambda key: _value(e.body, _extended(frame, dict(zip(e.bound, key, strict=True)))))
    refuting = e.kind == "exists"  # the value of a body that decides the quantifier
    ranges = [_range(variable, e, frame) for variable in e.bound]
    complete = all(values is not None for values in ranges)
    size = 1
    for values in ranges:
        size *= len(values) if values is not None else len(_SAMPLES)
    if size > _LARGEST_RANGE:
        raise Undetermined("a quantifier ranges over too many values", e.position)
    domains = [
        values if values is not None else _sample(substitute(v.type, frame.types), frame)
        for values, v in zip(ranges, e.bound, strict=True)
        if v.type is not None
    ]
    unknown: Undetermined | None = None
    for chosen in itertools.product(*domains):
        try:
            if _value(e.body, _extended(frame, dict(zip(e.bound, chosen, strict=True)))) is refuting:
                return refuting
        except Undetermined as problem:
            unknown = unknown or problem
    if unknown is not None:
        raise unknown
    if complete:
        return not refuting
    raise Undetermined("a quantifier ranges over infinitely many values", e.position)


def _range(variable: tree.Variable, e: tree.Quantifier, frame: Frame) -> list[Value] | None:
    """Return all values that matter for a bound variable, or None if there are too many to list."""
    assert variable.type is not None
    type_ = substitute(variable.type, frame.types)
    if type_ == INT:
        low, high = _bounds(variable, e, frame)
        if low is not None and high is not None:
            return list(range(low, high + 1)) if high - low < _LARGEST_RANGE else None
    return _all_values(type_, frame)


def _all_values(type_: Type, frame: Frame) -> list[Value] | None:
    """Return all values of a type, or None if there are too many to list."""
    match type_:
        case Basic() if type_ == BOOL:
            return [False, True]
        case Bits(width=width) if width <= 8:
            return list(range(1 << width))
        case Constructed() if (known := constructors(type_, frame.shapes)) is not None and not any(f for _, f in known):
            return [Built(name, ()) for name, _ in known]
    return None


def _sample(type_: Type, frame: Frame) -> list[Value]:
    if type_ == INT:
        return list(_SAMPLES)
    if (known := constructors(type_, frame.shapes)) is not None:
        return [Built(name, tuple(default(f, frame.shapes) for f in fields)) for name, fields in known]
    if isinstance(type_, Constructed):
        return [Element(str(type_), n) for n in range(4)]
    return [default(type_, frame.shapes)]


def _bounds(variable: tree.Variable, e: tree.Quantifier, frame: Frame) -> tuple[int | None, int | None]:
    """Bounds that the body itself puts on an integer: `lo <= i && i < hi ==> ...`, or conjuncts of an exists.

    Outside them a forall holds and an exists does not, whatever the rest says.
    """
    body = e.body
    guards: list[tree.Expression] = []
    while e.kind == "forall" and isinstance(body, tree.Binary) and body.operator == "==>":
        guards.append(body.left)
        body = body.right
    if e.kind == "exists":
        guards.append(body)
    low: int | None = None
    high: int | None = None
    for comparison in _conjuncts(guards):
        for operator, mine, other in _oriented(comparison):
            if not (isinstance(mine, tree.Identifier) and mine.decl is variable):
                continue
            try:
                bound = _value(other, frame)  # mentions an inner variable: undetermined, and no bound
            except Undetermined:
                continue
            if not isinstance(bound, int):
                continue
            if operator in ("<", "<=", "=="):
                limit = bound - 1 if operator == "<" else bound
                high = limit if high is None else min(high, limit)
            if operator in (">", ">=", "=="):
                limit = bound + 1 if operator == ">" else bound
                low = limit if low is None else max(low, limit)
    return low, high


def _conjuncts(parts: list[tree.Expression]) -> Iterator[tree.Binary]:
    stack = list(parts)
    while stack:
        one = stack.pop()
        if isinstance(one, tree.Binary):
            if one.operator == "&&":
                stack.extend((one.left, one.right))
            else:
                yield one


def _oriented(e: tree.Binary) -> Iterator[tuple[str, tree.Expression, tree.Expression]]:
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
    if e.operator in turned:
        yield e.operator, e.left, e.right
        yield turned[e.operator], e.right, e.left


def _extended(frame: Frame, more: State) -> Frame:
    state = {**frame.state, **more}
    return Frame(state, frame.entry, frame.interpretation, frame.shapes, frame.types, frame.calls, frame.budget)


_evaluators: dict[type, Callable[..., Value]] = {
    tree.Literal: _literal,
    tree.Identifier: _identifier,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Application: _application,
    tree.Old: _old,
    tree.Conversion: _conversion,
    tree.Ascription: _ascription,
    tree.Select: _select,
    tree.Store: _store,
    tree.Extract: _extract,
    tree.Field: _field,
    tree.FieldUpdate: _field_update,
    tree.IsConstructor: _is_constructor,
    tree.IfThenElse: _if_then_else,
    tree.Quantifier: _quantifier,
    tree.Let: _let,
    tree.Code: _code,
}
