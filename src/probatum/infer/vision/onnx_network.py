"""A network in a file of ONNX: opened on one thread, looked over, and cut where the rest of it is not needed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Run: TypeAlias = "Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.float32]]]"
TAPS = ("stride8", "stride16", "stride32")
EARLY = ("stride8", "stride16")


def opened(raw: bytes, name: str) -> Any:
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
        raise UnreadableArtefact(
            f"`{name}` is no network that can be run: {_line(problem)}",
            help="export it to ONNX again, with all weights in one file",
        ) from problem


def ending_early(raw: bytes, name: str, whole: Run) -> Run:
    """Return what runs a network up to its inner layers; all of it where it cannot be cut. It is cut when it is first run."""
    known: list[Run] = []

    def run(pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        if not known:
            inner = _cut(raw)
            known.append(whole if inner is None else runner(opened(inner, name)))
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


def runner(session: Any) -> Callable[[NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    """Return what runs a network on prepared pictures, and gives out its layers by name."""
    [given] = session.get_inputs()
    names = [one.name for one in session.get_outputs() if one.name in (*TAPS, "embedding")]

    def run(pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return dict(zip(names, session.run(names, {given.name: pictures}), strict=True))

    return run


def outputs(session: Any, name: str, side: int) -> tuple[dict[str, int], int]:
    """Channels of each tap and width of the embedding, found by trying."""
    import numpy as np

    if len(session.get_inputs()) != 1 or "embedding" not in {one.name for one in session.get_outputs()}:
        raise UnreadableArtefact(
            f"`{name}` has not one input and an output `embedding`", help="name the outputs when you export it"
        )
    try:
        found = runner(session)(np.zeros((1, 3, side, side), dtype=np.float32))
    except Exception as problem:  # its own classes are not public
        raise UnreadableArtefact(f"`{name}` cannot look at a picture of {side} x {side}: {_line(problem)}") from problem
    for tap, values in found.items():
        stride = 1 if tap == "embedding" else int(tap.removeprefix("stride"))
        wanted = 2 if tap == "embedding" else 4
        if values.ndim != wanted or (wanted == 4 and values.shape[2:] != (-(-side // stride),) * 2):
            raise UnreadableArtefact(f"`{name}` gives out `{tap}` in the shape {values.shape}, which is not that of such a layer")
    return {tap: found[tap].shape[1] if tap in found else 0 for tap in TAPS}, found["embedding"].shape[1]


def file_bytes(path: Path) -> bytes:
    """Return what stands in a file."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UnreadableArtefact(f"`{path}` cannot be read: {(problem.strerror or '').lower()}") from problem


def preparation(path: Path, raw: bytes) -> tuple[tuple[float, float, float], tuple[float, float, float], int]:
    """Return mean and scale of colours, and the length of sides or 0, as the file beside a network has them.

    Where it names the SHA-256 of a network, it is about no other one.
    """
    whose = None
    try:
        told = json.loads(file_bytes(path))
        whose = told.get("sha256")
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
    if whose is not None and whose != hashlib.sha256(raw).hexdigest():
        raise UnreadableArtefact(
            f"`{path.name}` describes a network of SHA-256 {str(whose)[:12]}, and the one beside it is another",
            help="put the two files back that were exported together, or export the network again",
            location=Location(str(path)),
        )
    return (mean[0], mean[1], mean[2]), (scale[0], scale[1], scale[2]), side


def _line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:120]
