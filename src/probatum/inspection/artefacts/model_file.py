"""A trained part as a file: what it is, numbers, and arrays. Nothing in it is ever run.

A line that names the format, the length of a header and the header in JSON, then the arrays one after the other, and the SHA-256 of all
of this. Everything is checked before an array is made, so that a file that was cut off, altered or made by something else is
refused; one form only is written, so the same content has the same digest everywhere.

A part was trained on what one backbone sees and means nothing with another, so its file names the digest of that backbone, and whoever opens
it says which one will look.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = b"probatum inspection model 1\n"
_LENGTH, _SUM = 8, 32
_MOST = 256 * 1024 * 1024  # bytes of a file
_MOST_HEADER = 4 * 1024 * 1024
_TYPES = ("<f4", "<f8", "<i4", "<i8", "|u1")
_ANSWER = "train it again, or take the file from where it was trained"
_OTHERS = (
    (b"\x80", "it is a pickle, which would run code when it is read"),
    (b"PK\x03\x04", "it is an archive, in which PyTorch and NumPy may keep pickles"),
    (b"\x93NUMPY", "it is an array of NumPy"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What a file holds.

    Attributes
    ----------
    kind : str
        What it is for, as `damage-head/1`.
    backbone : str
        Digest of the backbone that it was trained with; "" if it needs none.
    settings : mapping of str to JSON values
    arrays : mapping of str to array
        Of floats of 32 or 64 bits, integers of 32 or 64 bits, or bytes.
    """

    kind: str
    backbone: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def packed(self) -> bytes:
        """Return the content of the file.

        Raises
        ------
        ValueError
            If an array has another type, a number is not finite, or a setting is no JSON.
        """
        import numpy as np

        described, parts = [], []
        for name in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[name])
            little = array.dtype.newbyteorder("<") if array.dtype.itemsize > 1 else array.dtype
            if little.str not in _TYPES:
                raise ValueError(f"`{name}` is an array of {array.dtype}, and only {', '.join(_TYPES)} are kept")
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"`{name}` has values that are not finite")
            described.append({"name": name, "type": little.str, "shape": list(np.shape(self.arrays[name]))})
            parts.append(array.astype(little, copy=False).tobytes())
        told = {"kind": self.kind, "backbone": self.backbone, "settings": dict(self.settings), "arrays": described}
        header = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
        raw = b"".join([_MAGIC, len(header).to_bytes(_LENGTH, "little"), header, *parts])
        return raw + hashlib.sha256(raw).digest()

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hexadecimal: what a calibration is tied to."""
        return hashlib.sha256(self.packed()).hexdigest()


def write_model(model: Model, path: Path) -> str:
    """Write a file, all of it or nothing, and return its digest.

    Raises
    ------
    UnreadableArtefact
        If it cannot be written.
    """
    raw = model.packed()
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(raw)
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise UnreadableArtefact(
            f"`{path}` cannot be written ({(problem.strerror or str(problem)).lower()})",
            help="name a place that can be written to",
            location=Location(str(path)),
        ) from None
    return hashlib.sha256(raw).hexdigest()


def read_model(path: Path, *, kind: str, backbone: str) -> Model:
    """Read a file.

    Parameters
    ----------
    path : Path
    kind : str
        What is expected to be in it.
    backbone : str
        Digest of the backbone that will look; "" for a part that needs none.

    Raises
    ------
    UnreadableArtefact
        If it is not there, is too big, damaged, a pickle or something else, of another kind, or trained with another backbone.
    """
    try:
        if path.stat().st_size > _MOST:
            raise _refused(path, f"it is larger than {_MOST // 2**20} MiB")
        raw = path.read_bytes()
    except OSError as problem:
        raise _refused(path, (problem.strerror or str(problem)).lower()) from None
    try:
        model = unpacked(raw)
    except ValueError as problem:
        raise _refused(path, str(problem)) from None
    if model.kind != kind:
        raise _refused(path, f"it is a `{_short(model.kind)}`, and a `{kind}` is needed")
    if model.backbone != backbone:
        told = f"it was trained with the backbone {_short(model.backbone)}, and {_short(backbone)} is in use"
        raise _refused(path, told, "take the backbone it was trained with, or train and calibrate again")
    return model


def unpacked(raw: bytes) -> Model:
    """Return what the content of a file holds.

    Raises
    ------
    ValueError
        If it is damaged, or something else; the message says why, in one line.
    """
    import numpy as np

    for start, why in _OTHERS:
        if raw.startswith(start):
            raise ValueError(why)
    if not raw.startswith(_MAGIC):
        raise ValueError("it is no such file")
    at = len(_MAGIC) + _LENGTH
    if len(raw) < at + _SUM or hashlib.sha256(raw[:-_SUM]).digest() != raw[-_SUM:]:
        raise ValueError("its content does not have the digest at its end: it was cut off or altered")
    length, body = int.from_bytes(raw[len(_MAGIC) : at], "little"), raw[at:-_SUM]
    if length > min(len(body), _MOST_HEADER):
        raise ValueError("its header is longer than it may be")
    kind, backbone, settings, described = _header(body[:length])
    arrays: dict[str, NDArray[Any]] = {}
    place = length
    for name, dtype, shape in described:
        size = np.dtype(dtype).itemsize
        for along in shape:  # of Python's integers, which do not overflow
            size *= along
        if name in arrays or size > len(body) - place:
            raise ValueError("its arrays are not those that its header names")
        array = np.frombuffer(body[place : place + size], dtype=dtype).reshape(shape)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"`{_short(name)}` has values that are not finite")
        arrays[name] = array
        place += size
    if place != len(body):
        raise ValueError("it has more than the arrays that its header names")
    return Model(kind, backbone, settings, arrays)


def _header(raw: bytes) -> tuple[str, str, dict[str, Any], list[tuple[str, str, tuple[int, ...]]]]:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("its header is no JSON") from None
    fits = isinstance(told, dict) and set(told) == {"kind", "backbone", "settings", "arrays"}
    if not fits or not isinstance(told["settings"], dict) or not isinstance(told["arrays"], list):
        raise ValueError("its header does not say what such a file says")
    described = []
    for one in told["arrays"]:
        if not isinstance(one, dict) or set(one) != {"name", "type", "shape"} or one["type"] not in _TYPES:
            raise ValueError("its header does not say what such a file says")
        shape = one["shape"]
        if not isinstance(shape, list) or len(shape) > 8 or any(type(along) is not int or along < 0 for along in shape):
            raise ValueError("its header gives an array a shape that is none")
        described.append((str(one["name"]), str(one["type"]), tuple(shape)))
    return str(told["kind"]), str(told["backbone"]), told["settings"], described


def _short(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return (clean[:16] or "none") if len(clean) != 64 else clean[:12]


def _refused(path: Path, why: str, advice: str = _ANSWER) -> UnreadableArtefact:
    return UnreadableArtefact(f"`{path.name}` is no model that can be used: {why}", help=advice, location=Location(str(path)))
