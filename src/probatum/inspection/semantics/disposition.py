"""What becomes of one unit, by what its policy says that mistakes cost: where what is known of it does not decide, a person looks.

The probability that a unit is damaged is two numbers, of which one is calibrated (`stats/venn_abers.py`); its severity is an interval. A
choice counts only if it is the cheapest everywhere from one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Literal

from probatum.inspection.artefacts.capture import TYPES
from probatum.inspection.artefacts.disposition import Costs, Disposition, ItemClass, Outlet
from probatum.records import dataclass

Action = Literal["ship", "look", "sideline"]
_ACTIONS: tuple[Action, ...] = ("ship", "look", "sideline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is known of a unit.

    Attributes
    ----------
    product, material : str
        Empty where nobody said.
    probability : (float, float) or None
        Ends of the probability that it is damaged, at the share of damaged units where it is; None if nothing can be said.
    types : tuple of str
        Which damage it is, if it is any; empty if it may be of any type.
    certain : tuple of str
        Types that are there: a person saw them, or they alarmed within a budget that is certified.
    severity : (float, float)
        Its ends, 0 to 1.
    on_product : bool or None
        None if it is not known whether damage is on the product, or on what it is packed in only.
    alarms : bool
        Whether its score is above a threshold within a budget that is certified. A unit that does not alarm is not put aside unseen:
        the budget would not hold. One that does is not shipped because that is cheap, but only if its damage is tolerated.
    seen : bool
        Whether a person looked at it.
    """

    product: str = ""
    material: str = ""
    probability: tuple[float, float] | None
    types: tuple[str, ...] = ()
    certain: tuple[str, ...] = ()
    severity: tuple[float, float] = (0.0, 1.0)
    on_product: bool | None = None
    alarms: bool = True
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What becomes of a unit.

    Attributes
    ----------
    action : {"ship", "look", "sideline"}
    reason : str
        One line, lower case.
    costs : mapping of action to (float, float)
        Of each action, the least and the most that is to be expected.
    of : str
        Name of the class of items.
    """

    action: Action
    reason: str
    costs: Mapping[Action, tuple[float, float]]
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What becomes of a unit that was put aside.

    Attributes
    ----------
    outlet : str
        "" if a person decides.
    reason : str
    gain : mapping of str to float
        Proceeds less cost of each outlet that may take it, the highest first.
    """

    outlet: str
    reason: str
    gain: Mapping[str, float]


def decide(policy: Disposition, unit: Unit) -> Decided:
    """Decide whether a unit is shipped, looked at by a person, or put aside.

    Parameters
    ----------
    policy : Disposition
    unit : Unit

    Returns
    -------
    Decided

    Raises
    ------
    ValueError
        If an interval is none within 0 and 1, or a type of damage is none.

    Notes
    -----
    With p the probability of damage, c what it costs to ship it, a and s what it costs to put a damaged and a sound unit aside, v what
    a look costs and m the share that people miss, expected costs are ``p c`` (ship), ``p a + (1 - p) s`` (sideline) and
    ``v + p ((1 - m) a + m c)`` (look, and then do what is right). Damage that is tolerated counts as none. The difference of two
    actions is linear in p, and in the probability that damage is tolerated: so one that is cheapest at all corners of what is possible
    is cheapest everywhere. If there is none, a person looks: nothing is averaged over what is not known.
    """
    _verify(unit)
    of = policy.class_of(product=unit.product, material=unit.material)
    always = sorted(set(unit.certain) & set(of.always_sideline))
    shipped = _shipped(of, unit)
    p_ends = unit.probability or (0.0, 1.0)
    corners = [_costs(p, c, of.costs, policy.people_miss) for p, c in product(dict.fromkeys(p_ends), dict.fromkeys(shipped))]
    costs = {action: (min(one[action] for one in corners), max(one[action] for one in corners)) for action in _ACTIONS}

    def decided(action: Action, reason: str) -> Decided:
        return Decided(action=action, reason=reason, costs=costs, of=of.name)

    if always:
        return decided("sideline", f"{always[0]} always puts aside what is of `{of.name}`")
    if unit.probability is None:
        return decided("look", "nothing can be said of it by itself")
    if shipped == (0.0, 0.0):
        return decided("ship", f"all damage that it can have is tolerated of `{of.name}`")
    best = [action for action in _ACTIONS if all(one[action] <= min(one.values()) for one in corners)]
    if not best:
        return decided("look", _open(unit, shipped, corners))
    if best[0] == "sideline" and not (unit.alarms or unit.seen):
        return decided("look", "putting it aside is cheapest, and its score does not alarm within the budget")
    if best[0] == "ship" and unit.alarms:
        return decided("look", "shipping it is cheapest, and its score alarms: only damage that is tolerated is shipped then")
    return decided(best[0], f"{_named(best[0])} is cheapest at a probability of damage {_between(p_ends)}")


def tolerated(of: ItemClass, *, types: Iterable[str], severity: tuple[float, float], on_product: bool | None) -> bool | None:
    """Whether damage is shipped as if it were none: of each of these types, at each severity and place that is possible.

    Returns
    -------
    bool or None
        None if it depends on what is not known.
    """
    places = ("packaging", "product") if on_product is None else ("product",) if on_product else ("packaging",)
    said = {
        any(kind in one.types and one.on in (place, "anywhere") and worst <= one.up_to for one in of.tolerable)
        for kind, place, worst in product(types, places, severity)
    }
    return said.pop() if len(said) == 1 else None


def place(policy: Disposition, unit: Unit) -> Placed:
    """Decide what becomes of a unit that was put aside: the outlet with most gain, of those that may take it whatever is true of it.

    Where one with more gain may take it, or may not, depending on what is not known, a person decides.
    """
    _verify(unit)
    of = policy.class_of(product=unit.product, material=unit.material)
    sure: list[Outlet] = []
    open_: list[Outlet] = []
    for outlet in policy.outlets:
        takes = _takes(outlet, of, unit)
        if takes is not False:
            (sure if takes else open_).append(outlet)
    ranked = sorted(sure, key=_gain, reverse=True)
    gain = {one.outlet: _gain(one) for one in reversed(ranked)}
    gain = dict(sorted(gain.items(), key=lambda item: -item[1]))
    if not ranked:
        return Placed(outlet="", reason="the policy names no outlet that takes it", gain=gain)
    first = ranked[0]
    better = [one for one in open_ if _gain(one) > _gain(first)]
    if better:
        most = max(better, key=_gain)
        return Placed(
            outlet="", reason=f"{most.outlet} gains more, and whether it may be is not known: a person decides", gain=gain
        )
    return Placed(
        outlet=first.outlet,
        reason=f"{first.outlet} gains most of what may be: {_gain(first):g} {policy.currency}".rstrip(),
        gain=gain,
    )


def _takes(outlet: Outlet, of: ItemClass, unit: Unit) -> bool | None:
    if outlet.classes and of.name not in outlet.classes:
        return False
    places = ("packaging", "product") if unit.on_product is None else ("product",) if unit.on_product else ("packaging",)
    at = {outlet.on in (where, "anywhere") for where in places}
    types = {kind in outlet.types for kind in _types(unit)}
    severe = {end <= outlet.up_to for end in unit.severity}
    if {False} in (at, severe) or (types == {False} or (unit.certain and not set(unit.certain) <= set(outlet.types))):
        return False
    return True if at == types == severe == {True} else None


def _types(unit: Unit) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*unit.certain, *unit.types))) or TYPES


def _gain(outlet: Outlet) -> float:
    return outlet.proceeds - outlet.cost


def _shipped(of: ItemClass, unit: Unit) -> tuple[float, float]:
    """Return the least and the most that damage costs if it is shipped."""
    cost = of.costs.ship_damaged
    # What is certain is there together with whatever else may be: one type that is not tolerated decides.
    for kind in unit.certain:
        if tolerated(of, types=(kind,), severity=unit.severity, on_product=unit.on_product) is False:
            return cost, cost
    ok = tolerated(of, types=_types(unit), severity=unit.severity, on_product=unit.on_product)
    return (0.0, cost) if ok is None else (0.0, 0.0) if ok else (cost, cost)


def _costs(p: float, shipped: float, costs: Costs, missed: float) -> dict[Action, float]:
    aside = costs.sideline_damaged if shipped else costs.sideline_sound
    # Damage that is tolerated is, for whoever looks, as good as none.
    seen = (1 - missed) * costs.sideline_damaged + missed * shipped if shipped else 0.0
    return {
        "ship": p * shipped,
        "look": costs.look + p * seen,
        "sideline": p * aside + (1 - p) * costs.sideline_sound,
    }


def _open(unit: Unit, shipped: tuple[float, float], corners: list[dict[Action, float]]) -> str:
    if shipped[0] != shipped[1]:
        return "what is cheapest depends on whether the damage is tolerated, which is not known"
    low, high = unit.probability or (0.0, 1.0)
    least = {min(one, key=lambda action: one[action]) for one in corners}
    return f"a probability of damage {_between((low, high))} does not decide between {' and '.join(sorted(map(_named, least)))}"


def _named(action: str) -> str:
    return {"ship": "shipping it", "look": "a look", "sideline": "putting it aside"}[action]


def _between(ends: tuple[float, float]) -> str:
    low, high = (f"{100 * share:.3g}%" for share in ends)
    return f"of {low}" if low == high else f"from {low} to {high}"


def _verify(unit: Unit) -> None:
    for low, high in (unit.severity, unit.probability or (0.0, 1.0)):
        if not 0 <= low <= high <= 1:
            raise ValueError(f"from {low:g} to {high:g} is no interval within 0 and 1")
    for kind in (*unit.types, *unit.certain):
        if kind not in TYPES:
            raise ValueError(f"`{kind}` is no type of damage")
