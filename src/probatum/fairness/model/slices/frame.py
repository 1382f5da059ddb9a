"""The table of items as codes: read once, numbers in bins whose ends are those of the half in which slices are found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.items import (
    FIND,
    Condition,
    Items,
    features_of,
    items_of,
    literal,
    number_or_none,
    text_of,
    vector_of,
)
from probatum.fairness.semantics.relation import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_LEVELS = 40  # of a text that can make slices: the most frequent ones
_TOO_MANY = 1000  # different texts of a column that is a name or an identifier
# Shares of what guessing misses, from which a column is no description of people: what tells most of an outcome was hardly
# known before it, and what tells nearly all decisions is another name for them.
_TELLS = {"label": 0.5, "decision": 0.9}
_CHANCE = 20  # rows of either value, fewer of which chance may set apart
# Probability, for all values of all columns, that a run of one label is chance: beyond doubt, since a question is asked.
_BEYOND = 1e-6
_FEW = 12  # different numbers that are not put into bins


@dataclass(frozen=True, slots=True)
class Feature:
    """What items are told apart by.

    Attributes
    ----------
    name : str
    width : int
        Codes are 0 to `width - 1`; the last one is for what is in no item below.
    choices : tuple of (Condition, int, int)
        What can be said of an item, and the codes (first, and one after the last) of which it is true.
    """

    name: str
    width: int
    choices: tuple[tuple[Condition, int, int], ...]

    def matrix(self) -> NDArray[np.float64]:
        """Return which choice holds which code: shape (n_choices, width), 0 or 1."""
        import numpy as np

        found = np.zeros((len(self.choices), self.width))
        for row, (_, first, end) in enumerate(self.choices):
            found[row, first:end] = 1.0
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """The items of a table.

    Attributes
    ----------
    items : Items
    features : tuple of Feature
    codes : array of shape (n_features, n_rows), uint8
    num, den : array of shape (n_rows,), float64
    cluster : array of shape (n_rows,), int64
        From 0 on.
    half, label, decision : array of shape (n_rows,), int8
        Label and decision are -1 where they are unknown.
    row : array of shape (n_rows,), int64
        Number in the table, from 1.
    skipped : mapping of str to str
        Columns that make no slices, and why.
    """

    items: Items
    features: tuple[Feature, ...]
    codes: NDArray[np.uint8]
    num: NDArray[np.float64]
    den: NDArray[np.float64]
    cluster: NDArray[np.int64]
    half: NDArray[np.int8]
    label: NDArray[np.int8]
    decision: NDArray[np.int8]
    row: NDArray[np.int64]
    skipped: Mapping[str, str]


def frame_of(policy: Policy, required: SlicesRequirement, relation: Relation) -> Frame:
    """Read the items of a requirement.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds what it cannot mean, or no item is left.
    """
    import numpy as np

    items = items_of(policy, required, relation)
    features, expressions, skipped = _features(policy, required, relation, items)
    columns = [
        "pb_num",
        "pb_den",
        *(["hash(pb_cluster) as cluster"] if items.clustered else []),
        "pb_half",
        "pb_label",
        "pb_decision",
        "pb_row",
    ]
    columns += [f"cast({expression} as utinyint) as f{n}" for n, expression in enumerate(expressions)]
    read = relation.arrays(f"select {', '.join(columns)} from {items.source}")  # noqa: S608 - quoted
    rows = len(read["pb_num"])
    if not rows:
        raise UnreadableArtefact(
            f"no row of `{relation.path}` has a loss",
            help="check the columns, and `where` of the policy",
            location=required.location,
        )
    cluster = np.unique(read["cluster"], return_inverse=True)[1].astype(np.int64) if items.clustered else np.arange(rows)

    def known(name: str) -> Any:
        return np.ma.filled(read[name].astype(np.float64), -1).astype(np.int8)

    codes = [np.asarray(read[f"f{n}"], np.uint8) for n in range(len(features))]
    half, label, decision = np.asarray(read["pb_half"], np.int8), known("pb_label"), known("pb_decision")
    if not required.features:
        told = copies(features, codes, half == FIND, {"label": label, "decision": decision})
        told = made_from(features, codes, half == FIND, label) | told
        told = {name: why for name, why in told.items() if name not in policy.protected}
        left = [n for n, feature in enumerate(features) if feature.name not in told]
        features, codes, skipped = tuple(features[n] for n in left), [codes[n] for n in left], skipped | told
    return Frame(
        items=items,
        features=features,
        codes=np.stack(codes) if features else np.zeros((0, rows), np.uint8),
        num=np.asarray(read["pb_num"], np.float64),
        den=np.asarray(read["pb_den"], np.float64),
        cluster=cluster,
        half=half,
        label=label,
        decision=decision,
        row=np.asarray(read["pb_row"], np.int64),
        skipped=skipped,
    )


def copies(
    features: Sequence[Feature],
    codes: Sequence[NDArray[np.uint8]],
    where: NDArray[np.bool_],
    known: Mapping[str, NDArray[np.int8]],
) -> dict[str, str]:
    """Return the features that say what label or decision is, and how well: slices by them are outcomes, not people.

    Parameters
    ----------
    where : array of shape (n,), bool
        The rows by which this is decided.
    known : mapping of str to array of shape (n,), int8
        0 and 1, -1 for unknown.

    Notes
    -----
    Of the rows that are missed by guessing the more frequent value, a feature saves a share by guessing the one that is
    more frequent among those that have the same value of it: Goodman and Kruskal's lambda [1]_.

    References
    ----------
    .. [1] Goodman, Kruskal. "Measures of association for cross classifications." JASA 49 (1954).
    """
    import numpy as np

    found: dict[str, str] = {}
    for what, values in known.items():
        rows = where & (values >= 0)
        truth = values[rows].astype(np.int64)
        missed = min(int(truth.sum()), len(truth) - int(truth.sum()))
        for feature, code in zip(features, codes, strict=True):
            counts = np.bincount(2 * code[rows].astype(np.int64) + truth, minlength=2 * feature.width).reshape(-1, 2)
            wrong = int(counts.min(axis=1).sum())
            if missed and wrong <= (1 - _TELLS[what]) * missed:
                found.setdefault(feature.name, f"it tells the {what} of {1 - wrong / len(truth):.1%} of the rows")
    return found


def made_from(
    features: Sequence[Feature], codes: Sequence[NDArray[np.uint8]], where: NDArray[np.bool_], label: NDArray[np.int8]
) -> dict[str, str]:
    """Return the features of which one value nearly means one label, which is the less frequent one elsewhere.

    Parameters
    ----------
    where : array of shape (n,), bool
        The rows by which this is decided.
    label : array of shape (n,), int8
        0 and 1, -1 for unknown.

    Notes
    -----
    `copies` misses what is filled in for some of those with an outcome: the date of a second offence, a mark on what was
    written off. Among the rows with the value, guessing what is more frequent among the others has to miss nearly always,
    and the value to save nearly all of that: as much of it as a copy of the decision saves. What is there, whatever it is,
    counts as a value too. It is beyond chance if so many would have the label with a probability of at most 1e-6, for all
    values of all columns together, were they as the others. It remains a question: a description of people may be as clear.
    """
    import numpy as np
    from scipy.special import bdtrc

    rows = where & (label >= 0)
    truth = label[rows].astype(np.int64)
    every = np.bincount(truth, minlength=2)
    tried = sum(len([c for c in feature.choices if c[2] == c[1] + 1]) + 1 for feature in features)
    found: dict[str, str] = {}
    for feature, code in zip(features, codes, strict=True):
        counts = np.bincount(2 * code[rows].astype(np.int64) + truth, minlength=2 * feature.width).reshape(-1, 2)
        own = [(said, counts[first]) for said, first, end in feature.choices if end == first + 1]
        gone = next((first for said, first, _ in feature.choices if said.get("is", "") is None), None)
        if gone is not None and 0 < counts[gone].sum() < counts.sum():
            own.append(({"feature": feature.name, "there": True}, counts.sum(axis=0) - counts[gone]))
        for said, one in own:
            n, others = int(one.sum()), every - one
            mostly = int(one.argmax())
            missed, rest = int(one.min()), int(others.sum())
            if n < _CHANCE or rest < _CHANCE or 2 * others[mostly] >= rest or missed > (1 - _TELLS["decision"]) * (n - missed):
                continue
            chance = bdtrc(n - missed - 1, n, (others[mostly] + 1) / (rest + 1))
            if chance <= _BEYOND / tried and feature.name not in found:
                found[feature.name] = (
                    f"is it made from the outcome? the label is {mostly} in {(n - missed) / n:.1%} of {n:,} rows "
                    f"{_with(said)}, and in {others[mostly] / rest:.1%} of the others; name it under `features` if it is "
                    "known before"
                )
    return found


def _with(condition: Mapping[str, Any]) -> str:
    if "there" in condition:
        return "that have it"
    if "is" in condition:
        return "without it" if condition["is"] is None else f"where it is {condition['is']}"
    low, high = condition["from"], condition["below"]
    ends = [f"at least {low:g}" if low is not None else "", f"below {high:g}" if high is not None else ""]
    return f"where it is {' and '.join(end for end in ends if end)}"


def _features(
    policy: Policy, required: SlicesRequirement, relation: Relation, items: Items
) -> tuple[tuple[Feature, ...], list[str], dict[str, str]]:
    names = features_of(policy, required, relation)
    numbers = {name: number_or_none(name, policy, required, relation) for name in names}
    texts = {name: text_of(name, policy, required, relation) for name in names}
    values = [numbers[name] or texts[name] for name in names]
    if not names:
        return (), [], {}
    # Two passes over the table, whatever the number of columns.
    [many] = relation.sql(
        f"select {', '.join(f'approx_count_distinct({v}) as m{n}' for n, v in enumerate(values))} from {{table}}"  # noqa: S608 - quoted
    )
    skipped = {
        name: f"it has about {many[f'm{n}']:,} different texts"
        for n, name in enumerate(names)
        if not numbers[name] and many[f"m{n}"] > _TOO_MANY
    }
    wanted = []
    at = ", ".join(repr(n / required.bins) for n in range(1, required.bins))
    for n, name in enumerate(names):
        few = f"list(distinct v{n}) filter (v{n} is not null)" if many[f"m{n}"] <= 2 * _FEW else "null"
        if name in skipped:
            continue
        wanted.append(
            f"{_apart(n)} as apart{n}, min(v{n}) as low{n}, quantile_disc(v{n}, [{at}]) as q{n}, {few} as few{n}"
            if numbers[name]
            else f"histogram(v{n}) as h{n}"
        )
    columns = ", ".join(f"{v} as v{n}" for n, v in enumerate(values))
    seen = {}
    if wanted:
        own = f"(select {columns}, pb_label, pb_decision from {items.source} where pb_half = {FIND})"  # noqa: S608 - quoted
        [seen] = relation.sql(f"select {', '.join(wanted)} from {own}")  # noqa: S608 - quoted
    features: list[Feature] = []
    expressions: list[str] = []
    for n, name in enumerate(names):
        if name in skipped:
            continue
        if numbers[name] and not required.features and seen[f"apart{n}"]:
            skipped[name] = f"a limit of it tells the {seen[f'apart{n}']} of all rows"
            continue
        if numbers[name]:
            feature, expression = _bins(name, numbers[name], seen[f"low{n}"], seen[f"q{n}"] or (), seen[f"few{n}"] or ())
        else:
            feature, expression = _levels(name, texts[name], seen[f"h{n}"] or {})
        if feature.choices:
            features.append(feature)
            expressions.append(expression)
        else:
            skipped[name] = "it has no value that slices could have"
    return tuple(features), expressions, skipped


def _apart(n: int) -> str:
    """Return the column of which a number separates both values wherever all are known, as SQL: a text, or null."""
    cases = []
    for what in ("label", "decision"):
        low, high = (f"{end}(v{n}) filter (pb_{what} = {value})" for value, end in ((1, "min"), (0, "max")))
        other_high, other_low = (f"{end}(v{n}) filter (pb_{what} = {value})" for value, end in ((1, "max"), (0, "min")))
        enough = " and ".join(f"count(v{n}) filter (pb_{what} = {value}) >= {_CHANCE}" for value in (0, 1))
        cases.append(f"when {enough} and ({low} > {high} or {other_high} < {other_low}) then '{what}'")
    return f"case {' '.join(cases)} end"


def _bins(name: str, number: str, low: float | None, quantiles: Sequence[float], few: Sequence[float]) -> tuple[Feature, str]:
    if low is None:
        return Feature(name, 1, ()), "0"
    own = sorted(float(value) for value in few)
    cuts = own[1:] if 0 < len(own) <= _FEW else sorted({float(cut) for cut in quantiles} - {float(low)})
    cuts = [cut for cut in cuts if math.isfinite(cut)]
    ends = [None, *cuts, None]
    whole = len(cuts) + 1
    choices: list[tuple[Condition, int, int]] = [
        ({"feature": name, "from": ends[first], "below": ends[end]}, first, end)
        for first in range(whole)
        for end in range(first + 1, whole + 1)
        if (first, end) != (0, whole)
    ]
    choices.append(({"feature": name, "is": None}, whole, whole + 1))
    code = " + ".join(f"cast({number} >= {cut!r}::double as integer)" for cut in cuts) or "0"
    # One code more, for nothing: points of a regression leave the last one out.
    return Feature(name, whole + 2, tuple(choices)), f"case when {number} is null then {whole} else {code} end"


def _levels(name: str, text: str, counts: Mapping[str, int]) -> tuple[Feature, str]:
    levels = [str(level) for level, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_LEVELS]]
    if not levels:
        return Feature(name, 1, ()), "0"
    kind = f"enum({', '.join(literal(level) for level in levels)})"
    rest = len(levels) + 1
    choices: list[tuple[Condition, int, int]] = [({"feature": name, "is": level}, n, n + 1) for n, level in enumerate(levels)]
    choices.append(({"feature": name, "is": None}, len(levels), rest))
    code = f"case when {text} is null then {len(levels)} else coalesce(enum_code(try_cast({text} as {kind})), {rest}) end"
    return Feature(name, rest + 1, tuple(choices)), code


def vectors_of(frame: Frame, required: SlicesRequirement, relation: Relation) -> NDArray[np.float64]:
    """Return the embedding of each item: shape (n_rows, d), in the order of the frame; NaN where there is none.

    Raises
    ------
    UnreadableArtefact
        If no item has one, or they have different lengths.
    """
    import numpy as np

    read = relation.arrays(f"select {vector_of(required, relation)} as v from {frame.items.source}")["v"]  # noqa: S608 - quoted
    whole = [None if v is None or v is np.ma.masked else np.asarray(v, np.float64) for v in read]
    sizes = {len(v) for v in whole if v is not None}
    if len(sizes) != 1:
        raise UnreadableArtefact(
            f"the embeddings of `{relation.path}` have {len(sizes)} different lengths"
            if sizes
            else f"no row of `{relation.path}` has an embedding",
            help="name a column of lists of numbers that are equally long, or columns of numbers",
            location=required.location,
        )
    size = sizes.pop()
    found = np.full((len(whole), size), np.nan)
    for n, v in enumerate(whole):
        if v is not None:
            found[n] = v
    return found
