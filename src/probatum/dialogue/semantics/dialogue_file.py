"""Files of dialogue models: tensors in the format `safetensors`, with the card among its metadata. Nothing in them is run.

What a model was fitted to leaves traces in its weights: a file is as private as the logs are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from probatum.dialogue.semantics.dialogue_inputs import NEAR
from probatum.dialogue.semantics.dialogue_logistic import DialogueLogistic
from probatum.dialogue.semantics.dialogue_network import ATTENTION_HEADS, LAYERS, TASKS, DialogueNetwork
from probatum.dialogue.semantics.dialogues import FEATURES, MOST_TURNS
from probatum.dialogue.semantics.slot_reader import from_said
from probatum.errors import UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DialogueModel: TypeAlias = DialogueNetwork | DialogueLogistic
SCHEMA = "probatum-dialogue-model/1"
_SLOTS = "slots.weight"
_MOST_BYTES = 1 << 30


def digest_of(model: DialogueModel) -> str:
    """Return sixteen hexadecimal digits of all that decides what a model says."""
    mark = hashlib.sha256(f"{SCHEMA} {model.kind} {model.vectors} {FEATURES} {model.intents}".encode())
    for name in sorted(model.arrays):
        mark.update(name.encode() + model.arrays[name].astype("<f4").tobytes())
    if model.slots is not None:
        mark.update(model.slots.said().encode() + model.slots.head.weights.astype("<f4").tobytes())
    return mark.hexdigest()[:16]


def model_bytes(model: DialogueModel) -> bytes:
    """Return the file of a model."""
    import numpy as np

    header: dict[str, Any] = {}
    blob = b""
    own = {} if model.slots is None else {_SLOTS: model.slots.head.weights}
    for name, array in sorted((model.arrays | own).items()):
        raw = np.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(blob), len(blob) + len(raw)]}
        blob += raw
    said = {
        "schema": SCHEMA,
        "kind": model.kind,
        "vectors": model.vectors,
        "features": list(FEATURES),
        "intents": list(model.intents),
        "digest": digest_of(model),
        "card": dict(model.card),
    }
    if model.slots is not None:
        said["slots"] = model.slots.said()
    header["__metadata__"] = {"probatum": json.dumps(said, ensure_ascii=False)}
    head = json.dumps(header, ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + blob


def read_model(path: Path) -> DialogueModel:
    """Read a model.

    Raises
    ------
    UnreadableArtefact
        If it is none, is not as it was written, or was fitted to other features.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unreadable(path, "it is too large")
        return _model(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, (error.strerror or str(error)).lower()) from None
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as problem:
        raise _unreadable(path, f"{problem}") from None


def _model(raw: bytes) -> DialogueModel:
    said, arrays = _parts(raw)
    if said["schema"] != SCHEMA:
        raise ValueError(f"its schema is `{said['schema']}`")
    if tuple(said["features"]) != FEATURES:
        raise ValueError("it was fitted to other features")
    intents = tuple(str(name) for name in said["intents"])
    known: dict[str, type[DialogueModel]] = {"transformer": DialogueNetwork, "logistic": DialogueLogistic}
    slots = from_said(said["slots"], arrays.pop(_SLOTS)) if "slots" in said else None
    model = known[said["kind"]](arrays, intents, str(said["vectors"]), dict(said["card"]), slots)
    if {name: array.shape for name, array in arrays.items()} != _shapes(model):
        raise ValueError("its tensors are not those of such a model")
    if digest_of(model) != said["digest"]:
        raise ValueError("its digest is not that of its weights")
    return model


def _parts(raw: bytes) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    import numpy as np

    begin = 8 + int.from_bytes(raw[:8], "little")
    if not 8 < begin <= len(raw):
        raise ValueError("it has no header")
    header = json.loads(raw[8:begin])
    said = json.loads(header.pop("__metadata__")["probatum"])
    arrays = {}
    for name, one in header.items():
        first, last = (int(at) for at in one["data_offsets"])
        if not 0 <= first <= last <= len(raw) - begin or one["dtype"] != "F32":
            raise ValueError(f"its tensor `{name}` is not inside")
        arrays[name] = np.frombuffer(raw[begin + first : begin + last], "<f4").reshape([int(n) for n in one["shape"]])
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"its tensor `{name}` has numbers that are none")
    return said, arrays


def _shapes(model: DialogueModel) -> dict[str, tuple[int, ...]]:
    """Return which tensors a model of this kind has, as far as its own width and that of its vectors tell."""
    logits = sum(TASKS.values()) + len(model.intents)
    own: Mapping[str, NDArray[np.float32]] = model.arrays
    if isinstance(model, DialogueLogistic):
        k = own["centre"].shape[0]
        return {"centre": (k,), "scale": (k,), "weight": (k, logits), "bias": (logits,)}
    shown, d = own["enter.weight"].shape
    if (shown - NEAR - 2 * len(FEATURES)) % 2 or d % ATTENTION_HEADS:
        raise ValueError("its width is that of no such model")
    shapes: dict[str, tuple[int, ...]] = {
        "centre": (len(FEATURES),), "scale": (len(FEATURES),), "enter.weight": (shown, d), "enter.bias": (d,),
        "leave.scale": (d,), "leave.shift": (d,), "heads.weight": (d, logits), "heads.bias": (logits,),
    }  # fmt: skip  # a table
    for layer in range(LAYERS):
        shapes |= {
            f"{layer}.attention.scale": (d,), f"{layer}.attention.shift": (d,), f"{layer}.attention.weight": (d, 3 * d),
            f"{layer}.attention.bias": (3 * d,), f"{layer}.attention.apart": (ATTENTION_HEADS, 2 * MOST_TURNS - 1),
            f"{layer}.mixed.weight": (d, d), f"{layer}.mixed.bias": (d,), f"{layer}.wide.scale": (d,), f"{layer}.wide.shift": (d,),
            f"{layer}.wide.weight": (d, 2 * d), f"{layer}.wide.bias": (2 * d,), f"{layer}.narrow.weight": (2 * d, d),
            f"{layer}.narrow.bias": (d,),
        }  # fmt: skip  # a table
    return shapes


def _unreadable(path: Path, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{path}` is no dialogue model ({why})",
        help="fit one with `probatum dialogue label fit`",
        location=Location(path.as_posix()),
    )
