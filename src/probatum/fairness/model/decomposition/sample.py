"""The rows that a decomposition is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.semantics.design import Design, literal
from probatum.fairness.semantics.relation import Relation

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_ONE_BY_ONE = 200_000  # rows that are read as they are
SINGULAR = 1e-6  # of a column's length: less than this of it is not explained by columns before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Rows of two groups.

    Attributes
    ----------
    y : array of shape (n,)
        Outcome.
    first : bool array of shape (n,)
        Whether a row is of the first group.
    x : array of shape (n, p)
        Characteristics, without a constant.
    names, blocks, covariates : tuple of str, of length p
        Of the columns of `x`; the columns of one covariate whose values are names follow each other.
    base : mapping of str to str
        The level of a covariate that has no column.
    mass : array of shape (n,)
        Weight of one decision, positive.
    many : array of shape (n,)
        For how many decisions a row stands, positive.
    cluster, site : int array of shape (n,), or None
        From 0 on, without gaps.
    sites : tuple of str
        Names of sites, by their numbers.
    pair : tuple of two str
        Names of the groups.
    dropped : tuple of str
        Columns that others determine, and that were left out.
    """

    y: Floats
    first: NDArray[np.bool_]
    x: Floats
    names: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)
    mass: Floats
    many: Floats
    cluster: Codes | None = None
    site: Codes | None = None
    sites: tuple[str, ...] = ()
    pair: tuple[str, str] = ("first", "second")
    dropped: tuple[str, ...] = ()

    @staticmethod
    def of(
        y: Floats,
        first: NDArray[np.bool_],
        x: Floats,
        names: tuple[str, ...],
        *,
        cluster: Codes | None = None,
        site: Codes | None = None,
    ) -> Sample:
        """Return a sample of rows that stand for one decision each, every column a block of its own."""
        ones = np.ones(len(y))
        return Sample(
            y=np.asarray(y, float),
            first=np.asarray(first, bool),
            x=np.asarray(x, float).reshape(len(y), len(names)),
            names=names,
            blocks=names,
            covariates=names,
            mass=ones,
            many=ones,
            cluster=cluster,
            site=site,
        )

    @property
    def weight(self) -> Floats:
        """Of a row: of one decision, times the number of these."""
        return self.mass * self.many

    @property
    def n(self) -> int:
        """Number of decisions."""
        return round(float(self.many.sum()))

    def size(self, first: bool) -> int:
        """Return the number of decisions of one group."""
        return round(float(self.many[self.first == first].sum()))

    @property
    def binary(self) -> bool:
        """Whether the outcome is 0 or 1."""
        return bool(np.isin(self.y, (0.0, 1.0)).all())

    @property
    def with_constant(self) -> Floats:
        """Characteristics after a column of ones, of shape (n, p + 1)."""
        return np.column_stack([np.ones(len(self.y)), self.x])

    def taken(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Sample:
        """Return the sample of some rows, by their numbers (which may repeat) or by truth values."""
        return replace(
            self,
            y=self.y[rows],
            first=self.first[rows],
            x=self.x[rows],
            mass=self.mass[rows],
            many=self.many[rows],
            cluster=None if self.cluster is None else self.cluster[rows],
            site=None if self.site is None else self.site[rows],
        )

    def keeping(self, columns: list[int]) -> Sample:
        """Return the sample with some of the columns."""
        return replace(
            self,
            x=self.x[:, columns],
            names=tuple(self.names[at] for at in columns),
            blocks=tuple(self.blocks[at] for at in columns),
            covariates=tuple(self.covariates[at] for at in columns),
        )

    def swapped(self) -> Sample:
        """Return the sample with the groups exchanged."""
        return replace(self, first=~self.first, pair=(self.pair[1], self.pair[0]))


def sample_of(design: Design, relation: Relation, pair: tuple[str, str]) -> Sample:
    """Read the complete rows of two groups; of a large table equal rows become one, which stands for all of them."""
    wanted = {"y": design.outcome, "f": f"{design.group} = {literal(pair[0])}"}
    wanted |= {f"x{at}": f"({column.sql})::double" for at, column in enumerate(design.columns)}
    extra = {"m": f"{design.mass}::double" if design.mass else "", "k": f"{design.many}::double" if design.many else ""}
    wanted |= {name: sql for name, sql in (extra | {"c": design.cluster, "s": design.site}).items() if sql}
    listed = ", ".join(f"{sql} as {name}" for name, sql in wanted.items())
    rows = f"from {{table}} where {design.rows(pair)}"
    [counted] = relation.sql(f"select count(*) as n {rows}")
    query = f"select {listed} {rows}"
    if counted["n"] > _ONE_BY_ONE:
        by = ", ".join(name for name in wanted if name != "k")
        query = f"select {by}, sum({'k' if 'k' in wanted else '1'})::double as k from ({query}) group by {by} order by {by}"  # noqa: S608 - names of our own
    columns = relation.arrays(query)
    n = len(columns["y"])

    def numbers(name: str) -> Floats:
        return np.asarray(columns[name], float) if name in columns else np.ones(n)

    def codes(name: str) -> tuple[Codes | None, tuple[str, ...]]:
        if name not in columns:
            return None, ()
        values, found = np.unique(np.asarray(columns[name]).astype(str), return_inverse=True)
        return found.astype(np.int64), tuple(str(value) for value in values)

    site, sites = codes("s")
    return Sample(
        y=numbers("y"),
        first=np.asarray(columns["f"], bool),
        x=np.column_stack([numbers(f"x{at}") for at in range(len(design.columns))]) if design.columns else np.zeros((n, 0)),
        names=tuple(column.name for column in design.columns),
        blocks=tuple(column.block for column in design.columns),
        covariates=tuple(column.covariate for column in design.columns),
        base={covariate: levels[0] for covariate, levels in design.levels.items() if levels},
        mass=numbers("m"),
        many=numbers("k"),
        cluster=codes("c")[0],
        site=site,
        sites=sites,
        pair=pair,
    )


def independent(columns: Floats) -> list[int]:
    """Return which columns are not combinations of those before them.

    Notes
    -----
    Gram-Schmidt on the triangular factor, twice for each column, so that rounding does not make a
    combination look new.
    """
    length = np.linalg.norm(columns, axis=0)
    length[length == 0] = 1.0
    upper: Floats = np.asarray(np.linalg.qr(columns / length, mode="r"))
    kept: list[int] = []
    basis: list[Floats] = []
    for at in range(upper.shape[1]):
        rest = upper[:, at]
        for _ in range(2):
            for other in basis:
                rest = rest - (other @ rest) * other
        left = float(np.linalg.norm(rest))
        if left > SINGULAR:
            kept.append(at)
            basis.append(rest / left)
    return kept


def without_dependent(sample: Sample) -> Sample:
    """Leave out columns that the constant, the group and the columns before them determine; name them in `dropped`."""
    kept = [at - 2 for at in independent(np.column_stack([np.ones(len(sample.y)), sample.first, sample.x])) if at > 1]
    if len(kept) == sample.x.shape[1]:
        return sample
    dropped = tuple(name for at, name in enumerate(sample.names) if at not in kept)
    return replace(sample.keeping(kept), dropped=sample.dropped + dropped)
