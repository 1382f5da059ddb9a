"""One decision's whole story: what went in, what was done with it, what came out, why, and how sure one can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from probatum.errors import UnreadableArtefact, UsageError
from probatum.fairness.artefacts.models.model import Model
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.record import Record
from probatum.fairness.semantics.columns import Column, Sort, columns
from probatum.fairness.semantics.decisions import condition_of, decision_of, group_of, score_of, truth_of
from probatum.fairness.semantics.relation import Relation, quoted
from probatum.fairness.service.certified import boxes_with, proved_gap
from probatum.fairness.service.counterfactual import nearest
from probatum.fairness.service.scored import Row, Scored
from probatum.project.document import suggestion
from probatum.source import Location
from probatum.stats.bounds import clopper_pearson

_BACKGROUND = 200  # rows of the table that a decision is compared with
_NEAR = 0.5  # spreads of a feature within which a row is a neighbour
_AGREES = 1e-6  # between the score of the table and that of the model
_HELD = '"probatum: {}"'


def story(
    policy: Policy,
    relation: Relation,
    identifier: str,
    *,
    by: str,
    features: Sequence[str] = (),
    mutable: Sequence[str] = (),
    model: Scored | None = None,
    record: Record | None = None,
    table_digest: str = "",
    exact: tuple[Model, str] | None = None,
) -> dict[str, Any]:
    """Return the story of one decision, as JSON.

    Parameters
    ----------
    identifier, by : str
        The value that names the row, and its column.
    features : sequence of str
        From which it was decided; those of the model, or of the policy's preparation, if it is empty.
    mutable : sequence of str
        What a person could change; all features but protected columns if it is empty.
    exact : (Model, str) or None
        The model and the digest of its file, for what is proved of twins in the box that the decision is in.

    Raises
    ------
    UsageError
        If no row, or more than one, has the identifier.
    """
    if by not in relation.columns:
        raise UsageError(f"the table has no column `{by}`", help=suggestion(by, list(relation.columns)))
    row = _row(policy, relation, identifier, by)
    prepared = policy.preparation
    names = list(features or (model.features if model else ()) or (prepared.features if prepared else ()))
    found: dict[str, Any] = {
        "id": identifier,
        "table": policy.decision.table,
        "table_sha256": table_digest,
        "inputs": {name: row[name] for name in relation.columns if not name.startswith("probatum: ")},
        "features": names,
        "missing": [name for name, column in columns(relation).items() if row[f"probatum: {name}"] is None],
        "groups": {name: row[f"probatum: group {name}"] for name in policy.protected},
        "decision": row["probatum: decision"],
        "outcome": row["probatum: outcome"],
        "score": row["probatum: score"],
        "threshold": policy.decision.threshold,
    }
    if found["score"] is not None and policy.decision.threshold is not None:
        found["margin"] = found["score"] - policy.decision.threshold
    found["steps"] = _steps(record, table_digest) if record is not None else None
    found["people_like_this"] = _people(policy, relation, found)
    found["neighbours"] = _neighbours(policy, relation, names, row) if names else None
    if model is not None:
        found |= _modelled(policy, relation, model, (by, identifier), row["probatum: score"], mutable)
    else:
        found |= {"attribution": None, "counterfactual": None}
    found["certified"] = boxes_with(policy, relation, f"trim(cast({quoted(by)} as varchar)) = $wanted", {"wanted": identifier})
    if exact is not None:
        for box in found["certified"]:
            if "sides" in box:
                box["twins"] = proved_gap(policy, relation, *exact, box["sides"])
    return found


def _row(policy: Policy, relation: Relation, identifier: str, by: str) -> dict[str, Any]:
    table = policy.decision
    own = [f"({column.value}) as {quoted('probatum: ' + name)}" for name, column in columns(relation).items()]
    own += [f"{group_of(one, relation)} as {quoted('probatum: group ' + name)}" for name, one in policy.protected.items()]
    own.append(f"{decision_of(table, relation) or 'null'} as {_HELD.format('decision')}")
    own.append(f"{truth_of(table.label, table, relation) if table.label else 'null'} as {_HELD.format('outcome')}")
    own.append(f"{score_of(table, relation) if table.score else 'null'} as {_HELD.format('score')}")
    rows = relation.sql(
        f"select *, {', '.join(own)} from {{table}} where trim(cast({quoted(by)} as varchar)) = $wanted limit 2",  # noqa: S608 - quoted
        wanted=identifier,
    )
    if len(rows) != 1:
        many = "no row has" if not rows else "more than one row has"
        raise UsageError(
            f"{many} `{identifier}` in the column `{by}`", help="name one row: `--by COLUMN` says which column names rows"
        )
    return rows[0]


def _steps(record: Record, table_digest: str) -> dict[str, Any]:
    """Return the path from the record's root to the table: with every digest on it, all of it can be checked."""
    held = [key for key, own in record.of_kind("data") if own.get("sha256") == table_digest]
    wanted = set(held)
    path = []
    for key, own in reversed(record.of_kind("step")):
        if wanted & set(own.get("outputs", ())):
            wanted |= set(own.get("inputs", ()))
            path.append(
                {"digest": key, **{name: own.get(name) for name in ("name", "where", "code", "parameters", "inputs", "outputs")}}
            )
    singles = {kind: [own for _, own in record.of_kind(kind)] for kind in ("objective", "threshold", "model")}
    return {
        "root": record.root,
        "holds": not list(record.problems()),
        "table": held[0] if held else None,
        "path": path[::-1],
        "all": [own.get("name") for _, own in record.of_kind("step")],
        **{kind: own[-1] for kind, own in singles.items() if own},
    }


def _people(policy: Policy, relation: Relation, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Error rates of the groups that the person is in, with bounds that hold for all of them together."""
    table = policy.decision
    decided = decision_of(table, relation)
    if decided is None or not table.label:
        return []
    groups = [(name, value) for name, value in found["groups"].items() if value is not None]
    wanted: list[tuple[str, str, dict[str, Any]]] = [("everyone", "true", {})]
    wanted += [
        (f"{name} = {value}", f"coalesce({group_of(policy.protected[name], relation)} = $g{n}, false)", {f"g{n}": value})
        for n, (name, value) in enumerate(groups)
    ]
    if len(groups) > 1:
        wanted.append(
            (
                " and ".join(f"{name} = {value}" for name, value in groups),
                " and ".join(part for _, part, _ in wanted[1:]),
                {key: value for _, _, own in wanted[1:] for key, value in own.items()},
            )
        )
    result = []
    family = 3 * len(wanted)
    for title, condition, params in wanted:
        [row] = relation.sql(
            "select count(*) filter (y = 1 and d = 1) as tp, count(*) filter (y = 0 and d = 1) as fp, "  # noqa: S608 - quoted
            "count(*) filter (y = 0 and d = 0) as tn, count(*) filter (y = 1 and d = 0) as fn from "
            f"(select {truth_of(table.label, table, relation)} as y, {decided} as d from "
            f"(select * from {{table}} {condition_of(table, relation)}) where {condition})",
            **params,
        )
        wrong = ("fdr", row["fp"], row["tp"] + row["fp"]) if found["decision"] == 1 else ("for", row["fn"], row["tn"] + row["fn"])
        for name, hits, trials in (wrong, ("fpr", row["fp"], row["fp"] + row["tn"]), ("fnr", row["fn"], row["fn"] + row["tp"])):
            own: dict[str, Any] = {"people": title, "rate": name, "hits": hits, "trials": trials}
            if trials:
                bound = clopper_pearson(hits, trials, confidence=1 - policy.alpha, family=family)
                own |= {"value": bound.value, "low": bound.low, "high": bound.high}
            result.append(own)
    return result


def _neighbours(policy: Policy, relation: Relation, names: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    """Count rows that are as good as equal in every feature, among those a model was trained on where the policy says which."""
    known = columns(relation)
    parts = []
    params: dict[str, Any] = {}
    for n, name in enumerate(names):
        column = known.get(name)
        if column is None:
            continue
        value = row[f"probatum: {name}"]
        if value is None:
            parts.append(f"({column.value}) is null")
        elif column.sort is Sort.TEXT:
            parts.append(f"({column.value}) = $n{n}")
            params[f"n{n}"] = value
        else:
            parts.append(f"abs(({column.value}) - $n{n}) <= $w{n}")
            params |= {f"n{n}": float(value), f"w{n}": _NEAR * _spread(relation, column)}
    prepared = policy.preparation
    trained = "true"
    if prepared is not None and prepared.split and prepared.split in relation.columns:
        trained = f"trim(cast({quoted(prepared.split)} as varchar)) = $train"
        params["train"] = prepared.train
    [counted] = relation.sql(
        f"select count(*) as n from {{table}} where {trained} and {' and '.join(f'coalesce({part}, false)' for part in parts) or 'true'}",  # noqa: S608 - quoted
        **params,
    )
    return {
        "rows": int(counted["n"]),
        "of": "training rows" if trained != "true" else "rows of the table",
        "within": f"{_NEAR:g} standard deviations of each of {len(parts)} features",
        "supported": int(counted["n"]) >= policy.min_cell,
    }


def _spread(relation: Relation, column: Column) -> float:
    [row] = relation.sql(f"select coalesce(stddev_pop({column.value}), 0) as s from {{table}} where isfinite({column.value})")  # noqa: S608 - quoted
    return float(row["s"]) or 1.0


def _modelled(  # noqa: PLR0917 - a decision, and the model that made it
    policy: Policy, relation: Relation, model: Scored, named: tuple[str, str], recorded: float | None, mutable: Sequence[str]
) -> dict[str, Any]:
    by, identifier = named
    expressions = {name: _input(name, relation, policy.decision.location) for name in model.features}
    asked = ", ".join(f"{expression} as f{n}" for n, expression in enumerate(expressions.values()))
    table = relation.sql(f"select {asked} from {{table}}")  # noqa: S608 - quoted
    rows = [_numbers(line, len(expressions)) for line in table]
    [line] = relation.sql(
        f"select {asked} from {{table}} where trim(cast({quoted(by)} as varchar)) = $wanted limit 1",  # noqa: S608 - quoted
        wanted=identifier,
    )
    own = _numbers(line, len(expressions))
    step = max(1, len(rows) // _BACKGROUND)
    background = rows[::step][:_BACKGROUND]
    added = [model.adds(own, other) for other in background]
    found: dict[str, Any] = {"model_score": model.score(own)}
    if recorded is not None:
        found["model_agrees"] = abs(found["model_score"] - recorded) <= _AGREES * max(1.0, abs(recorded))
    if added and all(one is not None for one in added):
        mean = [math.fsum(one[n] for one in added if one is not None) / len(added) for n in range(len(model.features))]
        start = math.fsum(model.raw(other) for other in background) / len(background)
        found["attribution"] = {
            "compared_with": f"{len(background)} rows of the table",
            "start": start,
            "raw": model.raw(own),
            "adds": dict(sorted(zip(model.features, mean, strict=True), key=lambda pair: -abs(pair[1]))),
            "rest": model.raw(own) - start - math.fsum(mean),
        }
    else:
        found["attribution"] = None
    threshold = policy.decision.threshold
    if threshold is None:
        return found | {"counterfactual": None}
    protected = {one.column for one in policy.protected.values()}
    may = [
        n
        for n, name in enumerate(model.features)
        if (name in mutable if mutable else name.split("=")[0] not in protected and "=" not in name)
    ]
    occurring = {n: [line[n] for line in rows] for n in may}
    spread = {n: _deviation(occurring[n]) for n in may}
    limit = float(threshold)
    other = nearest(own, may, occurring, spread, lambda x: model.score(x) >= limit)
    names = model.features
    found["counterfactual"] = {
        "changes": {names[n]: [own[n], value] for n, value in other.changes.items()},
        "score": model.score(tuple(other.changes.get(n, v) for n, v in enumerate(own))) if other.changes else None,
        "cost": other.cost if other.changes else None,
        "nearest": other.nearest,
        "tried": other.tried,
        "over": [names[n] for n in may],
    }
    return found


def _numbers(line: Mapping[str, Any], width: int) -> Row:
    return tuple(math.nan if line[f"f{n}"] is None else float(line[f"f{n}"]) for n in range(width))


def _input(name: str, relation: Relation, where: Location) -> str:
    """Return a feature as a number, as SQL: a column, or whether a column has a value (`sex=female`)."""
    known = columns(relation)
    if name in known and known[name].sort is not Sort.TEXT:
        return f"({known[name].value})"
    column, equals, value = name.partition("=")
    if equals and column in known:
        text = "'" + value.replace("'", "''") + "'"
        return f"case when trim(cast({quoted(column)} as varchar)) = {text} then 1 else 0 end"
    what = "is not a column of numbers" if name in known else "is not a column"
    raise UnreadableArtefact(
        f"the feature `{name}` of the model {what} of `{relation.path}`",
        help="give the table the columns that the model reads",
        location=where,
    )


def _deviation(values: Sequence[float]) -> float:
    own = [v for v in values if math.isfinite(v)]
    if not own:
        return 1.0
    mean = math.fsum(own) / len(own)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in own) / len(own)) or 1.0
