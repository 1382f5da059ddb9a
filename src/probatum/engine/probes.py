"""What this machine has, and what follows where it has not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What was looked at.
    ok : bool
        Whether it is as it should be.
    detail : str
        What was seen: a version, a path, a limit.
    consequence : str
        What does not work without it, and what to do; "" when `ok`.
    """

    name: str
    ok: bool
    detail: str
    consequence: str = ""


def doctor(root: Path) -> tuple[Probe, ...]:
    """Look at everything a check may need, running nothing of the project."""
    raise NotImplementedError(root)
