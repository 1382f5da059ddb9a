"""How long it takes to prove the largest gap between twins of a small network, against HiGHS.

Corpus: Adult (sex) and COMPAS (race) as in `certify.py`; `MLPClassifier` of scikit-learn on standardised columns, 60 epochs, seed
0, whose scaling is put into its first layer; inputs are whole numbers within their ranges. Rival: HiGHS through
`scipy.optimize.milp`, one binary variable for each ReLU that interval bounds leave open and each twin (Tjeng, Xiao, Tedrake,
"Evaluating robustness of neural networks with mixed integer programming", ICLR 2019), inputs whole, the same sum before the link.
One thread each; processor seconds.

    OMP_NUM_THREADS=1 python bench/fairness/networks.py [--data shared/data/fairness] [--limit 60] [--no-highs]
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from certify import tables
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from probatum.fairness.artefacts.models.model import Link, Network
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import walk

SHAPES = ((8,), (16,), (32,), (8, 8))


def trained(frame: pd.DataFrame, label: pd.Series, hidden: tuple[int, ...]) -> Network:
    scaler = StandardScaler().fit(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 60 epochs are not many
        network = MLPClassifier(hidden, max_iter=60, random_state=0).fit(scaler.transform(frame), label)
    first = network.coefs_[0] / scaler.scale_[:, None]
    matrices = [first, *network.coefs_[1:]]
    biases = [network.intercepts_[0] - scaler.mean_ @ first, *network.intercepts_[1:]]
    layers = tuple((tuple(map(tuple, w.T.tolist())), tuple(b.tolist())) for w, b in zip(matrices, biases, strict=True))
    return Network(features=tuple(frame.columns), layers=layers, link=Link.LOGISTIC)


def with_highs(network: Network, frame: pd.DataFrame, protected: str, limit_s: float) -> tuple[float, float, float, str]:
    """Largest raw gap found, what it is proved to be at most, processor seconds, and how it ended."""
    low, high = frame.min().to_numpy(float), frame.max().to_numpy(float)
    ends: list[tuple[float, float]] = []
    whole: list[int] = []
    rows: list[tuple[dict[int, float], float, float]] = []

    def variable(least: float, most: float, integral: int) -> int:
        ends.append((least, most))
        whole.append(integral)
        return len(ends) - 1

    first = [variable(a, b, 1) for a, b in zip(low, high, strict=True)]
    second = [variable(a, b, 1) if name == protected else own for name, a, b, own in zip(frame, low, high, first, strict=True)]
    cost: dict[int, float] = {}
    for sign, inputs in ((-1.0, first), (1.0, second)):
        values, least, most = inputs, low, high
        for weights, biases in network.layers[:-1]:
            w, b = np.array(weights), np.array(biases)
            up, down = np.maximum(w, 0), np.minimum(w, 0)
            least, most = up @ least + down @ most + b, up @ most + down @ least + b
            units = []
            for unit in range(len(b)):
                units.append(variable(0.0, max(float(most[unit]), 0.0), 0))
                if most[unit] <= 0:
                    continue
                row = {units[-1]: 1.0} | {v: -x for v, x in zip(values, w[unit], strict=True)}
                if least[unit] >= 0:
                    rows.append((row, b[unit], b[unit]))
                    continue
                on = variable(0.0, 1.0, 1)
                rows.append((row, b[unit], np.inf))
                rows.append((row | {on: -least[unit]}, -np.inf, b[unit] - least[unit]))
                rows.append(({units[-1]: 1.0, on: -most[unit]}, -np.inf, 0.0))
            values, least, most = units, np.maximum(least, 0), np.maximum(most, 0)
        for v, x in zip(values, network.layers[-1][0][0], strict=True):
            cost[v] = cost.get(v, 0.0) + sign * x
    matrix = lil_array((len(rows), len(ends)))
    for n, (entries, _, _) in enumerate(rows):
        for column, value in entries.items():
            matrix[n, column] = value
    began = time.process_time()
    found = milp(
        c=[cost.get(v, 0.0) for v in range(len(ends))],
        constraints=LinearConstraint(matrix.tocsr(), [r[1] for r in rows], [r[2] for r in rows]),
        bounds=Bounds(*map(list, zip(*ends, strict=True))),
        integrality=whole,
        options={"time_limit": limit_s},
    )
    value = -found.fun if found.fun is not None else float("nan")
    bound = -found.mip_dual_bound if found.mip_dual_bound is not None else float("nan")
    return value, bound, time.process_time() - began, found.message


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("shared/data/fairness"))
    parser.add_argument("--limit", type=float, default=60.0, help="processor seconds for us, seconds for HiGHS")
    parser.add_argument("--no-highs", action="store_true")
    options = parser.parse_args()
    for name, (coded, label, protected) in tables(options.data).items():
        frame = coded.astype(float)
        domain = Domain(features={c: Range(float(frame[c].min()), float(frame[c].max()), True) for c in frame})
        for shape in SHAPES:
            network = trained(frame, label, shape)
            for output in Output:
                question = Question(model=network, digest="0" * 64, domain=domain, twins=Twins(vary=(protected,)), output=output)
                began = time.process_time()

                def enough(low: float, high: float, began: float = began, output: Output = output) -> bool:
                    decided = output is Output.DECISION and (low >= 0 or high < 0)
                    return decided or time.process_time() - began > options.limit

                found = answer(question, enough=enough, most_parts=10**9)
                spent = time.process_time() - began
                print(f"{name} {shape} {output.value}: {found.lower:.6g} to {found.upper:.6g}", end="")
                print(f", {found.parts} parts, {spent:.2f} CPU-s", end="")
                if output is not Output.DECISION:
                    began = time.process_time()
                    said = walk(network, found.certificate, found.upper)
                    print(f"; cover {said.status} in {time.process_time() - began:.2f} CPU-s", end="")
                print(flush=True)
            if not options.no_highs:
                value, bound, seconds, message = with_highs(network, frame, protected, options.limit)
                print(f"{name} {shape} raw, HiGHS: {value:.6g} to {bound:.6g}, {seconds:.1f} CPU-s ({message})", flush=True)


if __name__ == "__main__":
    main()
