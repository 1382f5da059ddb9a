"""A frozen network that says what it sees at each place of a picture, and in the picture as a whole.

Which network it is decides what every number behind it means: a threshold that was chosen with one is worth nothing with another.
So a backbone has a description, and the description a digest, which every calibration is tied to.

Start reading at `open_backbone`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from probatum.errors import MissingExtra, UnreadableArtefact, UsageError
from probatum.infer.vision import embedded
from probatum.infer.vision.quantised import quantised
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Precision = Literal["float32", "int8"]
Run: TypeAlias = "Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.float32]]]"
TAPS = ("stride8", "stride16", "stride32")
EARLY = ("stride8", "stride16")
PROVIDERS = "`embedded:lite0`, `embedded:lite0-inner`, `onnx:PATH`, `timm:NAME` or `open_clip:NAME`"
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
        `embedded:lite0`; `embedded:lite0-inner`, which ends earlier; `onnx:PATH`, with a file `PATH` with the ending `.json` beside it that has `mean`, `scale` and perhaps
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
    if precision == "int8" and not calibrate_on:
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
        raw, (mean, scale, side) = _file(Path(rest)), _preparation(Path(rest).with_suffix(".json"))
    calibration = ""
    if precision == "int8":
        raw, calibration = quantised(raw, prepared(calibrate_on, mean=mean, scale=scale), cache=cache)
    session = _session(raw, name)
    taps, width = _outputs(session, name, side or 64)
    description = Description(
        provider=name if kind == "embedded" else "onnx",
        model=hashlib.sha256(raw).hexdigest(),
        precision=precision,
        calibration=calibration,
        mean=mean,
        scale=scale,
        taps=taps,
        width=width,
        side=side,
    )
    whole = _runner(session)
    return Backbone(description, whole, _ending_early(raw, name, whole) if all(taps[tap] for tap in EARLY) else None)


def _session(raw: bytes, name: str) -> Any:
    """Open a network on one thread: who wants more runs more processes, and times are those of one core."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra(
            "networks are run by `onnxruntime`, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        # From bytes, not from a path: a network that keeps weights in other files could name any file of this machine.
        return onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
    except Exception as problem:  # its own classes are not public
        raise UnreadableArtefact(f"`{name}` is no network that can be run: {_line(problem)}") from problem


def _ending_early(raw: bytes, name: str, whole: Run) -> Run:
    """Return what runs a network up to its inner layers; all of it where it cannot be cut. It is cut when it is first run."""
    known: list[Run] = []

    def run(pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        if not known:
            inner = _cut(raw)
            known.append(whole if inner is None else _runner(_session(inner, name)))
        return known[0](pictures)

    return run


def _cut(raw: bytes) -> bytes | None:
    """Return the part of a network that its inner layers need; None if that cannot be told."""
    try:
        import onnx
    except ImportError:
        return None
    network = onnx.load_from_string(raw)
    graph, needed, kept = network.graph, set(EARLY), []
    if any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute):
        return None  # what stands in a branch or a loop may need what is no input of it
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed.update(node.input)
            kept.append(node)
    constants = [one for one in graph.initializer if one.name in needed]
    outputs = [one for one in graph.output if one.name in EARLY]
    for part, rest in ((graph.node, kept[::-1]), (graph.initializer, constants), (graph.output, outputs)):
        del part[:]
        part.extend(rest)
    made: bytes = network.SerializeToString()
    return made


def _runner(session: Any) -> Callable[[NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    [given] = session.get_inputs()
    names = [one.name for one in session.get_outputs() if one.name in (*TAPS, "embedding")]

    def run(pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return dict(zip(names, session.run(names, {given.name: pictures}), strict=True))

    return run


def _outputs(session: Any, name: str, side: int) -> tuple[dict[str, int], int]:
    """Channels of each tap and width of the embedding, found by trying."""
    import numpy as np

    if len(session.get_inputs()) != 1 or "embedding" not in {one.name for one in session.get_outputs()}:
        raise UnreadableArtefact(
            f"`{name}` has not one input and an output `embedding`", help="name the outputs when you export it"
        )
    try:
        found = _runner(session)(np.zeros((1, 3, side, side), dtype=np.float32))
    except Exception as problem:  # its own classes are not public
        raise UnreadableArtefact(f"`{name}` cannot look at a picture of {side} x {side}: {_line(problem)}") from problem
    for tap, values in found.items():
        stride = 1 if tap == "embedding" else int(tap.removeprefix("stride"))
        wanted = 2 if tap == "embedding" else 4
        if values.ndim != wanted or (wanted == 4 and values.shape[2:] != (-(-side // stride),) * 2):
            raise UnreadableArtefact(f"`{name}` gives out `{tap}` in the shape {values.shape}, which is not that of such a layer")
    return {tap: found[tap].shape[1] if tap in found else 0 for tap in TAPS}, found["embedding"].shape[1]


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UnreadableArtefact(f"`{path}` cannot be read: {(problem.strerror or '').lower()}") from problem


def _preparation(path: Path) -> tuple[tuple[float, float, float], tuple[float, float, float], int]:
    try:
        told = json.loads(_file(path))
        mean, scale = (tuple(float(value) for value in told[what]) for what in ("mean", "scale"))
        side = int(told.get("side", 0))
    except (UnreadableArtefact, ValueError, TypeError, LookupError, AttributeError):
        mean, scale, side = (), (), -1
    if (
        len(mean) != 3
        or len(scale) != 3
        or not all(math.isfinite(value) for value in mean + scale)
        or min(scale) <= 0
        or side < 0
    ):
        raise UnreadableArtefact(
            "how pictures are prepared for this network is not known",
            help='write a file such as {"mean": [127, 127, 127], "scale": [128, 128, 128]}: colours become (value - mean) / scale',
            location=Location(str(path)),
        )
    return (mean[0], mean[1], mean[2]), (scale[0], scale[1], scale[2]), side


def _line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:120]
