"""Quantifiers, and comprehensions that only compute: claims about all items of a collection, and what is made of each."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from probatum.lower.attempt import Demand
from probatum.lower.displays import Displays
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conjunction, disjunction, equal, implication, negation, split_arguments
from probatum.lower.triggers import triggers, unmentioned
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Problem

_MADE = re.compile(r"\(lambda ([\w'#]+): int :: (.*)\)", re.DOTALL)
KINDS = {
    "IndexError": Kind.INDEX,
    "KeyError": Kind.KEY,
    "ZeroDivisionError": Kind.DIVISION,
    "TypeError": Kind.TYPE,
    "AttributeError": Kind.NONE,
    "ValueError": Kind.VALUE,
}


class Quantifiers(Displays):
    """Claims and values under bound variables."""

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        self.names = dict(self.names)
        binders: list[str] = []
        conditions: list[str] = []
        # A term that stands only under the quantifier leads a solver to nothing, so it is mentioned outside of it.
        mentioned: list[str] = []
        bounded: str | None = None
        depth = len(self.guards), len(self.binders)
        try:
            for generator in generators:
                if generator.is_async:
                    raise Unsupported("an asynchronous comprehension", node)
                content = self._bind(generator, binders, conditions)
                if content.startswith("Seq_") and len(binders) == 1:
                    mentioned.append(f"(0 <= {apply('Seq_len', content)})")
                if every and len(generators) == 1:
                    bounded = self._all_bounded(generator, body, content)
            own_guard = conjunction(*conditions)
            value = self._under(lambda: self.condition_of(body))
        finally:
            self.names, self.narrowed, self.lows = saved
            self.done_before(generators)
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
        if bounded is not None:
            return conjunction(*mentioned, bounded)
        formula = self.quantifier(every, binders, own_guard, value)
        if every and len(generators) == 1 and own_guard.startswith("Set_has("):
            mentioned += self._all_within(generators[0], body, own_guard)
        if self.in_contract and ":: " in formula and not formula.partition(":: ")[2].startswith("{"):
            self._without_trigger(node)
        return conjunction(*mentioned, formula)

    def _all_bounded(self, generator: ast.comprehension, body: ast.expr, content: str) -> str | None:
        """Return that the floats over which a generator goes lie between constants, if that is what is said of them."""
        match generator.target:
            case ast.Name(id=name) if not generator.ifs and self.names[name].type == t.FLOAT:
                return self.all_bounded(name, body, content)
        return None

    def _all_within(self, generator: ast.comprehension, body: ast.expr, guard: str) -> list[str]:
        """Return that the integers of a set lie between two, if that is what is said of them: then they are no more than fit there.

        Said by a name beside the quantifier, it is what says when a loop ends that adds to such a set in every round.
        """
        if not self.in_contract or generator.ifs or not isinstance(generator.target, ast.Name):
            return []
        match body:
            case ast.Compare(
                left=low, ops=[ast.LtE() | ast.Lt() as above, ast.LtE() | ast.Lt() as below], comparators=[own, high]
            ):
                pass
            case _:
                return []
        name = generator.target.id
        if not (isinstance(own, ast.Name) and own.id == name) or any(
            isinstance(n, ast.Name) and n.id == name for end in (low, high) for n in ast.walk(end)
        ):
            return []
        ends = [self.evaluate(end) for end in (low, high)]
        collection = self.evaluate(generator.iter)
        if not all(self._is_int(end.type) for end in ends) or not isinstance(collection.type, t.Collection):
            return []
        content = self.content(collection)
        if collection.type.item != t.INT or not guard.startswith(apply("Set_has", content, "")[:-1]):
            return []
        first, last = (self.coerce(end, t.INT, body).text for end in ends)
        first = first if isinstance(above, ast.LtE) else f"({first} + 1)"
        last = last if isinstance(below, ast.Lt) else f"({last} + 1)"
        return [apply("Set_within", content, first, last)]

    def _without_trigger(self, node: ast.AST) -> None:
        """Warn, once, of a quantifier that leads a solver nowhere."""
        place = self.place(node)
        if all(warning.place != place for warning in self.warnings):
            message = (
                f"the quantifier in line {place.line} mentions no item, key or function of what it is about: "
                "where it is taken for true, a proof may not find the values that it needs"
            )
            self.warnings.append(Problem(place, message, self.function.name, unsupported=False))

    def membership(self, item: Term, collection: Term, node: ast.AST) -> str:
        """Return whether `in` holds; of what a comprehension gives also if it is what that gives for some item."""
        plain = super().membership(item, collection, node)
        own = collection.type
        content = collection.text.removeprefix("Set_of(").removesuffix(")" if collection.text.startswith("Set_of(") else "")
        key = own.key if isinstance(own, t.Mapping) else own.item if isinstance(own, t.Collection) else t.NEVER
        if isinstance(own, t.Mapping) and content.startswith("Map_zip("):
            content = split_arguments(content[len("Map_zip(") : -1])[0]
        if key not in (t.INT, t.STR) or not content.startswith("Seq_make("):
            return plain
        if item.type != key or plain == "false":
            return plain
        place = self.writer.fresh("i")
        made = _made_at(content, place)
        if made is None:
            return plain
        within = f"(0 <= {place} && {place} < {split_arguments(content[len('Seq_make(') : -1])[0]})"
        found = self.quantifier(False, [f"{place}: int"], within, equal(made, item.text))
        return disjunction(plain, found)

    def quantifier(self, every: bool, binders: Sequence[str], premise: str, claim: str) -> str:
        """Return a quantified formula with its triggers."""
        names = [b.split(":")[0] for b in binders]
        body = implication(premise, claim) if every else conjunction(premise, claim)
        if body in ("true", "false"):
            return body
        shown = triggers(names, body)
        if every:
            terms = unmentioned(shown, body)
            if terms:
                body = implication(premise, conjunction(*(apply("Mentioned", term) for term in terms), claim))
        return f"({'forall' if every else 'exists'} {', '.join(binders)} :: {shown + ' ' if shown else ''}{body})"

    def _under(self, evaluate: Callable[[], str]) -> str:
        """Evaluate under bound variables; code has no bound variables, so its demands become quantified claims."""
        if self.in_contract:
            return evaluate()
        demands: list[Demand] = []
        self.demands = demands
        try:
            value = evaluate()
        finally:
            self.demands = None
        for demand in demands:
            obligation = demand.obligation
            if obligation.exception and self.raise_builtin(obligation.exception, negation(demand.condition)):
                continue
            kind = KINDS.get(obligation.exception, Kind.ASSERTION) if obligation.kind is Kind.DEFINED else obligation.kind
            self.writer.claim(demand.condition, replace(obligation, kind=kind))
        return value

    def _bind(self, generator: ast.comprehension, binders: list[str], conditions: list[str]) -> str:
        """Bind the target of a generator, and learn what its conditions say; return what its collection holds."""
        collection = self.gone_over(self.evaluate(generator.iter), generator.iter)
        item, variable, within = self.element(collection, generator.iter)
        binders.append(variable)
        conditions.append(within)
        self.binders.append((variable, within))
        self.guards.append("true")
        self.bind_target(generator.target, item)
        self.bind_low(generator.target, generator.iter)
        for condition in generator.ifs:
            test = self.condition_of(condition)
            conditions.append(test)
            self.guards.append(test)
            self.learn(condition, True)
        return self.content(collection) if self.range_bounds(collection) is None else ""

    def bind_target(self, target: ast.expr, value: Term) -> None:
        """Let names of a target stand for values."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
            self.narrowed.pop(target.id, None)
            return
        raise Unsupported("this target of a comprehension", target)

    def bind_low(self, target: ast.expr, iterable: ast.expr) -> None:
        """Know how low a name that counts can be."""
        for name in (n.id for n in ast.walk(target) if isinstance(n, ast.Name)):
            self.lows.pop(name, None)
        if not (isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and not iterable.keywords):
            return
        match iterable.func.id, iterable.args, target:
            case "range", [_], ast.Name(id=name):
                self.lows[name] = 0
            case "range", [start, _, *rest], ast.Name(id=name):
                low = self.least(start)
                if low is not None and (not rest or (isinstance(rest[0], ast.Constant) and rest[0].value in range(1, 1 << 30))):
                    self.lows[name] = low
            case "enumerate", [_], ast.Tuple(elts=[ast.Name(id=name), _]):
                self.lows[name] = 0

    def element(self, collection: Term, node: ast.AST) -> tuple[Term, str, str]:
        """Return an element of a collection by a new bound variable, its declaration, and the condition that it is one."""
        own = collection.type
        bounds = self.range_bounds(collection)
        if bounds is not None and bounds[2] == "1":
            name = self.writer.fresh("i")
            return Term(name, t.INT), f"{name}: int", f"({bounds[0]} <= {name} && {name} < {bounds[1]})"
        if collection.text.startswith("Map_values(") and isinstance(own, t.Collection):
            # By key: so a change of one entry is seen at once.
            content = collection.text[len("Map_values(") : -1]
            name, sort = self.writer.fresh("k"), self.key_sort(node)
            if sort is not None:
                return Term(apply("Map_get", content, name), own.item), f"{name}: {sort}", apply("Map_has", content, name)
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset", "pset"):
            name = self.writer.fresh("x")
            return Term(name, own.item), f"{name}: {self.sort(own.item)}", apply("Set_has", self.content(collection), name)
        if isinstance(own, t.Mapping):
            name = self.writer.fresh("k")
            return Term(name, own.key), f"{name}: {self.sort(own.key)}", apply("Map_has", self.content(collection), name)
        if isinstance(own, t.Tuple):
            own = t.Collection("tuple", self.item_type(own, node))
            collection = self.coerce(collection, own, node)
        name = self.writer.fresh("i")
        content = self.content(collection)
        within = f"(0 <= {name} && {name} < {apply('Seq_len', content)})"
        return self.item_at(own, content, name), f"{name}: int", within

    def key_sort(self, node: ast.AST) -> str | None:
        """Return the sort of the keys of `d.values()`."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return None
        owner = self.known_type(node.func.value)
        own = t.without_none(owner) if owner is not None else None
        return self.sort(own.key) if isinstance(own, t.Mapping) else None

    def item_at(self, type_: t.Type, content: str, index: str) -> Term:
        """Return what iteration over a sequence yields at a place."""
        item = _made_at(content, index) or apply("Seq_at", content, index)
        if type_ in (t.BYTES, t.BYTEARRAY):
            return Term(apply("byte_int", item), t.INT)
        if type_ == t.STR:
            return Term(apply("Seq_one", item), t.STR)
        if not isinstance(type_, t.Collection):
            raise Unsupported(f"iteration over a `{type_}`")
        return Term(item, type_.item)

    def expression_ListComp(self, node: ast.ListComp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`[e for x in xs]`."""
        wanted = t.without_none(expected) if expected is not None else None
        hint = wanted.item if isinstance(wanted, t.Collection) and wanted.item != t.UNKNOWN else None
        return self.mapped(node.generators, node.elt, "list", node, hint)

    def expression_GeneratorExp(self, node: ast.GeneratorExp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A generator that is used up where it is written: its items."""
        del expected
        return self.mapped(node.generators, node.elt, "iterator", node)

    @abstractmethod
    def created_items(self, length: str, place: str, value: Term, node: ast.AST) -> Term:
        """Return a list of new collections, of which `value` says what the one at a place holds."""

    def mapped(
        self, generators: Sequence[ast.comprehension], body: ast.expr, kind: str, node: ast.AST, hint: t.Type | None = None
    ) -> Term:
        """Return the list of values of an expression over a collection."""
        if len(generators) != 1:
            raise Unsupported("a comprehension over several collections", node)
        (generator,) = generators
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        self.names = dict(self.names)
        depth = len(self.guards), len(self.binders)
        outside = self.in_contract or any(depth)  # where nothing can be created
        try:
            source = self.gone_over(self.evaluate(generator.iter), generator.iter)
            if isinstance(source.type, t.Mapping) or (
                isinstance(source.type, t.Collection) and source.type.kind in ("set", "frozenset")
            ):
                source = Term(self.items_of(source, node), t.Collection("list", self.item_type(source.type, node)), content=True)
            bounds = self.range_bounds(source)
            if generator.ifs:
                return self._filtered(generator, source, body, kind, node)
            if kind == "iterator" and bounds is None:
                by_item = self._mapped_items(generator, self._as_items(source, node), body)
                if by_item is not None:
                    return by_item
            name = self.writer.fresh("i")
            if bounds is not None and bounds[2] == "1":
                item = Term(f"({bounds[0]} + {name})" if bounds[0] != "0" else name, t.INT)
                length = f"({bounds[1]} - {bounds[0]})" if bounds[0] != "0" else bounds[1]
            else:
                own = source.type
                if isinstance(own, t.Tuple):
                    own = t.Collection("tuple", self.item_type(own, node))
                    source = self.coerce(source, own, node)
                content = self.content(source)
                length = apply("Seq_len", content)
                item = self.item_at(own, content, name)
            self.binders.append((f"{name}: int", f"(0 <= {name} && {name} < {length})"))
            self.bind_target(generator.target, item)
            self.bind_low(generator.target, generator.iter)
            self.without_effects(generator, body)
            found: list[Term] = []

            def one() -> str:
                value = self.evaluate(body, hint)
                if self.creates(value) and (outside or kind != "list"):
                    raise Unsupported("a comprehension that creates collections", body)
                found.append(value)
                return value.text

            text = self._under(one)
        finally:
            self.names, self.narrowed, self.lows = saved
            self.done_before(generators)
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
        if self.creates(found[0]):
            return self.created_items(length, name, found[0], body)
        type_ = t.INT if isinstance(found[0].type, t.Ranged) else found[0].type
        made = apply("Seq_make", length, f"(lambda {name}: int :: {text})")
        return Term(made, t.Collection(kind, type_), content=True)

    def _as_items(self, source: Term, node: ast.AST) -> Term:
        """Return a sequence whose items are what iteration yields."""
        if source.type in (t.STR, t.BYTES, t.BYTEARRAY):
            name, content = self.writer.fresh("c"), self.content(source)
            one = f"Seq_one({name})" if source.type == t.STR else apply("byte_int", name)
            made = apply("Seq_map", content, f"(lambda {name}: {'char' if source.type == t.STR else 'byte'} :: {one})")
            return Term(made, t.Collection("list", self.item_type(source.type, node)), content=True)
        if isinstance(source.type, t.Tuple):
            return Term(self.items_of(source, node), t.Collection("list", self.item_type(source.type, node)), content=True)
        return source

    def _mapped_items(self, generator: ast.comprehension, source: Term, body: ast.expr) -> Term | None:
        """Return what an expression makes of each item, as a function of the item; None if it is of another kind.

        So what is made of a part of a sequence is a part of what is made of the whole.
        """
        type_ = source.type
        if not isinstance(type_, t.Collection) or isinstance(type_.item, t.Ranged):
            return None
        content = self.content(source)
        if content.startswith("Seq_make("):
            return None  # the rule that makes the items is known
        name, sort = self.writer.fresh("x"), self.sort(type_.item)
        self.binders.append((f"{name}: {sort}", apply("Seq_has", content, name)))
        self.bind_target(generator.target, Term(name, type_.item))
        self.bind_low(generator.target, generator.iter)
        self.without_effects(generator, body)
        found: list[Term] = []

        def one() -> str:
            found.append(self.evaluate(body))
            if self.creates(found[0]):
                raise Unsupported("a comprehension that creates collections", body)
            return found[0].text

        text = self._under(one)
        made = t.INT if isinstance(found[0].type, t.Ranged) else found[0].type
        if text == name:
            return Term(content, t.Collection("iterator", made), content=True)
        rule = f"(lambda {name}: {sort} :: {text})"
        return Term(apply("Seq_map", content, rule), t.Collection("iterator", made), content=True)

    def _filtered(self, generator: ast.comprehension, source: Term, body: ast.expr | None, kind: str, node: ast.AST) -> Term:
        """Return what is made of the items of a sequence that satisfy conditions; without `body` they themselves."""
        source = self._as_items(source, node)
        own, target = source.type, generator.target
        if not isinstance(own, t.Collection):
            raise Unsupported("a comprehension with conditions over this", node)
        if body is not None and not (isinstance(body, ast.Name) and isinstance(target, ast.Name) and body.id == target.id):
            depth = len(self.guards), len(self.binders)
            variable = self.kept(self._filtered(generator, source, None, "list", node))
            del self.guards[depth[0] :]
            del self.binders[depth[1] :]
            again = ast.copy_location(ast.Name("kept'", ast.Load()), node)
            self.names["kept'"] = variable
            fresh = ast.comprehension(target, again, [], 0)
            return self.mapped([fresh], body, kind, node)
        content = self.content(source)
        name = self.writer.fresh("x")
        sort = self.sort(own.item)
        self.binders.append((f"{name}: {sort}", apply("Seq_has", content, name)))
        self.bind_target(target, Term(name, own.item))
        self.without_effects(generator)
        texts: list[str] = []

        def test() -> str:
            for condition in generator.ifs:
                texts.append(self.condition_of(condition))
                self.guards.append(texts[-1])
            return conjunction(*texts)

        value = self._under(test)
        made = apply("Seq_filter", content, f"(lambda {name}: {sort} :: {value})")
        return Term(made, t.Collection(kind, own.item), content=True)

    def expression_Lambda(self, node: ast.Lambda, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A function value: only where it is used at once."""
        del expected
        raise Unsupported("a `lambda` as a value", node)


def _made_at(content: str, place: str) -> str | None:
    """Return the item at a place of a sequence that is made by a rule, so that what the rule mentions is found."""
    if not content.startswith("Seq_make("):
        return None
    parts = split_arguments(content[len("Seq_make(") : -1])
    rule = _MADE.fullmatch(parts[1]) if len(parts) == 2 else None
    if rule is None:
        return None
    return re.sub(rf"(?<![\w'#]){re.escape(rule[1])}(?![\w'#])", lambda _: place, rule[2])
