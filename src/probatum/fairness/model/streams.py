"""Bounds of a rate that hold at every moment of a stream, whether the rate is constant or drifts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.semantics.windows import Stream, Window

# Logarithms of odds ratios by which outcomes are bet on, and shares of the stake: 2^-j, and 1/(j+1)(j+2).
_BETS = [(2.0 ** (2 - j), 1 / ((j + 1) * (j + 2))) for j in range(14)]
_MOST = 2**20  # times as many rows after which nothing is promised any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a stream says of the largest difference between groups, in any of its windows.

    Attributes
    ----------
    verdict : str
        violated, satisfied or open.
    value, low, high : float
        The largest that was seen; the largest that is established in any window; and what it may be in any
        window that is over (in the only one, if there is no other).
    window : int
        Where `low` was established, if it is beyond what is allowed; where it may be largest otherwise.
    pair : tuple of str
        The groups with more and with less of it there.
    needed : int
        Decisions of each group of the pair in such a window that would decide; 0 if no number would.
    left_out : tuple of str
        Windows that are not over, with too few decisions to say anything, and so on.
    """

    verdict: str
    value: float
    low: float
    high: float
    window: int
    pair: tuple[str, str]
    needed: int
    left_out: tuple[str, ...]


def bounds(hits: float, trials: float, error: float) -> tuple[float, float]:
    """Return bounds of the average, so far, of the probabilities with which trials succeed.

    Parameters
    ----------
    hits, trials : float
    error : float
        Probability that they ever fail, for either end together.

    Notes
    -----
    For each l, exp(l S - sum log(1 + m_i (e^l - 1))) is a nonnegative martingale from 1, where m_i is the conditional
    probability of trial i, and log(1 + m (e^l - 1)) is concave in m, so that with the average of the m_i it is at most that.
    A mixture over fixed l exceeds 1/error at any time with probability at most `error` (Ville).
    """
    return _least(hits, trials, error / 2), 1 - _least(trials - hits, trials, error / 2)


def share_of_window(number: int) -> float:
    """Return which share of the error the window of a number (from 1) may have, however many there will be."""
    return 1 / (number * (number + 1))


def share_of_group(number: int) -> float:
    """Return which share of the error the group that occurs as the first, second, ... may have, however many there will be."""
    return 0.375 if number <= 2 else 0.5 / (number * (number - 1))


def watch(seen: Stream, bound: float, *, alpha: float, min_cell: int, windowed: bool) -> Watched | None:
    """Compare groups in each window; None if there is no window with two groups of at least `min_cell` decisions.

    Notes
    -----
    The error is divided among windows and groups in the order in which they come, so that no division changes when more
    come, and all bounds of all windows hold at all looks with probability 1 - alpha.
    """
    shares = {name: share_of_group(n + 1) for n, name in enumerate(seen.order)}
    compared: list[tuple[int, float, Mapping[str, tuple[int, int]]]] = []
    left: list[str] = []
    for number, window in enumerate(seen.windows):
        level = alpha * (share_of_window(number + 1) if windowed else 1.0)
        groups = {name: own for name, own in window.groups.items() if own[1] >= min_cell}
        small = [name for name in window.groups if name not in groups]
        if small:
            left.append(f"{_of(window)}{', '.join(f'`{name}` ({window.groups[name][1]})' for name in small[:5])}")
        if len(groups) >= 2:
            compared.append((number, level, groups))
    if not compared:
        return None
    last = len(seen.windows) - 1
    settled = [one for one in compared if not windowed or seen.windows[one[0]].over] or compared[-1:]
    ends = {
        number: {name: bounds(*own, level * shares[name]) for name, own in groups.items()} for number, level, groups in compared
    }
    lows = {number: _sure(own) for number, own in ends.items()}
    highs = {number: _widest(ends[number]) for number, _, _ in settled}
    gaps = {number: _seen(groups) for number, _, groups in compared}
    at_low = max(lows, key=lambda number: (lows[number][0], number))
    at_high = max(highs, key=lambda number: (highs[number], number))
    low, high = max(0.0, lows[at_low][0]), max(highs[at_high], 0.0)
    verdict = "violated" if low > bound else "satisfied" if high <= bound else "open"
    at = at_low if verdict == "violated" else at_high
    level, own = next((level, groups) for number, level, groups in compared if number == at)
    pair = lows[at][1] if verdict == "violated" else gaps[at][1]
    needed = 0
    if verdict == "open":
        needed = _needed({name: own[name] for name in pair}, {name: level * shares[name] for name in pair}, bound)
    if windowed and last not in highs:
        left.append(f"{_of(seen.windows[last])}it is not over, and is compared only for what is sure already")
    value = max(gap for gap, _ in gaps.values())
    return Watched(verdict=verdict, value=value, low=low, high=high, window=at, pair=pair, needed=needed, left_out=tuple(left))


def _of(window: Window) -> str:
    return f"{window.name}: " if window.name else ""


def _sure(ends: Mapping[str, tuple[float, float]]) -> tuple[float, tuple[str, str]]:
    more, less = max(ends, key=lambda name: ends[name][0]), min(ends, key=lambda name: ends[name][1])
    return ends[more][0] - ends[less][1], (more, less)


def _widest(ends: Mapping[str, tuple[float, float]]) -> float:
    """Return how far apart two different groups may be: of the two largest upper ends and the two smallest lower ones."""
    above = sorted(ends, key=lambda name: -ends[name][1])[:2]
    below = sorted(ends, key=lambda name: ends[name][0])[:2]
    return max(ends[a][1] - ends[b][0] for a in above for b in below if a != b)


def _seen(groups: Mapping[str, tuple[int, int]]) -> tuple[float, tuple[str, str]]:
    rates = {name: hits / trials for name, (hits, trials) in groups.items()}
    more = max(rates, key=lambda name: rates[name])
    less = min((name for name in rates if name != more), key=lambda name: rates[name])
    return rates[more] - rates[less], (more, less)


def _needed(groups: Mapping[str, tuple[int, int]], errors: Mapping[str, float], bound: float) -> int:
    """Return how many decisions of each group, as the smaller has them, would decide if rates stayed as they were seen."""
    gap = _seen(groups)[0]
    fewest = min(trials for _, trials in groups.values())

    def decides(times: float) -> bool:
        ends = {name: bounds(hits * times, trials * times, errors[name]) for name, (hits, trials) in groups.items()}
        return _sure(ends)[0] > bound if gap > bound else _widest(ends) <= bound

    above = 1.0
    while not decides(above):
        above *= 2
        if above > _MOST:
            return 0
    below = above / 2
    while above - below > 0.01 * above:
        middle = (above + below) / 2
        below, above = (below, middle) if decides(middle) else (middle, above)
    return math.ceil(fewest * above)


def _least(hits: float, trials: float, error: float) -> float:
    """Return the smallest average against which the mixture has not won.

    What the mixture has won falls with the average and is convex in it, so that Newton's steps from the left, where the
    best single bet has just won, never pass the root: each is a valid bound.
    """
    if hits <= 0:
        return 0.0
    enough = -math.log(error)
    won = [(math.log(w) + bet * hits, math.expm1(bet)) for bet, w in _BETS]
    found = max(0.0, *(math.expm1((own - enough) / trials) / by for own, by in won))
    for _ in range(60):
        logs = [own - trials * math.log1p(found * by) for own, by in won]
        top = max(logs)
        weights = [math.exp(x - top) for x in logs]
        total = sum(weights)
        left = top + math.log(total) - enough
        slope = sum(w * trials * by / (1 + found * by) for w, (_, by) in zip(weights, won, strict=True)) / total
        step = left / slope
        if step <= 1e-15:
            break
        found += step
    return min(found, hits / trials)
