"""Why a loop ends: measures that decrease with every round, written or guessed."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from probatum.lower import terms
from probatum.lower.bound_names import mentions
from probatum.lower.courses import Course
from probatum.lower.forms import entry, left_to_add
from probatum.lower.forms import measures as usual
from probatum.lower.loop_guesses import LoopGuesses
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, conjunction, implication
from probatum.lower.trials import decreasing, waiting
from probatum.python import types as t
from probatum.python.program import Clause

_PASSED = re.compile(re.escape(entry("")) + r"(\w+)")


class LoopMeasures(LoopGuesses):
    """Measures of loops."""

    claimed: dict[Clause, str]  # whether a measure that is claimed under a condition is, by the variable that says so at the head

    @property
    def may_diverge(self) -> bool:
        """Whether termination is not claimed."""
        return self.root.contract.may_diverge

    def guessed_for(self, node: ast.While, names: set[str]) -> tuple[Clause, ...]:
        """Return a measure that the condition suggests."""
        tests = node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
        measures = [m for m in map(_measure, tests) if m is not None]
        orders = [m for m in map(_order, tests) if m is not None and mentions(m, names)]
        if orders:
            # Each is positive while the loop goes on, and the loop makes one of them less.
            whole: ast.expr = orders[0]
            for more in orders[1:]:
                whole = ast.BinOp(whole, ast.Add(), more)
            measures = [whole]
        if self.guess:
            kinds = self._kinds()
            numbers, collections = ([n for n in kinds if kinds[n] == kind] for kind in ("int", "collection"))
            options = [*measures[:1], *usual(self.function, node, numbers, collections)]
            tried = decreasing(self.program, self.function, node, options)
            if tried is None:
                steps = waiting(self.program, self.function, node, [n for n in numbers if n in names], options)
                if steps is not None:
                    self.patterns[node] = steps.reached
                    return tuple(self._may_decrease(m, node) for m in steps.measures)
            measures = [tried] if tried is not None else measures or left_to_add(node, collections)
        return tuple(self._may_decrease(m, node) for m in measures[:1])

    def _may_decrease(self, measure: ast.expr, node: ast.While) -> Clause:
        expression = ast.copy_location(measure, node.test)
        ast.fix_missing_locations(expression)
        return Clause(expression, self.place(node.test), _PASSED.sub(r"old(\1)", ast.unparse(expression)))

    def _measured(self, measures: Sequence[Clause], bound: dict[str, Term]) -> list[str]:
        """Remember the measures at the head."""
        saved = []
        for measure in measures:
            premise = conditional_measure(measure)[0]
            if premise is not None:
                claimed = self.writer.local("claimed", "bool")
                self.writer.assign(claimed, self._true_in_loop(premise, bound))
                self.claimed[measure] = claimed
            value = self._measure_value(measure, bound)
            variable = self.writer.local("measure", "int")
            self.writer.assign(variable, value)
            saved.append(variable)
        return saved

    def _obliged(self, course: Course) -> None:
        """Claim of measures that are claimed under a condition that they are not negative: such a claim is an invariant."""
        for measure in course.measures:
            premise, expression = conditional_measure(measure)
            if premise is not None:
                claimed = self._true_in_loop(premise, course.bound())
                least = self._measure_value(measure, course.bound())
                obligation = Obligation(Kind.ENTRY, measure.place, f"{ast.unparse(expression)} >= 0")
                self.writer.claim(implication(claimed, f"(0 <= {least})"), obligation)

    def _measure_value(self, measure: Clause, bound: dict[str, Term]) -> str:
        expression = conditional_measure(measure)[1]
        return self._in_loop(expression, bound, lambda term: self.as_measure(term, expression))

    def as_measure(self, term: Term, node: ast.AST) -> str:
        """Return the integer that must decrease: itself, or the number of items."""
        if self.has_length(t.without_none(term.type)) and not isinstance(term.type, t.Tuple):
            return self.length(term)
        return self.coerce(term, t.INT, node).text

    def _decreased(self, course: Course, saved: Sequence[str], node: ast.While | ast.For) -> None:
        if not course.measures:
            text = "a measure that decreases with every iteration is needed: write `decreases(...)`"
            self.writer.claim("false", Obligation(Kind.TERMINATION, self.place(node), text, described=True))
            return
        now = [self._measure_value(m, course.bound()) for m in course.measures]
        text = ", ".join(m.text for m in course.measures) + (" (guessed)" if course.guessed else "")
        place = self.place(node) if course.guessed else course.measures[0].place
        claimed = conjunction(*(self.claimed[m] for m in course.measures if m in self.claimed))
        if not self.may_diverge and claimed != "true":
            need = "a measure that is claimed whenever the loop must end is needed"
            self.writer.claim(claimed, Obligation(Kind.TERMINATION, self.place(node), need, described=True))
        self.writer.claim(implication(claimed, decreased(now, saved)), Obligation(Kind.TERMINATION, place, text))


def conditional_measure(measure: Clause) -> tuple[ast.expr | None, ast.expr]:
    """Return under which condition a measure is claimed, if not always, and the measure."""
    match measure.expression:
        case ast.Call(func=ast.Name(id="__implies__"), args=[premise, inner]):
            return premise, inner
    return None, measure.expression


def decreased(now: Sequence[str], before: Sequence[str]) -> str:
    """Return whether a list of integers is less, in lexicographic order; the one that decreases is not negative before."""
    options = []
    for place in range(len(now)):
        same = [f"({a} == {b})" for a, b in zip(now[:place], before[:place], strict=True)]
        options.append(conjunction(*same, f"({now[place]} < {before[place]})", f"(0 <= {before[place]})"))
    return terms.disjunction(*options)


def _order(test: ast.expr) -> ast.expr | None:
    """Return by how much an order between numbers that are kept somewhere holds."""
    match test:
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[right]) if _plain(left) and _plain(right):
            return ast.BinOp(right, ast.Sub(), left)
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE()], comparators=[right]) if _plain(left) and _plain(right):
            return ast.BinOp(left, ast.Sub(), right)
    return None


def _plain(node: ast.expr) -> bool:
    """Whether an expression is made of names, numbers and lengths: what items are says nothing of how long a loop goes on."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Constant():
            return True
        case ast.BinOp(left=left, right=right):
            return _plain(left) and _plain(right)
        case ast.Call(func=ast.Name(id="len"), args=[_]):
            return True
    return False


def _measure(test: ast.expr) -> ast.expr | None:
    """Return what another condition suggests to decrease."""
    match test:
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return left if isinstance(right, ast.Constant) and right.value == 0 else ast.BinOp(right, ast.Sub(), left)
        case ast.Name() | ast.Attribute():
            return test
        case ast.Call(func=ast.Name(id="len"), args=[inner]):
            return ast.Call(ast.Name("len", ast.Load()), [inner], [])
    return None
