"""How colours of an item differ from those of all its references, place by place.

References give each place a range: the darkest to the brightest that any of them shows there or next to it, and so of two hues. What is
outside of the range is different. Light is that of the whole item, and takes no part. Before that a picture is bent to lie as its
references do, by a few pixels and smoothly: a bag never lies twice the same way, and what is high is seen from aside [1]_.

References
----------
.. [1] Kroeger, Timofte, Dai, Van Gool. "Fast optical flow using dense inverse search." ECCV 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Cutout

SIDE = 112
_DARK = 12.0  # of 255, added before logarithms
_USUAL = (0.12, 0.05, 0.05)  # logarithms: by how much brightness, and red and blue over green, differ for no reason
_BEND, _SMOOTH = 5.0, 4.0  # pixels: as far as a place is moved at most, and over which places move together
_BROAD, _GAIN = (
    8.0,
    160.0,
)  # pixels over which light changes, and grey levels for each unit of a logarithm, to find how things moved


@dataclass(frozen=True, slots=True, eq=False)
class Shades:
    """What references look like.

    Attributes
    ----------
    item : array of shape (112, 112), bool
    target : array of shape (112, 112), uint8
        Print of the reference that is most like the others: pictures are bent to lie as it does.
    middle : array of shape (112, 112, 3), float32
        Logarithms of red, green and blue: medians.
    low, high : array of shape (112, 112, 3), float32
        Least and greatest brightness, red over green and blue over green around each place of any reference.
    own : tuple of arrays of shape (112, 112), float32
        How each reference differs from the others; empty for one.
    """

    item: NDArray[np.bool_]
    target: NDArray[np.uint8]
    middle: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    own: tuple[NDArray[np.float32], ...]


def shades(references: Sequence[Cutout]) -> Shades:
    """Look at one or more references, all lying the same way."""
    import cv2
    import numpy as np

    kernel = np.ones((3, 3), np.uint8)
    logs = [_logs(one.rgb) for one in references]
    item = np.mean(
        [cv2.resize(one.item.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in references], axis=0
    )
    item = item > 0.5
    apart = np.asarray([[float(np.abs(one - other).mean()) for other in logs] for one in logs])
    most = int(np.median(apart, axis=1).argmin())
    target = _print(logs[most])
    logs = [one if at == most else _bent(one, target) for at, one in enumerate(logs)]
    middle = np.median(logs, axis=0).astype(np.float32)
    tones = [_tones(one, middle, item) for one in logs]
    low = np.stack([np.asarray(cv2.erode(one, kernel), np.float32) for one in tones])
    high = np.stack([np.asarray(cv2.dilate(one, kernel), np.float32) for one in tones])
    many = range(len(tones)) if len(tones) > 1 else ()
    own = tuple(_outside(tones[at], np.delete(low, at, 0).min(axis=0), np.delete(high, at, 0).max(axis=0)) * item for at in many)
    return Shades(item, target, middle, low.min(axis=0), high.max(axis=0), own)


def different(cutout: Cutout, known: Shades) -> NDArray[np.float32]:
    """Return how far each place of a cutout is outside of the range of its references.

    Returns
    -------
    array of shape (112, 112), float32
        In times that places differ for no reason; 0 beside the item.
    """
    tones = _tones(_bent(_logs(cutout.rgb), known.target), known.middle, known.item)
    return _outside(tones, known.low, known.high) * known.item


def _logs(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    small = np.asarray(cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(np.log(small + np.float32(_DARK)), np.float32)


def _print(logs: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return how much brighter places are than around them, as grey levels."""
    import cv2
    import numpy as np

    bright = _bright(logs)
    return np.asarray(np.clip(128 + _GAIN * (bright - cv2.GaussianBlur(bright, (0, 0), _BROAD)), 0, 255), np.uint8)


@lru_cache(maxsize=1)
def _flow() -> Any:
    import cv2

    opencv: Any = cv2  # whose types lack it
    return opencv.DISOpticalFlow_create(opencv.DISOPTICAL_FLOW_PRESET_ULTRAFAST)


@lru_cache(maxsize=1)
def _places() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import numpy as np

    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return across, down


def _bent(logs: NDArray[np.float32], target: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Move places so that print lies as in the target, all a little and together."""
    import cv2
    import numpy as np

    moved = np.asarray(_flow().calc(target, _print(logs), None), np.float32)
    moved = np.clip(cv2.GaussianBlur(moved, (0, 0), _SMOOTH), -_BEND, _BEND)
    across, down = _places()
    bent = cv2.remap(logs, across + moved[..., 0], down + moved[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, np.float32)


def _tones(logs: NDArray[np.float32], middle: NDArray[np.float32], item: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return brightness, and red and blue over green, in the light of the references."""
    import numpy as np

    apart = (logs - middle)[item]
    light = np.median(apart[:: max(1, len(apart) // 1500)], axis=0) if len(apart) else np.zeros(3, np.float32)
    logs = logs - light.astype(np.float32)
    return np.stack([_bright(logs), logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]], axis=2)


def _outside(tones: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    beyond = np.maximum(np.maximum(tones - high, low - tones), 0) * (np.float32(1) / np.asarray(_USUAL, np.float32))
    beyond *= beyond
    return np.asarray(np.sqrt(beyond[..., 0] + beyond[..., 1] + beyond[..., 2]), np.float32)


def _bright(logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of three colours; NumPy's own takes six times as long over so short an axis."""
    import numpy as np

    return np.asarray((logs[..., 0] + logs[..., 1] + logs[..., 2]) / 3, np.float32)
