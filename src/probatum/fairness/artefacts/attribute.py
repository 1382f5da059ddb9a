"""Protected attributes: the columns by which people are told apart."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A protected attribute: a column, whose values are groups, or whose numbers fall into bands.

    Attributes
    ----------
    name : str
        What the policy calls it.
    column : str
    bands : tuple of float
        Ends of bands, ascending; each band has its lower end and not its upper one, the last
        has both. Empty: values are groups as they are.
    proxy : bool
        True: the values are guessed from something else, and a claim rests on the guesses.
    """

    name: str
    column: str
    bands: tuple[float, ...] = ()
    proxy: bool = False
    location: Location
