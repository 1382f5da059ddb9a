"""From counts to candidates: the garage door is found, and traps are refused by the guard that is for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from probatum.dialogue.model.candidates import candidates, proposals, refused
from probatum.dialogue.model.chain import build, solve
from probatum.dialogue.model.contexts import splits
from probatum.dialogue.model.guards import Asked, Limits
from probatum.dialogue.semantics.edges import Counted, States, Steps

TEXTS = {
    1: "open the garbage door",
    2: "open the garage door",
    3: "play jazz music",
    4: "play rock music",
    5: "turn on kitchen flights",
    6: "turn on kitchen lights",
    7: "turn on kitchen lightest",
}


def numbers(*values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def counted(steps: list[tuple[int, int, int]], direct: dict[int, float], users: int = 100) -> Counted:
    names = sorted(direct)
    n = numbers(*[users] * len(names))
    good = np.array([direct[name] * users for name in names])
    left = np.array([sum(u for s, _, u in steps if s == name) for name in names], dtype=float)
    states = States(
        state=np.array(names, dtype=np.uint64), users=n, households=n, visits=n, repeats=n * 0,
        good=good, bad=np.maximum(0.0, users - good - left), direct=good, tried=n,
    )  # fmt: skip
    table = np.array(sorted(steps), dtype=np.int64).reshape(-1, 3)
    made = numbers(*table[:, 2])
    table = table.astype(np.uint64)
    return Counted(states, Steps(table[:, 0], table[:, 1], made, made, made.astype(float), made * 0 + 9, made * 0 + 9), 12, 0)


def found(own: Counted, **asked: Any) -> Any:
    chain = build(own.states, own.steps)
    limits = Limits(log_weeks=own.weeks)
    return proposals(
        own, chain, solve(chain), text=TEXTS.__getitem__, meaning=lambda _: None, limits=limits, asked=Asked(**asked)
    )


def test_a_correction_is_proposed_and_passes() -> None:
    own = found(counted([(1, 2, 70), (2, 1, 3)], {1: 0.05, 2: 0.95}))

    chosen, dropped = candidates(own)

    assert [(one.source, one.target) for one in chosen] == [(1, 2)]
    assert chosen[0].success > 0.5
    assert chosen[0].share > 0.8
    assert chosen[0].judged.unasked == ("catalogue", "replay")
    assert dropped == {}


def test_traps_are_refused_by_the_guards_that_are_for_them() -> None:
    browsing = found(counted([(3, 4, 40), (4, 3, 38)], {3: 0.5, 4: 0.55}))
    named = found(counted([(1, 2, 70)], {1: 0.05, 2: 0.95}), entity=lambda text: text)

    assert not any(one.judged.candidate for one in [*browsing, *named])
    assert refused(browsing) == {"improvement": 2, "reciprocity": 2}
    assert refused(named) == {"catalogue": 1}


def test_what_works_or_what_few_say_is_not_looked_at() -> None:
    assert found(counted([(1, 2, 8)], {1: 0.97, 2: 0.99})) == []
    assert found(counted([(1, 2, 8)], {1: 0.05, 2: 0.95}, users=19)) == []


def test_a_target_that_few_reach_directly_is_refused_whatever_the_chain_says() -> None:
    own = found(counted([(5, 7, 70), (7, 6, 60)], {5: 0.02, 6: 0.97, 7: 0.3}))

    far = next(one for one in own if (one.source, one.target) == (5, 6))
    assert far.success > 0.3
    assert [objection.guard for objection in far.judged.objections] == ["spread"]


def test_no_target_of_a_candidate_is_rewritten_itself() -> None:
    """A chain of two, each better than the one before: the first leads straight to the end, for people went there too."""
    own = found(counted([(5, 7, 40), (5, 6, 30), (7, 6, 40)], {5: 0.02, 6: 0.97, 7: 0.5}))

    chosen, dropped = candidates(own)

    assert [(one.source, one.target) for one in chosen] == [(5, 6), (7, 6)]
    assert dropped == {}


def test_texts_are_split_where_the_context_decides() -> None:
    counts = {
        (1, "screen"): (45.0, 50),
        (1, "none"): (5.0, 50),
        (2, "screen"): (25.0, 50),
        (2, "none"): (25.0, 50),
        (3, "x"): (9.0, 9),
    }

    assert splits(counts) == {1}
    assert splits({(1, "screen"): (4.0, 4), (1, "none"): (0.0, 4)}) == frozenset()
    assert splits({}) == frozenset()
    with pytest.raises(ValueError, match="not a count"):
        splits({(1, "screen"): (9.0, 4)})


def test_texts_that_do_not_depend_on_the_context_are_seldom_split() -> None:
    """Two hundred true splits among two thousand texts: of what is split, about one in twenty is false, at most."""
    rng = np.random.default_rng(1)
    counts = {}
    for text in range(2000):
        for context in ("screen", "none"):
            p = (0.9 if context == "screen" else 0.3) if text < 200 else 0.6
            counts[text, context] = (float(rng.binomial(40, p)), 40)

    split = splits(counts)

    assert sum(text < 200 for text in split) > 190
    assert sum(text >= 200 for text in split) / len(split) < 0.09
