"""Claims of contracts about items that stand in the text: `all(c for x in (a, b))` is `c` of `a` and `c` of `b`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.quantifiers import Quantifiers
from probatum.lower.terms import conjunction, disjunction, implication, negation

_MOST = 8  # items


class ListedItems(Quantifiers):
    """Quantifiers over displays of items of one type, without a bound variable."""

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        items = _listed(generators[0]) if generators and self.in_contract else None
        if items is None:
            return super().quantified(generators, body, every, node)
        generator, *inner = generators
        saved = (self.names, dict(self.narrowed), dict(self.lows))
        depth = len(self.guards)
        values: list[str] = []
        terms = [self.evaluate(item) for item in items]  # all of them, before anything is asked of the first
        if any(term.type != terms[0].type for term in terms):
            return super().quantified(generators, body, every, node)
        try:
            for term in terms:
                self.names, self.narrowed, self.lows = dict(saved[0]), dict(saved[1]), dict(saved[2])
                self.bind_target(generator.target, term)
                self.bind_low(generator.target, generator.iter)
                tests: list[str] = []
                for condition in generator.ifs:
                    tests.append(self.condition_of(condition))
                    self.guards.append(tests[-1])
                    self.learn(condition, True)
                value = self.quantified(inner, body, every, node) if inner else self.condition_of(body)
                values.append(implication(conjunction(*tests), value) if every else conjunction(*tests, value))
                # The next item is looked at only where this one has not decided.
                del self.guards[depth + len(values) - 1 :]
                self.guards.append(values[-1] if every else negation(values[-1]))
        finally:
            self.names, self.narrowed, self.lows = saved
            del self.guards[depth:]
        return conjunction(*values) if every else disjunction(*values)


def _listed(generator: ast.comprehension) -> list[ast.expr] | None:
    match generator:
        case ast.comprehension(iter=ast.Tuple(elts=items) | ast.List(elts=items), is_async=0) if 0 < len(items) <= _MOST:
            return None if any(isinstance(i, ast.Starred) for i in items) else items
    return None


__all__ = ["ListedItems"]
