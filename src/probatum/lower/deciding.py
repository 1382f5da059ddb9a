"""`and` and `or` whose later operands do more than compute a value: they become branches."""

from __future__ import annotations

import ast

from probatum.lower.repeating import Repeating
from probatum.lower.terms import Term
from probatum.python import types as t


class Deciding(Repeating):
    """The operand that decides."""

    def branching(self, node: ast.BoolOp, both: bool, expected: t.Type | None) -> Term:
        """Return the value of `and` (`both`) or `or`, evaluating each operand only where those before it do not decide."""
        first, *rest = node.values
        value = self.kept(self.materialised(self.evaluate(first, expected), first))
        truth = self.truth(value, first)
        other: ast.expr = rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(node.op, rest), node)
        if truth in ("true", "false"):
            if (truth == "true") is not both:
                return value
            self.learn(first, both)
            return self.evaluate(other, expected)
        decides = value if both else self._when_true(value)
        key = f"operand at {node.lineno}:{node.col_offset} {len(rest)}"
        type_ = self.learnt.types.get(key, t.INT if isinstance(decides.type, t.Ranged) else decides.type)
        result = self.writer.local("both" if both else "either", self.sort(type_))
        more, stop, done = (self.writer.fresh(name) for name in ("more", "stop", "done"))
        self.writer.choose(truth, *((more, stop) if both else (stop, more)))
        self.writer.label(stop)
        self.writer.assign(result, self.coerce(decides, type_, node).text)
        self.writer.jump(done)
        self.writer.label(more)
        decided = (set(self.assigned), dict(self.narrowed), dict(self.origins))
        self.learn(first, both)
        last = self.materialised(self.evaluate(other, expected), other)
        if not self.is_subtype(last.type, type_):
            self.learn_type(key, self.joined([type_, last.type]))
        self.writer.assign(result, self.coerce(last, type_, node).text)
        self.writer.jump(done)
        # What follows may have changed what was known before it.
        self.merge([decided, (self.assigned, self.narrowed, self.origins)], *decided)
        self.writer.label(done)
        return Term(result, type_)
