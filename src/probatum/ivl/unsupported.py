"""What is raised on the way from a checked program to conditions: not handled, or refused after all."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax.tree import NOWHERE, Position


class Unsupported(Exception):
    """A construct that is understood and not handled: the verdict is `unsupported`, never a pass.

    Attributes
    ----------
    construct : str
        What it is, in the words of the language ("parallel call", "polymorphic map of this form").
    position : Position
        Where it stands; NOWHERE if that is not known.
    """

    def __init__(self, construct: str, position: Position = NOWHERE) -> None:
        super().__init__(construct if position is NOWHERE else f"{position}: {construct}")
        self.construct = construct
        self.position = position


class Refused(Exception):
    """Static errors that are found only after all types are known, as Boogie finds them.

    Attributes
    ----------
    errors : tuple of StaticError
        At least one.
    """

    def __init__(self, errors: Sequence[StaticError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)
