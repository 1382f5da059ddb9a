"""Where pictures come from while a booth runs: a folder that is written to, an address, cameras. One file each.

A source is asked for what it has now; whoever asks decides how often. A folder that does not change is read by its manifest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from probatum.inspection.artefacts.unusable import Unusable


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that a source gave.

    Attributes
    ----------
    name : str
        Of the view: a camera, an address, a file.
    file : bytes or Unusable
        A picture as a file, which nobody has looked at yet; or why there is none.
    notes : tuple of str
    """

    name: str
    file: bytes | Unusable
    notes: tuple[str, ...] = field(default=())


class Source(Protocol):
    """What gives pictures."""

    def capture(self) -> list[Shot]:
        """Return what there is now, a picture for each view; never an exception, and no wait longer than it was made with."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...
