"""Numbers with their intervals, as decompositions report them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probatum.fairness.model.decomposition.fits import quantile
from probatum.fairness.model.decomposition.sample import Floats

NOT_CAUSAL = "this describes who differs in what, and says nothing of causes"


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a gap.

    Attributes
    ----------
    name : str
    value : float
    se : float or None
        Standard error; None if there is none.
    low, high : float or None
        Ends of the interval.
    """

    name: str
    value: float
    se: float | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the term as JSON."""
        return {"name": self.name, "value": self.value, "se": self.se, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A gap as a sum of parts.

    Attributes
    ----------
    method : str
    title : str
        What was done, in a line.
    terms : tuple of Term
        The first is the gap.
    details : tuple of Term
        Parts of parts.
    n : tuple of two int
        Decisions of each group.
    units : int
        Clusters, or decisions where there are none.
    confidence : float
        Of each interval by itself.
    assumptions : tuple of str
    notes : tuple of str
        What went differently than one might think.
    facts : tuple of (str, object)
        Further numbers, JSON.
    """

    method: str
    title: str
    terms: tuple[Term, ...]
    details: tuple[Term, ...] = ()
    n: tuple[int, int]
    units: int = 0
    confidence: float = 0.95
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()

    def __getitem__(self, name: str) -> Term:
        """Return a term or a detail by its name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for term in (*self.terms, *self.details):
            if term.name == name:
                return term
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Return the split as JSON."""
        return {
            "method": self.method,
            "title": self.title,
            "terms": [term.to_json() for term in self.terms],
            "details": [term.to_json() for term in self.details],
            "n": list(self.n),
            "units": self.units,
            "confidence": self.confidence,
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
            **dict(self.facts),
        }


def terms_of(names: Sequence[str], values: Floats, covariance: Floats, *, free: float, confidence: float) -> tuple[Term, ...]:
    """Return terms with intervals of Student's t."""
    reach = quantile(confidence, free)
    found = []
    for at, name in enumerate(names):
        se = float(np.sqrt(max(0.0, covariance[at, at])))
        value = float(values[at])
        found.append(Term(name, value, se, value - reach * se, value + reach * se))
    return tuple(found)
