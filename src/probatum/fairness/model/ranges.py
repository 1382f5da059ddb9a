"""In which ranges of inputs are errors and gaps bounded? Boxes from one half of the people, tested in the other.

The boxes are the leaves of a shallow tree, grown in one half where errors or gaps between groups differ. In the other
half each is tested both ways: that a bound is broken in it (Holm over boxes and bounds), and that all its bounds hold
(Holm over boxes; within a box all must be shown, which needs no correction). Either is said wrongly of any box with
probability at most alpha. Holm's procedure is done by rounds, at alpha by what is not yet rejected, for which only
bounds at a level are needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.semantics.decisions import group_of
from probatum.fairness.semantics.items import FIND
from probatum.fairness.semantics.ranges import Box, Counts, as_slices, count_boxes, unweighted
from probatum.fairness.semantics.relation import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.fairness.model.slices.frame import Feature, Frame

CERTIFIED, BROKEN, UNKNOWN = "certified", "violated", "unknown"
ERROR = "error"  # of claims; gaps have the name of their attribute
_WORTH = 4.0  # squared standard errors by which the halves of a split must differ
_FEWEST = 5  # rows of a group on a side, below which its rate says nothing of where to split


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A box, and what the other half says of it.

    Attributes
    ----------
    sides : tuple of mapping
        What each feature can be; see `semantics.ranges`.
    verdict : str
        `certified`, `violated` or `unknown`.
    counts : Counts
    error : (float, float)
        Bounds of the error rate at the level at which the box was decided; (0, 1) if not asked.
    gaps : mapping of str to (float, float, mapping)
        By claim: bounds of the largest gap.
    broken : tuple of (str, float)
        Bounds that are shown to be broken, and the level at which each was.
    level : float
        At which the box was certified; of an unknown one, the last at which that was tried.
    needed : int
        About how many rows in the half would certify it, at the rates that were seen; 0 if none would.
    """

    sides: tuple[dict[str, Any], ...]
    verdict: str
    counts: Counts
    error: tuple[float, float]
    gaps: Mapping[str, tuple[float, float]]
    broken: tuple[tuple[str, float], ...]
    level: float
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """All boxes of a requirement, disjoint, which together are the supported domain.

    Attributes
    ----------
    outside, rows : int
        Rows of the half that are outside the supported domain, and in it.
    alpha : float
        Probability that any box is wrongly said to be broken, and that any is wrongly certified.
    domain : tuple of mapping
        What each feature can be in some box.
    claims : tuple of str
        What is bounded in each box.
    """

    boxes: tuple[Tested, ...]
    outside: int
    rows: int
    alpha: float
    domain: tuple[dict[str, Any], ...]
    claims: tuple[str, ...]


def alpha_of(policy: Policy) -> float:
    """Return the probability of error of one requirement: the policy's is shared by all of this kind."""
    return policy.alpha / len(policy.of_kind(RangesRequirement))


def ranges_of(policy: Policy, required: RangesRequirement, relation: Relation) -> Ranges:
    """Grow boxes in one half, and test them in the other.

    Raises
    ------
    UnreadableArtefact
        If a column does not exist or holds what it cannot mean, or nothing is in a half.
    """
    unweighted(policy, required)
    domain, boxes = grow(policy, required, relation)
    counted, outside = count_boxes(boxes, policy, required, relation)
    return judge(policy, required, domain, boxes, counted, outside)


def judge(  # noqa: PLR0917 - what was found, and what was counted
    policy: Policy,
    required: RangesRequirement,
    domain: Sequence[dict[str, Any]],
    boxes: Sequence[Box],
    counted: Sequence[Counts],
    outside: int,
) -> Ranges:
    """Test each box both ways."""
    alpha = alpha_of(policy)
    claims = [(box, claim) for box in range(len(boxes)) for claim in claims_of(required)]
    broken = _by_rounds(claims, alpha, lambda one, level: low_of(counted[one[0]], one[1], level) > bound_of(required, one[1]))
    certified = _by_rounds(
        list(range(len(boxes))),
        alpha,
        lambda box, level: all(high_of(counted[box], claim, level) <= bound_of(required, claim) for claim in claims_of(required)),
    )
    found = []
    for n, box in enumerate(boxes):
        own = tuple((claim, level) for (at, claim), level in broken.items() if at == n)
        level = certified.get(n, alpha / max(1, len(boxes) - len(certified)))
        lows = dict(own)
        first = alpha / max(1, len(claims) - len(broken))
        ends = {
            claim: (low_of(counted[n], claim, lows.get(claim, first)), high_of(counted[n], claim, level))
            for claim in claims_of(required)
        }
        found.append(
            Tested(
                sides=tuple(dict(side) for side in box),
                verdict=BROKEN if own else CERTIFIED if n in certified else UNKNOWN,
                counts=counted[n],
                error=ends.get(ERROR, (0.0, 1.0)),
                gaps={claim: end for claim, end in ends.items() if claim != ERROR},
                broken=own,
                level=level,
                needed=0 if own or n in certified else _needed(counted[n], required, level),
            )
        )
    rows = sum(rows_of(one) for one in counted)
    return Ranges(boxes=tuple(found), outside=outside, rows=rows, alpha=alpha, domain=tuple(domain), claims=claims_of(required))


def claims_of(required: RangesRequirement) -> tuple[str, ...]:
    """Return what is bounded in each box."""
    gaps = tuple(f"gap:{name}" for name in required.over) if required.gap_at_most is not None else ()
    return (*((ERROR,) if required.error_at_most is not None else ()), *gaps)


def bound_of(required: RangesRequirement, claim: str) -> float:
    """Return how large it may be."""
    bound = required.error_at_most if claim == ERROR else required.gap_at_most
    return math.inf if bound is None else bound


def _by_rounds(claims: Sequence[Any], alpha: float, rejected: Callable[[Any, float], bool]) -> dict[Any, float]:
    """Return what Holm's procedure rejects, and at which level: rounds at alpha by the number that is left."""
    found: dict[Any, float] = {}
    while len(found) < len(claims):
        level = alpha / (len(claims) - len(found))
        more = [one for one in claims if one not in found and rejected(one, level)]
        if not more:
            break
        found |= dict.fromkeys(more, level)
    return found


def low_of(counts: Counts, claim: str, level: float) -> float:
    """Return a lower bound of the error rate, or of the largest gap, at a level; 0 where nothing is known."""
    from probatum.stats import gaps
    from probatum.stats.bounds import clopper_pearson

    if claim == ERROR:
        return clopper_pearson(counts.errors, counts.rows, confidence=1 - level, side="lower").low or 0.0 if counts.rows else 0.0
    sample = _sample(counts, claim)
    return gaps.at_least(sample, level).value if sample is not None else 0.0


def high_of(counts: Counts, claim: str, level: float) -> float:
    """Return an upper bound of the error rate, or of the largest gap, at a level; 1 where nothing is known."""
    from probatum.stats import gaps
    from probatum.stats.bounds import clopper_pearson

    if claim == ERROR:
        if not counts.rows:
            return 1.0
        high = clopper_pearson(counts.errors, counts.rows, confidence=1 - level, side="upper").high
        return 1.0 if high is None else high
    sample = _sample(counts, claim)
    return gaps.at_most(sample, level).value if sample is not None else 1.0


def witness(counts: Counts, claim: str, level: float) -> dict[str, Any]:
    """Return from which critical values the lower bound of a gap follows, and between whom."""
    from probatum.stats import gaps

    names: list[str | None] = [*sorted(counts.groups[claim.removeprefix("gap:")]), None]
    found = gaps.at_least(_sample(counts, claim), level)
    return {"levels": _finite(gaps.levels(len(names) - 1, level)), "pair": [names[found.more], names[found.less]]}


def allowance(counts: Counts, claim: str, level: float) -> dict[str, float | None]:
    """Return the critical values from which the upper bound of a gap follows."""
    from probatum.stats import gaps

    return _finite(gaps.pair_levels(level, len(counts.groups[claim.removeprefix("gap:")])))


def _finite(levels: Any) -> dict[str, float | None]:
    values = {"pairs": levels.pairs, "others": levels.others, "alone": levels.alone}
    return {name: None if value == math.inf else value for name, value in values.items()}


def _sample(counts: Counts, claim: str) -> Any:
    from probatum.stats.gaps import Sample

    name = claim.removeprefix("gap:")
    groups = counts.groups[name]
    if len(groups) < 2:
        return None
    ordered = [groups[group] for group in sorted(groups)]
    return Sample.of(ordered, [counts.unknown[name]] * len(ordered))


def rows_of(counts: Counts) -> int:
    """Return how many rows say something of a box."""
    return max(counts.rows, *(sum(n for _, n in groups.values()) for groups in counts.groups.values()), 0)


def _needed(counts: Counts, required: RangesRequirement, level: float) -> int:
    """Return by about how many rows all bounds would hold, if all counts grew alike."""
    rows = rows_of(counts)
    times = 1
    while rows and times <= 4096:
        grown = Counts(
            counts.rows * times,
            counts.errors * times,
            {a: {g: (x * times, n * times) for g, (x, n) in own.items()} for a, own in counts.groups.items()},
            {a: (x * times, y * times) for a, (x, y) in counts.unknown.items()},
        )
        if all(high_of(grown, claim, level) <= bound_of(required, claim) for claim in claims_of(required)):
            return rows * times
        times *= 2
    return 0


def grow(policy: Policy, required: RangesRequirement, relation: Relation) -> tuple[tuple[dict[str, Any], ...], list[Box]]:
    """Return the supported domain, and its boxes: leaves of a tree grown in the first half.

    Raises
    ------
    UnreadableArtefact
        If a feature has no values there, or too many.
    """
    import numpy as np

    from probatum.fairness.model.slices.frame import frame_of

    losses = ["error_rate"] if required.error_at_most is not None else []
    losses += [required.metric] if required.gap_at_most is not None and required.metric not in losses else []
    frame = frame_of(policy, as_slices(required, losses[0]), relation)
    if frame.skipped:
        name, reason = next(iter(frame.skipped.items()))
        raise UnreadableArtefact(
            f"no boxes can be made by `{name}`: {reason}", help="name another feature", location=required.location
        )
    first = frame.half == FIND
    if not first.any() or first.all():
        raise UnreadableArtefact(
            f"`{relation.path}` has too few rows to be divided into halves", help="add rows", location=required.location
        )
    codes = frame.codes[:, first]
    y, d = frame.label[first], frame.decision[first]
    signals: list[tuple[Any, Any, Any]] = []  # (num, known, group or None)
    if required.error_at_most is not None:
        signals.append((y != d, (y >= 0) & (d >= 0), None))
    if required.gap_at_most is not None:
        num, known = _metric(required.metric, y, d)
        for name in required.over:
            group = _groups(policy, relation, name, frame)[first]
            values, many = np.unique(group, return_counts=True)
            signals += [(num, known, group == v) for v in values[many >= policy.min_cell][:40]]
    least = max(required.min_rows or first.sum() // 50, policy.min_cell, 1)
    domain, sides = _domain(required, relation, frame, codes)
    leaves: list[list[NDArray[np.bool_]]] = []

    def split(allowed: list[NDArray[np.bool_]], rows: NDArray[np.intp], depth: int) -> None:
        best, where = _WORTH, None
        for f, feature in enumerate(frame.features if depth < required.depth else ()):
            own = codes[f, rows]
            for left in _splits(feature, allowed[f]):
                mine = left[own]
                if least <= mine.sum() <= len(rows) - least:
                    gain = max((_gain(signal, rows, mine) for signal in signals), default=0.0)
                    if gain > best:
                        best, where = gain, (f, left, mine)
        if where is None:
            leaves.append(allowed)
            return
        f, left, mine = where
        for side, chosen in ((left, rows[mine]), (~left, rows[~mine])):
            split([own & side if n == f else own for n, own in enumerate(allowed)], chosen, depth + 1)

    whole = list(domain)
    inside = np.flatnonzero(np.all([whole[f][codes[f]] for f in range(len(whole))], axis=0))
    split(whole, inside, 0)
    described = [tuple(side for f, own in enumerate(leaf) if (side := sides(f, own)) is not None) for leaf in leaves]
    root = tuple(side for f, own in enumerate(whole) if (side := sides(f, own)) is not None)
    return root, list(described)


def _metric(metric: str, y: NDArray[np.int8], d: NDArray[np.int8]) -> tuple[Any, Any]:
    known = (d >= 0) & (y >= 0)
    return {
        "error_rate": (y != d, known),
        "fpr": (d == 1, (y == 0) & (d >= 0)),
        "fnr": (d == 0, (y == 1) & (d >= 0)),
        "fdr": (y == 0, (d == 1) & (y >= 0)),
        "for": (y == 1, (d == 0) & (y >= 0)),
        "selection_rate": (d == 1, d >= 0),
        "rejection_rate": (d == 0, d >= 0),
    }[metric]


def _groups(policy: Policy, relation: Relation, name: str, frame: Frame) -> Any:
    """Return the group of each item of a frame."""
    import numpy as np

    items = frame.items
    group = group_of(policy.protected[name], relation)
    read = relation.arrays(f"select pb_row, any_value(coalesce({group}, '(missing)')) as g from {items.source} group by pb_row")  # noqa: S608 - quoted
    order = np.argsort(read["pb_row"])
    return np.asarray(read["g"], dtype=str)[order[np.searchsorted(read["pb_row"], frame.row, sorter=order)]]


def _domain(
    required: RangesRequirement,
    relation: Relation,
    frame: Frame,
    codes: NDArray[np.uint8],
) -> tuple[list[NDArray[np.bool_]], Callable[[int, NDArray[np.bool_]], dict[str, Any] | None]]:
    """Return which codes of each feature are seen in the first half, and how a set of codes is said."""
    import numpy as np

    from probatum.fairness.semantics.decisions import number_of

    items, features = frame.items, frame.features
    ends: dict[int, tuple[float, float]] = {}
    allowed = []
    for f, feature in enumerate(features):
        seen = np.zeros(feature.width, dtype=bool)
        seen[np.unique(codes[f])] = True
        seen[-1] = False  # what is no level of its own
        if numeric(feature):
            seen[: feature.width - 2] = True  # a range, with what is between
            value = number_of(feature.name, relation, required.location, "a number")
            [row] = relation.sql(f"select min({value}) as low, max({value}) as high from {items.source} where pb_half = {FIND}")  # noqa: S608 - quoted
            ends[f] = float(row["low"]), float(row["high"])
        allowed.append(seen)

    def said(f: int, own: NDArray[np.bool_]) -> dict[str, Any] | None:
        feature = features[f]
        if f not in ends:
            levels = {first: one["is"] for one, first, _ in feature.choices}
            return {"feature": feature.name, "in": [levels[int(code)] for code in np.flatnonzero(own)]}
        whole = feature.width - 2
        values = np.flatnonzero(own[:whole])
        if not len(values):
            return {"feature": feature.name, "from": None, "to": None, "missing": bool(own[whole])}
        cuts = {first: one["from"] for one, first, _ in feature.choices if "from" in one}
        low = ends[f][0] if values[0] == 0 else cuts[int(values[0])]
        last = int(values[-1]) + 1
        high = {"to": ends[f][1]} if last == whole else {"below": cuts[last]}
        return {"feature": feature.name, "from": low} | high | {"missing": bool(own[whole])}

    return allowed, said


def numeric(feature: Feature) -> bool:
    """Say whether codes are bins of numbers, in their order."""
    return feature.width >= 2 and not any(one.get("is") is not None for one, _, _ in feature.choices)


def _splits(feature: Feature, allowed: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the sets of codes that a split sends to the left."""
    import numpy as np

    at = np.flatnonzero(allowed)
    if numeric(feature):
        return [np.arange(feature.width) <= code for code in at[:-1]]
    return [np.arange(feature.width) == code for code in at] if len(at) > 1 else []


def _gain(signal: tuple[Any, Any, Any], rows: NDArray[np.intp], mine: NDArray[np.bool_]) -> float:
    """Return by how many squared standard errors the sides differ: in a rate, or in a gap between a group and all others."""
    num, known, group = signal
    known, num = known[rows], num[rows]
    value = spread = 0.0
    for sign, side in ((1, mine), (-1, ~mine)):
        for way, chosen in (
            ((1, known & side),) if group is None else ((1, known & side & group[rows]), (-1, known & side & ~group[rows]))
        ):
            n = int(chosen.sum())
            if n < _FEWEST:
                return 0.0
            rate = (num[chosen].sum() + 0.5) / (n + 1)
            value += sign * way * rate
            spread += rate * (1 - rate) / n
    return float(value * value / spread)
