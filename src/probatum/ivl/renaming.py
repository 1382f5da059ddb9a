"""Commands with other variables and terms in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from probatum.ivl.blocks import Check, Command, Forget, Invoke, Know, Reveal, Set
from probatum.ivl.terms import Bank, Term, visit


class Renaming:
    """Puts terms in for variables; what is assigned must be replaced by variables."""

    def __init__(self, bank: Bank, to: Mapping[Term, Term]) -> None:
        self._bank = bank
        self._to = to
        self._known: dict[Term, Term] = {}

    def term(self, term: Term) -> Term:
        """Return a term with its variables replaced."""
        return self._bank.substituted(term, self._to, self._known)

    def terms(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        """Return several terms with their variables replaced."""
        return tuple(self.term(one) for one in terms)

    def command(self, command: Command) -> Command:
        """Return a command with its variables replaced."""
        match command:
            case Check() | Know():
                return replace(command, term=self.term(command.term))
            case Set(variables=variables, values=values):
                return replace(command, variables=self.terms(variables), values=self.terms(values))
            case Forget(variables=variables):
                return replace(command, variables=self.terms(variables))
            case Invoke(arguments=arguments, results=results, verified_under=under):
                return replace(
                    command,
                    arguments=self.terms(arguments),
                    results=self.terms(results),
                    verified_under=None if under is None else self.term(under),
                )
            case Reveal():
                return command


def old_variables(bank: Bank, globals_: Iterable[Term], old: str) -> dict[Term, Term]:
    """Return, for the globals, the variables of their values at entry: name with `old` at the end."""
    return {one: bank.variable(f"{one.payload}{old}", one.sort) for one in globals_}


def mentioned(terms: Iterable[Term]) -> set[Term]:
    """Return the variables in terms, bound ones included."""
    found: set[Term] = set()

    def see(term: Term) -> None:
        if term.kind == "variable":
            found.add(term)

    visit(terms, see)
    return found
