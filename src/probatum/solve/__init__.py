"""Questions to solvers, and the three answers there are.

A question is SMT-LIB text that declares and asserts, and does nothing else.
The answer is `Unsat`, `Sat` with values, or `Unknown` with the reason: a limit
that was reached, a solver that gave up, crashed or is not installed. Nothing
else comes back, and no exception either, so that a rule is one `match`:

    match ask(Question("(declare-const x Int) (assert (> x 3))", report=("x",))):
        case Sat(values=values): ...
        case Unsat(core=core): ...
        case Unknown(reason=reason): ...

The only thing that raises is a question that is not one (`MalformedQuestion`):
that is a mistake in the program that asks. Start reading at `answers.py`; a
solver is one file (`by_z3.py`, `by_cvc5.py`); `portfolio.py` asks several;
`replay.py` lets a second solver check what a first one claimed.
"""

from probatum.solve.answers import Answer, Question, Sat, Term, Unknown, Unsat, Value
from probatum.solve.portfolio import Portfolio, ask
from probatum.solve.text import MalformedQuestion

__all__ = ["Answer", "MalformedQuestion", "Portfolio", "Question", "Sat", "Term", "Unknown", "Unsat", "Value", "ask"]
