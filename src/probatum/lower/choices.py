"""Choices between values: `and`, `or` and conditional expressions whose operands only compute."""

from __future__ import annotations

import ast
from abc import abstractmethod

from probatum.lower.listed_items import ListedItems
from probatum.lower.terms import Term, conditional, conjunction, disjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Choices(ListedItems):
    """The values of choices."""

    def expression_BoolOp(self, node: ast.BoolOp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a and b`: the value of the operand that decides."""
        both = isinstance(node.op, ast.And)
        if not self.in_contract and any(self.has_effects(v) for v in node.values[1:]):
            return self.branching(node, both, expected)
        saved = dict(self.narrowed)
        values, truths, pushed = [], [], 0
        try:
            for place, operand in enumerate(node.values):
                value = self.evaluate(operand, expected)
                if not place:
                    saved = dict(self.narrowed)  # what the first operand does is done
                values.append(value)
                truth = self.truth(value, operand) if place < len(node.values) - 1 or value.type == t.BOOL else ""
                truths.append(truth)
                if place < len(node.values) - 1:
                    self.guards.append(truth if both else negation(truth))
                    pushed += 1
                    self.learn(operand, both)
        finally:
            self.narrowed = saved
            for _ in range(pushed):
                self.guards.pop()
        if all(v.type == t.BOOL for v in values):
            return Term((conjunction if both else disjunction)(*truths), t.BOOL)
        return self._deciding(values, truths, both, node)

    def condition_of(self, node: ast.expr) -> str:
        """Return whether an expression counts as true; of `and` and `or` operands that have no type in common, too."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and isinstance(node.operand, ast.BoolOp):
            return negation(self.condition_of(node.operand))
        if not isinstance(node, ast.BoolOp) or (not self.in_contract and any(self.has_effects(v) for v in node.values[1:])):
            return self.truth(self.evaluate(node), node)
        both = isinstance(node.op, ast.And)
        saved = dict(self.narrowed)
        truths: list[str] = []
        try:
            for place, operand in enumerate(node.values):
                truths.append(self.condition_of(operand))
                if not place:
                    saved = dict(self.narrowed)  # what the first operand does is done
                if place < len(node.values) - 1:
                    self.guards.append(truths[-1] if both else negation(truths[-1]))
                    self.learn(operand, both)
        finally:
            self.narrowed = saved
            del self.guards[len(self.guards) - max(0, min(len(truths), len(node.values) - 1)) :]
        return (conjunction if both else disjunction)(*truths)

    def _deciding(self, values: list[Term], truths: list[str], both: bool, node: ast.AST) -> Term:
        # `a or b` is `a` without its None where it counts as true.
        narrowed = [v if both else self._when_true(v) for v in values[:-1]] + [values[-1]]
        if any(v.content and self.sorts.shared(v.type) for v in narrowed):
            return self._deciding_new(narrowed, truths, both, node)
        type_ = self.joined([v.type for v in narrowed])
        result = self.coerce(values[-1], type_, node).text
        for value, truth in zip(reversed(narrowed[:-1]), reversed(truths[:-1]), strict=True):
            with self.guarded(negation(truth) if both else truth):
                own = self.coerce(value, type_, node).text
            result = conditional(truth, result, own) if both else conditional(truth, own, result)
        return Term(result, type_)

    def _deciding_new(self, values: list[Term], truths: list[str], both: bool, node: ast.AST) -> Term:
        """Return the value that decides where some are new collections: an object, or in a contract what it holds."""
        shapes = [v.type for v in values if self.sorts.shared(v.type)]
        known = [s for s in shapes if getattr(s, "item", None) != t.NEVER and getattr(s, "key", None) != t.NEVER]
        type_ = self.joined(known or shapes)
        if len(shapes) < len(values) or not self.sorts.shared(type_) or self.binders:
            raise Unsupported("`and` or `or` of a new collection and something else", node)
        result = ""
        for place, (value, truth) in reversed(list(enumerate(zip(values, truths, strict=True)))):
            with self.guarded(negation(truths[place]) if both and result else truth if result else "true"):
                text = self._as_new(value, type_, node)
            result = text if not result else conditional(truth, *((result, text) if both else (text, result)))
        return Term(result, type_, content=self.in_contract)

    def _as_new(self, value: Term, type_: t.Type, node: ast.AST) -> str:
        own = self.coerce(value, type_, node)
        return self.content(own) if self.in_contract else self.materialised(own, node).text

    def _when_true(self, value: Term) -> Term:
        if isinstance(value.type, t.Union) and t.NONE in value.type.options:
            return self.narrow(value, t.without_none(value.type))
        return value

    @abstractmethod
    def branching(self, node: ast.BoolOp, both: bool, expected: t.Type | None) -> Term:
        """Return the value of `and` or `or` between operands that do more than compute a value."""

    def expression_IfExp(self, node: ast.IfExp, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`a if c else b`."""
        condition = self.condition_of(node.test)
        if not self.in_contract and (self.has_effects(node.body) or self.has_effects(node.orelse)):
            return self._branching_choice(node, condition, expected)
        saved = dict(self.narrowed)
        with self.guarded(condition):
            self.learn(node.test, True)
            then = self.evaluate(node.body, expected)
        self.narrowed = dict(saved)
        with self.guarded(negation(condition)):
            self.learn(node.test, False)
            other = self.evaluate(node.orelse, expected)
        self.narrowed = saved
        return self._chosen(condition, then, other, node)

    def _chosen(self, condition: str, then: Term, other: Term, node: ast.AST) -> Term:
        if then.content and other.content and t.NEVER in (getattr(then.type, "item", None), getattr(other.type, "item", None)):
            known = other if getattr(then.type, "item", None) == t.NEVER else then
            then, other = self.coerce(then, known.type, node), self.coerce(other, known.type, node)
        if then.type == other.type and then.content == other.content:
            return Term(conditional(condition, then.text, other.text), then.type, then.content)
        if self.sorts.shared(then.type) and self.sorts.shared(other.type) and (then.content or other.content):
            if self.in_contract:
                return Term(conditional(condition, self.content(then), self.content(other)), then.type, content=True)
            raise Unsupported("a choice between a new collection and one that exists", node)
        type_ = self.joined([then.type, other.type])
        with self.guarded(condition):
            own = self.coerce(then, type_, node).text
        with self.guarded(negation(condition)):
            return Term(conditional(condition, own, self.coerce(other, type_, node).text), type_)

    def _branching_choice(self, node: ast.IfExp, condition: str, expected: t.Type | None) -> Term:
        yes, no, done = (self.writer.fresh(n) for n in ("then", "else", "done"))
        self.writer.choose(condition, yes, no)
        self.writer.label(yes)
        before = (set(self.assigned), dict(self.narrowed), dict(self.origins))
        self.learn(node.test, True)
        then = self.materialised(self.evaluate(node.body, expected), node)
        type_ = expected if expected is not None and expected not in (t.UNKNOWN, t.OBJECT) else None
        key = f"choice at {node.lineno}:{node.col_offset}"
        type_ = type_ or self.learnt.types.get(key, then.type)
        result = self.writer.local("chosen", self.sort(type_))
        self.writer.assign(result, self.coerce(then, type_, node).text)
        self.writer.jump(done)
        self.writer.label(no)
        first = (self.assigned, self.narrowed, self.origins)
        self.assigned, self.narrowed, self.origins = set(before[0]), dict(before[1]), dict(before[2])
        self.learn(node.test, False)
        other = self.materialised(self.evaluate(node.orelse, expected), node)
        if not self.is_subtype(other.type, type_):
            self.learn_type(key, self.joined([type_, other.type]))
        self.writer.assign(result, self.coerce(other, type_, node).text)
        self.merge([first, (self.assigned, self.narrowed, self.origins)], *before)
        self.writer.jump(done)
        self.writer.label(done)
        return Term(result, type_)
