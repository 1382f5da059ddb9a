"""What each item lost, which half it is in, and which slices it is in: from columns to SQL.

An item is a decision, or whatever a system was tried on: an utterance, a pair of
faces. Its loss is a fraction `num / den`, and the loss of many items is the sum
of the ones by the sum of the others: the word error rate is all edits by all
words. Slices are found in one half of the clusters and confirmed in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, TypeAlias

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.decisions import column_of, condition_of, decision_of, group_of, number_of, truth_of
from probatum.fairness.semantics.relation import Relation

FIND, CONFIRM = 0, 1  # the halves

# Of what can be true of an item, as JSON: {"feature": name, "is": text or null}, or
# {"feature": name, "from": number or null, "below": number or null}.
Condition: TypeAlias = Mapping[str, Any]

# metric -> (what counts, among what), with `y` the truth and `d` the decision, 1 or 0.
_rates = {
    "error_rate": ("{y} <> {d}", "{y} is not null and {d} is not null"),
    "fpr": ("{d} = 1", "{y} = 0 and {d} is not null"),
    "fnr": ("{d} = 0", "{y} = 1 and {d} is not null"),
    "fdr": ("{y} = 0", "{d} = 1 and {y} is not null"),
    "for": ("{y} = 1", "{d} = 0 and {y} is not null"),
    "selection_rate": ("{d} = 1", "{d} is not null"),
    "rejection_rate": ("{d} = 0", "{d} is not null"),
}
TITLES = {
    "error_rate": "error rate",
    "fpr": "false positive rate",
    "fnr": "false negative rate",
    "fdr": "false discovery rate",
    "for": "false omission rate",
    "selection_rate": "selection rate",
    "rejection_rate": "rejection rate",
}
# Types that hold numbers, or texts that may be numbers.
_NUMBERS = ("VARCHAR", "TINY", "SMALL", "INT", "BIG", "HUGE", "U", "FLOAT", "DOUBLE", "DECIMAL")
_unlabelled = ("selection_rate", "rejection_rate")


def title_of(required: SlicesRequirement) -> str:
    """Return what the loss is called in a sentence."""
    if required.metric:
        return TITLES[required.metric]
    return f"`{required.num}` per `{required.den}`" if required.den else f"mean `{required.num}`"


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a table, as SQL.

    Attributes
    ----------
    source : str
        A table expression with the columns of the table and, of our own, `pb_num`, `pb_den`,
        `pb_cluster` (text; what is independent of what has another), `pb_half`, `pb_row` (number
        of the row, from 1), `pb_label` and `pb_decision` (1, 0 or null; all null where there are
        none). Rows that are not counted are not in it.
    clustered : bool
        Whether several rows may have one cluster.
    rate : bool
        Whether each row counts 1, and loses 0 or 1.
    """

    source: str
    clustered: bool
    rate: bool


def items_of(policy: Policy, required: SlicesRequirement, relation: Relation) -> Items:
    """Return the items that a requirement is about.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    table, where = policy.decision, required.location
    label = truth_of(table.label, table, relation) if table.label else "null"
    decided = decision_of(table, relation) or "null"
    if required.metric:
        if decided == "null" or (label == "null" and required.metric not in _unlabelled):
            raise UnreadableArtefact(
                f"the {TITLES[required.metric]} needs decisions, and what turned out to be true"
                if required.metric not in _unlabelled
                else f"the {TITLES[required.metric]} needs decisions",
                help="name the columns under `decision`: `decision:`, or `score:` and `threshold:`, and `label:`",
                location=where,
            )
        counts, among = (part.format(y="pb_label", d="pb_decision") for part in _rates[required.metric])
        num, den = f"cast({counts} as integer)", f"case when {among} then 1 end"
    else:
        num = number_of(required.num, relation, where, "a number")
        den = number_of(required.den, relation, where, "a number") if required.den else "1"
        _no_negative(num, required.num, relation, policy, required)
        if required.den:
            _no_negative(den, required.den, relation, policy, required)
    cluster = required.cluster or table.cluster or table.unit
    key = "cast(pb_row as varchar)" if not table.count else "cast(pb_row as varchar) || '/' || cast(pb_copy as varchar)"
    if cluster:
        # Who has no cluster stands alone.
        key = f"coalesce('c' || cast({column_of(cluster, relation, where)} as varchar), 'r' || {key})"
    weight = f" * {number_of(table.weight, relation, table.location, 'a weight')}" if table.weight else ""
    copies = (
        f", unnest(range(cast({number_of(table.count, relation, table.location, 'a number of rows')} as bigint))) as pb_copy"
        if table.count
        else ""
    )
    known = [condition_of(table, relation)]
    if policy.missing is Missing.EXCLUDE:
        known += [f"{group_of(attribute, relation)} is not null" for attribute in policy.protected.values()]
    let = " and ".join(part.removeprefix("where ") for part in known if part) or "true"
    numbered = "(select *, row_number() over () as pb_row from {table}) "
    source = (
        f"(select * exclude (pb_n, pb_d), cast(pb_n{weight} as double) as pb_num, cast(pb_d{weight} as double) as pb_den, "  # noqa: S608 - quoted
        f"cast(md5_number_lower('{required.seed}:' || pb_cluster) % 2 as integer) as pb_half "
        f"from (select *, {num} as pb_n, {den} as pb_d from (select *, {key} as pb_cluster from "
        f"(select *, {label} as pb_label, {decided} as pb_decision{copies} from {numbered} where {let}))) "
        f"where pb_n is not null and pb_d is not null)"
    )
    return Items(source, bool(cluster), bool(required.metric) and not table.weight)


def _no_negative(expression: str, name: str, relation: Relation, policy: Policy, required: SlicesRequirement) -> None:
    wrong = relation.sql(f"select {expression} as v from {{table}} {condition_of(policy.decision, relation)} order by v limit 1")  # noqa: S608 - quoted
    if wrong and wrong[0]["v"] is not None and wrong[0]["v"] < 0:
        raise UnreadableArtefact(
            f"the column `{name}` of `{relation.path}` holds {wrong[0]['v']:g}",
            help="a loss is a number of at least 0, of which more is worse",
            location=required.location,
        )


def features_of(policy: Policy, required: SlicesRequirement, relation: Relation) -> list[str]:
    """Return the attributes, columns and pairs of columns by which slices are made, unless they turn out to tell nobody apart."""
    table = policy.decision
    pairs = [f"{a} | {b}" for a, b in required.pairs]
    if required.features:
        return [*required.features, *pairs]
    used = {table.label, table.decision, table.score, table.count, table.weight, table.unit, table.cluster}
    used |= {required.num, required.den, required.cluster, *required.embedding}
    used |= {attribute.column for attribute in policy.protected.values()}
    used |= {name for pair in required.pairs for name in pair}
    others = [c for c, kind in relation.columns.items() if c not in used and not kind.endswith("]")]
    return [*policy.protected, *others, *pairs]


def number_or_none(name: str, policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    """Return a feature as a number, as SQL; "" if it is not one."""
    if name in policy.protected or name not in relation.columns:
        return ""
    kind = relation.columns[name]
    if not kind.startswith(_NUMBERS) or kind == "UUID":
        return ""
    try:
        return number_of(name, relation, required.location, "a number")
    except UnreadableArtefact:
        return ""


def text_of(feature: str, policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    """Return a feature as SQL: a text, or null where it is missing."""
    for one, other in required.pairs:
        if feature == f"{one} | {other}":
            a, b = (_text(name, policy, required, relation) for name in (one, other))
            return f"(least({a}, {b}) || ' | ' || greatest({a}, {b}))"
    return _text(feature, policy, required, relation)


def _text(name: str, policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    if name in policy.protected:
        return group_of(policy.protected[name], relation)
    return f"nullif(trim(cast({column_of(name, relation, required.location)} as varchar)), '')"


def holds(item: Condition, policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    """Return one condition of a slice as SQL."""
    feature = str(item["feature"])
    if "is" in item:
        text = text_of(feature, policy, required, relation)
        return f"{text} is null" if item["is"] is None else f"{text} = {literal(str(item['is']))}"
    value = number_of(feature, relation, required.location, "a number")
    parts = [
        f"{value} {sign} {float(end)!r}::double" for sign, end in ((">=", item["from"]), ("<", item["below"])) if end is not None
    ]
    return f"({' and '.join(parts) or f'{value} is not null'})"


def conjunction(conditions: Sequence[Condition], policy: Policy, required: SlicesRequirement, relation: Relation) -> str:
    """Return whether an item is in a slice, as SQL; never null."""
    parts = [holds(one, policy, required, relation) for one in conditions]
    return f"coalesce({' and '.join(f'({part})' for part in parts) or 'true'}, false)"


def vector_of(required: SlicesRequirement, relation: Relation) -> str:
    """Return the embedding as SQL: a list of numbers, or null."""
    if len(required.embedding) > 1:
        numbers = [number_of(name, relation, required.location, "a number") for name in required.embedding]
        return f"case when {' and '.join(f'{one} is not null' for one in numbers)} then [{', '.join(numbers)}] end"
    [name] = required.embedding
    column = column_of(name, relation, required.location)
    kind = relation.columns[name]
    if kind == "VARCHAR":
        return f"try_cast({column} as double[])"
    if kind.endswith("]"):
        return f"cast({column} as double[])"
    return f"[{number_of(name, relation, required.location, 'a number')}]"


def near(centre: Sequence[float], radius: float, required: SlicesRequirement, relation: Relation) -> str:
    """Return whether an item's embedding is within a distance of a point, as SQL; never null."""
    point = ", ".join(f"{float(value)!r}" for value in centre)
    vector = vector_of(required, relation)
    return (
        f"coalesce(case when len({vector}) = {len(centre)} "
        f"then list_distance({vector}, [{point}]::double[]) <= {float(radius)!r}::double end, false)"
    )


def reaches(
    points: Sequence[tuple[Condition, int]], reach: int, policy: Policy, required: SlicesRequirement, relation: Relation
) -> str:
    """Return whether the points of an item's conditions come to at least `reach`, as SQL; never null."""
    parts = [f"case when {holds(one, policy, required, relation)} then {int(many)} else 0 end" for one, many in points]
    return f"({' + '.join(parts) or '0'}) >= {int(reach)}"


def sums(items: Items, slices: Sequence[str], relation: Relation, half: int | None = CONFIRM) -> list[dict[str, float]]:
    """Return what is needed to compare each slice with everyone.

    Parameters
    ----------
    slices : sequence of str
        Whether an item is in the slice, as SQL.

    Returns
    -------
    list of dict
        `rows` in the slice; `a`, `b`: sums of num and den in it, `A`, `B`: of everyone; and over
        clusters, unless rows are independent rates, the sums of products of two and of three of
        these, such as `aB` and `aaB`;
        `clusters`: how many have a part in the slice, `all`: how many there are; `total`: rows of
        everyone.
    """
    names = ("a", "b", "A", "B")
    # Independent rows that count 1 and lose 0 or 1 need no products.
    moments = _moments(names, (1,) if items.rate and not items.clustered else (1, 2, 3))
    where = "" if half is None else f"where pb_half = {half}"
    found = []
    # Some at a time: a query has a column for each, and each column a state per cluster.
    for start in range(0, len(slices), 8):
        chosen = slices[start : start + 8]
        flags = ", ".join(f"{predicate} as s{n}" for n, predicate in enumerate(chosen))
        flagged = f"(select pb_num, pb_den, pb_cluster, {flags} from {items.source} {where})"  # noqa: S608 - quoted
        if items.clustered:
            inner = ", ".join(
                f"sum(pb_num) filter (s{n}) as a{n}, sum(pb_den) filter (s{n}) as b{n}, count(*) filter (s{n}) as r{n}"
                for n in range(len(chosen))
            )
            flagged = f"(select {inner}, sum(pb_num) as t_num, sum(pb_den) as t_den, count(*) as t_rows from {flagged} group by pb_cluster)"  # noqa: S608 - quoted
        else:
            inner = ", ".join(
                f"case when s{n} then pb_num end as a{n}, case when s{n} then pb_den end as b{n}, cast(s{n} as integer) as r{n}"
                for n in range(len(chosen))
            )
            flagged = f"(select {inner}, pb_num as t_num, pb_den as t_den, 1 as t_rows from {flagged})"  # noqa: S608 - quoted
        outer = []
        for n in range(len(chosen)):
            of = {"a": f"coalesce(a{n}, 0)", "b": f"coalesce(b{n}, 0)", "A": "t_num", "B": "t_den"}
            products = [(name, " * ".join(of[x] for x in name)) for name in moments[len(names) :]]
            # DuckDB's names do not tell `a` from `A`: capitals are written with a mark.
            outer += [
                f"coalesce(sum({part}), 0) as {_marked(name)}_{n}" for name, part in [*((k, of[k]) for k in names), *products]
            ]
            outer += [f"coalesce(sum(r{n}), 0) as rows_{n}", f"count(*) filter (r{n} > 0) as clusters_{n}"]
        [row] = relation.sql(
            f"select {', '.join(outer)}, count(*) as everyone, coalesce(sum(t_rows), 0) as everything from {flagged}"  # noqa: S608 - quoted
        )
        for n in range(len(chosen)):
            one = {name: float(row[f"{_marked(name)}_{n}"]) for name in moments}
            one |= {"rows": float(row[f"rows_{n}"]), "clusters": float(row[f"clusters_{n}"])}
            found.append(one | {"all": float(row["everyone"]), "total": float(row["everything"])})
    return found


def _moments(names: tuple[str, ...], orders: tuple[int, ...]) -> list[str]:
    return ["".join(one) for order in orders for one in combinations_with_replacement(names, order)]


def _marked(name: str) -> str:
    return "".join(f"t{letter.lower()}" if letter.isupper() else letter for letter in name)


def literal(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
