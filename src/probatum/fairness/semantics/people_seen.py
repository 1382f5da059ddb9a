"""What a table says against the domain of a model: features that it lacks, ranges that it never shows, groups of which one is 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probatum.fairness.artefacts.twins import Domain, Range
from probatum.fairness.semantics.relation import Relation, quoted

_SHOWN = 4  # names in a list
_MOST = 60  # columns of 0 and 1 that are looked at for groups


def doubts(domain: Domain, relation: Relation) -> tuple[str, ...]:
    """Return what a reader of a verdict should know, each as an assumption that the verdict makes.

    Parameters
    ----------
    domain : Domain
        Who there may be, by feature.
    relation : Relation
        The table of decisions, which need not have the features: a proof is about everyone.
    """
    grouped = {column for columns in domain.one_hot.values() for column in columns}
    features = [*domain.features, *grouped]
    lacking = [name for name in features if name not in relation.columns]
    found = []
    if lacking:
        found.append(f"what the policy or the model's file says of {_listed(lacking)} is right: the table has no such column")
    seen = _seen(relation, [name for name in features if name in relation.columns])
    beyond, fractions = [], []
    for name, own in domain.features.items():
        row = seen.get(name)
        if row is None or row["n"] == 0:
            continue
        low, high = (own.low, own.high) if isinstance(own, Range) else (min(own.values), max(own.values))
        if low > row["high"] or high < row["low"]:
            beyond.append(f"`{name}` ({low:g} to {high:g}, in the table {row['low']:g} to {row['high']:g})")
        if isinstance(own, Range) and not own.whole and row["whole"] and low < high:
            fractions.append(name)
    if beyond:
        found.append(f"there are people of whom the table has none: by {', '.join(beyond[:_SHOWN])}")
    if fractions:
        found.append(f"{_listed(fractions)} can be fractions, although all of the table are whole")
    flags = [name for name, row in seen.items() if name not in grouped and row["flag"]][:_MOST]
    found += [
        f"{_listed(group)} need not add up to 1, as they do in every row: `one_hot` would say so"
        for group in _groups(relation, flags)
    ]
    return tuple(found)


def _seen(relation: Relation, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    if not names:
        return {}
    parts = []
    for at, name in enumerate(names):
        v = f"try_cast({quoted(name)} as double)"
        known = f"filter (where isfinite({v}))"
        parts += [
            f"min({v}) {known} as low{at}",
            f"max({v}) {known} as high{at}",
            f"count(*) {known} as n{at}",
            f"coalesce(bool_and({v} = floor({v})) {known}, false) as whole{at}",
            f"coalesce(bool_and({v} in (0, 1)), false) and count(*) = count({v}) as flag{at}",
        ]
    [row] = relation.sql(f"select {', '.join(parts)} from {{table}}")  # noqa: S608 - quoted
    return {name: {key: row[f"{key}{at}"] for key in ("low", "high", "n", "whole", "flag")} for at, name in enumerate(names)}


def _groups(relation: Relation, flags: Sequence[str]) -> list[list[str]]:
    """Return groups of columns with a common start of their names, of which one is 1 in every row."""
    by_start: dict[str, list[str]] = {}
    for name in flags:
        start = name.rpartition("_")[0] or name.rpartition("=")[0] or name.rpartition(".")[0]
        if start:
            by_start.setdefault(start, []).append(name)
    tried = [names for names in by_start.values() if len(names) > 1]
    if not tried:
        return []
    sums = [" + ".join(f"try_cast({quoted(name)} as double)" for name in names) for names in tried]
    parts = ", ".join(f"coalesce(bool_and({total} = 1), false) as g{at}" for at, total in enumerate(sums))
    [row] = relation.sql(f"select {parts} from {{table}}")  # noqa: S608 - quoted
    return [names for at, names in enumerate(tried) if row[f"g{at}"]]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
