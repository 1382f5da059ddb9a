"""A bank finds unusual what no pristine unit showed, and says so on one scale, whatever the picture."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import read_model, write_model
from probatum.inspection.fit.bank import bank, spread_out
from probatum.inspection.semantics.bank import KIND, bank_of, distances, item_look, unusual
from probatum.inspection.semantics.surface import Sizes

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")

BACKBONE = "b" * 64


def looks(seed: int, fault: float = 0.0) -> tuple:
    """Two looks of a picture: four rows and five columns, and twice as many; the fault is one place of both."""
    random = np.random.default_rng(seed)
    made = [random.normal(size=(rows, rows + 1, 6)).astype(np.float32) for rows in (4, 8)]
    made[0][2, 3] += fault
    made[1][4:6, 6:8] += fault
    return tuple(made)


@pytest.fixture(scope="module")
def made():
    return bank([looks(seed) for seed in range(40)], backbone=BACKBONE, seed=7, size=300)


def test_what_no_pristine_picture_showed_stands_out_where_it_is(made) -> None:
    faulty = unusual(made.bank, looks(100, fault=6))
    plain = [unusual(made.bank, looks(seed)) for seed in range(100, 120)]

    assert faulty.score > 5 * max(abs(one.score) for one in plain)
    assert faulty.places[0] == (2, 3)
    assert faulty.places[1] in {(4, 6), (4, 7), (5, 6), (5, 7)}
    assert faulty.map.shape == (8, 9)
    assert np.unravel_index(faulty.map.argmax(), faulty.map.shape) in {(4, 6), (4, 7), (5, 6), (5, 7)}
    assert faulty.score == pytest.approx(np.mean(faulty.levels))


def test_the_scale_is_that_of_pristine_pictures_that_are_new(made) -> None:
    fresh = np.array([unusual(made.bank, looks(seed)).score for seed in range(200, 300)])
    left_out = np.array([one.score for one in made.pristine])

    assert len(left_out) == 40
    assert abs(left_out.mean()) < 1e-5
    assert abs(fresh.mean()) < 0.5
    assert 0.5 < fresh.std() / left_out.std() < 2
    assert max(unusual(made.bank, looks(seed)).map.max() for seed in range(200, 220)) < 5


def test_a_picture_of_the_bank_is_compared_with_the_others_only() -> None:
    pictures = [looks(seed) for seed in range(12)]
    pictures[5] = looks(5, fault=6)

    made = bank(pictures, backbone=BACKBONE, seed=0)

    assert int(np.argmax([one.score for one in made.pristine])) == 5
    assert unusual(made.bank, pictures[5]).score < -5


def test_the_same_pictures_and_seed_make_the_same_bank_and_another_seed_another() -> None:
    pictures = [looks(seed) for seed in range(20)]
    first, again, other = (bank(pictures, backbone=BACKBONE, seed=seed, size=50).bank for seed in (1, 1, 2))

    assert first.model().digest == again.model().digest != other.model().digest
    assert [len(level.patches) for level in first.levels] == [50, 50]


def test_chosen_patches_leave_no_other_far_away() -> None:
    random = np.random.default_rng(0)
    # Many in one place, and three far from it and from each other: a random choice of ten would miss them.
    vectors = np.concatenate([random.normal(scale=0.1, size=(2000, 8)), 20 * np.eye(8)[:3]]).astype(np.float32)

    chosen = spread_out(vectors, 10, seed=0)

    assert {2000, 2001, 2002} <= set(chosen.tolist())
    assert len(set(chosen.tolist())) == 10
    assert spread_out(vectors[:4], 10, seed=0).tolist() == [0, 1, 2, 3]


def test_distances_are_those_to_the_nearest_patch_that_is_not_left_out() -> None:
    patches = np.array([[0, 0], [3, 4], [100, 0]], dtype=np.float32)
    look = np.array([[[0, 0], [3, 0]], [[99, 0], [3, 4]]], dtype=np.float32)

    assert distances(patches, look) == pytest.approx(np.array([[0, 3], [1, 0]]))
    assert distances(patches, look, np.array([True, False, False]))[0, 0] == pytest.approx(5)


def test_what_is_beside_the_item_does_not_count(made) -> None:
    faulty = looks(100, fault=6)
    items = [np.ones(look.shape[:2], dtype=bool) for look in faulty]
    items[0][1:4, 2:5] = False
    items[1][2:8, 4:9] = False

    assert unusual(made.bank, faulty, items=items).score < unusual(made.bank, faulty).score / 2
    assert unusual(made.bank, faulty, items=[np.zeros_like(item) for item in items]) is None


def test_a_bank_of_items_keeps_only_their_places() -> None:
    pictures = [looks(seed)[:1] for seed in range(10)]
    items = [[np.zeros((4, 5), dtype=bool)] for _ in pictures]
    for [item] in items:
        item[1:3, 1:3] = True

    made = bank(pictures, backbone=BACKBONE, seed=0, items=items)

    assert len(made.bank.levels[0].patches) == 40
    assert all(1 <= row < 3 and 1 <= column < 3 for one in made.pristine for row, column in one.places)
    with pytest.raises(ValueError, match="no item"):
        bank(pictures, backbone=BACKBONE, seed=0, items=[[np.zeros((4, 5), dtype=bool)]] * 10)


def test_an_item_that_was_cut_out_is_one_look_and_its_places() -> None:
    item = np.zeros((224, 224), dtype=bool)
    item[:, :112] = True
    stride16 = np.random.default_rng(0).normal(size=(112, 14, 14)).astype(np.float32)

    look, places = item_look(SimpleNamespace(stride16=stride16, cutout=SimpleNamespace(item=item)))

    assert np.array_equal(look[3, 5], stride16[:, 3, 5])
    assert places[:, :7].all()
    assert not places[:, 7:].any()


def test_a_bank_comes_back_from_its_file(made, tmp_path) -> None:
    sized = dataclasses.replace(made.bank, sizes=Sizes(factors=(0.3, 0.6)))
    write_model(sized.model(), tmp_path / "bank")

    found = bank_of(read_model(tmp_path / "bank", kind=KIND, backbone=BACKBONE))

    assert found.sizes == sized.sizes
    assert found.pictures == 40
    assert unusual(found, looks(100)).score == unusual(made.bank, looks(100)).score


@pytest.mark.parametrize(
    "change",
    [
        lambda model: dataclasses.replace(model, kind="damage-head/1"),
        lambda model: dataclasses.replace(model, arrays={}),
        lambda model: dataclasses.replace(model, settings={**model.settings, "scales": []}),
        lambda model: dataclasses.replace(model, settings={**model.settings, "scales": [[0, 1], [0, 0]]}),
        lambda model: dataclasses.replace(model, settings={**model.settings, "sizes": [[0.5], 80, 80]}),
        lambda model: dataclasses.replace(model, arrays={**model.arrays, "level0": np.zeros((0, 6), np.float32)}),
    ],
    ids=["kind", "arrays", "levels", "spread", "sizes", "empty"],
)
def test_a_file_whose_parts_do_not_fit_is_refused(made, change) -> None:
    with pytest.raises(UnreadableArtefact, match="no bank"):
        bank_of(change(made.bank.model()))


def test_too_few_or_other_pictures_are_refused(made) -> None:
    with pytest.raises(ValueError, match="too few"):
        bank([looks(seed) for seed in range(7)], backbone=BACKBONE, seed=0)
    with pytest.raises(ValueError, match="same sizes"):
        bank([*(looks(seed) for seed in range(9)), looks(9)[:1]], backbone=BACKBONE, seed=0)
    with pytest.raises(ValueError, match="2 levels"):
        unusual(made.bank, looks(0)[:1])
    with pytest.raises(ValueError, match="bank of 6"):
        unusual(made.bank, [look[..., :5] for look in looks(0)])
    with pytest.raises(ValueError, match="no patch"):
        distances(np.zeros((0, 6), np.float32), looks(0)[0])
