"""How well the failing stage is told without replay on SLURP's recordings, on simulated logs, and from one to the other; and by replay.

Corpus: SLURP's 12,393 test recordings with replay labels (`stages_slurp.py` says what is a sign and what is not), and logs of the simulator
with its sealed truth. Sentences of even hash are the development part, on which what is written as a constant here and in
`stage_head.fit` was chosen; reported are the others, by five-fold cross-validation grouped by sentence, with 95 % intervals from a bootstrap
by sentence (1,000 draws). The seed of all chance is 0, and 1,000 and up for simulated worlds.

    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages.py slurp [--development]
    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages.py transfer [--users 40] [--seeds 2] [--write]
    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages.py replay [--users 25] [--seeds 2]

Rivals: a threshold on confidence (SLURP's logs have none, so it is the share of turns of the same intent that were correct, which the
training folds tell; on simulated logs, the least confidence of a stage, which then is the one that failed), and gradient boosting (lightgbm)
on the same signs as numbers, with weights of classes, which did better in development.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from stage_numbers import numbers
from stages_simulated import Kind, least_sure, replayed, simulated
from stages_slurp import LABELS, Recording, own_numbers, recordings

from probatum.dialogue.fit.stage_head import fit, hidden
from probatum.dialogue.semantics.rephrases import HEADS as SHIPPED
from probatum.dialogue.semantics.stage_signs import Seen

FOLDS = 5
SURE = 0.8  # of the head that is shipped: other logs are not like those it was fitted to
WORDS_DECAY = 30.0  # of 1, 3 and 30 the best in development
PORTABLE_DECAY = 5.0  # there are fewer portable signs; not chosen on what is reported
HEADS = SHIPPED["letters"].parent


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
    gold: NDArray[np.int64], found: Sequence[NDArray[np.int64]], groups: Sequence[str], many: int
) -> list[tuple[float, float]]:
    """Return intervals of macro F1 of each of some answers, and of the differences of the first to each other one."""
    names = {name: n for n, name in enumerate(dict.fromkeys(groups))}
    at = np.array([names[name] for name in groups])
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(1000):
        weight = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))[at].astype(float)
        drawn.append([f1(gold, one, many, weight).mean() for one in found])
    values = np.array(drawn)
    every = [*values.T, *(values[:, 0] - one for one in values[:, 1:].T)]
    return [(float(np.quantile(one, 0.025)), float(np.quantile(one, 0.975))) for one in every]


def folded(rows: Sequence[Recording], answer: Callable[[list[int], list[int]], NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the answers to each fold of what learns from the others."""
    fold = [int(hashlib.md5(row.sentence.encode()).hexdigest(), 16) % FOLDS for row in rows]  # noqa: S324 - only spreads
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


def slurp(parts: Sequence[bool]) -> None:
    """Print F1 on the development (True) or the report part of SLURP."""
    every = recordings()
    print("recordings", len(every), dict(Counter(row.label for row in every)))
    for part in parts:
        rows = [row for row in every if development(row) == part]
        y = np.array([LABELS.index(row.label) for row in rows])
        seen = [row.seen for row in rows]
        x = np.hstack([own_numbers(seen), numbers(seen)])
        answers = {"head": folded(rows, headed(rows))}
        answers |= {
            "boosting": folded(rows, boosted(x, y)),
            "threshold": folded(rows, thresholded(rows, y)),
            "most frequent": np.zeros(len(rows), dtype=int),
        }
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
            own = f1(y, found, len(LABELS))
            less = (
                ""
                if not n
                else f"  head better by [{bounds[len(answers) + n - 1][0]:.3f}, {bounds[len(answers) + n - 1][1]:.3f}]"
            )
            print(f"  {what:<20} {own.mean():.3f} [{bounds[n][0]:.3f}, {bounds[n][1]:.3f}]  {own.round(3)}{less}", flush=True)


def scored(name: str, gold: Sequence[str], found: Sequence[str], groups: Sequence[str], labels: Sequence[str]) -> None:
    """Print macro F1 over some labels, with its interval, and F1 of each; other answers are wrong."""
    y = np.array([labels.index(one) for one in gold])
    told = np.array([labels.index(one) if one in labels else -1 for one in found])
    [(low, high)] = interval(y, [told], groups, len(labels))
    own = f1(y, told, len(labels))
    shown = ", ".join(f"{label} {value:.3f}" for label, value in zip(labels, own, strict=True))
    print(f"  {name:<34} {own.mean():.3f} [{low:.3f}, {high:.3f}]  {shown}", flush=True)


def transfer(users: int, seeds: int, *, keep: bool) -> None:
    """Print F1 of what was fitted to one simulated assistant on the other one, and on SLURP, by definition B."""
    logs = {
        kind: [one for seed in range(seeds) for one in simulated(1000 + seed, users, kind)] for kind in ("grammar", "classifier")
    }
    corpora: dict[str, list[tuple[Seen, str, str]]] = {
        kind: [(one.seen, one.least, one.user) for one in told] for kind, told in logs.items()
    }
    held = {kind: [(o.seen, o.least, o.user) for o in simulated(2000, users, kind)] for kind in ("grammar", "classifier")}
    held["SLURP"] = [(row.seen, row.label, row.sentence) for row in recordings() if not development(row)]
    for source, rows in corpora.items():
        print("fitted to", source, len(rows), dict(Counter(label for _, label, _ in rows)))
        seen, gold, groups = (list(part) for part in zip(*rows, strict=True))
        seen, gold, groups = [*seen, *hidden(seen, seed=0)], [*gold, *gold], [*groups, *groups]
        head = fit(seen, gold, groups, portable=True, decay=PORTABLE_DECAY)
        names = sorted(set(gold))
        model = _trees(numbers(seen), np.array([names.index(one) for one in gold]))
        for target, tested in held.items():
            shown, true, units = (list(part) for part in zip(*tested, strict=True))
            labels = sorted(set(true))
            if target == "SLURP" and set(labels) != set(LABELS):
                raise ValueError("SLURP has other labels")
            print(" on", target, len(true), dict(Counter(true)))
            scored("head", true, [head.labels[at] for at in head.evidence(shown).argmax(axis=1)], units, labels)
            scored("boosting", true, [names[at] for at in model(numbers(shown))], units, labels)
            sure = [least_sure(one) for one in shown]
            best = max(np.linspace(0, 1, 11), key=lambda limit: _threshold_f1(seen, gold, names, float(limit)))
            scored("threshold", true, [stage if value < best else "correct" for stage, value in sure], units, labels)
            scored("most frequent", true, ["correct"] * len(true), units, labels)
            given = head.decide(shown)
            kept = [(one, label) for (one, _), label in zip(given, true, strict=True) if one != "unknown"]
            right = sum(one == label for one, label in kept)
            print(f"    above its threshold {head.threshold:g}: {len(kept)} labels, {right / max(1, len(kept)):.3f} right")
    if keep:
        rows = [*corpora["grammar"], *corpora["classifier"]]
        seen, gold, groups = (list(part) for part in zip(*rows, strict=True))
        card = {
            "fitted_to": f"logs of the simulator: {seeds} seeds from 1000 of {users} users, with two assistants",
            "labels": "definition B, of the sealed truth",
            "turns": len(rows),
            "not_fitted_to": "any real log",
        }
        seen, gold, groups = [*seen, *hidden(seen, seed=0)], [*gold, *gold], [*groups, *groups]
        path = HEADS / "stages.json"
        head = fit(seen, gold, groups, portable=True, decay=PORTABLE_DECAY, card=card)
        path.write_text(replace(head, threshold=max(head.threshold, SURE)).to_json(), encoding="utf-8")
        print(path.name, path.stat().st_size)


def _trees(x: NDArray[np.float64], y: NDArray[np.int64]) -> Callable[[NDArray[np.float64]], NDArray[np.int64]]:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=150, learning_rate=0.05, n_jobs=1, verbose=-1, class_weight="balanced", random_state=0)
    model.fit(x, y)
    return lambda other: np.asarray(model.predict_proba(other)).argmax(axis=1)


def _threshold_f1(seen: Sequence[Seen], gold: Sequence[str], names: Sequence[str], limit: float) -> float:
    found = [stage if value < limit else "correct" for stage, value in map(least_sure, seen)]
    y = np.array([names.index(one) for one in gold])
    return float(f1(y, np.array([names.index(one) if one in names else -1 for one in found]), len(names)).mean())


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
    parser.add_argument("what", choices=("slurp", "transfer", "replay"))
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--development", action="store_true", help="The part of SLURP on which things are chosen.")
    parser.add_argument("--write", action="store_true", help="Write the head that is shipped.")
    asked = parser.parse_args()
    if asked.what == "slurp":
        slurp([asked.development])
    elif asked.what == "transfer":
        transfer(asked.users, asked.seeds, keep=asked.write)
    else:
        by_replay(asked.users, asked.seeds)
