"""Pictures for people of units that were not passed: where they differ, the nearest reference, and heights along a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.inspection.semantics.judged import JudgedView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# From where a channel is coloured, and where its colour is full: on the scale of its score, the same for all units.
SCALES = {"appearance": (-2.0, 2.0), "relief": (1.0, 6.0), "residue": (0.2, 1.0), "pieces": (0.2, 1.0), "damage": (-2.0, 3.0)}
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Pictured:
    """One view, as files of JPEG.

    Attributes
    ----------
    picture, heat : bytes
    channel : str
        That is coloured.
    reference : bytes or None
    reference_name : str
    row : tuple of three lists of float or None, or None
        Heights in millimetres along the row where most differs: of the unit, and the lowest and highest of its references.
    """

    picture: bytes
    heat: bytes
    channel: str
    reference: bytes | None
    reference_name: str
    row: tuple[list[float | None], list[float | None], list[float | None]] | None


def pictured(view: JudgedView, reason: tuple[str, ...]) -> Pictured:
    """Return pictures of a view.

    Parameters
    ----------
    view : JudgedView
    reason : tuple of str
        Channels that made the difference; the first that has a map is coloured, else appearance.
    """
    import numpy as np

    maps: dict[str, NDArray[np.float32]] = {} if view.compared is None else dict(view.compared.maps)
    if view.damage is not None:
        maps["damage"] = maps["excess"] = view.damage.map
    names = [name for name in (*reason, "appearance", "relief", "residue") if name in maps]
    channel = names[0] if names else ""
    rgb = view.looked.cutout.rgb
    coloured = rgb if not channel else _coloured(rgb, maps[channel], SCALES.get(channel, SCALES["damage"]))
    nearest = view.compared.nearest[0] if view.compared is not None and view.compared.nearest else None
    kept = None if nearest is None or nearest >= len(view.references) else view.references[nearest]
    place = int(np.nanargmax(np.nan_to_num(maps[channel], nan=-np.inf))) if channel else 0
    row = place // 28 * 8 + 4 if channel else 112
    return Pictured(
        picture=_jpeg(rgb),
        heat=_jpeg(_dotted(coloured, row)),
        channel=channel or "nothing",
        reference=None if kept is None else _jpeg(kept.looked.cutout.rgb),
        reference_name="" if kept is None else kept.capture_id,
        row=_row(view, row),
    )


def _coloured(rgb: NDArray[np.uint8], found: NDArray[np.float32], scale: tuple[float, float]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    low, high = scale
    strength = np.clip((np.nan_to_num(found, nan=low) - low) / (high - low), 0, 1).astype(np.float32)
    wide = cv2.resize(strength, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    # Orange over grey: told from the picture by people who see few colours, too.
    grey = np.repeat(rgb.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray(grey * (1 - 0.8 * wide) + np.array([255.0, 120.0, 0.0]) * 0.8 * wide, np.uint8)


def _dotted(rgb: NDArray[np.uint8], row: int) -> NDArray[np.uint8]:
    marked = rgb.copy()
    marked[row, ::6] = (0, 90, 255)
    return marked


def _row(view: JudgedView, row: int) -> tuple[list[float | None], list[float | None], list[float | None]] | None:
    import numpy as np

    own = view.looked.cutout.height
    others = [kept.looked.cutout.height for kept in view.references]
    known = [height[row] for height in others if height is not None]
    if own is None or not known:
        return None
    stacked = np.stack(known)
    filled = np.where(np.isnan(stacked).all(axis=0), np.nan, 0)
    low = np.nanmin(np.where(np.isnan(stacked), np.inf, stacked), axis=0) + filled
    high = np.nanmax(np.where(np.isnan(stacked), -np.inf, stacked), axis=0) + filled
    return _numbers(own[row]), _numbers(low), _numbers(high)


def _numbers(values: NDArray[Any]) -> list[float | None]:
    import numpy as np

    return [float(value) if np.isfinite(value) else None for value in values]


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    import cv2

    raw: bytes = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    return raw
