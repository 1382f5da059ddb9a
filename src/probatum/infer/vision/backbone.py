"""A frozen network that says what it sees at each place of a picture, and in the picture as a whole.

Which network it is decides what every number behind it means: a threshold that was chosen with one is worth nothing with another.
So a backbone has a description, and the description a digest, which every calibration is tied to.

Start reading at `open_backbone`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from probatum.errors import UsageError
from probatum.infer.vision import embedded, lite0_int8
from probatum.infer.vision.onnx_network import EARLY, TAPS, Run, ending_early, file_bytes, opened, outputs, preparation, runner
from probatum.infer.vision.quantised import quantised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Precision = Literal["float32", "int8"]
PROVIDERS = f"{', '.join(f'`embedded:{name}`' for name in embedded.NAMES)}, `onnx:PATH`, `timm:NAME` or `open_clip:NAME`"
_AT_ONCE = 16  # pictures in one run: more is no faster on one core, and takes memory


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What a network says of n pictures.

    Attributes
    ----------
    stride8, stride16, stride32 : array of shape (n, c, h / stride, w / stride), float32
        Of places; sizes are rounded up. With c = 0 where the network has no such layer.
    embedding : array of shape (n, d), float32
        Of whole pictures; not normalised.
    """

    stride8: NDArray[np.float32]
    stride16: NDArray[np.float32]
    stride32: NDArray[np.float32]
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Everything that decides what a backbone says of a picture, but for rounding on other processors.

    Attributes
    ----------
    provider : str
        As it was asked for; of a file, only `onnx`: the same file elsewhere is the same network.
    model : str
        SHA-256 of the network, hexadecimal.
    precision : str
        `float32`, or `int8`.
    calibration : str
        Digest of the pictures that ranges of `int8` were found on; "" for `float32`.
    mean, scale : tuple of three floats
        Red, green and blue of 0 to 255 become (value - mean) / scale.
    taps : mapping of str to int
        Channels of `stride8`, `stride16` and `stride32`; 0 for one that is not there.
    width : int
        Of an embedding.
    side : int
        Length of the sides in pixels that pictures must have; 0 if every size is possible.
    """

    provider: str
    model: str
    precision: Precision
    calibration: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    taps: Mapping[str, int]
    width: int
    side: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the description, hexadecimal."""
        return hashlib.sha256(self.json().encode()).hexdigest()

    def json(self) -> str:
        """Return the description as JSON, in one form only."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)


class Backbone:
    """A network and how pictures are prepared for it; made by `open_backbone`.

    Attributes
    ----------
    description : Description
    """

    def __init__(self, description: Description, run: Run, early: Run | None = None) -> None:
        self.description = description
        self._run, self._early = run, early or run

    @property
    def digest(self) -> str:
        """What calibrations are tied to."""
        return self.description.digest

    def features(self, pictures: Sequence[NDArray[np.uint8]], *, early: bool = False) -> Features:
        """Look at pictures.

        Parameters
        ----------
        pictures : sequence of arrays of shape (h, w, 3), uint8
            RGB, all of the same size.
        early : bool
            Whether `stride8` and `stride16` are enough: the rest, a third of the work, may then be left out, and is as if it were not there.

        Raises
        ------
        ValueError
            If there are none, or they are no such arrays.
        """
        import numpy as np

        given = prepared(pictures, mean=self.description.mean, scale=self.description.scale)
        side = self.description.side
        if side and given.shape[2:] != (side, side):
            raise ValueError(f"this network takes pictures of {side} x {side}, and these are {given.shape[3]} x {given.shape[2]}")
        run = self._early if early else self._run
        parts = [run(given[at : at + _AT_ONCE]) for at in range(0, len(given), _AT_ONCE)]
        nothing = np.zeros((len(given), 0, 1, 1), dtype=np.float32)
        taps = {tap: np.concatenate([part[tap] for part in parts]) if tap in parts[0] else nothing for tap in TAPS}
        whole = [part["embedding"] for part in parts if "embedding" in part]
        return Features(**taps, embedding=np.concatenate(whole) if whole else nothing[..., 0, 0])


def prepared(
    pictures: Sequence[NDArray[np.uint8]], *, mean: tuple[float, float, float], scale: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return pictures as a network takes them: of shape (n, 3, h, w)."""
    import numpy as np

    shapes = {np.shape(picture) for picture in pictures}
    if len(shapes) != 1 or any(len(shape) != 3 or shape[2] != 3 or min(shape) < 1 for shape in shapes):
        raise ValueError(
            f"pictures looked at together have one size and three colours, and these have {sorted(shapes) or 'no size'}"
        )
    if any(picture.dtype != np.uint8 for picture in pictures):
        raise ValueError("colours are whole numbers from 0 to 255, as uint8")
    values = np.arange(256, dtype=np.float32)
    found = np.empty((len(pictures), 3, *pictures[0].shape[:2]), dtype=np.float32)
    for colour in range(3):
        table = (values - np.float32(mean[colour])) / np.float32(scale[colour])
        for at, picture in enumerate(pictures):
            np.take(table, picture[..., colour], out=found[at, colour], mode="clip")
    return found


def open_backbone(
    name: str = "embedded:lite0",
    *,
    cache: Path,
    precision: Precision = "float32",
    calibrate_on: Sequence[NDArray[np.uint8]] = (),
) -> Backbone:
    """Return a network by name.

    Parameters
    ----------
    name : str
        `embedded:lite0`; `embedded:lite0-inner`, which ends earlier; `embedded:lite0-int8`, in eight bits with ranges of its own; `onnx:PATH`, with a file `PATH` with the ending `.json` beside it that has `mean`, `scale` and perhaps
        `side`; `timm:NAME` and `open_clip:NAME/WEIGHTS`, which need these libraries, and whose weights they may fetch.
    cache : Path
        Folder for what is converted once. A file there that is damaged is made again.
    precision : {"float32", "int8"}
        With int8, networks of ONNX are faster, and what they say differs a little.
    calibrate_on : sequence of arrays of shape (h, w, 3), uint8
        Pictures such as will be seen, at the size they will have: ranges of int8 are found on them. 32 or more.

    Raises
    ------
    UsageError
        If there is no such name, or int8 has no pictures to find ranges on.
    MissingExtra
        If a library that the network needs is not installed.
    UnreadableArtefact
        If the weights are others than expected, or a file is no such network.
    """
    kind, _, rest = name.partition(":")
    if not rest or kind not in ("embedded", "onnx", "timm", "open_clip"):
        raise UsageError(f"there is no backbone `{name}`", help=f"name one as {PROVIDERS}")
    eight = name == f"embedded:{embedded.EIGHT}"
    if precision == "int8" and not eight and not calibrate_on:
        raise UsageError(
            "int8 needs pictures to find the ranges of values on, and there are none", help="give 32 or more, or use float32"
        )
    if kind in ("timm", "open_clip"):
        from probatum.infer.vision.torch_networks import open_network

        if precision == "int8":
            raise UsageError(f"int8 is for networks of ONNX, and `{name}` is none", help="use float32")
        network = open_network(kind, rest)
        return Backbone(
            Description(
                provider=name,
                model=network.digest,
                precision="float32",
                calibration="",
                mean=network.mean,
                scale=network.scale,
                taps=dict.fromkeys(TAPS, 0),
                width=network.width,
                side=network.side,
            ),
            network.run,
        )
    if kind == "embedded":
        raw, (mean, scale, side) = embedded.model(rest, cache=cache), (embedded.MEAN, embedded.SCALE, 0)
    else:
        raw = file_bytes(Path(rest))
        mean, scale, side = preparation(Path(rest).with_suffix(".json"), raw)
    calibration = lite0_int8.DIGEST if eight else ""
    if precision == "int8" and not eight:
        raw, calibration = quantised(raw, prepared(calibrate_on, mean=mean, scale=scale), cache=cache)
    session = opened(raw, name)
    taps, width = outputs(session, name, side or 64)
    description = Description(
        provider=name if kind == "embedded" else "onnx",
        model=hashlib.sha256(raw).hexdigest(),
        precision="int8" if eight else precision,
        calibration=calibration,
        mean=mean,
        scale=scale,
        taps=taps,
        width=width,
        side=side,
    )
    whole = runner(session)
    return Backbone(description, whole, ending_early(raw, name, whole) if all(taps[tap] for tap in EARLY) else None)
