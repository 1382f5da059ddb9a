"""How long it takes to prove the largest gap between twins, against HiGHS on the same reduced problem.

Corpus: Adult (UCI; 32,561 rows, sex) and COMPAS (ProPublica; 7,214 rows, race), categories as whole numbers, in
`shared/data/fairness`; LightGBM with 100 trees of 15 leaves, seed 0, one thread. Rival: HiGHS through `scipy.optimize.milp`,
formulation of Kantchelian, Tygar, Joseph, "Evasion and hardening of tree ensemble classifiers", ICML 2016, over the pieces
that our reduction leaves. Processor seconds, reading the model included for us and excluded for HiGHS.

    python bench/fairness/certify.py [--data shared/data/fairness] [--no-highs]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from probatum.fairness.artefacts.models import read_model
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.model.certify.pieces import pieces_of
from probatum.fairness.model.certify.variables import variables_of
from probatum.fairness.recheck.twins import walk
from probatum.source import Source

ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race"),
    *("sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"),
]
COMPAS = [
    *("age", "sex", "race", "priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count", "c_charge_degree"),
]


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.apply(lambda column: column if column.dtype.kind in "if" else column.astype("category").cat.codes)


def tables(folder: Path) -> dict[str, tuple[pd.DataFrame, pd.Series, str]]:
    adult = pd.read_csv(folder / "adult/adult.data.gz", header=None, names=ADULT, skipinitialspace=True, na_values="?")
    compas = pd.read_csv(folder / "compas/compas-scores-two-years.deidentified.csv.gz")
    return {
        "adult": (coded(adult[ADULT[:-1]]), (adult.income == ">50K").astype(int), "sex"),
        "compas": (coded(compas[COMPAS]), compas.two_year_recid, "race"),
    }


def with_highs(question: Question, limit_s: float) -> tuple[float, float, str]:
    """Largest raw gap, processor seconds, and how it ended."""
    variables = variables_of(question.model, question.domain, question.twins)
    pieces = pieces_of(question.model, variables, gaps_only=True)
    starts = np.cumsum([0, *(len(v.cells) - 1 for v in variables.all)])
    many = int(starts[-1])
    rows: list[tuple[dict[int, float], float, float]] = []
    for v, variable in enumerate(variables.all):
        # At most the k-th cut: then at most the next.
        first = int(starts[v])
        rows.extend(({first + k: 1.0, first + k + 1: -1.0}, -np.inf, 0.0) for k in range(len(variable.cells) - 2))
    rows.extend(
        (dict.fromkeys((many + np.flatnonzero(pieces.tree == tree)).tolist(), 1.0), 1.0, 1.0) for tree in np.unique(pieces.tree)
    )
    for v, variable in enumerate(variables.all):
        for n, words in enumerate(pieces.cells[v]):
            bits = [k for k in range(len(variable.cells)) if int(words[k >> 6]) >> (k & 63) & 1]
            low, high = bits[0], bits[-1]
            if high < len(variable.cells) - 1:
                rows.append(({many + n: 1.0, int(starts[v]) + high: -1.0}, -np.inf, 0.0))
            if low > 0:
                rows.append(({many + n: 1.0, int(starts[v]) + low - 1: 1.0}, -np.inf, 1.0))
    matrix = lil_array((len(rows), many + len(pieces.tree)))
    for n, (entries, _, _) in enumerate(rows):
        for column, value in entries.items():
            matrix[n, column] = value
    began = time.process_time()
    found = milp(
        c=np.r_[np.zeros(many), -pieces.gap],
        constraints=LinearConstraint(matrix.tocsr(), [r[1] for r in rows], [r[2] for r in rows]),
        bounds=Bounds(0, 1),
        integrality=np.r_[np.ones(many), np.zeros(len(pieces.tree))],
        options={"time_limit": limit_s},
    )
    return (-found.fun if found.fun is not None else float("nan")), time.process_time() - began, found.message


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("shared/data/fairness"))
    parser.add_argument("--no-highs", action="store_true")
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--leaves", type=int, default=15)
    options = parser.parse_args()
    for name, (frame, label, protected) in tables(options.data).items():
        parameters = {
            "objective": "binary",
            "num_leaves": options.leaves,
            "verbose": -1,
            "seed": 0,
            "num_threads": 1,
            "deterministic": True,
        }
        booster = lightgbm.train(parameters, lightgbm.Dataset(frame, label), options.trees)
        text = booster.model_to_string().encode()
        domain = Domain(features={c: Range(float(frame[c].min()), float(frame[c].max()), True) for c in frame})
        for output in Output:
            began = time.process_time()
            source = Source("model.txt", text)
            question = Question(
                model=read_model(source), digest=source.digest, domain=domain, twins=Twins(vary=(protected,)), output=output
            )
            found = answer(question, enough=lambda low, high, output=output: output is Output.DECISION and (low >= 0 or high < 0))
            spent = time.process_time() - began
            print(
                f"{name} {output.value}: {found.lower:.6g} to {found.upper:.6g}, {found.parts} parts, {spent:.2f} CPU-s", end=""
            )
            rows = [[person[c] for c in frame] for person in found.pair]
            print(f"; the library says {booster.predict(np.array(rows))}", end="")
            if output is not Output.DECISION:
                began = time.process_time()
                said = walk(question.model, found.certificate, found.upper)
                print(
                    f"; cover of {len(found.certificate['cover'])} entries {said.status} in {time.process_time() - began:.2f} CPU-s",
                    end="",
                )
            print(flush=True)
            if output is Output.RAW and not options.no_highs:
                value, seconds, message = with_highs(question, 300)
                print(f"{name} raw, HiGHS on the reduced problem: {value:.6g}, {seconds:.1f} CPU-s ({message})", flush=True)


if __name__ == "__main__":
    main()
