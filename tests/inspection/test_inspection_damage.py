"""The damage head: learns where damage is from labels of items, says what it cannot tell, and needs no depth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model, read_model, write_model
from probatum.inspection.fit.damage import Example, TooFew, train
from probatum.inspection.semantics.damage import KIND, TYPES, Damage, damage, excess, head_of, item_damage, judged
from probatum.inspection.semantics.damage_places import PLACES, RELIEF, places, relief
from probatum.inspection.semantics.looked import Cutout, Looked

BACKBONE = "b" * 64
GROUP = 10  # channels that a type shows in
WIDTH = 2 * GROUP + RELIEF


def view(rng, *, at=None, size=2.5, channel=0, deep=False, noise=0.3):
    """Features of places, of which a square of 2 x 2 at a place stands out in the channels of a type, and in depth."""
    known = rng.normal(scale=noise, size=(PLACES, PLACES, WIDTH)).astype(np.float32)
    known[..., -1] = 1
    if at is not None:
        known[at[0] : at[0] + 2, at[1] : at[1] + 2, GROUP * channel : GROUP * (channel + 1)] += size
        if deep:
            known[at[0] : at[0] + 2, at[1] : at[1] + 2, -5] += size
    return known.reshape(-1, WIDTH)


def examples(count=90, *, masks=False, seed=0, deep=False, noise=0.3):
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        if number % 3 == 0:
            made.append(Example([view(rng, noise=noise), view(rng, noise=noise)], damaged=False))
            continue
        where, channel, severity = rng.integers(0, PLACES - 1, 2), number % 3 - 1, float(rng.uniform(0.1, 1))
        covered = np.zeros((PLACES, PLACES), np.float32)
        covered[where[0] : where[0] + 2, where[1] : where[1] + 2] = 1
        seen = view(rng, at=where, size=1.5 + 2 * severity, channel=channel, deep=deep, noise=noise)
        types = frozenset({TYPES[channel]})
        shown = [covered.ravel(), np.zeros(PLACES * PLACES)] if masks else None
        made.append(Example([seen, view(rng, noise=noise)], damaged=True, types=types, severity=severity, masks=shown))
    return made


@pytest.fixture(scope="module")
def head():
    return train(examples(300), backbone=BACKBONE, hidden=24, epochs=50)


def item(head, one) -> Damage:
    return item_damage([judged(head, known) for known in one.views])


def share_above(head, made):
    scores = np.array([item(head, one).score for one in made])
    bad = np.array([one.damaged for one in made])
    return (scores[bad][:, None] > scores[~bad][None]).mean()


def test_labels_of_items_teach_what_is_damaged_where_and_how(head):
    new = examples(120, seed=1)
    assert share_above(head, new) > 0.9
    assert head.types == ("crush", "tear")
    assert head.untold == TYPES[2:]
    rng = np.random.default_rng(2)
    found = [judged(head, view(rng, at=(3, 9), size=3, channel=1)) for _ in range(10)]
    hits = [tuple(place // 2 for place in np.unravel_index(one.map.argmax(), one.map.shape)) for one in found]
    assert sum(row in (3, 4) and column in (9, 10) for row, column in hits) >= 8
    assert np.mean([one.types["tear"] > one.types["crush"] for one in found]) >= 0.8
    assert all(set(one.types) == {"crush", "tear"} for one in found)


def test_severity_rises_with_severity_and_with_every_place(head):
    bad = [one for one in examples(200, seed=3) if one.damaged]
    said = np.array([item(head, one).severity for one in bad])
    true = np.array([one.severity for one in bad])
    assert np.corrcoef(said, true)[0, 1] > 0.4
    assert ((said >= 0) & (said <= 1)).all()
    # The direction in which every place looks worse: what is hidden only adds to damage.
    worse = replace(head, outer_bias=head.outer_bias + np.float32(0.3))
    for one in bad[:20]:
        less, more = judged(head, one.views[0]), judged(worse, one.views[0])
        assert more.score > less.score
        assert more.severity >= less.severity
    assert min(head.severity[:2]) >= 0


def test_masks_teach_more_than_labels_of_few_items():
    new = examples(120, seed=4, noise=1.0)
    without, told = (train(examples(40, masks=masks, noise=1.0), backbone=BACKBONE, hidden=24) for masks in (False, True))
    assert share_above(told, new) > share_above(without, new)
    assert without.severity is None
    assert judged(without, new[0].views[0]).severity is None


def test_the_same_seed_gives_the_same_head_and_another_gives_another():
    made = examples(30)
    one, two, other = (train(made, backbone=BACKBONE, seed=seed, hidden=4, epochs=1) for seed in (0, 0, 1))
    assert one.model().digest == two.model().digest != other.model().digest


def test_a_head_that_learnt_with_depth_works_without_it():
    head = train(examples(150, deep=True), backbone=BACKBONE, hidden=24)
    new = examples(120, seed=5, deep=True)
    blind = []
    for one in new:
        flat = [known.copy() for known in one.views]
        for known in flat:
            known[:, -RELIEF:] = 0
        blind.append(replace(one, views=flat))
    assert 0.7 < share_above(head, blind) <= share_above(head, new)


def test_what_looks_damaged_on_references_too_is_no_excess(head):
    rng = np.random.default_rng(8)
    printed = [judged(head, view(rng, at=(3, 9))) for _ in range(4)]
    clean, dirty = [judged(head, view(rng)) for _ in range(3)], judged(head, view(rng, at=(5, 5)))
    assert excess(printed[0], []) is None
    assert abs(excess(printed[0], printed[1:])) < 0.5 * excess(printed[0], clean)
    assert excess(printed[0], [*clean, dirty]) > 0.8 * excess(printed[0], clean)


def test_what_looks_damaged_where_heights_differ_is_in_excess_and_what_does_so_elsewhere_adds_little(head):
    rng = np.random.default_rng(9)
    clean, torn = [judged(head, view(rng)) for _ in range(3)], judged(head, view(rng, at=(3, 9)))
    here, elsewhere, flat = (np.zeros((28, 28), np.float32) for _ in range(3))
    row, column = divmod(int(torn.map.argmax()), 28)
    here[row // 2 * 2 : row // 2 * 2 + 2, column // 2 * 2 : column // 2 * 2 + 2] = 9.0
    row, column = divmod(int(torn.map.argmin()), 28)
    elsewhere[row // 2 * 2 : row // 2 * 2 + 2, column // 2 * 2 : column // 2 * 2 + 2] = 9.0
    alone = excess(torn, clean)
    assert excess(torn, clean, flat) == pytest.approx(alone, abs=1e-6)
    assert excess(torn, clean, np.where(here > 0, np.nan, flat)) == pytest.approx(alone, abs=1e-6)
    assert excess(torn, clean, here) == pytest.approx(alone + 1.0, abs=1e-4)  # the root of 9 at one of three places
    assert alone <= excess(torn, clean, elsewhere) < excess(torn, clean, here)
    assert excess(torn, [], here) is None


def test_too_few_labels_and_labels_that_contradict_themselves():
    few = [one for one in examples(60) if one.damaged][:4] + [one for one in examples(60) if not one.damaged]
    found = train(few, backbone=BACKBONE)
    assert isinstance(found, TooFew)
    assert found.why == "4 damaged and 20 sound items are too few to train on; 5 of each are needed"
    made = examples(30)
    with pytest.raises(ValueError, match="sound item has types"):
        train([*made, Example(made[0].views, damaged=False, types=frozenset({"tear"}))], backbone=BACKBONE)
    with pytest.raises(ValueError, match="1 masks are not one for each of 2 views"):
        train([*made, replace(made[1], masks=[np.zeros(196)])], backbone=BACKBONE)
    with pytest.raises(ValueError, match="cannot be learnt from together"):
        train([*made, Example([np.zeros((196, 3))], damaged=False)], backbone=BACKBONE)


def test_damaged_items_without_types_teach_damage_and_no_type():
    made = [replace(one, types=None) for one in examples(60)]
    head = train(made, backbone=BACKBONE, hidden=4)
    assert head.types == ()
    assert item(head, made[1]).types == {}


def test_a_head_comes_back_from_its_file_and_says_the_same(head, tmp_path):
    write_model(head.model(), tmp_path / "head")
    again = head_of(read_model(tmp_path / "head", kind=KIND, backbone=BACKBONE))
    one = examples(3, seed=6)[1]
    first, second = item(head, one), item(again, one)
    assert (first.score, first.severity, first.types) == (second.score, second.severity, second.types)
    np.testing.assert_array_equal(first.map, second.map)
    assert again.trained_with == head.trained_with
    with pytest.raises(UnreadableArtefact, match="trained with the backbone"):
        read_model(tmp_path / "head", kind=KIND, backbone="c" * 64)


def test_a_file_whose_parts_do_not_fit_is_no_head(head):
    good = head.model()
    for arrays in (
        {},
        {**good.arrays, "outer": good.arrays["outer"][:, :2]},
        {**good.arrays, "spread": 0 * good.arrays["spread"]},
    ):
        with pytest.raises(UnreadableArtefact, match="do not fit"):
            head_of(Model(KIND, BACKBONE, good.settings, arrays))
    for changed in ({"types": ["crush", "crush"]}, {"types": ["crush", "rust"]}, {"severity": [-1, 0, 0]}, {"severity": [1]}):
        with pytest.raises(UnreadableArtefact, match="do not fit"):
            head_of(Model(KIND, BACKBONE, {**good.settings, **changed}, good.arrays))


def looked(*, height=None, backbone=BACKBONE) -> Looked:
    item = np.zeros((224, 224), bool)
    item[30:190, 40:180] = True
    rng = np.random.default_rng(0)
    cut = Cutout(np.zeros((224, 224, 3), np.uint8), item, height, None, np.eye(3)[:2])
    layers = [rng.normal(size=(channels, side, side)).astype(np.float32) for channels, side in ((4, 28), (6, 14), (8, 7))]
    return Looked(cut, *layers, np.zeros(8, np.float32), backbone)


def test_places_are_told_of_layers_and_of_depth_where_there_is_some():
    flat = np.where(looked().cutout.item, 50, 0).astype(np.float32)
    dented = flat.copy()
    dented[100:110, 100:110] -= 12
    holes = dented.copy()
    holes[40:60, 50:80] = np.nan
    without, level, dent, gaps = (places(looked(height=height)) for height in (None, flat, dented, holes))
    assert without.shape == level.shape == (196, 2 * (6 + 2 * 4) + 4 + RELIEF)
    assert not without[:, -RELIEF:].any()
    np.testing.assert_array_equal(without[:, :-RELIEF], level[:, :-RELIEF])
    at = 6 * PLACES + 6
    assert np.abs(dent - level).max(axis=1).argmax() == at
    assert dent[at, -RELIEF + 4] > 1 > level[at, -RELIEF + 4]
    assert np.isfinite(gaps).all()
    assert gaps[3 * PLACES + 4, -3] > 0.5
    blind = np.full((224, 224), np.nan, np.float32)
    np.testing.assert_array_equal(relief(looked(height=blind).cutout), 0)
    # Less its mean over the item, a layer is 0 on average there.
    share = looked().cutout.item.reshape(14, 16, 14, 16).mean(axis=(1, 3)).ravel()
    np.testing.assert_allclose(share @ without[:, 14:28], 0, atol=1e-3)


def test_a_view_of_another_backbone_is_refused(head):
    with pytest.raises(ValueError, match="another backbone"):
        damage(head, looked(backbone="c" * 64))
    with pytest.raises(ValueError, match="features of shape"):
        damage(head, looked())
    with pytest.raises(ValueError, match="0 views"):
        item_damage([])
