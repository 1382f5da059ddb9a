"""Values that only contracts have: sequences and sets that are no objects, what a loop has seen, and what opaque functions hide."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from string import Formatter

from probatum.lower.lowered import Kind
from probatum.lower.reserved import Reserved
from probatum.lower.terms import Term, apply, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Function

_MATHEMATICAL = ("pseq", "pset", "pmultiset")


class Mathematical(Reserved):
    """Mathematical sequences and sets."""

    def reserved_separate(self, node: ast.Call, expected: t.Type | None) -> Term:
        """Whether no two of some objects are the same."""
        del expected
        values = [self.evaluate(argument) for argument in node.args]
        if any(self.sort(value.type) != "Ref" or value.content for value in values):
            raise Unsupported("permissions to what are no objects", node)
        pairs = [(a, b) for place, a in enumerate(values) for b in values[place + 1 :]]
        return Term(conjunction(*(f"({a.text} != {b.text})" for a, b in pairs)), t.BOOL)

    def reserved_sequence(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The items of a collection as a sequence."""
        inner = node.args[0]
        if isinstance(inner, ast.Tuple):
            hint = expected.item if isinstance(expected, t.Collection) else None
            if not inner.elts:
                item = hint if hint is not None and hint not in (t.UNKNOWN, t.NEVER) else t.INT
                return Term(f"(Seq_empty() : Seq {self.sort(item)})", t.Collection("pseq", item))
            texts, item = self._elements(inner.elts, hint)
            return Term(self.sequence_of(texts, self.sort(item)), t.Collection("pseq", item))
        value = self.evaluate(inner)
        (value,) = self._usable(value, node=inner)
        if value.type in (t.BYTES, t.BYTEARRAY):
            content, place = self.content(value), self.writer.fresh("i")
            numbers = f"(lambda {place}: int :: {apply('byte_int', apply('Seq_at', content, place))})"
            return Term(apply("Seq_make", apply("Seq_len", content), numbers), t.Collection("pseq", t.INT))
        item = self.item_type(value.type, node)
        return Term(self.items_of(value, node), t.Collection("pseq", t.INT if item == t.NEVER else item))

    def reserved_set(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The items of a collection as a set."""
        inner = node.args[0]
        hint = expected.item if isinstance(expected, t.Collection) else None
        if isinstance(inner, ast.Tuple):
            item = hint if hint is not None and hint not in (t.UNKNOWN, t.NEVER) else t.INT
            texts: list[str] = []
            if inner.elts:
                texts, item = self._elements(inner.elts, hint)
            self.comparable(self.sort(item), node)
            text = f"(Set_empty() : Set {self.sort(item)})"
            for one in texts:
                text = apply("Set_add", text, one)
            return Term(text, t.Collection("pset", item))
        (value,) = self._usable(self.evaluate(inner), node=inner)
        if isinstance(value.type, t.Collection) and value.type.kind in ("set", "frozenset", "pset"):
            return Term(self.content(value), t.Collection("pset", value.type.item))
        raise Unsupported(f"the items of a `{value.type}` as a set", node)

    def reserved_copy(self, node: ast.Call, expected: t.Type | None) -> Term:
        """A copy: of what cannot change, itself; of a collection of that, what it holds now."""
        value = self.evaluate(node.args[0], expected)
        if self.sorts.shared(value.type) and not value.content and not self.holds_what_changes(value.type):
            return Term(self.content(value), value.type, content=True)
        if self.sort(value.type) in ("Ref", "Any") and not value.content:
            raise Unsupported(f"a copy of a `{value.type}` in a contract", node)
        return value

    def reserved_reveal(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The value of a call of an opaque function, of which the body is known here."""
        call = node.args[0]
        if not isinstance(call, ast.Call):
            raise Unsupported("`Reveal` of something else than a call", node)
        value = self.evaluate(call, expected)
        function, arguments = self.called(call)
        with self.unasked():
            inside, _ = self.body_value(function, arguments, self.view)
        same = f"({value.text} == {self.content(inside) if value.content else inside.text})"
        if self.in_contract:
            return Term(self.content(inside) if value.content else inside.text, value.type, content=value.content)
        if self.guards:
            raise Unsupported("`Reveal` inside of this expression", node)
        self.writer.assume(same)
        return value

    def called(self, node: ast.Call) -> tuple[Function, dict[str, Term]]:
        """Return the pure function that a call means, and its arguments."""
        receiver: Term | None = None
        qualified = self.qualified(node.func)
        function = self.program.function(qualified) if qualified is not None else None
        if function is None and isinstance(node.func, ast.Attribute) and qualified is None:
            receiver = self.evaluate(node.func.value)
            function = self.method_of(t.without_none(receiver.type), node.func.attr)
        if function is None or not function.pure:
            raise Unsupported(f"a function that `{ast.unparse(node)}` does not name", node)
        given = self.matched(function, node, receiver)
        return function, {
            p.name: self.coerce(given[p.name], p.type, node) if given[p.name] is not receiver else given[p.name]
            for p in function.parameters
        }

    @abstractmethod
    def unasked(self) -> AbstractContextManager[None]:
        """Look at places without asking for permissions."""

    def fact(self, term: Term) -> str:
        """Return what is known of every value of a type."""
        own = term.type
        if isinstance(own, t.Collection) and own.kind == "pseq" and isinstance(own.item, t.Ranged):
            place = self.writer.fresh("i")
            item = apply("Seq_at", term.text, place)
            within = f"(0 <= {place} && {place} < {apply('Seq_len', term.text)})"
            return self.quantifier(True, [f"{place}: int"], within, self.in_range(item, own.item))
        return super().fact(term)

    def length(self, term: Term) -> str:
        """Return the number of items."""
        if isinstance(term.type, t.Collection) and term.type.kind == "pmultiset":
            raise Unsupported("the size of a multiset")
        return super().length(term)

    # --- operations -------------------------------------------------------------------------

    def builtin(self, name: str, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a built-in function returns; `list.append(xs, x)` is `xs.append(x)`."""
        class_, _, method = name.partition(".")
        if not method or not node.args or any(isinstance(a, ast.Starred) for a in node.args):
            return super().builtin(name, node, expected)
        if name == "int.__add__" and len(node.args) == 2 and not any(self.has_effects(a) for a in node.args):
            left, right = (self.evaluate(a) for a in node.args)
            if left.type == right.type == t.INT:
                return self.binary(ast.Add(), left, right, node)
        known = self.known_type(node.args[0])
        own = known if known is not None else t.UNKNOWN
        kind = own.kind if isinstance(own, t.Collection | t.Mapping) else own.name if isinstance(own, t.Plain) else ""
        if kind != class_:
            return super().builtin(name, node, expected)
        if method.startswith("__"):
            return super().builtin(name, node, expected)
        func = ast.copy_location(ast.Attribute(node.args[0], method, ast.Load()), node)
        return self.evaluate(ast.copy_location(ast.Call(func, node.args[1:], node.keywords), node), expected)

    def builtin_method(self, receiver: Term, name: str, node: ast.Call, arguments: Sequence[Term]) -> Term:
        """Return what a method of a built-in type returns."""
        inner = t.without_none(receiver.type)
        if isinstance(inner, t.Collection) and inner.kind in _MATHEMATICAL and inner != receiver.type:
            (receiver,) = self._usable(receiver, node=node)
        own = receiver.type
        if own == t.STR and name == "format" and _formats(node) and not self.in_contract:
            for argument in arguments:
                self.written(argument, node, "__format__", "__str__", "__repr__")
            text = self.writer.local("text", "(Seq char)")  # what it reads is not known
            self.writer.line(f"havoc {text};")
            return Term(text, t.STR)
        if isinstance(own, t.Collection) and own.kind in _MATHEMATICAL:
            return self._operation(receiver, own, name, node, arguments)
        return super().builtin_method(receiver, name, node, arguments)

    def _operation(self, receiver: Term, own: t.Collection, name: str, node: ast.Call, arguments: Sequence[Term]) -> Term:
        text = receiver.text
        match own.kind, name, arguments:
            case "pseq", "take" | "drop", [number]:
                place = self.coerce(number, t.INT, node).text
                size = apply("Seq_len", text)
                place = f"(if {place} < 0 then 0 else if {place} > {size} then {size} else {place})"
                return Term(apply(f"Seq_{name}", text, place), own)
            case "pseq", "update", [number, value]:
                place = self.coerce(number, t.INT, node).text
                within = conjunction(f"(0 <= {place})", f"({place} < {apply('Seq_len', text)})")
                self.demand(within, Kind.INDEX, node, "the place must be in the sequence", "IndexError")
                return Term(apply("Seq_update", text, place, self.coerce(value, own.item, node).text), own)
            case "pmultiset", "num", [value]:
                return Term(f"{text}[{self.coerce(value, own.item, node).text}]", t.INT)
        raise Unsupported(f"the method `{name}` of a `{own}`", node)

    def binary(self, operator: ast.operator, left: Term, right: Term, node: ast.AST) -> Term:
        """Return the value of a binary operator."""
        a, b = left.type, right.type
        if isinstance(a, t.Collection) and isinstance(b, t.Collection) and a.kind == b.kind == "pset" and a.item == b.item:
            if isinstance(operator, ast.Add):
                return Term(apply("Set_union", left.text, right.text), a)
            if isinstance(operator, ast.Sub):
                return Term(apply("Set_minus", left.text, right.text), a)
        if (
            isinstance(a, t.Collection)
            and isinstance(b, t.Collection)
            and a.kind == b.kind == "pseq"
            and isinstance(operator, ast.Add)
        ):
            if a.item != b.item:
                raise Unsupported(f"`+` between a `{a}` and a `{b}`", node)
            return Term(apply("Seq_concat", left.text, right.text), a)
        return super().binary(operator, left, right, node)


def _formats(node: ast.Call) -> bool:
    """Whether a call of `format` surely returns: a literal names arguments that are there, by their places alone."""
    literal = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not (isinstance(literal, ast.Constant) and isinstance(literal.value, str)) or node.keywords:
        return False
    if any(isinstance(a, ast.Starred) for a in node.args):
        return False
    try:
        fields = [f for f in Formatter().parse(literal.value) if f[1] is not None]
    except ValueError:
        return False
    if any(spec or conversion for _, _, spec, conversion in fields):
        return False
    names = [name or "" for _, name, _, _ in fields]
    if all(not name for name in names):
        return len(names) <= len(node.args)
    return all(name.isdecimal() and int(name) < len(node.args) for name in names)
