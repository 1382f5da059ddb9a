"""The ground problem: assertions, and lemmas about the closed quantified formulas in them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from probatum.solve.certificate import Difference, Step
from probatum.solve.ground.obligation import Obligation
from probatum.solve.ground.reading import one_expression, symbol_of, words_in
from probatum.solve.ground.terms import OURS, Node, Rejected, Terms, reachable, write_term
from probatum.solve.text import Script, write

_binds = {"choice", "exists", "forall", "lambda", "match"}


class Ground:
    """Assertions and lemmas about the closed quantified formulas in them."""

    def __init__(self, obligation: Obligation) -> None:
        self.obligation = obligation
        self.terms = obligation.terms
        self.facts: list[Node] = []  # what is asserted, in order
        self._known: dict[str, Node] = {}  # quantified formulas, by digest
        self._numbers: dict[Node, int] = {}  # of the same, for their names
        self._seen: set[Node] = set()
        self._sorts: dict[str, str] = {}  # of new constants
        self._checks: dict[tuple[str, Node], None] = {}  # sorts that terms have to have
        self._names: list[str] = []
        self._steps = 0

    def assume(self, number: int) -> None:
        """Add an assertion of the obligation."""
        self._add(self.obligation.assertion(number))

    def apply(self, step: Step | Difference) -> Node:
        """Add what a step says, and return the lemma.

        Raises
        ------
        Rejected
            If the step speaks of a formula or constant that does not occur before it, or a term is not one.
        """
        if isinstance(step, Difference):
            return self._differ(step)
        formula = self._known.get(step.formula)
        if formula is None:
            raise Rejected(f"no quantified formula `{step.formula[:40]}` occurs before step {self._steps}")
        if step.terms is None:
            # New: they are named after the formula, when it is complete.
            own = [self._constant(witness_name(step.formula, i), sort) for i, sort in enumerate(formula.sorts)]
            return self._conclude(formula, own, witness=True)
        if len(step.terms) != len(formula.sorts):
            raise Rejected(f"step {self._steps} needs {len(formula.sorts)} terms")
        given = zip(step.terms, formula.sorts, strict=True)
        # About a missing term nothing else is said: one constant for each sort is enough. No sort is empty.
        values = [self._constant(any_name(sort), sort) if term is None else self.read_term(term) for term, sort in given]
        return self._conclude(formula, values, witness=False)

    def _differ(self, step: Difference) -> Node:
        arrays = tuple(self.read_term(text) for text in step.arrays)
        match one_expression(step.sort):
            case ["Array", index, _] if OURS not in step.sort and not any(array.free or array.rank for array in arrays):
                place = self._constant(difference_name(self.terms, arrays, step.sort), write(index))
            case _:
                raise Rejected(f"`{step.sort[:40]}` is not the sort of arrays, or what differs contains a quantifier")
        for array in arrays:
            self._checks[write(one_expression(step.sort)), array] = None
        held = tuple(self.terms.make("apply", "select", (array, place)) for array in arrays)
        equal = self.terms.make("apply", "=", arrays)
        lemma = self.terms.make("apply", "=>", (self.terms.make("apply", "=", held), equal))
        self._add(lemma)
        self._steps += 1
        return lemma

    def knows(self, digest: str) -> bool:
        """Whether a closed quantified formula with this digest has occurred."""
        return digest in self._known

    def names(self) -> list[str]:
        """Return digests of formulas and names of constants that have occurred, in order."""
        return self._names

    def _constant(self, name: str, sort: str) -> Node:
        if name not in self._sorts:
            self._sorts[name] = sort
            self._names.append(name)
        return self.terms.make("leaf", name)

    def _conclude(self, formula: Node, values: Sequence[Node], *, witness: bool) -> Node:
        """Add the lemma of the table above."""
        body = self.terms.body(formula, values)
        for value, sort in zip(values, formula.sorts, strict=True):
            if value.kind != "leaf" or self._sorts.get(value.text) != sort:
                self._checks[sort, value] = None
        forwards = (formula.kind == "forall") != witness
        lemma = self.terms.make("apply", "=>", (formula, body) if forwards else (body, formula))
        self._add(lemma)
        self._steps += 1
        return lemma

    def read_term(self, text: str) -> Node:
        """Read a term of a certificate: closed, without quantifiers, with no new constant but those of earlier steps."""
        for word in words_in(text):
            if OURS in word and word not in self._sorts:
                raise Rejected(f"`{word[:40]}` is not a constant of an earlier step")
        return self.obligation.reader.read(one_expression(text))

    def script(self) -> Script:
        """Return the problem as solvers get it: no quantifier is left, and nothing is declared that does not occur.

        Raises
        ------
        Rejected
            If a binder is left.
        """
        facts = [f"(assert {self.written(fact)})" for fact in self.facts]
        commands = [*self.declarations(facts), *facts]
        words = {word.strip("|") for command in commands for word in words_in(command)}
        if not _binds.isdisjoint(words):
            raise Rejected("something that binds variables is left")
        return Script(tuple(commands), "QF_ALL", (None,) * len(facts), ())

    def declarations(self, facts: Sequence[str]) -> list[str]:
        """Return what has to stand before facts, with the definitions that make solvers check sorts."""
        own = [f"(declare-fun {OURS}formula!{number} () Bool)" for number in range(len(self._numbers))]
        own += [f"(declare-fun {constant} () {sort})" for constant, sort in self._sorts.items()]
        own += [f"(define-fun {OURS}sort!{i} () {sort} {self.written(term)})" for i, (sort, term) in enumerate(self._checks)]
        words = {symbol_of(w) if w[0] == "|" else w for command in (*own, *facts) for w in set(words_in(command))}
        words |= self.obligation.reader.expanded
        declared = [
            write(one_expression(command)) for symbol, command in self.obligation.declarations if not symbol or symbol in words
        ]
        return [*declared, *own]

    def written(self, root: Node) -> str:
        """Write a closed term, with constants for quantified formulas."""
        return write_term(root, lambda formula: f"{OURS}formula!{self._numbers[formula]}", f"{OURS}let!")

    def _add(self, fact: Node) -> None:
        self.facts.append(fact)
        for node in reachable([fact]):
            if node in self._seen:
                continue
            self._seen.add(node)
            if node.quantified:
                self._numbers[node] = len(self._numbers)
                if (digest := self.terms.digest(node)) not in self._known:
                    self._known[digest] = node
                    self._names.append(digest)


def witness_name(digest: str, place: int) -> str:
    """Return the constant for a variable in the witness of a formula."""
    return f"{OURS}{digest}!{place}"


def difference_name(terms: Terms, arrays: tuple[Node, ...], sort: str) -> str:
    """Return the constant for a place where two arrays differ."""
    return f"{OURS}{terms.digest(terms.make('apply', 'difference ' + sort, arrays))}!0"


def any_name(sort: str) -> str:
    """Return the constant of a sort about which nothing is said."""
    return f"{OURS}any!{sha256(sort.encode()).hexdigest()[:32]}"
