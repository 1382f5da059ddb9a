"""Rows, whether two of them are a pair that a requirement means, and whether their outputs compare as they must."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.pairs import Must, PairsRequirement, Pattern
from probatum.fairness.semantics.decisions import column_of, condition_of, decision_of, number_of, score_of
from probatum.fairness.semantics.relation import Relation, quoted

_WORDS = 1000  # that decisions are written with


@dataclass(frozen=True, slots=True)
class Row:
    """What a pair needs to know of a row.

    Attributes
    ----------
    output : float or None
        The score, or 1 and 0 for decisions; None where there is none.
    same : tuple of str or None
        Features that must be equal, in the order of `Rows.same`.
    apart : tuple of str or None
        Those that may differ.
    numbers : tuple of float or None
        Those that are compared as numbers.
    key : str or None
        What lists of pairs call it.
    """

    output: float | None
    same: tuple[str | None, ...] = ()
    apart: tuple[str | None, ...] = ()
    numbers: tuple[float | None, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table, in its order, and the columns that their parts are."""

    same: tuple[str, ...]
    apart: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a file of pairs."""

    left: str
    right: str | None
    must: Must
    low: float
    high: float


def rows_of(policy: Policy, required: PairsRequirement, relation: Relation) -> Rows:
    """Read the rows of a table as a requirement sees them.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or a condition compares what is no number.
    """
    output = _output(policy, required, relation)
    pattern = required.pattern
    apart = pattern.apart if pattern else ()
    numbers = tuple(dict.fromkeys(c.column for c in pattern.conditions)) if pattern else ()
    for name in (*apart, *numbers, *required.features):
        column_of(name, relation, required.location)
    same = _features(policy, required, relation, (*apart, *numbers)) if pattern else ()
    texts = [f"cast({quoted(name)} as varchar)" for name in (*same, *apart)]
    values = [number_of(name, relation, required.location, "a number") for name in numbers]
    key = f"cast({column_of(required.key, relation, required.location)} as varchar)" if required.key else "null"
    columns = ", ".join(f"{e} as c{n}" for n, e in enumerate((output, key, *texts, *values)))
    query = f"select {columns} from {{table}} {condition_of(policy.decision, relation)}"  # noqa: S608 - quoted
    found = []
    first, second = 2 + len(same), 2 + len(same) + len(apart)
    for one in relation.sql(query):
        values_here = list(one.values())
        value = values_here[0]
        found.append(
            Row(
                output=None if value is None or not math.isfinite(value) else float(value),
                same=tuple(values_here[2:first]),
                apart=tuple(values_here[first:second]),
                numbers=tuple(values_here[second:]),
                key=values_here[1],
            )
        )
    return Rows(same, apart, numbers, found)


def _output(policy: Policy, required: PairsRequirement, relation: Relation) -> str:
    table = policy.decision
    of = required.of or ("score" if table.score else "decision")
    if of == "score" and table.score:
        return score_of(table, relation)
    decided = decision_of(table, relation) if of == "decision" else None
    if decided is None:
        raise UnreadableArtefact(
            f"`{required.id}` compares outputs, and the policy names no column for the {of}",
            help=f"add `{of}: ...` under `decision`",
            location=required.location,
        )
    return decided


def _features(policy: Policy, required: PairsRequirement, relation: Relation, taken: tuple[str, ...]) -> tuple[str, ...]:
    table = policy.decision
    named = {table.label, table.decision, table.score, table.count, table.weight, table.unit, table.cluster, required.key, *taken}
    return tuple(name for name in (required.features or relation.columns) if name not in named)


def meant(pattern: Pattern, rows: Rows, one: Row, other: Row) -> bool:
    """Return whether a pair of rows, in this order, is one of those that a pattern means. Missing numbers never compare."""
    if one.same != other.same or (pattern.apart and one.apart == other.apart):
        return False
    for condition in pattern.conditions:
        at = rows.numbers.index(condition.column)
        a, b = one.numbers[at], other.numbers[at]
        if a is None or b is None:
            return False
        if condition.limit is not None:
            if abs(a - b) > condition.limit:
                return False
        elif a > b if condition.falling else a < b:
            return False
    return True


def kept(must: Must, value: float, one: float, other: float) -> bool:
    """Return whether two outputs compare as they must; a rounding error of the limit is forgiven."""
    if must is Must.SAME:
        return one == other
    if must is Must.AT_LEAST:
        return one >= other
    return abs(one - other) <= value + 1e-12


def directed(pattern: Pattern) -> bool:
    """Return whether the order of a pair matters."""
    return pattern.must is Must.AT_LEAST or any(condition.limit is None for condition in pattern.conditions)


def words_of(policy: Policy, required: PairsRequirement, relation: Relation) -> Mapping[str, float]:
    """Return the words that stand for decisions in the table, in lower case, as 1 and 0; none where outputs are scores."""
    table = policy.decision
    if not table.decision or (required.of or ("score" if table.score else "decision")) != "decision":
        return {}
    word = f"lower(trim(cast({column_of(table.decision, relation, table.location)} as varchar)))"
    decided = decision_of(table, relation)
    rows = relation.sql(
        f"select distinct {word} as word, {decided} as d from {{table}} where {decided} is not null limit {_WORDS}"  # noqa: S608 - quoted
    )
    return {row["word"]: float(row["d"]) for row in rows}


def listed_pairs(relation: Relation, required: PairsRequirement, words: Mapping[str, float]) -> Iterator[Listed]:
    """Yield the pairs of a file; `words` stand for outputs that are expected.

    Raises
    ------
    UnreadableArtefact
        If a column is missing, or a line says what cannot be understood; it names the line's number.
    """
    for name in ("left", "must"):
        column_of(name, relation, required.location)
    optional = [name if name in relation.columns else None for name in ("right", "value")]
    parts = [quoted("left"), quoted("must"), *(quoted(name) if name else "null" for name in optional)]
    columns = ", ".join(f"trim(cast({e} as varchar)) as c{n}" for n, e in enumerate(parts))
    for number, row in enumerate(relation.sql(f"select {columns} from {{table}}"), start=1):  # noqa: S608 - quoted
        yield _listed(row, number, relation, required, words)


def _listed(
    row: Mapping[str, str | None], number: int, relation: Relation, required: PairsRequirement, words: Mapping[str, float]
) -> Listed:
    left, must, right, value = row["c0"], row["c1"], row["c2"], row["c3"]
    try:
        wanted = Must((must or "").replace("-", "_").lower())
    except ValueError:
        raise _wrong(relation, required, number, f"`{must}` is nothing that can be asked of a pair") from None
    if not left or (wanted is not Must.EXPECT and not right):
        raise _wrong(relation, required, number, "it names no row" if not left else "it names one row only")
    low, high = 0.0, 0.0
    if wanted in (Must.WITHIN, Must.EXPECT):
        known = words.get((value or "").lower()) if wanted is Must.EXPECT else None
        ends = _range(value or "") if known is None else (known, known)
        if ends is None or (wanted is Must.WITHIN and (ends[0] != ends[1] or ends[0] < 0)):
            raise _wrong(relation, required, number, f"`{value}` is no value for `{wanted.value}`")
        low, high = ends
    return Listed(left, right if wanted is not Must.EXPECT else None, wanted, low, high)


def _range(text: str) -> tuple[float, float] | None:
    """Return the ends of `0.2..0.5`, `0.2`, `true`; None if it is none of these."""
    words = {"true": 1.0, "false": 0.0}
    low, dots, high = text.lower().partition("..")
    try:
        ends = tuple(
            words[part.strip()] if part.strip() in words else float(part) for part in ((low, high) if dots else (low, low))
        )
    except ValueError:
        return None
    return (ends[0], ends[1]) if math.isfinite(ends[0]) and math.isfinite(ends[1]) and ends[0] <= ends[1] else None


def _wrong(relation: Relation, required: PairsRequirement, number: int, what: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"the pair in row {number} of `{relation.path}` cannot be understood: {what}",
        help="`must` is one of same, at_least, within, expect; `value` a number, or, for expect, a range such as `0.2..0.5` or a "
        "word that the column of decisions holds",
        location=required.location,
    )


def listed_kept(pair: Listed, one: float, other: float | None) -> bool:
    """Return whether the outputs of a listed pair compare as they must."""
    if other is None:
        return pair.low - 1e-12 <= one <= pair.high + 1e-12
    return kept(pair.must, pair.low, one, other)


def by_key(rows: Rows, required: PairsRequirement, relation: Relation) -> Mapping[str, Row]:
    """Return rows by their key.

    Raises
    ------
    UnreadableArtefact
        If two rows have the same key and different outputs: which is meant, nobody can say.
    """
    found: dict[str, Row] = {}
    for row in rows.rows:
        if row.key is None:
            continue
        key = row.key.strip()
        if key in found and found[key].output != row.output:
            raise UnreadableArtefact(
                f"two rows of `{relation.path}` have `{required.key}` `{key}` and different outputs",
                help="name a column that tells rows apart: `key: ...`",
                location=required.location,
            )
        found[key] = row
    return found
