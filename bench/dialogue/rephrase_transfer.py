"""How well the shipped heads find what is said again in data that nothing was fitted to: CQR and Disfl-QA, beside the baselines.

    OMP_NUM_THREADS=1 python bench/dialogue/rephrase_transfer.py [--train 1500] [--cache FILE]

The heads are those that come with probatum; the baselines are fitted, and their thresholds chosen, on windows of the development split of
`rephrase_corpus`, as in `rephrase.py`. Nothing is chosen on what is reported here. Windows have no times and no signs, for the data have none.

* CQR (contextual query rewrites of in-car dialogues): a request, and what people wrote who were shown the dialogue and asked to
  say the request again with what it lacks. Others: requests that begin other dialogues with the same task, or with another one.
* Disfl-QA: a question in which somebody corrects themselves, and the question that was meant. Others: the two questions that share
  most words with it, by TF-IDF, and one that is drawn.

Of either, four windows in ten have a rephrase. Intervals are of 1,000 bootstrap samples of dialogues, or questions.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rephrase import BASELINES, baselines, blind, f1, gold
from rephrase_corpus import DATA, Drawing, Example, read
from sklearn.feature_extraction.text import TfidfVectorizer

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import features
from probatum.dialogue.semantics.rephrase_head import read_head
from probatum.dialogue.semantics.rephrase_windows import Later, Window
from probatum.dialogue.semantics.rephrases import HEADS
from probatum.dialogue.semantics.similar import similar
from probatum.infer.cached import CachedVectors
from probatum.infer.minilm import encoder

QUESTIONS, SAMPLES = 500, 1_000
_AGAIN = 0.4


def cqr(draw: np.random.Generator) -> list[Example]:
    """Return windows of the dialogues of CQR."""
    dialogues = json.loads(_opened("cqr/cqr_kvret_dev_public.json.gz"))
    openings = [
        (one["scenario"]["task"]["intent"], normalised(one["dialogue"][0]["data"]["utterance"]))
        for one in dialogues
        if one["dialogue"] and one["dialogue"][0]["turn"] == "driver"
    ]
    found = []
    for one in dialogues:
        intent = one["scenario"]["task"]["intent"]
        for source, again in _rewritten(one["dialogue"]):
            same = [text for task, text in openings if task == intent and text != source]
            other = [text for task, text in openings if task != intent]
            rest = [(_pick(draw, same), "alternative"), (_pick(draw, other), "unrelated")]
            found.append(_window(draw, source, (_pick(draw, again), "rewritten"), rest, one["scenario"]["uuid"]))
    return found


def _rewritten(turns: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield requests of a dialogue, with what people made of each."""
    for turn in turns:
        said = turn.get("reformulation") or {}
        at = said.get("base_utt_idx")
        if isinstance(at, int) and 0 <= at < len(turns) and turns[at]["turn"] == "driver":
            source = normalised(turns[at]["data"]["utterance"])
            again = [text for text in map(normalised, said.get("mturk_reformulations") or []) if text and text != source]
            if source and again:
                yield source, again


def disfl_qa(draw: np.random.Generator) -> list[Example]:
    """Return windows of questions of Disfl-QA's development part."""
    pairs = [
        (normalised(one["disfluent"]), normalised(one["original"]))
        for one in json.loads(_opened("disfl_qa/dev.json.gz")).values()
    ]
    meant = [text for _, text in pairs]
    vectors = TfidfVectorizer(analyzer=str.split).fit_transform(meant)
    found = []
    for at in draw.permutation(len(pairs))[:QUESTIONS].tolist():
        said, text = pairs[at]
        alike = np.asarray((vectors[at] @ vectors.T).todense()).ravel()
        near = [meant[place] for place in np.argsort(-alike, kind="stable").tolist() if meant[place] not in {text, said}][:2]
        rest = [(one, "shares words") for one in near] + [
            (_pick(draw, [one for one in meant if one not in {text, said}]), "unrelated")
        ]
        found.append(_window(draw, said, (text, "corrected"), rest, str(at)))
    return found


def _window(draw: np.random.Generator, source: str, again: tuple[str, str], rest: list[tuple[str, str]], unit: str) -> Example:
    later = [*rest, again] if draw.random() < _AGAIN and again[0] != source else rest
    later = [later[at] for at in draw.permutation(len(later)).tolist()]
    window = Window(source, tuple(Later(text, 0.0) for text, _ in later))
    return Example(window, tuple(kind for _, kind in later), tuple(one is again for one in later), unit)


def _pick(draw: np.random.Generator, texts: list[str]) -> str:
    return texts[int(draw.integers(len(texts)))]


def _opened(name: str) -> str:
    return gzip.decompress((DATA / name).read_bytes()).decode()


def without_times(one: Example) -> Example:
    """Return a window without times, so that no rule about them, and no threshold, counts on any."""
    return replace(one, window=replace(one.window, later=tuple(replace(later, since_s=0.0) for later in one.window.later)))


def scored(train: list[Example], report: list[Example], makers: dict[str, Any]) -> dict[str, Any]:
    """Return what each detector finds of later requests."""
    found: dict[str, Any] = {}
    for name, maker in makers.items():
        seen = features([one.window for one in report], maker)
        if name == "minilm":
            fitted = blind(features([one.window for one in train], maker))
            for rival, (scores, threshold) in baselines(train, report, (fitted, blind(seen))).items():
                found[rival] = scores >= threshold
            alike = [similar(one.window.text, later.text) for one in report for later in one.window.later]
            found["shared words and letters"] = np.array(alike)
        head = read_head(HEADS[name].read_text(encoding="utf-8"), vectors=maker.digest)
        found[f"turn head, {name}, as shipped"] = head.probabilities(blind(seen)) >= head.blind_threshold
    return found


def table(name: str, report: list[Example], found: dict[str, Any]) -> None:
    """Print everything, with intervals."""
    right, kinds = gold(report), np.array([kind for one in report for kind in one.kinds])
    unit = np.array([one.corpus for one in report for _ in one.gold])
    places = {one: np.flatnonzero(unit == one) for one in sorted({*unit})}
    draw = np.random.default_rng(0)
    order = list(places.values())
    samples = [np.concatenate([order[at] for at in draw.integers(len(order), size=len(order))]) for _ in range(SAMPLES)]
    print(f"\n{name}: {len(report):,} windows of {len(places):,}, {len(right):,} later requests, {right.mean():.1%} say it again")
    best = max(BASELINES, key=lambda one: f1(found[one], right))
    for detector, own in found.items():
        low, high = np.quantile([f1(own[at], right[at]) for at in samples], (0.025, 0.975))
        ratio = np.quantile(
            [f1(own[at], right[at]) / max(1e-9, f1(found[best][at], right[at])) - 1 for at in samples], (0.025, 0.975)
        )
        flagged = ", ".join(f"{kind} {own[kinds == kind].mean():.3f}" for kind in sorted({*kinds}))
        print(
            f"  {detector:32} F1 {f1(own, right):.3f} [{low:.3f}, {high:.3f}], precision {right[own].mean() if own.any() else 0:.3f}, "
            f"recall {own[right].mean():.3f}, relative to {best} [{ratio[0]:+.3f}, {ratio[1]:+.3f}]; taken for it: {flagged}"
        )


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--train", type=int, default=1_500)
    options.add_argument("--cache", type=Path)
    chosen = options.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"the texts are not in {DATA}; name their directory in PROBATUM_DIALOGUE_DATA")
    texts = read()
    train = [without_times(one) for one in Drawing(texts[0], texts[2], 1).examples(chosen.train)]
    makers: dict[str, Any] = {"minilm": CachedVectors(encoder(), chosen.cache), "letters": LetterVectors()}
    for name, make in (("CQR", cqr), ("Disfl-QA", disfl_qa)):
        report = make(np.random.default_rng(0))
        found = scored(train, report, makers)
        makers["minilm"].save()
        table(name, report, found)


if __name__ == "__main__":
    main()
