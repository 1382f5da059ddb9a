"""Scarce things that are shared out fairly: `kind: allocation`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from probatum.fairness.artefacts.attribute import Attribute
from probatum.project.document import Node
from probatum.project.fields import Fields, fault
from probatum.source import Location

# Short enough that nobody can make a number of millions of digits.
_numeral = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,2})?")
WELFARES = ("leximin", "utilitarian", "nash", "alpha")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What an allocation must keep, and what makes one better than another.

    A utility is the value that an agent gets, or the share of its need that is met.

    Attributes
    ----------
    welfare : str
        `leximin`: the worst off first, then the next. `utilitarian`: the weighted sum. `nash`: the
        weighted sum of logarithms. `alpha`: of `u**(1 - alpha) / (1 - alpha)`, with `alpha` beside it.
    alpha : Fraction
        Of the family in which 0 is utilitarian and 1 is Nash.
    group_gap : Fraction or None
        Largest difference between the service rates of two groups: the share of a group's need that
        is met, or its mean utility where agents have no needs.
    floor : Fraction or None
        Smallest utility of anyone.
    floors : mapping of str to Fraction
        Smallest utility of an agent, or service rate of a group.
    envy : str
        `free`: nobody values what another has more; `ef1`: not after some one thing of it is taken away. What is
        beyond one's need counts as far as it goes, so that who has all that is needed may still envy.
    proportional : str
        `prop1`: everyone has their share of the whole, or would with some one thing more.
    mms : bool
        Everyone has at least the most they could guarantee themselves by dividing, and choosing last.
    priority : bool
        Whoever has the higher priority is served at least as well.
    max_distance : Fraction or None
        Nobody is served from farther away.
    price_cap : Fraction or None
        Largest share of the total utility that fairness may cost.
    chance : Fraction or None
        Needs are uncertain, and each is exceeded with at most this probability.
    """

    welfare: str = "leximin"
    alpha: Fraction = Fraction(0)
    group_gap: Fraction | None = None
    floor: Fraction | None = None
    floors: Mapping[str, Fraction] = field(default_factory=dict)
    envy: str = ""
    proportional: str = ""
    mms: bool = False
    priority: bool = False
    max_distance: Fraction | None = None
    price_cap: Fraction | None = None
    chance: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a table of agents is to be read.

    Attributes
    ----------
    columns : mapping of str to tuple of str
        Field of an agent to the columns whose product it is; a field that is absent has a column of its name.
    supply, supply_share : Fraction or None
        Capacity of the one resource of such a table: an amount, or a share of all needs.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    supply: Fraction | None = None
    supply_share: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRequirement:
    """Things that must be shared out as demanded, and as well as can be.

    Attributes
    ----------
    id : str
    file : str
        Path of the problem: who needs what, what there is, and what was allocated.
    demands : Demands
    reading : Reading
    tolerance : Fraction
        Share of what is attainable that an allocation may fall short without being reported.
    """

    id: str
    file: str
    demands: Demands
    reading: Reading
    tolerance: Fraction
    location: Location


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> AllocationRequirement:
    """Read the fields of such a requirement."""
    del protected
    return AllocationRequirement(
        id=name,
        file=own.text("file"),
        demands=read_demands(own),
        reading=read_reading(own),
        tolerance=exact(own.number("tolerance", 0.01, low=0.0, high=1.0)),
        location=own.node.location,
    )


def read_demands(own: Fields) -> Demands:
    """Read what is demanded, from a requirement or from the problem itself."""
    welfare = own.text("welfare", "leximin", choices=WELFARES)
    alpha = own.number("alpha", None, low=0.0, high=20.0)
    if (alpha is None) == (welfare == "alpha"):
        raise fault(own.at("alpha"), "`alpha` goes with `welfare: alpha`", "write both, or neither")
    found = Demands(
        welfare=welfare,
        group_gap=_amount(own, "group_gap"),
        floor=_amount(own, "floor"),
        floors=_floors(own),
        envy=own.text("envy", "", choices=("free", "ef1")) if "envy" in own else "",
        proportional=own.text("proportional", "", choices=("prop1",)) if "proportional" in own else "",
        mms=own.boolean("mms", False),
        priority=own.boolean("priority", False),
        max_distance=_amount(own, "max_distance"),
        price_cap=_amount(own, "price_cap", high=1.0),
        chance=_amount(own, "chance", high=0.5),
    )
    for absent in ("envy", "proportional"):
        own.get(absent)
    chosen = {"utilitarian": Fraction(0), "nash": Fraction(1)}.get(welfare, exact(alpha or 0))
    return replace(
        found,
        alpha=chosen,
        welfare={Fraction(0): "utilitarian", Fraction(1): "nash"}.get(chosen, welfare) if welfare == "alpha" else welfare,
    )


def read_reading(own: Fields) -> Reading:
    """Read how a table is to be read."""
    node = own.get("columns")
    columns: dict[str, tuple[str, ...]] = {}
    if node is not None:
        inner = Fields(node, "`columns`")
        columns = {key: inner.texts(key) for key in node.value}
    supply, share = _amount(own, "supply"), _amount(own, "supply_share")
    if supply is not None and share is not None:
        raise fault(own.at("supply_share"), "there are a `supply` and a `supply_share`", "keep one of them")
    return Reading(columns=columns, supply=supply, supply_share=share)


def _amount(own: Fields, name: str, *, high: float = float("inf")) -> Fraction | None:
    value = own.number(name, None, low=0.0, high=high)
    return None if value is None else exact(value)


def _floors(own: Fields) -> Mapping[str, Fraction]:
    node: Node | None = own.get("floors")
    if node is None:
        return {}
    inner = Fields(node, "`floors`")
    return {key: exact(inner.number(key, low=0.0)) for key in node.value}


def exact(value: Any) -> Fraction:
    """Return the number that was written: 0.1 is a tenth.

    Raises
    ------
    ValueError
        If it is not a finite number.
    """
    if isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - what it is, the caller says
    if isinstance(value, Fraction):
        return value
    text = str(value).strip()
    if not _numeral.fullmatch(text):
        raise ValueError(text)
    return Fraction(text)
