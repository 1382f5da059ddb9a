"""An absorbing Markov chain over what people say: where a goal that begins with a request ends, and how well.

States are utterances or interpretations (`semantics.edges`). A walk goes from
request to request of one goal and ends in success or failure. With transition
matrix Q and exits r+ and r-, `h = (I - Q)^-1 r+` is the probability that a goal
which begins at a state succeeds at all, after whatever rephrasing. `push` says
where it does.

Everything a chain says is a reason to try a rewrite and none to keep it: people
who rephrase are not a random sample of those who ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import bicgstab, spsolve

from probatum.dialogue.semantics.edges import States, Steps
from probatum.errors import ProbatumError

Floats: TypeAlias = NDArray[np.float64]

SMOOTHING = 5.0  # walks that end as walks do in general, added to those of every state
FEWEST_USERS = 3  # of a step that is believed at all
LEAST_SHARE = 0.01  # of what is said next
TOLERANCE = 1e-9
_SWEEPS = 400


class UnsolvedChain(ProbatumError):
    """A system of equations was not solved to the accuracy that was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """States, what is said next, and how goals end.

    Attributes
    ----------
    states : array of shape (n,), uint64, ascending
        Numbers of the states; elsewhere a state is its place here.
    following : sparse matrix of shape (n, n)
        Q: probability that the user says that next. No state follows itself.
    success, failure : arrays of shape (n,)
        r+ and r-: probability that the goal ends here, well or badly. Each row of Q with both sums to 1.
    weight : array of shape (n,)
        What was counted of each state, without what was added to smooth it.
    """

    states: NDArray[np.uint64]
    following: csr_matrix
    success: Floats
    failure: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.states)

    def places(self, states: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the places of states, -1 for one that is not in the chain."""
        at = np.searchsorted(self.states, states)
        known = at < len(self.states)
        known[known] = self.states[at[known]] == states[known]
        return np.where(known, at, -1)


def build(
    states: States,
    steps: Steps,
    *,
    parents: Mapping[int, int] | None = None,
    smoothing: float = SMOOTHING,
    fewest_users: int = FEWEST_USERS,
    least_share: float = LEAST_SHARE,
) -> Chain:
    """Make a chain from counts.

    Parameters
    ----------
    states, steps
        As `semantics.edges.count` gives them; in any order.
    parents : mapping of state to group, optional
        What a state is like, its intent for example: it is smoothed by how goals end in its group, which is smoothed
        by how all do. Without one, by how all do.
    smoothing : float > 0
        How much is added to each state.
    fewest_users, least_share
        A step by fewer users, or of a smaller share of what was said next, is taken for a failure of the goal.

    Returns
    -------
    Chain

    Raises
    ------
    ValueError
        If a step leads to where it begins, or `smoothing` is not positive.

    Notes
    -----
    With weights n_ij of steps, n_i+ and n_i- of ends and N_i their sum, ``Q_ij = n_ij / (N_i + a)`` and
    ``r_i+ = (n_i+ + a m_i+) / (N_i + a)`` where a is `smoothing` and m_i+ the parent's share of success; r_i- likewise.
    So every state ends at least a share a / (N_i + a) of its walks, and I - Q has an inverse. O(steps).
    """
    if not smoothing > 0:
        raise ValueError(f"a smoothing of {smoothing:g} leaves states from which no walk need end")
    if bool(np.any(steps.source == steps.target)):
        raise ValueError("a step leads to where it begins; repeats are counted apart")
    names = np.unique(np.concatenate([states.state, steps.source, steps.target]))
    n = len(names)
    at = np.searchsorted(names, states.state)
    good: Floats = np.bincount(at, states.good, n).astype(np.float64)
    bad: Floats = np.bincount(at, states.bad, n).astype(np.float64)
    source, target = np.searchsorted(names, steps.source), np.searchsorted(names, steps.target)
    total: Floats = np.bincount(source, steps.weight, n).astype(np.float64) + good + bad
    kept = (steps.users >= fewest_users) & (steps.weight >= least_share * total[source])
    bad += np.bincount(source[~kept], steps.weight[~kept], n)
    share = _shares_of_success(names, good, bad, parents, smoothing)
    below = total + smoothing
    following = csr_matrix((steps.weight[kept] / below[source[kept]], (source[kept], target[kept])), shape=(n, n))
    following.sort_indices()
    return Chain(
        states=names,
        following=following,
        success=(good + smoothing * share) / below,
        failure=(bad + smoothing * (1 - share)) / below,
        weight=total,
    )


def _shares_of_success(
    names: NDArray[np.uint64], good: Floats, bad: Floats, parents: Mapping[int, int] | None, smoothing: float
) -> Floats:
    ended = float(good.sum() + bad.sum())
    everywhere = float(good.sum()) / ended if ended > 0 else 0.0  # of nothing that is known, nothing succeeds
    if not parents:
        return np.full(len(names), everywhere)
    numbers: dict[object, int] = {None: 0}
    of = np.array([numbers.setdefault(parents.get(name), len(numbers)) for name in names.tolist()], dtype=np.int64)
    well = np.bincount(of, good, len(numbers)) + smoothing * everywhere
    shares: Floats = (well / (np.bincount(of, good + bad, len(numbers)) + smoothing))[of]
    return np.where(of == 0, everywhere, shares)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What follows from a chain: arrays of shape (n,), by place.

    Attributes
    ----------
    success : array
        h: probability that a goal which begins here succeeds.
    turns : array
        Expected number of requests of a goal that begins here, this one included; to one in a million.
    error : float
        What `success` is wrong by, at most, apart from rounding.
    """

    success: Floats
    turns: Floats
    error: float

    @property
    def extra_turns(self) -> Floats:
        """Expected number of further requests."""
        return self.turns - 1


def solve(chain: Chain, *, tolerance: float = TOLERANCE) -> Solution:
    """Return success and length of walks from every state.

    Parameters
    ----------
    chain : Chain
    tolerance : float > 0
        What each probability may be wrong by.

    Raises
    ------
    UnsolvedChain
        If that accuracy was not reached.

    Notes
    -----
    Sweeps ``x <- Q x + b`` converge as fast as walks end. If they take too long, BiCGStab is asked, and then a sparse
    factorisation. What is returned has a bound that does not depend on how it was found: the inverse of I - Q has no
    negative entry, so with ``t`` such that ``(I - Q) t >= s > 0`` everywhere, ``N 1 <= t / s``, and the error of x is at
    most ``max |b - (I - Q) x| max (t / s)``. O(steps) for each of some tens of sweeps.
    """
    turns, off = _solved(chain.following, np.ones(len(chain)), 1e-6)
    longest = float(turns.max(initial=1.0)) / (1 - off) if off < 1 else np.inf
    success, residual = _solved(chain.following, chain.success, tolerance / longest if np.isfinite(longest) else tolerance)
    error = residual * longest
    if not error <= tolerance:
        raise UnsolvedChain(
            f"the chain of {len(chain)} states was solved to {error:.1g}, and {tolerance:g} was asked for",
            help="add more smoothing, or ask for less accuracy",
        )
    return Solution(success=np.clip(success, 0, 1), turns=turns, error=error)


def _solved(following: csr_matrix, right: Floats, tolerance: float) -> tuple[Floats, float]:
    """Solve (I - Q) x = b; return x and the largest entry of |b - (I - Q) x|."""
    x, last = right.copy(), np.inf
    for sweep in range(_SWEEPS):
        following_x = following @ x + right
        residual = float(np.abs(following_x - x).max(initial=0.0))
        if residual <= tolerance:
            return x, residual
        if sweep >= 50 and residual > 0.9 * last:  # another fifty sweeps would not bring it down by a hundred
            break
        if sweep % 10 == 0:
            last = residual if sweep else np.inf
        x = following_x
    system = identity(len(right), format="csr") - following
    found, _ = bicgstab(system, right, x0=x, rtol=0.0, atol=tolerance / 10, maxiter=2000)
    residual = float(np.abs(right - system @ found).max(initial=0.0))
    if not residual <= tolerance:
        found = spsolve(system.tocsc(), right)
        residual = float(np.abs(right - system @ found).max(initial=0.0))
    return found, residual
