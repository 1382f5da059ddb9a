"""Trees of stages: that they say what those say that they were taken from, and that none is read whose walks do not end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from probatum.dialogue.semantics.trees import Trees, unpacked

lightgbm = pytest.importorskip("lightgbm")


def small() -> Trees:
    """Two labels: at most 0.5 speaks for the first, more for the second."""
    return Trees(
        2,
        roots=np.array([0, 3], "<i4"),
        column=np.array([0, -1, -1, 0, -1, -1], "<i2"),
        number=np.array([0.5, 1.0, -1.0, 0.5, -2.0, 2.0], "<f4"),
        right=np.array([2, 0, 0, 2, 0, 0], "<i2"),
    )


def test_rows_walk_down_to_their_leaves() -> None:
    found = small().logits(np.array([[0.5], [0.51]], dtype=np.float32))

    assert found.tolist() == [[1.0, -2.0], [-1.0, 2.0]]


def test_they_say_what_lightgbm_says() -> None:
    from probatum.dialogue.fit.stage_trees import boosted

    random = np.random.default_rng(0)
    x = random.normal(size=(1500, 6)).astype(np.float32)
    x[random.random(x.shape) < 0.3] = -99.0
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] * x[:, 2] > 0)
    trees = boosted(x, y, 3)
    model = lightgbm.LGBMClassifier(
        n_estimators=100, learning_rate=0.08, num_leaves=15, min_child_samples=20, colsample_bytree=0.5, reg_lambda=1.0,
        class_weight="balanced", use_missing=False, n_jobs=1, verbose=-1, random_state=0, deterministic=True,
    ).fit(x, y)  # fmt: skip  # a table

    assert np.allclose(trees.logits(x), model.predict(x, raw_score=True), atol=1e-4)


def test_what_was_written_is_read_again() -> None:
    trees = small()

    again = unpacked(trees.packed(), 2, 1)

    x = np.array([[0.2], [3.0]], dtype=np.float32)
    assert np.array_equal(again.logits(x), trees.logits(x))


@pytest.mark.parametrize(
    "change",
    [
        {"right": np.array([0, 0, 0, 2, 0, 0], "<i2")},  # stays where it is for ever
        {"right": np.array([9, 0, 0, 2, 0, 0], "<i2")},
        {"column": np.array([1, -1, -1, 0, -1, -1], "<i2")},
        {"roots": np.array([0, 6], "<i4")},
        {"roots": np.array([0], "<i4")},
        {"number": np.array([0.5, np.nan, -1.0, 0.5, -2.0, 2.0], "<f4")},
        {"number": np.array([0.5], "<f4")},
    ],
    ids=["endless", "outside", "column", "root", "roots", "no number", "lengths"],
)
def test_trees_that_are_none_are_refused(change: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="trees are none"):
        replace(small(), **change).check(1)
