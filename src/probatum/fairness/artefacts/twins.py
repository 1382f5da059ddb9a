"""Who there may be, and which two of them must be treated alike: domains of features, and what twins may differ in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Output(str, Enum):
    """What of a model must not differ."""

    SCORE = "score"  # what it gives out: a probability, where it has a logistic link
    RAW = "raw"  # the sum before that
    DECISION = "decision"  # whether the score is at least the threshold


@dataclass(frozen=True, slots=True)
class Range:
    """A feature that is a number from `low` to `high`; a whole one if `whole`. `missing`: or none."""

    low: float
    high: float
    whole: bool = False
    missing: bool = False

    def __contains__(self, value: float) -> bool:
        if math.isnan(value):
            return self.missing
        return self.low <= value <= self.high and (not self.whole or value == math.floor(value))


@dataclass(frozen=True, slots=True)
class Values:
    """A feature that has one of several values, ascending. `missing`: or none."""

    values: tuple[float, ...]
    missing: bool = False

    def __contains__(self, value: float) -> bool:
        return self.missing if math.isnan(value) else value in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Who there may be.

    Attributes
    ----------
    features : mapping of str to Range or Values
        By name, for every feature of the model that is in no group of `one_hot`.
    one_hot : mapping of str to tuple of str
        Features of which exactly one is 1 and the others are 0, by a name for the group.
    """

    features: Mapping[str, Range | Values]
    one_hot: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, person: Mapping[str, float]) -> bool:
        return all(person[name] in own for name, own in self.features.items()) and all(
            sorted(person[name] for name in group) == [0.0] * (len(group) - 1) + [1.0] for group in self.one_hot.values()
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        found: dict[str, Any] = {}
        for name, own in self.features.items():
            if isinstance(own, Range):
                found[name] = {"from": own.low, "to": own.high, "whole": own.whole, "missing": own.missing}
            else:
                found[name] = {"values": list(own.values), "missing": own.missing}
        return {"features": found, "one_hot": {name: list(group) for name, group in self.one_hot.items()}}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Domain:
        """Rebuild it from its JSON."""
        found: dict[str, Range | Values] = {}
        for name, own in value["features"].items():
            if "values" in own:
                found[name] = Values(tuple(own["values"]), own["missing"])
            else:
                found[name] = Range(own["from"], own["to"], own["whole"], own["missing"])
        return Domain(features=found, one_hot={name: tuple(group) for name, group in value["one_hot"].items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Which two people are asked about: alike in everything, except what is named here.

    Attributes
    ----------
    vary : tuple of str
        Features, or groups of `one_hot`, in which they may differ in any way.
    tolerance : mapping of str to float
        Features in which they may differ by so much.
    more : mapping of str to int
        Features in which the second has at least as much as the first (1), or at most as much (-1): with these, the
        question is by how much the first may score above the second.
    """

    vary: tuple[str, ...] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)
    more: Mapping[str, int] = field(default_factory=dict)

    def differing(self) -> tuple[str, ...]:
        """Return all that they may differ in."""
        return (*self.vary, *self.tolerance, *self.more)

    def are(self, first: Mapping[str, float], second: Mapping[str, float], domain: Domain) -> bool:
        """Whether two people are such twins."""
        if first not in domain or second not in domain:
            return False
        free = {name for one in self.vary for name in domain.one_hot.get(one, (one,))}
        for name, value in first.items():
            other = second[name]
            if name in free:
                continue
            if name in self.tolerance:
                if not abs(value - other) <= self.tolerance[name]:
                    return False
            elif name in self.more:
                if not (other >= value if self.more[name] > 0 else other <= value):
                    return False
            elif value != other and not (math.isnan(value) and math.isnan(other)):
                return False
        return True

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"vary": list(self.vary), "tolerance": dict(self.tolerance), "more": dict(self.more)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Twins:
        """Rebuild it from its JSON."""
        return Twins(vary=tuple(value["vary"]), tolerance=dict(value["tolerance"]), more=dict(value["more"]))
