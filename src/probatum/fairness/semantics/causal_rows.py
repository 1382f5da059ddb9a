"""From a table to the arrays of a causal decomposition: which rows, which columns, coded how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.graph import Variable
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.causal import CausalRequirement
from probatum.fairness.semantics.causal_sample import CausalSample
from probatum.fairness.semantics.decisions import column_of, condition_of, group_of, number_of, truth_of
from probatum.fairness.semantics.relation import Relation, quoted
from probatum.project.document import suggestion
from probatum.runner.tables import Row
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_LEVELS = 60  # of a mediator
MOST_ROWS = 5_000_000
MOST_CATEGORIES = 100  # of any other variable


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalRows:
    """Complete rows of both groups.

    Attributes
    ----------
    group, outcome, baseline, clusters
        As in `CausalSample`.
    mediators : tuple of array of shape (n,), int
        Codes, in causal order.
    levels : tuple of tuple of str
    features : mapping of str to array of shape (n, p), float64
        Every variable as regressions use it: a number, or indicators of values.
    incomplete : int
        Rows of either group left out because a value is missing.
    elsewhere : int
        Rows of other groups, or of none.
    unsupported : tuple of int
        For each mediator, rows of group 0 left out because its value never occurs in group 1.
    """

    group: NDArray[np.int64]
    outcome: NDArray[np.float64]
    mediators: tuple[NDArray[np.int64], ...]
    levels: tuple[tuple[str, ...], ...]
    features: Mapping[str, NDArray[np.float64]]
    baseline: NDArray[np.float64]
    clusters: NDArray[np.int64] | None
    incomplete: int
    elsewhere: int
    unsupported: tuple[int, ...]

    def known(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return some variables side by side, of shape (n, p)."""
        return _joined(self.features, names, len(self.outcome))

    def sample(self, mediator: int, confounders: Sequence[str]) -> CausalSample:
        """Return the rows as they are used for one mediator."""
        return CausalSample(
            group=self.group,
            outcome=self.outcome,
            mediator=self.mediators[mediator],
            levels=self.levels[mediator],
            confounders=self.known(confounders),
            baseline=self.baseline,
            clusters=self.clusters,
        )


def rows_of(policy: Policy, required: CausalRequirement, confounders: Iterable[str], relation: Relation) -> CausalRows:
    """Read what a requirement needs.

    Parameters
    ----------
    confounders : iterable of str
        Variables that are adjusted for anywhere.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or cannot be used, or one of the groups has no complete row.
    """
    import numpy as np

    table, graph = policy.decision, required.graph
    if table.weight:
        raise UnreadableArtefact(
            f"the table has weights `{table.weight}`, and causal claims are made of rows that count alike",
            help="name a table without `weight`",
            location=required.location,
        )
    wanted = list(dict.fromkeys([*required.through, *required.allow, *confounders]))
    columns = {name: _column(graph.variables[name], relation) for name in wanted}
    columns |= {"(group)": group_of(policy.protected[required.group], relation)}
    columns |= {"(outcome)": _outcome(graph.variables[required.outcome], policy, relation)}
    if table.cluster or table.unit:
        columns["(cluster)"] = f"cast({column_of(table.cluster or table.unit, relation, table.location)} as varchar)"
    if table.count:
        columns["(count)"] = number_of(table.count, relation, table.location, "a number of rows")
    chosen = ", ".join(f"{expression} as {quoted(f'v{n}')}" for n, expression in enumerate(columns.values()))
    read = relation.sql(f"select {chosen} from {{table}} {condition_of(table, relation)}")  # noqa: S608 - names are quoted
    if table.count:
        read = _repeated(read, f"v{len(columns) - 1}", table.count, relation, table.location)
    values = {name: [row[f"v{n}"] for row in read] for n, name in enumerate(columns) if name != "(count)"}
    sides = values["(group)"]
    mine = [at for at, side in enumerate(sides) if side in (required.of, required.against)]
    full = [at for at in mine if all(column[at] is not None for column in values.values())]
    for side in (required.of, required.against):
        if not any(sides[at] == side for at in full):
            known = sorted({str(value) for value in sides if value is not None})
            hint = suggestion(side, known) if side not in known else "check which columns are empty in its rows"
            raise UnreadableArtefact(
                f"`{required.group}` is `{side}` in no complete row of `{relation.path}`", help=hint, location=required.location
            )
    group = np.array([int(sides[at] == required.of) for at in full], dtype=np.int64)
    coded = {name: _coded([values[name][at] for at in full]) for name in required.through}
    for name, (_, levels) in coded.items():
        if len(levels) > MOST_LEVELS:
            raise _too_many(name, len(levels), MOST_LEVELS, graph.variables[name].location)
    kept, unsupported = np.ones(len(full), dtype=bool), []
    for codes, levels in coded.values():
        present = np.bincount(codes[group == 1], minlength=len(levels)) > 0
        absent = ~present[codes]
        unsupported.append(int((absent & kept).sum()))
        kept &= ~absent
    if not ((group == 0) & kept).any():
        raise UnreadableArtefact(
            f"no value of `{required.through[0]}` occurs in both `{required.of}` and `{required.against}`",
            help="nothing can be said about what would be if it were distributed alike",
            location=required.location,
        )
    rows = [at for at, keep in zip(full, kept, strict=True) if keep]
    plain = {name: _features([values[name][at] for at in rows], graph.variables[name]) for name in wanted if name not in coded}
    narrowed = {name: _coded([values[name][at] for at in rows]) for name in coded}
    features: dict[str, Any] = plain | {name: np.eye(len(levels))[codes][:, 1:] for name, (codes, levels) in narrowed.items()}
    clusters = _coded([values["(cluster)"][at] for at in rows])[0] if table.cluster or table.unit else None
    return CausalRows(
        group=group[kept],
        outcome=np.array([float(values["(outcome)"][at]) for at in rows]),
        mediators=tuple(narrowed[name][0] for name in required.through),
        levels=tuple(narrowed[name][1] for name in required.through),
        features=features,
        baseline=_joined(features, required.allow, len(rows)),
        clusters=clusters,
        incomplete=len(mine) - len(full),
        elsewhere=len(read) - len(mine),
        unsupported=tuple(unsupported),
    )


def _repeated(read: list[Row], column: str, name: str, relation: Relation, where: Location) -> list[Row]:
    """Write each row as often as it counts."""
    if any(row[column] is None or row[column] < 0 or row[column] != int(row[column]) for row in read):
        raise UnreadableArtefact(
            f"the column `{name}` of `{relation.path}` holds something that is no number of rows",
            help="a row stands for a whole number of people",
            location=where,
        )
    if (total := sum(int(row[column]) for row in read)) > MOST_ROWS:
        raise UnreadableArtefact(
            f"the rows of `{relation.path}` stand for {total:,} people, and {MOST_ROWS:,} are the most",
            help="draw a sample of them",
            location=where,
        )
    return [row for row in read for _ in range(int(row[column]))]


def _column(variable: Variable, relation: Relation) -> str:
    """Return a variable as SQL: a number where the table's type or all its texts are numbers, and a text elsewhere."""
    name, where = variable.column, variable.location
    column = column_of(name, relation, where)
    if variable.bands:
        return group_of(Attribute(name=variable.name, column=name, bands=variable.bands, location=where), relation)
    kind = relation.columns[name]
    if kind == "BOOLEAN":
        return f"cast({column} as integer)"
    if kind != "VARCHAR":
        numeric = kind.startswith(("DECIMAL", "U")) or kind in _numbers
        return number_of(name, relation, where, "a number") if numeric and kind != "UUID" else f"cast({column} as varchar)"
    text = f"nullif(trim({column}), '')"
    missing = f"lower({text}) in ('na', 'nan', 'null', 'none')"
    [seen] = relation.sql(
        f"select count(*) filter ({text} is not null and not {missing} and try_cast({text} as double) is null) as words "  # noqa: S608 - quoted
        "from {table}"
    )
    return text if seen["words"] else number_of(name, relation, where, "a number")


_numbers = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE")


def _outcome(variable: Variable, policy: Policy, relation: Relation) -> str:
    table = policy.decision
    if variable.positive is not None:
        return truth_of(variable.column, replace(table, positive=(variable.positive,), location=variable.location), relation)
    column_of(variable.column, relation, variable.location)
    if table.positive is not None and variable.column in (table.label, table.decision):
        return truth_of(variable.column, table, relation)
    if relation.columns[variable.column] == "BOOLEAN":
        return truth_of(variable.column, replace(table, positive=None), relation)
    return number_of(variable.column, relation, variable.location, "a number (say which value has happened: `positive: ...`)")


def _coded(values: Sequence[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Codes by ascending value, and what the values are called."""
    import numpy as np

    known = sorted(set(values))
    place = {value: code for code, value in enumerate(known)}
    names = tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in known)
    return np.array([place[value] for value in values], dtype=np.int64), names


def _features(values: Sequence[Any], variable: Variable) -> NDArray[np.float64]:
    """A number as it is; a text as indicators of all values but the most frequent one."""
    import numpy as np

    if not any(isinstance(value, str) for value in values):
        found = np.array([float(value) for value in values])[:, None]
        if not np.isfinite(found).all():
            raise UnreadableArtefact(
                f"the column `{variable.column}` holds an infinite number", help="correct the table", location=variable.location
            )
        return found
    counts = Counter(values)
    if len(counts) > MOST_CATEGORIES:
        raise _too_many(variable.name, len(counts), MOST_CATEGORIES, variable.location)
    usual = min(counts, key=lambda value: (-counts[value], value))
    return np.column_stack(
        [np.array([float(value == one) for value in values]) for one in sorted(counts) if one != usual]
        or [np.zeros((len(values), 0))]
    )


def _joined(features: Mapping[str, Any], names: Sequence[str], size: int) -> NDArray[np.float64]:
    import numpy as np

    return np.column_stack([np.zeros((size, 0)), *(features[name] for name in names)])


def _too_many(name: str, count: int, most: int, where: Location) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{name}` has {count:,} different values, and {most} are the most",
        help=f"use it by bands, or group its values: `{name}: {{role: ..., bands: [0, 10, 100]}}`",
        location=where,
    )
