"""Find slices in one half, confirm them in the other, and say what is known of all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.model.gaps import Verdict
from probatum.fairness.model.slices.ceiling import Highest, highest
from probatum.fairness.model.slices.confirm import Sums, excess_low, holm, needed, p_value
from probatum.fairness.model.slices.frame import Feature, Frame, frame_of, vectors_of
from probatum.fairness.model.slices.lattice import Lattice, Scored
from probatum.fairness.model.slices.pockets import pockets
from probatum.fairness.model.slices.ratio import products
from probatum.fairness.model.slices.residual import residual_slice
from probatum.fairness.semantics.items import CONFIRM, FIND
from probatum.fairness.semantics.relation import Relation
from probatum.tools import Deadline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEARCHED = 30  # conjunctions, of which those are tested that are not nearly the same
_MANY = 10  # times as many, where rows have clusters: the best may be all of one person
_READ = 200_000  # rows of the finding half, beyond which a sample is searched: what is confirmed is confirmed on all
_TESTED = 20
_ROUNDS = 4  # each without the rows of the best slice of the one before
_ALIKE = 0.6  # share of common items (of those in either) from which two slices are nearly the same
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A slice, and what both halves say about it.

    Attributes
    ----------
    definition : mapping
        JSON, one of ``{"all": [condition, ...]}``, ``{"near": [...], "radius": r}``,
        ``{"points": [[condition, n], ...], "reach": n}``.
    text : str
        The same for people.
    found, confirmed : Sums
        In the half in which slices are found, and in the other.
    p, adjusted : float
        How surprising the confirming half is if the slice is as the policy allows; and together
        with all others that were tested.
    low : float
        Lower bound of the excess, together with those of all others that were tested.
    nearest : tuple of int
        Rows of the table nearest to the centre, where the slice is around one.
    """

    definition: Mapping[str, Any]
    text: str
    found: Sums
    confirmed: Sums
    p: float = 1.0
    adjusted: float = 1.0
    low: float = -math.inf
    nearest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a search says.

    Attributes
    ----------
    verdict : Verdict
    slices : tuple of Slice
        All that were tested, in the order of how surprising they are.
    shown : tuple of Slice
        Those that are worse than allowed, without what is worse only by what it shares with one
        before it.
    highest : Highest or None
        The slice of which the most cannot be excluded; None if slices were found to be worse.
    needed : int
        Rows of the most suspicious slice after which what was seen would decide; 0 if none would.
    rows : int
        Items in both halves.
    least : int
        Fewest rows of a slice in each half.
    mean : float
        Loss of everyone, in the confirming half.
    skipped : mapping of str to str
        Columns that made no slices, and why.
    searched : tuple of mapping
        Of which features, and of which of their values, slices were made; JSON.
    """

    verdict: Verdict
    slices: tuple[Slice, ...]
    shown: tuple[Slice, ...]
    highest: Highest | None
    needed: int
    rows: int
    least: int
    mean: float
    clustered: bool
    skipped: Mapping[str, str] = field(default_factory=dict)
    searched: tuple[Mapping[str, Any], ...] = ()


def search(policy: Policy, required: SlicesRequirement, relation: Relation, deadline: Deadline | None = None) -> Answer:
    """Search the slices of a requirement.

    Raises
    ------
    UnreadableArtefact
        If the table is not what the policy says.
    """
    frame = frame_of(policy, required, relation)
    halves = {half: frame.half == half for half in (FIND, CONFIRM)}
    rows = len(frame.num)
    find = _some(halves[FIND], required.seed)
    least = required.min_rows or max(policy.min_cell, math.ceil(int(halves[FIND].sum()) / 100))
    minimum = math.ceil(least * int(find.sum()) / max(1, int(halves[FIND].sum())))
    exact = frame.items.rate and (not frame.items.clustered or int(frame.cluster.max()) + 1 == rows)
    clustered = frame.items.clustered and not exact

    def lattice_of(rows: NDArray[np.bool_]) -> Lattice:
        own = frame.cluster[rows] if clustered else None
        return Lattice(frame.features, frame.codes[:, rows], frame.num[rows], frame.den[rows], deadline, cluster=own)

    members: list[NDArray[np.bool_]] = []
    slices: list[Slice] = []

    def add(member: NDArray[np.bool_], definition: Mapping[str, Any], text: str, nearest: tuple[int, ...] = ()) -> None:
        if len(slices) == _TESTED or any(_alike(member[find], other[find]) for other in members):
            return
        found, confirmed = (_sums(frame, member, halves[half], exact=exact) for half in (FIND, CONFIRM))
        members.append(member)
        slices.append(Slice(definition=definition, text=text, found=found, confirmed=confirmed, nearest=nearest))

    # Few, and found in another way, so they are never crowded out.
    points = residual_slice(
        frame.features, frame.codes[:, find], frame.num[find], frame.den[find], min_rows=minimum, excess=required.bound
    )
    if required.embedding:
        _add_pockets(frame, required, relation, find=find, least=minimum, deadline=deadline, add=add)
    left, covered = lattice_of(find), find
    for _ in range(_ROUNDS):
        best = left.best(_SEARCHED * (_MANY if clustered else 1), depth=required.depth, min_rows=minimum, excess=required.bound)
        if clustered:
            best = _sure(frame, best, covered, required.bound)
        simple = dict.fromkeys(left.simplest(one.choice, excess=required.bound) for one in best)
        before = len(slices)
        for choice in simple:
            conditions = [frame.features[f].choices[n] for f, n in choice]
            member = _member(frame, choice)
            definition = {"all": [dict(condition) for condition, _, _ in conditions]}
            if len(slices) < _TESTED - 1:  # the last place is kept for the regression
                add(member, definition, " and ".join(said(condition) for condition, _, _ in conditions))
        if len(slices) == before:
            break
        # What else there is shows where the best of these is not.
        covered = covered & ~members[before]
        if covered.sum() < minimum:
            break
        left = lattice_of(covered)
    if points is not None:
        total = _points(frame.features, frame.codes, points.points)
        add(
            total >= points.reach,
            {"points": [[dict(c), n] for c, n in points.points], "reach": points.reach},
            f"at least {points.reach} points for {_heaviest(points.points)}",
        )
    tested, shown = _tested(slices, members, frame, confirm=halves[CONFIRM], policy=policy, required=required, exact=exact)
    confirm = halves[CONFIRM]
    mean = float(frame.num[confirm].sum() / frame.den[confirm].sum()) if frame.den[confirm].sum() > 0 else math.nan
    top: Highest | None = None
    verdict, more = Verdict.VIOLATED, 0
    if not shown:
        top = highest(
            frame,
            depth=required.depth,
            min_rows=least,
            bound=required.bound,
            alpha=policy.alpha,
            exact=exact,
            deadline=deadline,
        )
        # Balls and sums of points are not among all conjunctions: none may be open.
        others = all(not one.confirmed.excess > required.bound for one in tested)
        verdict = Verdict.SATISFIED if top is not None and top.high <= required.bound and others else Verdict.OPEN
        suspect = max((s for s in tested if s.confirmed.excess > required.bound), key=lambda s: -s.p, default=None)
        more = needed(suspect.confirmed, required.bound, policy.alpha / max(1, len(tested))) if suspect is not None else 0
    return Answer(
        verdict=verdict,
        slices=tested,
        shown=shown,
        highest=top,
        needed=more,
        rows=rows,
        least=least,
        mean=mean,
        clustered=frame.items.clustered,
        skipped=frame.skipped,
        searched=tuple(_searched(feature) for feature in frame.features),
    )


def _member(frame: Frame, choice: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Return which rows are in a conjunction."""
    import numpy as np

    found = np.ones(len(frame.num), bool)
    for f, n in choice:
        _, first, end = frame.features[f].choices[n]
        found &= (frame.codes[f] >= first) & (frame.codes[f] < end)
    return found


def _sure(frame: Frame, best: Sequence[Scored], rows: NDArray[np.bool_], bound: float) -> list[Scored]:
    """Return the conjunctions that are the surest to be worse than allowed, by clusters: many rows may be few people.

    A conjunction of too few clusters to say anything of is left out; it could not be confirmed either.
    """
    told = [(p_value(_sums(frame, _member(frame, one.choice), rows, exact=False), bound), n) for n, one in enumerate(best)]
    return [best[n] for p, n in sorted(told)[:_SEARCHED] if p < 1]


def _searched(feature: Feature) -> Mapping[str, Any]:
    """Return a feature and what slices are made of: the ends of its bins, or its texts. What is missing makes one too."""
    conditions = [condition for condition, first, end in feature.choices if end == first + 1]
    texts = [condition["is"] for condition in conditions if condition.get("is") is not None]
    ends = [condition["from"] for condition in conditions if condition.get("from") is not None]
    return {"feature": feature.name, "texts": texts} if texts else {"feature": feature.name, "ends": ends}


def _add_pockets(
    frame: Frame,
    required: SlicesRequirement,
    relation: Relation,
    *,
    find: NDArray[np.bool_],
    least: int,
    deadline: Deadline | None,
    add: Any,
) -> None:
    import numpy as np

    vectors = vectors_of(frame, required, relation)
    there = ~np.isnan(vectors.sum(axis=1))
    inside = find & there
    if not inside.any():
        return
    events = np.stack([frame.label, frame.decision], axis=1)
    if not frame.items.rate:  # there are no events: what lost more than the mean is one
        mean = frame.num[inside].sum() / max(frame.den[inside].sum(), 1e-300)
        events = (frame.num > mean * frame.den).astype(np.int8)[:, None]
    found = pockets(
        vectors[inside],
        events[inside],
        frame.num[inside],
        frame.den[inside],
        min_rows=least,
        excess=required.bound,
        seed=required.seed,
        deadline=deadline,
    )
    for one in found[: _TESTED // 2]:
        far: NDArray[np.float64] = np.sqrt(
            ((np.where(there[:, None], vectors, 0.0) - np.array(one.centre)) ** 2).sum(axis=1)
        ).ravel()
        member = np.logical_and(there, far <= one.radius)
        order = [int(n) for n in np.argsort(np.where(member, far, np.inf), kind="stable")[:3]]
        nearest = tuple(int(frame.row[n]) for n in order if far[n] <= one.radius and there[n])
        typical = _typical(frame, member)
        text = f"items like row{'s' if len(nearest) > 1 else ''} {', '.join(str(n) for n in nearest)}" + (
            f" (mostly {typical})" if typical else ""
        )
        add(member, {"near": list(one.centre), "radius": one.radius}, text, nearest)


def _typical(frame: Frame, member: NDArray[np.bool_]) -> str:
    """Return what is true of most of some items and of few others; "" if nothing is."""
    best, told = 0.0, ""
    for feature, codes in zip(frame.features, frame.codes, strict=True):
        for condition, first, end in feature.choices:
            holds = (codes >= first) & (codes < end)
            inside, outside = float(holds[member].mean()), float(holds[~member].mean()) if (~member).any() else 0.0
            if inside >= 0.6 and inside - outside > max(best, 0.2):
                best, told = inside - outside, said(condition)
    return told


def _tested(
    slices: Sequence[Slice],
    members: Sequence[NDArray[np.bool_]],
    frame: Frame,
    *,
    confirm: NDArray[np.bool_],
    policy: Policy,
    required: SlicesRequirement,
    exact: bool,
) -> tuple[tuple[Slice, ...], tuple[Slice, ...]]:
    """Return slices with what is known of them, and those that are shown."""
    from dataclasses import replace

    import numpy as np

    many = len(slices)
    values = [p_value(one.confirmed, required.bound) for one in slices]
    adjusted = holm(values)
    known = [
        replace(one, p=p, adjusted=q, low=excess_low(one.confirmed, policy.alpha / many))
        for one, p, q in zip(slices, values, adjusted, strict=True)
    ]
    order = sorted(range(many), key=lambda n: (known[n].p, -known[n].confirmed.excess if known[n].confirmed.b > 0 else 0.0, n))
    shown: list[Slice] = []
    covered = np.zeros(len(frame.num), bool)
    for n in order:
        # The bound is Bonferroni's, and Holm's is no weaker: what is shown has both.
        if known[n].adjusted > policy.alpha or len(shown) == _SHOWN:
            continue
        alone = members[n] & ~covered
        rest = _sums(frame, alone, confirm, exact=exact)
        if shown and (rest.rows < policy.min_cell or not rest.excess > required.bound):
            continue
        shown.append(known[n])
        covered |= members[n]
    return tuple(known[n] for n in order), tuple(shown)


def _some(half: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Return at most `_READ` of the rows, by seeded chance."""
    import numpy as np

    places = np.flatnonzero(half)
    if len(places) <= _READ:
        return half
    found = np.zeros(len(half), bool)
    found[np.random.default_rng(seed).choice(places, _READ, replace=False)] = True
    return found


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    either = int((one | other).sum())
    return either == 0 or int((one & other).sum()) / either >= _ALIKE


def _points(
    features: Sequence[Feature], codes: NDArray[np.uint8], points: Sequence[tuple[Mapping[str, Any], int]]
) -> NDArray[np.int64]:
    import numpy as np

    total = np.zeros(codes.shape[1], np.int64)
    for feature, own in zip(features, codes, strict=True):
        table = np.zeros(feature.width, np.int64)
        for condition, first, end in feature.choices:
            if end == first + 1:
                table[first] = next((n for c, n in points if c == condition), 0)
        total += table[own]
    return total


def _heaviest(points: Sequence[tuple[Mapping[str, Any], int]]) -> str:
    most = sorted((p for p in points if p[1] > 0), key=lambda pair: -pair[1])[:3]
    return ", ".join(f"{said(condition)}: {n}" for condition, n in most) + (", ..." if len(points) > len(most) else "")


def _sums(frame: Frame, member: NDArray[np.bool_], half: NDArray[np.bool_], *, exact: bool) -> Sums:
    """Return what `semantics.items.sums` returns, from arrays."""
    import numpy as np

    inside = member & half
    num, den = frame.num, frame.den
    if frame.items.clustered and not exact:
        size = int(frame.cluster.max()) + 1
        parts = {
            "a": np.bincount(frame.cluster[inside], num[inside], minlength=size).astype(np.float64),
            "b": np.bincount(frame.cluster[inside], den[inside], minlength=size).astype(np.float64),
            "A": np.bincount(frame.cluster[half], num[half], minlength=size).astype(np.float64),
            "B": np.bincount(frame.cluster[half], den[half], minlength=size).astype(np.float64),
        }
        clusters = len(np.unique(frame.cluster[inside]))
        every = len(np.unique(frame.cluster[half]))
    else:
        chosen = inside[half]
        parts = {"A": num[half], "B": den[half]}
        parts |= {"a": np.where(chosen, parts["A"], 0.0), "b": np.where(chosen, parts["B"], 0.0)}
        clusters, every = int(inside.sum()), int(half.sum())
    return Sums(
        rows=int(inside.sum()),
        a=float(parts["a"].sum()),
        b=float(parts["b"].sum()),
        all_a=float(parts["A"].sum()),
        all_b=float(parts["B"].sum()),
        products={} if exact else products(np.stack([parts[name] for name in ("a", "b", "A", "B")])),
        clusters=clusters,
        all_clusters=every,
        exact=exact,
    )


def said(condition: Mapping[str, Any]) -> str:
    """Return a condition in words."""
    name = condition["feature"]
    if "is" in condition:
        return f"`{name}` missing" if condition["is"] is None else f"`{name}` = {condition['is']}"
    low, high = condition["from"], condition["below"]
    if low is None:
        return f"`{name}` below {high:g}"
    return f"`{name}` at least {low:g}" if high is None else f"`{name}` from {low:g} to below {high:g}"
