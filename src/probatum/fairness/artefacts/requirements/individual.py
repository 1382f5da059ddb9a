"""Twins whom a model must treat alike, whoever they are: `kind: individual`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.twins import Output, Range, Twins, Values
from probatum.project.document import Node
from probatum.project.fields import Fields, fault
from probatum.source import Location


class Over(str, Enum):
    """How people are drawn of whom a share is asked: each feature by itself."""

    UNIFORM = "uniform"  # evenly over its range
    TABLE = "table"  # as often as the table has each value


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualRequirement:
    """Twins whom a model must treat alike.

    Attributes
    ----------
    id : str
        Unique within the policy.
    model : str
        Path of the model, as the policy writes it.
    twins : Twins
        Who is to be treated alike.
    output : Output
        What must not differ.
    bound : float
        By how much it may; 0 for decisions.
    threshold : float or None
        Of decisions; None: the policy's, or 0.5.
    domain : mapping of str to Range or Values
        What the policy says of features; of the others, the table does, or the model's file.
    one_hot : mapping of str to tuple of str
        Features of which exactly one is 1, by a name for the group.
    most_parts : int
        Parts of the domain to look at before the answer is that it is not known.
    share : float or None
        Of the domain, the largest share in which twins may be decided on differently; None: nowhere.
    over : Over
        Of which people that is a share.
    """

    id: str
    model: str
    twins: Twins
    output: Output
    bound: float
    threshold: float | None = None
    domain: Mapping[str, Range | Values] = field(default_factory=dict)
    one_hot: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    most_parts: int = 20_000
    share: float | None = None
    over: Over = Over.UNIFORM
    location: Location


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> IndividualRequirement:
    """Read the fields of such a requirement."""
    output = Output(own.text("output", Output.SCORE.value, choices=[o.value for o in Output]))
    vary = (*own.texts("vary", ()), *own.texts("proxies", ()))
    one_hot = _one_hot(own)

    def column(one: str) -> str:
        """A protected attribute is named as the policy does; the model knows its column."""
        return protected[one].column if one in protected and one not in one_hot else one

    more = {column(one): sign for key, sign in (("increasing", 1), ("decreasing", -1)) for one in own.texts(key, ())}
    tolerance = {column(one): width for one, width in _tolerance(own).items()}
    twins = Twins(vary=tuple(dict.fromkeys(map(column, vary))), tolerance=tolerance, more=more)
    if not twins.differing():
        raise fault(
            own.node.location,
            f"{own.what} does not say what twins differ in",
            "add `vary: [...]`, `tolerance: {...}` or `increasing: [...]`",
        )
    if len(set(twins.differing())) != len(twins.differing()):
        raise fault(own.node.location, f"{own.what} lets twins differ in one feature in two ways", "name each feature once")
    if output is Output.DECISION and "at_most" in own:
        raise fault(own.at("at_most"), "a decision differs or does not", "remove `at_most`, or ask for the `score`")
    threshold = own.number("threshold", None)
    share = own.number("share", None, low=0.0, high=1.0)
    over = Over(own.text("of", Over.UNIFORM.value, choices=[one.value for one in Over]))
    if share is not None and output is not Output.DECISION:
        raise fault(own.at("share"), "a share is one of decisions that differ", "write `output: decision`")
    if share is not None and (tolerance or more):
        raise fault(
            own.at("share"), "a share is asked of twins who may differ in any way", "name what they differ in with `vary`"
        )
    return IndividualRequirement(
        id=name,
        model=own.text("model"),
        twins=twins,
        output=output,
        bound=0.0 if output is Output.DECISION else float(own.number("at_most", 0.0 if more else _required(own), low=0.0)),
        threshold=None if threshold is None else float(threshold),
        domain=_domain(own),
        one_hot=one_hot,
        most_parts=own.whole("parts", 20_000, low=1),
        share=None if share is None else float(share),
        over=over,
        location=own.node.location,
    )


def _required(own: Fields) -> Any:
    if "at_most" not in own:
        raise fault(own.node.location, f"{own.what} has no `at_most`", "say by how much the output may differ: `at_most: 0.02`")
    return None


def _members(own: Fields, name: str) -> Mapping[str, Node]:
    node = own.get(name)
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        raise fault(node.location, f"`{name}` is not a mapping", "write `{feature: ...}`")
    members: Mapping[str, Node] = node.value
    return members


def _tolerance(own: Fields) -> Mapping[str, float]:
    found = {}
    for name, node in _members(own, "tolerance").items():
        if not _number(node) or node.value < 0:
            raise fault(
                node.location, f"the tolerance of `{name}` is no number of at least 0", "write by how much twins may differ"
            )
        found[name] = float(node.value)
    return found


def _one_hot(own: Fields) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for name, node in _members(own, "one_hot").items():
        items = node.value if isinstance(node.value, tuple) else ()
        if len(items) < 2 or not all(isinstance(item.value, str) for item in items):
            raise fault(node.location, f"`{name}` is no list of features", "name the features of which one is 1")
        found[name] = tuple(item.value for item in items)
    return found


def _domain(own: Fields) -> Mapping[str, Range | Values]:
    """Read `feature: [low, high]`, `feature: {from: low, to: high, whole: true, missing: true}` or `feature: {values: [...]}`."""
    found: dict[str, Range | Values] = {}
    for name, node in _members(own, "domain").items():
        if isinstance(node.value, tuple):
            if len(node.value) != 2 or not all(_number(item) for item in node.value):
                raise fault(node.location, f"the domain of `{name}` is no pair of numbers", "write `[lowest, highest]`")
            found[name] = _range(name, node, float(node.value[0].value), float(node.value[1].value))
            continue
        fields = Fields(node, f"the domain of `{name}`")
        missing = fields.boolean("missing", False)
        if "values" in fields:
            values = fields.get("values")
            items = values.value if values is not None and isinstance(values.value, tuple) else ()
            if not items or not all(_number(item) for item in items):
                raise fault(fields.at("values"), f"the values of `{name}` are no numbers", "write them as the model knows them")
            found[name] = Values(tuple(sorted({float(item.value) for item in items})), missing)
        else:
            whole = fields.boolean("whole", False)
            found[name] = _range(
                name, node, float(fields.number("from")), float(fields.number("to")), whole=whole, missing=missing
            )
        fields.close()
    return found


def _range(name: str, node: Node, low: float, high: float, *, whole: bool = False, missing: bool = False) -> Range:
    if high < low:
        raise fault(node.location, f"the domain of `{name}` is empty", "write the lowest value first")
    return Range(low, high, whole, missing)


def _number(node: Node) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)
