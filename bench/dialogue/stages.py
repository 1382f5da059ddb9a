"""How well the failing stage is told without replay on SLURP's recordings, and by replay on simulated worlds. From one log to another: `stages_transfer.py`.

Corpus: SLURP's 12,393 test recordings with replay labels (`stages_slurp.py` says what is a sign and what is not), and logs of the simulator
with its sealed truth. Sentences of even hash are the development part, on which what is written as a constant here, in `stage_head` and in its
fit was chosen; reported are the others, by five-fold cross-validation grouped by sentence, with as many assignments to folds as --seeds,
and 95 % intervals from a bootstrap by sentence and seed (1,000 draws). SLURP has no part that was never reported on: the half that is
reported here was scored twice before this head was made.

    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages.py slurp [--development] [--seeds 10]
    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages.py replay [--users 25] [--seeds 2]

Rivals: a threshold on confidence (SLURP's logs have none, so it is the share of turns of the same intent that were correct, which the
training folds tell), and gradient boosting (lightgbm) on the signs as numbers, with weights of classes, which did better in development.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from stage_numbers import numbers
from stages_simulated import Kind, replayed
from stages_slurp import LABELS, Recording, own_numbers, recordings

from probatum.dialogue.fit.stage_head import fit

FOLDS = 5
WORDS_DECAY = 30.0  # of 1, 3 and 30 the best in development


def f1(
    gold: NDArray[np.int64], found: NDArray[np.int64], many: int, weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return F1 of each class; what is not told (-1) is missed."""
    w = np.ones(len(gold)) if weight is None else weight
    out = np.zeros(many)
    for k in range(many):
        hit = w[(gold == k) & (found == k)].sum()
        every = w[gold == k].sum() + w[found == k].sum()
        out[k] = 2 * hit / every if every else 0.0
    return out


def interval(
    gold: NDArray[np.int64], found: Sequence[Sequence[NDArray[np.int64]]], groups: Sequence[str], many: int
) -> list[tuple[float, float]]:
    """Return intervals of macro F1 of some ways to answer, each with its answers for each seed, and of the first less each other one."""
    names = {name: n for n, name in enumerate(dict.fromkeys(groups))}
    at = np.array([names[name] for name in groups])
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(1000):
        weight = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))[at].astype(float)
        seed = random.integers(len(found[0]))
        drawn.append([f1(gold, one[seed], many, weight).mean() for one in found])
    values = np.array(drawn)
    every = [*values.T, *(values[:, 0] - one for one in values[:, 1:].T)]
    return [(float(np.quantile(one, 0.025)), float(np.quantile(one, 0.975))) for one in every]


def folded(
    rows: Sequence[Recording], answer: Callable[[list[int], list[int]], NDArray[np.int64]], seed: int
) -> NDArray[np.int64]:
    """Return the answers to each fold of what learns from the others."""
    fold = [int(hashlib.md5(f"{seed} {row.sentence}".encode()).hexdigest(), 16) % FOLDS for row in rows]  # noqa: S324 - only spreads
    out = np.full(len(rows), -1)
    for n in range(FOLDS):
        test = [at for at, own in enumerate(fold) if own == n]
        out[test] = answer([at for at, own in enumerate(fold) if own != n], test)
    return out


def boosted(x: NDArray[np.float64], y: NDArray[np.int64]) -> Callable[[list[int], list[int]], NDArray[np.int64]]:
    """Return gradient boosting on numbers; the first column is a category."""
    from lightgbm import LGBMClassifier

    def answer(train: list[int], test: list[int]) -> NDArray[np.int64]:
        model = LGBMClassifier(
            n_estimators=150,
            learning_rate=0.05,
            min_child_samples=10,
            n_jobs=1,
            verbose=-1,
            class_weight="balanced",
            random_state=0,
        )
        model.fit(x[train], y[train], categorical_feature=[0])
        return np.asarray(model.predict_proba(x[test])).argmax(axis=1)

    return answer


def thresholded(rows: Sequence[Recording], y: NDArray[np.int64]) -> Callable[[list[int], list[int]], NDArray[np.int64]]:
    """Return two thresholds on how often the same intent was correct: below the second, and below the first, another stage failed."""

    def answer(train: list[int], test: list[int]) -> NDArray[np.int64]:
        told: dict[str, list[int]] = defaultdict(lambda: [1, 2])
        for at in train:
            own = told[rows[at].seen.intent]
            own[0] += int(y[at] == 0)
            own[1] += 1
        sure = np.array([told[row.seen.intent][0] / told[row.seen.intent][1] for row in rows])
        best, chosen = -1.0, np.zeros(len(rows), dtype=int)
        grid = np.quantile(sure[train], np.linspace(0, 1, 9))
        for (low, high), stages in product(product(grid, grid), product((1, 2, 3), repeat=2)):
            if low <= high:
                guess = np.where(sure < low, stages[0], np.where(sure < high, stages[1], 0))
                value = f1(y[train], guess[train], len(LABELS)).mean()
                if value > best:
                    best, chosen = value, guess
        return np.asarray(chosen[test])

    return answer


def headed(rows: Sequence[Recording]) -> Callable[[list[int], list[int]], NDArray[np.int64]]:
    """Return the head: what it speaks most for, without a threshold, so that nothing is left out of F1."""

    def answer(train: list[int], test: list[int]) -> NDArray[np.int64]:
        head = fit(
            [rows[at].seen for at in train], [rows[at].label for at in train], [rows[at].sentence for at in train], portable=False,
            decay=WORDS_DECAY,
        )  # fmt: skip  # one line of what it learns from
        chosen = head.evidence([rows[at].seen for at in test]).argmax(axis=1)
        return np.array([LABELS.index(head.labels[at]) for at in chosen])

    return answer


def development(row: Recording) -> bool:
    """Return whether a recording is of the part on which things are chosen."""
    return hashlib.sha256(row.sentence.encode()).digest()[0] % 2 == 0


def slurp(parts: Sequence[bool], seeds: int) -> None:
    """Print F1 on the development (True) or the report part of SLURP."""
    every = recordings()
    print("recordings", len(every), dict(Counter(row.label for row in every)))
    for part in parts:
        rows = [row for row in every if development(row) == part]
        y = np.array([LABELS.index(row.label) for row in rows])
        seen = [row.seen for row in rows]
        x = np.hstack([own_numbers(seen), numbers(seen)])
        ways = {"head": headed(rows), "boosting": boosted(x, y), "threshold": thresholded(rows, y)}
        answers = {what: [folded(rows, way, seed) for seed in range(seeds)] for what, way in ways.items()}
        answers["most frequent"] = [np.zeros(len(rows), dtype=int)] * seeds
        print(
            "development" if part else "report",
            len(rows),
            "recordings of",
            len({row.sentence for row in rows}),
            "sentences",
            flush=True,
        )
        bounds = interval(y, list(answers.values()), [row.sentence for row in rows], len(LABELS))
        for n, (what, found) in enumerate(answers.items()):
            own = np.mean([f1(y, one, len(LABELS)) for one in found], axis=0)
            less = (
                ""
                if not n
                else f"  head better by [{bounds[len(answers) + n - 1][0]:.3f}, {bounds[len(answers) + n - 1][1]:.3f}]"
            )
            print(f"  {what:<20} {own.mean():.3f} [{bounds[n][0]:.3f}, {bounds[n][1]:.3f}]  {own.round(3)}{less}", flush=True)


def by_replay(users: int, seeds: int) -> None:
    """Print how often replay says what the sealed truth says."""
    kinds: tuple[Kind, ...] = ("grammar", "classifier")
    for kind, told in product(kinds, (True, False)):
        every = [one for seed in range(seeds) for one in replayed(3000 + seed, users, kind, told=told)]
        known = [(truth, found) for truth, found in every if "unknown" not in (found.stage, found.least)]
        first = sum(truth.first_unrepaired == found.stage for truth, found in known)
        least = sum(truth.least_repair == found.least for truth, found in known)
        print(
            f"{kind}, {'all told' if told else 'only words that work'}: {len(every)} failed, {len(known)} isolated, "
            f"definition A right {first / max(1, len(known)):.4f}, B {least / max(1, len(known)):.4f}",
            flush=True,
        )
        missed = Counter((truth.first_unrepaired, found.stage) for truth, found in known if truth.first_unrepaired != found.stage)
        missed_least = Counter((truth.least_repair, found.least) for truth, found in known if truth.least_repair != found.least)
        print("   ", dict(missed.most_common(5)), dict(missed_least.most_common(5)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("slurp", "replay"))
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--development", action="store_true", help="The part of SLURP on which things are chosen.")
    asked = parser.parse_args()
    if asked.what == "slurp":
        slurp([asked.development], asked.seeds)
    else:
        by_replay(asked.users, asked.seeds)
