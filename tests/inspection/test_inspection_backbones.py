"""Networks of other libraries: exported once, described, and used by a policy without the libraries.

Weights are random, of a seed: published ones are not fetched by tests. So these tests say nothing about how well such a network finds damage.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from tests.inspection.small_booth import made

from probatum.cli import program
from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.infer.vision.backbone import open_backbone
from probatum.inspection.service.goods import goods_at

SIDE = 224


def ask(*words: str) -> Result:
    return CliRunner().invoke(program, ["inspection", *words])


def refusal(*words: str) -> str:
    """Return what is said of what cannot be done, and what to do; "" where it was done."""
    problem = ask(*words).exception
    assert problem is None or isinstance(problem, ProbatumError), problem
    return "" if problem is None else f"{problem} {problem.help}"


def library(name: str) -> Any:
    pytest.importorskip("torch", reason="`torch` is not installed: exports are not tested")
    return pytest.importorskip(name, reason=f"`{name}` is not installed: exports of it are not tested", exc_type=ImportError)


def pictures(many: int, side: int = SIDE) -> list[NDArray[np.uint8]]:
    return list(np.random.default_rng(1).integers(0, 256, (many, side, side, 3), dtype=np.uint8))


def network(
    path: Path, *, taps: tuple[str, ...] = ("stride8", "stride16", "stride32"), side: int = SIDE, gain: float = 1.0
) -> str:
    """Write a network of means of places, without any library but `onnx`, and its description; return its digest."""
    from onnx import TensorProto, helper

    nodes, outputs = [], []
    for tap in taps:
        stride = int(tap.removeprefix("stride"))
        nodes.append(helper.make_node("AveragePool", ["seen"], [tap], kernel_shape=[stride, stride], strides=[stride, stride]))
        outputs.append(helper.make_tensor_value_info(tap, TensorProto.FLOAT, ["n", 3, "h", "w"]))
    nodes.insert(0, helper.make_node("Mul", ["pictures", "gain"], ["seen"]))
    nodes += [
        helper.make_node("GlobalAveragePool", ["seen"], ["whole"]),
        helper.make_node("Flatten", ["whole"], ["embedding"]),
    ]
    outputs.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3]))
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, "height", "width"])],
        outputs,
        [helper.make_tensor("gain", TensorProto.FLOAT, [], [gain])],
    )
    raw: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    path.write_bytes(raw)
    digest = hashlib.sha256(raw).hexdigest()
    told = {"mean": [127, 127, 127], "scale": [128, 128, 128], "side": side, "sha256": digest}
    path.with_suffix(".json").write_text(json.dumps(told))
    return digest


def booth(folder: Path, backbone: str) -> Path:
    policy = made(folder, items=48, products=2) / "inspection.yaml"
    policy.write_text(policy.read_text() + f"backbone: {backbone}\n")
    return policy


@pytest.mark.parametrize("name", ["timm:resnet18", "open_clip:ViT-B-32/openai"])
def test_a_policy_that_names_a_network_of_a_library_is_told_how_it_is_exported(tmp_path: Path, name: str) -> None:
    (tmp_path / "policy.yaml").write_text(f"captures: manifest.csv\nbackbone: {name}\n")

    said = refusal("calibrate", str(tmp_path / "policy.yaml"))

    assert f"`{name}` is not exported yet" in said
    assert f"probatum inspection backbone {name} --to network.onnx" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("resnet18", "--to", "a.onnx"), "is no network that can be exported"),
        (("embedded:lite0", "--to", "a.onnx"), "is no network that can be exported"),
        (("timm:", "--to", "a.onnx"), "is no network that can be exported"),
        (("timm:resnet18", "--to", "a.pt"), "does not end in `.onnx`"),
    ],
)
def test_what_cannot_be_exported_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in refusal("backbone", *words)


@pytest.mark.parametrize("name", ["timm", "open_clip"])
def test_without_the_library_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)

    said = refusal("backbone", f"{name}:some/tag", "--to", str(tmp_path / "a.onnx"))

    assert f"needs `torch` and `{name}`" in said
    assert f"pip install torch {name}" in said
    assert not list(tmp_path.iterdir())


def test_a_description_is_of_one_network_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    network(path)
    first = open_backbone(f"onnx:{path}", cache=tmp_path / "cache")
    told = path.with_suffix(".json").read_text()
    network(path, gain=2.0)
    second = open_backbone(f"onnx:{path}", cache=tmp_path / "cache")

    assert first.digest != second.digest
    path.with_suffix(".json").write_text(told)
    with pytest.raises(UnreadableArtefact, match="and the one beside it is another"):
        open_backbone(f"onnx:{path}", cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("taps", "side", "said"),
    [
        (("stride8", "stride16"), SIDE, "has no layer `stride32`"),
        (("stride16", "stride32"), SIDE, "has no layer `stride8`"),
        (("stride8", "stride16", "stride32"), 256, "takes pictures of 256 x 256 alone"),
    ],
)
def test_a_network_that_goods_cannot_be_compared_by_is_refused(
    tmp_path: Path, taps: tuple[str, ...], side: int, said: str
) -> None:
    (tmp_path / "policy.yaml").write_text("captures: manifest.csv\nbackbone: onnx:net.onnx\n")
    network(tmp_path / "net.onnx", taps=taps, side=side)

    with goods_at(tmp_path / "policy.yaml") as goods, pytest.raises(UnreadableArtefact, match=said):
        _ = goods.backbone


@pytest.mark.parametrize("changed", ["weights", "preparation"])
def test_thresholds_are_tied_to_weights_and_preparation(tmp_path: Path, changed: str) -> None:
    policy, path = tmp_path / "policy.yaml", tmp_path / "net.onnx"
    policy.write_text("captures: manifest.csv\nbackbone: onnx:net.onnx\n")
    network(path)
    with goods_at(policy) as goods:
        before = goods.scorer
    if changed == "weights":
        network(path, gain=2.0)
    else:
        told = json.loads(path.with_suffix(".json").read_text())
        path.with_suffix(".json").write_text(json.dumps({**told, "mean": [120, 127, 127]}))

    with goods_at(policy) as goods:
        after = goods.scorer
    assert (before.model, before.version) == (after.model, after.version)
    assert before.backbone != after.backbone


@pytest.mark.parametrize(("name", "scaled"), [("resnet18", []), ("vit_tiny_patch16_224", ["stride8", "stride32"])])
def test_a_network_of_timm_is_exported_and_says_the_same(tmp_path: Path, name: str, scaled: list[str]) -> None:
    timm = library("timm")
    torch = library("torch")
    torch.manual_seed(3)
    model = timm.create_model(name, pretrained=False).eval()
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    path = tmp_path / "net.onnx"

    said = ask("backbone", f"timm:{name}", "--weights", str(tmp_path / "weights.pth"), "--to", str(path), "--json")

    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert (told["scaled"], told["source"], told["apart"] < 1e-3) == (scaled, f"timm:{name}", True)
    mine = open_backbone(f"onnx:{path}", cache=tmp_path / "cache")
    assert mine.description.model == told["sha256"]
    found = mine.features(pictures(3))
    assert [one.shape[2:] for one in (found.stride8, found.stride16, found.stride32)] == [(28, 28), (14, 14), (7, 7)]
    mean, scale = (np.asarray(told[what], np.float32)[:, None, None] for what in ("mean", "scale"))
    given = torch.from_numpy((np.stack(pictures(3)).transpose(0, 3, 1, 2) - mean) / scale)
    with torch.no_grad():
        wanted = model.forward_head(model.forward_features(given), pre_logits=True).numpy()
    assert np.abs(found.embedding - wanted).max() < 1e-3 * np.abs(wanted).max()
    assert np.array_equal(mine.features(pictures(3), early=True).stride16, found.stride16)


def test_a_network_of_open_clip_is_exported(tmp_path: Path) -> None:
    open_clip = library("open_clip")
    torch = library("torch")
    torch.manual_seed(3)
    model, _, _ = open_clip.create_model_and_transforms("ViT-B-32", pretrained=None)
    torch.save(model.state_dict(), tmp_path / "weights.pth")

    said = ask(
        "backbone", "open_clip:ViT-B-32", "--weights", str(tmp_path / "weights.pth"), "--to", str(tmp_path / "net.onnx"), "--json"
    )

    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["scaled"] == ["stride8", "stride16"]
    mine = open_backbone(f"onnx:{tmp_path / 'net.onnx'}", cache=tmp_path / "cache").features(pictures(1))
    assert mine.embedding.shape == (1, told["width"])


def test_an_exported_network_judges_goods(tmp_path: Path) -> None:
    timm = library("timm")
    torch = library("torch")
    torch.manual_seed(3)
    torch.save(timm.create_model("resnet18", pretrained=False).state_dict(), tmp_path / "weights.pth")
    policy = booth(tmp_path, "onnx:net.onnx")
    to = str(policy.with_name("net.onnx"))
    assert ask("backbone", "timm:resnet18", "--weights", str(tmp_path / "weights.pth"), "--to", to).exit_code == 0

    assert ask("calibrate", str(policy)).exit_code == 0
    assert ask("inspect", str(policy)).exit_code == 0


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    timm = library("timm")
    torch = library("torch")
    torch.save(timm.create_model("resnet18", pretrained=False).state_dict(), tmp_path / "weights.pth")

    said = refusal("backbone", "timm:resnet34", "--weights", str(tmp_path / "weights.pth"), "--to", str(tmp_path / "net.onnx"))

    assert "`weights.pth` does not have all weights of `resnet34`" in said
    assert "no network `no_such`" in refusal("backbone", "timm:no_such", "--to", str(tmp_path / "net.onnx"))
    assert not (tmp_path / "net.onnx").exists()
