"""A network in whole numbers of eight bits, with ranges found on pictures such as will be seen."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra
from probatum.infer.vision.kept import kept

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RECIPE = "qdq-1 uint8-activations int8-weights per-channel minmax"


def quantised(raw: bytes, pictures: NDArray[np.float32], *, cache: Path) -> tuple[bytes, str]:
    """Return a network in eight bits, and the digest of the pictures that its ranges were found on.

    Parameters
    ----------
    raw : bytes
        ONNX, with one input.
    pictures : array of shape (n, 3, h, w), float32
        As the network takes them.
    cache : Path
        Folder that the result is kept in.

    Raises
    ------
    MissingExtra
        If `onnxruntime` or `onnx` is not installed.
    """
    shape = "x".join(map(str, pictures.shape))
    calibration = hashlib.sha256(shape.encode() + pictures.tobytes()).hexdigest()
    try:
        import onnx
        import onnxruntime
        from onnxruntime import quantization
    except ImportError as error:
        raise MissingExtra(
            "int8 is made by `onnxruntime` and `onnx`, which are not installed", help="pip install 'probatum[inspection]'"
        ) from error
    key = f"{_RECIPE} {onnxruntime.__version__} {hashlib.sha256(raw).hexdigest()} {calibration}"

    def make() -> bytes:
        [given] = onnx.load_from_string(raw).graph.input
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder, "float32.onnx"), Path(folder, "int8.onnx")
            before.write_bytes(raw)
            quantization.quantize_static(
                str(before),
                str(after),
                _reader(quantization, given.name, pictures),
                quant_format=quantization.QuantFormat.QDQ,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                per_channel=True,
            )
            return after.read_bytes()

    return kept(cache, key, make), calibration


def _reader(quantization: Any, name: str, pictures: NDArray[np.float32]) -> Any:
    """Give out one picture after the other, in the way that the library asks for them."""
    left = [{name: pictures[at : at + 1]} for at in range(len(pictures))]

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc] # untyped
        def get_next(self) -> Any:
            return left.pop(0) if left else None

    return Reader()
