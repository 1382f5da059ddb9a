"""Programs in text, elaborated, and what follows from them: for tests of what expressions mean."""

from __future__ import annotations

from probatum.ivl import checking
from probatum.ivl.conditions.smtlib import Naming, Writer
from probatum.ivl.elaborate.expressions import Elaborator
from probatum.ivl.elaborate.parts import items
from probatum.ivl.elaborate.scopes import Scope
from probatum.ivl.options import Options
from probatum.ivl.pools import instantiate
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser import parse
from probatum.ivl.terms import Term
from probatum.ivl.theory import Theory


class Meaning:
    """The asserted conditions of a program, each by itself, with its declarations as a theory.

    Assumptions of a body hold for all its assertions; nothing is assigned.
    """

    def __init__(self, text: str) -> None:
        program, errors = parse(text, "t.bpl")
        errors = errors or [one for one in checking.check(program) if one.kind == "error"]
        assert not errors, errors
        self.elaborator = Elaborator(program, Options())
        self.claims: list[tuple[Term, tuple[Term, ...]]] = []
        for one in program.declarations:
            if isinstance(one, tree.Implementation):
                self._body(one)
        self.theory: Theory = self.elaborator.finish()

    def _body(self, one: tree.Implementation) -> None:
        made = self.elaborator
        types = dict(zip(one.type_variables, made.opaque(one), strict=True))
        bank = made.bank
        names = {v: bank.variable(v.name, made.sort(v.type, types)) for v in (*one.ins, *one.outs, *one.locals)}
        scope = Scope(types, names)
        known: list[Term] = []
        for item in items(one.body):
            if isinstance(item, tree.Assert | tree.Assume):
                known.extend(made.pool_markers(item.attributes, scope))
                term = made.term(item.expression, scope)
                if isinstance(item, tree.Assume):
                    known.append(term)
                else:
                    self.claims.append((term, tuple(known)))

    @property
    def terms(self) -> list[Term]:
        """What is asserted."""
        return [claim for claim, _ in self.claims]

    def query(self, number: int) -> str:
        """Return the question whether an assertion can fail."""
        claim, known = self.claims[number]
        bank, theory = self.theory.bank, self.theory
        assertions = [*(fact.term for fact in theory.facts), *known, bank.negation(claim)]
        if theory.pools:
            assertions = instantiate(bank, theory.pools, assertions)
        naming, writer = Naming(), Writer(theory)
        bodies = [naming.text(writer.fragment(one)) for one in assertions]
        distinct = [f"(distinct {' '.join(naming[one] for one in group)})" for group in theory.uniques]
        declared = list(writer.declarations(naming, set()))
        return "\n".join([*declared, *(f"(assert {body})" for body in (*distinct, *bodies)), "(check-sat)"])

    def answers(self) -> list[str]:
        """Return z3's answer for each assertion: `unsat` says that it cannot fail."""
        import z3

        found = []
        for number in range(len(self.claims)):
            solver = z3.SimpleSolver()
            # Quantifiers by their triggers only, and the same amount of work on every machine.
            solver.set("auto_config", False)
            solver.set("mbqi", False)
            solver.set("rlimit", 1_000_000)
            solver.from_string(self.query(number))
            found.append(str(solver.check()))
        return found


def holds(text: str) -> list[bool]:
    """Return for each `assert` of a program, in its order, whether it is proved."""
    return [answer == "unsat" for answer in Meaning(text).answers()]
