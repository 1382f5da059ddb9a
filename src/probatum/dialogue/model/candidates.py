"""Pairs that may be tried as rewrites: where goals that begin with a text end well, judged by the guards.

The chain proposes, for each text that fails often enough to be worth it, the
texts at which its goals succeed; the guards dispose. Refused pairs are returned
with their reasons, because a team wants to know why the obvious was not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from probatum.dialogue.model.chain import Chain, Solution
from probatum.dialogue.model.depth import flatten
from probatum.dialogue.model.guards import Asked, Judged, Limits, Meaning, Pair, bounds, judge
from probatum.dialogue.model.push import LEAST, best
from probatum.dialogue.semantics.edges import Counted, States, Steps

Numbers: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair that a chain proposes, and what the guards say.

    Attributes
    ----------
    source, target : int
        Numbers of texts.
    pair : Pair
    success : float
        G: probability that a goal that begins with the source ends well at the target, from below by at most `aside`.
    share : float
        Of goals that begin with the source and end well, those that do at the target.
    aside : float
    judged : Judged
    """

    source: int
    target: int
    pair: Pair
    success: float
    share: float
    aside: float
    judged: Judged


def proposals(
    counted: Counted,
    chain: Chain,
    solution: Solution,
    *,
    text: Callable[[int], str],
    meaning: Callable[[int], Meaning | None],
    limits: Limits,
    asked: Asked,
    count: int = 3,
    least: float = LEAST,
) -> list[Proposal]:
    """Return what the chain proposes for each text that fails, and what the guards say: at most `count` for each.

    Parameters
    ----------
    counted : Counted
        Of utterances.
    chain, solution
        Of the same.
    text, meaning : callable of a number
        The normalised text, and what it is understood as.
    limits, asked
        See `guards`.
    count : int
    least : float
        As in `push.reach`.

    Returns
    -------
    list of Proposal
        By source and from the likeliest target down. Texts of fewer users than `limits.users`, and those that work so
        well that nothing could be better by `limits.better`, are not looked at.
    """
    states, steps = counted.states, counted.steps
    by_state = _places(states.state, chain.states)
    worth = _worth(states, limits)
    sources = np.flatnonzero((by_state >= 0) & worth[by_state])
    found: list[Proposal] = []
    index = _index(steps)
    for group in best(chain, sources, count=count, least=least):
        for row, place in enumerate(group.sources.tolist()):
            for target, success in zip(group.target[row].tolist(), group.success[row].tolist(), strict=True):
                if target < 0:
                    break
                one, other = int(chain.states[place]), int(chain.states[target])
                pair = _pair(one, other, (states, steps), index, text=text, meaning=meaning)
                if pair is None:
                    continue
                share = min(1.0, success / float(solution.success[place])) if solution.success[place] > 0 else 0.0
                aside = float(group.aside[row])
                found.append(Proposal(one, other, pair, success, share, aside, judge(pair, limits, asked)))
    return found


def candidates(proposed: Iterable[Proposal], *, error: float = 0.05) -> tuple[list[Proposal], dict[int, str]]:
    """Return of each source the likeliest proposal that nothing speaks against, so that no target is rewritten itself.

    Parameters
    ----------
    proposed : iterable of Proposal
        From the likeliest down, for each source.
    error : float
        Of the lower bound by which the weakest pair of a cycle is told.

    Returns
    -------
    (list of Proposal, dict of source to reason)
        Those that stay, by source, and why others do not. Where two would follow each other, the pair from the first source
        to the last target takes the place of the first, if it was proposed and nothing speaks against it.
    """
    chosen: dict[int, Proposal] = {}
    every: dict[tuple[int, int], Proposal] = {}
    for one in proposed:
        every[one.source, one.target] = one
        if one.judged.candidate:
            chosen.setdefault(one.source, one)
    weak = {s: (p.target, bounds(p.pair.target_direct, p.pair.target_tried, error)[0]) for s, p in chosen.items()}
    flat = flatten(weak, lambda source, target: (source, target) in every and every[source, target].judged.candidate)
    return [every[pair] for pair in sorted(flat.rewrites.items())], dict(flat.dropped)


def refused(proposed: Iterable[Proposal]) -> Mapping[str, int]:
    """Return how many proposals each guard refused; one that several refused is counted for each."""
    found: dict[str, int] = {}
    for one in proposed:
        for name in {objection.guard for objection in one.judged.objections}:
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))


def _worth(states: States, limits: Limits) -> NDArray[np.bool_]:
    tried = states.tried > 0
    well = np.clip(states.direct, 0, states.tried)
    high = np.ones(len(states.state))
    high[tried] = betaincinv(0.5 + well[tried], 0.5 + (states.tried - well)[tried], 1 - limits.error)
    worth: NDArray[np.bool_] = (states.users >= limits.users) & (high + limits.better < 1)
    return worth


def _places(known: Numbers, wanted: Numbers) -> Places:
    at = np.minimum(np.searchsorted(known, wanted), max(0, len(known) - 1))
    return np.where(known[at] == wanted, at, -1) if len(known) else np.full(len(wanted), -1)


def _index(steps: Steps) -> dict[tuple[int, int], int]:
    return {pair: at for at, pair in enumerate(zip(steps.source.tolist(), steps.target.tolist(), strict=True))}


def _pair(
    source: int,
    target: int,
    counts: tuple[States, Steps],
    index: Mapping[tuple[int, int], int],
    *,
    text: Callable[[int], str],
    meaning: Callable[[int], Meaning | None],
) -> Pair | None:
    states, steps = counts
    [one, other] = _places(states.state, np.array([source, target], dtype=np.uint64)).tolist()
    if other < 0:
        return None
    there, back = index.get((source, target), -1), index.get((target, source), -1)
    return Pair(
        source=text(source),
        target=text(target),
        users=int(steps.users[there]) if there >= 0 else 0,
        households=int(steps.households[there]) if there >= 0 else 0,
        weeks=int(steps.weeks[there]) if there >= 0 else 0,
        hours=int(steps.hours[there]) if there >= 0 else 0,
        users_back=int(steps.users[back]) if back >= 0 else 0,
        source_direct=float(states.direct[one]),
        source_tried=int(states.tried[one]),
        target_direct=float(states.direct[other]),
        target_tried=int(states.tried[other]),
        source_meaning=meaning(source),
        target_meaning=meaning(target),
    )
