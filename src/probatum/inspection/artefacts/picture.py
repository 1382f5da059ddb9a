"""A picture: bytes that nobody vouches for become RGB, upright, eight bits, or an outcome that says why not.

How many pixels a file would become is read in its header, before any of them is decoded. What is changed on the way is said.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra
from probatum.inspection.artefacts.picture_header import Header, header
from probatum.inspection.artefacts.unusable import LIMITS, Limits, Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as it is looked at.

    Attributes
    ----------
    rgb : array of shape (h, w, 3), uint8
        Red, green and blue as stored, which is sRGB in nearly all files; upright.
    digest : str
        SHA-256 of the file, hexadecimal.
    notes : tuple of str
        What was changed: `scaled from 16 bits`, `turned as its orientation says (6)`, ...
    """

    rgb: NDArray[np.uint8]
    digest: str
    notes: tuple[str, ...] = field(default=())


def read_picture(raw: bytes, *, limits: Limits = LIMITS) -> Picture | Unusable:
    """Decode a picture in PNG, JPEG, TIFF, WebP, GIF or BMP.

    Greys become three equal channels, 16 bits are scaled to 8, an orientation that Exif tells is applied, transparent pixels are
    laid over white, and inks as Adobe writes them become RGB without a colour profile; each is noted. Inks of which a file does not
    say whether 0 is none or all are refused: to guess would turn black into white.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    if len(raw) > limits.most_bytes:
        return _too_many(len(raw), limits)
    promised = header(raw)
    if isinstance(promised, Unusable):
        return promised
    if promised.width * promised.height > limits.most_pixels:
        return Unusable(
            "too-large",
            f"a picture of {promised.width} x {promised.height} pixels has more than {limits.most_pixels:,}",
            "make it smaller, or raise the limit",
        )
    if promised.inks and not promised.inks_inverted:
        return Unusable("colours", "its colours are inks, and it does not say whether 0 is none or all", "save it as RGB")
    pixels = decoded(raw)
    if pixels is None:
        return Unusable("damaged", f"the {promised.format.upper()} cannot be decoded")
    if isinstance(pixels, Unusable):
        return pixels
    return _as_rgb(pixels, promised, hashlib.sha256(raw).hexdigest())


def open_picture(path: Path, *, limits: Limits = LIMITS) -> Picture | Unusable:
    """Read a picture from a file."""
    raw = file_bytes(path, limits=limits)
    return raw if isinstance(raw, Unusable) else read_picture(raw, limits=limits)


def file_bytes(path: Path, *, limits: Limits = LIMITS) -> bytes | Unusable:
    """Return what a regular file has, which is not more than is allowed even if it grows meanwhile."""
    try:
        if not path.is_file():
            return Unusable("missing", f"there is no file `{path.name}`")
        with path.open("rb") as stream:
            raw = stream.read(limits.most_bytes + 1)
    except (OSError, ValueError) as problem:
        why = (getattr(problem, "strerror", None) or str(problem)).lower()
        return Unusable("missing", f"`{path.name}` cannot be read: {why}")
    return _too_many(max(len(raw), path.stat().st_size), limits) if len(raw) > limits.most_bytes else raw


def decoded(raw: bytes) -> NDArray[Any] | Unusable | None:
    """Decode the pixels of a file as they are stored; None if they are damaged. Its size must have been looked at before.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    cv2, np = _libraries()
    try:
        return cv2.imdecode(np.frombuffer(raw, dtype=np.uint8), cv2.IMREAD_UNCHANGED)  # type: ignore[no-any-return] # untyped
    except MemoryError:
        return Unusable("too-large", "there is not enough memory to decode it")
    except cv2.error:
        return None


def _libraries() -> tuple[Any, Any]:
    try:
        import cv2
        import numpy as np
    except ImportError:
        raise MissingExtra(
            "pictures are decoded by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from None
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong is said once, by us
    return cv2, np


def _too_many(size: int, limits: Limits) -> Unusable:
    return Unusable(
        "too-large", f"a file of {size:,} bytes has more than {limits.most_bytes:,}", "make it smaller, or raise the limit"
    )


def _as_rgb(pixels: NDArray[Any], promised: Header, digest: str) -> Picture | Unusable:
    import numpy as np

    turned = promised.orientation if promised.format != "tiff" else 1  # OpenCV turns a TIFF itself, whatever it is told
    across = pixels.shape[:2] != (promised.height, promised.width)
    if across and (promised.format != "tiff" or pixels.shape[:2] != (promised.width, promised.height)):
        return Unusable("damaged", "it has another size than it says")
    notes: list[str] = []
    if pixels.dtype == np.uint16:
        # v * 255 / 65535, rounded: 257 = 65535 / 255.
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
        notes.append("scaled from 16 bits")
    elif pixels.dtype != np.uint8:
        return Unusable("unsupported", f"pixels of type {pixels.dtype} are no colours", "if it is depth, name it as `depth`")
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
        notes.append("grey")
    elif pixels.shape[2] == 4:
        opaque = pixels[..., 3:].astype(np.uint16)
        if int(opaque.min()) < 255:
            notes.append("transparent pixels laid over white")
        pixels = ((pixels[..., :3] * opaque + 255 * (255 - opaque) + 127) // 255).astype(np.uint8)
    elif pixels.shape[2] != 3:
        return Unusable("unsupported", f"a picture of {pixels.shape[2]} channels is not read")
    if promised.inks:
        notes.append("inks converted to RGB without a colour profile")
    if promised.orientation != 1:
        notes.append(f"turned as its orientation says ({promised.orientation})")
    # OpenCV's own is ten times as fast as a view that is copied.
    rgb = np.ascontiguousarray(upright(_libraries()[0].cvtColor(pixels, _libraries()[0].COLOR_BGR2RGB), turned))
    return Picture(rgb, digest, tuple(notes))


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo an orientation of Exif: what is stored with it becomes what was seen.

    Parameters
    ----------
    pixels : array of shape (h, w, ...)
    orientation : int, 1 to 8
        Exif 2.3, 4.6.4: where the first row and the first column of what is stored lie in what was seen.
    """
    import numpy as np

    if orientation >= 5:  # rows are columns
        pixels = np.swapaxes(pixels, 0, 1)
    mirrored, upside_down = {2: (1, 0), 3: (1, 1), 4: (0, 1), 6: (1, 0), 7: (1, 1), 8: (0, 1)}.get(orientation, (0, 0))
    if mirrored:
        pixels = pixels[:, ::-1]
    return pixels[::-1] if upside_down else pixels
