"""Where goals that begin at a state succeed: `G_ij`, the probability of success exactly at j, for some sources at once.

`G_ij = N_ij r_j+` with N the inverse of I - Q, which is never computed. From
each source, mass 1 is pushed along the steps of the chain: what is at a state is
added to its expected visits and moved on by Q. Mass that has become less than
`least` at a state is set aside instead. What was set aside could succeed
somewhere, so no entry of a row is wrong by more than its sum, and the whole row
lacks no more than that sum: the bound is stored with the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from probatum.dialogue.model.chain import Chain

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

LEAST = 1e-4
_AT_ONCE = 512  # what they reach stays in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Where goals from some sources succeed.

    Attributes
    ----------
    sources : array of shape (k,)
        Places in the chain.
    success : sparse matrix of shape (k, n)
        G, from below: each entry lacks at most `aside` of its row, and so does their sum.
    visits : sparse matrix of shape (k, n)
        N, from below.
    aside : array of shape (k,)
        Mass that was not followed further.
    """

    sources: Places
    success: csr_matrix
    visits: csr_matrix
    aside: Floats


def reach(chain: Chain, sources: Places, *, least: float = LEAST) -> Reached:
    """Push mass from each source until less than `least` is left at any state.

    Parameters
    ----------
    chain : Chain
    sources : array of shape (k,), int64
        Places in the chain.
    least : float in (0, 1)

    Notes
    -----
    Forward push [1]_, for all sources side by side: one product of sparse matrices for each step of the walks. The time
    for a source does not depend on the size of the chain, but on how far walks from it spread: each unit of mass at
    least `least` that is moved costs as much as a state has steps.

    References
    ----------
    .. [1] Andersen, Chung, Lang. "Local graph partitioning using PageRank vectors." FOCS 2006.
    """
    if not 0 < least < 1:
        raise ValueError(f"{least:g} is not a share of a walk")
    k, n = len(sources), len(chain)
    rows = np.arange(k)
    mass = csr_matrix((np.ones(k), (rows, sources)), shape=(k, n))
    aside = np.zeros(k)
    seen = [(rows, np.asarray(sources), np.ones(k))]
    while mass.nnz:
        moved = mass @ chain.following
        large = moved.data >= least
        row = np.repeat(rows, np.diff(moved.indptr))
        if not large.all():
            aside += np.bincount(row[~large], moved.data[~large], k)
        row, column, data = row[large], moved.indices[large], moved.data[large]
        seen.append((row, column, data))
        counts = np.bincount(row, minlength=k)
        mass = csr_matrix((data, column, np.concatenate([[0], np.cumsum(counts)])), shape=(k, n))
    row, column, data = (np.concatenate([part[i] for part in seen]) for i in range(3))
    visits = csr_matrix((data, (row, column)), shape=(k, n))
    visits.sum_duplicates()  # also puts columns in order, so that equal ones are taken in the order of the chain
    success = csr_matrix((visits.data * chain.success[visits.indices], visits.indices, visits.indptr), shape=(k, n))
    return Reached(np.asarray(sources, dtype=np.int64), success, visits, aside)


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """For each source the other states at which most goals succeed, best first: arrays of shape (k, count).

    Attributes
    ----------
    sources : array of shape (k,)
    target : array, int64
        Places; -1 where there are no more.
    success : array
        G at the target, from below.
    aside : array of shape (k,)
        What each entry lacks at most: a target whose lead over the next is larger is the best for certain.
    """

    sources: Places
    target: Places
    success: Floats
    aside: Floats


def best(chain: Chain, sources: Places, *, count: int = 1, least: float = LEAST, at_once: int = _AT_ONCE) -> Iterator[Best]:
    """Yield for each group of at most `at_once` sources the `count` other states at which most of their goals succeed.

    Equal ones are in the order of the chain.
    """
    for begin in range(0, len(sources), at_once):
        found = reach(chain, sources[begin : begin + at_once], least=least)
        k = len(found.sources)
        # INVARIANT: no row is empty, for a source visits itself.
        begins = found.success.indptr[:-1]
        row = np.repeat(np.arange(k), np.diff(found.success.indptr))
        column, value = found.success.indices, found.success.data.copy()
        value[column == found.sources[row]] = -1.0
        target, success = np.full((k, count), -1, dtype=np.int64), np.zeros((k, count))
        for rank in range(count):
            top = np.maximum.reduceat(value, begins)
            first = np.full(k, len(value))
            at = np.flatnonzero(value == top[row])
            np.minimum.at(first, row[at], at)
            some = top > 0
            target[some, rank], success[some, rank] = column[first[some]], top[some]
            value[first] = -1.0
        yield Best(found.sources, target, success, found.aside)
