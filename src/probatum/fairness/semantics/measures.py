"""Quantities that a policy makes of two columns: the sums by group from which they and their errors follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement
from probatum.fairness.semantics.decisions import MISSING, column_of, condition_of, group_of, number_of
from probatum.fairness.semantics.relation import Relation, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over the units of one group: rows, or what the policy calls a cluster or a unit.

    Attributes
    ----------
    units : int
    top, bottom : float
        Of numerators N and denominators D.
    top_squares, products, bottom_squares : float
        Of N^2, N D and D^2.
    counts : bool
        Whether every N and D is 0 or 1, and no N without its D: then the quantity is a frequency.
    """

    units: int
    top: float
    bottom: float
    top_squares: float
    products: float
    bottom_squares: float
    counts: bool

    @property
    def value(self) -> float | None:
        """The quantity; None if nothing is in the denominator."""
        return self.top / self.bottom if self.bottom > 0 else None


def sums(policy: Policy, required: MeasureRequirement, relation: Relation, over: tuple[str, ...]) -> Mapping[str, Sums]:
    """Sum in one pass; rows that lack the numerator or the denominator are left out.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds no numbers, or a denominator or a weight is negative.
    """
    table, where = policy.decision, required.location
    top = number_of(required.numerator, relation, where, "a number")
    bottom = number_of(required.denominator, relation, where, "a number") if required.denominator else "1::double"
    weight = number_of(table.weight, relation, table.location, "a weight") if table.weight else "1::double"
    many = number_of(table.count, relation, table.location, "a number of rows") if table.count else "1::double"
    own = table.cluster or table.unit
    names = [quoted(f"g{n}") for n in range(len(over))]
    groups = ", ".join(f"{group_of(policy.protected[name], relation)} as {as_}" for name, as_ in zip(over, names, strict=True))
    keys = ", ".join(names)
    rows = (
        f"select {groups}, {f'cast({column_of(own, relation, table.location)} as varchar)' if own else 'null'} as u, "  # noqa: S608 - quoted
        f"{top} as a, {bottom} as b, {weight} as w, {many} as m from {{table}} {condition_of(table, relation)}"
    )
    if own:
        units = f"select {keys}, 1 as k, sum(m * w * a) as a, sum(m * w * b) as b, min(b) as least from r group by {keys}, u"  # noqa: S608 - quoted
    else:
        units = f"select {keys}, m as k, w * a as a, w * b as b, least(b, w, m) as least from r"  # noqa: S608 - quoted
    found: dict[str, Sums] = {}
    for row in relation.sql(
        f"with r as (select * from ({rows}) where isfinite(a) and isfinite(b) and isfinite(w) and isfinite(m)), v as ({units}) "  # noqa: S608 - quoted
        f"select {keys}, sum(k) as n, sum(k * a) as a, sum(k * b) as b, sum(k * a * a) as aa, sum(k * a * b) as ab, "
        f"sum(k * b * b) as bb, bool_and(a in (0, 1) and b in (0, 1) and a <= b) as counts, min(least) as least from v group by all"
    ):
        if row["least"] < 0:
            raise UnreadableArtefact(
                f"a denominator, a weight or a number of rows of `{required.id}` is negative",
                help="name a column of numbers of at least 0",
                location=where,
            )
        parts = [row[f"g{n}"] for n in range(len(over))]
        if policy.missing is Missing.EXCLUDE and any(part is None for part in parts):
            continue
        found[", ".join(MISSING if part is None else str(part) for part in parts)] = Sums(
            units=int(row["n"]),
            top=row["a"],
            bottom=row["b"],
            top_squares=row["aa"],
            products=row["ab"],
            bottom_squares=row["bb"],
            counts=bool(row["counts"]),
        )
    return dict(sorted(found.items()))
