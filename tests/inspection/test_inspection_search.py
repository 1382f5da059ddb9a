"""Searches find what is nearest."""

from __future__ import annotations

import pytest

from probatum.inspection.semantics.search import Parted, search, unit

np = pytest.importorskip("numpy")


def clustered(n: int, d: int = 32, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(50, d))
    return (centres[random.integers(0, 50, size=n)] + 0.3 * random.normal(size=(n, d))).astype(np.float32)


def test_the_exact_search_is_that_of_the_definition() -> None:
    references, queries = clustered(20_000), clustered(7, seed=1)
    cosines = unit(queries) @ unit(references).T
    wanted = np.argsort(-cosines, axis=1, kind="stable")[:, :5]

    found, where = search(references).nearest(queries, 5)

    assert np.array_equal(where, wanted)
    assert np.allclose(found, np.take_along_axis(cosines, wanted, axis=1), atol=1e-6)


def test_equals_are_told_in_order_of_their_places() -> None:
    references = np.ones((30_000, 4), dtype=np.float32)

    _, where = search(references).nearest(references[:1], 3)

    assert where.tolist() == [[0, 1, 2]]


def test_fewer_references_than_asked_for_are_all_told() -> None:
    found, where = search(np.eye(3, dtype=np.float32)).nearest(np.array([[0.0, 2.0, 1.0]]), 10)

    assert where.tolist() == [[1, 2, 0]]
    assert found[0, 0] == pytest.approx(2 / np.sqrt(5))


def test_no_references_give_no_answer() -> None:
    found, where = search(np.zeros((0, 3), dtype=np.float32)).nearest(np.ones((2, 3), dtype=np.float32), 4)

    assert found.shape == where.shape == (2, 0)


@pytest.mark.parametrize("wrong", [0.0, float("nan"), float("inf")])
def test_a_vector_without_direction_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="direction"):
        search(np.full((2, 3), wrong, dtype=np.float32))


def test_the_search_in_parts_finds_nearly_all_and_is_the_same_by_seed() -> None:
    pytest.importorskip("faiss")
    references, queries = clustered(20_000), clustered(200, seed=1)
    _, wanted = search(references).nearest(queries, 1)

    parted = search(references, exact_up_to=1_000)
    found, where = parted.nearest(queries, 3)

    assert isinstance(parted, Parted)
    assert (where[:, :1] == wanted).mean() >= 0.95
    assert parted.size < references.nbytes / 2
    assert (np.diff(found, axis=1) <= 0).all()
    assert np.array_equal(search(references, exact_up_to=1_000).nearest(queries, 3)[1], where)
