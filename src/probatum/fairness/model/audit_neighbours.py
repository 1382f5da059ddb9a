"""Whether people who are alike in features are decided on alike: individual consistency, and the flip test of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.model.audit_scores import Measured
from probatum.fairness.semantics.columns import Sort, columns
from probatum.fairness.semantics.decisions import MISSING, column_of, condition_of, decision_of, group_of, truth_of
from probatum.fairness.semantics.neighbours import consistency, flip_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.fairness.semantics.relation import Relation

NEIGHBOURS = 5
_MOST = 20_000  # rows, of which each is compared with each
_WIDEST = 500  # columns after texts became one for each of their values


@dataclass(frozen=True, slots=True)
class Alike:
    """How people are decided on who are alike.

    Attributes
    ----------
    features : tuple of str
        By which they are.
    left_out : int
        Rows that lack a feature or an outcome.
    measured : mapping of str to tuple of Measured
        By the attributes that groups are of.
    why_not : str
        Why nothing is measured; "" if something is.
    """

    features: tuple[str, ...]
    left_out: int = 0
    measured: Mapping[str, tuple[Measured, ...]] = field(default_factory=dict)
    why_not: str = ""


def alike(policy: Policy, relation: Relation, features: Sequence[str], overs: Sequence[str]) -> Alike:
    """Compare each row with its nearest five by some columns: numbers as they are, of texts one column of 0 and 1 for each value.

    Parameters
    ----------
    overs : sequence of str
        Attributes, or intersections such as `race*sex`.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist.
    """
    import numpy as np

    named = tuple(features)
    table = policy.decision
    outcome = decision_of(table, relation) or (truth_of(table.label, table, relation) if table.label else None)
    if outcome is None:
        return Alike(named, why_not="the policy names no decision and no label")
    if table.count or table.weight:
        return Alike(named, why_not="rows are counted or weighted")
    known = columns(relation)
    for name in named:
        column_of(name, relation, table.location)
    moments = [name for name in named if name not in known or known[name].sort is Sort.TIME]
    if moments:
        return Alike(named, why_not=f"`{moments[0]}` is neither a number nor a text")
    parts = [f"({known[name].value}) as f{n}" for n, name in enumerate(named)]
    attributes = list(dict.fromkeys(name for over in overs for name in over.split("*")))
    parts += [f"{group_of(policy.protected[name], relation)} as a{n}" for n, name in enumerate(attributes)]
    inner = f"select {outcome} as y, {', '.join(parts)} from {{table}} {condition_of(table, relation)}"  # noqa: S608 - quoted
    here = " and ".join(["y is not null", *(f"f{n} is not null" for n in range(len(named)))])
    [size] = relation.sql(f"select count(*) as n, count(*) filter ({here}) as usable from ({inner})")  # noqa: S608 - quoted
    if size["usable"] > _MOST:
        return Alike(named, why_not=f"each of {size['usable']:,} rows would be compared with each; at most {_MOST:,} are")
    rows = relation.sql(f"select * from ({inner}) where {here}")  # noqa: S608 - quoted
    design = _design([[row[f"f{n}"] for row in rows] for n in range(len(named))], [known[name].sort for name in named])
    if len(rows) < NEIGHBOURS or design is None:
        why = "fewer rows than neighbours" if len(rows) < NEIGHBOURS else f"features have more than {_WIDEST} values"
        return Alike(named, size["n"] - len(rows), why_not=why)
    decided = np.array([row["y"] for row in rows], dtype=float)
    everyone = consistency(design, decided, neighbours=NEIGHBOURS)
    found: dict[str, tuple[Measured, ...]] = {}
    for over in overs:
        own = [Measured("consistency", (), everyone, len(rows))] if everyone is not None else []
        at = [attributes.index(name) for name in over.split("*")]
        groups = np.array([", ".join(MISSING if row[f"a{n}"] is None else str(row[f"a{n}"]) for n in at) for row in rows])
        for name in sorted(set(groups.tolist())):
            absent = MISSING in name.split(", ") and policy.missing is not Missing.OWN_GROUP
            flip = None if absent else flip_test(design, decided, groups == name, neighbours=NEIGHBOURS)
            if flip is not None:
                own.append(Measured("flip_test", (name,), flip, int((groups == name).sum())))
        found[over] = tuple(own)
    return Alike(named, size["n"] - len(rows), found)


def _design(values: Sequence[Sequence[float | str]], sorts: Sequence[Sort]) -> NDArray[np.float64] | None:
    import numpy as np

    found: list[NDArray[np.float64]] = []
    for column, sort in zip(values, sorts, strict=True):
        if sort is Sort.NUMBER:
            found.append(np.array(column, dtype=float))
            continue
        texts = np.array(column, dtype=object)
        found += [(texts == value).astype(float) for value in sorted(set(map(str, column)))]
        if len(found) > _WIDEST:
            return None
    return np.column_stack(found) if found else None
