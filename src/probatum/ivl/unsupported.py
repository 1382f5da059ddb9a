"""What is raised where a construct is not handled: the verdict is then `unsupported`, never a pass."""

from __future__ import annotations

from probatum.ivl.syntax.tree import Position


class Unsupported(Exception):
    """A construct that is understood and not handled.

    Attributes
    ----------
    position : Position
        Where it stands.
    construct : str
        What it is, in the words of the language ("parallel call", "polymorphic map of this form").
    """

    def __init__(self, position: Position, construct: str) -> None:
        super().__init__(f"{position}: unsupported: {construct}")
        self.position = position
        self.construct = construct
