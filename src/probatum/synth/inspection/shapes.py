"""Outlines of what chance makes: blobs, splashes, cracks and paths that wander. The same for what is printed and for what is real."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Outline: TypeAlias = NDArray[np.float64]


def blob(
    rng: np.random.Generator,
    centre: tuple[float, float],
    radius: float,
    *,
    rough: float = 0.2,
    flat: float = 1.0,
    ragged: float = 0.0,
    points: int = 72,
) -> Outline:
    """Return the outline of something roundish, (points, 2): the same draws for every radius, so that it grows with it."""
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    wobble = np.ones(points)
    for order in range(2, 9):
        wobble += rough * rng.normal() * 1.5 / order * np.cos(order * angles + rng.uniform(0, 2 * np.pi))
    wobble += ragged * rng.normal(size=points)
    wobble = np.clip(wobble, 0.45, 1.7)
    turned = rng.uniform(0, np.pi)
    x, y = radius * wobble * np.cos(angles), radius * flat * wobble * np.sin(angles)
    c, s = np.cos(turned), np.sin(turned)
    return np.stack([centre[0] + c * x - s * y, centre[1] + s * x + c * y], axis=1)


def splash(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> list[Outline]:
    """Return a pool and the drops around it."""
    out = [blob(rng, centre, 0.75 * radius, rough=0.35, flat=float(rng.uniform(0.6, 1.0)))]
    for _ in range(7):
        angle, far, size = rng.uniform(0, 2 * np.pi), rng.uniform(0.85, 1.25), rng.uniform(0.05, 0.14)
        out.append(
            blob(
                rng,
                (centre[0] + far * radius * np.cos(angle), centre[1] + far * radius * np.sin(angle)),
                size * radius,
                rough=0.1,
                points=24,
            )
        )
    return out


def cracks(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> Iterator[tuple[Outline, float]]:
    """Yield lines of a smashed screen and how wide each is: rays that bend and fork, and rings of shards."""
    rays = int(rng.integers(8, 13))
    angles = np.sort(rng.uniform(0, 2 * np.pi, rays))
    ends: list[Outline] = []
    for angle in angles:
        path = wander(rng, centre, float(angle), radius * float(rng.uniform(0.6, 1.0)), bend=0.18, steps=9)
        ends.append(path)
        yield path, 1.0
        if rng.random() < 0.6:
            fork = wander(
                rng,
                tuple(path[5]),
                float(angle + rng.choice([-0.6, 0.6])),
                radius * float(rng.uniform(0.2, 0.4)),
                bend=0.2,
                steps=5,
            )
            yield fork, 0.7
    for ring in (2, 4):
        for one, other in zip(ends, [*ends[1:], ends[0]], strict=True):
            if rng.random() < 0.7:
                yield np.stack([one[ring], other[ring]]), 0.6


def wander(
    rng: np.random.Generator, start: tuple[float, float], angle: float, length: float, *, bend: float = 0.25, steps: int = 24
) -> Outline:
    """Return a path from a point into a direction that turns as it goes, (steps + 1, 2)."""
    turns = angle + np.cumsum(rng.normal(0, bend, steps)) - bend * rng.normal()
    moves = length / steps * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.concatenate([np.asarray(start, dtype=np.float64)[None], np.asarray(start) + np.cumsum(moves, axis=0)])


def ribbon(path: Outline, widths: NDArray[np.float64]) -> Outline:
    """Return the outline of a path with a width at each of its points."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * widths[:, None] / 2
    return np.concatenate([path + across, (path - across)[::-1]])
