"""What a detector of rephrases is shown: a request, and what its user said after it."""

from __future__ import annotations

from dataclasses import dataclass

# What the log shows of how a turn went, as a detector is told it.
SIGNS = ("interrupted", "stopped", "unanswered")
MOST_LATER = 5  # requests that are looked at after one


@dataclass(frozen=True, slots=True)
class Later:
    """A later request of the same user.

    Attributes
    ----------
    text : str
        In normal form (`artefacts.utterance`).
    since_s : float or None
        Since the request that the window is about; None if the log has no times.
    """

    text: str
    since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A request in its context.

    Attributes
    ----------
    text : str
        In normal form.
    later : tuple of Later
        At most `MOST_LATER`, in the order in which they were said.
    signs : frozenset of str or None
        Those of `SIGNS` that its turn shows; None where the log does not show any, or where they are not to be used.
    answer : str
        What it was answered with; "" if that is not logged. Only the head over tokens reads it.
    """

    text: str
    later: tuple[Later, ...]
    signs: frozenset[str] | None = None
    answer: str = ""
