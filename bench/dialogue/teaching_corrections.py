"""Fits where a self-correction begins, and says how well it tells it, against leaving the sentence as it is.

Corpus: Disfl-QA (CC BY 4.0), 8,182 questions with a correction that people put in, and the questions as they were meant; those whose
key hashes to an even number are fitted to, the others reported on. The rivals: the question as it is, all before the
correction dropped, and only the last word before it dropped.

    python bench/dialogue/teaching_corrections.py [--write]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.corrections import WEIGHTS, corrected, cut, features, names
from probatum.stats.bounds import clopper_pearson

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dialogue" / "disfl_qa"
RIDGE = 1.0


def pairs() -> list[tuple[str, str, bool]]:
    """Return (corrected question, meant question, whether it is reported on), normalised."""
    found = []
    for name in ("train", "dev"):
        for key, one in json.loads(gzip.decompress((DATA / f"{name}.json.gz").read_bytes())).items():
            report = hashlib.sha256(key.encode()).digest()[0] % 2 == 1
            found.append((normalised(one["disfluent"]), normalised(one["original"]), report))
    return found


def fit(seen: list[tuple[str, str]]) -> list[float]:
    """Fit the weights by penalised maximum likelihood to those that some place explains."""
    choices = []
    for said, meant in seen:
        found = cut(said)
        if found is None:
            continue
        texts = [" ".join([*found.before[:at], *found.after]) for at in range(len(found.before) + 1)]
        if meant in texts:
            choices.append((np.array(features(found)), texts.index(meant)))
    print(f"{len(choices):,} of {len(seen):,} are explained by some place, and fitted to")

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.5 * RIDGE * float(weights @ weights), RIDGE * weights
        for rows, taken in choices:
            score = rows @ weights
            chance = np.exp(score - score.max())
            chance /= chance.sum()
            total -= float(np.log(max(chance[taken], 1e-300)))
            slope = slope + rows.T @ chance - rows[taken]
        return total, slope

    return minimize(loss, np.zeros(len(names())), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x.round(3).tolist()


def main() -> None:
    """Fit, and print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--write", action="store_true", help="put the weights into the package")
    every = pairs()
    if asked.parse_args().write:
        weights = fit([(said, meant) for said, meant, report in every if not report])
        card = {"fitted to": "Disfl-QA (CC BY 4.0), questions whose key has an even SHA-256", "ridge": RIDGE}
        WEIGHTS.write_text(json.dumps({**card, "features": names(), "weights": weights}, indent=0) + "\n")

    def all_before(said: str) -> str:
        found = cut(said)
        return said if found is None else " ".join(found.after)

    def last_word(said: str) -> str:
        found = cut(said)
        return said if found is None else " ".join([*found.before[:-1], *found.after])

    for report in (False, True):
        part = [(said, meant) for said, meant, own in every if own == report]
        print(
            f"{'report' if report else 'development'}: {len(part):,} questions, {sum(cut(s) is not None for s, _ in part):,} with a phrase that is known"
        )
        ways: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("as it is", lambda said: said), ("all before dropped", all_before), ("one word dropped", last_word), ("corrected", corrected),
        )  # fmt: skip
        for name, way in ways:
            right = sum(way(said) == meant for said, meant in part)
            found = clopper_pearson(right, len(part))
            print(f"  {name}: exactly as meant {right / len(part):.3f} [{found.low:.3f}, {found.high:.3f}]")


if __name__ == "__main__":
    main()
