"""Which axioms an obligation needs.

An axiom about functions that an obligation does not mention, directly or through
other axioms, cannot help. Which axiom can help about which function is said by
its triggers: a solver uses it only when it sees an instance of one. Leaving an
axiom out is always sound: what is proved without it holds with it.

With `-prune:1` the source says more: `uses` clauses limit an axiom to what they
stand at, and an axiom without triggers, `uses` or `{:include_dep}` belongs to
nothing. `hide` takes axioms away until they are revealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from probatum.ivl.conditions.smtlib import Named, Writer
from probatum.ivl.terms import Binder, Symbol, Term
from probatum.ivl.theory import Fact, Theory

# The values of `Options.prune`.
NOTHING = 0
AS_DECLARED = 1
REACHABLE = 2


@dataclass(slots=True, eq=False)
class _Entry:
    """An axiom with what makes it needed: one of `causes`, each satisfied when all of its symbols are there."""

    number: int
    fact: Fact
    mentions: frozenset[Named]
    causes: list[frozenset[Named]]


@dataclass(slots=True)
class Axioms:
    """Picks axioms by what an obligation mentions.

    Parameters
    ----------
    theory : Theory
    writer : Writer
    level : int
        `NOTHING`: all axioms, always. `REACHABLE`: those that triggers or shared
        symbols connect. `AS_DECLARED`: as Boogie does for `-prune:1`.
    """

    theory: Theory
    writer: Writer
    level: int = REACHABLE
    _always: list[_Entry] = field(default_factory=list)
    _by_symbol: dict[Named, list[tuple[_Entry, frozenset[Named]]]] = field(default_factory=dict)
    _chosen: dict[tuple[frozenset[Named], frozenset[Symbol] | None], tuple[int, ...]] = field(default_factory=dict)
    _definitions: dict[Symbol, frozenset[Named]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, fact in enumerate(self.theory.facts):
            mentions = self.writer.fragment(fact.term).symbols
            if is_true(fact.term):
                continue
            causes = self._causes(fact, mentions)
            entry = _Entry(number, fact, mentions, causes)
            if self.level == NOTHING or any(not cause for cause in causes):
                self._always.append(entry)
                continue
            for cause in causes:
                for symbol in cause:
                    self._by_symbol.setdefault(symbol, []).append((entry, cause))

    def _causes(self, fact: Fact, mentions: frozenset[Named]) -> list[frozenset[Named]]:
        if self.level == AS_DECLARED:
            if fact.kept:
                return [frozenset()]
            causes: list[frozenset[Named]] = [frozenset((owner,)) for owner in fact.owners]
            if fact.incoming is not None:
                causes.extend(frozenset(group) for group in fact.incoming)
            elif not causes:
                causes.extend(frozenset((symbol,)) for symbol in mentions)
            return causes
        if not mentions:
            return [frozenset()]
        if patterns := self._patterns(fact.term):
            return patterns
        return [frozenset((symbol,)) for symbol in mentions]

    def _patterns(self, term: Term) -> list[frozenset[Named]]:
        """Return the symbols of each trigger of an axiom that is one universally quantified formula."""
        binder = term.payload
        if term.kind != "forall" or not isinstance(binder, Binder) or not binder.patterns:
            return []
        found = []
        for pattern in binder.patterns:
            symbols: set[Named] = set()
            stack = list(pattern)
            while stack:
                one = stack.pop()
                if isinstance(one.payload, Symbol):
                    symbols.add(one.payload)
                stack.extend(one.arguments)
            if not symbols:
                return []  # only operators of the solver: anything may match
            found.append(frozenset(symbols))
        return found

    def needed(self, mentioned: frozenset[Named], hidden: frozenset[Symbol] | None = None) -> tuple[int, ...]:
        """Return the numbers of the axioms that an obligation needs, ascending.

        Parameters
        ----------
        mentioned : frozenset
            Symbols of the obligation.
        hidden : frozenset of Symbol, or None
            Functions whose hideable axioms are not known here.
        """
        key = (mentioned, hidden)
        if (known := self._chosen.get(key)) is None:
            known = self._chosen[key] = self._find(mentioned, hidden or frozenset())
        return known

    def _find(self, mentioned: frozenset[Named], hidden: frozenset[Symbol]) -> tuple[int, ...]:
        chosen: set[int] = set()
        reached: set[Named] = set()
        waiting: list[Named] = []

        def reach(symbols: Iterable[Named]) -> None:
            for symbol in symbols:
                if symbol not in reached:
                    reached.add(symbol)
                    waiting.append(symbol)

        def take(entry: _Entry) -> None:
            if entry.number not in chosen and not self._hidden(entry.fact, hidden):
                chosen.add(entry.number)
                reach(entry.mentions)

        reach(mentioned)
        for entry in self._always:
            take(entry)
        while waiting:
            symbol = waiting.pop()
            if isinstance(symbol, Symbol) and symbol.definition is not None:
                reach(self._defining(symbol, symbol.definition[1]))
            for entry, cause in self._by_symbol.get(symbol, ()):
                if cause <= reached:
                    take(entry)
        return tuple(sorted(chosen))

    def _hidden(self, fact: Fact, hidden: frozenset[Symbol]) -> bool:
        return bool(hidden) and fact.hideable and bool(fact.owners) and hidden.issuperset(fact.owners)

    def _defining(self, symbol: Symbol, body: Term) -> frozenset[Named]:
        if (known := self._definitions.get(symbol)) is None:
            known = self._definitions[symbol] = self.writer.symbols(body)
        return known


def is_true(term: Term) -> bool:
    """Whether a term is the literal `true`."""
    return term.kind == "literal" and term.payload == "true"
