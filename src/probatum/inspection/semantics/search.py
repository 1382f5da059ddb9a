"""The references that look most alike, among up to millions.

Up to 100,000 all of them are compared, so nothing is missed. Above, `faiss` looks in the parts of space that are nearest, with each
coordinate in eight bits: a million take 137 MB. How often the nearest is missed depends on how near it is: `bench/inspection/search.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT = 100_000
_AT_ONCE = 8192  # references compared at once: 4 MB at 128 dimensions, which stays in the cache of a processor
_EACH = 64  # vectors that each part of space is found from


class Search(Protocol):
    """Nearest references by cosine."""

    def __len__(self) -> int: ...

    def nearest(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return cosines and places of the `k` nearest references of each query, nearest first.

        Both of shape (n, min(k, references)); a place of -1, with a cosine of -1, where fewer were found. Equals by place.
        """
        ...


def search(references: NDArray[np.float32], *, exact_up_to: int = EXACT, probes: int = 48, seed: int = 0) -> Search:
    """Return a search of references: exact for as many as `exact_up_to`.

    Parameters
    ----------
    references : array of shape (n, d), float32
        Need not be of length one, and none may be 0 or not finite. Not copied again where they have length one.
    exact_up_to : int
    probes : int
        Of the parts of space, how many are looked in.
    seed : int
        Of the vectors that parts are found from.

    Raises
    ------
    ValueError
        If a reference is 0 or not finite.
    MissingExtra
        If there are more than `exact_up_to`, and `faiss` is not installed.
    """
    units = unit(references)
    return Exact(units) if len(units) <= exact_up_to else Parted(units, probes=probes, seed=seed)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each vector to length one.

    Raises
    ------
    ValueError
        If one is 0 or not finite: it looks like nothing, so what is nearest to it means nothing.
    """
    import numpy as np

    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2:
        raise ValueError(f"vectors have the shape (n, d), and these have {vectors.shape}")
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ValueError("a vector is 0 or not finite, and has no direction")
    return vectors if np.allclose(lengths, 1, atol=1e-6) else vectors / lengths[:, None]


class Exact:
    """All references compared, with NumPy."""

    def __init__(self, units: NDArray[np.float32]) -> None:
        self._units = units

    def __len__(self) -> int:
        return len(self._units)

    def nearest(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the nearest references; see `Search`."""
        import numpy as np

        asked = unit(queries)
        best = np.full((len(asked), 0), -1, dtype=np.float32)
        where = np.zeros((len(asked), 0), dtype=np.int64)
        for at in range(0, len(self._units), _AT_ONCE):
            cosines = asked @ self._units[at : at + _AT_ONCE].T
            cut = max(cosines.shape[1] - k, 0)
            if cut:
                # Only what is among the best of its block can be among the best of all; all equals of the last are kept.
                least = np.partition(cosines, cut, axis=1)[:, cut]
                kept = np.flatnonzero((cosines >= least[:, None]).any(axis=0))
            else:
                kept = np.arange(cosines.shape[1])
            best = np.concatenate([best, cosines[:, kept]], axis=1)
            where = np.concatenate([where, np.broadcast_to(kept + at, (len(asked), len(kept)))], axis=1)
            order = np.lexsort((where, -best), axis=1)[:, :k]
            best, where = np.take_along_axis(best, order, axis=1), np.take_along_axis(where, order, axis=1)
        return best, where


class Parted:
    """Parts of space around centres, and in those that are nearest all references, in eight bits a coordinate: IVF-SQ8 of faiss."""

    def __init__(self, units: NDArray[np.float32], *, probes: int, seed: int) -> None:
        import numpy as np

        faiss = _faiss()
        n, d = units.shape
        parts = max(1, min(1 << int(np.log2(4 * np.sqrt(n)) - 1), n // _EACH))
        centres = faiss.IndexFlatIP(d)
        self._index = faiss.IndexIVFScalarQuantizer(centres, d, parts, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
        self._index.cp.seed = seed + 1234
        self._index.cp.niter = 8
        sample = np.random.default_rng(seed).choice(n, size=min(n, parts * _EACH), replace=False)
        self._index.train(units[np.sort(sample)])
        for at in range(0, n, _AT_ONCE * 8):  # in blocks: what is encoded at once is held twice
            self._index.add(units[at : at + _AT_ONCE * 8])
        self._index.nprobe = min(probes, parts)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def size(self) -> int:
        """Bytes that the index takes."""
        return len(_faiss().serialize_index(self._index))

    def nearest(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the nearest references that are found; see `Search`."""
        import numpy as np

        cosines, where = self._index.search(unit(queries), min(k, len(self)))
        cosines = np.where(where < 0, np.float32(-1), np.minimum(cosines, 1))
        order = np.lexsort((where, -cosines), axis=1)
        return np.take_along_axis(cosines, order, axis=1), np.take_along_axis(where, order, axis=1)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise MissingExtra(
            f"more than {EXACT:,} references are searched by `faiss`, which is not installed", help="pip install faiss-cpu"
        ) from error
    return faiss
