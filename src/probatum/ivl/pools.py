"""Pools of terms: instances that a program wants its quantifiers to have.

A bound variable may name pools (`{:pool "A"}`), and terms are put into them
(`{:add_to_pool "A", e}` on an assumption or a quantifier). A quantifier whose
variables all name pools gets, before a solver is asked, its instances at the
terms of their sorts in these pools. Solvers would find such instances late or never.

That a term is in a pool is said by a marker, an application of a predicate that
nothing else mentions. So it takes part in every substitution, and stands where
the term does: under an assumption, or under the quantifier whose variables it
mentions. `instantiate` takes the markers out.

What is added follows from what is there (`forall x :: P(x)` implies `P(c)`), so
it cannot make anything provable that does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import product
from typing import Final

from probatum.ivl.terms import BOOL, Bank, Binder, Sort, Symbol, Term, children, visit
from probatum.records import dataclass

_MOST: Final = 5_000  # instances for one obligation
_EITHER: Final = 3  # flags: 1 under an even number of negations, 2 under an odd one, both under anything that is no connective


@dataclass(frozen=True, slots=True)
class Lifted:
    """The fact about a lambda: `holes` are the arguments of its symbol, `variables` what it binds."""

    holes: tuple[Term, ...]
    variables: tuple[Term, ...]
    fact: Term  # without its quantifier


@dataclass(slots=True)
class Pools:
    """Which bound variables take terms from which pools.

    Attributes
    ----------
    labels : dict
        Names of pools by bound variable.
    lambdas : dict
        Facts about lambdas by their symbol.
    """

    labels: dict[Term, tuple[str, ...]] = field(default_factory=dict)
    lambdas: dict[Symbol, Lifted] = field(default_factory=dict)
    _markers: dict[tuple[str, Sort], Symbol] = field(default_factory=dict)
    _names: dict[Symbol, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any term is in a pool: otherwise there is nothing to do."""
        return bool(self._markers)

    def label(self, variable: Term, names: Iterable[str]) -> None:
        """Let a bound variable take terms from pools, besides those that it already takes terms from."""
        if together := tuple(dict.fromkeys((*self.labels.get(variable, ()), *names))):
            self.labels[variable] = together

    def marker(self, bank: Bank, name: str, term: Term) -> Term:
        """Return the formula that says that a term is in a pool."""
        key = (name, term.sort)
        symbol = self._markers.get(key)
        if symbol is None:
            # No identifier has a space in it.
            symbol = self._markers[key] = Symbol(f"pool {name}", (term.sort,), BOOL)
            self._names[symbol] = name
        return bank.apply(symbol, (term,))

    def marked(self, term: Term) -> str | None:
        """Return the pool that a marker names; None for any other term."""
        return self._names.get(term.payload) if isinstance(term.payload, Symbol) else None


def instantiate(bank: Bank, pools: Pools, assertions: Sequence[Term]) -> list[Term]:
    """Return assertions that are satisfiable together if and only if the given ones are, with instances from pools.

    What the assertions say exists gets a name (a fresh variable), so that it can be in a pool too. The first terms are those
    of `assertions` in their order; what follows are consequences.
    """
    return _Instantiation(bank, pools).run(assertions)


@dataclass(slots=True, eq=False)
class _Instantiation:
    bank: Bank
    pools: Pools
    members: dict[str, dict[Term, None]] = field(default_factory=dict)
    quantifiers: dict[Term, set[tuple[Term, ...]]] = field(default_factory=dict)
    lambdas: dict[Symbol, dict[tuple[Term, ...], set[tuple[Term, ...]]]] = field(default_factory=dict)
    count: int = 0

    def run(self, assertions: Sequence[Term]) -> list[Term]:
        results: list[Term] = []
        for assertion in assertions:
            named = self._named(assertion, positive=True)
            self._note(named)
            results.append(named)
        new = True
        while new and self.count < _MOST:
            new = False
            for lemma in [*self._of_quantifiers(), *self._of_lambdas()]:
                new = True
                self._note(lemma)
                results.append(lemma)
        return without_markers(self.bank, self.pools, results)

    # Instances

    def _of_quantifiers(self) -> Iterator[Term]:
        for quantifier, done in list(self.quantifiers.items()):
            binder = quantifier.payload
            if not isinstance(binder, Binder):
                continue
            for values in self._choices(binder.variables):
                if values in done or self.count >= _MOST:
                    continue
                done.add(values)
                self.count += 1
                to = dict(zip(binder.variables, values, strict=True))
                known = quantifier.kind == "forall"
                # What a quantifier adds to pools it adds when it gets names, and not at each instance: that need not end.
                body = self._unmarked(quantifier.arguments[0])
                instance = self._named(self.bank.substituted(body, to), positive=known)
                yield (self.bank.implication(quantifier, instance) if known else self.bank.implication(instance, quantifier))

    def _of_lambdas(self) -> Iterator[Term]:
        for symbol, applications in list(self.lambdas.items()):
            lifted = self.pools.lambdas[symbol]
            for arguments, done in list(applications.items()):
                for values in self._choices(lifted.variables):
                    if values in done or self.count >= _MOST:
                        continue
                    done.add(values)
                    self.count += 1
                    to = dict(zip((*lifted.holes, *lifted.variables), (*arguments, *values), strict=True))
                    yield self._named(self.bank.substituted(lifted.fact, to), positive=True)

    def _choices(self, variables: Sequence[Term]) -> Iterator[tuple[Term, ...]]:
        columns = [
            [
                term
                for name in self.pools.labels.get(variable, ())
                for term in self.members.get(name, ())
                if term.sort == variable.sort
            ]
            for variable in variables
        ]
        return product(*(dict.fromkeys(column) for column in columns))

    # What there is

    def _note(self, term: Term) -> None:
        """Register members of pools, quantifiers that take terms from them, and lambdas: those that mention nothing bound."""
        open_: dict[Term, frozenset[Term]] = {}
        bound = _bound_in(term)

        def see(one: Term) -> None:
            free = frozenset({one}) if one in bound else frozenset().union(*(open_[child] for child in children(one)))
            if isinstance(binder := one.payload, Binder):
                free -= frozenset(binder.variables)
                if not free and all(variable in self.pools.labels for variable in binder.variables):
                    self.quantifiers.setdefault(one, set())
            open_[one] = free
            if free or not isinstance(one.payload, Symbol):
                return
            lifted = self.pools.lambdas.get(one.payload)
            if lifted is not None and all(variable in self.pools.labels for variable in lifted.variables):
                self.lambdas.setdefault(one.payload, {}).setdefault(one.arguments, set())

        visit((term,), see)
        for marker in self._markers(term):
            self.members.setdefault(self.pools.marked(marker) or "", {})[marker.arguments[0]] = None

    def _markers(self, term: Term) -> list[Term]:
        """Return the markers that stand under no quantifier."""
        found: list[Term] = []
        seen: set[Term] = set()
        stack = [term]
        while stack:
            one = stack.pop()
            if one in seen or isinstance(one.payload, Binder):
                continue
            seen.add(one)
            if self.pools.marked(one) is not None:
                found.append(one)
            else:
                stack.extend(reversed(one.arguments))
        return found

    def _unmarked(self, term: Term) -> Term:
        return self.bank.substituted(term, dict.fromkeys(self._markers(term), self.bank.boolean(True)))

    def _named(self, term: Term, *, positive: bool) -> Term:
        """Return the term with names for what it says exists, where it stands under connectives only."""
        while True:
            to: dict[Term, Term] = {}
            for one, flags in _polarities(term, positive=positive).items():
                binder = one.payload
                if isinstance(binder, Binder) and flags == (1 if one.kind == "exists" else 2):
                    names = {v: self.bank.fresh(str(v.payload).partition("!")[0], v.sort) for v in binder.variables}
                    to[one] = self.bank.substituted(one.arguments[0], names)
            if not to:
                return term
            term = self.bank.substituted(term, to)


def without_markers(bank: Bank, pools: Pools, assertions: Sequence[Term]) -> list[Term]:
    """Return the terms without saying what is in pools."""
    true = bank.boolean(True)
    to: dict[Term, Term] = {}

    def see(one: Term) -> None:
        if pools.marked(one) is not None:
            to[one] = true

    visit(assertions, see)
    known: dict[Term, Term] = {}
    return [bank.substituted(one, to, known) for one in assertions]


def _bound_in(term: Term) -> set[Term]:
    bound: set[Term] = set()

    def see(one: Term) -> None:
        if isinstance(binder := one.payload, Binder):
            bound.update(binder.variables)

    visit((term,), see)
    return bound


def _polarities(term: Term, *, positive: bool) -> dict[Term, int]:
    """Return under which negations each part stands that stands under connectives only; what is under quantifiers is left out."""
    order: list[Term] = []
    visit((term,), order.append)
    flags = dict.fromkeys(order, 0)
    flags[term] = 1 if positive else 2
    inside: set[Term] = set()  # parts of quantifiers
    for one in reversed(order):
        own = flags[one]
        if isinstance(one.payload, Binder) or one in inside:
            inside.update(children(one))
        flipped = (own & 1) << 1 | own >> 1
        for number, child in enumerate(children(one)):
            if one.payload in ("and", "or") or (one.payload in ("=>", "ite") and number > 0):
                flags[child] |= own
            elif one.payload == "not" or (one.payload == "=>" and number == 0):
                flags[child] |= flipped
            else:
                flags[child] |= _EITHER
    return {one: own for one, own in flags.items() if one not in inside}
