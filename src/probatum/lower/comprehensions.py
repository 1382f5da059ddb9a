"""Comprehensions that make sets and dicts: what is in them, and which of equal keys prevails."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from probatum.lower.created_items import CreatedItems
from probatum.lower.terms import Term, apply, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


@dataclass(frozen=True, slots=True)
class _Each:
    """What a comprehension makes of the item at a place: `variable` is that place, `within` where it is."""

    variable: str
    within: str
    values: tuple[Term, ...]


class Comprehensions(CreatedItems):
    """Sets and dicts that are made by a rule."""

    def expression_SetComp(self, node: ast.SetComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{e for x in xs}`."""
        del expected
        if self.in_contract:
            made = self.mapped(node.generators, node.elt, "list", node)
            assert isinstance(made.type, t.Collection)
            self.hashable(made.type.item, node)
            return Term(apply("Set_of", made.text), t.Collection("set", made.type.item), content=True)
        each = self._each(node.generators, [node.elt], node)
        (value,) = each.values
        self.hashable(value.type, node)
        sort = self.sort(value.type)
        made_set = self.writer.local("made", f"(Set {sort})")
        self.writer.line(f"havoc {made_set};")
        self._members(each, made_set, "Set_has", value.text, sort)
        return Term(made_set, t.Collection("set", value.type), content=True)

    def expression_DictComp(self, node: ast.DictComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{k: v for x in xs}`: of equal keys the last one prevails."""
        del expected
        if self.in_contract:
            parts = [self.mapped(node.generators, part, "list", node) for part in (node.key, node.value)]
            kinds = [part.type.item for part in parts if isinstance(part.type, t.Collection)]
            self.hashable(kinds[0], node)
            return Term(apply("Map_zip", *(part.text for part in parts)), t.Mapping("dict", *kinds), content=True)
        each = self._each(node.generators, [node.key, node.value], node)
        key, value = each.values
        self.hashable(key.type, node)
        sort = self.sort(key.type)
        made = self.writer.local("made", f"(Map {sort} {self.sort(value.type)})")
        self.writer.line(f"havoc {made};")
        self._members(each, made, "Map_has", key.text, sort)
        other = self.writer.fresh("j")
        later = conjunction(_renamed(each.within, each.variable, other), f"({each.variable} < {other})")
        again = f"({_renamed(key.text, each.variable, other)} == {key.text})"
        last = f"(!{self.quantifier(False, [f'{other}: int'], later, again)})"
        same = f"({apply('Map_get', made, key.text)} == {value.text})"
        self.writer.assume(self.quantifier(True, [f"{each.variable}: int"], conjunction(each.within, last), same))
        member = self.writer.fresh("k")
        own, held = apply("Map_has", made, member), apply("Map_get", made, member)
        comes = conjunction(f"({key.text} == {member})", f"({value.text} == {held})")
        origin = self.quantifier(False, [f"{each.variable}: int"], each.within, comes)
        self.writer.assume(f"(forall {member}: {sort} :: {{{held}}} {own} ==> {origin})")
        return Term(made, t.Mapping("dict", key.type, value.type), content=True)

    def mapped(
        self, generators: Sequence[ast.comprehension], body: ast.expr, kind: str, node: ast.AST, hint: t.Type | None = None
    ) -> Term:
        """Return the list of values of an expression over a collection, and know what of it comes from where."""
        made = super().mapped(generators, body, kind, node, hint)
        if self.in_contract or self.guards or not any(g.ifs for g in generators) or not isinstance(made.type, t.Collection):
            return made
        item = made.type.item
        if kind == "iterator" and made.text.startswith("Seq_map("):
            return made  # what is known of it comes from where
        if self.sorts.shared(t.without_none(item)):
            return made  # its items may be new, and then nothing but their places says which they are
        made = self.kept(made)
        each = self._each(generators, [body], node)
        value = self.coerce(each.values[0], item, node).text
        self._members(each, made.text, "Seq_has", value, self.sort(item))
        return made

    def _members(self, each: _Each, made: str, has: str, key: str, sort: str) -> None:
        """Write that a collection has what an expression yields, and nothing else."""
        place = f"{each.variable}: int"
        self.writer.assume(self.quantifier(True, [place], each.within, apply(has, made, key)))
        member = self.writer.fresh("x")
        origin = self.quantifier(False, [place], each.within, f"({key} == {member})")
        own = apply(has, made, member)
        self.writer.assume(f"(forall {member}: {sort} :: {{{own}}} {own} ==> {origin})")

    def _each(self, generators: Sequence[ast.comprehension], parts: Sequence[ast.expr], node: ast.AST) -> _Each:
        if len(generators) != 1 or generators[0].is_async:
            raise Unsupported("a comprehension over several collections", node)
        (generator,) = generators
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        depth = len(self.guards), len(self.binders)
        self.names = dict(self.names)
        try:
            source = self.gone_over(self.evaluate(generator.iter), generator.iter)
            if isinstance(source.type, t.Mapping | t.Tuple) or (
                isinstance(source.type, t.Collection) and source.type.kind in ("set", "frozenset", "pset")
            ):
                item_type = self.item_type(source.type, node)
                source = Term(self.items_of(source, node), t.Collection("list", item_type), content=True)
            item, variable, within = self.element(source, generator.iter)
            self.binders.append((variable, within))
            self.bind_target(generator.target, item)
            self.bind_low(generator.target, generator.iter)
            self.without_effects(generator, *parts)
            conditions = [within]
            for condition in generator.ifs:
                conditions.append(self._under(lambda c=condition: self.condition_of(c)))  # type: ignore[misc]  # bound now
                self.guards.append(conditions[-1])
                self.learn(condition, True)
            with self.items_made():
                values = [self._yielded(part) for part in parts]
        finally:
            self.names, self.narrowed, self.lows = saved
            self.done_before(generators)
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
        return _Each(variable.partition(":")[0], conjunction(*conditions), tuple(values))

    def without_effects(self, generator: ast.comprehension, *parts: ast.expr) -> None:
        """Refuse a comprehension that does more than compute values; its targets are bound."""
        for part in (*generator.ifs, *parts):
            if not self.in_contract and self.has_effects(part):
                raise Unsupported("a comprehension that calls functions with effects", part)

    def targets_within(self, node: ast.expr) -> dict[str, t.Type]:
        """Return the types of what comprehensions in an expression bind, as far as they are known without evaluation."""
        found: dict[str, t.Type] = {}
        for one in ast.walk(node):
            if isinstance(one, ast.comprehension):
                self._targets(one.target, self._items_known(one.iter, found), found)
        for name, type_ in found.items():
            outside = self.known_type(ast.Name(name, ast.Load()))
            if outside is not None:  # the expression may mean both
                found[name] = t.union(outside, type_)
        return found

    def _items_known(self, node: ast.expr, found: Mapping[str, t.Type]) -> t.Type | None:
        """Return the type of the items of a collection, as far as it is known without evaluation."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = self.qualified(node.func)
            if name == "builtins.range":
                return t.INT
            if name == "builtins.enumerate" and node.args:
                inner = self._items_known(node.args[0], found)
                return None if inner is None else t.Tuple((t.INT, inner))
        known = found.get(node.id) if isinstance(node, ast.Name) else None
        own = known or self.known_type(node)
        match t.without_none(own) if own is not None else None:
            case t.Collection(item=item) | t.Mapping(key=item):
                return item
            case t.Tuple(items=items) if items:
                return self.joined(items)
            case t.Plain(name="str"):
                return t.STR
            case t.Plain(name="bytes" | "bytearray"):
                return t.INT
        return None

    def _targets(self, target: ast.expr, type_: t.Type | None, found: dict[str, t.Type]) -> None:
        if isinstance(target, ast.Name):
            own = t.UNKNOWN if type_ is None else type_
            found[target.id] = t.union(found[target.id], own) if target.id in found else own
            return
        if isinstance(target, ast.Tuple | ast.List):
            fixed = type_.items if isinstance(type_, t.Tuple) and len(type_.items) == len(target.elts) else None
            each = type_.item if isinstance(type_, t.Collection) else None
            for number, element in enumerate(target.elts):
                self._targets(element, each if fixed is None else fixed[number], found)

    def _yielded(self, node: ast.expr) -> Term:
        found: list[Term] = []

        def one() -> str:
            value = self.evaluate(node)
            if self.creates(value):
                raise Unsupported("a comprehension that creates collections", node)
            found.append(value)
            return value.text

        text = self._under(one)
        type_ = found[0].type
        return Term(text, t.INT if isinstance(type_, t.Ranged) else type_)


def _renamed(text: str, name: str, other: str) -> str:
    """Replace a bound variable, whose name nothing else contains as a word."""
    return re.sub(rf"(?<![\w'.#]){re.escape(name)}(?![\w'.#])", other, text)
