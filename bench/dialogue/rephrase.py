"""How well rephrases are found, beside four baselines: `--write` also fits the heads that are shipped.

Corpus: windows put together from real text (`rephrase_corpus.py`, which says what is real and what is drawn). Everything is fitted, and every threshold
chosen, on the development split; every number is of the report split, which shares no intent and no dialogue with it.

    OMP_NUM_THREADS=1 python bench/dialogue/rephrase.py [--seeds 10] [--train 4000] [--windows 800] [--cache FILE] [--write]

The span head, which reads all tokens of a window, is fitted to the first 400 windows and measured on the first 40 of a seed, for its cost.

Rivals: cosine of sentence vectors; distance of sounds and a time rule; cosine of TF-IDF; a logistic regression on the pair of MiniLM
vectors. A seed draws which three quarters of the development windows are used, the beginnings of the weights, and all windows of the report. Intervals: Student's t over seeds, 95 %.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rephrase_span
from rephrase_corpus import DATA, Drawing, Example, read
from scipy.stats import t as student
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from probatum.dialogue.fit.rephrase_head import best_threshold, fit, hide
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import ALIKE, Features, features
from probatum.dialogue.semantics.rephrases import HEADS
from probatum.dialogue.semantics.similar import similar
from probatum.infer.cached import CachedVectors
from probatum.infer.minilm import encoder

BASELINES = ("cosine (MiniLM)", "sound and time", "TF-IDF", "pairwise MiniLM")
_TIMES_S = (5, 8, 12, 20, 30, 45, 60, 90, 120, 300)


def gold(examples: Sequence[Example]) -> Any:
    """Return whether each later request is a rephrase."""
    return np.array([one for example in examples for one in example.gold])


def since(examples: Sequence[Example]) -> Any:
    """Return the seconds between."""
    return np.array([later.since_s for example in examples for later in example.window.later])


def blind(seen: Features) -> Features:
    """Return the same without times and signs."""
    every = np.ones(len(seen.of), dtype=bool)
    both = hide(np.concatenate([seen.alike, seen.context], axis=1), every, every)
    return Features(seen.of, seen.source, seen.later, seen.alike, both[:, len(ALIKE) :])


def f1(found: Any, right: Any) -> float:
    """Return the harmonic mean of precision and recall."""
    return float(2 * (found & right).sum() / max(1, found.sum() + right.sum()))


def measures(scores: Any, threshold: float, examples: Sequence[Example]) -> dict[str, float]:
    """Return what is reported of one detector on the windows of one seed."""
    right = gold(examples)
    found = scores >= threshold
    out = {
        "F1": f1(found, right),
        "precision": float((found & right).sum() / max(1, found.sum())),
        "recall": float((found & right).sum() / max(1, right.sum())),
    }
    at, nulls, lasts = 0, [], []
    for example in examples:
        many = len(example.gold)
        said, true = found[at : at + many], right[at : at + many]
        if true.any():
            lasts.append(bool(said.any()) and int(np.flatnonzero(said)[-1]) == int(np.flatnonzero(true)[-1]))
        else:
            nulls.append(not said.any())
        at += many
    out["nothing found where there is nothing"] = float(np.mean(nulls))
    out["last rephrase right"] = float(np.mean(lasts))
    kinds = np.array([kind for example in examples for kind in example.kinds])
    for kind in sorted(set(kinds)):
        of = kinds == kind
        out[f"flagged: {kind}"] = float(found[of].mean())
    return out


def baselines(train: list[Example], report: list[Example], seen: tuple[Features, Features]) -> dict[str, tuple[Any, float]]:
    """Return scores on the report windows and a threshold chosen on the development windows, of each baseline."""
    right = gold(train)
    out: dict[str, tuple[Any, float]] = {}
    cosine = ALIKE.index("cosine")
    out["cosine (MiniLM)"] = (seen[1].alike[:, cosine], best_threshold(seen[0].alike[:, cosine].astype(float), right))
    sound = [one.alike[:, ALIKE.index("sound")].astype(float) for one in seen]
    best = (-1.0, 0.0, 0.0)
    for most in _TIMES_S:
        limited = np.where(since(train) <= most, sound[0], -1.0)
        threshold = best_threshold(limited, right)
        best = max(best, (f1(limited >= threshold, right), most, threshold))
    out["sound and time"] = (np.where(since(report) <= best[1], sound[1], -1.0), best[2])
    plain = TfidfVectorizer(analyzer=str.split)
    plain.fit([text for one in train for text in (one.window.text, *(later.text for later in one.window.later))])
    both = []
    for examples in (train, report):
        first = plain.transform([one.window.text for one in examples for _ in one.window.later])
        second = plain.transform([later.text for one in examples for later in one.window.later])
        both.append(np.asarray(first.multiply(second).sum(axis=1)).ravel())
    out["TF-IDF"] = (both[1], best_threshold(both[0], right))
    out["pairwise MiniLM"] = pairwise(seen, right)
    return out


def pairwise(seen: tuple[Features, Features], right: Any) -> tuple[Any, float]:
    """Return a logistic regression on both vectors, their products and differences, its strength and threshold chosen on a fifth."""
    x = [np.concatenate([a, b, np.abs(a - b), a * b], axis=1) * 10 for a, b in ((one.source, one.later) for one in seen)]
    rest = seen[0].of % 5 > 0
    best: tuple[float, Any, float] = (-1.0, None, 0.0)
    for strength in (0.003, 0.03):
        model = LogisticRegression(C=strength, max_iter=100).fit(x[0][rest], right[rest])
        own = model.decision_function(x[0][~rest])
        threshold = best_threshold(own, right[~rest])
        best = max(best, (f1(own >= threshold, right[~rest]), model, threshold), key=lambda one: one[0])
    return best[1].decision_function(x[1]), best[2]


def some(pool: list[Example], seen: Features, seed: int) -> tuple[list[Example], Features]:
    """Return three quarters of some windows, and what is seen of them."""
    used = np.sort(np.random.default_rng(seed).permutation(len(pool))[: 3 * len(pool) // 4])
    rows = np.flatnonzero(np.isin(seen.of, used))
    of = np.searchsorted(used, seen.of[rows])
    return [pool[at] for at in used], Features(of, *(part[rows] for part in (seen.source, seen.later, seen.alike, seen.context)))


def one_seed(
    seed: int,
    report: list[Example],
    makers: dict[str, Any],
    pool: tuple[list[Example], dict[str, Features]],
    *,
    spans: list[rephrase_span.Read],
) -> dict[str, dict[str, float]]:
    """Return the measures of every detector."""
    out: dict[str, dict[str, float]] = {}
    for name, maker in makers.items():
        train, own = some(pool[0], pool[1][name], seed)
        seen = (own, features([one.window for one in report], maker))
        if name == "MiniLM":
            for rival, (scores, threshold) in baselines(train, report, seen).items():
                out[rival] = measures(scores, threshold, report)
            plain = np.array([similar(one.window.text, later.text) for one in report for later in one.window.later], dtype=float)
            out["shared words and letters"] = measures(plain, 0.5, report)
            out |= span_head(seed, pool[0][: len(spans)], spans, report[:40], seen[1])
        head = fit(seen[0], gold(train), vectors=maker.digest, seed=seed, dense=name == "MiniLM")
        out[f"turn head, {name}"] = measures(head.probabilities(seen[1]), head.threshold, report)
        out[f"turn head, {name}, without times and signs"] = measures(
            head.probabilities(blind(seen[1])), head.blind_threshold, report
        )
    return out


def span_head(
    seed: int, pool: list[Example], spans: list[rephrase_span.Read], report: list[Example], seen: Features
) -> dict[str, dict[str, float]]:
    """Return the measures of the span head on a part of the report; a quarter of its windows choose the threshold."""
    order = np.random.default_rng(seed).permutation(len(pool)).tolist()
    test, train = order[: len(pool) // 4], order[len(pool) // 4 :]
    weights = rephrase_span.fit([spans[at] for at in train], [pool[at].gold for at in train])
    right = np.array([one for at in test for one in pool[at].gold])
    threshold = best_threshold(rephrase_span.scores([spans[at] for at in test], weights), right)
    scores = rephrase_span.scores(rephrase_span.read([one.window for one in report], seen, encoder()), weights)
    return {"span head, MiniLM": measures(scores, threshold, report)}


def interval(values: Sequence[float]) -> str:
    """Return the mean and its interval over seeds."""
    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    half = float(student.ppf(0.975, len(values) - 1)) * spread / len(values) ** 0.5
    return f"{mean:.3f} [{mean - half:.3f}, {mean + half:.3f}]"


def write(drawn: list[Example], makers: dict[str, Any], seeds: Sequence[dict[str, dict[str, float]]]) -> None:
    """Fit the heads that are shipped, to more windows of the development split, and write them with their cards."""
    # Without Topical-Chat, whose licence asks for its own terms where data are shared.
    train = [one for one in drawn if one.corpus != "Topical-Chat"]
    for name, maker in makers.items():
        reported: dict[str, list[float]] = defaultdict(list)
        for one in seeds:
            reported["F1"].append(one[f"turn head, {name}"]["F1"])
            reported["F1 without times and signs"].append(one[f"turn head, {name}, without times and signs"]["F1"])
        card = {
            "name": f"rephrases, {name}",
            "use": "which later request of the same user says a request again, in logs of assistants in English",
            "fitted_to": "windows drawn from the development split of bench/dialogue/rephrase_corpus.py",
            "texts": {
                "SLURP": "CC BY 4.0",
                "Home Assistant intents": "CC BY 4.0",
                "DSTC10 track 2": "Apache-2.0",
            },
            "windows": len(train),
            "seed": 1,
            "report": {what: f"{interval(values)}, {len(values)} seeds" for what, values in reported.items()},
            "limits": "windows were constructed: times, signs and how often there is a rephrase are drawn, not observed",
        }
        head = fit(
            features([one.window for one in train], maker),
            gold(train),
            vectors=maker.digest,
            seed=1,
            dense=name == "MiniLM",
            card=card,
        )
        HEADS[name.lower()].write_text(head.to_json(), encoding="utf-8")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--train", type=int, default=4000)
    options.add_argument("--windows", type=int, default=800)
    options.add_argument("--spans", type=int, default=400)
    options.add_argument("--cache", type=Path)
    options.add_argument("--json", type=Path)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"the texts are not in {DATA}; name their directory in PROBATUM_DIALOGUE_DATA")
    texts = read()
    makers: dict[str, Any] = {"MiniLM": CachedVectors(encoder(), chosen.cache), "letters": LetterVectors()}
    drawn = Drawing(texts[0], texts[2], 1).examples(chosen.train)
    pool = (drawn, {name: features([one.window for one in drawn], maker) for name, maker in makers.items()})
    makers["MiniLM"].save()
    spans = rephrase_span.read([one.window for one in drawn[: chosen.spans]], pool[1]["MiniLM"], encoder())
    print(f"{len(drawn)} windows for development", flush=True)
    found = []
    for seed in range(chosen.seeds):
        begin = time.process_time()
        report = Drawing(texts[1], texts[2], seed + 10_000).examples(chosen.windows)
        found.append(one_seed(seed, report, makers, pool, spans=spans))
        makers["MiniLM"].save()
        ours, best = found[-1]["turn head, MiniLM"]["F1"], max(found[-1][name]["F1"] for name in BASELINES)
        print(f"seed {seed}: {ours:.3f}, best baseline {best:.3f}, {time.process_time() - begin:.0f} CPU-s", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1))
    table(found)
    if chosen.write:
        write(drawn, makers, found)


def table(found: Sequence[dict[str, dict[str, float]]]) -> None:
    """Print everything, with intervals over seeds."""
    named: Callable[[str, str], list[float]] = lambda name, what: [one[name][what] for one in found]  # noqa: E731 - one use below
    for name in found[0]:
        print(f"\n{name}")
        for what in sorted(found[0][name], key=lambda w: (w.startswith("flagged"), w)):
            values = [one[name].get(what, float("nan")) for one in found]
            print(f"  {what:42} {interval(values)}")
    strongest = max(BASELINES, key=lambda name: float(np.mean(named(name, "F1"))))
    print(f"\nstrongest baseline: {strongest}")
    for ours in [name for name in found[0] if name.startswith("turn head")]:
        ratio = [a / b - 1 for a, b in zip(named(ours, "F1"), named(strongest, "F1"), strict=True)]
        print(f"  {ours}: relative F1 {interval(ratio)}")


if __name__ == "__main__":
    main()
