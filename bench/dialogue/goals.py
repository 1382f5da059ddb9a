"""Where goals begin in dialogues, and whether they are reached: dialogue models on SGD, against what needs no model.

Corpus: the development dialogues of Schema-Guided Dialogue (Rastogi et al., AAAI 2020), 2,098 of them; not part of the project: name
the folder with --data. A goal begins with a turn of the user in which the active intent changes; it is reached if the last that the
system notified of in it is a success. Dialogues are split by a hash of their number: three fifths to fit to and to choose
thresholds on, two fifths to report. Words and answers are all that models are shown: annotations are not.

Rivals: a change of domain words (words that are of one domain in the dialogues that are fitted to), similarity by TF-IDF to what was said
before, and features without words (`signals`). Nobody annotated twice, so nothing is said of people.

    OMP_NUM_THREADS=1 python bench/dialogue/goals.py --data FOLDER [--vectors FILE] [--seeds 3]

Without torch the network is left out, and said to be. --vectors keeps sentence vectors from run to run. Intervals are bootstrapped over
dialogues, models of several seeds are averaged first.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.fit import dialogue_logistic
from probatum.dialogue.fit.dialogue_examples import Example, unknown
from probatum.dialogue.fit.rephrase_head import best_threshold
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.dialogue_inputs import inputs
from probatum.dialogue.semantics.dialogues import Said, dialogues
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import Vectors
from probatum.infer import minilm
from probatum.infer.cached import CachedVectors

_DRAWS = 1000


@dataclass(frozen=True)
class Dialogue:
    """Turns of the user with their answers; where goals begin; of each turn whether its goal was reached (nan where nobody says)."""

    name: str
    said: list[Said]
    begins: NDArray[np.float32]
    success: NDArray[np.float32]
    domains: list[str]


def read(data: Path) -> list[Dialogue]:
    """Read the dialogues, through the importer and the sessions of the product."""
    with gzip.open(data / "sgd" / "dev_compact.jsonl.gz", "rt", encoding="utf-8") as file:
        raw = [json.loads(line) for line in file]
    gold = {one["id"]: _gold(one["turns"]) for one in raw}
    named = [
        (one["id"], Turn(conversation=one["id"], position=at // 2, text=one["turns"][at]["u"], response=one["turns"][at + 1]["u"], channel="chat", locale="en"))
        for one in raw
        for at in range(0, len(one["turns"]) - 1, 2)
    ]  # fmt: skip  # one list
    found: list[Dialogue] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "log.jsonl").write_text("".join(json.dumps(as_record(turn)) + "\n" for _, turn in named), encoding="utf-8")
        import_logs([LogFile("log.jsonl", folder / "log.jsonl")], folder / "tables", IMPORTERS, key=bytes(32))
        with stored(folder / "tables") as conversations:
            lines = {row["turn_id"]: row["line"] - 1 for row in conversations.sql("select turn_id, line from {turns}")}
            for session in dialogues(conversations, gap_s=1e9, window_s=1e9):
                own = named[lines[session[0].turn]][0]
                begins, success, domains = gold[own]
                found.append(Dialogue(own, session, begins[: len(session)], success[: len(session)], domains))
    return sorted(found, key=lambda one: one.name)


def _gold(turns: list[dict]) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    begins, goals, notified, domains = [], [], {}, []
    now, goal = None, -1
    for at in range(0, len(turns) - 1, 2):
        active = [(service, intent) for service, intent, _ in turns[at]["f"] if intent and intent != "NONE"]
        new = [one for one in active if one != now]
        begins.append(float(bool(new) or now is None))
        if new or now is None:
            now = new[-1] if new else ("", "")
            goal += 1
        goals.append(goal)
        domains.append(now[0].split("_")[0])
        for _, _, acts in turns[at + 1]["f"]:
            for act in acts:
                if act[0].startswith("NOTIFY"):
                    notified[goal] = float(act[0] == "NOTIFY_SUCCESS")
    success = [notified.get(goal, np.nan) for goal in goals]
    return np.array(begins, dtype=np.float32), np.array(success, dtype=np.float32), domains


def to_fit(name: str) -> bool:
    """Whether a dialogue is one of those that are fitted to."""
    return hashlib.sha256(name.encode()).digest()[0] % 5 < 3


def examples(of: Sequence[Dialogue], vectors: Vectors) -> list[Example]:
    """Return what models are fitted to."""
    seen = inputs([one.said for one in of], vectors)
    return [
        replace(unknown(one, dialogue.name), begins=np.where(np.arange(len(one)) == 0, np.nan, dialogue.begins).astype(np.float32), success=dialogue.success)
        for one, dialogue in zip(seen, of, strict=True)
    ]  # fmt: skip  # one list


class NoVectors:
    """Vectors that say nothing: what is left are features."""

    digest = "none"

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 4), dtype=np.float32)


Scores = tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]  # of a beginning, and of success, for each dialogue


def domain_words(fitted: Sequence[Dialogue], of: Sequence[Dialogue]) -> list[NDArray[np.float64]]:
    """Return 1 where the words of a turn are mostly of another domain than those of the last turn that had any."""
    counts: dict[str, Counter[str]] = {}
    for one in fitted:
        for said, domain in zip(one.said, one.domains, strict=True):
            for word in set(said.text.split()):
                counts.setdefault(word, Counter())[domain] += 1
    of_one = {
        w: c.most_common(1)[0][0]
        for w, c in counts.items()
        if sum(c.values()) >= 10 and c.most_common(1)[0][1] >= 0.8 * sum(c.values())
    }
    found = []
    for one in of:
        now, row = "", []
        for said in one.said:
            words = Counter(of_one[word] for word in said.text.split() if word in of_one)
            new = words.most_common(1)[0][0] if words else now
            row.append(float(bool(now) and new != now))
            now = new
        found.append(np.array(row))
    return found


def tf_idf(fitted: Sequence[Dialogue], of: Sequence[Dialogue]) -> list[NDArray[np.float64]]:
    """Return how unlike the words of a turn are to those of the two turns before and their answers."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    maker = TfidfVectorizer().fit([said.text for one in fitted for said in one.said])
    found = []
    for one in of:
        now = maker.transform([said.text for said in one.said])
        before = maker.transform(
            [" ".join(f"{s.text} {s.answer}" for s in one.said[max(0, at - 2) : at]) for at in range(len(one.said))]
        )
        found.append(1 - np.asarray(now.multiply(before).sum(axis=1)).ravel())
    return found


def judged(model: object, of: Sequence[Example]) -> Scores:
    """Return what a model says."""
    found = model.judge([one.session for one in of])  # type: ignore[attr-defined]  # either model
    return [one.begins for one in found], [one.success for one in found]


class Report:
    """Measures on dialogues, and on draws of them."""

    def __init__(self, of: Sequence[Dialogue]) -> None:
        self.of = of
        segments = [int(one.begins[1:].sum()) + 1 for one in of]
        self.k = max(2, round(sum(len(one.begins) for one in of) / sum(segments) / 2))
        random = np.random.default_rng(0)
        self.draws = [np.arange(len(of)), *(random.integers(0, len(of), len(of)) for _ in range(_DRAWS))]

    def boundaries(self, scores: Sequence[NDArray[np.float64]], threshold: float) -> dict[str, tuple[float, float, float]]:
        rows = []
        for one, score in zip(self.of, scores, strict=True):
            true, found = one.begins[1:] > 0, score[1:] >= threshold
            windows = max(0, len(true) - self.k + 1)
            a = np.convolve(true, np.ones(self.k), "valid") if windows else np.zeros(0)
            b = np.convolve(found, np.ones(self.k), "valid") if windows else np.zeros(0)
            rows.append(
                [
                    (true & found).sum(),
                    (~true & found).sum(),
                    (true & ~found).sum(),
                    ((a > 0) != (b > 0)).sum(),
                    (a != b).sum(),
                    windows,
                    bool((true == found).all()),
                ]
            )
        table = np.array(rows, dtype=float)

        def values(draw: NDArray[np.int64]) -> list[float]:
            tp, fp, fn, pk, wd, windows, exact = table[draw].sum(axis=0)
            return [
                2 * tp / max(1, 2 * tp + fp + fn),
                tp / max(1, tp + fp),
                tp / max(1, tp + fn),
                pk / windows,
                wd / windows,
                exact / len(draw),
            ]

        return self._intervals(("F1", "precision", "recall", "Pk", "WindowDiff", "exact"), values)

    def success(self, scores: Sequence[NDArray[np.float64]], threshold: float) -> dict[str, tuple[float, float, float]]:
        from sklearn.metrics import roc_auc_score

        goals = [ends(one, score) for one, score in zip(self.of, scores, strict=True)]

        def values(draw: NDArray[np.int64]) -> list[float]:
            true, score = (np.concatenate([goals[at][n] for at in draw]) for n in (0, 1))
            failed, found = true == 0, score < threshold
            return [float(roc_auc_score(true, score)), 2 * (failed & found).sum() / max(1, failed.sum() + found.sum())]

        return self._intervals(("AUROC", "F1 of failures"), values)

    def _intervals(
        self, names: Sequence[str], values: Callable[[NDArray[np.int64]], list[float]]
    ) -> dict[str, tuple[float, float, float]]:
        every = np.array([values(draw) for draw in self.draws])
        low, high = np.quantile(every[1:], (0.025, 0.975), axis=0)
        return {name: (every[0][n], low[n], high[n]) for n, name in enumerate(names)}


def ends(one: Dialogue, score: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return truth and score of each goal of which the end is known, at its last turn."""
    last = np.append(one.begins[1:] > 0, [True]) & np.isfinite(one.success)
    return one.success[last].astype(float), score[last]


def thresholds(of: Sequence[Dialogue], scores: Scores) -> tuple[float, float]:
    """Return the thresholds of the best F1 of boundaries and of failures."""
    begins = best_threshold(np.concatenate([s[1:] for s in scores[0]]), np.concatenate([one.begins[1:] > 0 for one in of]))
    goals = [ends(one, score) for one, score in zip(of, scores[1], strict=True)]
    true, score = (np.concatenate([goal[n] for goal in goals]) for n in (0, 1))
    return begins, -best_threshold(-score, true == 0)


def chosen_on(fit: Callable[[list[Example]], object], of: Sequence[Dialogue], seen: list[Example]) -> tuple[float, float]:
    """Return thresholds, chosen on a third of the dialogues by a model that was fitted to the others."""
    aside = [at for at in range(len(of)) if at % 3 == 0]
    found = judged(fit([one for at, one in enumerate(seen) if at % 3]), [seen[at] for at in aside])
    return thresholds([of[at] for at in aside], found)


def mean(every: Sequence[Scores]) -> Scores:
    """Return scores of several models, averaged."""
    return tuple([np.mean(rows, axis=0) for rows in zip(*(one[n] for one in every), strict=True)] for n in (0, 1))  # type: ignore[return-value]  # two lists


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--vectors", type=Path)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--few", type=int, default=100, help="dialogues with labels, for what pretraining is worth")
    options.add_argument("--only", nargs="*", default=["rivals", "signals", "letters", "MiniLM"], help="what is run")
    options.add_argument("--ways", nargs="*", default=["logistic", "network", "network, not pretrained", "few labels"])
    options.add_argument(
        "--half", action="store_true", help="thresholds of 0.5 instead of chosen ones, which takes half of the time"
    )
    chosen = options.parse_args()
    of = read(chosen.data)
    fitted, reported = [one for one in of if to_fit(one.name)], [one for one in of if not to_fit(one.name)]
    report = Report(reported)
    begins = np.concatenate([one.begins[1:] for one in reported])
    known = np.concatenate([ends(one, one.success)[0] for one in reported])
    print(f"{len(fitted)} dialogues fitted to, {len(reported)} reported; of {len(begins)} turns after the first {begins.mean():.1%} begin a goal; "
          f"of {len(known)} goals whose end is known {1 - known.mean():.1%} failed; k = {report.k}")  # fmt: skip  # two sentences
    for name, rival in (("change of domain words", domain_words), ("TF-IDF", tf_idf)) if "rivals" in chosen.only else ():
        threshold = best_threshold(
            np.concatenate([s[1:] for s in rival(fitted, fitted)]), np.concatenate([one.begins[1:] > 0 for one in fitted])
        )
        show(name, report.boundaries(rival(fitted, reported), threshold))
    makers: dict[str, Vectors] = {"signals": NoVectors(), "letters": LetterVectors()}
    cached = None
    if minilm.missing():
        print(f"MiniLM is left out: {minilm.missing()}")
    else:
        cached = makers["MiniLM"] = CachedVectors(minilm.encoder(), chosen.vectors)
    torch = importlib.util.find_spec("torch") is not None
    if not torch:
        print("networks are left out: torch is not installed")
    for name, vectors in makers.items():
        if name not in chosen.only:
            continue
        seen, shown = examples(fitted, vectors), examples(reported, vectors)
        ways = {"logistic": lambda some, seed, v=vectors: dialogue_logistic.fit(some, intents=(), vectors=v.digest, seed=seed)}
        if torch and name != "signals":
            from probatum.dialogue.fit import dialogue_network

            ways["network"] = lambda some, seed, v=vectors: dialogue_network.fit(
                some, intents=(), vectors=v.digest, seed=seed, pretraining=8
            )
            ways["network, not pretrained"] = lambda some, seed, v=vectors: dialogue_network.fit(
                some, intents=(), vectors=v.digest, seed=seed, pretraining=0
            )
        for way, fit in ways.items():
            if way not in chosen.ways:
                continue
            began = time.process_time()
            many = 1 if way == "logistic" else chosen.seeds
            cut = (0.5, 0.5) if chosen.half else chosen_on(lambda some, fit=fit: fit(some, 0), fitted, seen)
            scores = mean([judged(fit(seen, seed), shown) for seed in range(many)])
            show(
                f"{way}, {name}",
                {**report.boundaries(scores[0], cut[0]), **report.success(scores[1], cut[1])},
                time.process_time() - began,
            )
        if torch and name == "MiniLM" and "few labels" in chosen.ways:
            few = sorted(seen, key=lambda one: hashlib.sha256(f"few {one.group}".encode()).digest())[: chosen.few]
            rest = [one for one in seen if one.group not in {other.group for other in few}]
            for way, extra in (("pretrained on all", rest), ("not pretrained", [])):
                scores = mean(
                    [
                        judged(
                            dialogue_network.fit(
                                few,
                                intents=(),
                                vectors=vectors.digest,
                                seed=seed,
                                unlabelled=extra,
                                pretraining=8 if extra else 0,
                            ),
                            shown,
                        )
                        for seed in range(chosen.seeds)
                    ]
                )
                show(
                    f"network, {name}, {len(few)} labelled, {way}",
                    {**report.boundaries(scores[0], 0.5), **report.success(scores[1], 0.5)},
                )
    if cached is not None:
        cached.save()


def show(name: str, found: dict[str, tuple[float, float, float]], seconds: float | None = None) -> None:
    """Print a line."""
    cells = ", ".join(f"{what} {value:.3f} [{low:.3f}, {high:.3f}]" for what, (value, low, high) in found.items())
    print(f"{name:45} {cells}" + ("" if seconds is None else f" ({seconds:.0f} CPU-s)"), flush=True)


if __name__ == "__main__":
    main()
