"""Pools of terms: instances that a program wants its quantifiers to have.

A bound variable may name pools (`{:pool "A"}`), and terms are put into them
(`{:add_to_pool "A", e}` on an assumption or a quantifier). Solvers find such
instances late or never, so they are made before a solver is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from probatum.ivl.syntax import tree
from probatum.ivl.terms import Term


@dataclass(slots=True)
class Pools:
    """Which bound variables take terms from which pools, and which terms come with a quantifier.

    Attributes
    ----------
    labels : dict
        Names of pools by bound variable.
    sources : dict
        Terms that a quantifier adds, each with the name of its pool, by its first bound variable.
    """

    labels: dict[Term, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[Term, tuple[tuple[str, Term], ...]] = field(default_factory=dict)

    def note(self, bound: Sequence[tree.Variable], variables: Sequence[Term], added_terms: Sequence[tuple[str, Term]]) -> None:
        """Remember what a quantifier says."""
        for decl, variable in zip(bound, variables, strict=True):
            if names := labels(decl.attributes):
                self.labels[variable] = names
        if added_terms and variables:
            self.sources[variables[0]] = tuple(added_terms)


def labels(attributes: tree.Attributes) -> tuple[str, ...]:
    """Return the names of pools that a bound variable takes terms from."""
    return tuple(
        dict.fromkeys(value for one in attributes if one.key == "pool" for value in one.values if isinstance(value, str))
    )


def added(attributes: tree.Attributes) -> Iterator[tuple[str, tree.Expression]]:
    """Yield what attributes add to pools: the name of the pool, and an expression."""
    for one in attributes:
        if one.key == "add_to_pool" and one.values and isinstance(name := one.values[0], str):
            for value in one.values[1:]:
                if not isinstance(value, str):
                    yield name, value
