"""Depth: how far away each pixel is, in millimetres, with NaN where the camera saw nothing.

Files of depth seldom say their unit. Whole numbers are millimetres, as all cameras write them. Numbers with a fraction are metres if
none is beyond what a booth could hold in metres, millimetres if none is closer than a camera sees; else nothing is guessed.
"""

from __future__ import annotations

import ast
import hashlib
import math
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.inspection.artefacts.picture import Picture, decoded, file_bytes, upright
from probatum.inspection.artefacts.picture_header import header
from probatum.inspection.artefacts.unusable import LIMITS, Limits, Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NPY = b"\x93NUMPY"
_EXR = b"\x76\x2f\x31\x01"
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "in": 25.4}  # millimetres
FARTHEST_M = 20.0  # of anything in a booth: a middle beyond it contradicts its unit
NEAREST_MM = 20.0  # that a depth camera sees: all of a scene closer than it contradicts its unit
_DTYPES = {"<u2", ">u2", "|u1", "<i2", "<i4", "<u4", "<i8", "<f2", "<f4", "<f8", ">f4", ">f8"}
_SOME = 10_000  # values whose middle is looked at, to see whether their unit can be true
_SATURATED = 65535  # what 16 bits say of what is too far


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """How far away each pixel is.

    Attributes
    ----------
    mm : array of shape (h, w), float32
        Millimetres from the camera, along its axis or the ray as the camera has it; NaN where nothing was measured.
    digest : str
        SHA-256 of the file, hexadecimal.
    unit : str
        What the file is in.
    notes : tuple of str
        What was inferred or changed.
    """

    mm: NDArray[np.float32]
    digest: str
    unit: str
    notes: tuple[str, ...] = field(default=())


def read_depth(raw: bytes, *, unit: str = "", limits: Limits = LIMITS) -> Depth | Unusable:
    """Decode depth in PNG or TIFF of one channel, or of an array of NumPy.

    Parameters
    ----------
    raw : bytes
    unit : {"", "mm", "cm", "m", "um", "in"}
        What the values are in; "" to infer it, which is noted.
    limits : Limits

    Returns
    -------
    Depth or Unusable
        Zero, what is negative or not finite, and 65535 in 16 bits are missing values.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    if unit and unit not in UNITS:
        return Unusable("unit", f"`{unit}` is no unit of depth", f"write one of {', '.join(UNITS)}")
    if not raw:
        return Unusable("empty", "the file has no bytes")
    if len(raw) > limits.most_bytes:
        return Unusable("too-large", f"a file of {len(raw):,} bytes has more than {limits.most_bytes:,}")
    if raw.startswith(_EXR):
        return Unusable("unsupported", "OpenEXR is not read", "convert it to TIFF with 32 bits, or save it with numpy.save")
    values = _array(raw, limits) if raw.startswith(_NPY) else _image(raw, limits)
    return values if isinstance(values, Unusable) else _in_mm(values, unit, hashlib.sha256(raw).hexdigest())


def open_depth(path: Path, *, unit: str = "", limits: Limits = LIMITS) -> Depth | Unusable:
    """Read depth from a file."""
    raw = file_bytes(path, limits=limits)
    return raw if isinstance(raw, Unusable) else read_depth(raw, unit=unit, limits=limits)


def aligned(depth: Depth, picture: Picture) -> Depth | Unusable:
    """Bring depth to the size of its picture.

    Both must show the same: a depth camera of fewer pixels is enlarged, without mixing what is near with what is far. Another shape
    means another field of view, or another orientation, and nothing is guessed.
    """
    import numpy as np

    high, wide = picture.rgb.shape[:2]
    own_high, own_wide = depth.mm.shape
    if (own_high, own_wide) == (high, wide):
        return depth
    # Rounding may have cost the smaller one up to a pixel on each side.
    if abs(own_wide / own_high - wide / high) > wide / high * (1 / own_wide + 1 / own_high):
        turned = " (as if turned)" if abs(own_high / own_wide - wide / high) < 0.02 else ""
        return Unusable(
            "misaligned",
            f"depth of {own_wide} x {own_high} has another shape than its picture of {wide} x {high}{turned}",
            "register it to the colour camera",
        )
    rows = np.minimum((np.arange(high) + 0.5) * own_high / high, own_high - 1).astype(np.intp)
    columns = np.minimum((np.arange(wide) + 0.5) * own_wide / wide, own_wide - 1).astype(np.intp)
    note = f"brought from {own_wide} x {own_high} to {wide} x {high}"
    return replace(depth, mm=depth.mm[rows[:, None], columns], notes=(*depth.notes, note))


def _image(raw: bytes, limits: Limits) -> NDArray[Any] | Unusable:
    promised = header(raw)
    if isinstance(promised, Unusable):
        return promised
    if promised.format not in ("png", "tiff"):
        return Unusable(
            "unsupported", f"depth is not kept by {promised.format.upper()}", "use PNG of 16 bits, TIFF or numpy.save"
        )
    if promised.width * promised.height > limits.most_pixels:
        return Unusable("too-large", f"depth of {promised.width} x {promised.height} has more than {limits.most_pixels:,} pixels")
    if promised.channels != 1:
        return Unusable(
            "unsupported", f"depth has one channel, and this has {promised.channels}", "if it is a picture, name it as `image`"
        )
    if promised.bits < 16:
        return Unusable("unsupported", f"{promised.bits} bits are too few for depth", "save it with 16 bits or more")
    pixels = decoded(raw)
    if pixels is None:
        return Unusable("damaged", f"the {promised.format.upper()} cannot be decoded")
    if isinstance(pixels, Unusable):
        return pixels
    pixels = pixels.squeeze() if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    if pixels.ndim != 2:
        return Unusable("unsupported", "depth has one channel, and this has more", "if it is a picture, name it as `image`")
    return upright(pixels, promised.orientation if promised.format == "png" else 1)


def _array(raw: bytes, limits: Limits) -> NDArray[Any] | Unusable:
    """Return an array that `numpy.save` wrote: numbers only, of which as many are there as it says.

    The layout is that of NEP 1. Its header is a literal of Python, which is read as one and never run.
    """
    import numpy as np

    try:
        wide = raw[6] > 1
        [length] = struct.unpack_from("<I" if wide else "<H", raw, 8)
        start = (12 if wide else 10) + length
        if length > 4096:
            return Unusable("damaged", "the header of the array is too long")
        said = ast.literal_eval(raw[start - length : start].decode("latin-1").strip())
        dtype, shape, across = str(said["descr"]), said["shape"], bool(said["fortran_order"])
    except (struct.error, IndexError, LookupError, SyntaxError, TypeError, ValueError, MemoryError, RecursionError):
        return Unusable("damaged", "the header of the array is none")
    if dtype not in _DTYPES:
        return Unusable("unsupported", f"an array of `{dtype[:20]}` is no depth", "save it as float32, in millimetres")
    if not isinstance(shape, tuple) or len(shape) != 2 or not all(type(n) is int and n > 0 for n in shape):
        return Unusable("unsupported", "depth has rows and columns, and nothing else", "save an array of two dimensions")
    if math.prod(shape) > limits.most_pixels:
        return Unusable("too-large", f"depth of {shape[1]} x {shape[0]} has more than {limits.most_pixels:,} pixels")
    if len(raw) - start != math.prod(shape) * np.dtype(dtype).itemsize:
        return Unusable("truncated", "the array does not have as many values as it says")
    return np.frombuffer(raw, dtype=dtype, offset=start).reshape(shape, order="F" if across else "C")


def _in_mm(values: NDArray[Any], unit: str, digest: str) -> Depth | Unusable:
    import numpy as np

    whole = values.dtype.kind in "ui"
    notes: list[str] = []
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number of float32 is missing
        found = values.astype(np.float32)
    missing = ~(found > 0)
    if not whole:
        missing |= np.isinf(found)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2 and bool((far := values == _SATURATED).any()):
        missing |= far
        notes.append("65535 taken as missing")
    if bool(missing.all()):
        return Unusable("all-missing", "not one pixel has a depth", "see whether the depth camera runs")
    seen = found[~missing]
    middle = float(np.median(seen[:: 1 + len(seen) // _SOME]))
    if not unit:
        unit = "mm" if whole else _inferred(float(seen.min()), float(seen.max()))
        if not unit:
            return Unusable("unit", f"values around {middle:.4g} may be metres or millimetres", "name it as `depth_unit`")
        notes.append(f"unit inferred: {unit}")
    in_mm = middle * UNITS[unit]
    if not NEAREST_MM <= in_mm <= FARTHEST_M * 1000:
        return Unusable(
            "unit", f"a middle depth of {middle:.4g} {unit} is {in_mm:.4g} mm, which no booth has", "correct `depth_unit`"
        )
    found[missing] = np.nan
    return Depth(found * np.float32(UNITS[unit]), digest, unit, tuple(notes))


def _inferred(low: float, high: float) -> str:
    """Return the unit of numbers with a fraction; "" if both would do."""
    if high <= FARTHEST_M:
        return "m"
    return "mm" if low >= NEAREST_MM else ""
