"""What the search leaves open because of policy variables, put to a solver for equations between words.

The search treats `${aws:username}` as an unknown text. That is enough for most
proofs, and trying a few values finds most requests. What is left are questions
such as whether `x${aws:username}y` is always within `??*`: those are equations
between words, and cvc5 decides them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from probatum.access.artefacts import Policy
from probatum.access.model.containment import Difference, Open, Sides
from probatum.access.model.strings import Proved, Unsettled, Witness
from probatum.access.model.strings import difference as ask
from probatum.access.model.witness import minimal, replays
from probatum.evidence import Proof
from probatum.findings import Why
from probatum.solve.answers import Unsat
from probatum.solve.repeatable import proof
from probatum.tools import Deadline

LONGEST_S = 10.0
# The limit that decides whether there is an answer, so that it does not depend on the machine: about so many milliseconds.
EFFORT = 5_000

ASSUMPTION = (
    "the formula about strings that a solver refuted says what the policies say (its models are replayed, the formula is not)"
)


@dataclass(frozen=True, slots=True)
class ContainedByStrings(Open):
    """There is no such request: a solver refuted the question. `evidence` makes a proof of it.

    There is no tree to verify without search, so whoever needs one has an open
    question here; whoever accepts a second solver's word has a proof.
    """

    answer: Unsat = field(kw_only=True)
    axioms: tuple[str, ...] = field(kw_only=True)

    def evidence(self, claim: str) -> Proof:
        """Return an obligation that another solver can discharge; it rests on `ASSUMPTION`, too."""
        return proof(self.answer, claim)


def settle(
    sides: Sides, a: Policy, b: Policy, *, doubt: str, axioms: tuple[str, ...], deadline: Deadline
) -> Difference | ContainedByStrings | Open:
    """Ask whether A allows a request that B does not; `doubt` is why the search could not tell."""
    answer = ask(
        a,
        b,
        sides.settings,
        timeout_s=min(LONGEST_S, deadline.remaining()),
        effort=EFFORT,
        axioms_hold=sides.axioms_hold,
    )
    match answer:
        case Witness(request=request):
            by = replays(request, a, b, sides.settings)
            return Difference(minimal(request, a, b, sides), by)
        case Proved(answer=unsat):
            return ContainedByStrings(doubt, Why.UNSUPPORTED, answer=unsat, axioms=axioms)
        case Unsettled(reason=reason, why=why):
            return Open(f"{doubt}, and {reason}", why)
