"""What the three answers to one question have in common, said once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from probatum.evidence import Evidence
from probatum.findings import Cleared, Finding, Strength, Undecided, Why
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A question that a rule answers: found, cleared or undecided.

    Attributes
    ----------
    rule, subject : str
    location : Location
    anchor : tuple of str
        What stays the same when lines move and witnesses change.
    assumptions : tuple of str
        What any answer rests on.
    """

    rule: str
    subject: str
    location: Location
    anchor: tuple[str, ...]
    assumptions: tuple[str, ...] = ()

    def assuming(self, *more: str) -> About:
        """Return the same question, whose answers rest on more."""
        return replace(self, assumptions=(*self.assumptions, *more))

    def found(self, message: str, *, evidence: Evidence, cause: str, **more: Any) -> Finding:
        """It is as it must not be."""
        return Finding(message=message, evidence=evidence, cause=cause, **self._same(), **more)

    def cleared(self, message: str, *, evidence: Evidence | None, strength: Strength = Strength.STATISTICAL) -> Cleared:
        """It is as it must be."""
        return Cleared(message=message, evidence=evidence, strength=strength, **self._same())

    def undecided(self, reason: str, *, why: Why = Why.TOO_FEW_SAMPLES) -> Undecided:
        """Nobody can say."""
        return Undecided(reason=reason, why=why, **self._same())

    def _same(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "subject": self.subject,
            "location": self.location,
            "anchor": self.anchor,
            "assumptions": self.assumptions,
        }
