"""Photographing an item: all views of it, with the truth about every pixel.

Everything that chance decides comes from one seed, through sources of their own: the same item with and without damage lies the same
way, in the same light, with the same wrinkles and the same noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection import decoys as misleading
from probatum.synth.inspection.bodies import body
from probatum.synth.inspection.camera import Hits, developed, expose, meet, ranged
from probatum.synth.inspection.damage import Damage, inflicted
from probatum.synth.inspection.light import Lamp
from probatum.synth.inspection.parameters import CAPTURE_FAULTS, DECOYS, Camera, Optics
from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import Picture, generator, sample
from probatum.synth.inspection.surface import Surface
from probatum.synth.inspection.world import Pose, World, composed, moved, only_where, side, tray

_FINER = 1.2  # pixels of a surface over those of the tray, so that turning it loses little


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture, and the truth about it.

    Attributes
    ----------
    camera : str
    rgb : array of shape (n, n, 3), uint8
    depth : array of shape (n, n), float32
        Millimetres from the plane of the camera, along the vertical; 0 where the sensor has none.
    item : array of shape (n, n), bool
        Where the item is seen, loose parts of it included, and nothing that was spilt.
    damage : tuple of arrays of shape (n, n), bool
        For each damage, where the picture shows something else than it would without.
    """

    camera: str
    rgb: NDArray[np.uint8]
    depth: Picture
    item: NDArray[np.bool_]
    damage: tuple[NDArray[np.bool_], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What is put on the tray, and how it is photographed.

    Attributes
    ----------
    product : Product
    seed : int
        Of the pose, wrinkles, light, noise and decoys.
    damages : tuple of Damage
    decoys : tuple of str
        Of `DECOYS`.
    faults : tuple of str
        Of `CAPTURE_FAULTS`.
    other : Product or None
        What lies beside it, for `two_items`.
    station : int
        Its tray is its own.
    gain : float
        Times the light.
    """

    product: Product
    seed: int
    damages: tuple[Damage, ...] = ()
    decoys: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    other: Product | None = None
    station: int = 0
    gain: float = 1.0

    def __post_init__(self) -> None:
        for given, known in ((self.decoys, DECOYS), (self.faults, CAPTURE_FAULTS)):
            for name in given:
                if name not in known:
                    raise ValueError(f"`{name}` is none of {', '.join(known)}")
        if "two_items" in self.faults and self.other is None:
            raise ValueError("`two_items` asks for the other item")


def photograph(shot: Shot, optics: Optics | None = None) -> tuple[View, ...]:
    """Return the views of all cameras; the same for the same arguments.

    Parameters
    ----------
    shot : Shot
    optics : Optics or None
        Those of `Optics()` if not given.

    Raises
    ------
    ValueError
        If damage cannot happen to the product.

    Notes
    -----
    About 0.035 CPU-seconds for each view of 256 x 256 pixels, more with damage, growing with the number of pixels (measured by `bench/inspection/booth.py`).
    """
    optics = optics or Optics()
    scene = _scene(shot, optics)
    return tuple(_view(scene, shot, optics, camera, number) for number, camera in enumerate(optics.cameras))


@dataclass(frozen=True, slots=True)
class _Scene:
    """What lies there, what would lie there without damage (None if the same), and where damage is, over the world."""

    world: World
    intact: World | None
    masks: tuple[Picture, ...]


def _scene(shot: Shot, optics: Optics) -> _Scene:
    pixels, scale = side(optics), optics.scale
    floor = tray(pixels, scale, shot.station)
    if "dust" in shot.decoys:
        floor = misleading.dusty(floor, scale, shot.seed)
    if "empty_tray" in shot.faults:
        return _Scene(composed([], optics, floor), None, tuple(np.zeros((pixels, pixels), np.float32) for _ in shot.damages))
    wrinkled, season = (2.3 if "wrinkles" in shot.decoys else 1.0), "seasonal" in shot.decoys

    def stuck(surface: Surface) -> Surface:
        if "reflection" in shot.decoys:
            surface = replace(surface, gloss=np.maximum(surface.gloss, np.float32(0.75) * surface.item))
        return misleading.stickered(surface, shot.product, shot.seed) if "sticker" in shot.decoys else surface

    intact = stuck(body(shot.product, _FINER * scale, seed=shot.seed, wrinkled=wrinkled, season=season))
    pose = _pose(shot, optics)
    beside = _beside(shot, optics, pose)
    if not shot.damages:
        return _Scene(composed([*beside, (intact, pose)], optics, floor), None, ())
    done = inflicted(intact, shot.product, shot.damages, seed=shot.seed, wrinkled=wrinkled, season=season, also=stuck)
    before = composed([*beside, (intact, pose)], optics, floor)
    masks = tuple((moved(mask, done.after, pose, optics) > 0.02).astype(np.float32) for mask in done.masks)
    after = composed([*beside, (done.after, pose)], optics, floor)
    # INVARIANT: outside of the masks both worlds are the same to the last bit, however surfaces were turned and padded.
    return _Scene(only_where(np.max(masks, axis=0) > 0, after, before), before, masks)


def _pose(shot: Shot, optics: Optics) -> Pose:
    rng = generator(shot.seed, 31)
    turned, x, y, away = float(rng.uniform(0, 2 * np.pi)), *rng.uniform(-1, 1, 2), float(rng.uniform(0, 2 * np.pi))
    if "cut_off" in shot.faults:  # its middle is about at the edge of the picture
        return Pose(0.47 * optics.field_mm * float(np.cos(away)), 0.47 * optics.field_mm * float(np.sin(away)), turned)
    if "two_items" in shot.faults:
        far = 0.23 * optics.field_mm
        return Pose(far * float(np.cos(away)), far * float(np.sin(away)), turned)
    return Pose(float(x) * optics.off_centre_mm, float(y) * optics.off_centre_mm, turned)


def _beside(shot: Shot, optics: Optics, pose: Pose) -> list[tuple[Surface, Pose]]:
    if "two_items" not in shot.faults or shot.other is None:
        return []
    turned = float(generator(shot.seed, 32).uniform(0, 2 * np.pi))
    return [(body(shot.other, _FINER * optics.scale, seed=shot.seed + 1), Pose(-pose.x, -pose.y, turned))]


def _view(scene: _Scene, shot: Shot, optics: Optics, camera: Camera, number: int) -> View:
    rng = generator(shot.seed, 40 + number)
    jitter = rng.normal(size=6) * optics.jitter
    lamp = Lamp(
        azimuth=float(np.radians(camera.lamp_deg[0] + 5 * jitter[0])),
        elevation=float(np.radians(np.clip(camera.lamp_deg[1] + 2.5 * jitter[1], 25, 75))),
        strength=camera.lamp * float(np.clip(1 + 0.06 * jitter[2], 0.7, 1.3)),
        strips=(0.02, -0.12) if "reflection" in shot.decoys else (0.3, -0.34),
        veil=misleading.hand(side(optics), optics.scale, shot.seed) if "hand_shadow" in shot.decoys else None,
    )
    hits, masks = _looked_at(scene, camera, optics)
    light, mirrored = expose(scene.world, hits, camera, lamp)
    gain = shot.gain * float(np.clip(1 + 0.05 * jitter[3], 0.8, 1.2))
    if "motion_blur" in shot.faults:
        light = _smeared(light, float(rng.uniform(0, np.pi)), 0.05 * optics.size)
    gain *= 0.004 if "black" in shot.faults else 14.0 if "overexposed" in shot.faults else 1.0
    focus = camera.blur_px * optics.size / 256 * float(np.clip(1 + 0.15 * jitter[4], 0.6, 1.8))
    depth = ranged(
        hits, mirrored, camera, rng, noise_mm=optics.depth_noise_mm * optics.noise, dead=optics.dead if optics.noise else 0.0
    )
    if "dead_depth" in shot.faults:
        depth = np.where(generator(shot.seed, 50).random(depth.shape) < 0.93, np.float32(0), depth)
    return View(
        camera=camera.name,
        rgb=developed(light, camera, rng, gain=gain, blur_px=focus, noise=optics.noise),
        depth=np.asarray(depth, np.float32),
        item=sample(scene.world.item, hits.x, hits.y) > 0.5,
        damage=masks,
    )


def _looked_at(scene: _Scene, camera: Camera, optics: Optics) -> tuple[Hits, tuple[NDArray[np.bool_], ...]]:
    """Return where rays end, and for each damage where one looks at what it changed, or would have looked at what it changed."""
    hits = meet(scene.world, camera, optics.size, optics.field_mm)
    if scene.intact is None:
        return hits, tuple(np.zeros(hits.z.shape, np.bool_) for _ in scene.masks)
    would = meet(scene.intact, camera, optics.size, optics.field_mm)
    masks = tuple((sample(mask, hits.x, hits.y) > 0) | (sample(mask, would.x, would.y) > 0) for mask in scene.masks)
    # A ray that passes close by something changed may end some hundredths of a millimetre aside: it does not, so that masks are exact.
    there = np.any(masks, axis=0)
    kept = Hits(*(np.where(there, new, old) for new, old in ((hits.x, would.x), (hits.y, would.y), (hits.z, would.z))))
    return kept, masks


def _smeared(light: Picture, angle: float, pixels: float) -> Picture:
    """Average along a line, as when the tray is not at rest."""
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]].astype(np.float32)
    steps = np.linspace(-pixels / 2, pixels / 2, max(3, round(pixels)))
    parts = [sample(light, columns + np.float32(np.cos(angle) * step), rows + np.float32(np.sin(angle) * step)) for step in steps]
    return np.asarray(np.mean(parts, axis=0), np.float32)
