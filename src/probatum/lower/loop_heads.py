"""What names mean at the head of a loop, and conditions there."""

from __future__ import annotations

import ast
from collections.abc import Callable

from probatum.lower.forms import entry
from probatum.lower.iterations import Iterations
from probatum.lower.terms import Term, implication


class LoopHeads(Iterations):
    """Conditions at the head of a loop."""

    def _all_names(self, bound: dict[str, Term]) -> dict[str, Term]:
        """Return what every name means at the head of a loop."""
        names = {n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}
        return {**self.names, **names, **{n: o for n, o in self.origins.items() if n in self.assigned}, **bound}

    def _at_head(self, node: ast.expr, bound: dict[str, Term], premise: str) -> str:
        saved = self.names
        self.names, self.at_head_of = {**self.names, **bound}, True
        try:
            narrowed, lows = dict(self.narrowed), dict(self.lows)
            with self.contract_of(self._all_names(bound), view="", old_view=self.old_view, module=self.module) as demands:
                self.narrowed, self.lows = narrowed, lows
                condition = self.truth(self.evaluate(node), node)
                found = list(demands)
        finally:
            self.names, self.at_head_of = saved, False
        for demand in found:
            self.writer.claim(implication(premise, demand.condition), demand.obligation)
        return condition

    def _in_loop(self, expression: ast.expr, bound: dict[str, Term], meant: Callable[[Term], str]) -> str:
        saved = self.names
        try:
            passed = {entry(n): term for n, term in self.entry_names.items()}
            everything = {**passed, **self._all_names(bound)}
            narrowed = dict(self.narrowed)
            with self.contract_of(everything, view="", old_view=self.old_view, module=self.module):
                self.narrowed = narrowed
                return meant(self.evaluate(expression))
        finally:
            self.names = saved

    def _true_in_loop(self, condition: ast.expr, bound: dict[str, Term]) -> str:
        return self._in_loop(condition, bound, lambda term: self.truth(term, condition))
