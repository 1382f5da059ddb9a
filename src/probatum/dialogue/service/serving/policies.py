"""The policy that is served now: taken up when the pointer names another one, kept when that one is no good."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from probatum.dialogue.artefacts.unfinished import unfinished
from probatum.dialogue.service.serving.policy_file import Policy, current, read

WORKS = math.log(0.8 / 0.2)  # logit, of what works for nearly everybody


@dataclass(slots=True)
class Policies:
    """The policies of a folder.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    policy : Policy or None
        That is served; None before there is one.
    trouble : str
        Why the one that is named by the pointer is not served, or not whole, or what it is made of; "" if nothing is wrong.
    refused : int
        How often one was not taken up.
    """

    folder: Path
    policy: Policy | None = field(default=None, init=False)
    trouble: str = field(default="", init=False)
    refused: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Take up what there is."""
        self.refresh()

    def works(self, text: str) -> bool:
        """Whether a normalised request works at once for nearly everybody, as far as the policy knows."""
        known = self.policy.known(text) if self.policy is not None else None
        return known is not None and known.works >= WORKS

    def refresh(self) -> bool:
        """Take up the policy that the pointer names; return whether another one is served now than before.

        What cannot be read is counted and told, and changes nothing. May be called from another thread: a request
        sees one policy or the other.
        """
        try:
            wanted = current(self.folder)
            if wanted is None:
                self.trouble = "no policy is named"
                return False
            half = unfinished(self.folder.parent)
            if self.policy is not None and wanted == self.policy.digest:
                self.trouble = self.policy.trouble or (half.message if half is not None else "")
                return False
            found = read(self.folder, wanted)
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with another policy, this one is served, and it is told
            why = str(problem) or type(problem).__name__
            self.refused += why != self.trouble
            self.trouble = why
            return False
        self.policy, self.trouble = found, found.trouble or (half.message if half is not None else "")
        return True
