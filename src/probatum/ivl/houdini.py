"""Invariant inference by elimination: the largest set of candidates that holds together (Houdini).

A candidate is a condition `b ==> P` with a constant `b` marked `{:existential}`.
All are assumed to be true; whenever an assertion that stands for a candidate
cannot be proved, that candidate is dropped, until everything that is left is
proved. Dropping only ever weakens what the rest may assume, so the order does
not matter, and whatever else could not be proved is reported in the end.

References
----------
C. Flanagan, K. R. M. Leino. "Houdini, an Annotation Assistant for ESC/Java." FME 2001.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    decide: Callable[[Sequence[Body], Theory], Sequence[BodyResult]],
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
        Verifies bodies; results in their order.
    """
    bank = theory.bank
    bodies = [marked(body, existentials) for body in bodies]
    everywhere = _mentioned([fact.term for fact in theory.facts], existentials)  # an axiom is assumed in every body
    mentions = [_mentioned(_terms(body), existentials) | everywhere for body in bodies]
    assignment = dict.fromkeys(existentials, True)
    results: list[BodyResult | None] = [None] * len(bodies)
    stale = list(range(len(bodies)))
    rounds = 0
    while stale:
        rounds += 1
        values = {term: bank.boolean(assignment[name]) for name, term in existentials.items()}
        known: dict[Term, Term] = {}
        facts = [replace(fact, term=bank.substituted(fact.term, values, known)) for fact in theory.facts]
        own = replace(theory, facts=facts)
        asked = [assigned(bodies[i], bank, values, known) for i in stale]
        dropped: set[str] = set()
        for i, result in zip(stale, decide(asked, own), strict=True):
            results[i] = result
            for outcome in result.outcomes:
                name = outcome.label.candidate
                if name and assignment[name] and outcome.verdict is not Verdict.PROVED:
                    dropped.add(name)
        for name in dropped:
            assignment[name] = False
        stale = [i for i, mentioned in enumerate(mentions) if mentioned & dropped]
    return Inferred(assignment, tuple(r for r in results if r is not None), rounds)


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
