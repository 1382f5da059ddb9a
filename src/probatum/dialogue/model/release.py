"""From which probability on labels may be used: the threshold whose precision is shown by labels that somebody checked.

The threshold is chosen by the checked labels themselves. So that the choice does not spoil what is promised, thresholds are tested in
an order that was fixed before, each by an exact test, until one fails [1]_; the order begins at two places, each with half of the error.

References
----------
.. [1] Angelopoulos, Bates, Candes, Jordan, Lei. "Learn then Test: Calibrating Predictive Algorithms to Achieve Risk Control."
   arXiv:2110.01052 (fixed-sequence testing, with several starts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from probatum.stats.bounds import required_sample_size

_STARTS = 2
_STEP = 1.15  # each threshold that is tested has so many times the users of the one before
_WITHIN = 0.6  # of the users with a checked label, those with which the second order begins


@dataclass(frozen=True, slots=True)
class Checked:
    """A label that somebody checked.

    Attributes
    ----------
    user, turn : str
    p : float
        What the model said of the label, before anybody checked it.
    right : bool
    chance : float or None
        Probability with which it was drawn to be checked; None where all were equally likely.
    source : str
        `human`, or `explicit` for what users said about it by themselves.
    """

    user: str
    turn: str
    p: float
    right: bool
    chance: float | None = None
    source: str = "human"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What may be used.

    Attributes
    ----------
    threshold : float or None
        Labels of this probability or more; None if none may be used.
    precision, confidence : float
        What is promised: the share of users' labels that are right, and how surely.
    users, right : int
        Users with a checked label at the threshold (without one: at the strictest that could be tested), and those whose was right.
    checked : int
        Users with any checked label.
    needed : int
        Users with checked labels from which on anything could have been shown, if all were right.
    tested : tuple of (threshold, users, right)
        In the order of the tests.
    assumptions : tuple of str
    """

    threshold: float | None
    precision: float
    confidence: float
    users: int
    right: int
    checked: int
    needed: int
    tested: tuple[tuple[float, int, int], ...]
    assumptions: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why nothing may be used, as a clause; "" where something may."""
        if self.threshold is not None:
            return ""
        if self.checked < self.needed:
            return f"labels of {self.checked} users were checked, and {self.needed} are needed, even if all are right"
        return f"of {self.users} users with checked labels of the highest probabilities, those of {self.right} were right"


def release(checked: Sequence[Checked], *, precision: float = 0.95, confidence: float = 0.95) -> Release:
    """Choose the lowest threshold whose precision is shown.

    Parameters
    ----------
    checked : sequence of Checked
        By a model that was fitted to other users.
    precision : float in (0, 1)
        To be shown.
    confidence : float in (0, 1)
        Probability, over users and over who is checked, that no threshold is returned whose precision is less.

    Raises
    ------
    ValueError
        If some labels say with which probability they were drawn and others do not.

    Notes
    -----
    The unit is the user: of each, one checked label above a threshold counts, drawn by a hash, so that what is promised is that the label
    of a user drawn at random, drawn at random from theirs, is right. Labels that were drawn with other probabilities
    are thinned to equal ones first. Each test is exact: right labels are binomial, and the chance of as many at a precision that is just
    too low is at most the error, which is that the lower bound of Clopper and Pearson reaches it. O(n log n + tests x n).
    """
    even = evened(checked)
    error = (1 - confidence) / _STARTS
    needed = required_sample_size(1 - precision, confidence=1 - error)
    order = sorted(even, key=lambda one: (-one.p, one.turn))
    sizes = _users_at(order)
    users = sizes[-1][1] if sizes else 0
    tested: list[tuple[float, int, int]] = []
    best: tuple[float, int, int] | None = None
    # One failure shall not be the end: so the first order begins where one is borne.
    bearing = required_sample_size(1 - precision, failures=1, confidence=1 - error)
    for start in (min(bearing, users), max(bearing, int(_WITHIN * users))) if users >= needed else ():
        for threshold in _from(start, sizes):
            trials, right = _drawn(order, threshold)
            tested.append((threshold, trials, right))
            if not _shown(right, trials, precision, error):
                break
            if best is None or threshold < best[0]:
                best = threshold, trials, right
    shown = best or (tested[0] if tested else (0.0, users, sum(one.right for one in even)))
    return Release(
        threshold=best[0] if best else None,
        precision=precision,
        confidence=confidence,
        users=shown[1],
        right=shown[2],
        checked=users,
        needed=needed,
        tested=tuple(tested),
        assumptions=_assumptions(even, thinned=len(checked) - len(even)),
    )


def evened(checked: Sequence[Checked]) -> list[Checked]:
    """Return checked labels of equal probability: those that were drawn with greater ones are thinned, by a hash.

    Raises
    ------
    ValueError
        If some labels say with which probability they were drawn and others do not.
    """
    told = [one for one in checked if one.chance is not None]
    if not told:
        return list(checked)
    if len(told) < len(checked):
        raise ValueError("some of the checked labels say with which probability they were drawn, and others do not")
    least = min(one.chance or 1.0 for one in told)
    return [one for one in told if _unit(f"thin {one.user} {one.turn}") < least / (one.chance or 1.0)]


def _users_at(order: Sequence[Checked]) -> list[tuple[float, int]]:
    """Return for each probability, from the highest down, how many users have a checked label of that or more."""
    seen: set[str] = set()
    found: list[tuple[float, int]] = []
    for one in order:
        seen.add(one.user)
        if found and found[-1][0] == one.p:
            found[-1] = (one.p, len(seen))
        else:
            found.append((one.p, len(seen)))
    return found


def _from(start: int, sizes: Sequence[tuple[float, int]]) -> list[float]:
    """Return the thresholds of an order: of the fewest labels of so many users, of more and more, and of all."""
    found: list[float] = []
    at = float(start)
    for threshold, users in sizes:
        if users >= at:
            found.append(threshold)
            at = max(users + 1.0, users * _STEP)
    if sizes and start <= sizes[-1][1] and found[-1:] != [sizes[-1][0]]:
        found.append(sizes[-1][0])
    return found


def _drawn(order: Sequence[Checked], threshold: float) -> tuple[int, int]:
    chosen: dict[str, tuple[float, bool]] = {}
    for one in order:
        if one.p < threshold:
            break
        draw = _unit(f"draw {one.user} {one.turn}")
        if one.user not in chosen or draw < chosen[one.user][0]:
            chosen[one.user] = draw, one.right
    return len(chosen), sum(right for _, right in chosen.values())


def _shown(right: int, trials: int, precision: float, error: float) -> bool:
    from scipy.special import bdtrc

    # P(right or more | the precision is just too low); without any right, it is 1.
    return right > 0 and float(bdtrc(right - 1, trials, precision)) <= error


def _unit(what: str) -> float:
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big") / 2**64


def _assumptions(used: Sequence[Checked], *, thinned: int) -> tuple[str, ...]:
    explicit = sum(one.source == "explicit" for one in used)
    found = ["users are independent, and those whose labels were checked are like the others", "whoever checked was right"]
    if explicit:
        found.append(f"turns of which users say how they went are like those of which they do not ({explicit} of {len(used)})")
    if thinned:
        found.append(f"{thinned} checked labels were left out, so that all are of equal probability")
    return tuple(found)
