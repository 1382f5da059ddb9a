"""What lets one see inside: tears, holes, opened flaps, and contents that are out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.synth.inspection import shapes
from probatum.synth.inspection.bodies import linear
from probatum.synth.inspection.pieces import contents, laid, piece
from probatum.synth.inspection.products import KRAFT, Colour, Product
from probatum.synth.inspection.raster import Picture, distance, generator, mixed, polygon, smooth, waves
from probatum.synth.inspection.surface import Surface
from probatum.synth.inspection.units import cells, draw_unit


def torn(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Tear a path from an edge, or across a face, that gapes and curls."""
    width, depth = product.width_mm, product.depth_mm
    side, along = int(rng.integers(4)), float(rng.uniform(-0.3, 0.3))
    angle = side * np.pi / 2 + float(rng.uniform(-0.5, 0.5))
    from_edge = bool(rng.random() < 0.65)
    reach = 1.0 if from_edge else 0.55
    start = ((-reach, along), (along, -reach), (reach, along), (along, reach))[side]
    path = shapes.wander(rng, (start[0] * width / 2, start[1] * depth / 2), angle, 0.85 * min(width, depth), bend=0.16)
    jag = 1 + 0.3 * rng.normal(size=len(path)).clip(-1.5, 1.5)
    # The path is the same for every severity: a tear that goes on keeps to it.
    way = np.linspace(0, 1, len(path))
    ends = 0.3 + 0.7 * severity
    narrow = np.clip(1 - way / ends, 0, 1) ** 0.6
    if not from_edge:
        narrow = narrow * np.clip(way / 0.12, 0.05, 1)
    kept = max(3, int(np.ceil(ends * (len(path) - 1))) + 1)
    widths = np.maximum((4.0 + 13.0 * severity) * narrow * jag, 0.6)[:kept]
    outline = shapes.ribbon(path[:kept], widths)
    gap = polygon(surface.shape, surface.pixels(outline))
    return _gaping(surface, product, severity, rng, gap, lopsided=True)


def holed(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Punch a hole, with a ragged rim that is bent."""
    room = 0.26 if product.kind != "bottle" else 0.12
    centre = (float(rng.uniform(-room, room)) * product.width_mm, float(rng.uniform(-room, room)) * product.depth_mm)
    if product.kind == "bottle":
        centre = (centre[0] - 0.1 * product.width_mm, centre[1])
    outline = shapes.blob(
        rng, centre, (4.0 + 14.0 * severity) * (0.75 if product.kind == "bottle" else 1.0), rough=0.3, ragged=0.07
    )
    gap = polygon(surface.shape, surface.pixels(outline))
    return _gaping(surface, product, severity, rng, gap)


def _gaping(
    surface: Surface, product: Product, severity: float, rng: np.random.Generator, gap: Picture, *, lopsided: bool = False
) -> Surface:
    """Sink a gap to what is inside, and bend its rim upwards."""
    on = surface.solid()
    gap = gap * on
    hollow, inner = _inside(product, severity)
    away = distance(gap > 0.5) / np.float32(surface.scale)  # mm
    lip = 2.5 + 4.5 * severity
    curl = smooth(1 - away / lip) * (gap < 0.5) * on
    uneven = np.clip(0.55 + 0.5 * waves(rng, surface.shape, 9 * surface.scale), 0.1, 1.3)
    if lopsided:  # one side of a tear is lifted, the other is not
        uneven = uneven * np.clip(0.6 + 0.8 * waves(rng, surface.shape, 60 * surface.scale), 0.15, 1.2)
    ragged = np.clip(0.6 + 0.5 * waves(rng, surface.shape, 2.2 * surface.scale), 0.05, 1.2)
    fibre = smooth(1.6 - away / (np.float32(0.9 + 1.3 * severity) * ragged)) * (gap < 0.5) * on
    deep = np.maximum(surface.height - hollow, np.minimum(surface.height, 2.0))
    rise = np.float32(1.0 + 4.0 * severity) * curl * uneven
    height = np.where(gap > 0.3, deep, surface.height + rise)
    film = product.kind in ("polybag", "blister", "bottle")
    core: Colour = (0.8, 0.8, 0.82) if film else (0.7, 0.58, 0.42) if product.palette[0] == KRAFT else (0.9, 0.88, 0.84)
    colour = mixed(surface.colour, linear(core), np.asarray(fibre * (0.6 if film else 0.9), np.float32))
    pattern = np.clip(0.8 + 0.3 * waves(rng, surface.shape, 7 * surface.scale), 0.35, 1.3)[..., None]
    colour = colour + gap[..., None] * (np.asarray(inner, np.float32) * pattern - colour)
    return replace(
        surface,
        height=np.asarray(height, np.float32),
        colour=np.asarray(np.clip(colour, 0, 1), np.float32),
        gloss=np.asarray(surface.gloss * (1 - gap), np.float32),
    )


def _inside(product: Product, severity: float) -> tuple[float, Colour]:
    """Return how far below its surface what is inside a product begins, in mm, and the colour of that, in its shade."""
    content = linear(product.content)
    shade = 0.35
    if product.kind == "box":
        return 10 + 0.5 * severity * product.height_mm, (
            0.025 + 0.1 * content[0],
            0.02 + 0.1 * content[1],
            0.016 + 0.1 * content[2],
        )
    if product.kind == "book":
        return 2.5 + 5 * severity, (0.42, 0.4, 0.34)
    if product.kind in ("bottle", "set"):
        return 8 + 8 * severity, (0.02, 0.02, 0.02)
    if product.kind == "blister":
        return 4 + 6 * severity, (0.05, 0.05, 0.055)
    return 5 + 5 * severity, (shade * content[0], shade * content[1], shade * content[2])


def opened(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Open a flap, a seal or a cap."""
    match product.kind:
        case "bottle":
            return _cap_off(surface, product, severity, rng)
        case "blister":
            return _peeled(surface, product, severity, rng)
        case _:
            return _flap(surface, product, severity, rng)


def _flap(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Fold a strip of the top over an edge, so that one sees what is below; of envelopes and bags, a mouth opens at an end."""
    turned = product.kind == "box" and bool(rng.random() < 0.5)
    sign = float(rng.choice([-1.0, 1.0]))
    x, y = surface.places()
    across, along = (y * sign, x) if turned else (x * sign, y)
    extent, length = (product.depth_mm, product.width_mm) if turned else (product.width_mm, product.depth_mm)
    inward = extent / 2 - across + 0 * along  # mm from the edge inwards; negative beyond it
    beside = length / 2 - np.abs(along) + 0 * across
    deep = (0.12 + 0.3 * severity) * extent
    px = np.float32(surface.scale)
    if product.kind == "box":
        wall = np.minimum(np.minimum(inward - 1.5, deep - inward), beside - 2.5)
        lies = deep * (0.45 + 0.5 * severity)
        rise = product.height_mm + (0.5 - 0.7 * severity) * np.clip(-inward, 0, None)
        board: Colour = (0.7, 0.57, 0.4)
    else:
        mouth = deep * 0.55 * np.sqrt(np.clip(1 - (2 * along / (0.86 * length)) ** 2, 0, 1))
        wall = np.minimum(inward + 1.0, mouth - inward)
        lies = (10 + 26 * severity) * (1.0 if product.kind == "mailer" else 0.35)
        rise = 3.0 + 0.08 * np.clip(-inward, 0, None)
        board = (0.8, 0.78, 0.74) if product.kind == "mailer" else product.palette[0]
    gap = np.asarray(np.clip(0.5 + wall * px, 0, 1), np.float32) * surface.solid()
    flap = np.asarray(np.clip(0.5 + np.minimum(np.minimum(-inward, lies + inward), beside - 1.5) * px, 0, 1), np.float32)
    flap = flap * (surface.item < 0.5)
    floor, content = contents(surface, product, rng)
    height = np.where(gap > 0.3, np.minimum(surface.height, floor), surface.height)
    height = np.where(flap > 0.3, np.maximum(rise, 1.5), height)
    colour = surface.colour + gap[..., None] * (content - surface.colour)
    colour = mixed(np.asarray(colour, np.float32), linear(board), flap)
    if product.kind == "mailer":  # what was glued
        glue = np.clip(0.5 + (4 - np.abs(inward + 0.7 * lies)) * px, 0, 1).astype(np.float32) * flap
        colour = mixed(colour, (0.75, 0.73, 0.68), glue)
    cut = np.exp(-(((inward - deep) / 1.2) ** 2)) * (beside > 0) * surface.solid() if product.kind == "box" else 0 * inward
    colour = colour * (1 - np.float32(0.4) * cut)[..., None]
    return replace(
        surface,
        height=np.asarray(height, np.float32),
        colour=np.asarray(np.clip(colour, 0, 1), np.float32),
        gloss=np.asarray(surface.gloss * (1 - np.maximum(gap, flap)) + 0.08 * flap, np.float32),
        alpha=np.maximum(surface.alpha, flap),
        item=np.maximum(surface.item, (flap > 0.5).astype(np.float32)),
    )


def _cap_off(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Take the cap off a bottle, and lay it beside."""
    radius = product.depth_mm / 2
    x, y = surface.places()
    along = (x / product.width_mm + 0.5) + 0 * y
    old = (along > 0.868) & surface.solid()
    # Below the cap is a thread, narrower and shorter.
    neck = 0.33 * radius
    thread = old & (np.abs(y) < neck) & (along < 0.95)
    turns = 0.9 + 0.1 * np.sign(np.sin(x * 2.2))
    height = np.where(old, 0, surface.height)
    height = np.where(thread, radius + np.sqrt(np.maximum(neck**2 - y**2, 0)) * turns, height)
    colour = np.where(old[..., None], np.asarray(linear((0.8, 0.82, 0.84)), np.float32) * turns[..., None], surface.colour)
    alpha = np.where(old, thread, surface.alpha)
    emptied = replace(
        surface,
        height=np.asarray(height, np.float32),
        colour=np.asarray(colour, np.float32),
        alpha=np.asarray(alpha, np.float32),
        item=np.where(old, thread, surface.item).astype(np.float32),
    )
    size = 0.44 * radius
    far = 0.9 * radius + size + 8 + 26 * severity
    at = (0.25 * product.width_mm + float(rng.uniform(-10, 30)), float(rng.choice([-1, 1])) * far)
    return laid(
        emptied,
        piece(emptied, at, 2 * size, 2 * size, angle=0.0, radius=size),
        0.26 * product.depth_mm,
        linear(product.palette[2]),
        0.5,
    )


def _peeled(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Fold a corner of a card over, so that its back is seen."""
    sign = rng.choice([-1.0, 1.0], 2)
    x, y = surface.places()
    size = (0.3 + 0.5 * severity) * min(product.width_mm, product.depth_mm)
    # How far beyond the fold, along the diagonal; what lies beyond is mirrored at it.
    beyond = (sign[0] * x + sign[1] * y - (product.width_mm + product.depth_mm) / 2 + size) / np.sqrt(2)
    px = np.float32(surface.scale)
    off = np.asarray(np.clip(0.5 + beyond * px, 0, 1), np.float32)
    mirrored_x, mirrored_y = x - sign[0] * np.sqrt(2) * beyond, y - sign[1] * np.sqrt(2) * beyond
    room = np.minimum(product.width_mm / 2 - np.abs(mirrored_x), product.depth_mm / 2 - np.abs(mirrored_y))
    over = np.asarray(np.clip(0.5 + np.minimum(room, -beyond) * px, 0, 1), np.float32)
    curl = np.float32(5 + 9 * severity) * np.clip(-beyond * np.sqrt(2) / size, 0, 1)
    height = np.where(off > 0.5, 0, surface.height)
    height = np.where(over > 0.5, 4.5 + curl, height)  # what was below is pressed flat
    colour = mixed(surface.colour, (0.52, 0.5, 0.46), over)
    return replace(
        surface,
        height=np.asarray(height, np.float32),
        colour=colour,
        gloss=np.asarray(surface.gloss * (1 - over), np.float32),
        alpha=np.maximum(surface.alpha * (1 - off), over),
        item=np.where(off > 0.5, 0, np.maximum(surface.item, over > 0.5)).astype(np.float32),
    )


def unpacked(surface: Surface, product: Product, severity: float, rng: np.random.Generator, *, units: int = 0) -> Surface:
    """Lay contents beside: units of a set (which were taken out before), pages of a book, or what was in a package that is open now."""
    if product.kind == "book":
        return _loose_pages(surface, product, severity, rng)
    sign = float(rng.choice([-1.0, 1.0]))
    if not units:
        surface = _flap(surface, product, 0.35 + 0.65 * severity, generator(int(rng.integers(2**31))))
    look = generator(product.seed, 10)
    cell = cells(product)[0]
    many = units or 1 + int(3.99 * severity)
    for number in range(many):
        side, along, far = int(rng.integers(2)), float(rng.uniform(-0.45, 0.45)), float(rng.uniform(16, 44))
        angle = float(rng.uniform(0, np.pi))
        width, depth, tall = float(look.uniform(28, 52)), float(look.uniform(22, 34)), float(look.uniform(9, 20))
        if side:
            at = (along * product.width_mm, sign * (product.depth_mm / 2 + far))
        else:
            at = ((1 if number % 2 else -1) * (product.width_mm / 2 + far), along * product.depth_mm)
        if units:
            x, y = surface.places()
            c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
            u, v = c * (x - at[0]) + s * (y - at[1]), c * (y - at[1]) - s * (x - at[0])
            unit = draw_unit(product, np.asarray(u), np.asarray(v), cell, surface.scale)
            surface = laid(surface, unit.share, 0.7 * product.height_mm * unit.rise, unit.colour, product.gloss)
        else:
            shade = float(look.uniform(0.5, 1.2))
            tint = linear(product.content)
            colour = (min(shade * tint[0], 1), min(shade * tint[1], 1), min(shade * tint[2], 1))
            share = piece(surface, at, width, depth, angle=angle, radius=5.0)
            below = float(surface.height[share > 0.5].mean()) if (share > 0.5).any() else 0.0
            surface = laid(surface, share, below + tall, colour, 0.35)
            label = piece(surface, at, 0.55 * width, 0.5 * depth, angle=angle, radius=1.5)
            surface = laid(surface, label, below + tall, (0.7, 0.7, 0.68), 0.35)
    return surface


def _loose_pages(surface: Surface, product: Product, severity: float, rng: np.random.Generator) -> Surface:
    """Let pages hang out of a book."""
    for number in range(1 + int(3.99 * severity)):
        angle, side = float(rng.uniform(-0.3, 0.3)), int(rng.integers(3))
        out = (10 + 38 * severity) * (0.6 + 0.4 * float(rng.random()))
        at = ((out, 0.0), (0.2 * out, out), (0.2 * out, -out))[side]
        share = piece(surface, at, product.width_mm * 0.94, product.depth_mm * 0.94, angle=angle, radius=1.0) * (
            surface.item < 0.5
        )
        tall = product.height_mm * (0.75 - 0.15 * number)
        lines = 1 - 0.35 * (np.sin(surface.places()[1] * 1.3 + number) > 0.55)
        page = np.asarray([0.75, 0.74, 0.69], np.float32) * np.broadcast_to(lines, surface.shape)[..., None]
        surface = laid(surface, share, tall, page.astype(np.float32), 0.1)
    return surface
