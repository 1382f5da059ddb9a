"""How much of a gap may be left when groups are compared at equal characteristics: `kind: decomposition`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import intersection
from probatum.project.document import Node
from probatum.project.fields import Fields, fault
from probatum.source import Location


class Method(str, Enum):
    """How a gap is split."""

    OAXACA_BLINDER = "oaxaca-blinder"  # a linear regression for each group
    KITAGAWA = "kitagawa"  # rates within strata; every covariate has few values


class Reference(str, Enum):
    """Whose coefficients say what a characteristic is worth."""

    FIRST = "first"
    SECOND = "second"
    HALF = "half"  # the mean of both
    WEIGHTED = "weighted"  # the mean by sizes of the groups
    POOLED = "pooled"  # one regression for all (Neumark)
    POOLED_WITH_GROUP = "pooled-with-group"  # one regression for all in which the group is a covariate (Jann)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecompositionRequirement:
    """How much of a gap may be left when groups are compared at equal characteristics.

    Attributes
    ----------
    id : str
        Unique within the policy.
    outcome : str
        Column whose mean is compared; "": the decision, or the label where there is none.
    positive : str, float, bool or None
        The value of `outcome` that counts as 1, where it is no number.
    over : tuple of str
        An attribute, or an intersection of attributes.
    between : tuple of two str, or empty
        The groups that are compared, the first less the second. Empty: the largest with each other.
    covariates : mapping of str to tuple of str
        Columns by the name of the block that reports sum them up under.
    categorical : tuple of str
        Covariates whose numbers are names.
    site : str
        Column of where people were decided on; "" if there is none.
    method : Method
    reference : Reference
    at_most : float or None
        The largest unexplained part, in either direction; None if only a description is wanted.
    post_decision : tuple of str
        Columns that come about after the group had its effect on the decision, or through the decision itself.
    """

    id: str
    outcome: str = ""
    positive: str | float | bool | None = None
    over: tuple[str, ...]
    between: tuple[str, ...] = ()
    covariates: Mapping[str, tuple[str, ...]]
    categorical: tuple[str, ...] = ()
    site: str = ""
    method: Method = Method.OAXACA_BLINDER
    reference: Reference = Reference.POOLED_WITH_GROUP
    at_most: float | None = None
    post_decision: tuple[str, ...] = ()
    location: Location

    @property
    def columns(self) -> tuple[str, ...]:
        """All covariates, in the order of their blocks."""
        return tuple(column for block in self.covariates.values() for column in block)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> DecompositionRequirement:
    """Read the fields of such a requirement."""
    over = own.text("over", next(iter(protected)) if len(protected) == 1 else "")
    if not over:
        raise fault(own.node.location, f"{own.what} does not say between which groups", "add `over: ...` with one attribute")
    between = own.texts("between", ())
    if between and (len(between) != 2 or between[0] == between[1]):
        raise fault(own.at("between"), "`between` does not name two groups", "write `between: [first, second]`")
    positive = own.get("positive")
    if positive is not None and not isinstance(positive.value, str | int | float | bool):
        raise fault(positive.location, "`positive` is not one value", "write a text, a number, `true` or `false`")
    blocks = _blocks(own)
    limit = own.number("at_most", None, low=0.0)
    required = DecompositionRequirement(
        id=name,
        outcome=own.text("outcome", ""),
        positive=None if positive is None else positive.value,
        over=intersection(over, own, protected),
        between=between,
        covariates=blocks,
        categorical=own.texts("categorical", ()),
        site=own.text("site", ""),
        method=Method(own.text("method", Method.OAXACA_BLINDER.value, choices=[m.value for m in Method])),
        reference=Reference(own.text("reference", Reference.POOLED_WITH_GROUP.value, choices=[r.value for r in Reference])),
        at_most=None if limit is None else float(limit),
        post_decision=own.texts("post_decision", ()),
        location=own.node.location,
    )
    _consistent(required, own, protected)
    return required


def _blocks(own: Fields) -> Mapping[str, tuple[str, ...]]:
    node = own.get("covariates")
    if node is None:
        raise fault(own.node.location, f"{own.what} has no `covariates`", "add `covariates: {block: [column, ...]}`")
    if not isinstance(node.value, dict):
        return {column: (column,) for column in own.texts("covariates")}
    if not node.value:
        raise fault(node.location, "`covariates` names no block", "write `covariates: {block: [column, ...]}`")
    return {block: _columns(value, block) for block, value in node.value.items()}


def _columns(node: Node, block: str) -> tuple[str, ...]:
    items = node.value if isinstance(node.value, tuple) else (node,)
    if not items or not all(isinstance(item.value, str) and item.value for item in items):
        raise fault(node.location, f"the block `{block}` is not a list of columns", "write `[column, ...]`")
    return tuple(item.value for item in items)


def _consistent(required: DecompositionRequirement, own: Fields, protected: Mapping[str, Attribute]) -> None:
    columns = required.columns
    repeated = next((column for column in columns if columns.count(column) > 1), None)
    if repeated is not None:
        raise fault(own.at("covariates"), f"the covariate `{repeated}` occurs twice", "keep it in one block")
    if required.outcome in columns:
        raise fault(own.at("covariates"), f"the outcome `{required.outcome}` is among the covariates", "remove it there")
    groups = [protected[attribute].column for attribute in required.over]
    if taken := next((column for column in columns if column in groups), None):
        raise fault(own.at("covariates"), f"the groups' own column `{taken}` is among the covariates", "remove it there")
    for column in required.categorical:
        if column not in columns:
            raise fault(own.at("categorical"), f"`{column}` is not a covariate", "name covariates whose numbers are names")
    if required.site in columns and required.site:
        raise fault(own.at("site"), f"the site `{required.site}` is also a covariate", "name it once")
