"""How often a stage may report that it failed: `kind: stage-fails`."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.project.fields import Fields
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailsRequirement:
    """No stage may fail for more of its users' turns than so.

    Attributes
    ----------
    id : str
        Unique within the policy.
    stage : str
        The stage that is meant; "" for each one that the logs have.
    bound : float from 0 to 1
        Largest share of the turns that reached it, each user counting once.
    """

    id: str
    stage: str
    bound: float
    location: Location


def read(name: str, own: Fields) -> StageFailsRequirement:
    """Read the fields of such a requirement."""
    return StageFailsRequirement(
        id=name,
        stage=own.text("stage", ""),
        bound=float(own.number("at_most", 0.1, low=0.0, high=1.0)),
        location=own.node.location,
    )
