"""Views of the synthetic booth, and a network that says of each place its colour, for tests of what looks at items."""

from __future__ import annotations

import numpy as np

from probatum.infer.vision.backbone import TAPS, Backbone, Description
from probatum.inspection.semantics.looked import View
from probatum.synth.inspection.parameters import CAMERAS, Optics
from probatum.synth.inspection.products import draw_product
from probatum.synth.inspection.rendering import Shot, photograph

ABOVE = Optics(cameras=CAMERAS[:1])


def colours_of_places() -> Backbone:
    """A network that says of each place its colour, and nothing else."""

    def run(pictures: np.ndarray) -> dict[str, np.ndarray]:
        found = {tap: pictures[:, :, :: int(tap[6:]), :: int(tap[6:])] for tap in TAPS}
        return {**found, "embedding": pictures.mean(axis=(2, 3))}

    description = Description(
        provider="onnx",
        model="0" * 64,
        precision="float32",
        calibration="",
        mean=(0.0,) * 3,
        scale=(255.0,) * 3,
        taps=dict.fromkeys(TAPS, 3),
        width=3,
    )
    return Backbone(description, run)


def shot(kind: str, *, seed: int = 0, number: int = 0, **more) -> Shot:
    """Return a shot of a product; of one kind and number it is always the same one."""
    return Shot(product=draw_product(5, number, kinds=(kind,)), seed=seed, **more)


def seen(of: Shot, optics: Optics = ABOVE) -> View:
    """Return the picture from above, with its depth."""
    [view] = photograph(of, optics)
    return View(view.rgb, np.where(view.depth > 0, view.depth, np.nan).astype(np.float32))
