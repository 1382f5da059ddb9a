"""Lambdas become functions: an array that a symbol gives, with a fact about its elements.

The largest parts of a body that mention no bound variable become arguments of
the symbol. So lambdas that differ only there share a symbol, and are equal if
these parts are: `(lambda x: int :: x < n)` and `(lambda y: int :: y < k + 1)`
are `lambda#0(n)` and `lambda#0(k + 1)`. Literals are such parts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.ivl.elaborate.attributes import pool_names, quantifier_name, text_of, weight
from probatum.ivl.pools import Lifted
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Binder, Symbol, Term, array, children, visit
from probatum.ivl.theory import Fact

if TYPE_CHECKING:
    from probatum.ivl.elaborate.expressions import Elaborator

# Up to this many parts, every occurrence of a part without bound variables is an argument of its own.
_SMALL = 5_000


@dataclass(slots=True)
class _Template:
    """A body in which holes stand for what the lambda does not bind, and a key that is equal for equal bodies."""

    body: Term
    holes: list[Term] = field(default_factory=list)
    filled: list[Term] = field(default_factory=list)
    key: tuple[object, ...] = ()


class Lambdas:
    """Makes the symbols for lambdas."""

    def __init__(self, elaborator: Elaborator) -> None:
        self._elaborator = elaborator
        self._known: dict[tuple[object, ...], tuple[Symbol, tuple[Term, ...]]] = {}

    def lifted(self, one: tree.Quantifier, variables: tuple[Term, ...], body: Term) -> Term:
        """Return the array for a lambda with these bound variables and this body."""
        bank = self._elaborator.bank
        inner = self._binders_in(body)
        bound = {*variables, *inner}
        tainted = self._tainted(body, bound)
        template = self._template(body, tainted, variables, bound)
        known = self._known.get(template.key)
        if known is None:
            known = self._known[template.key] = (self._declare(one, variables, template), variables)
        symbol, own = known
        for decl, variable in zip(one.bound, own, strict=True):
            self._elaborator.theory.pools.label(variable, pool_names(decl.attributes))
        return bank.apply(symbol, template.filled)

    def _declare(self, one: tree.Quantifier, variables: tuple[Term, ...], template: _Template) -> Symbol:
        elaborator, bank = self._elaborator, self._elaborator.bank
        sort = template.body.sort
        for variable in reversed(variables):
            sort = array(variable.sort, sort)
        name = elaborator.names.unique(f"lambda#{len(self._known)}")
        symbol = Symbol(name, tuple(hole.sort for hole in template.holes), sort)
        elaborator.theory.symbols.append(symbol)
        element = elaborator.maps.select(bank.apply(symbol, template.holes), variables)
        binder = Binder(
            (*template.holes, *variables),
            ((element,),),
            (),
            weight(one.attributes),
            quantifier_name(one),
            text_of(one.attributes, "skolemid") or "",
        )
        # Elements are equal as values: of floats, too, where `==` is another relation.
        equal = bank.equality(element, template.body)
        elaborator.theory.pools.lambdas[symbol] = Lifted(tuple(template.holes), variables, equal)
        fact = bank.quantified("forall", binder, equal)
        elaborator.theory.facts.append(Fact(fact, one.position, owners=(symbol,), incoming=((symbol,),)))
        return symbol

    @staticmethod
    def _binders_in(body: Term) -> set[Term]:
        found: set[Term] = set()

        def see(term: Term) -> None:
            if isinstance(binder := term.payload, Binder):
                found.update(binder.variables)

        visit((body,), see)
        return found

    @staticmethod
    def _tainted(body: Term, bound: set[Term]) -> set[Term]:
        """Return the parts that mention a bound variable."""
        tainted: set[Term] = set()

        def see(term: Term) -> None:
            if term in bound or any(child in tainted for child in children(term)):
                tainted.add(term)

        visit((body,), see)
        return tainted

    def _template(self, body: Term, tainted: set[Term], variables: tuple[Term, ...], bound: set[Term]) -> _Template:
        small = self._unfolded(body, tainted) <= _SMALL
        template = _Template(body)
        if not small:
            self._shared(template, tainted)
            return template
        self._occurrences(template, tainted, variables, bound)
        return template

    @staticmethod
    def _unfolded(body: Term, tainted: set[Term]) -> int:
        """Return the number of parts without sharing, down to those that are not tainted."""
        size: dict[Term, int] = {}

        def see(term: Term) -> None:
            size[term] = 1 + sum(size[child] for child in children(term)) if term in tainted else 1

        visit((body,), see)
        return size[body]

    def _shared(self, template: _Template, tainted: set[Term]) -> None:
        """One hole for each part that mentions nothing bound: for a body that is too large to unfold."""
        bank = self._elaborator.bank
        to: dict[Term, Term] = {}
        stack = [template.body]
        seen: set[Term] = set()
        while stack:
            term = stack.pop()
            if term in seen:
                continue
            seen.add(term)
            if term in tainted:
                stack.extend(reversed(children(term)))
            else:
                to[term] = bank.fresh("l", term.sort)
        template.holes, template.filled = list(to.values()), list(to)
        template.body = bank.substituted(template.body, to)
        template.key = ("shared", template.body)

    def _occurrences(self, template: _Template, tainted: set[Term], variables: tuple[Term, ...], bound: set[Term]) -> None:
        """One hole for each occurrence, as in Boogie."""
        bank = self._elaborator.bank
        numbers: dict[Term, int] = {variable: number for number, variable in enumerate(variables)}
        key: list[object] = [tuple(v.sort for v in variables)]
        results: list[Term] = []
        stack: list[tuple[Term, bool]] = [(template.body, False)]
        while stack:
            term, ready = stack.pop()
            if ready:
                count = len(children(term))
                parts = results[len(results) - count :]
                del results[len(results) - count :]
                results.append(self._rebuilt(term, parts))
            elif term not in tainted:
                hole = bank.fresh("l", term.sort)
                template.holes.append(hole)
                template.filled.append(term)
                key.append(("hole", term.sort))
                results.append(hole)
            elif term in bound:
                key.append(("bound", numbers.setdefault(term, len(numbers)), term.sort))
                results.append(term)
            else:
                if isinstance(binder := term.payload, Binder):
                    for variable in binder.variables:
                        numbers[variable] = len(numbers)
                    shape = tuple(map(len, binder.patterns)), len(binder.forbidden), binder.weight
                    key.append((term.kind, tuple((numbers[v], v.sort) for v in binder.variables), shape))
                else:
                    key.append((term.kind, term.payload, term.sort, len(term.arguments)))
                stack.append((term, True))
                stack.extend((child, False) for child in reversed(children(term)))
        template.body = results[0]
        template.key = tuple(key)

    def _rebuilt(self, term: Term, parts: Sequence[Term]) -> Term:
        bank = self._elaborator.bank
        if not isinstance(binder := term.payload, Binder):
            return bank.rebuilt(term, parts)
        rest = iter(parts[1:])
        patterns = tuple(tuple(next(rest) for _ in pattern) for pattern in binder.patterns)
        forbidden = tuple(next(rest) for _ in binder.forbidden)
        changed = Binder(binder.variables, patterns, forbidden, binder.weight, binder.name, binder.skolem)
        return bank.quantified(term.kind, changed, parts[0])
