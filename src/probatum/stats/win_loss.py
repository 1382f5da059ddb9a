"""Better more often than worse? Evidence that may be looked at after every pair, and acted on at any time.

Of two ways to do something, pairs in which exactly one went well are counted: a
win if the new one did. The e-value for "the share of wins is at most p0" is on
average at most 1 at any time if that is true, so it exceeds 1 / alpha ever with
probability at most alpha. Many of them together are decided by `e_values.e_bh`.
"""

from __future__ import annotations

import math

from probatum.stats.bounds import Bound

WIN_LOSS = "stats/win-loss/1"


def log_e_value(wins: int, losses: int, *, at_most: float) -> float:
    """Return the logarithm of the e-value against "the share of wins is at most `at_most`".

    Parameters
    ----------
    wins, losses : int >= 0
        Pairs in which only the new way went well, or only the old one.
    at_most : float in (0, 1)
        p0: 1/2 for "not harmful", 3/4 for three to one.

    Returns
    -------
    float
        Natural logarithm.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The likelihood ratio of a share that is uniform on (p0, 1) and of p0 [1]_. With ``p = p0 + (1 - p0) u`` it is
    the integral over u in (0, 1) of ``(1 + c u)^w (1 - u)^l`` with ``c = (1 - p0) / p0``, which integration by parts makes
    a sum of positive terms: nothing cancels. For every smaller share it is on average at most 1 too, and it falls as p0
    grows. O(wins).

    Assumes that whether a pair is a win has probability at most p0 given all pairs before it.

    References
    ----------
    .. [1] Robbins. "Statistical methods related to the law of the iterated logarithm." Annals of Mathematical
       Statistics 41 (1970); Ramdas, Grunwald, Vovk, Shafer. "Game-theoretic statistics and safe anytime-valid
       inference." Statistical Science 38 (2023), arXiv:2210.01948.

    Examples
    --------
    >>> round(math.exp(log_e_value(24, 1, at_most=0.75)), 2)
    24.4
    """
    if wins < 0 or losses < 0 or not 0 < at_most < 1:
        raise ValueError(f"{wins} wins and {losses} losses against {at_most:g} are no test")
    c = (1 - at_most) / at_most
    term, total, shift = 1 / (losses + 1), 1 / (losses + 1), 0.0
    for k in range(wins):
        term *= c * (wins - k) / (losses + k + 2)
        total += term
        if total > 1e250:
            term, total, shift = term * 1e-250, total * 1e-250, shift + 250 * math.log(10)
        if term < total * 1e-18 and c * (wins - k) < losses + k + 2:  # terms only fall from here on
            break
    return math.log(total) + shift


def win_loss(wins: int, losses: int, *, confidence: float = 0.95) -> Bound:
    """Lower bound of the share of wins, valid at all times together.

    Parameters
    ----------
    wins, losses : int >= 0, at least one pair
    confidence : float in (0, 1), default 0.95
        Probability that the bound is never wrong, however often it is looked at.

    Returns
    -------
    Bound
        Of a share p; wins to losses are at least ``low / (1 - low)`` to 1.

    Raises
    ------
    ValueError
        If there is no pair.

    Notes
    -----
    Every p0 that the e-value of `log_e_value` does not reject at ``1 / (1 - confidence)``. O(wins) for each of some 60 steps.

    Examples
    --------
    >>> bound = win_loss(85, 10)
    >>> round(bound.low / (1 - bound.low), 1)
    3.6
    """
    if wins + losses < 1 or not 0 < confidence < 1:
        raise ValueError(f"{wins} wins and {losses} losses at confidence {confidence:g} bound nothing")
    needed = -math.log1p(-confidence)
    low, high = 0.0, wins / (wins + losses)
    for _ in range(80):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if log_e_value(wins, losses, at_most=middle) >= needed:
            low = middle
        else:
            high = middle
    return Bound(
        method=WIN_LOSS,
        value=wins / (wins + losses),
        low=low * (1 - 1e-12),
        high=None,
        confidence=confidence,
        family=1,
        counts={"wins": wins, "losses": losses},
        assumptions=("every pair has the same probability of being a win, given those before it",),
    )
