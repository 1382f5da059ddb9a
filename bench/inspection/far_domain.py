"""A set that nothing was tuned on: boxes as meshes that are really crushed and pierced, in light that is traced, with decoys.

Corpus: made here with Mitsuba 3 (`pip install mitsuba`; not a dependency of probatum; where it is absent nothing is done), path tracing, from seeds. What is trained on the booth
and tested on these pictures shows how far it depends on how the booth draws: from one simulator to another, and not to real goods.

    python bench/inspection/far_domain.py FOLDER TRUTH [--items 300] [--size 256] [--samples 32] [--seed 7]

FOLDER gets `manifest.csv`, pictures and depth like those of the booth; TRUTH, which must not be inside of it, `truth.csv` and COCO annotations.
Of ten items of a product two are references, and eight are: three crushed (corner, edge, face), one with a hole, and four intact: plain,
with a sticker, in the shadow of a hand, and in less light. A third of the products have damage printed on them.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from probatum.synth.inspection.camera import developed
from probatum.synth.inspection.parameters import DAMAGES, PRINTED, Camera, seed_of
from probatum.synth.inspection.printing import artwork
from probatum.synth.inspection.products import draw_product
from probatum.synth.inspection.raster import blur, ellipse, generator, jpeg, mixed, png, waves
from probatum.synth.inspection.runs import box, runs
from probatum.synth.inspection.shapes import blob
from probatum.synth.inspection.writing import COLUMNS, TRUTH_COLUMNS

SOURCE = "probatum-inspection-far-domain/1"
ROLES = ("reference", "reference", "corner", "edge", "face", "hole", "plain", "sticker", "hand_shadow", "dim")
VIEWS = {
    "A": ((40.0, -60.0, 820.0), 30.0),
    "B": ((330.0, 260.0, 640.0), 34.0),
}  # where a camera is, in mm, and its field in degrees
STEP_MM = 4.0


@dataclass(frozen=True)
class Mesh:
    """Triangles of a box: points (n, 3) in mm, places on the print (n, 2) from 0 to 1, triangles (m, 3)."""

    points: np.ndarray
    places: np.ndarray
    triangles: np.ndarray


def carton(width: float, depth: float, tall: float) -> Mesh:
    """Top and sides of a box in fine triangles, unfolded on its print as a cross."""
    across, down = width + 2 * tall, depth + 2 * tall
    parts: list[Mesh] = []

    def face(u_mm: float, v_mm: float, corner, along, aside) -> None:
        many_u, many_v = max(2, round(u_mm / STEP_MM)), max(2, round(v_mm / STEP_MM))
        u, v = np.meshgrid(np.linspace(0, 1, many_u + 1), np.linspace(0, 1, many_v + 1))
        points = np.asarray(corner) + u[..., None] * np.asarray(along) + v[..., None] * np.asarray(aside)
        number = np.arange(u.size).reshape(u.shape)
        a, b, c, d = (part.ravel() for part in (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]))
        flat = points.reshape(-1, 3)
        # Sides are folded down from the edge of the top: as far out as they are below it.
        below = tall - flat[:, 2]
        out_x = np.where(np.abs(flat[:, 0]) >= width / 2 - 1e-6, np.sign(flat[:, 0]) * below, 0.0) * (
            abs(along[1]) + abs(aside[1]) > 0
        )
        out_y = np.where(np.abs(flat[:, 1]) >= depth / 2 - 1e-6, np.sign(flat[:, 1]) * below, 0.0) * (
            abs(along[0]) + abs(aside[0]) > 0
        )
        places = np.stack([(flat[:, 0] + out_x) / across + 0.5, (flat[:, 1] + out_y) / down + 0.5], axis=1)
        parts.append(Mesh(flat, places, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])))

    w, d = width / 2, depth / 2
    face(width, depth, (-w, -d, tall), (width, 0, 0), (0, depth, 0))
    for sign in (-1, 1):
        face(width, tall, (-w, sign * d, 0), (width, 0, 0), (0, 0, tall))
        face(depth, tall, (sign * w, -d, 0), (0, depth, 0), (0, 0, tall))
    shift, points, places, triangles = 0, [], [], []
    for part in parts:
        points.append(part.points)
        places.append(part.places)
        triangles.append(part.triangles + shift)
        shift += len(part.points)
    return Mesh(np.concatenate(points), np.concatenate(places), np.concatenate(triangles))


def crushed(mesh: Mesh, size, form: str, severity: float, rng) -> Mesh:
    """Press a corner, an edge or a face inwards; board keeps its length, so it folds."""
    half = np.asarray([size[0] / 2, size[1] / 2, size[2]])
    sign = rng.choice([-1.0, 1.0], 2)
    along = rng.uniform(-0.5, 0.5)
    reach = np.asarray([1.0, 1.0, 1.0]) * (0.25 + 0.4 * severity) * min(size[0], size[1])
    at = {
        "corner": (sign[0] * half[0], sign[1] * half[1], half[2]),
        "edge": (along * half[0], sign[1] * half[1], half[2]),
        "face": (along * half[0], 0.4 * sign[1] * half[1], half[2]),
    }[form]
    if form == "edge":
        reach = reach * (1.4, 0.7, 1.0)
    off = mesh.points - np.asarray(at)
    give = np.clip(1 - ((off / reach) ** 2).sum(axis=1), 0, 1) ** 1.2
    inwards = {"corner": (-sign[0], -sign[1], -1.3), "edge": (0.0, -sign[1], -1.2), "face": (0.0, 0.0, -1.0)}[form]
    inwards = np.asarray(inwards) / np.linalg.norm(inwards)
    folds = np.zeros(len(mesh.points))
    for wave in (34.0, 21.0, 13.0):  # mm from fold to fold
        way = rng.normal(size=3)
        turn = 2 * np.pi * mesh.points @ (way / np.linalg.norm(way)) / wave + rng.uniform(0, 6.3)
        folds += np.abs(np.sin(turn)) * wave / 34.0
    deep = (0.12 + 0.4 * severity) * (size[2] if form == "face" else 0.6 * min(size[0], size[1], 1.6 * size[2]))
    moved = mesh.points + (give * deep)[:, None] * inwards + ((give * (folds - 1.0)) * 0.16 * deep)[:, None] * (0.3, 0.3, 1.0)
    moved[:, 2] = np.maximum(moved[:, 2], 0.2)
    return replace(mesh, points=moved)


def pierced(mesh: Mesh, size, severity: float, rng) -> tuple[Mesh, np.ndarray]:
    """Take triangles of the top away within a ragged outline, and bend its rim; return the mesh, and which triangles were kept."""
    centre = (rng.uniform(-0.25, 0.25) * size[0], rng.uniform(-0.25, 0.25) * size[1])
    outline = np.asarray(blob(rng, centre, 7 + 17 * severity, rough=0.3, ragged=0.08)) - centre
    angles = np.arctan2(outline[:, 1], outline[:, 0])
    order = np.argsort(angles)
    radii = np.hypot(outline[:, 0], outline[:, 1])[order]

    def inside(points: np.ndarray) -> np.ndarray:
        """Distance from the centre over that of the outline."""
        off = points[:, :2] - centre
        edge = np.interp(np.arctan2(off[:, 1], off[:, 0]), angles[order], radii, period=2 * np.pi)
        return np.hypot(off[:, 0], off[:, 1]) / edge + 100.0 * (points[:, 2] < size[2] - 0.01)

    middles = mesh.points[mesh.triangles].mean(axis=1)
    kept = inside(middles) > 1
    bent = mesh.points.copy()
    bent[:, 2] -= 7 * np.clip(1.5 - inside(mesh.points), 0, 0.5) * (0.5 + severity)
    return Mesh(bent, mesh.places, mesh.triangles), kept


def print_of(product, sticker: bool, seed: int, pixels: float = 3.0) -> np.ndarray:
    """Linear colours of the unfolded box: artwork on top, other artwork of the same family on the sides."""
    w, d, h = (round(side * pixels) for side in (product.width_mm, product.depth_mm, product.height_mm))
    out = np.broadcast_to(artwork(replace(product, printed=""), 8, 8)[4, 4], (d + 2 * h, w + 2 * h, 3)).astype(np.float32).copy()
    side = replace(product, version=product.version + 50, printed="")
    out[:h, h : h + w] = artwork(side, h, w)[::-1, ::-1]
    out[h + d :, h : h + w] = artwork(side, h, w)
    out[h : h + d, :h] = np.rot90(artwork(side, h, d), -1)
    out[h : h + d, h + w :] = np.rot90(artwork(side, h, d))
    out[h : h + d, h : h + w] = artwork(product, d, w)
    if sticker:
        rng = generator(seed, 4)
        at = (h + w * rng.uniform(0.25, 0.75), h + d * rng.uniform(0.25, 0.75))
        out = mixed(out, (0.9, 0.3, 0.02), ellipse(out.shape[:2], at, (17 * pixels, 17 * pixels)))
    fibres = 1 + 0.02 * waves(generator(seed, 3), out.shape[:2], 2.0)
    return np.clip(out * fibres[..., None], 0.01, 0.95).astype(np.float32)


def scene_of(mi, mesh: Mesh, colours: np.ndarray, *, turned, size, role: str, rng, gloss: float, kept=None) -> dict:
    """A scene of Mitsuba without its camera: tray, box, what is in it, lamps, and a hand."""
    triangles = mesh.triangles if kept is None else mesh.triangles[kept]
    properties = mi.Properties()
    texture = {"type": "bitmap", "bitmap": mi.Bitmap(np.ascontiguousarray(colours[::-1])), "raw": True}
    board = {"type": "roughplastic", "diffuse_reflectance": texture, "alpha": 0.5 - 0.4 * gloss, "nonlinear": True}
    properties["mesh_bsdf"] = mi.load_dict({"type": "twosided", "bsdf": board})
    made = mi.Mesh("box", len(mesh.points), len(triangles), has_vertex_texcoords=True, props=properties)
    keys = mi.traverse(made)
    c, s, x, y = turned
    points = mesh.points @ np.asarray([[c, s, 0], [-s, c, 0], [0, 0, 1.0]]) + (x, y, 0)
    keys["vertex_positions"] = points.astype(np.float32).ravel()
    keys["vertex_texcoords"] = mesh.places.astype(np.float32).ravel()
    keys["faces"] = triangles.astype(np.uint32).ravel()
    keys.update()
    to = mi.ScalarTransform4f
    lamp = 30.0 if role != "dim" else 13.0
    out = {
        "type": "scene",
        "box": made,
        "tray": {
            "type": "rectangle",
            "to_world": to().scale([900, 900, 1]),
            "bsdf": {"type": "roughplastic", "diffuse_reflectance": {"type": "rgb", "value": [0.13, 0.145, 0.16]}, "alpha": 0.4},
        },
        "lamp": {
            "type": "rectangle",
            "to_world": to().look_at(origin=[-620, -480, 900], target=[0, 0, 0], up=[0, 0, 1]).scale([170, 170, 1]),
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [lamp, lamp, 0.95 * lamp]}},
        },
        "dome": {"type": "constant", "radiance": {"type": "rgb", "value": [0.34, 0.35, 0.37]}},
    }
    if kept is not None:  # what is seen through the hole
        for number in range(3):
            place = to().translate([float(x + rng.uniform(-40, 40)), float(y + rng.uniform(-25, 25)), 0.16 * size[2]])
            tint = [float(v) for v in rng.uniform(0.05, 0.5, 3)]
            out[f"inside{number}"] = {
                "type": "cube",
                "to_world": place.rotate([0, 0, 1], float(rng.uniform(0, 180))).scale([26, 18, 0.15 * size[2]]),
                "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": tint}},
            }
    if role == "hand_shadow":  # between lamp and item, out of sight
        for finger in range(4):
            start = np.asarray([-365.0 + 24 * finger, -225.0 - 16 * finger, 480.0])
            end = start + np.asarray([62.0, 80.0, -12.0])
            out[f"finger{finger}"] = {"type": "cylinder", "p0": start.tolist(), "p1": end.tolist(), "radius": 9.0}
        out["palm"] = {"type": "sphere", "center": [-350.0, -280.0, 485.0], "radius": 50.0}
    return out


def looks(mi, loaded, view: str, size: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return traced light (n, n, 3), and for one ray of each pixel: x, y, z, whether it ends on the box, and which triangle."""
    origin, field = VIEWS[view]
    film = {"type": "hdrfilm", "width": size, "height": size, "pixel_format": "rgb", "rfilter": {"type": "box"}}
    camera = mi.load_dict(
        {
            "type": "perspective",
            "fov": field,
            "to_world": mi.ScalarTransform4f().look_at(origin=list(origin), target=[0, 0, 20], up=[0, -1, 0.001]),
            "film": film,
            "sampler": {"type": "independent", "sample_count": samples},
        }
    )
    which = [shape.id() for shape in loaded.shapes()].index("box")
    path = mi.load_dict({"type": "path", "max_depth": 5})
    shown = mi.render(loaded, sensor=camera, spp=samples, integrator=path, seed=1) if samples else None
    # One sample for each pixel: numbers of shapes must not be averaged.
    told = mi.load_dict({"type": "aov", "aovs": "p:position,s:shape_index,t:prim_index"})
    geometry = np.asarray(mi.render(loaded, sensor=camera, spp=1, integrator=told, seed=2))
    known = geometry[..., -5:].copy()
    known[..., 3] = np.round(known[..., 3]) == which + 1  # shapes are counted from 1, and 0 is none
    return (np.asarray(shown)[..., :3] if shown is not None else known[..., :3]), known


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--variant", default="scalar_rgb", help="of Mitsuba; `llvm_ad_rgb` is faster where its libLLVM knows the processor"
    )
    options = parser.parse_args()
    if importlib.util.find_spec("mitsuba") is None:
        print("skipped: mitsuba is not installed; `pip install mitsuba` gets it")
        return 0
    if options.truth.resolve().is_relative_to(options.folder.resolve()):
        print("the truth would be in the folder with pictures: name a folder outside of it", file=sys.stderr)
        return 2
    import mitsuba as mi

    mi.set_variant(options.variant)
    mi.set_log_level(mi.LogLevel.Error)
    for part in ("images", "depth"):
        (options.folder / part).mkdir(parents=True, exist_ok=True)
    options.truth.mkdir(parents=True, exist_ok=True)
    rows, truths, images, annotations = [], [], [], []
    begun = time.process_time()
    for number in range(options.items):
        one(mi, options, number, rows=rows, truths=truths, images=images, annotations=annotations)
        if (number + 1) % len(ROLES) == 0 or number + 1 == options.items:  # what was stopped is a smaller set
            write(options, rows, truths, images, annotations)
    spent = time.process_time() - begun
    print(f"{len(rows)} pictures of {options.size} x {options.size}, {spent / max(len(rows), 1):.2f} CPU-s each ({mi.variant()})")
    return 0


def write(options, rows: list, truths: list, images: list, annotations: list) -> None:
    for path, columns, table in (
        (options.folder / "manifest.csv", COLUMNS, rows),
        (options.truth / "truth.csv", TRUTH_COLUMNS, truths),
    ):
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
    categories = [{"id": place + 1, "name": name, "supercategory": "damage"} for place, name in enumerate(DAMAGES)]
    coco = {"info": {"version": SOURCE}, "images": images, "annotations": annotations, "categories": categories}
    (options.truth / "annotations.json").write_text(json.dumps(coco) + "\n", encoding="utf-8")


def one(mi, options, number: int, *, rows: list, truths: list, images: list, annotations: list) -> None:
    """Render one item with its views, and say what it is."""
    role = ROLES[number % len(ROLES)]
    printed = PRINTED[number // len(ROLES) // 3 % 3] if number // len(ROLES) % 3 == 0 else ""
    product = draw_product(options.seed, number // len(ROLES), kinds=("box",), printed=printed)
    rng = generator(seed_of("far", options.seed, number))
    size = (product.width_mm, product.depth_mm, product.height_mm)
    angle = rng.uniform(0, 2 * np.pi)
    turned = (np.cos(angle), np.sin(angle), *rng.uniform(-15, 15, 2))
    severity = float(np.clip(rng.beta(1.6, 1.6), 0.05, 1))
    intact = carton(*size)
    mesh, kept = intact, None
    if role in {"corner", "edge", "face"}:
        mesh = crushed(intact, size, role, severity, rng)
    elif role == "hole":
        mesh, kept = pierced(intact, size, severity, rng)
    damage = {"corner": "crush", "edge": "crush", "face": "crush", "hole": "hole"}.get(role, "")
    differs = np.linalg.norm(mesh.points - intact.points, axis=1)[intact.triangles].max(axis=1) > 0.3
    if kept is not None:
        differs |= ~kept
    colours = print_of(product, role == "sticker", number)
    how = {"turned": turned, "size": size, "role": role, "rng": rng, "gloss": product.gloss}
    scene = mi.load_dict(scene_of(mi, mesh, colours, kept=kept, **how))
    before = mi.load_dict(scene_of(mi, intact, colours, **how)) if damage else None
    capture = f"{seed_of('far', options.seed, number, 'name'):016x}"[:12]
    for view, (origin, _) in VIEWS.items():
        light, seen = looks(mi, scene, view, options.size, options.samples)
        camera = Camera(name=view, noise=(0.006, 0.012))
        gain = 1.3 * float(np.clip(1 + 0.05 * rng.normal(), 0.8, 1.2))
        rgb = developed(blur(light.astype(np.float32), 0.4), camera, rng, gain=gain, blur_px=0.7 * options.size / 256, noise=1.0)
        axis = np.asarray([0, 0, 20.0]) - origin
        depth = (seen[..., :3] - origin) @ (axis / np.linalg.norm(axis))
        depth = np.where(rng.random(depth.shape) < 0.003, 0, depth + 0.7 * rng.normal(size=depth.shape))
        name = f"{capture}-{view}"
        (options.folder / f"images/{name}.jpg").write_bytes(jpeg(rgb, 90))
        (options.folder / f"depth/{name}.png").write_bytes(png(np.clip(np.round(depth), 0, 65535).astype(np.uint16)))
        images.append({"id": len(images) + 1, "file_name": f"images/{name}.jpg", "width": options.size, "height": options.size})
        row = {
            "capture_id": capture,
            "view": view,
            "role": "reference" if role == "reference" else "query",
            "item_identifier": product.identifier,
            "image": f"images/{name}.jpg",
            "depth": f"depth/{name}.png",
            "depth_unit": "mm",
            "barcode": product.barcode,
            "camera": f"F-{view}",
            "item_material": product.material,
            "units": "1",
            "split": "" if role == "reference" else "test",
            "source": SOURCE,
        }
        rows.append(row)
        if before is not None:
            _, would = looks(mi, before, view, options.size, 0)
            mask = marked(seen, differs if kept is None else differs[kept]) | marked(would, differs)
            if mask.any():
                said = {"image_id": len(images), "category_id": DAMAGES.index(damage) + 1, "iscrowd": 0}
                said |= {"segmentation": runs(mask), "bbox": box(mask), "area": int(mask.sum())}
                annotations.append({"id": len(annotations) + 1, **said, "attributes": {"severity": round(severity, 4)}})
    truths.append(
        {
            "capture_id": capture,
            "role": "reference" if role == "reference" else "query",
            "product": product.identifier,
            "kind": product.kind,
            "version": "1",
            "printed": printed,
            "types": damage,
            "severities": f"{severity:.4f}" if damage else "",
            "forms": role if damage == "crush" else "",
            "on_product": "false" if damage else "",
            "decoys": role if role in {"sticker", "hand_shadow", "dim"} else "",
            "wrong_product": "false",
            "redesigned": "false",
            "seed": str(number),
        }
    )


def marked(seen: np.ndarray, differs: np.ndarray) -> np.ndarray:
    """Where a pixel shows a triangle that damage moved or took away."""
    triangle = np.round(seen[..., 4]).astype(int)
    here = (seen[..., 3] > 0.5) & (triangle >= 0) & (triangle < len(differs))
    return here & differs[np.clip(triangle, 0, len(differs) - 1)]


if __name__ == "__main__":
    raise SystemExit(main())
