"""The reserved functions of contracts: `__old__`, quantifiers, implication, multisets."""

from __future__ import annotations

import ast
from dataclasses import replace

from probatum.lower.known_bodies import KnownBodies
from probatum.lower.terms import Term, apply, implication, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Reserved(KnownBodies):
    """What contracts have beyond Python."""

    def reserved_old(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The value at entry: names mean what they meant then, objects hold what they held."""
        saved = self.names
        if not self.in_contract:
            self.names = {**self.names, **self.entry_names}
        try:
            with self.in_state(self.old_view):
                value = self.evaluate(node.args[0], expected)
                if self.sorts.shared(t.without_none(value.type)) and not self.may_be_none(value.type):
                    # The object is the same one; what it held then is what is meant.
                    return Term(self.content(value), value.type, content=True, state=self.old_view)
                return replace(value, state=self.old_view)
        finally:
            self.names = saved

    def reserved_captured(self, node: ast.Call, expected: t.Type | None) -> Term:
        """What was referred to at entry; what objects hold is meant as it is now."""
        with self.in_state(self.old_view):
            value = self.evaluate(node.args[0], expected)
        return replace(value, state="")

    entry_names: dict[str, Term]

    def reserved_result(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The value returned."""
        del expected
        raise Unsupported("the result outside of a postcondition", node)

    def reserved_implies(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`implies(a, b)`: `b` is evaluated only if `a` holds."""
        del expected
        premise = self.condition_of(node.args[0])
        saved = dict(self.narrowed)
        with self.guarded(premise):
            self.learn(node.args[0], True)
            conclusion = self.condition_of(node.args[1])
        self.narrowed = saved
        return Term(implication(premise, conclusion), t.BOOL)

    def reserved_forall(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`forall(domain, lambda x: p)`."""
        del expected
        return Term(self._over(node, every=True), t.BOOL)

    def reserved_exists(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`exists(domain, lambda x: p)`."""
        del expected
        return Term(self._over(node, every=False), t.BOOL)

    def _over(self, node: ast.Call, *, every: bool) -> str:
        domain, body = node.args[0], node.args[1]
        if not isinstance(body, ast.Lambda):
            raise Unsupported("a quantifier without a `lambda`", node)
        parameters = [a.arg for a in body.args.args]
        sort = self.domain_type(domain)
        if sort is not None:
            saved, depth = self.names, len(self.binders)
            self.names = dict(self.names)
            heads, facts = [], []
            for parameter in parameters:
                name = self.writer.fresh("x")
                heads.append(f"{name}: {self.sort(sort)}")
                term = Term(name, t.INT if isinstance(sort, t.Ranged) else sort)
                facts.append(self.in_range(name, sort) if isinstance(sort, t.Ranged) else self.alive(term))
                self.names[parameter] = term
                self.binders.append((heads[-1], facts[-1]))
            try:
                claim = self._under(lambda: self.condition_of(body.body))
            finally:
                self.names = saved
                del self.binders[depth:]
            known = " && ".join(f for f in facts if f != "true") or "true"
            return self.quantifier(every, heads, known, claim)
        target: ast.expr = ast.copy_location(ast.Name(parameters[0], ast.Store()), body)
        if len(parameters) > 1:
            target = ast.copy_location(ast.Tuple([ast.Name(p, ast.Store()) for p in parameters], ast.Store()), body)
        return self.quantified([ast.comprehension(target, domain, [], 0)], body.body, every, node)

    def alive(self, term: Term) -> str:
        """Return what is known of what a quantifier over a type speaks of."""
        if self.sort(term.type) != "Ref":
            return "true"
        own = t.without_none(term.type)
        return f"({term.text} != null && {self.allocated(term.text)} && {self.class_fact(term.text, own)})"

    def domain_type(self, node: ast.expr) -> t.Type | None:
        """Return the type that a domain names, if it does."""
        qualified = self.qualified(node)
        if qualified is None:
            return None
        name = qualified.removeprefix("builtins.")
        if name in ("int", "bool", "str", "bytes", "float"):
            return t.Plain(name)
        if qualified in self.module.aliases:
            return self.module.aliases[qualified]
        own = self.program.class_(qualified)
        return t.Instance(own.qualified) if own is not None else None

    def reserved_multiset(self, node: ast.Call, expected: t.Type | None) -> Term:
        """How often each item occurs."""
        del expected
        value = self.evaluate(node.args[0])
        item = self.item_type(value.type, node)
        if self.sorts.shared(t.without_none(item)) or item == t.FLOAT:
            raise Unsupported(f"a multiset of `{item}`", node)
        self.comparable(self.sort(item), node)
        return Term(apply("Bag", self.items_of(value, node, told=False)), t.Collection("pmultiset", item))

    def reserved_fresh(self, node: ast.Call, expected: t.Type | None) -> Term:
        """Whether an object did not exist at entry."""
        del expected
        value = self.evaluate(node.args[0])
        if self.sort(value.type) != "Ref":
            raise Unsupported(f"`fresh` of a `{value.type}`", node)
        with self.in_state(self.old_view):
            before = self.allocated(value.text)
        return Term(negation(before), t.BOOL)

    def reserved_let(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`let(e, lambda x: p)`."""
        body = node.args[1]
        if not isinstance(body, ast.Lambda):
            raise Unsupported("`let` without a `lambda`", node)
        value = self.evaluate(node.args[0])
        with self.parameter(body.args.args[0].arg, value):
            return self.evaluate(body.body, expected)

    def reserved_ghost(self, node: ast.Call, expected: t.Type | None) -> Term:
        """A value for proofs alone."""
        return self.evaluate(node.args[0], expected)
