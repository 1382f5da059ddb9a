"""What `for` loops go over: so many items, each a value of its place, and those that were seen before one."""

from __future__ import annotations

import ast
from collections.abc import Callable

from probatum.lower.terms import Term, apply, conjunction
from probatum.lower.unions import Unions
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.records import dataclass

_VIEWS = ("items", "keys", "values")


@dataclass(frozen=True, slots=True)
class Iteration:
    """What a `for` loop goes over: so many items, of which each is a value of its place."""

    length: Callable[[], str]
    item: Callable[[str], Term]
    fixed: bool  # the number of items cannot change
    content: Callable[[], tuple[t.Type, str]] | None = None  # the items, if they are a sequence
    steady: Callable[[], str] | None = None  # what must hold whenever the next item is asked for, lest Python raises


@dataclass(frozen=True, slots=True)
class Seen:
    """What a loop has gone over: the items before a place."""

    place: str
    item: Callable[[str], Term]


class Iterations(Unions):
    """Collections that loops go over."""

    seen: dict[str, Seen]
    seen_content = ""

    def iteration(self, node: ast.expr) -> Iteration:
        """Return what a `for` loop goes over."""
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and self.qualified(node.func) == f"builtins.{node.func.id}"
        ):
            match node.func.id, node.args:
                case "enumerate", [inner, *rest]:
                    start = self.coerce(self.evaluate(rest[0]), t.INT, node).text if rest else "0"
                    own = self.iteration(inner)
                    return Iteration(
                        own.length,
                        lambda k: self.tuple_of([Term(f"({start} + {k})" if start != "0" else k, t.INT), own.item(k)]),
                        own.fixed,
                        own.content,
                        own.steady,
                    )
                case "zip", inners if inners:
                    parts = [self.iteration(i) for i in inners]

                    def shortest() -> str:
                        length = parts[0].length()
                        for part in parts[1:]:
                            length = apply("Int_min", length, part.length())
                        return length

                    if any(p.steady is not None for p in parts):
                        raise Unsupported("`zip` of dicts, sets or deques that exist, in a loop", node)
                    return Iteration(shortest, lambda k: self.tuple_of([p.item(k) for p in parts]), all(p.fixed for p in parts))
                case "reversed", [inner] if not node.keywords:
                    own = self.iteration(inner)
                    length = own.length()
                    if own.fixed:
                        return Iteration(own.length, lambda k: own.item(f"({length} - 1 - {k})"), True, steady=own.steady)
                    length = self.kept(Term(length, t.INT)).text
                    return Iteration(
                        lambda: length,
                        lambda k: own.item(f"({length} - 1 - {k})"),
                        True,
                        steady=lambda: conjunction(f"({own.length()} == {length})", own.steady() if own.steady else "true"),
                    )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS and not node.args:
            owner = self.evaluate(node.func.value)
            if isinstance(owner.type, t.Mapping):
                return self._over_dict(owner, owner.type, node.func.attr)
        return self._over_value(self.evaluate(node), node)

    def _over_dict(self, owner: Term, type_: t.Mapping, view: str) -> Iteration:
        """Go over a dict: the keys must stay, the values are those of the moment."""
        owner = self.kept(owner)
        content = self.kept(Term(self.content(owner), type_, content=True)).text

        def item(k: str) -> Term:
            key = Term(apply("Seq_at", apply("Map_keys", content), k), type_.key)
            value = Term(apply("Map_get", self.content(owner), key.text), type_.value)
            return key if view == "keys" else value if view == "values" else self.tuple_of([key, value])

        def steady() -> str:
            return f"({apply('Map_keys', self.content(owner))} == {apply('Map_keys', content)})"

        return Iteration(lambda: apply("Map_len", content), item, True, steady=None if owner.content else steady)

    def _over_value(self, value: Term, node: ast.expr) -> Iteration:
        value = self.gone_over(value, node)
        own = value.type
        bounds = self.range_bounds(value)
        if bounds is not None:
            return self._over_range(*bounds)
        if isinstance(own, t.Tuple):
            own = t.Collection("tuple", self.item_type(own, node))
            value = self.coerce(value, own, node)
        if isinstance(own, t.Mapping):
            return self._over_dict(value, own, "keys")
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            value = self.kept(value)
            items = Term(self.items_of(value, node), t.Collection("list", self.item_type(own, node)), content=True)
            content = self.kept(items).text
            return Iteration(
                lambda: apply("Seq_len", content),
                lambda k: Term(apply("Seq_at", content, k), self.item_type(own, node)),
                True,
                steady=self._as_it_is(value, own),
            )
        if not self.has_length(own):
            raise Unsupported(f"a loop over a `{own}`", node)
        live = self.sorts.shared(own) and not value.content
        if not live:
            value = self.kept(value)
        elif value.text.startswith("v'") or "[" in value.text:
            value = self.kept(value)  # the object, not what it holds
        own_type = own
        return Iteration(
            lambda: apply("Seq_len", self.content(value)),
            lambda k: self.item_at(own_type, self.content(value), k),
            not live,
            lambda: (own_type, self.content(value)),
            self._as_it_is(value, own) if isinstance(own, t.Collection) and own.kind == "deque" else None,
        )

    def _as_it_is(self, value: Term, type_: t.Type) -> Callable[[], str] | None:
        """Return the claim that a collection holds what it holds now."""
        if value.content or not self.sorts.shared(type_):
            return None
        content = self.kept(Term(self.content(value), type_, content=True)).text
        return lambda: f"({self.content(value)} == {content})"

    def _over_range(self, start: str, stop: str, step: str) -> Iteration:
        number = self.literal_index(Term(step, t.INT))
        if number == 1:
            if not start.lstrip("(-").rstrip(")").isdigit():
                start = self.kept(Term(start, t.INT)).text
            length = stop if start == "0" else f"({stop} - {start})"
            return Iteration(lambda: length, lambda k: Term(k if start == "0" else f"({start} + {k})", t.INT), True)
        if number is not None and number < 0:
            begin, end = self.kept(Term(start, t.INT)).text, self.kept(Term(stop, t.INT)).text
            length = f"(({begin} - {end} + {-number - 1}) div {-number})" if number != -1 else f"({begin} - {end})"
            return Iteration(
                lambda: length,
                lambda k: Term(f"({begin} - {-number} * {k})" if number != -1 else f"({begin} - {k})", t.INT),
                True,
            )
        if number is not None:
            begin, end = self.kept(Term(start, t.INT)).text, self.kept(Term(stop, t.INT)).text
            length = f"(({end} - {begin} + {number - 1}) div {number})"
            return Iteration(lambda: length, lambda k: Term(f"({begin} + {number} * {k})", t.INT), True)
        content = self.kept(Term(apply("Seq_range", start, stop, step), t.Collection("range", t.INT))).text
        return Iteration(lambda: apply("Seq_len", content), lambda k: Term(apply("Seq_at", content, k), t.INT), True)

    def _as_before(self, node: ast.For, iteration: Iteration) -> Iteration:
        """Return the items as they are where the loop begins; that they stay so is claimed at its head."""
        if iteration.fixed:
            return iteration
        if not isinstance(node.iter, ast.Name):
            raise Unsupported("what a loop has seen of this", node.iter)
        value = self.evaluate(node.iter)
        own = t.without_none(value.type)
        was = self.kept(Term(self.content(value), own, content=True)).text
        self.seen_content = was
        return Iteration(lambda: apply("Seq_len", was), lambda k: self.item_at(own, was, k), True)

    def _content_of(self, node: ast.expr) -> str:
        return self.content(self.evaluate(node))

    def reserved_seen(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The items that a loop went over before."""
        del expected
        seen = self._seen_by(node)
        item = seen.item("0").type
        place = self.writer.fresh("i")
        rule = f"(lambda {place}: int :: {seen.item(place).text})"
        return Term(apply("Seq_make", seen.place, rule), t.Collection("pseq", t.INT if isinstance(item, t.Ranged) else item))

    def _seen_by(self, node: ast.Call) -> Seen:
        name = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
        if name not in self.seen:
            raise Unsupported("the items that a loop has seen, outside of it", node)
        return self.seen[name]

    def element(self, collection: Term, node: ast.AST) -> tuple[Term, str, str]:
        """Return an element by a bound variable; what a loop has seen is named as the loop names it."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__seen__":
            seen = self._seen_by(node)
            name = self.writer.fresh("i")
            return seen.item(name), f"{name}: int", f"(0 <= {name} && {name} < {seen.place})"
        return super().element(collection, node)
