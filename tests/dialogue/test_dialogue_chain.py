"""A chain of requests: by hand, against dense linear algebra, and whatever states are called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.model.chain import Chain, UnsolvedChain, build, solve
from probatum.dialogue.model.push import best, reach
from probatum.dialogue.semantics.edges import States, Steps


def states(names: list[int], good: list[float], bad: list[float]) -> States:
    n = np.full(len(names), 9)
    return States(
        np.array(names, dtype=np.uint64), n, n, n, n * 0, np.array(good, dtype=float), np.array(bad, dtype=float), n * 0.5, n
    )


def steps(*rows: tuple[int, int, int, float]) -> Steps:
    table = np.array(rows, dtype=float).reshape(-1, 4)
    users = table[:, 2].astype(np.int64)
    return Steps(table[:, 0].astype(np.uint64), table[:, 1].astype(np.uint64), users, users, table[:, 3], users, users)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    n = draw(st.integers(2, 25))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    pairs = np.argwhere((rng.random((n, n)) < draw(st.floats(0.0, 0.5))) & ~np.eye(n, dtype=bool))
    weight = rng.exponential(draw(st.floats(0.1, 50)), len(pairs))
    rows = [(int(i), int(j), 5, float(w)) for (i, j), w in zip(pairs, weight, strict=True)]
    ends = rng.exponential(draw(st.floats(0.1, 5)), (2, n))
    return build(states(list(range(n)), list(ends[0]), list(ends[1])), steps(*rows), smoothing=draw(st.floats(0.1, 10)))


def inverse(chain: Chain) -> np.ndarray:
    return np.linalg.inv(np.eye(len(chain)) - chain.following.toarray())


def test_a_chain_by_hand() -> None:
    """Of 15 who said 1, ten went on to 2 and five gave up; of 20 who said 2, all were served; a is 5 and m+ is 20 of 25."""
    chain = build(states([1, 2], [0, 20], [5, 0]), steps((1, 2, 10, 10.0)))

    found, [first] = solve(chain), best(chain, np.array([0, 1]))

    assert chain.following.toarray() == pytest.approx(np.array([[0, 10 / 20], [0, 0]]))
    assert chain.success == pytest.approx([4 / 20, 24 / 25])
    assert chain.failure == pytest.approx([6 / 20, 1 / 25])
    assert found.success == pytest.approx([0.2 + 0.5 * 0.96, 0.96], abs=1e-9)
    assert found.extra_turns == pytest.approx([0.5, 0], abs=1e-6)
    assert first.target.tolist() == [[1], [-1]]
    assert first.success[0, 0] == pytest.approx(0.48)


def test_a_step_of_few_users_or_of_a_small_share_is_a_failure() -> None:
    chain = build(states([1], [0], [0]), steps((1, 2, 2, 50.0), (1, 3, 9, 0.4), (1, 4, 9, 49.6)), smoothing=10)

    assert chain.following.nnz == 1
    assert chain.failure[0] == pytest.approx((50.4 + 10) / 110)


def test_a_state_is_smoothed_by_its_group_and_that_by_all() -> None:
    counted = states([1, 2, 3, 4], [90, 0, 10, 0], [0, 0, 90, 10])

    chain = build(counted, steps(), parents={1: 7, 2: 7, 3: 8})

    everywhere = 100 / 200
    assert chain.success[1] == pytest.approx((90 + 5 * everywhere) / 95)
    assert chain.success[3] == pytest.approx(5 * everywhere / 15)


def test_a_chain_of_nothing_that_is_known_succeeds_nowhere() -> None:
    chain = build(states([1], [0], [0]), steps())

    assert solve(chain).success.tolist() == [0]
    assert len(build(states([], [], []), steps())) == 0


@settings(max_examples=60, deadline=None)
@given(chains())
def test_rows_sum_to_one(chain: Chain) -> None:
    assert np.asarray(chain.following.sum(axis=1)).ravel() + chain.success + chain.failure == pytest.approx(np.ones(len(chain)))


@settings(max_examples=60, deadline=None)
@given(chains(), st.sampled_from([1e-2, 1e-4, 1e-9]))
def test_what_is_solved_and_pushed_is_what_dense_linear_algebra_gives(chain: Chain, least: float) -> None:
    dense = inverse(chain)

    found, pushed = solve(chain), reach(chain, np.arange(len(chain)), least=least)

    assert np.abs(found.success - dense @ chain.success).max() <= found.error + 1e-12
    assert found.turns == pytest.approx(dense.sum(axis=1), rel=1e-4)
    lacking = dense * chain.success - pushed.success.toarray()
    assert lacking.min() >= -1e-12
    assert (lacking.sum(axis=1) <= pushed.aside + 1e-12).all()
    assert (dense - pushed.visits.toarray()).sum(axis=1).max() <= pushed.aside.max() * dense.sum(axis=1).max() + 1e-9


@settings(max_examples=30, deadline=None)
@given(chains())
def test_success_is_the_sum_of_success_at_all_states(chain: Chain) -> None:
    pushed = reach(chain, np.arange(len(chain)), least=1e-13)

    assert np.asarray(pushed.success.sum(axis=1)).ravel() == pytest.approx(solve(chain).success, abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_it_does_not_matter_what_states_are_called(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 12
    rows = [(i, j, 4, rng.random()) for i in range(n) for j in range(n) if i != j and rng.random() < 0.3]
    good, bad, names = rng.random(n), rng.random(n), rng.permutation(1000)[:n]

    plain = build(states(list(range(n)), list(good), list(bad)), steps(*rows))
    renamed = build(
        states([int(names[i]) for i in range(n)], list(good), list(bad)),
        steps(*[(int(names[i]), int(names[j]), u, w) for i, j, u, w in rows]),
    )

    at = renamed.places(names.astype(np.uint64))
    assert solve(renamed).success[at] == pytest.approx(solve(plain).success, abs=1e-8)
    [first], [other] = best(plain, np.arange(n)), best(renamed, at)
    led = [int(renamed.states[t]) if t >= 0 else -1 for t in other.target[:, 0].tolist()]
    assert led == [int(names[t]) if t >= 0 else -1 for t in first.target[:, 0].tolist()]


def test_best_are_in_order_and_do_not_depend_on_how_many_are_asked_at_once() -> None:
    rng = np.random.default_rng(5)
    rows = [(i, j, 4, rng.random()) for i in range(30) for j in range(30) if i != j and rng.random() < 0.3]
    chain = build(states(list(range(30)), list(rng.random(30)), list(rng.random(30))), steps(*rows))
    dense = inverse(chain) * chain.success
    np.fill_diagonal(dense, -1)

    [whole] = best(chain, np.arange(30), count=3, least=1e-12)
    parts = list(best(chain, np.arange(30), count=3, least=1e-12, at_once=7))

    assert whole.target.tolist() == np.argsort(-dense, axis=1)[:, :3].tolist()
    assert np.concatenate([part.target for part in parts]).tolist() == whole.target.tolist()


def test_walks_that_hardly_end_are_solved_too() -> None:
    chain = build(states([1, 2], [1e-6, 2e-6], [1e-6, 0]), steps((1, 2, 9, 1e6), (2, 1, 9, 1e6)), smoothing=1.0)

    found = solve(chain, tolerance=1e-6)

    assert found.success == pytest.approx(inverse(chain) @ chain.success, abs=1e-6)


def test_accuracy_that_was_not_reached_is_said() -> None:
    chain = build(states([1, 2], [1, 2], [1, 0]), steps((1, 2, 9, 1e9), (2, 1, 9, 1e9)), smoothing=1e-6)

    with pytest.raises(UnsolvedChain):
        solve(chain, tolerance=1e-300)


def test_what_cannot_be_a_chain_is_refused() -> None:
    with pytest.raises(ValueError, match="smoothing"):
        build(states([1], [1], [1]), steps(), smoothing=0)
    with pytest.raises(ValueError, match="repeats"):
        build(states([1], [1], [1]), steps((1, 1, 5, 1.0)))
