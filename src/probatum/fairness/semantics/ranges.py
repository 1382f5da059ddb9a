"""What a box of inputs means, and what happened in it: counts of errors, and of each group, in one half of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.semantics.decisions import MISSING, group_of, number_of
from probatum.fairness.semantics.items import CONFIRM, items_of, literal, text_of
from probatum.fairness.semantics.relation import Relation

_SHOWN = 4  # values that a sentence names

# What a feature can be in a box, as JSON: {"feature": name, "in": [text or null, ...]}, or a number that is at least
# `from`, and below `below` or at most `to`, or null where `missing`: {"feature", "from", "below" or "to", "missing"}.
Side: TypeAlias = Mapping[str, Any]
Box: TypeAlias = Sequence[Side]


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened in a box.

    Attributes
    ----------
    rows : int
        Whose error is known; 0 where errors are not asked for.
    errors : int
    groups : mapping of str to mapping of str to (int, int)
        By attribute and group: hits and trials of the metric of the gap, only groups that have the policy's `min_cell`.
    unknown : mapping of str to (int, int)
        By attribute: hits and misses of rows that may belong to any group.
    """

    rows: int
    errors: int
    groups: Mapping[str, Mapping[str, tuple[int, int]]]
    unknown: Mapping[str, tuple[int, int]]


def as_slices(required: RangesRequirement, metric: str, bins: int = 8) -> SlicesRequirement:
    """Return the items of a requirement: those of slices by the same features, halves and metric."""
    return SlicesRequirement(
        id=required.id,
        metric=metric,
        num="",
        den="",
        bound=0.0,
        depth=1,
        features=required.features,
        pairs=(),
        cluster="",
        embedding=(),
        bins=bins,
        min_rows=required.min_rows,
        seed=required.seed,
        location=required.location,
    )


def unweighted(policy: Policy, required: RangesRequirement) -> None:
    """Check that rows count alike.

    Raises
    ------
    UnreadableArtefact
        If they have weights: the bounds are exact ones, of counts.
    """
    if policy.decision.weight:
        raise UnreadableArtefact(
            "the bounds of ranges are those of counts, and rows have weights",
            help="leave `weight` out, in a policy of its own",
            location=required.location,
        )


def inside(box: Box, policy: Policy, required: RangesRequirement, relation: Relation) -> str:
    """Return whether an item is in a box, as SQL; never null."""
    parts = []
    for side in box:
        name = str(side["feature"])
        if "in" in side:
            text = text_of(name, policy, as_slices(required, "error_rate"), relation)
            named = [value for value in side["in"] if value is not None]
            either = [f"{text} in ({', '.join(literal(str(value)) for value in named)})"] if named else []
            either += [f"{text} is null"] if None in side["in"] else []
        else:
            value = number_of(name, relation, required.location, "a number")
            signs = (("from", ">="), ("below", "<"), ("to", "<="))
            ends = [f"{value} {sign} {float(side[key])!r}::double" for key, sign in signs if side.get(key) is not None]
            either = [f"({' and '.join(ends)})"] if ends else []
            either += [f"{value} is null"] if side["missing"] else []
        parts.append(f"coalesce({' or '.join(either) or 'false'}, false)")
    return f"({' and '.join(parts) or 'true'})"


def said(box: Box) -> str:
    """Return a box in words."""
    parts = []
    for side in box:
        name = f"`{side['feature']}`"
        if "in" in side:
            shown = ["missing" if value is None else f"`{value}`" for value in side["in"][:_SHOWN]]
            more = f" or {len(side['in']) - _SHOWN} more" if len(side["in"]) > _SHOWN else ""
            parts.append(f"{name} is {' or '.join(shown)}{more}")
            continue
        ends = [
            f"{word} {side[key]:g}"
            for key, word in (("from", "from"), ("to", "to"), ("below", "below"))
            if side.get(key) is not None
        ]
        ends += (["or missing"] if ends else ["is missing"]) if side["missing"] else []
        parts.append(f"{name} {' '.join(ends) or 'is nothing'}")
    return " and ".join(parts) or "everyone is"


def count_boxes(
    boxes: Sequence[Box], policy: Policy, required: RangesRequirement, relation: Relation, half: int = CONFIRM
) -> tuple[list[Counts], int]:
    """Count what happened in each of disjoint boxes, and how many rows are in none.

    Of rows with a cluster in common, one counts in each box, chosen by the seed: then what is counted is independent.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist, or holds what it cannot mean.
    """
    cases = " ".join(f"when {inside(box, policy, required, relation)} then {n}" for n, box in enumerate(boxes))
    place = f"case {cases} else -1 end" if boxes else "-1"
    errors = [(0, 0)] * len(boxes)
    outside = 0
    if required.error_at_most is not None:
        for row in _counted(place, "''", "error_rate", policy, required, relation, half):
            if row["box"] < 0:
                outside = int(row["n"])
            else:
                errors[row["box"]] = (int(row["n"]), int(row["hits"]))
    groups: list[dict[str, dict[str, tuple[int, int]]]] = [{} for _ in boxes]
    unknown: list[dict[str, tuple[int, int]]] = [{} for _ in boxes]
    for name in required.over if required.gap_at_most is not None else ():
        beyond = 0
        group = group_of(policy.protected[name], relation)
        for box in range(len(boxes)):
            groups[box][name], unknown[box][name] = {}, (0, 0)
        for row in _counted(place, group, required.metric, policy, required, relation, half):
            n, hits, box = int(row["n"]), int(row["hits"]), row["box"]
            if box < 0:
                beyond += n
            elif row["g"] is None and policy.missing is Missing.BOUNDS:
                unknown[box][name] = (hits, n - hits)
            elif n >= policy.min_cell:
                groups[box][name][MISSING if row["g"] is None else row["g"]] = (hits, n)
        outside = max(outside, beyond)
    return [Counts(n, wrong, groups[box], unknown[box]) for box, (n, wrong) in enumerate(errors)], outside


def _counted(  # noqa: PLR0917 - what is counted, of what
    place: str, group: str, metric: str, policy: Policy, required: RangesRequirement, relation: Relation, half: int
) -> list[dict[str, Any]]:
    items = items_of(policy, as_slices(required, metric), relation)
    one = (
        f"qualify row_number() over (partition by box, pb_cluster order by md5('{required.seed}/' || pb_row), pb_num) = 1"
        if items.clustered
        else ""
    )
    return list(
        relation.sql(
            f"select box, g, count(*) as n, sum(pb_num) as hits from "  # noqa: S608 - names are quoted
            f"(select {place} as box, {group} as g, pb_num, pb_cluster, pb_row from {items.source} where pb_half = {half} {one}) "
            f"group by box, g order by box, g"
        )
    )
