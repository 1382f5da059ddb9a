"""What it costs to bring groups nearer: the settings that no other one of their kind beats in both gap and price.

Settings are fitted, and compared with each other, on one half of the people; what
is told of them, with bounds that hold for all of them together, is measured on
the other half. The best on the first half would look better there than it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement
from probatum.fairness.model.repairs.people import FIT, People
from probatum.fairness.model.repairs.safety import samples, tightened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A setting, and the decisions by it, whose groups are within a bound of each other; None if there is none.
Maker: TypeAlias = "Callable[[float], tuple[Mapping[str, Any], NDArray[np.int8]] | None]"
_STEPS = (1.0, 0.75, 0.5, 0.35, 0.2, 0.1, 0.05, 0.0)  # of the gap that the cheapest setting has


def front(
    people: People, required: GroupRequirement, make: Maker, *, tick: Callable[[], None]
) -> list[tuple[Mapping[str, Any], NDArray[np.int8]]]:
    """Return the settings of one kind that none beats in both, from the cheapest to the one with the least gap.

    Parameters
    ----------
    tick : callable
        Called before each setting; may raise to end it.

    Notes
    -----
    The price is the number of errors where truth is known, and of changed decisions elsewhere, as it is for `make`.
    """
    loosest = 1.0 if required.compare is Compare.DIFFERENCE else 0.0
    tick()
    first = make(loosest)
    if first is None:
        return []
    found = [first]
    start = apart(people, first[1], required)
    for step in _STEPS:
        tick()
        one = make(start * step if required.compare is Compare.DIFFERENCE else 1 - (1 - start) * step)
        if one is not None:
            found.append(one)
    return _unbeaten(
        (_farness(people, decision, required), _cost(people, decision), (setting, decision)) for setting, decision in found
    )


def apart(people: People, decision: NDArray[np.int8], required: GroupRequirement) -> float:
    """Return the largest difference, or the smallest ratio, between groups, of all quantities, on the fitting half."""
    gaps = []
    for metric in required.metrics:
        rates = [one.hits / one.trials for one in samples(people, decision, metric, half=FIT).values()]
        if len(rates) > 1:
            difference = required.compare is Compare.DIFFERENCE
            gaps.append(max(rates) - min(rates) if difference else min(rates) / max(rates) if max(rates) > 0 else 1.0)
    return (max if required.compare is Compare.DIFFERENCE else min)(gaps, default=tightened(required, 1.0))


def _farness(people: People, decision: NDArray[np.int8], required: GroupRequirement) -> float:
    value = apart(people, decision, required)
    return value if required.compare is Compare.DIFFERENCE else 1 - value


def _cost(people: People, decision: NDArray[np.int8]) -> int:
    fit = people.half == FIT
    known = fit & (people.label >= 0)
    if known.any():
        return int((decision[known] != people.label[known]).sum())
    return int((decision[fit] != people.decision[fit]).sum())


def _unbeaten(points: Iterable[tuple[float, int, Any]]) -> list[Any]:
    """Return what no other point beats: by ascending cost, each with a smaller gap than all before it."""
    kept: list[Any] = []
    least = float("inf")
    for gap, _, what in sorted(points, key=lambda point: (point[1], point[0])):
        if gap < least:
            least = gap
            kept.append(what)
    return kept
