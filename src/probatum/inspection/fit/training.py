"""Training what makes scores of units: a head where there are labels, and the fusion of channels, from units of one split.

A unit teaches either the head or the fusion, never both: of what it has learnt, a head is too sure. Which of them is decided by a hash of
its name, so that another run, or more units, change nothing for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probatum.inspection.fit.damage import Example, TooFew, train
from probatum.inspection.fit.fusion import Seen, TooFewSound, fuse_views
from probatum.inspection.semantics.damage import Head
from probatum.inspection.semantics.fused import Fusion

HEAD_SHARE = 0.6  # of units, that teach the head


@dataclass(frozen=True, slots=True)
class Parts:
    """What was trained, and why a part was not.

    Attributes
    ----------
    head : Head or None
    headless : str
        Why there is no head; "" if there is one.
    """

    head: Head | None
    headless: str


def teaches_head(capture_id: str) -> bool:
    """Whether a unit teaches the head, and not the fusion."""
    return hashlib.sha256(f"head\0{capture_id}".encode()).digest()[0] < HEAD_SHARE * 256


def trained_head(examples: Sequence[Example], *, backbone: str, seed: int) -> Parts:
    """Train a head, if there are labels enough."""
    found = train(examples, backbone=backbone, seed=seed) if examples else TooFew(0, 0)
    return Parts(None, found.why) if isinstance(found, TooFew) else Parts(found, "")


def fusion_from(units: Iterable[Seen]) -> Fusion | TooFewSound:
    """Find how channels are weighed."""
    return fuse_views([*units])
