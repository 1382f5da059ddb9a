"""How well the failing stage is told on logs of another assistant than those that were learnt from; and the head that is shipped.

Learnt from: logs of one simulated assistant (grammar or classifier), three worlds of 10 users and 14 days for each of ten seeds, in one of which
people and recogniser are drawn (`stages_worlds.py`). Scored on: another world of the same assistant, one of the other assistant (seeds from 5,000; none was looked at before), and the report half of SLURP, which was
scored twice before this head was made (there is no part that was not). Labels are those of definition B. All rivals learn from the same turns: each as it is
logged, with kinds of signs left out, and as a log shows it that has only what was understood by two devices.

    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages_transfer.py [--seeds 10] [--write]

Rivals: gradient boosting (lightgbm) on the signs as numbers, with weights of classes; and a threshold on the least confidence of a stage, which
then is the one that failed. Macro F1, of the labels that occur in what is scored; each of them says the likeliest of SLURP's four labels there, which are known to be
all that it has. Intervals are Student's over seeds and, for SLURP, a bootstrap by sentence and seed (1,000 draws).
With --write, the head is fitted to the logs of both assistants and the first three seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from stage_numbers import numbers
from stages import development, f1, interval
from stages_simulated import Kind, Told, least_sure, simulated
from stages_slurp import LABELS, recordings
from stages_worlds import varied

from probatum.dialogue.fit import stage_trees
from probatum.dialogue.fit.stage_head import fit
from probatum.dialogue.fit.stage_hidden import hidden, meanings
from probatum.dialogue.semantics.rephrases import HEADS as SHIPPED
from probatum.dialogue.semantics.stage_head import StageHead
from probatum.dialogue.semantics.stage_numbers import numbers as portable
from probatum.dialogue.semantics.stage_signs import Seen
from probatum.synth.dialogue.parameters import Parameters

KINDS: tuple[Kind, ...] = ("grammar", "classifier")
ALL = ("correct", "out of capability", "recognition", "resolution", "result", "understanding", "wake")
WORLDS = 3
USERS = 10
SEEDS = 3  # whose logs the head that is shipped is fitted to
SHOWN = 2  # other worlds of each assistant, in which it is shown how often it is right
SURE = 0.8  # of the head that is shipped: other logs are not like those it was fitted to
Turns = tuple[list[Seen], list[str], list[str]]  # what is seen, labels, groups
Rival = Callable[["Rows"], NDArray[np.float64]]  # scores of `ALL`


class Rows:
    """Turns, and their numbers as each rival sees them."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self.portable = portable(seen)
        self.plain = numbers(seen)


def world(seed: int, kind: Kind) -> Parameters:
    """Return a simulated world as it is by itself."""
    return Parameters(seed=seed, users=USERS, days=14, understanding=kind)


def learnt(seed: int, kind: Kind) -> Turns:
    """Return what is learnt from: the turns of some worlds, three times."""
    worlds = [world(1000 + WORLDS * seed + n, kind) for n in range(WORLDS)]
    told = [one for own in (*worlds[:-1], varied(worlds[-1])) for one in simulated(own)]
    seen = [one.seen for one in told]
    shown = [*seen, *hidden(seen, seed=seed), *meanings(seen, [one.again for one in told], seed=seed)]
    return shown, [one.least for one in told] * 3, [one.user for one in told] * 3


def headed(turns: Turns) -> Rival:
    """Return the trees of the head; how sure it must be to speak plays no part."""
    names = sorted(set(turns[1]))
    trees = stage_trees.boosted(portable(turns[0]), np.array([names.index(label) for label in turns[1]]), len(names))
    return lambda rows: _placed(trees.logits(rows.portable), names)


def boosted(turns: Turns) -> Rival:
    """Return gradient boosting on signs as numbers."""
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=150, learning_rate=0.05, n_jobs=1, verbose=-1, class_weight="balanced", random_state=0)
    model.fit(numbers(turns[0]), np.array(turns[1]))
    return lambda rows: _placed(np.log(np.maximum(np.asarray(model.predict_proba(rows.plain)), 1e-9)), tuple(model.classes_))


def thresholded(turns: Turns) -> Rival:
    """Return the threshold on confidence that is best on what is learnt from."""
    gold = np.array([ALL.index(label) for label in turns[1]])
    sure = [least_sure(one) for one in turns[0]]

    def below(limit: float, said: Sequence[tuple[str, float]]) -> NDArray[np.float64]:
        return np.eye(len(ALL))[[ALL.index(stage if value < limit else "correct") for stage, value in said]]

    best = max(np.linspace(0, 1, 11), key=lambda limit: f1(gold, below(float(limit), sure).argmax(axis=1), len(ALL)).mean())
    return lambda rows: below(float(best), [least_sure(one) for one in rows.seen])


def _placed(scores: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float64]:
    out = np.full((len(scores), len(ALL)), -np.inf)
    out[:, [ALL.index(label) for label in labels]] = scores
    return out


RIVALS = {"head": headed, "boosting": boosted, "threshold": thresholded}


def said(rival: Rival, rows: Rows, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the likeliest of some labels for each turn, by its place among them."""
    return rival(rows)[:, [ALL.index(label) for label in labels]].argmax(axis=1)


def transfer(seeds: int, *, keep: bool) -> None:
    """Print macro F1 of what learnt from one simulated assistant on others, and on SLURP; with `keep`, write the head."""
    every: list[Turns] = []
    rows = [row for row in recordings() if not development(row)]
    heard, sentences = Rows([row.seen for row in rows]), [row.sentence for row in rows]
    gold = np.array([LABELS.index(row.label) for row in rows])
    values: dict[tuple[str, str, str], list[NDArray[np.float64]]] = {}
    answers: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
    for seed in range(seeds):
        tests = {kind: tested(simulated(world(5000 + seed, kind))) for kind in KINDS}
        for source in KINDS:
            turns = learnt(seed, source)
            every.append(turns)
            for name, made in RIVALS.items():
                rival = made(turns)
                for target, (own, true) in tests.items():
                    values.setdefault((source, target, name), []).append(scored(rival, own, true))
                answers.setdefault((source, name), []).append(said(rival, heard, LABELS))
        print("seed", seed, flush=True)
        for (source, target, name), own in values.items():
            print(f"  {source} on {target}, {name}: {own[-1].mean():.3f}", flush=True)
        for (source, name), told in answers.items():
            print(f"  {source} on SLURP, {name}: {f1(gold, told[-1], len(LABELS)).mean():.3f}", flush=True)
        if keep and seed + 1 == SEEDS:
            ship(every)
    for source in KINDS:
        for target in KINDS:
            print(f"fitted to {source}, on {target}: {', '.join(ALL)}")
            first = np.array([one.mean() for one in values[source, target, "head"]])
            for name in RIVALS:
                own = np.array(values[source, target, name])
                shown = f"  head better by {over(first - own.mean(axis=1))}" if name != "head" else ""
                print(f"  {name:<10} {over(own.mean(axis=1))}  {own.mean(axis=0).round(3)}{shown}", flush=True)
        print(f"fitted to {source}, on SLURP, {len(rows)} recordings: {', '.join(LABELS)}")
        bounds = interval(gold, [answers[source, name] for name in RIVALS], sentences, len(LABELS))
        for n, name in enumerate(RIVALS):
            own = np.mean([f1(gold, one, len(LABELS)) for one in answers[source, name]], axis=0)
            less = bounds[len(RIVALS) + n - 1]
            shown = f"  head better by [{less[0]:.3f}, {less[1]:.3f}]" if n else ""
            print(f"  {name:<10} {own.mean():.3f} [{bounds[n][0]:.3f}, {bounds[n][1]:.3f}]  {own.round(3)}{shown}", flush=True)


def tested(told: Sequence[Told]) -> tuple[Rows, NDArray[np.int64]]:
    """Return turns and their labels, by place in `ALL`."""
    return Rows([one.seen for one in told]), np.array([ALL.index(one.least) for one in told])


def scored(rival: Rival, rows: Rows, gold: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 of each label on a simulated log."""
    return f1(gold, said(rival, rows, ALL), len(ALL))


def over(values: NDArray[np.float64]) -> str:
    """Return the mean over seeds, and its interval."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{values.mean():.3f} [{values.mean() - half:.3f}, {values.mean() + half:.3f}]"


def ship(every: Sequence[Turns]) -> None:
    """Write the head, and print how often it is right where it speaks."""
    seen, labels, groups = ([one for turns in every for one in turns[part]] for part in range(3))
    card = {
        "fitted_to": f"{len(every) * WORLDS} logs of the simulator, seeds from 1000, {USERS} users each, of two assistants",
        "labels": "definition B, of the sealed truth",
        "turns": len(seen) // 3,
        "not_fitted_to": "any real log",
    }
    head = fit(seen, labels, groups, portable=True, card=card)
    head = replace(head, threshold=max(head.threshold, SURE))
    path = SHIPPED["letters"].parent / "stages.json"
    path.write_text(head.to_json(), encoding="utf-8")
    print(path.name, path.stat().st_size, head.card, "threshold", head.threshold)
    for kind in KINDS:
        told = [one for seed in range(SHOWN) for one in simulated(world(6000 + seed, kind))]
        _speaks(head, f"{kind}, seeds from 6000", [one.seen for one in told], [one.least for one in told])
    rows = [row for row in recordings() if not development(row)]
    _speaks(head, "SLURP", [row.seen for row in rows], [row.label for row in rows])


def _speaks(head: StageHead, name: str, seen: Sequence[Seen], labels: Sequence[str]) -> None:
    given = [(one, label) for (one, _), label in zip(head.decide(seen), labels, strict=True) if one != "unknown"]
    wrong = [(one, label) for one, label in given if one != "correct"]
    right, stages = (sum(one == label for one, label in part) / max(1, len(part)) for part in (given, wrong))
    print(f"  {name}: says {len(given)} of {len(labels)}, {right:.3f} right; other than correct {len(wrong)}, {stages:.3f} right")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--write", action="store_true", help="Write the head that is shipped, fitted to the logs of the first seeds."
    )
    asked = parser.parse_args()
    transfer(asked.seeds, keep=asked.write)
