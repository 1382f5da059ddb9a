"""Replicates drawn from counts are those of rows drawn with replacement."""

import numpy as np
import pytest

from probatum.fairness.model.replicates import replicates
from probatum.fairness.semantics.cube import Count, Cube
from probatum.fairness.semantics.metrics import RATES

CELLS = {("a", 1, 1): 300, ("a", 0, 1): 100, ("a", 0, 0): 500, ("a", 1, 0): 100, ("b", 1, 1): 40, ("b", 0, 0): 160}
CUBE = Cube(("g", "label", "decision"), {key: Count(rows, rows, rows) for key, rows in CELLS.items()})


def test_replicates_lie_around_the_rate_as_widely_as_rows_drawn_again_would() -> None:
    drawn = replicates(CUBE, ("g",), [RATES["tpr"], RATES["fpr"]], runs=4_000, seed=5)

    assert drawn["tpr"].shape == (4_000, 2)
    assert drawn["tpr"][:, 0].mean() == pytest.approx(0.75, abs=0.002)
    assert drawn["tpr"][:, 0].std() == pytest.approx(np.sqrt(0.75 * 0.25 / 400), rel=0.05)
    assert (drawn["fpr"][:, 1] == 0).all()


def test_weighted_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="weighted"):
        replicates(Cube(CUBE.dimensions, CUBE.counts, weighted=True), ("g",), [RATES["tpr"]])
