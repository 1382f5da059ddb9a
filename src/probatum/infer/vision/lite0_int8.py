"""EfficientNet-Lite0 in whole numbers of eight bits: weights by channel, and layers by ranges that stand here.

Ranges are part of the network, and not of who runs it: the same everywhere, they make the same network everywhere. Pictures are whole
numbers anyway, and what is cut off at 0 and 6 has its range by that. Others were seen by `bench/inspection/int8_ranges.py`.

Weights have eight bits, too. Processors of Intel and AMD without VNNI add products up in sixteen, which may cut a sum off [1]_: there it may
say something else. With seven bits it would not, and angles to what the network says in float32 were almost twice as wide.

References
----------
.. [1] ONNX Runtime, "Quantize ONNX models", section on data types and `reduce_range`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probatum.infer.vision.lite0 import Graph, lite0

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WEIGHT = 127  # largest whole number of a weight
_SIX = 6 / 255  # what one step is worth, of what is cut off at 0 and 6
RANGES: Mapping[str, tuple[float, float]] = {
    "_blocks.0._project_conv": (-32.5, 35.7),
    "_blocks.1._project_conv": (-45.8, 50.6),
    "_blocks.2._project_conv": (-44.1, 41.7),
    "_blocks.2.add": (-55, 51.7),
    "_blocks.3._project_conv": (-35.5, 40.6),
    "_blocks.4._project_conv": (-24.7, 22.8),
    "_blocks.4.add": (-40.1, 43.9),
    "_blocks.5._project_conv": (-33.4, 32),
    "_blocks.6._project_conv": (-19.7, 17.8),
    "_blocks.6.add": (-33.1, 33.4),
    "_blocks.7._project_conv": (-14.6, 14.2),
    "_blocks.7.add": (-34.6, 34.6),
    "_blocks.8._project_conv": (-32.8, 34.6),
    "_blocks.9._project_conv": (-17.1, 15.2),
    "_blocks.9.add": (-34.4, 36.1),
    "_blocks.10._project_conv": (-18.2, 13.3),
    "_blocks.10.add": (-36.2, 38.4),
    "_blocks.11._project_conv": (-27.3, 27.8),
    "_blocks.12._project_conv": (-13.9, 20.4),
    "_blocks.12.add": (-29.1, 29.7),
    "_blocks.13._project_conv": (-13.1, 16.2),
    "_blocks.13.add": (-32.1, 31.9),
    "_blocks.14._project_conv": (-12.5, 14.1),
    "_blocks.14.add": (-35.5, 34.5),
    "_blocks.15._project_conv": (-13.8, 14.5),
}
DIGEST = hashlib.sha256(repr(sorted(RANGES.items())).encode()).hexdigest()


def lite0_int8(tensors: Mapping[str, NDArray[np.generic]], ranges: Mapping[str, tuple[float, float]] | None = None) -> bytes:
    """Return an ONNX model as `lite0` does, with the same input and outputs, in eight bits.

    Parameters
    ----------
    tensors : mapping of str to array
        Of the package, by name.
    ranges : mapping of str to (float, float), optional
        Least and greatest value of each layer that is not cut off at 0 and 6; `RANGES` unless told otherwise.

    Raises
    ------
    MissingExtra
        If `onnx` is not installed.
    LookupError, ValueError
        If the tensors are those of another network.
    """
    return lite0(tensors, graph=lambda own: _Eight(own, RANGES if ranges is None else ranges))


class _Eight(Graph):
    """A graph whose layers are rounded to eight bits after each step."""

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]], ranges: Mapping[str, tuple[float, float]]) -> None:
        super().__init__(tensors)
        self._ranges = ranges
        self._steps: dict[str, float] = {}  # what one step of a layer is worth

    def given(self, name: str) -> str:
        """Take in pictures: (value - 127) / 128 is a whole number less 127."""
        return self._rounded(name, 1 / 128, 127)

    def convolved(self, at: str, convolution: str, norm: str, *, stride: int = 1, groups: int = 1, bounded: bool = True) -> str:
        """Convolve and normalise; eight bits from 0 to 6 cut off by themselves."""
        import numpy as np

        weight, bias = self.folded(convolution, norm)
        steps = np.maximum(np.abs(weight).max(axis=(1, 2, 3)), 1e-12) / _WEIGHT
        whole = np.round(weight / steps[:, None, None, None]).astype(np.int8)
        sums = self._steps[at] * steps  # what one step of a sum of products is worth
        most = 2**31 - 1
        inputs = [
            at,
            self._whole(f"{convolution}.w", whole, steps),
            self._whole(f"{convolution}.b", np.clip(np.round(bias / sums), -most, most).astype(np.int32), sums),
        ]
        found = self.node("Conv", inputs, strides=[stride, stride], group=groups, auto_pad="SAME_UPPER")
        return self._rounded(found, _SIX, 0) if bounded else self._ranged(convolution, found)

    def added(self, name: str, one: str, other: str) -> str:
        """Add two layers."""
        return self._ranged(f"{name}add", self.node("Add", [one, other]))

    def _ranged(self, name: str, found: str) -> str:
        low, high = self._ranges[name]
        step = (high - low) / 255
        return self._rounded(found, step, round(-low / step))

    def _rounded(self, at: str, step: float, zero: int) -> str:
        """Round to one of 256 values, of which `zero` stands for 0."""
        import numpy as np

        name = f"n{len(self.nodes)}"
        inputs = [self.constant(f"{name}.step", np.array(step)), self._kept(f"{name}.zero", np.array(zero, dtype=np.uint8))]
        rounded = self.node("QuantizeLinear", [at, *inputs])
        found = self.node("DequantizeLinear", [rounded, *inputs])
        self._steps[found] = step
        return found

    def _whole(self, name: str, values: NDArray[Any], steps: NDArray[np.float64]) -> str:
        """Keep whole numbers, of which each channel has its own step."""
        import numpy as np

        inputs = [
            self._kept(name, values),
            self.constant(f"{name}.step", steps),
            self._kept(f"{name}.zero", np.zeros(len(steps), values.dtype)),
        ]
        return self.node("DequantizeLinear", inputs, axis=0)

    def _kept(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(values, name))
        return name
