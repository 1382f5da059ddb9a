"""The two models that name a failing stage, on the same turns: that of `label`, fitted to what the log tells of itself, and that of `isolate --guess`.

Corpus: simulated logs of 30 users and 14 days (seeds from 8,000), with the sealed truth by definition B. Scored are the failed requests of users
whose turns the first model was not fitted to, where it says that they failed; both then name the likeliest of the five stages.

    PYTHONPATH=bench/dialogue OMP_NUM_THREADS=1 python bench/dialogue/stages_two.py [--seeds 2]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from stages import f1
from stages_simulated import Kind, logged, shown

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.stage_head import shipped
from probatum.dialogue.service.labelling import fit, label
from probatum.synth.dialogue.parameters import Parameters

KINDS: tuple[Kind, ...] = ("grammar", "classifier")


def compared(seed: int, kind: Kind) -> list[tuple[str, str, str]]:
    """Return the truth of turns, and what each model says."""
    head = shipped()
    with logged(Parameters(seed=seed, users=30, days=14, understanding=kind)) as (conversations, labels, _):
        model = fit(conversations, vectors=LetterVectors(), network=False, seed=seed)
        own = {one.turn: one.value for one in label(conversations, model, {}).labels if one.task == "failing"}
        seen = dict(shown(conversations))
    turns = [turn for turn in own if turn in labels and labels[turn][1] in STAGES]
    evidence = head.evidence([seen[turn] for turn in turns])[:, [head.labels.index(name) for name in STAGES]]
    return [(labels[turn][1], own[turn], STAGES[at]) for turn, at in zip(turns, evidence.argmax(axis=1), strict=True)]


def said(name: str, gold: Sequence[str], found: Sequence[str]) -> None:
    """Print how often one model is right."""
    y, told = (np.array([STAGES.index(one) for one in part]) for part in (gold, found))
    own = f1(y, told, len(STAGES))
    print(f"  {name:<8} right {np.mean(y == told):.3f}, macro F1 {own.mean():.3f} {own.round(3)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    for understanding in KINDS:
        rows = [row for seed in range(asked.seeds) for row in compared(8000 + seed, understanding)]
        true, first, second = (list(part) for part in zip(*rows, strict=True))
        print(f"{understanding}: {len(rows)} turns, {', '.join(STAGES)}")
        said("label", true, first)
        said("isolate", true, second)
