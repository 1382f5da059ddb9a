"""Quantities that a policy makes of two columns: the sums by group or the units, from which they and their errors follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement
from probatum.fairness.semantics.decisions import MISSING, column_of, condition_of, group_of, number_of
from probatum.fairness.semantics.relation import Relation, quoted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The values of units, ascending: where a quantity's bounds need more than sums.

    Attributes
    ----------
    value : ndarray of float, (k,)
        Numerator by denominator.
    size : ndarray of float, (k,)
        The denominator, above 0.
    times : ndarray of float, (k,)
        How many units have both.
    """

    value: NDArray[np.float64]
    size: NDArray[np.float64]
    times: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over the units of one group: rows, or what the policy calls a cluster or a unit.

    Attributes
    ----------
    units : int
    top, bottom : float
        Of numerators N and denominators D.
    squares, cubes : float
        Of the residuals N - D top / bottom, to the second and the third power.
    counts : bool
        Whether every N and D is 0 or 1, and no N without its D: then the quantity is a frequency.
    points : Points or None
        The units themselves, where the policy declares a range or asks for a median.
    median : bool
        Whether the quantity is the median of the values, and not the ratio of the sums.
    span : (low, high) or None
        What no value can pass.
    """

    units: int
    top: float
    bottom: float
    squares: float
    cubes: float
    counts: bool
    points: Points | None = None
    median: bool = False
    span: tuple[float, float] | None = None

    @property
    def value(self) -> float | None:
        """The quantity; None if nothing is in the denominator."""
        if self.median and self.points is not None:
            return median_of(self.points)
        return self.top / self.bottom if self.bottom > 0 else None


def median_of(points: Points) -> float:
    """Return the median: the mean of both middle values, if there are two."""
    import numpy as np

    reached = np.cumsum(points.times)
    half = reached[-1] / 2
    low, high = np.searchsorted(reached, half, "left"), np.searchsorted(reached, half, "right")
    return float(points.value[low] + points.value[min(high, len(points.value) - 1)]) / 2


def sums(policy: Policy, required: MeasureRequirement, relation: Relation, over: tuple[str, ...]) -> Mapping[str, Sums]:
    """Sum in two passes; rows that lack the numerator or the denominator are left out.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds no numbers, a denominator or a weight is negative, or a value is outside
        the range that the policy declares.
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
    made = (
        f"with r as (select * from ({rows}) where isfinite(a) and isfinite(b) and isfinite(w) and isfinite(m)), v as ({units}) "  # noqa: S608 - quoted
    )
    same = " and ".join(f"v.{name} is not distinct from t.{name}" for name in names)
    found: dict[str, Sums] = {}
    for row in relation.sql(
        f"{made}, t as (select {keys}, sum(k) as n, sum(k * a) as ta, sum(k * b) as tb, "  # noqa: S608 - quoted
        f"bool_and(a in (0, 1) and b in (0, 1) and a <= b) as counts, min(least) as least from v group by all), "
        f"e as (select v.*, a - b * case when tb > 0 then ta / tb else 0 end as e from v join t on {same}), "
        f"f as (select {keys}, sum(k * e * e) as ee, sum(k * e * e * e) as eee from e group by all) "
        f"select t.*, ee, eee from t join f on {same.replace('v.', 'f.')}"
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
        found[_name(parts)] = Sums(
            units=int(row["n"]),
            top=row["ta"],
            bottom=row["tb"],
            squares=row["ee"],
            cubes=row["eee"],
            counts=bool(row["counts"]) and not required.median,
            median=required.median,
            span=required.span,
        )
    if required.median or required.span is not None:
        query = f"{made} select {keys}, a, b, sum(k) as k from v group by all"  # noqa: S608 - quoted
        points = _points(required, relation, query, len(over))
        found = {name: replace(own, points=points.get(name)) for name, own in found.items()}
    return dict(sorted(found.items()))


def _name(parts: Sequence[Any]) -> str:
    return ", ".join(MISSING if part is None else str(part) for part in parts)


def _points(required: MeasureRequirement, relation: Relation, query: str, width: int) -> dict[str, Points]:
    """Return the units of each group.

    Raises
    ------
    UnreadableArtefact
        If a value is outside the range that the policy declares.
    """
    import numpy as np

    keys = ", ".join(f"g{n}" for n in range(width))
    listed = f"select dense_rank() over (order by {keys}) as c, a, b, k, {keys} from ({query})"  # noqa: S608 - names of our own
    named = {
        row["c"]: _name([row[f"g{n}"] for n in range(width)])
        for row in relation.sql(f"select distinct c, {keys} from ({listed})")  # noqa: S608 - names of our own
    }
    read = relation.arrays(f"select c, a, b, cast(k as double) as k from ({listed}) where k > 0 order by c")  # noqa: S608 - names of our own
    code, top, bottom, times = (np.ma.getdata(read[name]).astype(float) for name in ("c", "a", "b", "k"))
    empty = bottom <= 0
    if required.span is not None:
        low, high = required.span
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(empty, np.where(top == 0, low, np.inf), top / bottom)
        room = 1e-9 * (high - low)  # of rounding, where sums are divided
        outside = (value < low - room) | (value > high + room)
        if outside.any():
            strange = float(value[outside][0])
            said = "a numerator without a denominator" if not np.isfinite(strange) else f"{strange:.6g}"
            raise UnreadableArtefact(
                f"a value of `{required.id}` is {said}, and the policy says that none is outside [{low:g}, {high:g}]",
                help="correct `range`, or the table",
                location=required.location,
            )
    found = {}
    for number, name in named.items():
        own = slice(*np.searchsorted(code, [number, number + 1]))
        kept = ~empty[own]
        value, size, many = top[own][kept] / bottom[own][kept], bottom[own][kept], times[own][kept]
        if required.span is not None:
            value = np.clip(value, *required.span)
        order = np.argsort(value, kind="stable")
        if len(value):
            found[name] = Points(value=value[order], size=size[order], times=many[order])
    return found
