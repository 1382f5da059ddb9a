"""What annotations say: from the expression in the text to a `types.Type`."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probatum.python import types
from probatum.python.program import Problem
from probatum.python.scopes import Scope
from probatum.python.types import Type

_plain: dict[str, Type] = {
    "int": types.INT,
    "bool": types.BOOL,
    "float": types.FLOAT,
    "str": types.STR,
    "bytes": types.BYTES,
    "bytearray": types.BYTEARRAY,
    "object": types.OBJECT,
    "range": types.Collection("range", types.INT),
}
# Types with one kind of item, under the names that `builtins`, `typing`, `collections` and `collections.abc` have for them.
_collections = {
    "list": "list",
    "List": "list",
    "set": "set",
    "Set": "set",
    "frozenset": "frozenset",
    "FrozenSet": "frozenset",
    "deque": "deque",
    "Deque": "deque",
    "Sequence": "sequence",
    "MutableSequence": "sequence",  # which operations change it, and for whom, is open: only reading is known
    "Collection": "iterable",
    "Iterable": "iterable",
    "Reversible": "iterable",
    "Iterator": "iterator",
    "Generator": "iterator",
}
_mappings = {
    "dict": "dict",
    "Dict": "dict",
    "OrderedDict": "dict",
    "defaultdict": "defaultdict",
    "DefaultDict": "defaultdict",
    "Mapping": "mapping",
    "MutableMapping": "mapping",
}
_transparent = frozenset({"Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar", "Unpack"})
_nothing_known = frozenset({"Any", "Incomplete"})
_typing = ("typing.", "typing_extensions.", "collections.abc.", "collections.", "builtins.", "dataclasses.")

_refined: dict[str, Type] = {
    "Nat": types.Ranged(0, None),
    "NonNegative": types.Ranged(0, None),
    "Positive": types.Ranged(1, None),
    **{f"UInt{bits}": types.Ranged(0, 2**bits - 1) for bits in (8, 16, 32, 64, 128, 256)},
    **{f"Int{bits}": types.Ranged(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64, 128, 256)},
}
_nagini: dict[str, str] = {"PSeq": "pseq", "PSet": "pset", "PMultiset": "pmultiset"}
_nagini_plain: dict[str, Type] = {
    "PInt": types.INT,
    "PBool": types.BOOL,
    "PByteSeq": types.Collection("pseq", types.Ranged(0, 255)),
    "int": types.INT,
}
_largest_bits = 4096  # of a bound; more is no bound that anyone needs, and costs


@dataclass
class Annotations:
    """Reads the annotations of one scope.

    Attributes
    ----------
    variables : mapping of str to Variable
        Type variables that are written with the definition (`def f[T]`).
    self_type : Type or None
        What `Self` stands for.
    """

    scope: Scope
    variables: Mapping[str, Type] = field(default_factory=dict)
    self_type: Type | None = None
    problems: list[Problem] = field(default_factory=list)
    _depth: int = 0

    def read(self, node: ast.expr | None) -> Type:
        """Return the type an annotation names; what has no meaning here is `unknown`, with a problem."""
        if node is None:
            return types.UNKNOWN
        self._depth += 1
        try:
            if self._depth > 50:
                self.unsupported(node, "an annotation nested more than 50 levels deep")
                return types.UNKNOWN
            return self._read(node)
        finally:
            self._depth -= 1

    def unsupported(self, node: ast.AST, message: str) -> None:
        """Say that an annotation is outside the language."""
        self.problems.append(self.scope.unsupported(node, message))

    def _read(self, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=None):
                return types.NONE
            case ast.Constant(value=str(text)):
                return self._quoted(node, text)
            case ast.BinOp(op=ast.BitOr()):
                return types.union(*(self.read(option) for option in _options(node)))
            case ast.Subscript():
                return self._subscript(node)
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case _:
                self.unsupported(node, f"`{self.scope.shown(node)}` as a type")
                return types.UNKNOWN

    def _quoted(self, node: ast.expr, text: str) -> Type:
        parsed = parsed_inside(text, node)
        if parsed is None:
            self.problems.append(self.scope.mistake(node, f"`{self.scope.shown(node)}` is not a type"))
            return types.UNKNOWN
        return self.read(parsed)

    def _named(self, node: ast.Name | ast.Attribute) -> Type:
        if isinstance(node, ast.Name) and node.id in self.variables:
            return self.variables[node.id]
        qualified = self.scope.qualified(node)
        if qualified is None:
            self.unsupported(node, f"`{self.scope.shown(node)}` as a type: nothing of that name is known")
            return types.UNKNOWN
        return self._bare(qualified, node)

    def _bare(self, qualified: str, node: ast.expr) -> Type:
        """Return what a qualified name means without arguments."""
        alias = self.scope.alias(qualified)
        if alias is not None:
            return alias
        own = qualified.rpartition(".")[2]
        if qualified.startswith("probatum.spec."):
            if own in _refined:
                return _refined[own]
        elif qualified.startswith("nagini_contracts."):
            if own in _nagini:
                return types.Collection(_nagini[own], types.UNKNOWN)
            if own in _nagini_plain:
                return _nagini_plain[own]
        elif qualified.startswith(_typing):
            known = self._standard(own, qualified, node)
            if known is not None:
                return known
        return types.Instance(qualified)

    def _standard(self, own: str, qualified: str, node: ast.expr) -> Type | None:
        if qualified.startswith("builtins.") and own in _plain:
            return _plain[own]
        if own in _collections and qualified != "collections.abc.Set":  # sets of any kind, which have no common type here
            return types.Collection(_collections[own], types.UNKNOWN)
        if own in _mappings:
            return types.Mapping(_mappings[own], types.UNKNOWN, types.UNKNOWN)
        match own:
            case "tuple" | "Tuple":
                return types.Collection("tuple", types.UNKNOWN)
            case "Counter":
                return types.Mapping("Counter", types.UNKNOWN, types.INT)
            case "type" | "Type":
                return types.ClassObject(types.UNKNOWN)
            case "Callable":
                return types.Callable(None, types.UNKNOWN)
            case "None" | "NoneType":
                return types.NONE
            case "NoReturn" | "Never":
                return types.NEVER
            case "Self" if self.self_type is not None:
                return self.self_type
            case "Text" | "LiteralString" | "AnyStr":
                return types.Variable("AnyStr", None, (types.STR, types.BYTES)) if own == "AnyStr" else types.STR
            case "Final" | "ClassVar" | "TypeAlias":
                return types.UNKNOWN
            case "ByteString" | "Hashable" | "Sized" | "Container":
                self.unsupported(node, f"`{own}` as a type")
                return types.UNKNOWN
        if own in _nothing_known:
            return types.UNKNOWN
        if qualified.startswith("builtins."):
            return types.Instance(qualified)
        if own[:1].isupper() and qualified.startswith(("typing.", "typing_extensions.", "collections.")):
            self.unsupported(node, f"`{own}` as a type")
            return types.UNKNOWN
        return None

    def _subscript(self, node: ast.Subscript) -> Type:
        arguments = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        qualified = self.scope.qualified(node.value)
        if qualified is None:
            self.unsupported(node, f"`{self.scope.shown(node)}` as a type")
            return types.UNKNOWN
        own = qualified.rpartition(".")[2]
        if qualified.startswith("nagini_contracts.") and own in _nagini:
            return types.Collection(_nagini[own], self.read(arguments[0]))
        if qualified.startswith(_typing):
            known = self._generic(own, arguments, node)
            if known is not None:
                return known
        alias = self.scope.alias(qualified)
        if alias is not None:
            return self._applied(alias, [self.read(a) for a in arguments])
        return types.Instance(qualified, tuple(self.read(a) for a in arguments))

    def _generic(self, own: str, arguments: list[ast.expr], node: ast.Subscript) -> Type | None:
        if own in _collections and self.scope.qualified(node.value) != "collections.abc.Set":
            return types.Collection(_collections[own], self.read(arguments[0]))
        if own in _mappings and len(arguments) == 2:
            return types.Mapping(_mappings[own], self.read(arguments[0]), self.read(arguments[1]))
        if own in _transparent:
            return self.read(arguments[0])
        match own:
            case "tuple" | "Tuple":
                return self._tuple(arguments)
            case "Counter":
                return types.Mapping("Counter", self.read(arguments[0]), types.INT)
            case "Optional":
                return types.optional(self.read(arguments[0]))
            case "Union":
                return types.union(*(self.read(a) for a in arguments))
            case "type" | "Type":
                return types.ClassObject(self.read(arguments[0]))
            case "Callable" if len(arguments) == 2:
                own_parameters = arguments[0].elts if isinstance(arguments[0], ast.List) else None
                parameters = None if own_parameters is None else tuple(self.read(p) for p in own_parameters)
                return types.Callable(parameters, self.read(arguments[1]))
            case "Annotated":
                return self._annotated(arguments)
            case "Literal":
                return self._literal(arguments)
            case "TypeGuard" | "TypeIs":
                return types.BOOL
            case "Match" | "Pattern":
                return types.Instance(f"re.{own}", (self.read(arguments[0]),))
        if self.scope.qualified(node.value) == f"builtins.{own}":
            return None
        self.unsupported(node, f"`{own}[...]` as a type")
        return types.UNKNOWN

    def _tuple(self, arguments: Sequence[ast.expr]) -> Type:
        if len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is Ellipsis:
            return types.Collection("tuple", self.read(arguments[0]))
        if len(arguments) == 1 and isinstance(arguments[0], ast.Tuple) and not arguments[0].elts:
            return types.Tuple(())
        return types.Tuple(tuple(self.read(a) for a in arguments))

    def _literal(self, arguments: Sequence[ast.expr]) -> Type:
        numbers: list[int] = []
        others: list[Type] = []
        for argument in arguments:
            value = integer(argument, self.scope)
            if value is not None:
                numbers.append(value)
            elif isinstance(argument, ast.Attribute):
                others.append(self.read(argument.value))  # a member of an enum
            elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                others.append(types.STR)
            else:
                others.append(literal_type(argument))
        ranges = [types.Ranged(min(numbers), max(numbers))] if numbers else []
        return types.union(*ranges, *others)

    def _annotated(self, arguments: Sequence[ast.expr]) -> Type:
        inner = self.read(arguments[0])
        if inner != types.INT and not isinstance(inner, types.Ranged):
            return inner
        low, high = (inner.low, inner.high) if isinstance(inner, types.Ranged) else (None, None)
        for extra in arguments[1:]:
            bounds = self._bounds(extra)
            if bounds is not None:
                low = bounds[0] if low is None else low if bounds[0] is None else max(low, bounds[0])
                high = bounds[1] if high is None else high if bounds[1] is None else min(high, bounds[1])
        return inner if low is None and high is None else types.Ranged(low, high)

    def _bounds(self, node: ast.expr) -> tuple[int | None, int | None] | None:
        """Return the bounds that a part of `Annotated` sets; None if it is about something else."""
        if not isinstance(node, ast.Call):
            return None
        qualified = self.scope.qualified(node.func) or ""
        own = qualified.rpartition(".")[2]
        if not qualified.startswith(("probatum.spec.", "annotated_types.")):
            return None
        if own == "Range":
            values = dict(zip(("low", "high"), node.args, strict=False)) | {k.arg or "": k.value for k in node.keywords}
            return self._bound(values.get("low")), self._bound(values.get("high"))
        names = {"Ge": "ge", "Gt": "gt", "Le": "le", "Lt": "lt"}
        given = {k.arg or "": k.value for k in node.keywords} | ({names[own]: node.args[0]} if own in names and node.args else {})
        low, high = self._bound(given.get("ge")), self._bound(given.get("le"))
        above, below = self._bound(given.get("gt")), self._bound(given.get("lt"))
        low = low if above is None else max(above + 1, above + 1 if low is None else low)
        high = high if below is None else min(below - 1, below - 1 if high is None else high)
        return low, high

    def _bound(self, node: ast.expr | None) -> int | None:
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None
        value = integer(node, self.scope)
        if value is None:
            self.unsupported(node, f"the bound `{self.scope.shown(node)}`: it is no number that can be worked out")
        return value

    def _applied(self, alias: Type, arguments: Sequence[Type]) -> Type:
        """Return a generic alias with its variables, in order of appearance, replaced."""
        names = list(dict.fromkeys(variables_in(alias)))
        return replaced(alias, dict(zip(names, arguments, strict=False)))


def _options(node: ast.expr) -> list[ast.expr]:
    """Return the parts of `A | B | C`."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def parsed_inside(text: str, at: ast.expr | ast.stmt) -> ast.expr | None:
    """Parse an expression that the author quoted; all of it is placed at the string. None if it is none, or too deep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword | ast.arg):
            ast.copy_location(node, at)
    return tree


def integer(node: ast.expr, scope: Scope, depth: int = 20) -> int | None:
    """Return the number that a constant expression is, through names of constants; None if it is none, or huge."""
    if depth == 0:
        return None
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(value)):
            return value if value.bit_length() <= _largest_bits else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = integer(operand, scope, depth - 1)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = integer(left, scope, depth - 1), integer(right, scope, depth - 1)
            return None if a is None or b is None else _computed(a, op, b)
        case ast.Name(id=name) if name not in scope.hidden and name in scope.constants:
            return integer(scope.constants[name], scope, depth - 1)
    return None


def _computed(a: int, op: ast.operator, b: int) -> int | None:
    match op:
        case ast.Add():
            value = a + b
        case ast.Sub():
            value = a - b
        case ast.Mult():
            value = a * b
        case ast.FloorDiv() if b != 0:
            value = a // b
        case ast.Pow() if b >= 0 and a.bit_length() * b <= _largest_bits:
            value = a**b
        case ast.LShift() if b >= 0 and a.bit_length() + b <= _largest_bits:
            value = a << b
        case _:
            return None
    return value if value.bit_length() <= _largest_bits else None


_calls: dict[str, Type] = {
    **{f"builtins.{n}": types.INT for n in ("int", "len", "ord", "hash", "id")},
    **{f"builtins.{n}": types.STR for n in ("str", "repr", "chr", "format", "hex", "bin", "oct", "ascii")},
    **{f"builtins.{n}": types.BOOL for n in ("bool", "isinstance", "issubclass", "callable", "all", "any", "hasattr")},
    "builtins.float": types.FLOAT,
    "builtins.bytes": types.BYTES,
    "builtins.bytearray": types.BYTEARRAY,
    "builtins.range": types.Collection("range", types.INT),
}


def literal_type(node: ast.expr, depth: int = 20, known: Mapping[str, Type] | None = None, scope: Scope | None = None) -> Type:
    """Return the type of a value as far as its text alone tells; `unknown` otherwise.

    Parameters
    ----------
    known : mapping of str to Type
        Types of names that may occur in it.
    scope : Scope
        Where it stands; without it, no call is looked at.
    """
    if depth == 0:
        return types.UNKNOWN

    def inner(part: ast.expr) -> Type:
        return literal_type(part, depth - 1, known, scope)

    match node:
        case ast.Constant(value=value):
            if value is None:
                return types.NONE
            kinds: dict[type, Type] = {bool: types.BOOL, int: types.INT, float: types.FLOAT, str: types.STR, bytes: types.BYTES}
            return kinds.get(type(value), types.UNKNOWN)
        case ast.Name(id=name) if known is not None:
            return known.get(name, types.UNKNOWN)
        case ast.JoinedStr():
            return types.STR
        case ast.UnaryOp(op=ast.Not()):
            return types.BOOL
        case ast.UnaryOp(operand=operand):
            found = inner(operand)
            if found == types.BOOL or isinstance(found, types.Ranged):
                return types.INT
            return found if found in (types.INT, types.FLOAT) else types.UNKNOWN
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(inner(left), op, inner(right))
        case ast.Compare(ops=operators) if all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in operators):
            return types.BOOL
        case ast.Compare(left=left, comparators=others):
            plain = (types.INT, types.FLOAT, types.BOOL, types.STR, types.BYTES)
            compared = [inner(part) for part in (left, *others)]
            return types.BOOL if all(c in plain or isinstance(c, types.Ranged) for c in compared) else types.UNKNOWN
        case ast.BoolOp(op=ast.Or(), values=values):  # `x or []`: what is None is never kept
            return _common([types.without_none(inner(v)) for v in values[:-1]] + [inner(values[-1])])
        case ast.IfExp(body=body, orelse=orelse):
            return _common([inner(body), inner(orelse)])
        case ast.List(elts=items):
            return types.Collection("list", _of_items([inner(i) for i in items]))
        case ast.Set(elts=items):
            return types.Collection("set", _of_items([inner(i) for i in items]))
        case ast.Tuple(elts=items) if not any(isinstance(i, ast.Starred) for i in items):
            return types.Tuple(tuple(inner(i) for i in items))
        case ast.Dict(keys=keys, values=values):
            pairs = [(k, v) for k, v in zip(keys, values, strict=True) if k is not None]
            return types.Mapping("dict", _of_items([inner(k) for k, _ in pairs]), _of_items([inner(v) for _, v in pairs]))
        case ast.Call(func=function, args=arguments) if scope is not None:
            return _called(scope.qualified(function) or "", [inner(a) for a in arguments])
    return types.UNKNOWN


def _yielded(type_: Type) -> Type:
    """Return the type of what going over a value yields."""
    match type_:
        case types.Collection(item=item) | types.Mapping(key=item):
            return item
        case types.STR:
            return types.STR
        case types.BYTES:
            return types.INT
    return types.UNKNOWN


def _called(function: str, arguments: Sequence[Type]) -> Type:
    """Return what a call of a builtin gives."""
    if function in _calls:
        return _calls[function]
    own = function.removeprefix("builtins.")
    if own == "dict" and function != own and len(arguments) <= 1:
        copied = arguments[0] if arguments else None
        parts = (copied.key, copied.value) if isinstance(copied, types.Mapping) else (types.UNKNOWN, types.UNKNOWN)
        return types.Mapping("dict", *parts)
    if function in {f"builtins.{n}" for n in ("list", "set", "frozenset", "sorted", "tuple")}:
        return types.Collection("list" if own == "sorted" else own, _yielded(arguments[0]) if arguments else types.UNKNOWN)
    return types.UNKNOWN


def _arithmetic(left: Type, op: ast.operator, right: Type) -> Type:
    if left == types.INT and right == types.INT:
        if isinstance(op, ast.Div):
            return types.FLOAT
        return types.UNKNOWN if isinstance(op, ast.Pow | ast.MatMult) else types.INT
    if {left, right} <= {types.INT, types.FLOAT} and isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        return types.FLOAT
    if left == right and left in (types.STR, types.BYTES) and isinstance(op, ast.Add):
        return left
    if isinstance(op, ast.Mult) and right == types.INT and isinstance(left, types.Collection) and left.kind == "list":
        return left
    if isinstance(op, ast.Mult) and right == types.INT and left in (types.STR, types.BYTES):
        return left
    return types.UNKNOWN


def _of_items(items: Sequence[Type]) -> Type:
    return types.UNKNOWN if not items else _common(items)


def _common(found: Sequence[Type]) -> Type:
    """Return the type of something that is one of several; an empty display is of the type that others tell."""
    told = [t for t in found if not _empty(t)]
    kinds = {(type(t), getattr(t, "kind", "")) for t in found if _empty(t)}
    if not told:
        return found[0] if len(set(found)) == 1 else types.UNKNOWN
    if types.UNKNOWN in told or not kinds <= {(type(t), getattr(t, "kind", "")) for t in told}:
        return types.UNKNOWN
    return types.union(*told)


def _empty(type_: Type) -> bool:
    """Whether a type is that of a display in which nothing is."""
    match type_:
        case types.Collection(item=types.UNKNOWN):
            return True
        case types.Mapping(key=types.UNKNOWN, value=types.UNKNOWN):
            return True
    return False


def type_variables(type_: Type) -> list[types.Variable]:
    """Return the type variables in a type, in order of appearance, with repetition."""
    match type_:
        case types.Variable():
            return [type_]
        case types.Tuple(items=parts) | types.Union(options=parts) | types.Instance(arguments=parts):
            return [v for part in parts for v in type_variables(part)]
        case types.Collection(item=item):
            return type_variables(item)
        case types.Mapping(key=key, value=value):
            return [*type_variables(key), *type_variables(value)]
        case types.ClassObject(of=of):
            return type_variables(of)
        case types.Callable(parameters=parameters, returns=returns):
            return [*(v for p in parameters or () for v in type_variables(p)), *type_variables(returns)]
    return []


def variables_in(type_: Type) -> list[str]:
    """Return the names of the type variables in a type, in order of appearance, with repetition."""
    return [v.name for v in type_variables(type_)]


def replaced(type_: Type, variables: Mapping[str, Type]) -> Type:
    """Return a type with type variables replaced; those not named stay."""
    match type_:
        case types.Variable(name=name):
            return variables.get(name, type_)
        case types.Tuple(items=parts):
            return types.Tuple(tuple(replaced(p, variables) for p in parts))
        case types.Union(options=parts):
            return types.union(*(replaced(p, variables) for p in parts))
        case types.Instance(name=name, arguments=parts):
            return types.Instance(name, tuple(replaced(p, variables) for p in parts))
        case types.Collection(kind=kind, item=item):
            return types.Collection(kind, replaced(item, variables))
        case types.Mapping(kind=kind, key=key, value=value):
            return types.Mapping(kind, replaced(key, variables), replaced(value, variables))
        case types.ClassObject(of=of):
            return types.ClassObject(replaced(of, variables))
        case types.Callable(parameters=parameters, returns=returns):
            own = None if parameters is None else tuple(replaced(p, variables) for p in parameters)
            return types.Callable(own, replaced(returns, variables))
    return type_
