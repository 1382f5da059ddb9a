"""Views of a booth as simple as they can be: boxes with print on a grey tray, seen from above."""

from __future__ import annotations

import cv2
import numpy as np


def scene(boxes=((60, 60, 120, 80),), *, seed: int = 0, high: int = 200, wide: int = 240, tray: int = 100, shade: int = 0):
    """Return RGB and depth in millimetres; boxes are left, top, width, height, and stand 80 mm above a tray that is 900 mm away."""
    random = np.random.default_rng(seed)
    rgb = np.full((high, wide, 3), tray, np.float64)
    mm = np.full((high, wide), 900.0)
    for left, top, across, down in boxes:
        place = np.s_[max(0, top) : max(0, top + down), max(0, left) : max(0, left + across)]
        if shade:
            rgb[max(0, top + shade) : top + down + shade, max(0, left + shade) : left + across + shade] *= 0.75
        rgb[place] = random.integers(120, 250, 3)
        for _ in range(12):
            x, y = left + random.integers(0, max(1, across - 12)), top + random.integers(0, max(1, down - 8))
            inside = np.s_[max(0, y) : max(0, y + 6), max(0, x) : max(0, x + 10)]
            rgb[inside] = random.integers(0, 250, 3)
        mm[place] = 820.0
    rgb += random.normal(0, 2, rgb.shape)
    mm += random.normal(0, 1, mm.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8), mm.astype(np.float32)


def blurred(rgb, sigma: float):
    return cv2.GaussianBlur(rgb, (0, 0), sigma)
