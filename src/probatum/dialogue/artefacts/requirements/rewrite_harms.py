"""That a rewrite does no harm: `kind: rewrite-harms`."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.project.fields import Fields
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteHarmsRequirement:
    """No request may fail more often because it is rewritten than without, by more than so.

    Attributes
    ----------
    id : str
        Unique within the policy.
    bound : float from 0 to 1
        Largest difference of the shares of users for whom it fails, with the rewrite and without.
    """

    id: str
    bound: float
    location: Location


def read(name: str, own: Fields) -> RewriteHarmsRequirement:
    """Read the fields of such a requirement."""
    return RewriteHarmsRequirement(
        id=name, bound=float(own.number("at_most", 0.05, low=0.0, high=1.0)), location=own.node.location
    )
