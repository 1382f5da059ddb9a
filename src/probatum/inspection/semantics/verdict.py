"""What came of a unit, without what was seen on the way: short enough to be kept for all units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a unit is not judged.

    Attributes
    ----------
    kind : str
        Of `Unusable` or of `Flaw`, `no-reference`, `no-depth`, `contradictory`, `row`, `not-scored` or `not-read`.
    image : str
        Of which view; "" where it is the unit as a whole.
    why, advice : str
    """

    kind: str
    image: str
    why: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a unit.

    Attributes
    ----------
    capture_id : str
    product : str
        With whose references it was compared.
    pictures : str
        Digest of the files of all its views.
    references : str
        Digest of the references of its product.
    refusals : tuple of Refusal
        Empty if and only if it has a score.
    channels : mapping of str to float
        The largest over its views, of each channel that could be had.
    score : float
        Higher is worse; NaN without one.
    pieces : (int, int) or None
        How many pieces the references have, and how many of them are missing, in the view where most are; None where none stand apart.
    """

    capture_id: str
    product: str
    pictures: str
    references: str
    refusals: tuple[Refusal, ...] = ()
    channels: Mapping[str, float] = field(default_factory=dict)
    score: float = math.nan
    pieces: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; NaN is null."""
        return asdict(self) | {
            "score": None if math.isnan(self.score) else self.score,
            "refusals": [asdict(one) for one in self.refusals],
            "channels": dict(self.channels),
            "pieces": None if self.pieces is None else list(self.pieces),
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Verdict:
        """Read it back.

        Raises
        ------
        ValueError, TypeError, LookupError, AttributeError
            If it is something else.
        """
        score = value["score"]
        found = Verdict(
            capture_id=str(value["capture_id"]),
            product=str(value["product"]),
            pictures=str(value["pictures"]),
            references=str(value["references"]),
            refusals=tuple(Refusal(**{name: str(part) for name, part in one.items()}) for one in value["refusals"]),
            channels={str(name): float(part) for name, part in value["channels"].items()},
            score=math.nan if score is None else float(score),
            pieces=None if value["pieces"] is None else (int(value["pieces"][0]), int(value["pieces"][1])),
        )
        if math.isnan(found.score) != bool(found.refusals):
            raise ValueError("a unit has a score, or it is said why not")
        return found
