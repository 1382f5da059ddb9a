"""Proofs that may be lost tomorrow: those that hang on a seed, a name or an order.

prover = Prover()
noting = Noting(prover)
result = verify(program, prover=noting)
for key, found in examine(noting.proved, prover, 5): ...
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from probatum.ivl.outcomes import Outcome, Verdict, Verification

if TYPE_CHECKING:
    from probatum.ivl.verification import Decider, Key
    from probatum.solve.obligations import Decision, Obligation
    from probatum.solve.prover import Prover, StabilityReport


@dataclass(slots=True)
class Noting:
    """A decider that notes what another one proves.

    Attributes
    ----------
    inner : Decider
    proved : dict
        Obligations as they were asked, by the digest that outcomes call `key`.
    """

    inner: Decider
    proved: dict[str, Obligation] = field(default_factory=dict)

    def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Iterator[tuple[Key, Decision]]:
        """Decide as the other does."""
        asked: dict[Key, Obligation] = {}

        def passed_on() -> Iterator[tuple[Key, Obligation]]:
            for key, obligation in obligations:
                asked[key] = obligation
                yield key, obligation

        for key, decision in self.inner.decide(passed_on()):
            obligation = asked.pop(key)
            if decision.answer == "unsat":
                self.proved[sha256(obligation.text.encode()).hexdigest()] = obligation
            yield key, decision


@dataclass(frozen=True, slots=True)
class Stability:
    """What became of the proofs of a program in other words.

    Attributes
    ----------
    number : int
        How many seeds, and how many variants.
    reports : mapping of str to StabilityReport
        By the key of the obligation; only what a solver proved, not what is true by simplification.
    missed : frozenset of str
        Keys of obligations for which there was no time.
    """

    number: int
    reports: Mapping[str, StabilityReport]
    missed: frozenset[str] = frozenset()

    @property
    def fragile(self) -> frozenset[str]:
        """Keys of obligations whose proof is fragile."""
        return frozenset(key for key, report in self.reports.items() if report.fragile)


def proved(result: Verification) -> Iterator[Outcome]:
    """Yield the outcomes of proved obligations, one for each text, in the order of the program."""
    seen: set[str] = set()
    for body in result.bodies:
        for outcome in body.outcomes:
            if outcome.verdict is Verdict.PROVED and outcome.key not in seen:
                seen.add(outcome.key)
                yield outcome


def examine(
    result: Verification, questions: Mapping[str, Obligation], prover: Prover, number: int, *, ends: float | None = None
) -> Stability:
    """Prove every proved obligation of a program again, under other seeds and in other words.

    Parameters
    ----------
    result : Verification
    questions : mapping
        Its obligations as they were asked, by key: `Noting.proved`.
    prover : Prover
        Where; what it proved before is not proved again as it is.
    number : int, at least 1
        How many seeds, and how many variants.
    ends : float, optional
        Point of the monotonic clock after which nothing is begun.
    """
    from probatum.solve.prover import stability
    from probatum.solve.variants import variant

    reports: dict[str, StabilityReport] = {}
    missed: set[str] = set()
    for outcome in proved(result):
        if (obligation := questions.get(outcome.key)) is None:
            continue
        if ends is not None:
            left = ends - time.monotonic()
            if left <= 0:
                missed.add(outcome.key)
                continue
            # A limit of our own would make what it stops look fragile, so it is only the backstop of one that is under way.
            limit = left if obligation.timeout_s is None else min(left, obligation.timeout_s)
            obligation = replace(obligation, timeout_s=max(limit, 1.0))
        report = stability(prover, obligation, number, variant)
        if ends is not None and time.monotonic() > ends:
            missed.add(outcome.key)  # it may have been stopped: that says nothing of the proof
            continue
        reports[outcome.key] = report
    return Stability(number, reports, frozenset(missed))


__all__ = ["Noting", "Stability", "examine", "proved"]
