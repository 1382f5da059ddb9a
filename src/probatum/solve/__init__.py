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

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a name is loaded when it is first used: workers of provers need none of them
    from probatum.solve.answers import Answer as Answer
    from probatum.solve.answers import Question as Question
    from probatum.solve.answers import Sat as Sat
    from probatum.solve.answers import Term as Term
    from probatum.solve.answers import Unknown as Unknown
    from probatum.solve.answers import Unsat as Unsat
    from probatum.solve.answers import Value as Value
    from probatum.solve.portfolio import Portfolio as Portfolio
    from probatum.solve.portfolio import ask as ask
    from probatum.solve.text import MalformedQuestion as MalformedQuestion

_home = {
    **dict.fromkeys(("Answer", "Question", "Sat", "Term", "Unknown", "Unsat", "Value"), "answers"),
    **dict.fromkeys(("Portfolio", "ask"), "portfolio"),
    "MalformedQuestion": "text",
}
__all__ = ["Answer", "MalformedQuestion", "Portfolio", "Question", "Sat", "Term", "Unknown", "Unsat", "Value", "ask"]


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)
