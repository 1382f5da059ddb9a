"""Calls that no call is written for: operators, subscripts, `with`, `for`, conversions and conditions run methods of classes.

Whether recursion ends is asked of what may come back, so none of these may be
missed. An operand whose type cannot be told here may be an instance of any class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from probatum.lower import families
from probatum.python import forms
from probatum.python import types as t
from probatum.python.program import Function, Program
from probatum.python.scopes import walk

_OPERATORS: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.Add: ("add",), ast.Sub: ("sub",), ast.Mult: ("mul",), ast.Div: ("truediv",), ast.FloorDiv: ("floordiv",),
    ast.Mod: ("mod",), ast.Pow: ("pow",), ast.LShift: ("lshift",), ast.RShift: ("rshift",), ast.BitAnd: ("and",),
    ast.BitOr: ("or",), ast.BitXor: ("xor",), ast.MatMult: ("matmul",), ast.USub: ("neg",), ast.UAdd: ("pos",),
    ast.Invert: ("invert",), ast.Not: ("bool", "len"),
    ast.Lt: ("lt", "gt"), ast.LtE: ("le", "ge"), ast.Gt: ("gt", "lt"), ast.GtE: ("ge", "le"), ast.Eq: ("eq", "ne"),
    ast.NotEq: ("ne", "eq"), ast.In: ("contains", "iter", "next", "getitem", "eq", "hash"),
    ast.NotIn: ("contains", "iter", "next", "getitem", "eq", "hash"), ast.Is: (), ast.IsNot: (),
}  # fmt: skip  # a table
_CONDITION = ("bool", "len")
_ITERATION = ("iter", "next", "getitem", "len")
_KEYED = ("getitem", "setitem", "delitem", "missing", "hash", "eq")
# What a builtin, or a method of one, may ask of its arguments and of what is in them.
_ANY = (
    *("len", "iter", "next", "getitem", "contains", "eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "str", "repr", "format"),
    *("int", "float", "index", "abs", "round", "trunc", "floor", "ceil", "bytes", "add", "radd", "reversed", "enter", "exit"),
    *("divmod", "rdivmod", "pow", "rpow", "complex", "setitem", "delitem", "call"),
)
_INERT = frozenset({"isinstance", "issubclass", "id", "type", "super", "callable", "range", "ord", "chr"})


def implied(program: Program, function: Function) -> set[str]:
    """Return the qualified names of methods that a body or a contract may run without a call that names them."""
    defined = _defined(program)
    if not defined:
        return set()
    return _Implied(program, function, defined).found()


@lru_cache(maxsize=8)
def _defined(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the methods that Python may call by itself: by name, without underscores, and setters by that of the attribute."""
    found: dict[str, set[str]] = {}
    for module in program.modules.values():
        for class_ in module.classes.values():
            for method in class_.methods.values():
                name = families.short(method)
                if name.startswith("__") and name.endswith("__") and name not in ("__init__", "__new__", "__post_init__"):
                    found.setdefault(name[2:-2], set()).add(method.qualified)
                elif method.kind == "setter":
                    found.setdefault(f"{_attribute(method)} =", set()).add(method.qualified)
    return {name: frozenset(ones) for name, ones in found.items()}


@lru_cache(maxsize=8)
def _attributes(program: Program) -> Mapping[str, t.Type]:
    """Return the types of attributes and of what methods return, by name, in whatever class has one of that name."""
    found: dict[str, list[t.Type]] = {}
    for module in program.modules.values():
        for class_ in module.classes.values():
            for name, field in class_.fields.items():
                found.setdefault(name, []).append(field.type)
            member = t.Instance(class_.qualified) if class_.kind in ("enum", "intenum") else t.UNKNOWN
            for name in class_.constants:
                found.setdefault(name, []).append(member)
            for method in class_.methods.values():
                found.setdefault(families.short(method), []).append(method.returns)
    return {name: t.union(*types) for name, types in found.items()}


def _attribute(method: Function) -> str:
    """Return the attribute that a setter sets; it may be listed under a name of its own."""
    return method.node.name


def run_on(program: Program, type_: t.Type | None, wanted: Iterable[str]) -> set[str]:
    """Return the methods of these names, without underscores, that may run on a value of a type, or on what is in it."""
    defined = _defined(program)
    everything = {m for name in wanted for m in defined.get(name, ())}
    found: set[str] = set()
    seen: set[t.Type] = set()
    waiting = [type_] if everything else []
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        if one is not None:
            seen.add(one)
        match one:
            case t.Plain(name="object" | "unknown") | None:
                return everything
            case t.Plain() | t.Ranged() | t.ClassObject():
                pass
            case t.Tuple(items=items):
                waiting += items
            case t.Collection(item=item):
                waiting.append(item)
            case t.Mapping(key=key, value=value):
                waiting += [key, value]
            case t.Union(options=options):
                waiting += options
            case t.Instance(name=name, arguments=arguments):
                known = program.class_(name)
                if (known is None and name.partition(".")[0] != "builtins") or (known is not None and known.kind == "protocol"):
                    return everything
                waiting += arguments
                if known is not None:
                    family = (*families.classes(program, name), *families.below(program, name))
                    found |= everything & {m.qualified for c in family for m in c.methods.values()}
                    # An instance without a method for it may be compared, hashed or shown by its fields.
                    waiting += [f.type for c in family if c.kind in ("dataclass", "frozen") for f in c.fields.values()]
            case _:
                return everything
    return found


class _Implied:
    """Looks through one function."""

    def __init__(self, program: Program, function: Function, defined: Mapping[str, frozenset[str]]) -> None:
        self.program, self.function, self.defined = program, function, defined
        contract = function.contract
        clauses = [*contract.requires, *contract.ensures, *(contract.decreases or ())]
        for one in contract.raises:
            clauses += [*([one.when] if one.when is not None else []), *one.ensures]
        for loop in function.loops.values():
            clauses += [*loop.invariants, *(loop.decreases or ())]
        self.nodes = [n for root in (*function.body, *(c.expression for c in clauses)) for n in walk(root)]
        self.conditions = {id(c.expression) for c in clauses}
        self.bindings: dict[str, list[ast.expr | None]] = {}
        for node in self.nodes:
            self._bind(node)
        self.asked: set[str] = set()  # variables whose values are being looked at

    def _bind(self, node: ast.AST) -> None:
        """Note what a node gives to variables; None: something that cannot be told."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._give(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._give(target, value)
            case ast.AugAssign(target=target, value=value, op=op):
                if isinstance(target, ast.Name):
                    self._give(target, ast.BinOp(ast.Name(target.id, ast.Load()), op, value))
            case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                self._give(target, ast.Subscript(iterated, ast.Constant(0), ast.Load()))
            case ast.withitem(optional_vars=ast.expr() as target):
                self._give(target, None)
            case ast.ExceptHandler(name=str(name)):
                self.bindings.setdefault(name, []).append(None)
            case ast.Lambda():
                for name in forms.parameter_names(node):
                    self.bindings.setdefault(name, []).append(None)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                self.bindings.setdefault(name, []).append(None)

    def _give(self, target: ast.expr, value: ast.expr | None) -> None:
        for one in ast.walk(target):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                self.bindings.setdefault(one.id, []).append(value)

    def found(self) -> set[str]:
        """Return the methods."""
        found: set[str] = set()
        for node in self.nodes:
            for operand, names in self._asked_of(node):
                wanted = [n for name in names for n in (name, f"r{name}", f"i{name}") if n in self.defined]
                if wanted:
                    found |= self._of(operand, wanted)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                found |= self.defined.get(f"{node.attr} =", frozenset())
        return found

    def _asked_of(self, node: ast.AST) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
        """Yield operands of a node, with the names of methods that may run on them."""
        if id(node) in self.conditions and isinstance(node, ast.expr):
            yield node, _CONDITION
        match node:
            case ast.BinOp(left=left, op=op, right=right) | ast.AugAssign(target=left, op=op, value=right):
                yield left, _OPERATORS[type(op)]
                yield right, _OPERATORS[type(op)]
                if isinstance(op, ast.Mod):  # text with values in it
                    yield right, ("str", "repr", "format", "int", "float", "index", "getitem")
            case ast.UnaryOp(op=op, operand=operand):
                yield operand, _OPERATORS[type(op)]
            case ast.Compare(left=left, ops=ops, comparators=others):
                operands = [left, *others]
                for place, one in enumerate(ops):
                    yield operands[place], _OPERATORS[type(one)]
                    yield operands[place + 1], _OPERATORS[type(one)]
            case ast.BoolOp(values=values):
                yield from ((v, _CONDITION) for v in values)
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                yield test, _CONDITION
            case ast.comprehension(iter=iterated, ifs=tests):
                yield iterated, _ITERATION
                yield from ((c, _CONDITION) for c in tests)
            case ast.For(iter=iterated):
                yield iterated, _ITERATION
            case ast.Assign(targets=targets, value=value) if any(isinstance(x, ast.Tuple | ast.List) for x in targets):
                yield value, _ITERATION
            case ast.Starred(value=value):
                yield value, _ITERATION
            case ast.Subscript(value=value, slice=index):
                yield value, _KEYED
                yield index, ("index", "hash", "eq")
            case ast.With(items=items):
                yield from ((i.context_expr, ("enter", "exit")) for i in items)
            case ast.FormattedValue(value=value):
                yield value, ("str", "repr", "format")
            case ast.Dict(keys=keys):
                yield from ((k, ("hash", "eq")) for k in keys if k is not None)
            case ast.Set(elts=elements):
                yield from ((e, ("hash", "eq")) for e in elements)
            case ast.SetComp(elt=element) | ast.DictComp(key=element):
                yield element, ("hash", "eq")
            case ast.Match(subject=subject):
                yield subject, ("eq", "len", "getitem", "contains")
            case ast.Attribute(value=value):
                yield value, ("getattr", "getattribute")
            case ast.Call(func=func, args=arguments, keywords=keywords):
                if isinstance(func, ast.Name) and func.id in _INERT:
                    return
                given = [*arguments, *(k.value for k in keywords)]
                if not isinstance(func, ast.Name | ast.Attribute) or (
                    isinstance(func, ast.Name) and not self._is_function(func.id)
                ):
                    yield func, ("call",)
                if isinstance(func, ast.Name) and self._is_own(func.id):
                    return
                if isinstance(func, ast.Attribute):
                    given.append(func.value)
                yield from ((g, _ANY) for g in given)

    def _is_function(self, name: str) -> bool:
        """Whether a name that is called stands for a function or class, and no value."""
        return name not in self.bindings and name not in {p.name for p in self.function.parameters}

    def _is_own(self, name: str) -> bool:
        """Whether a name stands for a function or class of the program, with a body of its own to look at."""
        module = self.program.modules[self.function.module]
        qualified = module.imports.get(name, f"{module.name}.{name}")
        return self._is_function(name) and self.program.function(qualified) is not None

    # --- types ------------------------------------------------------------------------------------

    def _of(self, operand: ast.expr, wanted: list[str]) -> set[str]:
        """Return the methods of these names that may run on an operand, or on what is in it."""
        return run_on(self.program, self.type(operand, 0), wanted)

    def type(self, node: ast.expr, depth: int) -> t.Type | None:
        """Return the type of an expression, or one that holds the same classes; None if it cannot be told."""
        if depth > 20:
            return None
        inner = depth + 1
        match node:
            case ast.Constant(value=None):
                return t.NONE
            case ast.Constant() | ast.JoinedStr():
                return t.INT
            case ast.Name(id=name):
                return self._of_name(name, inner)
            case ast.Attribute(attr=name):
                return self._of_attribute(name)
            case ast.BinOp(left=left, right=right):
                return self._together([left, right], inner)
            case ast.UnaryOp(op=ast.Not()):
                return t.BOOL
            case ast.UnaryOp(operand=operand):
                return self.type(operand, inner)
            case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                return self._together(values, inner)
            case ast.Compare(left=left, comparators=others):
                return t.BOOL if self._is_builtin([left, *others], inner) else None
            case ast.IfExp(body=body, orelse=other):
                return self._together([body, other], inner)
            case ast.Dict(keys=keys, values=values):
                return None if None in keys else self._together([*(k for k in keys if k is not None), *values], inner)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                return self.type(element, inner)
            case ast.DictComp(key=key, value=value):
                return self._together([key, value], inner)
            case ast.Subscript(value=value):
                type_ = self.type(value, inner)
                return type_ if type_ is None or not self._has_instances(type_) else self._item(type_)
            case ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.type(value, inner)
            case ast.Call(func=func, args=arguments, keywords=keywords):
                return self._of_call(func, [*arguments, *(k.value for k in keywords)], inner)
        return None

    def _item(self, type_: t.Type) -> t.Type | None:
        """Return the type of what an instance, or a collection of some, holds: of instances that cannot be told."""
        waiting = [type_]
        parts: list[t.Type] = []
        while waiting:
            match waiting.pop():
                case t.Tuple(items=items) as one:
                    parts.append(one)
                    waiting += items
                case t.Collection() | t.Mapping() | t.Plain() | t.Ranged() as one:
                    parts.append(one)
                case t.Union(options=options):
                    waiting += options
                case _:
                    return None
        return t.union(*parts)

    def _together(self, nodes: list[ast.expr], depth: int) -> t.Type | None:
        found = [self.type(n, depth) for n in nodes]
        known = [one for one in found if one is not None]
        return t.union(t.INT, *known) if len(known) == len(found) else None

    def _is_builtin(self, nodes: list[ast.expr], depth: int) -> bool:
        type_ = self._together(nodes, depth)
        return type_ is not None and not self._has_instances(type_)

    def _has_instances(self, type_: t.Type) -> bool:
        waiting = [type_]
        while waiting:
            match waiting.pop():
                case t.Plain(name=name) if name not in ("object", "unknown"):
                    pass
                case t.Ranged():
                    pass
                case t.Tuple(items=items):
                    waiting += items
                case t.Collection(item=item):
                    waiting.append(item)
                case t.Mapping(key=key, value=value):
                    waiting += [key, value]
                case t.Union(options=options):
                    waiting += options
                case _:
                    return True
        return False

    def _of_name(self, name: str, depth: int) -> t.Type | None:
        if name == forms.RESULT:
            return self.function.returns
        parameter = next((p for p in self.function.parameters if p.name == name), None)
        types: list[t.Type | None] = []
        if parameter is not None:
            own = parameter.type
            place = self.function.parameters.index(parameter)
            if place == 0 and self.function.owner and self.function.kind not in ("static", "class", "function"):
                own = t.Instance(f"{self.function.module}.{self.function.owner}")
            types.append(own)
        elif name not in self.bindings:
            module = self.program.modules[self.function.module]
            said = module.constant_types.get(name) or module.variables.get(name)
            value = module.constants.get(name)
            if said is not None or value is None or any(isinstance(n, ast.Name) for n in walk(value)):
                return said
            return self.type(value, depth)
        if name not in self.asked:
            self.asked.add(name)
            types += [None if value is None else self.type(value, depth) for value in self.bindings.get(name, ())]
            self.asked.discard(name)
        known = [one for one in types if one is not None]
        return t.union(t.INT, *known) if len(known) == len(types) else None

    def _of_attribute(self, name: str) -> t.Type | None:
        """Return the type that an attribute has, in whatever class has one of that name."""
        return _attributes(self.program).get(name)

    def _of_call(self, func: ast.expr, given: list[ast.expr], depth: int) -> t.Type | None:
        match func:
            case ast.Name(id="__old__" | "__captured__" | "__let__"):
                return self._together(given, depth)
            case ast.Name(
                id="isinstance" | "len" | "ord" | "chr" | "id" | "range" | "str" | "repr" | "bool" | "int" | "float" | "hash"
            ):
                if self._is_function(func.id) and not self._is_own(func.id):
                    return t.INT
            case ast.Name(id=name) if self._is_function(name):
                module = self.program.modules[self.function.module]
                qualified = module.imports.get(name, f"{module.name}.{name}")
                function = self.program.function(qualified)
                if function is not None:
                    return function.returns
                if self.program.class_(qualified) is not None:
                    return t.Instance(qualified)
                if qualified == f"{module.name}.{name}":  # a builtin: what it returns was in what it was given
                    return self._together(given, depth)
            case ast.Attribute(value=value, attr=name):
                own = self._of_attribute(name)
                if own is None or self._is_builtin([value], depth):
                    return self._together([value, *given], depth)
                return own
        return None


__all__ = ["implied", "run_on"]
