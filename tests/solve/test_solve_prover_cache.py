"""What provers remember: a decision is kept only if it would be the same again."""

from pathlib import Path
from typing import Any

import pytest

from probatum.errors import StateError
from probatum.findings import Why
from probatum.solve.ladder import Ladder, Rung
from probatum.solve.prover import Decision, Obligation, Prover
from probatum.solve.prover_cache import StoreCache, digest_of, read
from probatum.solve.versions import versions
from probatum.store import State

REFUTED = Obligation("(declare-const x Int)(assert (and (> x 3) (< x 5)))", values=("x",))
CUBES = "(declare-const x Int)(declare-const y Int)(declare-const z Int)(assert (= (+ (* x x x) (* y y y) (* z z z)) 42))"


class Remembering:
    """A cache in memory that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.flushed = 0

    def get_many(self, keys):
        return {key: self.kept[key] for key in keys if key in self.kept}

    def put(self, key, value):
        self.kept[key] = value

    def flush(self):
        self.flushed += 1


def one(prover: Prover, obligation: Obligation) -> Decision:
    [(_, decision)] = prover.decide([("it", obligation)])
    return decision


@pytest.mark.slow
def test_what_one_prover_decided_the_next_finds(tmp_path: Path) -> None:
    with State.open(tmp_path / ".probatum") as state, Prover(workers=1, cache=StoreCache(state)) as first:
        fresh = one(first, REFUTED)
    with State.open(tmp_path / ".probatum") as state, Prover(workers=1, cache=StoreCache(state)) as second:
        found = one(second, REFUTED)
        other = one(second, Obligation(REFUTED.text))

    assert not fresh.cached
    assert found.cached
    assert (
        (found.answer, found.values, found.effort)
        == (fresh.answer, fresh.values, fresh.effort)
        == ("sat", {"x": "4"}, fresh.effort)
    )
    assert not other.cached  # it wants other values


@pytest.mark.slow
def test_a_limit_is_kept_and_a_kill_is_not() -> None:
    cache = Remembering()
    with Prover(workers=1, cache=cache, ladder=Ladder((Rung("z3", "z3", 2**32 - 1, wall_s=1.0),))) as prover:
        limited = one(prover, Obligation(CUBES, rlimit=1000))
        assert (limited.why, len(cache.kept)) == (Why.TIME_LIMIT, 1)
        killed = one(prover, Obligation(CUBES))

    assert (killed.why, len(cache.kept)) == (Why.TIME_LIMIT, 1)
    assert cache.flushed == 2


def test_a_digest_covers_all_that_a_decision_depends_on() -> None:
    same = [digest_of(Obligation("(assert true)", timeout_s=limit), 0, "salt") for limit in (None, 5.0)]
    others = [
        digest_of(Obligation("(assert false)"), 0, "salt"),
        digest_of(Obligation("(assert true)", values=("1",)), 0, "salt"),
        digest_of(Obligation("(assert true)", rlimit=5), 0, "salt"),
        digest_of(Obligation("(assert true)", options=(("smt.mbqi", "true"),)), 0, "salt"),
        digest_of(Obligation("(assert true)"), 1, "salt"),
        digest_of(Obligation("(assert true)"), 0, "pepper"),
    ]

    assert len({*same, *others}) == 1 + len(others)
    assert "z3-solver" in versions()
    assert "cvc5" in versions()


def test_what_is_not_a_decision_is_not_read() -> None:
    whole = Decision("unsat", None, "", "z3 5.4", "z3", 7, 0.1)

    assert read(whole.to_json()) == Decision("unsat", None, "", "z3 5.4", "z3", 7, 0.1, cached=True)
    assert read(None) is None
    assert read(["unsat"]) is None
    assert read(whole.to_json() | {"answer": "proved"}) is None
    assert read({key: value for key, value in whole.to_json().items() if key != "effort"}) is None


class Failing:
    """A state whose disk is full, or whose database cannot be read."""

    def __init__(self) -> None:
        self.asked = 0

    def get_many(self, keys):
        self.asked += 1
        raise StateError("results cannot be kept in `.probatum`: the disk is full")

    put_many = get_many


def test_a_state_that_fails_is_left_alone() -> None:
    state = Failing()
    cache = StoreCache(state)  # type: ignore[arg-type]  # the two methods that it uses

    assert cache.get_many(["a"]) == {}
    cache.put("a", 1)
    assert cache.get_many(["a"]) == {"a": 1}
    cache.flush()
    assert cache.get_many(["a"]) == {}
    assert state.asked == 1
    assert cache.note == "results cannot be kept in `.probatum`: the disk is full"
