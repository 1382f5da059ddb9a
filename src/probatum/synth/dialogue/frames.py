"""What a request means, in the terms that all simulated assistants share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """A request as it was understood, before anybody looks which things it is about.

    Attributes
    ----------
    intent : str
        In the words of Home Assistant: `HassTurnOn` ...
    mention : str
        The words for the thing: a name, a title, an item; `<area>/<kind>` for all of a kind in a room; "" for none.
    value : str
        A number, a direction, a kind of medium; "" for none.
    """

    intent: str
    mention: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Write it for a log."""
        return "|".join(part for part in (self.intent, self.mention, self.value) if part)


@dataclass(frozen=True, slots=True)
class Parse:
    """One way to understand a text.

    Attributes
    ----------
    frame : Frame
    names : tuple of (name, domain)
        Devices that a home must have for this to be understood.
    areas : tuple of str
        Rooms that it must have.
    order : tuple
        The least is preferred.
    confidence : float
        From 0 to 1.
    """

    frame: Frame
    names: tuple[tuple[str, str], ...] = ()
    areas: tuple[str, ...] = ()
    order: tuple[float | str, ...] = ()
    confidence: float = 1.0


class Understanding(Protocol):
    """What makes frames of texts. Deterministic."""

    @property
    def name(self) -> str:
        """Of the kind of assistant."""
        ...

    def parses(self, text: str) -> tuple[Parse, ...]:
        """Return the ways to understand a text in any home; none if there is none."""
        ...
