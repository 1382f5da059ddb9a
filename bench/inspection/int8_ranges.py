"""Which values layers of the embedded network have: the ranges of `probatum.infer.vision.lite0_int8`.

Corpus: photos of a folder, cut to their middle square, and cutouts of the synthetic booth of seeds 101 and 102, all at 224 x 224. A range goes from the least to the greatest
of all values but one in 100,000 at either end.

    python bench/inspection/int8_ranges.py FOLDER [--photos 200] [--items 40]
"""

from __future__ import annotations

import argparse
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from probatum.infer.vision import embedded, tensor_file
from probatum.infer.vision.backbone import prepared
from probatum.infer.vision.lite0 import Graph, lite0
from probatum.inspection.artefacts.picture import Picture, open_picture
from probatum.inspection.semantics.looked import Cutout, cutout
from probatum.inspection.semantics.looks import fitted
from probatum.synth.inspection.parameters import Parameters
from probatum.synth.inspection.stream import Booth

SIDE = 224
RARE = 1e-5


def pictures(folder: Path, photos: int, items: int) -> Iterator[np.ndarray]:
    paths = sorted((path for path in folder.rglob("*.jpg")), key=lambda path: hashlib.sha256(path.name.encode()).digest())
    for path in paths[:photos]:
        seen = open_picture(path)
        if isinstance(seen, Picture):
            side = min(seen.rgb.shape[:2])
            top, left = ((length - side) // 2 for length in seen.rgb.shape[:2])
            yield fitted(np.ascontiguousarray(seen.rgb[top : top + side, left : left + side]), SIDE)
    for seed in (101, 102):
        booth = Booth(Parameters(seed=seed, items=items))
        for item in booth.items():
            for view in booth.photograph(item):
                found = cutout(view.rgb, mm=np.where(view.depth > 0, view.depth, np.nan).astype(np.float32))
                if isinstance(found, Cutout):
                    yield found.rgb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--items", type=int, default=40)
    told = parser.parse_args()
    made: list[Graph] = []

    def graph(tensors: dict[str, np.ndarray]) -> Graph:
        made.append(Graph(tensors))
        return made[0]

    network = onnx.load_from_string(lite0(tensor_file.read_tensors(embedded._weights()), graph=graph))  # noqa: SLF001 - the same file
    layers = made[0].unbounded
    network.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 4) for name in layers.values())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network.SerializeToString(), options, providers=["CPUExecutionProvider"])
    low, high = defaultdict(list), defaultdict(list)
    many = 0
    for picture in pictures(told.folder, told.photos, told.items):
        many += 1
        found = session.run(list(layers.values()), {"picture": prepared([picture], mean=embedded.MEAN, scale=embedded.SCALE)})
        for name, values in zip(layers, found, strict=True):
            few = np.partition(values.ravel(), [20, values.size - 21])
            low[name].append(few[:20])
            high[name].append(few[-20:])
            low[name, "n"].append(values.size)
    print(f"{many} pictures")
    for name in layers:
        rare = min(20 * many - 1, int(RARE * sum(low[name, "n"])))
        least, most = np.sort(np.concatenate(low[name]))[rare], np.sort(np.concatenate(high[name]))[-1 - rare]
        print(f'    "{name}": ({min(least, 0):.3g}, {max(most, 0):.3g}),')


if __name__ == "__main__":
    main()
