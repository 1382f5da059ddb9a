"""How often a request may fail: `kind: request-fails`."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.project.fields import Fields
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailsRequirement:
    """No request that enough users make may fail more often than so.

    Attributes
    ----------
    id : str
        Unique within the policy.
    bound : float from 0 to 1
        Largest share of its turns that may fail, each user counting once.
    min_users : int
        Requests of fewer users are not judged one by one.
    """

    id: str
    bound: float
    min_users: int
    location: Location


def read(name: str, own: Fields) -> RequestFailsRequirement:
    """Read the fields of such a requirement."""
    return RequestFailsRequirement(
        id=name,
        bound=float(own.number("at_most", 0.5, low=0.0, high=1.0)),
        min_users=own.whole("min_users", 5, low=1),
        location=own.node.location,
    )
