"""What pretraining a dialogue network is worth: the same data and seed, 8 passes of it less none.

Corpora: a third of the SGD dialogues that `goals.py` fits to, by a network that is fitted to the other two thirds (nothing that `goals.py`
reports on is read); and logs of the simulator as in `labels.py`, of 200 users and 4 days, on which labels of users that were not fitted to
are compared with the truth. Vectors are those of letters.

    OMP_NUM_THREADS=1 python bench/dialogue/pretraining.py --data FOLDER [--seeds 5] [--worlds 3]

It needs torch. Differences are paired, their intervals Student's at 95 %.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from goals import ends, examples, judged, read, to_fit
from labels import interval, right
from sklearn.metrics import roc_auc_score

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.fit import dialogue_network
from probatum.dialogue.fit.rephrase_head import best_threshold
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.service.labelling import fit, label
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import BAD, GOOD

PASSES = (0, 8)


def goals(data: Path, seeds: int) -> Iterator[list[dict[str, float]]]:
    """Yield, for each seed, what is measured on SGD without pretraining and with."""
    of = [one for one in read(data) if to_fit(one.name)]
    aside = of[::3]
    vectors = LetterVectors()
    seen, shown = examples([one for at, one in enumerate(of) if at % 3], vectors), examples(aside, vectors)
    begins = np.concatenate([one.begins[1:] for one in aside]) > 0
    for seed in range(seeds):
        rows = []
        for passes in PASSES:
            began = time.process_time()
            model = dialogue_network.fit(seen, intents=(), vectors=vectors.digest, seed=seed, pretraining=passes)
            took = time.process_time() - began
            scores = judged(model, shown)
            own = np.concatenate([one[1:] for one in scores[0]])
            found = own >= best_threshold(own, begins)
            reached = [ends(one, score) for one, score in zip(aside, scores[1], strict=True)]
            true, score = (np.concatenate([one[n] for one in reached]) for n in (0, 1))
            f1 = 2 * (found & begins).sum() / (found.sum() + begins.sum())
            auroc = roc_auc_score(true, score)
            rows.append({"F1 of beginnings": float(f1), "AUROC of success": float(auroc), "CPU-s": took})
        yield rows


def worlds(many: int) -> Iterator[list[dict[str, float]]]:
    """Yield, for each world, what is measured on its labels without pretraining and with."""
    for seed in range(900, 900 + many):
        simulation = Simulation(Parameters(seed=seed, users=200, days=4, understanding="classifier"))
        users = {user.name: user for user in simulation.users}
        made = list(simulation.run(0, 4))
        rows = []
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "log.jsonl").write_text("".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made), encoding="utf-8")
            import_logs([LogFile("log.jsonl", folder / "log.jsonl")], folder / "tables", IMPORTERS, key=bytes(32))
            with stored(folder / "tables") as conversations:
                lines = {row["turn_id"]: row["line"] - 1 for row in conversations.sql("select turn_id, line from {turns}")}
                for passes in PASSES:
                    began = time.process_time()
                    model = fit(conversations, vectors=LetterVectors(), network=True, seed=seed, pretraining=passes)
                    took = time.process_time() - began
                    every = [(one, *made[lines[one.turn]]) for one in label(conversations, model, {}).labels]
                    meant = [
                        (one.p, right(one, turn, truth, users.get(turn.user)))
                        for one, turn, truth in every
                        if one.task == "meaning"
                    ]
                    went = [
                        (one.p if one.value == "bad" else 1 - one.p, truth.outcome == BAD)
                        for one, _, truth in every
                        if one.task == "outcome" and truth.outcome in (GOOD, BAD)
                    ]
                    rows.append({
                        "meanings right": float(np.mean([right for _, right in meant])),
                        "AUROC of meanings": float(roc_auc_score([right for _, right in meant], [p for p, _ in meant])),
                        "AUROC of outcomes": float(roc_auc_score([bad for _, bad in went], [p for p, _ in went])),
                        "CPU-s": took,
                    })  # fmt: skip  # a table
        yield rows


def main() -> None:
    """Measure."""
    import torch

    torch.set_num_threads(1)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--worlds", type=int, default=3)
    chosen = options.parse_args()
    for name, pairs in (("SGD", goals(chosen.data, chosen.seeds)), ("simulated logs", worlds(chosen.worlds))):
        found = []
        for pair in pairs:
            found.append(pair)
            print(json.dumps({name: dict(zip(PASSES, pair, strict=True))}), flush=True)
        for what in found[0][0] if found else ():
            without = float(np.mean([one[what] for one, _ in found]))
            print(f"{name}, {what}: {without:.3f} without; with less without {interval([b[what] - a[what] for a, b in found])}")


if __name__ == "__main__":
    main()
