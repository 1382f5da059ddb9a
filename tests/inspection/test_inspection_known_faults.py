"""A fault that was outlined is known again, and what is unusual but no fault stands out less."""

from __future__ import annotations

import dataclasses

import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.marks import Mark, drawn
from probatum.inspection.artefacts.model_file import read_model, write_model
from probatum.inspection.fit.bank import bank
from probatum.inspection.fit.known_faults import Faulty, known_faults
from probatum.inspection.fit.linear_head import linear_head
from probatum.inspection.semantics.bank import unusual
from probatum.inspection.semantics.known_faults import KIND, alike, known_faults_of

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")

BACKBONE = "b" * 64
FAULT, DIRT = (6.0, 0, 0, 0, 0, 0), (0, 6.0, 0, 0, 0, 0)


def looks(seed: int, there: tuple[float, ...] = (), row: int = 1) -> tuple:
    """Two looks of a picture of 60 x 40 pixels, of four rows and six columns and of twice as many; what is there is in one place of both."""
    random = np.random.default_rng(seed)
    made = [random.normal(size=(size, size * 3 // 2, 6)).astype(np.float32) for size in (4, 8)]
    if there:
        made[0][row, 2] += np.array(there, np.float32)
        made[1][2 * row : 2 * row + 2, 4:6] += np.array(there, np.float32)
    return tuple(made)


def outline(row: int = 1):
    return drawn(Mark(image="a.png", label="fault", box=(20, 10 * row, 10, 10)), 40, 60)


PRISTINE = [looks(seed) for seed in range(30)]
FAULTY = [Faulty(looks(100 + seed, FAULT), outline()) for seed in range(8)]


@pytest.fixture(scope="module")
def made():
    return bank(PRISTINE, backbone=BACKBONE, seed=1, size=400)


@pytest.fixture(scope="module")
def learnt(made):
    return known_faults(made, PRISTINE, FAULTY)


def said(made, learnt, one) -> float:
    return float(np.mean(alike(learnt.faults, one, unusual(made.bank, one))[:2]))


def test_a_fault_of_a_known_kind_stands_out_more_than_what_is_as_unusual_and_a_new_kind_still_does(made, learnt) -> None:
    fault, dirt, new, plain = (
        np.array([said(made, learnt, looks(seed, there)) for seed in range(200, 220)])
        for there in (FAULT, DIRT, tuple(2 * x for x in DIRT), ())
    )

    assert fault.min() > dirt.max()
    assert new.min() > plain.max()


def test_it_is_the_distance_to_pristine_patches_less_half_of_that_to_faults(learnt) -> None:
    one, found = (np.zeros((1, 1, 6), np.float32),) * 2, dataclasses.make_dataclass("Found", ["apart"])
    nearest = [np.linalg.norm(level, axis=1).min() for level in learnt.faults.levels]

    told = alike(learnt.faults, one, found((np.full((1, 1), 7, np.float32),) * 2))

    assert told == pytest.approx([*(7 - near / 2 for near in nearest), 0, 0], rel=1e-5)


def test_a_direction_tells_faults_from_what_is_pristine_and_from_what_is_something_else(made, learnt) -> None:
    fault, dirt, plain = (
        np.array(
            [alike(learnt.faults, one, unusual(made.bank, one))[2:] for one in (looks(seed, there) for seed in range(200, 220))]
        )
        for there in (FAULT, DIRT, ())
    )

    assert all(np.argmax(direction) == 0 for direction in learnt.faults.directions)
    assert (fault.min(axis=0) > dirt.max(axis=0)).all()
    assert (fault.min(axis=0) > plain.max(axis=0)).all()


def test_each_fault_counts_the_same_however_much_of_the_picture_it_covers() -> None:
    random = np.random.default_rng(5)
    good, bad = random.normal(size=(400, 3)).astype(np.float32), random.normal(size=(60, 3)).astype(np.float32)
    bad[:10, 0] += 3
    bad[10:, 1] += 3
    few, many = (
        linear_head(good, bad, scores=0, backbone=BACKBONE, counts=counts).weights
        for counts in (np.repeat([1 / 10, 1 / 50], [10, 50]), None)
    )

    assert few[0] == pytest.approx(few[1], rel=0.3)
    assert many[0] < many[1] / 2


def test_only_what_is_outlined_is_known(learnt) -> None:
    assert [level.shape for level in learnt.faults.levels] == [(8, 6), (32, 6)]
    assert all(level[:, 0].mean() > 5 for level in learnt.faults.levels)
    assert learnt.faults.pictures == 8


def test_without_an_outline_the_most_unusual_place_is_taken(made) -> None:
    nothing = np.zeros((40, 60), bool)
    found = known_faults(made, PRISTINE, [Faulty(one.looks, nothing if at % 2 else None) for at, one in enumerate(FAULTY)])

    assert [level.shape for level in found.faults.levels] == [(8, 6), (8, 6)]
    assert all((level[:, 0] > 3).all() for level in found.faults.levels)


def test_pictures_that_were_learnt_from_are_told_of_as_if_they_were_new(made, learnt) -> None:
    fresh = [said(made, learnt, looks(seed, FAULT)) for seed in range(300, 330)]
    again = [said(made, learnt, one.looks) for one in FAULTY]
    plain = [said(made, learnt, looks(seed)) for seed in range(300, 330)]

    assert abs(np.mean(np.array(learnt.faulty)[:, :2]) - np.mean(fresh)) < np.std(fresh)
    assert np.mean(again) > np.mean(np.array(learnt.faulty)[:, :2]) + np.std(fresh)
    assert abs(np.mean(np.array(learnt.pristine)[:, :2]) - np.mean(plain)) < np.std(plain)
    assert (len(learnt.pristine), len(learnt.faulty)) == (30, 8)


def test_known_faults_come_back_from_their_file(made, learnt, tmp_path) -> None:
    write_model(learnt.faults.model(), tmp_path / "faults")

    found = known_faults_of(read_model(tmp_path / "faults", kind=KIND, backbone=BACKBONE))

    one = looks(400, FAULT)
    assert alike(found, one, unusual(made.bank, one)) == alike(learnt.faults, one, unusual(made.bank, one))
    assert found.pictures == 8


def test_a_file_whose_parts_do_not_fit_is_refused(learnt) -> None:
    model = learnt.faults.model()
    for other in (
        dataclasses.replace(model, kind="bank/1"),
        dataclasses.replace(model, settings={}),
        dataclasses.replace(model, settings={"levels": 3, "pictures": 8}),
        dataclasses.replace(model, arrays={**model.arrays, "direction0": np.zeros(5, np.float32)}),
        dataclasses.replace(model, arrays={**model.arrays, "level0": np.zeros(6, np.float32)}),
    ):
        with pytest.raises(UnreadableArtefact, match="no known faults"):
            known_faults_of(other)


def test_what_does_not_fit_the_bank_is_refused(made, learnt) -> None:
    with pytest.raises(ValueError, match="4 faulty pictures are too few"):
        known_faults(made, PRISTINE, FAULTY[:4])
    with pytest.raises(ValueError, match="made of 30 pictures, and these are 29"):
        known_faults(made, PRISTINE[1:], FAULTY)
    with pytest.raises(ValueError, match="2 sizes of the bank"):
        known_faults(made, PRISTINE, [Faulty(one.looks[:1]) for one in FAULTY])
    with pytest.raises(ValueError, match="faults of 2 levels"):
        alike(learnt.faults, looks(1)[:1], unusual(made.bank, looks(1)))
