"""Which solver is asked, with which settings, for how long, and who is asked next.

A rung is one solver with one set of options and one limit on its own count of
its work. The limit decides how long a rung tries, the same on every machine;
the clock is only there for solvers that do not look at their limit. A rung that
says `unsat` or `sat` ends the climb; what a rung that did not decide said picks
the next: more work helps where the limit was reached, and other instances where
quantifiers left a model that may not be one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from probatum.records import dataclass
from probatum.solve.stops import MOST_EFFORT, Stop

STRUGGLED = frozenset({Stop.LIMIT, Stop.GAVE_UP, Stop.CLOCK, Stop.MEMORY, Stop.CRASHED})
"""The question is hard for that rung, and may be easy for another."""

NOT_ASKED = frozenset({Stop.UNREADABLE, Stop.MISSING})
"""The solver never looked at the question: the reason to ask the next remains the one before."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One solver, one set of options, one limit.

    Attributes
    ----------
    name : str
        Of the strategy; what `Decision.rung` says.
    solver : str
        `z3` or `cvc5`.
    effort : int
        Limit in z3's units, of which a busy core does some two millions a second.
    after : frozenset of Stop
        This rung is tried if a rung below it that was tried stopped for one of these reasons.
    options : tuple of (str, str)
        Of the solver, on top of those that every rung of that solver has.
    wall_s : float
        After so many seconds the worker is killed. Generous: `effort` is the limit.
    """

    name: str
    solver: Literal["z3", "cvc5"]
    effort: int
    after: frozenset[Stop] = STRUGGLED
    options: tuple[tuple[str, str], ...] = ()
    wall_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs in the order in which they are tried; the first is always tried."""

    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        if not self.rungs:
            raise ValueError("a ladder needs at least one rung")
        if any(not 0 < rung.effort <= MOST_EFFORT or not rung.wall_s > 0 for rung in self.rungs):
            raise ValueError(f"the limits of a rung must be positive, and its effort at most {MOST_EFFORT}")

    @property
    def effort(self) -> int:
        """Limit of all rungs together, in z3's units."""
        return sum(rung.effort for rung in self.rungs)

    def shares(self, total: int | None) -> Iterator[tuple[Rung, int]]:
        """Give each rung with its limit, if a total is shared out.

        A total below that of the ladder is used up from the first rung on, and
        rungs that nothing is left for are not tried; one above it gives every
        rung more in proportion.
        """
        left = self.effort if total is None else total
        more = max(left, self.effort)
        for rung in self.rungs:
            share = min(left, rung.effort * more // self.effort, MOST_EFFORT)
            if share > 0:
                yield rung, share
            left -= share

    def text(self) -> str:
        """Everything that answers depend on, as one line."""
        rungs = [[r.name, r.solver, r.effort, r.options, sorted(s.value for s in r.after)] for r in self.rungs]
        return json.dumps(rungs, separators=(",", ":"))


# Splits on what is relevant to the goal first, and late. Decides large conditions, of whole procedures,
# in a tenth of the work of the plain settings, or not at all where those need none of it. Instances of
# instances are made as deep as the limit allows: of 350 conditions of programs that Dafny prints, one stays open in two
# millions of work, without that depth four, and five with the plain settings, in nearly twice the time.
_GOAL_DIRECTED = (
    ("smt.case_split", "3"),
    ("smt.delay_units", "true"),
    ("smt.phase_selection", "0"),
    ("smt.restart_strategy", "0"),
    ("smt.restart_factor", "1.5"),
    ("smt.qi.eager_threshold", "100"),
)

# Measured on about a thousand conditions that Boogie makes of its own tests: the first rung decides 718 proofs in
# less than half of its limit, the second five or six of the six that are left; the others decide none of these.
TRIGGERS = Ladder(
    (
        Rung("z3", "z3", 1_000_000),
        # Triggers are exhausted only up to a depth of instances, and axioms that generated programs come with go deeper.
        Rung("z3 deeper", "z3", 2_000_000, frozenset({Stop.QUANTIFIERS}), _GOAL_DIRECTED),
        Rung("z3 goal-directed", "z3", 8_000_000, STRUGGLED, _GOAL_DIRECTED),
        Rung("z3 again", "z3", 4_000_000, STRUGGLED, (("smt.random_seed", "7919"),)),
        # Last, because it does not always look at its limit; what it is killed over is decided anew each time.
        Rung("cvc5", "cvc5", 2_000_000, STRUGGLED | NOT_ASKED, wall_s=20.0),
    )
)
"""Quantified facts are used where their triggers say so, and nowhere else.

What the programs of a language with triggers mean by them: where the triggers
do not find the instances that a proof needs, the answer is `unknown` with a
candidate model, at once. So it is in Boogie.
"""

THOROUGH = Ladder(
    (
        TRIGGERS.rungs[0],
        Rung("z3 by models", "z3", 10_000, frozenset({Stop.QUANTIFIERS}), (("smt.mbqi", "true"),)),
        *TRIGGERS.rungs[1:],
    )
)
"""Also looks for instances that no trigger finds: turns many a candidate into a model, and some into a proof."""

DEFAULT = TRIGGERS
