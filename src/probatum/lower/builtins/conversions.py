"""Conversions: types that are called."""

from __future__ import annotations

import ast
from abc import abstractmethod

from probatum.lower import calling, families, terms
from probatum.lower.builtins.sets import Sets
from probatum.lower.implied_calls import run_on
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Conversions(Sets):
    """What types mean when they are called."""

    @abstractmethod
    def no_bool(self, term: Term) -> Term:
        """Return the integer that `int` makes of one, which may be a bool."""

    @abstractmethod
    def digits(self, term: Term, *, mixed: bool = False) -> str:
        """Return `str(n)`; `mixed`: the type of the number says itself that it may be a bool."""

    @abstractmethod
    def says_bool(self, type_: t.Type) -> bool:
        """Whether a type says itself that its numbers may be bools."""

    def call_int(self, node: ast.Call, value: Term | None = None) -> Term:
        """`int(x)` of integers and booleans."""
        if value is None:
            return terms.number(0)
        (value,) = self._usable(value, node=node)
        if self._is_int(value.type):
            return self.no_bool(self.coerce(value, t.INT, node))
        if value.type == t.STR:
            self.demand(apply("Str_is_int", value.text), Kind.VALUE, node, "it must be an integer in digits", "ValueError")
            return Term(apply("Str_to_int", value.text), t.INT)
        if value.type == t.FLOAT:
            return self._truncated(value, node)
        raise Unsupported(f"`int` of a `{value.type}`", node)

    def _truncated(self, value: Term, node: ast.AST) -> Term:
        """Return a float without what is behind its point."""
        low, high = self.float_literal(float("-inf")).text, self.float_literal(float("inf")).text
        self.demand(f"({value.text} <= {value.text})", Kind.VALUE, node, "it must not be NaN", "ValueError")
        finite = f"({low} < {value.text} && {value.text} < {high})"
        self.demand(finite, Kind.VALUE, node, "it must not be infinite", "OverflowError")
        return Term(apply("Float_int", value.text), t.INT)

    def call_bool(self, node: ast.Call, value: Term | None = None) -> Term:
        """`bool(x)`."""
        return terms.FALSE if value is None else Term(self.truth(value, node), t.BOOL)

    def call_float(self, node: ast.Call, value: Term | None = None) -> Term:
        """`float(x)` of numbers."""
        if value is None:
            return self.float_literal(0.0)
        if value.type == t.STR and isinstance(node.args[0], ast.Constant):
            return self._written_float(str(node.args[0].value), node)
        if value.type == t.FLOAT or self._is_int(value.type):
            return self.coerce(value, t.FLOAT, node)
        raise Unsupported(f"`float` of a `{value.type}`", node)

    def _written_float(self, text: str, node: ast.AST) -> Term:
        try:
            return self.float_literal(float(text))
        except ValueError:
            self.demand("false", Kind.VALUE, node, f"`{text}` is no float", "ValueError")
            return self.float_literal(0.0)

    def call_repr(self, node: ast.Call, value: Term) -> Term:
        """`repr(x)` of integers and booleans."""
        if value.type == t.STR or not self._has_known_text(value):
            raise Unsupported(f"`repr` of a `{value.type}`", node)
        if value.type != t.BOOL and any(c.kind == "intenum" for m in self.program.modules.values() for c in m.classes.values()):
            raise Unsupported(f"`repr` of a `{value.type}` beside an `IntEnum`, of which it may be a member", node)
        return self.call_str(node, value)

    def call_str(self, node: ast.Call, value: Term | None = None) -> Term:
        """`str(x)` of strings and integers."""
        if value is None:
            return Term("(Seq_empty() : Seq char)", t.STR)
        (value,) = self._usable(value, node=node)
        if value.type == t.STR:
            return value
        if value.type == t.BOOL:
            return Term(conditional(value.text, self.text_literal("True").text, self.text_literal("False").text), t.STR)
        if self._is_int(value.type) and not isinstance(value.type, t.Instance):
            self.short_enough(value.type)
            return Term(self.digits(self.coerce(value, t.INT, node), mixed=self.says_bool(value.type)), t.STR)
        if isinstance(value.type, t.Instance) and self.sort(value.type) != "int" and self.class_of(value.type) is not None:
            return self._text_of_object(value, node)
        if not self._has_known_text(value) and self.only_computes():
            return self._text_of_anything(value)
        raise Unsupported(f"`str` of a `{value.type}`", node)

    def short_enough(self, type_: t.Type) -> None:
        """Note, where a value of the type may be or hold an integer, that CPython writes out no more than 4300 digits."""
        bounded = isinstance(type_, t.Ranged) and type_.low is not None and type_.high is not None
        if not bounded and type_ not in (t.BOOL, t.FLOAT, t.STR, t.BYTES, t.NONE):
            self.symbols.assumptions.setdefault("integers that are written out have at most 4,300 digits", None)

    def _has_known_text(self, value: Term) -> bool:
        """Whether something is known of the text of a value, beyond that it is one."""
        return self.sort(value.type) != "Any" and not isinstance(value.type, t.Variable)

    @abstractmethod
    def only_computes(self) -> bool:
        """Whether the function under way changes nothing, so that what is asked twice is answered alike."""

    def _text_of_anything(self, value: Term) -> Term:
        """Return the text of an object whose class is not known: some text, the same while nothing changes."""
        sort = self.sort(value.type)
        function = f"Text'{mangled(sort.strip('()'))}"
        self.symbols.declarations[function] = f"function {function}(a: {sort}): Seq char;"
        self.symbols.assumptions.setdefault("`str` of an object of any class returns, and gives the same text each time", None)
        return Term(apply(function, value.text), t.STR)

    def written(self, value: Term, node: ast.AST, *methods: str) -> None:
        """Run what a class says of how its instances are written, where what is written does not matter.

        `methods` are tried in this order; by default `__str__`, then `__repr__`.
        """
        self.short_enough(value.type)
        names = methods or ("__str__", "__repr__")
        found = run_on(self.program, value.type, [n[2:-2] for n in (*names, "__repr__", "__format__")])
        if not found:
            return
        own = next((n for n in names if self.method_of(value.type, n) is not None), None)
        if own is not None and not any(one.endswith(".__format__") for one in found):
            self.coerce(self.call_method(value, own, [], node), t.STR, node)
            return
        for one in map(self.program.function, sorted(found)):
            contract = one.contract if one is not None else None
            if (
                one is None
                or contract is None
                or not contract.says_something
                or contract.requires
                or contract.raises
                or contract.any_raise
                or contract.may_diverge
                or calling.modified(self.program, one) != ()
                or one.qualified in calling.circle(self.program, one)
                or one.qualified in self.running()
            ):
                what = one.name if one is not None else "a method"
                raise Unsupported(f"the text of a `{value.type}`, for which `{what}` runs", node)

    @abstractmethod
    def running(self) -> frozenset[str]:
        """Return the functions that call the one under way back, and that one."""

    def _text_of_object(self, value: Term, node: ast.Call) -> Term:
        """Return what `__str__` returns; else some text, of which nothing is known."""
        for name in ("__str__", "__repr__"):
            if self.method_of(value.type, name) is not None:
                return self.coerce(self.call_method(value, name, [], node), t.STR, node)
        assert isinstance(value.type, t.Instance)
        derived = families.below(self.program, value.type.name)
        if families.foreign(self.program, value.type.name) or any({"__str__", "__repr__"} & set(c.methods) for c in derived):
            raise Unsupported(f"`str` of a `{value.type}`, for which another class has a rule of its own", node)
        if self.in_contract:
            raise Unsupported(f"`str` of a `{value.type}` in a contract", node)
        text = self.writer.local("text", "(Seq char)")
        self.writer.line(f"havoc {text};")
        return Term(text, t.STR)
