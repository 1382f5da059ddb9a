"""Whether the evaluation of an expression may do more than return a value or raise."""

from __future__ import annotations

import ast
import builtins
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence

from probatum.lower.learning import Learning
from probatum.python import types as t
from probatum.python.program import Function
from probatum.python.scopes import walk

_SPECIAL = re.compile(r"__\w+__")
_NO_OPERATORS = frozenset(["__init__", "__post_init__", "__new__", "__enter__", "__exit__", "__del__", "__init_subclass__"])
_QUIET = frozenset(
    [
        "len",
        "abs",
        "min",
        "max",
        "sum",
        "all",
        "any",
        "sorted",
        "range",
        "int",
        "bool",
        "str",
        "float",
        "ord",
        "chr",
        "isinstance",
        "bytes",
        "tuple",
        "list",
        "set",
        "dict",
        "reversed",
        "divmod",
        "enumerate",
        "zip",
        "map",
        "filter",
        "round",
        "pow",
        "frozenset",
        "repr",
        "bin",
        "oct",
        "hex",
        "__old__",
        "__captured__",
        "__forall__",
        "__exists__",
        "__implies__",
        "__multiset__",
        "__let__",
    ]
)
_QUIET_METHODS = frozenset(
    [
        "startswith",
        "endswith",
        "match",
        "fullmatch",
        "findall",
        "groups",
        "search",
        "group",
        "start",
        "end",
        "span",
        "get",
        "keys",
        "values",
        "items",
        "index",
        "count",
        "find",
        "isdigit",
        "isalpha",
        "isalnum",
        "isascii",
        "isdecimal",
        "isdisjoint",
        "islower",
        "isnumeric",
        "isspace",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rjust",
        "rpartition",
        "rstrip",
        "split",
        "splitlines",
        "symmetric_difference",
        "encode",
        "decode",
        "bit_count",
        "zfill",
        "upper",
        "strip",
        "copy",
        "union",
        "intersection",
        "difference",
        "issubset",
        "issuperset",
        "to_bytes",
        "bit_length",
        "hex",
        "rindex",
        "conjugate",
        "rsplit",
        "center",
        "capitalize",
        "title",
        "swapcase",
        "casefold",
    ]
)
_COMPUTING = frozenset(["bisect", "itertools", "math", "operator", "re", "struct"])  # libraries of which functions only compute
_OPEN = frozenset(["random.choice"])  # each call gives another value


class Effects(Learning):
    """What expressions may do."""

    def has_effects(self, node: ast.expr) -> bool:
        """Whether evaluation may do more than return a value or raise."""
        saved = self.narrowed
        self.narrowed = {**saved, **self.targets_within(node)}
        try:
            return self._has_effects(node)
        finally:
            self.narrowed = saved

    def effects_after(self, nodes: Sequence[ast.expr]) -> Callable[[int], bool]:
        """Return whether one of the expressions behind the one of a number may do more than return a value or raise."""
        # Of tables of thousands of literals nothing is asked for each pair of them.
        computed = [(number, node) for number, node in enumerate(nodes) if not isinstance(node, ast.Constant)]
        return lambda number: any(self.has_effects(node) for own, node in computed if own > number)

    @abstractmethod
    def without_effects(self, generator: ast.comprehension, *parts: ast.expr) -> None:
        """Refuse a comprehension that does more than compute values; its targets are bound."""

    @abstractmethod
    def targets_within(self, node: ast.expr) -> dict[str, t.Type]:
        """Return the types of what comprehensions in an expression bind, as far as they are known without evaluation."""

    def _has_effects(self, node: ast.expr) -> bool:
        for one in walk(node):
            if isinstance(one, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
                return True
            if isinstance(one, ast.Call) and not self.is_quiet(one):
                return True
            if isinstance(one, ast.Attribute) and self.is_property(one.attr) and not self._is_plain(one):
                return True
            if self._runs_method(one):
                return True
        return self.puts_in(node)

    def _runs_method(self, node: ast.AST) -> bool:
        """Whether an operator or a built-in function may run a method of a class that has effects."""
        match node:
            case ast.BinOp(left=left, right=right):
                operands = [left, right]
            case ast.Compare(left=left, comparators=others):
                operands = [left, *others]
            case ast.UnaryOp(operand=operand) | ast.Subscript(value=operand):
                operands = [operand]
            case ast.BoolOp(values=operands) | ast.Call(func=ast.Name(), args=operands):
                pass
            case ast.IfExp(test=test):
                operands = [test]
            case _:
                return False
        special = [m for m in self._special_methods() if not self.is_pure(m)]
        return bool(special) and any(self._may_be_instance(operand) for operand in operands)

    def _special_methods(self) -> list[Function]:
        classes = (c for module in self.program.modules.values() for c in module.classes.values())
        return [m for c in classes for name, m in c.methods.items() if _SPECIAL.fullmatch(name) and name not in _NO_OPERATORS]

    def _may_be_instance(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.Compare | ast.List | ast.Dict | ast.Set | ast.Tuple):
            return False
        if isinstance(node, ast.BinOp):
            return self._may_be_instance(node.left) or self._may_be_instance(node.right)
        known = self.known_type(node)
        if known is None and isinstance(node, ast.Subscript):
            owner = self.known_type(node.value)
            known = getattr(owner, "item", getattr(owner, "value", None)) if isinstance(owner, t.Collection | t.Mapping) else None
        options = known.options if isinstance(known, t.Union) else (known,)
        return any(o is None or isinstance(o, t.Instance | t.Variable) or o in (t.OBJECT, t.UNKNOWN) for o in options)

    def _is_plain(self, node: ast.Attribute) -> bool:
        """Whether an attribute is a field of what is known to be an instance of a class, or a property that only computes."""
        owner = self.known_type(node.value)
        if owner is None:
            return False
        own = t.without_none(owner)
        if self.field_of(own, node.attr) is not None:
            return True
        method = self.method_of(own, node.attr)
        return method is not None and method.kind == "property" and self.is_pure(method)

    def is_property(self, name: str) -> bool:
        """Whether some class has a property of this name."""
        return any(
            name in c.methods and c.methods[name].kind == "property"
            for module in self.program.modules.values()
            for c in module.classes.values()
        )

    def is_method(self, name: str) -> bool:
        """Whether some class of the program has a method of this name."""
        return any(name in c.methods for module in self.program.modules.values() for c in module.classes.values())

    def is_quiet(self, node: ast.Call) -> bool:
        """Whether a call only returns a value or raises."""
        if isinstance(node.func, ast.Name):
            qualified = self.qualified(node.func)
            reserved = node.func.id.startswith("__")
            if node.func.id in _QUIET and (reserved or qualified == f"builtins.{node.func.id}"):
                return True
            function = self.program.function(qualified) if qualified else None
            if function is None and qualified is not None and qualified.partition(".")[0] in _COMPUTING:
                return self.is_library(qualified)
            return function is not None and self.is_pure(function)
        if isinstance(node.func, ast.Attribute):
            qualified = self.qualified(node.func)
            if qualified is not None and not self._bound_inside(node.func):
                function = self.program.function(qualified)
                if function is None:
                    return qualified.startswith("builtins.") or (self.is_library(qualified) and qualified not in _OPEN)
                return self.is_pure(function)
            return node.func.attr in _QUIET_METHODS and not self.is_method(node.func.attr)
        return False

    def _bound_inside(self, node: ast.expr) -> bool:
        """Whether a dotted name begins with one that nothing outside of this expression has: it is bound in a comprehension."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self.qualified(node) == f"builtins.{node.id}" and not hasattr(builtins, node.id)
