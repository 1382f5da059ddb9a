"""A few labelled faults teach what the bank alone does not see."""

from __future__ import annotations

import dataclasses

import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import read_model, write_model
from probatum.inspection.fit.linear_head import linear_head
from probatum.inspection.semantics.bank import Unusual
from probatum.inspection.semantics.linear_head import KIND, head_of, pooled

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

BACKBONE = "b" * 64


def vectors(n: int, seed: int, fault: float = 0.0):
    """Forty numbers, of which the first is a score that says nothing, and the last one is higher in faulty units."""
    made = np.random.default_rng(seed).normal(size=(n, 40)).astype(np.float32)
    made[:, -1] += fault
    return made


@pytest.fixture(scope="module")
def head():
    return linear_head(vectors(200, 0), vectors(30, 1, fault=3), scores=1, backbone=BACKBONE)


def test_faults_like_those_that_were_shown_are_told_from_pristine_units(head) -> None:
    good, bad = ([head.logit(one) for one in vectors(200, seed, fault)] for seed, fault in ((2, 0.0), (3, 3.0)))

    assert np.mean(np.array(bad)[:, None] > np.array(good)) > 0.95
    assert np.median(good) < 0 < np.median(bad)


def test_the_weights_are_where_the_loss_is_least(head) -> None:
    good, bad = vectors(200, 0), vectors(30, 1, fault=3)

    def loss(one) -> float:
        margins = [np.array([sign * one.logit(v) for v in kind]) for sign, kind in ((-1, good), (1, bad))]
        return sum(np.logaddexp(0, -margin).mean() / 2 for margin in margins) + one.weights @ one.weights / 2

    random = np.random.default_rng(0)
    least = loss(head)
    for _ in range(20):
        moved = head.weights + random.normal(scale=0.02, size=head.weights.shape).astype(np.float32)
        assert loss(dataclasses.replace(head, weights=moved)) > least
        assert loss(dataclasses.replace(head, intercept=head.intercept + random.choice([-0.02, 0.02]))) > least


def test_the_same_pictures_give_the_same_head(head) -> None:
    again = linear_head(vectors(200, 0), vectors(30, 1, fault=3), scores=1, backbone=BACKBONE)

    assert again.model().digest == head.model().digest


def test_a_picture_is_pooled_over_places_and_where_it_is_most_unusual() -> None:
    look = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    found = Unusual(1.5, (1.5,), ((0, 2),), np.zeros((2, 3), np.float32))

    assert pooled([look], found).tolist() == [1.5, 5, 6, 10, 11, 4, 5]
    assert pooled([look], found, (2.5,)).tolist() == [2.5, 1.5, 5, 6, 10, 11, 4, 5]


def test_a_head_comes_back_from_its_file(head, tmp_path) -> None:
    write_model(head.model(), tmp_path / "head")

    found = head_of(read_model(tmp_path / "head", kind=KIND, backbone=BACKBONE))

    assert [found.logit(one) for one in vectors(5, 9)] == [head.logit(one) for one in vectors(5, 9)]


def test_a_file_whose_parts_do_not_fit_is_refused(head) -> None:
    model = head.model()
    for other in (
        dataclasses.replace(model, kind="bank/1"),
        dataclasses.replace(model, settings={}),
        dataclasses.replace(model, arrays={**model.arrays, "scale": np.zeros(40, np.float32)}),
        dataclasses.replace(model, arrays={**model.arrays, "weights": np.ones(39, np.float32)}),
    ):
        with pytest.raises(UnreadableArtefact, match="no linear head"):
            head_of(other)


def test_too_few_pictures_and_other_widths_are_refused(head) -> None:
    with pytest.raises(ValueError, match="4 faulty and 200 pristine"):
        linear_head(vectors(200, 0), vectors(4, 1), scores=1, backbone=BACKBONE)
    with pytest.raises(ValueError, match="39 numbers"):
        head.logit(np.zeros(39, np.float32))
