"""What is to be done with units that may be damaged: what is tolerated where, what each mistake costs, and what becomes of what is put aside.

    schema: probatum-inspection-disposition/1
    currency: EUR
    prevalence: [0.0005, 0.002]     # share of units that are damaged, where this is used
    costs: {ship_damaged: 45, sideline_damaged: 6, sideline_sound: 9, look: 0.7}
    people_miss: 0.02
    classes:                        # the first that fits a unit counts
      - name: glass
        materials: [glass]
        costs: {ship_damaged: 90}
        always_sideline: [spill, opened]
      - name: others                # neither `materials` nor `products`: the rest
        tolerable:
          - {types: [crush, superficial], on: packaging, up_to: 0.3}
    outlets:
      - {outlet: discount, types: [superficial], up_to: 0.5, cost: 1.2, proceeds: 12}
      - {outlet: dispose, cost: 0.9}

A `tolerable` entry is of damage that is shipped as if it were none. All costs are of one unit, in one currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Literal, get_args

from probatum.inspection.artefacts.capture import TYPES
from probatum.project.document import Node, parse, suggestion
from probatum.project.fields import Fields, fault
from probatum.records import dataclass
from probatum.source import Location, Text

SCHEMA = "probatum-inspection-disposition/1"
Place = Literal["packaging", "product", "anywhere"]
OUTLETS = ("discount", "refurbish", "donate", "dispose")
_PLACES: tuple[Place, ...] = get_args(Place)
_MOST = 1e12  # of a currency
_COSTS = ("ship_damaged", "sideline_damaged", "sideline_sound", "look")


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one unit costs, beside what it costs anyway.

    Attributes
    ----------
    ship_damaged : float
        Damage that is not tolerated, at a customer.
    sideline_damaged, sideline_sound : float
        A unit that is put aside rightly, and for nothing.
    look : float
        A person looks at it, whatever comes of it.
    """

    ship_damaged: float
    sideline_damaged: float
    sideline_sound: float
    look: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerable:
    """Damage that is shipped as if it were none.

    Attributes
    ----------
    types : tuple of str
        Of `TYPES`.
    on : {"packaging", "product", "anywhere"}
    up_to : float
        Severity, from 0 to 1.
    """

    types: tuple[str, ...]
    on: Place
    up_to: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClass:
    """Items of which the same is tolerated, and costs the same.

    Attributes
    ----------
    name : str
    materials : tuple of str
        As `item_material`; empty for any.
    products : tuple of str
        Patterns of `item_identifier`, in which `*` is any text; empty for any.
    costs : Costs
    tolerable : tuple of Tolerable
    always_sideline : tuple of str
        Types of damage that put a unit aside as soon as they are certain, whatever the costs.
    """

    name: str
    materials: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    costs: Costs
    tolerable: tuple[Tolerable, ...] = ()
    always_sideline: tuple[str, ...] = ()

    def has(self, *, product: str, material: str) -> bool:
        """Whether an item is of this class."""
        return (not self.materials or material in self.materials) and (
            not self.products or any(fnmatchcase(product, pattern) for pattern in self.products)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What may become of a unit that was put aside.

    Attributes
    ----------
    outlet : str
        Of `OUTLETS`.
    types : tuple of str
        Damage with which that may be.
    on : {"packaging", "product", "anywhere"}
    up_to : float
        Severity.
    classes : tuple of str
        Names of classes of items; empty for all.
    cost, proceeds : float
    """

    outlet: str
    types: tuple[str, ...]
    on: Place
    up_to: float
    classes: tuple[str, ...]
    cost: float
    proceeds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What becomes of units that may be damaged.

    Attributes
    ----------
    currency : str
    prevalence : (float, float)
        Between which the share of damaged units lies, above 0 and below 1.
    people_miss : float
        Share of damage, not tolerated, that a person who looks does not see.
    classes : tuple of ItemClass
        The last is of all that are of no other.
    outlets : tuple of Outlet
        Empty if the policy does not say what becomes of what is put aside.
    location : Location
    """

    currency: str
    prevalence: tuple[float, float]
    people_miss: float
    classes: tuple[ItemClass, ...]
    outlets: tuple[Outlet, ...]
    location: Location

    def class_of(self, *, product: str = "", material: str = "") -> ItemClass:
        """Return the first class that an item is of; the last, of which all are, if there is no other."""
        return next((own for own in self.classes if own.has(product=product, material=material)), self.classes[-1])


def read_disposition(text: Text) -> Disposition:
    """Read a file that says what becomes of units.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with its place.
    """
    own = Fields(parse(text, extra="inspection"), "the disposition")
    own.text("schema", "", choices=[SCHEMA])
    own.text("description", "")
    currency = own.text("currency", "")
    costs = _costs(own.get("costs"))
    classes = tuple(_classes(own, costs))
    outlets = tuple(_outlets(own.get("outlets"), [one.name for one in classes]))
    found = Disposition(
        currency=currency,
        prevalence=_prevalence(own),
        people_miss=float(own.number("people_miss", 0.0, low=0.0, high=1.0)),
        classes=classes,
        outlets=outlets,
        location=own.node.location,
    )
    own.close()
    for one in classes if outlets else ():
        if not any(_takes_all(outlet, one) for outlet in outlets):
            raise fault(
                own.at("outlets"),
                f"no outlet takes every unit of the class `{one.name}`",
                "add `- {outlet: dispose, cost: ...}` without conditions",
            )
    return found


def _prevalence(own: Fields) -> tuple[float, float]:
    node = own.get("prevalence")
    wrong = "write the share of damaged units where this is used, `0.001`, or between which two it lies, `[0.0005, 0.002]`"
    if node is None:
        raise fault(own.node.location, "nothing says how many units are damaged (`prevalence`)", wrong)
    ends = tuple(one.value for one in node.value) if isinstance(node.value, tuple) else (node.value, node.value)
    if len(ends) != 2 or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in ends):
        raise fault(node.location, "`prevalence` is neither a number nor two", wrong)
    if not 0 < ends[0] <= ends[1] < 1:
        raise fault(node.location, f"`prevalence` is from {ends[0]:g} to {ends[1]:g}, and not within 0 and 1", wrong)
    return float(ends[0]), float(ends[1])


def _takes_all(outlet: Outlet, of: ItemClass) -> bool:
    anyhow = outlet.types == TYPES and outlet.on == "anywhere" and outlet.up_to >= 1
    return anyhow and (not outlet.classes or of.name in outlet.classes)


def _costs(node: Node | None, others: Mapping[str, float] | None = None) -> dict[str, float]:
    if node is None:
        return dict(others or {})
    own = Fields(node, "`costs`")
    found = dict(others or {}) | {name: float(own.number(name, low=0.0, high=_MOST)) for name in _COSTS if name in own}
    for name in _COSTS:
        own.get(name)
    own.close()
    return found


def _classes(root: Fields, costs: Mapping[str, float]) -> Iterator[ItemClass]:
    nodes = _list(root, "classes")
    names: set[str] = set()
    for at, node in enumerate(nodes):
        one = _class(node, costs)
        if one.name in names:
            raise fault(node.location, f"there are two classes `{one.name}`", "give each a name of its own")
        names.add(one.name)
        anything = not one.materials and not one.products
        if anything and at + 1 < len(nodes):
            raise fault(
                node.location, f"all items are of the class `{one.name}`, and none of those after it", "write it as the last one"
            )
        yield one
        if anything:
            return
    yield ItemClass(name="(others)", costs=_complete(costs, root.node, "`costs`"))


def _class(node: Node, costs: Mapping[str, float]) -> ItemClass:
    own = Fields(node, "a class of items")
    name = own.text("name")
    found = ItemClass(
        name=name,
        materials=own.texts("materials", ()),
        products=own.texts("products", ()),
        costs=_complete(_costs(own.get("costs"), costs), node, f"the class `{name}`"),
        tolerable=tuple(_tolerable(one) for one in _list(own, "tolerable")),
        always_sideline=_types(own, "always_sideline", ()),
    )
    own.close()
    for one in found.tolerable:
        for both in sorted(set(one.types) & set(found.always_sideline)):
            raise fault(
                own.at("always_sideline"),
                f"`{both}` is tolerable, and always put aside, in `{name}`",
                "remove it from one of both",
            )
    return found


def _complete(costs: Mapping[str, float], node: Node, what: str) -> Costs:
    missing = [name for name in _COSTS if name not in costs]
    if missing:
        raise fault(node.location, f"{what} has no cost `{missing[0]}`", f"add `{missing[0]}: ...` to `costs`")
    return Costs(**costs)


def _tolerable(node: Node) -> Tolerable:
    own = Fields(node, "`tolerable`")
    found = Tolerable(types=_types(own, "types", TYPES), on=_place(own), up_to=_severity(own))
    own.close()
    return found


def _outlets(node: Node | None, classes: list[str]) -> Iterator[Outlet]:
    if node is None:
        return
    if not isinstance(node.value, tuple):
        raise fault(node.location, "`outlets` is not a list", "write `- {outlet: dispose, cost: ...}` lines")
    for one in node.value:
        own = Fields(one, "an outlet")
        found = Outlet(
            outlet=own.text("outlet", choices=OUTLETS),
            types=_types(own, "types", TYPES),
            on=_place(own),
            up_to=_severity(own),
            classes=own.texts("classes", ()),
            cost=float(own.number("cost", 0.0, low=0.0, high=_MOST)),
            proceeds=float(own.number("proceeds", 0.0, low=0.0, high=_MOST)),
        )
        own.close()
        for name in found.classes:
            if name not in classes:
                raise fault(own.at("classes"), f"there is no class `{name}`", suggestion(name, classes))
        yield found


def _list(own: Fields, name: str) -> tuple[Node, ...]:
    node = own.get(name)
    if node is None:
        return ()
    if not isinstance(node.value, tuple):
        raise fault(node.location, f"`{name}` is not a list", "write one entry after each `- `")
    return node.value


def _types(own: Fields, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = own.texts(name, default)
    for one in found:
        if one not in TYPES:
            raise fault(own.at(name), f"`{one}` is no type of damage", suggestion(one, TYPES))
    return found


def _place(own: Fields) -> Place:
    said = own.text("on", "anywhere", choices=_PLACES)
    return next(place for place in _PLACES if place == said)


def _severity(own: Fields) -> float:
    return float(own.number("up_to", 1.0, low=0.0, high=1.0))
