"""Iteration: what it yields, and values that are kept when the state changes."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from probatum.lower import families, terms
from probatum.lower.builtins.set_orders import SetOrders
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

# What computing an item may raise: those behind the first one are not computed.
_RAISED = ("ArithmeticError", "AttributeError", "LookupError", "TypeError", "ValueError")


class Iteration(SetOrders):
    """What iteration yields."""

    def call_range(self, node: ast.Call, first: Term, second: Term | None = None, third: Term | None = None) -> Term:
        """`range(...)`."""
        start, stop = ("0", first) if second is None else (self.coerce(first, t.INT, node).text, second)
        step = "1" if third is None else self.coerce(third, t.INT, node).text
        if not (step.isdigit() and step != "0"):
            self.demand(f"({step} != 0)", Kind.VALUE, node, "the step must not be zero", "ValueError")
        text = apply("Seq_range", start, self.coerce(stop, t.INT, node).text, step)
        return Term(text, t.Collection("range", t.INT))

    def call_reversed(self, node: ast.Call, values: Term) -> Term:
        """`reversed(xs)`."""
        item = self.item_type(values.type, node)
        if isinstance(values.type, t.Collection) and values.type.kind in ("set", "frozenset", "iterator"):
            self.demand("false", Kind.TYPE, node, f"a `{values.type}` is not reversible", "TypeError")
        return self.iterator(apply("Seq_reverse", self.items_of(values, node)), item)

    @abstractmethod
    def joined(self, types: Sequence[t.Type]) -> t.Type:
        """Return the least type that values of several types have."""

    def iterator(self, items: str, item: t.Type) -> Term:
        """Return an iterator over a sequence, which is used up where it is made."""
        return Term(items, t.Collection("iterator", t.INT if isinstance(item, t.Ranged) else item), content=True)

    def special_next(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`next(iter(xs))` and `next(... for x in xs)`, with or without what stands for an item where there is none."""
        del expected
        if not 1 <= len(node.args) <= 2 or node.keywords:
            raise Unsupported("`next` of these arguments", node)
        new = isinstance(node.args[0], ast.Call) and self.qualified(node.args[0].func) == "builtins.iter"
        lazy = isinstance(node.args[0], ast.GeneratorExp)
        if not new and (not lazy or any(self.expects(f"builtins.{name}") for name in _RAISED)):
            raise Unsupported("`next` of an iterator that was not made there", node)
        first = node.args[0]
        if new:
            assert isinstance(first, ast.Call)
            if len(first.args) != 1 or first.keywords or isinstance(first.args[0], ast.Starred):
                raise Unsupported("`iter` of these arguments", node)
            first = first.args[0]
        values, *others = self.in_order([first, *node.args[1:]])
        if new and getattr(values.type, "kind", "") in ("iterator", "iterable"):
            raise Unsupported("`next` of what may be an iterator itself", node)
        item, items = self.sequence_in(values, node)
        some = f"(0 < {apply('Seq_len', items)})"
        found = Term(apply("Seq_at", items, "0"), item)
        if not others:
            self.demand(some, Kind.VALUE, node, "there must be an item", "StopIteration")
            return self.named(found)
        other = self.materialised(others[0], node)
        type_ = item if self.is_subtype(other.type, item) else t.union(item, other.type)
        own, instead = self.coerce(found, type_, node).text, self.coerce(other, type_, node).text
        return self.named(Term(terms.conditional(some, own, instead), type_))

    @abstractmethod
    def expects(self, class_: str) -> bool:
        """Whether something here expects an exception."""

    def made(self, length: str, value: Callable[[str], Term]) -> Term:
        """Return an iterator over so many values, each of its place."""
        place = self.writer.fresh("i")
        one = value(place)
        return self.iterator(apply("Seq_make", length, f"(lambda {place}: int :: {one.text})"), one.type)

    def sequence_in(self, value: Term, node: ast.AST, *, told: bool = True) -> tuple[t.Type, str]:
        """Return the type of items and the sequence that iteration yields, once; `told` as in `items_of`."""
        value = self.gone_over(value, node)
        return self.item_type(value.type, node), self.items_of(value, node, told=told)

    @abstractmethod
    def gone_over(self, value: Term, node: ast.AST) -> Term:
        """Return what going over a value goes over: the value, without None, or an attribute of it."""

    def call_enumerate(self, node: ast.Call, values: Term, start: Term | None = None) -> Term:
        """`enumerate(xs)`."""
        item, items = self.sequence_in(values, node)
        first = "0" if start is None else self.coerce(start, t.INT, node).text

        def pair(place: str) -> Term:
            number = Term(place if first == "0" else f"({first} + {place})", t.INT)
            return self.tuple_of([number, Term(apply("Seq_at", items, place), item)])

        return self.made(apply("Seq_len", items), pair)

    def call_zip(self, node: ast.Call, *values: Term, strict: Term | None = None) -> Term:
        """`zip(xs, ys, ...)`."""
        if not values:
            raise Unsupported("`zip` of nothing", node)
        parts = [self.sequence_in(value, node) for value in values]
        length = apply("Seq_len", parts[0][1])
        for _, other in parts[1:]:
            if strict is not None:
                same = terms.implication(self.truth(strict, node), f"({apply('Seq_len', other)} == {length})")
                self.demand(same, Kind.VALUE, node, "`zip` needs as many of each", "ValueError")
        for _, other in parts[1:]:
            length = apply("Int_min", length, apply("Seq_len", other))
        return self.made(length, lambda k: self.tuple_of([Term(apply("Seq_at", items, k), item) for item, items in parts]))

    def special_map(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`map(f, xs)`."""
        del expected
        function, values = self._applied(node, "map")
        item, items = self.sequence_in(values, node)
        place = self.writer.fresh("i")
        within = f"(0 <= {place} && {place} < {apply('Seq_len', items)})"
        one = self.applied(function, Term(apply("Seq_at", items, place), item), f"{place}: int", within)
        return self.iterator(apply("Seq_make", apply("Seq_len", items), f"(lambda {place}: int :: {one.text})"), one.type)

    def special_filter(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`filter(f, xs)`."""
        del expected
        function, values = self._applied(node, "filter")
        item, items = self.sequence_in(values, node)
        name = self.writer.fresh("x")
        within = apply("Seq_has", items, name)
        if isinstance(function, ast.Constant) and function.value is None:
            kept = self.truth(Term(name, item), node)
        else:
            kept = self.truth(self.applied(function, Term(name, item), f"{name}: {self.sort(item)}", within), node)
        return self.iterator(apply("Seq_filter", items, f"(lambda {name}: {self.sort(item)} :: {kept})"), item)

    def _applied(self, node: ast.Call, name: str) -> tuple[ast.expr, Term]:
        if len(node.args) != 2 or node.keywords or isinstance(node.args[1], ast.Starred):
            raise Unsupported(f"`{name}` of these arguments", node)
        return node.args[0], self.evaluate(node.args[1])

    def applied(self, function: ast.expr, argument: Term, variable: str, within: str) -> Term:
        """Return what a function gives for a value under a bound variable; it must only compute that."""
        if isinstance(function, ast.Lambda):
            parameters = function.args
            if (
                len(parameters.args) != 1
                or parameters.vararg
                or parameters.kwonlyargs
                or parameters.kwarg
                or parameters.posonlyargs
            ):
                raise Unsupported("a `lambda` of other than one parameter here", function)
            name, body = parameters.args[0].arg, function.body
        else:
            name = "given'"
            inner = ast.copy_location(ast.Name(name, ast.Load()), function)
            body = ast.copy_location(ast.Call(function, [inner], []), function)
        depth = len(self.binders)
        found: list[Term] = []

        def compute() -> str:
            value = self.evaluate(body)
            if self.creates(value):
                raise Unsupported("a function here that creates collections", function)
            found.append(value)
            return value.text

        with self.parameter(name, argument), self.lookups_find():
            # The type of the parameter says whether an operator may be a method.
            if not self.in_contract and self.has_effects(body):
                raise Unsupported("a function here that may do more than compute a value", function)
            self.binders.append((variable, within))
            try:
                self._under(compute)
            finally:
                del self.binders[depth:]
        return found[0]

    @abstractmethod
    def lookups_find(self) -> AbstractContextManager[None]:
        """Within it, a lookup in a `defaultdict` must find the key: where it put something in, it would have an effect."""

    @contextmanager
    def parameter(self, name: str, value: Term) -> Iterator[None]:
        """Let the parameter of a `lambda` have a value: what is known of a name outside says nothing of one that is called the same."""
        saved = self.names, dict(self.narrowed), dict(self.origins), dict(self.lows)
        self.forget(name)
        self.names = {**self.names, name: value}
        try:
            yield
        finally:
            self.names, self.narrowed, self.origins, self.lows = saved

    @abstractmethod
    def forget(self, name: str) -> None:
        """Forget what conditions said of a name that has another value now."""

    @abstractmethod
    def has_effects(self, node: ast.expr) -> bool:
        """Whether evaluation may do more than return a value or raise."""

    @abstractmethod
    def _under(self, evaluate: Callable[[], str]) -> str: ...

    def item_type(self, type_: t.Type, node: ast.AST) -> t.Type:
        """Return the type of what iteration yields."""
        own = t.without_none(type_)
        match own:
            case t.Collection(item=item) | t.Mapping(key=item):
                return item
            case t.Tuple(items=items):
                return self.joined(items)
            case t.BYTES | t.BYTEARRAY:
                return t.INT
            case t.STR:
                return t.STR
        if own in (t.BYTES, t.BYTEARRAY):
            return t.INT
        raise Unsupported(f"iteration over a `{type_}`", node)

    def items_of(self, value: Term, node: ast.AST, *, told: bool = True) -> str:
        """Return the sequence that iteration yields, where its items are values of that sequence as they are.

        `told`: what is made of the items depends on their order.
        """
        own = t.without_none(value.type)
        if isinstance(own, t.Tuple):
            return self.coerce(value, t.Collection("tuple", self.item_type(own, node)), node).text
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            return self.members_in_order(value, node, told=told)
        if own == t.STR:
            return self.made(
                apply("Seq_len", value.text), lambda k: Term(f"Seq_one({apply('Seq_at', value.text, k)})", t.STR)
            ).text
        if own in (t.BYTES, t.BYTEARRAY):
            content = self.content(value)
            return self.made(
                apply("Seq_len", content), lambda k: Term(apply("byte_int", apply("Seq_at", content, k)), t.INT)
            ).text
        if isinstance(own, t.Mapping):
            return apply("Map_keys", self.content(value))
        if isinstance(own, t.Collection):
            return self.content(value)
        raise Unsupported(f"the items of a `{own}`", node)

    def hashable(self, type_: t.Type, node: ast.AST) -> None:
        """Demand that values of a type are keys by their value."""
        self.comparable(self.sort(type_), node)
        own = t.without_none(type_)
        if isinstance(own, t.Instance) and self.sort(own) == "Ref":
            for name in (own.name, *self.below(own.name)):
                if families.built_in(self.program, name) - {"BaseException", "Exception"} and not self.by_identity(own):
                    raise Unsupported(f"a `{type_}` as a key", node)
                known = self.program.class_(name)
                if known is not None and (known.compares_by_value or "__eq__" in known.methods or "__hash__" in known.methods):
                    raise Unsupported(f"a `{type_}` as a key", node)
        if self.sorts.shared(t.without_none(type_)):
            self.demand("false", Kind.TYPE, node, f"a `{type_}` is not hashable", "TypeError")
        if self.sort(type_) in ("float53e11", "Any"):
            raise Unsupported(f"a `{type_}` as a key", node)

    def named(self, term: Term) -> Term:
        """Return a value under a name that keeps it when the state changes."""
        if self.in_contract:
            return term
        variable = self.writer.local("was", self.sort(term.type))
        self.writer.assign(variable, term.text)
        found = Term(variable, term.type)
        self.known(found)
        return found

    @abstractmethod
    def in_order(self, nodes: Sequence[ast.expr], hint: t.Type | None = None) -> list[Term]:
        """Return the values of expressions, each as it was before the later ones were evaluated."""

    @abstractmethod
    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""

    @abstractmethod
    def classes_of(self, node: ast.expr) -> list[t.Type]:
        """Return the types that the second argument of `isinstance` names."""
