"""Networks in ONNX: what their bytes say is what is read, anything else is refused by its name, and bounds hold for them."""

import math
from pathlib import Path

import numpy as np
import pytest
from onnx_files import CONSTANTS, NODES, WEIGHTS, node, onnx, tensor

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models import Network, read_model
from probatum.fairness.artefacts.models.model import Link
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import replay, walk
from probatum.fairness.semantics.scoring import linked, raw_score
from probatum.source import Source


def read(raw: bytes) -> Network:
    found = read_model(Source("net.onnx", raw))
    assert isinstance(found, Network)
    return found


def score_by_hand(x) -> float:
    hidden = np.maximum(np.array(WEIGHTS).reshape(3, 2) @ x + [0.5, -0.25, 0.125], 0)
    return float(1 / (1 + np.exp(-(hidden @ [1.0, -0.5, 2.0] + 0.75))))


@pytest.mark.parametrize("x", [(0.0, 0.0), (1.0, -2.0), (-3.5, 0.25), (1.1, 7.3)])
def test_a_network_is_read_as_it_computes(x):
    network = read(onnx(NODES, CONSTANTS))

    assert (network.features, network.link, network.single) == (("f0", "f1"), Link.LOGISTIC, True)
    assert linked(network.link, raw_score(network, x)) == pytest.approx(score_by_hand(np.array(x)), abs=1e-6)


def test_a_product_and_a_sum_are_one_layer():
    assert len(read(onnx(NODES, CONSTANTS)).layers) == 2


def test_names_of_features_are_read_from_the_metadata_or_from_inputs():
    joined = [node("Concat", ["age", "sex"], ["x"], axis=1), *NODES]

    assert read(onnx(NODES, CONSTANTS, features="age, sex")).features == ("age", "sex")
    assert read(onnx(NODES, CONSTANTS, features='["sex", "age"]')).features == ("sex", "age")
    assert read(onnx(joined, CONSTANTS, inputs=(("sex", (None, 1)), ("age", (None, 1))))).features == ("age", "sex")


def test_inputs_may_be_scaled_and_a_softmax_of_two_is_a_probability():
    scaled = [
        node("Sub", ["x", "mean"], ["c"]),
        node("Div", ["c", "spread"], ["s"]),
        node("Flatten", ["s"], ["f"], axis=1),
        node("Gemm", ["f", "w", "b"], ["l"]),
        node("Softmax", ["l"], ["y"], axis=-1),
    ]
    constants = (
        tensor("mean", (1, 2), (40.0, 0.5)),
        tensor("spread", (2,), (8.0, 0.25)),
        tensor("w", (2, 2), (1.0, 2.0, 3.0, 5.0)),
        tensor("b", (2,), (0.5, 0.25)),
    )
    network = read(onnx(scaled, constants))
    x = np.array([44.0, 1.0])
    two = (x - [40.0, 0.5]) / [8.0, 0.25] @ [[1.0, 2.0], [3.0, 5.0]] + [0.5, 0.25]

    assert linked(network.link, raw_score(network, tuple(x))) == pytest.approx(np.exp(two[1]) / np.exp(two).sum(), abs=1e-6)


def test_relu_at_the_end_is_kept():
    network = read(onnx([*NODES[:3], node("Relu", ["m"], ["y"])], CONSTANTS))

    assert raw_score(network, (-100.0, 100.0)) == 2 * 0.0 + max(0.0, -0.5 * (-25 + 300 - 0.25) + 2 * (100 + 50 + 0.125))
    assert raw_score(network, (0.0, 1.0)) == 0.0


@pytest.mark.parametrize(
    ("nodes", "constants", "more", "said"),
    [
        ([*NODES[:1], node("Tanh", ["h"], ["y"])], CONSTANTS, {}, "`Tanh`"),
        ([*NODES[:1], node("LeakyRelu", ["h"], ["y"])], CONSTANTS, {}, "`LeakyRelu`"),
        ([node("SVMClassifier", ["x"], ["y"], "ai.onnx.ml")], (), {}, "`SVMClassifier`"),
        ([node("Gemm", ["x", "w1"], ["y"], transA=1, transB=1)], CONSTANTS, {}, "transA"),
        ([node("Gemm", ["x", "w1"], ["y"])], CONSTANTS, {}, "does not fit"),
        ([node("MatMul", ["x", "x"], ["y"])], (), {}, "one value that was computed"),
        ([node("MatMul", ["x", "nowhere"], ["y"])], (), {}, "no constant"),
        ([node("Gemm", ["x", "w1", "b1"], ["y"], transB=1)], CONSTANTS, {}, "3 outputs"),
        (NODES, CONSTANTS, {"outputs": ("y", "z")}, "2 outputs"),
        (NODES, CONSTANTS, {"inputs": (("x", (None, None)),)}, "shape"),
        (NODES, CONSTANTS, {"inputs": (("x", (1, 3, 8, 8)),)}, "shape"),
        (NODES, CONSTANTS, {"features": "age"}, "2 inputs"),
        (NODES, (*CONSTANTS[:3], tensor("b2", (1,), (math.nan,))), {}, "not finite"),
        (NODES, (*CONSTANTS[:3], tensor("b2", (2,), (1.0,))), {}, "shape does not fit"),
        ([*NODES, node("Relu", ["y"], ["w"])], CONSTANTS, {"outputs": ("w",)}, "after the `sigmoid`"),
    ],
)
def test_what_is_not_understood_exactly_is_refused_by_its_name(nodes, constants, more, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read(onnx(nodes, constants, **more))

    assert said in caught.value.message


def test_a_damaged_file_is_refused_and_never_a_crash():
    rng = np.random.default_rng(3)
    good = onnx(NODES, CONSTANTS, features="age,sex")
    refused = 0
    for _ in range(400):
        raw = bytearray(good)
        for at in rng.integers(0, len(raw), 2):
            raw[at] = rng.integers(0, 256)
        try:
            read_model(Source("net.onnx", bytes(raw[: len(raw) if rng.random() < 0.5 else rng.integers(0, len(raw))])))
        except UnreadableArtefact:
            refused += 1

    assert 200 < refused < 400  # a changed weight is another network


PEOPLE = Domain(features={"f0": Range(-3, 3, True), "f1": Values((0.0, 1.0))})


@pytest.mark.parametrize("output", [Output.RAW, Output.SCORE])
def test_the_largest_gap_is_that_of_asking_everybody(output: Output):
    network = read(onnx(NODES, CONSTANTS))
    question = Question(model=network, digest="0" * 64, domain=PEOPLE, twins=Twins(vary=("f1",)), output=output)

    found = answer(question)

    raw = [[raw_score(network, (float(a), b)) for b in (0.0, 1.0)] for a in range(-3, 4)]
    best = max(abs(one - two) for one, two in raw)
    if output is Output.SCORE:
        best = max(abs(linked(network.link, one) - linked(network.link, two)) for one, two in raw)
    assert found.lower == pytest.approx(best, abs=1e-6)
    assert best <= found.upper <= best + 1e-4
    assert walk(network, found.certificate, found.upper).status == "confirmed"
    below = math.nextafter(found.lower, -math.inf)
    assert replay(network, PEOPLE, question.twins, output, 0.5, below, found.pair).status == "confirmed"


def about_more(of: str, second: float, output: Output):
    nodes = (node("Gemm", ["x", "w"], ["h"]), node("Relu", ["h"], ["r"]), node("Gemm", ["r", "v"], ["y"]))
    constants = (tensor("w", (2, 2), (1.0, 0.5, -1.0, 2.0)), tensor("v", (2, 1), (0.3, second)))
    people = Domain(features={"f0": Range(0.0, 1.0), "f1": Range(0.0, 1.0)})
    network = read(onnx(nodes, constants))
    asked = Question(model=network, digest="0" * 64, domain=people, twins=Twins(more={of: 1}), output=output, threshold=0.6)
    return network, answer(asked)


@pytest.mark.parametrize("output", [Output.RAW, Output.DECISION])
def test_it_is_proved_that_more_does_not_lower_what_only_rises(output: Output):
    network, found = about_more("f0", 0.7, output)

    assert found.upper <= 0
    assert walk(network, found.certificate, 0.0).status == "confirmed"


def test_where_one_path_falls_and_another_rises_more_nothing_falls_but_by_rounding():
    network, found = about_more("f1", 0.7, Output.RAW)

    assert 0 < found.upper < 1e-4
    assert walk(network, found.certificate, found.upper).status == "confirmed"


def test_two_people_are_found_of_whom_the_one_with_more_scores_lower():
    _, found = about_more("f1", 0.05, Output.RAW)

    assert found.lower == pytest.approx(0.2, abs=1e-5)  # 0.3 falls along the one path, 0.1 rises along the other


def test_convert_gives_a_network_the_names_of_its_features(tmp_path: Path):
    from click.testing import CliRunner

    from probatum.cli import program

    (tmp_path / "net.onnx").write_bytes(onnx(NODES, CONSTANTS))
    made = tmp_path / "net.json"

    said = CliRunner().invoke(
        program,
        ["fairness", "convert", str(tmp_path / "net.onnx"), str(made), "--feature", "age", "--feature", "sex"],
        standalone_mode=False,
    )

    assert said.exception is None
    network = read_model(Source("net.json", made.read_bytes()))
    assert network.features == ("age", "sex")
    assert raw_score(network, (1.0, -2.0)) == raw_score(read(onnx(NODES, CONSTANTS)), (1.0, -2.0))
