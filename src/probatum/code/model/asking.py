"""How provers are asked about Python functions: briefly at first, at length only where that may help.

Most obligations are proved with little work, or never. So everything is given
a glance; what that does not prove, and no input breaks (that is for others to
find out), is asked at length, by several means, of which each first gets little. Candidates for invariants are tried least:
there are many, and those that take long are seldom of use.

All limits count work, so that answers are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from probatum.findings import Why
from probatum.ivl.blocks import Label
from probatum.ivl.syntax.tree import NOWHERE
from probatum.ivl.verification import Decider, Key
from probatum.solve.ladder import TRIGGERS, Ladder
from probatum.tools import Deadline

if TYPE_CHECKING:
    from probatum.solve.prover import Decision
    from probatum.solve.prover import Obligation as Question

_named = {rung.name: rung for rung in TRIGGERS.rungs}

GLANCE = Ladder((replace(_named["z3"], effort=200_000),))
"""What every claim is given before inputs are tried. Of 3,756 claims about 110 functions of other people that z3 proves with five times as much, 11 need more."""

GUESS = Ladder((replace(_named["z3"], effort=300_000), replace(_named["z3 goal-directed"], effort=600_000)))
"""What a candidate for an invariant is given. Most of those that do not hold are out of instances long before: they cost nothing more."""

PROBE = Ladder((replace(_named["z3"], effort=300_000),))
"""What a probe is given, that nobody expects to be provable."""

_FIRST = {"claim": GLANCE, "guess": GUESS, "probe": PROBE}

LONG = Ladder(
    (
        replace(_named["z3 goal-directed"], effort=300_000),
        replace(_named["cvc5"], effort=1_000_000),
        replace(_named["z3"], effort=1_000_000),
        replace(_named["z3 goal-directed"], effort=2_000_000),
    )
)
"""What claims are given that were not decided at a glance. Of 44 that need it in one function cvc5 proves 29, mostly with little work."""

DEEP = Ladder((replace(_named["z3 deeper"], effort=1_000_000),))
"""What claims are given for which a glance ran out of instances: more of them, of instances."""

_UNDECIDED = frozenset({Why.TIME_LIMIT, Why.CRASHED, Why.MEMORY_LIMIT, Why.UNREADABLE})


@dataclass(slots=True)
class Asking:
    """A prover that gives each question about one lowered function what it deserves.

    Attributes
    ----------
    prover : Decider
    probes : collection of int
        Lines of the program whose claims are probes.
    patient : bool
        Whether to ask at length. While candidates fail there will be another
        round of questions, and nothing is asked at length before the last.
    deadline : Deadline
        After it nothing is asked: `OutOfTime` is raised. No question takes longer than until then.
    unsettled : set of str
        Keys of obligations that were not decided, and not asked at length.
    unlucky : set of str
        Keys of those whose decision depends on the clock, or on a solver that crashed.
    """

    prover: Decider
    probes: Collection[int] = ()
    patient: bool = True
    deadline: Deadline = field(default_factory=Deadline.never)
    unsettled: set[str] = field(default_factory=set)
    unlucky: set[str] = field(default_factory=set)
    _kinds: dict[str, str] = field(default_factory=dict)

    def see(self, body: str, number: int, label: Label, text: str) -> None:
        """Learn what the next question is about: `on_text` of `probatum.ivl.verification.verify`."""
        del body, number
        if label.candidate or label.position == NOWHERE:  # the latter claims all candidates at once
            kind = "guess"
        elif label.position.line in self.probes:
            kind = "probe"
        else:
            kind = "claim"
        # What is asked for two reasons is asked as what deserves more.
        if self._kinds.get(text) != "claim":
            self._kinds[text] = kind

    def decide(self, obligations: Iterable[tuple[Key, Question]]) -> Iterator[tuple[Key, Decision]]:
        """Give a decision for every obligation: `Decider.decide`."""
        asked: dict[Key, Question] = {}
        kinds: dict[Key, str] = {}

        def brief() -> Iterator[tuple[Key, Question]]:
            for key, question in obligations:
                asked[key], kinds[key] = question, self._kinds.pop(question.text, "claim")
                yield key, self._in_time(replace(question, ladder=_FIRST[kinds[key]]))

        again: dict[Key, Decision] = {}
        fails = False  # a candidate does
        for key, decision in self.prover.decide(brief()):
            question, kind = asked.pop(key), kinds.pop(key)
            fails |= kind == "guess" and decision.answer != "unsat"
            if kind == "claim" and decision.answer == "unknown" and (decision.candidate or decision.why in _UNDECIDED):
                again[key] = decision
                asked[key] = question
            else:
                self._note(question, decision)
                yield key, decision
        if not self.patient or fails:
            for key, decision in again.items():
                self._note(asked[key], decision)
                self.unsettled.add(_key(asked[key]))
                yield key, decision
            return
        longer = (
            (key, self._in_time(replace(asked[key], ladder=DEEP if before.candidate else LONG))) for key, before in again.items()
        )
        for key, decision in self.prover.decide(longer):
            before = again[key]
            # A candidate says more than that there is no decision.
            best = before if before.candidate and decision.answer == "unknown" else decision
            both = replace(
                best,
                effort=before.effort + decision.effort,
                seconds=before.seconds + decision.seconds,
                repeatable=before.repeatable and decision.repeatable,
            )
            self._note(asked[key], both)
            yield key, both

    def _in_time(self, question: Question) -> Question:
        """Return the question, which is not asked for longer than there is time."""
        self.deadline.check()
        return question if self.deadline.at == float("inf") else replace(question, ends=self.deadline.at)

    def _note(self, question: Question, decision: Decision) -> None:
        if decision.answer == "unknown" and not decision.repeatable:
            self.unlucky.add(_key(question))


def _key(question: Question) -> str:
    return sha256(question.text.encode()).hexdigest()
