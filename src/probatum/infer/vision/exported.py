"""A network of `timm` or `open_clip` as a file of ONNX: exported once, where PyTorch is, and run wherever ONNX Runtime is.

Layers are those that the network has of the wanted stride, the last one of each. A network that has none of a stride, as vision transformers
of patches, gets it from the layer whose stride is nearest, scaled bilinearly: nothing is seen finer by that, but what compares places can use it.

Start reading at `exported`.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact, UsageError
from probatum.infer.vision.onnx_network import TAPS, opened, outputs, runner
from probatum.infer.vision.torch_networks import INSTALLED, Loaded, load
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OPSET = 17  # scaled-dot-product attention is written out in it, and every ONNX Runtime since 1.14 knows it
_APART = 1e-3  # of the largest value of an output, that ONNX Runtime may differ from PyTorch


@dataclass(frozen=True, slots=True)
class Exported:
    """A network in ONNX, and what stands in the file beside it.

    Attributes
    ----------
    raw : bytes
    source : str
        As it was asked for.
    weights : str
        SHA-256 of its tensors, by name, hexadecimal.
    mean, scale : tuple of three floats
        Red, green and blue of 0 to 255 become (value - mean) / scale.
    side : int
        Length of the sides in pixels that pictures must have.
    taps : mapping of str to int
        Channels of `stride8`, `stride16` and `stride32`.
    scaled : tuple of str
        Those that the network has no layer for, and which were scaled.
    width : int
        Of an embedding.
    apart : float
        Largest difference between ONNX Runtime and PyTorch on random pictures, as a part of the largest value of that output.
    """

    raw: bytes
    source: str
    weights: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    side: int
    taps: dict[str, int]
    scaled: tuple[str, ...]
    width: int
    apart: float

    def description(self) -> dict[str, Any]:
        """Return what `onnx:` reads beside the network, and where it is from."""
        return {
            "mean": list(self.mean),
            "scale": list(self.scale),
            "side": self.side,
            "sha256": hashlib.sha256(self.raw).hexdigest(),
            "source": self.source,
            "weights": self.weights,
            "taps": self.taps,
            "scaled": list(self.scaled),
            "width": self.width,
        }


def exported(name: str, *, side: int, weights: Path | None = None) -> Exported:
    """Export a network, and see that ONNX Runtime says what PyTorch says.

    Parameters
    ----------
    name : str
        `timm:NAME`, or `open_clip:NAME/WEIGHTS`, which may be `open_clip:NAME` where a file of weights is given.
    side : int
        Length of the sides in pixels of the pictures that it will look at.
    weights : Path or None
        A file of weights; those that were published with the network, which the library may fetch, if not given.

    Raises
    ------
    UsageError
        If there is no such network, it gives out no layers, cannot be written as ONNX, or says something else there.
    MissingExtra
        If PyTorch, the library or ONNX Runtime is not installed.
    """
    library, _, rest = name.partition(":")
    if library not in INSTALLED or not rest:
        raise UsageError(
            f"`{name}` is no network that can be exported", help="name one as `timm:NAME` or `open_clip:NAME/WEIGHTS`"
        )
    loaded = load(library, rest, weights=weights, side=side)
    if loaded.layers is None or loaded.side != side:
        why = "gives out no layers" if loaded.layers is None else f"takes pictures of {loaded.side} x {loaded.side} alone"
        raise UsageError(f"`{name}` {why}, and places are compared on pictures of {side} x {side}", help="choose another network")
    import numpy as np

    pictures = (
        np.random.default_rng(0).normal(size=(2, 3, side, side)).astype(np.float32)
    )  # 2, so that no size of 1 is written down
    try:
        raw, wanted, scaled = _written(loaded, pictures)
    except Exception as problem:  # of many kinds, from three libraries
        raise UsageError(
            f"`{name}` cannot be written as ONNX: {' '.join(str(problem).split())[:120]}", help="choose another network"
        ) from problem
    session = opened(raw, name)
    taps, width = outputs(session, name, side)
    found = runner(session)(pictures)
    apart = max(float(np.abs(found[key] - value).max() / max(float(np.abs(value).max()), 1e-9)) for key, value in wanted.items())
    if not apart <= _APART:
        raise UsageError(f"ONNX Runtime and PyTorch differ by {apart:.1e} in what `{name}` says", help="choose another network")
    return Exported(raw, name, loaded.digest, loaded.mean, loaded.scale, side, taps, scaled, width, apart)


def _written(loaded: Loaded, pictures: NDArray[np.float32]) -> tuple[bytes, dict[str, NDArray[np.float32]], tuple[str, ...]]:
    """Return a network as ONNX, what it says of pictures, and which layers were scaled."""
    import torch

    given, side = torch.from_numpy(pictures), pictures.shape[-1]
    places = {tap: -(-side // int(tap.removeprefix("stride"))) for tap in TAPS}
    with torch.no_grad():
        sizes = [layer.shape[-1] for layer in loaded.layers(given)[0]]
    chosen = {tap: _nearest(sizes, many) for tap, many in places.items()}

    class Tapped(torch.nn.Module):  # type: ignore[misc]  # torch is not there to be checked
        def __init__(self) -> None:
            super().__init__()
            self.network = loaded.network

        def forward(self, pictures: Any) -> tuple[Any, ...]:
            layers, embedding = loaded.layers(pictures)
            return *(_sized(layers[chosen[tap]], sizes[chosen[tap]], places[tap]) for tap in TAPS), embedding

    tapped, names = Tapped().eval(), (*TAPS, "embedding")
    with torch.no_grad():
        wanted = {key: value.float().numpy() for key, value in zip(names, tapped(given), strict=True)}
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # that sizes are fixed, which is meant, and that there is another exporter, which needs more
        torch.onnx.export(
            tapped,
            (given,),
            file,
            dynamo=False,
            opset_version=_OPSET,
            input_names=["pictures"],
            output_names=list(names),
            dynamic_axes={key: {0: "n"} for key in ("pictures", *names)},
        )
    return file.getvalue(), wanted, tuple(tap for tap in TAPS if sizes[chosen[tap]] != places[tap])


def _nearest(sizes: Sequence[int], places: int) -> int:
    """Return which layer is nearest in size, the last one of equals."""
    return min(range(len(sizes)), key=lambda at: (abs(math.log(sizes[at] / places)), -at))


def _sized(layer: Any, size: int, places: int) -> Any:
    """Return a layer with so many places a side; half as many are means of four."""
    if size == places:
        return layer
    import torch

    return torch.nn.functional.interpolate(layer, size=(places, places), mode="bilinear", align_corners=False)


def write_exported(made: Exported, path: Path) -> Path:
    """Write a network, and the file beside it; return the latter's place.

    Raises
    ------
    UnreadableArtefact
        If they cannot be written.
    """
    beside = path.with_suffix(".json")
    try:
        path.write_bytes(made.raw)
        beside.write_text(json.dumps(made.description(), indent=2) + "\n", encoding="utf-8")
    except OSError as problem:
        raise UnreadableArtefact(
            f"`{path}` cannot be written ({(problem.strerror or str(problem)).lower()})",
            help="name a place that can be written to",
            location=Location(str(path)),
        ) from None
    return beside
