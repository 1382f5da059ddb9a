"""What is raised where a construct is not handled: the verdict is then `unsupported`, never a pass."""

from __future__ import annotations

from probatum.ivl.syntax.tree import NOWHERE, Position


class Unsupported(Exception):
    """A construct that is understood and not handled.

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
