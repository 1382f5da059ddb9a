"""Who there may be: what a policy says of a model's features, completed by the table's columns and the model's file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models.model import Model, TreeSum
from probatum.fairness.artefacts.twins import Domain, Range, Values
from probatum.fairness.semantics.relation import Relation, quoted
from probatum.source import Location

_FEW = 20  # different values that are listed rather than taken for a range


def domain_of(
    model: Model,
    said: Mapping[str, Range | Values],
    one_hot: Mapping[str, tuple[str, ...]],
    table: Callable[[], Relation | None],
    where: Location,
) -> Domain:
    """Return the domain of a model.

    Parameters
    ----------
    said : mapping
        What the policy says; it comes first.
    table : function
        Opens the table of decisions, if a feature needs it; None: there is none.

    Raises
    ------
    UnreadableArtefact
        If nothing is known of a feature.
    """
    grouped = {column for columns in one_hot.values() for column in columns}
    categories = model.categories if isinstance(model, TreeSum) else {}
    ranges = model.ranges if isinstance(model, TreeSum) else {}
    found: dict[str, Range | Values] = {name: own for name, own in said.items() if name not in model.features}  # is refused later
    for name in model.features:
        if name in grouped:
            continue
        if name in said:
            found[name] = said[name]
            continue
        own = _column(name, table())
        if own is not None:
            found[name] = own
        elif name in categories:
            found[name] = Values(tuple(float(v) for v in categories[name]))
        elif name in ranges and all(map(math.isfinite, ranges[name])):
            found[name] = Range(*ranges[name])
        else:
            raise UnreadableArtefact(
                f"nothing says which values the feature `{name}` can have",
                help=f"add `domain: {{{name}: [lowest, highest]}}`, or a column of numbers with its name to the table",
                location=where,
            )
    return Domain(features=found, one_hot=dict(one_hot))


def _column(name: str, relation: Relation | None) -> Range | Values | None:
    """Return the range of a column, or its values if they are few; None if it is not one of numbers."""
    if relation is None or name not in relation.columns:
        return None
    number = f"try_cast({quoted(name)} as double)"
    [row] = relation.sql(
        f"select min(v) as low, max(v) as high, count(v) as n, count(*) as rows, coalesce(bool_and(v = floor(v)), false) as whole, "  # noqa: S608 - quoted
        f"count(distinct v) as many, count(t) as texts "
        f"from (select nullif({number}, 'nan'::double) as v, nullif(trim(cast({quoted(name)} as varchar)), '') as t from {{table}}) "
        f"where v is null or (v < 'infinity'::double and v > '-infinity'::double)"
    )
    if not row["n"] or row["texts"] > row["n"]:
        return None
    if row["many"] <= _FEW and not row["whole"]:
        values = relation.sql(f"select distinct {number} as v from {{table}} where {number} is not null order by v")  # noqa: S608 - quoted
        listed = tuple(float(line["v"]) for line in values if math.isfinite(line["v"]))
        return Values(listed)
    return Range(float(row["low"]), float(row["high"]), bool(row["whole"]))
