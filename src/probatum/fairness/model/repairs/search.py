"""Candidates for one requirement, the best of each kind, and what the other half says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.group import GroupRequirement
from probatum.fairness.model.repairs import thresholds
from probatum.fairness.model.repairs.front import Maker, front
from probatum.fairness.model.repairs.people import FIT, People, people_of
from probatum.fairness.model.repairs.safety import METRICS, Price, Tested, expected, judged, price, tightened
from probatum.fairness.semantics.relation import Relation
from probatum.tools import Deadline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What a way to decide is called, in words, its setting, whether it needs the group, and the decisions: shape (n,).
_Made: TypeAlias = "tuple[str, str, Mapping[str, Any], bool, NDArray[np.int8]]"
# How far towards equality a candidate is fitted, so that it has a chance to pass: the least that may do.
_SHARES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
# It is fitted to pass at a level this many times stricter: at the level itself it would pass every other time.
_STRICTER = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Another way to decide, and what is known of it.

    Attributes
    ----------
    name, text : str
    setting : mapping
        JSON: what it takes to decide so.
    needs_group : bool
        Whether the group must be known when deciding.
    passed : bool
        Whether the upper bound of every gap is within the policy, on the safety half.
    tests : tuple of Tested
    price : Price
    """

    name: str
    text: str
    setting: Mapping[str, Any]
    needs_group: bool
    passed: bool
    tests: tuple[Tested, ...]
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What was tried for one requirement and one way to make groups.

    Attributes
    ----------
    now : tuple of Tested
        Of decisions as they are, on the safety half.
    candidates : tuple of Candidate
        Those that pass first; of these, the most accurate.
    front : tuple of Candidate
        Of each kind of thresholds, settings that none other beats in both gap and price; whether
        they pass, and their bounds, hold for all of them together.
    weights : mapping of (group, truth) to float
        For training anew; empty where truth is not known.
    notes : tuple of str
        What was not tried, and why.
    """

    now: tuple[Tested, ...]
    candidates: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    weights: Mapping[tuple[str, int], float]
    fitted: int
    safety: int
    notes: tuple[str, ...]


def search(
    policy: Policy,
    required: GroupRequirement,
    over: tuple[str, ...],
    relation: Relation,
    *,
    seed: int = 0,
    retrain: bool = False,
    increasing: Sequence[str] = (),
    decreasing: Sequence[str] = (),
    deadline: Deadline | None = None,
) -> Repairs:
    """Fit candidates on one half, and test them on the other.

    Parameters
    ----------
    retrain : bool
        Whether to train models anew, from the other columns of the table.
    increasing, decreasing : sequence of str
        Columns in which such a model must be monotone.

    Raises
    ------
    UnreadableArtefact
        If the table is not what the policy says.
    MissingExtra
        If a model is to be trained, and scikit-learn is not installed.
    """
    from probatum.fairness.model.repairs.retrained import features_of, retrained, reweighing

    notes = []
    people = people_of(policy, relation, over, seed=seed)
    weights = reweighing(people)
    unknown = [metric for metric in required.metrics if metric not in METRICS]
    made: list[_Made] = []
    if unknown:
        notes.append(f"decisions do not change the {', '.join(unknown)}")
    elif required.given:
        notes.append("repairs within strata are not known")
    else:
        made += _by_score(policy, required, people, deadline, seed) if policy.decision.score else []
        if not policy.decision.score:
            notes.append("without a score there are no thresholds")
        if retrain:
            features = features_of(policy, relation, over, seed=seed)
            for name, text, decide in retrained(
                people, features, required, tightened(required, 0.5), increasing=increasing, decreasing=decreasing
            ):
                if deadline is not None:
                    deadline.check()
                made.append((name, text, {}, False, decide()))
    lines = []
    if policy.decision.score and not unknown and not required.given:
        lines = _fronts(policy, required, people, deadline, seed)

    def measured(of: list[_Made]) -> list[Candidate]:
        alpha = policy.alpha / max(1, len(of))
        return [_measured(policy, required, people, one, alpha) for one in of]

    candidates = measured(made)
    known = not unknown and not required.given and (people.decision >= 0).any()
    now = tuple(judged(people, people.decision, required, alpha=policy.alpha, min_cell=policy.min_cell)) if known else ()
    return Repairs(
        now=now,
        candidates=tuple(sorted(candidates, key=lambda c: (not c.passed, -(c.price.accuracy_after or (0.0,))[0]))),
        front=tuple(measured(lines)),
        weights=weights,
        fitted=int((people.half == FIT).sum()),
        safety=int((people.half != FIT).sum()),
        notes=tuple(notes),
    )


def _measured(policy: Policy, required: GroupRequirement, people: People, made: _Made, alpha: float) -> Candidate:
    """Return a way to decide, with what the half says on which it was not fitted."""
    name, text, setting, needs_group, decision = made
    tests = tuple(judged(people, decision, required, alpha=alpha, min_cell=policy.min_cell))
    return Candidate(
        name=name,
        text=text,
        setting=setting,
        needs_group=needs_group,
        passed=all(one.passed for one in tests),
        tests=tests,
        price=price(people, decision, favourable=policy.decision.favourable, alpha=alpha),
    )


def _fronts(policy: Policy, required: GroupRequirement, people: People, deadline: Deadline | None, seed: int) -> list[_Made]:
    """Return what it costs to bring groups nearer by thresholds, step by step."""

    def tick() -> None:
        if deadline is not None:
            deadline.check()

    return [
        (name, text, setting, needs_group, decision)
        for name, text, needs_group, make in _kinds(policy, required, people, seed)
        if name != "abstention"
        for setting, decision in front(people, required, make, tick=tick)
    ]


def _kinds(policy: Policy, required: GroupRequirement, people: People, seed: int) -> tuple[tuple[str, str, bool, Maker], ...]:
    """Return the ways to decide by a score: what they are called, whether they need the group, and how they are fitted."""
    groups = thresholds.curves(people, required)
    threshold = policy.decision.threshold

    def all_alike(bound: float) -> tuple[Mapping[str, Any], NDArray[np.int8]] | None:
        found = thresholds.one_for_all(people, required, bound)
        return None if found is None else ({"threshold": found}, thresholds.decided(people, dict.fromkeys(people.names, found)))

    def each(bound: float) -> tuple[Mapping[str, Any], NDArray[np.int8]] | None:
        found = thresholds.by_group(groups, required, bound)
        return None if found is None else ({"thresholds": found}, thresholds.decided(people, found))

    def lots(bound: float) -> tuple[Mapping[str, Any], NDArray[np.int8]] | None:
        found = thresholds.lottery(groups, required, bound)
        if found is None:
            return None
        return {"lottery": {name: [list(part) for part in parts] for name, parts in found.items()}}, thresholds.drawn(
            people, found, seed=seed
        )

    def band(bound: float) -> tuple[Mapping[str, Any], NDArray[np.int8]] | None:
        if threshold is None:
            return None
        width = thresholds.band(people, threshold, required, bound)
        return None if width is None else ({"threshold": threshold, "width": width}, thresholds.outside(people, threshold, width))

    return (
        ("threshold", "another threshold for all", False, all_alike),
        ("group-thresholds", "a threshold for each group; the group must be known when deciding", True, each),
        ("lottery", "a lottery of thresholds for each group; the group must be known when deciding", True, lots),
        ("abstention", "those near the threshold are left to people", False, band),
    )


def _by_score(policy: Policy, required: GroupRequirement, people: People, deadline: Deadline | None, seed: int) -> list[_Made]:
    """Return the first of each kind that can be expected to pass, or else the nearest."""
    made = []
    kinds = _kinds(policy, required, people, seed)
    for name, text, needs_group, make in kinds:
        last = None
        for share in _SHARES:
            if deadline is not None:
                deadline.check()
            found = make(tightened(required, share))
            if found is None:
                continue
            last = found
            if expected(people, found[1], required, FIT, alpha=policy.alpha / len(kinds) / _STRICTER, min_cell=policy.min_cell):
                break
        if last is not None:
            made.append((name, text, last[0], needs_group, last[1]))
    return made
