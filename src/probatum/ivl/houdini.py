"""Invariant inference by elimination: the largest set of candidates that holds together (Houdini).

A candidate is a condition `b ==> P` with a constant `b` marked `{:existential}`.
All are assumed to be true; whenever an assertion that stands for a candidate
cannot be proved, that candidate is dropped, until everything that is left is
proved. Dropping only ever weakens what the rest may assume, so the order does
not matter, and whatever else could not be proved is reported in the end.

Most candidates that do not hold are found by asking about all those of a body
at once, with one question and a model that shows one of them to fail. Only when
nothing more is found that way is every assertion asked by itself; what is
reported rests on these questions alone.

References
----------
C. Flanagan, K. R. M. Leino. "Houdini, an Annotation Assistant for ESC/Java." FME 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from probatum.ivl.blocks import Body, Check, Command, Know, Set
from probatum.ivl.outcomes import BodyResult, Verdict
from probatum.ivl.terms import Bank, Term, visit
from probatum.ivl.theory import Theory


@dataclass(frozen=True, slots=True)
class Inferred:
    """What was kept, by the candidate's name in the order of the source, and the results under it."""

    assignment: Mapping[str, bool]
    results: tuple[BodyResult, ...]
    rounds: int


def marked(body: Body, existentials: Mapping[str, Term]) -> Body:
    """Return the body with each assertion that stands for a candidate labelled with its name."""
    names = {term: name for name, term in existentials.items()}

    def mark(command: Command) -> Command:
        if isinstance(command, Check) and (name := candidate_of(command.term, names)):
            return replace(command, label=replace(command.label, candidate=name))
        return command

    return body.with_blocks([replace(block, commands=[mark(c) for c in block.commands]) for block in body.blocks])


def candidate_of(term: Term, names: Mapping[Term, str]) -> str:
    """Return the candidate that an assertion stands for: the first constant on the left of its implications, or ""."""
    while term.kind == "operator" and term.payload == "=>":
        left, right = term.arguments
        if left in names:
            return names[left]
        term = right
    if term.kind == "operator" and term.payload == "not":  # what is left of `b ==> false`
        return names.get(term.arguments[0], "")
    return ""


def assigned(body: Body, bank: Bank, values: Mapping[Term, Term], known: dict[Term, Term]) -> Body:
    """Return the body with constants replaced by their values; `known` is kept for the same values."""

    def put(term: Term) -> Term:
        return bank.substituted(term, values, known)

    def change(command: Command) -> Command:
        match command:
            case Check() | Know():
                return replace(command, term=put(command.term))
            case Set():
                return replace(command, values=tuple(put(v) for v in command.values))
            case _:
                return command

    blocks = [replace(block, commands=[change(c) for c in block.commands]) for block in body.blocks]
    wheres = {variable: put(term) for variable, term in body.wheres.items()}
    return replace(body, blocks=blocks, wheres=wheres)


def infer(
    bodies: Sequence[Body],
    theory: Theory,
    existentials: Mapping[str, Term],
    decide: Callable[[Sequence[Body], Theory, bool], Sequence[BodyResult]],
) -> Inferred:
    """Find the largest assignment of the candidates under which all that stands for one is proved.

    Parameters
    ----------
    bodies : sequence of Body
        Without calls. Loops may still be there.
    theory : Theory
    existentials : mapping
        The candidates' constants, by name.
    decide : callable
        Verifies bodies; results in their order. If told so, all candidates of a body
        are one claim (`conditions.uniting`).
    """
    search = _Search(bodies, theory, existentials, decide)
    search.together()
    results: list[BodyResult | None] = [None] * len(bodies)
    stale = list(range(len(bodies)))
    while stale:
        dropped: set[str] = set()
        for i, result in zip(stale, search.decided([search.bodies[i] for i in stale]), strict=True):
            results[i] = result
            dropped |= search.failing(result)
        stale = search.drop(dropped)
    return Inferred(search.assignment, tuple(r for r in results if r is not None), search.rounds)


class _Search:
    """Candidates that are left, and what is asked about them."""

    def __init__(
        self,
        bodies: Sequence[Body],
        theory: Theory,
        existentials: Mapping[str, Term],
        decide: Callable[[Sequence[Body], Theory, bool], Sequence[BodyResult]],
    ) -> None:
        self.bodies = [marked(body, existentials) for body in bodies]
        self.theory, self.existentials, self.decide = theory, existentials, decide
        self.everywhere = _mentioned([fact.term for fact in theory.facts], existentials)  # an axiom is assumed in every body
        self.mentions = [_mentioned(_terms(body), existentials) | self.everywhere for body in self.bodies]
        self.assignment = dict.fromkeys(existentials, True)
        self.rounds = 0

    def drop(self, names: Collection[str]) -> list[int]:
        """Drop candidates; return the bodies that speak of them."""
        for name in names:
            self.assignment[name] = False
        return [i for i, mentioned in enumerate(self.mentions) if not mentioned.isdisjoint(names)]

    def failing(self, result: BodyResult) -> set[str]:
        """Return the candidates that are left and have an assertion that is not proved."""
        return {
            outcome.label.candidate
            for outcome in result.outcomes
            if outcome.verdict is not Verdict.PROVED and self.assignment.get(outcome.label.candidate)
        }

    def decided(self, bodies: Sequence[Body], *, together: bool = False) -> Sequence[BodyResult]:
        """Verify bodies under what is left."""
        self.rounds += 1
        bank = self.theory.bank
        values = {term: bank.boolean(self.assignment[name]) for name, term in self.existentials.items()}
        known: dict[Term, Term] = {}
        own = self.theory
        if self.everywhere:
            own = replace(own, facts=[replace(fact, term=bank.substituted(fact.term, values, known)) for fact in own.facts])
        return self.decide([assigned(body, bank, values, known) for body in bodies], own, together)

    def together(self) -> None:
        """Drop what a question about all candidates of a body at once shows to fail.

        A body is asked again until nothing in it fails, before those that depend
        on what was dropped. Where there is no model, only something like one, the
        candidates of the body are asked one by one.
        """
        ready = [i for i, body in enumerate(self.bodies) if self.mentions[i] and not body.unsupported]
        open_, stale = ready, set[int]()
        while open_:
            failed: set[str] = set()
            doubtful: list[int] = []
            still: list[int] = []
            for i, result in zip(open_, self.decided([self.bodies[i] for i in open_], together=True), strict=True):
                for outcome in result.outcomes:
                    steps = outcome.trace.steps if outcome.trace is not None else ()
                    if outcome.verdict is Verdict.REFUTED and steps:
                        failed.add(steps[-1].block)
                        still.append(i)
                    elif outcome.verdict in (Verdict.REFUTED, Verdict.NOT_PROVED):
                        doubtful.append(i)
            if doubtful:
                asked = self.decided([candidates_only(self.bodies[i]) for i in doubtful])
                for i, result in zip(doubtful, asked, strict=True):
                    if found := self.failing(result):
                        failed |= found
                        still.append(i)
            stale.update(self.drop(failed))
            stale.difference_update(still)
            open_ = still or [i for i in ready if i in stale]
            if not still:
                stale = set()


def candidates_only(body: Body) -> Body:
    """Return a body that claims its candidates and assumes its other assertions."""

    def change(command: Command) -> list[Command]:
        return [command] if not isinstance(command, Check) or command.label.candidate else _assumed(command)

    return body.with_blocks([replace(block, commands=[c for d in block.commands for c in change(d)]) for block in body.blocks])


def _assumed(command: Check) -> list[Command]:
    return [Know(command.term, command.label.position)] if command.known_afterwards else []


def _terms(body: Body) -> list[Term]:
    terms: list[Term] = list(body.wheres.values())
    for block in body.blocks:
        for command in block.commands:
            match command:
                case Check() | Know():
                    terms.append(command.term)
                case Set():
                    terms.extend(command.values)
                case _:
                    continue
    return terms


def _mentioned(terms: Sequence[Term], existentials: Mapping[str, Term]) -> set[str]:
    names = {term: name for name, term in existentials.items()}
    found: set[str] = set()

    def see(term: Term) -> None:
        if term in names:
            found.add(names[term])

    visit(terms, see)
    return found
